//! Why a change does not fit what is known.

use core::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::incident::IncidentId;
use crate::obligation::ObligationKey;
use crate::office::{OfficeId, OfficeKind};
use crate::person::PersonId;
use crate::rule::Rule;

/// Why a change was refused. Declared in order of precedence.
///
/// Its `Display` names offices and people by number and says what to do, without a final stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unfit {
    /// A stretch of days ends on or before its first day.
    EndsBeforeItBegins {
        /// The first day.
        from: NaiveDate,
    },
    /// The change names an office that nobody told of.
    OfficeUnknown(OfficeId),
    /// The office is known as something else; an office never changes its kind.
    OfficeIsOfAnotherKind {
        /// Which.
        office: OfficeId,
        /// What it is.
        known: OfficeKind,
    },
    /// A newer version of the office is known already.
    OlderThanKnown {
        /// Which.
        office: OfficeId,
        /// First day of the newest version known.
        known: NaiveDate,
    },
    /// Such an office does not stand under an office of that kind.
    SuperiorOfWrongKind {
        /// Which office.
        office: OfficeId,
        /// The kind of the superior named.
        superior: OfficeKind,
    },
    /// The office does not exist on that day, or began on it.
    OfficeDoesNotStand {
        /// Which.
        office: OfficeId,
        /// When.
        on: NaiveDate,
    },
    /// The person holds that post on some of those days already.
    AlreadyInPost {
        /// Who.
        person: PersonId,
        /// Where.
        office: OfficeId,
    },
    /// No such appointment is known.
    NotInPost {
        /// Who.
        person: PersonId,
        /// Where.
        office: OfficeId,
    },
    /// The volunteer serves on some of those days already; end that service first.
    AlreadyServes {
        /// Who.
        person: PersonId,
        /// Where.
        unit: OfficeId,
    },
    /// The volunteer does not serve there before that day.
    DoesNotServe {
        /// Who.
        person: PersonId,
        /// Where.
        unit: OfficeId,
    },
    /// The rule was switched on before; the first time stands.
    AlreadyEnabled(Rule),
    /// Nothing came that could be sent back or accepted.
    NothingCame(ObligationKey),
    /// The person holds no post on any of those days, so nobody has to act for them.
    HoldsNoPost {
        /// Who.
        person: PersonId,
    },
    /// A deputy is somebody else of the same office.
    DeputyOfAnotherOffice {
        /// Who is away.
        person: PersonId,
        /// Who was named.
        deputy: PersonId,
    },
    /// The person is away on some of those days already.
    AlreadyAway {
        /// Who.
        person: PersonId,
        /// From when.
        from: NaiveDate,
    },
    /// No such absence is known.
    NotAway {
        /// Who.
        person: PersonId,
    },
    /// No incident has that number.
    NoSuchIncident(IncidentId),
    /// The incident is closed; what happens later is another one.
    IncidentIsClosed(IncidentId),
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unfit::EndsBeforeItBegins { from } => {
                write!(f, "the stretch of days from {from} ends before it begins; give a later end")
            }
            Unfit::OfficeUnknown(office) => {
                write!(f, "office {office} is not known; tell of it first")
            }
            Unfit::OfficeIsOfAnotherKind { office, known } => {
                write!(f, "office {office} is known as a {known:?}; use another number")
            }
            Unfit::OlderThanKnown { office, known } => {
                write!(f, "office {office} is known as of {known}; tell only of later days")
            }
            Unfit::SuperiorOfWrongKind { office, superior } => {
                write!(
                    f,
                    "office {office} cannot stand under a {superior:?}; name another superior"
                )
            }
            Unfit::OfficeDoesNotStand { office, on } => {
                write!(f, "office {office} does not stand before {on}; check the day")
            }
            Unfit::AlreadyInPost { person, office } => {
                write!(f, "{person} holds that post at {office} already; nothing to do")
            }
            Unfit::NotInPost { person, office } => {
                write!(f, "{person} is not known in that post at {office}; check person and days")
            }
            Unfit::AlreadyServes { person, unit } => {
                write!(f, "{person} serves at {unit} on some of those days; end that service first")
            }
            Unfit::DoesNotServe { person, unit } => {
                write!(f, "{person} does not serve at {unit} before that day; check unit and day")
            }
            Unfit::AlreadyEnabled(rule) => {
                write!(f, "rule {rule} is on already; the first time stands")
            }
            Unfit::NothingCame(key) => {
                write!(f, "nothing came for {key}; there is nothing to send back or accept")
            }
            Unfit::HoldsNoPost { person } => {
                write!(f, "{person} holds no post on those days; nobody has to act for them")
            }
            Unfit::DeputyOfAnotherOffice { person, deputy } => {
                write!(f, "{deputy} is nobody else of {person}'s office; name somebody who is")
            }
            Unfit::AlreadyAway { person, from } => {
                write!(f, "{person} is away from {from} already; end that absence first")
            }
            Unfit::NotAway { person } => {
                write!(f, "{person} is not known to be away then; check person and days")
            }
            Unfit::NoSuchIncident(incident) => {
                write!(f, "no incident has the number {incident}; see the list of incidents")
            }
            Unfit::IncidentIsClosed(incident) => {
                write!(f, "{incident} is closed; what happens later is opened anew")
            }
        }
    }
}

impl core::error::Error for Unfit {}
