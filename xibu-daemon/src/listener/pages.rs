//! Pages for people, shown: each request goes to the one who keeps the record.
//!
//! What a page says is `crate::pages`'.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{HeaderName, RETRY_AFTER};
use axum::http::{HeaderValue, Method, Response, StatusCode};
use axum::routing::any;

use super::Shared;
use crate::doors::queue::Asked;
use crate::pages::{self, BODY_BYTES_MAX};

/// The longest a body may take to come.
const BODY_WAIT_MAX: Duration = Duration::from_secs(10);
/// What is told to come again is told to wait this long, seconds.
const RETRY_SECONDS: u64 = 5;

/// The pages.
pub(super) fn pages(shared: Shared) -> Router {
    Router::new()
        .route("/postings", any(page))
        .route("/stop/{token}", any(page))
        .route("/answer/{token}", any(page))
        .with_state(shared)
}

async fn page(State(shared): State<Shared>, request: Request) -> Response<Body> {
    let Ok(room) = shared.room.clone().try_acquire_owned() else { return come_again() };
    let (parts, body) = request.into_parts();
    let body = tokio::time::timeout(BODY_WAIT_MAX, to_bytes(body, BODY_BYTES_MAX)).await;
    let body = match body {
        Ok(Ok(body)) => body.to_vec(),
        Ok(Err(_)) => return status(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => return status(StatusCode::REQUEST_TIMEOUT),
    };
    let asked = Asked {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        body,
    };
    let shown = shared.porter.page(asked).await;
    drop(room);
    let Some(pages::Response { status, headers, body }) = shown else { return come_again() };
    let body = if parts.method == Method::HEAD { Body::empty() } else { Body::from(body) };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn come_again() -> Response<Body> {
    let mut response = status(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(RETRY_SECONDS));
    response
}
