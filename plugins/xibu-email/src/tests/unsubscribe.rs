//! "No more of these" as headers on the wire: RFC 2369, and RFC 8058 for one click.

use mail_parser::MessageParser;

use super::server::{Protection, Server};
use super::{configured, deliver, message, word};
use serde_json::json;

/// What the message says; what becomes of it; the two headers as they arrive.
#[track_caller]
fn check(address: Option<&str>, fate: &str, expected: [Option<&str>; 2]) {
    let server = Server::start(Protection::Plain);
    let mut harness = configured(&server, json!({}));
    let mut sent = message("ok");
    sent.unsubscribe = address.map(str::to_owned);
    let outcomes = deliver(&mut harness, vec![sent], &[]);
    assert_eq!(word(&outcomes[0]), fate, "{address:?}: {outcomes:?}");
    let received = server.received.lock().unwrap();
    let mail = received.first().map(|mail| {
        let text = String::from_utf8(mail.bytes.clone()).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap();
        // One line each, as a mail program that does not unfold sees it.
        let line = |name: &str| {
            let found = head.split("\r\n").find_map(|line| line.strip_prefix(name));
            found.map(|value| value.trim_start_matches(": ").to_owned())
        };
        let parsed = MessageParser::default().parse(&mail.bytes).unwrap();
        assert!(parsed.bcc().is_none());
        [line("List-Unsubscribe:"), line("List-Unsubscribe-Post:")]
            .map(|value| value.map(|value| value.trim().to_owned()))
    });
    let found = mail.unwrap_or_default();
    assert_eq!(found.each_ref().map(Option::as_deref), expected, "{address:?}");
}

#[test]
fn one_click_over_https_alone() {
    const CLICK: Option<&str> = Some("List-Unsubscribe=One-Click");
    check(None, "accepted", [None, None]);
    let https = "https://xb.office.test/stop/AAAADAEBq83v_-0";
    check(Some(https), "accepted", [Some(&format!("<{https}>")), CLICK]);
    let http = "http://127.0.0.1:8080/stop/AAAADAEB";
    check(Some(http), "accepted", [Some(&format!("<{http}>")), None]);
    let long = format!("https://xb.office.test/stop/{}", "a".repeat(800));
    check(Some(&long), "accepted", [Some(&format!("<{long}>")), CLICK]);
}

#[test]
fn what_could_end_the_header_is_not_sent() {
    let too_long = format!("https://xb.office.test/{}", "a".repeat(900));
    for unfit in [
        "",
        "mailto:stop@office.test",
        "javascript:alert(1)",
        "https://a.test/>\r\nBcc: b@x.test",
        "https://a.test/x\r\nBcc: b@x.test",
        "https://a.test/a b",
        "https://a.test/<b>",
        "https://a.test/a,b",
        "https://停止.test/",
        &too_long,
    ] {
        check(Some(unfit), "rejected Message", [None, None]);
    }
}
