//! One plugin as an office set it: what carries it, and its own table with the place of every
//! value.
//!
//! What it is not: it knows no key of any plugin. Which of them are secrets, and what they may be,
//! the plugin's schema says; [`Table::resolve`] does what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{Problems, Secret};

mod resolve;

/// One plugin as it is to be started.
#[derive(Clone, Debug)]
pub struct Plugin {
    pub(super) id: String,
    pub(super) carried: Carried,
    pub(super) memory_max_bytes: u64,
    pub(super) table: Table,
}

/// What carries a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// A shared library, loaded by a worker of ours.
    Library(PathBuf),
    /// A program of its own.
    Program {
        /// The program.
        path: PathBuf,
        /// What it is started with.
        arguments: Vec<String>,
    },
}

impl Carried {
    /// The file that a person approves.
    #[must_use]
    pub fn file(&self) -> &Path {
        match self {
            Self::Library(path) | Self::Program { path, .. } => path,
        }
    }

    /// `library` or `program`, as the key is called.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Library(_) => "library",
            Self::Program { .. } => "program",
        }
    }
}

impl Plugin {
    /// Its name in the configuration, e.g. `email`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What carries it.
    #[must_use]
    pub fn carried(&self) -> &Carried {
        &self.carried
    }

    /// Its library or program.
    #[must_use]
    pub fn file(&self) -> &Path {
        self.carried.file()
    }

    /// The most memory its process may take, in bytes.
    #[must_use]
    pub fn memory_max_bytes(&self) -> u64 {
        self.memory_max_bytes
    }

    /// Its own table.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }
}

/// A plugin's own table as it was written. Its `Debug` shows no value: some are secrets.
#[derive(Clone)]
pub struct Table {
    values: Value,
    /// None for a table that a program made up.
    origin: Option<Origin>,
}

/// Where a table was read.
#[derive(Clone)]
pub(super) struct Origin {
    /// The file, as problems name it.
    pub(super) place: String,
    /// Where files that the table names lie, where their path is not absolute.
    pub(super) folder: PathBuf,
    /// `plugin.email.settings`.
    pub(super) prefix: String,
    /// Dotted keys below the prefix that came from the environment.
    pub(super) variables: BTreeSet<String>,
}

/// A table as its plugin is to have it.
pub struct Resolved {
    /// The settings without the secrets.
    pub settings: Value,
    /// Every secret the schema declares, by its dotted key; none where it is not set.
    pub secrets: BTreeMap<String, Option<Secret>>,
}

impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolved(..)")
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Table(..)")
    }
}

impl From<Value> for Table {
    /// A table that a program made up; its secrets may stand in it.
    fn from(values: Value) -> Self {
        Self { values, origin: None }
    }
}

impl Table {
    pub(super) fn read(values: Map<String, Value>, origin: Origin) -> Self {
        Self { values: Value::Object(values), origin: Some(origin) }
    }

    /// The table by a schema: secrets apart and their files read, texts of the environment turned
    /// into what they stand for, everything checked. Without a schema nothing is checked, and
    /// secrets stay in the settings, told by their usual names.
    ///
    /// # Errors
    /// Everything that is wrong, each with file or variable and key, and never with its value.
    pub fn resolve(&self, schema: &Value) -> Result<Resolved, Problems> {
        resolve::resolve(self, schema)
    }
}
