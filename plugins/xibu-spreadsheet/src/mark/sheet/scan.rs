//! The first look through a sheet.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{At, Before, LAST, Seen, Wishes, content, is_selected, style_of};
use crate::mark::edit::{damaged, ends, is};
use crate::mark::strings::Strings;
use crate::read::{Stop, attribute};

/// The most columns with a style of their own that are kept; a sheet has as many at most.
const COLUMNS_MAX: usize = LAST.1 as usize + 1;
/// The most bytes of the first cell's words.
const WORDS_BYTES_MAX: usize = 512;

/// Looks through a sheet for what is wished of it, and with `strings` at every string it shows.
/// Without either it stops where the cells begin.
pub(in crate::mark) fn scan(
    part: impl BufRead,
    wishes: &Wishes,
    before: &Before,
    strings: Option<&mut Strings>,
) -> Result<Seen, Stop> {
    let wants = !wishes.cells.is_empty() || !wishes.masks.is_empty() || !before.is_empty();
    let heads_only = !wants && strings.is_none();
    let mut scan = Scan { wishes, before, strings, seen: Seen::default(), at: At::default() };
    let mut reader = Reader::from_reader(part);
    let mut buffer = Vec::new();
    let mut in_cells = false;
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(damaged)? {
            Event::Eof => return Ok(scan.seen),
            Event::Start(element) if is(&element, "sheetData") => in_cells = true,
            Event::End(element) if ends(&element, "sheetData") => in_cells = false,
            Event::Start(element) if in_cells && is(&element, "c") => {
                let cell = element.into_owned();
                let place = scan.cell(&cell)?;
                if heads_only && place == (0, 0) || scan.reads(&cell)? {
                    let content = content::read(&mut reader, &mut buffer)?;
                    scan.holds(&cell, place, &content)?;
                }
                if heads_only {
                    return Ok(scan.seen);
                }
            }
            Event::Empty(element) if in_cells && is(&element, "c") => drop(scan.cell(&element)?),
            Event::Start(element) | Event::Empty(element) => scan.element(&element, in_cells)?,
            _ => {}
        }
    }
}

struct Scan<'w, 's> {
    wishes: &'w Wishes,
    before: &'w Before,
    strings: Option<&'s mut Strings>,
    seen: Seen,
    at: At,
}

impl Scan<'_, '_> {
    fn cell(&mut self, element: &BytesStart<'_>) -> Result<(u32, u32), Stop> {
        let place = self.at.cell(element)?;
        if self.wishes.cells.contains_key(&place) || self.before.contains(&place) {
            self.seen.cells.insert(place, style_of(element)?);
        }
        Ok(place)
    }

    /// Whether what stands in the cell is looked at.
    fn reads(&self, element: &BytesStart<'_>) -> Result<bool, Stop> {
        let shared = || Ok::<_, Stop>(attribute(element, "t")?.as_deref() == Some("s"));
        Ok(self.strings.is_some() && shared()?)
    }

    fn holds(
        &mut self,
        cell: &BytesStart<'_>,
        place: (u32, u32),
        content: &content::Content,
    ) -> Result<(), Stop> {
        if place == (0, 0) && content.inline.len() <= WORDS_BYTES_MAX {
            self.seen.first_words.clone_from(&content.inline);
            let shared = attribute(cell, "t")?.as_deref() == Some("s");
            self.seen.first_string = if shared { content.value.trim().parse().ok() } else { None };
        }
        let masked = self.wishes.is_masked(place.0, place.1);
        if let Some(strings) = self.strings.as_deref_mut()
            && attribute(cell, "t")?.as_deref() == Some("s")
            && let Ok(number) = content.value.trim().parse()
        {
            strings.shown(number, masked)?;
        }
        Ok(())
    }

    fn element(&mut self, element: &BytesStart<'_>, in_cells: bool) -> Result<(), Stop> {
        if in_cells && is(element, "row") {
            let row = self.at.row(element)?;
            if self.wishes.cells.range((row, 0)..=(row, u32::MAX)).next().is_some() {
                let own = attribute(element, "customFormat")?;
                let own = matches!(own.as_deref(), Some("1" | "true"));
                let style = if own { Some(style_of(element)?) } else { None };
                self.seen.rows.insert(row, style);
            }
        } else if is(element, "col") && self.seen.columns.len() < COLUMNS_MAX {
            let number = |name| attribute(element, name).map(|said| said?.parse::<u32>().ok());
            if let (Some(first), Some(last), Some(style)) =
                (number("min")?, number("max")?, number("style")?)
            {
                let column = |number: u32| number.saturating_sub(1);
                self.seen.columns.push((column(first), column(last), style));
            }
        } else if is(element, "sheetView") {
            self.seen.selected |= is_selected(element)?;
        } else if is(element, "legacyDrawing") {
            let ids = element.attributes().filter_map(Result::ok);
            let id = ids.into_iter().find(|found| found.key.local_name().as_ref() == "id");
            self.seen.drawing = id.map(|id| id.value.into_owned());
        }
        Ok(())
    }
}
