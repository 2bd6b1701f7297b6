//! Sheets of wishes against a record: who is who, and what was said outright.

use xibu_core::cell::{Cell, CellValue, Sheet};
use xibu_core::consent::Purpose;

use super::*;
use crate::intake::{FileReport, ReadSheet, Reading, examine, import};
use crate::record::Record;
use crate::store::{PersonValue, Store};
use crate::tick::tests::{City, at};

const HEADINGS: &str = "姓名,联系电话,邮箱,学历,意向地点,服务单位,是否同意接收就业信息";

fn reading(rows: &[&str]) -> Reading {
    let mut cells = Vec::new();
    for (row, line) in (0..).zip(std::iter::once(&HEADINGS).chain(rows)) {
        for (column, text) in (0..).zip(line.split(',')).filter(|(_, text)| !text.is_empty()) {
            cells.push(Cell { row, column, value: CellValue::Text(text.into()) });
        }
    }
    let sheet = Sheet { name: "求职意向登记表".into(), cells, merges: vec![] };
    Reading::Sheets(vec![ReadSheet { sheet, hidden: false }])
}

fn arrival(rows: &[&str], civil: &str) -> Arrival {
    Arrival {
        file_name: "求职意向登记表.xlsx".into(),
        bytes: format!("{civil}{rows:?}").into_bytes(),
        received_at: civil.parse().unwrap(),
        by: "clerk".into(),
    }
}

async fn take(city: &mut City, rows: &[&str], civil: &str) -> FileReport {
    city.record = Record::load(&city.store).await.unwrap();
    let (arrival, reading) = (arrival(rows, civil), reading(rows));
    let rulebook = xibu_core::parameter::Rulebook::default();
    let against = (city.record.world(), &rulebook);
    let dry = examine(&city.store, against, &arrival, &reading).await.unwrap();
    let last = city.record.last_sequence();
    let report = import(&city.store, against, last, &arrival, &reading, at(civil)).await.unwrap();
    assert_eq!((dry.changes, dry.profiles), (report.changes, report.profiles));
    city.record.follow(&city.store).await.unwrap();
    report
}

/// Rows of one file after another, then what the record says of the one who wrote them.
#[track_caller]
fn check(files: &[&str], expected: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let found = runtime.block_on(async {
        let mut city = City::running().await;
        for (day, said) in (2..).zip(files) {
            let civil = format!("2026-06-{day:02}T10:00:00");
            if let Some(word) = said.strip_prefix("own word ") {
                let persons =
                    city.store.find_persons(&[(ValueKind::Phone, "13800000001".into())]).await;
                let person = persons.unwrap()[0][0];
                let batch = crate::job::consent_said(
                    person,
                    Purpose::JobInformation,
                    word == "yes",
                    Means::Link,
                    ("page", at(&civil)),
                );
                city.store.record(&batch, at(&civil)).await.unwrap();
                continue;
            }
            let row = format!("甲一,13800000001,,本科,万州,,{said}");
            let report = take(&mut city, &[&row], &civil).await;
            assert_eq!((report.sheets[0].accepted, report.profiles), (1, 1));
        }
        city.record.follow(&city.store).await.unwrap();
        let world = city.record.world();
        let said: Vec<String> = world
            .consents()
            .map(|(_, _, consent)| format!("{:?} {:?}", consent.given, consent.means))
            .collect();
        said.join(" ")
    });
    assert_eq!(found, expected, "{files:?}");
}

#[test]
fn consent_is_what_stands_there_outright_and_ones_own_word_counts_more() {
    check(&[""], "");
    check(&["是"], "true Form");
    check(&["同意"], "true Form");
    check(&["否"], "false Form");
    check(&["是", ""], "true Form");
    check(&["是", "否"], "false Form");
    check(&["否", "是"], "true Form");
    check(&["是", "own word no"], "false Link");
    // The sheet comes again with a row more; this one's old 是 is not a new one.
    check(&["是", "own word no", "是"], "false Link");
    check(&["是", "own word no", "own word yes"], "true Link");
    check(&["", "own word yes", "否"], "false Form");
}

#[tokio::test]
async fn who_is_known_is_found_again() {
    let mut city = City::running().await;
    let known = |person: u32, kind, value: &str| PersonValue {
        person: PersonId(person),
        kind,
        value: value.to_owned(),
    };
    // P101 serves at O3, P102 at O4.
    let values = vec![
        known(101, ValueKind::Name, "甲一"),
        known(101, ValueKind::Phone, "13800000001"),
        known(102, ValueKind::Name, "乙二"),
        known(102, ValueKind::Mail, "y2@mail.test"),
    ];
    let batch = crate::store::Batch { by: "clerk".into(), values, ..Default::default() };
    city.store.record(&batch, at("2026-06-01T12:00:00")).await.unwrap();
    let rows = [
        "甲一,13800000001,j1@mail.test,本科,万州,,是",
        "乙二,,y2@mail.test,硕士,不限,,",
        "丙三,13800000003,,大专,万州,,否",
        "丁四,13800000001,,本科,万州,,",
    ];
    let report = take(&mut city, &rows, "2026-06-02T10:00:00").await;
    assert_eq!((report.profiles, report.new_people, report.changes), (4, 2, 2));
    let profiles = city.store.profiles_after(PersonId(0), 10).await.unwrap();
    let persons: Vec<u32> = profiles.iter().map(|profile| profile.person.0).collect();
    assert_eq!(persons[..2], [101, 102]);
    assert!(profiles[0].grassroots && !profiles[2].grassroots, "the roster knows who serves");
    let personal = city.store.personal(&[PersonId(101)]).await.unwrap();
    assert_eq!(personal[&PersonId(101)].mail.as_deref(), Some("j1@mail.test"));
    // By name at the unit, and only where one alone is called so there.
    let row = "乙二,13900000009,,硕士,万州,第4办,";
    assert_eq!(take(&mut city, &[row], "2026-06-03T10:00:00").await.new_people, 0);
    let row = "乙二,13900000008,,硕士,万州,第3办,";
    assert_eq!(take(&mut city, &[row], "2026-06-04T10:00:00").await.new_people, 1);
}

#[tokio::test]
async fn an_old_yes_is_told_to_the_office() {
    let mut city = City::running().await;
    let row = "甲一,13800000001,,本科,万州,,是";
    take(&mut city, &[row], "2026-06-02T10:00:00").await;
    let person = city.store.profiles_after(PersonId(0), 1).await.unwrap()[0].person;
    let now = at("2026-06-03T10:00:00");
    let stop = crate::job::consent_said(
        person,
        Purpose::JobInformation,
        false,
        Means::Reply,
        ("email", now),
    );
    city.store.record(&stop, now).await.unwrap();
    let report = take(&mut city, &[row], "2026-06-04T10:00:00").await;
    let findings = &report.sheets[0].findings;
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].reason, "consent_taken_back_before");
    assert!(findings[0].only_warning && findings[0].message_zh.contains("不算数"));
}
