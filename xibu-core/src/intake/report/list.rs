//! Lists within a form: a row of headings side by side, and the lines below it.
//!
//! Not what a line says: that is each list's own.

use alloc::string::String;
use alloc::vec::Vec;

use super::Field;
use super::entry::Entry;
use super::form::pairs;
use crate::cell::CellValue;
use crate::form::lexicon::Lexicon;
use crate::intake::count::{Said, read};
use crate::intake::grid::{Grid, Row};
use crate::intake::text;

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// 事故.
    Accidents,
    /// 志愿者在岗情况.
    People,
    /// One that a form adds, by its number among what forms add.
    Added(u16),
}

/// One filled line of a list: its cells with what their columns mean.
#[derive(Clone, Debug)]
pub(super) struct ListLine {
    pub(super) list: List,
    pub(super) cells: Vec<Entry>,
}

/// The headings of a list.
pub(super) struct ListHeadings {
    list: List,
    columns: Vec<(Field, u32, String)>,
}

impl ListHeadings {
    pub(super) fn list(&self) -> List {
        self.list
    }
}

/// The lines found below headings.
pub(super) struct ListLines {
    pub(super) lines: Vec<ListLine>,
    /// The last row that belongs to the list.
    pub(super) last_row: u32,
}

const fn list_of(field: Field) -> Option<List> {
    match field {
        Field::IncidentKind
        | Field::IncidentTime
        | Field::IncidentPlace
        | Field::IncidentPersons
        | Field::IncidentMeasures => Some(List::Accidents),
        Field::PersonNumber | Field::PersonName | Field::PersonState | Field::PersonDay => {
            Some(List::People)
        }
        Field::AddedColumn(list, _) => Some(List::Added(list)),
        _ => None,
    }
}

/// Whether these columns make a list of their own: an accident has kind and time, a person has a
/// name or number and a state, anything else two columns.
fn is_enough(list: List, columns: &[(Field, u32, String)]) -> bool {
    let has = |field| columns.iter().any(|(known, ..)| *known == field);
    match list {
        List::Accidents => has(Field::IncidentKind) && has(Field::IncidentTime),
        List::People => {
            (has(Field::PersonNumber) || has(Field::PersonName)) && has(Field::PersonState)
        }
        List::Added(_) => columns.len() >= 2,
    }
}

/// The headings of a list, where a row is such.
pub(super) fn headings(lexicon: &Lexicon, row: Row<'_, '_>) -> Option<ListHeadings> {
    let mut columns: Vec<(Field, u32, String)> = Vec::new();
    for cell in row.cells {
        let CellValue::Text(typed) = &cell.value else { continue };
        let Some(field) = lexicon.find(&text::key(typed)) else { continue };
        if list_of(field).is_some() {
            columns.push((field, cell.column, text::tight(typed)));
        }
    }
    let list = columns.iter().find_map(|(field, ..)| list_of(*field))?;
    columns.retain(|(field, ..)| list_of(*field) == Some(list));
    is_enough(list, &columns).then_some(ListHeadings { list, columns })
}

/// The filled lines below those headings, until another label or nothing at all.
pub(super) fn lines(
    grid: &Grid<'_>,
    lexicon: &Lexicon,
    heading: Row<'_, '_>,
    headings: &ListHeadings,
) -> ListLines {
    let lines_max: u32 = if headings.list == List::People { 1_000 } else { 50 };
    let mut found = ListLines { lines: Vec::new(), last_row: heading.number };
    for number in (1..=lines_max).map_while(|below| heading.number.checked_add(below)) {
        let row = grid.row(number);
        if is_beyond(lexicon, headings, row) {
            break;
        }
        if !row.cells.is_empty() {
            found.last_row = number;
        }
        let cells: Vec<Entry> = headings
            .columns
            .iter()
            .filter_map(|(field, column, label)| {
                let (field, column, label) = (*field, *column, label.clone());
                let value = Some(row.get(column)?.clone());
                Some(Entry { field, row: number, column, label, value })
            })
            .collect();
        if !says_nothing(&cells) {
            found.lines.push(ListLine { list: headings.list, cells });
        }
    }
    found
}

/// Whether a row holds another label. A word that its own column offers (其他, 在岗) is a value,
/// even where it is a label elsewhere.
fn is_beyond(lexicon: &Lexicon, headings: &ListHeadings, row: Row<'_, '_>) -> bool {
    row.cells.iter().any(|cell| {
        let CellValue::Text(typed) = &cell.value else { return false };
        if !pairs(lexicon, typed).is_empty() {
            return true;
        }
        let own = headings.columns.iter().find(|(_, column, _)| *column == cell.column);
        let offered = own.is_some_and(|(field, ..)| offers(lexicon, *field, typed));
        // 其他 with nothing but one cell beside it is the label of remarks.
        let value = offered && (row.cells.len() != 2 || headings.columns.len() < 3);
        !value && lexicon.find(&text::key(typed)).is_some()
    })
}

/// Whether a column offers this word.
fn offers(lexicon: &Lexicon, column: Field, typed: &str) -> bool {
    let tight = text::tight(typed);
    match column {
        Field::IncidentKind => matches!(tight.as_str(), "其他" | "其它"),
        Field::PersonState => tight == "在岗",
        Field::AddedColumn(list, column) => lexicon
            .added()
            .get(usize::from(list))
            .and_then(|list| list.columns.get(usize::from(column)))
            .is_some_and(|column| column.options.iter().any(|one| text::tight(one) == tight)),
        _ => false,
    }
}

/// Whether a line has only strokes and 无 in it.
pub(super) fn says_nothing(cells: &[Entry]) -> bool {
    cells.iter().all(|entry| {
        entry.value.as_ref().is_none_or(|value| matches!(read(value), Ok(Said::Nil | Said::Dash)))
    })
}
