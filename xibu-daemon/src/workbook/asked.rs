//! A form as it is sent to one office for one month: with the office's people, and the code of the
//! request in a hidden cell. Its twin is the same as .csv.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use xibu_core::obligation::ObligationKey;
use xibu_core::office::OfficeId;
use xibu_core::person::PersonId;
use xibu_core::world::World;
use xibu_plugin_abi::message::{CellOutValue, Check, SheetOut, Style, Takes, Workbook};

use super::month_text;
use super::sheet::Draft;

/// The hidden sheet with the code.
pub const CODE_SHEET: &str = "请求编号";
/// What stands before the request and its code.
pub const CODE_LABEL: &str = "请求编号";

/// To whom and for what a form goes.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The request.
    pub key: ObligationKey,
    /// Its code.
    pub code: String,
    /// The volunteers who serve there, by our own number and name.
    pub people: Vec<(PersonId, String)>,
}

impl Asked {
    /// `O57-2026-06-7341-月报告单`: so that even an answer that nobody can read says whose it is.
    pub fn stem(&self) -> String {
        format!("{}-{}-{}-月报告单", self.key.debtor, self.key.period, self.code)
    }
}

/// Who serves at a unit on a date, by number.
pub fn people_of(world: &World, unit: OfficeId, date: NaiveDate) -> Vec<PersonId> {
    let serving = world.services_at(unit).iter().filter(|one| one.validity.contains(date));
    let people: BTreeSet<PersonId> = serving.map(|service| service.person).collect();
    people.into_iter().collect()
}

/// The form with the people's sheet and the code.
pub fn asked(mut form: Workbook, asked: &Asked) -> Workbook {
    if !asked.people.is_empty() {
        form.sheets.push(people(asked));
    }
    let mut code = Draft::new(CODE_SHEET, &[12.0, 40.0, 10.0]).protected();
    for (column, text) in (0_u32..).zip(code_line(asked)) {
        code.text(0, column, text, Style::Plain);
    }
    let mut code = code.done();
    code.hidden = true;
    form.sheets.push(code);
    form
}

fn code_line(asked: &Asked) -> [String; 3] {
    [CODE_LABEL.to_owned(), asked.key.to_string(), asked.code.clone()]
}

/// Nothing is filled in here: who is missing or too many is written into the form.
fn people(asked: &Asked) -> SheetOut {
    let mut draft = Draft::new("在岗人员", &[8.0, 14.0, 20.0]).protected();
    let title = format!("{}{}在岗志愿者", asked.key.debtor, month_text(asked.key.period));
    draft.wide_text(0, (0, 2), &title, Style::Title);
    draft.wide_text(
        1,
        (0, 2),
        "本办花名册所记，供核对在岗人数。本页不用填；有出入的写在月报告单的“备注”栏。",
        Style::Plain,
    );
    for (column, heading) in (0_u32..).zip(["序号", "人员编号", "人员"]) {
        draft.text(2, column, heading, Style::Heading);
    }
    for (index, (person, name)) in (0_u32..).zip(&asked.people) {
        let row = 3 + index;
        draft.cell(row, 0, CellOutValue::Number(f64::from(index + 1)), Style::Body);
        draft.text(row, 1, person.to_string(), Style::Body);
        draft.text(row, 2, name.clone(), Style::Body);
    }
    draft.heading_rows(3);
    draft.done()
}

/// A check of whole numbers.
pub(super) fn whole(area: [u32; 4]) -> Check {
    let message = "请填整数，没有请填0".to_owned();
    Check { area, takes: Takes::Whole { min: 0, max: 100_000 }, message }
}

/// A check of days.
pub(super) fn day(area: [u32; 4]) -> Check {
    let (first, last) = ("2009-05-01".to_owned(), "2099-12-31".to_owned());
    let message = "请填日期，如2026-06-25".to_owned();
    Check { area, takes: Takes::Day { first, last }, message }
}

/// The form as lines of .csv, with the code on the last: for programs that take nothing else.
/// Begins with a mark by which spreadsheets know the encoding.
pub fn twin(form: &Workbook, asked: &Asked) -> String {
    let mut text = String::from("\u{feff}");
    let sheet = form.sheets.first();
    let mut rows: BTreeMap<u32, BTreeMap<u32, String>> = BTreeMap::new();
    for cell in sheet.into_iter().flat_map(|sheet| &sheet.cells) {
        let shown = match &cell.value {
            CellOutValue::Text(text) | CellOutValue::Date(text) => text.clone(),
            CellOutValue::Number(number) => number.to_string(),
            CellOutValue::Blank => continue,
        };
        rows.entry(cell.row).or_default().insert(cell.column, shown);
    }
    for cells in rows.values() {
        let last = cells.keys().next_back().copied().unwrap_or(0);
        let line = (0..=last).map(|column| cells.get(&column).map_or("", String::as_str));
        push(&mut text, line);
    }
    let code = code_line(asked);
    push(&mut text, code.iter().map(String::as_str));
    text
}

fn push<'c>(text: &mut String, cells: impl Iterator<Item = &'c str>) {
    let quoted = |cell: &str| match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    };
    let line: Vec<String> = cells.map(quoted).collect();
    text.push_str(&line.join(","));
    text.push_str("\r\n");
}
