//! A sheet's part: looked through once to see what is there, then copied token by token with the
//! marked cells changed. Never held whole.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::events::BytesStart;

use super::edit::{cell_place, is};
use super::styles::Colour;
use crate::read::{Stop, attribute};

mod content;
mod copy;
mod scan;

pub(super) use copy::Copy;
pub(super) use scan::scan;

/// The last row and column a sheet can have, from 0.
const LAST: (u32, u32) = (1_048_575, 16_383);

/// What is to become of a cell.
#[derive(Clone, Debug, Default)]
pub(super) struct Wish {
    pub(super) note: String,
    pub(super) wrong: bool,
    pub(super) mask: bool,
}

/// What is to become of a sheet.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    pub(super) cells: BTreeMap<(u32, u32), Wish>,
    /// Areas whose values are masked: first row, first column, last row, last column.
    pub(super) masks: Vec<[u32; 4]>,
}

/// A cell's row and column, from 0.
pub(super) type Cell = (u32, u32);
/// Cells marked by an earlier answer.
pub(super) type Before = BTreeSet<Cell>;

impl Wish {
    /// How it is coloured: as wrong, as worth a look where it has a note, or not at all.
    pub(super) fn colour(&self) -> Option<Colour> {
        match (self.wrong, self.note.is_empty()) {
            (true, _) => Some(Colour::Wrong),
            (false, false) => Some(Colour::Look),
            (false, true) => None,
        }
    }
}

impl Wishes {
    pub(super) const fn none() -> Self {
        Self { cells: BTreeMap::new(), masks: Vec::new() }
    }

    fn is_masked(&self, row: u32, column: u32) -> bool {
        let within = |area: &[u32; 4]| {
            (area[0]..=area[2]).contains(&row) && (area[1]..=area[3]).contains(&column)
        };
        self.masks.iter().any(within)
            || self.cells.get(&(row, column)).is_some_and(|wish| wish.mask)
    }

    pub(super) fn masks_any(&self) -> bool {
        !self.masks.is_empty() || self.cells.values().any(|wish| wish.mask)
    }
}

/// What a sheet has of what is wanted.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The style of each wanted cell that is there.
    cells: BTreeMap<(u32, u32), u32>,
    /// The wanted rows that are there, each with the style its empty cells have.
    rows: BTreeMap<u32, Option<u32>>,
    /// Columns with a style of their own: first, last, style.
    columns: Vec<(u32, u32, u32)>,
    /// The relation of its drawing of notes.
    pub(super) drawing: Option<String>,
    /// Whether its tab is the one, or one of those, that are open.
    pub(super) selected: bool,
    /// The words of its first cell, where it stands in the sheet itself.
    pub(super) first_words: String,
    /// Their number among the shared strings, where they stand there.
    pub(super) first_string: Option<u32>,
}

impl Seen {
    /// The style a cell has or would have.
    pub(super) fn style(&self, row: u32, column: u32) -> u32 {
        if let Some(style) = self.cells.get(&(row, column)) {
            return *style;
        }
        let of_column = || {
            let mut columns = self.columns.iter();
            columns.find(|(first, last, _)| (*first..=*last).contains(&column)).map(|of| of.2)
        };
        self.rows.get(&row).copied().flatten().or_else(of_column).unwrap_or(0)
    }

    /// Of these cells those that are not there.
    fn missing<'c>(&self, cells: impl Iterator<Item = &'c (u32, u32)>) -> Missing {
        let mut missing = Missing::default();
        for (row, column) in cells.filter(|place| !self.cells.contains_key(*place)) {
            let rows =
                if self.rows.contains_key(row) { &mut missing.cells } else { &mut missing.rows };
            rows.entry(*row).or_default().insert(*column);
        }
        missing
    }
}

/// Cells to be put in, by row.
#[derive(Default)]
struct Missing {
    /// Into rows that are there.
    cells: BTreeMap<u32, BTreeSet<u32>>,
    /// With their row.
    rows: BTreeMap<u32, BTreeSet<u32>>,
}

/// Where one is in a sheet: rows and cells may leave out their number and then follow the last.
#[derive(Default)]
struct At {
    row: Option<u32>,
    column: Option<u32>,
}

impl At {
    fn row(&mut self, element: &BytesStart<'_>) -> Result<u32, Stop> {
        let said = attribute(element, "r")?.and_then(|number| number.parse::<u32>().ok());
        let next = self.row.map_or(0, |row| row.saturating_add(1));
        let row = said.and_then(|number| number.checked_sub(1)).unwrap_or(next);
        (self.row, self.column) = (Some(row), None);
        match row > LAST.0 {
            true => Err(Stop::damaged("a row outside of any sheet")),
            false => Ok(row),
        }
    }

    fn cell(&mut self, element: &BytesStart<'_>) -> Result<(u32, u32), Stop> {
        let next = self.column.map_or(0, |column| column.saturating_add(1));
        let place = match attribute(element, "r")? {
            Some(name) => cell_place(&name).ok_or_else(|| Stop::damaged("no name of a cell"))?,
            None => (self.row.unwrap_or(0), next),
        };
        self.column = Some(place.1);
        match place.0 > LAST.0 || place.1 > LAST.1 {
            true => Err(Stop::damaged("a cell outside of any sheet")),
            false => Ok(place),
        }
    }
}

/// The style an element names.
fn style_of(element: &BytesStart<'_>) -> Result<u32, Stop> {
    Ok(attribute(element, "s")?.and_then(|style| style.parse().ok()).unwrap_or(0))
}

fn is_selected(element: &BytesStart<'_>) -> Result<bool, Stop> {
    let said = if is(element, "sheetView") { attribute(element, "tabSelected")? } else { None };
    Ok(matches!(said.as_deref(), Some("1" | "true")))
}
