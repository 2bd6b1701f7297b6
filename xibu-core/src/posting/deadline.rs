//! Until when a posting can be answered, from dates as notices write them.
//!
//! A date without a year takes the year of the date before it, or of the day the posting was
//! published. `6月12日前` is read strictly, so that nobody comes a day late: the last day is the
//! 11th. What it is not: working days are not counted (公告之日起7个工作日内 is none).

use alloc::format;
use alloc::vec::Vec;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::explain::Sentence;
use crate::intake::text;

/// How long a posting can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "until")]
pub enum Deadline {
    /// 长期有效, 招满为止.
    Open,
    /// Until the end of a day.
    Day {
        /// The last day.
        last: NaiveDate,
    },
}

impl Deadline {
    /// As it is said to a reader.
    pub fn sentence(&self) -> Sentence {
        match self {
            Deadline::Open => Sentence::new("长期有效", "open-ended"),
            Deadline::Day { last } => {
                let zh = format!("{}年{}月{}日", last.year(), last.month(), last.day());
                Sentence::new(zh, format!("{last}"))
            }
        }
    }
}

/// Phrases behind which the time to apply stands.
const PHRASES: &[&str] = &[
    "报名截止",
    "报名时间",
    "报名日期",
    "报名期限",
    "报名起止",
    "投递截止",
    "投递时间",
    "应聘截止",
    "应聘时间",
    "简历接收截止",
    "招聘截止",
    "有效期至",
];

/// Words of a clause that speaks of another time.
const OTHER: &[&str] = &[
    "审查",
    "审核",
    "复审",
    "笔试",
    "面试",
    "考试",
    "打印",
    "缴费",
    "公示",
    "体检",
    "查询",
    "确认",
    "取得",
    "毕业",
    "年龄",
    "周岁",
    "出生",
    "服务期满",
    "资格",
];

/// China has one civil time; a source that writes UTC means the same instant.
const CHINA_SECONDS_EAST: i32 = 8 * 3600;

/// What stands behind a label such as `报名时间：`.
pub(super) fn from_value(value: &str, published: Option<NaiveDate>) -> Option<Deadline> {
    let tight = text::tight(value);
    let mut last = None;
    'sentences: for sentence in tight.split(['。', ';']).take(3) {
        for clause in sentence.split([',', '，', '(']) {
            if OTHER.iter().any(|word| clause.contains(word)) {
                break 'sentences;
            }
            for date in dates(clause) {
                last = Some(resolve(date, last, published)?);
            }
        }
        if last.is_some() {
            break;
        }
    }
    let open = ["长期", "招满", "不限时间", "常年"];
    match last {
        Some(last) => Some(Deadline::Day { last }),
        None => open.iter().any(|word| tight.contains(word)).then_some(Deadline::Open),
    }
}

/// What a line of running text says: `报名时间为…`, `…报名截止时间为…`.
pub(super) fn from_line(line: &str, published: Option<NaiveDate>) -> Option<Deadline> {
    let phrase = PHRASES.iter().find_map(|phrase| Some(line.find(phrase)? + phrase.len()))?;
    let rest = line[phrase..].trim_start_matches("时间").trim_start_matches("日期");
    // `报名时间：` with nothing behind speaks on the next line, as a label.
    from_value(rest.trim_start_matches([':', '：', '为', '是']), published)
        .filter(|deadline| matches!(deadline, Deadline::Day { .. }))
}

/// schema.org's `validThrough`: a date, or an instant.
pub(super) fn from_schema(value: &str) -> Option<Deadline> {
    let value = value.trim();
    let last = match DateTime::parse_from_rfc3339(value) {
        Ok(instant) => {
            let zone = FixedOffset::east_opt(CHINA_SECONDS_EAST)?;
            instant.with_timezone(&zone).date_naive()
        }
        Err(_) => {
            let date = value.get(..10)?;
            NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?
        }
    };
    Some(Deadline::Day { last })
}

/// A date as written; parts that were not written are none.
#[derive(Clone, Copy, Debug)]
struct Written {
    year: Option<i32>,
    month: Option<u32>,
    day: u32,
    /// Whether 前 follows: the day itself is not meant.
    before: bool,
}

fn resolve(
    date: Written,
    last: Option<NaiveDate>,
    published: Option<NaiveDate>,
) -> Option<NaiveDate> {
    let from = last.or(published);
    let month = date.month.or_else(|| last.map(|last| last.month()))?;
    let day = match date.year {
        Some(year) => NaiveDate::from_ymd_opt(year, month, date.day)?,
        None => {
            let from = from?;
            let this = NaiveDate::from_ymd_opt(from.year(), month, date.day)?;
            if this >= from {
                this
            } else {
                // The turn of the year, and nothing further away: a date in June read in May is
                // past.
                let next = NaiveDate::from_ymd_opt(from.year() + 1, month, date.day)?;
                match next.signed_duration_since(from).num_days() {
                    ..=120 => next,
                    _ if last.is_none() => this,
                    _ => return None,
                }
            }
        }
    };
    let day = if date.before { day.pred_opt()? } else { day };
    last.is_none_or(|last| last <= day || date.before).then_some(day)
}

