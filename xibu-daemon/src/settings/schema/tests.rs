//! Schemas and tables as people write them, every word they are answered, and the samples made
//! from a schema.

use serde_json::{Value, json};

use super::check;
use super::sample::sample;
use crate::language::Language;

fn schema() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["host", "password", "gateways"],
        "properties": {
            "host": {"type": "string", "description": "服务器 / the server", "examples": ["a.test"]},
            "port": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 465},
            "share": {"type": "number", "maximum": 0.5},
            "security": {"enum": ["tls", "plain"], "default": "tls"},
            "password": {"type": "string", "writeOnly": true, "description": "密码 / password"},
            "number": {"type": "string", "pattern": "^1[0-9]{10}$", "examples": ["13900000000"]},
            "quiet": {"type": "boolean"},
            "words": {"type": "array", "minItems": 2, "items": {"type": "string"}},
            "headers": {"type": "object", "additionalProperties": {"type": "string"},
                "examples": [{"x-office": "一"}]},
            "retry": {"type": "object", "required": ["times"], "properties": {
                "times": {"type": "integer", "minimum": 0},
                "pause": {"type": ["string", "integer"]},
            }},
            "gateways": {"type": "array", "minItems": 1, "description": "网关 / gateways",
                "items": {"type": "object", "required": ["url", "token"],
                    "additionalProperties": false, "properties": {
                    "url": {"type": "string", "examples": ["http://sms.test"]},
                    "token": {"type": "string", "writeOnly": true},
                }}},
        },
    })
}

fn fit() -> Value {
    json!({"host": "h", "gateways": [{"url": "u"}]})
}

const GIVEN: [&str; 2] = ["password", "gateways.0.token"];

/// Lays `change` over a table that is right and lists what is found, in English.
#[track_caller]
fn check_found(change: Value, expected: &[&str]) {
    let mut table = fit();
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => drop(table.as_object_mut().unwrap().remove(name)),
            value => table[name] = value.clone(),
        }
    }
    let found = check(&schema(), &table, &|key| GIVEN.contains(&key));
    let lines: Vec<String> = found.iter().map(|it| format!("{}: {}", it.key, it.english)).collect();
    assert_eq!(lines, expected);
    assert!(found.iter().all(|it| !it.chinese.is_empty() && !it.chinese.contains("geheim")));
}

#[test]
fn a_table_that_fits_is_left_alone() {
    check_found(json!({}), &[]);
    check_found(
        json!({
            "port": 25, "share": 0.5, "security": "plain", "number": "13912345678", "quiet": true,
            "words": ["a", "b"], "headers": {"any": "text"}, "retry": {"times": 0, "pause": "1s"},
        }),
        &[],
    );
    check_found(json!({"port": 25.0, "retry": {"times": 1, "pause": 5}}), &[]);
}

#[test]
fn every_rule_answers_with_its_key_and_never_with_the_value() {
    check_found(json!({"host": null}), &["host: is missing and must be set"]);
    check_found(json!({"host": 5}), &["host: wrong type: expected a text in quotes"]);
    check_found(json!({"port": 0}), &["port: expected 1 to 65535"]);
    check_found(json!({"port": 65536}), &["port: expected 1 to 65535"]);
    check_found(json!({"port": 2.5}), &["port: wrong type: expected a whole number"]);
    check_found(json!({"share": 0.6}), &["share: expected 0.5 or less"]);
    check_found(json!({"security": "geheim"}), &["security: expected one of tls, plain"]);
    check_found(
        json!({"number": "geheim"}),
        &["number: not of its form; an example is 13900000000"],
    );
    check_found(json!({"quiet": "yes"}), &["quiet: wrong type: expected true or false"]);
    check_found(json!({"words": ["a"]}), &["words: expected at least 2 of them"]);
    check_found(json!({"words": ["a", 1]}), &["words[1]: wrong type: expected a text in quotes"]);
    check_found(json!({"words": "a"}), &["words: wrong type: expected a list [...]"]);
    check_found(
        json!({"headers": {"x": 1}}),
        &["headers.x: wrong type: expected a text in quotes"],
    );
    check_found(
        json!({"retry": {"times": -1, "pause": []}}),
        &[
            "retry.pause: wrong type: expected a text in quotes or a whole number",
            "retry.times: expected 0 or more",
        ],
    );
    check_found(json!({"retry": 1}), &["retry: wrong type: expected a table"]);
}

#[test]
fn everything_is_found_in_one_pass_and_a_misspelt_key_is_led_home() {
    check_found(
        json!({"host": null, "hots": "x", "pasword_file": "p", "port": "x",
            "gateways": [{"url": "u"}, {"adress": "u"}]}),
        &[
            "gateways[1].adress: no such key; `xibu-daemon plugin describe` lists them all",
            "gateways[1].token: is missing; set token_file = \"FILE\" or the environment variable",
            "gateways[1].url: is missing and must be set",
            "host: is missing and must be set",
            "hots: no such key; did you mean `host`",
            "pasword_file: no such key; did you mean `password_file`",
            "port: wrong type: expected a whole number",
        ],
    );
    check_found(
        json!({"gateways": [{"urll": "u", "url": "u"}]}),
        &["gateways[0].urll: no such key; did you mean `gateways[0].url`"],
    );
}

#[test]
fn a_schema_that_is_none_refuses_nothing() {
    let schemas = [
        json!(null),
        json!({}),
        json!({"type": 5}),
        json!({"type": "of_later"}),
        json!({"properties": {"host": true}}),
        json!({"properties": 1, "required": [1]}),
        json!({"properties": {"host": {"pattern": "("}}}),
    ];
    for schema in schemas {
        assert_eq!(check(&schema, &fit(), &|_| false), [], "{schema}");
    }
}

#[test]
fn a_sample_shows_what_must_be_set_and_how_to_switch_on_the_rest() {
    let text = sample("sms", "library = \"a.so\"", &schema(), Language::English);
    assert_eq!(
        text,
        r##"# A key right behind a # may be left out; take the # off to use it.
[plugin.sms]
library = "a.so"
#memory_max_megabytes = 256

[plugin.sms.settings]
# the server
host = "a.test"
# password
# In a file that only this user can read; its name stands here.
password_file = "password.txt"
#headers = { x-office = "一" }
#number = "13900000000"
# 1 to 65535
#port = 465
#quiet = false
# one of "tls", "plain"
#security = "tls"
# 0.5 or less
#share = 0.5
#words = ["…", "…"]

# gateways
[[plugin.sms.settings.gateways]]
# In a file that only this user can read; its name stands here.
token_file = "token.txt"
url = "http://sms.test"

#[plugin.sms.settings.retry]
# 0 or more
#times = 0
#pause = "…"
"##
    );
    let chinese = sample("sms", "", &schema(), Language::Chinese);
    assert!(chinese.contains("# 服务器\n") && !chinese.contains("the server"), "{chinese}");
}
