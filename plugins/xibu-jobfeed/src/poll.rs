//! Which sources are looked at now, in which order, and what is said of each.
//!
//! One request at a time; a host is left alone for a while after each look, over polls too. What
//! does not fit into the call's time stays due.

use std::time::{Duration, Instant};

use tokio::time::timeout;
use xibu_plugin_sdk::message::{Item, RawPosting};
use xibu_plugin_sdk::{Moment, NotDone, Sink};

use crate::charset;
use crate::configuration::{Configuration, Source};
use crate::cursor::{Cursor, Remembered, SEEN_CHARS};
use crate::document::{self, Origin, fingerprint};
use crate::fetch::{Asked, Fetcher, Validators, authority};

/// The least pause between two looks at one host.
const HOST_PAUSE: Duration = Duration::from_secs(10);

/// What a site may ask for at most: after a day it is asked again.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 3600);

/// Kept back of the call's time for what is left to say.
const MARGIN: Duration = Duration::from_secs(2);

/// The host comes back at least so often: settings may have changed.
const AGAIN_MAX: Duration = Duration::from_secs(3600);

/// What one look gave.
struct Look {
    postings: Vec<RawPosting>,
    error: Option<String>,
    asked: Asked,
}

/// Looks at every source that is due.
pub(crate) async fn poll(
    configuration: &Configuration,
    fetcher: &mut Fetcher,
    moment: Moment,
    kept: Option<&str>,
    sink: &mut Sink<'_>,
) -> Result<(), NotDone> {
    let started = Instant::now();
    let now = moment.now_unix_ms;
    let mut cursor = Cursor::read(kept, &configuration.sources);
    let mut due: Vec<(&Source, i64)> = configuration
        .sources
        .iter()
        .filter_map(|source| {
            let next = cursor.sources.get(&source.name)?.next_unix_ms;
            (next <= now).then_some((source, next))
        })
        .collect();
    // The longest waiting first, so that a slow source cannot starve the others.
    due.sort_by_key(|(_, next)| *next);
    for (source, _) in due {
        let host = authority(&source.url);
        if cursor.hosts.get(&host).is_some_and(|not_before| *not_before > now) {
            continue;
        }
        let left = moment.deadline.saturating_sub(started.elapsed()).saturating_sub(MARGIN);
        if left < Duration::from_secs(1) {
            break;
        }
        let Some(remembered) = cursor.sources.get_mut(&source.name) else { continue };
        let look = look(configuration, fetcher, source, remembered, now, left).await;
        let pause = |delay: &Option<Duration>| delay.unwrap_or_default().max(HOST_PAUSE);
        for (host, delay) in &look.asked.hosts {
            cursor.hosts.insert(host.clone(), later(now, pause(delay)));
        }
        cursor.hosts.entry(host).or_insert_with(|| later(now, HOST_PAUSE));
        stood(source, look, sink)?;
    }
    let again = again(&cursor, &configuration.sources, now);
    let cursor = cursor.write(now);
    sink.emit(&Item::Polled { cursor, again_after_seconds: again }, &[])
}

/// Looks at one source and remembers what came of it.
async fn look(
    configuration: &Configuration,
    fetcher: &mut Fetcher,
    source: &Source,
    remembered: &mut Remembered,
    now: i64,
    left: Duration,
) -> Look {
    let manners = &configuration.manners;
    let mut asked = Asked::default();
    let validators = Validators {
        etag: remembered.etag.as_deref(),
        last_modified: remembered.last_modified.as_deref(),
    };
    let getting = fetcher.get(manners, &source.url, validators, now, &mut asked);
    let got = timeout(manners.timeout.min(left), getting).await;
    let got = got.unwrap_or_else(|_| Err("timed out".into()));
    let read = got.and_then(|document| {
        let Some(document) = document else { return Ok(None) };
        let text = charset::decode(&document.bytes, document.content_type.as_deref());
        let origin = Origin { source: &source.name, kind: source.kind, base: Some(&document.url) };
        Ok(Some((document::read(origin, &text)?, document.etag, document.last_modified)))
    });
    let mut postings = Vec::new();
    let error = match read {
        Ok(Some((found, etag, last_modified))) => {
            postings = unseen(found, remembered);
            (remembered.etag, remembered.last_modified) = (etag, last_modified);
            None
        }
        Ok(None) => None,
        Err(error) => Some(error),
    };
    remembered.failures = match &error {
        Some(_) => remembered.failures.saturating_add(1),
        None => 0,
    };
    let pause = pause(source.every, remembered.failures, asked.retry_after);
    remembered.next_unix_ms = later(now, pause);
    Look { postings, error, asked }
}

/// Those that were not there the last time or have changed; all are remembered.
fn unseen(found: Vec<RawPosting>, remembered: &mut Remembered) -> Vec<RawPosting> {
    let marks: Vec<String> = found.iter().map(mark).collect();
    let seen = remembered.seen();
    let new: Vec<RawPosting> = found
        .into_iter()
        .zip(&marks)
        .filter(|(_, mark)| !seen.contains(mark.as_str()))
        .map(|(posting, _)| posting)
        .collect();
    remembered.seen = marks.concat();
    new
}

fn mark(posting: &RawPosting) -> String {
    let RawPosting { source: _, id, title, link, published_unix_ms, text, fields } = posting;
    let published = published_unix_ms.map(|at| at.to_string()).unwrap_or_default();
    let mut parts = vec![id.as_str(), title, link, &published, text];
    parts.extend(fields.iter().flat_map(|(name, value)| [name.as_str(), value]));
    let mut mark = fingerprint(&parts);
    mark.truncate(SEEN_CHARS);
    mark
}

fn stood(source: &Source, look: Look, sink: &mut Sink<'_>) -> Result<(), NotDone> {
    let items = u32::try_from(look.postings.len()).unwrap_or(u32::MAX);
    for posting in look.postings {
        sink.emit(&Item::Posting(posting), &[])?;
    }
    let stood = Item::SourceStood { source: source.name.clone(), items, error: look.error };
    sink.emit(&stood, &[])
}

/// Until the next look: longer after each failure, and at least what the site asks for.
fn pause(every: Duration, failures: u32, retry_after: Option<Duration>) -> Duration {
    let factor = 1 << failures.saturating_sub(1).min(4);
    (every * factor)
        .min(RETRY_AFTER_MAX.max(every))
        .max(retry_after.unwrap_or_default().min(RETRY_AFTER_MAX))
}

fn later(now: i64, pause: Duration) -> i64 {
    now.saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX))
}

/// Seconds until some source is due and its host may be asked.
fn again(cursor: &Cursor, sources: &[Source], now: i64) -> u64 {
    let next = sources.iter().filter_map(|source| {
        let due = cursor.sources.get(&source.name)?.next_unix_ms;
        let host = cursor.hosts.get(&authority(&source.url)).copied().unwrap_or(now);
        Some(due.max(host))
    });
    let wait = next.min().unwrap_or(i64::MAX).saturating_sub(now).max(1_000);
    u64::try_from(wait).unwrap_or(u64::MAX).div_ceil(1_000).min(AGAIN_MAX.as_secs())
}
