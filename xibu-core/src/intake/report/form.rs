//! The report as a printed form: a label and its value beside it, or both in one cell.

use alloc::string::String;
use alloc::vec::Vec;

use chrono::NaiveDate;

use super::entry::{Entry, Reader};
use super::list::{self, ListLine};
use super::{Field, ReportRow};
use crate::cell::CellValue;
use crate::form::lexicon::Lexicon;
use crate::intake::grid::{Grid, Row};
use crate::intake::{Intake, text};

/// A form fits on a few pages; nothing below is looked at.
const ROWS_MAX: usize = 400;

/// The row of the first label, where the accident section stands as a label and not as a column's
/// heading.
pub(super) fn heading_row(grid: &Grid<'_>, lexicon: &Lexicon) -> Option<u32> {
    let mut accidents = false;
    let mut sections = 0;
    let mut office = false;
    let mut first = None;
    for row in grid.rows().take(ROWS_MAX) {
        for (index, cell) in row.cells.iter().enumerate() {
            let CellValue::Text(typed) = &cell.value else { continue };
            let in_one: Vec<Field> =
                pairs(lexicon, typed).into_iter().map(|(field, ..)| field).collect();
            let beside = || is_label_beside(grid, lexicon, row, index);
            let label = lexicon.find(&text::key(typed)).filter(|_| !beside());
            for field in in_one.into_iter().chain(label) {
                first.get_or_insert(row.number);
                match field {
                    Field::Accidents => accidents = true,
                    Field::Health | Field::Hazards | Field::Needs | Field::Headcount => {
                        sections += 1
                    }
                    Field::Office | Field::OfficeNumber | Field::Month => office = true,
                    _ => {}
                }
            }
        }
    }
    if accidents && (office || sections > 0) { first } else { None }
}

/// Whether the cell just left or just right is a label too: then this is a column's heading.
fn is_label_beside(grid: &Grid<'_>, lexicon: &Lexicon, row: Row<'_, '_>, index: usize) -> bool {
    let cell = row.cells[index];
    let left = index.checked_sub(1).map(|index| row.cells[index]).is_some_and(|left| {
        let next = grid.last_column(row.number, left.column).saturating_add(1);
        next == cell.column && is_label(lexicon, left)
    });
    let next = grid.last_column(row.number, cell.column).saturating_add(1);
    let is_next = |right: &&crate::cell::Cell| right.column == next && is_label(lexicon, right);
    let right = row.cells.get(index + 1).is_some_and(is_next);
    left || right
}

fn is_label(lexicon: &Lexicon, cell: &crate::cell::Cell) -> bool {
    match &cell.value {
        CellValue::Text(typed) => lexicon.find(&text::key(typed)).is_some(),
        _ => false,
    }
}

/// Reads the one report that a form holds.
pub(super) fn read(grid: &Grid<'_>, lexicon: &Lexicon, received: NaiveDate) -> Intake<ReportRow> {
    let mut intake = Intake::default();
    let rows: Vec<Row<'_, '_>> = grid.rows().take(ROWS_MAX).collect();
    let mut entries = Vec::new();
    let mut lines: Vec<ListLine> = Vec::new();
    // Lines of a list are values: 其他 and 在岗 in them are no labels.
    let mut listed_to = None;
    for row in &rows {
        if listed_to.is_some_and(|last| row.number <= last) {
            continue;
        }
        if let Some(headings) = list::headings(lexicon, *row) {
            let found = list::lines(grid, lexicon, *row, &headings);
            listed_to = Some(found.last_row);
            lines.extend(found.lines);
            continue;
        }
        labelled(grid, lexicon, *row, &mut entries);
    }
    if !entries.iter().any(|entry| entry.field == Field::Month && entry.value.is_some()) {
        entries.extend(month_in_title(&rows));
    }
    let row = entries.first().map_or(0, |entry| entry.row);
    Reader::new(grid, lexicon, row, &entries).finish(&lines, received, &mut intake);
    intake
}

