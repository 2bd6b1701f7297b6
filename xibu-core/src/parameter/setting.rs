//! One value of one parameter, as a file gives it. Whether it is in range is
//! [`super::Parameters::with`]'s to say.

use core::fmt;

use alloc::vec::Vec;

use chrono::{NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

use super::Parameter;
use crate::office::OfficeId;
use crate::source::Source;
use crate::validity::Validity;

/// A parameter's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// On or off.
    Switch(bool),
    /// A day of the month, a number of working days, a number of months.
    Number(u32),
    /// Several of them.
    Numbers(Vec<u32>),
    /// A time of day in the office's zone, written `08:30`.
    #[serde(with = "time_of_day")]
    TimeOfDay(NaiveTime),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Switch(on) => write!(f, "{on}"),
            Value::Number(number) => write!(f, "{number}"),
            Value::Numbers(numbers) => write!(f, "{numbers:?}"),
            Value::TimeOfDay(time) => write!(f, "{:02}:{:02}", time.hour(), time.minute()),
        }
    }
}

/// One value of one parameter: for whom, when, and on what ground.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Of what.
    pub parameter: Parameter,
    /// For this office and everything below it; none for everybody.
    #[serde(default)]
    pub office: Option<OfficeId>,
    /// On which days. A month takes the value in force on its first day.
    pub validity: Validity,
    /// How much.
    pub value: Value,
    /// On what ground.
    pub source: Source,
}

/// `08:30`, the way people write it.
mod time_of_day {
    use alloc::format;
    use alloc::string::String;

    use chrono::{NaiveTime, Timelike};
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &NaiveTime, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&format!("{:02}:{:02}", time.hour(), time.minute()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(from)?;
        text.split_once(':')
            .filter(|(hour, minute)| hour.len() == 2 && minute.len() == 2)
            .and_then(|(hour, minute)| Some((hour.parse().ok()?, minute.parse().ok()?)))
            .and_then(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0))
            .ok_or_else(|| {
                D::Error::custom(format!("expected a time such as 08:30, found `{text}`"))
            })
    }
}
