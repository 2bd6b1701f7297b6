//! Which notices follow from what is owed, and why others do not.

use alloc::vec::Vec;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::notice::{Notice, SentLog, Withheld};
use crate::obligation::Obligation;
use crate::parameter::Rulebook;
use crate::world::World;

/// What is to be told, and what is not, each with its reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// To be told, at most one for each debt, sorted by key.
    pub notices: Vec<Notice>,
    /// Steps that have come and are not told, sorted by key.
    pub withheld: Vec<Withheld>,
}

/// What is to be told as of `at`.
///
/// Pure: run again with its notices in the log, it yields none of them.
pub fn plan(
    _world: &World,
    _rulebook: &Rulebook,
    _obligations: &[Obligation],
    _sent: &SentLog,
    _at: NaiveDateTime,
) -> Plan {
    Plan::default()
}
