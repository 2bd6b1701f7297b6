//! Simulation: every message of a stretch of days without sending one, by the ordinary tick and
//! delivery on a copy of the data.
//!
//! What it is not: it forecasts nothing. What was recorded within the days comes in when it was
//! recorded; beyond the record nothing comes, so whoever has not reported stays silent. Answers
//! follow from what people send, and are not made up; incidents that were recorded are called for
//! as they would be. Addresses are those of now.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use xibu_core::change::Recorded;
use xibu_core::incident::next_instant;
use xibu_core::notice::{Notice, Withheld};
use xibu_core::parameter::Parameter;
use xibu_core::world::World;
use xibu_plugin_abi::message::Message;

use crate::clock::{Clock, Now};
use crate::delivery::{Channel, Limits, Post, Route};
use crate::outbox::EnvelopeKey;
use crate::outbox::errand::Errand;
use crate::record::Record;
use crate::settings::{Listen, Settings};
use crate::store::folder::{DATABASE, SEAL_KEY};
use crate::store::{Batch, EnvelopeFilter, Result, SqliteStore, Store, StoreError, ValueKind};
use crate::tick::tick;

pub(crate) mod recorder;

use recorder::{Composer, Recorder};

/// The copy's folder within the data folder.
const FOLDER: &str = "simulation";
/// When it looks, beside whenever something was recorded or falls due: as the service does.
const LOOKS: [(u32, u32); 4] = [(0, 0), (8, 30), (13, 0), (17, 0)];

/// The days to live through, in the office's civil time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// From this instant on.
    pub from: NaiveDateTime,
    /// Before this one.
    pub to: NaiveDateTime,
}

/// A message that would go.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// When.
    pub at: NaiveDateTime,
    /// Its key, the same under which it would really go.
    pub key: EnvelopeKey,
    /// By which channel.
    pub channel: String,
    /// Its subject.
    pub subject: String,
    /// The notices in it.
    pub notices: Vec<Notice>,
    /// Or the errand it does.
    pub errand: Option<Errand>,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Simulated {
    /// The messages, in the order in which they go.
    pub told: Vec<Told>,
    /// Steps that are not told, with the newest reason for each.
    pub withheld: Vec<Withheld>,
    /// Messages that go to nobody, with the reason: `no_address`, `return_is_in`.
    pub not_sent: Vec<(EnvelopeKey, String)>,
    /// Changes that came in meanwhile, from the record.
    pub came: u64,
    /// The world at the end.
    pub world: World,
}

/// Lives through `days` on a copy of `data`, which stays as it is.
///
/// # Errors
/// The data cannot be copied or read.
pub async fn simulate(store: &SqliteStore, settings: &Settings, days: Days) -> Result<Simulated> {
    let copy = Copy::of(store, settings.data()).await?;
    let simulated = live(&copy.store, settings, days).await;
    copy.store.close().await;
    simulated
}

/// Removes what a killed simulation left; whether none is running.
pub fn remove_leftover(data: &Path) -> bool {
    let folder = data.join(FOLDER);
    let Ok(held) = File::open(&folder) else { return true };
    held.try_lock().is_ok() && fs::remove_dir_all(&folder).is_ok()
}

/// A copy of the data in a folder of its own, gone when dropped.
struct Copy {
    store: SqliteStore,
    _folder: Folder,
}

/// The folder, locked while it is used.
struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

impl Folder {
    fn within(data: &Path) -> Result<Self> {
        let path = data.join(FOLDER);
        let failed = |source| StoreError::Folder {
            what: "cannot simulate twice at once; cannot use",
            path: path.clone(),
            source,
        };
        remove_leftover(data);
        DirBuilder::new().mode(0o700).create(&path).map_err(failed)?;
        let lock = File::open(&path).map_err(failed)?;
        lock.lock().map_err(failed)?;
        Ok(Self { path, _lock: lock })
    }
}

impl Copy {
    async fn of(store: &SqliteStore, data: &Path) -> Result<Self> {
        let folder = Folder::within(data)?;
        store.snapshot(&folder.path.join(DATABASE)).await?;
        let key = folder.path.join(SEAL_KEY);
        fs::copy(data.join(SEAL_KEY), &key).map_err(|source| StoreError::Folder {
            what: "cannot copy to",
            path: key,
            source,
        })?;
        let store = SqliteStore::open(&folder.path).await?;
        Ok(Self { store, _folder: folder })
    }
}

async fn live(store: &SqliteStore, settings: &Settings, days: Days) -> Result<Simulated> {
    let state = store.state().await?;
    // The days between the last tick and the first day are lived through too, untold.
    let eve = days.from - TimeDelta::seconds(1);
    let begin = state.last_civil.map_or(eve, |last| last.min(eve));
    let begin = Now::at_civil(begin, settings.zone());
    let rewound = store.rewind(begin).await?;
    let mut coming = rewound.changes.into_iter().peekable();
    let mut postings = rewound.postings.into_iter().peekable();
    let clock = Clock::virtual_at(begin.civil, settings.zone());
    let routes = routes(settings);
    let mut record = Record::load(store).await?;
    let mut simulated = Simulated::default();
    let mut looks = looks(settings, begin.civil, days.to);
    loop {
        let came = [coming.peek().map(|one| one.at), postings.peek().map(|one| one.0)];
        let came = came.into_iter().flatten().min();
        let last = clock.now().civil;
        let step = next_step(record.world(), settings, last);
        let came = [came, step].into_iter().flatten().min();
        let Some(at) = next(&looks, came, store, begin, days.to).await? else { break };
        clock.set(at);
        let now = clock.now();
        while let Some(recorded) = coming.next_if(|recorded| recorded.at <= at) {
            tell_again(store, recorded, settings).await?;
            simulated.came += 1;
        }
        while let Some((at, raw)) = postings.next_if(|(given, _)| *given <= at) {
            let batch = Batch { postings: vec![raw], ..Batch::default() };
            store.record(&batch, Now::at_civil(at, settings.zone())).await?;
        }
        looks.retain(|look| *look > at);
        tick(store, &mut record, settings.rulebook(), settings.serves(), now).await?;
        // The clock of a simulation jumps as it is told to.
        if store.state().await?.held.is_some() {
            store.release(now).await?;
        }
        let post = Post {
            store,
            clock: &clock,
            routes: &routes,
            desk: &Composer,
            rulebook: settings.rulebook(),
            serves: settings.serves(),
            limits: Limits::default(),
            public_url: settings.listen().and_then(Listen::public_url),
        };
        post.deliver_due(&mut record).await?;
        for route in &routes {
            let sent = route.channel.sent.take();
            let sent = sent.into_iter().map(|sent| told(store, at, route.channel.id(), sent));
            for told in futures_util::future::join_all(sent).await {
                simulated.told.extend(told?.into_iter().filter(|told| told.at >= days.from));
            }
        }
    }
    finish(store, &record, simulated).await
}

