//! Returns against a record: what does not agree is said at its cell, the return is kept and sent
//! back; and a field that a form's file adds goes the whole way without any code.

use xibu_core::cell::Sheet;
use xibu_core::explain::explain_obligation;
use xibu_core::form::Forms;
use xibu_core::returns::Workflow;

use super::*;
use crate::intake::{FileReport, ReadSheet, Reading, examine, import};
use crate::record::Record;
use crate::settings::FORM;
use crate::store::Store;
use crate::tick::tests::{City, at};
use crate::workbook::tests::seen;
use crate::workbook::{FormAnswers, FormIncident, UnitForm, unit_form_by};

/// The form of the software with one field more, from June on.
fn heat() -> Forms {
    let added = "[[field]]\nkey = \"heat_days\"\nlabel = \"高温停工天数\"\nkind = \"count\"\n\
                 measure = \"天\"\nneed = \"must\"\n\n[[field]]\nkey = \"remark\"";
    let text = FORM.replacen("[[field]]\nkey = \"remark\"", added, 1);
    let text = text.replacen("from = \"2009-05\"", "from = \"2026-06\"", 1);
    Forms::built_in().with(toml::from_str(&text).unwrap()).unwrap()
}

fn nil() -> FormAnswers {
    let none = || "无".to_owned();
    FormAnswers {
        accidents: none(),
        health: none(),
        hazards: none(),
        needs: none(),
        ..FormAnswers::default()
    }
}

/// The unit's form as it is sent out for June, with these answers.
fn form(city: &City, headcount: u32, answers: FormAnswers) -> Sheet {
    let period = "2026-06".parse().unwrap();
    let filled = UnitForm {
        office: OfficeId(3),
        name: "第3办".into(),
        county: "第2办".into(),
        period,
        headcount: Some(headcount),
        contact: Some("某甲".into()),
        head: None,
        answers: Some(answers),
    };
    let fields = city.rulebook.forms.of(&[OfficeId(3), OfficeId(2), OfficeId(1)], period);
    seen(&unit_form_by(fields, &filled).sheets[0])
}

async fn take(city: &mut City, sheet: Sheet, civil: &str) -> FileReport {
    take_all(city, vec![sheet], civil).await
}

async fn take_all(city: &mut City, sheets: Vec<Sheet>, civil: &str) -> FileReport {
    city.record = Record::load(&city.store).await.unwrap();
    let arrival = Arrival {
        file_name: "月报告单.xlsx".into(),
        bytes: format!("{civil}{sheets:?}").into_bytes(),
        received_at: civil.parse().unwrap(),
        by: "clerk".into(),
    };
    let read = sheets.into_iter().map(|sheet| ReadSheet { sheet, hidden: false });
    let reading = Reading::Sheets(read.collect());
    let against = (city.record.world(), &city.rulebook);
    let dry = examine(&city.store, against, &arrival, &reading).await.unwrap();
    let last = city.record.last_sequence();
    let report = import(&city.store, against, last, &arrival, &reading, at(civil)).await.unwrap();
    assert_eq!((dry.changes, &dry.sent_back), (report.changes, &report.sent_back));
    city.record.follow(&city.store).await.unwrap();
    assert_eq!(city.record.unfit(), []);
    report
}

/// `!B7 field_missing` for what has to be mended, `~` for a warning.
fn lines(report: &FileReport) -> Vec<String> {
    let findings = report.sheets.iter().flat_map(|sheet| &sheet.findings);
    let line = |finding: &Finding| {
        let weight = if finding.only_warning { '~' } else { '!' };
        let column = finding.place.column.as_deref().unwrap_or_default();
        format!("{weight}{column}{} {}", finding.place.row, finding.reason)
    };
    findings.map(line).collect()
}

fn june(city: &City) -> xibu_core::returns::Return {
    city.record.world().return_of(&key_of_june()).unwrap().clone()
}

fn key_of_june() -> ObligationKey {
    "unit_monthly_return/O3/2026-06".parse().unwrap()
}

