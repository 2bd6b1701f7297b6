//! xibu-email through its worker process against a real mailbox server, Dovecot: what lies there
//! comes once, news ends the wait, and nothing in the mailbox is touched.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code, reason = "shared with the whole-line tests")]
#[path = "../../tests/harness/build.rs"]
mod build;
#[path = "../../tests/harness/certificate.rs"]
mod certificate;
#[allow(dead_code, reason = "shared with the whole-line tests")]
#[path = "../../tests/harness/dovecot.rs"]
mod dovecot;
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

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};
use xibu_daemon::carrier::{Carrier, PluginState};
use xibu_plugin_abi::message::{Arrived, Fate, Item, Message, Outcome, Receipt, Request, Status};

use dovecot::Dovecot;
use exim::Exim;
use library::{Place, place};

/// As the daemon asks a plugin that also delivers.
const LOOK: Duration = Duration::from_secs(30);
/// 2026-06-15T00:30:00Z
const NOW_UNIX_MS: i64 = 1_781_483_400_000;
const OFFICE: &str = "xmb@office.test";

fn received() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(NOW_UNIX_MS.unsigned_abs())
}

/// Whoever looks into the mailbox, with what is kept from one look to the next.
struct Reader {
    carrier: Carrier,
    cursor: Option<String>,
    state: PluginState,
}

#[derive(Default)]
struct Seen {
    arrived: Vec<(Arrived, Vec<Vec<u8>>)>,
    receipts: Vec<Receipt>,
    again: u64,
}

impl Reader {
    async fn of(place: &Place, dovecot: &Dovecot, extra: Value) -> Self {
        let ca_file = place.folder.path().join("mailbox-ca.pem");
        std::fs::write(&ca_file, dovecot.authority()).unwrap();
        let mut settings = json!({
            "host": "127.0.0.1", "security": "plain", "from": OFFICE, "ca_file": ca_file,
            "inbox": {
                "host": "localhost", "port": dovecot.tls_port, "user": OFFICE,
                "password": "secret", "idle": false,
            },
        });
        for (key, value) in extra.as_object().unwrap() {
            match value.as_object() {
                Some(inner) => {
                    for (inner, value) in inner {
                        settings[key][inner] = value.clone();
                    }
                }
                None => settings[key] = value.clone(),
            }
        }
        let carrier = Carrier::start(place.settings(settings), place.host.clone()).await.unwrap();
        Self { carrier, cursor: None, state: PluginState::new() }
    }

    /// One call with the plugin's state, which is kept as the daemon keeps it.
    async fn call(&mut self, request: Request) -> (Status, Vec<(Item, Vec<Vec<u8>>)>) {
        let mut items = Vec::new();
        let state = self.state.clone();
        let on_item = |item, blobs| items.push((item, blobs));
        let called =
            self.carrier.call_with_state(request, vec![], NOW_UNIX_MS, LOOK, state, on_item);
        let answered = called.await.unwrap();
        self.state.extend(answered.puts);
        (answered.status, items)
    }

    async fn look(&mut self) -> Seen {
        let request = Request::Poll { cursor: self.cursor.clone(), lost: 0 };
        let (status, items) = self.call(request).await;
        assert_eq!(status, Status::Done);
        let mut seen = Seen::default();
        for (item, blobs) in items {
            match item {
                Item::Arrived(arrived) => seen.arrived.push((arrived, blobs)),
                Item::Receipt(receipt) => seen.receipts.push(receipt),
                Item::Polled { cursor, again_after_seconds } => {
                    self.cursor = Some(cursor);
                    seen.again = again_after_seconds;
                }
                other => panic!("{other:?}"),
            }
        }
        seen
    }
}

fn mail(number: u32, more: &str, body: &str) -> Vec<u8> {
    let mail = format!(
        "From: =?gb18030?B?1cXI/Q==?= <zs@unit.test>\nTo: {OFFICE}\n\
         Message-ID: <m{number}@unit.test>\nSubject: s{number}\n{more}\n{body}\n"
    );
    mail.replace('\n', "\r\n").into_bytes()
}

