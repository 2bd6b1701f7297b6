//! The two languages the product speaks to people. Not a translation table: each text stands where it is made.

use core::fmt;
use core::str::FromStr;

use alloc::format;

use serde::{Deserialize, Serialize};

use crate::Error;

/// Which language a text for people is written in.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Language {
    /// Simplified Chinese, the offices' own.
    #[default]
    #[serde(rename = "zh")]
    Chinese,
    /// English, for those who build and run it.
    #[serde(rename = "en")]
    English,
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Language::Chinese => "zh",
            Language::English => "en",
        })
    }
}

impl FromStr for Language {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "zh" => Ok(Language::Chinese),
            "en" => Ok(Language::English),
            other => Err(Error::new(format!("expected zh or en, found `{other}`"))),
        }
    }
}
