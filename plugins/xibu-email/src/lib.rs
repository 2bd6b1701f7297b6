//! Mail out over SMTP and in over IMAP: TLS, STARTTLS, or plain to this very computer.
//!
//! Out: every message has a deadline, an outcome, and the same Message-ID on every attempt. In:
//! what people send, and what became of messages; nothing in the mailbox is deleted or marked. What
//! it is not: it keeps nothing on disk, trusts no sender, and decides nothing about trying again.

// In reading order.
mod configuration;
mod connection;
mod inbox;
mod lane;
mod mail;
mod mark;
mod outcome;
mod reading;
mod stream;
#[cfg(test)]
mod tests;

use configuration::Configuration;
use connection::Connection;
use inbox::Mailbox;
use mark::Mark;
use tokio::runtime::{Builder, Runtime};
use xibu_plugin_sdk::message::{Capability, Descriptor, Item, Message};
use xibu_plugin_sdk::{Moment, NotDone, Plugin, Settings, Sink};

/// So often is it asked where it reads no mailbox.
const DAY_SECONDS: u64 = 86_400;

xibu_plugin_sdk::export!(Email);

struct Email {
    configuration: Configuration,
    /// Open connections, kept from one call to the next.
    connections: Vec<Connection>,
    /// The mailbox, kept likewise.
    mailbox: Mailbox,
    /// Its own: none crosses the boundary.
    runtime: Runtime,
}

impl Plugin for Email {
    fn describe() -> Descriptor {
        Descriptor {
            id: "xibu-email".into(),
            title: "电子邮件（发信、收信）".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            capabilities: vec![Capability::Notify, Capability::Receipts, Capability::Intake],
            settings_schema: configuration::schema(),
        }
    }

    fn configure(settings: Settings) -> Result<Self, NotDone> {
        let configuration = Configuration::read(settings)?;
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(NotDone::because)?;
        let mailbox = Mailbox::default();
        Ok(Self { configuration, connections: Vec::new(), mailbox, runtime })
    }

    fn deliver(
        &mut self,
        moment: Moment,
        messages: Vec<Message>,
        blobs: &[&[u8]],
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        // Asked for each time: a call that did not end well has kept nothing.
        let mark = Mark::known(sink);
        let Self { configuration, connections, runtime, .. } = self;
        let way = (&*configuration, &mark);
        runtime.block_on(lane::deliver(way, connections, moment, &messages, blobs, sink))
    }

    fn poll(
        &mut self,
        moment: Moment,
        cursor: Option<&str>,
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        // Here too where nothing is read: so the secret is kept before the first message goes.
        let mark = Mark::known(sink);
        let Self { configuration, mailbox, runtime, .. } = self;
        let Some(inbox) = &configuration.inbox else {
            let cursor = cursor.unwrap_or_default().to_owned();
            return sink.emit(&Item::Polled { cursor, again_after_seconds: DAY_SECONDS }, &[]);
        };
        runtime.block_on(mailbox.look(inbox, &mark, moment, cursor, sink))
    }
}
