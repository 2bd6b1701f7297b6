//! The gateway by template: what goes over the wire, and what each answer means.

use std::net::TcpListener;

use serde_json::{Value, json};
use xibu_plugin_sdk::message::{Blame, Fate, Item, Outcome};
use xibu_plugin_sdk::testing::NOW_UNIX_MS;

use super::server::{Reaction, Server};
use super::*;

fn settings(server: &Server, extra: Value) -> Value {
    let base = json!({
        "provider": "http",
        "template": templates(),
        "url": format!("{}/send?app=7", server.url()),
        "token": "gateway-secret",
        "timeout": 1,
        "connections": 1,
        "hook_token": TOKEN,
        "headers": {"authorization": "Bearer {token}"},
        "body": {"to": "{phone}", "e164": "{phone_e164}", "text": "{text}", "id": "{key}",
                 "kind": "{kind}", "template": "{template}", "values": "{variables}",
                 "due": "截止{variables.due}", "fixed": 1},
        "success": {"pointer": "/code", "equals": [0, "OK"]},
        "failure": [
            {"pointer": "/code", "equals": [1001], "action": "reject", "blame": "address"},
            {"pointer": "/code", "equals": 1002, "action": "reject", "blame": "message"},
            {"pointer": "/code", "equals": 1003, "action": "defer", "blame": "channel"},
            {"pointer": "/code", "equals": 1004, "action": "throttle", "retry_after": 7},
            {"body": "余额不足", "action": "defer"},
        ],
        "reference": "/data/id",
        "report": {"list": "/reports", "key": "/id", "reference": "/msg", "state": "/stat",
                   "delivered": ["DELIVRD"], "pending": ["ENROUTE"], "time": "/time"},
        "reply": {"format": "form", "id": "moid", "from": "mobile", "text": "content",
                  "time": "at", "answers": "id"},
        "push_answer": "{\"code\":0}",
    });
    with(base, extra)
}

fn answer(status: u16, body: &str) -> Reaction {
    Reaction::Answer(status, "", body.into())
}