#[tokio::test]
async fn what_does_not_agree_is_said_at_its_cell_and_the_return_is_kept_and_sent_back() {
    let mut city = City::running().await;
    let incident = FormIncident {
        kind: xibu_core::incident::IncidentKind::Injury,
        when: "2026年6月9日".into(),
        persons: 1,
        place: String::new(),
        measures: String::new(),
    };
    let answers =
        FormAnswers { accidents: "有".into(), incidents: vec![incident.clone()], ..nil() };
    let sheet = form(&city, 2, answers.clone());
    let report = take(&mut city, sheet, "2026-06-20T10:00:00").await;
    assert_eq!(lines(&report), ["~B5 headcount_fits_the_roster", "!A10 line_incomplete"]);
    assert_eq!(report.sent_back, [key_of_june().to_string()]);
    assert_eq!(
        report.sheets[0].findings[1].message_zh,
        "工作表“月报告单”第10行A列“安全、健康事故”：“安全、健康事故”第1项没有写明发生地点、处理措施，请补报"
    );
    let came = june(&city);
    assert_eq!(came.workflow, Workflow::SentBack);
    assert_eq!(came.content().and_then(|content| content.headcount), Some(2));
    assert!(came.sent_back_reason.unwrap().contains("发生地点"));

    // Mended: it counts, keeps its first date, and says who and why.
    let place = "镇卫生院门口".to_owned();
    let mended = FormIncident { place, measures: "已送医".into(), ..incident };
    let answers = FormAnswers { incidents: vec![mended], ..answers };
    let sheet = form(&city, 1, answers);
    let report = take(&mut city, sheet, "2026-06-22T10:00:00").await;
    assert_eq!((lines(&report), report.sent_back), (vec![], vec![]));
    let came = june(&city);
    assert_eq!(came.workflow, Workflow::Resubmitted);
    assert_eq!(came.received_at(), at("2026-06-20T10:00:00").civil);
    assert_eq!(came.versions[1].reason.as_deref(), Some("退回后更正"));
    assert_eq!(came.versions[1].by, came.content().and_then(|content| content.stated_by));
    let (world, now) = (city.record.world(), at("2026-06-23T10:00:00").civil);
    let said = explain_obligation(world, &city.rulebook, &key_of_june(), now).unwrap();
    let zh = said.render(Language::Chinese);
    assert!(zh.contains("更正原因：退回后更正，改了：在岗人数 2→1、安全、健康事故"), "{zh}");
}

#[tokio::test]
async fn a_field_of_a_file_goes_the_whole_way() {
    let mut city = City::running().await;
    city.rulebook.forms = heat();
    // Sent out.
    let sheet = form(&city, 1, nil());
    let label = sheet
        .cells
        .iter()
        .find(|cell| cell.value == xibu_core::cell::CellValue::Text("高温停工天数".into()));
    assert!(label.is_some(), "the form does not ask for it");
    // Left empty: missed at its cell, kept and sent back.
    let report = take(&mut city, sheet, "2026-06-20T10:00:00").await;
    assert_eq!(lines(&report), ["!B7 field_missing"]);
    assert_eq!(june(&city).workflow, Workflow::SentBack);
    // Of the wrong kind: nothing of the row is taken.
    let filled = |typed: &str| FormAnswers {
        added: [("heat_days".to_owned(), typed.to_owned())].into(),
        ..nil()
    };
    let sheet = form(&city, 1, filled("很多天"));
    let report = take(&mut city, sheet, "2026-06-21T10:00:00").await;
    assert_eq!(lines(&report), ["!B7 count_not_readable"]);
    // Filled in: read back, kept, shown.
    let sheet = form(&city, 1, filled("4天"));
    let report = take(&mut city, sheet, "2026-06-22T10:00:00").await;
    assert_eq!(lines(&report), Vec::<String>::new());
    let came = june(&city);
    let content = came.content().unwrap();
    assert_eq!(content.extra.get("heat_days"), Some(&FieldValue::Count(4)));
    let (world, now) = (city.record.world(), at("2026-06-23T10:00:00").civil);
    let said = explain_obligation(world, &city.rulebook, &key_of_june(), now).unwrap();
    let zh = said.render(Language::Chinese);
    assert!(zh.contains("改了：高温停工天数 —→4"), "{zh}");
}

