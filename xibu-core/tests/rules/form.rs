//! The form as data: a field that a form adds is read, kept, checked, compared, summed up and
//! shown, and no code changes for it.

use chrono::NaiveDate;
use xibu_core::cell::{Cell, CellValue, Sheet};
use xibu_core::change::Change;
use xibu_core::check::{Context, Units, check, sum};
use xibu_core::explain::{Language, Sentence, explain_obligation};
use xibu_core::form::{FieldKind, Form, FormCheck, FormField, FormPlace, Forms, Need, Severity};
use xibu_core::intake::report::{self, ReportRow};
use xibu_core::intake::{Intake, recognise_by};
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::parameter::Rulebook;
use xibu_core::person::PersonId;
use xibu_core::returns::{FieldValue, PostState, ReturnVersion};

use super::check::lines;
use crate::house::*;

fn field(key: &str, label: &str, kind: FieldKind) -> FormField {
    FormField {
        key: key.into(),
        section: String::new(),
        label: label.into(),
        synonyms: Vec::new(),
        kind,
        measure: String::new(),
        options: Vec::new(),
        columns: Vec::new(),
        filled_by: vec![OfficeKind::Unit, OfficeKind::County],
        need: Need::May,
        carries_over: false,
        help: String::new(),
    }
}

/// A city's form from June on: one field of each kind more, and two checks.
fn heat() -> Form {
    let mut form = Form { version: 2, from: "2026-06".parse().unwrap(), ..Form::built_in() };
    form.fields.extend([
        FormField {
            need: Need::Must, ..field("heat_days", "高温停工天数", FieldKind::Count)
        },
        FormField { carries_over: true, ..field("complaints", "投诉", FieldKind::Cases) },
        field("insured", "是否参保", FieldKind::YesNo),
        FormField {
            filled_by: vec![OfficeKind::Unit],
            ..field("cooling", "防暑措施", FieldKind::Text)
        },
        field("trained_on", "培训日期", FieldKind::Day),
        FormField {
            options: vec!["租房".into(), "单位宿舍".into()],
            ..field("housing", "住宿方式", FieldKind::Choice)
        },
        FormField {
            columns: vec![
                FormField { need: Need::Must, ..field("visited", "走访对象", FieldKind::Text) },
                field("visits", "走访次数", FieldKind::Count),
            ],
            ..field("care", "走访慰问", FieldKind::Lines)
        },
    ]);
    form.checks.push(FormCheck {
        name: "heat_needs_cooling".into(),
        about: "cooling".into(),
        when: Some("heat_days > 0".into()),
        must: None,
        fill: vec!["cooling".into()],
        severity: Severity::Error,
        say: Sentence {
            zh: "有高温停工的，请写明防暑措施".into(), en: "say what was done".into()
        },
    });
    form.checks.push(FormCheck {
        name: "no_more_heat_than_days".into(),
        about: "heat_days".into(),
        when: None,
        must: Some("heat_days <= 31".into()),
        fill: vec![],
        severity: Severity::Error,
        say: Sentence {
            zh: "天数多于一个月，请核对".into(), en: "more than a month".into()
        },
    });
    form
}

fn forms() -> Forms {
    Forms::built_in().with(heat()).unwrap()
}

fn sheet(rows: &[&[&str]]) -> Sheet {
    let cells = (0..).zip(rows).flat_map(|(row, texts)| {
        (0..).zip(*texts).filter(|(_, text)| !text.is_empty()).map(move |(column, text)| Cell {
            row,
            column,
            value: CellValue::Text((*text).to_owned()),
        })
    });
    Sheet { name: "表".into(), cells: cells.collect(), merges: vec![] }
}

fn read(rows: &[&[&str]]) -> Intake<ReportRow> {
    let received = NaiveDate::from_ymd_opt(2026, 6, 22).unwrap();
    report::read_by(&forms(), &sheet(rows), received)
}

const FILLED: &[&[&str]] = &[
    &["填报单位", "三", "单位编号", "O3", "报告月份", "2026年6月"],
    &["在岗人数", "1", "本月到岗人数", "0", "本月离岗人数", "0"],
    &["安全、健康事故", "无"],
    &["患病、健康情况", "无", "隐患及整改", "无", "困难和诉求", "无"],
    &["高温停工天数", "4", "是否参保", "是", "住宿方式", "单位宿舍"],
    &["培训日期", "2026-06-03", "投诉", "2件，已答复"],
    &["防暑措施", "发放藿香正气水，调整作息"],
    &["走访慰问"],
    &["走访对象", "走访次数"],
    &["张三", "2"],
    &["", "1"],
    &["填报人：某甲"],
];

