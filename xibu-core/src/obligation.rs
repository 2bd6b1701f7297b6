//! What is owed: a rule, the office that owes it, the month it is for, and how that stands today.

use core::fmt;
use core::str::FromStr;

use alloc::format;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::office::OfficeId;
use crate::period::Period;
use crate::rule::Rule;

/// The name of an obligation, written `county_monthly_return/O17/2026-06`. The same for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObligationKey {
    /// By which rule.
    pub rule: Rule,
    /// Who owes.
    pub debtor: OfficeId,
    /// For which month.
    pub period: Period,
}

impl fmt::Display for ObligationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.rule, self.debtor, self.period)
    }
}

impl FromStr for ObligationKey {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || {
            Error::new(format!(
                "expected rule/office/month, such as county_monthly_return/O17/2026-06, \
                 found `{text}`"
            ))
        };
        let mut parts = text.split('/');
        let (Some(rule), Some(debtor), Some(period), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(bad());
        };
        Ok(Self { rule: rule.parse()?, debtor: debtor.parse()?, period: period.parse()? })
    }
}

/// The instants of one debt, all exclusive ends in the office's civil time except `opening`, its
/// first instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// From when the return is asked for.
    pub opening: NaiveDateTime,
    /// End of the day that reminders work towards (the strict reading of 前).
    pub target: NaiveDateTime,
    /// After this instant it is late (the lenient reading of 前).
    pub late_after: NaiveDateTime,
}

/// In which sense a return came in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timeliness {
    /// By `target`: on time on either reading.
    OnTime,
    /// After `target`, by `late_after`: on time on the lenient reading.
    OnTimeLenient,
    /// After `late_after`.
    Late,
}

/// How an obligation stands. Declared in order of precedence: the first that holds is the one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// In: submitted, resubmitted or accepted. Receipt discharges.
    In(Timeliness),
    /// Something came that nobody could read yet; it stops the ladder and waits for a person.
    Unread(Timeliness),
    /// Sent back for correction: owed again, to be asked of the contact only; keeps its first date.
    SentBack(Timeliness),
    /// Not asked for yet.
    NotOpen,
    /// The debtor gave a day; chasing pauses until the end of it and the debt stays. Late or not.
    Acknowledged {
        /// End of the promised day, one working day ahead at most.
        until: NaiveDateTime,
    },
    /// Owed, and `late_after` has passed.
    Late,
    /// Owed, still in time.
    Owed,
}

impl Standing {
    /// Whether the return is in (readable or not) and nobody is to be chased for it.
    pub const fn is_discharged(self) -> bool {
        matches!(self, Standing::In(_))
    }
}

/// One thing owed, as of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obligation {
    /// Its name.
    pub key: ObligationKey,
    /// To whom it is owed; only a daemon that serves this office chases it.
    pub creditor: OfficeId,
    /// By when.
    pub due: Due,
    /// How it stands.
    pub standing: Standing,
}
