//! 阿里云短信: `SendSms` and `QuerySendDetails` of `Dysmsapi` 2017-05-25, signed by
//! ACS3-HMAC-SHA256. <https://help.aliyun.com/document_detail/419273.html>
//!
//! What it is not: no batch interface, because an answer for many at once names none of them.

use std::collections::VecDeque;
use std::sync::Mutex;

use reqwest::{Method, Request, Url};
use serde_json::Value;
use tokio::time::Instant;
use xibu_plugin_sdk::message::{Blame, Fate, Item, Level, Outcome, Receipt};
use xibu_plugin_sdk::{NotDone, Sink};

use crate::batch::Ready;
use crate::civil;
use crate::door::{some_text, text};
use crate::http::{Exchange, Http};
use crate::outcome::{accepted, deferred, scrub};

mod codes;
pub(crate) mod push;
mod signature;

pub(crate) use signature::hmac;

pub(crate) const VERSION: &str = "2017-05-25";

/// As many are asked about in one poll, the oldest first.
const ASKED_MAX: usize = 50;
/// As many are remembered; the oldest is forgotten for a newer one, and so is what is older than
/// three days, as its vendor gives up on it.
const SENT_MAX: usize = 10_000;
const AGE_MAX_MS: i64 = 72 * 3_600_000;

/// What is needed to be let in.
pub(crate) struct Access {
    pub(crate) key_id: String,
    pub(crate) key_secret: String,
}

pub(crate) struct Aliyun {
    pub(crate) http: Http,
    pub(crate) endpoint: Url,
    pub(crate) access: Access,
    pub(crate) sign_name: String,
    /// Whether reports are asked for; where they are pushed they need not be.
    pub(crate) poll_reports: bool,
    /// What was sent in this life of the plugin and has no report yet. In memory only: the number
    /// of a phone, which the interface asks for, belongs into no cursor.
    pub(crate) sent: Mutex<VecDeque<SentOne>>,
}

/// A message whose report is awaited.
#[derive(Clone)]
pub(crate) struct SentOne {
    key: String,
    phone: String,
    reference: String,
    at_unix_ms: i64,
}

impl Aliyun {
    pub(crate) async fn send(&self, ready: &Ready<'_>) -> Outcome {
        let values: serde_json::Map<String, Value> = ready
            .filled
            .values
            .iter()
            .map(|(name, value)| (name.clone(), Value::String(value.clone())))
            .collect();
        let parameters = [
            ("OutId", ready.key.to_owned()),
            ("PhoneNumbers", ready.phone.national().to_owned()),
            ("SignName", self.sign_name.clone()),
            ("TemplateCode", ready.filled.code.clone()),
            ("TemplateParam", Value::Object(values).to_string()),
        ];
        let exchange = self.call("SendSms", &parameters, ready.now_unix_ms, ready.by).await;
        let outcome = judge(exchange);
        if let (Outcome::Accepted { reference }, true) = (&outcome, self.poll_reports) {
            self.remember(SentOne {
                key: ready.key.to_owned(),
                phone: ready.phone.national().to_owned(),
                reference: reference.clone(),
                at_unix_ms: ready.now_unix_ms,
            });
        }
        outcome
    }

    /// Asks what became of what was sent; whether some still has no report.
    pub(crate) async fn poll(
        &self,
        now_unix_ms: i64,
        by: Instant,
        sink: &mut Sink<'_>,
    ) -> Result<bool, NotDone> {
        let asked: Vec<SentOne> = match self.sent.lock() {
            Ok(mut sent) => {
                sent.retain(|one| now_unix_ms - one.at_unix_ms < AGE_MAX_MS);
                sent.iter().take(ASKED_MAX).cloned().collect()
            }
            Err(_) => return Err(NotDone::because("the list of what was sent is broken")),
        };
        for one in asked {
            if by.saturating_duration_since(Instant::now()).as_millis() < 200 {
                break;
            }
            let parameters = [
                ("BizId", one.reference.clone()),
                ("CurrentPage", "1".to_owned()),
                ("PageSize", "10".to_owned()),
                ("PhoneNumber", one.phone.clone()),
                ("SendDate", civil::beijing_day(one.at_unix_ms)),
            ];
            let exchange = self.call("QuerySendDetails", &parameters, now_unix_ms, by).await;
            match report(exchange, &one, now_unix_ms) {
                Ok(Some(receipt)) => {
                    sink.emit(&Item::Receipt(receipt), &[])?;
                    self.forget(&one);
                }
                Ok(None) => self.put_behind(&one),
                Err(why) => {
                    sink.log(Level::Warning, &format!("aliyun: no reports: {why}"));
                    break;
                }
            }
        }
        Ok(self.sent.lock().is_ok_and(|sent| !sent.is_empty()))
    }