async fn finish(
    store: &SqliteStore,
    record: &Record,
    mut simulated: Simulated,
) -> Result<Simulated> {
    simulated.withheld = store.withheld().await?;
    let told: BTreeSet<EnvelopeKey> = simulated.told.iter().map(|told| told.key.clone()).collect();
    let all = store.envelopes(&EnvelopeFilter::default()).await?;
    let ended = all.into_iter().filter(|one| one.position.state.ended_unsent());
    let ended = ended.filter(|one| !told.contains(&one.key));
    simulated.not_sent = ended.map(|one| (one.key, one.detail)).collect();
    simulated.not_sent.sort();
    simulated.world = record.world().clone();
    Ok(simulated)
}

/// The channels of the settings, none of which sends.
fn routes(settings: &Settings) -> Vec<Route<Recorder>> {
    let kinds = [("mail", ValueKind::Mail), ("phone", ValueKind::Phone)];
    let mut routes = Vec::new();
    for (name, plugins) in settings.channels() {
        let Some((_, kind)) = kinds.iter().find(|(known, _)| known == name) else { continue };
        let limits = settings.channel_limits(name);
        routes.extend(plugins.iter().map(|plugin| {
            let channel = Recorder::new(plugin);
            Route { kind: *kind, channel, limits }
        }));
    }
    routes
}

/// When it is looked though nothing came and nothing is due: the set times, and when job
/// information goes.
fn looks(settings: &Settings, from: NaiveDateTime, to: NaiveDateTime) -> Vec<NaiveDateTime> {
    let days = from.date().iter_days().take_while(|day| *day <= to.date());
    let parameters = &settings.rulebook().parameters;
    let looks = days.flat_map(|day| {
        let set = LOOKS.map(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0));
        let digest = parameters.time_of_day(Parameter::DigestTime, settings.serves(), day);
        let times = set.into_iter().flatten().chain([digest]);
        times.map(|time| day.and_time(time)).collect::<Vec<_>>()
    });
    let mut looks: Vec<_> = looks.filter(|at| *at > from && *at < to).collect();
    looks.sort_unstable();
    looks.dedup();
    looks
}

/// The next step of an incident that is open.
fn next_step(world: &World, settings: &Settings, at: NaiveDateTime) -> Option<NaiveDateTime> {
    let next = |id| next_instant(world, settings.rulebook(), id, at);
    world.incidents().filter_map(|opened| Some(next(opened.id)?.2)).min()
}

/// The next instant at which anything can happen: a look, something recorded, something due.
async fn next(
    looks: &[NaiveDateTime],
    came: Option<NaiveDateTime>,
    store: &SqliteStore,
    begin: Now,
    to: NaiveDateTime,
) -> Result<Option<NaiveDateTime>> {
    let last = store.state().await?.last_civil.unwrap_or(begin.civil);
    let look = looks.first().copied();
    let came = came.map(|came| came.max(last));
    let due = store.next_due().await?.map(|due| Now::at_unix(due, begin.zone).civil);
    // What is due and did not go waits for the next look.
    let due = due.filter(|due| *due > last);
    let earliest = [look, came, due].into_iter().flatten().min();
    Ok(earliest.filter(|at| *at < to))
}

/// A change enters the copy at the time it was recorded; its document is not needed.
async fn tell_again(store: &SqliteStore, recorded: Recorded, settings: &Settings) -> Result<()> {
    let at = Now::at_civil(recorded.at, settings.zone());
    let batch = Batch { by: recorded.by, changes: vec![recorded.change], ..Batch::default() };
    store.record(&batch, at).await?;
    Ok(())
}

async fn told(
    store: &SqliteStore,
    at: NaiveDateTime,
    channel: &str,
    sent: Message,
) -> Result<Option<Told>> {
    let Ok(key) = sent.key.parse::<EnvelopeKey>() else { return Ok(None) };
    let filter = EnvelopeFilter { key: Some(key.clone()), ..EnvelopeFilter::default() };
    let Some(envelope) = store.envelopes(&filter).await?.into_iter().next() else {
        return Ok(None);
    };
    let notices = envelope.notices.into_iter().filter(|one| one.left_out.is_none());
    Ok(Some(Told {
        at,
        key,
        channel: channel.to_owned(),
        subject: sent.subject,
        notices: notices.map(|one| one.notice).collect(),
        errand: envelope.errand,
    }))
}

/// The instant after the last of a day.
pub fn end_of(day: chrono::NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN) + TimeDelta::days(1)
}

#[cfg(test)]
mod tests;
