//! What a plugin may ask its host during one call: its own durable state, and its secrets.
//!
//! Puts are read back within the call and leave it only with a `done`; whoever made the call
//! commits them, with whatever else the call brought. What it is not: it reads no frame, and no
//! database.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use xibu_plugin_abi::message::{
    Answer, Ask, STATE_BYTES_MAX, STATE_NAME_BYTES_MAX, STATE_NAMES_MAX,
};

use crate::settings::Secret;

/// A plugin's durable state, or what a call put into it; there, no bytes remove a name.
pub type State = BTreeMap<String, Vec<u8>>;

/// A future that is handed around.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Who keeps the state of plugins for calls that commit nothing else with it.
pub trait StateKeeper: fmt::Debug + Send + Sync {
    /// The state of a plugin.
    fn load<'a>(&'a self, plugin: &'a str) -> Boxed<'a, Result<State, String>>;
    /// Commits what a call put.
    fn keep<'a>(&'a self, plugin: &'a str, puts: &'a State) -> Boxed<'a, Result<(), String>>;
}

/// Every secret a plugin declared, by its dotted key.
pub(super) type Secrets = BTreeMap<String, Option<Secret>>;

/// Where a call's state comes from.
pub(super) enum Source {
    /// There is none in this call.
    None,
    /// Loaded when it is first asked for.
    Keeper { keeper: Arc<dyn StateKeeper>, plugin: String },
    /// As the caller handed it in.
    Loaded(State),
}

/// What one call is offered.
pub(super) struct Services {
    secrets: Arc<Secrets>,
    source: Source,
    puts: State,
}

impl Services {
    pub(super) fn new(secrets: Arc<Secrets>, source: Source) -> Self {
        Self { secrets, source, puts: State::new() }
    }

    /// What the call put, to be committed where it ended well.
    pub(super) fn into_puts(self) -> State {
        self.puts
    }

    /// Answers a question; the value goes with the answer.
    pub(super) async fn answer(&mut self, ask: Ask, value: Vec<u8>) -> (Answer, Vec<u8>) {
        match ask {
            Ask::SecretGet { name } => match self.secrets.get(&name) {
                Some(Some(secret)) => (Answer::Given, secret.expose().as_bytes().to_vec()),
                Some(None) => (Answer::Absent, Vec::new()),
                None => refused("the settings' schema declares no such secret"),
            },
            Ask::StateGet { name } => match self.state().await {
                Err(detail) => refused(detail),
                Ok(state) => match state.get(&name) {
                    Some(value) => (Answer::Given, value.clone()),
                    None => (Answer::Absent, Vec::new()),
                },
            },
            Ask::StatePut { name } => match self.put(name, value).await {
                Ok(()) => (Answer::Kept, Vec::new()),
                Err(detail) => refused(detail),
            },
            Ask::Unknown => refused("the host does not know this question"),
        }
    }

    /// The state as this call has left it so far.
    async fn state(&mut self) -> Result<&mut State, String> {
        if let Source::Keeper { keeper, plugin } = &self.source {
            let loaded = keeper.load(plugin).await?;
            self.source = Source::Loaded(loaded);
        }
        match &mut self.source {
            Source::Loaded(state) => Ok(state),
            Source::None | Source::Keeper { .. } => Err("no state is kept in this call".to_owned()),
        }
    }

    async fn put(&mut self, name: String, value: Vec<u8>) -> Result<(), String> {
        if name.is_empty() || name.len() > STATE_NAME_BYTES_MAX {
            return Err(format!("a name has 1 to {STATE_NAME_BYTES_MAX} bytes"));
        }
        let state = self.state().await?;
        if value.is_empty() {
            state.remove(&name);
        } else {
            let others = state.iter().filter(|(other, _)| **other != name);
            let (count, bytes) = others.fold((0, 0), |(count, bytes), (name, value)| {
                (count + 1, bytes + name.len() + value.len())
            });
            if count + 1 > STATE_NAMES_MAX {
                return Err(format!("over the quota of {STATE_NAMES_MAX} names"));
            }
            if bytes + name.len() + value.len() > STATE_BYTES_MAX {
                return Err(format!("over the quota of {STATE_BYTES_MAX} bytes"));
            }
            state.insert(name.clone(), value.clone());
        }
        self.puts.insert(name, value);
        Ok(())
    }
}

