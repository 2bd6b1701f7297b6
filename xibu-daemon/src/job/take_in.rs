//! From what a feed plugin gave to what the core reads.
//!
//! Bounded: what a source writes is foreign, and no page is an advertisement of a megabyte.

use chrono_tz::Tz;
use xibu_core::posting::RawPosting;
use xibu_plugin_abi::message;

use crate::clock::Now;

/// Longer titles, names and links are cut.
const LINE_CHARS_MAX: usize = 500;
/// Longer texts are cut; a notice with its table of posts has some ten thousand.
const TEXT_CHARS_MAX: usize = 60_000;
/// More fields of one posting are left out.
const FIELDS_MAX: usize = 100;

/// As the core reads it; none where it cannot be known again. A day is the office's.
pub fn core_posting(raw: &message::RawPosting, zone: Tz) -> Option<RawPosting> {
    if raw.source.is_empty() || raw.id.is_empty() {
        return None;
    }
    let line = |text: &str| cut(text, LINE_CHARS_MAX);
    let fields = raw.fields.iter().take(FIELDS_MAX);
    Some(RawPosting {
        source: line(&raw.source),
        id: line(&raw.id),
        title: line(&raw.title),
        link: line(&raw.link),
        published: raw.published_unix_ms.map(|at| Now::at_unix(at, zone).date()),
        text: cut(&raw.text, TEXT_CHARS_MAX),
        fields: fields.map(|(name, value)| (line(name), cut(value, TEXT_CHARS_MAX))).collect(),
    })
}

fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => text[..end].to_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Asia::Shanghai;

    fn raw() -> message::RawPosting {
        message::RawPosting {
            source: "人社局".into(),
            id: "1".into(),
            title: "招聘公告".into(),
            link: "https://rsj.test/1".into(),
            published_unix_ms: Some(1_782_316_800_000),
            text: "正文".into(),
            fields: [("a".to_owned(), "b".to_owned())].into(),
        }
    }

    #[test]
    fn what_a_plugin_gave_becomes_the_cores_and_no_longer_than_may_be() {
        // 2026-06-24T16:00:00Z is the 25th in China.
        let read = core_posting(&raw(), Shanghai).unwrap();
        assert_eq!(read.published.map(|day| day.to_string()).as_deref(), Some("2026-06-25"));
        assert_eq!((read.id.as_str(), read.text.as_str()), ("1", "正文"));
        assert_eq!(
            core_posting(&message::RawPosting { id: String::new(), ..raw() }, Shanghai),
            None
        );
        let long = message::RawPosting {
            title: "长".repeat(10_000),
            text: "文".repeat(1_000_000),
            fields: (0..1_000).map(|n| (n.to_string(), "值".repeat(100_000))).collect(),
            published_unix_ms: Some(i64::MAX),
            ..raw()
        };
        let read = core_posting(&long, Shanghai).unwrap();
        assert_eq!(read.title.chars().count(), LINE_CHARS_MAX);
        assert_eq!(read.text.chars().count(), TEXT_CHARS_MAX);
        assert_eq!(read.fields.len(), FIELDS_MAX);
    }
}
