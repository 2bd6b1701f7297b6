//! Takes due envelopes to people: claim → look again → compose → freeze and intend → call →
//! settle.
//!
//! What it is not: how an envelope moves is `outbox::state`'s, what a letter says is `compose`'s,
//! how a message travels is a plugin's. Nothing is called before its intent is on disk, and
//! outcomes are written down in groups as they come, so that a crash leaves at most the calls in
//! flight unknown.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use xibu_core::office::OfficeId;
use xibu_core::parameter::Rulebook;
use xibu_core::person::PersonId;
use xibu_plugin_abi::message::{Message, Outcome};

use crate::clock::{Clock, Now};
use crate::compose::{About, Brief, Letter, MarkedFile, Rendered};
use crate::intake;
use crate::job::choice;
use crate::outbox::EnvelopeKey;
use crate::outbox::errand::Matter;
use crate::outbox::state::Event;
use crate::record::Record;
use crate::store::{
    ArrivalFile, ChannelStanding, Envelope, Hold, Intent, Personal, Result, Settlement, Store,
    ValueKind,
};
use crate::waiting::Waiting;

mod call;
pub mod desk;
mod errand;
mod freeze;
pub mod frozen;
mod outcome;
pub mod quiet;
pub mod recheck;
pub mod route;

use call::warn_of;
use frozen::FrozenMessage;
use outcome::Sent;
use recheck::{Rechecked, recheck};
use route::{Budgets, Way};
pub use route::{ChannelLimits, Route};

/// A way to people: a plugin, or a stand-in in tests.
#[allow(async_fn_in_trait, reason = "one task awaits them; nothing is spawned across threads")]
pub trait Channel {
    /// Its id, as attempts name it.
    fn id(&self) -> &str;
    /// Takes messages; tells what became of each, by its place in the list, as soon as it is known.
    ///
    /// # Errors
    /// The call ended early. Messages nothing was told of may have gone or not, as [`Lost`] says.
    async fn deliver(
        &self,
        messages: Vec<Message>,
        blobs: Vec<Vec<u8>>,
        now_unix_ms: i64,
        deadline: Duration,
        on_outcome: &mut dyn FnMut(u32, Outcome),
    ) -> std::result::Result<(), Lost>;
}

/// A call that ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Whether the channel may have acted on it.
    pub may_have_acted: bool,
    /// Why, without personal data.
    pub detail: String,
}

/// Writes letters and makes their forms into files.
#[allow(async_fn_in_trait, reason = "one task awaits them; nothing is spawned across threads")]
pub trait Desk {
    /// The letter, its attachments ready.
    ///
    /// # Errors
    /// Why it cannot be made now, without personal data; it is tried again.
    async fn write(&self, letter: &Letter<'_>, now: Now) -> std::result::Result<Written, String>;

    /// A workbook that came, marked with what was found in it, under the name to send it by; none
    /// where that cannot be done now: the letter's words say the same.
    async fn mark(
        &self,
        _arrival: intake::Arrival,
        _kept: &ArrivalFile,
        _now: Now,
    ) -> Option<MarkedFile> {
        None
    }
}

/// A letter with its files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// The letter; its forms have become files.
    pub rendered: Rendered,
    /// Files: name, media type, bytes.
    pub files: Vec<(String, String, Vec<u8>)>,
}

/// Bounds of delivery.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Envelopes claimed together.
    pub batch_max: u32,
    /// How long a claim holds, milliseconds; longer than any call.
    pub lease_ms: i64,
    /// The longest a call may take that carries one message.
    pub call_max: Duration,
    /// And for each further message.
    pub message_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            batch_max: 100,
            lease_ms: 600_000,
            call_max: Duration::from_secs(60),
            message_max: Duration::from_secs(2),
        }
    }
}

/// How long an envelope waits whose letter could not be made.
const LETTER_WAIT_MS: i64 = 300_000;

/// Everything delivery needs.
#[derive(Debug)]
pub struct Post<'a, S, C, D> {
    /// Where envelopes are.
    pub store: &'a S,
    /// The clock.
    pub clock: &'a Clock,
    /// Channels, the preferred first.
    pub routes: &'a [Route<C>],
    /// Who writes the letters.
    pub desk: &'a D,
    /// What is in force.
    pub rulebook: &'a Rulebook,
    /// The offices this daemon serves.
    pub serves: &'a [OfficeId],
    /// Where this office's pages are reached from outside, without a slash at the end; none where
    /// they are not.
    pub public_url: Option<&'a str>,
    /// Bounds.
    pub limits: Limits,
}

/// Why nothing was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stands {
    /// Held until a person releases.
    Held(Hold),
    /// Paused by a person.
    Paused,
    /// The clock lies behind the last tick.
    ClockBehind,
}

