//! The sheet in front, as a part of a workbook that has looks of its own.
//!
//! What it is not: it writes cells, widths, merges and the page; drop-downs, checks and notes
//! belong to sheets of [`crate::write`].

use std::collections::BTreeMap;
use std::fmt::Write as _;

use xibu_plugin_sdk::message::{CellOut, CellOutValue, SheetOut, Style};

use super::edit::{cell_name, escaped};
use crate::write;

/// Which of the summary's looks a style is.
const fn look(style: Style) -> u32 {
    match style {
        Style::Body => 0,
        Style::Title => 1,
        Style::Heading => 2,
        Style::Wrong => 3,
        Style::Plain => 4,
        Style::Input | Style::Words => 5,
    }
}

/// The part, open in front; its looks begin at `first_look`.
pub(super) fn part(sheet: &SheetOut, first_look: u32) -> Vec<u8> {
    let mut part = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet \
         xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetPr><pageSetUpPr \
         fitToPage=\"1\"/></sheetPr><sheetViews><sheetView showGridLines=\"0\" tabSelected=\"1\" \
         workbookViewId=\"0\"/></sheetViews><sheetFormatPr defaultRowHeight=\"15\"/>",
    );
    if !sheet.widths.is_empty() {
        part.push_str("<cols>");
        for (number, width) in (1..).zip(&sheet.widths) {
            let width = width.clamp(1.0, 255.0);
            let _ = write!(
                part,
                "<col min=\"{number}\" max=\"{number}\" width=\"{width}\" customWidth=\"1\"/>"
            );
        }
        part.push_str("</cols>");
    }
    part.push_str("<sheetData>");
    let heights: BTreeMap<u32, f64> = write::heights(sheet).into_iter().collect();
    let mut rows: BTreeMap<u32, BTreeMap<u32, &CellOut>> = BTreeMap::new();
    for cell in &sheet.cells {
        rows.entry(cell.row).or_default().insert(cell.column, cell);
    }
    for (row, cells) in &rows {
        let _ = write!(part, "<row r=\"{}\"", row + 1);
        if let Some(height) = heights.get(row) {
            let _ = write!(part, " ht=\"{height}\" customHeight=\"1\"");
        }
        part.push('>');
        for cell in cells.values() {
            push(&mut part, cell, first_look + look(cell.style));
        }
        part.push_str("</row>");
    }
    part.push_str("</sheetData>");
    if sheet.protected {
        part.push_str("<sheetProtection sheet=\"1\" objects=\"1\" scenarios=\"1\"/>");
    }
    page(&mut part, sheet);
    part.into_bytes()
}

fn push(part: &mut String, cell: &CellOut, look: u32) {
    let name = cell_name(cell.row, cell.column);
    let text = match &cell.value {
        CellOutValue::Number(number) if number.is_finite() => {
            let _ = write!(part, "<c r=\"{name}\" s=\"{look}\"><v>{number}</v></c>");
            return;
        }
        CellOutValue::Number(_) | CellOutValue::Blank => "",
        CellOutValue::Text(text) | CellOutValue::Date(text) => text.as_str(),
    };
    let _ = match text {
        "" => write!(part, "<c r=\"{name}\" s=\"{look}\"/>"),
        text => write!(
            part,
            "<c r=\"{name}\" s=\"{look}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
            escaped(text)
        ),
    };
}

fn page(part: &mut String, sheet: &SheetOut) {
    let merges: Vec<&[u32; 4]> =
        sheet.merges.iter().filter(|merge| (merge[0], merge[1]) != (merge[2], merge[3])).collect();
    if !merges.is_empty() {
        let _ = write!(part, "<mergeCells count=\"{}\">", merges.len());
        for [first_row, first_column, last_row, last_column] in merges {
            let (first, last) =
                (cell_name(*first_row, *first_column), cell_name(*last_row, *last_column));
            let _ = write!(part, "<mergeCell ref=\"{first}:{last}\"/>");
        }
        part.push_str("</mergeCells>");
    }
    let orientation = if sheet.landscape { "landscape" } else { "portrait" };
    let _ = write!(
        part,
        "<printOptions horizontalCentered=\"1\"/><pageMargins left=\"0.6\" right=\"0.6\" \
         top=\"0.75\" bottom=\"0.75\" header=\"0.3\" footer=\"0.3\"/><pageSetup paperSize=\"9\" \
         orientation=\"{orientation}\" fitToHeight=\"0\"/></worksheet>"
    );
}
