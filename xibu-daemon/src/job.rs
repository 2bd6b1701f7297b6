//! Job information (就业信息): advertisements taken in, whom they fit, and one digest a person and
//! day, only to those who allowed it.
//!
//! What an advertisement says and whom it fits is the core's ([`xibu_core::posting`],
//! [`xibu_core::matching`]); here it is only asked. What it is not: no feed is read here (that is a
//! plugin's), and nothing is sent (that is `delivery`'s). Nothing is kept in memory between two
//! looks, so a daemon that nobody gave a wish stays small.
//!
//! Who is told nothing, and why, in order of precedence: `no_consent`, `no_mail_address`,
//! `nothing_new`.

use serde::Serialize;
use xibu_core::consent::{Consent, Means, Purpose};
use xibu_core::person::PersonId;
use xibu_core::posting::{Posting, PostingId};

use crate::clock::Now;
use crate::store::Batch;

pub mod choice;
pub mod look;
mod take_in;

pub use take_in::core_posting;

/// A posting in somebody's digest.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DigestItem {
    /// Our number.
    pub id: PostingId,
    /// What it says.
    pub posting: Posting,
    /// Why it is recommended.
    pub why: Vec<xibu_core::matching::Why>,
}

/// What is recorded when a person allows something or takes it back.
pub fn consent_said(
    person: PersonId,
    purpose: Purpose,
    given: bool,
    means: Means,
    (by, now): (&str, Now),
) -> Batch {
    let consent = Consent { given, since: now.civil, means };
    let change = xibu_core::change::Change::ConsentSaid { person, purpose, consent };
    Batch { by: by.to_owned(), changes: vec![change], ..Batch::default() }
}
