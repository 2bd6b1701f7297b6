//! Pages with schema.org's JobPosting in JSON-LD.
//!
//! What it is not: no microdata and no reading of a page's words; a page without JSON-LD is an
//! error that says so.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime};
use scraper::{Html, Selector};
use serde_json::{Map, Value};
use xibu_plugin_sdk::message::RawPosting;

use super::{Origin, fingerprint, short, whole_link};
use crate::{nesting, plain};

const FIELDS_MAX: usize = 100;
const FIELD_CHARS_MAX: usize = 2_000;
const DEPTH_MAX: usize = 12;

/// A date without zone on a Chinese page is China's, which has one civil time.
const CHINA_SECONDS_EAST: i32 = 8 * 3600;

type Object = Map<String, Value>;

pub(super) fn read(origin: Origin<'_>, text: &str) -> Result<Vec<RawPosting>, String> {
    let blocks = match text.trim_start().starts_with(['{', '[']) {
        true => vec![text.to_owned()],
        false => blocks(text)?,
    };
    let mut values = Vec::new();
    let mut broken = false;
    for block in &blocks {
        match parse(block) {
            Some(value) => values.push(value),
            None => broken = true,
        }
    }
    let mut by_id = BTreeMap::new();
    let mut found = Vec::new();
    for value in &values {
        walk(value, 0, &mut by_id, &mut found);
    }
    if found.is_empty() {
        let why = match (broken, blocks.is_empty()) {
            (true, _) => "the page's JSON-LD is malformed",
            (_, true) => "neither a feed nor a page with JSON-LD",
            _ => "the page's JSON-LD holds no JobPosting",
        };
        return Err(why.into());
    }
    let several = found.len() > 1;
    Ok(found.into_iter().map(|object| posting(origin, object, &by_id, several)).collect())
}

fn blocks(html: &str) -> Result<Vec<String>, String> {
    if nesting::is_too_deep(html) {
        return Err("the page is nested too deeply".into());
    }
    let selector =
        Selector::parse("script[type]").map_err(|_| "the page cannot be searched".to_owned())?;
    let page = Html::parse_document(html);
    let is_json = |kind: Option<&str>| {
        kind.and_then(|kind| kind.split(';').next())
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/ld+json"))
    };
    let scripts = page.select(&selector).filter(|script| is_json(script.value().attr("type")));
    Ok(scripts.map(|script| script.text().collect()).take(200).collect())
}

/// JSON as pages hold it: in comments or CDATA, and with raw line ends inside strings.
fn parse(block: &str) -> Option<Value> {
    let block = block.trim().trim_start_matches("<!--").trim_end_matches("-->");
    let block = block.trim().trim_start_matches("//").trim();
    let block = block.trim_start_matches("<![CDATA[").trim_end_matches("]]>").trim();
    let block = block.trim_end_matches("//").trim_end_matches(';').trim();
    serde_json::from_str(block).ok().or_else(|| {
        let tame: String = block.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        serde_json::from_str(&tame).ok()
    })
}

/// Every JobPosting, wherever it stands, and every object that others may name by `@id`.
fn walk<'a>(
    value: &'a Value,
    depth: usize,
    by_id: &mut BTreeMap<&'a str, &'a Object>,
    found: &mut Vec<&'a Object>,
) {
    if depth > DEPTH_MAX {
        return;
    }
    match value {
        Value::Array(values) => values.iter().for_each(|v| walk(v, depth + 1, by_id, found)),
        Value::Object(object) => {
            // An object of its `@id` alone only points to another.
            if let Some(id) = object.get("@id").and_then(Value::as_str)
                && object.len() > 1
            {
                by_id.entry(id).or_insert(object);
            }
            if is_posting(object) && found.len() < super::POSTINGS_MAX {
                found.push(object);
            }
            object.values().for_each(|v| walk(v, depth + 1, by_id, found));
        }
        _ => {}
    }
}

