//! Days and months as typed: serials, 2026-07-01, 2026.7, 20260701, 2026年7月1日, 二〇二六年七月.
//!
//! Two-digit years and day-first forms are not guessed at.

use alloc::string::String;
use alloc::vec::Vec;

use chrono::{Datelike, Days, NaiveDate};

use super::refusal::Refusal;
use super::text;
use crate::cell::CellValue;
use crate::period::Period;

/// What was typed where a day was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypedDate {
    /// A day.
    Day(NaiveDate),
    /// Only a month.
    Month(Period),
    /// 至今, 长期: no end.
    Open,
}

impl TypedDate {
    /// The first day it speaks of; none where open.
    pub fn first(self) -> Option<NaiveDate> {
        match self {
            TypedDate::Day(day) => Some(day),
            TypedDate::Month(month) => Some(month.day(1)),
            TypedDate::Open => None,
        }
    }

    /// The day after the last it speaks of; none where open.
    pub fn end(self) -> Option<NaiveDate> {
        match self {
            TypedDate::Day(day) => day.checked_add_days(Days::new(1)),
            TypedDate::Month(month) => Some(month.next().day(1)),
            TypedDate::Open => None,
        }
    }
}

/// Reads a day, or a month where no day is given.
///
/// # Errors
/// [`Refusal::CellIsError`], [`Refusal::DateNotReadable`], [`Refusal::DateAmbiguous`] or
/// [`Refusal::DateDoesNotExist`].
///
/// ```
/// use xibu_core::cell::CellValue;
/// use xibu_core::intake::date::{TypedDate, read};
/// let day = chrono::NaiveDate::from_ymd_opt(2026, 7, 1).unwrap();
/// let hyphens = ["2026-07-01", "2026/7/1", "20260701"];
/// let chinese = ["2026年7月1日", "２０２６．７．１", "二〇二六年七月一日"];
/// for typed in hyphens.into_iter().chain(chinese) {
///     assert_eq!(read(&CellValue::Text(typed.into())), Ok(TypedDate::Day(day)));
/// }
/// assert_eq!(read(&CellValue::Date(46204.0)), Ok(TypedDate::Day(day)));
/// ```
pub fn read(value: &CellValue) -> Result<TypedDate, Refusal> {
    match value {
        CellValue::Error(_) => Err(Refusal::CellIsError),
        CellValue::Boolean(_) => Err(Refusal::DateNotReadable),
        CellValue::Date(serial) => from_serial(*serial).map(TypedDate::Day),
        CellValue::Number(number) => from_number(*number),
        CellValue::Text(typed) => from_text(typed),
    }
}

/// Reads the month a report is for; `6月` alone is the latest June that had begun by `received`.
///
/// # Errors
/// [`Refusal::CellIsError`] or [`Refusal::MonthNotReadable`]; [`Refusal::DateAmbiguous`].
pub fn read_month(value: &CellValue, received: NaiveDate) -> Result<Period, Refusal> {
    if let CellValue::Text(typed) = value {
        let tight = text::tight(typed);
        let tight = tight.trim_end_matches(['份', '度']);
        if let Some(month) = bare_month(tight) {
            let year = if month > received.month() { received.year() - 1 } else { received.year() };
            return Period::new(year, month).map_err(|_| Refusal::MonthNotReadable);
        }
        return month_of(from_text(tight));
    }
    month_of(read(value))
}

fn month_of(read: Result<TypedDate, Refusal>) -> Result<Period, Refusal> {
    match read {
        Ok(TypedDate::Day(day)) => Ok(Period::of(day)),
        Ok(TypedDate::Month(month)) => Ok(month),
        Ok(TypedDate::Open) => Err(Refusal::MonthNotReadable),
        Err(Refusal::DateNotReadable | Refusal::DateDoesNotExist) => Err(Refusal::MonthNotReadable),
        Err(other) => Err(other),
    }
}

fn bare_month(tight: &str) -> Option<u32> {
    let number = tight.strip_suffix('月')?;
    let month = match numbers(number)?.as_slice() {
        [(month, _)] => *month,
        _ => return None,
    };
    (1..=12).contains(&month).then_some(month)
}

