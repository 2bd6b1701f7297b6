//! Every parser of foreign bytes under fire, without a nightly toolchain: kept inputs, crash inputs
//! and seeded mutations. `XIBU_FUZZ_SECONDS=60` gives each target a minute.

use std::path::PathBuf;

use crate::harness::build::root;
use crate::harness::say;

mod driver;
mod targets;

fn corpus() -> PathBuf {
    root().join("tests/fuzz/corpus")
}

#[track_caller]
fn check(name: &str) {
    let (name, target) = targets::ALL.iter().find(|(known, _)| *known == name).unwrap();
    let rounds = driver::drive(name, &corpus(), target);
    say(format!("fuzz {name}: {rounds} mutations (XIBU_FUZZ_SECONDS gives it longer)"));
}

#[test]
fn frames() {
    check("frame");
}

#[test]
fn packed_cells() {
    check("cells");
}

#[test]
fn frozen_messages() {
    check("frozen");
}

#[test]
fn keys() {
    check("keys");
}

#[test]
fn settings() {
    check("settings");
}

#[test]
fn dates_counts_numbers_addresses() {
    check("values");
}

#[test]
fn sheets() {
    check("sheet");
}

#[test]
fn messages_of_plugins() {
    check("message");
}

#[test]
fn papers_searched_for_a_person() {
    check("search");
}

#[test]
fn answers_of_people() {
    check("reply");
}

#[test]
fn job_advertisements() {
    check("posting");
}

/// No target is forgotten here, and no folder of the corpus has no target.
#[test]
fn every_target_has_its_corpus() {
    let mut folders: Vec<String> = std::fs::read_dir(corpus())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let mut known: Vec<&str> = targets::ALL.iter().map(|(name, _)| *name).collect();
    // Driven in their plugins' own tests.
    known.extend(["mail", "workbook"]);
    known.sort_unstable();
    assert_eq!(folders, known);
}
