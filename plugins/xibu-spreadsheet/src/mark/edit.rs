//! Tools on XML parts: a part is copied token by token, and only what is asked for changes.

use std::io::Write;

use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};

use crate::read::Stop;

/// What a part that does not parse is: the parser's own words may quote it.
pub(super) fn damaged(_: impl std::error::Error) -> Stop {
    Stop::damaged("a part of the workbook is not well-formed")
}

/// Whether an element has this name, whatever its prefix.
pub(super) fn is(element: &BytesStart<'_>, name: &str) -> bool {
    element.local_name().as_ref() == name
}

/// Whether an element that ends has this name, whatever its prefix.
pub(super) fn ends(element: &BytesEnd<'_>, name: &str) -> bool {
    element.local_name().as_ref() == name
}

/// An element's prefix with its colon, or nothing.
pub(super) fn prefix(element: &BytesStart<'_>) -> String {
    let name = element.name();
    match name.as_ref().split_once(':') {
        Some((prefix, _)) => format!("{prefix}:"),
        None => String::new(),
    }
}

/// The element with these attributes set, or taken away where there is no value; the others stay as
/// they were written. Values are given escaped.
pub(super) fn with(
    element: &BytesStart<'_>,
    changes: &[(&str, Option<&str>)],
) -> Result<BytesStart<'static>, Stop> {
    let mut content = element.name().as_ref().to_owned();
    let name_len = content.len();
    let mut push = |key: &str, value: &str| {
        content.push(' ');
        content.push_str(key);
        content.push_str("=\"");
        // A value that stood between single quotes may hold double ones.
        content.push_str(&value.replace('"', "&quot;"));
        content.push('"');
    };
    let mut left: Vec<&(&str, Option<&str>)> = changes.iter().collect();
    for attribute in element.attributes() {
        let attribute = attribute.map_err(damaged)?;
        let key = attribute.key.as_ref();
        match left.iter().position(|(name, _)| *name == key) {
            Some(at) => {
                if let (name, Some(value)) = left.remove(at) {
                    push(name, value);
                }
            }
            None => push(key, &attribute.value),
        }
    }
    for (name, value) in left {
        if let Some(value) = value {
            push(name, value);
        }
    }
    Ok(BytesStart::from_content(content, name_len))
}

/// Writes a token.
pub(super) fn put<W: Write>(out: &mut Writer<W>, event: Event<'_>) -> Result<(), Stop> {
    out.write_event(event).map_err(damaged)
}

/// Writes XML that is well-formed already.
pub(super) fn raw<W: Write>(out: &mut Writer<W>, xml: String) -> Result<(), Stop> {
    put(out, Event::Text(BytesText::from_escaped(xml)))
}

/// Copies a small part; `each` writes every token as it should be.
pub(super) fn copy(
    part: &[u8],
    mut each: impl FnMut(&mut Writer<Vec<u8>>, Event<'_>) -> Result<(), Stop>,
) -> Result<Vec<u8>, Stop> {
    let mut reader = Reader::from_reader(part);
    let mut out = Writer::new(Vec::with_capacity(part.len() + 1_024));
    loop {
        match reader.read_event().map_err(damaged)? {
            Event::Eof => return Ok(out.into_inner()),
            event => each(&mut out, event)?,
        }
    }
}

/// Goes through a small part.
pub(super) fn each(
    part: &[u8],
    mut see: impl FnMut(Event<'_>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut reader = Reader::from_reader(part);
    loop {
        match reader.read_event().map_err(damaged)? {
            Event::Eof => return Ok(()),
            event => see(event)?,
        }
    }
}

/// Puts `added` children behind the last of the first element of this name, and adds them to its
/// `count`. They are given for its prefix.
pub(super) fn append(
    part: &[u8],
    parent: &str,
    added: usize,
    children: impl Fn(&str) -> String,
) -> Result<Vec<u8>, Stop> {
    let mut open: Option<String> = None;
    let mut done = false;
    let counted = |element: &BytesStart<'_>| -> Result<BytesStart<'static>, Stop> {
        let count = crate::read::attribute(element, "count")?;
        match count.and_then(|count| count.parse::<usize>().ok()) {
            Some(count) => with(element, &[("count", Some(&(count + added).to_string()))]),
            None => Ok(element.to_owned()),
        }
    };
    let part = copy(part, |out, event| match event {
        Event::Start(element) if !done && open.is_none() && is(&element, parent) => {
            open = Some(prefix(&element));
            put(out, Event::Start(counted(&element)?))
        }
        Event::Empty(element) if !done && open.is_none() && is(&element, parent) => {
            done = true;
            let element = counted(&element)?;
            put(out, Event::Start(element.borrow()))?;
            raw(out, children(&prefix(&element)))?;
            put(out, Event::End(element.to_end()))
        }
        Event::End(element) if !done && ends(&element, parent) => {
            done = true;
            raw(out, children(open.as_deref().unwrap_or_default()))?;
            put(out, Event::End(element))
        }
        event => put(out, event),
    })?;
    match done {
        true => Ok(part),
        false => Err(Stop::damaged("a part of the workbook lacks what it must have")),
    }
}

/// Text as XML.
pub(super) fn escaped(text: &str) -> String {
    // Signs that XML cannot hold at all are left out.
    let may = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let text: String = text.chars().filter(may).collect();
    quick_xml::escape::escape(text.as_str()).into_owned()
}

/// `C5` of a place counted from 0.
pub(super) fn cell_name(row: u32, column: u32) -> String {
    let mut rest = u64::from(column) + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    let letters: String = letters.iter().rev().collect();
    format!("{letters}{}", u64::from(row) + 1)
}

/// The place of `C5`, counted from 0; none where it is no name of a cell.
pub(super) fn cell_place(name: &str) -> Option<(u32, u32)> {
    let digits = name.find(|c: char| c.is_ascii_digit())?;
    let (letters, row) = name.split_at(digits);
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let mut column = 0_u32;
    for letter in letters.chars() {
        let letter = letter.to_ascii_uppercase();
        if !letter.is_ascii_uppercase() {
            return None;
        }
        column = column * 26 + (letter as u32 - 'A' as u32 + 1);
    }
    let row: u32 = row.parse().ok()?;
    Some((row.checked_sub(1)?, column - 1))
}
