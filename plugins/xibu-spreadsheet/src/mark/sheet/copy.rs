//! The copy of a sheet in which marked cells look as they should.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Write};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, Writer};

use super::{At, Missing, Seen, Wishes, content, is_selected};
use crate::mark::edit::{self, cell_name, damaged, ends, escaped, is};
use crate::mark::strings::Strings;
use crate::read::Stop;

/// What stands behind the relation to a drawing of notes in a sheet.
const BEHIND_NOTES: [&str; 9] = [
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
    "AlternateContent",
];

/// What is done to a sheet.
pub(in crate::mark) struct Copy<'w> {
    pub(in crate::mark) wishes: &'w Wishes,
    pub(in crate::mark) seen: Seen,
    /// The new style of each cell that gets one.
    pub(in crate::mark) styles: BTreeMap<(u32, u32), u32>,
    /// A relation to a drawing of notes to put in: its id and the namespace of such ids.
    pub(in crate::mark) drawing: Option<(String, String)>,
    /// Whether its tab is to be closed.
    pub(in crate::mark) closed: bool,
}

impl Copy<'_> {
    /// Copies the sheet.
    pub(in crate::mark) fn write<W: Write>(
        &self,
        part: impl BufRead,
        out: W,
        strings: &Strings,
    ) -> Result<(), Stop> {
        // A cell that was marked and is not there any more needs nothing.
        let marked = self.styles.keys().filter(|place| self.wishes.cells.contains_key(*place));
        let missing = self.seen.missing(marked);
        let at = At::default();
        let drawing_is_in = self.drawing.is_none();
        let out = Writer::new(out);
        let prefix = String::new();
        let mut copying = Copying { of: self, out, missing, at, strings, drawing_is_in, prefix };
        let mut reader = Reader::from_reader(part);
        let mut buffer = Vec::new();
        copying.all(&mut reader, &mut buffer)
    }
}

struct Copying<'c, W: Write> {
    of: &'c Copy<'c>,
    out: Writer<W>,
    missing: Missing,
    at: At,
    strings: &'c Strings,
    drawing_is_in: bool,
    /// The prefix of the sheet's own elements.
    prefix: String,
}

