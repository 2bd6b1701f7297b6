//! How an envelope moves: state × event → state, or a refusal. Pure, and the only place that says
//! so.
//!
//! What it is not: when to retry is `backoff`, which event to bring is `delivery`'s.
//!
//! A *fence* is the number of a claim. Whoever settles must show the fence of the claim it settles,
//! so a worker that was taken for dead cannot overwrite what its successor learnt.

use serde::{Deserialize, Serialize};

/// How often a duty message whose fate is unknown is sent before a person has to look.
pub const UNKNOWN_MAX: u32 = 2;

/// Where an envelope stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its time has not come.
    Planned,
    /// Its time has come.
    Due,
    /// A worker holds it, until its lease ends.
    Claimed,
    /// The intent is on disk and the call may have been made.
    Sending,
    /// The channel took responsibility.
    Accepted,
    /// Not now; again later.
    Deferred,
    /// Too fast; again later, and no attempt is used up.
    Throttled,
    /// Never: the address, the message, or no address at all.
    Rejected,
    /// It may have gone or not.
    Unknown,
    /// The channel reported that it arrived.
    Delivered,
    /// It came back after having been accepted.
    Bounced,
    /// Its reader answered.
    Acknowledged,
    /// Its use passed before it could go.
    Expired,
    /// A rule keeps it back: what it asks is paused or waits for a reader.
    Suppressed,
    /// What it asks for is in, or nobody asks any more.
    Cancelled,
}

impl State {
    /// Every state, in the order of an envelope's life.
    pub const ALL: [State; 15] = [
        State::Planned,
        State::Due,
        State::Claimed,
        State::Sending,
        State::Accepted,
        State::Deferred,
        State::Throttled,
        State::Rejected,
        State::Unknown,
        State::Delivered,
        State::Bounced,
        State::Acknowledged,
        State::Expired,
        State::Suppressed,
        State::Cancelled,
    ];

    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            State::Planned => "planned",
            State::Due => "due",
            State::Claimed => "claimed",
            State::Sending => "sending",
            State::Accepted => "accepted",
            State::Deferred => "deferred",
            State::Throttled => "throttled",
            State::Rejected => "rejected",
            State::Unknown => "unknown",
            State::Delivered => "delivered",
            State::Bounced => "bounced",
            State::Acknowledged => "acknowledged",
            State::Expired => "expired",
            State::Suppressed => "suppressed",
            State::Cancelled => "cancelled",
        }
    }

    /// The state of that name.
    pub fn named(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether the daemon will move it on by itself when its time comes.
    pub const fn waits(self) -> bool {
        matches!(self, State::Planned | State::Due | State::Deferred | State::Throttled)
    }

    /// Whether a notice may still be put in: nobody has looked at it yet.
    pub const fn is_open(self) -> bool {
        matches!(self, State::Planned | State::Due)
    }

    /// Whether the channel took it and nothing came back.
    pub const fn reached_somebody(self) -> bool {
        matches!(self, State::Accepted | State::Delivered | State::Acknowledged)
    }

    /// Whether it ended without anything having reached the person.
    pub const fn ended_unsent(self) -> bool {
        matches!(self, State::Expired | State::Suppressed | State::Cancelled | State::Rejected)
    }
}

/// Everything the transitions look at. Times are milliseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Where it stands.
    pub state: State,
    /// Attempts used up.
    pub attempts: u32,
    /// How often its fate was unknown since a person last looked.
    pub unknowns: u32,
    /// Number of the newest claim, from 1; 0 before the first.
    pub fence: u64,
    /// End of the newest claim's lease.
    pub lease_until: i64,
    /// Not before.
    pub next_at: i64,
    /// Of no use from here on.
    pub expires_at: i64,
}

