//! One mail as it came, taken apart: what a person wrote with the files, or what became of a
//! message of ours.
//!
//! A mail that breaks the parser is set aside whole, and the rest goes on. What it is not: it gives
//! no meaning to words and trusts no sender.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::MessageParser;
use sha2::{Digest as _, Sha256};
use xibu_plugin_sdk::message::{Arrived, Attachment, Item, Unread};

use crate::mark::Mark;

mod automatic;
mod body;
mod charset;
mod fields;
mod html;
mod report;
#[cfg(test)]
mod tests;

use body::{Body, File};
use fields::{Fields, address};

/// More mails within mails than anybody forwards: taking them apart would need a stack as deep.
const NESTED_MAX: usize = 100;

/// A mail as the mailbox gives it.
#[derive(Clone, Copy)]
pub(crate) struct Raw<'a> {
    pub(crate) bytes: &'a [u8],
    /// Whether these are all of it.
    pub(crate) is_whole: bool,
    /// When the server took it.
    pub(crate) received_unix_ms: i64,
}

/// What a mail comes to, with the bytes of its files.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) item: Item,
    pub(crate) blobs: Vec<Vec<u8>>,
}

/// Takes a mail apart; sets it aside where it cannot be.
pub(crate) fn read(raw: Raw<'_>, mark: &Mark) -> Read {
    guarded(raw, || taken_apart(raw, mark))
}

/// What `take` makes of it; set aside where it makes nothing of it, or panics.
fn guarded(raw: Raw<'_>, take: impl FnOnce() -> Option<Read>) -> Read {
    match catch_unwind(AssertUnwindSafe(take)) {
        Ok(Some(read)) => read,
        Ok(None) | Err(_) => set_aside(raw),
    }
}

/// The whole mail as one file, for a person: nothing of it is interpreted but the first line that
/// says whom it is from.
pub(crate) fn set_aside(raw: Raw<'_>) -> Read {
    let file = File {
        name: "message.eml".into(),
        media_type: "message/rfc822".into(),
        bytes: raw.bytes.to_vec(),
    };
    let header = Fields::of(&raw.bytes[..raw.bytes.len().min(64 << 10)]);
    let arrived = Arrived {
        id: id_of(&header, raw.bytes),
        from: header.get("from").and_then(address).unwrap_or_default(),
        received_unix_ms: raw.received_unix_ms,
        unread: Some(Unread::Broken),
        ..Arrived::default()
    };
    with_files(arrived, vec![file])
}

fn taken_apart(raw: Raw<'_>, mark: &Mark) -> Option<Read> {
    if nested(raw.bytes) > NESTED_MAX {
        return None;
    }
    let mail = MessageParser::default().parse(raw.bytes)?;
    let header = Fields::of(raw.bytes);
    let subject = header.text("subject");
    let body = Body::of(&mail);
    let receipt = report::receipt(&header, &subject, &body, mark, raw.received_unix_ms);
    if let Some(receipt) = receipt {
        return Some(Read { item: Item::Receipt(receipt), blobs: Vec::new() });
    }
    let answers = ["in-reply-to", "references"].into_iter().find_map(|name| {
        // Of a long conversation the newest message is meant.
        mark.find_all(header.get(name).unwrap_or_default()).last()
    });
    let files = if raw.is_whole { body.files() } else { Some(Vec::new()) };
    let unread = match (raw.is_whole, files.is_some()) {
        (true, true) => None,
        _ => Some(Unread::TooLarge),
    };
    let from = header.get("from").and_then(address);
    let from = from.or_else(|| header.get("sender").and_then(address)).unwrap_or_default();
    let arrived = Arrived {
        id: id_of(&header, raw.bytes),
        from,
        received_unix_ms: raw.received_unix_ms,
        text: body.words(),
        answers,
        automatic: automatic::is_automatic(&header, &subject),
        spam: automatic::is_spam(&header),
        subject,
        unread,
        attachments: Vec::new(),
    };
    Some(with_files(arrived, files.unwrap_or_default()))
}

fn with_files(mut arrived: Arrived, files: Vec<File>) -> Read {
    let mut blobs = Vec::with_capacity(files.len());
    for (blob, file) in (0..).zip(files) {
        let File { name, media_type, bytes } = file;
        arrived.attachments.push(Attachment { file_name: name, media_type, blob });
        blobs.push(bytes);
    }
    Read { item: Item::Arrived(arrived), blobs }
}

/// The same mail has the same wherever it is found again: after the mailbox was numbered anew, or
/// where two addresses lead into it. What servers write on the way does not count.
fn id_of(header: &Fields, bytes: &[u8]) -> String {
    let mut hash = Sha256::new();
    for name in ["message-id", "date", "from", "subject"] {
        let value = header.get(name).unwrap_or_default();
        hash.update(u64::try_from(value.len()).unwrap_or(0).to_le_bytes());
        hash.update(value);
    }
    let two_lines = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    hash.update(&bytes[two_lines.unwrap_or(0)..]);
    hex::encode(&hash.finalize()[..16])
}

/// How often a mail within it is announced.
fn nested(bytes: &[u8]) -> usize {
    const WORD: &[u8] = b"message/";
    let mut count = 0;
    let mut rest = bytes;
    while let Some(at) = rest.windows(WORD.len()).position(|word| word.eq_ignore_ascii_case(WORD)) {
        rest = &rest[at + WORD.len()..];
        let is_mail = |kind: &[u8]| {
            rest.get(..kind.len()).is_some_and(|word| word.eq_ignore_ascii_case(kind))
        };
        count += usize::from(is_mail(b"rfc822") || is_mail(b"global"));
    }
    count
}
