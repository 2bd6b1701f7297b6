//! Drives a plugin inside a test, by the same table its library exports.
//!
//! What it is not: no process and no deadline; a plugin that aborts or hangs takes the test with
//! it. The daemon's worker is tested with libraries built for that.

#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::time::Duration;

use xibu_plugin_abi::message::{Answer as Answered, Ask, STATE_BYTES_MAX, STATE_NAMES_MAX};
use xibu_plugin_abi::message::{Call, Descriptor, Item, Level, Request, Status};
use xibu_plugin_abi::secrets;
use xibu_plugin_abi::table::Entry;
use xibu_plugin_abi::table::guest::{Guest, HostSide};

use crate::{Plugin, entry};

/// What came of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// How it ended.
    pub status: Status,
    /// What it emitted, in order, each with its blobs.
    pub items: Vec<(Item, Vec<Vec<u8>>)>,
    /// What it logged, in order.
    pub log: Vec<(Level, String)>,
}

/// A plugin under test.
///
/// ```no_run
/// # use xibu_plugin_sdk::{testing::Harness, Plugin, message::Request};
/// # fn example<MyPlugin: Plugin>() {
/// let mut harness = Harness::<MyPlugin>::new();
/// harness.configure(serde_json::json!({"host": "mail.test"})).unwrap();
/// let answer = harness.call(Request::Echo, &[b"hello"]);
/// assert_eq!(answer.items[0].1[0], b"hello");
/// # }
/// ```
#[derive(Debug)]
pub struct Harness<P> {
    guest: Guest,
    calls: u64,
    /// What the plugin keeps.
    pub state: BTreeMap<String, Vec<u8>>,
    /// Whether the host has lost interest, as the plugin sees it.
    pub cancelled: bool,
    secrets: BTreeMap<String, String>,
    plugin: std::marker::PhantomData<P>,
}

/// What the harness says the time is: 2026-06-01T00:00:00Z, in milliseconds since the epoch.
pub const NOW_UNIX_MS: i64 = 1_780_272_000_000;

impl<P: Plugin> Harness<P> {
    /// A plugin that was loaded and has no settings yet.
    ///
    /// # Panics
    /// Never: the SDK's own table is fit.
    #[must_use]
    #[allow(clippy::new_without_default, clippy::expect_used)]
    pub fn new() -> Self {
        // Leaked, because a library is never unloaded either.
        let table: &'static Entry = Box::leak(Box::new(entry::<P>()));
        // SAFETY: the SDK's own table, leaked.
        let guest = unsafe { Guest::new(table) }.expect("the SDK's own table is fit");
        Self {
            guest,
            calls: 0,
            state: BTreeMap::new(),
            cancelled: false,
            secrets: BTreeMap::new(),
            plugin: std::marker::PhantomData,
        }
    }

    /// Who it says it is.
    ///
    /// # Errors
    /// It did not describe itself.
    pub fn describe(&mut self) -> Result<Descriptor, Status> {
        let mut seen = Seen::default();
        let status = self.guest.describe(&mut seen);
        match (status, seen.items.pop()) {
            (Status::Done, Some((Item::Described(descriptor), _))) => Ok(descriptor),
            (status, _) => Err(status),
        }
    }

    /// Gives it settings; the secrets its schema declares are taken out and told on request, as
    /// the daemon does it.
    ///
    /// # Errors
    /// It did not take them.
    pub fn configure(&mut self, mut settings: serde_json::Value) -> Result<(), Status> {
        let schema = P::describe().settings_schema;
        self.secrets = secrets::names(&schema, &settings)
            .into_iter()
            .map(|name| (name, String::new()))
            .collect();
        self.secrets.extend(secrets::take(&schema, &mut settings));
        let mut seen = self.seen();
        match self.guest.configure(settings.to_string().as_bytes(), &mut seen) {
            Status::Done => Ok(()),
            status => Err(status),
        }
    }

    fn seen(&self) -> Seen {
        Seen {
            state: self.state.clone(),
            secrets: self.secrets.clone(),
            cancelled: self.cancelled,
            ..Seen::default()
        }
    }

