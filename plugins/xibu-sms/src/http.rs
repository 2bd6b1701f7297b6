//! One request and its answer, over TLS (ring) or plain to this very computer.
//!
//! It knows what nobody else can tell later: whether the request may have been received. What it
//! is not: no redirect, no proxy, no second try, no meaning of an answer.

use std::path::Path;

use reqwest::{Client, Request, Url, redirect};
use tokio::time::{Duration, Instant, timeout_at};
use xibu_plugin_sdk::message::{Blame, Outcome};
use xibu_plugin_sdk::{NotDone, tls};

use crate::outcome::{REST_SECONDS, deferred, throttled};

/// The longest body of an answer that is read.
const BODY_BYTES_MAX: usize = 1 << 20;
/// A connection is made within this, or the request counts as not sent.
const CONNECT_SECONDS_MAX: u64 = 5;

/// What became of a request.
#[derive(Debug)]
pub(crate) enum Exchange {
    Answered(Answer),
    /// Nothing of it left: why, for the log.
    NotSent(String),
    /// It may have been received; no answer came.
    Lost,
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `Retry-After` in seconds.
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// What the status alone means, where the body says nothing that is understood.
    pub(crate) fn by_status(&self, who: &str) -> Outcome {
        let words = format!("{who}: HTTP {}", self.status);
        match self.status {
            429 | 503 => throttled(self.retry_after.unwrap_or(REST_SECONDS), words),
            400 | 413 | 414 | 422 => crate::outcome::rejected(Blame::Message, words),
            // Login, address of the interface, its method: a person has to look.
            300..=499 => deferred(Blame::Channel, words),
            // Somebody behind may have taken it; so may one who says 200 and nothing we know.
            _ => Outcome::Unknown,
        }
    }
}

/// Makes requests.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    client: Client,
}

impl Http {
    /// # Errors
    /// Names the key that is unusable.
    pub(crate) fn new(timeout: Duration, ca_file: Option<&Path>) -> Result<Self, NotDone> {
        let connect = Duration::from_secs(CONNECT_SECONDS_MAX).min(timeout / 2);
        let client = Client::builder()
            .tls_backend_preconfigured(tls::client(ca_file)?)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .http1_only()
            .connect_timeout(connect)
            // Gateways hang up on idle connections; a request on one of those would count as lost.
            .pool_idle_timeout(Duration::from_secs(5))
            .user_agent(concat!("xibu-sms/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| NotDone::because("no HTTP client can be made"))?;
        Ok(Self { client })
    }

    /// Sends a request and waits for its answer until then.
    pub(crate) async fn exchange(&self, request: Request, by: Instant) -> Exchange {
        match timeout_at(by, self.send(request)).await {
            Ok(exchange) => exchange,
            Err(_) => Exchange::Lost,
        }
    }

    async fn send(&self, request: Request) -> Exchange {
        let mut response = match self.client.execute(request).await {
            Ok(response) => response,
            Err(error) if error.is_connect() || error.is_builder() => {
                return Exchange::NotSent(root_cause(&error));
            }
            Err(_) => return Exchange::Lost,
        };
        let retry_after = response.headers().get("retry-after");
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let mut answer =
            Answer { status: response.status().as_u16(), retry_after, body: Vec::new() };
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if answer.body.len() + chunk.len() <= BODY_BYTES_MAX => {
                    answer.body.extend_from_slice(&chunk);
                }
                Ok(None) => return Exchange::Answered(answer),
                Ok(Some(_)) | Err(_) => return Exchange::Lost,
            }
        }
    }
}

/// The innermost reason, which names no address of ours: `Connection refused (os error 111)`.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// Reads an address of an interface: https, or plain http to this very computer.
///
/// # Errors
/// Names the key.
pub(crate) fn address(key: &str, text: &str) -> Result<Url, NotDone> {
    let url = Url::parse(text)
        .map_err(|_| NotDone::setting(key, "is not an address such as https://…"))?;
    let host = url.host_str().unwrap_or_default();
    match url.scheme() {
        "https" if !host.is_empty() => Ok(url),
        "http" if is_this_computer(host) => Ok(url),
        "http" => Err(NotDone::setting(
            key,
            "plain http is allowed to this computer only (127.0.0.1, localhost); use https",
        )),
        _ => Err(NotDone::setting(key, "is not an address such as https://…")),
    }
}

/// By name or number.
pub(crate) fn is_this_computer(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The host and port as the `Host` field has them.
pub(crate) fn host_field(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
