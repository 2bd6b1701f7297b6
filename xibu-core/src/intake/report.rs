//! 月报告单: what a unit or an office reports for a month, as a printed form or one unit a line.
//!
//! The notice names the form 《重庆市大学生西部计划志愿者管理服务信息月报告单》 and does not show
//! it, so the labels are ours with the words offices use. 无, 安全无事, 零 say *nil*; a dash says
//! nothing. Words that may speak of a person are kept apart as [`Note`]s, which a store can erase.

use alloc::string::String;
use alloc::vec::Vec;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::grid::Grid;
use super::heading::Vocabulary;
use super::{Intake, Personal};
use crate::cell::Sheet;
use crate::incident::{Incident, IncidentKind};
use crate::office::OfficeId;
use crate::period::Period;
use crate::person::PersonId;
use crate::returns::{Answer, Content};

mod entry;
mod form;
mod incident;
mod table;

/// What one office reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRow {
    /// 单位编号, where our own number was given.
    pub office_number: Option<OfficeId>,
    /// 填报单位.
    pub office: Option<String>,
    /// 报告月份.
    pub period: Period,
    /// 在岗人数.
    pub headcount: Option<u32>,
    /// 安全、健康事故.
    pub accidents: Answer<Vec<IncidentRow>>,
    /// 患病、健康情况: persons.
    pub health: Answer<u32>,
    /// 隐患及整改.
    pub hazards: Answer<u32>,
    /// 困难和诉求.
    pub needs: Answer<u32>,
    /// 填报人.
    pub stated_by: Option<Personal>,
    /// 负责人.
    pub head: Option<Personal>,
    /// 填报日期.
    pub filled_on: Option<NaiveDate>,
    /// 未报单位, by name or number as typed.
    pub silent: Vec<String>,
    /// The words of the sections.
    pub notes: Vec<Note>,
}

/// An accident as told, before it is known whose number the office has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentRow {
    /// What kind.
    pub kind: IncidentKind,
    /// When, as far as told; noon stands where only a day is told.
    pub occurred: Option<NaiveDateTime>,
    /// How many persons, as far as told.
    pub persons: Option<u32>,
    /// Whether the report says what was done.
    pub measures_told: bool,
}

/// Words of a section. They may speak of a person, so they stay out of history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Which section.
    pub section: Section,
    /// The words.
    pub text: Personal,
}

/// A section of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// 安全、健康事故.
    Accidents,
    /// 患病、健康情况.
    Health,
    /// 隐患及整改.
    Hazards,
    /// 困难和诉求.
    Needs,
    /// 备注.
    Remark,
}

impl Section {
    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            Section::Accidents => "accidents",
            Section::Health => "health",
            Section::Hazards => "hazards",
            Section::Needs => "needs",
            Section::Remark => "remark",
        }
    }
}

