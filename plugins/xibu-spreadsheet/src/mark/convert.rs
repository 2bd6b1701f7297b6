//! Cells of any other format as a new .xlsx, which is then marked like every .xlsx.

use std::collections::BTreeMap;

use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError,
};

use crate::read::{Kept, KeptSheet, KeptValue, Stop};

/// The most cells under a merge that are drawn.
const MERGED_CELLS_MAX: u64 = 10_000;
/// Rows whose words say how wide a column is.
const ROWS_MEASURED: u32 = 300;

/// The new workbook, and what each sheet is called in it.
pub(super) fn workbook(kept: &Kept) -> Result<(Vec<u8>, BTreeMap<String, String>), Stop> {
    let names = names(&kept.sheets);
    let renamed = kept.sheets.iter().zip(&names);
    let renamed = renamed.map(|(sheet, name)| (sheet.name.clone(), name.clone())).rev().collect();
    match made(kept, &names) {
        Ok(bytes) => Ok((bytes, renamed)),
        // Its own words may quote the file.
        Err(_) => Err(Stop::damaged("what was read cannot be written as a workbook")),
    }
}

/// Names that a workbook takes: short, without certain signs, each once.
fn names(sheets: &[KeptSheet]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (index, sheet) in sheets.iter().enumerate() {
        let fits = |c: &char| !"[]:*?/\\'".contains(*c) && !c.is_control();
        let mut name: String = sheet.name.chars().filter(fits).take(24).collect();
        let lower = name.to_lowercase();
        if lower.is_empty() || lower == "history" || names.iter().any(|n| n.to_lowercase() == lower)
        {
            name = format!("{name}({})", index + 1);
        }
        names.push(name);
    }
    names
}

fn made(kept: &Kept, names: &[String]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let created = ExcelDateTime::from_ymd(2009, 5, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let opens_on = kept.sheets.iter().position(|sheet| !sheet.hidden).unwrap_or(0);
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let time = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let error = Format::new().set_font_color(Color::Red);
    for (index, (sheet, name)) in kept.sheets.iter().zip(names).enumerate() {
        let page = book.add_worksheet();
        page.set_name(name)?;
        merge(page, sheet);
        for (row, column, value) in &sheet.cells {
            let Ok(column) = u16::try_from(*column) else { continue };
            match value {
                KeptValue::Text(text) => {
                    let text: String = text.chars().take(32_767).collect();
                    page.write_string(*row, column, text)?
                }
                KeptValue::Number(number) if number.is_finite() => {
                    page.write_number(*row, column, *number)?
                }
                KeptValue::Number(_) => continue,
                KeptValue::Date(serial) if serial.is_finite() => {
                    let format = if serial.fract() == 0.0 { &day } else { &time };
                    page.write_number_with_format(*row, column, *serial, format)?
                }
                KeptValue::Date(_) => continue,
                KeptValue::Boolean(value) => page.write_boolean(*row, column, *value)?,
                KeptValue::Error(word) => {
                    page.write_string_with_format(*row, column, &**word, &error)?
                }
            };
        }
        for (column, width) in widths(sheet) {
            page.set_column_width(column, width)?;
        }
        if index == opens_on {
            page.set_active(true);
        } else if sheet.hidden {
            page.set_hidden(true);
        }
    }
    book.save_to_buffer()
}

/// Merges that overlap or are too large to draw are left out: the words stand in the first cell.
fn merge(page: &mut Worksheet, sheet: &KeptSheet) {
    let plain = Format::new();
    for [first_row, first_column, last_row, last_column] in &sheet.merges {
        let cells = u64::from(last_row.saturating_sub(*first_row) + 1)
            * u64::from(last_column.saturating_sub(*first_column) + 1);
        let (Ok(first), Ok(last)) = (u16::try_from(*first_column), u16::try_from(*last_column))
        else {
            continue;
        };
        if (2..=MERGED_CELLS_MAX).contains(&cells) {
            let _ = page.merge_range(*first_row, first, *last_row, last, "", &plain);
        }
    }
}

fn widths(sheet: &KeptSheet) -> BTreeMap<u16, f64> {
    let mut widths: BTreeMap<u16, f64> = BTreeMap::new();
    for (row, column, value) in &sheet.cells {
        let Ok(column) = u16::try_from(*column) else { continue };
        if *row > ROWS_MEASURED {
            break;
        }
        let width = match value {
            KeptValue::Text(text) => {
                let shown = text.chars().take(60).map(|c| if c.is_ascii() { 1.1 } else { 2.2 });
                shown.sum::<f64>() + 1.0
            }
            _ => 11.0,
        };
        let kept = widths.entry(column).or_insert(8.43);
        *kept = kept.max(width.min(40.0));
    }
    widths
}
