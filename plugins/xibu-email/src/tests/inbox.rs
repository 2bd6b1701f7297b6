//! Looks at a mailbox, by the plugin's own table: what is brought once, what is set aside, what
//! is said of trouble. A new harness is a process that was started again.

use serde_json::{Value, json};
use xibu_plugin_sdk::message::{Arrived, Item, Request, Status, Unread};
use xibu_plugin_sdk::testing::{Answer, Harness};

use super::imap::{Folder, Mailbox};
use crate::Email;

fn process(mailbox: &Mailbox, extra: Value) -> Harness<Email> {
    let mut inbox = json!({
        "host": "127.0.0.1", "port": mailbox.port, "security": "plain",
        "user": "office@x.test", "password": "secret", "idle": false,
    });
    for (key, value) in extra.as_object().unwrap() {
        inbox[key] = value.clone();
    }
    let mut harness = Harness::new();
    let settings = json!({"host": "smtp.x.test", "from": "office@x.test", "inbox": inbox});
    harness.configure(settings).unwrap();
    harness
}

fn mail(number: u32) -> String {
    format!(
        "From: a@b.test\r\nMessage-ID: <m{number}@b.test>\r\nSubject: s{number}\r\n\r\n安全无事 {number}\r\n"
    )
}

/// What a look brought, and where it stands.
struct Seen {
    arrived: Vec<Arrived>,
    blobs: Vec<Vec<Vec<u8>>>,
    cursor: String,
    again: u64,
}

fn look_at(harness: &mut Harness<Email>, cursor: Option<&str>, lost: u32) -> Answer {
    harness.call(Request::Poll { cursor: cursor.map(str::to_owned), lost }, &[])
}

fn look(harness: &mut Harness<Email>, cursor: Option<&str>) -> Seen {
    look_after(harness, cursor, 0)
}

/// A look after so many that ended the process.
fn look_after(harness: &mut Harness<Email>, cursor: Option<&str>, lost: u32) -> Seen {
    let answer = look_at(harness, cursor, lost);
    assert_eq!(answer.status, Status::Done, "{:?}", answer.log);
    let mut seen = Seen { arrived: vec![], blobs: vec![], cursor: String::new(), again: 0 };
    for (item, blobs) in answer.items {
        match item {
            Item::Arrived(arrived) => {
                seen.arrived.push(arrived);
                seen.blobs.push(blobs);
            }
            Item::Polled { cursor, again_after_seconds } => {
                seen.cursor = cursor;
                seen.again = again_after_seconds;
            }
            other => panic!("{other:?}"),
        }
    }
    seen
}

/// Looks until a look brings nothing; the subjects in order, and the cursor.
fn drain(harness: &mut Harness<Email>, cursor: Option<String>) -> (Vec<String>, String) {
    let (mut subjects, mut cursor) = (Vec::new(), cursor);
    loop {
        let seen = look(harness, cursor.as_deref());
        let is_idle = seen.arrived.is_empty() && cursor.as_deref() == Some(&seen.cursor);
        subjects.extend(seen.arrived.into_iter().map(|arrived| arrived.subject));
        cursor = Some(seen.cursor.clone());
        if is_idle {
            return (subjects, seen.cursor);
        }
    }
}

#[test]
fn everything_comes_once_in_order_and_stays_where_it_is() {
    let mailbox = Mailbox::start(Folder { validity: 7, ..Folder::default() });
    let mut harness = process(&mailbox, json!({}));
    let (subjects, cursor) = drain(&mut harness, None);
    assert_eq!(subjects.len(), 0);
    for number in 1..=3 {
        mailbox.put(mail(number));
    }
    let (subjects, cursor) = drain(&mut harness, Some(cursor));
    assert_eq!(subjects, ["s1", "s2", "s3"]);
    mailbox.put(mail(4));
    let (subjects, cursor) = drain(&mut harness, Some(cursor));
    assert_eq!(subjects, ["s4"]);
    // After a restart too.
    mailbox.put(mail(5));
    let (subjects, _) = drain(&mut process(&mailbox, json!({})), Some(cursor));
    assert_eq!(subjects, ["s5"]);
    for word in ["SELECT", "STORE", "EXPUNGE", "BODY[]"] {
        assert_eq!(mailbox.heard(word), 0, "{word}");
    }
    assert_eq!(mailbox.heard("LOGIN"), 2, "one connection for all looks of a process");
}

#[test]
fn a_first_look_takes_the_last_days_and_one_of_another_numbering_what_is_known_again() {
    let mailbox = Mailbox::start(Folder { validity: 7, ..Folder::default() });
    mailbox.put(mail(1));
    let mut harness = process(&mailbox, json!({"days_back": 5}));
    let (subjects, cursor) = drain(&mut harness, None);
    assert_eq!(subjects, ["s1"]);
    assert_eq!(mailbox.heard("UID SEARCH SINCE 27-May-2026"), 1);
    mailbox.folder.lock().unwrap().validity = 8;
    mailbox.put(mail(2));
    let again = look(&mut harness, Some(&cursor));
    let ids: Vec<&str> = again.arrived.iter().map(|arrived| arrived.id.as_str()).collect();
    assert_eq!(ids.len(), 2, "the known one comes again, under the same id");
    assert_eq!(mailbox.heard("UID SEARCH SINCE 13-Jun-2026"), 1);
    let mut other = process(&mailbox, json!({}));
    let (_, cursor) = drain(&mut other, None);
    mailbox.folder.lock().unwrap().validity = 9;
    let anew = look(&mut other, Some(&cursor));
    assert_eq!(anew.arrived.iter().map(|a| a.id.as_str()).collect::<Vec<_>>(), ids);
}

