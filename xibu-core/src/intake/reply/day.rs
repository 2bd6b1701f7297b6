//! The day by which somebody promises a report: 26日前报, 明天交, 6月26日报, 周五前.
//!
//! A day counts only beside a verb of handing in, before 前, or where it stands alone. Of two days
//! the earlier counts: whoever promised the later one hears once more too early, not too late.

use alloc::string::String;

use chrono::{Datelike, Days, Months, NaiveDate};

use super::letters::{GAP, Letters, STOP_MARK, stands_at, word_at};
use super::words;
use crate::intake::date::number;

/// A day without its month or year that lies behind is believed of the next one if that is no
/// further than this.
const AHEAD_DAYS_MAX: u64 = 15;

/// What was promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Promise {
    By(NaiveDate),
    /// The day lies behind, or does not exist.
    NotPossible,
    None,
}

/// What is promised, seen from the day it came.
pub(super) fn promise(letters: &Letters, received: NaiveDate) -> Promise {
    if letters.has_any(words::REFUSES) || letters.has_any(words::DONE) {
        return Promise::None;
    }
    let all = letters.all();
    let mut earliest: Option<NaiveDate> = None;
    let mut impossible = false;
    let mut at = 0;
    while at < all.len() {
        let Some((day, length)) = day_at(all, at, received) else {
            at += 1;
            continue;
        };
        if is_promised(all, at, at + length) {
            match day {
                Some(day) => earliest = Some(earliest.map_or(day, |before| before.min(day))),
                None => impossible = true,
            }
        }
        at += length;
    }
    match earliest {
        Some(day) => Promise::By(day),
        None if impossible => Promise::NotPossible,
        None => Promise::None,
    }
}

/// 收到 and its like, and nothing else of weight.
pub(super) fn is_bare_acknowledgement(letters: &Letters) -> bool {
    let mut acknowledged = false;
    for slot in letters.slots() {
        let is = |word: &&str| stands_at(slot, 0, word) == Some(slot.len());
        if words::ACKNOWLEDGED.iter().any(|word| is(word)) {
            acknowledged = true;
        } else if !words::FILLERS.iter().any(|word| is(word)) {
            return false;
        }
    }
    acknowledged
}

/// Whether the day between these places is promised: 前 or a verb follows within its clause, or it
/// stands alone.
fn is_promised(all: &[char], from: usize, to: usize) -> bool {
    let is_mark = |letter: &char| matches!(*letter, GAP | STOP_MARK | '?');
    let end = all[to..].iter().position(is_mark).map_or(all.len(), |mark| to + mark);
    let begin = all[..from].iter().rposition(is_mark).map_or(0, |mark| mark + 1);
    let after = &all[to..end];
    if word_at(after, 0, &["前", "之前", "以前", "内", "以内", "之内"]).is_some() {
        return !(0..after.len()).any(|at| word_at(after, at, &["通知", "文件", "要求"]).is_some());
    }
    let hands_in = |letters: &[char]| {
        (0..letters.len()).any(|at| word_at(letters, at, words::HANDS_IN).is_some())
    };
    // 6月26日报, 明天上午把表交上去; 通知, 会议 are no promise.
    if hands_in(after) {
        return !(0..after.len())
            .any(|at| word_at(after, at, &["的", "通知", "会", "收到"]).is_some());
    }
    after.is_empty() && begin == from
}

/// A day that begins at this place: itself, or none where it cannot be; and how long it is.
fn day_at(all: &[char], at: usize, received: NaiveDate) -> Option<(Option<NaiveDate>, usize)> {
    let before_is_digit = at > 0 && (all[at - 1].is_ascii_digit() || all[at - 1] == '.');
    if before_is_digit {
        return None;
    }
    near(all, at, received)
        .or_else(|| weekday(all, at, received))
        .or_else(|| in_days(all, at, received))
        .or_else(|| numbered(all, at, received))
}

/// 今天, 明天, 后天, 月底 and how they are said.
fn near(all: &[char], at: usize, received: NaiveDate) -> Option<(Option<NaiveDate>, usize)> {
    const NEAR: &[(&str, u64)] = &[
        ("大后天", 3),
        ("后天", 2),
        ("后日", 2),
        ("明天", 1),
        ("明日", 1),
        ("明早", 1),
        ("明晚", 1),
        ("明儿", 1),
        ("今天", 0),
        ("今日", 0),
        ("今晚", 0),
        ("今早", 0),
        ("今儿", 0),
        ("当天", 0),
        ("马上", 0),
        ("立即", 0),
        ("立刻", 0),
        ("稍后", 0),
        ("一会儿", 0),
        ("一会", 0),
        ("等会儿", 0),
        ("等会", 0),
        ("待会儿", 0),
        ("待会", 0),
        ("下班", 0),
        ("中午", 0),
        ("下午", 0),
        ("晚上", 0),
    ];
    const HOURS: &[&str] = &["上午", "下午", "中午", "早上", "晚上", "下班", "一早"];
    if let Some(length) = word_at(all, at, &["月底", "月末", "本月底", "本月末"]) {
        return Some((last_of_month(received), length));
    }
    let (days, length) =
        NEAR.iter().find_map(|(word, days)| Some((*days, stands_at(all, at, word)?)))?;
    let hour = word_at(all, at + length, HOURS).unwrap_or(0);
    Some((received.checked_add_days(Days::new(days)), length + hour))
}

