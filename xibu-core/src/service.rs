//! A volunteer's service: where one serves, and which university sent one.

use serde::{Deserialize, Serialize};

use crate::office::OfficeId;
use crate::person::PersonId;
use crate::validity::Validity;

/// One stretch of service at one unit. A move to another unit ends one and begins another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Service {
    /// The volunteer (志愿者).
    pub person: PersonId,
    /// 服务单位.
    pub unit: OfficeId,
    /// The office of origin: a 院系团委, or the 高校项目办 itself where the department is not
    /// known.
    pub home: Option<OfficeId>,
    /// Days of service (服务期).
    pub validity: Validity,
}