#[test]
fn a_field_that_a_form_adds_is_read_by_its_kind() {
    assert!(recognise_by(&forms(), &sheet(FILLED)).is_some());
    let intake = read(FILLED);
    assert!(intake.refused.is_empty(), "{:?}", intake.refused);
    let row = &intake.accepted[0].row;
    let value = |key: &str| row.extra.get(key).cloned();
    let count = FieldValue::Count;
    assert_eq!(value("heat_days"), Some(count(4)));
    assert_eq!(value("complaints"), Some(count(2)));
    assert_eq!(value("insured"), Some(FieldValue::YesNo(true)));
    assert_eq!(value("cooling"), Some(FieldValue::Told));
    assert_eq!(value("trained_on"), Some(FieldValue::Day(date("2026-06-03"))));
    assert_eq!(value("housing"), Some(FieldValue::Choice("单位宿舍".into())));
    assert_eq!(value("arrivals"), Some(count(0)));
    let Some(FieldValue::Lines(care)) = value("care") else { panic!("{:?}", value("care")) };
    assert_eq!((care.len(), care[0].get("visits")), (2, Some(&count(2))));
    // Words may speak of a person: they are notes, and history has none of them.
    let history = serde_json::to_string(&row.content(UNIT, None)).unwrap();
    assert!(!history.contains("张三") && !history.contains("藿香"), "{history}");
    let notes: Vec<(&str, &str)> =
        row.notes.iter().map(|note| (note.section.name(), note.text.expose())).collect();
    assert!(notes.contains(&("cooling", "发放藿香正气水,调整作息")), "{notes:?}");
    assert!(notes.contains(&("care", "张三")), "{notes:?}");
    let place = |key: &str, line| {
        let place = &row.places[&(key.to_owned(), line)];
        format!("{}{}", place.column.clone().unwrap_or_default(), place.row)
    };
    assert_eq!((place("heat_days", None), place("care", Some(1))), ("B5".into(), "B11".into()));
}

#[test]
fn a_cell_of_the_wrong_kind_is_refused_at_its_place() {
    #[track_caller]
    fn check(label: &str, typed: &str, expected: &[&str]) {
        let rows: Vec<Vec<&str>> = vec![
            vec!["单位编号", "O3", "报告月份", "2026年6月"],
            vec!["安全、健康事故", "无"],
            vec![label, typed],
        ];
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        let found: Vec<String> = read(&rows)
            .refused
            .iter()
            .map(|one| {
                let place = &one.place;
                let reason = serde_json::to_value(&one.reason).unwrap();
                let column = place.column.clone().unwrap_or_default();
                format!("{column}{} {}", place.row, reason["reason"].as_str().unwrap())
            })
            .collect();
        assert_eq!(found, expected, "{label} {typed}");
    }
    check("高温停工天数", "很多", &["B3 count_not_readable"]);
    check("高温停工天数", "/", &[]);
    check("是否参保", "也许", &["B3 yes_or_no_not_readable"]);
    check("是否参保", "有", &[]);
    check("培训日期", "上周", &["B3 date_not_readable"]);
    check("住宿方式", "帐篷", &["B3 choice_not_offered"]);
    check("住宿方式", " 租 房 ", &[]);
}

