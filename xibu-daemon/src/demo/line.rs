//! The whole line as the demo holds it: an office, its record, its plugins and the mail server.
//!
//! Every step is the ordinary one; this only keeps them together.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use xibu_core::appointment::Role;
use xibu_core::deadline::Deadlines;
use xibu_core::notice::Notice;
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::person::PersonId;
use xibu_plugin_abi::message::Workbook;

use super::mailbox::Mailbox;
use super::month::LOOK;
use super::outside::Outside;
use super::place::Place;
use super::timeline::{Event, Timeline};
use super::web::Web;
use crate::carrier::Carrier;
use crate::command::office::Office;
use crate::command::outcome::Failure;
use crate::command::screen::Mark;
use crate::command::{folder, reading};
use crate::delivery::desk::PluginDesk;
use crate::delivery::{Limits, Post, Route};
use crate::intake::{Arrival, FileReport};
use crate::outbox::State;
use crate::record::Record;
use crate::sample::{SampleContent, SampleFile};
use crate::store::{DigestDay, EnvelopeFilter, PostingFilter, Store};
use crate::tick;

/// Messages taken, by channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// Mails.
    pub(super) mails: u64,
    /// Short messages.
    pub(super) sms: u64,
    /// Posts of the chat robot.
    pub(super) chats: u64,
}

/// The line.
pub(super) struct Line {
    /// Settings, store and clock.
    pub(super) office: Office,
    /// The record as of the last tick.
    pub(super) record: Record,
    /// The workbook plugin.
    pub(super) workbook: Carrier,
    /// The workbook plugin as it writes letters' forms.
    pub(super) desk: PluginDesk,
    /// Channels to people.
    pub(super) routes: Vec<Route<Carrier>>,
    /// The mail server.
    pub(super) mailbox: Mailbox,
    /// Feeds, SMS gateway and chat service.
    pub(super) web: Web,
    /// The doors.
    pub(super) outside: Outside,
    /// Whether the chat robot is among the channels: it is written in Python.
    pub(super) has_robot: bool,
    /// The month's deadlines.
    pub(super) deadlines: Deadlines,
    /// Where files are put.
    pub(super) place: Place,
}

impl Line {
    /// An office's name.
    pub(super) fn name(&self, office: OfficeId) -> String {
        let period = self.deadlines.period;
        crate::command::words::office_name(self.record.world(), office, period).to_owned()
    }

    /// Names of the people who hold a post at an office.
    pub(super) async fn names_at(
        &self,
        office: OfficeId,
    ) -> Result<BTreeMap<PersonId, String>, Failure> {
        self.office.names_at(self.record.world(), office).await
    }

    /// Takes in what others recorded.
    pub(super) async fn follow(&mut self) -> Result<(), Failure> {
        self.record.follow(&self.office.store).await.map(drop).map_err(Failure::data)
    }

    /// An office's contact and their phone number on a day.
    pub(super) async fn contact(
        &self,
        office: OfficeId,
        day: NaiveDate,
    ) -> Result<Option<(PersonId, String)>, Failure> {
        let held = self.record.world().appointments_at(office).iter().rev();
        let mut held = held.filter(|held| held.validity.contains(day));
        let Some(contact) = held.find(|held| held.role == Role::Contact).map(|held| held.person)
        else {
            return Ok(None);
        };
        let known = self.office.store.personal(&[contact]).await.map_err(Failure::data)?;
        Ok(known.into_iter().find_map(|(id, personal)| Some((id, personal.phone?))))
    }

    /// The units whose contact has no mail address.
    pub(super) async fn units_by_phone(
        &self,
        day: NaiveDate,
    ) -> Result<BTreeSet<OfficeId>, Failure> {
        let world = self.record.world();
        let mut contacts = BTreeMap::new();
        for unit in world.offices().filter(|office| office.kind == OfficeKind::Unit) {
            let held = world.appointments_at(unit.id).iter().rev();
            let mut held = held.filter(|held| held.validity.contains(day));
            if let Some(contact) = held.find(|held| held.role == Role::Contact) {
                contacts.insert(contact.person, unit.id);
            }
        }
        let persons: Vec<PersonId> = contacts.keys().copied().collect();
        let known = self.office.store.personal(&persons).await.map_err(Failure::data)?;
        let by_phone = known.iter().filter(|(_, it)| it.mail.is_none() && it.phone.is_some());
        Ok(by_phone.filter_map(|(person, _)| contacts.get(person).copied()).collect())
    }

