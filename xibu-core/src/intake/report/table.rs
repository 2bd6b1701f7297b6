//! The report as a table, one unit a line; month and 填报人 may stand above or below it.

use alloc::vec::Vec;

use chrono::NaiveDate;

use super::entry::{Entry, Reader};
use super::{Field, ReportRow, VOCABULARY, form};
use crate::cell::CellValue;
use crate::intake::Intake;
use crate::intake::grid::Grid;
use crate::intake::heading::Headings;
use crate::intake::lines::data_rows;
use crate::intake::text;

/// What may stand once for all lines.
const SHARED: [Field; 4] = [Field::Month, Field::StatedBy, Field::Head, Field::FilledOn];

/// The fields that describe an accident on the line itself.
const INCIDENT: [Field; 4] =
    [Field::IncidentKind, Field::IncidentTime, Field::IncidentPersons, Field::IncidentMeasures];

pub(super) fn headings(grid: &Grid<'_>) -> Option<Headings<Field>> {
    VOCABULARY.headings(grid, |fields| {
        let has = |field| fields.contains(&field);
        (has(Field::Office) || has(Field::OfficeNumber))
            && (has(Field::Accidents) || has(Field::Headcount) && has(Field::Health))
    })
}

pub(super) fn read(
    grid: &Grid<'_>,
    headings: &Headings<Field>,
    received: NaiveDate,
) -> Intake<ReportRow> {
    let mut intake = Intake { ignored_headings: headings.ignored.clone(), ..Intake::default() };
    let shared = shared(grid, headings);
    for row in data_rows(grid, headings, &[Field::Office, Field::OfficeNumber]) {
        let mut entries: Vec<Entry> = Vec::new();
        let mut line: Vec<Entry> = Vec::new();
        for column in &headings.columns {
            let entry = Entry {
                field: column.field,
                row: row.number,
                column: column.column,
                label: column.typed.clone(),
                value: grid.value(row, column.column).cloned(),
            };
            if INCIDENT.contains(&column.field) {
                line.extend(entry.value.is_some().then_some(entry));
            } else {
                entries.push(entry);
            }
        }
        entries.extend(shared.iter().cloned());
        let lines: Vec<Vec<Entry>> =
            if says_nothing(&line) { Vec::new() } else { alloc::vec![line] };
        Reader::new(grid, row.number, &entries).finish(&lines, received, &mut intake);
    }
    intake
}

fn says_nothing(line: &[Entry]) -> bool {
    use crate::intake::count::{Said, read};
    line.iter().all(|entry| {
        entry.value.as_ref().is_none_or(|value| matches!(read(value), Ok(Said::Nil | Said::Dash)))
    })
}

/// Labelled values above the headings and below the lines.
fn shared(grid: &Grid<'_>, headings: &Headings<Field>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for row in grid.rows() {
        let outside = row.number < headings.row || row.number > headings.last_row;
        // Lines of the table hold no label with a colon; looking for one in each first cell is
        // cheap.
        let labels = row.cells.iter().any(|cell| match &cell.value {
            CellValue::Text(typed) => {
                let plain = text::key(typed);
                typed.contains([':', '：']) || VOCABULARY.find(&plain).is_some()
            }
            _ => false,
        });
        if outside && labels {
            form::labelled(grid, row, &mut entries);
        }
    }
    entries.retain(|entry| SHARED.contains(&entry.field) && entry.value.is_some());
    if !entries.iter().any(|entry| entry.field == Field::Month) {
        entries.extend(form::month_above(grid, headings.row));
    }
    entries
}
