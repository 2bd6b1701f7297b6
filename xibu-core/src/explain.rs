//! Why an obligation stands as it does, and why a notice was sent or not, line by line.

use alloc::string::String;
use alloc::vec::Vec;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::notice::{NoticeKey, SentLog};
use crate::obligation::ObligationKey;
use crate::parameter::Rulebook;
use crate::source::Source;
use crate::world::World;

/// The language of a rendered explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// 简体中文.
    Chinese,
    /// English.
    English,
}

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// 简体中文.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Sentence {
    /// The sentence in one language.
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.zh,
            Language::English => &self.en,
        }
    }
}

/// Something known, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What.
    pub sentence: Sentence,
    /// The clause or policy behind it, if any.
    pub source: Option<Source>,
    /// Number of the recorded document behind it, if any.
    pub document: Option<u64>,
}

/// An answer to 为什么, as a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// What is explained.
    pub heading: Sentence,
    /// The clause the duty rests on.
    pub clause: Source,
    /// What is known.
    pub facts: Vec<Fact>,
    /// How the days were worked out, line by line.
    pub arithmetic: Vec<Sentence>,
    /// What follows.
    pub conclusion: Sentence,
}

impl Explanation {
    /// As lines of text, ending in a line break.
    pub fn render(&self, language: Language) -> String {
        self.heading.text(language).into()
    }
}

/// Why an obligation stands as it does at `at`; none where there is no such debt.
pub fn explain_obligation(
    _world: &World,
    _rulebook: &Rulebook,
    _key: &ObligationKey,
    _at: NaiveDateTime,
) -> Option<Explanation> {
    None
}

/// Why a step's notice was sent, will be, or is not; none where there is no such debt or step.
pub fn explain_notice(
    _world: &World,
    _rulebook: &Rulebook,
    _key: &NoticeKey,
    _sent: &SentLog,
    _at: NaiveDateTime,
) -> Option<Explanation> {
    None
}
