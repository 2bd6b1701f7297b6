//! An errand: one thing to tell one person that is no step of a ladder.
//!
//! It fills one envelope alone. What it says is composed when the envelope is claimed, from the
//! record of that moment. What it is not: no wording (`compose`), and no rule about when one is
//! due.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use xibu_core::consent::Purpose;
use xibu_core::consolidation::Version;
use xibu_core::incident::{IncidentDuty, IncidentId};
use xibu_core::obligation::ObligationKey;
use xibu_core::person::PersonId;

use super::Class;

/// One thing to tell one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// Why it exists, e.g. `answer/A17` or `digest/P12/2026-06-26`. Unique: it prevents a second
    /// one.
    pub cause: String,
    /// To whom.
    pub person: PersonId,
    /// What.
    pub matter: Matter,
    /// Not before this instant, in the office's civil time.
    pub not_before: NaiveDateTime,
    /// After this instant it is of no use and is dropped.
    pub expires: NaiveDateTime,
    /// A channel that must not carry it, because it is the one that fails.
    #[serde(default)]
    pub avoid: Option<String>,
}

/// What an errand tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "matter", rename_all = "snake_case")]
pub enum Matter {
    /// 就业信息: job advertisements that fit, chosen when it is sent.
    Digest,
    /// Whether the person allows something; asked once.
    ConsentQuestion {
        /// What.
        purpose: Purpose,
    },
    /// What became of a message the person sent.
    Answer {
        /// Our number of that message.
        arrival: u64,
        /// What it was taken for, in snake case.
        taken_as: String,
    },
    /// An incident came in.
    IncidentOpened {
        /// Which.
        incident: IncidentId,
    },
    /// Something is owed about an incident: that somebody says they know, a follow-up, the closing
    /// report.
    IncidentDue {
        /// Which.
        incident: IncidentId,
        /// What.
        duty: IncidentDuty,
        /// Reports before it.
        round: u32,
        /// Which step.
        step: u32,
    },
    /// A county's consolidation, to be looked at and confirmed.
    Consolidation {
        /// Which return of the county.
        obligation: ObligationKey,
        /// Which version was found; none where all units are in, whatever they say by then.
        version: Option<Version>,
    },
    /// A plugin fell over too often and is left alone.
    PluginQuarantined {
        /// Its id.
        plugin: String,
    },
}

impl Matter {
    /// The class of its envelope.
    pub const fn class(&self) -> Class {
        match self {
            Matter::Digest => Class::Digest,
            Matter::ConsentQuestion { .. } => Class::Question,
            Matter::Answer { .. } => Class::Answer,
            Matter::Consolidation { .. } => Class::Form,
            Matter::IncidentOpened { .. }
            | Matter::IncidentDue { .. }
            | Matter::PluginQuarantined { .. } => Class::Alarm,
        }
    }
}