#[test]
fn whoever_has_to_say_who_it_is_says_so() {
    let folder = Folder { validity: 7, wants_id: true, ..Folder::default() };
    let mailbox = Mailbox::start(folder);
    drain(&mut process(&mailbox, json!({})), None);
    assert_eq!(mailbox.heard("ID (\"name\" \"xibu\""), 1);
}

#[test]
fn trouble_is_told_without_anybodys_name() {
    let mailbox = Mailbox::start(Folder { validity: 7, ..Folder::default() });
    let table = [
        (json!({"password": "guess"}), "the mailbox refused login: login of … failed"),
        (
            json!({"port": super::Server::nobody_listens()}),
            "no connection to the mailbox (connection refused)",
        ),
    ];
    for (extra, expected) in table {
        let answer = look_at(&mut process(&mailbox, extra), None, 0);
        assert_eq!(answer.status, Status::Failed { detail: expected.into() });
    }
    // Without the section it brings nothing, and is asked once a day.
    let mut harness = Harness::<Email>::new();
    harness.configure(json!({"host": "smtp.x.test", "from": "office@x.test"})).unwrap();
    let answer = look_at(&mut harness, None, 0);
    assert_eq!(answer.status, Status::Done);
    let polled = Item::Polled { cursor: String::new(), again_after_seconds: 86_400 };
    assert_eq!(answer.items.iter().map(|(item, _)| item).collect::<Vec<_>>(), [&polled]);
}

#[test]
fn news_ends_the_wait_and_so_does_a_host_that_no_longer_waits() {
    let folder = Folder { validity: 7, offers_idle: true, ..Folder::default() };
    let mailbox = Mailbox::start(folder);
    let mut harness = process(&mailbox, json!({"idle": true}));
    harness.cancelled = true;
    let seen = look(&mut harness, None);
    assert_eq!(mailbox.heard("IDLE"), 0);
    let proven = {
        mailbox.put(mail(1));
        drain(&mut harness, Some(seen.cursor)).1
    };
    harness.cancelled = false;
    mailbox.folder.lock().unwrap().comes_while_waiting = Some(mail(2).into());
    let begun = std::time::Instant::now();
    let seen = look(&mut harness, Some(&proven));
    assert_eq!(seen.arrived.len(), 1);
    assert_eq!((mailbox.heard("IDLE"), seen.again), (1, 1));
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}

#[test]
fn a_large_mail_goes_on_where_it_broke_off_and_a_too_large_one_is_read_at_its_beginning() {
    let large = mail(1) + &"x".repeat(5 << 20);
    let mailbox = Mailbox::start(Folder { validity: 7, ..Folder::default() });
    let mut harness = process(&mailbox, json!({}));
    let (_, cursor) = drain(&mut harness, None);
    mailbox.put(mail(0));
    let (_, cursor) = drain(&mut harness, Some(cursor));
    mailbox.put(large.clone());
    mailbox.folder.lock().unwrap().pieces_left = Some(3);
    // The connection was open, so it is tried once more at once: and goes on.
    let seen = look(&mut harness, Some(&cursor));
    assert_eq!(seen.arrived[0].subject, "s1");
    assert_eq!(seen.arrived[0].unread, None);
    assert_eq!(mailbox.heard("BODY.PEEK[]<0."), 2, "one piece of each mail from its beginning");
    let mut harness = process(&mailbox, json!({"bytes_max": 100_000}));
    let seen = look(&mut harness, Some(&cursor));
    let arrived = &seen.arrived[0];
    assert_eq!(arrived.unread, Some(Unread::TooLarge));
    assert_eq!((arrived.subject.as_str(), arrived.from.as_str()), ("s1", "a@b.test"));
    assert!(arrived.text.starts_with("安全无事 1"), "its words are here");
}

/// The mail of this number kills: whatever takes it apart is lost with its look.
#[track_caller]
fn check_killer(killer: u32) {
    let mailbox = Mailbox::start(Folder { validity: 7, ..Folder::default() });
    let (_, mut cursor) = drain(&mut process(&mailbox, json!({})), None);
    for number in 1..=4 {
        mailbox.put(mail(number));
    }
    let (mut deaths, mut lost, mut looks) = (0, 0, 0);
    let mut harness = process(&mailbox, json!({}));
    let mut kept: Vec<(String, Option<Unread>)> = Vec::new();
    while kept.len() < 4 {
        looks += 1;
        assert!(looks < 30, "{kept:?} {cursor}");
        let seen = look_after(&mut harness, Some(&cursor), lost);
        let name = format!("s{killer}");
        if seen.arrived.iter().any(|one| one.subject == name && one.unread.is_none()) {
            (deaths, lost) = (deaths + 1, lost + 1);
            harness = process(&mailbox, json!({}));
            continue;
        }
        lost = 0;
        kept.extend(seen.arrived.into_iter().map(|arrived| (arrived.subject, arrived.unread)));
        for blobs in seen.blobs.iter().filter(|blobs| !blobs.is_empty()) {
            assert_eq!(blobs[0], mail(killer).as_bytes(), "whole");
        }
        cursor = seen.cursor;
    }
    let expected = |number| match number == killer {
        true => (String::new(), Some(Unread::Broken)),
        false => (format!("s{number}"), None),
    };
    assert_eq!(kept, (1..=4).map(expected).collect::<Vec<_>>());
    assert_eq!(deaths, 2, "five in ten minutes and it is left alone");
    assert!(cursor.contains(&format!("\"aside\":[{killer}]")), "{cursor}");
    let (more, _) = drain(&mut harness, Some(cursor));
    assert_eq!(more.len(), 0);
}

#[test]
fn a_mail_that_kills_is_set_aside_and_the_rest_goes_on() {
    for killer in 1..=4 {
        check_killer(killer);
    }
}
