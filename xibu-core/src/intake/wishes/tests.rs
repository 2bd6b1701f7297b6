//! Tables of typed wishes and what they mean.

use alloc::format;
use alloc::string::ToString;

use proptest::prelude::*;

use super::super::{SheetKind, recognise};
use super::*;
use crate::cell::Cell;
use crate::person::PersonId;
use crate::profile::Profile;

const HEADINGS: [&str; 12] = [
    "姓 名",
    "手机（必填）",
    "邮箱",
    "最高学历",
    "所学专业",
    "毕业时间",
    "意向城市",
    "意向岗位",
    "期望月薪（元）",
    "身份",
    "服务期满时间",
    "是否同意接收就业信息",
];

fn sheet(rows: &[&[&str]]) -> Sheet {
    let mut cells = Vec::new();
    for (row, line) in (0..).zip(rows) {
        for (column, typed) in (0..).zip(*line) {
            let number = typed.strip_prefix("n:").and_then(|number| number.parse().ok());
            let value = number.map_or_else(|| CellValue::Text((*typed).into()), CellValue::Number);
            if !typed.is_empty() {
                cells.push(Cell { row, column, value });
            }
        }
    }
    Sheet { name: "表".into(), cells, merges: Vec::new() }
}

fn shown(row: &WishRow) -> String {
    let regions: Vec<String> = row.places.iter().map(|place| place.sentence().zh).collect();
    let kinds: Vec<String> = row.kinds.iter().map(|kind| kind.sentence().zh).collect();
    let or_dash = |text: String| if text.is_empty() { "-".to_string() } else { text };
    let number = |number: Option<u32>| number.map_or("-".into(), |number| number.to_string());
    [
        row.education.map_or("-".into(), |level| format!("{level:?}")),
        or_dash(row.majors.join("+")),
        number(row.graduated.map(|year| year as u32)),
        format!("{}{}", or_dash(regions.join("+")), if row.places_only { "!" } else { "" }),
        or_dash(kinds.join("+")),
        or_dash(row.posts.join("+")),
        number(row.pay_min),
        row.volunteer.map_or("-".into(), |standing| format!("{standing:?}")),
        row.serves_until.map_or("-".into(), |day| day.to_string()),
        row.consent.map_or("-".into(), |consent| format!("{consent:?}")),
    ]
    .join(" ")
}

/// What is typed behind name and phone, and what is read: the row, or its faults with their cells.
#[track_caller]
fn check(typed: &[&str], expected: &str) {
    let row: Vec<&str> =
        ["某甲", "15400000001", ""].into_iter().chain(typed.iter().copied()).collect();
    let intake = read(&sheet(&[&["求职意向登记表"], &HEADINGS, &row]));
    assert_eq!(outcome(&intake), expected);
}

fn outcome(intake: &Intake<WishRow>) -> String {
    let mut lines: Vec<String> =
        intake.accepted.iter().map(|accepted| shown(&accepted.row)).collect();
    lines.extend(intake.refused.iter().map(|refused| {
        let place = &refused.place;
        let reason = serde_json::to_value(&refused.reason).unwrap();
        let name = reason["reason"].as_str().unwrap().to_string();
        format!("{}{} {name}", place.column.as_deref().unwrap_or(""), place.row)
    }));
    lines.join("; ")
}

#[test]
fn the_sheet_is_recognised_and_no_other() {
    let kind = |heading: &[&str]| recognise(&sheet(&[heading])).map(|seen| seen.kind);
    assert_eq!(kind(&HEADINGS), Some(SheetKind::Wishes));
    assert_eq!(kind(&["姓名", "电话", "意向地点"]), Some(SheetKind::Wishes));
    assert_eq!(kind(&["姓名", "性别", "服务单位", "意向岗位", "电话"]), Some(SheetKind::Wishes));
    assert_eq!(kind(&["姓名", "身份证号", "服务单位", "电话"]), Some(SheetKind::Roster));
    assert_eq!(kind(&["姓名", "性别", "服务单位"]), Some(SheetKind::Roster));
    assert_eq!(kind(&["姓名", "电话"]), None);
}

