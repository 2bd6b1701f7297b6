//! A document of whatever kind to raw postings.
//!
//! What it is not: no fetching, and no meaning: what a salary or a date says is the core's.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use sha2::{Digest, Sha256};
use url::Url;
use xibu_plugin_sdk::message::RawPosting;

use crate::configuration::Kind;

mod feed;
mod page;

/// More than this in one document is not read.
const POSTINGS_MAX: usize = 2_000;

/// Where a document came from.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'a> {
    /// The source's name in the settings.
    pub(crate) source: &'a str,
    pub(crate) kind: Kind,
    /// What relative links are relative to.
    pub(crate) base: Option<&'a Url>,
}

/// The postings of a document, each id once.
///
/// # Errors
/// Why it cannot be read, in English.
pub(crate) fn read(origin: Origin<'_>, text: &str) -> Result<Vec<RawPosting>, String> {
    // A parser that fails on one document must not take the other sources with it.
    let read = catch_unwind(AssertUnwindSafe(|| match kind(origin.kind, text) {
        Kind::Page => page::read(origin, text),
        Kind::Feed | Kind::Auto => feed::read(origin, text),
    }));
    let mut postings = read.unwrap_or_else(|_| Err("the reader failed on this document".into()))?;
    let mut ids = BTreeSet::new();
    postings.retain(|posting| ids.insert(posting.id.clone()));
    postings.truncate(POSTINGS_MAX);
    Ok(postings)
}

/// What it looks like, where the settings leave it open.
fn kind(told: Kind, text: &str) -> Kind {
    if told != Kind::Auto {
        return told;
    }
    let start = text.trim_start();
    if start.starts_with('{') {
        return Kind::Feed;
    }
    let head: String = start.chars().take(2_000).collect::<String>().to_ascii_lowercase();
    match ["<rss", "<feed", "<rdf:rdf", "<entry"].iter().any(|root| head.contains(root)) {
        true => Kind::Feed,
        false => Kind::Page,
    }
}

/// A short name for some words, the same for the same words.
pub(crate) fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hex::encode(&hash.finalize()[..8])
}

/// A link made whole; as it stands where it cannot be.
fn whole_link(base: Option<&Url>, link: &str) -> String {
    let link = link.trim();
    if link.is_empty() {
        return String::new();
    }
    let whole = match base {
        Some(base) => base.join(link),
        None => Url::parse(link),
    };
    whole.map_or_else(|_| link.to_owned(), String::from)
}

fn short(text: &str, chars_max: usize) -> String {
    text.chars().take(chars_max).collect()
}
