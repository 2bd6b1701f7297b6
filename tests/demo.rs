//! The demo as a newcomer runs it: twice with the same seed, then asked about.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::harness::mailbox;
use crate::harness::program::{run, xibu};

#[test]
fn the_same_seed_gives_the_same_month_and_it_can_be_asked_about() {
    let folder = tempfile::tempdir().unwrap();
    let first = run(&mut xibu(folder.path(), &["demo", "--dir", "one", "--json"])).json_lines();
    let second = run(&mut xibu(folder.path(), &["demo", "--dir", "two", "--json"])).json_lines();
    assert!(first.len() > 20, "{} lines", first.len());
    let without_place = |lines: &[serde_json::Value], dir: &str| -> Vec<String> {
        lines.iter().map(|line| line.to_string().replace(dir, "DIR")).collect()
    };
    assert_eq!(without_place(&first, "one"), without_place(&second, "two"));
    asked_about(&folder.path().join("one"));
}

fn asked_about(office: &Path) {
    let said = |words: &[&str]| {
        let said = run(&mut xibu(office, words));
        assert!(matches!(said.status.code(), Some(0 | 1)), "{words:?}\n{}{}", said.out, said.err);
        said.out
    };
    assert!(!said(&["status", "--at", "2026-06-30T12:00:00"]).is_empty());
    let envelopes = said(&["outbox", "list", "--json"]);
    let by_mail = |line: &&str| line.contains("\"accepted\"") && line.contains("\"email\"");
    let accepted = envelopes.lines().filter(by_mail).count();
    assert!(accepted > 300, "{accepted} accepted");
    assert_eq!(mails(office), accepted, "a mail for each message the mail server took");
    for (class, state) in [("duty", "delivered"), ("answer", "delivered"), ("alarm", "accepted")] {
        let is_one = |line: &&str| line.contains(&format!("/{class}/")) && line.contains(state);
        assert!(envelopes.lines().any(|line| is_one(&line)), "no {class} is {state}");
    }
    assert!(envelopes.contains("every_address_failed"), "the dead number");
    let digest = envelopes.lines().find(|line| line.contains("/digest/")).unwrap();
    let digest: serde_json::Value = serde_json::from_str(digest).unwrap();
    let shown = said(&["outbox", "show", digest["key"].as_str().unwrap()]);
    assert!(shown.contains("为什么推荐"), "{shown}");
    assert!(said(&["arrivals", "list", "--all"]).contains("A1"));
    // Told again until both offices said they know, closed by the morning; the month's return that
    // tells of it opened no other.
    assert_eq!(said(&["incident", "list", "--json"]), "");
    let incidents = said(&["incident", "list", "--all", "--json"]);
    assert_eq!(incidents.lines().count(), 1, "{incidents}");
    assert!(incidents.contains("\"stage\":\"closed\""), "{incidents}");
    let explained = said(&["--lang", "zh", "explain", "incident/I1"]);
    assert!(explained.contains("月报中亦已填报") && explained.contains("已结案"), "{explained}");
    assert!(said(&["incident", "show", "I1"]).contains("1人受伤"));
    assert!(said(&["postings", "list", "--all"]).contains("J1"));
    let envelope: serde_json::Value =
        serde_json::from_str(envelopes.lines().next().unwrap()).unwrap();
    let key = envelope["key"].as_str().unwrap();
    assert!(said(&["outbox", "show", key]).contains(key));
    assert!(!said(&["explain", key]).is_empty());
    let chinese = said(&["--lang", "zh", "explain", "county_monthly_return/O2/2026-06"]);
    assert!(chinese.contains("渝项目办发〔2009〕22号"), "{chinese}");
    simulated(office, &envelopes);
    put_together(office);
}

/// Months put together, on screen and on paper; the city's figures are those the demo closes with.
fn put_together(office: &Path) {
    // 1: the demo's month has somebody late in it.
    let lines = |words: &[&str]| run(&mut xibu(office, words)).exit(1).lines();
    let city = lines(&["city", "--period", "2026-06", "--json"]);
    let month = city.iter().find(|line| line["kind"] == "month").unwrap();
    let counties: Vec<_> = city.iter().filter(|line| line["kind"] == "county").collect();
    assert_eq!(counties.len() as u64, month["counties"]["expected"].as_u64().unwrap());
    let sum = |of: &str| counties.iter().map(|it| it["units"][of].as_u64().unwrap()).sum::<u64>();
    for of in ["expected", "in", "nil", "late", "silent", "held", "on_time", "on_time_lenient"] {
        assert_eq!(sum(of), month["units"][of].as_u64().unwrap(), "{of}");
    }
    let status = lines(&["status", "--json"]);
    let is_unit = |line: &&serde_json::Value| {
        line["key"].as_str().is_some_and(|key| {
            line["kind"] == "obligation" && key.starts_with("unit_") && key.ends_with("/2026-06")
        })
    };
    let of_status = status.iter().filter(is_unit);
    assert_eq!(of_status.clone().count() as u64, sum("expected"));
    let came = of_status.filter(|line| !line["standing"]["in"].is_null());
    assert_eq!(came.count() as u64, sum("in"));
    for (whose, files) in [("O2", 2), ("O1", 2)] {
        let out = format!("paper-{whose}");
        let words = ["consolidate", whose, "--period", "2026-06", "--out", &out];
        let said = run(&mut xibu(office, &words));
        assert!(matches!(said.status.code(), Some(0 | 1)), "{}{}", said.out, said.err);
        assert_eq!(std::fs::read_dir(office.join(&out)).unwrap().count(), files);
    }
    confirmed(office);
}

