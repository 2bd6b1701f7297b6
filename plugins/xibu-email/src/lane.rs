//! Sends a batch over a few connections at once; each takes the next message when it is free.
//!
//! What it is not: it keeps no queue from one call to the next; only the connections stay.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::{Instant, timeout_at};
use xibu_plugin_sdk::message::{Blame, Message, Outcome};
use xibu_plugin_sdk::{Moment, NotDone, Sink};

use crate::configuration::Configuration;
use crate::connection::{Connection, Failure, Progress};
use crate::mail::{self, Ready, Unfit};
use crate::mark::Mark;
use crate::outcome::{Stage, broken};

/// Nothing is begun with less time than this left.
const LEFT_MIN: Duration = Duration::from_millis(100);

/// What the lanes of one call share; all on one thread.
struct Batch<'a, 's> {
    configuration: &'a Configuration,
    mark: &'a Mark,
    messages: &'a [Message],
    blobs: &'a [&'a [u8]],
    now_unix_ms: i64,
    ends: Instant,
    next: Cell<usize>,
    /// Set once the channel itself is in trouble: the rest of the batch shares its fate untried.
    trouble: RefCell<Option<Outcome>>,
    sink: RefCell<&'a mut Sink<'s>>,
    result: RefCell<Result<(), NotDone>>,
}

/// Delivers a batch; `connections` are those left from earlier calls, and are left there for later
/// ones.
pub(crate) async fn deliver(
    (configuration, mark): (&Configuration, &Mark),
    connections: &mut Vec<Connection>,
    moment: Moment,
    messages: &[Message],
    blobs: &[&[u8]],
    sink: &mut Sink<'_>,
) -> Result<(), NotDone> {
    let batch = Batch {
        configuration,
        mark,
        messages,
        blobs,
        now_unix_ms: moment.now_unix_ms,
        ends: Instant::now() + moment.deadline,
        next: Cell::new(0),
        trouble: RefCell::new(None),
        sink: RefCell::new(sink),
        result: RefCell::new(Ok(())),
    };
    let count = configuration.connections.min(messages.len());
    let mut lanes = FuturesUnordered::new();
    for _ in 0..count {
        lanes.push(batch.run(connections.pop()));
    }
    while let Some(connection) = lanes.next().await {
        connections.extend(connection);
    }
    drop(lanes);
    batch.result.into_inner()
}

impl Batch<'_, '_> {
    /// One lane: takes message after message, and hands its connection back.
    async fn run(&self, mut connection: Option<Connection>) -> Option<Connection> {
        while let Some(message) = self.messages.get(self.next.get()) {
            let index = self.next.replace(self.next.get() + 1);
            let (outcome, stage) = self.one(&mut connection, message).await;
            if is_trouble(&outcome, stage) {
                self.trouble.borrow_mut().get_or_insert_with(|| outcome.clone());
            }
            // The host refuses more messages in a call than an index can count.
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let told = self.sink.borrow_mut().delivered(index, outcome);
            if told.is_err() {
                *self.result.borrow_mut() = told;
            }
        }
        connection
    }

    /// What became of one message, and how far it came.
    async fn one(
        &self,
        connection: &mut Option<Connection>,
        message: &Message,
    ) -> (Outcome, Stage) {
        if let Some(outcome) = self.trouble.borrow().as_ref() {
            return (outcome.clone(), Stage::Greeting);
        }
        let made = (self.configuration, self.mark);
        let ready = match mail::make(made, message, self.blobs, self.now_unix_ms) {
            Ok(ready) => ready,
            Err(unfit) => return (refuse(unfit), Stage::Greeting),
        };
        if self.ends.saturating_duration_since(Instant::now()) < LEFT_MIN {
            let detail = "not tried: the time of the call was over".into();
            return (Outcome::Deferred { blame: Blame::Channel, detail }, Stage::Greeting);
        }
        let by = self.ends.min(Instant::now() + self.configuration.timeout);
        match self.attempt(connection, &ready, by).await {
            Ok(known) => known,
            // A connection kept from before had died, and nothing of the message had gone out.
            Err(Untouched) => match self.attempt(connection, &ready, by).await {
                Ok(known) => known,
                Err(Untouched) => (broken(Stage::Sender, "the connection broke"), Stage::Sender),
            },
        }
    }

    async fn attempt(
        &self,
        connection: &mut Option<Connection>,
        ready: &Ready,
        by: Instant,
    ) -> Result<(Outcome, Stage), Untouched> {
        let kept = connection.take().filter(Connection::is_good);
        let progress = kept.as_ref().map_or_else(Progress::new, |kept| kept.progress().clone());
        let kept_before = kept.as_ref().is_some_and(Connection::is_used);
        let sending = async {
            let mut open = match kept {
                Some(kept) => kept,
                None => Connection::open(self.configuration, &progress)
                    .await
                    .map_err(|outcome| Failure::Broken { outcome, untouched: false })?,
            };
            match open.send(self.configuration, ready).await {
                Ok(reference) => Ok((open, Outcome::Accepted { reference })),
                Err(Failure::Refused(outcome)) => Ok((open, outcome)),
                Err(failure) => Err(failure),
            }
        };
        let sent = timeout_at(by, sending).await;
        let stage = progress.stage();
        match sent {
            Ok(Ok((open, outcome))) => {
                *connection = Some(open);
                Ok((outcome, stage))
            }
            Ok(Err(Failure::Broken { untouched: true, .. })) if kept_before => Err(Untouched),
            Ok(Err(Failure::Broken { outcome, .. } | Failure::Refused(outcome))) => {
                Ok((outcome, stage))
            }
            Err(_) => Ok((broken(stage, "no answer in time"), stage)),
        }
    }
}

/// Whether the channel itself is in trouble, so that the rest of the batch would fare alike.
fn is_trouble(outcome: &Outcome, stage: Stage) -> bool {
    match outcome {
        Outcome::Throttled { .. } => true,
        Outcome::Deferred { blame: Blame::Channel, .. } => stage <= Stage::Sender,
        _ => false,
    }
}

/// The connection had died before anything of the message went out.
struct Untouched;

fn refuse(unfit: Unfit) -> Outcome {
    let (blame, detail) = match unfit {
        Unfit::Address => (Blame::Address, "the address is not a mail address"),
        Unfit::AttachmentMissing => (Blame::Message, "an attachment's bytes are missing"),
        Unfit::Unsubscribe => {
            (Blame::Message, "where to unsubscribe is not an http(s) address that fits a header")
        }
        Unfit::Content => (Blame::Message, "the mail cannot be put together"),
    };
    Outcome::Rejected { blame, detail: detail.into() }
}
