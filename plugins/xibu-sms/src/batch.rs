//! Sends a batch, a few messages at once, and says of each what became of it.
//!
//! What it is not: it keeps no queue from one call to the next and tries nothing twice.

use std::cell::{Cell, RefCell};

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::{Duration, Instant};
use xibu_plugin_sdk::message::{Blame, Message, Outcome};
use xibu_plugin_sdk::{Moment, NotDone, Sink};

use crate::configuration::Configuration;
use crate::content::{self, Parts};
use crate::outcome::{deferred, is_trouble, rejected};
use crate::phone::Phone;
use crate::provider::Provider;
use crate::template::{self, Filled};

/// Nothing is begun with less time than this left.
const LEFT_MIN: Duration = Duration::from_millis(100);

/// A message that may be sent.
pub(crate) struct Ready<'a> {
    pub(crate) key: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) phone: Phone,
    pub(crate) filled: Filled,
    pub(crate) parts: Parts,
    /// By which the message is dated.
    pub(crate) now_unix_ms: i64,
    /// When waiting for an answer ends.
    pub(crate) by: Instant,
}

/// What the lanes of one call share; all on one thread.
struct Batch<'a, 's> {
    configuration: &'a Configuration,
    provider: &'a Provider,
    messages: &'a [Message],
    now_unix_ms: i64,
    ends: Instant,
    next: Cell<usize>,
    /// Set once the channel itself is in trouble: the rest of the batch shares its fate untried.
    trouble: RefCell<Option<Outcome>>,
    sink: RefCell<&'a mut Sink<'s>>,
    result: RefCell<Result<(), NotDone>>,
}

/// Delivers a batch.
pub(crate) async fn deliver(
    configuration: &Configuration,
    provider: &Provider,
    moment: Moment,
    messages: &[Message],
    sink: &mut Sink<'_>,
) -> Result<(), NotDone> {
    let batch = Batch {
        configuration,
        provider,
        messages,
        now_unix_ms: moment.now_unix_ms,
        ends: Instant::now() + crate::without_margin(moment.deadline),
        next: Cell::new(0),
        trouble: RefCell::new(None),
        sink: RefCell::new(sink),
        result: RefCell::new(Ok(())),
    };
    let lanes = configuration.connections.min(messages.len());
    let mut lanes: FuturesUnordered<_> = (0..lanes).map(|_| batch.run()).collect();
    while lanes.next().await.is_some() {}
    drop(lanes);
    batch.result.into_inner()
}

impl Batch<'_, '_> {
    /// One lane: takes message after message.
    async fn run(&self) {
        while let Some(message) = self.messages.get(self.next.get()) {
            let index = self.next.replace(self.next.get() + 1);
            let outcome = self.one(message).await;
            // The host refuses more messages in a call than an index can count.
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let told = self.sink.borrow_mut().delivered(index, outcome);
            if told.is_err() {
                *self.result.borrow_mut() = told;
            }
        }
    }

    async fn one(&self, message: &Message) -> Outcome {
        // What can never go is told even while the channel rests.
        let ready = match self.ready(message) {
            Ok(ready) => ready,
            Err(outcome) => return outcome,
        };
        if let Some(outcome) = self.trouble.borrow().as_ref() {
            return outcome.clone();
        }
        if self.ends.saturating_duration_since(Instant::now()) < LEFT_MIN {
            return deferred(Blame::Channel, "not tried: the time of the call was over");
        }
        let outcome = self.provider.send(&ready).await;
        if is_trouble(&outcome) {
            self.trouble.borrow_mut().get_or_insert_with(|| outcome.clone());
        }
        outcome
    }

    fn ready<'m>(&self, message: &'m Message) -> Result<Ready<'m>, Outcome> {
        let phone = Phone::read(&message.address)
            .ok_or_else(|| rejected(Blame::Address, "no_mobile_number: it cannot be dialled"))?;
        let filled = template::fill(&self.configuration.templates, message)
            .map_err(|unfit| rejected(Blame::Message, unfit.reason()))?;
        let parts = content::check(&self.configuration.rules, &filled)
            .map_err(|broken| rejected(Blame::Message, broken.reason()))?;
        let by = self.ends.min(Instant::now() + self.configuration.timeout);
        Ok(Ready {
            key: &message.key,
            kind: &message.kind,
            phone,
            filled,
            parts,
            now_unix_ms: self.now_unix_ms,
            by,
        })
    }
}
