//! What stands in the place of channels and of the workbook plugin where nothing may go out.
//!
//! What it is not: it makes no decision; delivery goes by it as it goes by any channel.

use std::cell::RefCell;
use std::time::Duration;

use xibu_plugin_abi::message::{Message, Outcome};

use crate::clock::Now;
use crate::compose::{Letter, compose};
use crate::delivery::{Channel, Desk, Lost, Written};

/// A channel that takes everything and sends nothing.
#[derive(Debug)]
pub(crate) struct Recorder {
    id: String,
    /// What it took, in order.
    pub(crate) sent: RefCell<Vec<Message>>,
}

impl Recorder {
    /// In the place of the plugin called so.
    pub(crate) fn new(id: &str) -> Self {
        Self { id: id.to_owned(), sent: RefCell::default() }
    }
}

impl Channel for Recorder {
    fn id(&self) -> &str {
        &self.id
    }

    async fn deliver(
        &self,
        messages: Vec<Message>,
        _blobs: Vec<Vec<u8>>,
        _now_unix_ms: i64,
        _deadline: Duration,
        on_outcome: &mut dyn FnMut(u32, Outcome),
    ) -> std::result::Result<(), Lost> {
        for (index, message) in (0..).zip(messages) {
            self.sent.borrow_mut().push(message);
            on_outcome(index, Outcome::Accepted { reference: "simulated".to_owned() });
        }
        Ok(())
    }
}

/// Composes letters; their forms need no file here.
pub(crate) struct Composer;

impl Desk for Composer {
    async fn write(&self, letter: &Letter<'_>, _now: Now) -> std::result::Result<Written, String> {
        let mut rendered = compose(letter);
        rendered.forms.clear();
        Ok(Written { rendered, files: Vec::new() })
    }
}
