//! What is written can be read back, and says what it should.

use chrono::NaiveDate;
use xibu_core::cell::{Cell, CellValue, Merge, Sheet};
use xibu_core::consolidation::{
    Amendment, Column, Confirmation, Consolidation, Figures, IncidentLine, State, Sums, UnitLine,
};
use xibu_core::incident::Incident;
use xibu_core::intake::{self, Refusal, SheetKind, report};
use xibu_core::returns::{Answer, Content};
use xibu_plugin_abi::message::{CellOutValue, SheetOut};

use super::*;
use xibu_core::obligation::Timeliness;
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

fn content(accidents: Answer<Vec<Incident>>) -> Content {
    Content {
        headcount: Some(12),
        accidents,
        health: Answer::Told(1),
        hazards: Answer::Nil,
        needs: Answer::Nil,
        stated_by: None,
        ..Content::default()
    }
}

fn accident() -> Incident {
    Incident {
        office: OfficeId(7),
        kind: IncidentKind::Traffic,
        occurred: date(9).and_hms_opt(15, 30, 0),
        persons: Some(1),
        measures_told: true,
        reference: None,
        kind_told: true,
        place_told: true,
    }
}

/// A county of four units: one with an accident, one nil, one that nobody could read, one silent.
fn county() -> Consolidated {
    let line = |office, state, content: Option<Content>| UnitLine {
        office: OfficeId(office),
        not_owed: None,
        state,
        received_at: (state != State::Silent).then(|| date(18).and_hms_opt(9, 0, 0).unwrap()),
        timeliness: (state != State::Silent).then_some(Timeliness::OnTime),
        content,
    };
    let units = vec![
        line(7, State::In, Some(content(Answer::Told(vec![accident()])))),
        line(8, State::In, Some(content(Answer::Nil))),
        line(9, State::Held, None),
        line(10, State::Silent, None),
    ];
    let names = ["样例镇卫生院", "样例镇中心小学", "样例乡人民政府", "样例乡农业服务中心"];
    let unit_names = (7..).map(OfficeId).zip(names.map(str::to_owned)).collect();
    Consolidated {
        consolidation: of(units),
        name: "样例区项目办".into(),
        unit_names,
        amended: None,
        signatures: Signatures {
            stated_by: Some("某甲".into()),
            checked_by: None,
            head: Some("某乙".into()),
            filled_on: Some(date(25)),
        },
        at: date(25).and_hms_opt(10, 0, 0).unwrap(),
    }
}

/// What is added up, of these units.
fn of(units: Vec<UnitLine>) -> Consolidation {
    let accident = accident();
    Consolidation {
        county: OfficeId(3),
        period: Period::new(2026, 6).unwrap(),
        sums: Sums::of(units.iter().filter_map(|unit| unit.content.as_ref())),
        units,
        not_owing: Vec::new(),
        incidents: vec![IncidentLine {
            office: accident.office,
            number: None,
            kind: accident.kind,
            at: accident.occurred,
            persons: accident.persons,
            measures_told: true,
            in_return: true,
        }],
        figures: Figures { expected: 4, came: 2, held: 1, silent: 1, ..Figures::default() },
        version: "0123456789abcdef".parse().unwrap(),
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
    let mut units = form.consolidation.units;
    if let Some(content) = &mut units[1].content {
        content.needs = Answer::Unanswered;
    }
    form.consolidation = of(units);
    let read = report::read(&seen(&consolidated(&form).sheets[0]), date(25));
    assert_eq!(read.accepted[0].row.needs, Answer::Unanswered);
    assert_eq!(read.accepted[0].row.hazards, Answer::Nil);
}

#[test]
fn what_the_county_amended_stands_in_its_summary_with_the_reason() {
    let mut form = county();
    let amendments = vec![
        Amendment { column: Column::Headcount, from: Some(24), to: 35 },
        Amendment { column: Column::Health, from: Some(2), to: 0 },
    ];
    let (by, at, version) = (None, form.at, form.consolidation.version);
    let reason = Some("漏计支教点".to_owned());
    form.amended = Some(Confirmation { by, at, version, amendments, reason });
    let sheet = seen(&consolidated(&form).sheets[0]);
    let read = report::read(&sheet, date(25));
    assert!(read.refused.is_empty(), "{:?}", read.refused);
    let row = &read.accepted[0].row;
    assert_eq!((row.headcount, &row.health), (Some(35), &Answer::Nil));
    let said = "在岗人数由24改为35，患病、健康情况由2改为0。原因：漏计支教点";
    assert!(sheet.cells.iter().any(|cell| cell.value == CellValue::Text(said.into())));
}

#[test]
fn months_and_days_have_no_empty_places() {
    assert_eq!(month_text(Period::new(2026, 6).unwrap()), "2026年6月");
    assert_eq!(day_text(date(5)), "2026年6月5日");
}
