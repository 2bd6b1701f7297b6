//! The city's month on paper: every county with what it reported, who is late, who is silent.
//!
//! For the city office itself; the notice asks for no such form, so title and layout are ours. What
//! the figures are is the core's ([`xibu_core::consolidation`]).

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDateTime};
use xibu_core::consolidation::{
    CityMonth, Column, CountyMonth, Figures, IncidentLine, Sums, city_month,
};
use xibu_core::obligation::{Standing, Timeliness};
use xibu_core::office::OfficeId;
use xibu_core::parameter::Rulebook;
use xibu_core::period::Period;
use xibu_core::person::PersonId;
use xibu_core::returns::Content;
use xibu_core::world::World;
use xibu_plugin_abi::message::{CellOutValue, SheetOut, Style, Workbook};

use super::consolidated::{Signatures, answered, incident_table, made_from, name_in, sign};
use super::month_text;
use super::sheet::{Draft, number};

/// What stands on the city's form.
#[derive(Clone, Debug)]
pub struct CityForm {
    /// The figures.
    pub month: CityMonth,
    /// 填报单位.
    pub name: String,
    /// What counties and units are called.
    pub names: BTreeMap<OfficeId, String>,
    /// Who signs.
    pub signatures: Signatures,
    /// As of when.
    pub at: NaiveDateTime,
}

/// Gathers the city's form from the record; `name_of` knows people's names.
pub fn consolidate_city(
    world: &World,
    rulebook: &Rulebook,
    (city, period): (OfficeId, Period),
    at: NaiveDateTime,
    name_of: impl Fn(PersonId) -> Option<String>,
) -> CityForm {
    let month = city_month(world, rulebook, city, period, at);
    let offices = month.counties.iter().flat_map(|county| {
        let units = county.consolidation.units.iter().map(|unit| unit.office);
        let others = county.consolidation.incidents.iter().map(|incident| incident.office);
        std::iter::once(county.county).chain(units).chain(others)
    });
    let names = offices.map(|office| (office, name_in(world, office, period, at))).collect();
    CityForm {
        name: name_in(world, city, period, at),
        names,
        signatures: Signatures::of(world, city, at.date(), name_of),
        month,
        at,
    }
}

/// The last column.
const LAST: u32 = 11;

/// Writes the form, A4 across.
pub fn city_form(form: &CityForm) -> Workbook {
    let title = format!("{}{}月报汇总表", form.name, month_text(form.month.period));
    let properties = BTreeMap::from([("title".to_owned(), title)]);
    Workbook { sheets: vec![page(form)], properties }
}

fn page(form: &CityForm) -> SheetOut {
    let widths = [6.0, 28.0, 8.0, 10.0, 10.0, 10.0, 10.0, 11.0, 11.0, 12.0, 12.0, 19.0];
    let mut draft = Draft::new("月报汇总表", &widths).landscape();
    draft.wide_text(0, (0, LAST), "大学生西部计划志愿者管理服务信息月报汇总表", Style::Title);
    draft.wide_text(1, (0, 1), "汇总单位", Style::Heading);
    draft.wide_text(1, (2, 6), &form.name, Style::Body);
    draft.wide_text(1, (7, 8), "报告月份", Style::Heading);
    draft.wide_text(1, (9, LAST), &month_text(form.month.period), Style::Body);
    let row = counties(&mut draft, 2, form);
    let row = figures(&mut draft, row, form);
    let row = missing(&mut draft, row, form);
    let row = incidents(&mut draft, row, form);
    sign(&mut draft, row, &form.signatures, LAST);
    let made = made_from(form.at, &form.month.version.to_string());
    draft.wide_text(row + 2, (0, LAST), &made, Style::Plain);
    draft.heading_rows(3);
    draft.done()
}

fn name(form: &CityForm, office: OfficeId) -> String {
    form.names.get(&office).cloned().unwrap_or_default()
}

/// The table of counties with its sums; gives the next free row.
fn counties(draft: &mut Draft, first: u32, form: &CityForm) -> u32 {
    let units = ["序号", "区县项目办", "编号", "应报单位", "已报单位", "未报单位"].into_iter();
    let headings = units.chain(Column::ALL.map(Column::title)).chain(["区县报告单"]);
    for (column, heading) in (0_u32..).zip(headings) {
        // Broken where the words part, because twelve columns are narrow.
        draft.text(first, column, heading.replace('、', "、\n"), Style::Heading);
    }
    let mut row = first;
    for (index, county) in form.month.counties.iter().enumerate() {
        row += 1;
        draft.cell(row, 0, CellOutValue::Number((index + 1) as f64), Style::Body);
        draft.text(row, 1, name(form, county.county), Style::Body);
        draft.text(row, 2, county.county.to_string(), Style::Body);
        of_units(draft, row, county.consolidation.figures, Style::Body);
        columns(draft, row, county.content.as_ref());
        draft.text(row, LAST, standing_text(county), Style::Body);
    }
    row += 1;
    draft.wide_text(row, (0, 2), "合计", Style::Heading);
    of_units(draft, row, form.month.units, Style::Heading);
    let contents = form.month.counties.iter().filter_map(|county| county.content.as_ref());
    let sums = Sums::of(contents);
    for (place, column) in (6_u32..).zip(Column::ALL) {
        let sum = sums.get(column);
        match column {
            Column::Headcount => draft.cell(row, place, number(Some(sum.count)), Style::Heading),
            _ => draft.text(row, place, answered(&sum.answer(), column), Style::Heading),
        }
    }
    let came = form.month.own.came;
    draft.text(row, LAST, format!("已报{came}家"), Style::Heading);
    row + 1
}

