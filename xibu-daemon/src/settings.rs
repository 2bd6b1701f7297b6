//! What an office sets: defaults, then a TOML file, then the environment, validated and frozen.
//!
//! Every problem is found in one pass and names its file or variable and its key; a key nobody
//! knows is refused with the nearest right one. Nothing is changed after [`Settings::load`]. The
//! business values with their sources (days, ladders) are [`xibu_core::parameter`]'s; here they
//! are only read.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use xibu_core::office::OfficeId;
use xibu_core::parameter::Rulebook;

use crate::delivery::ChannelLimits;

mod doors;
mod form;
mod keys;
mod plugin;
mod problem;
mod read;
mod rulebook;
pub mod schema;
mod secret;

pub use plugin::{Carried, Plugin, Resolved, Table};
pub use problem::{Problem, Problems};
pub use secret::Secret;

/// The commented sample that `init` writes; every key stands in it with its default.
pub const SAMPLE: &str = include_str!("settings/sample.toml");

/// The form that comes with the software, as a file with notes: what an office changes to set its
/// own.
pub const FORM: &str = include_str!("settings/form.toml");

/// What an office set, checked. Its values are read, never changed.
#[derive(Debug)]
pub struct Settings {
    file: Option<PathBuf>,
    zone: Tz,
    serves: Vec<OfficeId>,
    data: PathBuf,
    inbox: Option<PathBuf>,
    plugins: Vec<Plugin>,
    channels: BTreeMap<String, Vec<String>>,
    channel_limits: BTreeMap<String, ChannelLimits>,
    listen: Option<Listen>,
    rulebook: Rulebook,
}

/// Where the one HTTP listener stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    address: SocketAddr,
    public_url: Option<String>,
}

impl Listen {
    /// On which address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How people reach it from outside, without a slash at its end; links in messages begin so.
    pub fn public_url(&self) -> Option<&str> {
        self.public_url.as_deref()
    }
}

impl Settings {
    /// Reads `file` (or defaults only), then the variables `XIBU__A__B`, and checks everything.
    ///
    /// # Errors
    /// All problems at once, in the order of the sources and keys.
    pub fn load(
        file: Option<&Path>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, Problems> {
        match Self::read(file, variables) {
            (settings, Problems(none)) if none.is_empty() => Ok(settings),
            (_, problems) => Err(problems),
        }
    }

    /// The same, with defaults where something is wrong: for looking on, as `check-config` does at
    /// the plugins' own tables. Nothing may run on it while there is a problem.
    pub(crate) fn read(
        file: Option<&Path>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> (Self, Problems) {
        read::read(file, variables.collect())
    }

    /// The file it was read from, if there was one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The office's IANA time zone.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The offices this daemon serves; a served office includes everything below it.
    pub fn serves(&self) -> &[OfficeId] {
        &self.serves
    }

    /// The data folder, owner-only.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The folder watched for workbooks, if one is set.
    pub fn inbox(&self) -> Option<&Path> {
        self.inbox.as_deref()
    }

    /// The plugins, by name.
    pub fn plugins(&self) -> &[Plugin] {
        &self.plugins
    }

    /// The plugin called `id`.
    pub fn plugin(&self, id: &str) -> Option<&Plugin> {
        self.plugins.iter().find(|plugin| plugin.id == id)
    }

    /// The calendar and the parameters, with what the office added to both.
    pub fn rulebook(&self) -> &Rulebook {
        &self.rulebook
    }

    /// Which plugins carry which channel, the preferred first: `mail` → `email`.
    pub fn channels(&self) -> &BTreeMap<String, Vec<String>> {
        &self.channels
    }

    /// What may go by a channel.
    pub fn channel_limits(&self, channel: &str) -> ChannelLimits {
        self.channel_limits.get(channel).copied().unwrap_or_default()
    }

    /// The HTTP listener, if one is set.
    pub fn listen(&self) -> Option<&Listen> {
        self.listen.as_ref()
    }
}

#[cfg(test)]
mod tests;
