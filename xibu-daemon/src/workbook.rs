//! The sheets this house writes: blank templates, a unit's monthly form, a county's and the city's
//! consolidated form, the page in front of a workbook that is answered.
//!
//! A4, framed, to be printed, signed and sealed; the same layout is read back by
//! [`xibu_core::intake`]. What it is not: it writes no bytes (a plugin does) and decides nothing.

mod asked;
mod checked;
mod city;
mod consolidated;
mod sheet;
mod template;
mod unit_form;

pub use asked::{Asked, CODE_LABEL, CODE_SHEET, asked, people_of, twin};
pub use checked::{CHECKED_NAME, CHECKED_TITLE, checked};
pub use city::{CityForm, city_form, consolidate_city, per_cent};
pub use consolidated::{Consolidated, Signatures, consolidate, consolidated};
pub use template::{directory_template, roster_template, wishes_template};
pub use unit_form::{FormAnswers, FormIncident, UnitForm, unit_form, unit_form_by};

use std::time::Duration;

use xibu_core::incident::IncidentKind;
use xibu_core::period::Period;
use xibu_plugin_abi::message::{Item, Request, Status, Workbook, WorkbookFormat};

use crate::carrier::{CallLost, Carrier};

/// How long a workbook may take to be written, in real time.
const WRITE_MAX: Duration = Duration::from_secs(60);

/// Why a workbook was not written.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// The plugin was lost; it may be tried again.
    #[error(transparent)]
    Lost(#[from] CallLost),
    /// The plugin could not write it.
    #[error("the workbook plugin could not write the file: {0}")]
    Failed(String),
}

/// Has the workbook plugin write an .xlsx. The same workbook gives the same bytes.
///
/// # Errors
/// The plugin was lost, or could not write it.
pub async fn written(
    carrier: &Carrier,
    workbook: Workbook,
    now_unix_ms: i64,
) -> Result<Vec<u8>, NotWritten> {
    written_as(carrier, workbook, WorkbookFormat::Xlsx, now_unix_ms).await
}

/// As [`written`], in that format.
///
/// # Errors
/// The plugin was lost, could not write it, or knows no such format.
pub async fn written_as(
    carrier: &Carrier,
    workbook: Workbook,
    format: WorkbookFormat,
    now_unix_ms: i64,
) -> Result<Vec<u8>, NotWritten> {
    let mut bytes = None;
    let request = Request::WriteWorkbook { workbook, format };
    let status = carrier
        .call(request, Vec::new(), now_unix_ms, WRITE_MAX, |item, mut blobs| {
            if item == Item::Written && !blobs.is_empty() {
                bytes = Some(blobs.swap_remove(0));
            }
        })
        .await?;
    match (status, bytes) {
        (Status::Done, Some(bytes)) if is_of(format, &bytes) => Ok(bytes),
        (Status::Failed { detail } | Status::Panicked { detail }, _) => {
            Err(NotWritten::Failed(detail))
        }
        (Status::Done | Status::Unsupported, _) => {
            Err(NotWritten::Failed("it writes no workbooks of that format".to_owned()))
        }
    }
}

/// A plugin that was made before there were other formats writes an .xlsx whatever is asked for.
fn is_of(format: WorkbookFormat, bytes: &[u8]) -> bool {
    let part: &[u8] = match format {
        WorkbookFormat::Docx => b"word/document.xml",
        WorkbookFormat::Xlsx | WorkbookFormat::Unknown => return true,
    };
    bytes.windows(part.len()).any(|place| place == part)
}

/// `2026年6月`, without an empty place (GB/T 9704-2012 编写月日不编虚位).
pub fn month_text(period: Period) -> String {
    format!("{}年{}月", period.year(), period.month())
}

/// `2026年6月5日`.
pub fn day_text(day: chrono::NaiveDate) -> String {
    use chrono::Datelike;
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// What an accident's kind is called on our forms; [`xibu_core::intake`] reads the same words.
pub const fn incident_kind_text(kind: IncidentKind) -> &'static str {
    match kind {
        IncidentKind::Traffic => "交通事故",
        IncidentKind::Injury => "人身伤害",
        IncidentKind::Illness => "疾病",
        IncidentKind::Disaster => "火灾、触电、溺水等灾害",
        IncidentKind::Property => "财物被盗、被骗",
        IncidentKind::Other => "其他",
    }
}

/// The kinds in the order of the drop-down list.
pub const INCIDENT_KINDS: [IncidentKind; 6] = [
    IncidentKind::Traffic,
    IncidentKind::Injury,
    IncidentKind::Illness,
    IncidentKind::Disaster,
    IncidentKind::Property,
    IncidentKind::Other,
];

#[cfg(test)]
pub(crate) mod tests;