fn of_units(draft: &mut Draft, row: u32, figures: Figures, style: Style) {
    let came = figures.expected - figures.silent;
    for (place, count) in [(3, figures.expected), (4, came), (5, figures.silent)] {
        draft.cell(row, place, number(Some(count)), style);
    }
}

/// What the county itself reported; nothing stands where it did not.
fn columns(draft: &mut Draft, row: u32, content: Option<&Content>) {
    for (place, column) in (6_u32..).zip(Column::ALL) {
        match (content, column) {
            (None, _) => draft.text(row, place, "", Style::Body),
            (Some(content), Column::Headcount) => {
                draft.cell(row, place, number(content.headcount), Style::Body);
            }
            (Some(content), _) => {
                draft.text(row, place, answered(&column.of(content), column), Style::Body);
            }
        }
    }
}

fn standing_text(county: &CountyMonth) -> String {
    let day = county.received_at.map(|at| format!("{}月{}日", at.month(), at.day()));
    let day = day.unwrap_or_default();
    let Ok(owed) = &county.owed else { return "不应报".to_owned() };
    match owed.standing {
        Standing::In(Timeliness::Late) => format!("{day}（迟报）"),
        Standing::In(_) => day,
        Standing::Unread(_) => format!("{day}（待核对）"),
        Standing::SentBack(_) => format!("{day}（已退回）"),
        Standing::Late => "逾期未报".to_owned(),
        Standing::NotOpen | Standing::Acknowledged { .. } | Standing::Owed => "未报".to_owned(),
    }
}

/// Expected, in, late, silent, and on time by both readings, for counties and for units.
fn figures(draft: &mut Draft, first: u32, form: &CityForm) -> u32 {
    draft.wide_text(first, (0, LAST), "一、报送情况", Style::Plain);
    let places: [(u32, u32); 9] =
        [(0, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (7, 7), (8, 9), (10, LAST)];
    let headings = [
        "报送层级",
        "应报",
        "已报",
        "无事故",
        "待核对",
        "迟报",
        "未报",
        "按时率（目标日前）",
        "按时率（最后期限前）",
    ];
    for (place, heading) in places.into_iter().zip(headings) {
        draft.wide_text(first + 1, place, heading, Style::Heading);
    }
    let rows = [("区县项目办", form.month.own), ("服务单位", form.month.units)];
    for (row, (label, figures)) in (first + 2..).zip(rows) {
        let rates = figures.on_time_rates();
        let Figures { expected, came, nil, held, sent_back, late, silent, .. } = figures;
        let counts = [expected, came, nil, held + sent_back, late, silent].map(|it| it.to_string());
        let rates = [rates.map(|(strict, _)| strict), rates.map(|(_, lenient)| lenient)];
        let values = std::iter::once(label.to_owned())
            .chain(counts)
            .chain(rates.map(|rate| rate.map(per_cent).unwrap_or_default()));
        for (place, value) in places.into_iter().zip(values) {
            draft.wide_text(row, place, &value, Style::Body);
        }
    }
    first + 4
}

/// Thousandths as `97.6%`.
pub fn per_cent(thousandths: u32) -> String {
    match thousandths % 10 {
        0 => format!("{}%", thousandths / 10),
        tenth => format!("{}.{tenth}%", thousandths / 10),
    }
}

/// Counties and units that did not report, by name.
fn missing(draft: &mut Draft, first: u32, form: &CityForm) -> u32 {
    let silent = |county: &&CountyMonth| county.received_at.is_none() && county.owed.is_ok();
    let own: Vec<String> =
        form.month.counties.iter().filter(silent).map(|county| name(form, county.county)).collect();
    let own = if own.is_empty() { "无".to_owned() } else { own.join("、") };
    draft.wide_text(first, (0, 1), "未报区县", Style::Heading);
    draft.wide_text(first, (2, LAST), &own, Style::Body);
    let units: Vec<String> = form
        .month
        .counties
        .iter()
        .filter_map(|county| {
            let units = county.consolidation.silent().map(|unit| name(form, unit));
            let units: Vec<String> = units.collect();
            (!units.is_empty())
                .then(|| format!("{}：{}", name(form, county.county), units.join("、")))
        })
        .collect();
    let units = if units.is_empty() { "无".to_owned() } else { units.join("；") };
    draft.wide_text(first + 1, (0, 1), "未报服务单位", Style::Heading);
    draft.wide_text(first + 1, (2, LAST), &units, Style::Body);
    first + 2
}

fn incidents(draft: &mut Draft, first: u32, form: &CityForm) -> u32 {
    let all = form.month.counties.iter().flat_map(|county| &county.consolidation.incidents);
    let all: Vec<IncidentLine> = all.copied().collect();
    if all.is_empty() {
        return first + 1;
    }
    draft.wide_text(first, (0, LAST), "二、安全、健康事故情况", Style::Plain);
    let places = [(0, 0), (1, 2), (3, 5), (6, 8), (9, 9), (10, LAST)];
    incident_table(draft, first + 1, &all, places, |unit| name(form, unit))
}
