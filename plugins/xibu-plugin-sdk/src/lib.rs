//! Safe Rust for writing a xibu plugin: one trait, one macro, a test harness.
//!
//! A plugin is a `cdylib` crate that implements [`Plugin`] and calls [`export!`] once. It blocks;
//! if it wants a runtime it makes its own, because none crosses the boundary. It reads no clock
//! for what it decides: the time is in [`Moment`]. It prints nothing and logs through
//! [`Sink::log`].
//!
//! ```
//! use xibu_plugin_sdk::message::{Blame, Capability, Descriptor, Message, Outcome};
//! use xibu_plugin_sdk::{Moment, NotDone, Plugin, Settings, Sink, testing::Harness};
//!
//! /// Accepts whatever has an address.
//! struct Pigeon;
//!
//! impl Plugin for Pigeon {
//!     fn describe() -> Descriptor {
//!         Descriptor {
//!             id: "pigeon".into(),
//!             title: "信鸽".into(),
//!             version: "1.0.0".into(),
//!             capabilities: vec![Capability::Notify],
//!             settings_schema: serde_json::json!({"type": "object", "properties": {}}),
//!         }
//!     }
//!
//!     fn configure(_: Settings) -> Result<Self, NotDone> {
//!         Ok(Self)
//!     }
//!
//!     fn deliver(
//!         &mut self,
//!         _: Moment,
//!         messages: Vec<Message>,
//!         _: &[&[u8]],
//!         sink: &mut Sink<'_>,
//!     ) -> Result<(), NotDone> {
//!         for (index, message) in (0..).zip(&messages) {
//!             let outcome = if message.address.is_empty() {
//!                 Outcome::Rejected { blame: Blame::Address, detail: "no address".into() }
//!             } else {
//!                 Outcome::Accepted { reference: String::new() }
//!             };
//!             sink.delivered(index, outcome)?;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! // In a library of its own: xibu_plugin_sdk::export!(Pigeon);
//! let mut harness = Harness::<Pigeon>::new();
//! assert_eq!(harness.describe().unwrap().id, "pigeon");
//! harness.configure(serde_json::json!({})).unwrap();
//! ```
//!
//! What it is not: no protocol of any channel, no meaning of the notice.

mod exported;
mod settings;
mod sink;
pub mod testing;

use std::collections::BTreeMap;
use std::time::Duration;

pub use xibu_plugin_abi as abi;
pub use xibu_plugin_abi::{cells, message};

#[doc(hidden)]
pub use exported::entry;
use message::{Descriptor, Mark, Masked, Message, SheetOut, Workbook};
pub use settings::Settings;
pub use sink::Sink;

/// When a call happens, as its host sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The host's time, real or virtual, milliseconds since the epoch: what is made is dated by it.
    pub now_unix_ms: i64,
    /// Real time left until the host gives up and kills the process.
    pub deadline: Duration,
    /// How often in a row the process ended within a `poll` from the same cursor; 0 otherwise.
    pub lost: u32,
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotDone {
    /// This plugin does not do that.
    Unsupported,
    /// It could not be done: why, in English, without personal data.
    Failed(String),
}

impl NotDone {
    /// A failure with its reason, in English, without personal data.
    pub fn because(reason: impl ToString) -> Self {
        Self::Failed(reason.to_string())
    }
}

