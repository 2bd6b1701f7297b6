//! The settings of the mailbox that is read.
//!
//! What it is not: nothing is connected to here.

use std::path::Path;

use serde::Deserialize;
use xibu_plugin_sdk::NotDone;

use super::{Security, Server, tls};

/// Largest message that may be taken whole: what goes to the host must fit a frame.
const BYTES_MAX: u32 = 60 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Typed {
    host: String,
    port: Option<u16>,
    #[serde(default = "tls")]
    security: Security,
    user: Option<String>,
    #[serde(default = "inbox")]
    folder: String,
    #[serde(default = "yes")]
    idle: bool,
    #[serde(default = "sixty")]
    every_seconds: u64,
    #[serde(default = "thirty_megabytes")]
    bytes_max: u32,
    #[serde(default = "three")]
    days_back: u16,
}

fn inbox() -> String {
    "INBOX".into()
}

fn yes() -> bool {
    true
}

fn sixty() -> u64 {
    60
}

fn thirty_megabytes() -> u32 {
    30 << 20
}

fn three() -> u16 {
    3
}

/// The mailbox that is read, over IMAP.
pub(crate) struct Inbox {
    pub(crate) server: Server,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) folder: String,
    /// Whether to wait for new mail on the open connection, where the server can.
    pub(crate) idle: bool,
    /// How often to look where waiting is not possible.
    pub(crate) every_seconds: u64,
    /// Of a larger message only the beginning is fetched.
    pub(crate) bytes_max: u32,
    /// So many days before the first look are read too.
    pub(crate) days_back: u16,
}

impl Inbox {
    /// `known` is the login of the outgoing server with the password that counts here.
    pub(super) fn read(
        typed: Typed,
        known: (&str, &String),
        ca_file: Option<&Path>,
    ) -> Result<Self, NotDone> {
        let ports = [993, 143, 143];
        let server =
            Server::read(typed.host, typed.port, typed.security, ca_file, "inbox.", ports)?;
        let user = typed.user.unwrap_or_else(|| known.0.to_owned());
        if user.is_empty() {
            return Err(NotDone::setting("inbox.user", "is missing, and so is `user`"));
        }
        if known.1.is_empty() {
            return Err(NotDone::setting("inbox.password", "is missing, and so is `password`"));
        }
        let unfit = |text: &str| text.chars().any(char::is_control);
        if unfit(&user) || unfit(known.1) {
            return Err(NotDone::setting(
                "inbox.user",
                "or its password holds a control character",
            ));
        }
        if typed.folder.is_empty() || !typed.folder.chars().all(|c| matches!(c, ' '..='~')) {
            let why = "is empty or not plain ASCII; name other folders as the server lists them";
            return Err(NotDone::setting("inbox.folder", why));
        }
        if !(10..=86_400).contains(&typed.every_seconds) {
            return Err(NotDone::setting("inbox.every_seconds", "is not between 10 and 86400"));
        }
        if !(65_536..=BYTES_MAX).contains(&typed.bytes_max) {
            return Err(NotDone::setting("inbox.bytes_max", "is not between 65536 and 62914560"));
        }
        if typed.days_back > 60 {
            return Err(NotDone::setting("inbox.days_back", "is more than 60"));
        }
        Ok(Self {
            server,
            user,
            password: known.1.clone(),
            folder: typed.folder,
            idle: typed.idle,
            every_seconds: typed.every_seconds,
            bytes_max: typed.bytes_max,
            days_back: typed.days_back,
        })
    }
}
