//! Who answers for a volunteer on a date, and who is next: the two chains over one person.
//!
//! Service place: volunteer (自我管理为核心) → 服务单位负责人, the 直接责任人 (管理为保障) → 区县项目办负责人, the
//! 第一责任人 (管理为统筹) → 市项目办. Home: 院系团委 → 高校项目办 → 市项目办.

use serde::{Deserialize, Serialize};

use crate::appointment::Role;
use crate::office::OfficeId;
use crate::person::PersonId;

/// Something missing in a chain on a date: a finding, not a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// The volunteer serves nowhere on that date.
    ServesNowhere(PersonId),
    /// No university or department is known.
    NoHome(PersonId),
    /// The office is unknown or did not exist on that date.
    NoSuchOffice(OfficeId),
    /// The office stands under none of the kind its chain needs.
    NoSuperior(OfficeId),
    /// Nobody holds the post and nobody may stand in.
    PostEmpty {
        /// Where.
        office: OfficeId,
        /// Which post.
        role: Role,
    },
}
