//! Calls every channel with what is ready, and writes down in groups what becomes of it.
//!
//! What it is not: what a word means for an envelope is `outcome`'s.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tracing::warn;
use xibu_plugin_abi::message::Outcome;

use super::outcome::{Sent, judge};
use super::{Channel, DeliveryReport, Desk, Lost, Post, Ready};
use crate::failpoint;
use crate::outbox::EnvelopeKey;
use crate::outbox::state::Refusal;
use crate::store::{ChannelStanding, Result, Store};

impl<S: Store, C: Channel, D: Desk> Post<'_, S, C, D> {
    /// Calls every channel at once and settles outcomes in groups as they come.
    pub(super) async fn send(
        &self,
        ready: Vec<Ready>,
        standings: BTreeMap<String, ChannelStanding>,
        report: &mut DeliveryReport,
    ) -> Result<()> {
        let mut groups: BTreeMap<usize, Vec<Ready>> = BTreeMap::new();
        for one in ready {
            groups.entry(one.route).or_default().push(one);
        }
        let (told, hear) = unbounded_channel();
        let calls = groups.into_iter().map(|(route, group)| self.call(route, group, told.clone()));
        let calls = join_all(calls.collect::<Vec<_>>());
        drop(told);
        let (_, settled) = tokio::join!(calls, self.settle(hear, standings, report));
        settled
    }

    /// Calls one channel with its messages and passes on what becomes of each.
    async fn call(&self, route: usize, group: Vec<Ready>, told: UnboundedSender<Told>) {
        let channel = &self.routes[route].channel;
        let mut messages = Vec::with_capacity(group.len());
        let mut blobs = Vec::new();
        let mut waiting: Vec<Option<Sent>> = Vec::with_capacity(group.len());
        for one in group {
            let first = u32::try_from(blobs.len()).unwrap_or(u32::MAX);
            let mut message = one.frozen.message;
            message.attachments.iter_mut().for_each(|attachment| attachment.blob += first);
            messages.push(message);
            blobs.extend(one.frozen.blobs);
            waiting.push(Some(one.sent));
        }
        let further = u32::try_from(messages.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let deadline = self.limits.call_max + self.limits.message_max * further;
        let tell = |sent: Sent, outcome: Heard| {
            // The other end lives as long as this call; were it gone, the lease would settle it.
            let _ = told.send(Told { channel: channel.id().to_owned(), sent, outcome });
        };
        failpoint::reach("deliver_before_call");
        let mut on_outcome = |index: u32, outcome: Outcome| {
            failpoint::reach("deliver_outcome");
            let place = usize::try_from(index).ok().and_then(|index| waiting.get_mut(index));
            match place.and_then(Option::take) {
                Some(sent) => tell(sent, Heard::Outcome(outcome)),
                None => warn!(channel = channel.id(), index, "an outcome nobody waits for"),
            }
        };
        let now = self.clock.now().unix_ms;
        let ended = channel.deliver(messages, blobs, now, deadline, &mut on_outcome).await;
        failpoint::reach("deliver_after_call");
        let lost = ended.err().unwrap_or_else(|| Lost {
            may_have_acted: true,
            detail: "the channel did not say what became of it".to_owned(),
        });
        for sent in waiting.into_iter().flatten() {
            tell(sent, Heard::Lost(lost.clone()));
        }
    }

    /// Commits outcomes in groups: whatever came while the last commit ran goes into the next.
    async fn settle(
        &self,
        mut hear: UnboundedReceiver<Told>,
        mut standings: BTreeMap<String, ChannelStanding>,
        report: &mut DeliveryReport,
    ) -> Result<()> {
        let mut heard = Vec::new();
        while hear.recv_many(&mut heard, 1_000).await > 0 {
            let now = self.clock.now();
            let mut settlements = Vec::with_capacity(heard.len());
            let mut changed = Vec::new();
            for told in heard.drain(..) {
                let standing = standings.entry(told.channel.clone()).or_insert_with(|| {
                    ChannelStanding { channel: told.channel.clone(), ..Default::default() }
                });
                let (settlement, is_changed) = judge(&told.sent, told.outcome, standing, now);
                report.note(&settlement.event);
                settlements.push(settlement);
                if is_changed && !changed.contains(&told.channel) {
                    changed.push(told.channel);
                }
            }
            warn_of(&self.store.settle(&settlements, now).await?);
            for channel in changed {
                if let Some(standing) = standings.get(&channel) {
                    self.store.set_channel(standing, now).await?;
                }
            }
        }
        Ok(())
    }
}

/// What was heard of one message, and from whom.
#[derive(Debug)]
struct Told {
    channel: String,
    sent: Sent,
    outcome: Heard,
}

/// What was heard of one message.
#[derive(Debug)]
pub(super) enum Heard {
    Outcome(Outcome),
    Lost(Lost),
}

/// Says which events changed nothing.
pub(super) fn warn_of(refused: &[(EnvelopeKey, Refusal)]) {
    for (key, refusal) in refused {
        warn!(envelope = %key, %refusal, "an event changed nothing");
    }
}
