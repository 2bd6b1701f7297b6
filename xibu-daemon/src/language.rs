//! The language people are spoken to on the terminal: Chinese or English.
//!
//! Letters to offices are always Chinese ([`crate::compose`]); this is only about what a command
//! prints.

use std::fmt;
use std::str::FromStr;

/// A language of the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// 简体中文.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Language {
    /// The language that a system's locale asks for: the first of `LC_ALL`, `LC_MESSAGES`, `LANG`
    /// that is set and not empty. Chinese only where it says so.
    pub fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Self {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| variable(name).filter(|value| !value.is_empty()));
        match locale {
            Some(locale) if locale.to_ascii_lowercase().starts_with("zh") => Language::Chinese,
            _ => Language::English,
        }
    }

    /// The text of the pair that is in this language.
    pub const fn pick<'a>(self, chinese: &'a str, english: &'a str) -> &'a str {
        match self {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }
}

impl From<Language> for xibu_core::explain::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::Chinese => xibu_core::explain::Language::Chinese,
            Language::English => xibu_core::explain::Language::English,
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.pick("zh", "en"))
    }
}

impl FromStr for Language {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "zh" | "zh-cn" | "zh_cn" => Ok(Language::Chinese),
            "en" => Ok(Language::English),
            _ => Err(format!("expected zh or en, found `{text}`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[track_caller]
    fn check(variables: &[(&str, &str)], expected: Language) {
        let found = Language::of_locale(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn follows_the_locale() {
        check(&[("LANG", "zh_CN.UTF-8")], Language::Chinese);
        check(&[("LANG", "C.UTF-8")], Language::English);
        check(&[], Language::English);
        check(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "en_GB.UTF-8")], Language::English);
        check(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "")], Language::Chinese);
    }
}
