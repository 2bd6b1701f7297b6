//! A plugin's settings, read into its own type with errors that name the key and never the value:
//! a value may be a password.
//!
//! What it is not: it knows no key and sets no default; that is the plugin's type.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::NotDone;

/// The plugin's own table from the configuration, secrets included. Never printed.
#[derive(Clone, PartialEq)]
pub struct Settings {
    value: serde_json::Value,
}

impl Settings {
    /// Settings from a JSON object.
    #[must_use]
    pub fn new(value: serde_json::Value) -> Self {
        Self { value }
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
        serde_path_to_error::deserialize(self.value).map_err(|e| {
            let (path, words) = (e.path().to_string(), e.inner().to_string());
            // These two quote keys only; every other message may quote the value.
            if words.starts_with("missing field") || words.starts_with("unknown field") {
                return NotDone::Failed(format!("settings: {words}"));
            }
            NotDone::Failed(format!("settings: `{path}` has a value it cannot take"))
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
        let shown = format!("{:?}", Settings::new(json!({"password": "secret"})));
        assert!(!shown.contains("secret"));
    }
}
