//! A secret, such as a mail password: a value that cannot be printed, compared or written out.
//!
//! Not encryption: it keeps a secret out of logs, errors and `--json`, no more.

use std::fmt;

/// A secret text. `Debug` shows `***`; there is no `Display` and no `Serialize`, on purpose.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the one place that hands it to a plugin.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
