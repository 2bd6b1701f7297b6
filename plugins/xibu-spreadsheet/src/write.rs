//! Sheets to .xlsx, meant for A4 paper: framed cells, repeated headings, protection, drop-downs,
//! notes. To .docx: [`docx`].
//!
//! The same workbook gives the same bytes: the creation time inside is fixed.

use std::collections::HashMap;

use rust_xlsxwriter::{
    DataValidation, DataValidationRule, DocProperties, ExcelDateTime, Format, Note,
    ProtectionOptions, Workbook as Book, Worksheet, XlsxError,
};
use xibu_plugin_sdk::NotDone;
use xibu_plugin_sdk::message::{CellOut, CellOutValue, Check, SheetOut, Style, Takes, Workbook};

use self::style::Styles;

pub(crate) mod docx;
mod style;

/// The paper size A4, by the format's own number.
const A4: u8 = 9;

pub(crate) fn write(workbook: &Workbook) -> Result<Vec<u8>, NotDone> {
    make(workbook).map_err(NotDone::because)
}

fn make(workbook: &Workbook) -> Result<Vec<u8>, XlsxError> {
    let mut book = Book::new();
    let created = ExcelDateTime::from_ymd(2009, 5, 1)?;
    let mut properties = DocProperties::new().set_creation_datetime(&created);
    if let Some(title) = workbook.properties.get("title") {
        properties = properties.set_title(title);
    }
    book.set_properties(&properties);
    let styles = Styles::new();
    // A workbook opens on its active sheet, and an active sheet cannot be hidden.
    let opens_on = workbook.sheets.iter().position(|sheet| !sheet.hidden);
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        let page = book.add_worksheet();
        write_sheet(page, sheet, &styles)?;
        if opens_on == Some(index) {
            page.set_active(true);
        }
    }
    book.save_to_buffer()
}

fn write_sheet(page: &mut Worksheet, sheet: &SheetOut, styles: &Styles) -> Result<(), XlsxError> {
    page.set_name(&sheet.name)?;
    for (column, width) in (0_u16..).zip(&sheet.widths) {
        page.set_column_width(column, *width)?;
    }
    set_up_print(page, sheet)?;
    let first_cells: HashMap<(u32, u32), Style> =
        sheet.cells.iter().map(|cell| ((cell.row, cell.column), cell.style)).collect();
    for [first_row, first_column, last_row, last_column] in &sheet.merges {
        if (first_row, first_column) == (last_row, last_column) {
            continue;
        }
        let style = first_cells.get(&(*first_row, *first_column)).copied().unwrap_or_default();
        let (first, last) = (narrow(*first_column)?, narrow(*last_column)?);
        page.merge_range(*first_row, first, *last_row, last, "", styles.of(style))?;
    }
    for cell in &sheet.cells {
        let of = |check: &&Check| {
            let [first_row, first_column, last_row, last_column] = check.area;
            (first_row..=last_row).contains(&cell.row)
                && (first_column..=last_column).contains(&cell.column)
        };
        let check = sheet.checks.iter().find(of).filter(|_| cell.style == Style::Input);
        let format = check.map_or(styles.of(cell.style), |check| styles.checked(&check.takes));
        write_cell(page, cell, format, styles)?;
    }
    for (row, height) in heights(sheet) {
        page.set_row_height(row, height)?;
    }
    for choice in &sheet.choices {
        let [first_row, first_column, last_row, last_column] = choice.area;
        let list = DataValidation::new().allow_list_strings(&choice.options)?;
        page.add_data_validation(
            first_row,
            narrow(first_column)?,
            last_row,
            narrow(last_column)?,
            &list,
        )?;
    }
    for check in &sheet.checks {
        let [first_row, first_column, last_row, last_column] = check.area;
        let (first, last) = (narrow(first_column)?, narrow(last_column)?);
        page.add_data_validation(first_row, first, last_row, last, &validation(check)?)?;
    }
    if sheet.protected {
        let allowed = ProtectionOptions {
            format_columns: true,
            format_rows: true,
            sort: true,
            ..ProtectionOptions::default()
        };
        page.protect_with_options(&allowed);
    }
    page.set_hidden(sheet.hidden);
    Ok(())
}

