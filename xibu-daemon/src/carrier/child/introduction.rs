//! How a child begins: hello both ways, who it is, its settings.
//!
//! What it is not: it starts and ends no process.

use xibu_plugin_abi::message::{Call, Header, Item, Request, Status};
use xibu_plugin_abi::{MAJOR, MINOR, PROTOCOL};

use super::{Arc, Child, Lost, NO_WISH, PluginSettings, Source, misbehaved};
use crate::language::Language;

/// Why it came to nothing.
pub(super) enum Introduction {
    Refused(String),
    Lost(Lost),
}

impl From<Lost> for Introduction {
    fn from(lost: Lost) -> Self {
        Self::Lost(lost)
    }
}

fn refusal(what: &str, status: Status) -> Introduction {
    match status {
        Status::Panicked { detail } => misbehaved(format!("panic at {detail}")).into(),
        Status::Failed { detail } => Introduction::Refused(detail),
        Status::Done | Status::Unsupported => {
            Introduction::Refused(format!("the plugin did not {what}"))
        }
    }
}

impl Child {
    pub(super) async fn greet_and_describe(&mut self) -> Result<(), Introduction> {
        let hello = Header::Hello { protocol: PROTOCOL.into(), major: MAJOR, minor: MINOR };
        self.write(hello, &[]).await?;
        match self.first_word().await? {
            Header::Hello { protocol, major, .. } if protocol == PROTOCOL && major == MAJOR => {}
            Header::Hello { protocol, major, .. } if protocol == PROTOCOL => {
                return Err(Introduction::Refused(format!(
                    "it speaks contract version {major}, this daemon {MAJOR}"
                )));
            }
            _ => return Err(misbehaved("its first word is no hello").into()),
        }
        let mut described = None;
        let status = self
            .ask(Request::Describe, &mut |item, _| {
                if let Item::Described(descriptor) = item {
                    described = Some(descriptor);
                }
            })
            .await?;
        match (status, described) {
            (Status::Done, Some(descriptor)) => {
                self.descriptor = descriptor;
                Ok(())
            }
            (status, _) => Err(refusal("describe itself", status)),
        }
    }

    pub(super) async fn introduce(
        &mut self,
        settings: &PluginSettings,
    ) -> Result<(), Introduction> {
        self.greet_and_describe().await?;
        let resolved = settings.settings.resolve(&self.descriptor.settings_schema);
        let resolved = resolved.map_err(|problems| {
            let lines = problems.0.iter().map(|problem| problem.line(Language::English));
            Introduction::Refused(lines.collect::<Vec<_>>().join("; "))
        })?;
        self.secrets = Arc::new(resolved.secrets);
        let request = Request::Configure { settings: resolved.settings };
        match self.ask(request, &mut |_, _| {}).await? {
            Status::Done => Ok(()),
            status => Err(refusal("take its settings", status)),
        }
    }

    /// What it says first; a line for the log before that may say why it does not start.
    async fn first_word(&mut self) -> Result<Header, Lost> {
        loop {
            match self.hear(0, NO_WISH).await?.header {
                Header::Log { level, text } => self.log(level, &text),
                header => return Ok(header),
            }
        }
    }

    async fn ask(
        &mut self,
        request: Request,
        on_item: &mut impl FnMut(Item, Vec<Vec<u8>>),
    ) -> Result<Status, Lost> {
        let id = self.next_call();
        let call = Call { id, deadline_ms: 10_000, now_unix_ms: 0, request };
        let mut services = self.services(Source::None);
        self.exchange(call, &[], &mut services, std::future::pending(), on_item).await
    }
}
