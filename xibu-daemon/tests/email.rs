//! xibu-email through its worker process against a real mail server, exim: what arrives is what
//! was sent, however the connection is protected, and the server's answers become outcomes.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code, reason = "shared with the whole-line tests")]
#[path = "../../tests/harness/build.rs"]
mod build;
#[path = "../../tests/harness/certificate.rs"]
mod certificate;
#[allow(dead_code, reason = "shared with the whole-line tests")]
#[path = "../../tests/harness/exim.rs"]
mod exim;
#[path = "carrier/library.rs"]
mod library;
#[allow(dead_code, reason = "shared with the whole-line tests")]
#[path = "../../tests/harness/mailbox.rs"]
mod mailbox;
#[allow(dead_code, reason = "shared with the whole-line tests")]
#[path = "../../tests/harness/program.rs"]
mod program;

use std::time::Duration;

use mail_parser::{MessageParser, MimeHeaders};
use serde_json::{Value, json};
use xibu_daemon::carrier::Carrier;
use xibu_plugin_abi::message::{Attachment, Blame, Item, Message, Outcome, Request, Status};

use exim::{Exim, Speaks};
use library::{Place, place};

const LONG: Duration = Duration::from_secs(30);
/// 2026-06-15T00:30:00Z
const NOW_UNIX_MS: i64 = 1_781_483_400_000;

fn settings(place: &Place, exim: &Exim, security: &str) -> Value {
    let ca_file = place.folder.path().join("ca.pem");
    std::fs::write(&ca_file, exim.authority()).unwrap();
    json!({
        "host": "localhost", "port": exim.port(), "security": security, "ca_file": ca_file,
        "from": "xb@office.test", "from_name": "市项目办", "timeout": 10,
    })
}

fn message(key: &str, address: &str) -> Message {
    Message {
        key: key.into(),
        address: address.into(),
        recipient: "区县联系人".into(),
        subject: "关于报送2026年6月服务单位安全情况的提醒".into(),
        text: "请于6月28日前报送。\n.\n.一行以点开头\n".into(),
        ..Message::default()
    }
}

async fn deliver(carrier: &Carrier, messages: Vec<Message>, blobs: Vec<Vec<u8>>) -> Vec<Outcome> {
    let mut outcomes = vec![None; messages.len()];
    let on_item = |item, _| {
        let Item::Delivered { index, outcome } = item else { panic!("{item:?}") };
        assert!(outcomes[index as usize].replace(outcome).is_none(), "{index} twice");
    };
    let request = Request::Deliver { messages };
    let status = carrier.call(request, blobs, NOW_UNIX_MS, LONG, on_item).await;
    assert_eq!(status.unwrap(), Status::Done);
    outcomes.into_iter().map(Option::unwrap).collect()
}

fn is_accepted(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Accepted { reference } if reference.contains("id="))
}

#[tokio::test]
async fn what_arrives_is_what_was_sent_however_it_is_protected() {
    let place = place("xibu-email");
    let file_name = "二〇二六年六月县区项目办汇总表（含全部服务单位安全情况）.xlsx";
    let bytes: Vec<u8> = (0..=255u8).cycle().take(200_000).collect();
    let modes = [(Speaks::Plain, "plain"), (Speaks::StartTls, "starttls"), (Speaks::Tls, "tls")];
    for (speaks, security) in modes {
        let exim = Exim::start(speaks);
        let mut settings = settings(&place, &exim, security);
        if speaks != Speaks::Plain {
            settings["user"] = json!("office");
            settings["password"] = json!("secret");
        }
        let carrier = Carrier::start(place.settings(settings), place.host.clone()).await.unwrap();
        let mut sent = message("key-1", "contact@county.test");
        sent.attachments = vec![Attachment {
            file_name: file_name.into(),
            media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".into(),
            blob: 0,
        }];
        let outcomes = deliver(&carrier, vec![sent.clone()], vec![bytes.clone()]).await;
        assert!(is_accepted(&outcomes[0]), "{security}: {outcomes:?}");
        let mails = exim.mails();
        assert_eq!(mails.len(), 1, "{security}");
        let mail = MessageParser::default().parse(mails[0].text.as_bytes()).unwrap();
        assert_eq!(mail.subject(), Some(sent.subject.as_str()));
        assert_eq!(mail.to().unwrap().first().unwrap().name(), Some("区县联系人"));
        assert_eq!(mail.from().unwrap().first().unwrap().name(), Some("市项目办"));
        assert_eq!(mail.date().unwrap().to_rfc3339(), "2026-06-15T00:30:00Z");
        assert_eq!(mails[0].header("auto-submitted"), "auto-generated");
        let text = mail.body_text(0).unwrap().replace("\r\n", "\n");
        assert_eq!(text.trim_end(), sent.text.trim_end());
        let attachment = mail.attachments().next().unwrap();
        assert_eq!(attachment.attachment_name(), Some(file_name));
        assert!(attachment.contents() == bytes, "{security}: the attachment's bytes");
        carrier.stop().await;
    }
}

