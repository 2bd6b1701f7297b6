//! How an answer is recognised: by its status, a place in its JSON, a pattern over its body.
//!
//! What is named must all fit.

use regex::Regex;
use serde_json::Value;

use crate::door::text;
use crate::http::Answer;

/// A pattern of the settings is not compiled beyond this.
pub(crate) const PATTERN_BYTES_MAX: usize = 1 << 20;

#[derive(Debug, Default)]
pub(crate) struct Rule {
    pub(crate) status: Vec<u16>,
    pub(crate) pointer: Option<String>,
    /// As text, so that 0 and "0" are the same.
    pub(crate) equals: Vec<String>,
    pub(crate) body: Option<Regex>,
}

impl Rule {
    pub(crate) fn fits(&self, answer: &Answer, json: Option<&Value>) -> bool {
        let status = self.status.is_empty() || self.status.contains(&answer.status);
        let place = self.pointer.is_none()
            || self.at(json).is_some_and(|value| self.equals.contains(&text(value)));
        let body = self
            .body
            .as_ref()
            .is_none_or(|pattern| pattern.is_match(&String::from_utf8_lossy(&answer.body)));
        let names_something =
            !self.status.is_empty() || self.pointer.is_some() || self.body.is_some();
        names_something && status && place && body
    }

    /// Whether an answer that does not fit says so by what it has, not by what is missing.
    pub(crate) fn says_otherwise(&self, answer: &Answer, json: Option<&Value>) -> bool {
        match &self.pointer {
            Some(_) => self.at(json).is_some_and(|value| !value.is_null()),
            None => self.body.is_some() && !answer.body.trim_ascii().is_empty(),
        }
    }

    /// What was seen at that place, for the log.
    pub(crate) fn seen(&self, answer: &Answer, json: Option<&Value>) -> String {
        match (&self.pointer, self.at(json)) {
            (Some(pointer), Some(value)) => {
                let value: String = text(value).chars().take(60).collect();
                format!("gateway: HTTP {}, {pointer} is {value}", answer.status)
            }
            _ => format!("gateway: HTTP {}", answer.status),
        }
    }

    fn at<'a>(&self, json: Option<&'a Value>) -> Option<&'a Value> {
        json?.pointer(self.pointer.as_deref()?)
    }
}
