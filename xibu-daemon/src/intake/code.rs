//! The code of a request, come back: in the workbook itself or in the file's name. Who sends it has
//! seen the request.

use serde::Serialize;
use xibu_core::cell::{CellValue, Sheet};
use xibu_core::obligation::ObligationKey;
use xibu_core::office::OfficeId;
use xibu_core::period::Period;

use super::understood::office_and_month;
use super::{Arrival, Reading, WITHIN};
use crate::seal::RequestCode;
use crate::workbook::{CODE_LABEL, CODE_SHEET};

/// What a code that came with a file proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// It is the code of everything the file reports.
    Fits,
    /// It is not.
    Differs,
}

/// A code as a file says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CodeSaid {
    /// Which request it says it answers, where it says so outright.
    pub(super) request: Option<ObligationKey>,
    /// Office and month of the file's name.
    pub(super) named: Option<(OfficeId, Period)>,
    /// The code.
    pub(super) code: String,
}

/// How many cells of the hidden sheet are kept: more than we write.
pub(super) const CELLS_KEPT: usize = 16;

/// Whether a hidden sheet is ours and read all the same.
pub(super) fn holds_code(name: &str) -> bool {
    name == CODE_SHEET
}

/// The code a file says; the workbook goes before the name.
pub(super) fn said(arrival: &Arrival, reading: &Reading) -> Option<CodeSaid> {
    let mut names = arrival.file_name.rsplit(WITHIN);
    let named = names.find_map(|name| Some((office_and_month(name)?, in_name(name))));
    let office_and_month = named.as_ref().map(|(of, _)| *of);
    let sheets = match reading {
        Reading::Sheets(sheets) => sheets.as_slice(),
        Reading::Unreadable { .. } => &[],
    };
    let within = sheets.iter().find_map(|read| in_sheet(&read.sheet));
    let (request, code) = match within {
        Some((request, code)) => (request, code),
        None => (None, named.and_then(|(_, code)| code)?),
    };
    Some(CodeSaid { request, named: office_and_month, code })
}

/// The label, the request and the code, side by side.
fn in_sheet(sheet: &Sheet) -> Option<(Option<ObligationKey>, String)> {
    let label = sheet
        .cells
        .iter()
        .position(|cell| matches!(&cell.value, CellValue::Text(text) if text == CODE_LABEL))?;
    let row = sheet.cells[label].row;
    let mut beside = sheet.cells[label + 1..].iter().take_while(|cell| cell.row == row);
    let text = |value: &CellValue| match value {
        CellValue::Text(text) => Some(text.trim().to_owned()),
        // Programs make numbers of digits.
        CellValue::Number(number) => Some(format!("{number:.0}")),
        _ => None,
    };
    let request = beside.next().and_then(|cell| text(&cell.value)?.parse().ok());
    Some((request, beside.next().and_then(|cell| text(&cell.value))?))
}

/// `7341` of `O57-2026-06-7341-月报告单.xlsx`.
fn in_name(name: &str) -> Option<String> {
    let mut parts = name.split(['-', '_', ' ', '.']).filter(|part| !part.is_empty());
    parts.find(|part| part.parse::<OfficeId>().is_ok())?;
    // Year and month come next.
    let code = parts.nth(2)?;
    (code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit())).then(|| code.to_owned())
}

impl CodeSaid {
    /// Whether it is the code of all these returns; where there are none, of the request it names.
    pub(super) fn proof(
        &self,
        returns: &[ObligationKey],
        named: Option<ObligationKey>,
        code: impl Fn(&ObligationKey) -> RequestCode,
    ) -> Proof {
        let one = self.request.or(named);
        let meant = if returns.is_empty() { one.as_slice() } else { returns };
        let fits = |key: &ObligationKey| code(key).is(&self.code);
        match !meant.is_empty() && meant.iter().all(fits) {
            true => Proof::Fits,
            false => Proof::Differs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_carry_the_code_behind_the_month() {
        for (name, code) in [
            ("O57-2026-06-7341-月报告单.xlsx", Some("7341")),
            ("O57_2026_06_7341.jpg", Some("7341")),
            ("O57-2026-06-月报告单.xlsx", None),
            ("O57-2026-06-73412.xlsx", None),
            ("7341.xlsx", None),
            ("O57.xlsx", None),
        ] {
            assert_eq!(in_name(name).as_deref(), code, "{name}");
        }
    }
}
