//! Everything that can be told to the record. Changes are appended, never edited; a correction is
//! another change. Each is personal-data-free: people are numbers, originals are document numbers.

use alloc::string::String;
use alloc::vec::Vec;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use crate::absence::Absence;
use crate::appointment::Appointment;
use crate::consent::{Consent, Purpose};
use crate::consolidation::{Amendment, Version};
use crate::incident::{IncidentMove, OpenedIncident};
use crate::obligation::ObligationKey;
use crate::office::{OfficeId, OfficeKind, OfficeVersion};
use crate::person::PersonId;
use crate::returns::ReturnVersion;
use crate::rule::Rule;
use crate::service::Service;

/// One thing that was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// An office came to be, or has a new name or superior from a day on (ends the version before).
    OfficeStood {
        /// Our number.
        office: OfficeId,
        /// What it is.
        kind: OfficeKind,
        /// How it stands from `version.validity.from`.
        version: OfficeVersion,
    },
    /// An office ceased; `on` is its first day gone.
    OfficeCeased {
        /// Which.
        office: OfficeId,
        /// First day gone.
        on: NaiveDate,
    },
    /// Somebody took a post.
    Appointed(Appointment),
    /// Somebody left a post; `on` is the first day without.
    Relieved {
        /// The appointment as it was told, with its former validity.
        appointment: Appointment,
        /// First day without.
        on: NaiveDate,
    },
    /// A volunteer began to serve.
    ServiceBegan(Service),
    /// A volunteer's service at a unit ended; `on` is the first day without.
    ServiceEnded {
        /// Who.
        person: PersonId,
        /// Where.
        unit: OfficeId,
        /// First day without.
        on: NaiveDate,
    },
    /// A rule was switched on: it acts only on periods that end after this instant.
    RuleEnabled {
        /// Which.
        rule: Rule,
        /// From when.
        at: NaiveDateTime,
    },
    /// A return came, or a correction of one. Unread where its content is none.
    ReturnCame {
        /// Which.
        obligation: ObligationKey,
        /// What came.
        version: ReturnVersion,
    },
    /// A return was sent back.
    ReturnSentBack {
        /// Which.
        obligation: ObligationKey,
        /// By whom; none for the system's own check.
        by: Option<PersonId>,
        /// What is to be mended, without personal words.
        reason: String,
    },
    /// A return was accepted.
    ReturnAccepted {
        /// Which.
        obligation: ObligationKey,
        /// By whom; none where a policy accepts complete returns by itself.
        by: Option<PersonId>,
    },
    /// The debtor gave a day.
    Acknowledged {
        /// Which.
        obligation: ObligationKey,
        /// Who said so.
        by: Option<PersonId>,
        /// When it was said.
        at: NaiveDateTime,
        /// The day that was promised; the rule cuts it to one working day at most.
        promised: NaiveDate,
    },
    /// An incident came by itself, by whatever door.
    IncidentOpened(OpenedIncident),
    /// A person allowed something, or took it back; the newest word counts.
    ConsentSaid {
        /// Who.
        person: PersonId,
        /// What for.
        purpose: Purpose,
        /// What was said.
        consent: Consent,
    },
    /// A person's values were erased (个人信息保护法 §47): the number stays, and every figure with
    /// it.
    PersonErased {
        /// Who.
        person: PersonId,
    },
    /// An office ceased and another goes on with what was its own: its volunteers and, above units,
    /// its subordinates go over, and so do the debts still open.
    OfficeMerged {
        /// Which ceased.
        office: OfficeId,
        /// Which goes on; of the same kind.
        into: OfficeId,
        /// First day gone.
        on: NaiveDate,
    },
    /// Somebody in a post is away for some days.
    Absent(Absence),
    /// Somebody is back earlier or later than was told, or did not go at all.
    AbsenceEnded {
        /// The absence as it was told.
        absence: Absence,
        /// The first day back; its first day or before where it never was.
        on: NaiveDate,
    },
    /// Something was said or done about an incident that is open.
    IncidentMoved(IncidentMove),
    /// A county confirmed its consolidation; its return stands beside it.
    CountyConfirmed {
        /// Which return.
        obligation: ObligationKey,
        /// Who said so; none where the office wrote down what it heard.
        by: Option<PersonId>,
        /// When it was said.
        at: NaiveDateTime,
        /// Which version of the consolidation.
        version: Version,
    },
    /// A county confirmed its consolidation but for some figures.
    CountyAmended {
        /// Which return.
        obligation: ObligationKey,
        /// Who said so; none where the office wrote down what it heard.
        by: Option<PersonId>,
        /// When it was said.
        at: NaiveDateTime,
        /// Which version of the consolidation.
        version: Version,
        /// What is written instead.
        amendments: Vec<Amendment>,
        /// Why, without personal words.
        reason: String,
    },
}

/// A change with when, by whom and from which document it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Place in the record, from 1.
    pub sequence: u64,
    /// Recorded time, in the office's civil time.
    pub at: NaiveDateTime,
    /// Who told it: `clerk`, `daemon`, a plugin's id.
    pub by: String,
    /// Number of the document it came from.
    pub document: Option<u64>,
    /// What was told.
    pub change: Change,
}

/// Changes in the order recorded.
pub type History = Vec<Recorded>;
