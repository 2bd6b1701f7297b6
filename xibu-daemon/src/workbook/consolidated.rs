//! The county's consolidated form:
//! 《重庆市大学生西部计划志愿者管理服务信息月报告单》, per unit, with sums and the silent units by
//! name.
//!
//! Source: 渝项目办发〔2009〕22号, 一: 区县项目办汇总…于每月28日前填写…上报市项目办. The notice
//! names the form and does not show it; the layout is ours. No volunteer is named on it.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use xibu_core::appointment::Role;
use xibu_core::obligation::ObligationKey;
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::period::Period;
use xibu_core::person::PersonId;
use xibu_core::returns::{Answer, Content};
use xibu_core::rule::Rule;
use xibu_core::world::World;
use xibu_plugin_abi::message::{CellOutValue, SheetOut, Style, Workbook};

use super::sheet::{Draft, number};
use super::{day_text, incident_kind_text, month_text};

/// What stands on a county's form.
#[derive(Clone, Debug)]
pub struct Consolidated {
    /// Our number of the county office.
    pub office: OfficeId,
    /// 报告单位.
    pub name: String,
    /// 报告月份.
    pub period: Period,
    /// The units that reported, by number.
    pub lines: Vec<UnitLine>,
    /// The units that did not, by number.
    pub silent: Vec<(OfficeId, String)>,
    /// 填报人.
    pub stated_by: Option<String>,
    /// 审核人.
    pub checked_by: Option<String>,
    /// 负责人.
    pub head: Option<String>,
    /// 填报日期.
    pub filled_on: Option<NaiveDate>,
}

/// One unit's line.
#[derive(Clone, Debug)]
pub struct UnitLine {
    /// Our number of the unit.
    pub office: OfficeId,
    /// 服务单位.
    pub name: String,
    /// The day its first version came.
    pub received_on: NaiveDate,
    /// What it says; none while unread.
    pub content: Option<Content>,
}

/// Gathers a county's form from the record as it is at `at`; `name_of` knows people's names.
pub fn consolidate(
    world: &World,
    county: OfficeId,
    period: Period,
    at: NaiveDateTime,
    name_of: impl Fn(PersonId) -> Option<String>,
) -> Consolidated {
    let date = at.date();
    let name = |office| {
        world.office_on(office, date).map_or_else(|| office.to_string(), |v| v.name.clone())
    };
    let holder = |role| {
        world
            .appointments_at(county)
            .iter()
            .rev()
            .find(|held| held.role == role && held.validity.contains(date))
            .and_then(|held| name_of(held.person))
    };
    let mut lines = Vec::new();
    let mut silent = Vec::new();
    for unit in world.subordinates(county, OfficeKind::Unit, date).map(|office| office.id) {
        let key = ObligationKey { rule: Rule::UnitMonthlyReturn, debtor: unit, period };
        match world.return_of(&key).filter(|came| came.received_at() <= at) {
            Some(came) => lines.push(UnitLine {
                office: unit,
                name: name(unit),
                received_on: came.received_at().date(),
                content: came.content().cloned(),
            }),
            None => silent.push((unit, name(unit))),
        }
    }
    Consolidated {
        office: county,
        name: name(county),
        period,
        lines,
        silent,
        stated_by: holder(Role::Contact),
        checked_by: holder(Role::Deputy).or_else(|| holder(Role::Staff)),
        head: holder(Role::Head),
        filled_on: Some(date),
    }
}

/// The last column.
const LAST: u32 = 8;

/// Writes the form, A4 across.
pub fn consolidated(form: &Consolidated) -> Workbook {
    let title = format!("{}{}月报告单", form.name, month_text(form.period));
    let properties = BTreeMap::from([("title".to_owned(), title)]);
    Workbook { sheets: vec![page(form)], properties }
}

