//! Dated parameters: the numbers and switches a rule leaves open, each with where it comes from.
//!
//! Deadlines differ by province and by county and change over time, so none of them is a constant.
//! A value is looked up by its name, the office's path (nearest office first) and a date. What
//! comes with the software is [`Parameters::built_in`]; an office adds its own [`Setting`]s,
//! usually from a file.
//!
//! Not the settings of a program: where data lies or which mail server is used has no place here.

mod setting;

use core::fmt;
use core::str::FromStr;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::calendar::Calendar;
use crate::form::Forms;
use crate::office::OfficeId;
use crate::source::{NOTICE, Source};
use crate::validity::Validity;

pub use setting::{Setting, Value};

/// What can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parameter {
    /// Day of the month from which the return is asked for, on the first working day from it. Where
    /// it is not before the due day it lies in the month before.
    ReportOpeningDay,
    /// Day of the month before which the county's return is due (每月28日前).
    ReportDueDay,
    /// Whether a due day that is a rest day moves to the next working day. A third reading of 前;
    /// off.
    RollRestDayForward,
    /// How many working days the units' cut-off lies before the county's target day; at least 1.
    UnitCutoffWorkingDaysBeforeTarget,
    /// The units' cut-off is never after this day of the month.
    UnitCutoffDayMax,
    /// How many working days before its target day a return is called to mind.
    ReminderWorkingDaysBefore,
    /// On which working days after it became late the three steps of a ladder come, in rising
    /// order.
    LadderWorkingDaysAfter,
    /// How many working days ahead a debtor may promise a return, at most.
    AcknowledgementWorkingDaysMax,
    /// Time of day from which people may be told something, `08:30`.
    DayBegins,
    /// Time of day from which chasing rests, `21:00`.
    DayEnds,
    /// How many months back a debt is still chased.
    ChasePeriodsMax,
    /// Time of day, on working days, at which job information that fits is put together for those
    /// who allowed it.
    DigestTime,
    /// How many minutes after it happened an accident is told first (首报).
    IncidentFirstReportMinutes,
    /// How many minutes after it was told those responsible have to say that they know.
    IncidentAcknowledgeMinutes,
    /// After how many further minutes they are told once more.
    IncidentRepeatMinutes,
    /// How many hours after the last word on an accident the next is due (续报).
    IncidentFollowUpHours,
    /// How many days after it was told an accident's closing report is due (终报).
    IncidentClosingDays,
    /// Whether another daemon chases what is owed to this office and to those below it. The nearest
    /// office that set it counts.
    ServedElsewhere,
}

impl Parameter {
    /// Every parameter.
    pub const ALL: [Parameter; 18] = [
        Parameter::ReportOpeningDay,
        Parameter::ReportDueDay,
        Parameter::RollRestDayForward,
        Parameter::UnitCutoffWorkingDaysBeforeTarget,
        Parameter::UnitCutoffDayMax,
        Parameter::ReminderWorkingDaysBefore,
        Parameter::LadderWorkingDaysAfter,
        Parameter::AcknowledgementWorkingDaysMax,
        Parameter::DayBegins,
        Parameter::DayEnds,
        Parameter::ChasePeriodsMax,
        Parameter::DigestTime,
        Parameter::IncidentFirstReportMinutes,
        Parameter::IncidentAcknowledgeMinutes,
        Parameter::IncidentRepeatMinutes,
        Parameter::IncidentFollowUpHours,
        Parameter::IncidentClosingDays,
        Parameter::ServedElsewhere,
    ];

