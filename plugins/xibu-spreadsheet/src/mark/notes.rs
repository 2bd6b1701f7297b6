//! Notes on cells: the part with their words, beside those that are there already.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::events::Event;

use super::edit::{self, cell_name, cell_place, escaped, is};
use super::sheet::Cell;
use crate::read::{Stop, attribute, push_reference};

/// Who signs our notes.
const AUTHOR: &str = "西部计划核对";
/// How each of our notes begins; what follows it in a cell's note is ours and gives way to the next
/// answer.
pub(super) const OURS: &str = "【核对】";

const NO_NOTES: &[u8] = br#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors></authors><commentList></commentList></comments>"#;

/// The part with these notes, and the cells that had none before.
pub(super) fn added(
    part: Option<Vec<u8>>,
    notes: &BTreeMap<Cell, String>,
) -> Result<(Vec<u8>, Vec<Cell>), Stop> {
    let part = part.unwrap_or_else(|| NO_NOTES.to_vec());
    let (there, authors) = looked_at(&part, notes)?;
    let part = joined(&part, notes)?;
    let part = edit::append(&part, "authors", 1, |p| format!("<{p}author>{AUTHOR}</{p}author>"))?;
    let new: Vec<Cell> = notes.keys().filter(|place| !there.contains(*place)).copied().collect();
    let part = edit::append(&part, "commentList", 0, |p| {
        let mut lines = String::new();
        for (row, column) in &new {
            let name = cell_name(*row, *column);
            let words = notes.get(&(*row, *column)).map_or("", String::as_str);
            lines.push_str(&format!(
                "<{p}comment ref=\"{name}\" authorId=\"{authors}\"><{p}text>{}</{p}text></{p}comment>",
                run(p, words)
            ));
        }
        lines
    })?;
    Ok((part, new))
}

/// Which of the cells have a note, and how many authors there are.
fn looked_at(part: &[u8], notes: &BTreeMap<Cell, String>) -> Result<(BTreeSet<Cell>, usize), Stop> {
    let mut there = BTreeSet::new();
    let mut authors = 0;
    edit::each(part, |event| {
        let (Event::Start(element) | Event::Empty(element)) = event else { return Ok(()) };
        if is(&element, "author") {
            authors += 1;
        } else if is(&element, "comment") {
            let place = attribute(&element, "ref")?.and_then(|name| cell_place(&name));
            there.extend(place.filter(|place| notes.contains_key(place)));
        }
        Ok(())
    })?;
    Ok((there, authors))
}

/// Notes of an earlier answer, come back with the workbook.
#[derive(Default)]
pub(super) struct Earlier {
    /// Where they were.
    pub(super) cells: BTreeSet<Cell>,
    /// Those of them where nobody else had written anything.
    pub(super) gone: Vec<Cell>,
}

