//! Numbers of people and things as typed, and the words that say there is nothing.

use alloc::string::String;

use super::date::number;
use super::refusal::Refusal;
use super::text;
use crate::cell::CellValue;

/// What was said where a number was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// A dash, a stroke or 未填: not an answer.
    Dash,
    /// 无, 安全无事, 零, 0: expressly nothing.
    Nil,
    /// A number alone, such as 3 or 3人.
    Number(u32),
    /// Words, with the first number of people or things in them.
    Words(Option<u32>),
}

/// The whole of what counts as saying nothing. A closed list: 无大碍的擦伤 begins with 无 and is no
/// nil.
const NIL: &[&str] = &[
    "无",
    "没有",
    "零",
    "0",
    "〇",
    "无事",
    "安全无事",
    "安全无事故",
    "平安无事",
    "平安",
    "安全",
    "零报告",
    "零事故",
    "无事故",
    "无安全事故",
    "无健康事故",
    "无安全健康事故",
    "无安全、健康事故",
    "无意外",
    "未发生",
    "未发生事故",
    "未发生安全事故",
    "没有发生",
    "没有事故",
    "无隐患",
    "未发现隐患",
    "无安全隐患",
    "无患病",
    "无患病人员",
    "无病",
    "无人患病",
    "健康",
    "身体健康",
    "均健康",
    "全部健康",
    "健康状况良好",
    "良好",
    "正常",
    "均正常",
    "一切正常",
    "无异常",
    "无困难",
    "无诉求",
    "无需求",
    "无困难和诉求",
    "无困难诉求",
    "暂无",
    "无情况",
    "无特殊情况",
    "无此情况",
    "否",
    "没",
    "无。",
    "nil",
    "none",
    "o",
];

/// The most of anything that is believed; more is a typing error.
const COUNT_MAX: i64 = 100_000;

/// Reads what was said.
///
/// # Errors
/// [`Refusal::CellIsError`], or [`Refusal::CountNotReadable`] for a fraction, a negative or an
/// absurd number.
///
/// ```
/// use xibu_core::cell::CellValue;
/// use xibu_core::intake::count::{Said, read};
/// let said = |text: &str| read(&CellValue::Text(text.into()));
/// assert_eq!(said("安全无事。"), Ok(Said::Nil));
/// assert_eq!(said("２人"), Ok(Said::Number(2)));
/// assert_eq!(said("无大碍的擦伤"), Ok(Said::Words(None)));
/// assert_eq!(said("/"), Ok(Said::Dash));
/// ```
pub fn read(value: &CellValue) -> Result<Said, Refusal> {
    match value {
        CellValue::Error(_) => Err(Refusal::CellIsError),
        CellValue::Boolean(false) => Ok(Said::Nil),
        CellValue::Boolean(true) | CellValue::Date(_) => Err(Refusal::CountNotReadable),
        CellValue::Number(typed) => match text::whole(*typed) {
            Some(0) => Ok(Said::Nil),
            Some(count @ 1..=COUNT_MAX) => Ok(Said::Number(count as u32)),
            _ => Err(Refusal::CountNotReadable),
        },
        CellValue::Text(typed) => from_text(typed),
    }
}

fn from_text(typed: &str) -> Result<Said, Refusal> {
    let mut tight = text::tight(typed);
    tight.make_ascii_lowercase();
    if tight.is_empty() {
        return Err(Refusal::ValueMissing);
    }
    if tight
        .chars()
        .all(|c| matches!(c, '-' | '/' | '\\' | '—' | '–' | '_' | '―' | '一' | '~' | '.'))
        && tight != "一"
    {
        return Ok(Said::Dash);
    }
    if matches!(tight.as_str(), "未填" | "未报" | "不详" | "不清楚") {
        return Ok(Said::Dash);
    }
    let bare = tight
        .trim_end_matches(['。', '.', '!', ',', ';', '，', '；'])
        .trim_start_matches("本月")
        .trim_start_matches("目前");
    let bare = text::without_point_zero(bare);
    if NIL.contains(&bare) {
        return Ok(Said::Nil);
    }
    if tight.starts_with('-') && tight[1..].parse::<f64>().is_ok() {
        return Err(Refusal::CountNotReadable);
    }
    if let Some(number) = alone(bare) {
        return match number {
            0 => Ok(Said::Nil),
            1..=COUNT_MAX => Ok(Said::Number(number as u32)),
            _ => Err(Refusal::CountNotReadable),
        };
    }
    Ok(Said::Words(first_count(bare)))
}

/// What things are counted by.
const MEASURES: &[char] = &['人', '名', '位', '起', '处', '件', '例', '项', '个', '次', '条', '宗'];

/// A number with at most one measure word behind it, optionally 共 before it.
fn alone(bare: &str) -> Option<i64> {
    let bare = bare.trim_start_matches('共').trim_end_matches(MEASURES);
    if bare.bytes().all(|byte| byte.is_ascii_digit()) {
        return match bare.len() {
            0 => None,
            1..=9 => bare.parse().ok(),
            _ => Some(i64::MAX),
        };
    }
    // 3.0, as some programs write whole numbers.
    if let Some((whole, zeros)) = bare.split_once('.')
        && !zeros.is_empty()
        && zeros.bytes().all(|byte| byte == b'0')
    {
        return whole.parse().ok();
    }
    number(bare).map(i64::from)
}

/// The first number that counts people or things: `2人感冒` is 2, `6月12日1人摔伤` is 1.
pub(super) fn first_count(text: &str) -> Option<u32> {
    let mut run = String::new();
    for character in text.chars() {
        if character.is_ascii_digit() || "一二两三四五六七八九十".contains(character) {
            run.push(character);
            continue;
        }
        if MEASURES.contains(&character)
            && let Some(count) = number(&run)
            && i64::from(count) <= COUNT_MAX
        {
            return Some(count);
        }
        run.clear();
    }
    None
}