    /// Its name in snake case, as a file writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Parameter::ReportOpeningDay => "report_opening_day",
            Parameter::ReportDueDay => "report_due_day",
            Parameter::RollRestDayForward => "roll_rest_day_forward",
            Parameter::UnitCutoffWorkingDaysBeforeTarget => {
                "unit_cutoff_working_days_before_target"
            }
            Parameter::UnitCutoffDayMax => "unit_cutoff_day_max",
            Parameter::ReminderWorkingDaysBefore => "reminder_working_days_before",
            Parameter::LadderWorkingDaysAfter => "ladder_working_days_after",
            Parameter::AcknowledgementWorkingDaysMax => "acknowledgement_working_days_max",
            Parameter::DayBegins => "day_begins",
            Parameter::DayEnds => "day_ends",
            Parameter::ChasePeriodsMax => "chase_periods_max",
            Parameter::DigestTime => "digest_time",
            Parameter::IncidentFirstReportMinutes => "incident_first_report_minutes",
            Parameter::IncidentAcknowledgeMinutes => "incident_acknowledge_minutes",
            Parameter::IncidentRepeatMinutes => "incident_repeat_minutes",
            Parameter::IncidentFollowUpHours => "incident_follow_up_hours",
            Parameter::IncidentClosingDays => "incident_closing_days",
            Parameter::ServedElsewhere => "served_elsewhere",
        }
    }

    /// The value that comes with the software, and why.
    fn built_in(self) -> (Value, Source) {
        let policy =
            |reason: &str| Source::Policy { set_by: "xibu".into(), reason: reason.to_string() };
        match self {
            Parameter::ReportOpeningDay => (
                Value::Number(15),
                policy("约提前两周开始收报，基层有一个完整工作周以上的填报时间"),
            ),
            Parameter::ReportDueDay => (
                Value::Number(28),
                Source::Clause {
                    document: NOTICE.into(),
                    clause: "一".into(),
                    text: "于每月28日前填写《重庆市大学生西部计划志愿者管理服务信息月报告单》上报市项目办".into(),
                },
            ),
            Parameter::RollRestDayForward => {
                (Value::Switch(false), policy("通知未规定遇休息日顺延，故不顺延；提醒改为提前"))
            }
            Parameter::UnitCutoffWorkingDaysBeforeTarget => (
                Value::Number(2),
                policy("通知未定服务单位上报日；区县汇总、审核、盖章需留出两个工作日"),
            ),
            Parameter::UnitCutoffDayMax => {
                (Value::Number(25), policy("每月截止日保持稳定，最迟不过25日"))
            }
            Parameter::ReminderWorkingDaysBefore => {
                (Value::Number(2), policy("临期前两个工作日提醒一次，不多打扰"))
            }
            Parameter::LadderWorkingDaysAfter => (
                Value::Numbers(Vec::from([1, 2, 3])),
                policy("逾期后逐个工作日向上一级负责人提示"),
            ),
            Parameter::AcknowledgementWorkingDaysMax => {
                (Value::Number(1), policy("答复可暂停催报，最多一个工作日，不免除上报"))
            }
            Parameter::DayBegins => (Value::TimeOfDay(time(8, 30)), policy("上班时间起")),
            Parameter::DayEnds => (Value::TimeOfDay(time(21, 0)), policy("夜间不打扰")),
            Parameter::ChasePeriodsMax => {
                (Value::Number(12), policy("一年以前的欠报由年度考核处理，不再逐月催报"))
            }
            Parameter::DigestTime => (
                Value::TimeOfDay(time(9, 0)),
                policy("就业信息一个工作日最多一封，上班后统一推送，不零散打扰"),
            ),
            // The notice names no limit for an individual accident, only the monthly return.
            Parameter::IncidentFirstReportMinutes => {
                (Value::Number(60), policy("通知未规定单起事故的首报时限；先求人、后求全，一小时内报"))
            }
            Parameter::IncidentAcknowledgeMinutes => {
                (Value::Number(30), policy("通知未规定；半小时无人确认，就要再找一遍人"))
            }
            Parameter::IncidentRepeatMinutes => {
                (Value::Number(30), policy("通知未规定；每半小时再找一遍，并报上一级"))
            }
            Parameter::IncidentFollowUpHours => {
                (Value::Number(24), policy("通知未规定；未结案的每天续报一次"))
            }
            Parameter::IncidentClosingDays => {
                (Value::Number(30), policy("通知未规定；一个月内报处理结果，结案"))
            }
            Parameter::ServedElsewhere => {
                (Value::Switch(false), policy("只有一套系统时都由它催办"))
            }
        }
    }

    /// Why `value` cannot stand for this parameter, if it cannot.
    fn objection(self, value: &Value) -> Option<&'static str> {
        let fits = |lowest: u32, highest: u32, what: &'static str| match value {
            Value::Number(number) if (lowest..=highest).contains(number) => None,
            _ => Some(what),
        };
        match self {
            Parameter::ReportOpeningDay | Parameter::ReportDueDay | Parameter::UnitCutoffDayMax => {
                fits(1, 31, "a day of the month, 1 to 31")
            }
            Parameter::UnitCutoffWorkingDaysBeforeTarget => {
                fits(1, 10, "a number of working days, 1 to 10")
            }
            Parameter::ReminderWorkingDaysBefore => {
                fits(1, 10, "a number of working days, 1 to 10")
            }
            // DESIGN's ceiling: an acknowledgement may pause one working day, never more.
            Parameter::AcknowledgementWorkingDaysMax => fits(0, 1, "0 or 1 working day"),
            Parameter::ChasePeriodsMax => fits(1, 24, "a number of months, 1 to 24"),
            Parameter::IncidentFirstReportMinutes
            | Parameter::IncidentAcknowledgeMinutes
            | Parameter::IncidentRepeatMinutes => fits(5, 1440, "a number of minutes, 5 to 1440"),
            Parameter::IncidentFollowUpHours => fits(1, 168, "a number of hours, 1 to 168"),
            Parameter::IncidentClosingDays => fits(1, 180, "a number of days, 1 to 180"),
            Parameter::RollRestDayForward | Parameter::ServedElsewhere => match value {
                Value::Switch(_) => None,
                _ => Some("true or false"),
            },
            Parameter::LadderWorkingDaysAfter => match value {
                Value::Numbers(days)
                    if days.len() == 3
                        && days[0] >= 1
                        && days[2] <= 20
                        && days.windows(2).all(|pair| pair[0] < pair[1]) =>
                {
                    None
                }
                _ => Some("three rising numbers of working days, 1 to 20, such as [1, 2, 3]"),
            },
            Parameter::DayBegins | Parameter::DayEnds | Parameter::DigestTime => match value {
                Value::TimeOfDay(_) => None,
                _ => Some("a time of day such as \"08:30\""),
            },
        }
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Parameter {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Parameter::ALL.into_iter().find(|parameter| parameter.name() == text).ok_or_else(|| {
            let nearest = nearest(text).map_or_else(String::new, |parameter| {
                format!("; the nearest is `{}`", parameter.name())
            });
            Error::new(format!("no parameter is called `{text}`{nearest}"))
        })
    }
}