/// What a plugin does. Only the first two functions are needed; what is left out answers
/// `unsupported`.
///
/// A panic inside is caught, reported with its place (never its message, which may hold personal
/// data), and ends the worker.
pub trait Plugin: Sized + 'static {
    /// Who it is. Touches nothing outside.
    fn describe() -> Descriptor;

    /// Takes its settings. Connects to nothing yet.
    ///
    /// # Errors
    /// The settings are unusable; the reason names the key.
    fn configure(settings: Settings) -> Result<Self, NotDone>;

    /// Takes messages to people and says of each what became of it, as soon as it is known:
    /// [`Sink::delivered`]. A message nothing is said about counts as unknown.
    ///
    /// # Errors
    /// Nothing could be done at all. What became of a single message is an outcome, not an error.
    fn deliver(
        &mut self,
        moment: Moment,
        messages: Vec<Message>,
        blobs: &[&[u8]],
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        let _ = (moment, messages, blobs, sink);
        Err(NotDone::Unsupported)
    }

    /// Reads a workbook's bytes and emits its sheets: begin, cells in chunks, end; or why it
    /// cannot.
    ///
    /// # Errors
    /// The plugin failed; a file that cannot be read is an item, not an error.
    fn read_workbook(
        &mut self,
        moment: Moment,
        file_name: &str,
        bytes: &[u8],
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        let _ = (moment, file_name, bytes, sink);
        Err(NotDone::Unsupported)
    }

    /// Makes a workbook and emits one `written` item with its bytes.
    ///
    /// # Errors
    /// It could not be made.
    fn write_workbook(
        &mut self,
        moment: Moment,
        workbook: Workbook,
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        let _ = (moment, workbook, sink);
        Err(NotDone::Unsupported)
    }

    /// Gives a workbook back with cells marked and a summary in front, as one `written` item, or
    /// says why it cannot be read.
    ///
    /// # Errors
    /// The plugin failed; a file that cannot be read is an item, not an error.
    fn mark_workbook(
        &mut self,
        moment: Moment,
        bytes: &[u8],
        marking: Marking,
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        let _ = (moment, bytes, marking, sink);
        Err(NotDone::Unsupported)
    }

    /// Looks what is new outside: emits what came, then one `polled` item with the place to go on
    /// from. The host keeps both together or neither.
    ///
    /// # Errors
    /// Nothing could be looked at; what was emitted is not kept and comes again.
    fn poll(
        &mut self,
        moment: Moment,
        cursor: Option<&str>,
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        let _ = (moment, cursor, sink);
        Err(NotDone::Unsupported)
    }

    /// Answers a request to its path of the host's listener: emits what came and one
    /// `hook_answered` item, which goes back after the items are kept.
    ///
    /// # Errors
    /// It could not be answered; the caller gets an error and may come again.
    fn hook(
        &mut self,
        moment: Moment,
        hook: Hook,
        body: &[u8],
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        let _ = (moment, hook, body, sink);
        Err(NotDone::Unsupported)
    }

    /// Reads one feed or page, from `bytes` or by fetching it, and emits its postings.
    ///
    /// # Errors
    /// The plugin failed; a source that cannot be read is an item, not an error.
    fn read_feed(
        &mut self,
        moment: Moment,
        source: &str,
        bytes: Option<&[u8]>,
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        let _ = (moment, source, bytes, sink);
        Err(NotDone::Unsupported)
    }
}

/// What to mark in a workbook.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marking {
    /// The name the workbook came under; a hint for the format.
    pub file_name: String,
    /// The cells.
    pub marks: Vec<Mark>,
    /// Areas in which every value is masked.
    pub masks: Vec<Masked>,
    /// The sheet to put in front.
    pub summary: Option<SheetOut>,
}

/// A request that came to a plugin's path of the host's listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// `GET`, `POST`, ...
    pub method: String,
    /// What follows `/hooks/<plugin>`.
    pub path: String,
    /// The query string as it came.
    pub query: String,
    /// Header fields by lower-case name.
    pub headers: BTreeMap<String, String>,
}

/// Exports a [`Plugin`] from a `cdylib` crate: its one symbol. Call it once, at the top of the
/// crate.
#[macro_export]
macro_rules! export {
    ($plugin:ty) => {
        const _: () = {
            // SAFETY: the name is this contract's own, and a plugin library exports it once.
            #[allow(unsafe_code)]
            #[unsafe(no_mangle)]
            #[allow(non_upper_case_globals)]
            static xibu_plugin_entry: $crate::abi::table::Entry = $crate::entry::<$plugin>();
        };
    };
}
