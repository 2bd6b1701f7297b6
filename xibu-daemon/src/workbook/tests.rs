//! What is written can be read back, and says what it should.

use chrono::NaiveDate;
use xibu_core::cell::{Cell, CellValue, Merge, Sheet};
use xibu_core::incident::Incident;
use xibu_core::intake::{self, Refusal, SheetKind, report};
use xibu_core::returns::{Answer, Content};
use xibu_plugin_abi::message::{CellOutValue, SheetOut};

use super::*;
use xibu_core::office::OfficeId;

fn date(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, day).unwrap()
}

/// What a reader sees of a written sheet.
pub(crate) fn seen(sheet: &SheetOut) -> Sheet {
    let mut cells: Vec<Cell> = sheet
        .cells
        .iter()
        .filter_map(|cell| {
            let value = match &cell.value {
                CellOutValue::Text(text) if text.is_empty() => return None,
                CellOutValue::Text(text) => CellValue::Text(text.clone()),
                CellOutValue::Number(number) => CellValue::Number(*number),
                CellOutValue::Date(day) => CellValue::Text(day.clone()),
                CellOutValue::Blank => return None,
            };
            Some(Cell { row: cell.row, column: cell.column, value })
        })
        .collect();
    cells.sort_by_key(|cell| (cell.row, cell.column));
    let merges = sheet
        .merges
        .iter()
        .map(|[first_row, first_column, last_row, last_column]| Merge {
            first_row: *first_row,
            first_column: *first_column,
            last_row: *last_row,
            last_column: *last_column,
        })
        .collect();
    Sheet { name: sheet.name.clone(), cells, merges }
}

fn unit() -> UnitForm {
    UnitForm {
        office: OfficeId(123),
        name: "样例镇卫生院".into(),
        county: "样例区项目办".into(),
        period: Period::new(2026, 6).unwrap(),
        headcount: Some(12),
        contact: Some("某甲".into()),
        head: Some("某乙".into()),
        answers: None,
    }
}

#[test]
fn templates_are_recognised_as_what_they_are() {
    for (workbook, kind) in [
        (directory_template(), SheetKind::Directory),
        (roster_template(), SheetKind::Roster),
        (wishes_template(), SheetKind::Wishes),
        (unit_form(&unit()), SheetKind::Report),
    ] {
        let sheet = seen(&workbook.sheets[0]);
        assert_eq!(intake::recognise(&sheet).map(|seen| seen.kind), Some(kind));
    }
    let blank = seen(&roster_template().sheets[0]);
    let read = intake::roster::read(&blank);
    assert!(read.accepted.is_empty() && read.refused.is_empty(), "{:?}", read.refused);
    assert!(read.ignored_headings.is_empty(), "a heading of ours that we do not read");
    let read = intake::wishes::read(&seen(&wishes_template().sheets[0]));
    assert!(read.accepted.is_empty() && read.refused.is_empty(), "{:?}", read.refused);
    assert!(read.ignored_headings.is_empty(), "{:?}", read.ignored_headings);
}

#[test]
fn no_cell_stands_twice_and_merges_do_not_overlap() {
    for workbook in
        [directory_template(), roster_template(), unit_form(&unit()), consolidated(&county())]
    {
        let sheet = &workbook.sheets[0];
        let mut places: Vec<(u32, u32)> =
            sheet.cells.iter().map(|cell| (cell.row, cell.column)).collect();
        let count = places.len();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), count, "{}", sheet.name);
        let covered: Vec<(u32, u32)> = sheet
            .merges
            .iter()
            .flat_map(|m| (m[0]..=m[2]).flat_map(move |row| (m[1]..=m[3]).map(move |c| (row, c))))
            .collect();
        let mut once = covered.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), covered.len(), "{}", sheet.name);
    }
}

#[test]
fn an_untouched_form_is_no_return() {
    let read = report::read(&seen(&unit_form(&unit()).sheets[0]), date(20));
    let refused: Vec<_> = read.refused.iter().map(|one| &one.reason).collect();
    assert_eq!(refused, [&Refusal::NothingAnswered]);
    assert!(read.accepted.is_empty());
}

fn county() -> Consolidated {
    let incident = Incident {
        office: OfficeId(7),
        kind: IncidentKind::Traffic,
        occurred: date(9).and_hms_opt(15, 30, 0),
        persons: Some(1),
        measures_told: true,
        reference: None,
        kind_told: true,
        place_told: true,
    };
    let content = |accidents| Content {
        headcount: Some(12),
        accidents,
        health: Answer::Told(1),
        hazards: Answer::Nil,
        needs: Answer::Nil,
        stated_by: None,
        ..Content::default()
    };
    let line = |office, name: &str, content| UnitLine {
        office: OfficeId(office),
        name: name.into(),
        received_on: date(18),
        content,
    };
    Consolidated {
        office: OfficeId(3),
        name: "样例区项目办".into(),
        period: Period::new(2026, 6).unwrap(),
        lines: vec![
            line(7, "样例镇卫生院", Some(content(Answer::Told(vec![incident])))),
            line(8, "样例镇中心小学", Some(content(Answer::Nil))),
            line(9, "样例乡人民政府", None),
        ],
        silent: vec![(OfficeId(10), "样例乡农业服务中心".into())],
        stated_by: Some("某甲".into()),
        checked_by: None,
        head: Some("某乙".into()),
        filled_on: Some(date(25)),
    }
}

#[test]
fn a_consolidated_form_reads_back_with_its_sums() {
    let sheet = seen(&consolidated(&county()).sheets[0]);
    let read = report::read(&sheet, date(25));
    assert!(read.refused.is_empty(), "{:?}", read.refused);
    let row = &read.accepted[0].row;
    assert_eq!(
        (row.office_number, row.period.to_string().as_str()),
        (Some(OfficeId(3)), "2026-06")
    );
    assert_eq!(
        (row.headcount, &row.health, &row.hazards),
        (Some(24), &Answer::Told(2), &Answer::Nil)
    );
    let Answer::Told(told) = &row.accidents else { panic!("{:?}", row.accidents) };
    assert_eq!((told.len(), told[0].kind, told[0].persons), (1, IncidentKind::Traffic, Some(1)));
    assert_eq!(row.silent, ["样例乡农业服务中心"]);
    assert_eq!(row.stated_by.as_ref().map(|name| name.expose()), Some("某甲"));
    assert_eq!(row.filled_on, Some(date(25)));
}

#[test]
fn what_a_unit_left_empty_is_not_made_a_nil_by_the_county() {
    let mut form = county();
    if let Some(content) = &mut form.lines[1].content {
        content.needs = Answer::Unanswered;
    }
    let read = report::read(&seen(&consolidated(&form).sheets[0]), date(25));
    assert_eq!(read.accepted[0].row.needs, Answer::Unanswered);
    assert_eq!(read.accepted[0].row.hazards, Answer::Nil);
}

#[test]
fn months_and_days_have_no_empty_places() {
    assert_eq!(month_text(Period::new(2026, 6).unwrap()), "2026年6月");
    assert_eq!(day_text(date(5)), "2026年6月5日");
}
