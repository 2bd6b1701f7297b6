//! Which keys a configuration may hold, and the nearest right one to a key that it may not.
//!
//! Only names; what the values must be is checked where they are read.

use config::{Map, Value, ValueKind};

/// Every key, dotted. `*` stands for a name of the office's choosing; a trailing `**` leaves
/// everything below to somebody else (a plugin's own table), who refuses what it does not know.
pub(super) const KEYS: &[&str] = &[
    "office.zone",
    "office.serves",
    "office.data",
    "office.inbox",
    "office.calendar_years",
    "office.forms",
    "channel.mail",
    "channel.phone",
    "channel_limits.mail.per_day",
    "channel_limits.mail.per_person_per_day",
    "channel_limits.mail.per_minute",
    "channel_limits.phone.per_day",
    "channel_limits.phone.per_person_per_day",
    "channel_limits.phone.per_minute",
    "listen.address",
    "listen.public_url",
    "plugin.*.library",
    "plugin.*.program",
    "plugin.*.arguments",
    "plugin.*.memory_max_megabytes",
    "plugin.*.settings.**",
    "parameter.[].name",
    "parameter.[].office",
    "parameter.[].from",
    "parameter.[].until",
    "parameter.[].value",
    "parameter.[].set_by",
    "parameter.[].reason",
    "parameter.[].document",
    "parameter.[].clause",
    "parameter.[].text",
];

/// A key that nobody knows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    /// As written, dotted.
    pub(super) key: String,
    /// The nearest right name, where one is near enough to be meant.
    pub(super) nearest: Option<String>,
}

/// The unknown keys of a source's tables, in order of their names.
pub(super) fn unknown(table: &Map<String, Value>) -> Vec<Unknown> {
    let mut found = Vec::new();
    let mut path = Vec::new();
    walk(table, &mut path, &mut found);
    found.sort_by(|a, b| a.key.cmp(&b.key));
    found
}

/// The same for one key of the environment, already split at its separators.
pub(super) fn unknown_path(path: &[String]) -> Option<Unknown> {
    match fit(path) {
        Fit::Leaf => None,
        Fit::Table | Fit::None => Some(Unknown { key: shown(path), nearest: nearest(path) }),
    }
}

fn walk(table: &Map<String, Value>, path: &mut Vec<String>, found: &mut Vec<Unknown>) {
    for (name, value) in table {
        path.push(name.clone());
        match fit(path) {
            Fit::Leaf => {}
            Fit::Table => match &value.kind {
                ValueKind::Table(below) => walk(below, path, found),
                ValueKind::Array(items) => {
                    for item in items {
                        if let ValueKind::Table(below) = &item.kind {
                            path.push("[]".to_owned());
                            walk(below, path, found);
                            path.pop();
                        }
                    }
                }
                _ => {}
            },
            Fit::None => {
                found.push(Unknown { key: shown(path), nearest: nearest(path) });
            }
        }
        path.pop();
    }
}

enum Fit {
    /// A known key, or below a table that is somebody else's.
    Leaf,
    /// On the way to known keys.
    Table,
    None,
}

fn fit(path: &[String]) -> Fit {
    let mut on_the_way = false;
    for key in KEYS {
        let parts: Vec<&str> = key.split('.').collect();
        let agrees = path.iter().zip(&parts).all(|(name, part)| same(name, part));
        match (agrees, path.len().cmp(&parts.len())) {
            (true, _) if parts.last() == Some(&"**") && path.len() + 1 >= parts.len() => {
                return Fit::Leaf;
            }
            (true, std::cmp::Ordering::Equal) => return Fit::Leaf,
            (true, std::cmp::Ordering::Less) => on_the_way = true,
            _ => {}
        }
    }
    if on_the_way { Fit::Table } else { Fit::None }
}

fn same(name: &str, part: &str) -> bool {
    part == "*" && name != "[]" || part == "**" || part == name
}

fn shown(path: &[String]) -> String {
    path.join(".").replace(".[]", "[]")
}

/// The known name on the same level that is nearest to the last part of `path`, or, where a whole
/// key was written on the wrong level, the known key that ends in it.
fn nearest(path: &[String]) -> Option<String> {
    let (last, above) = path.split_last()?;
    let level = above.len();
    let beside = KEYS.iter().filter_map(|key| {
        let parts: Vec<&str> = key.split('.').collect();
        let fits = parts.len() > level && above.iter().zip(&parts).all(|(n, p)| same(n, p));
        fits.then(|| parts[level]).filter(|part| !matches!(*part, "*" | "**" | "[]"))
    });
    let best = beside
        .map(|name| (strsim::jaro_winkler(last, name), name))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((_, name)) = best {
        let mut whole = above.to_vec();
        whole.push(name.to_owned());
        return Some(shown(&whole));
    }
    KEYS.iter()
        .find(|key| key.rsplit('.').next() == Some(last.as_str()))
        .map(|key| (*key).replace(".[]", "[]"))
}
