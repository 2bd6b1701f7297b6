//! The parts of a mail: its own words, and its files.
//!
//! The frame of parts is mail-parser's; what stands in them is decoded here, because charsets are
//! named wrongly or not at all. A mail that was forwarded as a part gives its files and none of
//! its words: those are not the sender's. Calendar parts, signatures of machines and pictures
//! shown within a page are no files.

use std::borrow::Cow;
use std::collections::BTreeSet;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, Message, MessagePart, PartType};

use super::charset::decode;
use super::fields::{Fields, Parameterized};
use super::html;

/// Deeper nests are not gone into.
const DEPTH_MAX: usize = 40;
/// Mails within mails.
const MAILS_MAX: usize = 4;
/// More files are a trick.
const FILES_MAX: usize = 200;
/// Longer words are nobody's.
const WORDS_CHARS_MAX: usize = 100_000;

/// A file that came with it.
pub(super) struct File {
    pub(super) name: String,
    pub(super) media_type: String,
    pub(super) bytes: Vec<u8>,
}

/// A mail's parts.
pub(super) struct Body<'a> {
    mail: &'a Message<'a>,
}

/// One part with its header.
struct Part<'a> {
    part: &'a MessagePart<'a>,
    raw: &'a [u8],
    fields: Fields,
    kind: Parameterized,
    disposition: Parameterized,
}

impl<'a> Body<'a> {
    pub(super) fn of(mail: &'a Message<'a>) -> Self {
        Self { mail }
    }

    /// Its own words: plain ones where there are any, else the page's.
    pub(super) fn words(&self) -> String {
        let words = self.words_of(0, 0);
        words
            .replace("\r\n", "\n")
            .chars()
            .take(WORDS_CHARS_MAX)
            .collect::<String>()
            .trim()
            .to_owned()
    }

    fn words_of(&self, id: u32, depth: usize) -> String {
        let Some(part) = self.part(id).filter(|_| depth < DEPTH_MAX) else { return String::new() };
        let PartType::Multipart(children) = &part.part.body else {
            return if part.is_words() { part.text() } else { String::new() };
        };
        if part.kind.value == "multipart/alternative" {
            let is_plain = |id: &&u32| self.part(**id).is_some_and(|one| one.is_plain());
            let plain = children.iter().filter(is_plain);
            let others = children.iter().filter(|id| !is_plain(id));
            let words = plain.chain(others).map(|id| self.words_of(*id, depth + 1));
            return words.into_iter().find(|words| !words.trim().is_empty()).unwrap_or_default();
        }
        let words = children.iter().map(|id| self.words_of(*id, depth + 1));
        let words: Vec<String> = words.filter(|words| !words.trim().is_empty()).collect();
        words.join("\n")
    }

    /// Its files, those of forwarded mails among them; none where they are more than can be meant.
    pub(super) fn files(&self) -> Option<Vec<File>> {
        let mut files = Vec::new();
        self.collect(MAILS_MAX, &mut files);
        (files.len() <= FILES_MAX).then_some(files)
    }

    fn collect(&self, mails_left: usize, files: &mut Vec<File>) {
        let shown = self.shown_in_pages();
        for id in 0..self.mail.parts.len() {
            let Some(part) = u32::try_from(id).ok().and_then(|id| self.part(id)) else { return };
            if files.len() > FILES_MAX {
                return;
            }
            if let PartType::Message(mail) = &part.part.body {
                let before = files.len();
                if mails_left > 0 {
                    Body::of(mail).collect(mails_left - 1, files);
                }
                // One without files is shown to a person as it is.
                if files.len() == before {
                    files.push(part.as_mail(mail));
                }
            } else if part.is_file(&shown) {
                files.push(part.file());
            }
        }
    }

    /// The names under which pages show pictures that came with them.
    fn shown_in_pages(&self) -> BTreeSet<String> {
        let mut shown = BTreeSet::new();
        for part in &self.mail.parts {
            let PartType::Html(page) = &part.body else { continue };
            let names = page.split("cid:").skip(1).take(FILES_MAX);
            let end = |c: char| c.is_whitespace() || "\"'<>)".contains(c);
            shown.extend(names.filter_map(|rest| rest.split(end).next()).map(str::to_owned));
        }
        shown
    }

    /// The part that says for machines what became of a message (RFC 3464).
    pub(super) fn delivery_status(&self) -> Option<Vec<u8>> {
        let parts = (0..self.mail.parts.len()).filter_map(|id| self.part(u32::try_from(id).ok()?));
        let mut parts = parts.filter(|part| part.kind.value == "message/delivery-status");
        parts.next().map(|part| part.bytes().into_owned())
    }

