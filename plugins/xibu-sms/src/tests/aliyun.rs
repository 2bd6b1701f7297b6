//! Aliyun's interface as its pages describe it: requests, answers, reports, pushes.

use serde_json::{Value, json};
use xibu_plugin_sdk::message::{Blame, Fate, Item, Outcome};

use super::server::{Reaction, Request, Server};
use super::*;

fn settings(server: &Server) -> Value {
    json!({
        "provider": "aliyun", "template": templates(), "endpoint": server.url(),
        "access_key_id": "LTAI0", "access_key_secret": "aliyun-secret", "sign_name": "市项目办",
        "timeout": 1, "connections": 1, "hook_token": TOKEN,
    })
}

fn answer(status: u16, body: Value) -> Reaction {
    Reaction::Answer(status, "content-type: application/json\r\n", body.to_string())
}

/// By the key: an error code with its status, or what else happens.
fn react(request: &Request) -> Reaction {
    if request.headers["x-acs-action"] == "QuerySendDetails" {
        return details(request);
    }
    let key = request.query("OutId");
    match key.as_str() {
        "drop" => Reaction::Drop,
        "stall" => Reaction::Stall,
        "garbage" => Reaction::Answer(200, "", "<html>".into()),
        "502" => Reaction::Answer(502, "", String::new()),
        "503" => Reaction::Answer(503, "retry-after: 9\r\n", String::new()),
        _ => match key.split_once(' ') {
            Some((status, code)) => {
                let message = format!("{PHONE} refused");
                answer(status.parse().unwrap(), json!({"Code": code, "Message": message}))
            }
            None => {
                let body = json!({"Code": "OK", "Message": "OK", "BizId": format!("biz-{key}"),
                    "RequestId": "F655A8D5"});
                answer(200, body)
            }
        },
    }
}

fn details(request: &Request) -> Reaction {
    let (status, code) = match request.query("BizId").as_str() {
        "biz-k1" => (3, "DELIVERED"),
        "biz-k2" => (2, "MOBILE_IN_BLACK"),
        _ => (1, ""),
    };
    let detail = json!({"PhoneNum": PHONE, "SendStatus": status, "ErrCode": code,
        "ReceiveDate": "2026-06-15 08:30:00", "OutId": "k"});
    answer(200, json!({"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": [detail]}}))
}

#[test]
fn the_request_is_the_one_the_vendor_describes() {
    let server = Server::start(react);
    let outcomes = deliver(&mut configured(settings(&server)), vec![message("k1")]);
    assert_eq!(outcomes, [Outcome::Accepted { reference: "biz-k1".into() }]);
    let request = &server.seen()[0];
    assert_eq!(request.method, "POST");
    let values: Value = serde_json::from_str(&request.query("TemplateParam")).unwrap();
    assert_eq!(values, json!({"period": "2026年6月", "due": "6月26日"}));
    for (name, expected) in [
        ("PhoneNumbers", PHONE),
        ("SignName", "市项目办"),
        ("TemplateCode", "SMS_1"),
        ("OutId", "k1"),
    ] {
        assert_eq!(request.query(name), expected);
    }
    assert_eq!(request.headers["x-acs-action"], "SendSms");
    assert_eq!(request.headers["x-acs-version"], "2017-05-25");
    assert_eq!(request.headers["x-acs-date"], "2026-06-01T00:00:00Z");
    assert!(request.headers["authorization"].starts_with("ACS3-HMAC-SHA256 Credential=LTAI0,"));
    assert!(!format!("{request:?}").contains("aliyun-secret"));
}

