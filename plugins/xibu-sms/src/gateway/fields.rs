//! Where reports and replies of a gateway's pushes have their fields.
//!
//! A field is a JSON pointer (`/data/id`) in a JSON push, a name in a form or query.

use serde_json::{Map, Value};
use xibu_plugin_sdk::message::{Arrived, Blame, Fate, Item, Receipt};

use super::Format;
use super::placeholder::read_form;
use crate::civil;
use crate::door::{Push, id_of, some_text, text};
use crate::outcome::scrub;
use crate::phone::as_sender;

/// As many entries one push may have.
const ENTRIES_MAX: usize = 5_000;

pub(crate) struct ReportFields {
    pub(crate) format: Format,
    pub(crate) list: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) state: String,
    pub(crate) delivered: Vec<String>,
    /// States that are no end yet.
    pub(crate) pending: Vec<String>,
    pub(crate) time: Option<String>,
}

pub(crate) struct ReplyFields {
    pub(crate) format: Format,
    pub(crate) list: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) from: String,
    pub(crate) text: String,
    pub(crate) time: Option<String>,
    pub(crate) answers: Option<String>,
}

impl ReportFields {
    pub(crate) fn read(&self, push: &Push<'_>) -> Result<Vec<Item>, &'static str> {
        let mut items = Vec::new();
        for entry in entries(self.format, self.list.as_deref(), push)? {
            let state = field(&entry, &self.state).ok_or("a report without its state")?;
            if self.pending.contains(&state) {
                continue;
            }
            let of = |name: &Option<String>| name.as_ref().and_then(|name| field(&entry, name));
            let (key, reference) = (of(&self.key), of(&self.reference));
            if key.is_none() && reference.is_none() {
                return Err("a report without the number of its message");
            }
            let fate = match self.delivered.contains(&state) {
                true => Fate::Delivered,
                false => Fate::Failed { blame: blame(&state), detail: scrub(&state) },
            };
            let at_unix_ms = time(&entry, self.time.as_deref()).unwrap_or(push.now_unix_ms);
            items.push(Item::Receipt(Receipt { key, reference, at_unix_ms, fate }));
        }
        Ok(items)
    }
}

impl ReplyFields {
    pub(crate) fn read(&self, push: &Push<'_>) -> Result<Vec<Item>, &'static str> {
        let mut items = Vec::new();
        for entry in entries(self.format, self.list.as_deref(), push)? {
            let from = field(&entry, &self.from).ok_or("a reply without its sender")?;
            let words = value(&entry, &self.text).map(text).ok_or("a reply without its text")?;
            let of = |name: &Option<String>| name.as_ref().and_then(|name| field(&entry, name));
            let from = as_sender(&from, None);
            let moment = self.time.as_deref().and_then(|name| field(&entry, name));
            let id = match (of(&self.id), moment) {
                (Some(id), _) => id_of(&["gateway", &id]),
                (None, Some(moment)) => id_of(&["gateway", &from, &moment, &words]),
                // Nothing to tell two of the same words by: those of one hour are one.
                (None, None) => {
                    let hour = push.now_unix_ms.div_euclid(3_600_000).to_string();
                    id_of(&["gateway", &from, &hour, &words])
                }
            };
            items.push(Item::Arrived(Arrived {
                id,
                from,
                received_unix_ms: time(&entry, self.time.as_deref()).unwrap_or(push.now_unix_ms),
                text: words,
                answers: of(&self.answers),
                ..Arrived::default()
            }));
        }
        Ok(items)
    }
}

/// By the carriers' common words; a gateway's own are unknown.
fn blame(state: &str) -> Blame {
    match state {
        "UNDELIV" | "EXPIRED" | "DELETED" => Blame::Address,
        "REJECTD" => Blame::Message,
        _ => Blame::Unknown,
    }
}

fn entries(
    format: Format,
    list: Option<&str>,
    push: &Push<'_>,
) -> Result<Vec<Value>, &'static str> {
    let whole = match format {
        Format::Json => push.json().ok_or("it is no JSON")?,
        Format::Form => {
            let body = String::from_utf8_lossy(push.body);
            let mut pairs = read_form(push.query);
            if !push.media_type.contains("json") {
                pairs.extend(read_form(body.trim()));
            }
            Value::Object(
                pairs.into_iter().map(|(k, v)| (k, Value::String(v))).collect::<Map<_, _>>(),
            )
        }
    };
    let found = match list {
        Some(name) => value(&whole, name).ok_or("the list is missing")?.clone(),
        None => whole,
    };
    // Some gateways put JSON into one field of a form.
    let found = match &found {
        Value::String(text) => serde_json::from_str(text).map_err(|_| "the list is no JSON")?,
        _ => found,
    };
    match found {
        Value::Array(list) if list.len() > ENTRIES_MAX => Err("too many entries"),
        Value::Array(list) => Ok(list),
        one @ Value::Object(_) => Ok(vec![one]),
        _ => Err("there is no list of entries"),
    }
}

fn value<'a>(entry: &'a Value, name: &str) -> Option<&'a Value> {
    if name.starts_with('/') { entry.pointer(name) } else { entry.get(name) }
}

fn field(entry: &Value, name: &str) -> Option<String> {
    value(entry, name).and_then(some_text)
}

fn time(entry: &Value, name: Option<&str>) -> Option<i64> {
    civil::milliseconds(value(entry, name?)?)
}
