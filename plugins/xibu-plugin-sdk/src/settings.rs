//! A plugin's settings, read into its own type with errors that name the key and never the value:
//! a value may be a password.
//!
//! What it is not: it knows no key and sets no default; that is the plugin's type.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::DeserializeOwned;
use xibu_plugin_abi::secrets;

use crate::NotDone;

/// The plugin's own table from the configuration, and the secrets its schema declares, which stand
/// apart. Never printed.
#[derive(Clone, PartialEq)]
pub struct Settings {
    value: serde_json::Value,
    secrets: BTreeMap<String, String>,
    /// A secret that is no text.
    unfit: Option<String>,
}

impl Settings {
    /// Settings from a JSON object, without secrets.
    #[must_use]
    pub fn new(value: serde_json::Value) -> Self {
        Self { value, secrets: BTreeMap::new(), unfit: None }
    }

    /// Settings from a JSON object that holds its secrets, as the schema declares them
    /// (`writeOnly`).
    #[must_use]
    pub fn with_schema(mut value: serde_json::Value, schema: &serde_json::Value) -> Self {
        let secrets = secrets::take(schema, &mut value);
        let names = secrets::names(schema, &value);
        let is_left = |name: &&String| {
            let (above, last) = name.rsplit_once('.').unwrap_or(("", name));
            secrets::table_at(&mut value, above).is_some_and(|table| table.contains_key(last))
        };
        let unfit = names.iter().find(is_left).cloned();
        Self { value, secrets, unfit }
    }

    /// The same settings with one more secret.
    #[must_use]
    pub fn with_secret(mut self, key: impl Into<String>, secret: impl Into<String>) -> Self {
        self.secrets.insert(key.into(), secret.into());
        self
    }

    /// A secret by its dotted key, e.g. `password` or `gateways.0.token`; none where it is not set.
    #[must_use]
    pub fn secret(&self, key: &str) -> Option<&str> {
        self.secrets.get(key).map(String::as_str)
    }

    /// The same settings with every secret put back into its table: for a type that reads them
    /// all. A secret whose table is not there is left out.
    #[must_use]
    pub fn with_secrets_inside(mut self) -> Self {
        for (key, secret) in std::mem::take(&mut self.secrets) {
            let (above, last) = key.rsplit_once('.').unwrap_or(("", &key));
            if let Some(table) = secrets::table_at(&mut self.value, above) {
                table.insert(last.to_owned(), secret.into());
            }
        }
        self
    }

    /// Reads them into the plugin's own type.
    ///
    /// ```
    /// use xibu_plugin_sdk::{NotDone, Settings};
    ///
    /// #[derive(Debug, serde::Deserialize)]
    /// #[serde(deny_unknown_fields)]
    /// struct Mine {
    ///     port: u16,
    /// }
    ///
    /// let settings = Settings::new(serde_json::json!({"port": "secret"}));
    /// let error = settings.read::<Mine>().unwrap_err();
    /// assert_eq!(error, NotDone::because("settings: `port` has a value it cannot take"));
    /// ```
    ///
    /// # Errors
    /// A key is missing, unknown, or has a value it cannot take; the reason names it, not its
    /// value.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, NotDone> {
        if let Some(key) = self.unfit {
            return Err(NotDone::setting(&key, "has a value it cannot take"));
        }
        serde_path_to_error::deserialize(self.value).map_err(|e| {
            let (path, words) = (e.path().to_string(), e.inner().to_string());
            // These two quote keys only; every other message may quote the value.
            if words.starts_with("missing field") || words.starts_with("unknown field") {
                return NotDone::Failed(format!("settings: {words}"));
            }
            NotDone::setting(&path, "has a value it cannot take")
        })
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Settings(…)")
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Mine {
        host: String,
        #[serde(default)]
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Inner {
        count: u8,
    }

    #[track_caller]
    fn check(value: serde_json::Value, expected: &str) {
        let error = Settings::new(value).read::<Mine>().unwrap_err();
        assert_eq!(error, NotDone::because(expected));
    }

    #[test]
    fn errors_name_the_key_and_never_the_value() {
        check(json!({}), "settings: missing field `host`");
        check(
            json!({"host": "a", "hots": "b"}),
            "settings: unknown field `hots`, expected `host` or `inner`",
        );
        check(json!({"host": 13800000000u64}), "settings: `host` has a value it cannot take");
        let nested = json!({"host": "a", "inner": {"count": 999}});
        check(nested, "settings: `inner.count` has a value it cannot take");
        check(json!("secret"), "settings: `.` has a value it cannot take");
        let settings = Settings::new(json!({"password": "secret"})).with_secret("key", "secret");
        let shown = format!("{settings:?}");
        assert!(!shown.contains("secret"));
    }

    #[test]
    fn secrets_stand_apart_and_can_be_put_back() {
        let schema = json!({"properties": {
            "host": {}, "password": {"writeOnly": true},
            "sms": {"properties": {"token": {"writeOnly": true}}},
        }});
        let written = json!({"host": "a", "password": "p", "sms": {"token": "t"}});
        let settings = Settings::with_schema(written.clone(), &schema);
        assert_eq!(
            (settings.secret("password"), settings.secret("sms.token")),
            (Some("p"), Some("t"))
        );
        assert_eq!((settings.secret("host"), settings.value["password"].as_str()), (None, None));
        assert_eq!(settings.with_secrets_inside().value, written);
        let without_a_table = Settings::new(json!({"host": "a"})).with_secret("sms.token", "t");
        assert_eq!(without_a_table.with_secrets_inside().value, json!({"host": "a"}));
    }
}