#[test]
fn a_refusal_is_never_called_sent() {
    let table = [
        ("k", "accepted"),
        // With HTTP 200 as older interfaces have it, and with 4xx.
        ("200 isv.MOBILE_NUMBER_ILLEGAL", "rejected Address"),
        ("400 isv.MOBILE_NUMBER_ILLEGAL", "rejected Address"),
        ("200 isv.SMS_SIGNATURE_ILLEGAL", "rejected Message"),
        ("200 isv.AMOUNT_NOT_ENOUGH", "deferred Channel"),
        ("403 SignatureDoesNotMatch", "deferred Channel"),
        ("200 isv.BUSINESS_LIMIT_CONTROL", "throttled"),
        ("503 ServiceUnavailable", "throttled"),
        ("500 InternalError", "deferred Channel"),
        ("500 OK", "unknown"),
        ("503", "throttled"),
        ("502", "unknown"),
        ("garbage", "unknown"),
        ("drop", "unknown"),
        ("stall", "unknown"),
    ];
    let server = Server::start(react);
    for (key, expected) in table {
        let outcomes = deliver(&mut configured(settings(&server)), vec![message(key)]);
        assert_eq!(words(&outcomes), [expected], "{key}: {outcomes:?}");
    }
}

#[test]
fn reports_are_asked_for_until_they_are_there() {
    let server = Server::start(react);
    let mut harness = configured(settings(&server));
    deliver(&mut harness, vec![message("k1"), message("k2"), message("k3")]);
    let (items, cursor) = poll(&mut harness, None);
    assert_eq!(cursor, "", "no number of a phone stands in a cursor");
    assert_eq!(items.len(), 2);
    let receipt = |item: &Item| match item {
        Item::Receipt(receipt) => receipt.clone(),
        other => panic!("{other:?}"),
    };
    let (first, second) = (receipt(&items[0]), receipt(&items[1]));
    assert_eq!((first.key.as_deref(), first.fate), (Some("k1"), Fate::Delivered));
    assert_eq!(first.at_unix_ms, 1_781_483_400_000);
    assert!(matches!(second.fate, Fate::Failed { blame: Blame::Address, .. }));
    let asked = server.seen().len();
    let (items, _) = poll(&mut harness, None);
    assert_eq!(items, []);
    assert_eq!(server.seen().len(), asked + 1, "only the one without a report is asked about");
    assert_eq!(server.seen().last().unwrap().query("SendDate"), "20260601");
}

#[test]
fn pushes_are_read_as_the_vendor_describes_them() {
    let server = Server::start(react);
    let mut harness = configured(settings(&server));
    let reports = json!([
        {"phone_number": PHONE, "send_time": "2026-06-15 08:29:00",
         "report_time": "2026-06-15 08:30:00", "success": true, "err_code": "DELIVERED",
         "err_msg": "用户接收成功", "sms_size": "1", "biz_id": "b1", "out_id": "k1"},
        {"phone_number": PHONE, "report_time": "2026-06-15 08:30:00", "success": false,
         "err_code": "CONTENT_KEYWORD", "biz_id": "b2"},
    ]);
    let path = format!("/report/{TOKEN}");
    let (items, status, body) = push(&mut harness, &path, "application/json", &reports.to_string());
    assert_eq!((status, items.len()), (200, 2));
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["code"], 0);
    let Item::Receipt(first) = &items[0] else { panic!() };
    assert_eq!((first.key.as_deref(), &first.fate), (Some("k1"), &Fate::Delivered));
    let Item::Receipt(second) = &items[1] else { panic!() };
    assert_eq!((second.key.as_deref(), second.reference.as_deref()), (None, Some("b2")));
    assert!(matches!(second.fate, Fate::Failed { blame: Blame::Message, .. }));

    let replies = json!([{"phone_number": PHONE, "send_time": "20260615083000",
        "content": "安全无事", "sign_name": "市项目办", "dest_code": "1234",
        "sequence_id": 1_234_567_890}]);
    let path = format!("/reply/{TOKEN}");
    let (items, status, _) = push(&mut harness, &path, "application/json", &replies.to_string());
    assert_eq!(status, 200);
    let Item::Arrived(reply) = &items[0] else { panic!() };
    assert_eq!((reply.from.as_str(), reply.text.as_str()), (PHONE, "安全无事"));
    assert_eq!(reply.received_unix_ms, 1_781_483_400_000);
    // One bad entry and the vendor is asked to come again: nothing of it is taken.
    let half = json!([replies[0], {"content": "没有号码"}]);
    let (items, status, _) = push(&mut harness, &path, "application/json", &half.to_string());
    assert_eq!((status, items.len()), (400, 0));
}
