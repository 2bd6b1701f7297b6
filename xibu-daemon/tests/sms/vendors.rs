//! Signatures and requests, compared with the ones the vendors' own Python packages make.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};
use xibu_daemon::carrier::Carrier;
use xibu_plugin_abi::message::{Message, Outcome};

use crate::build::python;
use crate::library::place;
use crate::server::{Reaction, Request, Server};
use crate::{deliver, message, poll, templates};

const SECRET: &str = "kept-secret-0123456789";
const PHONE: &str = "15400000001";

/// Takes everything, as the vendor would say it.
fn accepting(vendor: &'static str) -> Server {
    Server::start(move |request| {
        let body = match vendor {
            "aliyun" => json!({"Code": "OK", "Message": "OK", "BizId": "b1", "RequestId": "r1",
                "SmsSendDetailDTOs": {"SmsSendDetailDTO": []}}),
            _ => json!({"Response": {"RequestId": "r1",
                "SendStatusSet": [{"SerialNo": "s1", "PhoneNumber": "+8615400000001", "Fee": 1,
                    "SessionContext": "", "Code": "Ok", "Message": "send success", "IsoCode": "CN"}],
                "PullSmsSendStatusSet": [], "PullSmsReplyStatusSet": []}}),
        };
        assert_eq!(request.method, "POST");
        Reaction::Answer(200, "content-type: application/json\r\n", body.to_string())
    })
}

fn settings(vendor: &str, server: &Server) -> Value {
    let mut settings = json!({
        "provider": vendor, "template": templates(), "endpoint": server.url(),
        "sign_name": "市项目办", "timeout": 10, "variable_chars_max": 100,
    });
    let own = match vendor {
        "aliyun" => json!({"access_key_id": "LTAI0", "access_key_secret": SECRET}),
        _ => json!({"secret_id": "AKID0", "secret_key": SECRET, "sdk_app_id": "1400006666"}),
    };
    for (key, value) in own.as_object().unwrap() {
        settings[key] = value.clone();
    }
    settings
}

fn odd_messages() -> Vec<Message> {
    let values = [
        ["a b", "c+d", "e%20f"],
        ["~tilde'", "\"quoted\"", "back\\slash"],
        ["中文，标点。", "𠮷😀", ""],
        ["a/b?c=d", "(1)*2!", "line\nbreak\ttab"],
        ["<x>|y", ";:,", "=="],
    ];
    let mut messages = vec![message("P1/duty/2026-06-15/1", PHONE, "")];
    for (at, values) in values.iter().enumerate() {
        let mut odd = message(&format!("P{at}/odd/2026-06-15/1"), PHONE, "");
        odd.kind = "odd".into();
        odd.variables =
            ["a", "b", "c"].iter().zip(values).map(|(n, v)| ((*n).into(), (*v).into())).collect();
        messages.push(odd);
    }
    messages
}

fn told(vendor: &str, request: &Request, secret: &str) -> Value {
    let id = if vendor == "aliyun" { "LTAI0" } else { "AKID0" };
    json!({"vendor": vendor, "method": request.method, "target": request.target,
        "headers": request.headers, "body": request.body, "id": id, "secret": secret})
}

/// Runs the checker; its lines.
fn checker(words: &[&str], input: &str) -> Vec<String> {
    let mut child = python()
        .arg(crate::build::root().join("tests/checkers/sms_signatures.py"))
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the checker failed");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn verify(requests: &[Value]) -> Vec<String> {
    let lines: Vec<String> = requests.iter().map(Value::to_string).collect();
    checker(&["verify"], &lines.join("\n"))
}

