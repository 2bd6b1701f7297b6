//! Job advertisements as they came, kept together with the cursor of the poll that brought them.
//!
//! What it is not: which two are one, and whom one fits, is decided elsewhere.

use sqlx::SqliteConnection;
use xibu_plugin_abi::message::RawPosting;

use super::super::{Result, StoreError};
use crate::clock::Now;

/// Keeps them; how many. Where they cannot be kept the poll stays where it was.
pub(super) async fn take_in(
    _connection: &mut SqliteConnection,
    postings: &[RawPosting],
    _now: Now,
) -> Result<u32> {
    match postings.len() {
        0 => Ok(0),
        _ => Err(StoreError::Unreadable {
            what: "job advertisement",
            detail: "this version keeps none".to_owned(),
        }),
    }
}
