//! The county's consolidated form:
//! 《重庆市大学生西部计划志愿者管理服务信息月报告单》, per unit, with sums and the silent units by
//! name.
//!
//! Source: 渝项目办发〔2009〕22号, 一: 区县项目办汇总…于每月28日前填写…上报市项目办. The notice
//! names the form and does not show it; the layout is ours. No volunteer is named on it. What the
//! figures are is the core's ([`xibu_core::consolidation`]); here they only get names and places.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use xibu_core::appointment::Role;
use xibu_core::assess::NotOwed;
use xibu_core::consolidation::{
    Column, Confirmation, Confirmed, Consolidation, IncidentLine, State, UnitLine,
};
use xibu_core::obligation::Timeliness;
use xibu_core::office::OfficeId;
use xibu_core::parameter::Rulebook;
use xibu_core::period::Period;
use xibu_core::person::PersonId;
use xibu_core::returns::{Answer, Content};
use xibu_core::world::World;
use xibu_plugin_abi::message::{CellOutValue, SheetOut, Style, Workbook};

use super::sheet::{Draft, number};
use super::{day_text, incident_kind_text, month_text};

/// What stands on a county's form.
#[derive(Clone, Debug)]
pub struct Consolidated {
    /// The figures.
    pub consolidation: Consolidation,
    /// 报告单位.
    pub name: String,
    /// What the units are called.
    pub unit_names: BTreeMap<OfficeId, String>,
    /// What the county amended, where it confirmed this version.
    pub amended: Option<Confirmation>,
    /// Who signs.
    pub signatures: Signatures,
    /// As of when.
    pub at: NaiveDateTime,
}

/// Who signs a form, as far as known.
#[derive(Clone, Debug, Default)]
pub struct Signatures {
    /// 填报人.
    pub stated_by: Option<String>,
    /// 审核人.
    pub checked_by: Option<String>,
    /// 负责人.
    pub head: Option<String>,
    /// 填报日期; none is left to be filled in.
    pub filled_on: Option<NaiveDate>,
}

impl Signatures {
    /// Those in post at an office on a day; `name_of` knows people's names.
    pub(super) fn of(
        world: &World,
        office: OfficeId,
        date: NaiveDate,
        name_of: impl Fn(PersonId) -> Option<String>,
    ) -> Self {
        let holder = |role| {
            world
                .appointments_at(office)
                .iter()
                .rev()
                .find(|held| held.role == role && held.validity.contains(date))
                .and_then(|held| name_of(held.person))
        };
        Self {
            stated_by: holder(Role::Contact),
            checked_by: holder(Role::Deputy).or_else(|| holder(Role::Staff)),
            head: holder(Role::Head),
            filled_on: Some(date),
        }
    }
}

/// Gathers a county's form from the record; `name_of` knows people's names.
pub fn consolidate(
    world: &World,
    rulebook: &Rulebook,
    (county, period): (OfficeId, Period),
    at: NaiveDateTime,
    name_of: impl Fn(PersonId) -> Option<String>,
) -> Consolidated {
    let consolidation = xibu_core::consolidation::consolidate(world, rulebook, county, period, at);
    let amended = match xibu_core::consolidation::confirmed(world, &consolidation) {
        Confirmed::Yes { word } if !word.amendments.is_empty() => Some(word.clone()),
        _ => None,
    };
    let units = consolidation.units.iter().map(|unit| unit.office);
    let others = consolidation.not_owing.iter().map(|(unit, _)| *unit);
    let unit_names = units.chain(others).map(|unit| (unit, name_in(world, unit, period, at)));
    Consolidated {
        name: name_in(world, county, period, at),
        unit_names: unit_names.collect(),
        amended,
        signatures: Signatures::of(world, county, at.date(), name_of),
        consolidation,
        at,
    }
}

/// What an office is called now, or was called in that month where it is gone.
pub(super) fn name_in(
    world: &World,
    office: OfficeId,
    period: Period,
    at: NaiveDateTime,
) -> String {
    let days = [at.date(), period.day(28), period.day(1)];
    let version = days.into_iter().find_map(|day| world.office_on(office, day));
    version.map_or_else(|| office.to_string(), |version| version.name.clone())
}