#[test]
fn wishes_as_typed() {
    check(
        &[
            "本科",
            "会计学",
            "2024年6月",
            "万州、渝北",
            "事业单位、会计",
            "5000",
            "往届志愿者",
            "",
            "是",
        ],
        "Bachelor 会计学 2024 重庆万州+重庆渝北 事业单位 会计 5000 Former - Given",
    );
    check(
        &[
            "大专",
            "护理",
            "n:2025",
            "仅限重庆市万州区",
            "不限",
            "5-7K",
            "在岗志愿者",
            "2026年7月",
            "同意",
        ],
        "JuniorCollege 护理 2025 重庆万州! - - 5000 Serving 2026-07-31 Given",
    );
    check(
        &["硕士研究生", "", "2023届", "不限", "教师岗位", "面议", "无", "", "否"],
        "Master - 2023 - - 教师 - Never - Refused",
    );
    check(&[], "- - - - - - - - - -");
}

#[test]
fn consent_is_only_what_is_said_outright() {
    let row = |consent: &str| ["", "", "", "", "", "", "", "", consent].map(str::to_string);
    for (typed, expected) in [
        ("是", "Given"),
        (" 同 意 ", "Given"),
        ("否", "Refused"),
        ("不同意", "Refused"),
        ("", "-"),
        ("√", "L3 consent_not_readable"),
        ("n:1", "L3 consent_not_readable"),
        ("暂不", "L3 consent_not_readable"),
        ("ok", "L3 consent_not_readable"),
    ] {
        let row = row(typed);
        let row: Vec<&str> = row.iter().map(String::as_str).collect();
        let expected = match expected.starts_with('L') {
            true => expected.to_string(),
            false => format!("- - - - - - - - - {expected}"),
        };
        check(&row, &expected);
    }
}

#[test]
fn faults_come_in_their_declared_order() {
    check(
        &["专升本", "会计", "去年", "??", "", "很多", "朋友", "昨天", "随便"],
        "K3 date_not_readable; D3 education_not_readable; F3 year_not_readable; \
         G3 place_not_readable; I3 pay_not_readable; J3 volunteer_not_readable; \
         L3 consent_not_readable",
    );
}

#[test]
fn somebody_must_be_known_and_stand_there_once() {
    let read = |rows: &[&[&str]]| {
        let heading: &[&str] = &["姓名", "电话", "邮箱", "意向地点"];
        let rows: Vec<&[&str]> = [heading].into_iter().chain(rows.iter().copied()).collect();
        outcome(&read(&sheet(&rows)))
    };
    let one = "- - - 重庆万州 - - - - - -";
    assert_eq!(read(&[&["某甲", "", "", "万州"]]), "2 reach_missing");
    assert_eq!(read(&[&["", "15400000001", "", "万州"]]), "A2 value_missing");
    assert_eq!(read(&[&["某甲", "123", "", "万州"]]), "B2 phone_not_readable");
    let first: &[&str] = &["某甲", "15400000001", "a@b.test", "万州"];
    assert_eq!(
        read(&[first, &["某甲", "15400000002", "a@b.test", "万州"]]),
        format!("{one}; A3 same_wishes_twice")
    );
    // Two people may share a phone.
    assert_eq!(read(&[first, &["某乙", "15400000001", "", "万州"]]), format!("{one}; {one}"));
    let intake = super::read(&sheet(&[&["姓名", "意向地点"], &["某甲", "万州"]]));
    assert_eq!(outcome(&intake), "1 heading_missing");
}

#[test]
fn a_row_becomes_a_profile() {
    let row: &[&str] = &[
        "某甲",
        "15400000001",
        "",
        "本科",
        "会计学",
        "2024",
        "万州",
        "会计",
        "5000",
        "往届志愿者",
        "2025-07-31",
        "是",
    ];
    let intake = read(&sheet(&[&HEADINGS, row]));
    let profile = Profile::from_wishes(PersonId(7), &intake.accepted[0].row);
    assert_eq!((profile.person, profile.grassroots), (PersonId(7), true));
    assert_eq!(profile.serves_until, None, "a former volunteer serves no more");
    assert_eq!(profile.pay_min, Some(5000));
    assert!(!format!("{:?}", intake.accepted[0]).contains("某甲"));
}

proptest! {
    #[test]
    fn nothing_panics(typed in prop::collection::vec(".{0,30}", 12)) {
        let row: Vec<&str> = typed.iter().map(String::as_str).collect();
        read(&sheet(&[&HEADINGS, &row]));
    }
}
