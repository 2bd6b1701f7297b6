//! A commented configuration sample made from a plugin's own JSON Schema.
//!
//! What must be set stands first, with the schema's example; what may be set follows as
//! `#key = value`, switched on by taking the `#` off. `# ` begins a remark. What it is not: it
//! knows no plugin, and checks nothing.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{is_secret, types};
use crate::language::Language;

/// The sample of the plugin called `id`; `carried` is the line that says where it lies.
#[must_use]
pub fn sample(id: &str, carried: &str, schema: &Value, language: Language) -> String {
    let remark = language.pick(
        "项名前紧跟 # 的，是可以不写的项；去掉 # 即可启用。",
        "A key right behind a # may be left out; take the # off to use it.",
    );
    let mut text = format!("# {remark}\n[plugin.{}]\n{carried}\n", key(id));
    text.push_str("#memory_max_megabytes = 256\n");
    let mut writer = Writer { text, language };
    let path = format!("plugin.{}.settings", key(id));
    if properties(schema).is_some_and(|properties| !properties.is_empty()) {
        writer.table(&path, schema, schema, Header::One, true);
    }
    writer.text
}

/// How a table begins.
#[derive(Clone, Copy)]
enum Header {
    /// `[path]`.
    One,
    /// `[[path]]`.
    OneOfMany,
}

/// What a property is written as.
enum Shape {
    Secret,
    Line,
    Table,
    Tables,
}

struct Writer {
    text: String,
    language: Language,
}

impl Writer {
    /// A table, its lines first and the tables below it behind, as TOML wants it.
    fn table(&mut self, path: &str, about: &Value, schema: &Value, header: Header, is_on: bool) {
        self.text.push('\n');
        if let Some(words) = self.description(about) {
            self.remark(&words);
        }
        let off = if is_on { "" } else { "#" };
        let _ = match header {
            Header::One => writeln!(self.text, "{off}[{path}]"),
            Header::OneOfMany => writeln!(self.text, "{off}[[{path}]]"),
        };
        let ordered = ordered(schema);
        for (name, property, is_required) in &ordered {
            match shape(property) {
                Shape::Secret => self.secret(name, property, is_on && *is_required),
                Shape::Line => self.line(name, property, is_on, *is_required),
                Shape::Table | Shape::Tables => {}
            }
        }
        for (name, property, is_required) in &ordered {
            let below = format!("{path}.{}", key(name));
            let is_on = is_on && *is_required;
            match shape(property) {
                Shape::Table => self.table(&below, property, property, Header::One, is_on),
                Shape::Tables => {
                    self.table(&below, property, &property["items"], Header::OneOfMany, is_on);
                }
                Shape::Secret | Shape::Line => {}
            }
        }
    }

    fn secret(&mut self, name: &str, property: &Value, is_on: bool) {
        if let Some(words) = self.description(property) {
            self.remark(&words);
        }
        let own_file = self.language.pick(
            "写在一个只有本用户能读的文件里，这里写文件名。",
            "In a file that only this user can read; its name stands here.",
        );
        self.remark(own_file);
        let off = if is_on { "" } else { "#" };
        let file = Value::from(format!("{name}.txt"));
        let _ = writeln!(self.text, "{off}{} = {}", key(&format!("{name}_file")), toml(&file));
    }

    fn line(&mut self, name: &str, property: &Value, is_on: bool, is_required: bool) {
        if let Some(words) = self.description(property) {
            self.remark(&words);
        }
        if let Some(words) = self.bounds(property) {
            self.remark(&words);
        }
        let off = if is_on && is_required { "" } else { "#" };
        let value = toml(&example(property, is_required));
        let _ = writeln!(self.text, "{off}{} = {value}", key(name));
    }

    fn remark(&mut self, words: &str) {
        for line in words.lines() {
            let _ = writeln!(self.text, "# {}", line.trim());
        }
    }

