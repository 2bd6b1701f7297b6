//! One document over HTTP, with manners: robots.txt, conditional requests, redirects one by one,
//! and limits on time and size.
//!
//! What it is not: it decides nothing about when to ask; that is `poll.rs`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use chrono::DateTime;
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use url::{Host, Url};

use crate::address::{allowed, is_loopback};
use crate::configuration::Manners;
use crate::robots::Robots;

const ACCEPT: &str = "application/rss+xml, application/atom+xml, application/feed+json, \
                      application/json;q=0.9, application/xml;q=0.9, text/html;q=0.9, */*;q=0.5";

/// A site's rules are asked for once a day, as the RFC has it.
const ROBOTS_KEPT_MS: i64 = 24 * 3_600_000;

/// The RFC asks for at least five.
const ROBOTS_REDIRECTS_MAX: usize = 5;
const ROBOTS_BYTES_MAX: usize = 512 * 1024;

/// More sites than a configuration can lead to are not kept.
const ROBOTS_SITES_MAX: usize = 500;

/// What is known of a document from the last time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Validators<'a> {
    pub(crate) etag: Option<&'a str>,
    pub(crate) last_modified: Option<&'a str>,
}

/// A document as it came.
#[derive(Debug)]
pub(crate) struct Document {
    /// Where it was in the end.
    pub(crate) url: Url,
    pub(crate) content_type: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

/// What came of asking.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Hosts that were asked, each with the pause it wants until the next time.
    pub(crate) hosts: BTreeMap<String, Option<Duration>>,
    /// How long the site wants to be left alone.
    pub(crate) retry_after: Option<Duration>,
}

/// Asks sites. Keeps their rules.
#[derive(Default)]
pub(crate) struct Fetcher {
    robots: BTreeMap<String, (i64, Robots)>,
}

/// How one request is made.
#[derive(Clone, Copy)]
struct Request<'a> {
    manners: &'a Manners,
    validators: Validators<'a>,
    /// Whether the source is this computer itself, so that a redirect may stay on it.
    loopback: bool,
}

impl Fetcher {
    /// The document, or none where it has not changed.
    ///
    /// # Errors
    /// Why it could not be had, in English without any address.
    pub(crate) async fn get(
        &mut self,
        manners: &Manners,
        start: &Url,
        validators: Validators<'_>,
        now_unix_ms: i64,
        asked: &mut Asked,
    ) -> Result<Option<Document>, String> {
        let request = Request { manners, validators, loopback: is_loopback(start) };
        let mut url = start.clone();
        for hop in 0..=manners.redirects_max {
            let robots = self.robots(request, &url, hop > 0, now_unix_ms).await?;
            asked.hosts.insert(authority(&url), robots.delay);
            if !robots.allows(&path_and_query(&url)) {
                return Err("robots.txt does not allow this path".into());
            }
            let response = send(request, &url, hop > 0).await?;
            let status = response.status();
            if status == StatusCode::NOT_MODIFIED {
                return Ok(None);
            }
            if is_redirect(status) {
                url = next_hop(&url, response.headers())?;
                continue;
            }
            asked.retry_after = retry_after(response.headers(), now_unix_ms);
            if status != StatusCode::OK {
                return Err(format!("HTTP {}", status.as_u16()));
            }
            asked.retry_after = None;
            let text = |name| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
            let (content_type, etag, last_modified) =
                (text(header::CONTENT_TYPE), text(header::ETAG), text(header::LAST_MODIFIED));
            let bytes = body(response, manners.bytes_max)
                .await?
                .ok_or("the document is larger than bytes_max")?;
            return Ok(Some(Document { url, content_type, etag, last_modified, bytes }));
        }
        Err("more redirects than redirects_max, or in a circle".into())
    }

    /// The rules of the site, from the last 24 hours or fetched.
    async fn robots(
        &mut self,
        request: Request<'_>,
        url: &Url,
        redirected: bool,
        now_unix_ms: i64,
    ) -> Result<Robots, String> {
        let site = url.origin().ascii_serialization();
        if let Some((at, robots)) = self.robots.get(&site)
            && (0..ROBOTS_KEPT_MS).contains(&(now_unix_ms - at))
        {
            return Ok(robots.clone());
        }
        let robots = fetch_robots(request, url, redirected).await?;
        if self.robots.len() >= ROBOTS_SITES_MAX {
            self.robots.clear();
        }
        self.robots.insert(site, (now_unix_ms, robots.clone()));
        Ok(robots)
    }
}

/// A site without rules (4xx) allows everything, one that cannot say (5xx, no answer) nothing.
async fn fetch_robots(request: Request<'_>, url: &Url, redirected: bool) -> Result<Robots, String> {
    let request = Request { validators: Validators::default(), ..request };
    let mut url = url.join("/robots.txt").map_err(|_| "robots.txt has no address".to_owned())?;
    for hop in 0..=ROBOTS_REDIRECTS_MAX {
        let response = send(request, &url, redirected || hop > 0).await?;
        let status = response.status();
        if is_redirect(status) {
            let Ok(next) = next_hop(&url, response.headers()) else { break };
            url = next;
            continue;
        }
        if status.is_success() {
            // What is over the limit is not read, as the RFC has it.
            let bytes = body_start(response, ROBOTS_BYTES_MAX).await?;
            return Ok(Robots::parse(&bytes, &request.manners.product));
        }
        if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS {
            return Ok(Robots::default());
        }
        return Err(format!("robots.txt cannot be read (HTTP {})", status.as_u16()));
    }
    // Too many redirects count as no rules.
    Ok(Robots::default())
}

