//! How a month's days are worked out, said line by line.
//!
//! It says what [`crate::deadline`] computes and computes nothing of its own but the words.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use chrono::{Datelike, NaiveDate};

use super::Sentence;
use super::words::{day, en_date, zh_date};
use crate::calendar::{Calendar, tomorrow, yesterday};
use crate::deadline::Deadlines;
use crate::office::OfficeId;
use crate::parameter::{Parameter, Rulebook};
use crate::rule::Rule;

/// The lines of one month for one rule.
pub(super) fn month(
    month: &Deadlines,
    rule: Rule,
    path: &[OfficeId],
    rulebook: &Rulebook,
) -> Vec<Sentence> {
    let number = |parameter| rulebook.parameters.number(parameter, path, month.period.day(1));
    let calendar = &rulebook.calendar;
    let due = month.period.day(number(Parameter::ReportDueDay));
    let target = yesterday(month.target.date());
    let mut lines = Vec::from([day(calendar, due)]);
    lines.push(strict(due, target, calendar));
    if rule == Rule::CountyMonthlyReturn {
        lines.push(lenient(due, yesterday(month.late_after.date())));
        let rolls = Parameter::RollRestDayForward;
        if !calendar.is_workday(due) {
            lines.push(rolling(rulebook.parameters.switch(rolls, path, month.period.day(1))));
        }
    }
    let before = number(Parameter::UnitCutoffWorkingDaysBeforeTarget);
    let latest = number(Parameter::UnitCutoffDayMax);
    lines.push(cutoff(month, calendar.workdays_before(target, before), before, latest));
    lines.push(coverage(month));
    lines.push(opening(number(Parameter::ReportOpeningDay), month.opening.date()));
    if month.assumed {
        lines.push(Sentence::new(
            "有的日期超出已知的放假安排，暂按周末推算；请导入当年的放假通知",
            "some days lie beyond the known holiday notices and follow the weekend alone; add that \
             year's notice",
        ));
    }
    lines
}

fn strict(due: NaiveDate, target: NaiveDate, calendar: &Calendar) -> Sentence {
    let last = yesterday(due);
    let mut skipped_zh = String::new();
    let mut skipped_en = String::new();
    let mut between = last;
    while between > target {
        let words = day(calendar, between);
        skipped_zh += &format!("{}；", words.zh);
        skipped_en += &format!("{}; ", words.en);
        between = yesterday(between);
    }
    Sentence::new(
        format!(
            "严格理解“{}日前”不含当日：{skipped_zh}前推到不晚于{}日的最后一个工作日={}，目标时刻为当日24时",
            due.day(),
            last.day(),
            zh_date(target),
        ),
        format!(
            "strict reading, before the {}: {skipped_en}the last working day not after the {} is \
             {}; target is the end of that day",
            ordinal(due.day()),
            ordinal(last.day()),
            en_date(target),
        ),
    )
}

fn lenient(due: NaiveDate, late: NaiveDate) -> Sentence {
    Sentence::new(
        format!(
            "宽松理解“{}日前”含当日：{}24时以前收到都不算逾期，{}0时起算逾期",
            due.day(),
            zh_date(late),
            zh_date(tomorrow(late)),
        ),
        format!(
            "lenient reading, the {} included: nothing received by the end of {} is late; late \
             from 00:00 of {}",
            ordinal(due.day()),
            en_date(late),
            en_date(tomorrow(late)),
        ),
    )
}

fn rolling(on: bool) -> Sentence {
    if on {
        Sentence::new(
            "遇休息日顺延到下一个工作日：本办已启用（通知没有这样规定）",
            "a rest day moves to the next working day: switched on by this office (the notice does \
             not say so)",
        )
    } else {
        Sentence::new(
            "遇休息日顺延是第三种理解，通知没有这样规定，未启用",
            "moving a rest day to the next working day is a third reading which the notice does \
             not give; it is switched off",
        )
    }
}

fn cutoff(month: &Deadlines, counted: NaiveDate, before: u32, latest: u32) -> Sentence {
    let cutoff = month.cutoff_day();
    let (capped_zh, capped_en) = if cutoff < counted {
        (
            format!("晚于{latest}日，改为不晚于{latest}日的最后一个工作日={}", zh_date(cutoff)),
            format!(
                "which is after the {}; so the last working day not after it, {}",
                ordinal(latest),
                en_date(cutoff)
            ),
        )
    } else {
        (format!("不晚于{latest}日"), format!("not after the {}", ordinal(latest)))
    };
    Sentence::new(
        format!(
            "服务单位截止：目标日前第{before}个工作日={}，{capped_zh}，截止时刻为当日24时",
            zh_date(counted)
        ),
        format!(
            "units' cut-off: {before} working day(s) before the target day is {}, {capped_en}; the \
             end of that day",
            en_date(counted)
        ),
    )
}

fn coverage(month: &Deadlines) -> Sentence {
    let first = month.covers_after.date();
    let last = month.cutoff_day();
    Sentence::new(
        format!(
            "本月报告单覆盖{}0时至{}24时，与上月相接；在岗人数以{}24时为准",
            zh_date(first),
            zh_date(last),
            zh_date(last)
        ),
        format!(
            "the return covers {} 00:00 to the end of {}, joining the month before; headcount is \
             as of the end of {}",
            en_date(first),
            en_date(last),
            en_date(last)
        ),
    )
}

fn opening(opening_day: u32, opening: NaiveDate) -> Sentence {
    Sentence::new(
        format!("开始收报：{opening_day}日起的第一个工作日={}", zh_date(opening)),
        format!(
            "asked for from the first working day from the {}: {}",
            ordinal(opening_day),
            en_date(opening)
        ),
    )
}

fn ordinal(day: u32) -> String {
    let ending = match (day / 10, day % 10) {
        (1, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{day}{ending}")
}
