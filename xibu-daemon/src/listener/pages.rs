//! Pages for people with a link, from HTTP to [`crate::pages`] and back.
//!
//! What a reader says is on disk before the answer goes out. What it is not: no page is made here.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use axum::routing::any;

use super::Shared;
use crate::doors::queue::PageRequest;
use crate::pages::BODY_BYTES_MAX;

/// The longest a form may take to come.
const BODY_WAIT_MAX: Duration = Duration::from_secs(10);

/// The pages.
pub(super) fn pages(shared: Shared) -> Router {
    Router::new()
        .route("/postings", any(page))
        .route("/stop/{token}", any(page))
        .route("/answer/{token}", any(page))
        .with_state(shared)
}

async fn page(State(shared): State<Shared>, request: Request) -> Response<Body> {
    let Ok(_room) = shared.room.clone().try_acquire_owned() else {
        return plain(StatusCode::SERVICE_UNAVAILABLE);
    };
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX + 1);
    let body = match tokio::time::timeout(BODY_WAIT_MAX, body).await {
        Ok(Ok(body)) => body.to_vec(),
        Ok(Err(_)) => return plain(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => return plain(StatusCode::REQUEST_TIMEOUT),
    };
    let asked = PageRequest {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        body,
    };
    let Some(answered) = shared.porter.ask(asked).await else {
        return plain(StatusCode::SERVICE_UNAVAILABLE);
    };
    let mut response = Response::new(Body::from(answered.body));
    *response.status_mut() =
        StatusCode::from_u16(answered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answered.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