/// The last column.
const LAST: u32 = 8;

/// Writes the form, A4 across.
pub fn consolidated(form: &Consolidated) -> Workbook {
    let period = form.consolidation.period;
    let title = format!("{}{}月报告单", form.name, month_text(period));
    let properties = BTreeMap::from([("title".to_owned(), title)]);
    Workbook { sheets: vec![page(form)], properties }
}

fn page(form: &Consolidated) -> SheetOut {
    let widths = [12.0, 34.0, 10.0, 10.0, 16.0, 16.0, 16.0, 13.0, 18.0];
    let mut draft = Draft::new("月报告单", &widths).landscape();
    draft.wide_text(0, (0, LAST), "重庆市大学生西部计划志愿者管理服务信息月报告单", Style::Title);
    draft.text(1, 0, "报告单位", Style::Heading);
    draft.wide_text(1, (1, 2), &form.name, Style::Body);
    draft.text(1, 3, "单位编号", Style::Heading);
    draft.text(1, 4, form.consolidation.county.to_string(), Style::Body);
    draft.text(1, 5, "报告月份", Style::Heading);
    draft.wide_text(1, (6, LAST), &month_text(form.consolidation.period), Style::Body);
    let row = units(&mut draft, 2, form);
    let row = summary(&mut draft, row, form);
    let row = incidents(&mut draft, row, form);
    sign(&mut draft, row, &form.signatures, LAST);
    let made = made_from(form.at, &form.consolidation.version.to_string());
    draft.wide_text(row + 2, (0, LAST), &made, Style::Plain);
    draft.heading_rows(3);
    draft.done()
}

/// The line of signatures, and the place for the seal below.
pub(super) fn sign(draft: &mut Draft, row: u32, signatures: &Signatures, last: u32) {
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    let filled_on = signatures.filled_on.map(day_text).unwrap_or_default();
    let Signatures { stated_by, checked_by, head, .. } = signatures;
    let third = (last + 1) / 4;
    draft.wide_text(row, (0, 1), &format!("填报人：{}", name(stated_by)), Style::Plain);
    draft.wide_text(row, (2, 1 + third), &format!("审核人：{}", name(checked_by)), Style::Plain);
    let (from, to) = (2 + third, 1 + 2 * third);
    draft.wide_text(row, (from, to), &format!("负责人：{}", name(head)), Style::Plain);
    draft.wide_text(row, (to + 1, last), &format!("填报日期：{filled_on}"), Style::Plain);
    draft.wide_text(row + 1, (to + 1, last), "（盖章）", Style::Plain);
}

/// On what ground and from what the form was made.
pub(super) fn made_from(at: NaiveDateTime, version: &str) -> String {
    format!(
        "依据渝项目办发〔2009〕22号第一部分填写。按{}{}时前收到的各单位报告汇总，汇总版本{version}。",
        day_text(at.date()),
        at.hour()
    )
}

/// The table of units with its sums; gives the next free row.
fn units(draft: &mut Draft, first: u32, form: &Consolidated) -> u32 {
    let headings = ["序号", "服务单位", "单位编号"].into_iter();
    let headings = headings.chain(Column::ALL.map(Column::title)).chain(["收到日期"]);
    for (column, heading) in (0_u32..).zip(headings) {
        draft.text(first, column, heading, Style::Heading);
    }
    let mut row = first;
    let came = form.consolidation.units.iter().filter(|unit| unit.state != State::Silent);
    for (index, unit) in came.enumerate() {
        row += 1;
        draft.cell(row, 0, CellOutValue::Number((index + 1) as f64), Style::Body);
        draft.text(row, 1, name(form, unit.office), Style::Body);
        draft.text(row, 2, unit.office.to_string(), Style::Body);
        draft.text(row, LAST, came_text(unit), Style::Body);
        let Some(content) = &unit.content else {
            draft.wide_text(row, (3, LAST - 1), "已收到，未能读取，待人工核对", Style::Wrong);
            continue;
        };
        answers(draft, row, content, Style::Body);
    }
    row += 1;
    draft.wide_text(row, (0, 2), "合计", Style::Heading);
    for (place, column) in (3_u32..).zip(Column::ALL) {
        let sum = form.consolidation.sums.get(column);
        match column {
            Column::Headcount => draft.cell(row, place, number(Some(sum.count)), Style::Heading),
            _ => draft.text(row, place, answered(&sum.answer(), column), Style::Heading),
        }
    }
    draft.text(row, LAST, "", Style::Heading);
    row + 1
}

