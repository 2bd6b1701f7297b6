//! Mail out over SMTP: TLS, STARTTLS, or plain to this very computer.
//!
//! Every message has a deadline, an outcome, and the same Message-ID on every attempt. What it is
//! not: it receives nothing, keeps nothing on disk, and decides nothing about trying again.

// In reading order.
mod configuration;
mod connection;
mod lane;
mod mail;
mod outcome;
mod stream;
#[cfg(test)]
mod tests;

use configuration::Configuration;
use connection::Connection;
use tokio::runtime::{Builder, Runtime};
use xibu_plugin_sdk::message::{Capability, Descriptor, Message};
use xibu_plugin_sdk::{Moment, NotDone, Plugin, Settings, Sink};

xibu_plugin_sdk::export!(Email);

struct Email {
    configuration: Configuration,
    /// Open connections, kept from one call to the next.
    connections: Vec<Connection>,
    /// Its own: none crosses the boundary.
    runtime: Runtime,
}

impl Plugin for Email {
    fn describe() -> Descriptor {
        Descriptor {
            id: "xibu-email".into(),
            title: "电子邮件（发信）".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            capabilities: vec![Capability::Notify],
            settings_schema: configuration::schema(),
        }
    }

    fn configure(settings: Settings) -> Result<Self, NotDone> {
        let configuration = Configuration::read(settings)?;
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(NotDone::because)?;
        Ok(Self { configuration, connections: Vec::new(), runtime })
    }

    fn deliver(
        &mut self,
        moment: Moment,
        messages: Vec<Message>,
        blobs: &[&[u8]],
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        let Self { configuration, connections, runtime } = self;
        runtime.block_on(lane::deliver(configuration, connections, moment, &messages, blobs, sink))
    }
}
