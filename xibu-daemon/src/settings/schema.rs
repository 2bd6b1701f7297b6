//! A plugin's settings against the JSON Schema it describes itself with: everything wrong in one
//! pass, by key.
//!
//! The subset: `type`, `properties`, `required`, `additionalProperties`, `enum`, `minimum`,
//! `maximum`, `pattern`, `items`, `minItems`; besides `description`, `default`, `examples` and
//! `writeOnly`, which mean something to [`sample`] and [`xibu_plugin_abi::secrets`]. Every other
//! word is passed over. What it is not: it never shows a value, because it may be a secret.

use serde_json::{Map, Value};

pub mod sample;
pub(super) mod words;

/// One thing wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The key below the plugin's table, dotted; an item of a list as `[0]`.
    pub(crate) key: String,
    /// What is wrong, in Chinese.
    pub(crate) chinese: String,
    /// The same in English.
    pub(crate) english: String,
}

/// Everything in `value` that `schema` does not allow, in the order of the keys. `is_given` says of
/// a dotted key (`gateways.0.token`) that it is set although it does not stand in `value`.
pub(crate) fn check(
    schema: &Value,
    value: &Value,
    is_given: &dyn Fn(&str) -> bool,
) -> Vec<Finding> {
    let mut checker = Checker { is_given, found: Vec::new() };
    checker.any(schema, value, &Key::default());
    checker.found.sort_by(|a, b| a.key.cmp(&b.key));
    checker.found
}

/// A key in both its ways of writing.
#[derive(Clone, Debug, Default)]
struct Key {
    /// `gateways[0].token`.
    shown: String,
    /// `gateways.0.token`.
    dotted: String,
}

impl Key {
    fn below(&self, name: &str) -> Self {
        if self.dotted.is_empty() {
            return Self { shown: name.to_owned(), dotted: name.to_owned() };
        }
        Self { shown: format!("{}.{name}", self.shown), dotted: format!("{}.{name}", self.dotted) }
    }

    fn item(&self, index: usize) -> Self {
        Self {
            shown: format!("{}[{index}]", self.shown),
            dotted: format!("{}.{index}", self.dotted),
        }
    }
}

struct Checker<'a> {
    is_given: &'a dyn Fn(&str) -> bool,
    found: Vec<Finding>,
}

impl Checker<'_> {
    fn any(&mut self, schema: &Value, value: &Value, key: &Key) {
        if let Some(types) = types(schema)
            && !types.iter().any(|name| is_of(value, name))
        {
            return self.complain(key, words::of_type(&types));
        }
        if let Some(options) = schema["enum"].as_array()
            && !options.contains(value)
        {
            return self.complain(key, words::one_of(options));
        }
        match value {
            Value::Number(number) => {
                let (least, most) = (schema["minimum"].as_f64(), schema["maximum"].as_f64());
                let is_within = number.as_f64().is_some_and(|number| {
                    least.is_none_or(|least| number >= least)
                        && most.is_none_or(|most| number <= most)
                });
                if !is_within {
                    self.complain(key, words::within(&schema["minimum"], &schema["maximum"]));
                }
            }
            Value::String(text) => self.text(schema, text, key),
            Value::Array(items) => self.list(schema, items, key),
            Value::Object(table) => self.table(schema, table, key),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn text(&mut self, schema: &Value, text: &str, key: &Key) {
        let Some(pattern) = schema["pattern"].as_str() else { return };
        // A pattern we cannot read is the plugin's fault, not the office's.
        let Ok(expression) = regex_lite::Regex::new(pattern) else { return };
        if !expression.is_match(text) {
            self.complain(key, words::of_form(pattern, schema["examples"][0].as_str()));
        }
    }

    fn list(&mut self, schema: &Value, items: &[Value], key: &Key) {
        let least = schema["minItems"].as_u64().unwrap_or(0);
        if (items.len() as u64) < least {
            self.complain(key, words::at_least(least));
        }
        if schema["items"].is_object() {
            for (index, item) in items.iter().enumerate() {
                self.any(&schema["items"], item, &key.item(index));
            }
        }
    }

    fn table(&mut self, schema: &Value, table: &Map<String, Value>, key: &Key) {
        let nothing = Map::new();
        let properties = schema["properties"].as_object().unwrap_or(&nothing);
        for name in schema["required"].as_array().into_iter().flatten() {
            let Some(name) = name.as_str() else { continue };
            let below = key.below(name);
            if !table.contains_key(name) && !(self.is_given)(&below.dotted) {
                let is_secret = properties.get(name).is_some_and(is_secret);
                self.complain(&below, words::missing(name, is_secret));
            }
        }
        for (name, value) in table {
            let below = key.below(name);
            match (properties.get(name), &schema["additionalProperties"]) {
                (Some(property), _) => self.any(property, value, &below),
                (None, Value::Bool(false)) => {
                    let nearest = nearest(name, properties).map(|right| key.below(&right).shown);
                    self.complain(&below, words::unknown(nearest.as_deref()));
                }
                (None, rest) => self.any(rest, value, &below),
            }
        }
    }

    fn complain(&mut self, key: &Key, (chinese, english): (String, String)) {
        self.found.push(Finding { key: key.shown.clone(), chinese, english });
    }
}

/// The property that `name` is likely meant to be; a secret by the key that names its file.
fn nearest(name: &str, properties: &Map<String, Value>) -> Option<String> {
    let names = properties.iter().flat_map(|(right, property)| {
        let file = is_secret(property).then(|| format!("{right}_file"));
        [Some(right.clone()).filter(|_| file.is_none()), file].into_iter().flatten()
    });
    names
        .map(|right| (strsim::jaro_winkler(name, &right), right))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, right)| right)
}

pub(crate) fn is_secret(property: &Value) -> bool {
    property["writeOnly"] == Value::Bool(true)
}

/// The names of the types that a schema allows, where it says.
pub(crate) fn types(schema: &Value) -> Option<Vec<&str>> {
    match &schema["type"] {
        Value::String(name) => Some(vec![name]),
        Value::Array(names) => Some(names.iter().filter_map(Value::as_str).collect()),
        _ => None,
    }
}

fn is_of(value: &Value, name: &str) -> bool {
    match (name, value) {
        ("string", Value::String(_))
        | ("boolean", Value::Bool(_))
        | ("array", Value::Array(_))
        | ("object", Value::Object(_))
        | ("number", Value::Number(_))
        | ("null", Value::Null) => true,
        ("integer", Value::Number(number)) => {
            number.is_i64()
                || number.is_u64()
                || number.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        // A type this version does not know refuses nothing.
        (name, _) => {
            !["string", "boolean", "array", "object", "number", "integer", "null"].contains(&name)
        }
    }
}

#[cfg(test)]
mod tests;