/// A county confirms, and amends; each stands beside what is there, and nothing twice.
fn confirmed(office: &Path) {
    let found = |office: &Path| {
        let words = ["consolidate", "O2", "--period", "2026-06", "--json"];
        run(&mut xibu(office, &words)).json_lines().remove(0)
    };
    let confirm = |more: &[&str]| {
        let words = [&["confirm", "O2", "--period", "2026-06", "--json"], more].concat();
        run(&mut xibu(office, &words)).status.code()
    };
    assert_eq!(found(office)["confirmation"]["confirmed"], "no");
    let version = found(office)["version"].as_str().unwrap().to_owned();
    assert_eq!(confirm(&["--version", "0123456789abcdef"]), Some(4));
    assert_eq!(confirm(&["--amend", "headcount=35"]), Some(2), "a reason is asked for");
    assert_eq!(confirm(&["--amend", "accidents=3", "--reason", "误"]), Some(4));
    assert_eq!(confirm(&["--version", &version]), Some(0));
    assert_eq!(confirm(&[]), Some(4), "confirmed already");
    assert_eq!(confirm(&["--amend", "在岗人数=70", "--reason", "漏计"]), Some(0));
    let amended = found(office);
    let confirmation = &amended["confirmation"];
    assert_eq!(
        (confirmation["confirmed"].as_str(), &amended["version"]),
        (Some("yes"), &confirmation["version"])
    );
    assert_eq!(confirmation["amendments"][0]["to"], 70);
}

/// The month once more on a copy, with the returns as they were recorded: the same messages under
/// the same keys with the same notices as were really delivered.
fn simulated(office: &Path, envelopes: &str) {
    let before = database(office);
    let words = ["simulate", "--from", "2026-06-13", "--to", "2026-07-05", "--json"];
    let lines = run(&mut xibu(office, &words)).json_lines();
    assert!(database(office) == before, "a simulation changed the data");
    let follows = |line: &serde_json::Value| line["key"].as_str().unwrap().contains("/alarm/");
    let messages = lines.iter().filter(|line| line["kind"] == "message" && !follows(line));
    let simulated: BTreeMap<String, BTreeSet<String>> = messages
        .map(|line| {
            let notices = line["notices"].as_array().unwrap().iter();
            let notices = notices.map(|notice| notice["key"].as_str().unwrap().to_owned());
            (line["key"].as_str().unwrap().to_owned(), notices.collect())
        })
        .collect();
    let lines = envelopes.lines().map(serde_json::from_str::<serde_json::Value>);
    // What a channel took, whatever was heard of it later. Answers and alarms follow from what
    // comes in, which a simulation does not make up.
    let went = lines.map(Result::unwrap).filter(|line| {
        let key = line["key"].as_str().unwrap();
        let by_itself =
            ["/duty/", "/digest/", "/question/", "/form/"].iter().any(|it| key.contains(it));
        by_itself && !line["channel"].is_null()
    });
    let delivered: BTreeMap<String, BTreeSet<String>> = went
        .map(|line| {
            let notices = line["notices"].as_array().unwrap().iter();
            let notices = notices.map(|key| key.as_str().unwrap().to_owned());
            (line["key"].as_str().unwrap().to_owned(), notices.collect())
        })
        .collect();
    let keys = |of: &BTreeMap<String, BTreeSet<String>>| -> BTreeSet<String> {
        of.keys().cloned().collect()
    };
    let (ours, real) = (keys(&simulated), keys(&delivered));
    let missing: Vec<_> = real.difference(&ours).collect();
    let more: Vec<_> = ours.difference(&real).collect();
    assert!(missing.is_empty() && more.is_empty(), "missing {missing:?}, more {more:?}");
    // What was left out at sending stands in the outbox still, so here only the simulated ones.
    for (key, notices) in &simulated {
        assert!(notices.is_subset(&delivered[key]), "{key}: {notices:?} {:?}", delivered[key]);
    }
}

fn database(office: &Path) -> Vec<u8> {
    std::fs::read(office.join("data/xibu.db")).unwrap()
}

/// Mails the demo left, wherever below its folder.
fn mails(folder: &Path) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            count += mails(&path);
        } else if path.extension().is_some_and(|extension| extension == "eml") {
            let mail = mailbox::parse(&std::fs::read(&path).unwrap());
            assert!(mail.header("to").contains(".test"), "{}", path.display());
            count += 1;
        }
    }
    count
}
