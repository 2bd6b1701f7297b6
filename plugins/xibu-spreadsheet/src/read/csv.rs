//! .csv as offices save it: GB18030, UTF-8 with and without mark, UTF-16; comma, tab or semicolon.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, UTF_8};

use super::{Out, Stop};

/// The most columns; a sheet has no more.
const COLUMNS_MAX: usize = 16_384;
/// The most rows; a sheet has no more.
const ROWS_MAX: u32 = 1_048_576;

pub(super) fn read(file_name: &str, bytes: &[u8], out: &mut Out<'_, '_>) -> Result<(), Stop> {
    let text = decode(file_name, bytes)?;
    read_text(&text, out)
}

fn read_text(text: &str, out: &mut Out<'_, '_>) -> Result<(), Stop> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    // Not the file's name: that may hold a person's.
    out.begin("CSV", false)?;
    let mut record = csv::StringRecord::new();
    let mut row: u32 = 0;
    while reader.read_record(&mut record).map_err(|_| Stop::damaged("not a table of text"))? {
        // Blank lines give no record, and a value over two lines is one row: both as a program
        // shows it.
        let begins = record.position().map_or(0, |position| position.byte() as usize);
        row += blank_lines(text.as_bytes(), begins);
        if row >= ROWS_MAX || record.len() > COLUMNS_MAX {
            return Err(Stop::too_large("more rows or columns than a sheet has"));
        }
        for (column, field) in (0_u32..).zip(&record) {
            out.text(row, column, as_typed(field))?;
        }
        row += 1;
    }
    out.end(Vec::new())
}

/// How many empty lines stand at `begins` before the next record.
fn blank_lines(bytes: &[u8], begins: usize) -> u32 {
    // The reader ends a line at its \r, so the \n of the line before may stand first.
    let within_end = begins > 0 && bytes.get(begins - 1..=begins) == Some(b"\r\n");
    let from = begins.saturating_add(usize::from(within_end)).min(bytes.len());
    let empty = bytes[from..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let count = empty.filter(|byte| **byte == b'\n').take(ROWS_MAX as usize).count();
    u32::try_from(count).unwrap_or(ROWS_MAX)
}

/// `="500101…"`: how some programs keep digits from becoming a number.
fn as_typed(field: &str) -> &str {
    let bare = field.strip_prefix("=\"").and_then(|field| field.strip_suffix('"'));
    bare.unwrap_or(field)
}

fn decode<'b>(file_name: &str, bytes: &'b [u8]) -> Result<Cow<'b, str>, Stop> {
    let marked = Encoding::for_bom(bytes).is_some();
    if !marked && memchr::memchr(0, bytes).is_some() {
        return Err(Stop::format("neither a workbook nor text"));
    }
    let text = decode_text(bytes, None)?;
    // A name is only a hint, but what is called .wps or .jpg is no table for being text; and
    // office systems call tables of text .xls.
    let name = file_name.to_ascii_lowercase();
    let named = [".csv", ".txt", ".tsv"].iter().any(|end| name.ends_with(end));
    let tabbed = name.ends_with(".xls") && text.contains('\t');
    if marked || named || tabbed {
        return Ok(text);
    }
    Err(Stop::format("text that does not say it is a table"))
}

/// Text in whatever encoding: by its mark, by what it says itself, UTF-8, or Chinese.
pub(super) fn decode_text<'b>(
    bytes: &'b [u8],
    said: Option<&'static Encoding>,
) -> Result<Cow<'b, str>, Stop> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return sound(encoding.decode_without_bom_handling(&bytes[mark..]));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    if let Some(encoding) = said.filter(|encoding| *encoding != UTF_8) {
        return sound(encoding.decode_without_bom_handling(bytes));
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guessed = detector.guess(Some(b"cn"), Utf8Detection::Allow);
    // A small file of names is easily taken for something western; ours are Chinese first.
    let encoding = if guessed == UTF_8 { UTF_8 } else { GB18030 };
    sound(encoding.decode_without_bom_handling(bytes))
}

fn sound((text, had_errors): (Cow<'_, str>, bool)) -> Result<Cow<'_, str>, Stop> {
    if had_errors { Err(Stop::damaged("text in no encoding we know")) } else { Ok(text) }
}

/// The mark that parts the first lines most often, outside of quotes.
fn delimiter(text: &str) -> u8 {
    let mut counts = [(b',', 0_u32), (b'\t', 0), (b';', 0)];
    let mut quoted = false;
    let mut lines = 0;
    for byte in text.bytes().take(64 << 10) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => lines += 1,
            byte if !quoted => {
                if let Some((_, count)) = counts.iter_mut().find(|(mark, _)| *mark == byte) {
                    *count += 1;
                }
            }
            _ => {}
        }
        if lines == 20 {
            break;
        }
    }
    // The first of equals: a comma where nothing parts anything.
    let mut best = counts[0];
    for next in &counts[1..] {
        if next.1 > best.1 {
            best = *next;
        }
    }
    best.0
}
