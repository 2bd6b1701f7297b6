//! Whole mails as programs in China write them: words, files, bounces, and what breaks.

use std::cell::RefCell;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::GB18030;
use serde_json::json;
use xibu_plugin_sdk::message::{Blame, Fate};
use xibu_plugin_sdk::testing::Harness;

use super::*;
use crate::Email;

#[path = "../../../../tests/fuzz/driver.rs"]
mod driver;

/// 2026-06-15T01:00:00Z
const RECEIVED: i64 = 1_781_485_200_000;

fn raw(bytes: &[u8]) -> Raw<'_> {
    Raw { bytes, is_whole: true, received_unix_ms: RECEIVED }
}

fn mark() -> Mark {
    Mark::of_secret([7; 32])
}

fn arrived(mail: &[u8]) -> (Arrived, Vec<Vec<u8>>) {
    let read = read(raw(mail), &mark());
    let Item::Arrived(arrived) = read.item else { panic!("{:?}", read.item) };
    (arrived, read.blobs)
}

fn gb(text: &str) -> Vec<u8> {
    GB18030.encode(text).0.into_owned()
}

/// A mail with a header and a body, lines ended as on the way.
fn mail(head: &str, body: &str) -> Vec<u8> {
    let whole =
        format!("From: 张三 <zs@county.test>\nMessage-ID: <1@county.test>\n{head}\n\n{body}");
    whole.replace('\n', "\r\n").into_bytes()
}

/// Parts between boundaries.
fn parts(kind: &str, parts: &[&str]) -> (String, String) {
    let head = format!("MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary=\"=_{kind}\"");
    let body: String = parts.iter().map(|part| format!("--=_{kind}\n{part}\n")).collect();
    (head, format!("{body}--=_{kind}--\n"))
}

fn of_parts(kind: &str, pieces: &[&str]) -> Vec<u8> {
    let (head, body) = parts(kind, pieces);
    mail(&head, &body)
}

const PLAIN: &str = "Content-Type: text/plain; charset=utf-8\n\n安全无事 7341";
const PAGE: &str = "Content-Type: text/html; charset=utf-8\n\n<p>安全无事 7341</p>";

#[test]
fn words_are_found_wherever_they_stand() {
    let (inner_head, inner) = parts("alternative", &["Content-Type: text/plain\n\n \n", PAGE]);
    let nested = format!("{inner_head}\n\n{inner}");
    let base64 = |text: &[u8]| STANDARD.encode(text);
    let in_base64 = "Content-Type: text/plain; charset=gb2312\nContent-Transfer-Encoding: base64";
    let unnamed = "Content-Type: text/plain\nContent-Transfer-Encoding: base64";
    let quoted =
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable";
    let escaped: String = "安全无事 7341".bytes().map(|byte| format!("={byte:02X}")).collect();
    let table: Vec<(&str, Vec<u8>)> = vec![
        ("no field at all", mail("Subject: x", "安全无事 7341")),
        ("raw GB", [mail("Subject: x", ""), gb("安全无事 7341")].concat()),
        ("named GB", mail(in_base64, &base64(&gb("安全无事 7341")))),
        ("unnamed GB", mail(unnamed, &base64(&gb("安全无事 7341")))),
        ("quoted", mail(quoted, &escaped)),
        ("a page", mail("Content-Type: text/html", "<div>安全无事&nbsp;7341</div>")),
        ("plain before the page", of_parts("alternative", &[PLAIN, PAGE])),
        ("plain after the page", of_parts("alternative", &[PAGE, PLAIN])),
        ("an empty plain part", of_parts("mixed", &[&nested])),
        ("beside a meeting", of_parts("mixed", &[PLAIN, "Content-Type: text/calendar\n\nBEGIN:X"])),
    ];
    for (name, mail) in table {
        let (arrived, blobs) = arrived(&mail);
        assert_eq!(arrived.text, "安全无事 7341", "{name}");
        assert_eq!(arrived.from, "zs@county.test", "{name}");
        assert_eq!((blobs.len(), arrived.unread), (0, None), "{name}");
        assert_eq!(arrived.received_unix_ms, RECEIVED);
    }
    let two = of_parts("mixed", &[PLAIN, "Content-Type: text/plain; charset=utf-8\n\n第二段"]);
    assert_eq!(arrived(&two).0.text, "安全无事 7341\n第二段");
}