    async fn call(
        &self,
        action: &str,
        parameters: &[(&str, String)],
        now_unix_ms: i64,
        by: Instant,
    ) -> Exchange {
        match self.request(action, parameters, now_unix_ms) {
            Some(request) => self.http.exchange(request, by).await,
            None => Exchange::NotSent("no request could be made of it".into()),
        }
    }

    fn request(
        &self,
        action: &str,
        parameters: &[(&str, String)],
        now_unix_ms: i64,
    ) -> Option<Request> {
        let signed = signature::sign(&self.access, &self.endpoint, action, parameters, now_unix_ms);
        let mut request = Request::new(Method::POST, signed.url);
        for (name, value) in signed.fields {
            request.headers_mut().insert(name, value.parse().ok()?);
        }
        Some(request)
    }

    fn remember(&self, one: SentOne) {
        if let Ok(mut sent) = self.sent.lock() {
            if sent.len() >= SENT_MAX {
                sent.pop_front();
            }
            sent.push_back(one);
        }
    }

    fn forget(&self, one: &SentOne) {
        if let Ok(mut sent) = self.sent.lock() {
            sent.retain(|other| other.reference != one.reference || other.phone != one.phone);
        }
    }

    /// So that every one is asked about in turn.
    fn put_behind(&self, one: &SentOne) {
        self.forget(one);
        self.remember(one.clone());
    }
}

fn judge(exchange: Exchange) -> Outcome {
    let answer = match exchange {
        Exchange::Answered(answer) => answer,
        Exchange::NotSent(why) => return deferred(Blame::Channel, format!("not sent: {why}")),
        Exchange::Lost => return Outcome::Unknown,
    };
    let json = answer.json().unwrap_or_default();
    match (json["Code"].as_str(), some_text(&json["BizId"])) {
        (Some("OK"), Some(reference)) if answer.is_success() => accepted(reference),
        // Taken, but under no number that a report could name.
        (Some("OK"), None) if answer.is_success() => accepted(text(&json["RequestId"])),
        (Some("OK"), _) | (None, _) => answer.by_status("aliyun"),
        (Some(code), _) => codes::judge(code, &text(&json["Message"]), answer.retry_after),
    }
}

fn report(exchange: Exchange, one: &SentOne, now_unix_ms: i64) -> Result<Option<Receipt>, String> {
    let answer = match exchange {
        Exchange::Answered(answer) => answer,
        Exchange::NotSent(why) => return Err(scrub(&why)),
        Exchange::Lost => return Err("no answer".into()),
    };
    let json = answer.json().ok_or_else(|| format!("HTTP {}", answer.status))?;
    match json["Code"].as_str() {
        Some("OK") => {}
        Some(code) => return Err(scrub(code)),
        None => return Err(format!("HTTP {}", answer.status)),
    }
    let details = json["SmsSendDetailDTOs"]["SmsSendDetailDTO"].as_array();
    let known = details.into_iter().flatten().find_map(|detail| {
        // 1 waits, 2 failed, 3 arrived.
        let fate = match text(&detail["SendStatus"]).as_str() {
            "3" => Fate::Delivered,
            "2" => codes::failed(&text(&detail["ErrCode"])),
            _ => return None,
        };
        let at = civil::milliseconds(&detail["ReceiveDate"]).unwrap_or(now_unix_ms);
        Some((fate, at))
    });
    Ok(known.map(|(fate, at_unix_ms)| Receipt {
        key: Some(one.key.clone()),
        reference: Some(one.reference.clone()),
        at_unix_ms,
        fate,
    }))
}
