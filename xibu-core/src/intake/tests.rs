//! Tables of typed cells and what they mean.
//!
//! A cell is written as text; `n:` before it makes a number, `d:` a serial day, `e:` an error
//! value, and an empty string no cell at all. The made-up ids stand on region 999999, which was
//! never issued.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::cell::{Cell, Merge};
use crate::returns::Answer;

fn value(typed: &str) -> CellValue {
    match typed.split_once(':') {
        Some(("n", number)) => CellValue::Number(number.parse().unwrap()),
        Some(("d", serial)) => CellValue::Date(serial.parse().unwrap()),
        Some(("e", error)) => CellValue::Error(error.into()),
        _ => CellValue::Text(typed.into()),
    }
}

fn sheet(rows: &[&[&str]]) -> Sheet {
    let mut cells = Vec::new();
    for (row, line) in (0..).zip(rows) {
        for (column, typed) in (0..).zip(*line) {
            if !typed.is_empty() {
                cells.push(Cell { row, column, value: value(typed) });
            }
        }
    }
    Sheet { name: "表".into(), cells, merges: Vec::new() }
}

fn merged(mut sheet: Sheet, merges: &[[u32; 4]]) -> Sheet {
    sheet.merges = merges
        .iter()
        .map(|[first_row, first_column, last_row, last_column]| Merge {
            first_row: *first_row,
            first_column: *first_column,
            last_row: *last_row,
            last_column: *last_column,
        })
        .collect();
    sheet
}

fn place(place: &Place) -> String {
    format!("{}{}", place.column.as_deref().unwrap_or(""), place.row)
}

/// A reason's name as it is serialised, without what it carries.
fn name_of(reason: &impl Serialize) -> String {
    let value = serde_json::to_value(reason).unwrap();
    value.get("reason").unwrap_or(&value).as_str().unwrap().to_string()
}

/// One line a row taken (with its warnings), then one a fault.
fn lines<T>(intake: &Intake<T>, show: impl Fn(&T) -> String) -> Vec<String> {
    let mut lines = Vec::new();
    for accepted in &intake.accepted {
        let mut line = format!("{} {}", accepted.place.row, show(&accepted.row));
        for warned in &accepted.warnings {
            line.push_str(&format!(" !{}:{}", place(&warned.place), name_of(&warned.warning)));
        }
        lines.push(line);
    }
    for refused in &intake.refused {
        lines.push(format!("{} {}", place(&refused.place), name_of(&refused.reason)));
    }
    lines
}

fn day(date: Option<NaiveDate>) -> String {
    date.map_or("-".into(), |date| date.to_string())
}

const A: &str = "999999200001010011";
const B: &str = "999999200001010038";

fn roster_lines(sheet: &Sheet) -> Vec<String> {
    lines(&roster::read(sheet), |row| {
        let unit = row.unit.as_deref().unwrap_or("-");
        format!("{} {unit} {} {}", row.name.expose(), day(row.from), day(row.until))
    })
}

#[track_caller]
fn check_roster(rows: &[&[&str]], expected: &[&str]) {
    assert_eq!(roster_lines(&sheet(rows)), expected);
}

#[test]
fn made_up_ids_are_well_formed() {
    for id in [A, B, "11010519491231002X", "440524188001010014"] {
        let mut places = [0; 18];
        places.copy_from_slice(id.as_bytes());
        assert_eq!(id_number::check_digit(&places), places[17], "{id}");
    }
}

#[test]
fn ids_as_typed() {
    #[track_caller]
    fn check(typed: &str, expected: Result<&str, Refusal>) {
        let read = id_number::IdNumber::from_typed(&value(typed));
        assert_eq!(read.as_ref().map(id_number::IdNumber::as_str), expected.as_ref().copied());
    }
    check("11010519491231002X", Ok("11010519491231002X"));
    check(" 110105 19491231 002x ", Ok("11010519491231002X"));
    check("１１０１０５１９４９１２３１００２Ｘ", Ok("11010519491231002X"));
    check("'11010519491231002X", Ok("11010519491231002X"));
    check("440524188001010014", Err(Refusal::IdNumberBirthDateWrong));
    check("e:#N/A", Err(Refusal::CellIsError));
    check("n:110105194912310020", Err(Refusal::IdNumberDigitsLost));
    check("1.10105E+17", Err(Refusal::IdNumberDigitsLost));
    check("110105194912310000", Err(Refusal::IdNumberDigitsLost));
    check("110105491231002", Err(Refusal::IdNumberOldForm));
    check("n:110105491231002", Err(Refusal::IdNumberOldForm));
    check("1101051949123100", Err(Refusal::IdNumberNotEighteen { length: 16 }));
    check("11010519491231OO2X", Err(Refusal::IdNumberOtherCharacters));
    check("1101051949123100２县", Err(Refusal::IdNumberOtherCharacters));
    check("110105194902300021", Err(Refusal::IdNumberBirthDateWrong));
    check("110105194912310021", Err(Refusal::IdNumberCheckDigitWrong));
    check("　", Err(Refusal::ValueMissing));
}