async fn send(request: Request<'_>, url: &Url, redirected: bool) -> Result<Response, String> {
    let found = resolve(url).await?;
    let addresses = allowed(found, redirected, request.loopback);
    if addresses.is_empty() {
        return Err("a redirect leads to an address that is not public".into());
    }
    let mut builder = Client::builder()
        .tls_backend_preconfigured(request.manners.tls.clone())
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        .pool_max_idle_per_host(0);
    // What was looked at is what is connected to: the name is not resolved a second time.
    if let Some(Host::Domain(name)) = url.host() {
        builder = builder.resolve_to_addrs(name, &addresses);
    }
    let client = builder.build().map_err(|_| "no HTTP client could be made".to_owned())?;
    let mut headers = HeaderMap::new();
    headers.insert(header::USER_AGENT, request.manners.user_agent.clone());
    headers.insert(header::ACCEPT, HeaderValue::from_static(ACCEPT));
    let validators = [
        (header::IF_NONE_MATCH, request.validators.etag),
        (header::IF_MODIFIED_SINCE, request.validators.last_modified),
    ];
    for (name, value) in validators {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    }
    client.get(url.clone()).headers(headers).send().await.map_err(|error| why(&error).to_owned())
}

async fn resolve(url: &Url) -> Result<Vec<SocketAddr>, String> {
    let port = url.port_or_known_default().unwrap_or(443);
    match url.host() {
        Some(Host::Ipv4(address)) => Ok(vec![(address, port).into()]),
        Some(Host::Ipv6(address)) => Ok(vec![(address, port).into()]),
        Some(Host::Domain(name)) => tokio::net::lookup_host((name, port))
            .await
            .map(Iterator::collect)
            .map_err(|_| "the host's name cannot be resolved".into()),
        None => Err("the address has no host".into()),
    }
}

/// The body unpacked; none where it is larger than `max`.
async fn body(mut response: Response, max: usize) -> Result<Option<Vec<u8>>, String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| why(&error).to_owned())? {
        if bytes.len() + chunk.len() > max {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

/// The first `max` bytes of the body.
async fn body_start(mut response: Response, max: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| why(&error).to_owned())? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > max {
            bytes.truncate(max);
            break;
        }
    }
    Ok(bytes)
}

/// Its own words would hold the address.
fn why(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "no connection"
    } else if error.is_body() || error.is_decode() {
        "the answer broke off or cannot be unpacked"
    } else {
        "the request failed"
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where a redirect leads.
fn next_hop(from: &Url, headers: &HeaderMap) -> Result<Url, String> {
    let location = headers.get(header::LOCATION).and_then(|location| location.to_str().ok());
    let location = location.ok_or("a redirect without a readable address")?;
    let next = from.join(location).map_err(|_| "a redirect without a readable address")?;
    let next = crate::configuration::address(next.as_str())
        .ok_or("a redirect to what is neither http nor https")?;
    if from.scheme() == "https" && next.scheme() == "http" {
        return Err("a redirect from https to http".into());
    }
    Ok(next)
}

/// Seconds, or a date.
fn retry_after(headers: &HeaderMap, now_unix_ms: i64) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(value).ok()?.timestamp_millis();
    Some(Duration::from_millis(u64::try_from(at - now_unix_ms).unwrap_or(0)))
}

/// Host and port, for pauses.
pub(crate) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    format!("{host}:{}", url.port_or_known_default().unwrap_or(0))
}

fn path_and_query(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_never_leave_https() {
        #[track_caller]
        fn check(from: &str, location: &str, expected: Result<&str, &str>) {
            let mut headers = HeaderMap::new();
            headers.insert(header::LOCATION, HeaderValue::from_str(location).unwrap());
            let next = next_hop(&Url::parse(from).unwrap(), &headers);
            let shown = next.as_ref().map(Url::as_str).map_err(String::as_str);
            assert_eq!(shown, expected, "{from} {location}");
        }
        check("https://a.test/x", "/y", Ok("https://a.test/y"));
        check("http://a.test/x", "https://b.test/", Ok("https://b.test/"));
        check("https://a.test/x", "http://a.test/x", Err("a redirect from https to http"));
        let other = Err("a redirect to what is neither http nor https");
        check("https://a.test/x", "file:///etc/passwd", other);
        check("https://a.test/x", "https://u:p@b.test/", other);
        check("https://a.test/x", "https://", Err("a redirect without a readable address"));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, HeaderValue::from_str(value).unwrap());
            retry_after(&headers, 1_780_272_000_000).map(|pause| pause.as_secs())
        };
        assert_eq!(read("120"), Some(120));
        assert_eq!(read("Mon, 01 Jun 2026 00:02:00 GMT"), Some(120));
        assert_eq!(read("Sun, 31 May 2026 00:00:00 GMT"), Some(0));
        assert_eq!(read("soon"), None);
    }
}
