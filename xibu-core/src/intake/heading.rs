//! Finding the heading row and what its columns mean. The words themselves stand with each kind of
//! sheet.

use alloc::string::String;
use alloc::vec::Vec;

use super::grid::{Grid, Row};
use super::text;
use crate::cell::CellValue;

/// How many rows from the top are searched for headings.
const ROWS_SEARCHED: usize = 40;

/// What headings mean: each field with the words offices use for it, already reduced by
/// [`text::key`].
pub(super) struct Vocabulary<F: 'static>(pub(super) &'static [(F, &'static [&'static str])]);

/// A column whose heading is known.
#[derive(Clone, Debug)]
pub(super) struct Column<F> {
    pub(super) column: u32,
    pub(super) field: F,
    /// The heading as typed, on one line.
    pub(super) typed: String,
}

/// The headings of a sheet.
#[derive(Clone, Debug)]
pub(super) struct Headings<F> {
    pub(super) row: u32,
    /// The last row that belongs to the headings; data begin below.
    pub(super) last_row: u32,
    pub(super) columns: Vec<Column<F>>,
    pub(super) ignored: Vec<String>,
}

impl<F: Copy + PartialEq> Vocabulary<F> {
    pub(super) fn find(&self, key: &str) -> Option<F> {
        if key.is_empty() {
            return None;
        }
        self.0.iter().find(|(_, words)| words.contains(&key)).map(|(field, _)| *field)
    }

    /// The first word of a field: the heading we would write ourselves.
    pub(super) fn name(&self, field: F) -> &'static str {
        self.0
            .iter()
            .find(|(known, _)| *known == field)
            .and_then(|(_, words)| words.first().copied())
            .unwrap_or_default()
    }

    /// The row with the most known headings among those that are `enough`; the first of equals.
    pub(super) fn headings(
        &self,
        grid: &Grid<'_>,
        enough: impl Fn(&[F]) -> bool,
    ) -> Option<Headings<F>> {
        let mut best: Option<Headings<F>> = None;
        for row in grid.rows().take(ROWS_SEARCHED) {
            let found = self.headings_in(grid, row);
            let fields: Vec<F> = found.columns.iter().map(|column| column.field).collect();
            let better = best.as_ref().is_none_or(|b| found.columns.len() > b.columns.len());
            if better && enough(&fields) {
                best = Some(found);
            }
        }
        best
    }

    fn headings_in(&self, grid: &Grid<'_>, row: Row<'_, '_>) -> Headings<F> {
        let mut headings = Headings {
            row: row.number,
            last_row: row.number,
            columns: Vec::new(),
            ignored: Vec::new(),
        };
        // Two rows of headings: 负责人 merged over 姓名, 电话. A title merged over everything
        // stands alone.
        let groups = if row.cells.len() > 1 { grid.wide_merges(row.number) } else { &[] };
        let below = grid.row(row.number.saturating_add(1));
        for cell in row.cells {
            let CellValue::Text(typed) = &cell.value else { continue };
            let group = groups.iter().find(|merge| merge.first_column == cell.column);
            let parts = group
                .map(|merge| {
                    below
                        .cells
                        .iter()
                        .filter(|c| (merge.first_column..=merge.last_column).contains(&c.column))
                })
                .into_iter()
                .flatten();
            let mut grouped = false;
            for part in parts {
                let CellValue::Text(lower) = &part.value else { continue };
                let joined = text::key(&alloc::format!("{typed}{lower}"));
                if let Some(field) = self.find(&joined).or_else(|| self.find(&text::key(lower))) {
                    grouped = true;
                    let typed = text::tight(&alloc::format!("{typed}{lower}"));
                    headings.columns.push(Column { column: part.column, field, typed });
                }
            }
            if grouped {
                headings.last_row = below.number;
                continue;
            }
            match self.find(&text::key(typed)) {
                Some(field) => {
                    let typed = text::tight(typed);
                    headings.columns.push(Column { column: cell.column, field, typed });
                }
                None => headings.ignored.push(text::tight(typed).chars().take(20).collect()),
            }
        }
        headings.columns.sort_by_key(|column| column.column);
        headings
    }
}

impl<F: Copy + PartialEq> Headings<F> {
    /// The first column of a field.
    pub(super) fn column(&self, field: F) -> Option<&Column<F>> {
        self.columns.iter().find(|column| column.field == field)
    }
}
