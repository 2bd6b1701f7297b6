//! `deadlines`: the instants of every month of a year and the days on which somebody is reminded.
//!
//! Needs no configuration and no data; with a configuration, its parameters for everybody and for
//! the first office served are used. A month before the rules came into force is left out.

use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;
use xibu_core::deadline::{Deadlines as Instants, deadlines, steps};
use xibu_core::period::Period;
use xibu_core::rule::Rule;

use super::Context;
use super::arguments::Deadlines;
use super::outcome::{Exit, Failure, Outcome};
use super::screen::{Mark, Screen};
use super::words::weekday;
use crate::language::Language;
use crate::settings::Settings;

/// A line of `--json`: exclusive ends in RFC 3339, `opening` a first instant.
#[derive(Serialize)]
struct Line {
    period: Period,
    opening: String,
    unit_cutoff: String,
    target: String,
    late_after: String,
    reminders: Vec<Reminder>,
    assumed: bool,
}

/// One day on which somebody is reminded.
#[derive(Serialize)]
struct Reminder {
    date: NaiveDate,
    step: &'static str,
    to: &'static str,
    debt: &'static str,
}

/// Runs it.
pub(super) fn run(options: &Deadlines, context: &mut Context) -> Outcome {
    let periods = periods(options.year).map_err(|error| {
        Failure::new(Exit::Usage, format!("--year：{error}"), format!("--year: {error}"))
    })?;
    let settings = context.settings()?;
    let lines: Vec<(Instants, Line)> = periods
        .into_iter()
        .map(|period| {
            let found = deadlines(period, settings.serves(), settings.rulebook());
            (found, line(&found, &settings))
        })
        .collect();
    if options.json {
        lines.iter().for_each(|(_, line)| context.screen.json(line));
        return Ok(Exit::Done);
    }
    let screen = &mut context.screen;
    let headings = match screen.language {
        Language::Chinese => ["月份", "开始收报", "服务单位截止", "区县目标日", "最后一日", ""],
        Language::English => ["month", "opening", "unit cut-off", "target", "last day", ""],
    };
    let rows: Vec<Vec<String>> = lines.iter().map(|(found, _)| row(found, screen)).collect();
    screen.table(&headings, &rows);
    let note = screen.pick(
        "除“开始”外都指当天 24 时。每月28日前是否含28日，文件没有说明：提醒按目标日，迟报按最后一日。",
        "All but the opening mean the end of that day. Whether 每月28日前 includes the 28th is not said: \
         reminders work towards the target, lateness counts from the last day.",
    );
    let note = note.to_owned();
    screen.marked(Mark::Faint, note);
    Ok(Exit::Done)
}

/// The months of `year` that are in force.
fn periods(year: i32) -> Result<Vec<Period>, xibu_core::Error> {
    let in_force =
        |period: &Period| Rule::ALL.into_iter().any(|rule| rule.validity().contains(period.day(1)));
    let months = (1..=12).map(|month| Period::new(year, month)).collect::<Result<Vec<_>, _>>()?;
    Ok(months.into_iter().filter(in_force).collect())
}

fn line(found: &Instants, settings: &Settings) -> Line {
    let zone = settings.zone();
    let mut reminders: Vec<Reminder> = Vec::new();
    for rule in Rule::ALL {
        for day in steps(rule, found, settings.serves(), settings.rulebook()) {
            reminders.push(Reminder {
                date: day.date,
                step: day.step.name(),
                to: day.to.name(),
                debt: rule.name(),
            });
        }
    }
    reminders.sort_by_key(|reminder| reminder.date);
    Line {
        period: found.period,
        opening: crate::clock::rfc3339(found.opening, zone),
        unit_cutoff: crate::clock::rfc3339(found.unit_cutoff, zone),
        target: crate::clock::rfc3339(found.target, zone),
        late_after: crate::clock::rfc3339(found.late_after, zone),
        reminders,
        assumed: found.assumed,
    }
}

fn row(found: &Instants, screen: &Screen) -> Vec<String> {
    let shown = |day: NaiveDate| format!("{day} {}", weekday(day, screen.language));
    let last = |end: NaiveDateTime| shown(end.date().pred_opt().unwrap_or(end.date()));
    let assumed = match found.assumed {
        true => screen.pick("（放假安排未公布，按周末推定）", "(assumed: no table for this year)"),
        false => "",
    };
    vec![
        found.period.to_string(),
        shown(found.opening.date()),
        last(found.unit_cutoff),
        last(found.target),
        last(found.late_after),
        assumed.to_owned(),
    ]
}
