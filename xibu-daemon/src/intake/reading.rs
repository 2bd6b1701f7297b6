//! A workbook plugin's items, gathered into sheets or into the files of an archive. Bounded: a
//! plugin cannot make the daemon hold more.

use std::time::Duration;

use xibu_core::cell::{Cell, CellValue, Merge, Sheet};
use xibu_plugin_abi::cells::{PackedValue, unpack};
use xibu_plugin_abi::message::{Item, Request, Status, Unreadable};

use super::{ReadSheet, code};
use crate::carrier::{CallLost, Carrier};

/// The most cells of a file that are understood. A roster of the whole country has fewer than two
/// million.
const CELLS_MAX: usize = 2_500_000;
/// The most text of a file that is understood, in bytes.
const TEXT_BYTES_MAX: usize = 128 << 20;

/// The most files of an archive that are kept.
const FILES_MAX: usize = 1_000;
/// The most bytes of an archive's files that are kept.
const FILE_BYTES_MAX: usize = 96 << 20;

/// What one call answered.
pub(super) enum Answer {
    Sheets(Vec<ReadSheet>),
    /// It is an archive of these files.
    Archive(Vec<Inside>),
    Unreadable(Unreadable, String),
}

/// A file of an archive.
pub(super) struct Inside {
    pub(super) file_name: String,
    /// The file; where it could not be taken out, an archive that holds it alone.
    pub(super) bytes: Vec<u8>,
    pub(super) unreadable: Option<Unreadable>,
}

pub(super) async fn read(
    carrier: &Carrier,
    file_name: &str,
    bytes: Vec<u8>,
    now_unix_ms: i64,
    deadline: Duration,
) -> Result<Answer, CallLost> {
    let mut gathered = Gathered::default();
    let request = Request::ReadWorkbook { file_name: file_name.to_owned() };
    let status = carrier
        .call(request, vec![bytes], now_unix_ms, deadline, |item, blobs| gathered.take(item, blobs))
        .await?;
    Ok(gathered.finish(status))
}

#[derive(Default)]
struct Gathered {
    sheets: Vec<ReadSheet>,
    cells: usize,
    text_bytes: usize,
    files: Vec<Inside>,
    file_bytes: usize,
    unreadable: Option<(Unreadable, String)>,
}

impl Gathered {
    fn take(&mut self, item: Item, blobs: Vec<Vec<u8>>) {
        if self.unreadable.is_some() {
            return;
        }
        match item {
            Item::SheetBegins { name, hidden } => {
                let sheet = Sheet { name, ..Sheet::default() };
                self.sheets.push(ReadSheet { sheet, hidden });
            }
            Item::Cells => {
                for blob in &blobs {
                    self.cells(blob);
                }
            }
            Item::SheetEnds { merges } => {
                if let Some(last) = self.sheets.last_mut() {
                    last.sheet.merges = merges.into_iter().map(merge).collect();
                }
            }
            Item::Inside { file_name, unreadable } => {
                let bytes = blobs.into_iter().next().unwrap_or_default();
                self.file_bytes += bytes.len();
                self.files.push(Inside { file_name, bytes, unreadable });
                if self.files.len() > FILES_MAX || self.file_bytes > FILE_BYTES_MAX {
                    self.files.clear();
                    let detail = "an archive of more than is kept".to_owned();
                    self.unreadable = Some((Unreadable::TooLarge, detail));
                }
            }
            Item::Unreadable { why, detail } => self.unreadable = Some((why, detail)),
            _ => {}
        }
    }

    fn cells(&mut self, blob: &[u8]) {
        let Some(last) = self.sheets.last_mut() else { return };
        for cell in unpack(blob) {
            let Ok(cell) = cell else {
                self.unreadable =
                    Some((Unreadable::Unknown, "cells that do not unpack".to_owned()));
                return;
            };
            let mut text = |text: &str| {
                self.text_bytes += text.len();
                text.to_owned()
            };
            let value = match cell.value {
                PackedValue::Text(typed) => CellValue::Text(text(typed)),
                PackedValue::Number(number) => CellValue::Number(number),
                PackedValue::Date(serial) => CellValue::Date(serial),
                PackedValue::Boolean(value) => CellValue::Boolean(value),
                PackedValue::Error(error) => CellValue::Error(text(error)),
            };
            // Hidden sheets are not read for meaning, so they need not be kept; but ours with a
            // code.
            let holds_code =
                code::holds_code(&last.sheet.name) && last.sheet.cells.len() < code::CELLS_KEPT;
            if !last.hidden || holds_code {
                last.sheet.cells.push(Cell { row: cell.row, column: cell.column, value });
            }
            self.cells += 1;
            if self.cells > CELLS_MAX || self.text_bytes > TEXT_BYTES_MAX {
                self.unreadable =
                    Some((Unreadable::TooLarge, "more than is understood".to_owned()));
                return;
            }
        }
    }

    fn finish(self, status: Status) -> Answer {
        let (why, detail) = match (self.unreadable, status) {
            (Some(unreadable), _) => unreadable,
            (None, Status::Done) if !self.files.is_empty() => return Answer::Archive(self.files),
            (None, Status::Done) => return Answer::Sheets(self.sheets),
            (None, Status::Unsupported) => {
                (Unreadable::Format, "the plugin reads no workbooks".to_owned())
            }
            (None, Status::Failed { detail } | Status::Panicked { detail }) => {
                (Unreadable::Unknown, detail)
            }
        };
        Answer::Unreadable(why, detail)
    }
}

fn merge([first_row, first_column, last_row, last_column]: [u32; 4]) -> Merge {
    Merge { first_row, first_column, last_row, last_column }
}