#[tokio::test]
async fn a_correction_without_a_reason_counts_and_is_asked_for_one() {
    let mut city = City::running().await;
    let sheet = form(&city, 1, nil());
    take(&mut city, sheet, "2026-06-20T10:00:00").await;
    let needy = FormAnswers { needs: "1件".into(), ..nil() };
    let sheet = form(&city, 1, needy.clone());
    let report = take(&mut city, sheet, "2026-06-21T10:00:00").await;
    assert_eq!(lines(&report), ["~B7 correction_without_reason"]);
    let said = FormAnswers {
        needs: "2件".into(),
        added: [("correction".to_owned(), "漏报".to_owned())].into(),
        ..needy
    };
    let sheet = form(&city, 1, said);
    let report = take(&mut city, sheet, "2026-06-22T10:00:00").await;
    assert_eq!(lines(&report), Vec::<String>::new());
    let came = june(&city);
    assert_eq!(came.versions[2].reason.as_deref(), Some("漏报"));
    assert_eq!(came.workflow, Workflow::Resubmitted);
}

#[tokio::test]
async fn people_told_by_name_are_found_on_the_roster() {
    use xibu_core::cell::{Cell, CellValue};
    let mut city = City::running().await;
    let name = crate::store::PersonValue {
        person: PersonId(101),
        kind: ValueKind::Name,
        value: "张三".into(),
    };
    let batch = crate::store::Batch {
        by: "clerk".into(),
        values: vec![name],
        ..crate::store::Batch::default()
    };
    city.store.record(&batch, at("2026-06-02T09:00:00")).await.unwrap();
    let rows: [&[&str]; 6] = [
        &["单位编号", "O3", "报告月份", "2026年6月"],
        &["在岗人数", "2", "安全、健康事故", "无", "患病、健康情况", "无"],
        &["隐患及整改", "无", "困难和诉求", "无"],
        &["姓名", "在岗状态"],
        &["张三", "在岗"],
        &["李四", "新到岗"],
    ];
    let cells = (0..).zip(rows).flat_map(|(row, texts)| {
        (0..).zip(texts).map(move |(column, text)| Cell {
            row,
            column,
            value: CellValue::Text((*text).to_owned()),
        })
    });
    let sheet = Sheet { name: "表".into(), cells: cells.collect(), merges: vec![] };
    let report = take(&mut city, sheet, "2026-06-20T10:00:00").await;
    assert_eq!(
        lines(&report),
        ["~1 nobody_states_it", "~B2 headcount_fits_the_roster", "~A6 person_not_on_roster",]
    );
    let people = june(&city).content().unwrap().people.clone();
    assert_eq!(
        people.iter().map(|one| one.person).collect::<Vec<_>>(),
        [Some(PersonId(101)), None]
    );
}

/// Our own template lists people on a sheet of their own, by number.
#[tokio::test]
async fn people_on_a_sheet_beside_the_form_belong_to_it() {
    use xibu_core::cell::{Cell, CellValue};
    let mut city = City::running().await;
    let rows: [&[&str]; 4] = [
        &["第3办2026年6月在岗志愿者"],
        &["序号", "人员编号", "人员", "在岗状态"],
        &["1", "P101", "张三", "离岗"],
        &["2", "P9x", "李四", "在岗"],
    ];
    let cells = (0..).zip(rows).flat_map(|(row, texts)| {
        (0..).zip(texts).map(move |(column, text)| Cell {
            row,
            column,
            value: CellValue::Text((*text).to_owned()),
        })
    });
    let people = Sheet { name: "在岗人员".into(), cells: cells.collect(), merges: vec![] };
    let sheets = vec![form(&city, 1, nil()), people];
    let report = take_all(&mut city, sheets, "2026-06-20T10:00:00").await;
    assert_eq!(
        lines(&report),
        [
            "!B5 people_differ_from_headcount",
            "~B3 person_left_but_on_roster",
            "!B4 person_number_not_readable",
        ]
    );
}
