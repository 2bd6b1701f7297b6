//! A backup as a clerk makes it: while commands write, killed half-way, put back elsewhere.

use std::time::{Duration, Instant};

use crate::harness::office::Office;
use crate::harness::program;
use crate::harness::sample::City;

const CITY: City = City { counties: 2, units: 20 };

fn office() -> Office {
    let office = Office::init();
    office.approve_workbooks();
    office.write("directory.csv", CITY.directory());
    office.write("roster.csv", CITY.roster());
    office.run(&["import", "directory.csv", "roster.csv"]).done();
    office
}

#[test]
fn put_back_elsewhere_it_is_held_and_says_so() {
    let office = office();
    let manifest = office.run(&["backup", "b.zip", "--json"]).json_lines().remove(0);
    assert!(manifest["sequence"].as_u64().unwrap() > 100, "{manifest}");
    office.run(&["backup", "b.zip"]).exit(4);
    let said = office.run(&["restore", "b.zip", "new"]).exit(1);
    assert!(said.out.contains("release"), "{}", said.out);
    office.run(&["restore", "b.zip", "new"]).exit(4);
    office.run(&["restore", "directory.csv", "other"]).exit(4);
    assert!(!office.path().join("other").exists(), "a refused backup leaves nothing");
    let new = office.path().join("new");
    let mut status = program::xibu(&new, &["status", "--at", "2026-06-15T09:00:00", "--json"]);
    let said = program::run(&mut status).exit(1);
    let first: serde_json::Value = serde_json::from_str(said.out.lines().next().unwrap()).unwrap();
    assert_eq!(first["held"], "restored_backup", "{first}");
    let mut release = program::xibu(&new, &["release"]);
    assert!(program::run(&mut release).done().contains("released"));
}

/// Killed at any moment, what stands under the final name is whole, or nothing does.
#[test]
fn killed_half_way_there_is_a_whole_backup_or_none() {
    let office = office();
    let begun = Instant::now();
    office.run(&["backup", "whole.zip"]).done();
    let long = begun.elapsed();
    let mut whole = 0;
    for part in 1..=12 {
        let name = format!("k{part}.zip");
        let child = program::spawn(&mut office.command(&["backup", &name]));
        let patience: Duration = long * part / 10;
        // Not done in time: killed.
        let _ = program::wait(child, patience);
        if office.path().join(&name).exists() {
            whole += 1;
            office.run(&["restore", &name, &format!("from-{part}")]).exit(1);
        }
        office.run(&["backup", &format!("after-{part}.zip")]).done();
    }
    assert!(whole < 12, "none was killed");
}
