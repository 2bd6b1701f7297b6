//! Mail through the whole line to a real server: plain, STARTTLS, TLS with a password, refusals,
//! forms.

use crate::harness::build::built;
use crate::harness::exim::{Exim, Speaks};
use crate::harness::mailbox::Mail;
use crate::harness::office::Office;
use crate::harness::sample::City;

const CITY: City = City { counties: 1, units: 2 };

/// An office with its directory and roster, let go after its held first start.
fn office(server: &Exim, speaks: Speaks) -> Office {
    let office = Office::init_with(&built().daemon_with_failpoints);
    let authority = (speaks != Speaks::Plain).then(|| server.authority());
    office.mail_by(server.port(), speaks, authority);
    office.approve();
    office.write("directory.csv", CITY.directory());
    office.write("roster.csv", CITY.roster());
    office.run(&["import", "directory.csv", "roster.csv"]).done();
    office
}

fn round(office: &mut Office, at: &str, more: &[&str]) {
    let words: Vec<&str> = ["run"].iter().chain(more).copied().collect();
    office.set_clock(at);
    office.run(&words).done();
}

#[track_caller]
fn check(speaks: Speaks) {
    let server = Exim::start(speaks);
    let mut office = office(&server, speaks);
    round(&mut office, "2026-06-15T09:00:00", &[]);
    assert_eq!(server.mails().len(), 0, "the first start on data is held");
    office.run(&["release"]).done();
    round(&mut office, "2026-06-15T09:05:00", &[]);
    let mails = server.mails();
    let to: Vec<&str> = mails.iter().map(|mail| mail.header("envelope-to")).collect();
    for contact in CITY.unit_contacts() {
        assert!(to.contains(&contact.as_str()), "{contact} in {to:?}");
    }
    for mail in &mails {
        assert_eq!(mail.header("auto-submitted"), "auto-generated");
        assert!(mail.header("subject").starts_with("=?utf-8?"), "{}", mail.header("subject"));
        let with = if speaks == Speaks::Plain { "with esmtp " } else { "with esmtpsa " };
        assert!(mail.header("received").contains(with), "{}", mail.header("received"));
        if mail.header("envelope-to").ends_with("@unit.test") {
            assert_has_chinese_workbook(mail);
        }
    }
    round(&mut office, "2026-06-15T09:10:00", &[]);
    assert_eq!(server.mails().len(), mails.len(), "the same tick again sends nothing");
}

/// RFC 2231: `filename*0*=utf-8''O4-2026-06-%E6...; filename*1*=.xlsx`.
#[track_caller]
fn assert_has_chinese_workbook(mail: &Mail) {
    let text = mail.text.to_ascii_lowercase();
    assert!(text.contains("content-disposition: attachment"), "no attachment");
    assert!(text.contains("=utf-8''"), "no encoded file name");
    // A long name comes in pieces.
    let pieces = text.split("filename*").skip(1).filter_map(|piece| piece.split_once('='));
    let name: String =
        pieces.filter_map(|(_, piece)| piece.split([';', '\r', '\n']).next()).collect();
    assert!(name.contains("%e6%9c%88%e6%8a%a5%e5%91%8a%e5%8d%95"), "not called 月报告单: {name}");
    assert!(name.ends_with(".xlsx"), "no workbook: {name}");
}

#[test]
fn plain_to_this_computer() {
    check(Speaks::Plain);
}

#[test]
fn starttls_with_a_password() {
    check(Speaks::StartTls);
}

#[test]
fn tls_with_a_password() {
    check(Speaks::Tls);
}

#[test]
fn a_server_nobody_vouches_for_is_not_trusted() {
    let server = Exim::start(Speaks::StartTls);
    let mut office = office(&server, Speaks::StartTls);
    // A certificate of another authority.
    office.write("ca.pem", crate::harness::certificate::issue().authority);
    round(&mut office, "2026-06-15T09:00:00", &[]);
    office.run(&["release"]).done();
    round(&mut office, "2026-06-15T09:05:00", &[]);
    assert_eq!(server.mails().len(), 0);
    let waiting = office.run(&["outbox", "list", "--state", "accepted", "--json"]);
    assert_eq!(waiting.out, "", "nothing was accepted");
}

#[test]
fn a_refused_address_stops_nobody_else() {
    let server = Exim::start(Speaks::Plain);
    let mut office = office(&server, Speaks::Plain);
    let directory = CITY.directory();
    let refused = directory
        .replace("contact-c1u1@unit.test", "nobody-here@unit.test")
        .replace("contact-c1u2@unit.test", "busy@unit.test");
    office.write("directory-2.csv", refused);
    office.run(&["import", "directory-2.csv"]).done();
    round(&mut office, "2026-06-15T09:00:00", &[]);
    office.run(&["release"]).done();
    round(&mut office, "2026-06-15T09:05:00", &[]);
    let states = states(&office);
    let count = |state: &str| states.iter().filter(|one| *one == state).count();
    assert_eq!(count("rejected"), 1, "{states:?}");
    assert_eq!(count("deferred"), 1, "{states:?}");
    assert!(count("accepted") >= 1, "{states:?}");
}

#[test]
fn redirected_everything_goes_to_one_address() {
    let server = Exim::start(Speaks::Plain);
    let mut office = office(&server, Speaks::Plain);
    let redirect = ["--redirect-to", "trial@office.test"];
    round(&mut office, "2026-06-15T09:00:00", &redirect);
    office.run(&["release"]).done();
    round(&mut office, "2026-06-15T09:05:00", &redirect);
    let mails = server.mails();
    assert!(mails.len() >= 2, "{} mails", mails.len());
    for mail in &mails {
        assert_eq!(mail.header("envelope-to"), "trial@office.test");
    }
}

#[test]
fn paused_nothing_is_sent_until_it_is_resumed() {
    let server = Exim::start(Speaks::Plain);
    let mut office = office(&server, Speaks::Plain);
    round(&mut office, "2026-06-15T09:00:00", &[]);
    office.run(&["release"]).done();
    office.run(&["pause"]).done();
    round(&mut office, "2026-06-15T09:05:00", &[]);
    assert_eq!(server.mails().len(), 0);
    office.run(&["pause", "--resume"]).done();
    round(&mut office, "2026-06-15T09:10:00", &[]);
    assert!(server.mails().len() >= 2);
}

fn states(office: &Office) -> Vec<String> {
    let said = office.run(&["outbox", "list", "--json"]);
    let state = |line: &str| {
        let envelope: serde_json::Value = serde_json::from_str(line).unwrap();
        envelope["state"].as_str().unwrap().to_owned()
    };
    said.out.lines().map(state).collect()
}
