//! `calendar`: working days and days off, one line a day. Needs no configuration and no data.

use chrono::NaiveDate;
use serde::Serialize;
use xibu_core::calendar::Day;

use super::Context;
use super::arguments::Calendar;
use super::outcome::{Exit, Failure, Outcome};
use super::screen::Screen;
use crate::language::Language;

/// The most days printed at once: some three hundred years.
const DAYS_MAX: i64 = 366 * 300;

/// A line of `--json`.
#[derive(Serialize)]
struct Line<'a> {
    date: NaiveDate,
    workday: bool,
    name: Option<&'a str>,
    assumed: bool,
}

/// Runs it.
pub(super) fn run(options: &Calendar, context: &mut Context) -> Outcome {
    let (from, to) = (options.from, options.to);
    if to < from || (to - from).num_days() > DAYS_MAX {
        return Err(Failure::new(
            Exit::Usage,
            format!("--to {to} 应不早于 --from {from}，且相隔不超过 300 年"),
            format!("--to {to} must not lie before --from {from}, nor 300 years after it"),
        ));
    }
    let settings = context.settings()?;
    let calendar = &settings.rulebook().calendar;
    let days = from.iter_days().take_while(|date| *date <= to);
    if options.json {
        for day in days.map(|date| calendar.day(date)) {
            let Day { date, workday, name, assumed } = day;
            context.screen.json(&Line { date, workday, name, assumed });
        }
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> =
        days.map(|date| row(&calendar.day(date), &context.screen)).collect();
    let screen = &mut context.screen;
    let headings: [&str; 5] = match screen.language {
        Language::Chinese => ["日期", "星期", "", "名称", ""],
        Language::English => ["date", "day", "", "name", ""],
    };
    screen.table(&headings, &rows);
    Ok(Exit::Done)
}

fn row(day: &Day<'_>, screen: &Screen) -> Vec<String> {
    vec![
        day.date.to_string(),
        super::words::weekday(day.date, screen.language).to_owned(),
        match day.workday {
            true => screen.pick("上班", "works").to_owned(),
            false => screen.pick("休息", "rests").to_owned(),
        },
        day.name.unwrap_or("").to_owned(),
        match day.assumed {
            true => {
                screen.pick("（放假安排未公布，按周末推定）", "(assumed: no table for this year)")
            }
            false => "",
        }
        .to_owned(),
    ]
}
