//! `/api`: offices' own programs hand in returns and look what is owed.
//!
//! Every route stands in [`ROUTES`] and nowhere else; a test holds that table against the document
//! in `openapi.json` and against who may see what. What it is not: it decides nothing (that is
//! `doors::api`). A body is read only for whoever's token opens something; files are read beside
//! the queue.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use axum::routing::any;
use tracing::warn;
use xibu_core::office::OfficeId;
use xibu_core::period::Period;

use super::Shared;
use crate::doors::api::{self, Answered, Call, HandedIn, Wants, problem};
use crate::doors::files::WORKBOOK_PLUGIN;
use crate::intake::{self, Arrival, FileRead};
use crate::store::API;

/// The document that describes all of it (OpenAPI 3.1).
pub const OPENAPI: &str = include_str!("openapi.json");
/// The longest body in JSON, bytes.
const JSON_BYTES_MAX: usize = 256 << 10;
/// The longest workbook, bytes.
const FILE_BYTES_MAX: usize = 20 << 20;
/// The longest a body may take to come.
const BODY_WAIT_MAX: Duration = Duration::from_secs(30);
/// The longest key of a call.
const KEY_CHARS_MAX: usize = 200;
/// What is told to come again is told to wait this long, seconds.
const RETRY_SECONDS: u64 = 5;
const JSON: &str = "application/json";

/// One route.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// Its method.
    pub method: &'static str,
    /// Its path, with what varies in braces.
    pub path: &'static str,
    action: Action,
}

#[derive(Clone, Copy, Debug)]
enum Action {
    Describe,
    Obligations,
    HandIn,
    Show,
}

/// Every route there is.
pub const ROUTES: [Route; 4] = [
    Route { method: "GET", path: "/api/openapi.json", action: Action::Describe },
    Route { method: "GET", path: "/api/obligations", action: Action::Obligations },
    Route { method: "POST", path: "/api/returns", action: Action::HandIn },
    Route { method: "GET", path: "/api/returns/{office}/{period}", action: Action::Show },
];

/// The routes, and a problem for whatever else is asked below `/api`.
pub(super) fn pages(shared: Shared) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        let serve = move |State(shared): State<Shared>, request: Request| async move {
            serve(&shared, route, request).await
        };
        router = router.route(route.path, any(serve));
    }
    let nothing = || async { shown(problem::nothing_there().into()) };
    router.route("/api", any(nothing)).route("/api/{*rest}", any(nothing)).with_state(shared)
}

async fn serve(shared: &Shared, route: Route, request: Request) -> Response<Body> {
    if request.method().as_str() != route.method {
        let mut response = shown(problem::other_method().into());
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(route.method));
        return response;
    }
    if matches!(route.action, Action::Describe) {
        return with_type(StatusCode::OK, JSON, OPENAPI.to_owned());
    }
    let Some(token) = token(request.headers()) else {
        return shown(problem::token_missing().into());
    };
    let Ok(room) = shared.room.clone().try_acquire_owned() else {
        return come_again();
    };
    let answered = answer(shared, route.action, token, request).await;
    drop(room);
    answered.map_or_else(come_again, shown)
}

/// None where it cannot be answered now.
async fn answer(
    shared: &Shared,
    action: Action,
    token: String,
    request: Request,
) -> Option<Answered> {
    let ask = |wants| shared.porter.call(Call { token: token.clone(), wants });
    let (parts, body) = request.into_parts();
    let wants = match action {
        Action::Describe => return None,
        Action::Obligations => match period(parts.uri.query().unwrap_or_default()) {
            Ok(period) => Wants::Obligations { period },
            Err(problem) => return Some(problem.into()),
        },
        Action::Show => {
            let mut named = parts.uri.path().rsplit('/');
            let period = named.next().unwrap_or_default().to_owned();
            let office = named.next().unwrap_or_default().to_owned();
            Wants::Return { office, period }
        }
        Action::HandIn => {
            let opened = ask(Wants::In).await?;
            let office = opened.body.get("office").and_then(|office| office.as_str());
            let Some(office) = office.and_then(|office| office.parse().ok()) else {
                return Some(opened);
            };
            match handed_in(shared, office, &parts, body).await? {
                Ok(handed_in) => Wants::HandIn(Box::new(handed_in)),
                Err(problem) => return Some(problem.into()),
            }
        }
    };
    ask(wants).await
}

