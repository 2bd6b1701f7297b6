//! .xlsx through calamine's streaming reader. Never builds a `Range`: a legal file of 1,435 bytes
//! would make it ask for 549 GB.

use std::io::Cursor;

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use chrono::{NaiveDate, NaiveDateTime};
use xibu_plugin_sdk::cells::PackedValue;
use xibu_plugin_sdk::message::Unreadable;

use super::package::{self, Contents};
use super::{Out, Stop};

/// The last row and column a sheet can have, from 0.
const LAST: (u32, u32) = (1_048_575, 16_383);

/// Days between the two systems of serials.
const DAYS_1904: f64 = 1_462.0;

pub(super) fn read(bytes: &[u8], out: &mut Out<'_, '_>) -> Result<(), Stop> {
    let counted = package::inspect(&mut package::open(bytes)?, Contents::Xlsx)?;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(stop)?;
    let shift = if book.has_1904_epoch() { DAYS_1904 } else { 0.0 };
    let sheets: Vec<(String, bool)> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| (sheet.name.clone(), sheet.visible != SheetVisible::Visible))
        .collect();
    if sheets.is_empty() {
        return Err(Stop::damaged("a workbook without sheets"));
    }
    for (name, hidden) in sheets {
        out.begin(&name, hidden)?;
        let mut cells = book.worksheet_cells_reader(&name).map_err(stop)?;
        while let Some(cell) = cells.next_cell().map_err(stop)? {
            let (row, column) = cell.get_position();
            if row > LAST.0 || column > LAST.1 {
                return Err(Stop::damaged("a cell outside of any sheet"));
            }
            give(out, row, column, cell.get_value(), shift)?;
        }
        drop(cells);
        let merges = if counted.merges == 0 { Vec::new() } else { merges(&mut book, &name)? };
        out.end(merges)?;
    }
    Ok(())
}

fn give(
    out: &mut Out<'_, '_>,
    row: u32,
    column: u32,
    value: &DataRef<'_>,
    shift: f64,
) -> Result<(), Stop> {
    let packed = match value {
        DataRef::Empty => return Ok(()),
        DataRef::Int(number) => PackedValue::Number(*number as f64),
        DataRef::Float(number) => PackedValue::Number(*number),
        DataRef::String(text) | DataRef::DurationIso(text) => return out.text(row, column, text),
        DataRef::SharedString(text) => return out.text(row, column, text),
        DataRef::Bool(value) => PackedValue::Boolean(*value),
        DataRef::DateTime(time) if time.is_duration() => PackedValue::Number(time.as_f64()),
        DataRef::DateTime(time) => PackedValue::Date(time.as_f64() + shift),
        DataRef::DateTimeIso(text) => match serial(text) {
            Some(serial) => PackedValue::Date(serial),
            None => return out.text(row, column, text),
        },
        DataRef::Error(error) => {
            return out.cell(row, column, PackedValue::Error(&error.to_string()));
        }
    };
    out.cell(row, column, packed)
}

/// `2026-07-01` or `2026-07-01T08:30:00` as a serial of the 1900 system.
pub(super) fn serial(text: &str) -> Option<f64> {
    let text = text.trim_end_matches('Z');
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .ok()
        .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))?;
    let zero = NaiveDate::from_ymd_opt(1899, 12, 30)?.and_hms_opt(0, 0, 0)?;
    Some((time - zero).num_seconds() as f64 / 86_400.0)
}

fn merges(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Vec<[u32; 4]>, Stop> {
    let found = book.merge_cells_by_sheet_name(name).map_err(stop)?;
    Ok(found
        .iter()
        .filter(|m| m.start.0 <= m.end.0 && m.start.1 <= m.end.1)
        .map(|m| [m.start.0, m.start.1, m.end.0.min(LAST.0), m.end.1.min(LAST.1)])
        .collect())
}

/// The reader's own words may quote the file, so only the kind of trouble is said.
fn stop(error: XlsxError) -> Stop {
    match error {
        XlsxError::Password => {
            Stop::Unreadable(Unreadable::Encrypted, "behind a password".to_owned())
        }
        XlsxError::Zip(_) | XlsxError::Io(_) => Stop::damaged("the package is damaged"),
        XlsxError::Xml(_) | XlsxError::XmlAttr(_) | XlsxError::XmlEof(_) => {
            Stop::damaged("a part of the workbook is not well-formed")
        }
        XlsxError::FileNotFound(_) => Stop::damaged("a part of the workbook is missing"),
        _ => Stop::damaged("a part of the workbook is not as it should be"),
    }
}