/// The parameter whose name needs the fewest edits to become `text`, where that is less than half
/// of it.
fn nearest(text: &str) -> Option<Parameter> {
    Parameter::ALL
        .into_iter()
        .map(|parameter| (edits(text, parameter.name()), parameter))
        .min()
        .filter(|(edits, _)| *edits * 2 < text.len().max(2))
        .map(|(_, parameter)| parameter)
}

/// How many letters must be put in, taken out or replaced to turn `a` into `b`.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for j in 0..b.len() {
            let replaced = diagonal + usize::from(letter != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// All settings known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// One for each of [`Parameter::ALL`], in its order.
    built_in: Vec<Setting>,
    /// What offices set, for whom; the stretches of days of one entry do not overlap.
    set: BTreeMap<(Parameter, Option<OfficeId>), Vec<Setting>>,
    /// The offices that set something for themselves and those below.
    setters: BTreeSet<OfficeId>,
}

impl Parameters {
    /// The values that come with the software.
    pub fn built_in() -> Self {
        let built_in = Parameter::ALL
            .into_iter()
            .map(|parameter| {
                let (value, source) = parameter.built_in();
                let validity = Validity::since(NaiveDate::MIN);
                Setting { parameter, office: None, validity, value, source }
            })
            .collect();
        Self { built_in, set: BTreeMap::new(), setters: BTreeSet::new() }
    }