#[test]
fn one_wrong_digit_or_two_swapped_never_pass() {
    let good = "11010519491231002X";
    for at in 0..17 {
        for digit in b'0'..=b'9' {
            let mut bytes: Vec<u8> = good.bytes().collect();
            if bytes[at] != digit {
                bytes[at] = digit;
                let typed = CellValue::Text(String::from_utf8(bytes).unwrap());
                assert!(id_number::IdNumber::from_typed(&typed).is_err(), "{at} {digit}");
            }
        }
    }
    for at in 0..16 {
        let mut bytes: Vec<u8> = good.bytes().collect();
        bytes.swap(at, at + 1);
        if bytes != good.as_bytes() {
            let typed = CellValue::Text(String::from_utf8(bytes).unwrap());
            assert!(id_number::IdNumber::from_typed(&typed).is_err(), "{at}");
        }
    }
}

#[test]
fn days_as_typed() {
    #[track_caller]
    fn check(typed: &str, expected: &str) {
        let said = match date::read(&value(typed)) {
            Ok(date::TypedDate::Day(day)) => day.to_string(),
            Ok(date::TypedDate::Month(month)) => month.to_string(),
            Ok(date::TypedDate::Open) => "open".into(),
            Err(reason) => name_of(&reason),
        };
        assert_eq!(said, expected, "{typed}");
    }
    for typed in [
        "2026-07-01",
        "2026/7/1",
        "2026.7.1",
        "2026年7月1日",
        "2026 年 7 月 1 日",
        "20260701",
        "n:20260701",
        "d:46204",
        "d:46204.75",
        "n:46204",
        "46204",
        "2026-07-01 00:00:00",
        "2026-7-1T08:30",
        "２０２６年７月１号",
        "二〇二六年七月一日",
    ] {
        check(typed, "2026-07-01");
    }
    check("二〇二六年十一月二十一日", "2026-11-21");
    for typed in ["2026-07", "2026年7月", "2026.07", "202607", "n:202607", "n:2026.7", "2026年七月"]
    {
        check(typed, "2026-07");
    }
    check("2026.10", "2026-10");
    check("n:2026.12", "2026-12");
    check("n:2026.1", "date_ambiguous");
    check("至今", "open");
    check("长期", "open");
    check("2025-02-29", "date_does_not_exist");
    check("2024-02-29", "2024-02-29");
    check("2026年13月", "date_does_not_exist");
    check("d:0", "date_does_not_exist");
    check("26.7.1", "date_not_readable");
    check("7/1/2026", "date_not_readable");
    check("待定", "date_not_readable");
    check("n:3", "date_not_readable");
    check("e:#REF!", "cell_is_error");
}

#[test]
fn every_day_is_read_back_from_its_serial_and_its_words() {
    let mut date = NaiveDate::from_ymd_opt(1950, 1, 1).unwrap();
    let zero = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap();
    while date < NaiveDate::from_ymd_opt(2050, 1, 1).unwrap() {
        let expected = Ok(date::TypedDate::Day(date));
        let serial = (date - zero).num_days() as f64;
        assert_eq!(date::read(&CellValue::Date(serial)), expected);
        assert_eq!(
            date::read(&CellValue::Text(date.format("%Y年%-m月%-d日").to_string())),
            expected
        );
        date = date.succ_opt().unwrap();
    }
}

