//! The plugin, by its own table, against a mail server that does what the recipient's name says.
//!
//! What it is not: a real server; those are in `tests/`. A script can drop and stall where a real
//! one will not.

mod imap;
mod inbox;
mod server;
mod unsubscribe;

use std::sync::atomic::Ordering;

use mail_parser::{MessageParser, MimeHeaders};
use serde_json::{Value, json};
use xibu_plugin_sdk::message::{Attachment, Blame, Item, Message, Outcome, Request, Status};
use xibu_plugin_sdk::testing::Harness;

use crate::Email;
use server::{Protection, Server};

fn configured(server: &Server, extra: Value) -> Harness<Email> {
    let mut settings = json!({
        "host": "localhost",
        "port": server.port,
        "security": server.protection.word(),
        "from": "xb@office.test",
        "from_name": "市项目办",
        "connections": 1,
        "timeout": 1,
    });
    if let Some(ca) = &server.ca_file {
        settings["ca_file"] = json!(ca.path());
    }
    for (key, value) in extra.as_object().unwrap() {
        settings[key] = value.clone();
    }
    let mut harness = Harness::new();
    harness.configure(settings).unwrap();
    harness
}

fn message(local: &str) -> Message {
    Message {
        key: format!("key-{local}"),
        address: format!("{local}@county.test"),
        recipient: "张三".into(),
        subject: "关于报送2026年6月安全情况的提醒".into(),
        text: "请于6月28日前报送。\n.\n.一行以点开头\n".into(),
        ..Message::default()
    }
}

fn deliver(harness: &mut Harness<Email>, messages: Vec<Message>, blobs: &[&[u8]]) -> Vec<Outcome> {
    let count = messages.len();
    let answer = harness.call(Request::Deliver { messages }, blobs);
    assert_eq!(answer.status, Status::Done);
    let mut outcomes = vec![None; count];
    for (item, _) in answer.items {
        let Item::Delivered { index, outcome } = item else { panic!("{item:?}") };
        assert!(outcomes[index as usize].replace(outcome).is_none(), "{index} twice");
    }
    outcomes.into_iter().map(Option::unwrap).collect()
}

fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted { .. } => "accepted".into(),
        Outcome::Deferred { blame, .. } => format!("deferred {blame:?}"),
        Outcome::Throttled { .. } => "throttled".into(),
        Outcome::Rejected { blame, .. } => format!("rejected {blame:?}"),
        Outcome::Unknown => "unknown".into(),
    }
}

/// Recipient's name, which the script acts on; what is said of it; what is said of the next one to
/// `ok`.
const FATES: [(&str, &str, &str); 15] = [
    ("ok", "accepted", "accepted"),
    ("rcpt-451", "deferred Address", "accepted"),
    ("rcpt-452", "deferred Address", "accepted"),
    ("rcpt-550", "rejected Address", "accepted"),
    ("rcpt-421", "throttled", "throttled"),
    ("rcpt-drop", "deferred Channel", "accepted"),
    ("rcpt-stall", "deferred Channel", "accepted"),
    ("data-554", "rejected Message", "accepted"),
    ("data-drop", "deferred Channel", "accepted"),
    ("data-stall", "deferred Channel", "accepted"),
    ("dot-451", "deferred Message", "accepted"),
    ("dot-554", "rejected Message", "accepted"),
    ("dot-drop", "unknown", "accepted"),
    ("dot-stall", "unknown", "accepted"),
    ("dot-421", "throttled", "throttled"),
];

#[test]
fn each_fate_has_its_outcome_and_the_next_message_goes_its_own_way() {
    for protection in [Protection::Plain, Protection::Tls] {
        let server = Server::start(protection);
        for (local, expected, next) in FATES {
            let mut harness = configured(&server, json!({}));
            let outcomes = deliver(&mut harness, vec![message(local), message("ok")], &[]);
            let words: Vec<String> = outcomes.iter().map(word).collect();
            assert_eq!(words, [expected, next], "{local}: {outcomes:?}");
            let text = format!("{outcomes:?}");
            assert!(!text.contains("county.test") && !text.contains("张三"), "{text}");
            // And in the next call everything is as if nothing had been.
            assert_eq!(word(&deliver(&mut harness, vec![message("ok")], &[])[0]), "accepted");
        }
    }
}

