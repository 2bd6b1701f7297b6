//! Deadlines of a month, and the days on which each debt's steps come.
//!
//! 每月28日前 is two instants because its reading is disputed: `target`, the strict reading, which
//! reminders work towards, and `late_after`, the lenient reading, after which a return is late.
//! Nobody is called late who is on time on either. For every month: opening < unit cut-off < target
//! ≤ late_after.
//!
//! All instants are civil times in the office's own zone. Not who owes ([`crate::assess`]) and not
//! who is told ([`crate::plan`]).

use alloc::vec::Vec;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::calendar::{tomorrow, yesterday};
use crate::notice::{Recipient, Step};
use crate::obligation::Due;
use crate::office::OfficeId;
use crate::parameter::{Parameter, Rulebook};
use crate::period::Period;
use crate::rule::Rule;

/// The instants of one month, for the offices of one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadlines {
    /// The month.
    pub period: Period,
    /// First instant of the day from which the return is asked for.
    pub opening: NaiveDateTime,
    /// End (excluded) of the day by which units answer; headcount is as of this instant.
    pub unit_cutoff: NaiveDateTime,
    /// End (excluded) of the last working day before the due day: the strict reading of 前.
    pub target: NaiveDateTime,
    /// End (excluded) of the due day: the lenient reading of 前; late from this instant on.
    pub late_after: NaiveDateTime,
    /// The previous month's unit cut-off. A return covers what happened from this instant on,
    /// before `unit_cutoff`: months join without gap or overlap.
    pub covers_after: NaiveDateTime,
    /// Some year's calendar is not known: computed from weekends alone.
    pub assumed: bool,
}

impl Deadlines {
    /// The instants of one rule's debt. A unit's debt is due at the cut-off on either reading.
    pub const fn due(&self, rule: Rule) -> Due {
        match rule {
            Rule::UnitMonthlyReturn => Due {
                opening: self.opening,
                target: self.unit_cutoff,
                late_after: self.unit_cutoff,
            },
            Rule::CountyMonthlyReturn => {
                Due { opening: self.opening, target: self.target, late_after: self.late_after }
            }
        }
    }

    /// The last day by whose end units answer, and as of which units and volunteers count.
    pub fn cutoff_day(&self) -> NaiveDate {
        yesterday(self.unit_cutoff.date())
    }
}

/// A step of a ladder on its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepDay {
    /// Which step.
    pub step: Step,
    /// The day it comes; always a working day.
    pub date: NaiveDate,
    /// To whom it speaks.
    pub to: Recipient,
}

/// The deadlines of `period` for the offices whose path, nearest office first, is `path`.
///
/// Parameters are those in force on the first day of the month.
///
/// # Example
/// ```
/// use xibu_core::deadline::deadlines;
/// use xibu_core::parameter::Rulebook;
///
/// // 2026-06-28 is a Sunday: work towards Friday the 26th, late only after the 28th.
/// let june = deadlines("2026-06".parse()?, &[], &Rulebook::default());
/// assert_eq!(june.target.to_string(), "2026-06-27 00:00:00");
/// assert_eq!(june.late_after.to_string(), "2026-06-29 00:00:00");
/// # Ok::<(), xibu_core::Error>(())
/// ```
pub fn deadlines(period: Period, path: &[OfficeId], rulebook: &Rulebook) -> Deadlines {
    let days = Days::of(period, path, rulebook);
    let before = Days::of(period.previous(), path, rulebook);
    let calendar = &rulebook.calendar;
    Deadlines {
        period,
        opening: start(days.opening),
        unit_cutoff: end(days.cutoff),
        target: end(days.target),
        late_after: end(days.late),
        covers_after: end(before.cutoff),
        assumed: calendar.is_assumed(before.cutoff) || calendar.is_assumed(days.late),
    }
}

/// The steps of one rule's ladder in this month, in order.
///
/// Unit to county: contact, then the unit's head (直接责任人), then the county's contact, then the
/// county's head (第一责任人). County to city: contact, then head, then city staff, then the city's
/// head. Nobody above the debtor's own office hears anything before the debt is late. A reminder
/// that would come on or before the day of the opening is left out.
pub fn steps(
    rule: Rule,
    deadlines: &Deadlines,
    path: &[OfficeId],
    rulebook: &Rulebook,
) -> Vec<StepDay> {
    use Recipient::{CityHead, CityStaff, CountyContact, CountyHead, UnitContact, UnitHead};
    let [contact, first, second, third] = match rule {
        Rule::UnitMonthlyReturn => [UnitContact, UnitHead, CountyContact, CountyHead],
        Rule::CountyMonthlyReturn => [CountyContact, CountyHead, CityStaff, CityHead],
    };
    let calendar = &rulebook.calendar;
    let month = deadlines.period.day(1);
    let due = deadlines.due(rule);
    let opening = due.opening.date();
    let on_the_day = yesterday(due.target.date());
    let days_before = rulebook.parameters.number(Parameter::ReminderWorkingDaysBefore, path, month);
    let before = calendar.workdays_before(on_the_day, days_before);
    let mut steps = Vec::with_capacity(6);
    steps.push(StepDay { step: Step::Opening, date: opening, to: contact });
    if before > opening {
        steps.push(StepDay { step: Step::Before, date: before, to: contact });
    }
    if on_the_day > opening {
        steps.push(StepDay { step: Step::OnTheDay, date: on_the_day, to: contact });
    }
    let last_in_time = yesterday(due.late_after.date());
    let after = [Step::FirstAfter, Step::SecondAfter, Step::ThirdAfter];
    let ladder = rulebook.parameters.ladder(path, month);
    for ((step, days), to) in after.into_iter().zip(ladder).zip([first, second, third]) {
        steps.push(StepDay { step, date: calendar.workdays_after(last_in_time, days), to });
    }
    steps
}

/// The days, all included, from which the instants follow.
struct Days {
    opening: NaiveDate,
    cutoff: NaiveDate,
    target: NaiveDate,
    late: NaiveDate,
}

impl Days {
    fn of(period: Period, path: &[OfficeId], rulebook: &Rulebook) -> Self {
        let calendar = &rulebook.calendar;
        let number = |parameter| rulebook.parameters.number(parameter, path, period.day(1));
        let due_day = number(Parameter::ReportDueDay);
        let due = period.day(due_day);
        let target = calendar.workday_on_or_before(yesterday(due));
        let rolls = rulebook.parameters.switch(Parameter::RollRestDayForward, path, period.day(1));
        let late = if rolls { calendar.workday_on_or_after(due) } else { due };

        let before_target = number(Parameter::UnitCutoffWorkingDaysBeforeTarget);
        let latest = calendar.workday_on_or_before(period.day(number(Parameter::UnitCutoffDayMax)));
        let cutoff = calendar.workdays_before(target, before_target).min(latest);

        let opening_day = number(Parameter::ReportOpeningDay);
        let opening_month = if opening_day < due_day { period } else { period.previous() };
        // Rest days or an odd setting may push the opening past the cut-off: then it is that day.
        let opening = calendar.workday_on_or_after(opening_month.day(opening_day)).min(cutoff);
        Self { opening, cutoff, target, late }
    }
}

fn start(day: NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN)
}

fn end(day: NaiveDate) -> NaiveDateTime {
    start(tomorrow(day))
}
