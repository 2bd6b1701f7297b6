//! The plugin, by its own table, against servers that do what each test says.
//!
//! What it is not: the vendors' own software; that is in `tests/`.

mod aliyun;
mod gateway;
mod server;
mod settings;
mod tencent;

use serde_json::{Value, json};
use xibu_plugin_sdk::message::{Item, Message, Outcome, Request as Call, Status};
use xibu_plugin_sdk::testing::Harness;

use crate::Sms;

/// Nobody's: 154 is not given to mobiles of persons in these texts, and the rest are noughts.
pub(crate) const PHONE: &str = "15400000001";
pub(crate) const TOKEN: &str = "a-long-enough-secret";

pub(crate) fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted { .. } => "accepted".into(),
        Outcome::Deferred { blame, .. } => format!("deferred {blame:?}"),
        Outcome::Throttled { .. } => "throttled".into(),
        Outcome::Rejected { blame, .. } => format!("rejected {blame:?}"),
        Outcome::Unknown => "unknown".into(),
    }
}

/// `base` with the keys of `extra` set, or taken out where they are null.
fn with(mut base: Value, extra: Value) -> Value {
    for (key, value) in extra.as_object().unwrap() {
        match value {
            Value::Null => base.as_object_mut().unwrap().remove(key),
            value => base.as_object_mut().unwrap().insert(key.clone(), value.clone()),
        };
    }
    base
}

fn templates() -> Value {
    json!([
        {"kind": "duty", "code": "SMS_1",
         "text": "您有一份${period}安全情况待报送，请于${due}前办理。"},
        {"kind": "answer", "code": "SMS_2", "text": "您的回复已登记。"},
    ])
}

fn message(key: &str) -> Message {
    let variables = [("period", "2026年6月"), ("due", "6月26日")];
    Message {
        key: key.into(),
        address: PHONE.into(),
        recipient: "张三".into(),
        subject: "提醒".into(),
        text: "全文".into(),
        kind: "duty".into(),
        variables: variables.map(|(name, value)| (name.into(), value.into())).into(),
        ..Message::default()
    }
}

const TEXT: &str = "您有一份2026年6月安全情况待报送，请于6月26日前办理。";

fn configured(settings: Value) -> Harness<Sms> {
    let mut harness = Harness::new();
    harness.configure(settings).unwrap();
    harness
}

fn deliver(harness: &mut Harness<Sms>, messages: Vec<Message>) -> Vec<Outcome> {
    let count = messages.len();
    let answer = harness.call(Call::Deliver { messages }, &[]);
    assert_eq!(answer.status, Status::Done);
    let said = format!("{:?} {:?}", answer.items, answer.log);
    assert!(!said.contains(PHONE) && !said.contains("张三"), "{said}");
    let mut outcomes = vec![None; count];
    for (item, _) in answer.items {
        let Item::Delivered { index, outcome } = item else { panic!("{item:?}") };
        assert!(outcomes[index as usize].replace(outcome).is_none(), "{index} twice");
    }
    outcomes.into_iter().map(Option::unwrap).collect()
}

fn words(outcomes: &[Outcome]) -> Vec<String> {
    outcomes.iter().map(word).collect()
}

/// The items of a poll without its end, and its cursor.
fn poll(harness: &mut Harness<Sms>, cursor: Option<&str>) -> (Vec<Item>, String) {
    let answer = harness.call(Call::Poll { cursor: cursor.map(str::to_owned), lost: 0 }, &[]);
    assert_eq!(answer.status, Status::Done, "{:?}", answer.log);
    let mut items: Vec<Item> = answer.items.into_iter().map(|(item, _)| item).collect();
    let Some(Item::Polled { cursor, .. }) = items.pop() else { panic!("{items:?}") };
    (items, cursor)
}

/// The items of a push, the status and the body it was answered with.
fn push(
    harness: &mut Harness<Sms>,
    path: &str,
    media_type: &str,
    body: &str,
) -> (Vec<Item>, u16, String) {
    let headers = [("content-type".to_owned(), media_type.to_owned())].into();
    let hook =
        Call::Hook { method: "POST".into(), path: path.into(), query: String::new(), headers };
    let answer = harness.call(hook, &[body.as_bytes()]);
    assert_eq!(answer.status, Status::Done);
    assert!(!format!("{:?}", answer.log).contains(PHONE));
    let mut items = answer.items;
    let Some((Item::HookAnswered { status, .. }, blobs)) = items.pop() else { panic!("{items:?}") };
    let body = String::from_utf8(blobs[0].clone()).unwrap();
    (items.into_iter().map(|(item, _)| item).collect(), status, body)
}
