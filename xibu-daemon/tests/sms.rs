//! xibu-sms through its worker process: what goes over the wire is judged by the vendors' own
//! software, and an SMS centre written by others takes and delivers messages.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code, reason = "shared with the whole-line tests")]
#[path = "../../tests/harness/build.rs"]
mod build;
#[path = "sms/centre.rs"]
mod centre;
#[path = "carrier/library.rs"]
mod library;
#[allow(dead_code, reason = "shared with the plugin's own tests")]
#[path = "../../plugins/xibu-sms/src/tests/server.rs"]
mod server;
#[path = "sms/smpp.rs"]
mod smpp;
#[path = "sms/vendors.rs"]
mod vendors;

use std::time::Duration;

use serde_json::{Value, json};
use xibu_daemon::carrier::Carrier;
use xibu_plugin_abi::message::{Item, Message, Outcome, Request, Status};

const LONG: Duration = Duration::from_secs(30);
/// 2026-06-15T00:30:00Z
const NOW_UNIX_MS: i64 = 1_781_483_400_000;

fn message(key: &str, address: &str, text: &str) -> Message {
    Message {
        key: key.into(),
        address: address.into(),
        kind: "duty".into(),
        text: text.into(),
        variables: [("due", "6月26日"), ("period", "2026年6月")]
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
        ..Message::default()
    }
}

/// A value of each sort a signature could stumble over.
fn templates() -> Value {
    json!([
        {"kind": "duty", "code": "SMS_1", "text": "请于${due}前报送${period}安全情况。"},
        {"kind": "odd", "code": "1234", "text": "一：${a}；二：${b}；三：${c}。"},
    ])
}

async fn deliver(carrier: &Carrier, messages: Vec<Message>) -> Vec<Outcome> {
    let mut outcomes = vec![None; messages.len()];
    let on_item = |item, _| {
        let Item::Delivered { index, outcome } = item else { panic!("{item:?}") };
        assert!(outcomes[index as usize].replace(outcome).is_none(), "{index} twice");
    };
    let request = Request::Deliver { messages };
    let status = carrier.call(request, vec![], NOW_UNIX_MS, LONG, on_item).await;
    assert_eq!(status.unwrap(), Status::Done);
    outcomes.into_iter().map(Option::unwrap).collect()
}

/// What a poll brings, and its cursor.
async fn poll(carrier: &Carrier, cursor: Option<&str>) -> (Vec<Item>, String) {
    let mut items = Vec::new();
    let request = Request::Poll { cursor: cursor.map(str::to_owned), lost: 0 };
    let on_item = |item, _| items.push(item);
    let status = carrier.call(request, vec![], NOW_UNIX_MS, LONG, on_item).await;
    assert_eq!(status.unwrap(), Status::Done);
    let Some(Item::Polled { cursor, .. }) = items.pop() else { panic!("{items:?}") };
    (items, cursor)
}
