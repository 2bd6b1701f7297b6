//! How a command ends: the exit codes, and a failure told in the person's language.
//!
//! Codes are part of the command line's contract: they are only ever added to.

use std::fmt;
use std::process::ExitCode;

use crate::language::Language;
use crate::settings::Problems;

/// How a command ended, as its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done, nothing to complain of.
    Done,
    /// 1: done, and there is something to look at: refused rows, late returns, a failing channel.
    Findings,
    /// 2: the command was written wrongly.
    Usage,
    /// 3: the configuration is wrong.
    Configuration,
    /// 4: the data cannot be used: locked by another daemon, damaged, not there, not found.
    Data,
    /// 5: a plugin is missing, not approved, or failed.
    Plugin,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// Why a command could not be done.
#[derive(Debug)]
pub struct Failure {
    /// The code it ends with.
    pub exit: Exit,
    /// What happened and what to do, in Chinese.
    pub chinese: String,
    /// The same in English.
    pub english: String,
}

/// What every command returns.
pub type Outcome = Result<Exit, Failure>;

impl Failure {
    /// A failure with both texts.
    pub fn new(exit: Exit, chinese: impl Into<String>, english: impl Into<String>) -> Self {
        Self { exit, chinese: chinese.into(), english: english.into() }
    }

    /// The data could not be used; `error` says why.
    pub fn data(error: impl fmt::Display) -> Self {
        Self::new(Exit::Data, format!("数据用不了：{error}"), format!("data: {error}"))
    }

    /// A plugin could not be used; `error` says why.
    pub fn plugin(error: impl fmt::Display) -> Self {
        Self::new(Exit::Plugin, format!("插件用不了：{error}"), format!("plugin: {error}"))
    }

    /// A file could not be read or written.
    pub fn file(path: &std::path::Path, error: impl fmt::Display) -> Self {
        let path = path.display();
        Self::new(Exit::Data, format!("{path}：{error}"), format!("{path}: {error}"))
    }

    /// The text in `language`.
    pub fn text(&self, language: Language) -> &str {
        language.pick(&self.chinese, &self.english)
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        let lines = |language| {
            let lines = problems.0.iter().map(|problem| problem.line(language));
            lines.collect::<Vec<_>>().join("\n")
        };
        Self::new(Exit::Configuration, lines(Language::Chinese), lines(Language::English))
    }
}