#[tokio::test]
async fn a_servers_answers_become_outcomes() {
    let place = place("xibu-email");
    let exim = Exim::start(Speaks::StartTls);
    let mut login = settings(&place, &exim, "starttls");
    let carrier = Carrier::start(place.settings(login.clone()), place.host.clone()).await.unwrap();
    let messages = [
        "contact@county.test",
        "nobody-here@county.test",
        "busy@county.test",
        "somebody@elsewhere.example",
        "head@county.test",
    ];
    let messages = messages.map(|address| message(address, address)).to_vec();
    let outcomes = deliver(&carrier, messages, vec![]).await;
    assert!(is_accepted(&outcomes[0]) && is_accepted(&outcomes[4]), "{outcomes:?}");
    let blames = |outcome: &Outcome| match outcome {
        Outcome::Rejected { blame, detail } => (true, *blame, detail.clone()),
        Outcome::Deferred { blame, detail } => (false, *blame, detail.clone()),
        other => panic!("{other:?}"),
    };
    let nobody = blames(&outcomes[1]);
    assert_eq!((nobody.0, nobody.1), (true, Blame::Address), "{}", nobody.2);
    assert!(nobody.2.starts_with("550 5.1.1 no such user"), "{}", nobody.2);
    let busy = blames(&outcomes[2]);
    assert_eq!((busy.0, busy.1), (false, Blame::Address), "{}", busy.2);
    assert_eq!(blames(&outcomes[3]).1, Blame::Address);
    assert_eq!(exim.mails().len(), 2);
    // A wrong password is the channel's, and no message is used up by it.
    login["user"] = json!("office");
    login["password"] = json!("guess");
    let carrier = Carrier::start(place.settings(login), place.host.clone()).await.unwrap();
    let outcomes = deliver(&carrier, vec![message("k", "contact@county.test")], vec![]).await;
    let (rejected, blame, detail) = blames(&outcomes[0]);
    assert_eq!((rejected, blame), (false, Blame::Channel), "{detail}");
    assert!(detail.starts_with("535") && !detail.contains("guess"), "{detail}");
}

#[tokio::test]
async fn a_server_that_was_gone_for_a_while_loses_and_doubles_nothing() {
    let place = place("xibu-email");
    let mut exim = Exim::start(Speaks::Plain);
    let settings = settings(&place, &exim, "plain");
    let carrier = Carrier::start(place.settings(settings), place.host.clone()).await.unwrap();
    let send = |key: &'static str| {
        let carrier = carrier.clone();
        async move { deliver(&carrier, vec![message(key, "contact@county.test")], vec![]).await }
    };
    assert!(is_accepted(&send("before").await[0]));
    exim.kill();
    let Outcome::Deferred { blame: Blame::Channel, .. } = send("meanwhile").await[0] else {
        panic!("a server that is gone is the channel's")
    };
    exim.resume();
    assert!(is_accepted(&send("meanwhile").await[0]));
    // The connection of the second run is dead, the server is there: nobody notices.
    exim.kill();
    exim.resume();
    assert!(is_accepted(&send("after").await[0]));
    let mails = exim.mails();
    let mut ids: Vec<&str> = mails.iter().map(|mail| mail.header("message-id")).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((mails.len(), ids.len()), (3, 3));
}