#[test]
fn stretches_and_months_as_typed() {
    #[track_caller]
    fn check(typed: &str, expected: &str) {
        let said = match date::read_span(&value(typed)) {
            Ok((from, until)) => format!("{from} {}", day(until)),
            Err(reason) => name_of(&reason),
        };
        assert_eq!(said, expected, "{typed}");
    }
    let year = "2025-08-01 2026-08-01";
    for typed in [
        "2025.8-2026.7",
        "2025年8月至2026年7月",
        "2025年8月1日-2026年7月31日",
        "2025-08-01至2026-07-31",
        "2025-08-01-2026-07-31",
        "2025/8/1 ~ 2026/7/31",
        "2025.08—2026.07",
        "2025年8月——2026年7月",
        "2025.8.1到2026.7.31",
    ] {
        check(typed, year);
    }
    check("2025年8月至今", "2025-08-01 -");
    check("2025.8-2024.7", "ends_before_it_begins");
    check("两年", "date_not_readable");
    let received = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
    let month = |typed: &str| match date::read_month(&value(typed), received) {
        Ok(month) => month.to_string(),
        Err(reason) => name_of(&reason),
    };
    assert_eq!(month("2026年6月"), "2026-06");
    assert_eq!(month("2026-06"), "2026-06");
    assert_eq!(month("2026年6月份"), "2026-06");
    assert_eq!(month("d:46204"), "2026-07");
    assert_eq!(month("12月"), "2025-12", "the December before");
    assert_eq!(month("一月"), "2026-01");
    assert_eq!(month("上月"), "month_not_readable");
}

#[test]
fn phones_and_mail_as_typed() {
    let phone = |typed: &str| match contact::phone(&value(typed)) {
        Ok(read) => format!("{}{}", read.number.expose(), if read.more { " and more" } else { "" }),
        Err(reason) => name_of(&reason),
    };
    assert_eq!(phone("15400000001"), "15400000001");
    assert_eq!(phone("n:15400000001"), "15400000001");
    assert_eq!(phone("１５４-0000 0001"), "15400000001");
    assert_eq!(phone("+86 154 0000 0001"), "15400000001");
    assert_eq!(phone("15400000001、15400000002"), "15400000001 and more");
    assert_eq!(phone("023-12345678"), "023-12345678");
    for wrong in
        ["1540000000", "12345678901", "025", "无", "154000000011", "n:1.5", "冉15400000001"]
    {
        assert_eq!(phone(wrong), "phone_not_readable", "{wrong}");
    }
    let mail = |typed: &str| match contact::mail(&value(typed)) {
        Ok(read) => read.expose().to_string(),
        Err(reason) => name_of(&reason),
    };
    assert_eq!(mail(" a.b@Mail.TEST "), "a.b@mail.test");
    assert_eq!(mail("ａ＠ｂ．test"), "a@b.test");
    for wrong in ["a#b.test", "@b.test", "a@b", "a@b..test", "a b", "a@-b.test", "无", "甲@b.test"]
    {
        assert_eq!(mail(wrong), "mail_not_readable", "{wrong}");
    }
}

#[test]
fn a_roster_under_a_title_with_sums_and_remarks() {
    let rows: &[&[&str]] = &[
        &["某区西部计划志愿者花名册"],
        &["填报单位：某区项目办（盖章）"],
        &[
            "序号",
            "姓　名",
            "身份证号码（必填）",
            "服务单位\n（全称）",
            "服务期限",
            "手机号码*",
            "血型",
        ],
        &["n:1", "冉 雨", A, "青禾镇卫生院", "2025.8-2026.7", "n:15400000001", "A"],
        &["n:2", "谢明", B, "青禾镇卫生院", "2025.8-2026.7", "15400000002"],
        &["n:3"],
        &["合计", "2人"],
        &["填表人：某某", "审核人：某某"],
    ];
    check_roster(
        rows,
        &["4 冉雨 青禾镇卫生院 2025-08-01 2026-08-01", "5 谢明 青禾镇卫生院 2025-08-01 2026-08-01"],
    );
    assert_eq!(roster::read(&sheet(rows)).ignored_headings, ["序号", "血型"]);
}

#[test]
fn ids_are_found_by_their_heading_on_any_sheet() {
    let ids = |rows: &[&[&str]]| roster::id_columns(&sheet(rows));
    assert_eq!(ids(&[&["花名册"], &["姓名", "身份证号", "单位"], &["甲"]]), Some((2, vec![1])));
    // Two lines of headings, and a sheet that is no roster.
    assert_eq!(ids(&[&["本人", "", "证件"], &["姓名", "性别", "证件号码"]]), Some((2, vec![2])));
    assert_eq!(ids(&[&["领取人", "身份证号码"], &["甲", "1"]]), Some((1, vec![1])));
    assert_eq!(ids(&[&["姓名", "单位"], &["甲", "乙"]]), None);
    assert_eq!(ids(&[]), None);
}

