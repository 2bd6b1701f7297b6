//! Cells as somebody typed them, before anyone says what they mean.
//!
//! Whatever file or message they came from, cells reach the core in this one form. What they mean
//! is decided in [`crate::intake`], once.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellValue {
    /// Text as typed.
    Text(String),
    /// A number; 18-digit ids that a spreadsheet turned into a number arrive here, digits lost.
    Number(f64),
    /// A day and time as a spreadsheet serial in the 1900 system.
    Date(f64),
    /// 真 or 假.
    Boolean(bool),
    /// An error value such as `#N/A`.
    Error(String),
}

/// One cell that is not empty, at a zero-based place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Row, from 0.
    pub row: u32,
    /// Column, from 0.
    pub column: u32,
    /// What it holds.
    pub value: CellValue,
}

/// A rectangle of merged cells, corners included; its value stands in the first cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// First row, from 0.
    pub first_row: u32,
    /// First column, from 0.
    pub first_column: u32,
    /// Last row.
    pub last_row: u32,
    /// Last column.
    pub last_column: u32,
}

/// A sheet of a workbook: its cells in reading order (by row, then column).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// Name on the tab; `CSV` for a .csv file, whose own name may hold a person's.
    pub name: String,
    /// The cells that are not empty, by row, then column.
    pub cells: Vec<Cell>,
    /// Merged rectangles.
    pub merges: Vec<Merge>,
}

/// A place in a file as its reader knows it: `Sheet1!C5`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Name of the sheet.
    pub sheet: String,
    /// Row as the program shows it, from 1.
    pub row: u32,
    /// Column letters as the program shows them, e.g. `C`; none where the whole row is meant.
    pub column: Option<String>,
}
