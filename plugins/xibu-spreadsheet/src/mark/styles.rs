//! The styles' part: each marked cell keeps its look but for the colour behind it, and the summary
//! gets the looks it needs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::edit::{self, damaged};
use crate::read::Stop;

/// The most looks of cells that programs take.
const LOOKS_MAX: usize = 64_000;

/// How a cell is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Colour {
    /// It must be mended.
    Wrong,
    /// It is worth a look.
    Look,
    /// It was marked by an earlier answer and is not any more.
    Cleared,
}

impl Colour {
    /// The colours of wrong and of worth a look.
    const RGB: [&'static str; 2] = ["FFFFC7CE", "FFFFEB9C"];
}

/// What the summary's sheet is written with, in the order of [`super::summary`]'s looks.
pub(super) const SUMMARY_LOOKS: usize = 6;

/// Where the new looks are.
pub(super) struct Styled {
    pub(super) part: Vec<u8>,
    of: BTreeMap<(u32, Colour), u32>,
    /// The summary's first look; the others follow.
    pub(super) summary: u32,
}

impl Styled {
    pub(super) fn of(&self, style: u32, colour: Colour) -> u32 {
        self.of.get(&(style, colour)).copied().unwrap_or(style)
    }
}

/// A workbook without styles looks like this.
pub(super) const NO_STYLES: &[u8] = br#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>"#;

/// Adds what is needed to the part.
pub(super) fn extended(
    part: &[u8],
    wanted: &BTreeSet<(u32, Colour)>,
    with_summary: bool,
) -> Result<Styled, Stop> {
    let held = Held::of(part)?;
    let [fonts, fills, borders] = held.counts;
    let mut looks = String::new();
    let mut of = BTreeMap::new();
    for (style, colour) in wanted {
        let fill = match colour {
            Colour::Wrong => fills,
            Colour::Look => fills + 1,
            // What somebody else coloured keeps its colour.
            Colour::Cleared if !held.is_ours(*style) => continue,
            Colour::Cleared => 0,
        };
        of.insert((*style, *colour), number(held.looks.len() + of.len())?);
        // A cell may name a look that is not there; it then has the first.
        let look = held.looks.get(*style as usize).or(held.looks.first());
        looks.push_str(&filled(look.map_or("<xf/>", String::as_str), fill)?);
    }
    let summary = number(held.looks.len() + of.len())?;
    let mut part = edit::append(part, "fills", if with_summary { 3 } else { 2 }, |p| {
        let mut lines = String::new();
        for rgb in Colour::RGB.into_iter().chain(with_summary.then_some("FFEDEDED")) {
            let _ = write!(
                lines,
                "<{p}fill><{p}patternFill patternType=\"solid\"><{p}fgColor rgb=\"{rgb}\"/>\
                 <{p}bgColor indexed=\"64\"/></{p}patternFill></{p}fill>"
            );
        }
        lines
    })?;
    if with_summary {
        part = edit::append(&part, "fonts", 3, |p| {
            let font = |size: &str, bold: &str| {
                format!("<{p}font>{bold}<{p}sz val=\"{size}\"/><{p}name val=\"宋体\"/></{p}font>")
            };
            let bold = format!("<{p}b/>");
            font("10.5", "") + &font("10.5", &bold) + &font("16", &bold)
        })?;
        part = edit::append(&part, "borders", 1, |p| {
            let mut border = format!("<{p}border>");
            for side in ["left", "right", "top", "bottom"] {
                let _ = write!(
                    border,
                    "<{p}{side} style=\"thin\"><{p}color indexed=\"64\"/></{p}{side}>"
                );
            }
            border + &format!("<{p}diagonal/></{p}border>")
        })?;
        looks.push_str(&summary_looks(&held.prefix, fonts, fills, borders));
    }
    let added = of.len() + if with_summary { SUMMARY_LOOKS } else { 0 };
    let part = edit::append(&part, "cellXfs", added, |_| looks.clone())?;
    Ok(Styled { part, of, summary })
}

fn number(look: usize) -> Result<u32, Stop> {
    match u32::try_from(look) {
        Ok(number) if look + SUMMARY_LOOKS < LOOKS_MAX => Ok(number),
        _ => Err(Stop::too_large(format_args!("more than {LOOKS_MAX} looks of cells"))),
    }
}

/// Framed words in the middle; title; heading; wrong; words without a frame; framed words at the
/// left.
fn summary_looks(p: &str, fonts: usize, fills: usize, borders: usize) -> String {
    let (wrong, shade) = (fills, fills + 2);
    let look = |font: usize, fill: usize, border: usize, across: &str| {
        let font = fonts + font;
        format!(
            "<{p}xf numFmtId=\"0\" fontId=\"{font}\" fillId=\"{fill}\" borderId=\"{border}\" \
             xfId=\"0\" applyFont=\"1\" applyFill=\"1\" applyBorder=\"1\" applyAlignment=\"1\">\
             <{p}alignment horizontal=\"{across}\" vertical=\"center\" wrapText=\"1\"/></{p}xf>"
        )
    };
    [
        look(0, 0, borders, "center"),
        look(2, 0, 0, "center"),
        look(1, shade, borders, "center"),
        look(0, wrong, borders, "center"),
        look(0, 0, 0, "left"),
        look(0, 0, borders, "left"),
    ]
    .concat()
}

/// A look with another colour behind it.
fn filled(look: &str, fill: usize) -> Result<String, Stop> {
    let fill = fill.to_string();
    let mut first = true;
    let changes = [("fillId", Some(fill.as_str())), ("applyFill", Some("1"))];
    let look = edit::copy(look.as_bytes(), |out, event| match event {
        Event::Start(element) if std::mem::take(&mut first) => {
            edit::put(out, Event::Start(edit::with(&element, &changes)?))
        }
        Event::Empty(element) if std::mem::take(&mut first) => {
            edit::put(out, Event::Empty(edit::with(&element, &changes)?))
        }
        event => edit::put(out, event),
    })?;
    String::from_utf8(look).map_err(damaged)
}

/// What is counted: groups with what stands in them, in the order of [`Held::counts`].
const COUNTED: [(&str, &str); 3] = [("fonts", "font"), ("fills", "fill"), ("borders", "border")];
const FILLS: usize = 1;

fn counted(group: Option<&str>, name: &str) -> Option<usize> {
    COUNTED.iter().position(|(of, one)| group == Some(*of) && name == *one)
}

/// What the part has.
#[derive(Default)]
struct Held {
    /// Fonts, fills, borders.
    counts: [usize; 3],
    /// The looks of cells as they are written.
    looks: Vec<String>,
    /// The fills that are ours.
    ours: BTreeSet<usize>,
    prefix: String,
}

impl Held {
    fn of(part: &[u8]) -> Result<Self, Stop> {
        let mut held = Held::default();
        let mut reader = Reader::from_reader(part);
        // Names of the elements that are open; the outermost two tell where we are.
        let mut open: Vec<String> = Vec::new();
        let mut begun = 0_usize;
        loop {
            let before = at(&reader)?;
            match reader.read_event().map_err(damaged)? {
                Event::Eof => return Ok(held),
                Event::Start(element) => {
                    if open.is_empty() {
                        held.prefix = edit::prefix(&element);
                    }
                    if open.len() == 2 {
                        begun = before;
                    }
                    open.push(element.local_name().as_ref().to_owned());
                }
                Event::Empty(element) => {
                    let group = open.get(1).map(String::as_str).filter(|_| open.len() == 2);
                    let name = element.local_name();
                    if let Some(of) = counted(group, name.as_ref()) {
                        held.counted(of, &[]);
                    }
                    if group == Some("cellXfs") {
                        held.look(part, before, at(&reader)?)?;
                    }
                }
                Event::End(_) => {
                    let name = open.pop().unwrap_or_default();
                    let group = open.get(1).map(String::as_str).filter(|_| open.len() == 2);
                    if let Some(of) = counted(group, &name) {
                        let written = part.get(begun..at(&reader)?).unwrap_or_default();
                        held.counted(of, written);
                    }
                    if group == Some("cellXfs") {
                        held.look(part, begun, at(&reader)?)?;
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether a look has a fill that an earlier answer gave it.
    fn is_ours(&self, style: u32) -> bool {
        let look = self.looks.get(style as usize).map_or("", String::as_str);
        let (_, rest) = look.split_once("fillId=\"").unwrap_or_default();
        let fill = rest.split('"').next().and_then(|fill| fill.parse().ok());
        fill.is_some_and(|fill| self.ours.contains(&fill))
    }

    fn counted(&mut self, group: usize, written: &[u8]) {
        let ours = |rgb: &str| memchr::memmem::find(written, rgb.as_bytes()).is_some();
        if group == FILLS && Colour::RGB.into_iter().any(ours) {
            self.ours.insert(self.counts[group]);
        }
        self.counts[group] += 1;
    }

    fn look(&mut self, part: &[u8], from: usize, to: usize) -> Result<(), Stop> {
        if self.looks.len() >= LOOKS_MAX {
            return Err(Stop::too_large(format_args!("more than {LOOKS_MAX} looks of cells")));
        }
        let look = part.get(from..to).unwrap_or_default();
        self.looks.push(String::from_utf8(look.to_vec()).map_err(damaged)?);
        Ok(())
    }
}

fn at(reader: &Reader<&[u8]>) -> Result<usize, Stop> {
    usize::try_from(reader.buffer_position()).map_err(damaged)
}
