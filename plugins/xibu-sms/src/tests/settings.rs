//! Settings: what is taken, and what is refused with its key and without its value.

use serde_json::{Value, json};
use xibu_plugin_sdk::message::{Capability, Status};
use xibu_plugin_sdk::testing::Harness;

use super::{templates, with};
use crate::Sms;

fn base(provider: &str) -> Value {
    let own = match provider {
        "aliyun" => {
            json!({"access_key_id": "id", "access_key_secret": "secret", "sign_name": "市项目办"})
        }
        "tencent" => json!({"secret_id": "id", "secret_key": "secret", "sdk_app_id": "1400006666",
            "sign_name": "市项目办"}),
        "smpp" => json!({"host": "127.0.0.1", "security": "plain", "system_id": "xmb",
            "password": "secret"}),
        _ => json!({"url": "https://sms.office.test/send", "token": "secret",
            "body": {"to": "{phone}", "text": "{text}"},
            "success": {"pointer": "/code", "equals": 0}}),
    };
    with(json!({"provider": provider, "template": templates()}), own)
}

fn configure(settings: Value) -> Result<(), Status> {
    Harness::<Sms>::new().configure(settings)
}

#[test]
fn each_provider_takes_its_own_keys() {
    for provider in ["aliyun", "tencent", "smpp", "http"] {
        assert_eq!(configure(base(provider)), Ok(()), "{provider}");
    }
}

#[track_caller]
fn check_refused(provider: &str, extra: Value, words: &str) {
    let settings = with(base(provider), extra);
    let Err(Status::Failed { detail }) = configure(settings) else { panic!("it was taken") };
    assert!(detail.contains(words), "{detail} lacks {words}");
    // The names of keys may have it, the values not.
    let values = detail.replace("access_key_secret", "").replace("secret_", "");
    assert!(!values.contains("secret"), "{detail}");
}

#[test]
fn refusals_name_the_key() {
    check_refused("aliyun", json!({"provider": "twilio"}), "`provider` has a value it cannot take");
    check_refused("aliyun", json!({"access_key_secret": null}), "`access_key_secret` is missing");
    check_refused("aliyun", json!({"sign_name": " "}), "`sign_name` is missing");
    check_refused(
        "aliyun",
        json!({"secret_key": "secret"}),
        "`secret_key` is not read by provider",
    );
    check_refused("aliyun", json!({"pasword": "secret"}), "unknown field `pasword`");
    check_refused("aliyun", json!({"endpoint": "http://dysms.test"}), "`endpoint` plain http");
    check_refused("aliyun", json!({"endpoint": "dysms.test"}), "`endpoint` is not an address");
    check_refused("aliyun", json!({"timeout": 0}), "`timeout` is not between 1 and 300");
    check_refused("aliyun", json!({"connections": 17}), "`connections` is not between");
    check_refused("aliyun", json!({"hook_token": "short"}), "`hook_token` is not at least");
    check_refused("aliyun", json!({"check_content": false}), "`check_content` cannot be");
    check_refused("aliyun", json!({"ca_file": "ca.pem"}), "`ca_file` is not an absolute path");
    check_refused("aliyun", json!({"ca_file": "/dev/null"}), "`ca_file` holds no certificate");
    check_refused("aliyun", json!({"template": []}), "`template` is missing");
    let template = |text: &str| json!({"template": [{"kind": "a", "code": "1", "text": text}]});
    check_refused("aliyun", template("【项目办】请报送"), "signature_only_from_vendor");
    check_refused(
        "tencent",
        template("招聘会通知"),
        "`template.0.text` breaks a rule: recruitment",
    );
    check_refused("tencent", template("${a}${b}"), "variables side by side");
    check_refused("tencent", template("请于${a前"), "`template.0.text` has a `${`");
    let twice = json!({"template": [{"kind": "a", "text": "一"}, {"kind": "a", "text": "二"}]});
    check_refused("smpp", twice, "`template.1.kind` stands in an earlier");
    let without = json!({"template": [{"kind": "a", "text": "一"}]});
    check_refused("tencent", without, "`template.0.code` is missing");
    check_refused("tencent", json!({"sdk_app_id": null}), "`sdk_app_id` is missing");
    check_refused("smpp", json!({"host": "smsc.test"}), "`security` plain is allowed");
    check_refused("smpp", json!({"password": "ninechars"}), "`password` is longer than 8");
    check_refused("smpp", json!({"enquire_link": 0}), "`enquire_link` is not between");
    check_refused("http", json!({"url": "http://sms.office.test"}), "`url` plain http");
    check_refused("http", json!({"method": "PATCH"}), "`method` is not POST");
    check_refused("http", json!({"success": null}), "`success` is missing");
    check_refused("http", json!({"success": {}}), "`success` names neither");
    check_refused("http", json!({"success": {"pointer": "/a"}}), "`success.equals` is missing");
    check_refused("http", json!({"success": {"body": "("}}), "`success.body` is not a regular");
    check_refused("http", json!({"success": {"pointer": "a", "equals": 1}}), "not a JSON pointer");
    check_refused("http", json!({"body": {"to": "{fone}"}}), "unknown placeholder {fone}");
    check_refused("http", json!({"headers": {"a b": "c"}}), "`headers.a b` is not a header");
    let failure = json!({"failure": [{"action": "reject"}]});
    check_refused("http", failure, "`failure.0` names neither");
    let blame = json!({"failure": [{"status": [400], "action": "reject", "blame": "me"}]});
    check_refused("http", blame, "`failure.0.blame` is not address");
    let report = json!({"report": {"state": "s", "delivered": ["D"]}});
    check_refused("http", report, "`report` names neither");
}

#[test]
fn private_addresses_may_be_spoken_to_plainly_over_smpp() {
    for host in ["127.0.0.1", "localhost", "10.1.2.3", "192.168.1.1", "::1"] {
        assert_eq!(configure(with(base("smpp"), json!({"host": host}))), Ok(()), "{host}");
    }
    for host in ["8.8.8.8", "0.0.0.0", "localhost.test"] {
        assert!(configure(with(base("smpp"), json!({"host": host}))).is_err(), "{host}");
    }
}

#[test]
fn the_schema_names_exactly_what_is_read_and_marks_the_secrets() {
    let descriptor = Harness::<Sms>::new().describe().unwrap();
    assert_eq!(
        descriptor.capabilities,
        [Capability::Notify, Capability::Receipts, Capability::Intake]
    );
    let properties = descriptor.settings_schema["properties"].as_object().unwrap().clone();
    assert_eq!(properties.len(), 39);
    let mut secrets = Vec::new();
    for (name, property) in &properties {
        assert!(!property["description"].as_str().unwrap().is_empty(), "{name}");
        if property["writeOnly"] == json!(true) {
            secrets.push(name.as_str());
        }
        // Known under this name, whatever is wrong with the value.
        let settings = with(base("aliyun"), json!({name.as_str(): [[]]}));
        if let Err(Status::Failed { detail }) = configure(settings) {
            assert!(!detail.contains("unknown field"), "{detail}");
        }
    }
    assert_eq!(secrets, ["access_key_secret", "hook_token", "password", "secret_key", "token"]);
}