/// What a return says, column by column from the fourth.
fn answers(draft: &mut Draft, row: u32, content: &Content, style: Style) {
    for (place, column) in (3_u32..).zip(Column::ALL) {
        match column {
            Column::Headcount => draft.cell(row, place, number(content.headcount), style),
            _ => draft.text(row, place, answered(&column.of(content), column), style),
        }
    }
}

/// When it came, and what is to be known of that.
fn came_text(unit: &UnitLine) -> String {
    let day = unit.received_at.map(|at| format!("{}月{}日", at.month(), at.day()));
    let note = match (unit.state, unit.timeliness, unit.not_owed) {
        (State::SentBack, ..) => "（已退回）",
        (State::Held, ..) => "（待核对）",
        (_, Some(Timeliness::Late), _) => "（迟报）",
        (_, _, Some(why)) if NOT_OWING.iter().any(|(known, _)| *known == why) => "（不应报）",
        _ => "",
    };
    format!("{}{note}", day.unwrap_or_default())
}

fn name(form: &Consolidated, unit: OfficeId) -> &str {
    form.unit_names.get(&unit).map_or("", String::as_str)
}

/// What the county says by this form: the sums, or what it amended; then whose word is missing.
fn summary(draft: &mut Draft, first: u32, form: &Consolidated) -> u32 {
    let figures = form.consolidation.figures;
    let to = |column| {
        let amended = form.amended.as_ref()?.amendments.iter().find(|it| it.column == column)?;
        Some(if amended.to == 0 { Answer::Nil } else { Answer::Told(amended.to) })
    };
    let said =
        |column: Column| to(column).unwrap_or_else(|| form.consolidation.sums.get(column).answer());
    draft.wide_text(first, (0, LAST), "一、汇总", Style::Plain);
    let headcount = match said(Column::Headcount) {
        Answer::Told(count) => count,
        Answer::Nil | Answer::Unanswered => 0,
    };
    let places = [
        (Column::Accidents, first + 1, (3, 4), (5, 5)),
        (Column::Health, first + 1, (6, 6), (7, LAST)),
        (Column::Hazards, first + 2, (0, 0), (1, 2)),
        (Column::Needs, first + 2, (3, 4), (5, 5)),
    ];
    draft.text(first + 1, 0, Column::Headcount.title(), Style::Heading);
    draft.wide(first + 1, (1, 2), number(Some(headcount)), Style::Body);
    for (column, row, label, value) in places {
        draft.wide_text(row, label, column.title(), Style::Heading);
        draft.wide_text(row, value, &answered(&said(column), column), Style::Body);
    }
    draft.text(first + 2, 6, "应报、已报", Style::Heading);
    let came = figures.expected - figures.silent;
    let owed = format!("应报{}家，已报{came}家", figures.expected);
    draft.wide_text(first + 2, (7, LAST), &owed, Style::Body);
    let mut row = first + 3;
    let mut line = |label: &str, text: &str| {
        draft.text(row, 0, label, Style::Heading);
        draft.wide_text(row, (1, LAST), text, Style::Body);
        row += 1;
    };
    line("未报单位", &names(form, form.consolidation.silent()));
    let of = |state| {
        let units = form.consolidation.units.iter().filter(move |unit| unit.state == state);
        units.map(|unit| unit.office)
    };
    for (label, state) in [("待核对单位", State::Held), ("已退回单位", State::SentBack)] {
        if of(state).next().is_some() {
            line(label, &names(form, of(state)));
        }
    }
    for (why, label) in NOT_OWING {
        let units = form.consolidation.not_owing.iter().filter(|(_, known)| known == why);
        let units = names(form, units.map(|(unit, _)| *unit));
        if units != NONE {
            line(label, &units);
        }
    }
    if let Some(word) = &form.amended {
        line("区县更正", &amended_text(word));
    }
    row
}