    /// Calls it at [`NOW_UNIX_MS`] with ten seconds to answer.
    ///
    /// # Panics
    /// What it emitted is no item.
    #[allow(clippy::expect_used)]
    pub fn call(&mut self, request: Request, blobs: &[&[u8]]) -> Answer {
        self.calls += 1;
        let deadline_ms = Duration::from_secs(10).as_millis() as u64;
        let call = Call { id: self.calls, deadline_ms, now_unix_ms: NOW_UNIX_MS, request };
        let json = serde_json::to_vec(&call).expect("a call is JSON");
        let mut seen = self.seen();
        let status = self.guest.call(&json, blobs, &mut seen);
        if status == Status::Done {
            self.state = std::mem::take(&mut seen.state);
        }
        Answer { status, items: seen.items, log: seen.log }
    }
}

impl<P> Drop for Harness<P> {
    fn drop(&mut self) {
        self.guest.destroy();
    }
}

#[derive(Default)]
struct Seen {
    items: Vec<(Item, Vec<Vec<u8>>)>,
    log: Vec<(Level, String)>,
    state: BTreeMap<String, Vec<u8>>,
    /// Every declared one; those that are not set are empty.
    secrets: BTreeMap<String, String>,
    cancelled: bool,
}

impl HostSide for Seen {
    fn emit(&mut self, item: &[u8], blobs: &[&[u8]]) -> bool {
        let Ok(item) = serde_json::from_slice(item) else { return false };
        self.items.push((item, blobs.iter().map(|blob| blob.to_vec()).collect()));
        true
    }

    fn log(&mut self, level: Level, text: &str) {
        self.log.push((level, text.to_owned()));
    }

    fn remaining_ms(&mut self) -> u64 {
        10_000
    }

    fn cancelled(&mut self) -> bool {
        self.cancelled
    }

