//! Typed text made plain: full-width characters, odd spaces, brackets. Not what it means.

use alloc::format;
use alloc::string::String;

use crate::cell::CellValue;

/// Half-width, one kind of space, no invisible characters, trimmed.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{ff01}'..='\u{ff5e}' => {
                out.push(char::from_u32(character as u32 - 0xfee0).unwrap_or(character));
            }
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' => {}
            c if c.is_whitespace() || c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    let trimmed = out.trim();
    if trimmed.len() == out.len() { out } else { String::from(trimmed) }
}

/// Plain text without any space.
pub(crate) fn tight(text: &str) -> String {
    let mut out = plain(text);
    out.retain(|character| character != ' ');
    out
}

/// A heading reduced to what counts: no spaces, no brackets and what is in them, no marks, lower
/// case.
pub(crate) fn key(text: &str) -> String {
    let mut out = String::new();
    let mut depth = 0_u32;
    for character in tight(text).chars() {
        match character {
            '(' | '[' | '【' | '〔' | '{' | '<' | '《' => depth += 1,
            ')' | ']' | '】' | '〕' | '}' | '>' | '》' => depth = depth.saturating_sub(1),
            '*' | ':' | '、' | '/' | ',' | '.' | '。' | '·' | '-' | '_' | '"' | '“' | '”' | '※' =>
                {}
            _ if depth > 0 => {}
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// A whole number without the `.0` that programs leave behind it when they turn it into text.
pub(super) fn without_point_zero(typed: &str) -> &str {
    match typed.split_once('.') {
        Some((whole, zeros))
            if !whole.is_empty()
                && !zeros.is_empty()
                && whole.bytes().all(|byte| byte.is_ascii_digit())
                && zeros.bytes().all(|byte| byte == b'0') =>
        {
            whole
        }
        _ => typed,
    }
}

/// What a cell shows, plain; empty for an error value.
pub(super) fn shown(value: &CellValue) -> String {
    match value {
        CellValue::Text(text) => plain(text),
        CellValue::Number(number) | CellValue::Date(number) => match whole(*number) {
            Some(whole) => format!("{whole}"),
            None => format!("{number}"),
        },
        CellValue::Boolean(true) => String::from("是"),
        CellValue::Boolean(false) => String::from("否"),
        CellValue::Error(_) => String::new(),
    }
}

/// Whether a cell holds nothing but spaces.
pub(super) fn is_blank(value: &CellValue) -> bool {
    matches!(value, CellValue::Text(text)
        if text.chars().all(|c| c.is_whitespace() || c.is_control() || ('\u{200b}'..='\u{200f}').contains(&c) || c == '\u{feff}'))
}

/// The number as a whole one, if it is whole and small enough to be exact.
pub(super) fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if !(-EXACT..=EXACT).contains(&number) {
        return None;
    }
    let cut = number as i64;
    (cut as f64 == number).then_some(cut)
}
