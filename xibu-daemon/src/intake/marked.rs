//! The answer to a file: the same workbook, with what was found marked where it stands and a page
//! in front.
//!
//! What it is not: it decides nothing; everything it says stands in the report. It sends nothing.

use std::time::Duration;

use tracing::warn;
use xibu_core::cell::{CellValue, Place, Sheet};
use xibu_plugin_abi::message::{Item, Mark, Masked, Request, Status};

use super::{Arrival, FileOutcome, FileReport, Finding, WITHIN};
use crate::carrier::{CallLost, Carrier};
use crate::clock::Now;
use crate::workbook::{CHECKED_NAME, CHECKED_TITLE, checked};

/// The most cells marked: a person mends no more in one sitting, and a sheet with as many faults
/// has the same one in every line.
const MARKS_MAX: usize = 5_000;
/// The last row of a sheet, from 0.
const LAST_ROW: u32 = 1_048_575;
/// What an answered file's name ends with.
const ANSWERED: &str = "-已核对";
/// Kinds of .xlsx that programs refuse under another name.
const KEPT_ENDS: [&str; 3] = ["xlsm", "xltx", "xltm"];

/// The workbook to send back, with the name to send it under; none where the file cannot be marked:
/// a photo, a file nobody could read. With `mask` ids show their last four places only: for a
/// sender who did not prove the request's code.
///
/// # Errors
/// The plugin was lost; it may be tried again.
pub async fn answer(
    carrier: &Carrier,
    arrival: &Arrival,
    report: &FileReport,
    now: Now,
    deadline: Duration,
    mask: bool,
) -> Result<Option<(String, Vec<u8>)>, CallLost> {
    if matches!(report.outcome, FileOutcome::Unread | FileOutcome::HeldUnread) {
        return Ok(None);
    }
    let request = Request::MarkWorkbook {
        file_name: own_name(&arrival.file_name).to_owned(),
        marks: marks(report),
        masks: if mask { masks(report) } else { Vec::new() },
        summary: Some(checked(report, arrival.received_at, mask)),
    };
    let mut written = None;
    let blobs = vec![arrival.bytes.clone()];
    let status = carrier
        .call(request, blobs, now.unix_ms, deadline, |item, blobs| match item {
            Item::Written => written = blobs.into_iter().next(),
            Item::Unreadable { why, detail } => warn!(?why, detail, "a workbook is not marked"),
            _ => {}
        })
        .await?;
    if let Status::Failed { detail } | Status::Panicked { detail } = status {
        warn!(detail, "a workbook is not marked");
        return Ok(None);
    }
    Ok(written.map(|bytes| (answered_name(&arrival.file_name, &bytes), bytes)))
}

fn marks(report: &FileReport) -> Vec<Mark> {
    let findings = report.sheets.iter().flat_map(|sheet| &sheet.findings);
    let (looks, wrong): (Vec<&Finding>, Vec<&Finding>) =
        findings.partition(|finding| finding.only_warning);
    let all = wrong.into_iter().chain(looks).take(MARKS_MAX);
    all.map(|finding| Mark {
        sheet: finding.place.sheet.clone(),
        row: finding.place.row.saturating_sub(1),
        column: column(&finding.place),
        note: note(finding),
        wrong: !finding.only_warning,
        mask: false,
    })
    .collect()
}

/// A row that is meant as a whole is marked in its first cell.
fn column(place: &Place) -> u32 {
    let letters = place.column.as_deref().unwrap_or("A");
    let number = letters
        .bytes()
        .filter(u8::is_ascii_uppercase)
        .take(3)
        .fold(0_u32, |sum, letter| sum * 26 + u32::from(letter - b'A') + 1);
    number.saturating_sub(1)
}

fn note(finding: &Finding) -> String {
    let what = if finding.only_warning { "请留意" } else { "须改正" };
    match &finding.heading {
        Some(heading) => format!("{what}：“{heading}”{}", finding.text_zh),
        None => format!("{what}：{}", finding.text_zh),
    }
}

fn masks(report: &FileReport) -> Vec<Masked> {
    let mut masks = Vec::new();
    for sheet in &report.sheets {
        let Some((first, columns)) = &sheet.id_columns else { continue };
        for column in columns {
            let area = [*first, *column, LAST_ROW, *column];
            masks.push(Masked { sheet: sheet.name.clone(), area });
        }
    }
    masks
}

/// A file's name without the archives and folders it lay in.
fn own_name(file_name: &str) -> &str {
    let name = file_name.rsplit(WITHIN).next().unwrap_or_default();
    name.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// The name an answer goes under; with macros inside it keeps its own end.
fn answered_name(file_name: &str, bytes: &[u8]) -> String {
    let name = own_name(file_name);
    let (stem, end) = match name.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() && end.len() <= 5 => (stem, end.to_lowercase()),
        _ => (name, String::new()),
    };
    let end = match KEPT_ENDS.iter().find(|kept| **kept == end) {
        Some(kept) if bytes.starts_with(b"PK") => kept,
        _ => "xlsx",
    };
    let stem = stem.strip_suffix(ANSWERED).unwrap_or(stem);
    let stem = if stem.is_empty() { "表格" } else { stem };
    format!("{stem}{ANSWERED}.{end}")
}

/// Whether a sheet is the page of an earlier answer, come back with it: nobody filled it in.
pub(super) fn is_ours(sheet: &Sheet) -> bool {
    let titled = sheet.cells.first().is_some_and(|cell| {
        (cell.row, cell.column) == (0, 0)
            && matches!(&cell.value, CellValue::Text(text) if text == CHECKED_TITLE)
    });
    titled && sheet.name.starts_with(CHECKED_NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_the_name_of_what_it_answers() {
        for (came, answered) in [
            ("花名册.xlsx", "花名册-已核对.xlsx"),
            ("花名册-已核对.xlsx", "花名册-已核对.xlsx"),
            ("花名册.XLS", "花名册-已核对.xlsx"),
            ("宏.XLSM", "宏-已核对.xlsm"),
            ("压缩.zip › 六月/O57-2026-06.csv", "O57-2026-06-已核对.xlsx"),
            ("没有后缀", "没有后缀-已核对.xlsx"),
            ("一.二.三个字的后缀", "一.二.三个字的后缀-已核对.xlsx"),
            (".xlsx", ".xlsx-已核对.xlsx"),
            ("", "表格-已核对.xlsx"),
        ] {
            assert_eq!(answered_name(came, b"PK\x03\x04"), answered);
        }
    }

    #[test]
    fn columns_are_counted_as_programs_show_them() {
        for (letters, number) in [("A", 0), ("Z", 25), ("AA", 26), ("XFD", 16_383)] {
            let place = Place { sheet: String::new(), row: 1, column: Some(letters.to_owned()) };
            assert_eq!(column(&place), number);
        }
        assert_eq!(column(&Place { sheet: String::new(), row: 1, column: None }), 0);
    }
}
