//! Which plugin, what it is told, and where plugins live.
//!
//! What it is not: nothing is started here.

use std::path::PathBuf;
use std::time::Duration;

use super::{CallLost, Restart, approval};
use crate::settings::{Carried, Plugin, Table};

/// Memory a plugin may take beyond its own code, where the settings say nothing, in bytes.
pub const MEMORY_MAX_BYTES: u64 = 256 << 20;

/// Which plugin, and what it is told.
#[derive(Clone, Debug)]
pub struct PluginSettings {
    /// What the office calls it; names it in the log and, without a path, its library.
    pub id: String,
    /// What carries it; none means `lib<id>.so` (with `_` for `-`) in [`Host::libraries`].
    pub carried: Option<Carried>,
    /// Its own table from the configuration.
    pub settings: Table,
    /// Memory it may take: a library beyond its own code, a program in all, in bytes.
    pub memory_max_bytes: u64,
}

impl From<&Plugin> for PluginSettings {
    fn from(plugin: &Plugin) -> Self {
        Self {
            id: plugin.id().to_owned(),
            carried: Some(plugin.carried().clone()),
            settings: plugin.table().clone(),
            memory_max_bytes: plugin.memory_max_bytes(),
        }
    }
}

/// Where plugins live and which of them may be loaded.
#[derive(Clone, Debug)]
pub struct Host {
    /// The daemon's own program; its hidden subcommands load a library or become a program.
    pub program: PathBuf,
    /// Where libraries without a path of their own lie.
    pub libraries: PathBuf,
    /// Folder for private copies, mode 0700; made if it is not there.
    pub private: PathBuf,
    /// SHA-256 of every library and program a person approved, lower-case hex.
    pub approved: Vec<String>,
    /// How a plugin is brought back.
    pub restart: Restart,
    /// How long a plugin may take to start, describe itself and take its settings.
    pub start_max: Duration,
}

impl Host {
    /// The running program as its own worker, ten seconds to start, the usual pauses.
    #[must_use]
    pub fn new(libraries: PathBuf, private: PathBuf, approved: Vec<String>) -> Self {
        Self {
            // This very file, even when an update has put another one in its place.
            program: PathBuf::from("/proc/self/exe"),
            libraries,
            private,
            approved,
            restart: Restart::default(),
            start_max: Duration::from_secs(10),
        }
    }

    /// What carries a plugin.
    #[must_use]
    pub fn carried(&self, settings: &PluginSettings) -> Carried {
        settings.carried.clone().unwrap_or_else(|| {
            let name = format!("lib{}.so", settings.id.replace('-', "_"));
            Carried::Library(self.libraries.join(name))
        })
    }

    /// Checks a plugin's file and copies it; answers the copy's path.
    pub(super) async fn admit(&self, carried: &Carried) -> Result<PathBuf, CallLost> {
        let (file, approved, private) =
            (carried.file().to_owned(), self.approved.clone(), self.private.clone());
        let extension = match carried {
            Carried::Library(_) => "so",
            Carried::Program { .. } => "run",
        };
        tokio::task::spawn_blocking(move || approval::admit(&file, &approved, &private, extension))
            .await
            .map_err(|e| CallLost::NotStarted { detail: e.to_string() })?
            .map_err(CallLost::NotApproved)
    }
}
