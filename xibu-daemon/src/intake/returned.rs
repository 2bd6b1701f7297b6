//! The workbook that came with a message, to be sent back: read once more and marked with what was
//! written down about it, so that a letter that waited says what the record says.
//!
//! What it is not: it looks at nothing anew; rows of other offices were refused when it was taken
//! in, and only that is told.

use std::collections::BTreeSet;
use std::time::Duration;

use xibu_core::form::Forms;

use super::archive::read;
use super::marked;
use super::understood::{Understood, UnderstoodSheet};
use super::{Arrival, FileReport, Finding, SheetReport};
use crate::carrier::{CallLost, Carrier};
use crate::clock::Now;
use crate::store::{ArrivalFile, NewRefusal};

/// The longest a workbook may take to be marked, in real time.
const MARK_MAX: Duration = Duration::from_secs(30);

/// The marked workbook with its name; none where it cannot be marked. Ids show their last four
/// places: a sender's address can be forged.
///
/// # Errors
/// The plugin was lost; the words of the letter say the same.
pub async fn returned(
    workbook: &Carrier,
    arrival: Arrival,
    kept: &ArrivalFile,
    forms: &Forms,
    now: Now,
) -> Result<Option<(String, Vec<u8>)>, CallLost> {
    let files = read(workbook, arrival, now).await?;
    let [file] = files.as_slice() else { return Ok(None) };
    let understood = Understood::of(&file.arrival, &file.reading, forms);
    let report = report(&understood, kept);
    marked::answer(workbook, &file.arrival, &report, now, MARK_MAX, true).await
}

fn report(understood: &Understood, kept: &ArrivalFile) -> FileReport {
    FileReport {
        sha256: String::new(),
        outcome: kept.outcome,
        unreadable: kept.unreadable,
        document: kept.document,
        sheets: understood.sheets.iter().map(|sheet| of_sheet(sheet, kept)).collect(),
        changes: 0,
        new_offices: 0,
        new_people: 0,
        profiles: 0,
        returns: kept.returns.iter().map(ToString::to_string).collect(),
        sent_back: Vec::new(),
        proved: None,
    }
}

fn of_sheet(sheet: &UnderstoodSheet, kept: &ArrivalFile) -> SheetReport {
    let of_sheet = kept.refusals.iter().map(|kept| &kept.refusal);
    let of_sheet = of_sheet.filter(|refusal| refusal.place.sheet == sheet.name);
    let wrong = of_sheet.clone().filter(|refusal| !refusal.only_warning);
    let rows: BTreeSet<u32> = wrong.map(|refusal| refusal.place.row).collect();
    let core: BTreeSet<u32> = sheet.refused.iter().map(|refused| refused.place.row).collect();
    SheetReport {
        name: sheet.name.clone(),
        kind: sheet.kind,
        heading_row: sheet.heading_row,
        accepted: sheet.rows.len().saturating_sub(rows.difference(&core).count()),
        refused: rows.len(),
        findings: of_sheet.map(finding).collect(),
        ignored_headings: Vec::new(),
        id_columns: sheet.id_columns.clone(),
    }
}

fn finding(refusal: &NewRefusal) -> Finding {
    // The place stands before the colon; on the sheet the mark says it.
    let text = refusal.message.split_once('：').map_or(refusal.message.as_str(), |(_, text)| text);
    Finding {
        place: refusal.place.clone(),
        heading: refusal.heading.clone(),
        reason: refusal.reason.clone(),
        only_warning: refusal.only_warning,
        text_zh: text.to_owned(),
        message_zh: refusal.message.clone(),
        message_en: String::new(),
    }
}