/// What can happen to an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The clock was looked at.
    TimeCame {
        /// Now.
        now: i64,
    },
    /// A worker takes it.
    Claim {
        /// Now.
        now: i64,
        /// End of the lease.
        lease_until: i64,
    },
    /// The worker may not send at this hour.
    Rest {
        /// Of which claim.
        fence: u64,
        /// Not before.
        until: i64,
    },
    /// The rendered message and the intent are being committed; the call comes next.
    Intend {
        /// Of which claim.
        fence: u64,
        /// Now.
        now: i64,
    },
    /// The channel took responsibility.
    Accept {
        /// Of which claim.
        fence: u64,
    },
    /// The channel cannot now.
    Defer {
        /// Of which claim.
        fence: u64,
        /// Not before.
        until: i64,
    },
    /// The channel says: too fast.
    Throttle {
        /// Of which claim.
        fence: u64,
        /// Not before.
        until: i64,
    },
    /// The channel says never, or there is no address.
    Reject {
        /// Of which claim.
        fence: u64,
    },
    /// The call ended without a word about this envelope.
    LoseSight {
        /// Of which claim.
        fence: u64,
    },
    /// The process that held it is gone (its lease ended, or the daemon starts).
    HolderGone {
        /// Now; a lease that has not ended holds, unless `restart`.
        now: i64,
        /// The daemon starts: nobody else can hold it, because the data's lock is ours.
        restart: bool,
    },
    /// Unknown, and by the policy of its class to be sent once more.
    SendAgain {
        /// Not before.
        until: i64,
    },
    /// It came back, and by the policy of its class goes once more, by another channel.
    SendElsewhere {
        /// Now.
        now: i64,
    },
    /// A person says: try again.
    Retry {
        /// Now.
        now: i64,
    },
    /// What it asks is paused, or waits for a reader.
    Suppress {
        /// Of which claim.
        fence: u64,
    },
    /// What it asks for is in.
    Cancel {
        /// Of which claim.
        fence: u64,
    },
    /// The channel reports that it arrived.
    Deliver,
    /// The channel reports that it came back.
    Bounce,
    /// Its reader answered.
    Acknowledge,
    /// Its reader was erased: what has not been called is not sent, whoever holds it.
    Erase,
}

/// Why an event changes nothing. Declared in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The event does not belong to this state.
    #[error("the event does not belong to this state")]
    NotInThisState,
    /// It comes from a claim that is no longer the newest.
    #[error("the claim is no longer the newest")]
    StaleFence,
    /// Its time has not come.
    #[error("its time has not come")]
    NotYet,
    /// Its use has passed; only [`Event::TimeCame`] moves it, to expired.
    #[error("its use has passed")]
    PastUse,
    /// Another worker's lease still runs.
    #[error("another worker's lease still runs")]
    LeaseRuns,
    /// Unknown too often: a person has to look.
    #[error("its fate was unknown too often: a person has to look")]
    WaitsForAPerson,
}

impl Position {
    /// A new envelope.
    pub const fn planned(next_at: i64, expires_at: i64) -> Self {
        Self {
            state: State::Planned,
            attempts: 0,
            unknowns: 0,
            fence: 0,
            lease_until: 0,
            next_at,
            expires_at,
        }
    }

    /// The position after `event`.
    ///
    /// # Errors
    /// Why the event changes nothing; the position stays as it was.
    pub fn after(self, event: Event) -> Result<Self, Refusal> {
        match event {
            Event::TimeCame { now } => self.time_came(now),
            Event::Claim { now, lease_until } => self.claimed(now, lease_until),
            Event::Rest { fence, until } => {
                self.held(fence, State::Claimed)?;
                Ok(Self { next_at: until, ..self.to(State::Due) })
            }
            Event::Intend { fence, now } => {
                self.held(fence, State::Claimed)?;
                self.in_use(now)?;
                Ok(Self { attempts: self.attempts + 1, ..self.to(State::Sending) })
            }
            Event::Accept { fence } => self.settled(fence, State::Accepted),
            Event::Defer { fence, until } => {
                Ok(Self { next_at: until, ..self.settled(fence, State::Deferred)? })
            }
            Event::Throttle { fence, until } => Ok(Self {
                next_at: until,
                attempts: self.attempts.saturating_sub(1),
                ..self.settled(fence, State::Throttled)?
            }),
            Event::Reject { fence } => self.ended_by_holder(fence, State::Rejected),
            Event::LoseSight { fence } => {
                Ok(Self { unknowns: self.unknowns + 1, ..self.settled(fence, State::Unknown)? })
            }
            Event::HolderGone { now, restart } => self.holder_gone(now, restart),
            Event::SendAgain { until } => self.sent_again(until),
            Event::SendElsewhere { now } => self.sent_elsewhere(now),
            Event::Retry { now } => self.retried(now),
            Event::Suppress { fence } => self.dropped_by_holder(fence, State::Suppressed),
            Event::Cancel { fence } => self.dropped_by_holder(fence, State::Cancelled),
            Event::Deliver => self.arrived(),
            Event::Bounce => self.reported(&[State::Accepted, State::Delivered], State::Bounced),
            Event::Acknowledge => self.reported(
                &[State::Accepted, State::Unknown, State::Delivered],
                State::Acknowledged,
            ),
            Event::Erase => {
                let not_called = self.state.waits() || self.state == State::Claimed;
                if not_called {
                    Ok(self.to(State::Suppressed))
                } else {
                    Err(Refusal::NotInThisState)
                }
            }
        }
    }

