//! A sheet seen by row and column as a person sees it: what lies under a merge is not there, and
//! a merge over rows is filled down. Only a view: it copies no value.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::text;
use crate::cell::{Cell, CellValue, Merge, Place, Sheet};

/// The cells of a sheet that are not blank, by row.
pub(super) struct Grid<'a> {
    name: &'a str,
    cells: Vec<&'a Cell>,
    rows: Vec<(u32, Range<usize>)>,
    /// Merges of more than one row, by first column then first row.
    tall: Vec<Merge>,
    /// Merges of one row and several columns, by row then column.
    wide: Vec<Merge>,
}

/// One row that holds something.
#[derive(Clone, Copy)]
pub(super) struct Row<'g, 'a> {
    pub(super) number: u32,
    pub(super) cells: &'g [&'a Cell],
}

impl<'a> Grid<'a> {
    pub(super) fn new(sheet: &'a Sheet) -> Self {
        let mut cells: Vec<&Cell> =
            sheet.cells.iter().filter(|cell| !text::is_blank(&cell.value)).collect();
        let at = |cell: &&Cell| (cell.row, cell.column);
        if !cells.is_sorted_by_key(at) {
            cells.sort_by_key(at);
        }
        let mut covered = Covered::by(&sheet.merges);
        cells.retain(|cell| !covered.hides(cell));
        let mut rows: Vec<(u32, Range<usize>)> = Vec::new();
        for (index, cell) in cells.iter().enumerate() {
            match rows.last_mut() {
                Some((row, range)) if *row == cell.row => range.end = index + 1,
                _ => rows.push((cell.row, index..index + 1)),
            }
        }
        let mut tall: Vec<Merge> =
            sheet.merges.iter().filter(|m| m.first_row < m.last_row).copied().collect();
        tall.sort_by_key(|merge| (merge.first_column, merge.first_row));
        let mut wide: Vec<Merge> = sheet
            .merges
            .iter()
            .filter(|m| m.first_row == m.last_row && m.first_column < m.last_column)
            .copied()
            .collect();
        wide.sort_by_key(|merge| (merge.first_row, merge.first_column));
        Self { name: &sheet.name, cells, rows, tall, wide }
    }

    /// The rows that hold something, in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_, 'a>> {
        self.rows.iter().map(|(number, range)| Row {
            number: *number,
            cells: self.cells.get(range.clone()).unwrap_or_default(),
        })
    }

    /// The row with this number, empty where it holds nothing.
    pub(super) fn row(&self, number: u32) -> Row<'_, 'a> {
        let cells = self
            .rows
            .binary_search_by_key(&number, |(row, _)| *row)
            .ok()
            .and_then(|index| self.cells.get(self.rows[index].1.clone()))
            .unwrap_or_default();
        Row { number, cells }
    }

    /// The value at a place; inside a merge of several rows the value of its first cell.
    pub(super) fn value(&self, row: Row<'_, 'a>, column: u32) -> Option<&'a CellValue> {
        row.get(column).or_else(|| {
            let until = self
                .tall
                .partition_point(|m| (m.first_column, m.first_row) <= (column, row.number));
            let merge = self.tall.get(until.checked_sub(1)?)?;
            let inside = merge.first_column == column
                && (merge.first_row..=merge.last_row).contains(&row.number);
            inside.then(|| self.row(merge.first_row).get(column)).flatten()
        })
    }

    /// The last column of the one-row merge that begins here, or the column itself.
    pub(super) fn last_column(&self, row: u32, column: u32) -> u32 {
        let wide = self
            .wide
            .binary_search_by_key(&(row, column), |m| (m.first_row, m.first_column))
            .ok()
            .and_then(|index| self.wide.get(index))
            .map(|merge| merge.last_column);
        let tall = || {
            let at = self
                .tall
                .binary_search_by_key(&(column, row), |m| (m.first_column, m.first_row))
                .ok()?;
            self.tall.get(at).map(|merge| merge.last_column)
        };
        wide.or_else(tall).unwrap_or(column).max(column)
    }

    /// The last row of the merge over rows that begins here, or the row itself.
    pub(super) fn last_row(&self, row: u32, column: u32) -> u32 {
        self.tall
            .binary_search_by_key(&(column, row), |m| (m.first_column, m.first_row))
            .ok()
            .and_then(|at| self.tall.get(at))
            .map_or(row, |merge| merge.last_row)
    }

    pub(super) fn place(&self, row: u32, column: Option<u32>) -> Place {
        Place {
            sheet: String::from(self.name),
            row: row.saturating_add(1),
            column: column.map(letters),
        }
    }
}

/// Goes along the cells in reading order and says which lie under a merge. Programs keep what was
/// there before cells were merged, and show only the first.
struct Covered {
    /// Merges that begin below, the next one last.
    ahead: Vec<Merge>,
    /// Merges that reach into the row looked at, by first column.
    here: BTreeMap<u32, Merge>,
}

impl Covered {
    fn by(merges: &[Merge]) -> Self {
        let mut ahead = merges.to_vec();
        ahead.sort_by_key(|merge| core::cmp::Reverse((merge.first_row, merge.first_column)));
        Self { ahead, here: BTreeMap::new() }
    }

    /// Cells are asked about by row, then column.
    fn hides(&mut self, cell: &Cell) -> bool {
        while let Some(merge) = self.ahead.pop_if(|merge| merge.first_row <= cell.row) {
            self.here.insert(merge.first_column, merge);
        }
        while let Some(entry) = self.here.range(..=cell.column).next_back() {
            let (first_column, merge) = (*entry.0, *entry.1);
            if merge.last_row >= cell.row {
                let first = (merge.first_row, merge.first_column) == (cell.row, cell.column);
                return merge.last_column >= cell.column && !first;
            }
            self.here.remove(&first_column);
        }
        false
    }
}

impl<'a> Row<'_, 'a> {
    pub(super) fn get(self, column: u32) -> Option<&'a CellValue> {
        self.cells
            .binary_search_by_key(&column, |cell| cell.column)
            .ok()
            .map(|index| &self.cells[index].value)
    }
}

/// Column letters as programs show them: 0 is A, 26 is AA.
fn letters(column: u32) -> String {
    let mut rest = u64::from(column) + 1;
    let mut reversed = Vec::new();
    while rest > 0 {
        rest -= 1;
        reversed.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    reversed.iter().rev().collect()
}
