//! Header fields as bytes, and what stands in them: text, parameters, an address.
//!
//! Of its own beside mail-parser, because Chinese programs write names raw in GBK, as encoded words
//! within quotes, or cut between two bytes of a letter, and a library for well-formed mail gives
//! none of these back. What it is not: no bodies.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::charset::decode;

/// More fields, and longer ones, say nothing more.
const FIELDS_MAX: usize = 500;
const VALUE_BYTES_MAX: usize = 32 << 10;

/// Base64 as it comes: with padding, without, with bits left over.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The fields of one header, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    /// Lower-case name and unfolded value.
    fields: Vec<(String, Vec<u8>)>,
}

impl Fields {
    /// The fields at the beginning of these bytes, up to the first empty line.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut fields: Vec<(String, Vec<u8>)> = Vec::new();
        for line in bytes.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() || fields.len() >= FIELDS_MAX {
                break;
            }
            if line[0].is_ascii_whitespace() {
                if let Some((_, value)) = fields.last_mut().filter(|(_, value)| fits(value, line)) {
                    value.push(b' ');
                    value.extend_from_slice(line.trim_ascii());
                }
                continue;
            }
            let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
            let name = String::from_utf8_lossy(line[..colon].trim_ascii()).to_ascii_lowercase();
            let value = line[colon + 1..].trim_ascii();
            fields.push((name, value[..value.len().min(VALUE_BYTES_MAX)].to_vec()));
        }
        Self { fields }
    }

    /// The first of that name.
    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        self.all(name).next()
    }

    /// Every one of that name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| &value[..])
    }

    /// The first of that name as text; empty where there is none.
    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).map(text).unwrap_or_default()
    }

    /// The first of that name in lower case, as far as it is ASCII.
    pub(super) fn word(&self, name: &str) -> String {
        String::from_utf8_lossy(self.get(name).unwrap_or_default()).trim().to_ascii_lowercase()
    }
}

fn fits(value: &[u8], line: &[u8]) -> bool {
    value.len() + line.len() < VALUE_BYTES_MAX
}

/// Unstructured text with encoded words (RFC 2047) and whatever stands raw between them.
pub(super) fn text(value: &[u8]) -> String {
    let mut out = String::new();
    // Bytes of adjoining words of one charset: a letter may be cut between two of them.
    let mut open: Option<(String, Vec<u8>)> = None;
    let mut rest = value;
    let flush = |open: &mut Option<(String, Vec<u8>)>, out: &mut String| {
        if let Some((charset, bytes)) = open.take() {
            out.push_str(&decode(&bytes, Some(&charset)));
        }
    };
    while !rest.is_empty() {
        let begins = rest.windows(2).position(|two| two == b"=?");
        let (before, after) = rest.split_at(begins.unwrap_or(rest.len()));
        if !before.trim_ascii().is_empty() || (open.is_none() && !before.is_empty()) {
            flush(&mut open, &mut out);
            out.push_str(&decode(before, None));
        }
        if after.is_empty() {
            break;
        }
        match encoded_word(after) {
            Some((charset, bytes, length)) => {
                match &mut open {
                    Some((known, joined)) if *known == charset => joined.extend(bytes),
                    _ => {
                        flush(&mut open, &mut out);
                        open = Some((charset, bytes));
                    }
                }
                rest = &after[length..];
            }
            None => {
                flush(&mut open, &mut out);
                out.push_str("=?");
                rest = &after[2..];
            }
        }
    }
    flush(&mut open, &mut out);
    out.replace(char::is_control, " ").trim().to_owned()
}

/// `=?charset?B?...?=` at the beginning: its charset, its bytes, its length.
fn encoded_word(word: &[u8]) -> Option<(String, Vec<u8>, usize)> {
    let mut parts = word.splitn(4, |byte| *byte == b'?');
    let (_, charset, how, rest) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let end = rest.windows(2).position(|two| two == b"?=")?;
    let content = &rest[..end];
    let bytes = match how {
        b"B" | b"b" => {
            let plain: Vec<u8> =
                content.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
            LENIENT.decode(plain).ok()?
        }
        b"Q" | b"q" => q_decoded(content),
        _ => return None,
    };
    let charset = std::str::from_utf8(charset).ok()?;
    // RFC 2231 allows a language behind the charset.
    let charset = charset.split('*').next().unwrap_or(charset).to_ascii_lowercase();
    let length = 2 + charset_length(word)? + how.len() + 1 + end + 2;
    Some((charset, bytes, length))
}

/// Length of the charset with the question mark behind it.
fn charset_length(word: &[u8]) -> Option<usize> {
    word.get(2..)?.iter().position(|byte| *byte == b'?').map(|at| at + 1)
}

fn q_decoded(content: &[u8]) -> Vec<u8> {
    let underscores: Vec<u8> =
        content.iter().map(|byte| if *byte == b'_' { b' ' } else { *byte }).collect();
    unescaped(&underscores, b'=')
}