    /// These with one more setting; it stands before the built-in value.
    ///
    /// # Errors
    /// When the value is of the wrong kind or out of range, the stretch of days is empty, or the
    /// same office already set the same parameter for some of those days.
    pub fn with(mut self, setting: Setting) -> Result<Self, Error> {
        let name = setting.parameter;
        let whom = setting.office.map_or_else(String::new, |office| format!(" for {office}"));
        if let Some(expected) = setting.parameter.objection(&setting.value) {
            let found = &setting.value;
            return Err(Error::new(format!("{name}{whom}: expected {expected}, found {found}")));
        }
        let Validity { from, until } = setting.validity;
        if until.is_some_and(|until| until <= from) {
            return Err(Error::new(format!("{name}{whom}: ends before it begins on {from}")));
        }
        let entry = self.set.entry((setting.parameter, setting.office)).or_default();
        if let Some(other) = entry.iter().find(|other| other.validity.overlaps(&setting.validity)) {
            let since = other.validity.from;
            return Err(Error::new(format!(
                "{name}{whom}: set twice; give the one from {since} an end (`until`)"
            )));
        }
        self.setters.extend(setting.office);
        entry.push(setting);
        Ok(self)
    }

    /// The setting in force on `date` for an office whose path, nearest office first, is `path`:
    /// its own, else the nearest office's above it, else everybody's, else the built-in one.
    pub fn get(&self, parameter: Parameter, path: &[OfficeId], date: NaiveDate) -> &Setting {
        let set = |office: Option<OfficeId>| {
            let entry = self.set.get(&(parameter, office))?;
            entry.iter().find(|setting| setting.validity.contains(date))
        };
        path.iter()
            .find_map(|office| set(Some(*office)))
            .or_else(|| set(None))
            .unwrap_or(&self.built_in[parameter as usize])
    }

    /// A number in force, such as a day of the month.
    pub fn number(&self, parameter: Parameter, path: &[OfficeId], date: NaiveDate) -> u32 {
        match self.get(parameter, path, date).value {
            Value::Number(number) => number,
            _ => 0,
        }
    }

    /// A switch in force.
    pub fn switch(&self, parameter: Parameter, path: &[OfficeId], date: NaiveDate) -> bool {
        matches!(self.get(parameter, path, date).value, Value::Switch(true))
    }

    /// A time of day in force.
    pub fn time_of_day(
        &self,
        parameter: Parameter,
        path: &[OfficeId],
        date: NaiveDate,
    ) -> NaiveTime {
        match self.get(parameter, path, date).value {
            Value::TimeOfDay(time) => time,
            _ => NaiveTime::MIN,
        }
    }

    /// The working days after lateness on which the three steps of the ladder come.
    pub fn ladder(&self, path: &[OfficeId], date: NaiveDate) -> [u32; 3] {
        match &self.get(Parameter::LadderWorkingDaysAfter, path, date).value {
            Value::Numbers(days) if days.len() == 3 => [days[0], days[1], days[2]],
            _ => [1, 2, 3],
        }
    }

    /// Whether any office set anything for itself.
    pub(crate) fn any_office_has_own(&self) -> bool {
        !self.setters.is_empty()
    }

    /// Whether `office` set anything for itself and those below it.
    pub(crate) fn has_own(&self, office: OfficeId) -> bool {
        self.setters.contains(&office)
    }

    /// Every setting, built-in ones first.
    pub fn settings(&self) -> impl Iterator<Item = &Setting> {
        self.built_in.iter().chain(self.set.values().flatten())
    }
}

impl Default for Parameters {
    fn default() -> Self {
        Self::built_in()
    }
}

/// What deadlines are computed from, and by which forms returns are read and checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rulebook {
    /// Which days are worked.
    pub calendar: Calendar,
    /// What offices set.
    pub parameters: Parameters,
    /// The forms in use.
    pub forms: Forms,
}

const fn time(hour: u32, minute: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, minute, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}
