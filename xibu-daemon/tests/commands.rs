//! The command line from outside: exit codes, and the JSON that programs read.
//!
//! Plugins are not needed here; what needs them is tested in the repository's `tests`.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

fn run(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xibu-daemon"))
        .args(words)
        .current_dir(folder)
        .env_clear()
        .env("LANG", "zh_CN.UTF-8")
        .output()
        .unwrap()
}

/// Runs a command in an office's folder with a minimal configuration; its exit code must be `code`.
#[track_caller]
fn check(words: &[&str], code: i32) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("xibu.toml"), "[office]\nserves = [\"O1\"]\n").unwrap();
    check_in(folder.path(), words, code)
}

#[track_caller]
fn check_in(folder: &Path, words: &[&str], code: i32) -> String {
    let output = run(folder, words);
    let shown = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{words:?}: {shown}{errors}");
    shown + &errors
}

#[track_caller]
fn lines(shown: &str) -> Vec<Value> {
    shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn no_word_prints_a_short_help_that_names_the_demo() {
    let nowhere = tempfile::tempdir().unwrap();
    let help = check_in(nowhere.path(), &[], 0);
    assert!(help.contains("用法") && help.contains("xibu-daemon demo"), "{help}");
    let help = check_in(nowhere.path(), &["--lang", "en"], 0);
    assert!(help.contains("Usage") && help.contains("xibu-daemon demo"), "{help}");
}

#[test]
fn deadlines_are_told_month_by_month() {
    let nowhere = tempfile::tempdir().unwrap();
    let shown = check_in(nowhere.path(), &["deadlines", "--year", "2026", "--json"], 0);
    let months = lines(&shown);
    assert_eq!(months.len(), 12);
    let mut june = months[5].clone();
    let reminders = june["reminders"].take();
    assert_eq!(
        june,
        json!({
            "period": "2026-06",
            "opening": "2026-06-15T00:00:00+08:00",
            "unit_cutoff": "2026-06-25T00:00:00+08:00",
            "target": "2026-06-27T00:00:00+08:00",
            "late_after": "2026-06-29T00:00:00+08:00",
            "reminders": null,
            "assumed": false,
        })
    );
    let of_county = reminders.as_array().unwrap().iter();
    let of_county: Vec<String> = of_county
        .filter(|reminder| reminder["debt"] == "county_monthly_return")
        .map(|it| format!("{} {} {}", it["date"], it["step"], it["to"]).replace('"', ""))
        .collect();
    assert_eq!(
        of_county,
        [
            "2026-06-15 opening county_contact",
            "2026-06-24 before county_contact",
            "2026-06-26 on_the_day county_contact",
            "2026-06-29 first_after county_head",
            "2026-06-30 second_after city_staff",
            "2026-07-01 third_after city_head",
        ]
    );
    // The rules are in force from 2009-05 on.
    assert_eq!(lines(&check(&["deadlines", "--year", "2009", "--json"], 0)).len(), 8);
    assert_eq!(lines(&check(&["deadlines", "--year", "2008", "--json"], 0)).len(), 0);
}

#[test]
fn a_parameter_of_the_office_moves_its_deadlines() {
    let folder = tempfile::tempdir().unwrap();
    let toml = "[office]\nserves = [\"O1\"]\n[[parameter]]\nname = \"report_due_day\"\n\
                from = 2026-01-01\nvalue = 4\nset_by = \"市项目办\"\nreason = \"试行\"\n";
    fs::write(folder.path().join("xibu.toml"), toml).unwrap();
    let shown = check_in(folder.path(), &["deadlines", "--year", "2026", "--json"], 0);
    assert_eq!(lines(&shown)[5]["late_after"], "2026-06-05T00:00:00+08:00");
}

#[test]
fn the_calendar_is_told_day_by_day() {
    let nowhere = tempfile::tempdir().unwrap();
    let words = ["calendar", "--from", "2026-02-28", "--to", "2026-03-01", "--json"];
    assert_eq!(
        check_in(nowhere.path(), &words, 0),
        "{\"date\":\"2026-02-28\",\"workday\":true,\"name\":\"春节\",\"assumed\":false}\n\
         {\"date\":\"2026-03-01\",\"workday\":false,\"name\":null,\"assumed\":false}\n"
    );
    check(&["calendar", "--from", "2026-03-01", "--to", "2026-02-28"], 2);
}

#[test]
fn wrong_words_end_with_2() {
    check(&["frobnicate"], 2);
    check(&["explain", "blah"], 2);
    check(&["outbox", "list", "--state", "lost"], 2);
    check(&["outbox", "show", "17"], 2);
    check(&["plugin", "approve", "pigeon"], 2);
    check(&["deadlines", "--year", "1"], 2);
}

#[test]
fn a_wrong_configuration_ends_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let said = check_in(folder.path(), &["status"], 3);
    assert!(said.contains("init"), "{said}");
    check_in(folder.path(), &["status", "--config", "nowhere.toml"], 3);
    fs::write(folder.path().join("xibu.toml"), "[ofice]\nserves = [\"O1\"]\n").unwrap();
    let said = check_in(folder.path(), &["check-config"], 3);
    let shown = check_in(folder.path(), &["check-config", "--json"], 3);
    let problem = &lines(&shown)[0];
    assert_eq!((&problem["key"], &problem["place"]), (&json!("ofice"), &json!("xibu.toml")));
    assert!(said.contains("xibu.toml，ofice：没有这一项；是否想写 `office`"), "{said}");
}

