//! Any gateway that takes one HTTP request for a message: how the request looks and what an answer
//! means stands in the settings.
//!
//! An answer that is known neither as success nor as a failure is never called sent: where it says
//! something else than success it was refused, where it says nothing that is understood nobody
//! knows.

use std::collections::BTreeMap;

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Request, Url};
use serde_json::Value;
use xibu_plugin_sdk::message::{Blame, Item, Outcome};

use crate::batch::Ready;
use crate::door::{Came, Push, text};
use crate::http::{Answer, Exchange, Http};
use crate::outcome::{REST_SECONDS, accepted, deferred, rejected, throttled};

mod fields;
mod placeholder;
mod rule;
pub(crate) mod typed;

use fields::{ReplyFields, ReportFields};
use placeholder::Values;
#[cfg(test)]
pub(crate) use placeholder::read_form;
use rule::Rule;

/// How a body is written, and how a push is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    #[default]
    Json,
    Form,
}

/// What the host does after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Reject,
    Defer,
    Throttle,
}

/// A failure that is known by its answer.
pub(crate) struct Failure {
    pub(crate) rule: Rule,
    pub(crate) action: Action,
    pub(crate) blame: Blame,
    pub(crate) retry_after_seconds: Option<u64>,
}

pub(crate) struct Gateway {
    pub(crate) http: Http,
    pub(crate) url: Url,
    pub(crate) method: Method,
    pub(crate) token: String,
    pub(crate) format: Format,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
    pub(crate) success: Rule,
    pub(crate) failures: Vec<Failure>,
    /// Where the gateway's number of a message stands in its answer.
    pub(crate) reference: Option<String>,
    pub(crate) report: Option<ReportFields>,
    pub(crate) reply: Option<ReplyFields>,
    pub(crate) push_answer: String,
}

impl Gateway {
    pub(crate) async fn send(&self, ready: &Ready<'_>) -> Outcome {
        let Some(request) = self.request(ready) else {
            return rejected(Blame::Message, "no request could be made of it");
        };
        match self.http.exchange(request, ready.by).await {
            Exchange::Answered(answer) => self.judge(&answer),
            Exchange::NotSent(why) => deferred(Blame::Channel, format!("not sent: {why}")),
            Exchange::Lost => Outcome::Unknown,
        }
    }

    fn request(&self, ready: &Ready<'_>) -> Option<Request> {
        let values = Values::of(ready, &self.token);
        let mut request = Request::new(self.method.clone(), self.url.clone());
        for (name, value) in &self.headers {
            let name: HeaderName = name.parse().ok()?;
            let mut value: HeaderValue = values.fill(value).parse().ok()?;
            value.set_sensitive(true);
            request.headers_mut().insert(name, value);
        }
        let body = values.fill_json(&self.body);
        if self.method == Method::GET {
            let query = placeholder::form(&body);
            let query = match self.url.query() {
                Some(before) if !query.is_empty() => format!("{before}&{query}"),
                Some(before) => before.to_owned(),
                None => query,
            };
            request
                .url_mut()
                .set_query(Some(&query).filter(|query| !query.is_empty()).map(|q| &**q));
            return Some(request);
        }
        let (media_type, bytes) = match self.format {
            Format::Json => ("application/json", body.to_string()),
            Format::Form => ("application/x-www-form-urlencoded", placeholder::form(&body)),
        };
        let headers = request.headers_mut();
        if !headers.contains_key("content-type") {
            headers.insert("content-type", HeaderValue::from_static(media_type));
        }
        *request.body_mut() = Some(bytes.into());
        Some(request)
    }

    /// Failures come first: an answer may carry the mark of success and of a failure.
    fn judge(&self, answer: &Answer) -> Outcome {
        let json = answer.json();
        if let Some(failure) = self.failures.iter().find(|f| f.rule.fits(answer, json.as_ref())) {
            let words = failure.rule.seen(answer, json.as_ref());
            return match failure.action {
                Action::Reject => rejected(failure.blame, words),
                Action::Defer => deferred(failure.blame, words),
                Action::Throttle => {
                    let rest = failure.retry_after_seconds.or(answer.retry_after);
                    throttled(rest.unwrap_or(REST_SECONDS), words)
                }
            };
        }
        // HTTP itself must not say otherwise, unless the settings name its status.
        let fine = answer.is_success() || !self.success.status.is_empty();
        if fine && self.success.fits(answer, json.as_ref()) {
            let reference = self.reference.as_ref().zip(json.as_ref());
            let reference = reference.and_then(|(pointer, json)| json.pointer(pointer));
            return accepted(reference.map(text).unwrap_or_default());
        }
        if !answer.is_success() {
            return answer.by_status("gateway");
        }
        // It says something, and it is not success.
        match self.success.says_otherwise(answer, json.as_ref()) {
            true => deferred(Blame::Message, self.success.seen(answer, json.as_ref())),
            false => Outcome::Unknown,
        }
    }

    pub(crate) fn read_push(&self, what: Came, push: &Push<'_>) -> Result<Vec<Item>, &'static str> {
        match what {
            Came::Reports => self.report.as_ref().ok_or("no `report` is set")?.read(push),
            Came::Replies => self.reply.as_ref().ok_or("no `reply` is set")?.read(push),
        }
    }

    pub(crate) fn push_answer(&self) -> (String, &'static str) {
        let json = self.push_answer.starts_with(['{', '[']);
        (self.push_answer.clone(), if json { "application/json" } else { "text/plain" })
    }
}