/// Values beside their labels, or behind them in the same cell.
///
/// A row where three labels stand side by side is the heading row of a table within the form.
pub(super) fn labelled(
    grid: &Grid<'_>,
    lexicon: &Lexicon,
    row: Row<'_, '_>,
    entries: &mut Vec<Entry>,
) {
    let side_by_side = |(index, cell): &(usize, &&crate::cell::Cell)| {
        is_label(lexicon, cell) && is_label_beside(grid, lexicon, row, *index)
    };
    if row.cells.iter().enumerate().filter(side_by_side).count() >= 3 {
        return;
    }
    for cell in row.cells {
        let CellValue::Text(typed) = &cell.value else { continue };
        let mut entry = |field, label: &str, column, value| {
            let label = text::tight(label);
            entries.push(Entry { field, row: row.number, column, label, value });
        };
        if let Some(field) = lexicon.find(&text::key(typed)) {
            let column = grid.last_column(row.number, cell.column).saturating_add(1);
            let value = row.get(column).filter(|value| match value {
                CellValue::Text(beside) => !is_another_label(lexicon, field, beside),
                _ => true,
            });
            entry(field, typed, column, value.cloned());
            continue;
        }
        for (field, label, value) in pairs(lexicon, typed) {
            let value = (!value.is_empty()).then_some(CellValue::Text(value));
            entry(field, &label, cell.column, value);
        }
    }
}

/// Whether what stands beside a label is a label itself, and not one of the words its own field
/// offers.
fn is_another_label(lexicon: &Lexicon, field: Field, beside: &str) -> bool {
    let offered = match field {
        Field::Added(number) => lexicon.added().get(usize::from(number)),
        _ => None,
    };
    let plain = text::tight(beside);
    if offered.is_some_and(|field| field.options.iter().any(|one| text::tight(one) == plain)) {
        return false;
    }
    lexicon.find(&text::key(beside)).is_some() || !pairs(lexicon, beside).is_empty()
}

/// `填报人：张三　审核人：李四` in one cell; labels may be typed with spaces (填 报 人).
pub(super) fn pairs(lexicon: &Lexicon, typed: &str) -> Vec<(Field, String, String)> {
    let mut found: Vec<(Field, String, String)> = Vec::new();
    if typed.len() > 2_000 {
        return found;
    }
    let plain = text::plain(typed);
    if !plain.contains(':') {
        return found;
    }
    let mut words: Vec<&str> = Vec::new();
    for word in plain.split(' ').filter(|word| !word.is_empty()) {
        let Some((label, value)) = word.split_once(':') else {
            words.push(word);
            continue;
        };
        // The label may reach back over up to three words typed apart.
        let known = (0..=3.min(words.len())).find_map(|back| {
            let mut joined: String = words[words.len() - back..].concat();
            joined.push_str(label);
            lexicon.find(&text::key(&joined)).map(|field| (back, field, joined))
        });
        let Some((back, field, joined)) = known else {
            words.push(word);
            continue;
        };
        words.truncate(words.len() - back);
        if let Some((.., last)) = found.last_mut() {
            last.push_str(&words.concat());
        }
        words.clear();
        found.push((field, joined, String::from(value)));
    }
    if let Some((.., last)) = found.last_mut() {
        last.push_str(&words.concat());
    }
    for (.., value) in &mut found {
        // (盖章) and the like behind a name are printed, not typed.
        for printed in ["(盖章)", "(签字)", "(签名)", "(公章)"] {
            *value = value.replace(printed, "");
        }
    }
    found
}

/// `2026年6月` in a title line.
fn month_in_title(rows: &[Row<'_, '_>]) -> Option<Entry> {
    rows.iter().take(3).flat_map(|row| row.cells.iter().map(move |cell| (row, cell))).find_map(
        |(row, cell)| {
            let CellValue::Text(typed) = &cell.value else { return None };
            let tight = text::tight(typed);
            let (before, after) = tight.split_once('年')?;
            let (month, _) = after.split_once('月')?;
            let tail: usize = before.chars().rev().take(4).map(char::len_utf8).sum();
            let year = &before[before.len() - tail..];
            let value = CellValue::Text(alloc::format!("{year}年{month}月"));
            let received = NaiveDate::MAX;
            crate::intake::date::read_month(&value, received).ok()?;
            Some(Entry {
                field: Field::Month,
                row: row.number,
                column: cell.column,
                label: String::from("报告月份"),
                value: Some(value),
            })
        },
    )
}

/// As [`month_in_title`], for the rows above a table.
pub(super) fn month_above(grid: &Grid<'_>, row: u32) -> Option<Entry> {
    let rows: Vec<Row<'_, '_>> = grid.rows().take_while(|above| above.number < row).collect();
    month_in_title(&rows)
}