#[test]
fn what_is_not_there_ends_with_4() {
    check(&["explain", "county_monthly_return/O2/2026-06"], 4);
    check(&["explain", "P1/duty/2026-06-26/1"], 4);
    check(&["outbox", "retry", "P1/duty/2026-06-26/1"], 4);
}

#[test]
fn an_office_without_anything_has_a_status() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("xibu.toml"), "[office]\nserves = [\"O1\"]\n").unwrap();
    check_in(folder.path(), &["pause"], 0);
    let shown = check_in(folder.path(), &["status", "--at", "2026-06-26T12:00:00", "--json"], 0);
    assert_eq!(
        lines(&shown),
        [json!({
            "kind": "daemon",
            "at": "2026-06-26T12:00:00+08:00",
            "runs": false,
            "held": null,
            "paused": true,
            "redirected": false,
            "last_tick": null,
        })]
    );
    check_in(folder.path(), &["pause", "--resume"], 0);
    check_in(folder.path(), &["release"], 0);
    check_in(folder.path(), &["outbox", "list"], 0);
    let shown = check_in(folder.path(), &["status", "--json"], 0);
    assert_eq!(lines(&shown)[0]["paused"], false);
}

#[test]
fn consent_and_postings_say_what_is_wrong() {
    let shown = check(&["consent", "list", "--json"], 0);
    assert_eq!(shown, "");
    check(&["consent", "P9", "job_information", "--given"], 4);
    check(&["consent", "P9", "job_information"], 2);
    check(&["consent", "P9", "job_information", "--given", "--withdrawn"], 2);
    check(&["consent", "P9"], 2);
    check(&["consent", "甲某", "job_information", "--given"], 2);
    check(&["consent", "P9", "gossip", "--given"], 2);
    let shown = check(&["consent", "P9", "safety", "--given"], 2);
    assert!(shown.contains("职责"), "{shown}");
    assert_eq!(check(&["postings", "list", "--json"], 0), "");
    check(&["postings", "show", "J1"], 4);
    check(&["postings", "show", "12"], 2);
    check(&["explain", "digest/P9/2026-06-26"], 4);
    let shown = check(&["feed", "a.xml", "--for", "P9"], 3);
    assert!(shown.contains("plugin.jobfeed"), "{shown}");
}
