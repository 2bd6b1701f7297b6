//! An accident that a message tells of: the incident, and who hears of it at once.
//!
//! Who hears (policy assumption; 渝项目办发〔2009〕22号 names the two responsible persons, not
//! that they are told at once): 直接责任人 (the unit's head), 第一责任人 (the county's head), and
//! the city's staff. Whoever told it gets an answer instead. That it is repeated until somebody
//! says they know is [`crate::incident`]'s; the first alarm goes with the message that told of it.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, TimeDelta};
use xibu_core::appointment::Role;
use xibu_core::chain::holder;
use xibu_core::change::Change;
use xibu_core::incident::{Incident, IncidentId, IncidentKind, OpenedIncident};
use xibu_core::intake::reply::Reply;
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::person::PersonId;

use super::{Answer, HeldFor, Judge, Said, TakenAs, held, taken};
use crate::outbox::errand::{Errand, Matter};
use crate::store::Taken;

/// How long an alarm is of use.
const ALARM_DAYS: i64 = 3;

impl Judge<'_> {
    pub(super) fn accident(&self, person: PersonId, said: &Said) -> (Taken, Option<Answer>) {
        let Reply::Accident { kind, persons } = said.heard.reply else {
            return (held(HeldFor::MaybeAnAccident), Some(Answer::APersonLooks));
        };
        let opened = said
            .incident
            .and_then(|incident| self.opened(person, said.at, kind, persons, incident));
        match opened {
            Some(opened) => (opened, Some(Answer::Incident)),
            None => (held(HeldFor::UnknownSenderTellsAnAccident), Some(Answer::APersonLooks)),
        }
    }

    /// The incident with its alarms; none where the sender belongs nowhere.
    pub(super) fn opened(
        &self,
        person: PersonId,
        at: NaiveDateTime,
        kind: IncidentKind,
        persons: Option<u32>,
        id: IncidentId,
    ) -> Option<Taken> {
        let office = self.office_of(person)?;
        Some(self.opened_at(office, person, at, (kind, persons), id))
    }

    /// The incident at an office, with its alarms.
    pub(super) fn opened_at(
        &self,
        office: OfficeId,
        person: PersonId,
        at: NaiveDateTime,
        (kind, persons): (IncidentKind, Option<u32>),
        id: IncidentId,
    ) -> Taken {
        let incident = Incident {
            office,
            kind,
            occurred: None,
            persons,
            measures_told: false,
            reference: None,
            kind_told: kind != IncidentKind::Other,
            place_told: false,
        };
        let received_at = at.min(self.now.civil);
        let opened = OpenedIncident { id, incident, told_by: Some(person), received_at };
        Taken {
            detail: id.to_string(),
            changes: vec![Change::IncidentOpened(opened)],
            errands: self.alarms(office, person, id),
            ..taken(TakenAs::Incident)
        }
    }

    /// Where it happened, as far as the sender's place says: the unit served at, else the office
    /// of a post, the lowest first.
    fn office_of(&self, person: PersonId) -> Option<OfficeId> {
        let date = self.now.date();
        if let Some(service) = self.world.service_of(person, date) {
            return Some(service.unit);
        }
        let in_post = |office: &OfficeId| {
            let here = self.world.appointments_at(*office).iter();
            here.clone().any(|held| held.person == person && held.validity.contains(date))
        };
        let offices = self.world.offices().map(|office| office.id).filter(in_post);
        offices.max_by_key(|office| self.world.path(*office, date).len())
    }

    fn alarms(&self, office: OfficeId, teller: PersonId, incident: IncidentId) -> Vec<Errand> {
        let date = self.now.date();
        let posts = [
            (OfficeKind::Unit, Role::Head),
            (OfficeKind::University, Role::Head),
            (OfficeKind::County, Role::Head),
            (OfficeKind::City, Role::Staff),
        ];
        let told = posts.into_iter().filter_map(|(kind, role)| {
            let office = self.world.nearest(office, kind, date)?;
            holder(self.world, office, role, date).ok().map(|holder| holder.person)
        });
        let told: BTreeSet<PersonId> = told.filter(|person| *person != teller).collect();
        let alarm = |person: PersonId| Errand {
            cause: format!("incident/{incident}/{person}"),
            person,
            matter: Matter::IncidentOpened { incident },
            not_before: self.now.civil,
            expires: self.now.civil + TimeDelta::days(ALARM_DAYS),
            avoid: None,
        };
        told.into_iter().map(alarm).collect()
    }
}