/// Reads a stretch such as `2025.8-2026.7`, `2025年8月1日至2026年7月31日`: first day, and the day
/// after the last.
///
/// # Errors
/// As [`read`], and [`Refusal::EndsBeforeItBegins`].
pub fn read_span(value: &CellValue) -> Result<(NaiveDate, Option<NaiveDate>), Refusal> {
    let CellValue::Text(typed) = value else {
        return Err(match value {
            CellValue::Error(_) => Refusal::CellIsError,
            _ => Refusal::DateNotReadable,
        });
    };
    let tight = text::tight(typed);
    let (first, last) = halves(&tight).ok_or(Refusal::DateNotReadable)?;
    let first = from_text(first)?.first().ok_or(Refusal::DateNotReadable)?;
    let end = from_text(last)?.end();
    match end {
        Some(end) if end <= first => Err(Refusal::EndsBeforeItBegins),
        end => Ok((first, end)),
    }
}

fn halves(tight: &str) -> Option<(&str, &str)> {
    for mark in ["至", "到", "~", "—", "–", "起"] {
        if let Some((first, last)) = tight.split_once(mark) {
            let last = last.trim_start_matches(['—', '–', '至']);
            return (!last.is_empty() && last != "今").then_some((first, last)).or({
                // `2025年8月至今`
                (last == "今").then_some((first, "至今"))
            });
        }
    }
    // Hyphens join the halves only where something else parts year and month, or there is an odd
    // one out.
    let hyphens: Vec<usize> = tight.match_indices('-').map(|(at, _)| at).collect();
    let middle = *hyphens.get(hyphens.len() / 2)?;
    (hyphens.len() % 2 == 1).then(|| (&tight[..middle], &tight[middle + 1..]))
}

fn from_serial(serial: f64) -> Result<NaiveDate, Refusal> {
    // Day 61 is 1 March 1900 in the 1900 system; before it the programs count a day that never was.
    if !(61.0..=401_768.0).contains(&serial) {
        return Err(Refusal::DateDoesNotExist);
    }
    NaiveDate::from_ymd_opt(1899, 12, 30)
        .and_then(|zero| zero.checked_add_days(Days::new(serial as u64)))
        .ok_or(Refusal::DateDoesNotExist)
}

fn from_number(number: f64) -> Result<TypedDate, Refusal> {
    match text::whole(number) {
        // A serial whose cell lost its date format: 1954 to 2119.
        Some(20_000..=80_000) => from_serial(number).map(TypedDate::Day),
        Some(digits @ 190_001..=299_912) => month(digits / 100, digits % 100),
        Some(digits @ 19_000_101..=29_991_231) => {
            day(digits / 10_000, digits / 100 % 100, digits % 100)
        }
        Some(_) => Err(Refusal::DateNotReadable),
        // 2026.1 may have been typed 2026.10; 2026.11, 2026.12 and 2026.2 to 2026.9 are clear.
        None if (1900.0..3000.0).contains(&number) => {
            let hundredths = (number * 100.0 + 0.5) as i64;
            let (year, rest) = (hundredths / 100, hundredths % 100);
            let exact = (number * 100.0 - hundredths as f64).abs() < 1e-6;
            match rest {
                10 if exact => Err(Refusal::DateAmbiguous),
                11 | 12 | 1..=9 if exact => month(year, rest),
                20 | 30 | 40 | 50 | 60 | 70 | 80 | 90 if exact => month(year, rest / 10),
                _ => Err(Refusal::DateNotReadable),
            }
        }
        None => Err(Refusal::DateNotReadable),
    }
}

