//! Which of a plugin's settings are secrets: the properties its schema marks `writeOnly`. They are
//! taken out of the settings, and the plugin asks for each by its dotted key.
//!
//! What it is not: it validates nothing, and keeps nothing; it only finds and moves.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The dotted keys of every secret that `settings` could hold by `schema`, those left out
/// included. An item of a list is its number, from 0.
#[must_use]
pub fn names(schema: &Value, settings: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(schema, settings, "", &mut found);
    found
}

/// Takes the secrets out of `settings` and gives them by their dotted keys. What is no text stays
/// where it is, to be complained of.
pub fn take(schema: &Value, settings: &mut Value) -> BTreeMap<String, String> {
    let mut taken = BTreeMap::new();
    for name in names(schema, settings) {
        let (above, last) = name.rsplit_once('.').unwrap_or(("", &name));
        let Some(table) = table_at(settings, above) else { continue };
        if let Some(Value::String(text)) = table.get_mut(last) {
            taken.insert(name.clone(), std::mem::take(text));
            table.remove(last);
        }
    }
    taken
}

/// The table at a dotted key; the whole at an empty one.
pub fn table_at<'a>(settings: &'a mut Value, key: &str) -> Option<&'a mut Map<String, Value>> {
    let mut at = settings;
    for part in key.split('.').filter(|part| !part.is_empty()) {
        at = match at {
            Value::Array(items) => items.get_mut(part.parse::<usize>().ok()?)?,
            Value::Object(table) => table.get_mut(part)?,
            _ => return None,
        };
    }
    at.as_object_mut()
}

fn walk(schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    if let Some(properties) = schema["properties"].as_object() {
        for (name, property) in properties {
            let key = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            if property["writeOnly"] == Value::Bool(true) {
                found.push(key);
            } else {
                walk(property, &value[name], &key, found);
            }
        }
    }
    if let (Some(_), Some(items)) = (schema["items"].as_object(), value.as_array()) {
        for (index, item) in items.iter().enumerate() {
            walk(&schema["items"], item, &format!("{at}.{index}"), found);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_leave_the_settings_wherever_they_stand() {
        let schema = json!({"properties": {
            "host": {}, "password": {"writeOnly": true}, "spare": {"writeOnly": true},
            "sms": {"properties": {"token": {"writeOnly": true}, "number": {}}},
            "gateways": {"items": {"properties": {"key": {"writeOnly": true}}}},
            "words": {"items": {"type": "string"}},
        }});
        let mut settings = json!({
            "host": "a", "password": "p", "sms": {"token": "t", "number": 5},
            "gateways": [{"key": "k0"}, {}, {"key": 9}], "words": ["password"],
        });
        let names: Vec<String> = names(&schema, &settings);
        assert_eq!(
            names,
            [
                "gateways.0.key",
                "gateways.1.key",
                "gateways.2.key",
                "password",
                "sms.token",
                "spare"
            ]
        );
        let taken = take(&schema, &mut settings);
        let expected = [("gateways.0.key", "k0"), ("password", "p"), ("sms.token", "t")];
        assert_eq!(taken, expected.map(|(name, text)| (name.into(), text.into())).into());
        assert_eq!(
            settings,
            json!({
                "host": "a", "sms": {"number": 5}, "gateways": [{}, {}, {"key": 9}],
                "words": ["password"],
            })
        );
    }

    #[test]
    fn nonsense_has_no_secrets() {
        for schema in [json!(null), json!(5), json!({"properties": []}), json!({"items": 1})] {
            let mut settings = json!({"password": "p"});
            assert!(take(&schema, &mut settings).is_empty());
            assert_eq!(settings, json!({"password": "p"}));
        }
        let schema = json!({"properties": {"password": {"writeOnly": true}}});
        for mut settings in [json!(null), json!("x"), json!([1]), json!({"password": 1})] {
            assert!(take(&schema, &mut settings).is_empty());
        }
    }
}