#[test]
fn files_come_with_their_names_and_bytes() {
    let bytes: Vec<u8> = (0..=255).cycle().take(3_000).collect();
    let packed = STANDARD.encode(&bytes);
    let packed: Vec<&str> =
        packed.as_bytes().chunks(76).map(|c| std::str::from_utf8(c).unwrap()).collect();
    let packed = packed.join("\n");
    let file = |head: &str| format!("{head}\nContent-Transfer-Encoding: base64\n\n{packed}");
    let xlsx = file(
        "Content-Type: application/vnd.ms-excel; name=\"=?utf-8?B?5YWt5pyI?=\"\n\
         Content-Disposition: attachment; filename*=utf-8''%E5%85%AD%E6%9C%88.xlsx",
    );
    let tnef = file("Content-Type: application/ms-tnef; name=\"winmail.dat\"");
    let nameless = file("Content-Type: application/pdf");
    let path = file(
        "Content-Type: application/zip\nContent-Disposition: attachment; filename=\"C:\\表\\六月.zip\"",
    );
    let text = "Content-Type: text/csv; name=\"a.csv\"\n\n1,2";
    let signature = file("Content-Type: application/pkcs7-signature; name=\"smime.p7s\"");
    let logo = file("Content-Type: image/png; name=\"logo.png\"\nContent-ID: <logo@x>");
    let photo = file("Content-Type: image/jpeg; name=\"现场.jpg\"\nContent-ID: <photo@x>");
    let page = "Content-Type: text/html; charset=utf-8\n\n<p>见附件<img src=\"cid:logo@x\"></p>";
    let pieces = [page, &xlsx, &tnef, &nameless, &path, text, &signature, &logo, &photo];
    let (arrived, blobs) = arrived(&of_parts("mixed", &pieces));
    let names: Vec<&str> = arrived.attachments.iter().map(|one| one.file_name.as_str()).collect();
    assert_eq!(names, ["六月.xlsx", "winmail.dat", "file", "六月.zip", "a.csv", "现场.jpg"]);
    assert_eq!(arrived.text, "见附件");
    for (index, attachment) in (0..).zip(&arrived.attachments) {
        assert_eq!(attachment.blob, index);
        let expected: &[u8] = if attachment.file_name == "a.csv" { b"1,2" } else { &bytes };
        assert_eq!(blobs[index as usize], expected, "{}", attachment.file_name);
    }
}

#[test]
fn a_forwarded_mail_gives_its_files_and_not_its_words() {
    let inner = "From: unit@unit.test\nSubject: =?utf-8?B?5YWt5pyI?=\n";
    let file =
        "Content-Type: application/zip\nContent-Disposition: attachment; filename=a.zip\n\nPK";
    let (head, body) = parts("related", &["Content-Type: text/plain\n\n发生事故", file]);
    let with_file = format!("Content-Type: message/rfc822\n\n{inner}{head}\n\n{body}");
    let (found, blobs) =
        arrived(&of_parts("mixed", &["Content-Type: text/plain\n\n请收", &with_file]));
    assert_eq!((found.text.as_str(), found.attachments.len()), ("请收", 1));
    assert_eq!((found.attachments[0].file_name.as_str(), &blobs[0][..]), ("a.zip", &b"PK"[..]));
    let words_only = format!("Content-Type: message/rfc822\n\n{inner}\n发生事故");
    let (found, blobs) = arrived(&of_parts("mixed", &[PLAIN, &words_only]));
    assert_eq!(found.attachments[0].file_name, "六月.eml");
    assert!(blobs[0].starts_with(b"From: unit@unit.test"));
    let packed = format!(
        "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{}",
        STANDARD.encode(format!("{inner}{head}\n\n{body}").replace('\n', "\r\n"))
    );
    let (found, _) = arrived(&of_parts("mixed", &[PLAIN, &packed]));
    assert_eq!(found.attachments[0].file_name, "a.zip");
}

