//! Offices and how they stand over time.
//!
//! An office keeps its own number for ever; its name, its superior office and its GB/T 2260 code
//! are versions with a validity, because county codes were reused in 2011 and offices are renamed
//! and merged. This is not an address book: how to reach an office is not known here.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::validity::Validity;

/// Our own number for an office (本系统单位编号), written `O17`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OfficeId(pub u32);

impl fmt::Display for OfficeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "O{}", self.0)
    }
}

impl FromStr for OfficeId {
    type Err = crate::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        crate::error::number_after('O', text).map(OfficeId)
    }
}

/// What an office is in the programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfficeKind {
    /// 市项目办: the programme's office of a province-level unit.
    City,
    /// 区县项目办.
    County,
    /// 高校项目办.
    University,
    /// 院系团委: a department of a university.
    Department,
    /// 服务单位: where volunteers serve.
    Unit,
}

/// An office and all its versions, oldest first, without overlap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Office {
    /// Our number.
    pub id: OfficeId,
    /// What it is; an office never changes its kind.
    pub kind: OfficeKind,
    /// Name and superior over time.
    pub versions: Vec<OfficeVersion>,
}

/// How an office stood for a stretch of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeVersion {
    /// Official name, e.g. `涪陵区项目办`.
    pub name: String,
    /// The office directly above; none for the topmost.
    pub superior: Option<OfficeId>,
    /// GB/T 2260 code where one exists; never an identity.
    pub gb_code: Option<String>,
    /// The days on which this holds.
    pub validity: Validity,
}

impl Office {
    /// The version in force on `date`, or none where the office did not exist then.
    pub fn on(&self, date: NaiveDate) -> Option<&OfficeVersion> {
        self.versions.iter().rev().find(|version| version.validity.contains(date))
    }
}
