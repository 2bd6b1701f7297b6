//! The report as a table, one unit a line; month and 填报人 may stand above or below it.

use alloc::vec::Vec;

use chrono::NaiveDate;

use super::entry::{Entry, Reader};
use super::list::{List, ListLine, says_nothing};
use super::{Field, ReportRow, form};
use crate::cell::CellValue;
use crate::form::lexicon::Lexicon;
use crate::intake::Intake;
use crate::intake::grid::Grid;
use crate::intake::heading::{self, Headings};
use crate::intake::lines::data_rows;
use crate::intake::text;

/// What may stand once for all lines.
const SHARED: [Field; 4] = [Field::Month, Field::StatedBy, Field::Head, Field::FilledOn];

/// The fields that describe an accident on the line itself.
const INCIDENT: [Field; 5] = [
    Field::IncidentKind,
    Field::IncidentTime,
    Field::IncidentPlace,
    Field::IncidentPersons,
    Field::IncidentMeasures,
];

pub(super) fn headings(grid: &Grid<'_>, lexicon: &Lexicon) -> Option<Headings<Field>> {
    heading::headings(grid, &|key| lexicon.find(key), |fields| {
        let has = |field| fields.contains(&field);
        (has(Field::Office) || has(Field::OfficeNumber))
            && (has(Field::Accidents) || has(Field::Headcount) && has(Field::Health))
    })
}

pub(super) fn read(
    grid: &Grid<'_>,
    lexicon: &Lexicon,
    headings: &Headings<Field>,
    received: NaiveDate,
) -> Intake<ReportRow> {
    let mut intake = Intake { ignored_headings: headings.ignored.clone(), ..Intake::default() };
    let shared = shared(grid, lexicon, headings);
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
        let told =
            (!says_nothing(&line)).then_some(ListLine { list: List::Accidents, cells: line });
        let lines: Vec<ListLine> = told.into_iter().collect();
        Reader::new(grid, lexicon, row.number, &entries).finish(&lines, received, &mut intake);
    }
    intake
}

/// Labelled values above the headings and below the lines.
fn shared(grid: &Grid<'_>, lexicon: &Lexicon, headings: &Headings<Field>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for row in grid.rows() {
        let outside = row.number < headings.row || row.number > headings.last_row;
        // Lines of the table hold no label with a colon; looking for one in each first cell is
        // cheap.
        let labels = row.cells.iter().any(|cell| match &cell.value {
            CellValue::Text(typed) => {
                let plain = text::key(typed);
                typed.contains([':', '：']) || lexicon.find(&plain).is_some()
            }
            _ => false,
        });
        if outside && labels {
            form::labelled(grid, lexicon, row, &mut entries);
        }
    }
    entries.retain(|entry| SHARED.contains(&entry.field) && entry.value.is_some());
    if !entries.iter().any(|entry| entry.field == Field::Month) {
        entries.extend(form::month_above(grid, headings.row));
    }
    entries
}
