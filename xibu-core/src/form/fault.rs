//! What is wrong with a form that an office wrote: each fault with its place and what to do.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::formula::Formula;
use super::lexicon::known;
use super::{FieldKind, Form, FormCheck, FormField};
use crate::intake::text;

/// More fields than any paper holds.
const FIELDS_MAX: usize = 200;

/// Without these a return says neither whose it is, nor for when, nor anything about safety.
const MUST_STAND: [&str; 3] = ["office", "month", "accidents"];

/// What is known of a unit's or county's people from the roster, by the names formulas use.
pub(crate) const ROSTER: [&str; 3] = ["roster.headcount", "roster.arrivals", "roster.departures"];

/// A part of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FormPlace {
    /// The form itself.
    Whole,
    /// Its field with this number, from 0.
    Field(usize),
    /// Its check with this number, from 0.
    Check(usize),
}

/// One thing wrong with a form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FormFault {
    /// Where.
    pub place: FormPlace,
    /// What, and what to do; in English, as other faults of settings.
    pub message: String,
}

impl fmt::Display for FormFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            FormPlace::Whole => f.write_str(&self.message),
            FormPlace::Field(index) => write!(f, "field {}: {}", index + 1, self.message),
            FormPlace::Check(index) => write!(f, "check {}: {}", index + 1, self.message),
        }
    }
}

impl Form {
    /// Everything wrong with it, by place; nothing where it can be used.
    pub fn faults(&self) -> Vec<FormFault> {
        let mut faults = Vec::new();
        let mut whole = |message: String| {
            faults.push(FormFault { place: FormPlace::Whole, message });
        };
        for key in MUST_STAND.into_iter().filter(|key| self.field(key).is_none()) {
            whole(format!("the field `{key}` is missing; a return cannot do without it"));
        }
        if self.fields.len() > FIELDS_MAX {
            whole(format!("more than {FIELDS_MAX} fields; leave some out"));
        }
        if self.title.trim().is_empty() {
            whole("`title` is empty; give the form's name".to_string());
        }
        let mut seen = Seen::default();
        for (index, field) in self.fields.iter().enumerate() {
            let place = FormPlace::Field(index);
            let found = self.faults_of_field(field, &mut seen);
            faults.extend(found.into_iter().map(|message| FormFault { place, message }));
        }
        let mut names = BTreeSet::new();
        for (index, check) in self.checks.iter().enumerate() {
            let place = FormPlace::Check(index);
            let mut found = self.faults_of_check(check);
            if !is_key(&check.name) {
                found.push(format!("`name` is `{}`; write it in snake case", check.name));
            } else if !names.insert(check.name.as_str()) {
                found.push(format!("`{}` stands twice; give one another name", check.name));
            }
            faults.extend(found.into_iter().map(|message| FormFault { place, message }));
        }
        faults
    }

    fn faults_of_field<'f>(&self, field: &'f FormField, seen: &mut Seen<'f>) -> Vec<String> {
        let mut faults = seen.faults(field, None);
        if field.filled_by.is_empty() {
            faults.push("`filled_by` names nobody; name unit or county".to_string());
        }
        match field.kind {
            FieldKind::Lines if field.columns.len() < 2 => {
                faults.push("a list has two columns at least; add [[field.column]]".to_string());
            }
            FieldKind::Lines => {}
            _ if !field.columns.is_empty() => {
                faults.push("only a list has columns; write kind = \"lines\"".to_string());
            }
            _ => {}
        }
        for column in &field.columns {
            faults.extend(seen.faults(column, Some(&field.key)));
            if column.kind == FieldKind::Lines {
                faults.push(format!("column `{}`: a list within a list", column.key));
            }
        }
        faults
    }

    fn faults_of_check(&self, check: &FormCheck) -> Vec<String> {
        let mut faults = Vec::new();
        if self.field(&check.about).is_none() {
            faults.push(format!("`about` names `{}`, which is no field", check.about));
        }
        if check.must.is_none() && check.fill.is_empty() {
            faults.push("neither `must` nor `fill`; say what is to hold".to_string());
        }
        if check.say.zh.trim().is_empty() || check.say.en.trim().is_empty() {
            faults.push("`say` is empty; say what is wrong and what to do".to_string());
        }
        for key in check.fill.iter().filter(|key| self.field(key).is_none()) {
            faults.push(format!("`fill` names `{key}`, which is no field"));
        }
        for text in [&check.when, &check.must].into_iter().flatten() {
            match Formula::read(text) {
                Err(message) => faults.push(message),
                Ok(formula) => {
                    let unknown = formula.names().filter(|name| !self.can_be_counted(name));
                    faults.extend(unknown.map(|name| {
                        format!("`{name}` is no field that can be counted, nor one of {ROSTER:?}")
                    }));
                }
            }
        }
        faults
    }

    /// Whether a formula may name it: a counted field, also of last month or of the units.
    fn can_be_counted(&self, name: &str) -> bool {
        if ROSTER.contains(&name) {
            return true;
        }
        let key = name.strip_prefix("last.").or_else(|| name.strip_prefix("units."));
        let field = self.fields.iter().find(|field| field.key == key.unwrap_or(name));
        field.is_some_and(|field| {
            field.is_counted() || matches!(field.kind, FieldKind::YesNo | FieldKind::Lines)
        })
    }
}

/// Keys and words met so far.
#[derive(Default)]
struct Seen<'f> {
    keys: BTreeSet<(Option<&'f str>, &'f str)>,
    words: BTreeSet<String>,
}

impl<'f> Seen<'f> {
    fn faults(&mut self, field: &'f FormField, list: Option<&'f str>) -> Vec<String> {
        let mut faults = Vec::new();
        let key = field.key.as_str();
        if !is_key(key) {
            faults.push(format!("`key` is `{key}`; write it in snake case, such as `heat_days`"));
        } else if !self.keys.insert((list, key)) {
            faults.push(format!("`{key}` stands twice; give one another key"));
        }
        let whole = list.map_or_else(|| key.to_string(), |list| format!("{list}.{key}"));
        if let Some(known) = known(&whole).filter(|known| known.kind() != field.kind) {
            faults.push(format!("`{whole}` comes with the software as {:?}", known.kind()));
        }
        if field.kind == FieldKind::Choice && field.options.len() < 2 {
            faults.push(format!("`{key}`: a choice has two `options` at least"));
        }
        for word in core::iter::once(&field.label).chain(&field.synonyms) {
            let plain = text::key(word);
            if plain.is_empty() {
                faults.push(format!("`{key}`: a label is empty"));
            } else if !self.words.insert(plain) {
                faults.push(format!("`{word}` stands twice; a word has one meaning"));
            }
        }
        faults
    }
}

fn is_key(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && key.len() <= 60
}