#[test]
fn every_fault_of_a_roster_in_one_pass_in_declared_order() {
    check_roster(
        &[
            &["姓名", "身份证号", "服务单位", "到岗时间", "离岗时间", "手机", "邮箱"],
            &["", "1101", "", "待定", "2026-02-30", "123", "x"],
            &["甲", A, "一", "2025-08-01", "2024-07-31", "15400000001", "a@b.test"],
            &["乙", B, "一", "2025-08-01", "", "15400000001", ""],
            &["丙", B, "一", "2025-08-01", "", "15400000001", ""],
            &["丁", "e:#N/A", "一", "2025-08-01", "", "", ""],
        ],
        &[
            "4 乙 一 2025-08-01 -",
            "A2 value_missing",
            "C2 value_missing",
            "B2 id_number_not_eighteen",
            "D2 date_not_readable",
            "E2 date_does_not_exist",
            "F2 phone_not_readable",
            "G2 mail_not_readable",
            "E3 ends_before_it_begins",
            "B5 same_person_twice",
            "B6 cell_is_error",
        ],
    );
}

#[test]
fn warnings_stand_beside_the_row() {
    check_roster(
        &[
            &["姓名", "身份证号", "性别", "出生年月", "服务单位", "联系方式"],
            &["甲", A, "女", "2000-02", "一", ""],
            &["乙", B, "男", "2000.01", "一", "15400000001/15400000002"],
        ],
        &[
            "2 甲 一 - - !C2:sex_differs_from_id_number !D2:birth_date_differs_from_id_number !2:no_first_day !2:no_way_to_reach",
            "3 乙 一 - - !3:no_first_day !F3:several_phones_first_taken",
        ],
    );
}

#[test]
fn merged_cells_are_filled_down_and_a_missing_column_is_named() {
    let rows: &[&[&str]] = &[
        &["服务单位", "姓名", "身份证号", "服务期"],
        &["青禾镇卫生院", "甲", A, "2025.8-2026.7"],
        &["", "乙", B, "2025.8-2026.7"],
    ];
    let lines = roster_lines(&merged(sheet(rows), &[[1, 0, 2, 0]]));
    assert!(lines[1].starts_with("3 乙 青禾镇卫生院"), "{lines:?}");
    check_roster(&[&["姓名", "性别", "服务单位"], &["甲", "男", "一"]], &["1 heading_missing"]);
    check_roster(&[&["随便", "写写"]], &["1 sheet_not_recognised"]);
}

#[test]
fn what_lies_under_a_merge_is_not_there() {
    // Programs keep what stood in the cells before they were merged.
    let rows: &[&[&str]] = &[
        &["花名册", "姓名", "身份证号", "服务单位"],
        &["姓名", "服务单位", "身份证号", "服务期"],
        &["甲", "一", A, "2025.8-2026.7"],
        &["乙", "旧单位", B, "2025.8-2026.7"],
    ];
    let lines = roster_lines(&merged(sheet(rows), &[[0, 0, 0, 3], [2, 1, 3, 1]]));
    assert!(lines[0].starts_with("3 甲 一"), "{lines:?}");
    assert!(lines[1].starts_with("4 乙 一"), "{lines:?}");
}

#[test]
fn lines_that_are_no_people_are_passed_over_and_numbers_are_no_names() {
    let rows: &[&[&str]] = &[
        &["姓名", "身份证号", "服务单位", "联系电话", "服务期"],
        &["甲", A, "一", "15400000001.0", "2025.8-2026.7"],
        &["合计1人", "", "", "", ""],
        &["以上人员均已到岗，特此说明", "", "", "", ""],
        &["n:0", B, "一", "15400000001", "2025.8-2026.7"],
        &["——", "", "n:0", "15400000001", "2025.8-2026.7"],
    ];
    let lines = roster_lines(&merged(sheet(rows), &[[3, 0, 3, 4]]));
    assert!(lines[0].starts_with("2 甲 一"), "{lines:?}");
    let refused = ["A5 not_a_name", "B6 value_missing", "A6 not_a_name", "C6 not_a_name"];
    assert_eq!(lines[1..], refused);
}

fn directory_lines(sheet: &Sheet) -> Vec<String> {
    lines(&directory::read(sheet), |row| {
        let people: Vec<String> = row
            .people
            .iter()
            .map(|person| {
                let shown = |value: &Option<Personal>| {
                    value.as_ref().map_or("-".into(), |v| v.expose().to_string())
                };
                format!(
                    "{:?}={},{},{}",
                    person.role,
                    person.name.expose(),
                    shown(&person.phone),
                    shown(&person.mail)
                )
            })
            .collect();
        let superior = row.superior.as_deref().unwrap_or("-");
        format!("{} {:?} {superior} {}", row.name, row.kind, people.join(" "))
    })
}

