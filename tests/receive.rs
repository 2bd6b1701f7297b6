//! The whole line the other way round: what people answer by mail, through a real mailbox server,
//! becomes a return, a bounced message, or nothing.

use std::time::{Duration, SystemTime};

use crate::harness::build::built;
use crate::harness::dovecot::Dovecot;
use crate::harness::exim::{Exim, Speaks};
use crate::harness::mailbox::{self, Mail};
use crate::harness::office::Office;
use crate::harness::sample::City;

const CITY: City = City { counties: 1, units: 2 };
const OFFICE: &str = "xmb@office.test";
const CONTACT: &str = "contact-c1u1@unit.test";

/// An office whose units were asked on 15 June 2026, with its mail servers.
struct Line {
    dovecot: Dovecot,
    exim: Exim,
    office: Office,
}

impl Line {
    fn begin(directory: &str) -> Self {
        let dovecot = Dovecot::start();
        let exim = Exim::start_before(dovecot.lmtp_port);
        let office = Office::init_with(&built().daemon_with_failpoints);
        office.mail_by(exim.port(), Speaks::Plain, None);
        office.receives_from(OFFICE, dovecot.tls_port, dovecot.authority());
        office.approve();
        office.write("directory.csv", directory);
        office.write("roster.csv", CITY.roster());
        office.run(&["import", "directory.csv", "roster.csv"]).done();
        let mut line = Self { dovecot, exim, office };
        line.round("2026-06-15T09:00:00");
        line.office.run(&["release"]).done();
        line.round("2026-06-15T09:05:00");
        line
    }

    /// One round, and what it sent handed on.
    fn round(&mut self, at: &str) {
        self.office.set_clock(at);
        self.office.run(&["run"]).done();
        self.exim.hand_on();
    }

    /// What lies in somebody's mailbox.
    fn mails(&self, address: &str) -> Vec<Mail> {
        self.dovecot.mails(address).iter().map(|(_, mail)| mailbox::parse(mail)).collect()
    }

    /// The request to the unit's contact.
    fn request(&self) -> Mail {
        let mut mails = self.mails(CONTACT);
        assert_eq!(mails.len(), 1);
        mails.remove(0)
    }

    fn put(&self, mail: &str) {
        // 2026-06-15T09:06:00+08:00
        let received = SystemTime::UNIX_EPOCH + Duration::from_secs(1_781_485_560);
        self.dovecot.put(OFFICE, mail.replace('\n', "\r\n").as_bytes(), received);
    }

