//! Tokens of offices' own programs, as a store keeps them: a keyed hash each, never the token.

use chrono::NaiveDateTime;
use serde::Serialize;
use xibu_core::office::OfficeId;

/// A token, without what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenKept {
    /// Our number.
    pub id: u64,
    /// Whose programs may call with it.
    pub office: OfficeId,
    /// When it was made.
    pub made_at: NaiveDateTime,
    /// Since when it opens nothing.
    pub revoked_at: Option<NaiveDateTime>,
}