/// Last words of the key choose the reaction; what is said of the message, and of the next one.
fn fates() -> Vec<(&'static str, Reaction, &'static str, &'static str)> {
    vec![
        ("ok", answer(200, r#"{"code":0,"data":{"id":"m1"}}"#), "accepted", "accepted"),
        ("ok-word", answer(200, r#"{"code":"OK"}"#), "accepted", "accepted"),
        ("address", answer(200, r#"{"code":1001}"#), "rejected Address", "accepted"),
        ("message", answer(200, r#"{"code":"1002"}"#), "rejected Message", "accepted"),
        ("channel", answer(200, r#"{"code":1003}"#), "deferred Channel", "deferred Channel"),
        ("throttle", answer(200, r#"{"code":1004}"#), "throttled", "throttled"),
        ("money", answer(200, "余额不足"), "deferred Channel", "deferred Channel"),
        // Refused for a reason nobody named: never called sent.
        ("refused", answer(200, r#"{"code":9999}"#), "deferred Message", "accepted"),
        ("refused-201", answer(201, r#"{"code":"ERR"}"#), "deferred Message", "accepted"),
        // It says nothing that is understood.
        ("garbage", answer(200, "<html>ok</html>"), "unknown", "accepted"),
        ("empty", answer(200, ""), "unknown", "accepted"),
        ("no-code", answer(200, r#"{"data":{}}"#), "unknown", "accepted"),
        ("400", answer(400, ""), "rejected Message", "accepted"),
        ("401", answer(401, ""), "deferred Channel", "deferred Channel"),
        ("404", answer(404, ""), "deferred Channel", "deferred Channel"),
        (
            "302",
            Reaction::Answer(302, "location: /ok\r\n", String::new()),
            "deferred Channel",
            "deferred Channel",
        ),
        (
            "429",
            Reaction::Answer(429, "retry-after: 33\r\n", String::new()),
            "throttled",
            "throttled",
        ),
        ("503", answer(503, "busy"), "throttled", "throttled"),
        ("500", answer(500, "oops"), "unknown", "accepted"),
        ("502", answer(502, ""), "unknown", "accepted"),
        // Two minds: nobody knows.
        ("500-but-0", answer(500, r#"{"code":0}"#), "unknown", "accepted"),
        ("drop", Reaction::Drop, "unknown", "accepted"),
        ("stall", Reaction::Stall, "unknown", "accepted"),
        ("nonsense", Reaction::Nonsense, "unknown", "accepted"),
        ("half", Reaction::HalfBody, "unknown", "accepted"),
    ]
}

fn scripted() -> Server {
    let fates = fates();
    Server::start(move |request| {
        let id = request.json()["id"].as_str().unwrap().to_owned();
        let fate = fates.iter().find(|(name, ..)| *name == id).unwrap();
        fate.1.clone()
    })
}

#[test]
fn each_answer_has_its_outcome_and_the_next_message_goes_its_own_way() {
    let server = scripted();
    for (name, _, expected, next) in fates() {
        let mut harness = configured(settings(&server, json!({})));
        let outcomes = deliver(&mut harness, vec![message(name), message("ok")]);
        assert_eq!(words(&outcomes), [expected, next], "{name}: {outcomes:?}");
        if let Outcome::Throttled { retry_after_seconds, .. } = &outcomes[0] {
            let seconds = match name {
                "throttle" => 7,
                "429" => 33,
                _ => 60,
            };
            assert_eq!(*retry_after_seconds, seconds, "{name}");
        }
        // And in the next call everything is as if nothing had been.
        assert_eq!(words(&deliver(&mut harness, vec![message("ok")])), ["accepted"], "{name}");
    }
}

#[test]
fn the_request_is_the_one_of_the_settings() {
    let server = scripted();
    let mut harness = configured(settings(&server, json!({})));
    let outcomes = deliver(&mut harness, vec![message("ok")]);
    assert_eq!(outcomes, [Outcome::Accepted { reference: "m1".into() }]);
    let request = &server.seen()[0];
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/send?app=7"));
    assert_eq!(request.headers["authorization"], "Bearer gateway-secret");
    assert_eq!(request.headers["content-type"], "application/json");
    let expected = json!({"to": PHONE, "e164": "+8615400000001", "text": TEXT, "id": "ok",
        "kind": "duty", "template": "SMS_1", "values": {"period": "2026年6月", "due": "6月26日"},
        "due": "截止6月26日", "fixed": 1});
    assert_eq!(request.json(), expected);
}

#[test]
fn a_form_is_escaped_and_a_get_has_it_in_its_query() {
    let body = json!({"to": "{phone}", "text": "{text}&a=b +", "values": "{variables}"});
    let success = json!({"success": {"body": "^1,"}, "failure": null, "reference": null});
    for method in ["POST", "GET"] {
        let server = Server::start(|_| answer(200, "1,accepted"));
        let extra = json!({"method": method, "body_format": "form", "body": body});
        let settings = with(settings(&server, extra), success.clone());
        let outcomes = deliver(&mut configured(settings), vec![message("ok")]);
        assert_eq!(words(&outcomes), ["accepted"]);
        let request = &server.seen()[0];
        let form = match method {
            "POST" => {
                assert_eq!(request.headers["content-type"], "application/x-www-form-urlencoded");
                request.body.clone()
            }
            _ => request.target.strip_prefix("/send?app=7&").unwrap().to_owned(),
        };
        assert!(form.is_ascii());
        let pairs = crate::gateway::read_form(&form);
        let field = |name: &str| pairs.iter().find(|(n, _)| n == name).unwrap().1.clone();
        assert_eq!(field("to"), PHONE);
        assert_eq!(field("text"), format!("{TEXT}&a=b +"));
        assert_eq!(field("values"), r#"{"due":"6月26日","period":"2026年6月"}"#);
    }
}

#[test]
fn what_a_value_says_is_no_placeholder() {
    let server = scripted();
    let mut sent = message("ok");
    sent.variables.insert("due".into(), "{token}\"}".into());
    let mut harness = configured(settings(&server, json!({})));
    assert_eq!(words(&deliver(&mut harness, vec![sent])), ["accepted"]);
    let body = server.seen()[0].json();
    assert_eq!(body["due"], "截止{token}\"}");
    assert!(!body.to_string().contains("gateway-secret"));
}

#[test]
fn no_server_costs_the_batch_one_attempt() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let server = Server { port, requests: Default::default() };
    let mut harness = configured(settings(&server, json!({})));
    for outcome in deliver(&mut harness, vec![message("ok"), message("ok")]) {
        let Outcome::Deferred { blame: Blame::Channel, detail } = outcome else { panic!() };
        assert!(detail.contains("not sent: Connection refused"), "{detail}");
    }
}

#[test]
fn what_may_not_be_sent_is_rejected_before_anything_leaves() {
    let server = scripted();
    let mut harness = configured(settings(&server, json!({"variable_chars_max": 10})));
    let changed = |change: &dyn Fn(&mut Message)| {
        let mut message = message("ok");
        change(&mut message);
        message
    };
    let due = |value: &'static str| {
        move |message: &mut Message| {
            message.variables.insert("due".into(), value.into());
        }
    };
    let table: Vec<(Message, &str)> = vec![
        (changed(&|m| m.kind = "digest".into()), "no_template_for_kind: digest"),
        (changed(&|m| m.variables.clear()), "variable_missing: period"),
        (changed(&due("一二三四五六七八九十一")), "variable_too_long: due"),
        (changed(&due("a.com/x")), "link_in_variable_not_allowed: due"),
        (changed(&due("招聘")), "recruitment_not_allowed"),
        (changed(&due("加微信")), "chat_group_not_allowed"),
        (changed(&due("【甲】")), "signature_only_from_vendor"),
        (changed(&|m| m.address = "023-67770000".into()), "no_mobile_number"),
        (changed(&|m| m.address = "zhang@county.test".into()), "no_mobile_number"),
    ];
    let messages = table.iter().map(|(message, _)| message.clone()).collect();
    for (outcome, (_, reason)) in deliver(&mut harness, messages).iter().zip(&table) {
        let Outcome::Rejected { blame, detail } = outcome else { panic!("{outcome:?}") };
        assert!(detail.starts_with(reason), "{detail}, not {reason}");
        let of_address = *reason == "no_mobile_number";
        assert_eq!(*blame, if of_address { Blame::Address } else { Blame::Message });
    }
    assert!(server.seen().is_empty());
}

#[test]
fn many_go_side_by_side_and_each_is_told_once() {
    let server = scripted();
    let mut harness = configured(settings(&server, json!({"connections": 8})));
    let outcomes = deliver(&mut harness, (0..200).map(|_| message("ok")).collect());
    assert!(outcomes.iter().all(|outcome| word(outcome) == "accepted"));
    assert_eq!(server.seen().len(), 200);
}

#[test]
fn reports_and_replies_come_by_the_door_with_its_token() {
    let server = scripted();
    let mut harness = configured(settings(&server, json!({})));
    let reports = json!({"reports": [
        {"id": "k1", "msg": "m1", "stat": "DELIVRD", "time": "2026-06-15 08:30:00"},
        {"id": "k2", "msg": "m2", "stat": "UNDELIV"},
        {"id": "k3", "msg": "m3", "stat": "ENROUTE"},
    ]});
    let path = format!("/report/{TOKEN}");
    let (items, status, body) = push(&mut harness, &path, "application/json", &reports.to_string());
    assert_eq!((status, body.as_str()), (200, "{\"code\":0}"));
    assert_eq!(items.len(), 2, "what is no end yet is no receipt");
    let Item::Receipt(first) = &items[0] else { panic!() };
    assert_eq!((first.key.as_deref(), first.reference.as_deref()), (Some("k1"), Some("m1")));
    assert_eq!((first.at_unix_ms, &first.fate), (1_781_483_400_000, &Fate::Delivered));
    let Item::Receipt(second) = &items[1] else { panic!() };
    let failed = Fate::Failed { blame: Blame::Address, detail: "UNDELIV".into() };
    assert_eq!((&second.fate, second.at_unix_ms), (&failed, NOW_UNIX_MS));

    let form = "moid=9&mobile=15400000001&content=%E5%AE%89%E5%85%A8+%E6%97%A0%E4%BA%8B&at=1781483400&id=k1";
    let form_type = "application/x-www-form-urlencoded";
    let path = format!("/reply/{TOKEN}");
    let (items, status, _) = push(&mut harness, &path, form_type, form);
    assert_eq!(status, 200);
    let Item::Arrived(reply) = &items[0] else { panic!() };
    assert_eq!((reply.from.as_str(), reply.text.as_str()), (PHONE, "安全 无事"));
    assert_eq!(reply.answers.as_deref(), Some("k1"));
    assert_eq!((reply.received_unix_ms, reply.automatic), (1_781_483_400_000, false));
    let (again, ..) = push(&mut harness, &path, form_type, form);
    assert_eq!(again, items, "the same has the same id");
}

#[test]
fn a_push_without_the_token_or_without_sense_brings_nothing() {
    let server = scripted();
    let mut harness = configured(settings(&server, json!({})));
    for path in ["", "/", "/report", "/report/wrong", "/reply/a-long-enough-secre", "/other/x"] {
        let (items, status, _) = push(&mut harness, path, "application/json", "{\"reports\":[]}");
        assert_eq!((items.len(), status), (0, 404), "{path}");
    }
    let path = format!("/report/{TOKEN}");
    for body in ["", "nonsense", "[]]", "{}", "{\"reports\":5}", "{\"reports\":[{\"stat\":\"D\"}]}"]
    {
        let (items, status, _) = push(&mut harness, &path, "application/json", body);
        assert_eq!((items.len(), status), (0, 400), "{body}");
    }
    let mut closed = configured(settings(&server, json!({"hook_token": null})));
    let (items, status, _) = push(&mut closed, &path, "application/json", "{\"reports\":[]}");
    assert_eq!((items.len(), status), (0, 404), "no token is set");
}
