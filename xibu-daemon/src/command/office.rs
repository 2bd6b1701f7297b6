//! An office as commands see it: its settings, its store, its clock, its plugins.
//!
//! Works whether or not the daemon runs: the store is the same file, and each method one
//! transaction.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use xibu_core::change::Recorded;
use xibu_core::notice::{NoticeKey, SentLog};
use xibu_core::office::OfficeId;
use xibu_core::person::PersonId;
use xibu_core::world::World;

use super::Context;
use super::outcome::Failure;
use crate::carrier::{Carrier, Host, PluginSettings};
use crate::clock::Clock;
use crate::failpoint;
use crate::intake::{Arrival, Came, FileRead, FileReport, import, read};
use crate::record::Record;
use crate::settings::{Plugin, Settings};
use crate::store::{SqliteStore, Store, StoreError};

/// How many changes are read at once.
const PAGE: u32 = 10_000;
/// How often a file is looked at again because somebody recorded something meanwhile.
const TRIES_MAX: u32 = 5;

/// Settings, store and clock.
pub(crate) struct Office {
    /// What the office set.
    pub(crate) settings: Settings,
    /// Its store.
    pub(crate) store: SqliteStore,
    /// Its clock.
    pub(crate) clock: Clock,
}

impl Office {
    /// Opens the office of the configuration that the command names.
    pub(super) async fn open(context: &Context) -> Result<Self, Failure> {
        let settings = context.settings_of_an_office()?;
        let clock = failpoint::clock(settings.zone());
        Self::with(settings, clock).await
    }

    /// The office of `settings`, living by `clock`.
    pub(crate) async fn with(settings: Settings, clock: Clock) -> Result<Self, Failure> {
        let store = SqliteStore::open(settings.data()).await.map_err(Failure::data)?;
        Ok(Self { settings, store, clock })
    }

    /// Every change recorded so far, in order.
    pub(crate) async fn history(&self) -> Result<Vec<Recorded>, Failure> {
        let mut history: Vec<Recorded> = Vec::new();
        loop {
            let after = history.last().map_or(0, |recorded| recorded.sequence);
            let page = self.store.changes_after(after, PAGE).await.map_err(Failure::data)?;
            let is_last = page.len() < PAGE as usize;
            history.extend(page);
            if is_last {
                return Ok(history);
            }
        }
    }

    /// The record as it is now.
    pub(crate) async fn world(&self) -> Result<World, Failure> {
        let record = Record::load(&self.store).await.map_err(Failure::data)?;
        Ok(record.world().clone())
    }

    /// Names of the people who ever held a post at an office.
    pub(crate) async fn names_at(
        &self,
        world: &World,
        office: OfficeId,
    ) -> Result<BTreeMap<PersonId, String>, Failure> {
        let held = world.appointments_at(office).iter();
        let persons: Vec<PersonId> = held.map(|held| held.person).collect();
        let known = self.store.personal(&persons).await.map_err(Failure::data)?;
        let names = known.into_iter().filter_map(|(id, personal)| Some((id, personal.name?)));
        Ok(names.collect())
    }

    /// What was sent, with each notice.
    pub(crate) async fn sent(&self) -> Result<Vec<xibu_core::notice::Notice>, Failure> {
        let notices = self.store.notices_after(0).await.map_err(Failure::data)?;
        Ok(notices.into_iter().map(|(_, notice)| notice).collect())
    }

    /// SHA-256 of every library a person approved.
    pub(crate) async fn approved(&self) -> Result<Vec<String>, Failure> {
        let approvals = self.store.approvals().await.map_err(Failure::data)?;
        Ok(approvals.into_iter().map(|approval| approval.sha256).collect())
    }

    /// Reads a file, or the files of an archive, into the record by the ordinary door.
    pub(crate) async fn take_in(
        &self,
        workbook: &Carrier,
        record: &mut Record,
        arrival: Arrival,
    ) -> Result<Vec<Came>, Failure> {
        let now = self.clock.now();
        let files = read(workbook, arrival, now).await.map_err(Failure::plugin)?;
        let mut came = Vec::with_capacity(files.len());
        for file in files {
            let report = self.take_in_one(record, &file).await?;
            came.push(Came { inside: file.inside(), report });
        }
        Ok(came)
    }

    /// Records one file; once more where the record moved meanwhile.
    async fn take_in_one(
        &self,
        record: &mut Record,
        file: &FileRead,
    ) -> Result<FileReport, Failure> {
        let (arrival, reading, now) = (&file.arrival, &file.reading, self.clock.now());
        for _ in 0..TRIES_MAX {
            record.follow(&self.store).await.map_err(Failure::data)?;
            let against = (record.world(), self.settings.rulebook());
            let last = record.last_sequence();
            match import(&self.store, against, last, arrival, reading, now).await {
                Err(StoreError::Moved { .. }) => {}
                Err(error) => return Err(Failure::data(error)),
                Ok(report) => {
                    record.follow(&self.store).await.map_err(Failure::data)?;
                    return Ok(report);
                }
            }
        }
        Err(Failure::data("the record keeps moving; try again"))
    }
}

/// A plugins' host that may load what is `approved`.
pub(crate) fn host(settings: &Settings, approved: Vec<String>) -> Host {
    Host::new(settings.data().join("plugins"), settings.data().join("plugins"), approved)
}

/// A plugin's settings as the carrier takes them.
pub(crate) fn plugin_settings(plugin: &Plugin) -> PluginSettings {
    PluginSettings::from(plugin)
}

/// The record as it was known at `until`, or as it is now.
pub(crate) fn world_of(
    history: &[Recorded],
    until: Option<NaiveDateTime>,
) -> Result<World, Failure> {
    let mut world = World::default();
    for recorded in history {
        if until.is_some_and(|until| recorded.at > until) {
            break;
        }
        world
            .apply(&recorded.change)
            .map_err(|unfit| Failure::data(format!("change {}: {unfit:?}", recorded.sequence)))?;
    }
    Ok(world)
}

/// The memory that prevents a second send.
pub(crate) fn sent_log(notices: &[xibu_core::notice::Notice]) -> SentLog {
    notices.iter().map(|notice| (notice.key, notice.person)).collect::<SentLog>()
}

/// The sent log without one notice: what was known when it was decided.
pub(crate) fn sent_log_before(notices: &[xibu_core::notice::Notice], key: &NoticeKey) -> SentLog {
    let before = notices.iter().take_while(|notice| notice.key != *key);
    before.map(|notice| (notice.key, notice.person)).collect()
}