/// What came of a delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct DeliveryReport {
    /// Why nothing was tried.
    pub stands: Option<Stands>,
    /// Envelopes claimed.
    pub claimed: u32,
    /// What became of them: names of states, `rested` for those put back, `refused` for stale
    /// claims.
    pub became: BTreeMap<&'static str, u32>,
}

impl DeliveryReport {
    /// How many came to `state`.
    pub fn count(&self, state: &str) -> u32 {
        self.became.get(state).copied().unwrap_or(0)
    }

    /// Adds up; why nothing was tried is the newer one's.
    pub(crate) fn add(&mut self, other: Self) {
        self.stands = other.stands;
        self.claimed += other.claimed;
        for (state, count) in other.became {
            *self.became.entry(state).or_default() += count;
        }
    }

    fn note(&mut self, event: &Event) {
        let state = match event {
            Event::Accept { .. } => "accepted",
            Event::Defer { .. } => "deferred",
            Event::Throttle { .. } => "throttled",
            Event::Reject { .. } => "rejected",
            Event::LoseSight { .. } => "unknown",
            Event::Cancel { .. } => "cancelled",
            Event::Suppress { .. } => "suppressed",
            _ => "rested",
        };
        *self.became.entry(state).or_default() += 1;
    }
}

/// An envelope ready to go.
struct Ready {
    intent: Intent,
    frozen: FrozenMessage,
    route: usize,
    sent: Sent,
}

/// What one look at the world gives a whole batch.
struct Desktop<'a> {
    record: &'a Record,
    personal: BTreeMap<PersonId, Personal>,
    /// Addresses that are wrong as far as a channel said.
    faults: BTreeSet<(PersonId, ValueKind)>,
    /// What waits for a person and stops ladders.
    waiting: Waiting,
    redirect_to: Option<String>,
    standings: BTreeMap<String, ChannelStanding>,
    /// What stands in the digests of this batch.
    digests: BTreeMap<PersonId, choice::Chosen>,
    /// What the channels' limits still allow.
    budgets: RefCell<Budgets>,
    now: Now,
}