    fn arrivals(&self) -> Vec<serde_json::Value> {
        // Its exit code says whether something waits.
        let said = self.office.run(&["arrivals", "list", "--all", "--json"]);
        said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Answers the request as QQ does it, with the code in the subject that comes back.
fn answer(request: &Mail, words: &str) -> String {
    let subject = request.header("subject");
    let id = request.header("message-id");
    format!(
        "From: <{CONTACT}>\nTo: <{OFFICE}>\nSubject: =?utf-8?B?5Zue5aSN77ya?= {subject}\n\
         Message-ID: <answer@unit.test>\nIn-Reply-To: {id}\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\n{words}\n\n发自我的iPhone\n\n\n\
         ------------------ 原始邮件 ------------------\n发件人: \"市项目办\" <{OFFICE}>\n\
         发送时间: 2026年6月15日(星期一) 上午9:05\n\n没有事故也要报；发生事故的请立即电话报告。\n"
    )
}

#[test]
fn an_answer_by_mail_is_the_return_and_is_answered_once() {
    let mut line = Line::begin(&CITY.directory());
    let request = line.request();
    line.put(&answer(&request, "您好，安全无事，在岗1人。"));
    line.round("2026-06-15T09:10:00");
    let arrivals = line.arrivals();
    assert_eq!(arrivals.len(), 1, "{arrivals:?}");
    assert_eq!(arrivals[0]["taken_as"], "nil", "{arrivals:?}");
    assert_eq!(arrivals[0]["received_at"], "2026-06-15T09:06:00+08:00", "the server's date");
    let detail = arrivals[0]["detail"].as_str().unwrap();
    assert!(detail.ends_with("/2026-06 roster:1@2026-06-15"), "{detail}");
    let owed = detail.split(' ').next().unwrap();
    let why = line.office.run(&["explain", owed]).done();
    assert!(why.contains("version 1 received 2026-06-15 (Monday) 09:06, nil"), "{why}");
    let mails = line.mails(CONTACT);
    assert_eq!(mails.len(), 2, "the request and one answer");
    line.round("2026-06-15T09:20:00");
    assert_eq!((line.mails(CONTACT).len(), line.arrivals().len()), (2, 1), "once");
    assert_eq!(line.mails(OFFICE).len(), 1, "and the mail stays where it is");
}

#[test]
fn more_than_the_answer_waits_for_a_person_with_its_files() {
    let mut line = Line::begin(&CITY.directory());
    let request = line.request();
    line.put(&answer(&request, "安全无事，另外想问一下补贴的事"));
    let deep = format!(
        "From: <{CONTACT}>\nSubject: x\n{}",
        "Content-Type: message/rfc822\n\n".repeat(200)
    );
    line.put(&deep);
    line.round("2026-06-15T09:10:00");
    let arrivals = line.arrivals();
    let mut held: Vec<&str> = arrivals.iter().map(|one| one["held"].as_str().unwrap()).collect();
    held.sort_unstable();
    assert_eq!(held, ["mail_is_broken", "words_for_a_person"], "{arrivals:?}");
    let broken = arrivals.iter().find(|one| one["held"] == "mail_is_broken").unwrap();
    let id = broken["id"].as_str().unwrap();
    line.office.run(&["arrivals", "show", id, "--files", "look"]).done();
    let kept = std::fs::read(line.office.path().join(format!("look/{id}-1-message.eml"))).unwrap();
    assert_eq!(kept, deep.replace('\n', "\r\n").into_bytes(), "whole");
}

#[test]
fn an_accident_by_mail_is_told_at_once() {
    let mut line = Line::begin(&CITY.directory());
    let request = line.request();
    let before = line.mails("head-c1u1@unit.test").len();
    line.put(&answer(&request, "志愿者1人发生车祸，已送医"));
    line.round("2026-06-15T23:10:00");
    assert_eq!(line.arrivals()[0]["taken_as"], "incident");
    assert_eq!(line.mails("head-c1u1@unit.test").len(), before + 1, "at night too");
}

#[test]
fn a_holiday_notice_is_kept_and_not_answered() {
    let mut line = Line::begin(&CITY.directory());
    let request = line.request();
    let notice = answer(&request, "我在休假，7月1日回来。安全无事")
        .replace("=?utf-8?B?5Zue5aSN77ya?=", "=?utf-8?B?6Ieq5Yqo5Zue5aSNOg==?=");
    line.put(&notice);
    line.round("2026-06-15T09:10:00");
    assert_eq!(line.arrivals()[0]["taken_as"], "automatic");
    assert_eq!(line.mails(CONTACT).len(), 1, "nobody writes to a machine");
}

#[test]
fn a_message_that_came_back_is_seen_and_its_address_with_it() {
    let mut line = Line::begin(&CITY.directory().replace(CONTACT, "gone@unit.test"));
    let states = |line: &Line| -> Vec<String> {
        // Its exit code says whether a person has to look.
        let said = line.office.run(&["outbox", "list", "--json"]);
        let state = |one: &str| {
            let envelope: serde_json::Value = serde_json::from_str(one).unwrap();
            envelope["state"].as_str().unwrap().to_owned()
        };
        said.out.lines().map(state).collect()
    };
    assert!(!states(&line).contains(&"bounced".to_owned()), "not known yet");
    line.round("2026-06-15T09:15:00");
    let found = states(&line);
    let back = |state: &&String| matches!(state.as_str(), "bounced" | "rejected");
    assert_eq!(found.iter().filter(back).count(), 1, "{found:?}");
    assert_eq!(line.arrivals().len(), 0, "a bounce is nobody's words");
}
