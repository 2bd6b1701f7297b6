//! 腾讯云短信: `SendSms`, `PullSmsSendStatus`, `PullSmsReplyStatus` of `sms` 2021-01-11,
//! signed by TC3-HMAC-SHA256. <https://cloud.tencent.com/document/product/382/55981>
//!
//! A pull takes what it gives off the vendor's list, so what was pulled is held until the host has
//! kept it. What it is not: no call for several numbers, so that each has its own outcome.

use std::sync::Mutex;

use reqwest::{Method, Request, Url};
use serde_json::{Value, json};
use tokio::time::Instant;
use xibu_plugin_sdk::message::{Blame, Item, Level, Outcome};
use xibu_plugin_sdk::{NotDone, Sink};

use crate::batch::Ready;
use crate::door::{some_text, text};
use crate::http::{Exchange, Http};
use crate::outcome::{accepted, deferred, scrub};
use crate::unkept::Unkept;

mod codes;
pub(crate) mod push;
mod signature;

pub(crate) const VERSION: &str = "2021-01-11";
/// As many one pull gives at most, by the vendor's word.
const PULL_MAX: usize = 100;

/// What is needed to be let in.
pub(crate) struct Access {
    pub(crate) secret_id: String,
    pub(crate) secret_key: String,
}

pub(crate) struct Tencent {
    pub(crate) http: Http,
    pub(crate) endpoint: Url,
    pub(crate) access: Access,
    pub(crate) region: String,
    pub(crate) sdk_app_id: String,
    pub(crate) sign_name: String,
    /// Whether reports and replies are pulled; where they are pushed they need not be.
    pub(crate) poll_reports: bool,
    pub(crate) pulled: Mutex<Unkept<Item>>,
}

impl Tencent {
    pub(crate) async fn send(&self, ready: &Ready<'_>) -> Outcome {
        let values: Vec<&str> =
            ready.filled.values.iter().map(|(_, value)| value.as_str()).collect();
        let body = json!({
            "PhoneNumberSet": [ready.phone.e164()],
            "SmsSdkAppId": self.sdk_app_id,
            "TemplateId": ready.filled.code,
            "SignName": self.sign_name,
            "TemplateParamSet": values,
            "SessionContext": ready.key,
        });
        judge(self.call("SendSms", &body, ready.now_unix_ms, ready.by).await)
    }

    /// Pulls what there is; the word for the place, and whether more may wait.
    pub(crate) async fn poll(
        &self,
        now_unix_ms: i64,
        by: Instant,
        cursor: Option<&str>,
        sink: &mut Sink<'_>,
    ) -> Result<(String, bool), NotDone> {
        let broken = |_| NotDone::because("the list of what was pulled is broken");
        let full = {
            let mut pulled = self.pulled.lock().map_err(broken)?;
            drop(pulled.kept(cursor));
            pulled.is_full()
        };
        let mut more = false;
        if self.poll_reports && !full {
            for (action, list) in [
                ("PullSmsSendStatus", "PullSmsSendStatusSet"),
                ("PullSmsReplyStatus", "PullSmsReplyStatusSet"),
            ] {
                let body = json!({"Limit": PULL_MAX, "SmsSdkAppId": self.sdk_app_id});
                let exchange = self.call(action, &body, now_unix_ms, by).await;
                match pulled(exchange, list, now_unix_ms) {
                    Ok((items, strange)) => {
                        more |= items.len() >= PULL_MAX;
                        if strange > 0 {
                            let words = format!("tencent {action}: {strange} not understood");
                            sink.log(Level::Error, &words);
                        }
                        let mut pulled = self.pulled.lock().map_err(broken)?;
                        items.into_iter().for_each(|item| pulled.push(item));
                    }
                    Err(why) => sink.log(Level::Warning, &format!("tencent {action}: {why}")),
                }
            }
        }
        let mut pulled = self.pulled.lock().map_err(broken)?;
        let (items, cursor) = pulled.hand_over();
        for item in items.iter() {
            sink.emit(item, &[])?;
        }
        Ok((cursor, more))
    }

    async fn call(&self, action: &str, body: &Value, now_unix_ms: i64, by: Instant) -> Exchange {
        let body = body.to_string();
        let fields = signature::fields(self, action, &body, now_unix_ms);
        let mut url = self.endpoint.clone();
        url.set_path("/");
        let mut request = Request::new(Method::POST, url);
        for (name, value) in fields {
            match value.parse() {
                Ok(value) => request.headers_mut().insert(name, value),
                Err(_) => return Exchange::NotSent("no request could be made of it".into()),
            };
        }
        *request.body_mut() = Some(body.into());
        self.http.exchange(request, by).await
    }
}

fn judge(exchange: Exchange) -> Outcome {
    let answer = match exchange {
        Exchange::Answered(answer) => answer,
        Exchange::NotSent(why) => return deferred(Blame::Channel, format!("not sent: {why}")),
        Exchange::Lost => return Outcome::Unknown,
    };
    let json = answer.json().unwrap_or_default();
    let response = &json["Response"];
    let (refusal, status) = (&response["Error"], &response["SendStatusSet"][0]);
    let (code, message) = match (refusal["Code"].as_str(), status["Code"].as_str()) {
        (Some(code), _) => (code, text(&refusal["Message"])),
        (None, Some("Ok")) if answer.is_success() => {
            return accepted(some_text(&status["SerialNo"]).unwrap_or_default());
        }
        (None, Some(code)) if code != "Ok" => (code, text(&status["Message"])),
        _ => return answer.by_status("tencent"),
    };
    codes::judge(code, &message, answer.retry_after)
}

/// What was pulled, and how many entries of it nobody understands.
fn pulled(exchange: Exchange, list: &str, now_unix_ms: i64) -> Result<(Vec<Item>, usize), String> {
    let answer = match exchange {
        Exchange::Answered(answer) => answer,
        Exchange::NotSent(why) => return Err(scrub(&why)),
        Exchange::Lost => return Err("no answer".into()),
    };
    let json = answer.json().ok_or_else(|| format!("HTTP {}", answer.status))?;
    let response = &json["Response"];
    if let Some(code) = response["Error"]["Code"].as_str() {
        return Err(scrub(&format!("{code} {}", text(&response["Error"]["Message"]))));
    }
    let entries = response[list].as_array().ok_or_else(|| format!("HTTP {}", answer.status))?;
    let read = |entry| push::pulled(entry, now_unix_ms).ok();
    let items: Vec<Item> = entries.iter().filter_map(read).collect();
    let strange = entries.len() - items.len();
    Ok((items, strange))
}