fn page(form: &Consolidated) -> SheetOut {
    let widths = [11.0, 28.0, 10.0, 15.0, 15.0, 16.0, 15.0, 13.0, 16.0];
    let mut draft = Draft::new("月报告单", &widths).landscape();
    draft.wide_text(0, (0, LAST), "重庆市大学生西部计划志愿者管理服务信息月报告单", Style::Title);
    draft.wide_text(1, (0, 0), "报告单位", Style::Heading);
    draft.wide_text(1, (1, 2), &form.name, Style::Body);
    draft.text(1, 3, "单位编号", Style::Heading);
    draft.text(1, 4, form.office.to_string(), Style::Body);
    draft.text(1, 5, "报告月份", Style::Heading);
    draft.wide_text(1, (6, LAST), &month_text(form.period), Style::Body);
    summary(&mut draft, form);
    let row = units(&mut draft, 7, form);
    let row = incidents(&mut draft, row, form);
    let filled_on = form.filled_on.map(day_text).unwrap_or_default();
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    draft.wide_text(row, (0, 1), &format!("填报人：{}", name(&form.stated_by)), Style::Plain);
    draft.wide_text(row, (2, 3), &format!("审核人：{}", name(&form.checked_by)), Style::Plain);
    draft.wide_text(row, (4, 5), &format!("负责人：{}", name(&form.head)), Style::Plain);
    draft.wide_text(row, (6, LAST), &format!("填报日期：{filled_on}"), Style::Plain);
    draft.wide_text(row + 1, (6, LAST), "（盖章）", Style::Plain);
    draft.done()
}

fn summary(draft: &mut Draft, form: &Consolidated) {
    let sums = Sums::of(form);
    draft.wide_text(2, (0, LAST), "一、汇总", Style::Plain);
    draft.text(3, 0, "在岗人数", Style::Heading);
    draft.wide(3, (1, 2), number(Some(sums.headcount)), Style::Body);
    draft.text(3, 3, "安全、健康事故", Style::Heading);
    draft.wide_text(3, (4, 5), &counted(&sums.accidents, "起"), Style::Body);
    draft.text(3, 6, "患病、健康情况", Style::Heading);
    draft.wide_text(3, (7, LAST), &counted(&sums.health, "人"), Style::Body);
    draft.text(4, 0, "隐患及整改", Style::Heading);
    draft.wide_text(4, (1, 2), &counted(&sums.hazards, "处"), Style::Body);
    draft.text(4, 3, "困难和诉求", Style::Heading);
    draft.wide_text(4, (4, 5), &counted(&sums.needs, "件"), Style::Body);
    draft.text(4, 6, "应报、已报", Style::Heading);
    let (came, owed) = (form.lines.len(), form.lines.len() + form.silent.len());
    draft.wide_text(4, (7, LAST), &format!("应报{owed}家，已报{came}家"), Style::Body);
    let names: Vec<&str> = form.silent.iter().map(|(_, name)| name.as_str()).collect();
    let silent = if names.is_empty() { "无".to_owned() } else { names.join("、") };
    draft.text(5, 0, "未报单位", Style::Heading);
    draft.wide_text(5, (1, LAST), &silent, Style::Body);
    draft.wide_text(6, (0, LAST), "二、各服务单位情况", Style::Plain);
}

/// The table of units with its sums; gives the next free row.
fn units(draft: &mut Draft, first: u32, form: &Consolidated) -> u32 {
    let headings = [
        "序号",
        "服务单位",
        "单位编号",
        "在岗人数",
        "安全、健康事故",
        "患病、健康情况",
        "隐患及整改",
        "困难和诉求",
        "收到日期",
    ];
    for (column, heading) in (0_u32..).zip(headings) {
        draft.text(first, column, heading, Style::Heading);
    }
    let mut row = first;
    for (index, line) in form.lines.iter().enumerate() {
        row += 1;
        draft.cell(row, 0, CellOutValue::Number((index + 1) as f64), Style::Body);
        draft.text(row, 1, line.name.clone(), Style::Body);
        draft.text(row, 2, line.office.to_string(), Style::Body);
        draft.text(row, LAST, day_text(line.received_on), Style::Body);
        let Some(content) = &line.content else {
            draft.wide_text(row, (3, 7), "已收到，未能读取，待人工核对", Style::Wrong);
            continue;
        };
        draft.cell(row, 3, number(content.headcount), Style::Body);
        let accidents = match &content.accidents {
            Answer::Unanswered => "未填".to_owned(),
            Answer::Nil => "无".to_owned(),
            Answer::Told(told) => format!("{}起", told.len()),
        };
        draft.text(row, 4, accidents, Style::Body);
        draft.text(row, 5, answered(&content.health, "人"), Style::Body);
        draft.text(row, 6, answered(&content.hazards, "处"), Style::Body);
        draft.text(row, 7, answered(&content.needs, "件"), Style::Body);
    }
    let sums = Sums::of(form);
    row += 1;
    draft.wide_text(row, (0, 2), "合计", Style::Heading);
    draft.cell(row, 3, number(Some(sums.headcount)), Style::Heading);
    draft.text(row, 4, counted(&sums.accidents, "起"), Style::Heading);
    draft.text(row, 5, counted(&sums.health, "人"), Style::Heading);
    draft.text(row, 6, counted(&sums.hazards, "处"), Style::Heading);
    draft.text(row, 7, counted(&sums.needs, "件"), Style::Heading);
    draft.text(row, LAST, "", Style::Heading);
    row + 1
}

