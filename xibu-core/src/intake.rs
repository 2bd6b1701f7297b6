//! What typed cells mean (收表): headings as offices write them, ids, dates and phone numbers as
//! typed.
//!
//! A sheet goes in; rows that can be taken and refusals with their place come out, all in one pass.
//! One bad row never stops a file, and nothing here panics whatever the cells hold.
//!
//! What it is not: it opens no file, knows no office and no person of the record, and its messages
//! never repeat a value that may belong to a person.
//!
//! ```
//! use xibu_core::cell::{Cell, CellValue, Sheet};
//! use xibu_core::intake::{SheetKind, recognise};
//!
//! let heading = ["姓 名", "身份证号码（必填）", "服务单位"];
//! let cells = heading.iter().zip(0..).map(|(text, column)| Cell {
//!     row: 0,
//!     column,
//!     value: CellValue::Text((*text).into()),
//! });
//! let sheet = Sheet { name: "花名册".into(), cells: cells.collect(), merges: vec![] };
//! assert_eq!(recognise(&sheet).map(|seen| seen.kind), Some(SheetKind::Roster));
//! ```

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::cell::{CellValue, Place, Sheet};
use crate::explain::Language;
use crate::form::Forms;
use crate::office::OfficeId;

pub mod contact;
pub mod count;
pub mod date;
pub mod directory;
mod grid;
mod heading;
pub mod id_number;
mod lines;
pub mod refusal;
pub mod reply;
pub mod report;
pub mod roster;
pub(crate) mod text;
pub mod wishes;

pub use refusal::{Refusal, Warning};

/// What a sheet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SheetKind {
    /// 通讯录: offices with their heads and contacts.
    Directory,
    /// 花名册: volunteers and where they serve.
    Roster,
    /// 月报告单: what a unit or an office reports for a month.
    Report,
    /// 求职意向登记表: who looks for which work.
    Wishes,
}

/// What was recognised of a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// What it is.
    pub kind: SheetKind,
    /// Row of its headings, from 0; for a printed form the row of its first label.
    pub heading_row: u32,
}

/// Says what a sheet is from its headings, or none where they fit nothing.
///
/// Looks at the first rows only: title lines above the headings are passed over.
pub fn recognise(sheet: &Sheet) -> Option<Recognised> {
    recognise_by(&Forms::built_in(), sheet)
}

/// As [`recognise`], by the forms in use.
pub fn recognise_by(forms: &Forms, sheet: &Sheet) -> Option<Recognised> {
    let grid = grid::Grid::new(sheet);
    let found = |kind, heading_row| Recognised { kind, heading_row };
    report::heading_row_of_form(&grid, forms)
        .map(|row| found(SheetKind::Report, row))
        .or_else(|| wishes::heading_row(&grid).map(|row| found(SheetKind::Wishes, row)))
        .or_else(|| roster::heading_row(&grid).map(|row| found(SheetKind::Roster, row)))
        .or_else(|| directory::heading_row(&grid).map(|row| found(SheetKind::Directory, row)))
        .or_else(|| {
            report::heading_row_of_table(&grid, forms).map(|row| found(SheetKind::Report, row))
        })
}

/// What came of a sheet: the rows that can be taken and every fault of those that cannot.
#[derive(Clone, Debug, PartialEq)]
pub struct Intake<T> {
    /// Rows that can be taken, in order.
    pub accepted: Vec<Accepted<T>>,
    /// Faults, by row, then in the declared order of [`Refusal`]; a row with two faults stands here
    /// twice.
    pub refused: Vec<Refused>,
    /// Headings that this reader does not use, as typed.
    pub ignored_headings: Vec<String>,
}

impl<T> Default for Intake<T> {
    fn default() -> Self {
        Self { accepted: Vec::new(), refused: Vec::new(), ignored_headings: Vec::new() }
    }
}

impl<T> Intake<T> {
    /// How many rows were refused (a row with several faults counts once).
    pub fn refused_rows(&self) -> usize {
        let mut rows: Vec<u32> = self.refused.iter().map(|refused| refused.place.row).collect();
        rows.sort_unstable();
        rows.dedup();
        rows.len()
    }
}

/// A row that can be taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted<T> {
    /// Where it stands; no column.
    pub place: Place,
    /// What it says.
    pub row: T,
    /// What somebody should look at; the row is taken all the same.
    pub warnings: Vec<Warned>,
}

/// A warning with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warned {
    /// Where.
    pub place: Place,
    /// What.
    pub warning: Warning,
}

/// A fault with its place: why a row was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Where.
    pub place: Place,
    /// The column's heading as typed, where a column is meant.
    pub heading: Option<String>,
    /// Why.
    pub reason: Refusal,
}

impl Refused {
    /// One line: where, what, and what to do next; without any value of the row.
    pub fn message(&self, language: Language) -> String {
        refusal::line(&self.place, self.heading.as_deref(), &self.reason.text(language), language)
    }
}

impl Warned {
    /// One line: where and what; without any value of the row.
    pub fn message(&self, language: Language) -> String {
        refusal::line(&self.place, None, self.warning.text(language), language)
    }
}

/// A value that belongs to a person: never shown by `Debug`, so that no log can carry it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Personal(String);

impl Personal {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the store of personal values.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// One line: where, what, and what to do next, for what is said elsewhere of a cell.
pub fn placed(place: &Place, heading: Option<&str>, text: &str, language: Language) -> String {
    refusal::line(place, heading, text, language)
}

/// Reads our own office number, such as `O17`; a zero for the letter is forgiven.
fn office_number(value: &CellValue) -> Result<OfficeId, Refusal> {
    let CellValue::Text(typed) = value else {
        return Err(match value {
            CellValue::Error(_) => Refusal::CellIsError,
            _ => Refusal::OfficeNumberNotReadable,
        });
    };
    let mut tight = text::tight(typed);
    if tight.is_empty() {
        return Err(Refusal::ValueMissing);
    }
    if tight.starts_with(['o', '0', '〇', 'Ｏ', '○']) {
        let first = tight.chars().next().map_or(0, char::len_utf8);
        tight.replace_range(..first, "O");
    }
    tight.parse().map_err(|_| Refusal::OfficeNumberNotReadable)
}

/// The words above the headings (titles), on one line: they may name the office or the month.
pub fn title(sheet: &Sheet, recognised: Recognised) -> String {
    let mut title = String::new();
    for cell in sheet.cells.iter().filter(|cell| cell.row < recognised.heading_row).take(20) {
        if let CellValue::Text(typed) = &cell.value {
            title.extend(text::tight(typed).chars().take(60));
            title.push(' ');
        }
    }
    title
}

fn not_recognised<T>(grid: &grid::Grid<'_>) -> Intake<T> {
    let place = grid.place(grid.rows().next().map_or(0, |row| row.number), None);
    let refused = vec![Refused { place, heading: None, reason: Refusal::SheetNotRecognised }];
    Intake { refused, ..Intake::default() }
}

fn refuse_heading<T>(grid: &grid::Grid<'_>, row: u32, heading: &str, intake: &mut Intake<T>) {
    intake.refused.push(Refused {
        place: grid.place(row, None),
        heading: None,
        reason: Refusal::HeadingMissing { heading: heading.into() },
    });
}

#[cfg(test)]
mod tests;