/// `=E5` or `%E5` to a byte; what is no escape stays as it is.
fn unescaped(content: &[u8], sign: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len());
    let mut at = 0;
    while let Some(byte) = content.get(at) {
        let digits = content.get(at + 1..at + 3).filter(|_| *byte == sign);
        match digits.and_then(|digits| hex::decode(digits).ok()) {
            Some(decoded) => {
                out.extend(decoded);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    out
}

/// A value with parameters, `attachment; filename="..."`.
#[derive(Clone, Debug, Default)]
pub(super) struct Parameterized {
    /// In lower case.
    pub(super) value: String,
    parameters: BTreeMap<String, String>,
}

impl Parameterized {
    /// Reads one; an absent field has no value and no parameters.
    pub(super) fn of(value: Option<&[u8]>) -> Self {
        let Some(value) = value else { return Self::default() };
        let mut pieces = split_outside_quotes(value).into_iter();
        let main = pieces.next().unwrap_or_default();
        let main = String::from_utf8_lossy(main).trim().to_ascii_lowercase();
        // By name: plain, or in parts by number (RFC 2231), each escaped or not.
        let mut plain: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut parts: BTreeMap<String, BTreeMap<u32, (bool, Vec<u8>)>> = BTreeMap::new();
        for piece in pieces {
            let Some(equals) = piece.iter().position(|byte| *byte == b'=') else { continue };
            let name = String::from_utf8_lossy(piece[..equals].trim_ascii()).to_ascii_lowercase();
            let content = unquoted(piece[equals + 1..].trim_ascii());
            let escaped = name.ends_with('*');
            let name = name.trim_end_matches('*');
            match name.split_once('*') {
                Some((name, number)) => {
                    let number = number.parse().unwrap_or(u32::MAX);
                    parts.entry(name.to_owned()).or_default().insert(number, (escaped, content));
                }
                None if escaped => {
                    parts.entry(name.to_owned()).or_default().insert(0, (true, content));
                }
                None => drop(plain.entry(name.to_owned()).or_insert(content)),
            }
        }
        let mut parameters: BTreeMap<String, String> =
            plain.into_iter().map(|(name, content)| (name, text(&content))).collect();
        parameters.extend(parts.into_iter().map(|(name, parts)| (name, joined(parts))));
        Self { value: main, parameters }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }
}

fn split_outside_quotes(value: &[u8]) -> Vec<&[u8]> {
    let (mut pieces, mut begin, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in value.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => {
                pieces.push(&value[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&value[begin..]);
    pieces
}

fn unquoted(value: &[u8]) -> Vec<u8> {
    let Some(inner) = value.strip_prefix(b"\"") else { return value.to_vec() };
    let inner = inner.strip_suffix(b"\"").unwrap_or(inner);
    // A backslash before anything else is the second byte of a letter in GBK, or a Windows path.
    let mut out = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().peekable();
    while let Some(byte) = bytes.next() {
        match (byte, bytes.peek()) {
            (b'\\', Some(next @ (b'"' | b'\\'))) => {
                out.push(**next);
                bytes.next();
            }
            _ => out.push(*byte),
        }
    }
    out
}

/// RFC 2231: the parts in order, the charset at the beginning of the first.
fn joined(parts: BTreeMap<u32, (bool, Vec<u8>)>) -> String {
    let (mut charset, mut bytes) = (None, Vec::new());
    for (index, (_, (escaped, content))) in parts.into_iter().enumerate() {
        let mut content = content;
        if escaped && index == 0 {
            let quotes: Vec<usize> = content
                .iter()
                .enumerate()
                .filter(|(_, b)| **b == b'\'')
                .map(|(at, _)| at)
                .collect();
            if let [first, second, ..] = quotes[..] {
                charset = Some(String::from_utf8_lossy(&content[..first]).into_owned());
                content.drain(..=second);
            }
        }
        bytes.extend(if escaped { unescaped(&content, b'%') } else { content });
    }
    match charset {
        Some(charset) => decode(&bytes, Some(&charset)),
        // Some programs cut encoded words into numbered parts.
        None => text(&bytes),
    }
}

/// The first address of a field such as From, in lower case behind the `@`.
pub(super) fn address(value: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(value);
    let within = text.rfind('<').and_then(|at| {
        let inner = &text[at + 1..];
        inner.find('>').map(|end| &inner[..end])
    });
    let is_word =
        |c: char| !c.is_whitespace() && !matches!(c, '<' | '>' | ',' | ';' | '"' | '(' | ')');
    let bare = || text.split(|c: char| !is_word(c)).find(|word| word.contains('@'));
    let address = within.filter(|inner| inner.contains('@')).or_else(bare)?.trim();
    let (local, domain) = address.rsplit_once('@')?;
    let fits = !local.is_empty() && !domain.is_empty() && address.chars().all(is_word);
    fits.then(|| format!("{local}@{}", domain.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests;