const WITH_FILE: &str = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n";
const FILE: &str = "--x\nContent-Type: text/plain; charset=gb2312\n\
    Content-Transfer-Encoding: base64\n\nsLLIq87eysIgNzM0MQ==\n--x\n\
    Content-Type: application/zip\nContent-Transfer-Encoding: base64\n\
    Content-Disposition: attachment; filename=\"=?GBK?B?wfnUwi56aXA=?=\"\n\nUEsDBA==\n--x--";

#[tokio::test]
async fn mails_come_once_however_the_way_is_protected_and_nothing_is_touched() {
    let place = place("xibu-email");
    let dovecot = Dovecot::start();
    dovecot.put(OFFICE, &mail(1, "", "安全无事 7341"), received());
    dovecot.put(OFFICE, &mail(2, WITH_FILE, FILE), received());
    let plain = dovecot.plain_port;
    for (security, port) in [("tls", dovecot.tls_port), ("starttls", plain), ("plain", plain)] {
        let inbox = json!({"inbox": {"security": security, "port": port}});
        let mut reader = Reader::of(&place, &dovecot, inbox).await;
        let seen = reader.look().await;
        let subjects: Vec<&str> =
            seen.arrived.iter().map(|(one, _)| one.subject.as_str()).collect();
        assert_eq!(subjects, ["s1", "s2"], "{security}");
        for (arrived, _) in &seen.arrived {
            assert_eq!(
                (arrived.from.as_str(), arrived.text.as_str()),
                ("zs@unit.test", "安全无事 7341")
            );
            assert_eq!(arrived.received_unix_ms, NOW_UNIX_MS, "the server's date");
        }
        let (file, blobs) = &seen.arrived[1];
        assert_eq!(file.attachments[0].file_name, "六月.zip");
        assert_eq!(blobs[0], b"PK\x03\x04");
        assert_eq!(reader.look().await.arrived.len(), 0, "{security}: once");
        reader.carrier.stop().await;
    }
    let mails = dovecot.mails(OFFICE);
    assert_eq!(mails.len(), 2);
    assert!(mails.iter().all(|(flags, _)| flags.is_empty()), "not even seen");
    let log = dovecot.log();
    assert_eq!(log.matches("ID sent: name=xibu").count(), 3, "{log}");
}

#[tokio::test]
async fn news_ends_the_wait_within_the_call() {
    let place = place("xibu-email");
    let dovecot = Arc::new(Dovecot::start());
    let mut reader = Reader::of(&place, &dovecot, json!({"inbox": {"idle": true}})).await;
    let begun = Instant::now();
    let waiting = dovecot.clone();
    let news = tokio::task::spawn_blocking(move || {
        waiting.await_idle(OFFICE);
        waiting.put(OFFICE, &mail(1, "", "安全无事"), received());
        Instant::now()
    });
    let (seen, put) = tokio::join!(reader.look(), news);
    assert_eq!((seen.arrived.len(), seen.again), (1, 1));
    let took = put.unwrap().elapsed();
    assert!(took < Duration::from_secs(10) && begun.elapsed() < LOOK, "{took:?}");
}

#[tokio::test]
async fn whoever_has_something_to_send_does_not_wait_for_news() {
    let place = place("xibu-email");
    let dovecot = Arc::new(Dovecot::start());
    let exim = Exim::start_before(dovecot.lmtp_port);
    // Of its own: whoever waits is known by the address, and tests run side by side.
    let address = "second@office.test";
    let extra = json!({"port": exim.port(), "inbox": {"idle": true, "user": address}});
    let mut reader = Reader::of(&place, &dovecot, extra).await;
    let carrier = reader.carrier.clone();
    let waiting = dovecot.clone();
    let sending = async move {
        let idle = tokio::task::spawn_blocking(move || waiting.await_idle(address));
        idle.await.unwrap();
        let begun = Instant::now();
        let outcome = deliver(&carrier, "contact@unit.test").await;
        (outcome, begun.elapsed())
    };
    let (seen, (outcome, took)) = tokio::join!(reader.look(), sending);
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!((seen.arrived.len(), seen.again), (0, 1), "the look ended well and goes on soon");
}

