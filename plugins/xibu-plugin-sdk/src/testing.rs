//! Drives a plugin inside a test, by the same table its library exports.
//!
//! What it is not: no process and no deadline; a plugin that aborts or hangs takes the test with
//! it. The daemon's worker is tested with libraries built for that.

#![allow(unsafe_code)]

use std::time::Duration;

use xibu_plugin_abi::message::{Call, Descriptor, Item, Level, Request, Status};
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
        Self { guest, calls: 0, plugin: std::marker::PhantomData }
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

    /// Gives it settings.
    ///
    /// # Errors
    /// It did not take them.
    pub fn configure(&mut self, settings: serde_json::Value) -> Result<(), Status> {
        match self.guest.configure(settings.to_string().as_bytes(), &mut Seen::default()) {
            Status::Done => Ok(()),
            status => Err(status),
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
        let mut seen = Seen::default();
        let status = self.guest.call(&json, blobs, &mut seen);
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
                settings_schema: Default::default(),
            }
        }

        fn configure(settings: Settings) -> Result<Self, NotDone> {
            settings.read().map(|word| Self { word })
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
        let request = Request::ReadWorkbook { file_name: "a.xlsx".into() };
        assert_eq!(harness().call(request.clone(), &[b"x"]).status, Status::Unsupported);
        let detail = "the workbook's bytes are missing".into();
        assert_eq!(harness().call(request, &[]).status, Status::Failed { detail });
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
    fn a_panic_is_a_status_with_its_place_and_without_its_words() {
        let answer = harness().call(Request::Deliver { messages: vec![] }, &[]);
        let Status::Panicked { detail } = answer.status else { panic!("{answer:?}") };
        assert!(detail.contains("testing.rs") && !detail.contains("138"), "{detail}");
    }
}
