//! What is wrong with a configuration: one problem, and all of them together.
//!
//! A problem says where (file or environment, key), what, and what to do; it never shows a secret.

use std::fmt;

use serde::Serialize;

use crate::language::Language;

/// One thing wrong in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, or the name of the environment variable.
    pub place: String,
    /// The key, dotted, e.g. `office.zone`; empty where the whole source is meant.
    pub key: String,
    /// What is wrong and what to do, in Chinese.
    #[serde(rename = "message_zh")]
    pub chinese: String,
    /// The same in English.
    #[serde(rename = "message_en")]
    pub english: String,
}

/// Everything wrong in the configuration, found in one pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problem {
    /// The problem as one line.
    pub fn line(&self, language: Language) -> String {
        let text = language.pick(&self.chinese, &self.english);
        let place = &self.place;
        match (self.key.is_empty(), language) {
            (true, Language::Chinese) => format!("{place}：{text}"),
            (true, Language::English) => format!("{place}: {text}"),
            (false, Language::Chinese) => format!("{place}，{}：{text}", self.key),
            (false, Language::English) => format!("{place}, {}: {text}", self.key),
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            f.write_str(&problem.line(Language::English))?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
