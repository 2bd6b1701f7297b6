//! `/hooks/<plugin>`: the raw request goes to that plugin; its answer goes back only after what it
//! brought is on disk.
//!
//! Whether a request is genuine is the plugin's to say: it knows the vendor's signature.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Response, StatusCode};
use axum::routing::any;
use tracing::warn;
use xibu_plugin_abi::message::{self, Item, Status};

use super::Shared;
use crate::carrier::{CallLost, Carrier};
use crate::doors::{Brought, ITEMS_MAX};

/// The longest body, bytes.
const BODY_MAX: usize = 1 << 20;
/// The longest a body may take to come.
const BODY_WAIT_MAX: Duration = Duration::from_secs(10);
/// The longest a plugin may take.
const CALL_MAX: Duration = Duration::from_secs(20);
/// What is told to come again is told to wait this long, seconds.
const RETRY_SECONDS: u64 = 30;

/// The pages.
pub(super) fn pages(shared: Shared) -> Router {
    Router::new()
        .route("/hooks/{plugin}", any(hook))
        .route("/hooks/{plugin}/", any(hook))
        .route("/hooks/{plugin}/{*rest}", any(hook))
        .with_state(shared)
}

async fn hook(State(shared): State<Shared>, request: Request) -> Response<Body> {
    // As it came: percent signs are the plugin's to read.
    let named = request.uri().path().strip_prefix("/hooks/").unwrap_or_default();
    let end = named.find('/').unwrap_or(named.len());
    let (plugin, path) = (named[..end].to_owned(), named[end..].to_owned());
    let Some(carrier) = shared.carriers.get(&plugin) else {
        return plain(StatusCode::NOT_FOUND);
    };
    let Ok(room) = shared.room.clone().try_acquire_owned() else {
        return come_again();
    };
    let (parts, body) = request.into_parts();
    let body = match tokio::time::timeout(BODY_WAIT_MAX, to_bytes(body, BODY_MAX)).await {
        Ok(Ok(body)) => body.to_vec(),
        Ok(Err(_)) => return plain(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => return plain(StatusCode::REQUEST_TIMEOUT),
    };
    let headers = parts.headers.iter().filter_map(|(name, value)| {
        // A field sent twice is one list, as HTTP says; the plugin sees it joined.
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    });
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        let known = joined.entry(name).or_default();
        *known = if known.is_empty() { value } else { format!("{known}, {value}") };
    }
    let request = message::Request::Hook {
        method: parts.method.as_str().to_owned(),
        path,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: joined,
    };
    // In a task of its own: a caller that hangs up must not cut a call off, which costs the plugin
    // its process.
    let answered = tokio::spawn(async move {
        let answer = answer(&shared, &carrier, request, body).await;
        drop(room);
        answer
    });
    answered.await.unwrap_or_else(|_| come_again())
}

async fn answer(
    shared: &Shared,
    carrier: &Carrier,
    request: message::Request,
    body: Vec<u8>,
) -> Response<Body> {
    let mut brought = Brought::by(carrier.id());
    let mut answered = None;
    let mut too_many = false;
    let now = shared.clock.now().unix_ms;
    let called = carrier.call(request, vec![body], now, CALL_MAX, |item, blobs| {
        too_many |= brought.items() >= ITEMS_MAX;
        if let Some((Item::HookAnswered { status, media_type }, blobs)) = brought.add(item, blobs) {
            answered = Some((status, media_type, blobs.into_iter().next().unwrap_or_default()));
        }
    });
    match called.await {
        Ok(Status::Done) if !too_many => {}
        Ok(Status::Unsupported) => return plain(StatusCode::NOT_FOUND),
        Ok(Status::Done) => return come_again(),
        Ok(Status::Failed { detail } | Status::Panicked { detail }) => {
            warn!(plugin = carrier.id(), "a hook was not answered: {detail}");
            return come_again();
        }
        Err(lost) => return lost_call(carrier, &lost),
    }
    // What a hook brings has no cursor: where a poll stands is a poll's to say.
    brought.cursor = None;
    if brought.items() > 0 && !shared.porter.keep(brought).await {
        return come_again();
    }
    let Some((status, media_type, body)) = answered else {
        return plain(StatusCode::NO_CONTENT);
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    if let Ok(media_type) = HeaderValue::from_str(&media_type) {
        response.headers_mut().insert(CONTENT_TYPE, media_type);
    }
    response
}

fn lost_call(carrier: &Carrier, lost: &CallLost) -> Response<Body> {
    warn!(plugin = carrier.id(), "a hook was not answered: {lost}");
    let wait = match lost {
        CallLost::BackingOff { wait } | CallLost::Quarantined { wait } => wait.as_secs() + 1,
        _ => RETRY_SECONDS,
    };
    come_again_after(wait)
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn come_again() -> Response<Body> {
    come_again_after(RETRY_SECONDS)
}

fn come_again_after(seconds: u64) -> Response<Body> {
    let mut response = plain(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}