    /// How many job advertisements are known.
    pub(super) async fn postings(&self) -> Result<usize, Failure> {
        let all = PostingFilter::default();
        Ok(self.office.store.postings(&all).await.map_err(Failure::data)?.len())
    }

    /// The file's bytes: as they are, or written by the workbook plugin.
    pub(super) async fn bytes(&self, file: &SampleFile) -> Result<Vec<u8>, Failure> {
        match &file.content {
            SampleContent::Bytes(bytes) => Ok(bytes.clone()),
            SampleContent::Workbook(workbook) => self.write(workbook).await,
        }
    }

    /// A workbook as a file, written by the workbook plugin.
    pub(super) async fn write(&self, workbook: &Workbook) -> Result<Vec<u8>, Failure> {
        let now = self.office.clock.now().unix_ms;
        reading::write(&self.workbook, workbook, now).await
    }

    /// Puts a file where offices' files are kept and reads it in by the ordinary door.
    pub(super) async fn hand_in(
        &mut self,
        file: &SampleFile,
        received_at: NaiveDateTime,
    ) -> Result<FileReport, Failure> {
        let bytes = self.bytes(file).await?;
        let path = self.place.sheets().join(&file.file_name);
        folder::write_new(&path, &bytes)?;
        let file_name = file.file_name.clone();
        let arrival = Arrival { file_name, bytes, received_at, by: "clerk".to_owned() };
        let came = self.office.take_in(&self.workbook, &mut self.record, arrival).await?;
        let report = came.into_iter().next().map(|came| came.report);
        report.ok_or_else(|| Failure::plugin("the workbook plugin read nothing"))
    }

    /// One tick; the notices it planned, and the day's look at job information.
    pub(super) async fn tick(&mut self) -> Result<(Vec<Notice>, Option<DigestDay>), Failure> {
        let settings = &self.office.settings;
        let now = self.office.clock.now();
        let (rulebook, serves) = (settings.rulebook(), settings.serves());
        let report = tick::tick(&self.office.store, &mut self.record, rulebook, serves, now)
            .await
            .map_err(Failure::data)?;
        Ok((report.notices, report.looked))
    }

    /// Where the tick held everything: looks at it for half an hour, then releases; whether it did.
    pub(super) async fn release_if_held(
        &self,
        at: NaiveDateTime,
        timeline: &mut Timeline<'_>,
    ) -> Result<bool, Failure> {
        let store = &self.office.store;
        let state = store.state().await.map_err(Failure::data)?;
        let Some(hold) = state.held else { return Ok(false) };
        let counts = store.counts().await.map_err(Failure::data)?;
        let held = counts.iter().filter(|(state, _)| state.is_open()).map(|(_, count)| count).sum();
        timeline.tell(at, &Event::Held { reason: hold.name(), held });
        let (program, file) = (crate::command::program(), self.place.configuration());
        let command = format!("$ {program} release --config {}", file.display());
        timeline.note(Mark::Faint, &command, &command);
        self.office.clock.set(at + LOOK);
        store.release(self.office.clock.now()).await.map_err(Failure::data)?;
        timeline.tell(at + LOOK, &Event::Released);
        Ok(true)
    }

    /// Sends everything that is due; how many messages were taken, by channel.
    pub(super) async fn deliver(&mut self) -> Result<Taken, Failure> {
        let filter = EnvelopeFilter {
            states: State::ALL.into_iter().filter(|state| state.waits()).collect(),
            ..Default::default()
        };
        let waiting = self.office.store.envelopes(&filter).await.map_err(Failure::data)?;
        self.mailbox.expect(waiting.iter().map(|envelope| envelope.key.to_string()));
        let settings = &self.office.settings;
        let post = Post {
            store: &self.office.store,
            clock: &self.office.clock,
            routes: &self.routes,
            desk: &self.desk,
            rulebook: settings.rulebook(),
            serves: settings.serves(),
            public_url: None,
            limits: Limits::default(),
        };
        let before = self.taken();
        post.deliver_due(&mut self.record).await.map_err(Failure::data)?;
        let after = self.taken();
        Ok(Taken {
            mails: after.mails - before.mails,
            sms: after.sms - before.sms,
            chats: after.chats - before.chats,
        })
    }

    /// What the servers of this computer have taken so far.
    pub(super) fn taken(&self) -> Taken {
        Taken {
            mails: self.mailbox.taken(),
            sms: self.web.sms_taken(),
            chats: self.web.chats() as u64,
        }
    }
}
