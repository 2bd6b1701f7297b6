//! Between the columns' types and ours; a value this version cannot read is an error, never a
//! guess.

use chrono::{NaiveDate, NaiveDateTime};
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::super::{Result, StoreError};

pub(super) fn unreadable(what: &'static str, detail: impl ToString) -> StoreError {
    StoreError::Unreadable { what, detail: detail.to_string() }
}

/// SQLite's integers are signed; our counts and numbers never come near the edge.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(row: &SqliteRow, column: &'static str) -> Result<u64> {
    let value: i64 = row.try_get(column)?;
    u64::try_from(value).map_err(|error| unreadable(column, error))
}

pub(super) fn small(row: &SqliteRow, column: &'static str) -> Result<u32> {
    let value: i64 = row.try_get(column)?;
    u32::try_from(value).map_err(|error| unreadable(column, error))
}

pub(super) fn optional_unsigned(row: &SqliteRow, column: &'static str) -> Result<Option<u64>> {
    let value: Option<i64> = row.try_get(column)?;
    value.map(|value| u64::try_from(value).map_err(|error| unreadable(column, error))).transpose()
}

pub(super) fn civil_text(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%dT%H:%M:%S").to_string()
}

pub(super) fn civil(row: &SqliteRow, column: &'static str) -> Result<NaiveDateTime> {
    let text: &str = row.try_get(column)?;
    text.parse().map_err(|error| unreadable(column, error))
}

pub(super) fn optional_civil(
    row: &SqliteRow,
    column: &'static str,
) -> Result<Option<NaiveDateTime>> {
    let text: Option<&str> = row.try_get(column)?;
    text.map(|text| text.parse().map_err(|error| unreadable(column, error))).transpose()
}

pub(super) fn optional_day(row: &SqliteRow, column: &'static str) -> Result<Option<NaiveDate>> {
    let text: Option<&str> = row.try_get(column)?;
    text.map(|text| text.parse().map_err(|error| unreadable(column, error))).transpose()
}

pub(super) fn to_json(what: &'static str, value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| unreadable(what, error))
}

pub(super) fn from_json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T> {
    // The parser's message may quote the text; its place is enough.
    serde_json::from_str(text)
        .map_err(|error| unreadable(what, format!("JSON, column {}", error.column())))
}

/// A closed list kept under its serde name.
pub(super) fn named<T: DeserializeOwned>(what: &'static str, name: &str) -> Result<T> {
    serde_json::from_value(serde_json::Value::String(name.to_owned()))
        .map_err(|_| unreadable(what, name))
}