fn refused(detail: impl Into<String>) -> (Answer, Vec<u8>) {
    (Answer::Refused { detail: detail.into() }, Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn services(state: State) -> Services {
        let secrets = [("password".to_owned(), Some(Secret::new("p"))), ("spare".to_owned(), None)];
        Services::new(Arc::new(secrets.into()), Source::Loaded(state))
    }

    async fn check(services: &mut Services, ask: Ask, value: &[u8], expected: &str) {
        let (answer, value) = services.answer(ask, value.to_vec()).await;
        let shown = match answer {
            Answer::Refused { detail } => detail,
            other => format!("{other:?} {}", String::from_utf8_lossy(&value)),
        };
        assert_eq!(shown.trim(), expected);
    }

    fn get(name: &str) -> Ask {
        Ask::StateGet { name: name.into() }
    }

    fn put(name: &str) -> Ask {
        Ask::StatePut { name: name.into() }
    }

    #[tokio::test]
    async fn puts_are_read_back_and_leave_with_the_call() {
        let mut it = services([("old".to_owned(), b"1".to_vec())].into());
        check(&mut it, get("old"), b"", "Given 1").await;
        check(&mut it, get("new"), b"", "Absent").await;
        check(&mut it, put("new"), b"2", "Kept").await;
        check(&mut it, get("new"), b"", "Given 2").await;
        check(&mut it, put("old"), b"", "Kept").await;
        check(&mut it, get("old"), b"", "Absent").await;
        let puts = [("new".to_owned(), b"2".to_vec()), ("old".to_owned(), Vec::new())];
        assert_eq!(it.into_puts(), puts.into());
    }

    #[tokio::test]
    async fn the_quota_holds_to_the_byte_and_the_name() {
        let mut it = services(State::new());
        let room = STATE_BYTES_MAX - 1;
        check(&mut it, put("a"), &vec![7; room + 1], "over the quota of 65536 bytes").await;
        check(&mut it, put("a"), &vec![7; room], "Kept").await;
        check(&mut it, put("a"), &vec![8; room], "Kept").await;
        check(&mut it, put("b"), b"1", "over the quota of 65536 bytes").await;
        check(&mut it, put("a"), b"", "Kept").await;
        for n in 0..STATE_NAMES_MAX {
            check(&mut it, put(&n.to_string()), b"1", "Kept").await;
        }
        check(&mut it, put("one more"), b"1", "over the quota of 128 names").await;
        check(&mut it, put("5"), b"2", "Kept").await;
        check(&mut it, put(""), b"1", "a name has 1 to 128 bytes").await;
        check(&mut it, put(&"n".repeat(129)), b"1", "a name has 1 to 128 bytes").await;
    }

    #[tokio::test]
    async fn only_declared_secrets_are_told() {
        let mut it = services(State::new());
        let secret = |name: &str| Ask::SecretGet { name: name.into() };
        check(&mut it, secret("password"), b"", "Given p").await;
        check(&mut it, secret("spare"), b"", "Absent").await;
        let undeclared = "the settings' schema declares no such secret";
        check(&mut it, secret("host"), b"", undeclared).await;
        check(&mut it, Ask::Unknown, b"", "the host does not know this question").await;
        let mut none = Services::new(Arc::default(), Source::None);
        check(&mut none, get("a"), b"", "no state is kept in this call").await;
        check(&mut none, put("a"), b"1", "no state is kept in this call").await;
    }
}