impl<W: Write> Copying<'_, W> {
    fn all<R: BufRead>(
        &mut self,
        reader: &mut Reader<R>,
        buffer: &mut Vec<u8>,
    ) -> Result<(), Stop> {
        let mut depth = 0_u32;
        let mut in_cells = false;
        loop {
            buffer.clear();
            match reader.read_event_into(buffer).map_err(damaged)? {
                Event::Eof => return Ok(()),
                Event::Start(element) if in_cells && is(&element, "c") => {
                    let cell = element.into_owned();
                    let masked = self.cell(&cell)?;
                    match masked {
                        true => {
                            let content = content::read(reader, buffer)?;
                            let cell = self.styled(&cell)?;
                            content::write_masked(&mut self.out, &cell, &content, self.strings)?;
                        }
                        false => {
                            depth += 1;
                            let cell = self.styled(&cell)?;
                            edit::put(&mut self.out, Event::Start(cell))?;
                        }
                    }
                }
                Event::Empty(element) if in_cells && is(&element, "c") => {
                    self.cell(&element)?;
                    let cell = self.styled(&element)?;
                    edit::put(&mut self.out, Event::Empty(cell))?;
                }
                Event::Start(element) => {
                    if depth == 0 {
                        self.prefix = edit::prefix(&element);
                    }
                    self.behind_notes(&element, depth)?;
                    depth += 1;
                    in_cells |= is(&element, "sheetData");
                    let element = self.started(element, in_cells)?;
                    edit::put(&mut self.out, Event::Start(element))?;
                }
                Event::Empty(element) => {
                    self.behind_notes(&element, depth)?;
                    self.empty(element, in_cells)?;
                }
                Event::End(element) => {
                    depth = depth.saturating_sub(1);
                    if in_cells && ends(&element, "row") {
                        self.cells_before(self.at.row.unwrap_or(0), u32::MAX)?;
                    } else if ends(&element, "sheetData") {
                        self.rows_before(u32::MAX)?;
                        in_cells = false;
                    } else if depth == 0 {
                        self.drawing()?;
                    }
                    edit::put(&mut self.out, Event::End(element))?;
                }
                event => edit::put(&mut self.out, event)?,
            }
        }
    }

    /// Steps to a cell, putting in what belongs before it; whether it is masked.
    fn cell(&mut self, element: &BytesStart<'_>) -> Result<bool, Stop> {
        let (row, column) = self.at.cell(element)?;
        self.cells_before(row, column)?;
        Ok(self.of.wishes.is_masked(row, column))
    }

    /// The cell in its new style.
    fn styled(&self, element: &BytesStart<'_>) -> Result<BytesStart<'static>, Stop> {
        let row = self.at.row.unwrap_or(0);
        let place = match crate::read::attribute(element, "r")? {
            Some(name) => edit::cell_place(&name).unwrap_or((row, 0)),
            None => (row, self.at.column.unwrap_or(0)),
        };
        match self.of.styles.get(&place) {
            Some(style) => edit::with(element, &[("s", Some(&style.to_string()))]),
            None => Ok(element.to_owned()),
        }
    }

    fn started<'e>(
        &mut self,
        element: BytesStart<'e>,
        in_cells: bool,
    ) -> Result<BytesStart<'e>, Stop> {
        if in_cells && is(&element, "row") {
            let row = self.at.row(&element)?;
            self.rows_before(row)?;
            if self.missing.cells.contains_key(&row) {
                // It says how far cells reach, and one more is put in.
                return edit::with(&element, &[("spans", None)]);
            }
        } else if self.of.closed && is_selected(&element)? {
            return edit::with(&element, &[("tabSelected", None)]);
        }
        Ok(element)
    }

    fn empty(&mut self, element: BytesStart<'_>, in_cells: bool) -> Result<(), Stop> {
        let is_row = in_cells && is(&element, "row");
        let is_cells = is(&element, "sheetData");
        let element = self.started(element, in_cells)?;
        let row = self.at.row.unwrap_or(0);
        let opens = is_row && self.missing.cells.contains_key(&row)
            || is_cells && !(self.missing.cells.is_empty() && self.missing.rows.is_empty());
        if !opens {
            return edit::put(&mut self.out, Event::Empty(element));
        }
        edit::put(&mut self.out, Event::Start(element.borrow()))?;
        match is_row {
            true => self.cells_before(row, u32::MAX)?,
            false => self.rows_before(u32::MAX)?,
        }
        edit::put(&mut self.out, Event::End(element.to_end()))
    }

    /// Puts in the missing cells of a row up to a column.
    fn cells_before(&mut self, row: u32, column: u32) -> Result<(), Stop> {
        let Some(columns) = self.missing.cells.get_mut(&row) else { return Ok(()) };
        let behind = columns.split_off(&column);
        let before = std::mem::replace(columns, behind);
        if columns.is_empty() {
            self.missing.cells.remove(&row);
        }
        self.new_cells(row, &before)
    }

    /// Puts in the missing rows up to a row.
    fn rows_before(&mut self, row: u32) -> Result<(), Stop> {
        while let Some(first) = self.missing.rows.first_entry() {
            if *first.key() >= row {
                break;
            }
            let (number, columns) = first.remove_entry();
            let prefix = self.prefix.clone();
            edit::raw(&mut self.out, format!("<{prefix}row r=\"{}\">", number + 1))?;
            self.new_cells(number, &columns)?;
            edit::raw(&mut self.out, format!("</{prefix}row>"))?;
        }
        Ok(())
    }

    fn new_cells(&mut self, row: u32, columns: &BTreeSet<u32>) -> Result<(), Stop> {
        for column in columns {
            let style = self.of.styles.get(&(row, *column)).copied().unwrap_or(0);
            let (name, prefix) = (cell_name(row, *column), &self.prefix);
            edit::raw(&mut self.out, format!("<{prefix}c r=\"{name}\" s=\"{style}\"/>"))?;
        }
        Ok(())
    }

    fn behind_notes(&mut self, element: &BytesStart<'_>, depth: u32) -> Result<(), Stop> {
        let behind = depth == 1 && BEHIND_NOTES.iter().any(|name| is(element, name));
        // Such a wrapper may also stand in front, around views and properties.
        let too_early = is(element, "AlternateContent") && self.at.row.is_none();
        match behind && !too_early {
            true => self.drawing(),
            false => Ok(()),
        }
    }

    /// Puts in the relation to the drawing of notes.
    fn drawing(&mut self) -> Result<(), Stop> {
        let (false, Some((id, namespace))) = (self.drawing_is_in, &self.of.drawing) else {
            return Ok(());
        };
        self.drawing_is_in = true;
        let (namespace, prefix) = (escaped(namespace), &self.prefix);
        edit::raw(
            &mut self.out,
            format!("<{prefix}legacyDrawing xmlns:r=\"{namespace}\" r:id=\"{id}\"/>"),
        )
    }
}
