//! The columns of the consolidated form: which sections of a return are added up, and how they are
//! called.
//!
//! The one place that lists them. Not how a sheet is read: [`crate::intake`].

use core::fmt;
use core::str::FromStr;

use alloc::format;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::returns::{Answer, Content};

/// A section of a return that is a number, or can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// 在岗人数.
    Headcount,
    /// 安全、健康事故: how many.
    Accidents,
    /// 患病、健康情况: persons.
    Health,
    /// 隐患及整改.
    Hazards,
    /// 困难和诉求.
    Needs,
}

impl Column {
    /// Every column, in the form's order.
    pub const ALL: [Column; 5] =
        [Column::Headcount, Column::Accidents, Column::Health, Column::Hazards, Column::Needs];

    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            Column::Headcount => "headcount",
            Column::Accidents => "accidents",
            Column::Health => "health",
            Column::Hazards => "hazards",
            Column::Needs => "needs",
        }
    }

    /// Its heading on the form.
    pub const fn title(self) -> &'static str {
        match self {
            Column::Headcount => "在岗人数",
            Column::Accidents => "安全、健康事故",
            Column::Health => "患病、健康情况",
            Column::Hazards => "隐患及整改",
            Column::Needs => "困难和诉求",
        }
    }

    /// The measure word behind a number.
    pub const fn measure(self) -> &'static str {
        match self {
            Column::Headcount | Column::Health => "人",
            Column::Accidents => "起",
            Column::Hazards => "处",
            Column::Needs => "件",
        }
    }

    /// What a return says in it, as a number; nil is said expressly, and a headcount never is nil.
    pub fn of(self, content: &Content) -> Answer<u32> {
        match self {
            Column::Headcount => content.headcount.map_or(Answer::Unanswered, Answer::Told),
            Column::Accidents => match &content.accidents {
                Answer::Unanswered => Answer::Unanswered,
                Answer::Nil => Answer::Nil,
                Answer::Told(told) => Answer::Told(u32::try_from(told.len()).unwrap_or(u32::MAX)),
            },
            Column::Health => content.health.clone(),
            Column::Hazards => content.hazards.clone(),
            Column::Needs => content.needs.clone(),
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Column {
    type Err = Error;
    /// By its name or by its heading on the form.
    fn from_str(text: &str) -> Result<Self, Error> {
        let is = |column: &Column| column.name() == text || column.title() == text;
        Column::ALL.into_iter().find(is).ok_or_else(|| {
            Error::new(format!("expected headcount, health, hazards or needs, found `{text}`"))
        })
    }
}

/// A column added up over returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// The sum of what was told.
    pub count: u32,
    /// How many said something or nil.
    pub answered: u32,
    /// How many left it empty.
    pub unanswered: u32,
}

impl Sum {
    fn add(&mut self, answer: &Answer<u32>) {
        match answer {
            Answer::Unanswered => self.unanswered += 1,
            Answer::Nil => self.answered += 1,
            Answer::Told(count) => {
                self.answered += 1;
                self.count = self.count.saturating_add(*count);
            }
        }
    }

    /// What the whole says: *nil* only where somebody answered and nobody left it empty, because
    /// what a unit does not say is not to become a statement of its county.
    pub const fn answer(&self) -> Answer<u32> {
        match self {
            Sum { count: 0, answered: 0, .. } => Answer::Unanswered,
            Sum { count: 0, unanswered: 0, .. } => Answer::Nil,
            Sum { count: 0, .. } => Answer::Unanswered,
            Sum { count, .. } => Answer::Told(*count),
        }
    }
}

/// Every column added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    headcount: Sum,
    accidents: Sum,
    health: Sum,
    hazards: Sum,
    needs: Sum,
}

impl Sums {
    /// Over these returns.
    pub fn of<'a>(contents: impl IntoIterator<Item = &'a Content>) -> Self {
        let mut sums = Self::default();
        for content in contents {
            for column in Column::ALL {
                sums.at(column).add(&column.of(content));
            }
        }
        sums
    }

    /// One of them.
    pub const fn get(&self, column: Column) -> Sum {
        match column {
            Column::Headcount => self.headcount,
            Column::Accidents => self.accidents,
            Column::Health => self.health,
            Column::Hazards => self.hazards,
            Column::Needs => self.needs,
        }
    }

    fn at(&mut self, column: Column) -> &mut Sum {
        match column {
            Column::Headcount => &mut self.headcount,
            Column::Accidents => &mut self.accidents,
            Column::Health => &mut self.health,
            Column::Hazards => &mut self.hazards,
            Column::Needs => &mut self.needs,
        }
    }
}
