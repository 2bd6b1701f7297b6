//! The version of a consolidation: a fingerprint of what it was made from.
//!
//! Two consolidations of one version say the same; one more return, a correction, an accident, and
//! it is another. What passes with time alone (a debt that becomes late) changes nothing. Anybody
//! who holds the record works it out again, which is how a county's confirmation is checked.

use core::fmt::{self, Write};
use core::str::FromStr;

use alloc::format;
use alloc::string::String;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{CountyMonth, IncidentLine, UnitLine};
use crate::Error;
use crate::assess::NotOwed;
use crate::incident::Incident;
use crate::office::OfficeId;
use crate::period::Period;
use crate::returns::{Answer, Content};

const BYTES: usize = 8;

/// Written as sixteen hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version([u8; BYTES]);

impl Version {
    /// Of what a county's month is made from.
    pub(super) fn of(
        (county, period): (OfficeId, Period),
        units: &[UnitLine],
        not_owing: &[(OfficeId, NotOwed)],
        incidents: &[IncidentLine],
    ) -> Self {
        let mut hash = Sha256::new();
        hash.update(format!("consolidation/1 {county} {period}\n"));
        for unit in units {
            hash.update(line(unit));
        }
        for (office, _) in not_owing {
            hash.update(format!("{office} owes nothing\n"));
        }
        for incident in incidents.iter().filter(|incident| !incident.in_return) {
            hash.update(format!("{} {:?} {:?}\n", incident.office, incident.number, incident.kind));
        }
        Self::begin_of(hash)
    }

    /// Of what a city's month is made from.
    pub(super) fn of_city(city: OfficeId, period: Period, counties: &[CountyMonth]) -> Self {
        let mut hash = Sha256::new();
        hash.update(format!("city/1 {city} {period}\n"));
        for county in counties {
            let CountyMonth { consolidation, received_at, content, .. } = county;
            let said = content.as_ref().map(said).unwrap_or_default();
            hash.update(format!("{} {} {received_at:?}", county.county, consolidation.version));
            hash.update(format!("{said}\n"));
        }
        Self::begin_of(hash)
    }

    fn begin_of(hash: Sha256) -> Self {
        let mut version = [0; BYTES];
        version.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
        Self(version)
    }
}

/// One unit as a line.
fn line(unit: &UnitLine) -> String {
    let said = unit.content.as_ref().map(said).unwrap_or_default();
    format!("{} {} {:?}{said}\n", unit.office, unit.state.name(), unit.received_at)
}

/// What a return says: numbers and kinds in a fixed order, never a word; with what its form adds.
fn said(content: &Content) -> String {
    let answer = |answer: &Answer<u32>| match answer {
        Answer::Unanswered => String::from("-"),
        Answer::Nil => String::from("nil"),
        Answer::Told(count) => format!("{count}"),
    };
    let [health, hazards, needs] = [&content.health, &content.hazards, &content.needs].map(answer);
    let (headcount, by) = (content.headcount, content.stated_by);
    let mut line = format!(" {headcount:?} {health} {hazards} {needs} {by:?}");
    match &content.accidents {
        Answer::Unanswered => line.push_str(" -"),
        Answer::Nil => line.push_str(" nil"),
        Answer::Told(told) => {
            for one in told {
                let Incident { kind, occurred, persons, measures_told, .. } = one;
                // Writing into a string cannot fail.
                let _ = write!(line, " [{kind:?} {occurred:?} {persons:?} {measures_told}]");
            }
        }
    }
    if !content.people.is_empty() || !content.extra.is_empty() {
        let _ = write!(line, " {:?} {:?}", content.people, content.extra);
    }
    line
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Version {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || Error::new(format!("expected sixteen hexadecimal digits, found `{text}`"));
        if text.len() != 2 * BYTES || !text.is_ascii() {
            return Err(bad());
        }
        let mut version = [0; BYTES];
        for (index, byte) in version.iter_mut().enumerate() {
            let digits = text.get(2 * index..2 * index + 2).ok_or_else(bad)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| bad())?;
        }
        Ok(Self(version))
    }
}

impl TryFrom<String> for Version {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        format!("{version}")
    }
}