fn is_posting(object: &Object) -> bool {
    let named = |value: &Value| {
        value.as_str().is_some_and(|name| name.rsplit(['/', ':']).next() == Some("JobPosting"))
    };
    match object.get("@type") {
        Some(Value::Array(types)) => types.iter().any(named),
        Some(one) => named(one),
        None => false,
    }
}

fn posting(
    origin: Origin<'_>,
    object: &Object,
    by_id: &BTreeMap<&str, &Object>,
    several: bool,
) -> RawPosting {
    let mut fields = BTreeMap::new();
    for (key, value) in object {
        if !key.starts_with('@') && !matches!(key.as_str(), "description" | "title" | "url") {
            flatten(key, value, 0, by_id, &mut fields);
        }
    }
    let word = |key: &str| object.get(key).and_then(scalar).unwrap_or_default();
    let mut title = plain::from_markup(&word("title"));
    if title.is_empty() {
        title = plain::from_markup(&word("name"));
    }
    let text = plain::from_markup(&word("description"));
    let title = short(&title.replace(['\n', '\t'], " "), 300);
    let own_link = Some(word("url")).filter(|url| !url.is_empty());
    let field = |name: &str| fields.get(name).cloned();
    let id = field("identifier.value")
        .or_else(|| field("identifier"))
        .or_else(|| object.get("@id").and_then(scalar))
        .or_else(|| own_link.clone())
        .unwrap_or_else(|| {
            let place: Vec<&str> = fields
                .iter()
                .filter(|(name, _)| name.starts_with("jobLocation"))
                .map(|(_, value)| value.as_str())
                .collect();
            let employer = field("hiringOrganization.name").unwrap_or_default();
            fingerprint(&[&title, &employer, &place.join(" ")])
        });
    let link = match (own_link, origin.base) {
        (Some(link), base) => whole_link(base, &link),
        // Postings that share a page are not one.
        (None, Some(base)) if several => format!("{base}#{}", fingerprint(&[&id])),
        (None, base) => base.map(ToString::to_string).unwrap_or_default(),
    };
    RawPosting {
        source: origin.source.to_owned(),
        id: short(&id, 500),
        title,
        link,
        published_unix_ms: instant(&word("datePosted")),
        text,
        fields,
    }
}

fn flatten(
    name: &str,
    value: &Value,
    depth: usize,
    by_id: &BTreeMap<&str, &Object>,
    fields: &mut BTreeMap<String, String>,
) {
    if depth > DEPTH_MAX || fields.len() >= FIELDS_MAX {
        return;
    }
    match value {
        Value::Object(object) => {
            let pointed = object.get("@id").and_then(Value::as_str).filter(|_| object.len() == 1);
            let object = pointed.and_then(|id| by_id.get(id).copied()).unwrap_or(object);
            for (key, value) in object.iter().filter(|(key, _)| !key.starts_with('@')) {
                flatten(&format!("{name}.{key}"), value, depth + 1, by_id, fields);
            }
        }
        Value::Array(values) => match values.as_slice() {
            [one] => flatten(name, one, depth + 1, by_id, fields),
            values if values.iter().all(|value| scalar(value).is_some()) => {
                let words: Vec<String> = values.iter().filter_map(scalar).collect();
                keep(name, &words.join(", "), fields);
            }
            values => {
                for (number, value) in values.iter().enumerate().take(20) {
                    flatten(&format!("{name}.{number}"), value, depth + 1, by_id, fields);
                }
            }
        },
        value => {
            if let Some(word) = scalar(value) {
                keep(name, &word, fields);
            }
        }
    }
}

fn keep(name: &str, value: &str, fields: &mut BTreeMap<String, String>) {
    let text = plain::from_markup(value);
    if !text.is_empty() && name.len() <= 200 {
        fields.insert(name.to_owned(), short(&text, FIELD_CHARS_MAX));
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// `datePosted`: an instant, a day, or a time without zone.
fn instant(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.timestamp_millis());
    }
    let civil = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S"))
        .ok()
        .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))?;
    let zone = FixedOffset::east_opt(CHINA_SECONDS_EAST)?;
    Some(civil.and_local_timezone(zone).single()?.timestamp_millis())
}