    /// Looks through the raw mail, then through each part unpacked.
    pub(super) fn find<T>(&self, max: usize, look: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
        let head = |bytes: &[u8]| look(&bytes[..bytes.len().min(max)]);
        if let Some(found) = head(&self.mail.raw_message) {
            return Some(found);
        }
        let parts = (0..self.mail.parts.len()).filter_map(|id| self.part(u32::try_from(id).ok()?));
        let mut parts = parts.filter(|part| part.part.encoding != Encoding::None);
        parts.find_map(|part| match &part.part.body {
            PartType::Message(mail) => head(&mail.raw_message),
            _ => head(&part.bytes()),
        })
    }

    fn part(&self, id: u32) -> Option<Part<'_>> {
        let part = self.mail.parts.get(id as usize)?;
        let raw: &[u8] = &self.mail.raw_message;
        let header = raw.get(part.offset_header as usize..part.offset_body as usize);
        let fields = Fields::of(header.unwrap_or_default());
        let kind = Parameterized::of(fields.get("content-type"));
        let disposition = Parameterized::of(fields.get("content-disposition"));
        Some(Part { part, raw, fields, kind, disposition })
    }
}

impl Part<'_> {
    fn is_plain(&self) -> bool {
        matches!(self.kind.value.as_str(), "" | "text/plain" | "text")
    }

    fn is_page(&self) -> bool {
        self.kind.value == "text/html"
    }

    fn name(&self) -> Option<&str> {
        let named = self.disposition.get("filename").or_else(|| self.kind.get("name"));
        named.map(str::trim).filter(|name| !name.is_empty())
    }

    fn is_words(&self) -> bool {
        let attached = self.disposition.value == "attachment";
        (self.is_plain() || self.is_page()) && !attached && self.name().is_none()
    }

    fn is_file(&self, shown: &BTreeSet<String>) -> bool {
        let kind = self.kind.value.as_str();
        let of_machines = [
            "text/calendar",
            "application/ics",
            "application/pkcs7-signature",
            "application/x-pkcs7-signature",
            "application/pgp-signature",
            "message/delivery-status",
            "message/disposition-notification",
            "text/rfc822-headers",
            "text/x-amp-html",
        ];
        let id = String::from_utf8_lossy(self.fields.get("content-id").unwrap_or_default());
        let in_a_page =
            kind.starts_with("image/") && shown.contains(id.trim_matches(['<', '>', ' ']));
        !matches!(self.part.body, PartType::Multipart(_))
            && !of_machines.contains(&kind)
            && !in_a_page
            && !self.is_words()
    }

    fn file(&self) -> File {
        let media_type = match self.kind.value.as_str() {
            "" => "application/octet-stream".to_owned(),
            kind => kind.to_owned(),
        };
        let name = self.name().map_or_else(|| "file".to_owned(), one_name);
        File { name, media_type, bytes: self.bytes().into_owned() }
    }

    fn as_mail(&self, mail: &Message<'_>) -> File {
        let raw: &[u8] = match self.part.encoding {
            Encoding::None => {
                let whole = self.part.offset_body as usize..self.part.offset_end as usize;
                self.raw.get(whole).unwrap_or_default()
            }
            _ => &mail.raw_message,
        };
        let subject = Fields::of(raw).text("subject");
        let name = match subject.as_str() {
            "" => "forwarded.eml".to_owned(),
            subject => format!("{}.eml", one_name(subject)),
        };
        File { name, media_type: "message/rfc822".into(), bytes: raw.to_vec() }
    }

    /// As it was before it was packed for the way.
    fn bytes(&self) -> Cow<'_, [u8]> {
        if let PartType::Binary(bytes) | PartType::InlineBinary(bytes) = &self.part.body {
            return Cow::Borrowed(bytes);
        }
        let whole = self.part.offset_body as usize..self.part.offset_end as usize;
        let raw = self.raw.get(whole).unwrap_or_default();
        let unpacked = match self.part.encoding {
            Encoding::Base64 => base64_decode(raw),
            Encoding::QuotedPrintable => quoted_printable_decode(raw),
            Encoding::None => None,
        };
        unpacked.map_or(Cow::Borrowed(raw), Cow::Owned)
    }

    fn text(&self) -> String {
        let text = decode(&self.bytes(), self.kind.get("charset"));
        if self.is_page() { html::to_text(&text) } else { text }
    }
}

/// A file name without the path to it, without what ends a line, not too long.
fn one_name(name: &str) -> String {
    let name = name.replace(char::is_control, " ");
    let last = name.rsplit(['/', '\\']).next().unwrap_or(&name).trim();
    let skipped = last.chars().count().saturating_sub(120);
    // The end tells the format.
    let short: String = last.chars().skip(skipped).collect();
    if short.is_empty() { "file".to_owned() } else { short }
}