#[test]
fn directories_with_two_rows_of_headings_or_generic_phones() {
    let grouped: &[&[&str]] = &[
        &["联络表"],
        &["单位名称", "类别", "上级单位", "负责人", "", "联系人", "", ""],
        &["", "", "", "姓名", "电话", "姓名", "电话", "邮箱"],
        &["某区项目办", "区县项目办", "某市项目办", "甲", "15400000001", "乙", "", "b@x.test"],
    ];
    let sheet_grouped = merged(
        sheet(grouped),
        &[[0, 0, 0, 7], [1, 0, 2, 0], [1, 1, 2, 1], [1, 2, 2, 2], [1, 3, 1, 4], [1, 5, 1, 7]],
    );
    let expected = "4 某区项目办 County 某市项目办 Head=甲,15400000001,- Contact=乙,-,b@x.test";
    assert_eq!(directory_lines(&sheet_grouped), [expected]);
    // The same without merges, as a .csv has it.
    assert_eq!(directory_lines(&sheet(grouped)), [expected]);
    let generic: &[&[&str]] = &[
        &["服务单位", "单位类别", "区县", "负责人", "联系电话", "联络员", "联系电话", "电子邮箱"],
        &["一", "服务单位", "某区", "甲", "15400000001", "乙", "023-12345678", "b@x.test"],
        &["一", "服务单位", "某区", "", "", "丙", "15400000003", ""],
        &["二", "街道", "某区", "甲", "", "", "", ""],
        &["三", "服务单位", "某区", "甲", "", "", "15400000003", ""],
    ];
    assert_eq!(
        directory_lines(&sheet(generic)),
        [
            "2 一 Unit 某区 Head=甲,15400000001,- Contact=乙,023-12345678,b@x.test",
            "A3 same_office_twice",
            "B4 office_kind_unknown",
            "F5 value_missing",
        ]
    );
}

fn report_lines(sheet: &Sheet) -> Vec<String> {
    let received = NaiveDate::from_ymd_opt(2026, 6, 25).unwrap();
    lines(&report::read(sheet, received), |row| {
        let office = row.office_number.map(|number| number.to_string()).or(row.office.clone());
        let answer = |answer: &Answer<u32>| match answer {
            Answer::Unanswered => "?".to_string(),
            Answer::Nil => "nil".into(),
            Answer::Told(count) => count.to_string(),
        };
        let accidents = match &row.accidents {
            Answer::Unanswered => "?".to_string(),
            Answer::Nil => "nil".into(),
            Answer::Told(told) => told
                .iter()
                .map(|one| {
                    let when =
                        one.occurred.map_or("-".into(), |at| at.format("%m-%d %H:%M").to_string());
                    let persons = one.persons.map_or("-".into(), |count| count.to_string());
                    format!("{:?}@{when} {persons}p {}", one.kind, one.measures_told)
                })
                .collect::<Vec<_>>()
                .join("+"),
        };
        format!(
            "{} {} n={} a={accidents} h={} d={} e={} by={} silent={}",
            office.unwrap_or_default(),
            row.period,
            row.headcount.map_or("?".into(), |count| count.to_string()),
            answer(&row.health),
            answer(&row.hazards),
            answer(&row.needs),
            row.stated_by.as_ref().map_or("-", |name| name.expose()),
            row.silent.join("/"),
        )
    })
}

#[track_caller]
fn check_report(rows: &[&[&str]], expected: &[&str]) {
    assert_eq!(report_lines(&sheet(rows)), expected);
}

#[test]
fn a_printed_form_nil_and_with_an_accident() {
    check_report(
        &[
            &["月报告单"],
            &["填报单位", "青禾镇卫生院", "单位编号", "O123"],
            &["报告月份", "2026年6月", "在岗人数", "n:12"],
            &["安全、健康事故（没有请填“无”）", "安全无事。"],
            &["事故类别", "发生时间", "涉及人数", "处理措施"],
            &[],
            &["患病、健康情况", "无"],
            &["隐患及整改", "无"],
            &["困难和诉求", "2人希望解决住宿"],
            &["填报人：谢明　　审核人：甲　　负 责 人：冉雨（盖章）"],
        ],
        &["2 O123 2026-06 n=12 a=nil h=nil d=nil e=2 by=谢明 silent="],
    );
    check_report(
        &[
            &["2026年6月月报告单"],
            &["报告单位：青禾镇卫生院"],
            &["安全健康事故", "有", "", ""],
            &["事故类别", "发生时间", "涉及人数", "处理措施"],
            &["交通事故", "6月9日15时30分", "1人", "已送医"],
            &["摔伤", "d:46185", "n:2", ""],
            &["患病人数", "/"],
        ],
        &[
            "2 青禾镇卫生院 2026-06 n=? a=Traffic@06-09 15:30 1p true+Injury@06-12 12:00 2p false h=? d=? e=? by=- silent= !B7:dash_is_no_answer",
        ],
    );
}