impl ReportRow {
    /// The content for history, once it is known which office and which person these are.
    pub fn content(&self, office: OfficeId, stated_by: Option<PersonId>) -> Content {
        let accidents = match &self.accidents {
            Answer::Unanswered => Answer::Unanswered,
            Answer::Nil => Answer::Nil,
            Answer::Told(rows) => Answer::Told(
                rows.iter()
                    .map(|row| Incident {
                        office,
                        kind: row.kind,
                        occurred: row.occurred,
                        persons: row.persons,
                        measures_told: row.measures_told,
                        reference: None,
                    })
                    .collect(),
            ),
        };
        Content {
            headcount: self.headcount,
            accidents,
            health: self.health.clone(),
            hazards: self.hazards.clone(),
            needs: self.needs.clone(),
            stated_by,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Field {
    OfficeNumber,
    Office,
    Month,
    Headcount,
    Accidents,
    IncidentKind,
    IncidentTime,
    IncidentPersons,
    IncidentMeasures,
    Health,
    Hazards,
    Needs,
    Remark,
    Silent,
    StatedBy,
    CheckedBy,
    Head,
    FilledOn,
    Phone,
}

const VOCABULARY: Vocabulary<Field> = Vocabulary(&[
    (Field::OfficeNumber, &["单位编号", "本系统单位编号", "编号", "填报单位编号", "服务单位编号"]),
    (
        Field::Office,
        &[
            "填报单位",
            "报告单位",
            "单位名称",
            "服务单位",
            "上报单位",
            "服务单位名称",
            "单位",
            "填报单位名称",
            "报送单位",
        ],
    ),
    (
        Field::Month,
        &["报告月份", "月份", "填报月份", "上报月份", "报告期", "报告时间段", "所属月份"],
    ),
    (
        Field::Headcount,
        &[
            "在岗人数",
            "在岗志愿者人数",
            "志愿者人数",
            "人数",
            "在岗志愿者",
            "在岗志愿者数",
            "实有人数",
            "在岗",
        ],
    ),
    (
        Field::Accidents,
        &[
            "安全健康事故",
            "安全健康事故情况",
            "安全事故",
            "事故情况",
            "安全情况",
            "安全事故情况",
            "安全",
            "事故",
            "安全健康情况",
            "安全健康",
            "事故数",
            "是否发生事故",
            "有无事故",
            "事故起数",
            "本月事故",
            "安全健康事故数",
        ],
    ),
    (Field::IncidentKind, &["事故类别", "事故类型", "类别", "事故种类", "事故性质"]),
    (
        Field::IncidentTime,
        &["发生时间", "事故时间", "时间", "发生日期", "事故发生时间", "事故日期"],
    ),
    (Field::IncidentPersons, &["涉及人数", "伤亡人数", "受伤人数", "事故人数", "伤亡情况"]),
    (
        Field::IncidentMeasures,
        &[
            "处理措施",
            "已采取措施",
            "采取措施",
            "处置情况",
            "处理情况",
            "措施",
            "处置措施",
            "事故处理情况",
        ],
    ),
    (
        Field::Health,
        &[
            "患病健康情况",
            "健康情况",
            "患病情况",
            "患病人数",
            "健康状况",
            "患病",
            "身体健康情况",
            "疾病情况",
            "患病及健康情况",
        ],
    ),
    (
        Field::Hazards,
        &[
            "隐患及整改",
            "隐患整改",
            "安全隐患",
            "隐患",
            "隐患排查",
            "隐患及整改情况",
            "安全隐患及整改",
            "隐患情况",
            "隐患数",
            "隐患排查整改",
            "安全隐患及整改情况",
        ],
    ),
    (
        Field::Needs,
        &[
            "困难和诉求",
            "困难诉求",
            "困难及诉求",
            "实际困难",
            "诉求",
            "困难",
            "困难与诉求",
            "需解决的困难",
            "合理诉求",
            "需要解决的问题",
            "困难和诉求情况",
        ],
    ),
    (Field::Remark, &["备注", "其他情况", "其他", "情况说明"]),
    (Field::Silent, &["未报单位", "未报送单位", "未上报单位"]),
    (
        Field::StatedBy,
        &["填报人", "填表人", "报告人", "上报人", "经办人", "制表人", "填报人姓名", "填报人签字"],
    ),
    (Field::CheckedBy, &["审核人", "审核", "复核人"]),
    (Field::Head, &["负责人", "单位负责人", "负责人签字", "第一责任人", "直接责任人"]),
    (Field::FilledOn, &["填报日期", "填表日期", "报告日期", "上报日期", "填报时间", "上报时间"]),
    (Field::Phone, &["联系电话", "电话", "填报人电话", "手机"]),
]);

pub(super) fn heading_row_of_form(grid: &Grid<'_>) -> Option<u32> {
    form::heading_row(grid)
}

pub(super) fn heading_row_of_table(grid: &Grid<'_>) -> Option<u32> {
    table::headings(grid).map(|headings| headings.row)
}

/// Reads a report; `received` decides the year of a month typed without one.
pub fn read(sheet: &Sheet, received: NaiveDate) -> Intake<ReportRow> {
    let grid = Grid::new(sheet);
    if form::heading_row(&grid).is_some() {
        form::read(&grid, received)
    } else if let Some(headings) = table::headings(&grid) {
        table::read(&grid, &headings, received)
    } else {
        super::not_recognised(&grid)
    }
}
