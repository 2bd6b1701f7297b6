//! A plugin's own table by the plugin's schema: secrets apart, texts of the environment turned into
//! what they stand for, everything checked.
//!
//! What it is not: it does not know where the schema comes from.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::{Map, Value};
use xibu_plugin_abi::secrets;

use super::super::schema::{self, types, words};
use super::super::{Problem, Problems, Secret};
use super::{Origin, Resolved, Table};

/// Keys that hold a secret where a plugin says nothing about its settings.
const SECRETS: [&str; 4] = ["password", "secret", "token", "access_key"];

/// See [`Table::resolve`].
pub(super) fn resolve(table: &Table, schema: &Value) -> Result<Resolved, Problems> {
    let mut resolving = Resolving {
        origin: table.origin.as_ref(),
        settings: table.values.clone(),
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
        super::super::read::variable(&format!("{prefix}.{key}"))
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