#[test]
fn free_words_about_an_accident() {
    check_report(
        &[
            &["单位名称", "月份", "在岗人数", "事故情况", "健康情况", "填报人"],
            &["一", "6月", "3人", "2起：6月12日下村途中摔伤1人，已送医", "良好", "甲"],
            &["二", "2026.06", "五", "1人发热住院", "1人", ""],
            &["三", "6月", "十二", "无大碍的擦伤一次", "", "乙"],
            &["四", "6月", "2.5", "无", "无", "丙"],
            &["合计", "", "n:20", "", "", ""],
        ],
        &[
            "2 一 2026-06 n=3 a=Injury@06-12 12:00 1p true+Other@- -p false h=nil d=? e=? by=甲 silent= !D2:incident_kind_not_said",
            "3 二 2026-06 n=5 a=Illness@- 1p false h=1 d=? e=? by=- silent= !D3:incident_day_not_readable",
            "4 三 2026-06 n=12 a=Injury@- -p false h=? d=? e=? by=乙 silent= !D4:incident_day_not_readable",
            "C5 count_not_readable",
        ],
    );
}

#[test]
fn a_table_takes_month_and_name_from_around_it() {
    check_report(
        &[
            &["某区2026年5月安全健康情况月报表"],
            &["序号", "服务单位", "在岗人数", "安全事故", "健康状况", "隐患", "诉求"],
            &["n:1", "一", "n:3", "无", "无", "无", "无"],
            &["n:2", "二", "n:4", "零", "n:2", "", "—"],
            &["n:3", "", "n:4", "零", "", "", ""],
            &["填报人：谢明", "", "", "填报日期：2026年5月26日"],
        ],
        &[
            "3 一 2026-05 n=3 a=nil h=nil d=nil e=nil by=谢明 silent=",
            "4 二 2026-05 n=4 a=nil h=2 d=? e=? by=谢明 silent= !G4:dash_is_no_answer",
        ],
    );
}

#[test]
fn a_report_that_does_not_say_whose_or_when() {
    check_report(
        &[&["报告单位", ""], &["报告月份", "上月"], &["安全事故", "无"], &["填报人", "甲"]],
        &["B1 value_missing", "B2 month_not_readable"],
    );
    check_report(
        &[&["安全事故", "无"], &["在岗人数", "n:3"]],
        &["1 heading_missing", "1 heading_missing"],
    );
}

#[test]
fn a_form_that_says_nothing_or_two_things() {
    // Sent back as it went out: headcount and contact were printed in it, no section was answered.
    check_report(
        &[
            &["单位编号", "O6", "报告月份", "2026年6月"],
            &["在岗人数", "n:2"],
            &["安全、健康事故", ""],
            &["患病、健康情况", ""],
            &["填报人：甲"],
        ],
        &["B3 nothing_answered"],
    );
    check_report(
        &[
            &["单位编号", "O4", "报告月份", "2026年6月"],
            &["安全、健康事故", "无"],
            &["事故类别", "发生时间", "涉及人数", "处理措施"],
            &["溺水", "2026-06-20", "2人", ""],
        ],
        &["B2 nil_beside_accident"],
    );
}

#[test]
fn silent_units_of_a_consolidated_form() {
    check_report(
        &[
            &["报告单位", "某区项目办", "", "单位编号", "O3", "报告月份", "2026年6月"],
            &["在岗人数", "n:30", "", "安全、健康事故", "无"],
            &["患病、健康情况", "1人", "", "隐患及整改", "无", "困难和诉求", "无"],
            &["未报单位", "三、四 ， O9"],
            &[
                "序号",
                "服务单位",
                "单位编号",
                "在岗人数",
                "安全、健康事故",
                "患病、健康情况",
                "收到日期",
            ],
            &["n:1", "一", "O7", "n:30", "1起", "1人", "2026年6月20日"],
            &["填报人：谢明", "", "审核人：", "", "负责人："],
        ],
        &["1 O3 2026-06 n=30 a=nil h=1 d=nil e=nil by=谢明 silent=三/四/O9"],
    );
}

