//! Looking what is new outside: one line for each plugin that is polled, beside the rounds.
//!
//! Calls to one plugin take turns, so a plugin that also delivers or answers hooks is asked for a
//! short look, which ends early for whoever wants the plugin; one that only brings things may wait
//! for them up to its deadline. What it is not: it
//! keeps nothing itself.

use std::time::Duration;

use tracing::{debug, warn};
use xibu_plugin_abi::message::{Capability, Descriptor, Request, Status};

use super::carriers::Carriers;
use super::queue::Porter;
use super::{Brought, CURSOR, ITEMS_MAX};
use crate::carrier::{Answered, Carrier, PluginState};
use crate::clock::Clock;
use crate::failpoint;
use crate::store::{SourceLook, Store, StoreError};

/// The shortest and the longest pause a plugin may ask for.
pub const PAUSE_MIN: Duration = Duration::from_secs(1);
/// See [`PAUSE_MIN`].
pub const PAUSE_MAX: Duration = Duration::from_secs(24 * 3_600);
/// First pause after a failure; doubled with each further one.
const FAULT_PAUSE_MIN: Duration = Duration::from_secs(30);
/// Longest pause after failures.
const FAULT_PAUSE_MAX: Duration = Duration::from_secs(30 * 60);
/// How long a plugin may look that others wait for.
const SHORT_LOOK: Duration = Duration::from_secs(30);
/// How long a plugin may wait for things to come that nobody waits for (IMAP IDLE: 25 minutes).
const LONG_LOOK: Duration = Duration::from_secs(25 * 60);
/// The longest sleep: timers stand still while a computer sleeps.
const SLEEP_MAX: Duration = Duration::from_secs(30);

/// Whether a plugin brings anything by being polled.
pub fn is_polled(descriptor: &Descriptor) -> bool {
    descriptor.capabilities.iter().any(|capability| {
        matches!(capability, Capability::Receipts | Capability::Intake | Capability::Feed)
    })
}

/// What one look came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Looked {
    /// This, to be kept.
    Brought(Brought),
    /// It is not polled.
    NotPolled,
    /// Why not, without personal data.
    Failed(String),
    /// The plugin ended within the look; why, without personal data.
    Lost(String),
}

/// One look: asks the plugin what is new since the place that was kept. `lost` looks before it
/// ended the plugin.
pub async fn look(
    carrier: &Carrier,
    (cursor, lost): (Option<String>, u32),
    state: PluginState,
    now_unix_ms: i64,
) -> Looked {
    let descriptor = match carrier.descriptor().await {
        Ok(descriptor) => descriptor,
        Err(lost) => return Looked::Failed(lost.to_string()),
    };
    if !is_polled(&descriptor) {
        // It was started only to be asked; it comes up again when there is something to do.
        carrier.stop().await;
        return Looked::NotPolled;
    }
    let waited_for = descriptor.capabilities.contains(&Capability::Notify);
    let deadline = if waited_for { SHORT_LOOK } else { LONG_LOOK };
    let mut brought = Brought::by(carrier.id());
    let mut dropped = 0_usize;
    failpoint::reach("poll_before_call");
    let request = Request::Poll { cursor, lost };
    let on_item = |item, blobs| {
        if brought.items() < ITEMS_MAX {
            brought.add(item, blobs);
        } else {
            dropped += 1;
        }
    };
    let called = carrier.call_with_state(request, vec![], now_unix_ms, deadline, state, on_item);
    let called = called.await.map(|Answered { status, puts }| {
        brought.puts = puts;
        status
    });
    failpoint::reach("poll_after_call");
    match called {
        Ok(Status::Done) if dropped > 0 => {
            Looked::Failed(format!("it brought more than {ITEMS_MAX} items at once"))
        }
        Ok(Status::Done) if brought.cursor.is_none() => {
            Looked::Failed("it did not say where it stands".to_owned())
        }
        Ok(Status::Done) => Looked::Brought(brought),
        // It brings things by hooks alone.
        Ok(Status::Unsupported) => Looked::NotPolled,
        Ok(Status::Failed { detail }) => Looked::Failed(detail),
        Ok(Status::Panicked { detail }) => Looked::Lost(detail),
        Err(lost) if lost.may_have_acted() => Looked::Lost(lost.to_string()),
        Err(lost) => Looked::Failed(lost.to_string()),
    }
}

