//! What plugins bring, as a store keeps it: messages from people, reports of what became of ours,
//! how sources and addresses stand.
//!
//! What it is not: what a message is taken for is `arrival`'s.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use xibu_core::change::Change;
use xibu_core::person::PersonId;
use xibu_core::posting::RawPosting;
use xibu_plugin_abi::message::Receipt;

use super::{Concern, DocumentId, NewCursor, NewDocument, ValueKind};
use crate::arrival::{HeldFor, TakenAs};
use crate::carrier::PluginState;
use crate::outbox::EnvelopeKey;
use crate::outbox::errand::Errand;

/// Everything one call brought, with where the poll stands now: kept together or not at all.
#[derive(Clone, Debug, Default)]
pub struct TakeIn {
    /// Which plugin, by its name in the settings.
    pub plugin: String,
    /// As [`super::Batch::after`].
    pub after: Option<u64>,
    /// Messages from people, with what follows from each.
    pub arrivals: Vec<NewArrival>,
    /// Reports of what became of our messages.
    pub receipts: Vec<Receipt>,
    /// Which value of a person the plugin's channel reaches; none where it is no channel.
    pub reaches: Option<ValueKind>,
    /// Job advertisements.
    pub postings: Vec<RawPosting>,
    /// How the plugin's sources stand.
    pub sources: Vec<SourceLook>,
    /// What the plugin put into its state.
    pub puts: PluginState,
    /// Where the poll stands now.
    pub cursor: Option<NewCursor>,
}

/// A message from a person with what it was taken for.
#[derive(Clone, Debug)]
pub struct NewArrival {
    /// The channel's own id: the same message twice is kept once, and nothing follows twice.
    pub channel_id: String,
    /// The whole of it, to be sealed.
    pub document: NewDocument,
    /// From whom, where that is known.
    pub person: Option<PersonId>,
    /// The message of ours that it answers, where the channel knows: its reader answered.
    pub answers: Option<EnvelopeKey>,
    /// When the channel took it, in the office's civil time.
    pub at: NaiveDateTime,
    /// What it is taken for.
    pub taken: Taken,
}

/// What a message is taken for, and what follows at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// As what.
    pub as_what: TakenAs,
    /// Why it waits for a person; none where it does not.
    pub held: Option<HeldFor>,
    /// What an answer needs to know, e.g. a request's key; without personal data.
    pub detail: String,
    /// What it tells the record.
    pub changes: Vec<Change>,
    /// Answers and alarms. An answer names arrival 0, which becomes this one's number.
    pub errands: Vec<Errand>,
    /// Whose returns it may be about, where it waits: nobody is chased for them meanwhile.
    pub concerns: Vec<Concern>,
}

/// A message from a person as it is kept, without its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Arrival {
    /// Our number.
    pub id: u64,
    /// By which plugin it came.
    pub plugin: String,
    /// From whom, where that is known.
    pub person: Option<PersonId>,
    /// When the channel took it.
    pub at: NaiveDateTime,
    /// What it is taken for.
    pub taken_as: TakenAs,
    /// Why it waits for a person.
    pub held: Option<HeldFor>,
    /// What is to be known besides, without personal data.
    pub detail: String,
    /// Where its words are.
    pub document: Option<DocumentId>,
}

/// Which arrivals to show. What is none does not matter.
#[derive(Clone, Copy, Debug, Default)]
pub struct ArrivalFilter {
    /// Only this one.
    pub id: Option<u64>,
    /// Only those that wait for a person.
    pub only_held: bool,
    /// Only those that wait for this reason.
    pub held: Option<HeldFor>,
    /// At most this many, the newest; 0 for all.
    pub limit: u32,
}

/// A person's word on an arrival that waited.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Which.
    pub arrival: u64,
    /// Who says so: `clerk`.
    pub by: String,
    /// As [`super::Batch::after`].
    pub after: Option<u64>,
    /// What it is taken for now.
    pub taken: Taken,
}

/// What was kept of a [`TakeIn`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TakenIn {
    /// Numbers of the messages that are new.
    pub arrivals: Vec<u64>,
    /// Messages that were known already and changed nothing.
    pub known: u32,
    /// What came of the reports, by name.
    pub receipts: BTreeMap<&'static str, u32>,
    /// Job advertisements handed on.
    pub postings: u32,
}

/// What came of a channel's report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReceiptOutcome {
    /// It arrived.
    Delivered,
    /// It came back.
    Bounced,
    /// The same was said before.
    SaidBefore,
    /// It speaks of a try that another has followed.
    OfAnOlderTry,
    /// The message has moved on since: sent again, cancelled, expired.
    CameTooLate,
    /// Its message is not on disk as accepted yet: kept until it is.
    Waits,
    /// A fate this version does not know.
    FateNotKnown,
    /// No message of ours has that key.
    NoSuchMessage,
}

impl ReceiptOutcome {
    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            ReceiptOutcome::Delivered => "delivered",
            ReceiptOutcome::Bounced => "bounced",
            ReceiptOutcome::SaidBefore => "said_before",
            ReceiptOutcome::OfAnOlderTry => "of_an_older_try",
            ReceiptOutcome::CameTooLate => "came_too_late",
            ReceiptOutcome::Waits => "waits",
            ReceiptOutcome::FateNotKnown => "fate_not_known",
            ReceiptOutcome::NoSuchMessage => "no_such_message",
        }
    }
}

/// One look at a source of a feed plugin, or at a plugin that is polled (source ``).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLook {
    /// Its name in the settings; empty for the plugin as a whole.
    pub source: String,
    /// How many items it gave.
    pub items: u32,
    /// Why it could not be read, without personal data.
    pub error: Option<String>,
}

/// How a source stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceStanding {
    /// Whose.
    pub plugin: String,
    /// Its name; empty for the plugin as a whole.
    pub source: String,
    /// When it was last looked at.
    pub looked_at: NaiveDateTime,
    /// How many items that gave.
    pub items: u32,
    /// Why it could not be read.
    pub error: Option<String>,
    /// Failures in a row.
    pub failures: u32,
}

/// An address that a channel says is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AddressFault {
    /// Whose.
    pub person: PersonId,
    /// Which.
    pub kind: ValueKind,
    /// The channel's word, without personal data.
    pub detail: String,
}

/// What a person sent and got on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Messages with a wrong code.
    pub wrong_codes: u32,
    /// Answers of ours.
    pub answers: u32,
}

/// What a channel was used for so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Tries today.
    pub today: u32,
    /// Tries in the running minute.
    pub this_minute: u32,
    /// Tries today by person.
    pub by_person: BTreeMap<PersonId, u32>,
}

/// A plugin that is left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quarantined {
    /// Which.
    pub plugin: String,
    /// Until when, milliseconds since the epoch.
    pub until: i64,
}
