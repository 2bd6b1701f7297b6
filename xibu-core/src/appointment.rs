//! Who holds which post at which office, and when (任职).
//!
//! Not who answers for a volunteer: that is [`crate::chain`], which follows from these.

use serde::{Deserialize, Serialize};

use crate::office::OfficeId;
use crate::person::PersonId;
use crate::validity::Validity;

/// A post at an office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 负责人: of a county office the 第一责任人, of a service unit the 直接责任人.
    Head,
    /// 副职: stands in for the head while the post is empty.
    Deputy,
    /// 联系人, 经办人: does the returns.
    Contact,
    /// 工作人员: office staff; at the city those who follow up on counties.
    Staff,
}

/// One person in one post for a stretch of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Appointment {
    /// Whom.
    pub person: PersonId,
    /// Where.
    pub office: OfficeId,
    /// As what.
    pub role: Role,
    /// When.
    pub validity: Validity,
}
