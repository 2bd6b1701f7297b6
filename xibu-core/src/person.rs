//! A person as the rules see one: a number.
//!
//! Names, phone numbers, mail addresses and id numbers never enter the core's records; they stand
//! apart in the caller's store, so that a person can be erased while every figure stays.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// Our own number for a person (本系统人员编号), written `P1234`; errors and logs name people by
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub u32);

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "P{}", self.0)
    }
}

impl FromStr for PersonId {
    type Err = crate::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        crate::error::number_after('P', text).map(PersonId)
    }
}
