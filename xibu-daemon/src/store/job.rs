//! What the store holds of job information: postings with their sources, profiles, what was told,
//! what a day's look came to.
//!
//! What it is not: no matching and no merging; those are the core's.

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use xibu_core::person::PersonId;
use xibu_core::posting::{Posting, PostingId, RawPosting};
use xibu_core::profile::Profile;

use crate::outbox::EnvelopeKey;

/// A profile to set. Personal: it stands apart from the record and goes when the person is erased.
#[derive(Clone, PartialEq, Eq)]
pub struct NewProfile(pub Profile);

impl std::fmt::Debug for NewProfile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewProfile({})", self.0.person)
    }
}

/// A posting as it stands, all its sources merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PostingKept {
    /// Our number.
    pub id: PostingId,
    /// What it says.
    pub posting: Posting,
    /// When the first source first gave it.
    pub first_seen: NaiveDateTime,
    /// When a source last gave it.
    pub last_seen: NaiveDateTime,
}

/// What one source gave, word for word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RawKept {
    /// Its words.
    pub raw: RawPosting,
    /// When it first gave it.
    pub first_seen: NaiveDateTime,
    /// When it last gave it.
    pub seen_at: NaiveDateTime,
    /// Since when it has it no more.
    pub withdrawn: Option<NaiveDate>,
}

/// Which postings, by number. Everything that is none does not matter.
#[derive(Clone, Copy, Debug, Default)]
pub struct PostingFilter {
    /// Only this one.
    pub id: Option<PostingId>,
    /// Only those that can be answered on this day.
    pub open_on: Option<NaiveDate>,
    /// Only those behind this one, for the next page.
    pub after: Option<PostingId>,
    /// At most this many looked at; 0 for all.
    pub limit: u32,
}

/// A posting that a source says is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Which source.
    pub source: String,
    /// The source's own id of it.
    pub id: String,
}

/// That a person was told of a posting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Of which.
    pub posting: PostingId,
    /// In which message.
    pub envelope: EnvelopeKey,
    /// Whether that message may have arrived; one that was refused or never went told nothing.
    pub counts: bool,
}

/// What a day's look came to, in people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestFigures {
    /// With a profile.
    pub with_profile: u32,
    /// Of those, without consent: they are told nothing (`no_consent`).
    pub no_consent: u32,
    /// With consent, but without a mail address that works (`no_mail_address`).
    pub no_mail_address: u32,
    /// With consent, and nothing that fits and is new (`nothing_new`).
    pub nothing_new: u32,
    /// For whom a digest was planned.
    pub planned: u32,
    /// Who were asked whether they allow it.
    pub asked: u32,
    /// Postings that could be answered that day.
    pub postings: u32,
}

/// A day's look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DigestDay {
    /// Which day.
    pub day: NaiveDate,
    /// When it was looked.
    pub at: NaiveDateTime,
    /// What came of it.
    #[serde(flatten)]
    pub figures: DigestFigures,
}

/// What a link in a message lets its holder do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkUse {
    /// Take consent back.
    Stop,
    /// Answer whether something is allowed.
    Answer,
}

/// Whom a link speaks of, once its token was found to be ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkHolder {
    /// Who.
    pub person: PersonId,
    /// For which purpose.
    pub purpose: xibu_core::consent::Purpose,
}
