//! A service unit's monthly form, filled in as far as we know.
//!
//! Source: 渝项目办发〔2009〕22号, 一 (安全、健康事故月上报制度). The notice gives no form; this
//! one is ours.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use xibu_core::incident::IncidentKind;
use xibu_core::office::OfficeId;
use xibu_core::period::Period;
use xibu_plugin_abi::message::{CellOutValue, SheetOut, Style, Workbook};

use super::asked::{day, whole};
use super::sheet::{Draft, number, text_or_blank};
use super::{INCIDENT_KINDS, incident_kind_text, month_text};

/// What is known beforehand of a unit's form.
#[derive(Clone, Debug)]
pub struct UnitForm {
    /// Our number of the unit.
    pub office: OfficeId,
    /// Its name.
    pub name: String,
    /// The county office it reports to.
    pub county: String,
    /// For which month.
    pub period: Period,
    /// How many volunteers the roster has at the unit.
    pub headcount: Option<u32>,
    /// 填报人, the unit's contact.
    pub contact: Option<String>,
    /// 负责人, the unit's head.
    pub head: Option<String>,
    /// Filled sections; none for the blank form that is sent out.
    pub answers: Option<FormAnswers>,
}

/// The sections as somebody would type them.
#[derive(Clone, Debug, Default)]
pub struct FormAnswers {
    /// 安全、健康事故: `无`, `有`, or words.
    pub accidents: String,
    /// Lines of the accident table, three at most.
    pub incidents: Vec<FormIncident>,
    /// 患病、健康情况.
    pub health: String,
    /// 隐患及整改.
    pub hazards: String,
    /// 困难和诉求.
    pub needs: String,
    /// 备注.
    pub remark: String,
    /// 填报日期.
    pub filled_on: Option<NaiveDate>,
}

/// One line of the accident table.
#[derive(Clone, Debug)]
pub struct FormIncident {
    /// 事故类别.
    pub kind: IncidentKind,
    /// 发生时间, as typed.
    pub when: String,
    /// 涉及人数.
    pub persons: u32,
    /// 处理措施.
    pub measures: String,
}

/// How many accidents fit on the form.
const INCIDENT_LINES: u32 = 3;

/// Writes the form, one A4 page upright.
pub fn unit_form(form: &UnitForm) -> Workbook {
    let title = format!("{}月报告单", month_text(form.period));
    let properties = BTreeMap::from([("title".to_owned(), title)]);
    Workbook { sheets: vec![page(form)], properties }
}

fn page(form: &UnitForm) -> SheetOut {
    let mut draft = Draft::new("月报告单", &[16.0, 22.0, 12.0, 13.0, 13.0, 14.0]).protected();
    draft.wide_text(0, (0, 5), "重庆市大学生西部计划志愿者", Style::Title);
    draft.wide_text(1, (0, 5), "服务单位安全健康情况月报告单", Style::Title);
    let pair = |draft: &mut Draft,
                row,
                left: (&str, CellOutValue, Style),
                right: (&str, CellOutValue, Style)| {
        draft.text(row, 0, left.0, Style::Heading);
        draft.wide(row, (1, 2), left.1, left.2);
        draft.text(row, 3, right.0, Style::Heading);
        draft.wide(row, (4, 5), right.1, right.2);
    };
    let known = |text: &str| CellOutValue::Text(text.to_owned());
    pair(
        &mut draft,
        2,
        ("填报单位", known(&form.name), Style::Body),
        ("单位编号", known(&form.office.to_string()), Style::Body),
    );
    pair(
        &mut draft,
        3,
        ("报告月份", known(&month_text(form.period)), Style::Body),
        ("报送对象", known(&form.county), Style::Body),
    );
    pair(
        &mut draft,
        4,
        ("在岗人数", number(form.headcount), Style::Input),
        ("联系电话", CellOutValue::Blank, Style::Input),
    );
    draft.check(whole([4, 1, 4, 1]));
    let below = sections(&mut draft, form.answers.as_ref());
    signatures(&mut draft, below, form);
    draft.done()
}

/// Accidents with their table, then the other sections; gives the next free row.
fn sections(draft: &mut Draft, answers: Option<&FormAnswers>) -> u32 {
    let typed = |pick: fn(&FormAnswers) -> &str| text_or_blank(answers.map(pick));
    draft.text(5, 0, "安全、健康事故", Style::Heading);
    draft.wide(5, (1, 5), typed(|answers| &answers.accidents), Style::Input);
    draft.choice([5, 1, 5, 1], ["无", "有"]);
    for (column, heading) in (0_u32..).zip(["事故类别", "发生时间", "涉及人数"]) {
        draft.text(6, column, heading, Style::Heading);
    }
    draft.wide_text(6, (3, 5), "处理措施", Style::Heading);
    for line in 0..INCIDENT_LINES {
        let row = 7 + line;
        let incident = answers.and_then(|answers| answers.incidents.get(line as usize));
        let text = |text: Option<&str>| text_or_blank(text);
        draft.cell(row, 0, text(incident.map(|i| incident_kind_text(i.kind))), Style::Input);
        draft.cell(row, 1, text(incident.map(|i| i.when.as_str())), Style::Input);
        draft.cell(row, 2, number(incident.map(|i| i.persons)), Style::Input);
        draft.wide(row, (3, 5), text(incident.map(|i| i.measures.as_str())), Style::Input);
    }
    draft.check(whole([7, 2, 6 + INCIDENT_LINES, 2]));
    draft.choice([7, 0, 6 + INCIDENT_LINES, 0], INCIDENT_KINDS.map(incident_kind_text));
    let sections: [(&str, Section); 4] = [
        ("患病、健康情况", |answers| &answers.health),
        ("隐患及整改", |answers| &answers.hazards),
        ("困难和诉求", |answers| &answers.needs),
        ("备注", |answers| &answers.remark),
    ];
    let mut row = 7 + INCIDENT_LINES;
    for (label, pick) in sections {
        draft.text(row, 0, label, Style::Heading);
        draft.wide(row, (1, 5), typed(pick), Style::Input);
        row += 1;
    }
    row
}

/// Which answer stands in a section.
type Section = fn(&FormAnswers) -> &str;

fn signatures(draft: &mut Draft, row: u32, form: &UnitForm) {
    let filled_on = form.answers.as_ref().and_then(|answers| answers.filled_on);
    let cells = [
        ("填报人", text_or_blank(form.contact.as_deref())),
        ("负责人", text_or_blank(form.head.as_deref())),
        (
            "填报日期",
            filled_on.map_or(CellOutValue::Blank, |day| CellOutValue::Date(day.to_string())),
        ),
    ];
    for (index, (label, value)) in (0_u32..).zip(cells) {
        draft.text(row, index * 2, label, Style::Heading);
        draft.cell(row, index * 2 + 1, value, Style::Input);
    }
    draft.check(day([row, 5, row, 5]));
    draft.wide_text(row + 1, (0, 5), "（单位盖章）", Style::Plain);
    draft.wide_text(
        row + 2,
        (0, 5),
        "说明：每一栏都要填，没有请填“无”；“无”由填报人对本栏负责。人数和件数请写数字。",
        Style::Plain,
    );
}