#[test]
fn it_is_checked_compared_and_summed_up() {
    let form = heat();
    let row = &read(FILLED).accepted[0].row;
    let content = row.content(UNIT, Some(PersonId(32)));
    let unit = Context { kind: Some(OfficeKind::Unit), ..Context::default() };
    assert_eq!(lines(&check(&form, &content, &unit)), ["!care#1 line_incomplete"]);
    let mut other = content.clone();
    other.extra.remove("care");
    other.extra.remove("cooling");
    other.extra.insert("complaints".into(), FieldValue::Nil);
    let later = Context { last: Some(content.clone()), ..unit.clone() };
    assert_eq!(
        lines(&check(&form, &other, &later)),
        ["!cooling heat_needs_cooling", "~complaints nil_after_told"]
    );
    other.extra.insert("heat_days".into(), FieldValue::Count(32));
    other.extra.insert("cooling".into(), FieldValue::Told);
    assert_eq!(lines(&check(&form, &other, &unit)), ["!heat_days no_more_heat_than_days"]);
    other.extra.remove("heat_days");
    assert_eq!(lines(&check(&form, &other, &unit)), ["!heat_days field_missing"]);
    // The form of the software knows nothing of it and asks for nothing.
    assert_eq!(lines(&check(&Form::built_in(), &other, &unit)), Vec::<String>::new());

    let told = [content.clone(), content];
    let total = sum(&form, told.iter());
    assert_eq!(total.extra["heat_days"], FieldValue::Count(8));
    assert_eq!(total.extra["complaints"], FieldValue::Count(4));
    assert!(!total.extra.contains_key("housing"));
    let [first, second] = told;
    let units = Units { told: vec![(UNIT, first), (OfficeId(5), second)], ..Units::default() };
    let county =
        Context { kind: Some(OfficeKind::County), units: Some(units), ..Context::default() };
    let mut less = total;
    less.extra.insert("heat_days".into(), FieldValue::Count(7));
    assert_eq!(lines(&check(&form, &less, &county)), ["!heat_days sum_differs_from_units"]);
}

#[test]
fn it_is_shown_in_the_history_of_a_correction() {
    let rulebook = Rulebook { forms: forms(), ..Rulebook::default() };
    let content = read(FILLED).accepted[0].row.content(UNIT, Some(PersonId(32)));
    let mut corrected = content.clone();
    corrected.headcount = Some(2);
    corrected.extra.insert("heat_days".into(), FieldValue::Count(5));
    let obligation = key_of("unit 2026-06");
    let came = |at: &str, content, by, reason: Option<&str>| Change::ReturnCame {
        obligation,
        version: ReturnVersion {
            received_at: instant(at),
            document: Some(7),
            content: Some(content),
            by,
            reason: reason.map(String::from),
            ..ReturnVersion::default()
        },
    };
    let mut world = city();
    for change in [
        came("2026-06-20 09:00", content.clone(), None, None),
        Change::ReturnAccepted { obligation, by: Some(PersonId(22)) },
        came("2026-06-22 10:00", corrected, Some(PersonId(32)), Some("漏报")),
    ] {
        world.apply(&change).unwrap();
    }
    let at = instant("2026-06-23 09:00");
    let said = explain_obligation(&world, &rulebook, &obligation, at).unwrap();
    let zh = said.render(Language::Chinese);
    for line in [
        "第1次收到：2026年6月20日（星期六）09:00，安全无事（见第7号文档）",
        "第2次收到：2026年6月22日（星期一）10:00，安全无事，P32填报，更正原因：漏报，\
         改了：在岗人数 1→2、高温停工天数 4→5",
        "已接收的是第1次，第2次尚未接收",
    ] {
        assert!(zh.contains(line), "{line} is not in\n{zh}");
    }
    let came = world.return_of(&obligation).unwrap();
    assert_eq!(came.accepted_content(), Some(&content));
    assert_eq!(came.content().and_then(|content| content.headcount), Some(2));
    // A corrected return keeps its first date.
    assert_eq!(came.received_at(), instant("2026-06-20 09:00"));
}

#[test]
fn people_are_read_one_a_line() {
    let intake = read(&[
        &["单位编号", "O3", "报告月份", "2026年6月"],
        &["在岗人数", "2", "安全、健康事故", "无"],
        &["志愿者编号", "姓名", "在岗状态", "变动日期"],
        &["P90", "甲", "在岗", ""],
        &["", "乙", "病假", "2026-06-10"],
        &["P92", "", "已离岗", "2026年6月12日"],
        &["P93", "丁", "", ""],
        &["填报人：某甲", "", "", ""],
    ]);
    assert!(intake.refused.is_empty(), "{:?}", intake.refused);
    let row = &intake.accepted[0].row;
    // 在岗 on a line is a state and no label.
    assert_eq!((row.headcount, row.stated_by.is_some()), (Some(2), true));
    let people: Vec<_> = row.people.iter().map(|one| (one.number, one.state, one.since)).collect();
    assert_eq!(
        people,
        [
            (Some(PersonId(90)), PostState::OnPost, None),
            (None, PostState::OnLeave, Some(date("2026-06-10"))),
            (Some(PersonId(92)), PostState::Left, Some(date("2026-06-12"))),
        ]
    );
    let wrong = read(&[
        &["单位编号", "O3", "报告月份", "2026年6月"],
        &["安全、健康事故", "无"],
        &["志愿者编号", "在岗状态"],
        &["九十", "在岗"],
        &["P91", "不清楚"],
    ]);
    let reasons: Vec<String> =
        wrong.refused.iter().map(|one| one.message(Language::Chinese)).collect();
    assert_eq!(
        reasons,
        [
            "工作表“表”第4行A列“志愿者编号”：志愿者编号认不出，应为字母P加数字，如P12，不知道的请留空只填姓名",
            "工作表“表”第5行B列“在岗状态”：只能从这几项里选一项：在岗、请假、离岗、调离",
        ]
    );
}

