//! Rows of a workbook that we answered with ids hidden, come back as we sent them: they are not
//! read again, since the id that says whose they are is not there.
//!
//! What it is not: it never takes a row. Who wants one changed is told to write the id out.

use xibu_core::cell::{CellValue, Place, Sheet};
use xibu_core::intake::SheetKind;

use super::{Finding, ReadSheet};

/// The rows that were left out of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HiddenIds {
    /// The first of them, as the program shows it.
    row: u32,
    column: u32,
    count: usize,
}

/// The sheet without its rows whose id is hidden; none where there are no such rows.
pub(super) fn without(
    read: &ReadSheet,
    kind: SheetKind,
    ids: Option<&(u32, Vec<u32>)>,
) -> Option<(Sheet, HiddenIds)> {
    let (first, columns) = ids.filter(|_| kind == SheetKind::Roster)?;
    let is_id = |row: u32, column: u32| row >= *first && columns.contains(&column);
    let hidden = read.sheet.cells.iter().filter(|cell| {
        is_id(cell.row, cell.column)
            && matches!(&cell.value, CellValue::Text(text) if is_hidden(text))
    });
    let rows: Vec<(u32, u32)> = hidden.map(|cell| (cell.row, cell.column)).collect();
    let (row, column) = *rows.first()?;
    let mut sheet = read.sheet.clone();
    // Cells come by row, and so do the rows.
    sheet.cells.retain(|cell| rows.binary_search_by_key(&cell.row, |(row, _)| *row).is_err());
    Some((sheet, HiddenIds { row: row + 1, column, count: rows.len() }))
}

/// Stars, and four places of an id.
fn is_hidden(text: &str) -> bool {
    let stars = text.bytes().take_while(|byte| *byte == b'*').count();
    let rest = &text[stars..];
    stars >= 5 && rest.len() == 4 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl HiddenIds {
    /// One word for all of them, at the first.
    pub(super) fn finding(&self, sheet: &str) -> Finding {
        let Self { row, column, count } = *self;
        let mut letters = String::new();
        let mut rest = u64::from(column) + 1;
        while rest > 0 {
            letters.insert(0, char::from(b'A' + ((rest - 1) % 26) as u8));
            rest = (rest - 1) / 26;
        }
        let text = format!(
            "从这里起有{count}行的身份证号是隐去的，没有再读：以前收下的不变，以前退回的请填全18位号码再发"
        );
        Finding {
            reason: "rows_with_hidden_id_not_read".to_owned(),
            heading: None,
            only_warning: true,
            message_zh: format!("工作表“{sheet}”第{row}行{letters}列：{text}"),
            message_en: format!(
                "sheet `{sheet}`, row {row}, column {letters}: from here on {count} rows have a \
                 hidden id and are not read again: what was taken before stays; where a row was \
                 refused before, write the 18 places out"
            ),
            text_zh: text,
            place: Place { sheet: sheet.to_owned(), row, column: Some(letters) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_id_is_stars_and_four_places() {
        for (text, expected) in [
            ("**************0016", true),
            ("*************001X", true),
            ("****0016", false),
            ("999999200001010016", false),
            ("**************", false),
            ("*****号码不明", false),
            ("", false),
        ] {
            assert_eq!(is_hidden(text), expected, "{text}");
        }
    }
}
