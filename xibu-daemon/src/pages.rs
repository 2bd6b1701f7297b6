//! Pages for people with a link: stop, answer, and every open posting. Plain HTML, no scripts.
//!
//! A request value goes in, a response value comes out; who listens is somebody else's. Pages only
//! read: what a reader says comes back beside the response and is recorded by the service before
//! the response goes out. A GET never says anything, because mail programs look at links by
//! themselves.
//!
//! Nobody's name, number or address stands on a page or in a link.

use xibu_core::consent::{Means, Purpose};
use xibu_core::person::PersonId;
use xibu_core::world::World;

use crate::clock::Now;
use crate::job::consent_said;
use crate::store::{Batch, LinkUse, Result, Store};

mod frame;
mod postings;
mod query;
mod said;

use query::Query;

/// What came to the listener.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// `GET`, `POST`, ...
    pub method: &'a str,
    /// The path, with its leading slash.
    pub path: &'a str,
    /// What stands behind the question mark.
    pub query: &'a str,
    /// The body; a form's fields.
    pub body: &'a [u8],
}

/// What goes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Header fields.
    pub headers: Vec<(&'static str, String)>,
    /// The page.
    pub body: String,
}

/// What a reader said by a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub person: PersonId,
    /// On what.
    pub purpose: Purpose,
    /// Whether it is allowed.
    pub given: bool,
}

impl Said {
    /// What is to be recorded, where it is new: the same said twice is one change.
    pub fn batch(&self, world: &World, now: Now) -> Option<Batch> {
        let Said { person, purpose, given } = *self;
        let before = world.consent(person, purpose);
        let is_new = before.is_none_or(|before| before.given != given);
        is_new.then(|| consent_said(person, purpose, given, Means::Link, ("page", now)))
    }
}

/// A response, and what is to be recorded before it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The response.
    pub response: Response,
    /// What was said.
    pub said: Option<Said>,
}

impl From<Response> for Answered {
    fn from(response: Response) -> Self {
        Self { response, said: None }
    }
}

/// The longest body that a form of ours sends.
pub const BODY_BYTES_MAX: usize = 4_096;

/// Whether a path is one of these pages.
pub fn is_ours(path: &str) -> bool {
    path == "/postings" || path.starts_with("/stop/") || path.starts_with("/answer/")
}

/// Answers a request; `office` is the name in the pages' head.
///
/// # Errors
/// The store cannot be read.
pub async fn answer(
    store: &impl Store,
    office: &str,
    request: Request<'_>,
    now: Now,
) -> Result<Answered> {
    if request.body.len() > BODY_BYTES_MAX || request.query.len() > BODY_BYTES_MAX {
        return Ok(frame::refused(office, 413, "请求过长。").into());
    }
    let reads = matches!(request.method, "GET" | "HEAD");
    if let Some(token) = request.path.strip_prefix("/stop/") {
        let holder = store.link_holder(LinkUse::Stop, token).await?;
        return Ok(said::stop(office, holder, request.method));
    }
    if let Some(token) = request.path.strip_prefix("/answer/") {
        let holder = store.link_holder(LinkUse::Answer, token).await?;
        return Ok(said::question(office, holder, request.method, Query::of(request.body)));
    }
    match (request.path, reads) {
        ("/postings", true) => {
            let query = Query::of(request.query.as_bytes());
            Ok(postings::list(store, office, query, now.date()).await?.into())
        }
        ("/postings", false) => Ok(frame::method_not_allowed(office, "GET, HEAD").into()),
        _ => Ok(frame::refused(office, 404, "没有这个页面。").into()),
    }
}

#[cfg(test)]
mod tests;