/// How long to wait after a look.
pub fn pause(looked: &Looked, failures: u32) -> Duration {
    match looked {
        Looked::Brought(brought) => {
            let asked = Duration::from_secs(brought.again_after_seconds.unwrap_or(0));
            asked.clamp(PAUSE_MIN, PAUSE_MAX)
        }
        Looked::NotPolled => PAUSE_MAX,
        Looked::Failed(_) | Looked::Lost(_) => {
            let doubled = FAULT_PAUSE_MIN.saturating_mul(1 << failures.saturating_sub(1).min(10));
            doubled.min(FAULT_PAUSE_MAX)
        }
    }
}

/// The polling of one plugin.
#[derive(Debug)]
pub struct Line {
    plugin: String,
    /// Failures in a row.
    failures: u32,
    /// Looks in a row that ended the plugin, from the same place.
    lost: u32,
    /// What was kept last, where that is known: the same again needs no writing.
    settled: Option<String>,
}

impl Line {
    /// Not looked yet.
    pub fn of(plugin: &str) -> Self {
        Self { plugin: plugin.to_owned(), failures: 0, lost: 0, settled: None }
    }

    /// One look, kept; how long to wait for the next.
    pub async fn once(
        &mut self,
        carriers: &Carriers,
        store: &impl Store,
        porter: &Porter,
        clock: &Clock,
    ) -> Duration {
        let Some(carrier) = carriers.get(&self.plugin) else { return PAUSE_MAX };
        let place = async {
            Ok::<_, StoreError>((
                store.cursor(&self.plugin, CURSOR).await?,
                store.plugin_state(&self.plugin).await?,
            ))
        };
        let looked = match place.await {
            Ok((cursor, state)) => {
                let place = (cursor, self.lost);
                look(&carrier, place, state, clock.now().unix_ms).await
            }
            Err(error) => Looked::Failed(error.to_string()),
        };
        match &looked {
            Looked::Brought(brought) => {
                let kept = self.hand_over(brought, porter).await;
                if !kept {
                    self.failures += 1;
                    return pause(&Looked::Failed(String::new()), self.failures);
                }
                (self.failures, self.lost) = (0, 0);
            }
            Looked::NotPolled => debug!(plugin = self.plugin, "it is not polled"),
            Looked::Failed(detail) | Looked::Lost(detail) => {
                self.failures += 1;
                self.lost += u32::from(matches!(looked, Looked::Lost(_)));
                self.settled = None;
                warn!(plugin = self.plugin, failures = self.failures, "not polled: {detail}");
                let error = Some(detail.clone());
                let mut brought = Brought::by(&self.plugin);
                brought.sources.push(SourceLook { source: String::new(), items: 0, error });
                porter.keep(brought).await;
            }
        }
        pause(&looked, self.failures)
    }

    async fn hand_over(&mut self, brought: &Brought, porter: &Porter) -> bool {
        if brought.items() == 0
            && brought.puts.is_empty()
            && self.settled.is_some()
            && self.settled == brought.cursor
        {
            return true;
        }
        let mut brought = brought.clone();
        let items = u32::try_from(brought.items()).unwrap_or(u32::MAX);
        brought.sources.push(SourceLook { source: String::new(), items, error: None });
        let cursor = brought.cursor.clone();
        let kept = porter.keep(brought).await;
        self.settled = if kept { cursor } else { None };
        kept
    }

    /// Looks for ever.
    pub async fn serve(
        mut self,
        carriers: &Carriers,
        store: &impl Store,
        porter: &Porter,
        clock: &Clock,
    ) {
        loop {
            let wait = self.once(carriers, store, porter, clock).await;
            let due = clock.now().plus(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
            let mut slept = Duration::ZERO;
            // By the wall clock, and no longer than asked for where that clock was set back.
            while slept < wait && clock.now().unix_ms < due.unix_ms {
                let left = u64::try_from(due.unix_ms - clock.now().unix_ms).unwrap_or(0);
                let nap = Duration::from_millis(left.max(1)).min(SLEEP_MAX).min(wait - slept);
                tokio::time::sleep(nap).await;
                slept += nap;
            }
        }
    }
}