/// 其他 is a kind that the drop-down list offers, and elsewhere the label of remarks.
#[test]
fn an_accident_of_another_kind_is_not_lost() {
    let intake = read(&[
        &["单位编号", "O3", "报告月份", "2026年6月"],
        &["安全、健康事故", "有"],
        &["事故类别", "发生时间", "涉及人数", "发生地点", "处理措施"],
        &["其他", "2026-06-10", "1", "宿舍", "已报警"],
        &["其他", "无"],
    ]);
    let content = intake.accepted[0].row.content(UNIT, None);
    let found = check(&heat(), &content, &Context::default());
    assert_eq!(content.counted("accidents"), Some(1));
    assert!(!lines(&found).iter().any(|line| line.contains("line_incomplete")), "{found:?}");
}

#[test]
fn the_form_for_an_office_and_a_month() {
    let own = Form { version: 3, from: "2026-07".parse().unwrap(), office: Some(COUNTY), ..heat() };
    let forms = forms().with(own).unwrap();
    let version = |path: &[OfficeId], month: &str| forms.of(path, month.parse().unwrap()).version;
    assert_eq!(version(&[UNIT, COUNTY, CITY], "2026-05"), 1);
    assert_eq!(version(&[UNIT, COUNTY, CITY], "2026-06"), 2);
    assert_eq!(version(&[UNIT, COUNTY, CITY], "2026-07"), 3);
    assert_eq!(version(&[OfficeId(7), OfficeId(8), CITY], "2026-07"), 2);
}

#[test]
fn faults_of_a_form_stand_with_their_place() {
    #[track_caller]
    fn check(change: impl FnOnce(&mut Form), expected: &[&str]) {
        let mut form = heat();
        change(&mut form);
        let found: Vec<String> = match forms().with(form) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(found, expected);
    }
    let later = |form: &mut Form| form.from = "2026-09".parse().unwrap();
    check(later, &[]);
    check(|_| {}, &["version 2 holds for the same office from the same month; change `from`"]);
    check(
        |form| form.fields.retain(|field| field.key != "accidents"),
        &[
            "the field `accidents` is missing; a return cannot do without it",
            "version 2 holds for the same office from the same month; change `from`",
        ],
    );
    let last = heat().fields.len();
    let number = |offset: usize| format!("field {}", last - offset);
    check(
        |form| {
            later(form);
            form.fields[last - 7].kind = FieldKind::Cases;
        },
        &[&format!("{}: `heat_days` was Count before; use a new key", number(6))],
    );
    check(
        |form| {
            later(form);
            form.fields[last - 7].label = "投诉情况".into();
            form.fields[last - 7].synonyms = vec!["是否参保".into()];
        },
        &[&format!("{}: `是否参保` stands twice; a word has one meaning", number(4))],
    );
    check(
        |form| {
            later(form);
            form.fields[last - 2].options.clear();
            form.fields[last - 1].columns.pop();
        },
        &[
            &format!("{}: `housing`: a choice has two `options` at least", number(1)),
            &format!("{}: a list has two columns at least; add [[field.column]]", number(0)),
        ],
    );
    let first = heat().checks.len();
    check(
        |form| {
            later(form);
            form.checks[first - 1].must = Some("heat <= 31".into());
            form.checks[first - 2].fill = vec!["cold".into()];
        },
        &[
            &format!("check {}: `fill` names `cold`, which is no field", first - 1),
            &format!(
                "check {first}: `heat` is no field that can be counted, nor one of \
                 [\"roster.headcount\", \"roster.arrivals\", \"roster.departures\"]"
            ),
        ],
    );
    assert_eq!(Form::built_in().faults(), []);
    assert!(FormPlace::Whole < FormPlace::Field(0));
}
