//! What a form adds to the fields that come with the software, read by its kind alone.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::entry::Reader;
use super::list::{List, ListLine};
use super::people::take;
use super::{Field, Section};
use crate::cell::CellValue;
use crate::form::{FieldKind, FormField};
use crate::intake::count::{self, Said};
use crate::intake::date;
use crate::intake::refusal::{Refusal, Warning};
use crate::intake::text;
use crate::returns::{Answer, FieldValue};

/// Every added field that is answered, by its key.
pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    lines: &[ListLine],
) -> BTreeMap<String, FieldValue> {
    let lexicon = reader.lexicon;
    let mut values = BTreeMap::new();
    for (number, field) in (0_u16..).zip(lexicon.added()) {
        let value = match field.kind {
            FieldKind::Lines => listed(reader, number, field, lines),
            _ => one(reader, Field::Added(number), field),
        };
        if let Some(value) = value {
            values.insert(field.key.clone(), value);
        }
    }
    if let Some(value) = correction(reader) {
        values.insert(Field::Correction.key().into(), value);
    }
    values
}

/// 更正原因: one of the words our own form offers; in others' words it is 其他原因, and they stay
/// apart.
fn correction(reader: &mut Reader<'_, '_>) -> Option<FieldValue> {
    const OTHER: &str = "其他原因";
    let form = crate::form::Form::built_in();
    let (_, value) = reader.value(Field::Correction)?;
    let typed = text::tight(&text::shown(value));
    if typed.is_empty() || matches!(count::read(value), Ok(Said::Nil | Said::Dash)) {
        return None;
    }
    let options = &form.field(Field::Correction.key())?.options;
    if let Some(known) = options.iter().find(|option| **option == typed) {
        return Some(FieldValue::Choice(known.clone()));
    }
    reader.note(Field::Correction, Section::Added(Field::Correction.key().into()));
    Some(FieldValue::Choice(OTHER.into()))
}

fn one(reader: &mut Reader<'_, '_>, place: Field, field: &FormField) -> Option<FieldValue> {
    match field.kind {
        FieldKind::Cases => match reader.counted(place, Section::Added(field.key.clone())) {
            Answer::Unanswered => None,
            Answer::Nil => Some(FieldValue::Nil),
            Answer::Told(count) => Some(FieldValue::Count(count)),
        },
        FieldKind::Text => {
            let (_, value) = reader.value(place)?;
            let said = count::read(value);
            let value = reader.optional(place, |value| of_kind(field, value))?;
            if said == Ok(Said::Dash) {
                reader.warn(place, Warning::DashIsNoAnswer);
                return None;
            }
            if value == FieldValue::Told {
                reader.note(place, Section::Added(field.key.clone()));
            }
            Some(value)
        }
        _ => reader.optional(place, |value| of_kind(field, value)),
    }
}

fn listed(
    reader: &mut Reader<'_, '_>,
    number: u16,
    field: &FormField,
    lines: &[ListLine],
) -> Option<FieldValue> {
    let mut told = Vec::new();
    for line in lines.iter().filter(|line| line.list == List::Added(number)) {
        let mut values = BTreeMap::new();
        for entry in &line.cells {
            let Field::AddedColumn(_, column) = entry.field else { continue };
            let Some(column) = field.columns.get(usize::from(column)) else { continue };
            let Some(value) = take(reader, Some(entry), |value| of_kind(column, value)) else {
                continue;
            };
            if let (FieldValue::Told, Some(CellValue::Text(typed))) = (&value, &entry.value) {
                reader.note_words(typed, Section::Added(field.key.clone()));
            }
            values.insert(column.key.clone(), value);
        }
        if !values.is_empty() {
            reader.line_stands(&field.key, told.len(), line);
            told.push(values);
        }
    }
    if !told.is_empty() {
        return Some(FieldValue::Lines(told));
    }
    let (_, value) = reader.value(Field::Added(number))?;
    (count::read(value) == Ok(Said::Nil)).then_some(FieldValue::Nil)
}

/// A cell by the kind of its field. 无 is an answer to every kind but a choice that does not offer
/// it.
fn of_kind(field: &FormField, value: &CellValue) -> Result<FieldValue, Refusal> {
    let nil = || count::read(value) == Ok(Said::Nil);
    match field.kind {
        FieldKind::Count | FieldKind::Cases => match count::read(&bare(field, value))? {
            Said::Nil => Ok(FieldValue::Count(0)),
            Said::Number(count) => Ok(FieldValue::Count(count)),
            Said::Dash => Err(Refusal::ValueMissing),
            Said::Words(_) => Err(Refusal::CountNotReadable),
        },
        FieldKind::YesNo => yes_or_no(value).map(FieldValue::YesNo),
        FieldKind::Day if nil() => Ok(FieldValue::Nil),
        FieldKind::Day => match date::read(value)? {
            date::TypedDate::Day(day) => Ok(FieldValue::Day(day)),
            _ => Err(Refusal::DateNotReadable),
        },
        FieldKind::Choice => choice(&field.options, value),
        FieldKind::Text | FieldKind::Lines => {
            if matches!(value, CellValue::Error(_)) {
                return Err(Refusal::CellIsError);
            }
            Ok(if nil() { FieldValue::Nil } else { FieldValue::Told })
        }
    }
}

/// The value without the field's own measure: `4天`.
fn bare(field: &FormField, value: &CellValue) -> CellValue {
    match value {
        CellValue::Text(typed) if !field.measure.is_empty() => {
            let tight = text::tight(typed);
            CellValue::Text(tight.trim_end_matches(field.measure.as_str()).into())
        }
        value => value.clone(),
    }
}

fn yes_or_no(value: &CellValue) -> Result<bool, Refusal> {
    if matches!(value, CellValue::Error(_)) {
        return Err(Refusal::CellIsError);
    }
    match text::tight(&text::shown(value)).as_str() {
        "" | "-" | "/" | "—" => Err(Refusal::ValueMissing),
        "是" | "有" | "已" | "√" | "✓" | "y" | "Y" | "yes" => Ok(true),
        "否" | "无" | "没有" | "未" | "×" | "✗" | "n" | "N" | "no" => Ok(false),
        _ => Err(Refusal::YesOrNoNotReadable),
    }
}

fn choice(options: &[String], value: &CellValue) -> Result<FieldValue, Refusal> {
    if matches!(value, CellValue::Error(_)) {
        return Err(Refusal::CellIsError);
    }
    let plain = text::key(&text::shown(value));
    if plain.is_empty() {
        return Err(Refusal::ValueMissing);
    }
    options
        .iter()
        .find(|option| text::key(option) == plain)
        .map(|option| FieldValue::Choice(option.clone()))
        .ok_or_else(|| Refusal::ChoiceNotOffered { options: options.join("、") })
}
