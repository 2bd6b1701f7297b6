//! One plugin as an office set it: what carries it, and its own table with the place of every
//! value.
//!
//! What it is not: it knows no key of any plugin. Which of them are secrets, and what they may be,
//! the plugin's schema says; [`Table::resolve`] does what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use xibu_plugin_abi::secrets;

use super::schema::{self, types, words};
use super::{Problem, Problems, Secret};

/// Keys that hold a secret where a plugin says nothing about its settings.
const SECRETS: [&str; 4] = ["password", "secret", "token", "access_key"];

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
        let mut resolving = Resolving {
            origin: self.origin.as_ref(),
            settings: self.values.clone(),
            secrets: BTreeMap::new(),
            problems: Vec::new(),
        };
        let is_described = schema["properties"].is_object();
        let schema = if is_described { schema.clone() } else { of_usual_names() };
        resolving.secrets(&schema);
        resolving.texts_of_variables(&schema);
        if is_described {
            resolving.check(&schema);
        } else {
            resolving.put_secrets_back();
        }
        let Resolving { settings, secrets, mut problems, .. } = resolving;
        if problems.is_empty() {
            return Ok(Resolved { settings, secrets });
        }
        problems.sort_by(|a, b| a.key.cmp(&b.key));
        Err(Problems(problems))
    }
}

/// Stands for the schema of a plugin that has none.
fn of_usual_names() -> Value {
    let secrets = SECRETS.map(|name| (name.to_owned(), serde_json::json!({"writeOnly": true})));
    serde_json::json!({"properties": Map::from_iter(secrets)})
}

struct Resolving<'a> {
    origin: Option<&'a Origin>,
    settings: Value,
    secrets: BTreeMap<String, Option<Secret>>,
    problems: Vec<Problem>,
}

impl Resolving<'_> {
    fn secrets(&mut self, schema: &Value) {
        for name in secrets::names(schema, &self.settings) {
            let secret = self.secret(&name);
            self.secrets.insert(name, secret);
        }
    }

    /// Takes one secret out of the settings: from the environment, else from its file.
    fn secret(&mut self, name: &str) -> Option<Secret> {
        let (above, last) = name.rsplit_once('.').unwrap_or(("", name));
        let table = secrets::table_at(&mut self.settings, above)?;
        let file = format!("{last}_file");
        let (bare, file_value) = (table.remove(last), table.remove(&file));
        if let Some(bare) = bare {
            let is_safe = self.origin.is_none_or(|origin| origin.variables.contains(name));
            match (bare, is_safe) {
                (Value::String(text), true) => return Some(Secret::new(text)),
                (_, true) => self.complain(name, words::of_type(&["string"])),
                (_, false) => {
                    let variable = self.variable(name);
                    self.complain(name, words::bare_secret(last, &variable));
                }
            }
            return Some(Secret::new(""));
        }
        let key = format!("{name}_file");
        match file_value? {
            Value::String(path) => Some(self.secret_file(&key, &path)),
            _ => {
                self.complain(&key, words::of_type(&["string"]));
                Some(Secret::new(""))
            }
        }
    }

    fn secret_file(&mut self, key: &str, path: &str) -> Secret {
        let path = self.origin.map_or_else(|| PathBuf::from(path), |it| it.folder.join(path));
        match fs::read_to_string(&path) {
            Ok(text) => Secret::new(text.trim_end_matches(['\r', '\n'])),
            Err(error) => {
                let shown = path.display().to_string();
                self.complain(key, words::unreadable_secret(&shown, &error));
                Secret::new("")
            }
        }
    }

    /// A variable is always a text; what it stands for, the schema says.
    fn texts_of_variables(&mut self, schema: &Value) {
        for name in self.origin.iter().flat_map(|origin| &origin.variables) {
            let (above, last) = name.rsplit_once('.').unwrap_or(("", name));
            let property = property(schema, name);
            let Some(table) = secrets::table_at(&mut self.settings, above) else { continue };
            if let Some(value @ Value::String(_)) = table.get_mut(last) {
                meant(value, property);
            }
        }
    }

    fn check(&mut self, schema: &Value) {
        let is_given = |key: &str| self.secrets.get(key).is_some_and(Option::is_some);
        for finding in schema::check(schema, &self.settings, &is_given) {
            self.complain(&finding.key, (finding.chinese, finding.english));
        }
    }

    fn put_secrets_back(&mut self) {
        for (name, secret) in std::mem::take(&mut self.secrets) {
            if let (Some(table), Some(secret)) = (self.settings.as_object_mut(), secret) {
                table.insert(name, secret.expose().into());
            }
        }
    }

    fn complain(&mut self, key: &str, (chinese, english): words::Words) {
        let key = in_brackets(key);
        let variable = self.variable(&key);
        let problem = match self.origin {
            None => Problem { place: "settings".to_owned(), key, chinese, english },
            Some(origin) => {
                let is_variable = origin.variables.contains(&key);
                let place = if is_variable { variable } else { origin.place.clone() };
                Problem { place, key: format!("{}.{key}", origin.prefix), chinese, english }
            }
        };
        self.problems.push(problem);
    }

    fn variable(&self, key: &str) -> String {
        let prefix = self.origin.map_or("", |origin| origin.prefix.as_str());
        super::read::variable(&format!("{prefix}.{key}"))
    }
}

/// `gateways.0.token` as people read it: `gateways[0].token`.
fn in_brackets(key: &str) -> String {
    let parts = key.split('.').enumerate().map(|(index, part)| {
        match !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) {
            true => format!("[{part}]"),
            false if index == 0 => part.to_owned(),
            false => format!(".{part}"),
        }
    });
    parts.collect()
}

/// The schema of the property at a dotted key.
fn property<'a>(schema: &'a Value, key: &str) -> &'a Value {
    key.split('.').fold(schema, |schema, name| &schema["properties"][name])
}

/// Turns a text of the environment into what its schema says it is; without a word of it, into a
/// number or a truth value where it reads as one.
fn meant(value: &mut Value, schema: &Value) {
    let Value::String(text) = &*value else { return };
    let number = || text.parse::<i64>().ok().map(Value::from);
    let truth = || text.parse::<bool>().ok().map(Value::from);
    let list = || {
        let parts = text.split([',', '，']).map(str::trim).filter(|part| !part.is_empty());
        Value::Array(parts.map(Value::from).collect())
    };
    let found = match types(schema).and_then(|types| types.first().copied()) {
        Some("string") => None,
        Some("integer") => number(),
        Some("number") => number().or_else(|| text.parse::<f64>().ok().map(Value::from)),
        Some("boolean") => truth(),
        Some("array") => Some(list()),
        _ if schema["enum"].is_array() => None,
        _ => number().or_else(truth),
    };
    if let Some(found) = found {
        *value = found;
    }
}