#[test]
fn nothing_is_sent_twice_over_a_dead_connection_and_nothing_is_lost() {
    let server = Server::start(Protection::Plain);
    let mut harness = configured(&server, json!({}));
    for n in 0..3 {
        // The server hangs up silently after each; the next call finds a dead connection.
        let outcomes = deliver(&mut harness, vec![message(&format!("hang-up-{n}"))], &[]);
        assert_eq!(word(&outcomes[0]), "accepted", "{n}");
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 3);
    let received = server.received.lock().unwrap();
    let recipients: Vec<&str> = received.iter().map(|mail| mail.recipient.as_str()).collect();
    assert_eq!(
        recipients,
        ["hang-up-0@county.test", "hang-up-1@county.test", "hang-up-2@county.test"]
    );
}

#[test]
fn a_connection_carries_many_messages_and_several_carry_them_side_by_side() {
    let server = Server::start(Protection::Plain);
    let mut harness = configured(&server, json!({}));
    let messages: Vec<Message> = (0..50).map(|n| message(&format!("many-{n}"))).collect();
    assert!(deliver(&mut harness, messages.clone(), &[]).iter().all(|o| word(o) == "accepted"));
    assert!(deliver(&mut harness, messages.clone(), &[]).iter().all(|o| word(o) == "accepted"));
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    let mut harness = configured(&server, json!({"connections": 4}));
    assert!(deliver(&mut harness, messages, &[]).iter().all(|o| word(o) == "accepted"));
    assert_eq!(server.connections.load(Ordering::SeqCst), 5);
    assert_eq!(server.received.lock().unwrap().len(), 150);
}

#[test]
fn no_server_costs_the_batch_one_attempt() {
    let port = Server::nobody_listens();
    let mut server = Server::start(Protection::Plain);
    server.port = port;
    let mut harness = configured(&server, json!({}));
    let outcomes = deliver(&mut harness, vec![message("a"), message("b")], &[]);
    for outcome in outcomes {
        let Outcome::Deferred { blame: Blame::Channel, detail } = outcome else { panic!() };
        assert!(detail.contains("Connection refused"), "{detail}");
    }
}

#[test]
fn logins_are_made_over_tls_and_a_refused_one_is_the_channels() {
    for protection in [Protection::Tls, Protection::Starttls] {
        let server = Server::start(protection);
        let login = json!({"user": "office", "password": "secret"});
        let mut harness = configured(&server, login);
        assert_eq!(word(&deliver(&mut harness, vec![message("ok")], &[])[0]), "accepted");
        let mut harness = configured(&server, json!({"user": "office", "password": "guess"}));
        let outcome = &deliver(&mut harness, vec![message("ok")], &[])[0];
        let Outcome::Deferred { blame: Blame::Channel, detail } = outcome else { panic!() };
        assert!(detail.contains("535") && !detail.contains("guess"), "{detail}");
        assert_eq!(server.received.lock().unwrap().len(), 1);
        assert!(server.received.lock().unwrap()[0].over_tls);
    }
}

#[test]
fn a_stranger_between_us_and_the_server_is_not_believed() {
    // A certificate of a CA we do not know.
    for protection in [Protection::Tls, Protection::Starttls] {
        let mut server = Server::start(protection);
        server.ca_file = None;
        let outcome = &deliver(&mut configured(&server, json!({})), vec![message("ok")], &[])[0];
        let Outcome::Deferred { blame: Blame::Channel, detail } = outcome else { panic!() };
        assert!(detail.contains("certificate"), "{detail}");
    }
    // STARTTLS taken out of the offers, and words slipped in before the handshake.
    for protection in [Protection::StarttlsStripped, Protection::StarttlsInjected] {
        let server = Server::start(protection);
        let outcome = &deliver(&mut configured(&server, json!({})), vec![message("ok")], &[])[0];
        assert_eq!(word(outcome), "deferred Channel", "{protection:?}");
        assert!(server.received.lock().unwrap().is_empty());
    }
}

