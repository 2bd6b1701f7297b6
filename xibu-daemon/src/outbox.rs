//! The outbox: envelopes on their way to people, and the rules by which they move.
//!
//! What it is not: it stores nothing and sends nothing. Everything here is a pure function; the
//! store keeps the rows (`store`), `delivery` carries them out.
//!
//! The promise: *at least once; a duplicate only after Unknown; nothing lost without a visible
//! record.*

pub mod backoff;
pub mod errand;
pub mod placing;
pub mod state;

use core::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use xibu_core::person::PersonId;

pub use state::State;

/// What kind of message an envelope is; a person gets one of a class a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Somebody owes something, or answers for somebody who does.
    Duty,
    /// 就业信息: one a day, only with consent.
    Digest,
    /// What became of something the person sent.
    Answer,
    /// Whether the person allows something.
    Question,
    /// An accident, or a part of this system that fails.
    Alarm,
    /// What a county's units told, put together, to be looked at and confirmed.
    Form,
}

impl Class {
    /// Every class.
    pub const ALL: [Class; 6] =
        [Class::Duty, Class::Digest, Class::Answer, Class::Question, Class::Alarm, Class::Form];

    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            Class::Duty => "duty",
            Class::Digest => "digest",
            Class::Answer => "answer",
            Class::Question => "question",
            Class::Alarm => "alarm",
            Class::Form => "form",
        }
    }

    /// The class of that name.
    pub fn named(name: &str) -> Option<Class> {
        Class::ALL.into_iter().find(|class| class.name() == name)
    }

    /// Whether a person may get more than one of it a day.
    pub const fn is_exempt_from_one_a_day(self) -> bool {
        match self {
            Class::Duty | Class::Digest | Class::Question | Class::Form => false,
            Class::Answer | Class::Alarm => true,
        }
    }

    /// Whether it may go at night: what answers the person's own message, and alarms.
    pub const fn may_go_at_night(self) -> bool {
        matches!(self, Class::Answer | Class::Alarm)
    }

    /// Whether one whose fate is unknown is sent once more: a duty or an alarm that did not arrive
    /// is worse than one that arrives twice; of the rest a second one is worse.
    pub const fn is_sent_again_when_unknown(self) -> bool {
        matches!(self, Class::Duty | Class::Alarm)
    }
}

/// The name of an envelope, written `P12/duty/2026-06-26/1`. Stable over every attempt: a channel
/// that knows keys can refuse a second effect by it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EnvelopeKey {
    /// To whom.
    pub person: PersonId,
    /// What kind.
    pub class: Class,
    /// On which day, in the office's civil time.
    pub day: NaiveDate,
    /// Which of that day, from 1.
    pub number: u32,
}

impl fmt::Display for EnvelopeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.person, self.class.name(), self.day, self.number)
    }
}

/// A text that is no envelope's key.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("expected person/class/day/number, such as P12/duty/2026-06-26/1, found `{0}`")]
pub struct NotAKey(String);

impl FromStr for EnvelopeKey {
    type Err = NotAKey;
    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let bad = || NotAKey(text.to_owned());
        let parts: Vec<&str> = text.split('/').collect();
        let [person, class, day, number] = parts[..] else { return Err(bad()) };
        Ok(Self {
            person: person.parse().map_err(|_| bad())?,
            class: Class::named(class).ok_or_else(bad)?,
            day: day.parse().map_err(|_| bad())?,
            number: number.parse().map_err(|_| bad())?,
        })
    }
}

impl TryFrom<String> for EnvelopeKey {
    type Error = NotAKey;
    fn try_from(text: String) -> Result<Self, NotAKey> {
        text.parse()
    }
}

impl From<EnvelopeKey> for String {
    fn from(key: EnvelopeKey) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_as_it_is_written() {
        let text = "P12/duty/2026-06-26/1";
        let key: EnvelopeKey = text.parse().unwrap();
        assert_eq!(key.to_string(), text);
        for bad in ["", "P12/duty/2026-06-26", "12/duty/2026-06-26/1", "P12/gossip/2026-06-26/1"] {
            assert_eq!(bad.parse::<EnvelopeKey>(), Err(NotAKey(bad.to_owned())));
        }
    }
}
