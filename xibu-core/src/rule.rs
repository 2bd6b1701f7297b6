//! The rules of the monthly cycle, each with the clause it rests on.

use core::fmt;
use core::str::FromStr;

use alloc::format;

use serde::{Deserialize, Serialize};

use crate::Error;

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