#[test]
fn a_reply_names_the_message_it_answers() {
    let ours = format!("<{}@office.test>", mark().of("P32/duty/2026-06-15/1"));
    let older = format!("<{}@office.test>", mark().of("P32/duty/2026-05-15/1"));
    let foreign = Mark::of_secret([8; 32]).of("P32/duty/2026-06-15/1");
    let table = [
        (format!("In-Reply-To: {ours}"), Some("P32/duty/2026-06-15/1")),
        (format!("References: {older} <x@y.test>\n {ours}"), Some("P32/duty/2026-06-15/1")),
        (format!("In-Reply-To: <x@y.test>\nReferences: {ours}"), Some("P32/duty/2026-06-15/1")),
        (format!("In-Reply-To: <{foreign}@office.test>"), None),
        ("In-Reply-To: <x@y.test>".to_owned(), None),
        (String::from("X-A: b"), None),
    ];
    for (head, expected) in table {
        assert_eq!(arrived(&mail(&head, "安全无事")).0.answers.as_deref(), expected, "{head}");
    }
}

/// The status part, the words for people, what came back, what becomes of it.
#[test]
fn a_bounce_settles_the_message_it_quotes() {
    let id = format!("<{}@office.test>", mark().of("P32/duty/2026-06-15/1"));
    let failed = |blame: Blame| format!("failed {blame:?}");
    let table = [
        ("Action: failed\nStatus: 5.1.1", failed(Blame::Address)),
        ("Action: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 spam", failed(Blame::Message)),
        ("Action: failed\nStatus: 5.3.4", failed(Blame::Message)),
        (
            "Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 no such user",
            failed(Blame::Address),
        ),
        ("Action: failed\nStatus: 5.0.0", failed(Blame::Address)),
        ("Action: delayed\nStatus: 4.4.1", "words".to_owned()),
        ("Action: delivered\nStatus: 2.0.0", "delivered".to_owned()),
        ("Action: relayed\nStatus: 2.0.0", "words".to_owned()),
    ];
    for (fields, expected) in table {
        let status = format!(
            "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n\
             Final-Recipient: rfc822; zhang.san@unit.test\n{fields}\n"
        );
        let back = format!("Content-Type: text/rfc822-headers\n\nMessage-ID: {id}\n");
        let words = "Content-Type: text/plain\n\nzhang.san@unit.test: mailbox not found";
        let (head, body) = parts("report", &[words, &status, &back]);
        let bounce = mail(&head, &body);
        let shown = match read(raw(&bounce), &mark()).item {
            Item::Receipt(receipt) => {
                assert_eq!(receipt.key.as_deref(), Some("P32/duty/2026-06-15/1"));
                match receipt.fate {
                    Fate::Failed { blame, detail } => {
                        assert!(!detail.contains("zhang") && !detail.contains('@'), "{detail}");
                        failed(blame)
                    }
                    Fate::Delivered => "delivered".to_owned(),
                    Fate::Unknown => panic!(),
                }
            }
            Item::Arrived(arrived) => {
                assert!(arrived.automatic, "never answered");
                "words".to_owned()
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(shown, expected, "{fields}");
    }
}

#[test]
fn bounces_in_words_count_where_they_quote_a_message_of_ours() {
    let id = format!("<{}@office.test>", mark().of("P32/duty/2026-06-15/1"));
    let escaped = id.replace('<', "&lt;").replace('>', "&gt;");
    let packed = STANDARD.encode(format!("收件人地址不存在 {id}"));
    let qq = format!("<p>很抱歉，您的邮件被退回：收件人邮箱已满</p><p>Message-ID: {escaped}</p>");
    let table = [
        ("Subject: 系统退信", qq.clone(), Some(Blame::Address)),
        ("Subject: 来自QQ邮箱的退信", format!("被判为垃圾邮件 {id}"), Some(Blame::Message)),
        (
            "Subject: Undelivered Mail Returned to Sender",
            format!("550 5.1.1 no {id}"),
            Some(Blame::Address),
        ),
        ("Subject: 退信\nContent-Transfer-Encoding: base64", packed, Some(Blame::Address)),
        ("Subject: 退信通知", "没有引用原信".to_owned(), None),
        ("Subject: Re: 系统退信", qq.clone(), None),
        ("Subject: 邮件延迟退信通知", format!("仍在尝试 {id}"), None),
        ("Subject: 安全无事", format!("安全无事 {id}"), None),
    ];
    for (head, body, expected) in table {
        let head = format!("Content-Type: text/html; charset=utf-8\n{head}");
        let found = match read(raw(&mail(&head, &body)), &mark()).item {
            Item::Receipt(receipt) => match receipt.fate {
                Fate::Failed { blame, .. } => Some(blame),
                fate => panic!("{fate:?}"),
            },
            _ => None,
        };
        assert_eq!(found, expected, "{head}");
    }
}

#[test]
fn what_cannot_be_taken_apart_is_kept_whole() {
    let mail = mail("Subject: x", "安全无事");
    let broken = || -> Option<Read> { panic!("a parser's bug") };
    for read in [guarded(raw(&mail), broken), guarded(raw(&mail), || None)] {
        let Item::Arrived(arrived) = read.item else { panic!() };
        assert_eq!(
            (arrived.unread, arrived.from.as_str()),
            (Some(Unread::Broken), "zs@county.test")
        );
        assert_eq!(
            (arrived.attachments[0].file_name.as_str(), &read.blobs[0]),
            ("message.eml", &mail)
        );
    }
    // So deep that taking it apart would end the process.
    let deep = "Content-Type: message/rfc822\r\n\r\n".repeat(100_000);
    let (found, blobs) = arrived(deep.as_bytes());
    assert_eq!((found.unread, blobs[0].len()), (Some(Unread::Broken), deep.len()));
    let (found, _) = arrived(b"");
    assert_eq!(found.unread, Some(Unread::Broken));
}

#[test]
fn the_same_mail_has_the_same_id_by_whichever_way_it_came() {
    let one = mail("Subject: x\nDate: Mon, 15 Jun 2026 09:00:00 +0800", "安全无事");
    let other_way = [b"Received: by mx2.test\r\n".to_vec(), one.clone()].concat();
    assert_eq!(arrived(&one).0.id, arrived(&other_way).0.id);
    for changed in ["安全", "有事"] {
        let other = String::from_utf8(one.clone()).unwrap().replace("安全无事", changed);
        assert_ne!(arrived(&one).0.id, arrived(other.as_bytes()).0.id);
    }
}

/// Mutated mails through the plugin's own parser: each comes to something, and none ends it.
#[test]
fn whatever_is_in_the_mail() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus");
    let mark = mark();
    let read_so_far = RefCell::new(0_u64);
    let rounds = driver::drive("mail", &corpus, |bytes| {
        for is_whole in [true, false] {
            let raw = Raw { bytes, is_whole, received_unix_ms: RECEIVED };
            // Not guarded: a panic is a finding.
            let Some(read) = taken_apart(raw, &mark) else { continue };
            *read_so_far.borrow_mut() += 1;
            let Item::Arrived(arrived) = read.item else { continue };
            assert_eq!(arrived.attachments.len(), read.blobs.len());
            assert!(is_whole || arrived.attachments.is_empty());
            let bytes_out: usize = read.blobs.iter().map(Vec::len).sum();
            assert!(bytes_out <= 6 * bytes.len() + 1_000, "{bytes_out} of {}", bytes.len());
        }
    });
    assert!(rounds > 0 && *read_so_far.borrow() > 0);
}

/// Kept so that the plugin is known to be the one that reads: it says so itself.
#[test]
fn the_plugin_says_that_it_receives() {
    let described = Harness::<Email>::new().describe().unwrap();
    assert_eq!(json!(described.capabilities), json!(["notify", "receipts", "intake"]));
}
