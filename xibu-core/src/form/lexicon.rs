//! Which field a typed label means, over every form that is in use.
//!
//! Fields that come with the software have meaning of their own here (whose return, which month, an
//! accident's time); what a form adds is known by its place among the added ones.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::{FieldKind, Form, FormField};
use crate::intake::text;

/// What a label means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    OfficeNumber,
    Office,
    Month,
    Headcount,
    Accidents,
    IncidentKind,
    IncidentTime,
    IncidentPlace,
    IncidentPersons,
    IncidentMeasures,
    People,
    PersonNumber,
    PersonName,
    PersonState,
    PersonDay,
    Health,
    Hazards,
    Needs,
    Remark,
    Correction,
    Silent,
    StatedBy,
    CheckedBy,
    Head,
    FilledOn,
    Phone,
    /// A field that a form adds, by its number among them.
    Added(u16),
    /// A column of a list that a form adds: the list's number, and the column's in it.
    AddedColumn(u16, u16),
}

/// The fields that come with the software, with their keys.
const KNOWN: [(Field, &str, FieldKind); 26] = [
    (Field::OfficeNumber, "office_number", FieldKind::Text),
    (Field::Office, "office", FieldKind::Text),
    (Field::Month, "month", FieldKind::Text),
    (Field::Headcount, "headcount", FieldKind::Count),
    (Field::Accidents, "accidents", FieldKind::Lines),
    (Field::IncidentKind, "accidents.kind", FieldKind::Choice),
    (Field::IncidentTime, "accidents.time", FieldKind::Day),
    (Field::IncidentPlace, "accidents.place", FieldKind::Text),
    (Field::IncidentPersons, "accidents.persons", FieldKind::Count),
    (Field::IncidentMeasures, "accidents.measures", FieldKind::Text),
    (Field::People, "people", FieldKind::Lines),
    (Field::PersonNumber, "people.number", FieldKind::Text),
    (Field::PersonName, "people.name", FieldKind::Text),
    (Field::PersonState, "people.state", FieldKind::Choice),
    (Field::PersonDay, "people.day", FieldKind::Day),
    (Field::Health, "health", FieldKind::Cases),
    (Field::Hazards, "hazards", FieldKind::Cases),
    (Field::Needs, "needs", FieldKind::Cases),
    (Field::Remark, "remark", FieldKind::Text),
    (Field::Correction, "correction", FieldKind::Choice),
    (Field::Silent, "silent", FieldKind::Text),
    (Field::StatedBy, "stated_by", FieldKind::Text),
    (Field::CheckedBy, "checked_by", FieldKind::Text),
    (Field::Head, "head", FieldKind::Text),
    (Field::FilledOn, "filled_on", FieldKind::Day),
    (Field::Phone, "phone", FieldKind::Text),
];

/// The field that comes with the software under this key.
pub(crate) fn known(key: &str) -> Option<Field> {
    KNOWN.iter().find(|(_, known, _)| *known == key).map(|(field, ..)| *field)
}

impl Field {
    /// Its key; empty for what a form adds.
    pub(crate) fn key(self) -> &'static str {
        KNOWN.iter().find(|(known, ..)| *known == self).map_or("", |(_, key, _)| key)
    }

    pub(crate) fn kind(self) -> FieldKind {
        let found = KNOWN.iter().find(|(known, ..)| *known == self);
        found.map_or(FieldKind::Text, |(.., kind)| *kind)
    }
}

/// What the labels of all forms mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lexicon {
    words: BTreeMap<String, Field>,
    /// The heading we would write, for what comes with the software.
    names: BTreeMap<Field, String>,
    added: Vec<FormField>,
}

impl Lexicon {
    /// Takes in a form's words; what cannot stand beside those of the forms before.
    ///
    /// A word has one meaning and a key one kind in all forms, whatever month they are for: a sheet
    /// is read before it is known which month it is for.
    pub(crate) fn learn(&mut self, form: &Form) -> Vec<(usize, String)> {
        let mut clashes = Vec::new();
        for (index, field) in form.fields.iter().enumerate() {
            let mut clash = |message| clashes.push((index, message));
            let place = match known(&field.key) {
                Some(known) => known,
                None => Field::Added(self.added_place(field, &mut clash)),
            };
            self.name(place, field, &mut clash);
            for column in &field.columns {
                let key = alloc::format!("{}.{}", field.key, column.key);
                let column_place = match (known(&key), place) {
                    (Some(known), _) => known,
                    (None, Field::Added(list)) => {
                        let columns = &self.added[usize::from(list)].columns;
                        let known = columns.iter().position(|known| known.key == column.key);
                        let Some(number) = known.and_then(|place| u16::try_from(place).ok()) else {
                            continue;
                        };
                        Field::AddedColumn(list, number)
                    }
                    (None, _) => {
                        clash(alloc::format!(
                            "`{key}`: columns cannot be added to a list that comes with the \
                             software; add a list of your own"
                        ));
                        continue;
                    }
                };
                self.name(column_place, column, &mut clash);
            }
        }
        clashes
    }

    fn added_place(&mut self, field: &FormField, clash: &mut impl FnMut(String)) -> u16 {
        if let Some(place) = self.added.iter().position(|known| known.key == field.key) {
            let known = &mut self.added[place];
            if known.kind != field.kind {
                clash(alloc::format!("`{}` was {:?} before; use a new key", field.key, known.kind));
            }
            for option in &field.options {
                if !known.options.contains(option) {
                    known.options.push(option.clone());
                }
            }
            for column in &field.columns {
                if !known.columns.iter().any(|old| old.key == column.key) {
                    known.columns.push(column.clone());
                }
            }
            return u16::try_from(place).unwrap_or(u16::MAX);
        }
        self.added.push(field.clone());
        u16::try_from(self.added.len() - 1).unwrap_or(u16::MAX)
    }

    fn name(&mut self, place: Field, field: &FormField, clash: &mut impl FnMut(String)) {
        self.names.entry(place).or_insert_with(|| field.label.clone());
        for word in core::iter::once(&field.label).chain(&field.synonyms) {
            let known = *self.words.entry(text::key(word)).or_insert(place);
            if known != place {
                clash(alloc::format!("`{word}` means another field in another form"));
            }
        }
    }

    /// What a label means, already reduced by [`text::key`].
    pub(crate) fn find(&self, key: &str) -> Option<Field> {
        self.words.get(key).copied()
    }

    /// The heading we would write ourselves.
    pub(crate) fn heading(&self, field: Field) -> &str {
        self.names.get(&field).map_or("", String::as_str)
    }

    /// What forms add.
    pub(crate) fn added(&self) -> &[FormField] {
        &self.added
    }
}
