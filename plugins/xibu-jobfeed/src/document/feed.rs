//! RSS, Atom and JSON Feed.

use std::borrow::Cow;

use feed_rs::model::Entry;
use feed_rs::parser::{self, ParseFeedError};
use xibu_plugin_sdk::message::RawPosting;

use super::{Origin, fingerprint, short, whole_link};
use crate::plain;

pub(super) fn read(origin: Origin<'_>, text: &str) -> Result<Vec<RawPosting>, String> {
    let text = with_version(&one_declaration(text)).into_owned();
    // What has neither id nor link gets its id from its words, below.
    let by_link =
        |links: &[feed_rs::model::Link], title: &Option<feed_rs::model::Text>, _: Option<&str>| {
            links
                .first()
                .map(|link| parser::generate_id_from_link_and_title(link, title))
                .unwrap_or_default()
        };
    let parser = parser::Builder::new()
        .base_uri(origin.base.map(|base| base.as_str()))
        .id_generator(by_link)
        .build();
    let feed = parser.parse(text.as_bytes()).map_err(|error| why(&error).to_owned())?;
    Ok(feed.entries.into_iter().map(|entry| posting(origin, entry)).collect())
}

fn why(error: &ParseFeedError) -> &'static str {
    match error {
        ParseFeedError::XmlReader(_) => "the XML is malformed",
        ParseFeedError::JsonSerde(_) => "the JSON is malformed or no JSON Feed",
        ParseFeedError::JsonUnsupportedVersion(_) => "a JSON Feed of a version that is not known",
        ParseFeedError::ParseError(_) | ParseFeedError::IoError(_) => {
            "neither RSS, Atom nor JSON Feed"
        }
    }
}

fn posting(origin: Origin<'_>, entry: Entry) -> RawPosting {
    let title = entry.title.map(|title| plain::from_markup(&title.content)).unwrap_or_default();
    let title = short(&title.replace(['\n', '\t'], " "), 300);
    let link = entry
        .links
        .iter()
        .find(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate"))
        .or(entry.links.first())
        .map(|link| whole_link(origin.base, &link.href))
        .unwrap_or_default();
    let content = entry.content.and_then(|content| content.body);
    let summary = entry.summary.map(|summary| summary.content);
    // The longer of the two: many feeds put a teaser into one of them.
    let text = [content, summary]
        .into_iter()
        .flatten()
        .map(|markup| plain::from_markup(&markup))
        .max_by_key(String::len)
        .unwrap_or_default();
    let id = match entry.id.trim() {
        "" => fingerprint(&[&title, &text]),
        id => short(id, 500),
    };
    RawPosting {
        source: origin.source.to_owned(),
        id,
        title,
        link,
        published_unix_ms: entry
            .published
            .or(entry.updated)
            .map(|published| published.timestamp_millis()),
        text,
        fields: Default::default(),
    }
}

/// The text is no longer in the encoding that it declares; and a declaration in the middle, as two
/// documents run together have it, makes the XML reader panic.
fn one_declaration(text: &str) -> String {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let rest = match start.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) {
        Some((_, rest)) => rest.trim_start(),
        None => start,
    };
    rest.replace("<?xml", "<?was-xml")
}

/// Some sites write `<rss>` and leave the version out.
fn with_version(text: &str) -> Cow<'_, str> {
    let head: String = text.chars().take(2_000).collect();
    match head.find("<rss") {
        Some(at) if !head[at..].split('>').next().unwrap_or_default().contains("version") => {
            let (before, after) = text.split_at(at + "<rss".len());
            Cow::Owned(format!("{before} version=\"2.0\"{after}"))
        }
        _ => Cow::Borrowed(text),
    }
}
