//! Erasing a person: what is asked of the store, what becomes of each paper, what came of it.
//!
//! What it is not: no SQL (`sqlite/erasure.rs`), and no searching of bytes ([`crate::erasure`]).
//! What may be erased at all is [`crate::erasure::refused`]'s.

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate};
use serde::Serialize;
use xibu_core::change::Change;
use xibu_core::consent::Purpose;
use xibu_core::office::OfficeId;
use xibu_core::person::PersonId;

use super::DocumentId;

/// Whom to erase.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Who.
    pub person: Option<PersonId>,
    /// By whom it is done.
    pub by: String,
    /// The record's last sequence when this was made up.
    pub after: Option<u64>,
    /// What is to be told before: the end of a service.
    pub before: Vec<Change>,
    /// The offices where the person served or held a post, and those above: in their papers a name
    /// alone means this person; elsewhere it may be a namesake.
    pub offices: BTreeSet<OfficeId>,
}

/// What a paper is for, as far as keeping it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    /// A return or a report of an accident.
    Return,
    /// A reminder as it was sent: shows that somebody was told.
    Reminder,
    /// A roster, a directory, a digest, an answer: what it told stands in the record.
    Other,
}

/// What becomes of a paper that speaks of an erased person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Its key is destroyed.
    Destroyed,
    /// It is kept sealed until this day, not shown and not used.
    Restricted(NaiveDate),
}

impl Paper {
    /// For which purpose it must be kept although a person in it is erased.
    pub const fn purpose(self) -> Option<Purpose> {
        match self {
            Paper::Return | Paper::Reminder => Some(Purpose::Safety),
            Paper::Other => None,
        }
    }

    /// Its fate when a person in it is erased on `today`.
    pub fn fate(self, received: NaiveDate, today: NaiveDate) -> Fate {
        let kept = self.purpose().map(|purpose| Months::new(purpose.retention_months()));
        match kept.and_then(|kept| received.checked_add_months(kept)) {
            Some(until) if until > today => Fate::Restricted(until),
            _ => Fate::Destroyed,
        }
    }
}

/// What an erasure did, or would do. Holds no value of the person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// Kinds of values that are gone.
    pub values: Vec<String>,
    /// Papers whose key is destroyed.
    pub destroyed: Vec<DocumentId>,
    /// Papers kept sealed, with the day from which they are destroyed.
    pub restricted: Vec<(DocumentId, NaiveDate)>,
    /// Papers that nobody can search (pictures, .pdf): somebody has to look at them.
    pub unsearched: Vec<DocumentId>,
    /// Messages that will not be sent.
    pub dropped_messages: u64,
    /// Lines of refusals, answers of channels and the like in which a value stood.
    pub blanked: u64,
    /// Whether the freed places of the database and its write-ahead log were overwritten; not where
    /// another program kept them in use.
    pub cleaned: bool,
    /// Files of the data folder in which a value was found all the same.
    pub left_in: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(paper: Paper, received: &str, today: &str, expected: Option<&str>) {
        let fate = paper.fate(received.parse().unwrap(), today.parse().unwrap());
        let expected =
            expected.map_or(Fate::Destroyed, |until| Fate::Restricted(until.parse().unwrap()));
        assert_eq!(fate, expected);
    }

    #[test]
    fn what_must_be_kept_is_kept_sealed_and_only_so_long() {
        check(Paper::Return, "2026-06-24", "2026-07-01", Some("2029-06-24"));
        check(Paper::Return, "2026-06-24", "2029-06-23", Some("2029-06-24"));
        check(Paper::Return, "2026-06-24", "2029-06-24", None);
        check(Paper::Reminder, "2026-06-24", "2026-07-01", Some("2029-06-24"));
        check(Paper::Other, "2026-06-24", "2026-06-24", None);
    }
}
