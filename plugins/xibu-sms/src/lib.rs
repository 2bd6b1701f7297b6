//! 短信: out by an HTTP gateway, Aliyun, Tencent Cloud or SMPP; receipts and replies in by polling
//! and by pushes to the host's listener.
//!
//! What is sent is the text of a template chosen by the message's kind; what the vendor would
//! forbid is refused before it is sent, with the vendor's rule as the reason. Numbers of phones
//! stand in no detail and no log line. What it is not: it keeps nothing on disk, counts no budget
//! and understands no reply.

// In reading order.
mod configuration;
mod phone;
mod template;
mod content;
mod civil;
mod outcome;
mod batch;
mod http;
mod unkept;
mod door;
mod gateway;
mod aliyun;
mod tencent;
mod smpp;
mod provider;
#[cfg(test)]
mod tests;

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;
use xibu_plugin_sdk::message::{Capability, Descriptor, Message};
use xibu_plugin_sdk::{Hook, Moment, NotDone, Plugin, Settings, Sink};

use configuration::Configuration;
use provider::Provider;

xibu_plugin_sdk::export!(Sms);

struct Sms {
    configuration: Configuration,
    provider: Provider,
    /// Its own, with one thread that keeps an SMPP session alive between calls.
    runtime: Runtime,
}

impl Plugin for Sms {
    fn describe() -> Descriptor {
        Descriptor {
            id: "xibu-sms".into(),
            title: "短信（发送、回执、回复）".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            capabilities: vec![Capability::Notify, Capability::Receipts, Capability::Intake],
            settings_schema: configuration::schema(),
        }
    }

    fn configure(settings: Settings) -> Result<Self, NotDone> {
        let (configuration, provider) = configuration::read(settings)?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(NotDone::because)?;
        Ok(Self { configuration, provider, runtime })
    }

    fn deliver(
        &mut self,
        moment: Moment,
        messages: Vec<Message>,
        _: &[&[u8]],
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        let Self { configuration, provider, runtime } = self;
        runtime.block_on(batch::deliver(configuration, provider, moment, &messages, sink))
    }

    fn poll(
        &mut self,
        moment: Moment,
        cursor: Option<&str>,
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        let Self { configuration, provider, runtime } = self;
        let by = Instant::now() + without_margin(moment.deadline).min(configuration.timeout);
        runtime.block_on(provider.poll(moment.now_unix_ms, by, cursor, sink))
    }

    fn hook(
        &mut self,
        moment: Moment,
        hook: Hook,
        body: &[u8],
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        door::answer(&self.configuration, &self.provider, moment.now_unix_ms, &hook, body, sink)
    }
}

/// What is left of a call's time for the world outside: the rest is for saying what became of it.
fn without_margin(deadline: Duration) -> Duration {
    deadline.saturating_sub((deadline / 10).min(Duration::from_millis(500)))
}
