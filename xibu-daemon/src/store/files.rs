//! Files that came with a message or a call, as a store keeps them; and what waits meanwhile.
//!
//! What it is not: what a file tells is `intake`'s, whether it is believed `arrival`'s.

use chrono::NaiveDateTime;
use serde::Serialize;
use xibu_core::obligation::ObligationKey;
use xibu_core::office::OfficeId;
use xibu_core::period::Period;
use xibu_plugin_abi::message::Unreadable;

use super::{DocumentId, RefusalKept};
use crate::arrival::HeldFor;
use crate::intake::{FileOutcome, FileReport};

/// The name under which calls of offices' programs are kept as messages.
pub const API: &str = "api";

/// What a file came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameWith {
    /// The message or call.
    pub what: What,
    /// Which of its files, from 1.
    pub number: u32,
}

/// A message or a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A message that is kept already, by its number.
    Message(u64),
    /// A call, kept together with its one file: the same key is one call.
    Call {
        /// Unique, e.g. `O3/…`; only a keyed hash of it is kept.
        key: String,
        /// When it came.
        at: NaiveDateTime,
        /// Whose token it was.
        office: OfficeId,
    },
}

impl CameWith {
    /// With what became of the file.
    pub fn with(&self, report: &FileReport) -> NewArrivalFile {
        let sheets = report.sheets.iter();
        NewArrivalFile {
            came_with: self.clone(),
            known: report.document.filter(|_| report.outcome == FileOutcome::KnownBefore),
            outcome: report.outcome,
            unreadable: report.unreadable,
            accepted: sheets.map(|sheet| u32::try_from(sheet.accepted).unwrap_or(u32::MAX)).sum(),
            returns: report.returns.iter().filter_map(|key| key.parse().ok()).collect(),
        }
    }
}

/// A file that came with a message or call, to be kept with what it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewArrivalFile {
    /// With what.
    pub came_with: CameWith,
    /// The document with the same bytes, where they came before; else it is the batch's own.
    pub known: Option<DocumentId>,
    /// What became of it.
    pub outcome: FileOutcome,
    /// Why it could not be read.
    pub unreadable: Option<Unreadable>,
    /// Rows taken.
    pub accepted: u32,
    /// Returns it brought.
    pub returns: Vec<ObligationKey>,
}

/// A file that came with a message or call, as kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ArrivalFile {
    /// Which of the message's files, from 1.
    pub number: u32,
    /// Our number of it.
    pub document: Option<DocumentId>,
    /// What became of it.
    pub outcome: FileOutcome,
    /// Why it could not be read.
    pub unreadable: Option<Unreadable>,
    /// Rows taken.
    pub accepted: u32,
    /// Returns it brought.
    pub returns: Vec<ObligationKey>,
    /// What was refused or warned of, with its place.
    pub refusals: Vec<RefusalKept>,
}

/// Whose return a message may be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Concern {
    /// Whose.
    pub office: OfficeId,
    /// For which month; none where that is not known.
    pub period: Option<Period>,
}

impl Concern {
    /// Every month that was asked for when the message came.
    pub const fn of_any_month(office: OfficeId) -> Self {
        Self { office, period: None }
    }
}

/// A message that waits for a person and stops a ladder meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingFor {
    /// The message.
    pub arrival: u64,
    /// Why it waits.
    pub held: HeldFor,
    /// Whose return it may be about.
    pub concern: Concern,
    /// When it came.
    pub since: NaiveDateTime,
}