#[test]
fn what_arrives_is_what_was_sent() {
    let server = Server::start(Protection::Plain);
    let mut harness = configured(&server, json!({"message_id_domain": "xibu.test"}));
    let long = "二〇二六年六月县区项目办汇总表（含全部服务单位安全情况与志愿者在岗情况）.xlsx";
    let bytes: Vec<u8> = (0..=255u8).cycle().take(100_000).collect();
    let attachment = |file_name: &str, media_type: &str, blob| Attachment {
        file_name: file_name.into(),
        media_type: media_type.into(),
        blob,
    };
    let mut sent = message("ok");
    sent.subject = "提醒：2026年6月\r\nBcc: evil@x.test".into();
    sent.attachments = vec![
        attachment(long, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 0),
        attachment("plain name.csv", "text/csv", 1),
        attachment("../../\"odd\".txt", "no type at all", 2),
    ];
    let blobs: [&[u8]; 3] = [&bytes, b"a,b\n1,2\n", b""];
    for _ in 0..2 {
        assert_eq!(word(&deliver(&mut harness, vec![sent.clone()], &blobs)[0]), "accepted");
    }
    let received = server.received.lock().unwrap();
    assert!(received[0].bytes.is_ascii());
    let first = MessageParser::default().parse(&received[0].bytes).unwrap();
    let second = MessageParser::default().parse(&received[1].bytes).unwrap();
    assert_eq!(first.message_id(), second.message_id());
    assert!(first.message_id().unwrap().ends_with("@xibu.test"));
    assert_eq!(first.subject(), Some("提醒：2026年6月 Bcc: evil@x.test"));
    assert!(first.bcc().is_none());
    assert_eq!(first.date().unwrap().to_rfc3339(), "2026-06-01T00:00:00Z");
    assert_eq!(first.header_raw("Auto-Submitted").unwrap().trim(), "auto-generated");
    assert_eq!(first.from().unwrap().first().unwrap().name(), Some("市项目办"));
    assert_eq!(first.to().unwrap().first().unwrap().name(), Some("张三"));
    let text = first.body_text(0).unwrap().replace("\r\n", "\n");
    assert_eq!(text.trim_end(), sent.text.trim_end());
    let parts: Vec<_> = first.attachments().collect();
    assert_eq!(parts.len(), 3);
    for (part, bytes) in parts.iter().zip(blobs) {
        assert_eq!(part.contents(), bytes);
    }
    assert_eq!(parts[0].attachment_name(), Some(long));
    assert_eq!(parts[1].attachment_name(), Some("plain name.csv"));
    assert_eq!(parts[2].attachment_name(), Some(".._.._\"odd\".txt"));
    assert_eq!(parts[1].content_type().unwrap().subtype(), Some("csv"));
    let old = String::from_utf8_lossy(&received[0].bytes);
    assert!(old.contains("name=\"=?UTF-8?B?"), "encoded words for old programs");
    assert!(old.lines().all(|line| line.len() <= 998));
}

#[test]
fn what_cannot_be_mail_is_rejected_before_anything_is_sent() {
    let server = Server::start(Protection::Plain);
    let mut harness = configured(&server, json!({}));
    let mut unfit = message("ok");
    unfit.attachments =
        vec![Attachment { file_name: "a".into(), media_type: "a/b".into(), blob: 7 }];
    let mut nowhere = message("ok");
    nowhere.address = "张三的邮箱".into();
    let mut letters = message("ok");
    letters.address = "张三@county.test".into();
    let mut two = message("ok");
    two.address = "a@county.test>\r\nRCPT TO:<b@county.test".into();
    let outcomes = deliver(&mut harness, vec![unfit, nowhere, letters, two, message("ok")], &[]);
    let words: Vec<String> = outcomes.iter().map(word).collect();
    assert_eq!(
        words,
        [
            "rejected Message",
            "rejected Address",
            "rejected Address",
            "rejected Address",
            "accepted"
        ]
    );
    assert_eq!(server.received.lock().unwrap().len(), 1);
}
