//! What the words about an accident say: kind, day, persons, whether anything was done. Never the
//! words themselves.

use alloc::string::String;
use alloc::vec::Vec;

use chrono::{NaiveDate, NaiveDateTime};

use super::entry::Entry;
use super::{Field, IncidentRow};
use crate::cell::CellValue;
use crate::incident::IncidentKind;
use crate::intake::count;
use crate::intake::date::{self, TypedDate};
use crate::intake::refusal::Warning;
use crate::intake::text;
use crate::period::Period;

/// Words by which a kind is known; the first kind that fits counts.
const KINDS: &[(IncidentKind, &[&str])] = &[
    (IncidentKind::Traffic, &["交通", "车祸", "翻车", "追尾", "撞车", "电动车", "摩托"]),
    (
        IncidentKind::Disaster,
        &["火灾", "起火", "触电", "溺水", "洪水", "滑坡", "泥石流", "煤气", "中毒", "灾"],
    ),
    (IncidentKind::Property, &["盗", "被骗", "诈骗", "财物", "丢失"]),
    (IncidentKind::Injury, &["伤", "摔", "骨折", "跌", "咬", "烫", "坠", "殴"]),
    (IncidentKind::Illness, &["病", "发热", "发烧", "感冒", "流感", "住院", "炎", "手术", "健康"]),
    (IncidentKind::Other, &["其他", "其它"]),
];

/// Words that say something was done.
const DONE: &[&str] =
    &["已", "送医", "治疗", "救治", "处理", "报警", "上报", "整改", "慰问", "就医", "康复"];

/// Words that say where. Kind on purpose: whoever named a place in free words is not asked again.
const PLACES: &[&str] = &[
    "途中",
    "路上",
    "路段",
    "公路",
    "街",
    "村",
    "镇",
    "乡",
    "社区",
    "宿舍",
    "寝室",
    "学校",
    "单位",
    "办公室",
    "食堂",
    "工地",
    "家中",
    "家里",
    "河",
    "水库",
    "桥",
    "操场",
    "教室",
    "车上",
    "车站",
];

impl IncidentRow {
    /// An accident of which only is known that it happened.
    pub(super) const fn unknown() -> Self {
        Self {
            kind: IncidentKind::Other,
            occurred: None,
            persons: None,
            measures_told: false,
            kind_told: false,
            place_told: false,
        }
    }
}

/// How many cases the words speak of (`2起`); one where they do not say.
pub(super) fn cases(typed: &str) -> u32 {
    let tight = text::tight(typed);
    let digits: String = match tight.split_once('起') {
        Some((before, _)) => before.chars().rev().take_while(char::is_ascii_digit).collect(),
        None => String::new(),
    };
    digits.chars().rev().collect::<String>().parse().unwrap_or(1)
}

/// Reads one line of the accident table of a form.
pub(super) fn from_line(line: &[Entry], period: Period) -> (IncidentRow, Vec<Warning>) {
    let mut warnings = Vec::new();
    let value = |field| {
        line.iter().find(|entry| entry.field == field).and_then(|entry| entry.value.as_ref())
    };
    let words = |field| value(field).map(text::shown).unwrap_or_default();
    let kind = kind(&words(Field::IncidentKind));
    if kind.is_none() {
        warnings.push(Warning::IncidentKindNotSaid);
    }
    let occurred = value(Field::IncidentTime).and_then(|value| moment(value, period));
    if occurred.is_none() {
        warnings.push(Warning::IncidentDayNotReadable);
    }
    let persons = value(Field::IncidentPersons).and_then(|value| match count::read(value) {
        Ok(count::Said::Number(count)) => Some(count),
        Ok(count::Said::Nil) => Some(0),
        Ok(count::Said::Words(count)) => count,
        _ => None,
    });
    let told = |field| {
        value(field).is_some_and(|value| {
            !matches!(count::read(value), Ok(count::Said::Dash | count::Said::Nil) | Err(_))
        })
    };
    let (measures_told, place_told) = (told(Field::IncidentMeasures), told(Field::IncidentPlace));
    let (kind, kind_told) = (kind.unwrap_or(IncidentKind::Other), kind.is_some());
    let row = IncidentRow { kind, occurred, persons, measures_told, kind_told, place_told };
    (row, warnings)
}

