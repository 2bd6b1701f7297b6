//! Words that letters are made of: days, numbers, names of offices and steps.
//!
//! No sentence is decided here.

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use xibu_core::office::OfficeId;
use xibu_core::parameter::{Parameter, Rulebook};
use xibu_core::period::Period;
use xibu_core::source::Source;
use xibu_core::world::World;

/// `6月26日（星期五）`.
pub(super) fn day(date: NaiveDate) -> String {
    let week = ["一", "二", "三", "四", "五", "六", "日"];
    let weekday = week[date.weekday().num_days_from_monday() as usize];
    format!("{}月{}日（星期{weekday}）", date.month(), date.day())
}

/// `6月26日`.
pub(super) fn short_day(date: NaiveDate) -> String {
    format!("{}月{}日", date.month(), date.day())
}

/// `2026年6月26日`.
pub(super) fn day_with_year(date: NaiveDate) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// `2026年6月`.
pub(super) fn month(period: Period) -> String {
    format!("{}年{}月", period.year(), period.month())
}

/// The last day that an exclusive end still includes.
pub(super) fn last_day(end: NaiveDateTime) -> NaiveDate {
    end.date().pred_opt().unwrap_or(end.date())
}

/// 一 to 十, then digits.
pub(super) fn number(number: usize) -> String {
    let words = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
    words.get(number.wrapping_sub(1)).map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

/// The office's name on a day, or its number where it had none.
pub(super) fn office(world: &World, office: OfficeId, date: NaiveDate) -> String {
    let known = world.office(office);
    known
        .and_then(|known| known.on(date).or(known.versions.last()))
        .map_or_else(|| office.to_string(), |version| version.name.clone())
}

/// Who set the value in force, for 本办规定: an office's name, or that it comes with the software.
pub(super) fn set_by(
    rulebook: &Rulebook,
    parameter: Parameter,
    path: &[OfficeId],
    period: Period,
) -> String {
    match &rulebook.parameters.get(parameter, path, period.day(1)).source {
        Source::Clause { document, clause, .. } => format!("{document}第{clause}部分"),
        Source::Policy { set_by, .. } if set_by == "xibu" => "本办规定，采用通用设置".to_owned(),
        Source::Policy { set_by, .. } => format!("本办规定，{set_by}设定"),
    }
}

/// `渝项目办发〔2009〕22号第一部分：“…”`.
pub(super) fn clause(source: &Source) -> String {
    match source {
        Source::Clause { document, clause, text } => {
            format!("{document}第{clause}部分：“{text}”")
        }
        Source::Policy { set_by, reason } => format!("本办规定（{set_by}）：{reason}"),
    }
}
