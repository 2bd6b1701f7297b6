//! The rules of the monthly cycle, each with the clause it rests on.
//!
//! Duty: a service unit tells its county office about safety and health every month; the county
//! office sums up and sends the form to the city office before the 28th. Source:
//! 渝项目办发〔2009〕22号, section 一; the words stand on [`Rule::source`]. In force: from 2009-05
//! on by policy assumption ([`Rule::validity`]); whether it still binds is unknown. Checked with:
//! the text of the notice. Limits: the notice gives units no day, names no form for them, and says
//! nothing of rest days. Care, training and employment duties of sections 一 to 三 are not here
//! yet.
//!
//! Not when something is due: the day comes from a dated parameter ([`crate::parameter`]).

use core::fmt;
use core::str::FromStr;

use alloc::format;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::office::OfficeKind;
use crate::source::{NOTICE, Source};
use crate::validity::Validity;

/// A duty that the notice, or an office's policy, puts on somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// 服务单位 → 区县项目办: the unit's monthly word on safety and health (月上报制度).
    UnitMonthlyReturn,
    /// 区县项目办 → 市项目办: 《重庆市大学生西部计划志愿者管理服务信息月报告单》, 每月28日前.
    CountyMonthlyReturn,
}

impl Rule {
    /// Every rule, in the order of the line: who owes first comes first.
    pub const ALL: [Rule; 2] = [Rule::UnitMonthlyReturn, Rule::CountyMonthlyReturn];

    /// The rule's name, a sentence in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            Rule::UnitMonthlyReturn => "unit_monthly_return",
            Rule::CountyMonthlyReturn => "county_monthly_return",
        }
    }

    /// The clause, with its words. The notice gives units the duty but no day; the units' day is
    /// policy.
    pub fn source(self) -> Source {
        let text = match self {
            Rule::UnitMonthlyReturn => {
                "要指导西部计划志愿者服务单位建立并严格执行西部计划志愿者安全、健康事故月上报制度"
            }
            Rule::CountyMonthlyReturn => {
                "区县项目办汇总西部计划志愿者安全、健康情况，并于每月28日前填写\
                 《重庆市大学生西部计划志愿者管理服务信息月报告单》上报市项目办"
            }
        };
        Source::Clause { document: NOTICE.into(), clause: "一".into(), text: text.into() }
    }

    /// The kind of office that owes.
    pub const fn debtor(self) -> OfficeKind {
        match self {
            Rule::UnitMonthlyReturn => OfficeKind::Unit,
            Rule::CountyMonthlyReturn => OfficeKind::County,
        }
    }

    /// The kind of office to which it is owed.
    pub const fn creditor(self) -> OfficeKind {
        match self {
            Rule::UnitMonthlyReturn => OfficeKind::County,
            Rule::CountyMonthlyReturn => OfficeKind::City,
        }
    }

    /// In force from 2009-05: policy assumption, because our copy of the notice bears no date and
    /// speaks of 甲型H1N1. Whether it still binds is unknown.
    pub fn validity(self) -> Validity {
        Validity::since(NaiveDate::from_ymd_opt(2009, 5, 1).unwrap_or(NaiveDate::MIN))
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Rule {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Rule::ALL
            .into_iter()
            .find(|rule| rule.name() == text)
            .ok_or_else(|| Error::new(format!("no rule is called `{text}`")))
    }
}