fn last_of_month(received: NaiveDate) -> Option<NaiveDate> {
    received.with_day(1)?.checked_add_months(Months::new(1))?.pred_opt()
}

/// 周五, 本周五, 下周一, 星期三: the next such day, today included.
fn weekday(all: &[char], at: usize, received: NaiveDate) -> Option<(Option<NaiveDate>, usize)> {
    let (weeks, begin) = match () {
        () if stands_at(all, at, "下下").is_some() => return None,
        () if stands_at(all, at, "下").is_some() => (1, 1),
        () if stands_at(all, at, "本").is_some() || stands_at(all, at, "这").is_some() => (0, 1),
        () => (0, 0),
    };
    let length = word_at(all, at + begin, &["星期", "礼拜", "周"])?;
    let name = all.get(at + begin + length)?;
    let wanted = match name {
        '日' | '天' | '末' | '7' | '七' => 6,
        name => number(&String::from(*name)).filter(|day| (1..=6).contains(day))? - 1,
    };
    let today = received.weekday().num_days_from_monday();
    let days = match weeks {
        0 => (wanted + 7 - today) % 7,
        _ => 7 - today + wanted,
    };
    Some((received.checked_add_days(Days::new(days.into())), begin + length + 1))
}

/// 三天内, 2日内, 两天后.
fn in_days(all: &[char], at: usize, received: NaiveDate) -> Option<(Option<NaiveDate>, usize)> {
    let (count, digits) = numeral(all, at)?;
    let unit = word_at(all, at + digits, &["个工作日", "天", "日"])?;
    let after = at + digits + unit;
    let end = word_at(all, after, &["以内", "之内", "内", "后", "之后"])?;
    let within = stands_at(all, after, "后").is_none() && stands_at(all, after, "之后").is_none();
    // 内 stays, because it is what promises.
    let length = digits + unit + if within { 0 } else { end };
    (count <= 31).then(|| (received.checked_add_days(Days::new(count.into())), length))
}

/// 26日, 26号, 6月26日, 2026年6月26日, 6.26, 26前.
fn numbered(all: &[char], at: usize, received: NaiveDate) -> Option<(Option<NaiveDate>, usize)> {
    let mut parts: [(u32, char); 3] = [(0, ' '); 3];
    let mut count = 0;
    let mut next = at;
    while count < 3 {
        let Some((value, digits)) = numeral(all, next) else { break };
        let mark = all.get(next + digits).copied().unwrap_or(' ');
        parts[count] = (value, mark);
        count += 1;
        next += digits;
        match mark {
            '年' | '月' | '.' => next += 1,
            '日' | '号' => {
                next += 1;
                break;
            }
            _ => break,
        }
    }
    let before = |at: usize| word_at(all, at, &["前", "之前", "以前"]).is_some();
    let day = match parts[..count] {
        [(year, '年' | '.'), (month, '月' | '.'), (day, _)] if year >= 2000 => {
            full(i32::try_from(year).ok()?, month, day, received)
        }
        [(month, '月' | '.'), (day, mark)] if mark != '.' && mark != '月' => {
            of_year(month, day, received)
        }
        [(day, '日' | '号')] => of_month(day, received),
        [(day, _)] if before(next) && (1..=31).contains(&day) => of_month(day, received),
        _ => return None,
    };
    Some((day, next - at))
}

fn full(year: i32, month: u32, day: u32, received: NaiveDate) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day).filter(|day| *day >= received)
}

fn of_year(month: u32, day: u32, received: NaiveDate) -> Option<NaiveDate> {
    let this = NaiveDate::from_ymd_opt(received.year(), month, day);
    let next = NaiveDate::from_ymd_opt(received.year() + 1, month, day);
    soonest(this, next, received)
}

fn of_month(day: u32, received: NaiveDate) -> Option<NaiveDate> {
    let next = received.with_day(1).and_then(|first| first.checked_add_months(Months::new(1)));
    soonest(received.with_day(day), next.and_then(|first| first.with_day(day)), received)
}

fn soonest(
    this: Option<NaiveDate>,
    next: Option<NaiveDate>,
    received: NaiveDate,
) -> Option<NaiveDate> {
    let ahead = received.checked_add_days(Days::new(AHEAD_DAYS_MAX))?;
    this.filter(|day| *day >= received).or(next.filter(|day| *day <= ahead))
}

/// A number at this place and how many letters it takes.
fn numeral(all: &[char], at: usize) -> Option<(u32, usize)> {
    let is_digit = |c: &&char| c.is_ascii_digit();
    let is_word = |c: &&char| "〇零一二两三四五六七八九十".contains(**c);
    let rest = all.get(at..)?;
    let mut length = rest.iter().take_while(is_digit).count();
    if length == 0 {
        length = rest.iter().take_while(is_word).count();
    }
    let text: String = rest[..length].iter().collect();
    (1..=4).contains(&length).then_some(())?;
    Some((number(&text)?, length))
}