    fn ask(&mut self, ask: Ask, value: &[u8]) -> (Answered, Vec<u8>) {
        let refused = |detail: &str| (Answered::Refused { detail: detail.into() }, Vec::new());
        match ask {
            Ask::StateGet { name } => match self.state.get(&name) {
                Some(value) => (Answered::Given, value.clone()),
                None => (Answered::Absent, Vec::new()),
            },
            Ask::StatePut { name } => {
                let mut state = self.state.clone();
                if value.is_empty() {
                    state.remove(&name);
                } else {
                    state.insert(name, value.to_vec());
                }
                let bytes: usize = state.iter().map(|(name, value)| name.len() + value.len()).sum();
                if bytes > STATE_BYTES_MAX || state.len() > STATE_NAMES_MAX {
                    return refused("over the quota");
                }
                self.state = state;
                (Answered::Kept, Vec::new())
            }
            Ask::SecretGet { name } => match self.secrets.get(&name) {
                Some(secret) if !secret.is_empty() => (Answered::Given, secret.clone().into()),
                Some(_) => (Answered::Absent, Vec::new()),
                None => refused("undeclared"),
            },
            Ask::Unknown => refused("unknown"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::message::{Capability, Message, Workbook};
    use crate::{Moment, NotDone, Settings, Sink};

    struct Parrot {
        word: String,
    }

    impl Plugin for Parrot {
        fn describe() -> Descriptor {
            Descriptor {
                id: "parrot".into(),
                title: "鹦鹉".into(),
                version: "1".into(),
                capabilities: vec![Capability::Notify],
                settings_schema: json!({"properties": {"cage_key": {"writeOnly": true}}}),
            }
        }

        fn configure(settings: Settings) -> Result<Self, NotDone> {
            if let Some(key) = settings.secret("cage_key") {
                return Ok(Self { word: key.to_owned() });
            }
            settings.read().map(|word| Self { word })
        }

        fn poll(
            &mut self,
            _: Moment,
            cursor: Option<&str>,
            sink: &mut Sink<'_>,
        ) -> Result<(), NotDone> {
            assert_eq!(sink.remaining(), Some(Duration::from_secs(10)));
            assert_eq!(sink.secret("cage_key")?, Some(self.word.clone()));
            let cancelled = sink.cancelled();
            sink.log(Level::Info, &format!("cancelled: {cancelled}"));
            let before = sink.state("heard")?.unwrap_or_default();
            sink.set_state(
                "heard",
                &[&before[..], cursor.unwrap_or_default().as_bytes()].concat(),
            )?;
            match cursor {
                Some("too much") => sink.set_state("more", &[0; 70_000]),
                Some("stranger") => sink.secret("word").map(|_| ()),
                _ => Ok(()),
            }
        }

        fn deliver(
            &mut self,
            moment: Moment,
            messages: Vec<Message>,
            _: &[&[u8]],
            sink: &mut Sink<'_>,
        ) -> Result<(), NotDone> {
            assert!(!messages.is_empty(), "张三 13800000000");
            sink.log(Level::Warning, &format!("{} {}", self.word, moment.now_unix_ms));
            Err(NotDone::because("no wings"))
        }
    }

    fn harness() -> Harness<Parrot> {
        let mut harness = Harness::new();
        harness.configure(json!("hello")).unwrap();
        harness
    }

    #[test]
    fn echo_answers_with_what_it_was_given() {
        let answer = harness().call(Request::Echo, &[b"one", b"", b"three"]);
        assert_eq!(answer.status, Status::Done);
        let blobs = vec![b"one".to_vec(), b"".to_vec(), b"three".to_vec()];
        assert_eq!(answer.items, [(Item::Echoed, blobs)]);
    }

    #[test]
    fn what_a_plugin_does_not_do_is_unsupported() {
        let request = Request::WriteWorkbook { workbook: Workbook::default() };
        assert_eq!(harness().call(request, &[]).status, Status::Unsupported);
        let file_name = "a.xlsx".to_owned();
        let (marks, masks) = (Vec::new(), Vec::new());
        for request in [
            Request::ReadWorkbook { file_name: file_name.clone() },
            Request::MarkWorkbook { file_name, marks, masks, summary: None },
        ] {
            assert_eq!(harness().call(request.clone(), &[b"x"]).status, Status::Unsupported);
            let detail = "the workbook's bytes are missing".into();
            assert_eq!(harness().call(request, &[]).status, Status::Failed { detail });
        }
    }

    #[test]
    fn before_settings_it_describes_itself_and_nothing_else() {
        let mut harness = Harness::<Parrot>::new();
        assert_eq!(harness.describe().unwrap().id, "parrot");
        let detail = "the plugin has no settings yet".into();
        assert_eq!(harness.call(Request::Echo, &[]).status, Status::Failed { detail });
        let detail = "settings: `.` has a value it cannot take".into();
        assert_eq!(harness.configure(json!(1)), Err(Status::Failed { detail }));
    }

    #[test]
    fn a_failure_and_a_log_line_arrive() {
        let message = Message {
            key: "k".into(),
            address: "a".into(),
            recipient: String::new(),
            subject: String::new(),
            text: String::new(),
            ..Message::default()
        };
        let answer = harness().call(Request::Deliver { messages: vec![message] }, &[]);
        assert_eq!(answer.status, Status::Failed { detail: "no wings".into() });
        assert_eq!(answer.log, [(Level::Warning, format!("hello {NOW_UNIX_MS}"))]);
    }

    #[test]
    fn a_plugin_asks_its_host_and_what_it_puts_is_kept_when_the_call_ends_well() {
        let mut harness = Harness::<Parrot>::new();
        harness.configure(json!({"cage_key": "k"})).unwrap();
        let poll = |harness: &mut Harness<Parrot>, word: &str| {
            harness.call(Request::Poll { cursor: Some(word.into()), lost: 0 }, &[])
        };
        let answer = poll(&mut harness, "ab");
        assert_eq!(answer.status, Status::Done);
        assert_eq!(answer.log, [(Level::Info, "cancelled: false".into())]);
        harness.cancelled = true;
        assert_eq!(poll(&mut harness, "c").log, [(Level::Info, "cancelled: true".into())]);
        assert_eq!(harness.state, [("heard".to_owned(), b"abc".to_vec())].into());
        for (word, detail) in [
            ("too much", "the host did not keep the state: over the quota"),
            ("stranger", "settings: `word` is not declared a secret"),
        ] {
            let answer = poll(&mut harness, word);
            assert_eq!(answer.status, Status::Failed { detail: detail.into() });
            // Not kept, what it had put before included.
            assert_eq!(harness.state["heard"], b"abc");
        }
    }

    #[test]
    fn a_panic_is_a_status_with_its_place_and_without_its_words() {
        let answer = harness().call(Request::Deliver { messages: vec![] }, &[]);
        let Status::Panicked { detail } = answer.status else { panic!("{answer:?}") };
        assert!(detail.contains("testing.rs") && !detail.contains("138"), "{detail}");
    }
}
