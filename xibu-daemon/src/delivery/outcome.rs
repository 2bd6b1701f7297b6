//! What a channel's word means for an envelope and for the channel. Pure.

use xibu_plugin_abi::message::{Attachment, Blame, Message, Outcome};

use super::Written;
use super::call::Heard;
use super::frozen::FrozenMessage;
use crate::clock::Now;
use crate::outbox::state::Event;
use crate::outbox::{Class, EnvelopeKey, backoff};
use crate::store::{AddressFault, ChannelStanding, Envelope, Settlement, ValueKind};

/// First pause of a channel that fails; doubled with each failure in a row.
const PAUSE_MIN_MS: i64 = 30_000;
/// Longest pause of a channel.
const PAUSE_MAX_MS: i64 = 30 * 60_000;
/// A channel's answer is kept to this many characters.
const DETAIL_MAX: usize = 200;

/// What is to be known of an envelope to judge what became of it.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    key: EnvelopeKey,
    fence: u64,
    tries: u32,
    first_tried_at: i64,
    expires_at: i64,
    /// Which value of the person is the address; none where it goes to somebody who tries out.
    reaches: Option<ValueKind>,
    /// Whether another channel is left, should this address be wrong.
    has_another: bool,
}

impl Sent {
    pub(super) fn new(
        envelope: &Envelope,
        now: Now,
        reaches: Option<ValueKind>,
        has_another: bool,
    ) -> Self {
        Self {
            key: envelope.key.clone(),
            fence: envelope.position.fence,
            tries: envelope.tries + 1,
            first_tried_at: envelope.first_tried_at.unwrap_or(now.unix_ms),
            expires_at: envelope.position.expires_at,
            reaches,
            has_another,
        }
    }

    /// When it goes again while its channel rests: an alarm at once, by the next channel that is
    /// awake.
    fn after_the_channel(&self, until: i64, now: Now) -> i64 {
        if self.key.class == Class::Alarm { now.unix_ms } else { until }
    }

    fn next_try(&self, now: Now) -> i64 {
        let key = self.key.to_string();
        backoff::next_try(&key, self.tries, self.first_tried_at, now.unix_ms, self.expires_at)
    }
}

/// The event that settles the envelope, and whether the channel's standing changed.
pub(super) fn judge(
    sent: &Sent,
    heard: Heard,
    standing: &mut ChannelStanding,
    now: Now,
) -> (Settlement, bool) {
    let fence = sent.fence;
    let (mut reference, mut fault) = (None, None);
    let (event, detail, changed) = match heard {
        Heard::Outcome(Outcome::Accepted { reference: given }) => {
            let changed = standing.failures > 0;
            if changed {
                *standing =
                    ChannelStanding { channel: standing.channel.clone(), ..Default::default() };
            }
            reference = Some(shortened(given));
            (Event::Accept { fence }, String::new(), changed)
        }
        Heard::Outcome(Outcome::Throttled { retry_after_seconds, detail }) => {
            let wait = i64::try_from(retry_after_seconds).unwrap_or(i64::MAX / 1_000);
            let wait = wait.saturating_mul(1_000).clamp(1_000, PAUSE_MAX_MS);
            let changed = pause(standing, now.unix_ms + wait, &detail);
            let until = sent.after_the_channel(now.unix_ms + wait, now);
            (Event::Throttle { fence, until }, detail, changed)
        }
        Heard::Outcome(
            Outcome::Deferred { blame: Blame::Channel, detail }
            | Outcome::Rejected { blame: Blame::Channel, detail },
        ) => {
            let changed = blame(standing, now, &detail);
            let until = sent.after_the_channel(standing.paused_until, now);
            (Event::Throttle { fence, until }, detail, changed)
        }
        Heard::Outcome(Outcome::Deferred { detail, .. }) => {
            (Event::Defer { fence, until: sent.next_try(now) }, detail, false)
        }
        Heard::Outcome(Outcome::Rejected { blame: Blame::Address, detail }) => {
            let (person, detail) = (sent.key.person, shortened(detail));
            fault = sent.reaches.map(|kind| AddressFault { person, kind, detail: detail.clone() });
            let event = match sent.has_another {
                true => Event::Defer { fence, until: now.unix_ms },
                false => Event::Reject { fence },
            };
            (event, detail, false)
        }
        Heard::Outcome(Outcome::Rejected { detail, .. }) => {
            (Event::Reject { fence }, detail, false)
        }
        Heard::Outcome(Outcome::Unknown) => {
            let detail = "the channel does not know what became of it".to_owned();
            (Event::LoseSight { fence }, detail, false)
        }
        Heard::Lost(lost) => {
            let changed = blame(standing, now, &lost.detail);
            if lost.may_have_acted {
                (Event::LoseSight { fence }, lost.detail, changed)
            } else {
                let until = sent.after_the_channel(standing.paused_until, now);
                (Event::Throttle { fence, until }, lost.detail, changed)
            }
        }
    };
    let settlement = Settlement {
        key: sent.key.clone(),
        event,
        reference,
        detail: shortened(detail),
        left_out: Default::default(),
        fault,
    };
    (settlement, changed)
}

/// The channel is at fault: it rests, longer each time. A whole batch at once counts as one fault.
fn blame(standing: &mut ChannelStanding, now: Now, detail: &str) -> bool {
    if standing.paused_until > now.unix_ms {
        return false;
    }
    let wait = PAUSE_MIN_MS.saturating_mul(1 << standing.failures.min(10)).min(PAUSE_MAX_MS);
    standing.failures += 1;
    pause(standing, now.unix_ms + wait, detail)
}

fn pause(standing: &mut ChannelStanding, until: i64, detail: &str) -> bool {
    if standing.paused_until >= until {
        return false;
    }
    standing.paused_until = until;
    standing.failures = standing.failures.max(1);
    standing.detail = shortened(detail.to_owned());
    true
}

fn shortened(mut text: String) -> String {
    if let Some((cut, _)) = text.char_indices().nth(DETAIL_MAX) {
        text.truncate(cut);
    }
    text
}

/// The message as it goes out. One for trying out says so, and for whom it was meant.
pub(super) fn message(
    key: &EnvelopeKey,
    recipient: &str,
    address: String,
    redirected: bool,
    written: Written,
) -> FrozenMessage {
    let subject = match redirected {
        true => format!("【试发，原收件人{}】{}", key.person, written.rendered.subject),
        false => written.rendered.subject,
    };
    let mut attachments = Vec::with_capacity(written.files.len());
    let mut blobs = Vec::with_capacity(written.files.len());
    for (blob, (file_name, media_type, bytes)) in (0..).zip(written.files) {
        attachments.push(Attachment { file_name, media_type, blob });
        blobs.push(bytes);
    }
    let message = Message {
        key: key.to_string(),
        address,
        recipient: recipient.to_owned(),
        subject,
        text: written.rendered.text,
        attachments,
        kind: written.rendered.kind,
        variables: written.rendered.variables,
        unsubscribe: written.rendered.unsubscribe,
    };
    FrozenMessage { message, blobs }
}
