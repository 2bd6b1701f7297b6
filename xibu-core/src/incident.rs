//! An accident or illness of a volunteer that was reported (安全、健康事故).
//!
//! Carries number, office, kind and time, never a name or a diagnosis: those stay in the sealed
//! original. How far one has come is [`Case`]'s, who is told by when [`notices`]'s.

mod case;
mod clock;
mod limits;
mod same;

use core::fmt;
use core::str::FromStr;

use alloc::string::String;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::obligation::ObligationKey;
use crate::office::OfficeId;
use crate::person::PersonId;

pub use case::{Case, Level, Stage};
pub use clock::{IncidentDuty, IncidentNotice, next_instant, notices};
pub use limits::Limits;
pub use same::same_incident;

/// Our own number for an incident that was opened by itself, written `I7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(pub u32);

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "I{}", self.0)
    }
}

impl FromStr for IncidentId {
    type Err = crate::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        crate::error::number_after('I', text).map(IncidentId)
    }
}

/// An incident that came by itself, apart from the monthly form (首报).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedIncident {
    /// Our number.
    pub id: IncidentId,
    /// What was told.
    pub incident: Incident,
    /// Who told it; none where the office wrote down what it heard.
    pub told_by: Option<PersonId>,
    /// When the door took it, in the office's civil time.
    pub received_at: NaiveDateTime,
}

/// What was said or done about an incident since it was opened. Its words stay in the sealed
/// document it was recorded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentMove {
    /// Which incident.
    pub incident: IncidentId,
    /// What.
    pub act: Act,
    /// Who said so; none where the office wrote down what it heard.
    pub by: Option<PersonId>,
    /// When, in the office's civil time.
    pub at: NaiveDateTime,
}

/// A step of an incident after its first report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// 知悉: somebody who answers for it knows.
    Acknowledged,
    /// 续报: how it goes on.
    FollowedUp,
    /// 终报, 结案: how it ended.
    Closed,
    /// The month's return tells of it too.
    ToldInReturn(ObligationKey),
}

impl Act {
    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            Act::Acknowledged => "acknowledged",
            Act::FollowedUp => "followed_up",
            Act::Closed => "closed",
            Act::ToldInReturn(_) => "told_in_return",
        }
    }

    /// Whether it says nothing new of an incident that is closed.
    pub(crate) const fn needs_it_open(self) -> bool {
        !matches!(self, Act::ToldInReturn(_))
    }
}

/// What kind of incident. An office's own words stay in the original document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// 交通事故.
    Traffic,
    /// 人身伤害.
    Injury,
    /// 疾病.
    Illness,
    /// 火灾、触电、溺水等.
    Disaster,
    /// 财物被盗、被骗.
    Property,
    /// 其他.
    Other,
}

/// One incident as a return told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Where: the unit whose return told it.
    pub office: OfficeId,
    /// What kind.
    pub kind: IncidentKind,
    /// When it happened, in the office's civil time, as far as told.
    pub occurred: Option<NaiveDateTime>,
    /// The number of persons concerned, as far as told.
    pub persons: Option<u32>,
    /// What was done, in the return's words: yes or no. The words stay in the original.
    pub measures_told: bool,
    /// A reference of the office's own, if it gave one.
    pub reference: Option<String>,
    /// Whether its kind was told in words we know; else it stands as 其他.
    #[serde(default)]
    pub kind_told: bool,
    /// Whether it was told where it happened. The words stay in the original.
    #[serde(default)]
    pub place_told: bool,
}