fn validation(check: &Check) -> Result<DataValidation, XlsxError> {
    let validation = match &check.takes {
        Takes::Whole { min, max } => {
            DataValidation::new().allow_whole_number(DataValidationRule::Between(*min, *max))
        }
        Takes::Day { first, last } => {
            let day = ExcelDateTime::parse_from_str;
            DataValidation::new().allow_date(DataValidationRule::Between(day(first)?, day(last)?))
        }
    };
    // 255 characters are the program's own limit.
    let message: String = check.message.chars().take(200).collect();
    validation.set_error_title("请核对")?.set_error_message(message)
}

fn set_up_print(page: &mut Worksheet, sheet: &SheetOut) -> Result<(), XlsxError> {
    page.set_paper_size(A4);
    if sheet.landscape {
        page.set_landscape();
    }
    // Left, right, top, bottom, header, footer, in inches.
    page.set_margins(0.6, 0.6, 0.75, 0.75, 0.3, 0.3);
    page.set_print_center_horizontally(true);
    page.set_print_fit_to_pages(1, 0);
    page.set_footer("&C&\"宋体\"&9第&P页 共&N页");
    if let Some(last) = sheet.heading_rows.checked_sub(1) {
        page.set_repeat_rows(0, last)?;
        page.set_freeze_panes(sheet.heading_rows, 0)?;
    }
    Ok(())
}

fn write_cell(
    page: &mut Worksheet,
    cell: &CellOut,
    format: &Format,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let (row, column) = (cell.row, narrow(cell.column)?);
    match &cell.value {
        CellOutValue::Text(text) if text.is_empty() => page.write_blank(row, column, format)?,
        CellOutValue::Text(text) => page.write_string_with_format(row, column, text, format)?,
        CellOutValue::Number(number) => {
            page.write_number_with_format(row, column, *number, format)?
        }
        CellOutValue::Date(day) => {
            let day = ExcelDateTime::parse_from_str(day)?;
            page.write_datetime_with_format(row, column, &day, styles.date_of(cell.style))?
        }
        CellOutValue::Blank => page.write_blank(row, column, format)?,
    };
    if let Some(text) = &cell.note {
        page.insert_note(
            row,
            column,
            &Note::new(text).set_author("xibu").add_author_prefix(false),
        )?;
    }
    Ok(())
}

fn narrow(column: u32) -> Result<u16, XlsxError> {
    u16::try_from(column).map_err(|_| XlsxError::RowColumnLimitError)
}

/// Heights of the rows that need more than one line; programs do not widen merged cells by
/// themselves.
pub(crate) fn heights(sheet: &SheetOut) -> Vec<(u32, f64)> {
    const DEFAULT_WIDTH: f64 = 8.43;
    let mut lines: HashMap<u32, f64> = HashMap::new();
    let widest: HashMap<(u32, u32), u32> =
        sheet.merges.iter().map(|merge| ((merge[0], merge[1]), merge[3])).collect();
    let tall: Vec<&[u32; 4]> = sheet.merges.iter().filter(|m| m[2] > m[0]).collect();
    for cell in &sheet.cells {
        let text = match &cell.value {
            CellOutValue::Text(text) => text.as_str(),
            // A field to be filled in by hand needs room, too.
            _ if cell.style == Style::Input => "",
            _ => continue,
        };
        if tall.iter().any(|m| (m[0], m[1]) == (cell.row, cell.column)) {
            continue;
        }
        let last = widest.get(&(cell.row, cell.column)).copied().unwrap_or(cell.column);
        let width: f64 = (cell.column..=last)
            .map(|column| sheet.widths.get(column as usize).copied().unwrap_or(DEFAULT_WIDTH))
            .sum();
        let needed: f64 =
            text.split('\n').map(|line| (shown_width(line) / width.max(1.0)).ceil().max(1.0)).sum();
        let height = match cell.style {
            Style::Title => 30.0,
            Style::Input => 22.0_f64.max(15.0 * needed),
            _ => 20.0_f64.max(15.0 * needed),
        };
        let kept = lines.entry(cell.row).or_insert(height);
        *kept = kept.max(height).min(400.0);
    }
    let mut heights: Vec<(u32, f64)> = lines.into_iter().collect();
    heights.sort_by_key(|(row, _)| *row);
    heights
}

/// Width in columns' own unit: a Chinese character takes two.
fn shown_width(line: &str) -> f64 {
    line.chars().map(|c| if c.is_ascii() { 1.1 } else { 2.2 }).sum()
}