#[test]
fn sheets_are_told_apart() {
    let kind = |rows: &[&[&str]]| recognise(&sheet(rows)).map(|seen| (seen.kind, seen.heading_row));
    let roster: &[&[&str]] = &[&["花名册"], &["姓名", "身份证号", "服务单位", "联系方式"]];
    assert_eq!(kind(roster), Some((SheetKind::Roster, 1)));
    let directory: &[&[&str]] = &[&["单位", "负责人", "联系电话"]];
    assert_eq!(kind(directory), Some((SheetKind::Directory, 0)));
    let table: &[&[&str]] = &[&["单位", "在岗人数", "安全事故", "填报人"]];
    assert_eq!(kind(table), Some((SheetKind::Report, 0)));
    let form: &[&[&str]] = &[&["单位", "一"], &["安全事故", ""], &["负责人", "甲"]];
    assert_eq!(kind(form), Some((SheetKind::Report, 0)));
    assert_eq!(kind(&[&["年度总结"], &["一、工作情况"]]), None);
    assert_eq!(kind(&[]), None);
}

#[test]
fn messages_say_where_and_what_to_do_and_nothing_of_the_person() {
    let rows: &[&[&str]] = &[
        &["姓名", "身份证号", "服务单位", "手机"],
        &["冉雨", "110105194912310021", "青禾镇卫生院", "1540000"],
    ];
    let refused = roster::read(&sheet(rows)).refused;
    let zh: Vec<String> = refused.iter().map(|one| one.message(Language::Chinese)).collect();
    assert_eq!(
        zh,
        [
            "工作表“表”第2行B列“身份证号”：身份证号校验位不符，多半有一位录错，请对照身份证核对",
            "工作表“表”第2行D列“手机”：电话号码不对，请填11位手机号或区号加座机号",
        ]
    );
    let en = refused[0].message(Language::English);
    assert_eq!(
        en,
        "sheet `表`, row 2, column B (身份证号): the id's check digit does not fit, most likely one digit is mistyped; compare with the card"
    );
    let accepted = roster::read(&sheet(&[rows[0], &["冉雨", A, "青禾镇卫生院", "15400000001"]]));
    let debug = format!("{accepted:?}");
    for secret in ["冉雨", A, "15400000001"] {
        assert!(!debug.contains(secret), "{secret} shows");
    }
}

/// Words that make headings, values and near misses, so that arbitrary sheets are read deeply.
const WORDS: &[&str] = &[
    "姓名",
    "身份证号",
    "服务单位",
    "单位类别",
    "负责人",
    "联系电话",
    "安全事故",
    "报告月份",
    "填报人：",
    "填报人：甲　审核人：",
    "无",
    "/",
    "2026年6月",
    "2025.8-2026.7",
    "事故类别",
    "发生时间",
    "合计",
    "O17",
    "有",
    "服务单位",
    "区县",
    "1起：6月12日",
    "年月",
    "月",
    "Ｏ１",
    ":",
    "：：",
    "至",
    "-",
    "十",
    "十十十",
    "(((",
    "）",
    "999999200001010011",
    "1E5",
    "人",
    "起",
];

fn any_cell() -> impl Strategy<Value = CellValue> {
    prop_oneof![
        4 => proptest::sample::select(WORDS).prop_map(|word| CellValue::Text(word.into())),
        2 => any::<String>().prop_map(CellValue::Text),
        1 => any::<f64>().prop_map(CellValue::Number),
        1 => any::<f64>().prop_map(CellValue::Date),
        1 => any::<bool>().prop_map(CellValue::Boolean),
        1 => any::<String>().prop_map(CellValue::Error),
    ]
}

fn any_sheet() -> impl Strategy<Value = Sheet> {
    let index = || prop_oneof![6 => 0..9_u32, 1 => Just(u32::MAX), 1 => any::<u32>()];
    let cell =
        (index(), index(), any_cell()).prop_map(|(row, column, value)| Cell { row, column, value });
    let merge = (index(), index(), index(), index()).prop_map(|(a, b, c, d)| Merge {
        first_row: a,
        first_column: b,
        last_row: c,
        last_column: d,
    });
    let cells = proptest::collection::vec(cell, 0..60);
    let merges = proptest::collection::vec(merge, 0..8);
    (cells, merges).prop_map(|(cells, merges)| Sheet { name: "表".into(), cells, merges })
}

