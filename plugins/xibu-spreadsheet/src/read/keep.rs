//! What a reader gives out, kept in memory: for a workbook that is written anew.

use xibu_plugin_sdk::cells::PackedValue;

use super::Stop;

/// The most cells kept.
const CELLS_MAX: usize = 500_000;
/// The most bytes of text kept.
const TEXT_BYTES_MAX: usize = 24 << 20;

/// The sheets of a file.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// In order.
    pub(crate) sheets: Vec<KeptSheet>,
    cells: usize,
    text_bytes: usize,
}

/// One of them.
#[derive(Debug, Default)]
pub(crate) struct KeptSheet {
    /// Its name.
    pub(crate) name: String,
    /// Whether the program hides it.
    pub(crate) hidden: bool,
    /// Row, column, value, in order.
    pub(crate) cells: Vec<(u32, u32, KeptValue)>,
    /// Merged rectangles.
    pub(crate) merges: Vec<[u32; 4]>,
}

/// What a cell holds.
#[derive(Debug)]
pub(crate) enum KeptValue {
    /// Text.
    Text(Box<str>),
    /// A number.
    Number(f64),
    /// A day as a serial.
    Date(f64),
    /// True or false.
    Boolean(bool),
    /// An error's word.
    Error(Box<str>),
}

impl Kept {
    pub(super) fn begin(&mut self, name: String, hidden: bool) {
        self.sheets.push(KeptSheet { name, hidden, ..KeptSheet::default() });
    }

    pub(super) fn cell(
        &mut self,
        row: u32,
        column: u32,
        value: PackedValue<'_>,
    ) -> Result<(), Stop> {
        self.cells += 1;
        let mut text = |text: &str| {
            self.text_bytes += text.len();
            Box::from(text)
        };
        let value = match value {
            PackedValue::Text(typed) => KeptValue::Text(text(typed)),
            PackedValue::Number(number) => KeptValue::Number(number),
            PackedValue::Date(serial) => KeptValue::Date(serial),
            PackedValue::Boolean(value) => KeptValue::Boolean(value),
            PackedValue::Error(word) => KeptValue::Error(text(word)),
        };
        if self.cells > CELLS_MAX || self.text_bytes > TEXT_BYTES_MAX {
            return Err(Stop::too_large("more cells than are written anew"));
        }
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.cells.push((row, column, value));
        }
        Ok(())
    }

    pub(super) fn end(&mut self, merges: Vec<[u32; 4]>) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.merges = merges;
        }
    }
}