/// The dates of a clause, in order. Times of day and other numbers are passed over.
fn dates(clause: &str) -> Vec<Written> {
    let mut found = Vec::new();
    let mut rest = clause;
    // What stands behind the last date.
    let mut behind: Option<&str> = None;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        rest = &rest[at..];
        let between = behind.map(|behind| &behind[..behind.len() - rest.len()]);
        match date(rest, between.is_some_and(is_range)) {
            Some((date, after)) => {
                found.push(date);
                rest = after;
                behind = Some(after);
            }
            None => {
                let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                rest = &rest[end..];
            }
        }
        if found.len() == 8 {
            break;
        }
    }
    found
}

/// Whether what stands between two dates makes them a stretch: 至, and a time of day before it.
fn is_range(between: &str) -> bool {
    between.contains(['至', '-', '—', '–', '~', '到', '、'])
}

/// The date at the start of the text and what is behind it. `joined` allows a bare day.
fn date(text: &str, joined: bool) -> Option<(Written, &str)> {
    let (first, digits, rest) = number(text)?;
    let (year, month, rest) = match digits {
        4 if (1990..=2100).contains(&first) => {
            let rest = rest.strip_prefix(['年', '-', '/', '.'])?;
            let (month, digits, rest) = number(rest)?;
            if digits > 2 {
                return None;
            }
            (i32::try_from(first).ok(), month, rest.strip_prefix(['月', '-', '/', '.'])?)
        }
        1 | 2 => match rest.strip_prefix('月') {
            Some(rest) => (None, first, rest),
            None => {
                let rest = rest.strip_prefix(['日', '号']).filter(|_| joined)?;
                let (before, rest) = before(rest);
                return Some((Written { year: None, month: None, day: first, before }, rest));
            }
        },
        _ => return None,
    };
    let (day, digits, rest) = number(rest)?;
    if digits > 2 {
        return None;
    }
    let rest = rest.strip_prefix(['日', '号']).unwrap_or(rest);
    let (before, rest) = before(rest);
    Some((Written { year, month: Some(month), day, before }, rest))
}

fn before(rest: &str) -> (bool, &str) {
    for word in ["以前", "之前", "前"] {
        if let Some(rest) = rest.strip_prefix(word) {
            return (true, rest);
        }
    }
    (false, rest)
}

fn number(text: &str) -> Option<(u32, usize, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number = text[..end].parse().ok()?;
    Some((number, end, &text[end..]))
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};

    use proptest::prelude::*;

    use super::*;

    fn shown(deadline: Option<Deadline>) -> String {
        match deadline {
            None => "-".to_string(),
            Some(Deadline::Open) => "open".to_string(),
            Some(Deadline::Day { last }) => last.to_string(),
        }
    }

    fn published() -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(2026, 6, 1)
    }

    #[track_caller]
    fn check(value: &str, expected: &str) {
        assert_eq!(shown(from_value(value, published())), expected, "{value}");
    }

    #[test]
    fn times_to_apply_as_notices_write_them() {
        check("2026年6月5日9:00至2026年6月12日17:00", "2026-06-12");
        check("2026年6月5日9:00至6月12日17:00", "2026-06-12");
        check("2026年6月5日9:00至12日17:00", "2026-06-12");
        check("2026年12月25日至1月5日", "2027-01-05");
        check("6月5日—6月12日（节假日除外）", "2026-06-12");
        check("６月５日－６月１２日", "2026-06-12");
        check("即日起至2026-07-31", "2026-07-31");
        check("即日起至2026/7/31止", "2026-07-31");
        check("2026.6.5-2026.6.12", "2026-06-12");
        check("6月5日9:00起，至6月12日17:00止。逾期不予受理", "2026-06-12");
        check("6月5日至6月12日，资格审查时间6月15日", "2026-06-12");
        check("2026年6月12日17:00前", "2026-06-12");
        check("2026年6月12日前", "2026-06-11");
        check("1月10日", "2026-01-10");
        check("长期有效", "open");
        check("长期招聘，招满为止", "open");
    }

    #[test]
    fn what_is_not_clear_is_none() {
        check("公告发布之日起7个工作日内", "-");
        check("2026年6月底", "-");
        check("2026年2月30日", "-");
        check("2026年6月12日至2026年6月5日", "-");
        check("详见公告", "-");
        check("9:00-17:00", "-");
        check("", "-");
        assert_eq!(shown(from_value("6月12日", None)), "-");
    }

    #[test]
    fn running_text() {
        let check = |line: &str, expected: &str| {
            assert_eq!(shown(from_line(line, published())), expected, "{line}");
        };
        check("1.网上报名截止时间为2026年6月12日17:00。", "2026-06-12");
        check("报名时间为2026年6月5日至6月12日。", "2026-06-12");
        check("（二）报名时间：6月5日至12日", "2026-06-12");
        check("报名人员须于2026年7月31日前取得毕业证书", "-");
        check("报名时间长期有效", "-");
        check("工作时间：9:00", "-");
    }

    #[test]
    fn schema_instants_are_days_in_china() {
        let check = |value: &str, expected: &str| {
            assert_eq!(shown(from_schema(value)), expected, "{value}");
        };
        check("2026-07-31", "2026-07-31");
        check("2026-07-31T23:59", "2026-07-31");
        check("2026-07-30T16:00:00Z", "2026-07-31");
        check("2026-07-31T23:59:59+08:00", "2026-07-31");
        check("soon", "-");
        check("二〇二六年七月", "-");
    }

    proptest! {
        #[test]
        fn nothing_panics(any in ".{0,80}", odd in "[0-9年月日号前至\\-—:，。/.]{0,40}") {
            for typed in [&any, &odd] {
                from_value(typed, published());
                from_line(typed, None);
                from_schema(typed);
            }
        }
    }
}
