//! 月报告单: what a unit or an office reports for a month, as a printed form or one unit a line.
//!
//! What the labels mean stands with the form itself ([`crate::form`]), as data. 无, 安全无事, 零
//! say *nil*; a dash says nothing. Words that may speak of a person are kept apart as [`Note`]s,
//! which a store can erase.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::grid::Grid;
use super::{Intake, Personal, Refused};
use crate::cell::{Place, Sheet};
use crate::form::Forms;
use crate::form::lexicon::Field;
use crate::incident::{Incident, IncidentKind};
use crate::office::OfficeId;
use crate::period::Period;
use crate::person::PersonId;
use crate::returns::{Answer, Content, FieldValue, PersonState, PostState};

mod added;
mod entry;
mod form;
mod incident;
mod list;
mod people;
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
    /// 志愿者在岗情况, line by line.
    pub people: Vec<PersonRow>,
    /// What a form adds, by the field's key.
    pub extra: BTreeMap<String, FieldValue>,
    /// The words of the sections.
    pub notes: Vec<Note>,
    /// Where each field stands, by its key; for a line of a list also by its number from 0.
    pub places: BTreeMap<(String, Option<u32>), Place>,
}

/// A volunteer as told, before it is known who that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// 志愿者编号, where our own number was given.
    pub number: Option<PersonId>,
    /// 姓名.
    pub name: Option<Personal>,
    /// 在岗状态.
    pub state: PostState,
    /// 变动日期.
    pub since: Option<NaiveDate>,
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
    /// Whether it says what kind it is.
    pub kind_told: bool,
    /// Whether it says where.
    pub place_told: bool,
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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// A field that a form adds, by its key.
    Added(String),
}

impl Section {
    /// Its name in snake case.
    pub fn name(&self) -> &str {
        match self {
            Section::Added(key) => key,
            Section::Accidents => "accidents",
            Section::Health => "health",
            Section::Hazards => "hazards",
            Section::Needs => "needs",
            Section::Remark => "remark",
        }
    }
}

impl ReportRow {
    /// The content for history, once it is known which office and which person these are; people
    /// are those whose numbers the report gives.
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
                        kind_told: row.kind_told,
                        place_told: row.place_told,
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
            people: self
                .people
                .iter()
                .map(|row| PersonState { person: row.number, state: row.state, since: row.since })
                .collect(),
            extra: self.extra.clone(),
        }
    }
}

pub(super) fn heading_row_of_form(grid: &Grid<'_>, forms: &Forms) -> Option<u32> {
    form::heading_row(grid, forms.lexicon())
}

pub(super) fn heading_row_of_table(grid: &Grid<'_>, forms: &Forms) -> Option<u32> {
    table::headings(grid, forms.lexicon()).map(|headings| headings.row)
}

/// Reads a report by the form that comes with the software; `received` decides the year of a month
/// typed without one.
pub fn read(sheet: &Sheet, received: NaiveDate) -> Intake<ReportRow> {
    read_by(&Forms::built_in(), sheet, received)
}

/// The people that stand on a sheet of their own beside a report, with the place of each, and what
/// is wrong with them. None where the sheet holds no such list.
pub fn people_beside(forms: &Forms, sheet: &Sheet) -> Option<PeopleBeside> {
    people::beside(&Grid::new(sheet), forms.lexicon())
}

/// What a sheet of people says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleBeside {
    /// Everybody of whom a state is told, with where that stands.
    pub people: Vec<(PersonRow, Place)>,
    /// Cells that cannot be read.
    pub refused: Vec<Refused>,
}

impl ReportRow {
    /// Takes in the people of a sheet beside it, behind its own.
    pub fn joined_by(&mut self, beside: &PeopleBeside) {
        for (person, place) in &beside.people {
            let line = u32::try_from(self.people.len()).ok();
            self.places.insert((Field::People.key().into(), line), place.clone());
            self.people.push(person.clone());
        }
    }
}

/// Reads a report by the forms in use.
pub fn read_by(forms: &Forms, sheet: &Sheet, received: NaiveDate) -> Intake<ReportRow> {
    let grid = Grid::new(sheet);
    let lexicon = forms.lexicon();
    if form::heading_row(&grid, lexicon).is_some() {
        form::read(&grid, lexicon, received)
    } else if let Some(headings) = table::headings(&grid, lexicon) {
        table::read(&grid, lexicon, &headings, received)
    } else {
        super::not_recognised(&grid)
    }
}