#[tokio::test]
async fn signatures_are_the_ones_the_vendors_software_computes() {
    let place = place("xibu-sms");
    for vendor in ["aliyun", "tencent"] {
        let server = accepting(vendor);
        let settings = place.settings(settings(vendor, &server));
        let carrier = Carrier::start(settings, place.host.clone()).await.unwrap();
        let outcomes = deliver(&carrier, odd_messages()).await;
        assert!(outcomes.iter().all(|o| matches!(o, Outcome::Accepted { .. })), "{outcomes:?}");
        poll(&carrier, None).await;
        carrier.stop().await;
        let seen = server.seen();
        assert!(seen.len() >= 8, "{vendor}: {} requests", seen.len());
        let requests: Vec<Value> = seen.iter().map(|one| told(vendor, one, SECRET)).collect();
        for (verdict, request) in verify(&requests).iter().zip(&seen) {
            assert_eq!(verdict, "same", "{vendor} {}", request.target);
        }
        // The judge judges: another secret, another parameter, another body are not the same.
        let has_code = |one: &&Request| one.target.contains("SMS_1") || one.body.contains("SMS_1");
        let first = seen.iter().find(has_code).unwrap();
        let mut changed = first.clone();
        changed.target = changed.target.replace("SMS_1", "SMS_2");
        changed.body = changed.body.replace("SMS_1", "SMS_2");
        let others = [told(vendor, first, "another"), told(vendor, &changed, SECRET)];
        for verdict in verify(&others) {
            assert_ne!(verdict, "same", "{vendor}");
        }
    }
}

#[tokio::test]
async fn the_vendors_own_clients_send_the_same_request() {
    let place = place("xibu-sms");
    for vendor in ["aliyun", "tencent"] {
        let server = accepting(vendor);
        let settings = place.settings(settings(vendor, &server));
        let carrier = Carrier::start(settings, place.host.clone()).await.unwrap();
        let sent = message("P1/duty/2026-06-15/1", PHONE, "");
        deliver(&carrier, vec![sent.clone()]).await;
        carrier.stop().await;
        let phone = if vendor == "aliyun" { PHONE.to_owned() } else { format!("+86{PHONE}") };
        let id = if vendor == "aliyun" { "LTAI0" } else { "AKID0" };
        let said = json!({"phone": phone, "sign_name": "市项目办", "template": "SMS_1",
            "values": sent.variables, "key": sent.key, "app": "1400006666", "id": id,
            "secret": SECRET, "region": "ap-guangzhou"});
        let place = format!("127.0.0.1:{}", server.port);
        let answered = checker(&["send", vendor, &place], &said.to_string());
        let code = answered[0].to_lowercase();
        assert_eq!(code, "ok");
        let seen = server.seen();
        let [ours, theirs] = &seen[..] else { panic!("{} requests", seen.len()) };
        assert_eq!(ours.method, theirs.method);
        assert_eq!(ours.target.split('?').next(), theirs.target.split('?').next());
        assert_eq!(ours.parameters(), theirs.parameters());
        match vendor {
            "aliyun" => assert_eq!(ours.body, theirs.body),
            _ => assert_eq!(ours.json(), theirs.json()),
        }
        let fields = [
            "host",
            "content-type",
            "x-acs-action",
            "x-acs-version",
            "x-acs-content-sha256",
            "x-tc-action",
            "x-tc-version",
            "x-tc-region",
        ];
        let mut compared = 0;
        for field in fields {
            // A body of nothing has no type; the vendor's client says one all the same.
            if vendor == "aliyun" && field == "content-type" {
                continue;
            }
            assert_eq!(ours.headers.get(field), theirs.headers.get(field), "{vendor} {field}");
            compared += usize::from(ours.headers.contains_key(field));
        }
        assert!(compared >= 4, "{vendor}: {compared} fields compared");
        let scheme = |one: &Request| {
            one.headers["authorization"].split_whitespace().next().unwrap().to_owned()
        };
        assert_eq!(scheme(ours), scheme(theirs));
        // And their request passes the same judge as ours.
        assert_eq!(verify(&[told(vendor, theirs, SECRET)]), ["same"], "{vendor}");
    }
}