async fn deliver(carrier: &Carrier, address: &str) -> Outcome {
    let message = Message {
        key: "P32/duty/2026-06-15/1".into(),
        address: address.into(),
        subject: "请报送".into(),
        text: "请于6月28日前报送。".into(),
        ..Message::default()
    };
    let mut found = None;
    let on_item = |item, _| match item {
        Item::Delivered { outcome, .. } => found = Some(outcome),
        other => panic!("{other:?}"),
    };
    let request = Request::Deliver { messages: vec![message] };
    carrier.call(request, vec![], NOW_UNIX_MS, LOOK, on_item).await.unwrap();
    found.unwrap()
}

#[tokio::test]
async fn a_mailbox_numbered_anew_brings_what_is_known_under_the_same_ids() {
    let place = place("xibu-email");
    let mut dovecot = Dovecot::start();
    dovecot.put(OFFICE, &mail(1, "", "一"), received());
    dovecot.put(OFFICE, &mail(2, "", "二"), received());
    let mut reader = Reader::of(&place, &dovecot, json!({})).await;
    let ids = |seen: &Seen| -> Vec<String> {
        seen.arrived.iter().map(|(arrived, _)| arrived.id.clone()).collect()
    };
    let first = ids(&reader.look().await);
    assert_eq!(first.len(), 2);
    // The server goes away and comes back: the connection that was kept is dead.
    dovecot.number_anew(OFFICE);
    dovecot.put(OFFICE, &mail(3, "", "三"), received());
    let again = ids(&reader.look().await);
    assert_eq!((again.len(), &again[..2]), (3, &first[..]));
    assert_eq!(reader.look().await.arrived.len(), 0);
}

#[tokio::test]
async fn a_bounce_of_a_real_server_settles_the_message() {
    let place = place("xibu-email");
    let dovecot = Dovecot::start();
    let exim = Exim::start_before(dovecot.lmtp_port);
    let mut reader = Reader::of(&place, &dovecot, json!({"port": exim.port()})).await;
    reader.look().await;
    let message = Message {
        key: "P32/duty/2026-06-15/1".into(),
        address: "gone@unit.test".into(),
        subject: "请报送".into(),
        text: "请于6月28日前报送。".into(),
        ..Message::default()
    };
    let (status, items) = reader.call(Request::Deliver { messages: vec![message] }).await;
    assert_eq!(status, Status::Done);
    assert!(matches!(&items[0].0, Item::Delivered { outcome: Outcome::Accepted { .. }, .. }));
    exim.hand_on();
    let seen = reader.look().await;
    assert_eq!(seen.arrived.len(), 0, "a bounce is nobody's words");
    let [receipt] = &seen.receipts[..] else { panic!("{:?}", seen.receipts) };
    assert_eq!(receipt.key.as_deref(), Some("P32/duty/2026-06-15/1"));
    let Fate::Failed { blame, detail } = &receipt.fate else { panic!("{receipt:?}") };
    assert_eq!(*blame, xibu_plugin_abi::message::Blame::Address, "{detail}");
    assert!(!detail.contains('@') && !detail.contains("gone"), "{detail}");
}

#[tokio::test]
async fn a_refusal_is_told_without_names() {
    let place = place("xibu-email");
    let dovecot = Dovecot::start();
    let extra = json!({"inbox": {"password": "guess"}});
    let mut reader = Reader::of(&place, &dovecot, extra).await;
    let (status, _) = reader.call(Request::Poll { cursor: None, lost: 0 }).await;
    let Status::Failed { detail } = status else { panic!("{status:?}") };
    assert!(detail.starts_with("the mailbox refused login"), "{detail}");
    assert!(!detail.contains("guess") && !detail.contains("xmb"), "{detail}");
}
