//! What comes to `/hooks/<plugin>`: reports and replies that a vendor pushes.
//!
//! The address a vendor is given ends with a secret, `/report/<hook_token>` or
//! `/reply/<hook_token>`: vendors sign nothing, and a reply may be a statement about safety. What
//! it is not: it opens no port; the host listens.

use sha2::{Digest, Sha256};
use xibu_plugin_sdk::message::{Item, Level};
use xibu_plugin_sdk::{Hook, NotDone, Sink};

use crate::configuration::Configuration;
use crate::provider::Provider;

/// What a vendor says it brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    Reports,
    Replies,
}

/// A push as it came.
pub(crate) struct Push<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) query: &'a str,
    pub(crate) media_type: &'a str,
    pub(crate) now_unix_ms: i64,
}

impl Push<'_> {
    pub(crate) fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(self.body).ok()
    }

    /// One object or a list of them.
    pub(crate) fn json_list(&self) -> Option<Vec<serde_json::Value>> {
        match self.json()? {
            serde_json::Value::Array(list) => Some(list),
            one @ serde_json::Value::Object(_) => Some(vec![one]),
            _ => None,
        }
    }
}

/// Answers a push: the items first, then what the vendor waits for.
pub(crate) fn answer(
    configuration: &Configuration,
    provider: &Provider,
    now_unix_ms: i64,
    hook: &Hook,
    body: &[u8],
    sink: &mut Sink<'_>,
) -> Result<(), NotDone> {
    let what = match admitted(configuration.hook_token.as_deref(), &hook.path) {
        Ok(what) => what,
        Err(why) => {
            sink.log(Level::Warning, why);
            return answered(404, b"not found", "text/plain", sink);
        }
    };
    let media_type = hook.headers.get("content-type").map_or("", String::as_str);
    let push = Push { body, query: &hook.query, media_type, now_unix_ms };
    match provider.read_push(what, &push) {
        Ok(items) => {
            for item in items {
                sink.emit(&item, &[])?;
            }
            let (body, media_type) = provider.push_answer();
            answered(200, body.as_bytes(), media_type, sink)
        }
        Err(why) => {
            sink.log(Level::Warning, &format!("a push was not understood: {why}"));
            answered(400, why.as_bytes(), "text/plain", sink)
        }
    }
}

fn admitted(token: Option<&str>, path: &str) -> Result<Came, &'static str> {
    let token = token.ok_or("a push came, but no `hook_token` is set: it was refused")?;
    let mut words = path.trim_matches('/').split('/');
    let what = match words.next() {
        Some("report") => Came::Reports,
        Some("reply") => Came::Replies,
        _ => return Err("a push came to a path that is neither /report/… nor /reply/…"),
    };
    let shown = words.next().unwrap_or_default();
    // By hash, so that the time it takes tells nothing of the token.
    let same = Sha256::digest(shown) == Sha256::digest(token);
    if same && words.next().is_none() {
        Ok(what)
    } else {
        Err("a push came without the hook_token")
    }
}

fn answered(
    status: u16,
    body: &[u8],
    media_type: &str,
    sink: &mut Sink<'_>,
) -> Result<(), NotDone> {
    sink.emit(&Item::HookAnswered { status, media_type: media_type.into() }, &[body])
}

/// An id for what a vendor gives none: the same words from the same number at the same time.
pub(crate) fn id_of(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex::encode(&hash.finalize()[..16])
}

/// `+86…` of a number and a field of a JSON object, as texts whatever they are.
pub(crate) fn text(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// As [`text`], or none where nothing stands.
pub(crate) fn some_text(value: &serde_json::Value) -> Option<String> {
    Some(text(value)).filter(|text| !text.is_empty())
}
