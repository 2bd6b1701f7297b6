//! Our calendar and deadlines as programs read them, judged by somebody else's table.
//!
//! The judge is PyPI chinesecalendar, kept by other people from the same notices of the State
//! Council.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::harness::{build, program};

#[test]
fn every_day_of_2009_to_2026_is_as_chinesecalendar_says() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["calendar", "--from", "2009-01-01", "--to", "2026-12-31", "--json"];
    let ours = program::run(&mut program::xibu(folder.path(), &words)).json_lines();
    let said = program::run(build::python().arg(build::root().join("tests/checkers/calendar.py")));
    let theirs: BTreeMap<String, bool> = said
        .json_lines()
        .into_iter()
        .map(|day| (text(&day["date"]), day["workday"] == true))
        .collect();

    assert_eq!(ours.len(), theirs.len(), "days");
    assert_eq!(ours.len(), 6574, "18 years, four of them leap years");
    let mismatches: Vec<&Value> =
        ours.iter().filter(|day| theirs[&text(&day["date"])] != day["workday"]).collect();
    assert_eq!(mismatches, Vec::<&Value>::new(), "mismatches");
}

#[test]
fn a_day_has_exactly_the_promised_keys() {
    let lines = calendar("2026-02-28", "2026-03-02");
    assert_eq!(
        lines,
        [
            r#"{"date":"2026-02-28","workday":true,"name":"春节","assumed":false}"#,
            r#"{"date":"2026-03-01","workday":false,"name":null,"assumed":false}"#,
            r#"{"date":"2026-03-02","workday":true,"name":null,"assumed":false}"#,
        ]
        .map(str::to_owned)
    );
}

#[test]
fn a_day_beyond_the_table_is_marked_assumed() {
    let lines = calendar("2027-01-01", "2027-01-01");
    let day: Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(day["assumed"], true);
}

#[test]
fn deadlines_are_a_line_a_month_with_exclusive_ends() {
    let months = deadlines("2026");
    assert_eq!(months.len(), 12);
    let june = &months[5];
    assert_eq!(june["period"], "2026-06");
    // The 28th is a Sunday, the 27th a Saturday; 19 to 21 June are the Dragon Boat Festival.
    assert_eq!(june["opening"], "2026-06-15T00:00:00+08:00");
    assert_eq!(june["target"], "2026-06-27T00:00:00+08:00");
    assert_eq!(june["late_after"], "2026-06-29T00:00:00+08:00");
    assert_eq!(
        months[1]["late_after"], "2026-03-01T00:00:00+08:00",
        "February's 28th ends in March"
    );
    for month in &months {
        let at = |key: &str| text(&month[key]);
        assert!(at("opening") < at("unit_cutoff"), "{month}");
        assert!(at("unit_cutoff") < at("target"), "{month}");
        assert!(at("target") <= at("late_after"), "{month}");
        let reminders = month["reminders"].as_array().unwrap();
        assert!(!reminders.is_empty(), "{month}");
        for reminder in reminders {
            let keys: Vec<&String> = reminder.as_object().unwrap().keys().collect();
            for key in ["date", "step", "to"] {
                assert!(keys.iter().any(|k| *k == key), "{key} in {reminder}");
                assert!(reminder[key].is_string(), "{reminder}");
            }
        }
    }
}

#[test]
fn the_notice_was_not_in_force_before_may_2009() {
    let periods: Vec<String> = deadlines("2009").iter().map(|m| text(&m["period"])).collect();
    assert_eq!(periods.first().map(String::as_str), Some("2009-05"));
    assert_eq!(periods.len(), 8);
}

fn calendar(from: &str, to: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let words = ["calendar", "--from", from, "--to", to, "--json"];
    let said = program::run(&mut program::xibu(folder.path(), &words)).done();
    said.lines().map(str::to_owned).collect()
}

fn deadlines(year: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    program::run(&mut program::xibu(folder.path(), &["deadlines", "--year", year, "--json"]))
        .json_lines()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
