//! `{phone}`, `{text}` and the other placeholders in headers and bodies.
//!
//! What it is not: nothing is escaped here but form fields; JSON is built as values.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::batch::Ready;

/// What browsers leave as it is in a form.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*');

/// The placeholders there are, for checking settings.
pub(crate) const NAMES: [&str; 8] =
    ["phone", "phone_e164", "text", "key", "kind", "template", "token", "variables"];

/// What stands for each placeholder.
pub(crate) struct Values<'a> {
    values: BTreeMap<&'static str, String>,
    variables: &'a [(String, String)],
}

impl<'a> Values<'a> {
    pub(crate) fn of(ready: &'a Ready<'_>, token: &str) -> Self {
        let variables = &ready.filled.values;
        let values = BTreeMap::from([
            ("phone", ready.phone.national().to_owned()),
            ("phone_e164", ready.phone.e164()),
            ("text", ready.filled.text.clone()),
            ("key", ready.key.to_owned()),
            ("kind", ready.kind.to_owned()),
            ("template", ready.filled.code.clone()),
            ("token", token.to_owned()),
            ("variables", object(variables).to_string()),
        ]);
        Self { values, variables }
    }

    /// A text with each placeholder replaced once: what stands for one is not looked at again.
    pub(crate) fn fill(&self, pattern: &str) -> String {
        let mut out = String::with_capacity(pattern.len());
        let mut rest = pattern;
        while let Some(at) = rest.find('{') {
            out.push_str(&rest[..at]);
            let name = rest[at + 1..].split_once('}').map(|(name, _)| name);
            match name.and_then(|name| self.value(name).map(|value| (name, value))) {
                Some((name, value)) => {
                    out.push_str(value);
                    rest = &rest[at + name.len() + 2..];
                }
                None => {
                    out.push('{');
                    rest = &rest[at + 1..];
                }
            }
        }
        out.push_str(rest);
        out
    }

    /// As [`Values::fill`] in every text of a JSON value; `"{variables}"` alone becomes an object.
    pub(crate) fn fill_json(&self, pattern: &Value) -> Value {
        match pattern {
            Value::String(text) if text == "{variables}" => object(self.variables),
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(list) => {
                Value::Array(list.iter().map(|one| self.fill_json(one)).collect())
            }
            Value::Object(map) => {
                Value::Object(map.iter().map(|(k, v)| (k.clone(), self.fill_json(v))).collect())
            }
            other => other.clone(),
        }
    }

    fn value(&self, name: &str) -> Option<&str> {
        if let Some(variable) = name.strip_prefix("variables.") {
            let found = self.variables.iter().find(|(known, _)| known == variable);
            return found.map(|(_, value)| value.as_str());
        }
        self.values.get(name).map(String::as_str)
    }
}

fn object(variables: &[(String, String)]) -> Value {
    let pairs = variables.iter().map(|(name, value)| (name.clone(), Value::String(value.clone())));
    Value::Object(pairs.collect::<Map<String, Value>>())
}

/// The first level of an object as a form; what lies deeper is written as JSON.
pub(crate) fn form(body: &Value) -> String {
    let escape = |text: &str| utf8_percent_encode(text, ESCAPED).to_string().replace("%20", "+");
    let Value::Object(fields) = body else { return String::new() };
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(&crate::door::text(value))));
    pairs.collect::<Vec<String>>().join("&")
}

/// A form or query as it came, taken apart.
pub(crate) fn read_form(text: &str) -> Vec<(String, String)> {
    let plain = |part: &str| {
        let part = part.replace('+', " ");
        percent_encoding::percent_decode_str(&part).decode_utf8_lossy().into_owned()
    };
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (plain(name), plain(value))
        })
        .collect()
}
