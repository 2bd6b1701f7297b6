//! A person is erased by the ordinary door: planted by workbooks and mails, searched for in every
//! file of the data folder afterwards.

use std::path::Path;

use serde_json::Value;

use crate::harness::build::built;
use crate::harness::exim::{Exim, Speaks};
use crate::harness::office::Office;
use crate::harness::program;
use crate::harness::sample::City;

const CITY: City = City { counties: 1, units: 2 };
const CONTACT: &str = "欧阳独特";
const CONTACT_MAIL: &str = "ouyang.dute@unit.test";
const CONTACT_PHONE: &str = "15400009876";
const VOLUNTEER: &str = "司马罕见";
const VOLUNTEER_PHONE: &str = "15400005432";
/// With a check digit that fits, on a region code never issued.
const VOLUNTEER_ID: &str = "999999199907070015";

/// A contact who gets mail and a volunteer whose service is over, among others.
fn planted(server: &Exim) -> Office {
    let office = Office::init_with(&built().daemon_with_failpoints);
    office.mail_by(server.port(), Speaks::Plain, None);
    office.approve();
    let directory = CITY.directory();
    let mut lines: Vec<String> = directory.lines().map(str::to_owned).collect();
    lines[0] += ",联系人手机";
    for line in &mut lines[1..] {
        *line += ",";
    }
    let unit = lines.iter_mut().find(|line| line.contains("contact-c1u1@unit.test")).unwrap();
    let contact = unit.split(',').nth(5).unwrap().to_owned();
    *unit = unit.replace(&contact, CONTACT).replace("contact-c1u1@unit.test", CONTACT_MAIL);
    unit.push_str(CONTACT_PHONE);
    office.write("directory.csv", lines.join("\n"));
    let unit = CITY.roster().lines().nth(1).unwrap().split(',').nth(4).unwrap().to_owned();
    let county = CITY.roster().lines().nth(1).unwrap().split(',').nth(3).unwrap().to_owned();
    let mut roster: Vec<String> = CITY.roster().lines().map(|line| format!("{line},")).collect();
    roster[0] += "手机";
    roster.push(format!(
        "{VOLUNTEER},男,{VOLUNTEER_ID},{county},{unit},2024年8月至2026年5月,{VOLUNTEER_PHONE}"
    ));
    office.write("roster.csv", roster.join("\n"));
    let said = office.run(&["import", "directory.csv", "roster.csv"]);
    assert_eq!(said.status.code(), Some(0), "{}{}", said.out, said.err);
    office
}

fn round(office: &mut Office, at: &str) {
    office.set_clock(at);
    office.run(&["run"]).done();
}

/// `erase -` with the value on standard input, as a clerk types it.
fn erase(office: &Office, value: &str, more: &[&str]) -> program::Said {
    office.write("who.txt", value);
    let words: Vec<&str> = ["erase", "-", "--json"].iter().chain(more).copied().collect();
    let mut command = office.command(&words);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    command.stdin(std::fs::File::open(office.path().join("who.txt")).unwrap());
    let said = command.output().unwrap();
    std::fs::remove_file(office.path().join("who.txt")).unwrap();
    program::Said {
        status: said.status,
        out: String::from_utf8(said.stdout).unwrap(),
        err: String::from_utf8(said.stderr).unwrap(),
    }
}

fn json(said: &program::Said) -> Value {
    serde_json::from_str(said.out.lines().next().unwrap_or_default())
        .unwrap_or_else(|error| panic!("{error}: {}{}", said.out, said.err))
}

/// Files below `folder` that hold one of the values.
fn files_with(folder: &Path, values: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, values));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for value in values {
            let wide: Vec<u8> = value.encode_utf16().flat_map(u16::to_le_bytes).collect();
            for needle in [value.as_bytes(), &wide] {
                if bytes.windows(needle.len()).any(|window| window == needle) {
                    found.push(format!("{value} in {}", path.display()));
                }
            }
        }
    }
    found
}

fn explained(office: &Office) -> String {
    let keys = ["county_monthly_return/O2/2026-06", "unit_monthly_return/O3/2026-06"];
    keys.map(|key| office.run(&["explain", key]).done()).concat()
}

#[test]
fn a_person_goes_and_every_figure_stays() {
    let server = Exim::start(Speaks::Plain);
    let mut office = planted(&server);
    round(&mut office, "2026-06-15T09:00:00");
    office.run(&["release"]).done();
    round(&mut office, "2026-06-15T09:05:00");
    let mails = server.mails().len();
    assert!(mails > 0);
    let data = office.path().join("data");
    let all = [CONTACT, CONTACT_MAIL, CONTACT_PHONE, VOLUNTEER, VOLUNTEER_PHONE, VOLUNTEER_ID];
    assert!(!files_with(&data, &all).is_empty(), "the search finds what is there");

    // In post: a named refusal, and nothing is changed.
    let refused = erase(&office, CONTACT_MAIL, &[]).exit(4);
    assert!(refused.err.contains("(in_post)"), "{}", refused.err);
    let before = explained(&office);
    let dry = json(&erase(&office, VOLUNTEER_ID, &["--dry-run"]));
    assert_eq!(dry["dry_run"], true);
    assert!(!files_with(&data, &all).is_empty());
    let erased = json(&erase(&office, VOLUNTEER_ID, &[]).exit(0));
    assert_eq!(erased["values"], dry["values"]);
    assert_eq!(erased["left_in"].as_array().unwrap().len(), 0, "{erased}");
    assert_eq!(files_with(&data, &all[3..]), Vec::<String>::new());
    assert_eq!(explained(&office), before);

    // A successor takes the post; then the contact may go too.
    let directory = std::fs::read_to_string(office.path().join("directory.csv")).unwrap();
    let successor = directory
        .replace(CONTACT, "钱后任")
        .replace(CONTACT_MAIL, "next@unit.test")
        .replace(CONTACT_PHONE, "15400001111");
    office.write("directory-2.csv", successor);
    office.set_clock("2026-06-16T09:00:00");
    office.run(&["import", "directory-2.csv"]).done();
    office.set_clock("2026-06-17T09:00:00");
    let erased = json(&erase(&office, CONTACT_MAIL, &[]).exit(0));
    assert_eq!(erased["restricted"].as_array().unwrap().len(), 1, "the reminder: {erased}");
    assert_eq!(files_with(&data, &all), Vec::<String>::new());
    assert_eq!(
        explained(&office).matches("渝项目办发").count(),
        before.matches("渝项目办发").count()
    );

    office.run(&["backup", "b.zip"]).done();
    office.run(&["restore", "b.zip", "new"]).exit(1);
    assert_eq!(files_with(&office.path().join("new"), &all), Vec::<String>::new());
    // Nothing goes to them any more, and nobody is found by what they had.
    erase(&office, VOLUNTEER_PHONE, &[]).exit(4);
    // The same roster again tells of somebody new.
    let said = office.run(&["import", "roster.csv", "--json"]);
    assert!(said.out.contains("\"new_people\":1"), "{}{}", said.out, said.err);
}