impl<S: Store, C: Channel, D: Desk> Post<'_, S, C, D> {
    /// Delivers everything that is due now.
    ///
    /// # Errors
    /// The store cannot be read or written. What was in flight is resolved when its lease has
    /// ended.
    pub async fn deliver_due(&self, record: &mut Record) -> Result<DeliveryReport> {
        self.store.recover(self.clock.now(), false).await?;
        let mut report = DeliveryReport::default();
        loop {
            let batch = self.deliver_batch(record).await?;
            let done = batch.claimed == 0;
            report.add(batch);
            if done {
                return Ok(report);
            }
        }
    }

    /// Delivers one batch; none claimed means nothing is due.
    ///
    /// # Errors
    /// As [`Post::deliver_due`].
    pub async fn deliver_batch(&self, record: &mut Record) -> Result<DeliveryReport> {
        let now = self.clock.now();
        let state = self.store.state().await?;
        let stands = match (state.held, state.paused, state.last_unix_ms) {
            (Some(hold), ..) => Some(Stands::Held(hold)),
            (_, true, _) => Some(Stands::Paused),
            (.., Some(last)) if now.unix_ms < last => Some(Stands::ClockBehind),
            _ => None,
        };
        if stands.is_some() {
            return Ok(DeliveryReport { stands, ..DeliveryReport::default() });
        }
        let limits = &self.limits;
        let claimed = self.store.claim(now, limits.lease_ms, limits.batch_max).await?;
        let mut report = DeliveryReport {
            claimed: u32::try_from(claimed.len()).unwrap_or(u32::MAX),
            ..DeliveryReport::default()
        };
        if claimed.is_empty() {
            return Ok(report);
        }
        record.follow(self.store).await?;
        let persons: Vec<PersonId> = claimed.iter().map(|one| one.key.person).collect();
        let standings = self.store.channels().await?;
        let is_digest =
            |one: &&Envelope| one.errand.as_ref().is_some_and(|one| one.matter == Matter::Digest);
        let digests: Vec<EnvelopeKey> =
            claimed.iter().filter(is_digest).map(|one| one.key.clone()).collect();
        let faults = self.store.address_faults(now).await?;
        let desktop = Desktop {
            record,
            digests: choice::choose(self.store, record.world(), &digests, now.date()).await?,
            personal: self.store.personal(&persons).await?,
            faults: faults.into_iter().map(|fault| (fault.person, fault.kind)).collect(),
            budgets: RefCell::new(self.budgets(now).await?),
            waiting: Waiting::load(self.store).await?,
            redirect_to: state.redirect_to,
            standings: standings.into_iter().map(|one| (one.channel.clone(), one)).collect(),
            now,
        };
        let ready = self.prepare_all(&desktop, claimed, &mut report).await?;
        let ready = self.intend(ready, &mut report).await?;
        self.send(ready, desktop.standings, &mut report).await?;
        Ok(report)
    }

    /// Settles what does not go, and gives what does.
    async fn prepare_all(
        &self,
        desktop: &Desktop<'_>,
        claimed: Vec<Envelope>,
        report: &mut DeliveryReport,
    ) -> Result<Vec<Ready>> {
        let mut ready = Vec::with_capacity(claimed.len());
        let mut settlements = Vec::new();
        for envelope in &claimed {
            match self.prepare(desktop, envelope).await? {
                Ok(one) => ready.push(one),
                Err(settlement) => settlements.push(settlement),
            }
        }
        if !settlements.is_empty() {
            let refused = self.store.settle(&settlements, self.clock.now()).await?;
            warn_of(&refused);
            settlements.iter().for_each(|one| report.note(&one.event));
        }
        Ok(ready)
    }

    /// One envelope: ready to go, or the event that ends or delays it.
    async fn prepare(
        &self,
        desktop: &Desktop<'_>,
        envelope: &Envelope,
    ) -> Result<std::result::Result<Ready, Settlement>> {
        let now = desktop.now;
        let world = desktop.record.world();
        if world.is_erased(envelope.key.person) {
            return Ok(Err(erased(envelope)));
        }
        if let Some(errand) = &envelope.errand {
            return self.prepare_errand(desktop, envelope, errand).await;
        }
        let checked = recheck(world, self.rulebook, &desktop.waiting, &envelope.notices, now.civil);
        let fence = envelope.position.fence;
        let settled = |event, detail: String, checked: Rechecked| {
            let left_out = checked.left_out;
            Ok(Err(Settlement {
                key: envelope.key.clone(),
                event,
                reference: None,
                detail,
                left_out,
                fault: None,
            }))
        };
        if checked.live.is_empty() {
            let reason = checked.left_out.values().next().cloned().unwrap_or_default();
            return if checked.is_settled {
                settled(Event::Cancel { fence }, reason, checked)
            } else {
                settled(Event::Suppress { fence }, reason, checked)
            };
        }
        if let Some(until) = quiet::wait_until(world, self.rulebook, &checked.live, now.civil) {
            let until = now.unix_of(until);
            return settled(Event::Rest { fence, until }, "quiet_hours".to_owned(), checked);
        }
        let (route, address) = match self.choose(desktop, envelope, None) {
            Way::Go { route, address } => (route, address),
            Way::Rest { until, reason } => {
                return settled(Event::Rest { fence, until }, reason.to_owned(), checked);
            }
            Way::Never { reason } => {
                return settled(Event::Reject { fence }, reason.to_owned(), checked);
            }
        };
        let channel = self.routes[route].channel.id();
        let as_before = envelope
            .notices
            .iter()
            .all(|one| one.left_out.is_some() == checked.left_out.contains_key(&one.notice.key));
        let about = About::Notices(&checked.live);
        let frozen = self.freeze(desktop, envelope, about, as_before, route, address);
        let (rendered, frozen) = match frozen.await? {
            Ok(frozen) => frozen,
            Err(detail) => {
                let until = now.unix_ms + LETTER_WAIT_MS;
                let detail = format!("letter_could_not_be_made: {detail}");
                return settled(Event::Rest { fence, until }, detail, checked);
            }
        };
        let intent = Intent {
            key: envelope.key.clone(),
            fence,
            channel: channel.to_owned(),
            rendered,
            redirected: desktop.redirect_to.is_some(),
            left_out: checked.left_out,
            told: Vec::new(),
        };
        let sent = self.sent(desktop, envelope, route);
        Ok(Ok(Ready { intent, frozen, route, sent }))
    }

    /// Commits the intents; what is refused does not go.
    async fn intend(&self, ready: Vec<Ready>, report: &mut DeliveryReport) -> Result<Vec<Ready>> {
        if ready.is_empty() {
            return Ok(ready);
        }
        let intents: Vec<Intent> = ready.iter().map(|one| one.intent.clone()).collect();
        let refused = self.store.intend(&intents, self.clock.now()).await?;
        warn_of(&refused);
        for _ in &refused {
            *report.became.entry("refused").or_default() += 1;
        }
        let stale = |one: &Ready| refused.iter().any(|(key, _)| *key == one.intent.key);
        Ok(ready.into_iter().filter(|one| !stale(one)).collect())
    }
}

/// Nothing is sent to somebody who was erased.
fn erased(envelope: &Envelope) -> Settlement {
    Settlement {
        key: envelope.key.clone(),
        event: Event::Suppress { fence: envelope.position.fence },
        reference: None,
        detail: "erased".to_owned(),
        fault: None,
        left_out: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests;
