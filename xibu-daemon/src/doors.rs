//! What plugins bring from outside: polled or by a hook, judged, and kept together with where the
//! poll stands.
//!
//! One stage, one writer: whoever called a plugin hands over what it brought and hears when it is
//! on disk; only then does a hook's answer go back or the next poll begin. What it is not: it
//! understands no words (`arrival`), moves no envelope (`outbox`), and calls no plugin.

use std::collections::BTreeMap;

use tracing::{info, warn};
use xibu_core::cell::CellValue;
use xibu_core::incident::IncidentId;
use xibu_core::intake::reply::{self, Reply};
use xibu_core::intake::{contact, mail};
use xibu_core::office::OfficeId;
use xibu_core::parameter::Rulebook;
use xibu_core::person::PersonId;
use xibu_plugin_abi::message::{Arrived, Item, RawPosting, Receipt};

use crate::arrival::{HeldFor, Judge, Said, echo, sealed};
use crate::carrier::PluginState;
use crate::clock::{Clock, Now};
use crate::job::core_posting;
use crate::outbox::errand::Matter;
use crate::outbox::{Class, EnvelopeKey};
use crate::record::Record;
use crate::store::{
    DocumentKind, NewArrival, NewCursor, NewDocument, Numbers, Result, SourceLook, Store,
    StoreError, TakeIn, TakenIn, Tally, ValueKind,
};

pub mod api;
pub mod carriers;
pub mod files;
mod page;
pub mod poll;
pub mod queue;

/// The name under which a poll's place is kept.
pub const CURSOR: &str = "poll";
/// More items of one call are a plugin gone wrong: nothing of it is kept.
pub const ITEMS_MAX: usize = 20_000;
/// So often is what was brought judged anew while others record.
const MOVED_MAX: u32 = 5;
/// Messages from people are kept for three years, like ours (policy assumption).
const KEPT_MONTHS: u32 = 36;

/// Everything one call of a plugin brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Brought {
    /// Which plugin, by its name in the settings.
    pub plugin: String,
    /// What became of our messages.
    pub receipts: Vec<Receipt>,
    /// Messages from people, with their files.
    pub arrivals: Vec<(Arrived, Vec<Vec<u8>>)>,
    /// Job advertisements.
    pub postings: Vec<RawPosting>,
    /// How its sources stand.
    pub sources: Vec<SourceLook>,
    /// What it put into its state.
    pub puts: PluginState,
    /// Where its poll stands now.
    pub cursor: Option<String>,
    /// When to look again, in seconds.
    pub again_after_seconds: Option<u64>,
}

impl Brought {
    /// Nothing yet.
    pub fn by(plugin: &str) -> Self {
        Self { plugin: plugin.to_owned(), ..Self::default() }
    }

    /// Adds an item; gives back what is not for the doors.
    pub fn add(&mut self, item: Item, blobs: Vec<Vec<u8>>) -> Option<(Item, Vec<Vec<u8>>)> {
        match item {
            Item::Receipt(receipt) => self.receipts.push(receipt),
            Item::Arrived(arrived) => self.arrivals.push((arrived, blobs)),
            Item::Posting(posting) => self.postings.push(posting),
            Item::SourceStood { source, items, error } => {
                self.sources.push(SourceLook { source, items, error });
            }
            Item::Polled { cursor, again_after_seconds } => {
                self.cursor = Some(cursor);
                self.again_after_seconds = Some(again_after_seconds);
            }
            other => return Some((other, blobs)),
        }
        None
    }

    /// How many items it holds.
    pub fn items(&self) -> usize {
        self.receipts.len() + self.arrivals.len() + self.postings.len() + self.sources.len()
    }
}

/// The one who keeps what plugins bring.
#[derive(Debug)]
pub struct Doors<S> {
    store: S,
    clock: Clock,
    rulebook: Rulebook,
    serves: Vec<OfficeId>,
    /// Which value of a person a channel's plugin reaches.
    reaches: BTreeMap<String, ValueKind>,
    /// The record as this line follows it; derived when the first words come.
    record: Option<Record>,
}

