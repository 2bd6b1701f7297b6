//! Tencent Cloud's interface as its pages describe it: requests, answers, pulls, pushes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use xibu_plugin_sdk::message::{Blame, Fate, Item, Outcome};

use super::server::{Reaction, Request, Server};
use super::*;

fn settings(server: &Server) -> Value {
    json!({
        "provider": "tencent", "template": templates(), "endpoint": server.url(),
        "secret_id": "AKID0", "secret_key": "tencent-secret", "sdk_app_id": "1400006666",
        "sign_name": "市项目办", "timeout": 1, "connections": 1, "hook_token": TOKEN,
    })
}

fn answer(response: Value) -> Reaction {
    let body = json!({"Response": response}).to_string();
    Reaction::Answer(200, "content-type: application/json\r\n", body)
}

/// By the key: a code of the message, `!` and a code of the whole call, or what else happens.
fn react(request: &Request) -> Reaction {
    let key = request.json()["SessionContext"].as_str().unwrap_or_default().to_owned();
    match key.as_str() {
        "drop" => Reaction::Drop,
        "stall" => Reaction::Stall,
        "garbage" => Reaction::Answer(200, "", "<html>".into()),
        "502" => Reaction::Answer(502, "", String::new()),
        "empty" => answer(json!({"SendStatusSet": [], "RequestId": "r"})),
        key => {
            if let Some(code) = key.strip_prefix('!') {
                let message = format!("{PHONE} refused");
                return answer(json!({"Error": {"Code": code, "Message": message}}));
            }
            let code = if key.contains('.') { key } else { "Ok" };
            answer(json!({"SendStatusSet": [{
                "SerialNo": format!("serial-{key}"), "PhoneNumber": format!("+86{PHONE}"), "Fee": 1,
                "SessionContext": key, "Code": code, "Message": format!("{PHONE}: send"),
                "IsoCode": "CN"}], "RequestId": "r"}))
        }
    }
}

#[test]
fn the_request_is_the_one_the_vendor_describes() {
    let server = Server::start(react);
    let outcomes = deliver(&mut configured(settings(&server)), vec![message("k1")]);
    assert_eq!(outcomes, [Outcome::Accepted { reference: "serial-k1".into() }]);
    let request = &server.seen()[0];
    let expected = json!({"PhoneNumberSet": ["+8615400000001"], "SmsSdkAppId": "1400006666",
        "TemplateId": "SMS_1", "SignName": "市项目办", "SessionContext": "k1",
        "TemplateParamSet": ["2026年6月", "6月26日"]});
    assert_eq!(request.json(), expected);
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/"));
    assert_eq!(request.headers["x-tc-action"], "SendSms");
    assert_eq!(request.headers["x-tc-version"], "2021-01-11");
    assert_eq!(request.headers["x-tc-timestamp"], "1780272000");
    assert_eq!(request.headers["x-tc-region"], "ap-guangzhou");
    let authorization = &request.headers["authorization"];
    assert!(authorization.starts_with("TC3-HMAC-SHA256 Credential=AKID0/2026-06-01/sms/"));
    assert!(!format!("{request:?}").contains("tencent-secret"));
}