fn token(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

fn period(query: &str) -> Result<Option<Period>, problem::Problem> {
    let mut found = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match value.parse() {
            Ok(period) if name == "period" => found = Some(period),
            // A name of no field may hold anything; it is not repeated.
            _ if name == "period" => return Err(problem::query_not_understood("period")),
            _ => return Err(problem::query_not_understood("")),
        }
    }
    Ok(found)
}

/// The body, understood as far as a file can be; none where the workbook plugin does not work now.
async fn handed_in(
    shared: &Shared,
    office: OfficeId,
    parts: &Parts,
    body: Body,
) -> Option<Result<HandedIn, problem::Problem>> {
    let key = match key(&parts.headers) {
        Ok(key) => key,
        Err(problem) => return Some(Err(problem)),
    };
    let media_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let is_json = media_type.eq_ignore_ascii_case(JSON);
    let bytes_max = if is_json { JSON_BYTES_MAX } else { FILE_BYTES_MAX };
    let bytes = match tokio::time::timeout(BODY_WAIT_MAX, to_bytes(body, bytes_max)).await {
        Ok(Ok(bytes)) => bytes.to_vec(),
        Ok(Err(_)) => return Some(Err(problem::too_large())),
        Err(_) => return Some(Err(problem::too_slow())),
    };
    let now = shared.clock.now();
    let arrival = Arrival {
        file_name: file_name(media_type).to_owned(),
        bytes,
        received_at: now.civil,
        by: API.to_owned(),
    };
    if is_json {
        return Some(match api::from_json(&arrival.bytes, office) {
            Ok((reading, layout)) => {
                let file = FileRead { arrival, reading };
                let about = layout.office().map(str::to_owned);
                Ok(HandedIn { key, about, file, layout: Some(layout) })
            }
            Err(api::NotAReturn(errors)) => Err(problem::not_a_return(errors)),
        });
    }
    let workbook = shared.carriers.get(WORKBOOK_PLUGIN)?;
    match intake::read(&workbook, arrival, now).await {
        Ok(files) => {
            let mut files = files.into_iter();
            Some(match (files.next(), files.next()) {
                (Some(file), None) => Ok(HandedIn { key, about: None, file, layout: None }),
                _ => Err(problem::one_file_a_call()),
            })
        }
        Err(lost) => {
            warn!(%lost, "a workbook that was handed in could not be read");
            None
        }
    }
}

/// A hint for the reader, where the bytes alone do not say what a file is.
fn file_name(media_type: &str) -> &'static str {
    match media_type.to_ascii_lowercase().as_str() {
        JSON => "return.json",
        "text/csv" => "return.csv",
        "text/html" => "return.html",
        _ => "return.xlsx",
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, problem::Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=KEY_CHARS_MAX).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(problem::key_not_usable()),
    }
}

fn shown(answered: Answered) -> Response<Body> {
    let media_type = if answered.status < 400 { JSON } else { problem::MEDIA_TYPE };
    let status = StatusCode::from_u16(answered.status).unwrap_or(StatusCode::OK);
    let mut response = with_type(status, media_type, answered.body.to_string());
    if status == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
    }
    response
}

fn with_type(status: StatusCode, media_type: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn come_again() -> Response<Body> {
    let mut response = shown(problem::come_again().into());
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(RETRY_SECONDS));
    response
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{OPENAPI, ROUTES};

    #[test]
    fn the_document_has_every_route_and_no_other() {
        let document: Value = serde_json::from_str(OPENAPI).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        let mut described: Vec<(String, String)> = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let responses = operation["responses"].as_object().unwrap();
                let open = path == "/api/openapi.json";
                assert!(open || responses.contains_key("401"), "{method} {path}");
                assert!(operation["summary"].is_string(), "{method} {path}");
                described.push((method.to_uppercase(), path.clone()));
            }
        }
        let mut routes: Vec<(String, String)> =
            ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
        described.sort();
        routes.sort();
        assert_eq!(described, routes);
    }

    #[test]
    fn every_reference_in_the_document_leads_somewhere() {
        let document: Value = serde_json::from_str(OPENAPI).unwrap();
        let mut seen = 0;
        let mut left = vec![&document];
        while let Some(value) = left.pop() {
            match value {
                Value::Object(fields) => {
                    if let Some(Value::String(reference)) = fields.get("$ref") {
                        let pointer = reference.strip_prefix('#').unwrap();
                        assert!(document.pointer(pointer).is_some(), "{reference}");
                        seen += 1;
                    }
                    left.extend(fields.values());
                }
                Value::Array(list) => left.extend(list),
                _ => {}
            }
        }
        assert!(seen > 5);
    }
}