impl<S: Store> Doors<S> {
    /// Over `store`; `reaches` names the plugins that are channels.
    pub fn new(
        store: S,
        clock: Clock,
        rulebook: Rulebook,
        serves: Vec<OfficeId>,
        reaches: BTreeMap<String, ValueKind>,
    ) -> Self {
        Self { store, clock, rulebook, serves, reaches, record: None }
    }

    /// Keeps all of it and where the poll stands, or nothing.
    ///
    /// # Errors
    /// The store cannot be read or written; the same may be brought again.
    pub async fn keep(&mut self, brought: &Brought) -> Result<TakenIn> {
        let mut tries = 0;
        loop {
            let now = self.clock.now();
            let take = self.judged(brought, now).await?;
            match self.store.take_in(&take, now).await {
                Err(StoreError::Moved { .. }) if tries < MOVED_MAX => tries += 1,
                Ok(taken) => {
                    tell(&take, &taken);
                    return Ok(taken);
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn judged(&mut self, brought: &Brought, now: Now) -> Result<TakeIn> {
        let mut take = TakeIn {
            plugin: brought.plugin.clone(),
            receipts: brought.receipts.clone(),
            reaches: self.reaches.get(&brought.plugin).copied(),
            postings: brought
                .postings
                .iter()
                .filter_map(|raw| core_posting(raw, now.zone))
                .collect(),
            sources: brought.sources.clone(),
            puts: brought.puts.clone(),
            cursor: brought.cursor.clone().map(|value| NewCursor {
                plugin: brought.plugin.clone(),
                name: CURSOR.to_owned(),
                value,
            }),
            ..TakeIn::default()
        };
        if brought.arrivals.is_empty() {
            return Ok(take);
        }
        let mut record = self.record.take().unwrap_or_default();
        record.follow(&self.store).await?;
        take.after = Some(record.last_sequence());
        let arrivals = self.arrivals(&record, brought, now).await;
        self.record = Some(record);
        take.arrivals = arrivals?;
        Ok(take)
    }

    async fn arrivals(
        &self,
        record: &Record,
        brought: &Brought,
        now: Now,
    ) -> Result<Vec<NewArrival>> {
        let questions: Vec<_> =
            brought.arrivals.iter().map(|(arrived, _)| address(&arrived.from)).collect();
        let senders = self.store.find_persons(&questions).await?;
        let mut all: Vec<PersonId> = senders.iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        let mut tallies = self.store.tallies(&all, now.date()).await?;
        let code = |key: &_| self.store.request_code(key);
        let mut kept = Vec::with_capacity(senders.len());
        for (brought, persons) in brought.arrivals.iter().zip(senders) {
            let (arrived, blobs) = brought;
            // Judged one after the other, but against the record as it was before the first: two
            // messages of one call that contradict each other are both kept and both count.
            let judge = Judge {
                world: record.world(),
                rulebook: &self.rulebook,
                serves: &self.serves,
                code: &code,
                now,
            };
            let said = self.said(brought, &persons, now).await?;
            let only = match persons.as_slice() {
                [person] => Some(*person),
                _ => None,
            };
            let tally = only.and_then(|person| tallies.get(&person).copied()).unwrap_or_default();
            let taken = judge.judge(&said, tally);
            if let Some(person) = only {
                count(tallies.entry(person).or_default(), &taken);
            }
            kept.push(NewArrival {
                channel_id: arrived.id.clone(),
                document: document(arrived, blobs, &persons, said.at, now),
                person: only,
                answers: arrived.answers.as_deref().and_then(|key| key.parse().ok()),
                at: said.at,
                taken,
            });
        }
        Ok(kept)
    }

    async fn said(
        &self,
        (arrived, blobs): &(Arrived, Vec<Vec<u8>>),
        persons: &[PersonId],
        now: Now,
    ) -> Result<Said> {
        let mut said = said(arrived, blobs, persons, now);
        let by_person = !said.automatic && !said.spam && !said.is_ours;
        let is_accident = matches!(said.heard.reply, Reply::Accident { .. });
        if is_accident && persons.len() == 1 && by_person {
            said.incident = Some(IncidentId(self.store.reserve(Numbers::Incident, 1).await?));
        }
        Ok(said)
    }
}

/// A message as it is judged, without a number for an accident.
fn said(arrived: &Arrived, blobs: &[Vec<u8>], persons: &[PersonId], now: Now) -> Said {
    let at = Now::at_unix(arrived.received_unix_ms, now.zone).civil.min(now.civil);
    let by_mail = arrived.from.contains('@');
    let heard = match by_mail {
        true => reply::read_mail(&arrived.subject, &arrived.text, at.date()),
        false => reply::read(&arrived.text, at.date()),
    };
    Said {
        senders: persons.to_vec(),
        at,
        heard,
        by_mail,
        automatic: arrived.automatic,
        is_ours: echo::is_ours(&arrived.text),
        spam: arrived.spam,
        unread: arrived.unread,
        has_files: files::enclosed(arrived, blobs).next().is_some(),
        consent: consent(arrived, persons),
        incident: None,
    }
}

/// What it says to our question, where it answers that very message: a sender's address alone can
/// be forged.
fn consent(arrived: &Arrived, persons: &[PersonId]) -> Option<bool> {
    let answers: EnvelopeKey = arrived.answers.as_deref()?.parse().ok()?;
    let asked = matches!(answers.class, Class::Question | Class::Digest);
    let word = match arrived.from.contains('@') {
        true => xibu_core::consent::answer(&mail::own_words(&arrived.text).words)?,
        false => xibu_core::consent::answer(&arrived.text)?,
    };
    let wanted = !arrived.spam && arrived.unread.is_none();
    (wanted && asked && persons == [answers.person]).then_some(word)
}

fn count(tally: &mut Tally, taken: &crate::store::Taken) {
    tally.wrong_codes += u32::from(taken.held == Some(HeldFor::WrongCode));
    let answers = |matter: &Matter| matches!(matter, Matter::Answer { .. });
    tally.answers += u32::from(taken.errands.iter().any(|errand| answers(&errand.matter)));
}

/// A sender's address as a person's values are kept.
fn address(from: &str) -> (ValueKind, String) {
    let typed = CellValue::Text(from.to_owned());
    if from.contains('@') {
        let known = contact::mail(&typed).map(|known| known.expose().to_owned());
        return (ValueKind::Mail, known.unwrap_or_else(|_| from.to_owned()));
    }
    let phone = contact::phone(&typed).map(|phone| phone.number.expose().to_owned());
    (ValueKind::Phone, phone.unwrap_or_else(|_| from.to_owned()))
}

fn document(
    arrived: &Arrived,
    blobs: &[Vec<u8>],
    persons: &[PersonId],
    at: chrono::NaiveDateTime,
    now: Now,
) -> NewDocument {
    NewDocument {
        kind: DocumentKind::Original,
        name: "message".to_owned(),
        media_type: sealed::MEDIA_TYPE.to_owned(),
        // Longer than 4 GiB no frame can be.
        bytes: sealed::to_bytes(arrived, blobs).unwrap_or_default(),
        received_at: at,
        retain_until: now.date().checked_add_months(chrono::Months::new(KEPT_MONTHS)),
        persons: persons.to_vec(),
    }
}

fn tell(take: &TakeIn, taken: &TakenIn) {
    let plugin = take.plugin.as_str();
    if !taken.arrivals.is_empty() {
        info!(plugin, new = taken.arrivals.len(), known = taken.known, "messages came in");
    }
    if !taken.receipts.is_empty() {
        info!(plugin, outcomes = ?taken.receipts, "reports came in");
    }
    if taken.postings > 0 {
        info!(plugin, postings = taken.postings, "job advertisements came in");
    }
    let held = take.arrivals.iter().filter_map(|arrival| arrival.taken.held);
    for why in held.filter(|why| why.is_urgent()) {
        warn!(plugin, why = why.name(), "a message waits for a person: `arrivals list`");
    }
}

#[cfg(test)]
mod tests;