proptest! {
    #[test]
    fn no_cells_make_it_panic_and_each_row_is_taken_or_refused(sheet in any_sheet()) {
        let received = NaiveDate::from_ymd_opt(2026, 6, 25).unwrap();
        recognise(&sheet);
        fn apart<T>(intake: &Intake<T>) -> bool {
            let taken: Vec<u32> = intake.accepted.iter().map(|row| row.place.row).collect();
            intake.refused.iter().all(|refused| !taken.contains(&refused.place.row))
        }
        prop_assert!(apart(&roster::read(&sheet)));
        prop_assert!(apart(&directory::read(&sheet)));
        report::read(&sheet, received);
    }

    #[test]
    fn any_value_is_read_or_refused(value in any_cell()) {
        let received = NaiveDate::from_ymd_opt(2026, 6, 25).unwrap();
        let _ = id_number::IdNumber::from_typed(&value);
        let _ = date::read(&value);
        let _ = date::read_span(&value);
        let _ = date::read_month(&value, received);
        let _ = contact::phone(&value);
        let _ = contact::mail(&value);
        let _ = count::read(&value);
    }

    #[test]
    fn a_made_up_id_is_read_however_it_is_spaced(
        year in 1950..2010_i32, ordinal in 1..366_u32, sequence in 0..1000_u32, wide in any::<bool>()
    ) {
        let birth = NaiveDate::from_yo_opt(year, ordinal).unwrap();
        let mut places = [b'0'; 18];
        let body = format!("999999{}{sequence:03}0", birth.format("%Y%m%d"));
        places.copy_from_slice(body.as_bytes());
        places[17] = id_number::check_digit(&places);
        let id = String::from_utf8(places.to_vec()).unwrap();
        let typed: String = id.chars().map(|c| if wide { char::from_u32(c as u32 + 0xfee0).unwrap() } else { c }).collect();
        let read = id_number::IdNumber::from_typed(&CellValue::Text(format!("{} {}", &typed.chars().take(6).collect::<String>(), typed.chars().skip(6).collect::<String>())));
        prop_assert_eq!(read.as_ref().map(|read| read.as_str()), Ok(id.as_str()));
        prop_assert_eq!(read.unwrap().birth_date(), birth);
    }
}

#[test]
fn refusals_are_declared_in_order_and_each_speaks_both_languages() {
    let place = Place { sheet: "表".into(), row: 3, column: None };
    let all: Vec<Refusal> = vec![
        Refusal::SheetNotRecognised,
        Refusal::HeadingMissing { heading: "姓名".into() },
        Refusal::ValueMissing,
        Refusal::CellIsError,
        Refusal::TextTooLong { max: 30 },
        Refusal::IdNumberDigitsLost,
        Refusal::IdNumberOldForm,
        Refusal::IdNumberNotEighteen { length: 17 },
        Refusal::IdNumberOtherCharacters,
        Refusal::IdNumberBirthDateWrong,
        Refusal::IdNumberCheckDigitWrong,
        Refusal::DateNotReadable,
        Refusal::DateAmbiguous,
        Refusal::DateDoesNotExist,
        Refusal::EndsBeforeItBegins,
        Refusal::PhoneNotReadable,
        Refusal::MailNotReadable,
        Refusal::EducationNotReadable,
        Refusal::YearNotReadable,
        Refusal::PlaceNotReadable,
        Refusal::PayNotReadable,
        Refusal::VolunteerNotReadable,
        Refusal::YesOrNoNotReadable,
        Refusal::ConsentNotReadable,
        Refusal::ReachMissing,
        Refusal::CountNotReadable,
        Refusal::ChoiceNotOffered { options: "甲、乙".into() },
        Refusal::PersonNumberNotReadable,
        Refusal::MonthNotReadable,
        Refusal::OfficeNumberNotReadable,
        Refusal::OfficeKindUnknown,
        Refusal::SamePersonTwice { first: place.clone() },
        Refusal::SameWishesTwice { first: place.clone() },
        Refusal::SameOfficeTwice { first: place },
        Refusal::OfficeUnknown { nearest: Some("一".into()) },
        Refusal::OfficeAmbiguous,
        Refusal::SuperiorUnknown { nearest: None },
        Refusal::OfficeNumberAndNameDiffer { recorded: "一".into() },
        Refusal::OfficeOwesNoReturn,
        Refusal::MonthNotBegun,
        Refusal::OfficeKindDiffers,
        Refusal::SuperiorOfWrongKind,
        Refusal::OlderThanRecord,
        Refusal::ServesElsewhere,
        Refusal::NotOfTheSendersOffice,
    ];
    assert!(all.is_sorted());
    let mut texts: BTreeMap<String, ()> = BTreeMap::new();
    for refusal in &all {
        let (zh, en) = (refusal.text(Language::Chinese), refusal.text(Language::English));
        assert!(!zh.ends_with('。') && !en.ends_with('.'), "{zh} {en}");
        assert!(texts.insert(zh, ()).is_none() && texts.insert(en, ()).is_none());
    }
}