/// The part without our notes of an earlier answer; none where it has none of them.
pub(super) fn without_earlier(part: &[u8]) -> Result<Option<(Vec<u8>, Earlier)>, Stop> {
    if memchr::memmem::find(part, OURS.as_bytes()).is_none() {
        return Ok(None);
    }
    let mut earlier = Earlier::default();
    // The note being read: its tokens, the words in it, and whether they are shown.
    let mut held: Option<(Vec<Event<'static>>, String)> = None;
    let mut in_words = false;
    let part = edit::copy(part, |out, event| {
        let Some((tokens, words)) = held.as_mut() else {
            if let Event::Start(element) = &event
                && is(element, "comment")
            {
                held = Some((vec![event.into_owned()], String::new()));
                return Ok(());
            }
            return edit::put(out, event);
        };
        match &event {
            Event::Start(element) if is(element, "t") => in_words = true,
            Event::End(element) if edit::ends(element, "t") => in_words = false,
            Event::Text(typed) if in_words => words.push_str(&typed.xml10_content()),
            Event::GeneralRef(reference) if in_words => push_reference(words, reference)?,
            _ => {}
        }
        let ends = matches!(&event, Event::End(element) if edit::ends(element, "comment"));
        tokens.push(event.into_owned());
        match held.take_if(|_| ends) {
            Some((tokens, words)) => put_theirs(out, tokens, &words, &mut earlier),
            None => Ok(()),
        }
    })?;
    Ok(Some((part, earlier)))
}

/// Writes what others said in a note; nothing where nobody did.
fn put_theirs(
    out: &mut quick_xml::Writer<Vec<u8>>,
    tokens: Vec<Event<'static>>,
    words: &str,
    earlier: &mut Earlier,
) -> Result<(), Stop> {
    let (Some((theirs, _)), Some(Event::Start(first))) = (words.split_once(OURS), tokens.first())
    else {
        return tokens.into_iter().try_for_each(|token| edit::put(out, token));
    };
    let place = attribute(first, "ref")?.and_then(|name| cell_place(&name));
    earlier.cells.extend(place);
    let theirs = theirs.trim_end();
    if theirs.is_empty() {
        earlier.gone.extend(place);
        return Ok(());
    }
    let p = edit::prefix(first);
    edit::put(out, Event::Start(first.borrow()))?;
    edit::raw(out, format!("<{p}text>{}</{p}text>", run(&p, theirs)))?;
    edit::put(out, Event::End(first.to_end()))
}

fn run(p: &str, words: &str) -> String {
    let words = escaped(words);
    format!(
        "<{p}r><{p}rPr><{p}sz val=\"9\"/><{p}rFont val=\"宋体\"/></{p}rPr>\
         <{p}t xml:space=\"preserve\">{words}</{p}t></{p}r>"
    )
}

/// The part in which cells that have a note already have ours behind it.
fn joined(part: &[u8], notes: &BTreeMap<Cell, String>) -> Result<Vec<u8>, Stop> {
    let mut ours: Option<String> = None;
    let (mut in_words, mut in_run) = (false, false);
    edit::copy(part, |out, event| match event {
        Event::Start(element) if is(&element, "comment") => {
            let place = attribute(&element, "ref")?.and_then(|name| cell_place(&name));
            ours = place.and_then(|place| notes.get(&place)).map(|words| format!("\n\n{words}"));
            edit::put(out, Event::Start(element))
        }
        Event::Start(element) if ours.is_some() && is(&element, "text") => {
            in_words = true;
            edit::put(out, Event::Start(element))
        }
        Event::Empty(element) if is(&element, "text") && ours.is_some() => {
            let words = ours.take().unwrap_or_default();
            edit::put(out, Event::Start(element.borrow()))?;
            edit::raw(out, run(&edit::prefix(&element), words.trim_start()))?;
            edit::put(out, Event::End(element.to_end()))
        }
        Event::End(element) if in_words && edit::ends(&element, "text") => {
            in_words = false;
            let prefix = element.name().as_ref().strip_suffix("text").unwrap_or("").to_owned();
            edit::raw(out, run(&prefix, &ours.take().unwrap_or_default()))?;
            edit::put(out, Event::End(element))
        }
        // Words without a look of their own cannot stand beside words that have one.
        Event::Start(element) if in_words && !in_run && is(&element, "t") => {
            edit::raw(out, format!("<{}r>", edit::prefix(&element)))?;
            edit::put(out, Event::Start(element))
        }
        Event::End(element) if in_words && !in_run && edit::ends(&element, "t") => {
            let prefix = element.name().as_ref().strip_suffix('t').unwrap_or("").to_owned();
            edit::put(out, Event::End(element))?;
            edit::raw(out, format!("</{prefix}r>"))
        }
        event => {
            match &event {
                Event::Start(element) if is(element, "r") || is(element, "rPh") => in_run = true,
                Event::End(element) if edit::ends(element, "r") || edit::ends(element, "rPh") => {
                    in_run = false;
                }
                _ => {}
            }
            edit::put(out, event)
        }
    })
}
