//! The gateway's part of the settings, as typed, and what is wrong with it.

use std::collections::BTreeMap;

use regex::RegexBuilder;
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value;
use xibu_plugin_sdk::NotDone;
use xibu_plugin_sdk::message::Blame;

use super::fields::{ReplyFields, ReportFields};
use super::placeholder::NAMES;
use super::rule::{PATTERN_BYTES_MAX, Rule};
use super::{Action, Failure, Format, Gateway};
use crate::configuration::needed;
use crate::http::{Http, address};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypedRule {
    #[serde(default)]
    status: Vec<u16>,
    pointer: Option<String>,
    equals: Option<Value>,
    body: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypedFailure {
    #[serde(default)]
    status: Vec<u16>,
    pointer: Option<String>,
    equals: Option<Value>,
    body: Option<String>,
    action: Action,
    blame: Option<String>,
    retry_after: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypedReport {
    #[serde(default)]
    format: Format,
    list: Option<String>,
    key: Option<String>,
    reference: Option<String>,
    state: String,
    delivered: Vec<String>,
    #[serde(default)]
    pending: Vec<String>,
    time: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypedReply {
    #[serde(default)]
    format: Format,
    list: Option<String>,
    id: Option<String>,
    from: String,
    text: String,
    time: Option<String>,
    answers: Option<String>,
}

/// Everything of the settings that only a gateway has.
pub(crate) struct Typed {
    pub(crate) url: Option<String>,
    pub(crate) method: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) body_format: Format,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
    pub(crate) success: Option<TypedRule>,
    pub(crate) failure: Vec<TypedFailure>,
    pub(crate) reference: Option<String>,
    pub(crate) report: Option<TypedReport>,
    pub(crate) reply: Option<TypedReply>,
    pub(crate) push_answer: Option<String>,
}

/// # Errors
/// Names the key that is unusable.
pub(crate) fn read(typed: Typed, http: Http) -> Result<Gateway, NotDone> {
    let url = address("url", &needed("url", typed.url)?)?;
    let method = match typed.method.as_deref().unwrap_or("POST") {
        "POST" => Method::POST,
        "GET" => Method::GET,
        "PUT" => Method::PUT,
        _ => return Err(NotDone::setting("method", "is not POST, GET or PUT")),
    };
    for (name, value) in &typed.headers {
        let key = format!("headers.{name}");
        if name.parse::<HeaderName>().is_err() || HeaderValue::from_str(value).is_err() {
            return Err(NotDone::setting(&key, "is not a header field"));
        }
        check_placeholders(&key, value)?;
    }
    check_body(&typed.body)?;
    let success = typed.success.ok_or_else(|| NotDone::setting("success", "is missing"))?;
    let success = rule("success", success.status, success.pointer, success.equals, success.body)?;
    let mut failures = Vec::new();
    for (at, one) in typed.failure.into_iter().enumerate() {
        let key = format!("failure.{at}");
        let blame = match (one.blame.as_deref(), one.action) {
            (Some("address"), _) => Blame::Address,
            (Some("message"), _) | (None, Action::Reject) => Blame::Message,
            (Some("channel") | None, _) => Blame::Channel,
            _ => {
                return Err(NotDone::setting(
                    &format!("{key}.blame"),
                    "is not address, message or channel",
                ));
            }
        };
        failures.push(Failure {
            rule: rule(&key, one.status, one.pointer, one.equals, one.body)?,
            action: one.action,
            blame,
            retry_after_seconds: one.retry_after,
        });
    }
    check_pointer("reference", typed.reference.as_deref())?;
    Ok(Gateway {
        http,
        url,
        method,
        token: typed.token.unwrap_or_default(),
        format: typed.body_format,
        headers: typed.headers,
        body: typed.body,
        success,
        failures,
        reference: typed.reference,
        report: typed.report.map(report).transpose()?,
        reply: typed.reply.map(reply),
        push_answer: typed.push_answer.unwrap_or_else(|| "ok".into()),
    })
}

fn report(typed: TypedReport) -> Result<ReportFields, NotDone> {
    if typed.key.is_none() && typed.reference.is_none() {
        return Err(NotDone::setting("report", "names neither `key` nor `reference`"));
    }
    Ok(ReportFields {
        format: typed.format,
        list: typed.list,
        key: typed.key,
        reference: typed.reference,
        state: typed.state,
        delivered: typed.delivered,
        pending: typed.pending,
        time: typed.time,
    })
}

fn reply(typed: TypedReply) -> ReplyFields {
    ReplyFields {
        format: typed.format,
        list: typed.list,
        id: typed.id,
        from: typed.from,
        text: typed.text,
        time: typed.time,
        answers: typed.answers,
    }
}

fn rule(
    key: &str,
    status: Vec<u16>,
    pointer: Option<String>,
    equals: Option<Value>,
    body: Option<String>,
) -> Result<Rule, NotDone> {
    if status.is_empty() && pointer.is_none() && body.is_none() {
        return Err(NotDone::setting(key, "names neither `status` nor `pointer` nor `body`"));
    }
    check_pointer(&format!("{key}.pointer"), pointer.as_deref())?;
    let equals = match (&pointer, equals) {
        (Some(_), Some(Value::Array(list))) => list.iter().map(crate::door::text).collect(),
        (Some(_), Some(one)) => vec![crate::door::text(&one)],
        (None, None) => Vec::new(),
        (Some(_), None) => return Err(NotDone::setting(&format!("{key}.equals"), "is missing")),
        (None, Some(_)) => return Err(NotDone::setting(&format!("{key}.pointer"), "is missing")),
    };
    let build = |pattern: String| {
        RegexBuilder::new(&pattern)
            .size_limit(PATTERN_BYTES_MAX)
            .build()
            .map_err(|_| NotDone::setting(&format!("{key}.body"), "is not a regular expression"))
    };
    Ok(Rule { status, pointer, equals, body: body.map(build).transpose()? })
}

fn check_pointer(key: &str, pointer: Option<&str>) -> Result<(), NotDone> {
    match pointer {
        Some(pointer) if !pointer.starts_with('/') && !pointer.is_empty() => {
            Err(NotDone::setting(key, "is not a JSON pointer such as /data/id"))
        }
        _ => Ok(()),
    }
}

fn check_body(body: &Value) -> Result<(), NotDone> {
    match body {
        Value::String(text) => check_placeholders("body", text),
        Value::Array(list) => list.iter().try_for_each(check_body),
        Value::Object(map) => map.values().try_for_each(check_body),
        _ => Ok(()),
    }
}

/// A misspelt placeholder would be sent as it stands.
fn check_placeholders(key: &str, text: &str) -> Result<(), NotDone> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, _)) = after.split_once('}') else { break };
        let is_word =
            !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || "._".contains(c));
        if is_word && !NAMES.contains(&name) && !name.starts_with("variables.") {
            return Err(NotDone::setting(key, format!("has an unknown placeholder {{{name}}}")));
        }
        rest = after;
    }
    Ok(())
}
