//! What the readers of .ods and .docx share: tokens of one part, text with its references, numbers
//! in attributes.

use std::io::BufRead;

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::{Out, Stop};

/// The last row and column a sheet can have, from 0.
pub(super) const LAST: (u32, u32) = (1_048_575, 16_383);
/// The most bytes of text in a cell.
pub(super) const CELL_BYTES_MAX: usize = 128 << 10;

/// The tokens of a part.
pub(super) struct Tokens<R> {
    reader: Reader<R>,
    buffer: Vec<u8>,
}

fn malformed(_: impl std::error::Error) -> Stop {
    Stop::damaged("a part of the document is not well-formed")
}

impl<R: BufRead> Tokens<R> {
    pub(super) fn of(part: R) -> Self {
        let mut reader = Reader::from_reader(part);
        // One way for <a/> and <a></a>.
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Vec::new() }
    }

    pub(super) fn next(&mut self) -> Result<Event<'_>, Stop> {
        self.buffer.clear();
        self.reader.read_event_into(&mut self.buffer).map_err(malformed)
    }
}

/// An attribute by its name without prefix.
pub(crate) fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Stop> {
    for found in element.attributes() {
        let found = found.map_err(malformed)?;
        if found.key.local_name().as_ref() == name {
            let value = found.normalized_value(XmlVersion::Implicit1_0).map_err(malformed)?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

/// A count in an attribute, 1 where it is not there.
pub(super) fn count(element: &BytesStart<'_>, name: &str) -> Result<u32, Stop> {
    let Some(typed) = attribute(element, name)? else { return Ok(1) };
    typed.parse().ok().filter(|count| *count > 0).ok_or_else(|| Stop::damaged("not a count"))
}

/// Appends what `&amp;` and the like stand for; entities of the file's own are refused.
pub(crate) fn push_reference(text: &mut String, reference: &BytesRef<'_>) -> Result<(), Stop> {
    if let Some(known) = quick_xml::escape::resolve_xml_entity(reference) {
        text.push_str(known);
        return Ok(());
    }
    match reference.resolve_char_ref().map_err(malformed)? {
        Some(character) => {
            text.push(character);
            Ok(())
        }
        None => Err(Stop::damaged("a reference to nothing")),
    }
}

/// Refuses a cell that holds more than any cell can.
pub(super) fn fits(text: &str) -> Result<(), Stop> {
    match text.len() > CELL_BYTES_MAX {
        true => Err(Stop::too_large("a single value longer than any cell can be")),
        false => Ok(()),
    }
}

/// Refuses a place outside of any sheet.
pub(super) fn on_a_sheet(row: u32, column: u32) -> Result<(), Stop> {
    match row > LAST.0 || column > LAST.1 {
        true => Err(Stop::too_large("more rows or columns than a sheet has")),
        false => Ok(()),
    }
}

/// Merges that are more than one cell, kept within a sheet.
pub(super) fn end(out: &mut Out<'_, '_>, merges: Vec<[u32; 4]>) -> Result<(), Stop> {
    const MERGES_MAX: usize = 200_000;
    if merges.len() > MERGES_MAX {
        return Err(Stop::too_large(format_args!("more than {MERGES_MAX} merged rectangles")));
    }
    out.end(merges)
}
