//! Going through the lines below the headings: which are data, and collecting what is wrong with
//! each.

use alloc::string::String;
use alloc::vec::Vec;

use super::grid::{Grid, Row};
use super::heading::{Column, Headings};
use super::refusal::{Refusal, Warning};
use super::{Accepted, Intake, Refused, Warned, text};
use crate::cell::CellValue;

/// Words with which a line below or among the data begins that is not data.
const REMARKS: &[&str] = &[
    "合计",
    "总计",
    "小计",
    "共计",
    "累计",
    "备注",
    "说明",
    "填表说明",
    "填报说明",
    "注",
    "注意",
    "填表人",
    "填报人",
    "制表",
    "制表人",
    "制表单位",
    "审核",
    "审核人",
    "负责人签字",
    "单位盖章",
    "盖章",
    "填表日期",
    "填报日期",
    "填报单位",
    "制表日期",
    "示例",
    "例",
    "样例",
    "填写示例",
    "以下空白",
    "以下无正文",
];

/// One line being read: gives values by field and keeps its faults and warnings.
pub(super) struct Line<'g, 'a, F> {
    grid: &'g Grid<'a>,
    headings: &'g Headings<F>,
    pub(super) row: Row<'g, 'a>,
    faults: Vec<(Option<u32>, Option<String>, Refusal)>,
    warnings: Vec<Warned>,
}

impl<'g, 'a, F: Copy + PartialEq> Line<'g, 'a, F> {
    pub(super) fn new(grid: &'g Grid<'a>, headings: &'g Headings<F>, row: Row<'g, 'a>) -> Self {
        Self { grid, headings, row, faults: Vec::new(), warnings: Vec::new() }
    }

    /// The first filled column of a field with its value.
    pub(super) fn cell(&self, field: F) -> Option<(&'g Column<F>, &'a CellValue)> {
        self.headings
            .columns
            .iter()
            .filter(|column| column.field == field)
            .find_map(|column| Some((column, self.grid.value(self.row, column.column)?)))
    }

    /// Reads a field that may be empty; a fault is kept and gives none.
    pub(super) fn optional<T>(
        &mut self,
        field: F,
        read: impl FnOnce(&CellValue) -> Result<T, Refusal>,
    ) -> Option<T> {
        let (column, value) = self.cell(field)?;
        match read(value) {
            Ok(value) => Some(value),
            Err(Refusal::ValueMissing) => None,
            Err(reason) => {
                self.faults.push((Some(column.column), Some(column.typed.clone()), reason));
                None
            }
        }
    }

    /// Reads a field that must be filled.
    pub(super) fn required<T>(
        &mut self,
        field: F,
        read: impl FnOnce(&CellValue) -> Result<T, Refusal>,
    ) -> Option<T> {
        let Some((column, value)) = self.cell(field) else {
            let column = self.headings.column(field);
            let heading = column.map(|column| column.typed.clone());
            self.faults.push((column.map(|c| c.column), heading, Refusal::ValueMissing));
            return None;
        };
        match read(value) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.faults.push((Some(column.column), Some(column.typed.clone()), reason));
                None
            }
        }
    }

    /// Keeps a fault of the column of `field`, or of the whole line.
    pub(super) fn fault(&mut self, field: Option<F>, reason: Refusal) {
        let column = field.and_then(|field| self.headings.column(field));
        self.faults.push((column.map(|c| c.column), column.map(|c| c.typed.clone()), reason));
    }

    /// Keeps a warning.
    pub(super) fn warn(&mut self, field: Option<F>, warning: Warning) {
        let column = field.and_then(|field| self.headings.column(field)).map(|c| c.column);
        self.warnings.push(Warned { place: self.grid.place(self.row.number, column), warning });
    }

    pub(super) fn is_faultless(&self) -> bool {
        self.faults.is_empty()
    }

    /// Puts the line among the accepted where it has no fault, else its faults among the refused.
    pub(super) fn finish<T>(mut self, row: Option<T>, intake: &mut Intake<T>) {
        let number = self.row.number;
        match row {
            Some(row) if self.faults.is_empty() => intake.accepted.push(Accepted {
                place: self.grid.place(number, None),
                row,
                warnings: self.warnings,
            }),
            _ => {
                self.faults.sort_by(|a, b| a.2.cmp(&b.2).then(a.0.cmp(&b.0)));
                let place = |column| self.grid.place(number, column);
                intake.refused.extend(self.faults.into_iter().map(|(column, heading, reason)| {
                    Refused { place: place(column), heading, reason }
                }));
            }
        }
    }
}

/// The rows below the headings that are data: no sums, no remarks, no headings printed again.
///
/// `identifying` are the fields of which a data line fills at least one.
pub(super) fn data_rows<'g, 'a, F: Copy + PartialEq>(
    grid: &'g Grid<'a>,
    headings: &'g Headings<F>,
    identifying: &'g [F],
) -> impl Iterator<Item = Row<'g, 'a>> {
    grid.rows().filter(move |row| {
        row.number > headings.last_row
            && !is_remark(*row)
            && !is_line_of_text(grid, *row)
            && !is_heading_again(headings, *row)
            && headings
                .columns
                .iter()
                .any(|c| identifying.contains(&c.field) && row.get(c.column).is_some())
    })
}

fn is_remark(row: Row<'_, '_>) -> bool {
    row.cells.iter().take(2).any(|cell| match &cell.value {
        CellValue::Text(typed) => {
            let tight = text::tight(typed);
            let word = tight.split([':', '：', '(', '。']).next().unwrap_or_default();
            // 注1, 合计4人
            let bare = word.trim_end_matches(['人', '名', '个', '条']);
            let bare = bare.trim_end_matches(|c: char| c.is_ascii_digit());
            REMARKS.contains(&word) || REMARKS.contains(&bare)
        }
        _ => false,
    })
}

/// One cell merged over several columns is a line of text, whatever column it begins in.
fn is_line_of_text(grid: &Grid<'_>, row: Row<'_, '_>) -> bool {
    match row.cells {
        [only] => grid.last_column(row.number, only.column) >= only.column.saturating_add(2),
        _ => false,
    }
}

fn is_heading_again<F>(headings: &Headings<F>, row: Row<'_, '_>) -> bool {
    let same = headings
        .columns
        .iter()
        .filter(|column| match row.get(column.column) {
            Some(CellValue::Text(typed)) => text::tight(typed) == column.typed,
            _ => false,
        })
        .count();
    same >= 2
}

/// Short text such as a name: plain, not empty, not an error, at most `max` characters.
pub(super) fn short_text(max: u32) -> impl Fn(&CellValue) -> Result<String, Refusal> {
    move |value| {
        if matches!(value, CellValue::Error(_)) {
            return Err(Refusal::CellIsError);
        }
        let shown = text::shown(value);
        if shown.is_empty() {
            return Err(Refusal::ValueMissing);
        }
        // More bytes than this cannot be few characters, and counting a megabyte is not needed.
        if shown.len() > max as usize * 4 || shown.chars().count() > max as usize {
            return Err(Refusal::TextTooLong { max });
        }
        Ok(shown)
    }
}

/// A name of a person or an office: short text with a letter in it.
pub(super) fn naming(max: u32) -> impl Fn(&CellValue) -> Result<String, Refusal> {
    move |value| {
        let name = short_text(max)(value)?;
        match name.chars().any(char::is_alphabetic) {
            true => Ok(name),
            false => Err(Refusal::NotAName),
        }
    }
}
