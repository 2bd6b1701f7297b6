//! The door as a clerk finds it: wrong configurations, dirty files, a second daemon, a clean stop.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use crate::harness::office::Office;
use crate::harness::program;
use crate::harness::sample::City;

const CITY: City = City { counties: 1, units: 2 };

#[test]
fn no_argument_prints_a_help_that_names_the_demo() {
    let folder = tempfile::tempdir().unwrap();
    for (language, word) in [("en", "demo"), ("zh", "demo")] {
        let said = program::run(&mut program::xibu(folder.path(), &["--lang", language])).done();
        assert!(said.contains(word), "{said}");
    }
}

#[track_caller]
fn check_refused(change: impl FnOnce(&mut toml::Table), expected: &[&str]) {
    let office = Office::init();
    office.change(change);
    let said = office.run(&["check-config"]).exit(3);
    for word in expected {
        assert!(
            said.err.contains(word) || said.out.contains(word),
            "{word}\n{}{}",
            said.out,
            said.err
        );
    }
}

#[test]
fn a_misspelt_key_is_named_with_the_nearest_right_one() {
    let misspell = |whole: &mut toml::Table| {
        whole["office"].as_table_mut().unwrap().insert("srves".into(), "O1".into());
    };
    check_refused(misspell, &["office.srves", "serves"]);
}

#[test]
fn every_wrong_value_is_named_in_one_pass() {
    let spoil = |whole: &mut toml::Table| {
        let office = whole["office"].as_table_mut().unwrap();
        office.insert("zone".into(), "Mars/Olympus".into());
        office.insert("dta".into(), "data".into());
    };
    check_refused(spoil, &["office.zone", "office.dta"]);
}

#[test]
fn a_variable_overrides_the_file_and_a_wrong_one_is_named() {
    let office = Office::init();
    let mut command = office.command(&["check-config"]);
    let said = program::run(command.env("XIBU__OFFICE__ZONE", "Mars/Olympus")).exit(3);
    assert!(said.err.contains("XIBU__OFFICE__ZONE"), "{}", said.err);
}

#[test]
fn a_secret_is_never_shown() {
    let office = Office::init();
    let mut command = office.command(&["check-config"]);
    let said = program::run(command.env("XIBU__PLUGIN__EMAIL__SETTINGS__PASSWORD", "hunter2"));
    assert!(!(said.out + &said.err).contains("hunter2"));
}

/// One bad row never stops a file; every bad row is told with its place, without personal values.
#[test]
fn a_dirty_roster_gives_its_good_rows_and_the_place_of_each_bad_one() {
    let office = Office::init();
    office.approve_workbooks();
    let mut lines: Vec<String> = CITY.roster().lines().map(str::to_owned).collect();
    let good = lines[1].clone();
    lines.push(good.replace("99999920000101", "99999920000230"));
    lines.push(good.replace("孙1,", ","));
    office.write("dirty.csv", lines.join("\n"));
    let said = office.run(&["intake", "dirty.csv", "--json"]).exit(1);
    let rows: Vec<serde_json::Value> =
        said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let refused: Vec<&serde_json::Value> =
        rows.iter().filter(|row| row.to_string().contains("refused")).collect();
    assert!(refused.len() >= 2, "{}", said.out);
    let places = said.out.clone();
    for row in ["4", "5"] {
        assert!(places.contains(&format!("\"row\":{row}")), "row {row} in {places}");
    }
    assert!(!said.out.contains("99999920000230"), "no id number is shown");
}

#[test]
fn a_gb18030_file_is_read_as_the_same() {
    let office = Office::init();
    office.approve_workbooks();
    office.write("utf8.csv", CITY.directory());
    let mut convert = std::process::Command::new("iconv");
    convert
        .current_dir(office.path())
        .args(["-f", "UTF-8", "-t", "GB18030", "-o", "gb.csv", "utf8.csv"]);
    assert!(convert.status().unwrap().success());
    let read = |name| office.run(&["intake", name, "--json"]).done().replace(name, "");
    assert_eq!(read("utf8.csv"), read("gb.csv"));
}

#[test]
fn a_second_daemon_is_refused_and_the_first_stops_cleanly() {
    let office = Office::init();
    office.approve_workbooks();
    let mut first = program::spawn(&mut office.command(&["run"]));
    let mut log = BufReader::new(first.stderr.take().unwrap());
    await_line(&mut log, "ready");
    let second = office.run(&["run"]).exit(4);
    assert!(second.err.contains("another daemon"), "{}", second.err);
    office.run(&["status"]);
    program::signal(first.id(), "TERM");
    let ended = program::wait(first, Duration::from_secs(30)).expect("it stops");
    assert_eq!(ended.status.code(), Some(0));
    // What a former life left is taken up again.
    let mut again = program::spawn(&mut office.command(&["run"]));
    let mut log = BufReader::new(again.stderr.take().unwrap());
    await_line(&mut log, "ready");
    program::signal(again.id(), "TERM");
    assert_eq!(program::wait(again, Duration::from_secs(30)).unwrap().status.code(), Some(0));
}

fn await_line(log: &mut impl BufRead, word: &str) {
    let mut seen = String::new();
    loop {
        let mut line = String::new();
        assert!(log.read_line(&mut line).unwrap() > 0, "it ended before \"{word}\":\n{seen}");
        if line.contains(word) {
            return;
        }
        seen += &line;
    }
}

#[test]
fn a_library_that_changed_is_not_loaded() {
    let office = Office::init();
    office.approve_workbooks();
    let library = office.path().join("plugins/libxibu_spreadsheet.so");
    let mut bytes = std::fs::read(&library).unwrap();
    bytes.push(0);
    std::fs::write(&library, bytes).unwrap();
    office.write("directory.csv", CITY.directory());
    let said = office.run(&["intake", "directory.csv"]).exit(5);
    assert!(said.err.contains("plugin approve"), "{}", said.err);
}