fn from_text(typed: &str) -> Result<TypedDate, Refusal> {
    let plain = text::plain(typed);
    let mut date = without_time(&plain);
    if date.is_empty() {
        return Err(Refusal::ValueMissing);
    }
    if matches!(date, "至今" | "今" | "长期" | "在岗" | "在职" | "无固定期限") {
        return Ok(TypedDate::Open);
    }
    date = date.trim_end_matches(['止', '起', '。', '.']);
    // 45870.0 and 20250801.0 were numbers once; 2026.0 is no month.
    let bare = text::without_point_zero(date);
    if bare.len() > 4 {
        date = bare;
    }
    let numbers = numbers(date).ok_or(Refusal::DateNotReadable)?;
    match numbers.as_slice() {
        [(year, 4), (m, 1..=2), (d, 1..=2)] => day((*year).into(), (*m).into(), (*d).into()),
        [(year, 4), (m, 1..=2)] => month((*year).into(), (*m).into()),
        [(digits, 8)] => {
            let digits = i64::from(*digits);
            day(digits / 10_000, digits / 100 % 100, digits % 100)
        }
        [(digits, 6)] => month(i64::from(*digits) / 100, i64::from(*digits) % 100),
        [(serial, 5)] => from_number(f64::from(*serial)),
        _ => Err(Refusal::DateNotReadable),
    }
}

/// Cuts ` 00:00:00` or `T08:30` off.
fn without_time(plain: &str) -> &str {
    match plain.split_once([' ', 'T']) {
        Some((date, time)) if time.contains(':') => date,
        _ => plain,
    }
}

fn day(year: i64, month: i64, day: i64) -> Result<TypedDate, Refusal> {
    let part = |number: i64| u32::try_from(number).unwrap_or(0);
    if !(1900..=2999).contains(&year) {
        return Err(Refusal::DateNotReadable);
    }
    NaiveDate::from_ymd_opt(year as i32, part(month), part(day))
        .map(TypedDate::Day)
        .ok_or(Refusal::DateDoesNotExist)
}

fn month(year: i64, month: i64) -> Result<TypedDate, Refusal> {
    if !(1900..=2999).contains(&year) {
        return Err(Refusal::DateNotReadable);
    }
    Period::new(year as i32, u32::try_from(month).unwrap_or(0))
        .map(TypedDate::Month)
        .map_err(|_| Refusal::DateDoesNotExist)
}

/// The numbers of a date text with how many digits each was typed with; none where other words
/// stand between.
fn numbers(date: &str) -> Option<Vec<(u32, usize)>> {
    let mut found = Vec::new();
    let mut current = String::new();
    for character in date.chars() {
        match character {
            '0'..='9' => current.push(character),
            '〇' | '○' | '零' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九'
            | '十' => {
                current.push(character);
            }
            '年' | '月' | '日' | '号' | '.' | '/' | '-' | '\\' | ' ' | '、' | '。' | '—' | '–' =>
            {
                take(&mut current, &mut found)?;
            }
            _ => return None,
        }
    }
    take(&mut current, &mut found)?;
    Some(found)
}

fn take(current: &mut String, found: &mut Vec<(u32, usize)>) -> Option<()> {
    if current.is_empty() {
        return Some(());
    }
    if found.len() == 3 {
        return None;
    }
    let number = number(current)?;
    // 十一 is typed with two signs like 11; 二十一 with three, so count the digits it stands for.
    let digits = if current.contains('十') {
        if number < 10 { 1 } else { 2 }
    } else {
        current.chars().count()
    };
    found.push((number, digits));
    current.clear();
    Some(())
}

/// A number in Arabic digits or Chinese numerals below 100, or digit by digit (二〇二六).
pub(crate) fn number(text: &str) -> Option<u32> {
    let digit = |c: char| match c {
        '〇' | '○' | '零' => Some(0),
        '一' => Some(1),
        '二' | '两' => Some(2),
        '三' => Some(3),
        '四' => Some(4),
        '五' => Some(5),
        '六' => Some(6),
        '七' => Some(7),
        '八' => Some(8),
        '九' => Some(9),
        c => c.to_digit(10),
    };
    if let Some((tens, ones)) = text.split_once('十') {
        let part = |text: &str, empty| {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (None, _) => Some(empty),
                (Some(c), None) => digit(c),
                _ => None,
            }
        };
        return Some(part(tens, 1)? * 10 + part(ones, 0)?);
    }
    if text.is_empty() || text.chars().count() > 9 {
        return None;
    }
    text.chars().try_fold(0_u32, |sum, c| Some(sum * 10 + digit(c)?))
}