/// Reads free words such as `1起：6月12日下村途中摔伤1人，已送医`.
pub(super) fn from_words(typed: &str, period: Period) -> (IncidentRow, Vec<Warning>) {
    let tight: String = text::tight(typed).chars().take(4_000).collect();
    let mut warnings = Vec::new();
    let kind = kind(&tight);
    if kind.is_none() {
        warnings.push(Warning::IncidentKindNotSaid);
    }
    let occurred = day_within(&tight, period).and_then(|day| day.and_hms_opt(12, 0, 0));
    if occurred.is_none() {
        warnings.push(Warning::IncidentDayNotReadable);
    }
    let persons = tight.match_indices(['人', '名']).find_map(|(at, mark)| {
        count::first_count(&alloc::format!("{}{mark}", last_number(&tight[..at])))
    });
    let measures_told = DONE.iter().any(|word| tight.contains(word));
    let place_told = PLACES.iter().any(|word| tight.contains(word));
    let (kind, kind_told) = (kind.unwrap_or(IncidentKind::Other), kind.is_some());
    let row = IncidentRow { kind, occurred, persons, measures_told, kind_told, place_told };
    (row, warnings)
}

fn last_number(before: &str) -> &str {
    let digits = |c: &char| c.is_ascii_digit() || "一二两三四五六七八九十".contains(*c);
    let length: usize = before.chars().rev().take_while(digits).map(char::len_utf8).sum();
    &before[before.len() - length..]
}

fn kind(words: &str) -> Option<IncidentKind> {
    KINDS
        .iter()
        .find(|(_, known)| known.iter().any(|word| words.contains(word)))
        .map(|(kind, _)| *kind)
}

/// A day with its hour where told; noon where only the day is told.
fn moment(value: &CellValue, period: Period) -> Option<NaiveDateTime> {
    if let CellValue::Date(serial) = value {
        let day = date::read(value).ok()?.first()?;
        let seconds = ((serial - (*serial as i64) as f64) * 86_400.0 + 0.5) as u32;
        let (hour, minute) = (seconds / 3_600, seconds / 60 % 60);
        return if seconds == 0 {
            day.and_hms_opt(12, 0, 0)
        } else {
            day.and_hms_opt(hour, minute, 0)
        };
    }
    let shown = text::shown(value);
    let day = match date::read(value) {
        Ok(TypedDate::Day(day)) => day,
        _ => day_within(&text::tight(&shown), period)?,
    };
    let (hour, minute) = hour(&shown).unwrap_or((12, 0));
    day.and_hms_opt(hour, minute, 0)
}

/// `14:30` or `14时30分` anywhere in the text.
fn hour(shown: &str) -> Option<(u32, u32)> {
    let at = shown.find([':', '时'])?;
    let hour = last_number(&shown[..at]).parse().ok().filter(|hour| *hour < 24)?;
    let after = shown[at..].chars().skip(1).take_while(char::is_ascii_digit).collect::<String>();
    Some((hour, after.parse().ok().filter(|minute| *minute < 60).unwrap_or(0)))
}

/// `6月12日` or a whole date within a sentence; the year is that of the reported month.
fn day_within(tight: &str, period: Period) -> Option<NaiveDate> {
    for (at, _) in tight.match_indices('月') {
        let month = date::number(last_number(&tight[..at]))?;
        let after = &tight[at + '月'.len_utf8()..];
        let Some((day, _)) = after.split_once(['日', '号']) else { continue };
        let Some(day) = date::number(day) else { continue };
        // A December accident told in January happened in the year before.
        let year = if month > period.month() { period.year() - 1 } else { period.year() };
        if let Some(date) = NaiveDate::from_ymd_opt(year, month, day) {
            return Some(date);
        }
    }
    None
}
