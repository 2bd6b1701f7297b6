//! A stretch of days: from a first day, to a last day that is not included.
//!
//! This is valid time, when something was so in the world. When we were told is recorded time and
//! stands on each change.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Days from `from` (included) until `until` (excluded; open where none).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Validity {
    /// First day.
    pub from: NaiveDate,
    /// The day after the last; none while it still holds.
    pub until: Option<NaiveDate>,
}

impl Validity {
    /// From a day on, with no end known.
    pub const fn since(from: NaiveDate) -> Self {
        Self { from, until: None }
    }

    /// From a day until the day before another.
    pub const fn between(from: NaiveDate, until: NaiveDate) -> Self {
        Self { from, until: Some(until) }
    }

    /// Whether `date` lies within.
    pub fn contains(&self, date: NaiveDate) -> bool {
        self.from <= date && self.until.is_none_or(|until| date < until)
    }

    /// Whether there is no day in it.
    pub fn is_empty(&self) -> bool {
        self.until.is_some_and(|until| until <= self.from)
    }

    /// Whether some day lies in both.
    pub fn overlaps(&self, other: &Validity) -> bool {
        self.until.is_none_or(|until| other.from < until)
            && other.until.is_none_or(|until| self.from < until)
    }
}
