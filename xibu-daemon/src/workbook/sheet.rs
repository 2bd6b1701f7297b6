//! Putting cells on a sheet, a few words each. Only layout.

use xibu_plugin_abi::message::{CellOut, CellOutValue, Check, Choice, SheetOut, Style};

/// A sheet being filled.
pub(super) struct Draft {
    sheet: SheetOut,
}

impl Draft {
    pub(super) fn new(name: &str, widths: &[f64]) -> Self {
        let sheet =
            SheetOut { name: name.to_owned(), widths: widths.to_vec(), ..SheetOut::default() };
        Self { sheet }
    }

    pub(super) fn landscape(mut self) -> Self {
        self.sheet.landscape = true;
        self
    }

    pub(super) fn protected(mut self) -> Self {
        self.sheet.protected = true;
        self
    }

    pub(super) fn heading_rows(&mut self, rows: u32) {
        self.sheet.heading_rows = rows;
    }

    pub(super) fn cell(&mut self, row: u32, column: u32, value: CellOutValue, style: Style) {
        self.sheet.cells.push(CellOut { row, column, value, style, note: None });
    }

    pub(super) fn text(&mut self, row: u32, column: u32, text: impl Into<String>, style: Style) {
        self.cell(row, column, CellOutValue::Text(text.into()), style);
    }

    pub(super) fn noted(&mut self, row: u32, column: u32, text: &str, style: Style, note: &str) {
        self.sheet.cells.push(CellOut {
            row,
            column,
            value: CellOutValue::Text(text.to_owned()),
            style,
            note: (!note.is_empty()).then(|| note.to_owned()),
        });
    }

    /// A value over several columns of one row; the frame of the merged rest is drawn too.
    pub(super) fn wide(
        &mut self,
        row: u32,
        columns: (u32, u32),
        value: CellOutValue,
        style: Style,
    ) {
        let (first, last) = columns;
        self.cell(row, first, value, style);
        if last > first {
            for column in first + 1..=last {
                self.cell(row, column, CellOutValue::Blank, style);
            }
            self.sheet.merges.push([row, first, row, last]);
        }
    }

    pub(super) fn wide_text(&mut self, row: u32, columns: (u32, u32), text: &str, style: Style) {
        self.wide(row, columns, CellOutValue::Text(text.to_owned()), style);
    }

    pub(super) fn choice(
        &mut self,
        area: [u32; 4],
        options: impl IntoIterator<Item = impl Into<String>>,
    ) {
        let options = options.into_iter().map(Into::into).collect();
        self.sheet.choices.push(Choice { area, options });
    }

    pub(super) fn check(&mut self, check: Check) {
        self.sheet.checks.push(check);
    }

    pub(super) fn done(self) -> SheetOut {
        self.sheet
    }
}

/// A number where there is one, else an empty framed cell.
pub(super) fn number(value: Option<u32>) -> CellOutValue {
    value.map_or(CellOutValue::Blank, |value| CellOutValue::Number(f64::from(value)))
}

/// Text where there is some, else an empty framed cell.
pub(super) fn text_or_blank(value: Option<&str>) -> CellOutValue {
    value
        .filter(|v| !v.is_empty())
        .map_or(CellOutValue::Blank, |v| CellOutValue::Text(v.to_owned()))
}