/// Accidents by unit, kind and time; never a name or a diagnosis. Gives the next free row.
fn incidents(draft: &mut Draft, first: u32, form: &Consolidated) -> u32 {
    let told: Vec<_> = form
        .lines
        .iter()
        .filter_map(|line| match line.content.as_ref().map(|content| &content.accidents) {
            Some(Answer::Told(told)) => Some(told.iter().map(move |incident| (line, incident))),
            _ => None,
        })
        .flatten()
        .collect();
    if told.is_empty() {
        return first + 1;
    }
    draft.wide_text(first, (0, LAST), "三、安全、健康事故情况", Style::Plain);
    let row = first + 1;
    draft.text(row, 0, "序号", Style::Heading);
    draft.text(row, 1, "发生单位", Style::Heading);
    draft.wide_text(row, (2, 3), "事故类别", Style::Heading);
    draft.wide_text(row, (4, 5), "发生时间", Style::Heading);
    draft.text(row, 6, "涉及人数", Style::Heading);
    draft.wide_text(row, (7, LAST), "处理措施", Style::Heading);
    let mut row = row;
    for (index, (line, incident)) in told.into_iter().enumerate() {
        row += 1;
        draft.cell(row, 0, CellOutValue::Number((index + 1) as f64), Style::Body);
        draft.text(row, 1, line.name.clone(), Style::Body);
        draft.wide_text(row, (2, 3), incident_kind_text(incident.kind), Style::Body);
        let when = incident.occurred.map(|at| day_text(at.date())).unwrap_or_default();
        draft.wide_text(row, (4, 5), &when, Style::Body);
        draft.cell(row, 6, number(incident.persons), Style::Body);
        let measures = if incident.measures_told { "已说明处理情况" } else { "" };
        draft.wide_text(row, (7, LAST), measures, Style::Body);
    }
    row + 2
}

/// Sums over the returns that could be read.
#[derive(Default)]
struct Sums {
    headcount: u32,
    accidents: Sum,
    health: Sum,
    hazards: Sum,
    needs: Sum,
}

/// A sum, and whether some unit left the section empty.
#[derive(Default)]
struct Sum {
    count: u32,
    unanswered: bool,
}

impl Sum {
    fn add<T>(&mut self, answer: &Answer<T>, count: impl FnOnce(&T) -> u32) {
        match answer {
            Answer::Unanswered => self.unanswered = true,
            Answer::Nil => {}
            Answer::Told(told) => self.count += count(told),
        }
    }
}

impl Sums {
    fn of(form: &Consolidated) -> Self {
        let mut sums = Self::default();
        for content in form.lines.iter().filter_map(|line| line.content.as_ref()) {
            sums.headcount += content.headcount.unwrap_or(0);
            sums.accidents.add(&content.accidents, |told| told.len() as u32);
            sums.health.add(&content.health, |count| *count);
            sums.hazards.add(&content.hazards, |count| *count);
            sums.needs.add(&content.needs, |count| *count);
        }
        sums
    }
}

/// 无 only where every unit said so: what a unit left empty is not made a statement here.
fn counted(sum: &Sum, measure: &str) -> String {
    match sum {
        Sum { count: 0, unanswered: true } => "未填".to_owned(),
        Sum { count: 0, unanswered: false } => "无".to_owned(),
        Sum { count, .. } => format!("{count}{measure}"),
    }
}

fn answered(answer: &Answer<u32>, measure: &str) -> String {
    match answer {
        Answer::Unanswered => "未填".to_owned(),
        Answer::Nil => "无".to_owned(),
        Answer::Told(count) => format!("{count}{measure}"),
    }
}
