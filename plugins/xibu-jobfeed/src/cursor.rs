//! What is remembered from one poll to the next: what each source gave, and whom to leave alone
//! until when.
//!
//! What it is not: no document and no posting; those go to the host, which keeps them with this.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use url::Url;

use crate::configuration::Source;
use crate::document::fingerprint;

/// The host takes 64 KiB; a margin stays.
const BYTES_MAX: usize = 60 * 1024;

/// What all sources together may fill with what was seen.
const SEEN_BYTES_MAX: usize = 36 * 1024;

/// A longer validator is not kept; the document is then fetched whole each time.
const VALIDATOR_BYTES_MAX: usize = 200;

/// Signs of one seen posting.
pub(crate) const SEEN_CHARS: usize = 12;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    #[serde(default)]
    pub(crate) sources: BTreeMap<String, Remembered>,
    /// Before when a host is not asked again, by host and port.
    #[serde(default)]
    pub(crate) hosts: BTreeMap<String, i64>,
}

/// What is remembered of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Remembered {
    /// Of which address; another address under the same name begins anew.
    #[serde(default)]
    pub(crate) address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_modified: Option<String>,
    /// When it is due.
    #[serde(default)]
    pub(crate) next_unix_ms: i64,
    /// How often in a row it could not be read.
    #[serde(default)]
    pub(crate) failures: u32,
    /// Fingerprints of the postings it gave the last time, one after the other.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) seen: String,
}

impl Cursor {
    /// What the host kept; from the beginning where that cannot be read, for a posting that comes
    /// again is known by its id.
    pub(crate) fn read(kept: Option<&str>, sources: &[Source]) -> Self {
        let mut cursor: Cursor =
            kept.and_then(|kept| serde_json::from_str(kept).ok()).unwrap_or_default();
        cursor.sources.retain(|name, _| sources.iter().any(|source| source.name == *name));
        for source in sources {
            let address = address(&source.url);
            let remembered = cursor.sources.entry(source.name.clone()).or_default();
            if remembered.address != address {
                *remembered = Remembered { address, ..Remembered::default() };
            }
        }
        cursor
    }

    /// As the host is to keep it: within its limit whatever sites sent.
    pub(crate) fn write(mut self, now_unix_ms: i64) -> String {
        self.hosts.retain(|_, not_before| *not_before > now_unix_ms);
        let seen_max = SEEN_BYTES_MAX / self.sources.len().max(1);
        let too_long = |validator: &String| validator.len() > VALIDATOR_BYTES_MAX;
        for source in self.sources.values_mut() {
            source.seen.truncate(seen_max - seen_max % SEEN_CHARS);
            if source.etag.as_ref().is_some_and(too_long) {
                source.etag = None;
            }
            if source.last_modified.as_ref().is_some_and(too_long) {
                source.last_modified = None;
            }
        }
        let json = |cursor: &Cursor| serde_json::to_string(cursor).unwrap_or_default();
        let written = json(&self);
        if written.len() <= BYTES_MAX {
            return written;
        }
        // Names and validators alone are too much: what was seen comes once more.
        for source in self.sources.values_mut() {
            *source = Remembered {
                address: std::mem::take(&mut source.address),
                next_unix_ms: source.next_unix_ms,
                failures: source.failures,
                ..Remembered::default()
            };
        }
        self.hosts.clear();
        json(&self)
    }
}

impl Remembered {
    pub(crate) fn seen(&self) -> BTreeSet<&str> {
        let whole = if self.seen.is_ascii() { self.seen.as_str() } else { "" };
        (0..whole.len() / SEEN_CHARS)
            .map(|number| &whole[number * SEEN_CHARS..(number + 1) * SEEN_CHARS])
            .collect()
    }
}

fn address(url: &Url) -> String {
    fingerprint(&[url.as_str()])
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::configuration::Kind;

    fn sources(count: usize) -> Vec<Source> {
        (0..count)
            .map(|number| Source {
                name: format!("{number:0>3}{}", "源".repeat(37)),
                url: Url::parse(&format!("https://rsj.test/{number}")).unwrap(),
                kind: Kind::Auto,
                every: Duration::from_secs(3600),
            })
            .collect()
    }

    #[test]
    fn it_stays_within_the_hosts_limit() {
        for count in [1, 7, 50] {
            let sources = sources(count);
            let mut cursor = Cursor::read(None, &sources);
            for source in cursor.sources.values_mut() {
                source.etag = Some("e".repeat(VALIDATOR_BYTES_MAX));
                source.last_modified = Some("\"".repeat(VALIDATOR_BYTES_MAX));
                source.next_unix_ms = i64::MAX;
                source.failures = u32::MAX;
                source.seen = "0123456789ab".repeat(5_000);
            }
            cursor.hosts =
                (0..count).map(|n| (format!("{n}{}", "h".repeat(250)), i64::MAX)).collect();
            let written = cursor.write(0);
            assert!(written.len() <= BYTES_MAX, "{count}: {}", written.len());
            let read = Cursor::read(Some(&written), &sources);
            assert!(read.sources.values().all(|source| source.next_unix_ms == i64::MAX));
            assert_eq!(read.sources.len(), count);
        }
    }

    #[test]
    fn another_address_begins_anew_and_a_source_that_is_gone_is_forgotten() {
        let mut two = sources(2);
        let mut cursor = Cursor::read(None, &two);
        cursor.sources.values_mut().for_each(|source| source.etag = Some("x".into()));
        let written = cursor.write(0);
        two[0].url = Url::parse("https://rsj.test/other").unwrap();
        let read = Cursor::read(Some(&written), &two);
        let etags: Vec<bool> = read.sources.values().map(|source| source.etag.is_some()).collect();
        assert_eq!(etags, [false, true]);
        assert_eq!(Cursor::read(Some(&written), &two[1..]).sources.len(), 1);
    }

    proptest! {
        #[test]
        fn nothing_panics(kept in ".{0,80}", seen in ".{0,40}") {
            let sources = sources(1);
            Cursor::read(Some(&kept), &sources);
            let source = Remembered { seen, ..Remembered::default() };
            source.seen();
            let json = serde_json::json!({"sources": {sources[0].name.as_str(): {"seen": kept}}});
            Cursor::read(Some(&json.to_string()), &sources).write(0);
        }
    }
}