    /// The description, of two languages the one that is spoken: `中文 / English`.
    fn description(&self, schema: &Value) -> Option<String> {
        let words = schema["description"].as_str().filter(|words| !words.trim().is_empty())?;
        let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        let spoken = match words.split_once(" / ") {
            Some((chinese, english)) if is_chinese(chinese) && !is_chinese(english) => {
                self.language.pick(chinese, english)
            }
            _ => words,
        };
        Some(spoken.to_owned())
    }

    fn bounds(&self, property: &Value) -> Option<String> {
        if let Some(options) = property["enum"].as_array() {
            let options: Vec<String> = options.iter().map(toml).collect();
            return Some(self.language.pick("可填：", "one of ").to_owned() + &options.join(", "));
        }
        let (least, most) = (&property["minimum"], &property["maximum"]);
        match (least.is_number(), most.is_number(), self.language) {
            (true, true, Language::Chinese) => Some(format!("{least} 到 {most}")),
            (true, true, Language::English) => Some(format!("{least} to {most}")),
            (true, false, Language::Chinese) => Some(format!("不小于 {least}")),
            (true, false, Language::English) => Some(format!("{least} or more")),
            (false, true, Language::Chinese) => Some(format!("不大于 {most}")),
            (false, true, Language::English) => Some(format!("{most} or less")),
            (false, false, _) => None,
        }
    }
}

fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema["properties"].as_object()
}

/// Name, schema and whether it is required; the required ones first, then by name.
fn ordered(schema: &Value) -> Vec<(&String, &Value, bool)> {
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut all: Vec<(&String, &Value, bool)> = properties(schema)
        .into_iter()
        .flatten()
        .map(|(name, property)| (name, property, required.contains(&name.as_str())))
        .collect();
    // Stable: among each other they keep their order.
    all.sort_by_key(|(_, _, is_required)| !is_required);
    all
}

fn shape(property: &Value) -> Shape {
    let has_properties = |schema: &Value| properties(schema).is_some_and(|all| !all.is_empty());
    if is_secret(property) {
        Shape::Secret
    } else if has_properties(property) {
        Shape::Table
    } else if has_properties(&property["items"]) {
        Shape::Tables
    } else {
        Shape::Line
    }
}

/// What stands in the sample: for a key that must be set rather an example, else rather the
/// default.
fn example(property: &Value, is_required: bool) -> Value {
    let (given, default) = (&property["examples"][0], &property["default"]);
    let (first, second) = if is_required { (given, default) } else { (default, given) };
    let stated = [first, second, &property["enum"][0]].into_iter().find(|value| !value.is_null());
    stated.cloned().unwrap_or_else(|| placeholder(property))
}

fn placeholder(property: &Value) -> Value {
    let kind = types(property).and_then(|types| types.first().copied()).unwrap_or("string");
    match kind {
        "boolean" => Value::Bool(false),
        "integer" | "number" => {
            let bound = [&property["minimum"], &property["maximum"]];
            bound.into_iter().find(|bound| bound.is_number()).cloned().unwrap_or(Value::from(0))
        }
        "array" => {
            let count = property["minItems"].as_u64().unwrap_or(0);
            (0..count.min(16)).map(|_| example(&property["items"], true)).collect()
        }
        "object" => Value::Object(Map::new()),
        _ => Value::from("…"),
    }
}

/// A value as TOML writes it on one line.
fn toml(value: &Value) -> String {
    match value {
        // JSON's escapes are all TOML's too.
        Value::String(_) | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", "))
        }
        Value::Object(table) if table.is_empty() => "{}".to_owned(),
        Value::Object(table) => {
            let entries = table.iter().filter(|(_, value)| !value.is_null());
            let entries = entries.map(|(name, value)| format!("{} = {}", key(name), toml(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Null => "\"\"".to_owned(),
    }
}

/// A key as TOML writes it, in quotes where it must be.
fn key(name: &str) -> String {
    let is_bare = !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if is_bare { name.to_owned() } else { Value::from(name).to_string() }
}