    fn to(self, state: State) -> Self {
        Self { state, ..self }
    }

    fn held(self, fence: u64, state: State) -> Result<(), Refusal> {
        if self.state != state {
            return Err(Refusal::NotInThisState);
        }
        if self.fence == fence { Ok(()) } else { Err(Refusal::StaleFence) }
    }

    fn in_use(self, now: i64) -> Result<(), Refusal> {
        if now < self.expires_at { Ok(()) } else { Err(Refusal::PastUse) }
    }

    fn time_came(self, now: i64) -> Result<Self, Refusal> {
        if !self.state.waits() {
            return Err(Refusal::NotInThisState);
        }
        if now >= self.expires_at {
            return Ok(self.to(State::Expired));
        }
        if self.state == State::Due {
            return Err(Refusal::NotInThisState);
        }
        if now < self.next_at {
            return Err(Refusal::NotYet);
        }
        Ok(self.to(State::Due))
    }

    fn claimed(self, now: i64, lease_until: i64) -> Result<Self, Refusal> {
        if self.state != State::Due {
            return Err(Refusal::NotInThisState);
        }
        if now < self.next_at {
            return Err(Refusal::NotYet);
        }
        self.in_use(now)?;
        Ok(Self { fence: self.fence + 1, lease_until, ..self.to(State::Claimed) })
    }

    fn settled(self, fence: u64, state: State) -> Result<Self, Refusal> {
        self.held(fence, State::Sending)?;
        Ok(self.to(state))
    }

    /// A rejection comes before the call (no address) or after it.
    fn ended_by_holder(self, fence: u64, state: State) -> Result<Self, Refusal> {
        if self.state == State::Claimed {
            return self.dropped_by_holder(fence, state);
        }
        self.settled(fence, state)
    }

    fn dropped_by_holder(self, fence: u64, state: State) -> Result<Self, Refusal> {
        self.held(fence, State::Claimed)?;
        Ok(self.to(state))
    }

    fn holder_gone(self, now: i64, restart: bool) -> Result<Self, Refusal> {
        let to = match self.state {
            // Nothing was called: the next worker may simply take it.
            State::Claimed => self.to(State::Due),
            // The call may have been made.
            State::Sending => Self { unknowns: self.unknowns + 1, ..self.to(State::Unknown) },
            _ => return Err(Refusal::NotInThisState),
        };
        if !restart && now < self.lease_until { Err(Refusal::LeaseRuns) } else { Ok(to) }
    }

    fn sent_again(self, until: i64) -> Result<Self, Refusal> {
        if self.state != State::Unknown {
            return Err(Refusal::NotInThisState);
        }
        if self.unknowns >= UNKNOWN_MAX {
            return Err(Refusal::WaitsForAPerson);
        }
        // Past its use it stays unknown, which is what is true of it.
        self.in_use(until)?;
        Ok(Self { next_at: until, ..self.to(State::Deferred) })
    }

    fn retried(self, now: i64) -> Result<Self, Refusal> {
        let by_hand = matches!(
            self.state,
            State::Deferred | State::Throttled | State::Rejected | State::Unknown | State::Bounced
        );
        if !by_hand {
            return Err(Refusal::NotInThisState);
        }
        self.in_use(now)?;
        Ok(Self { next_at: now, unknowns: 0, ..self.to(State::Due) })
    }

    fn sent_elsewhere(self, now: i64) -> Result<Self, Refusal> {
        if self.state != State::Bounced {
            return Err(Refusal::NotInThisState);
        }
        self.in_use(now)?;
        Ok(Self { next_at: now, ..self.to(State::Deferred) })
    }

    /// The channel's report also says what became of one whose fate was unknown, even while it
    /// waits to be sent once more: that need not be.
    fn arrived(self) -> Result<Self, Refusal> {
        let waits_unknown = self.state == State::Deferred && self.unknowns > 0;
        match self.state {
            State::Accepted | State::Unknown => Ok(self.to(State::Delivered)),
            _ if waits_unknown => Ok(self.to(State::Delivered)),
            _ => Err(Refusal::NotInThisState),
        }
    }

    fn reported(self, from: &[State], to: State) -> Result<Self, Refusal> {
        if from.contains(&self.state) { Ok(self.to(to)) } else { Err(Refusal::NotInThisState) }
    }
}

#[cfg(test)]
mod tests;
