//! Finding the heading row and what its columns mean. The words themselves stand with each kind of
//! sheet.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::grid::{Grid, Row};
use super::text;
use crate::cell::CellValue;

/// How many rows from the top are searched for headings.
const ROWS_SEARCHED: usize = 40;

/// How many lines below the first a heading may reach.
const LINES_MAX: u32 = 3;

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
        headings(grid, &|key| self.find(key), enough)
    }
}

/// As [`Vocabulary::headings`], by whatever knows what a heading means.
pub(super) fn headings<F: Copy + PartialEq>(
    grid: &Grid<'_>,
    find: &impl Fn(&str) -> Option<F>,
    enough: impl Fn(&[F]) -> bool,
) -> Option<Headings<F>> {
    let mut best: Option<Headings<F>> = None;
    for row in grid.rows().take(ROWS_SEARCHED) {
        let found = headings_in(grid, find, row);
        let fields: Vec<F> = found.columns.iter().map(|column| column.field).collect();
        // A line over the headings that adds nothing to them is a title.
        let better = best.as_ref().is_none_or(|best| {
            let below = best.last_row == row.number;
            found.columns.len() + usize::from(below) > best.columns.len()
        });
        if better && enough(&fields) {
            best = Some(found);
        }
    }
    best
}

fn headings_in<F: Copy + PartialEq>(
    grid: &Grid<'_>,
    find: &impl Fn(&str) -> Option<F>,
    row: Row<'_, '_>,
) -> Headings<F> {
    let mut headings = Headings {
        row: row.number,
        last_row: row.number,
        columns: Vec::new(),
        ignored: Vec::new(),
    };
    let below = grid.row(row.number.saturating_add(1));
    let two_lines = row.cells.len() > 1 && is_second_line(find, below);
    for (index, cell) in row.cells.iter().enumerate() {
        let CellValue::Text(typed) = &cell.value else { continue };
        // A heading merged over two lines stands for both.
        let last_row = grid.last_row(row.number, cell.column);
        if last_row.saturating_sub(row.number) <= LINES_MAX {
            headings.last_row = headings.last_row.max(last_row);
        }
        let next = row.cells.get(index + 1).map_or(u32::MAX, |next| next.column);
        let last = match grid.last_column(row.number, cell.column) {
            last if last > cell.column => last,
            _ if two_lines => next.saturating_sub(1),
            last => last,
        };
        let alone = row.cells.len() == 1 || last == cell.column && !two_lines;
        let reach = if alone { 0..0 } else { cell.column..last.saturating_add(1) };
        if grouped(find, typed, below, reach, &mut headings.columns) {
            headings.last_row = headings.last_row.max(below.number);
            continue;
        }
        match find(&text::key(typed)) {
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

/// Whether a row is the second line of headings: most of it is words we know.
fn is_second_line<F>(find: &impl Fn(&str) -> Option<F>, row: Row<'_, '_>) -> bool {
    let known = row.cells.iter().filter(|cell| match &cell.value {
        CellValue::Text(typed) => find(&text::key(typed)).is_some(),
        _ => false,
    });
    let known = known.count();
    known >= 2 && known * 2 >= row.cells.len()
}

/// Two lines of headings: 负责人 over 姓名, 电话. Takes the columns below that this word reaches
/// over; whether there was one.
fn grouped<F>(
    find: &impl Fn(&str) -> Option<F>,
    typed: &str,
    below: Row<'_, '_>,
    reach: Range<u32>,
    columns: &mut Vec<Column<F>>,
) -> bool {
    let before = columns.len();
    for part in below.cells.iter().filter(|part| reach.contains(&part.column)) {
        let CellValue::Text(lower) = &part.value else { continue };
        let joined = alloc::format!("{typed}{lower}");
        let field = find(&text::key(&joined)).or_else(|| find(&text::key(lower)));
        if let Some(field) = field {
            let typed = text::tight(&joined);
            columns.push(Column { column: part.column, field, typed });
        }
    }
    columns.len() > before
}

impl<F: Copy + PartialEq> Headings<F> {
    /// The first column of a field.
    pub(super) fn column(&self, field: F) -> Option<&Column<F>> {
        self.columns.iter().find(|column| column.field == field)
    }
}