#[test]
fn a_refusal_is_never_called_sent() {
    let table = [
        ("k", "accepted"),
        // All with HTTP 200, as this vendor has it.
        ("InvalidParameterValue.IncorrectPhoneNumber", "rejected Address"),
        ("FailedOperation.ContainSensitiveWord", "rejected Message"),
        ("LimitExceeded.DeliveryFrequencyLimit", "throttled"),
        ("LimitExceeded.PhoneNumberDailyLimit", "deferred Address"),
        ("FailedOperation.InsufficientBalanceInSmsPackage", "deferred Channel"),
        ("!AuthFailure.SignatureFailure", "deferred Channel"),
        ("!RequestLimitExceeded", "throttled"),
        ("!InternalError", "deferred Channel"),
        ("empty", "unknown"),
        ("garbage", "unknown"),
        ("502", "unknown"),
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
fn what_was_pulled_stays_until_the_host_has_kept_it() {
    let pulls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&pulls);
    let server = Server::start(move |request| {
        // Each is given once, as the vendor does.
        let first = count.fetch_add(1, Ordering::SeqCst) < 2;
        let status = json!([
            {"UserReceiveTime": 1_781_483_400, "CountryCode": "86", "SubscriberNumber": PHONE,
             "PhoneNumber": "+8615400000001", "SerialNo": "s1", "ReportStatus": "SUCCESS",
             "Description": "DELIVRD", "SessionContext": "k1"},
            {"UserReceiveTime": 1_781_483_400, "SerialNo": "s2", "ReportStatus": "FAIL",
             "Description": "UNDELIV", "SessionContext": ""},
            {"SerialNo": "s3"},
        ]);
        let reply = json!([{"ExtendCode": "", "CountryCode": "86", "PhoneNumber": "+8615400000001",
            "SignName": "市项目办", "ReplyContent": "安全无事", "ReplyTime": 1_781_483_400,
            "SubscriberNumber": PHONE}]);
        let empty = || json!([]);
        match request.headers["x-tc-action"].as_str() {
            "PullSmsSendStatus" => {
                assert_eq!(request.json(), json!({"Limit": 100, "SmsSdkAppId": "1400006666"}));
                answer(json!({"PullSmsSendStatusSet": if first { status } else { empty() }}))
            }
            "PullSmsReplyStatus" => {
                answer(json!({"PullSmsReplyStatusSet": if first { reply } else { empty() }}))
            }
            other => panic!("{other}"),
        }
    });
    let mut harness = configured(settings(&server));
    let (items, first) = poll(&mut harness, None);
    assert_eq!(items.len(), 3, "{items:?}");
    let Item::Receipt(receipt) = &items[0] else { panic!() };
    assert_eq!((receipt.key.as_deref(), &receipt.fate), (Some("k1"), &Fate::Delivered));
    let Item::Receipt(receipt) = &items[1] else { panic!() };
    assert_eq!((receipt.key.as_deref(), receipt.reference.as_deref()), (None, Some("s2")));
    assert!(matches!(receipt.fate, Fate::Failed { blame: Blame::Address, .. }));
    let Item::Arrived(reply) = &items[2] else { panic!() };
    assert_eq!((reply.from.as_str(), reply.text.as_str()), (PHONE, "安全无事"));
    // The host fell before it kept them: it comes with what it had.
    let (again, second) = poll(&mut harness, None);
    assert_eq!(again, items);
    assert_ne!(first, second);
    let (after, _) = poll(&mut harness, Some(&second));
    assert_eq!(after, []);
    assert_eq!(pulls.load(Ordering::SeqCst), 6);
}

#[test]
fn pushes_are_read_as_the_vendor_describes_them() {
    let server = Server::start(react);
    let mut harness = configured(settings(&server));
    let reports = json!([{"user_receive_time": "2026-06-15 08:30:00", "nationcode": "86",
        "mobile": PHONE, "report_status": "SUCCESS", "errmsg": "DELIVRD",
        "description": "用户短信送达成功", "sid": "s1"}]);
    let path = format!("/report/{TOKEN}");
    let (items, status, body) = push(&mut harness, &path, "application/json", &reports.to_string());
    assert_eq!(status, 200);
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["result"], 0);
    let Item::Receipt(receipt) = &items[0] else { panic!() };
    assert_eq!((receipt.reference.as_deref(), &receipt.fate), (Some("s1"), &Fate::Delivered));
    assert_eq!(receipt.at_unix_ms, 1_781_483_400_000);

    let reply = json!({"extend": "", "mobile": PHONE, "nationcode": "86", "sign": "市项目办",
        "text": "收到，26日前报", "time": 1_781_483_400});
    let path = format!("/reply/{TOKEN}");
    let (items, ..) = push(&mut harness, &path, "application/json", &reply.to_string());
    let Item::Arrived(reply) = &items[0] else { panic!() };
    assert_eq!((reply.from.as_str(), reply.text.as_str()), (PHONE, "收到，26日前报"));
    assert_eq!(reply.received_unix_ms, 1_781_483_400_000);
}
