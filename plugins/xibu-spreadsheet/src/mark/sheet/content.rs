//! What stands in one cell, taken out of the stream to be masked.

use std::io::{BufRead, Write};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, Writer};

use crate::mark::edit::{self, damaged, ends, escaped, is};
use crate::mark::mask;
use crate::mark::strings::Strings;
use crate::read::{Stop, attribute, push_reference};

/// What a cell holds.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// Of `<v>`.
    pub(super) value: String,
    /// Of `<is>`.
    pub(super) inline: String,
    /// The start of `<f>` as it was written, with its text.
    formula: Option<(String, String)>,
    /// Whether other cells lean on its formula.
    formula_is_led: bool,
}

/// Reads on to the end of the cell.
pub(super) fn read<R: BufRead>(
    reader: &mut Reader<R>,
    buffer: &mut Vec<u8>,
) -> Result<Content, Stop> {
    #[derive(Clone, Copy)]
    enum In {
        Value,
        Inline,
        Formula,
        Nothing,
    }
    let mut content = Content::default();
    let (mut inside, mut aside) = (In::Nothing, false);
    loop {
        buffer.clear();
        let event = reader.read_event_into(buffer).map_err(damaged)?;
        let formula = content.formula.as_mut().map(|(_, text)| text);
        let text = match inside {
            In::Value => Some(&mut content.value),
            In::Inline if !aside => Some(&mut content.inline),
            In::Formula => formula,
            In::Inline | In::Nothing => None,
        };
        match event {
            Event::Eof => return Err(Stop::damaged("the sheet is broken off")),
            Event::End(element) if ends(&element, "c") => return Ok(content),
            Event::Start(element) if is(&element, "v") => inside = In::Value,
            Event::Start(element) if is(&element, "t") => inside = In::Inline,
            Event::Start(element) if is(&element, "rPh") => aside = true,
            Event::End(element) if ends(&element, "rPh") => aside = false,
            Event::Start(element) if is(&element, "f") => {
                inside = In::Formula;
                content.formula_is_led = attribute(&element, "ref")?.is_some();
                content.formula = Some((element.as_ref().to_owned(), String::new()));
            }
            Event::Empty(element) if is(&element, "f") => {
                content.formula = Some((element.as_ref().to_owned(), String::new()));
            }
            Event::End(_) => inside = In::Nothing,
            Event::Text(typed) => text.into_iter().for_each(|t| t.push_str(&typed.xml10_content())),
            Event::CData(typed) => {
                text.into_iter().for_each(|t| t.push_str(&typed.xml10_content()))
            }
            Event::GeneralRef(reference) => {
                if let Some(text) = text {
                    push_reference(text, &reference)?;
                }
            }
            _ => {}
        }
    }
}

/// Writes the cell with its value masked, or as it was where it holds none to be masked.
pub(super) fn write_masked<W: Write>(
    out: &mut Writer<W>,
    cell: &BytesStart<'_>,
    content: &Content,
    strings: &Strings,
) -> Result<(), Stop> {
    let kind = attribute(cell, "t")?.unwrap_or_default();
    let masked = match kind.as_str() {
        "s" => {
            content.value.trim().parse().ok().and_then(|at| strings.masked(at)).map(str::to_owned)
        }
        "inlineStr" => Some(mask::masked(&content.inline)),
        "str" => Some(mask::masked(&content.value)),
        // True and false, and errors, are no one's number.
        "b" | "e" => Some(content.value.clone()),
        _ => Some(mask::masked(&mask::digits(&content.value))),
    };
    let masked = escaped(&masked.unwrap_or_default());
    let p = edit::prefix(cell);
    let kept = matches!(kind.as_str(), "b" | "e");
    match &content.formula {
        // A constant in the formula's place, so that the chain of calculation stays right.
        Some((start, text)) => {
            let kind = if kept { kind.as_str() } else { "str" };
            let cell = edit::with(cell, &[("t", Some(kind))])?;
            let end = cell.to_end().name().as_ref().to_owned();
            let formula = match content.formula_is_led || kept {
                true => format!("<{start}>{}</{p}f>", escaped(text)),
                false => format!("<{p}f>\"{}\"</{p}f>", masked.replace("&quot;", "&quot;&quot;")),
            };
            edit::put(out, Event::Start(cell))?;
            edit::raw(out, format!("{formula}<{p}v>{masked}</{p}v></{end}>"))
        }
        None if masked.is_empty() && !kept => {
            edit::put(out, Event::Empty(edit::with(cell, &[("t", None)])?))
        }
        None if kept => {
            edit::put(out, Event::Start(cell.borrow()))?;
            edit::raw(out, format!("<{p}v>{masked}</{p}v></{p}c>"))
        }
        None => {
            let cell = edit::with(cell, &[("t", Some("inlineStr"))])?;
            edit::put(out, Event::Start(cell))?;
            edit::raw(
                out,
                format!("<{p}is><{p}t xml:space=\"preserve\">{masked}</{p}t></{p}is></{p}c>"),
            )
        }
    }
}
