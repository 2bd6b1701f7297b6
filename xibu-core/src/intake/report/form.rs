//! The report as a printed form: a label and its value beside it, or both in one cell.

use alloc::string::String;
use alloc::vec::Vec;

use chrono::NaiveDate;

use super::entry::{Entry, Reader};
use super::{Field, ReportRow, VOCABULARY};
use crate::cell::CellValue;
use crate::intake::grid::{Grid, Row};
use crate::intake::{Intake, text};

/// A form fits on a few pages; nothing below is looked at.
const ROWS_MAX: usize = 400;

/// The fields of the accident table inside the form.
const INCIDENT: [Field; 4] =
    [Field::IncidentKind, Field::IncidentTime, Field::IncidentPersons, Field::IncidentMeasures];

/// The row of the first label, where the accident section stands as a label and not as a column's
/// heading.
pub(super) fn heading_row(grid: &Grid<'_>) -> Option<u32> {
    let mut accidents = false;
    let mut sections = 0;
    let mut office = false;
    let mut first = None;
    for row in grid.rows().take(ROWS_MAX) {
        for (index, cell) in row.cells.iter().enumerate() {
            let CellValue::Text(typed) = &cell.value else { continue };
            let in_one: Vec<Field> = pairs(typed).into_iter().map(|(field, ..)| field).collect();
            let label =
                VOCABULARY.find(&text::key(typed)).filter(|_| !is_label_beside(grid, row, index));
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
fn is_label_beside(grid: &Grid<'_>, row: Row<'_, '_>, index: usize) -> bool {
    let cell = row.cells[index];
    let left = index.checked_sub(1).map(|index| row.cells[index]).is_some_and(|left| {
        grid.last_column(row.number, left.column).saturating_add(1) == cell.column && is_label(left)
    });
    let next = grid.last_column(row.number, cell.column).saturating_add(1);
    let right =
        row.cells.get(index + 1).is_some_and(|right| right.column == next && is_label(right));
    left || right
}

fn is_label(cell: &crate::cell::Cell) -> bool {
    match &cell.value {
        CellValue::Text(typed) => VOCABULARY.find(&text::key(typed)).is_some(),
        _ => false,
    }
}

/// Reads the one report that a form holds.
pub(super) fn read(grid: &Grid<'_>, received: NaiveDate) -> Intake<ReportRow> {
    let mut intake = Intake::default();
    let rows: Vec<Row<'_, '_>> = grid.rows().take(ROWS_MAX).collect();
    let mut entries = Vec::new();
    let mut lines = Vec::new();
    for row in &rows {
        if let Some(headings) = incident_headings(*row) {
            lines.extend(incident_lines(grid, *row, &headings));
            continue;
        }
        labelled(grid, *row, &mut entries);
    }
    if !entries.iter().any(|entry| entry.field == Field::Month && entry.value.is_some()) {
        entries.extend(month_in_title(&rows));
    }
    let row = entries.first().map_or(0, |entry| entry.row);
    Reader::new(grid, row, &entries).finish(&lines, received, &mut intake);
    intake
}

/// Values beside their labels, or behind them in the same cell.
///
/// A row where three labels stand side by side is the heading row of a table within the form.
pub(super) fn labelled(grid: &Grid<'_>, row: Row<'_, '_>, entries: &mut Vec<Entry>) {
    let side_by_side = |(index, cell): &(usize, &&crate::cell::Cell)| {
        is_label(cell) && is_label_beside(grid, row, *index)
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
        if let Some(field) = VOCABULARY.find(&text::key(typed)) {
            let column = grid.last_column(row.number, cell.column).saturating_add(1);
            let value = row.get(column).filter(|value| match value {
                CellValue::Text(beside) => {
                    VOCABULARY.find(&text::key(beside)).is_none() && pairs(beside).is_empty()
                }
                _ => true,
            });
            entry(field, typed, column, value.cloned());
            continue;
        }
        for (field, label, value) in pairs(typed) {
            let value = (!value.is_empty()).then_some(CellValue::Text(value));
            entry(field, &label, cell.column, value);
        }
    }
}

/// `填报人：张三　审核人：李四` in one cell; labels may be typed with spaces (填 报 人).
fn pairs(typed: &str) -> Vec<(Field, String, String)> {
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
            VOCABULARY.find(&text::key(&joined)).map(|field| (back, field, joined))
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

/// A row of headings of the accident table: kind and time side by side.
fn incident_headings(row: Row<'_, '_>) -> Option<Vec<(Field, u32, String)>> {
    let headings: Vec<(Field, u32, String)> = row
        .cells
        .iter()
        .filter_map(|cell| match &cell.value {
            CellValue::Text(typed) => {
                let field = VOCABULARY.find(&text::key(typed))?;
                INCIDENT.contains(&field).then(|| (field, cell.column, text::tight(typed)))
            }
            _ => None,
        })
        .collect();
    let has = |field| headings.iter().any(|(known, ..)| *known == field);
    (has(Field::IncidentKind) && has(Field::IncidentTime)).then_some(headings)
}

/// The filled lines below those headings, until another label or nothing at all.
fn incident_lines(
    grid: &Grid<'_>,
    heading: Row<'_, '_>,
    headings: &[(Field, u32, String)],
) -> Vec<Vec<Entry>> {
    const LINES_MAX: u32 = 50;
    let mut lines = Vec::new();
    for number in (1..=LINES_MAX).map_while(|below| heading.number.checked_add(below)) {
        let row = grid.row(number);
        let other_label = row.cells.iter().any(|cell| match &cell.value {
            CellValue::Text(typed) => {
                VOCABULARY.find(&text::key(typed)).is_some() || !pairs(typed).is_empty()
            }
            _ => false,
        });
        if other_label {
            break;
        }
        let line: Vec<Entry> = headings
            .iter()
            .filter_map(|(field, column, label)| {
                let value = row.get(*column)?.clone();
                let label = label.clone();
                Some(Entry {
                    field: *field,
                    row: number,
                    column: *column,
                    label,
                    value: Some(value),
                })
            })
            .collect();
        let says_nothing = line.iter().all(|entry| {
            use crate::intake::count::{Said, read};
            entry.value.as_ref().is_none_or(|v| matches!(read(v), Ok(Said::Nil | Said::Dash)))
        });
        if !says_nothing {
            lines.push(line);
        }
    }
    lines
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