/// Why a unit owes nothing, as far as a reader of the form wants to know.
const NOT_OWING: &[(NotOwed, &str)] =
    &[(NotOwed::NoVolunteers, "无志愿者"), (NotOwed::OfficeDidNotExist, "已撤并单位")];

const NONE: &str = "无";

fn names(form: &Consolidated, units: impl Iterator<Item = OfficeId>) -> String {
    let names: Vec<&str> = units.map(|unit| name(form, unit)).collect();
    if names.is_empty() { NONE.to_owned() } else { names.join("、") }
}

/// `在岗人数由33改为35。原因：…`.
fn amended_text(word: &Confirmation) -> String {
    let amended = word.amendments.iter().map(|it| {
        let from = it.from.map_or_else(|| "未填".to_owned(), |from| from.to_string());
        format!("{}由{from}改为{}", it.column.title(), it.to)
    });
    let amended = amended.collect::<Vec<_>>().join("，");
    format!("{amended}。原因：{}", word.reason.as_deref().unwrap_or_default())
}

/// Accidents by unit, kind and time; never a name or a diagnosis. Gives the next free row.
fn incidents(draft: &mut Draft, first: u32, form: &Consolidated) -> u32 {
    if form.consolidation.incidents.is_empty() {
        return first + 1;
    }
    draft.wide_text(first, (0, LAST), "二、安全、健康事故情况", Style::Plain);
    let places = [(0, 0), (1, 1), (2, 3), (4, 5), (6, 6), (7, LAST)];
    incident_table(draft, first + 1, &form.consolidation.incidents, places, |unit| {
        name(form, unit).to_owned()
    })
}

/// The table of accidents over these columns; gives the row after one that is left free.
pub(super) fn incident_table(
    draft: &mut Draft,
    first: u32,
    incidents: &[IncidentLine],
    places: [(u32, u32); 6],
    name: impl Fn(OfficeId) -> String,
) -> u32 {
    let headings = ["序号", "发生单位", "事故类别", "发生时间", "涉及人数", "处理措施"];
    for (place, heading) in places.into_iter().zip(headings) {
        draft.wide_text(first, place, heading, Style::Heading);
    }
    let mut row = first;
    for (index, incident) in incidents.iter().enumerate() {
        row += 1;
        let measures = match (incident.in_return, incident.measures_told) {
            (true, true) => "已说明处理情况".to_owned(),
            (true, false) => String::new(),
            (false, _) => "首报，报告单未写".to_owned(),
        };
        let measures = match incident.number {
            Some(number) if measures.is_empty() => format!("编号{number}"),
            Some(number) => format!("{measures}（编号{number}）"),
            None => measures,
        };
        let when = incident.at.map(|at| day_text(at.date())).unwrap_or_default();
        let values = [
            CellOutValue::Number((index + 1) as f64),
            CellOutValue::Text(name(incident.office)),
            CellOutValue::Text(incident_kind_text(incident.kind).to_owned()),
            CellOutValue::Text(when),
            number(incident.persons),
            CellOutValue::Text(measures),
        ];
        for (place, value) in places.into_iter().zip(values) {
            draft.wide(row, place, value, Style::Body);
        }
    }
    row + 2
}

/// 无 only where every unit said so: what a unit left empty is not made a statement here.
pub(super) fn answered(answer: &Answer<u32>, column: Column) -> String {
    match answer {
        Answer::Unanswered => "未填".to_owned(),
        Answer::Nil => NONE.to_owned(),
        Answer::Told(count) => format!("{count}{}", column.measure()),
    }
}
