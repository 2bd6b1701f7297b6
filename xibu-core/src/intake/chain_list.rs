//! A pasted list (接龙): what a group chat gathered, one unit a line, sent on by whoever stands
//! above the units.
//!
//! | line | becomes |
//! |---|---|
//! | `1. 城关镇政府 安全无事 12人` | nil of that unit, 12 persons |
//! | `３、青山小学：有一人骨折，已送医` | accident at that unit |
//! | `④ 五桥街道` | refused: nothing said |
//! | `#接龙`, `例：单位＋情况＋人数`, `收到请接龙` | passed over |
//!
//! A name alone is never a nil, and a unit is never guessed: its name as the record has it, or
//! without the county in front and the kind of office behind. What it is not: whether the sender
//! may speak for a unit, and what was owed, is the caller's.

mod line;
mod name;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use chrono::NaiveDate;

use super::reply::{self, Doubt, Reply};
use crate::incident::IncidentKind;
use crate::office::OfficeId;
use line::Line;
use name::{Found, Names};

pub use name::Unit;

/// A line more is a document, no list.
pub const LINES_MAX: usize = 500;

/// What a list says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainList {
    /// Lines that can be taken, in order.
    pub taken: Vec<Taken>,
    /// Lines that cannot, in order, each with what is wrong.
    pub refused: Vec<(u32, LineRefusal)>,
}

impl ChainList {
    /// How many lines tell of an accident.
    pub fn accidents(&self) -> u32 {
        let is_accident = |taken: &&Taken| matches!(taken.says, Says::Accident { .. });
        u32::try_from(self.taken.iter().filter(is_accident).count()).unwrap_or(u32::MAX)
    }
}

/// A line that can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Which line of the message, from 1.
    pub line: u32,
    /// The unit it speaks of.
    pub unit: OfficeId,
    /// What it says.
    pub says: Says,
}

/// What a line says of its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// 安全无事.
    Nil {
        /// 在岗人数, as far as told.
        headcount: Option<u32>,
        /// The month it speaks of: the line's own, else the list's.
        month: Option<u32>,
    },
    /// Something happened.
    Accident {
        /// What kind, as far as told.
        kind: IncidentKind,
        /// How many persons, as far as told.
        persons: Option<u32>,
    },
}

/// Why a line was not taken, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineRefusal {
    /// It tells of an accident and not clearly where.
    AccidentSomewhere,
    /// Perhaps an accident, or a worry: a person should look.
    MaybeAccident,
    /// No unit of that name stands under the sender.
    UnitUnknown,
    /// Several units are called so.
    UnitAmbiguous,
    /// The unit stands in an earlier line.
    SameUnitTwice {
        /// Which.
        first: u32,
    },
    /// Another line tells of an accident there.
    AccidentInLine {
        /// Which.
        line: u32,
    },
    /// The unit's name alone.
    NothingSaid,
    /// A denial that leaves something open.
    Qualified,
    /// What it says was not understood.
    NotUnderstood,
}

impl LineRefusal {
    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            LineRefusal::AccidentSomewhere => "accident_somewhere",
            LineRefusal::MaybeAccident => "maybe_accident",
            LineRefusal::UnitUnknown => "unit_unknown",
            LineRefusal::UnitAmbiguous => "unit_ambiguous",
            LineRefusal::SameUnitTwice { .. } => "same_unit_twice",
            LineRefusal::AccidentInLine { .. } => "accident_in_line",
            LineRefusal::NothingSaid => "nothing_said",
            LineRefusal::Qualified => "qualified",
            LineRefusal::NotUnderstood => "not_understood",
        }
    }

    /// Whether somebody should look at it at once.
    pub const fn is_urgent(self) -> bool {
        matches!(self, LineRefusal::AccidentSomewhere | LineRefusal::MaybeAccident)
    }
}

/// Reads a list; none where the text is none: no 接龙 above it, and fewer than two lines begin with
/// a unit.
///
/// ```
/// use xibu_core::intake::chain_list::{Says, Unit, read};
/// use xibu_core::office::OfficeId;
///
/// let units = [(3, "样例县城关镇人民政府"), (4, "样例县青山小学")];
/// let superior = "样例县项目办";
/// let units = units.map(|(id, name)| Unit { office: OfficeId(id), name, superior });
/// let day = chrono::NaiveDate::from_ymd_opt(2026, 6, 24).unwrap();
/// let list = read("#接龙\n1. 城关镇政府 安全无事 12人\n2. 青山小学", &units, day).unwrap();
/// assert_eq!(list.taken[0].says, Says::Nil { headcount: Some(12), month: None });
/// assert_eq!(list.refused[0].0, 3);
/// ```
pub fn read(text: &str, units: &[Unit<'_>], received: NaiveDate) -> Option<ChainList> {
    let names = Names::of(units);
    let lines: Vec<Line<'_>> = line::lines(text).collect();
    if lines.len() > LINES_MAX || !is_list(&lines, &names) {
        return None;
    }
    let month = lines.iter().take_while(|line| !line.numbered).find_map(line::month);
    let mut list = ChainList::default();
    let mut begun = false;
    for line in &lines {
        let found = names.at_front(line.body);
        begun |= line.numbered || matches!(found, Found::One { .. });
        take(&mut list, line, found, begun, month, received);
    }
    contradictions(&mut list);
    Some(list)
}

fn is_list(lines: &[Line<'_>], names: &Names<'_>) -> bool {
    let called = lines.iter().any(|line| line.is_title);
    let units = lines.iter().filter(|line| matches!(names.at_front(line.body), Found::One { .. }));
    let numbered = lines.iter().filter(|line| line.numbered).count();
    let units = units.count();
    (called && numbered + units > 0) || units >= 2
}

fn take(
    list: &mut ChainList,
    line: &Line<'_>,
    found: Found,
    begun: bool,
    month: Option<u32>,
    received: NaiveDate,
) {
    let (unit, rest) = match found {
        _ if line.is_passed_over() => return,
        Found::One { office, rest } => (office, &line.body[rest..]),
        Found::Several | Found::None => {
            let happened = reply::read(line.body, received).reply;
            let refusal = match (happened, found) {
                (Reply::Accident { .. }, _) => Some(LineRefusal::AccidentSomewhere),
                (Reply::Unclear(Doubt::MaybeAccident | Doubt::Worry), _) => {
                    Some(LineRefusal::MaybeAccident)
                }
                // What stands above the first line invites people to it.
                _ if !begun || line.is_courtesy() => None,
                (_, Found::Several) => Some(LineRefusal::UnitAmbiguous),
                _ => Some(LineRefusal::UnitUnknown),
            };
            list.refused.extend(refusal.map(|refusal| (line.number, refusal)));
            return;
        }
    };
    let first = list.taken.iter().find(|taken| taken.unit == unit).copied();
    match (says(rest, month, received), first) {
        (Ok(Says::Nil { .. }), Some(first)) => {
            let refusal = LineRefusal::SameUnitTwice { first: first.line };
            list.refused.push((line.number, refusal));
        }
        (Ok(says), _) => list.taken.push(Taken { line: line.number, unit, says }),
        (Err(refusal), _) => list.refused.push((line.number, refusal)),
    }
}

fn says(rest: &str, of_list: Option<u32>, received: NaiveDate) -> Result<Says, LineRefusal> {
    if !rest.chars().any(char::is_alphanumeric) {
        return Err(LineRefusal::NothingSaid);
    }
    match reply::read(rest, received).reply {
        Reply::Nil { headcount, month } => Ok(Says::Nil { headcount, month: month.or(of_list) }),
        Reply::Accident { kind, persons } => Ok(Says::Accident { kind, persons }),
        Reply::Unclear(Doubt::MaybeAccident | Doubt::Worry) => Err(LineRefusal::MaybeAccident),
        Reply::Unclear(Doubt::Qualified) => Err(LineRefusal::Qualified),
        Reply::Unclear(_) | Reply::Stop | Reply::Confirmed | Reply::Acknowledged { .. } => {
            Err(LineRefusal::NotUnderstood)
        }
    }
}

/// A nil does not stand beside an accident of the same unit.
fn contradictions(list: &mut ChainList) {
    let accidents: Vec<(OfficeId, u32)> = list
        .taken
        .iter()
        .filter(|taken| matches!(taken.says, Says::Accident { .. }))
        .map(|taken| (taken.unit, taken.line))
        .collect();
    let beside = |taken: &Taken| {
        let is_nil = matches!(taken.says, Says::Nil { .. });
        accidents.iter().find(|(unit, _)| is_nil && *unit == taken.unit).map(|(_, line)| *line)
    };
    let refused: Vec<(u32, LineRefusal)> = list
        .taken
        .iter()
        .filter_map(|taken| {
            Some((taken.line, LineRefusal::AccidentInLine { line: beside(taken)? }))
        })
        .collect();
    list.taken.retain(|taken| beside(taken).is_none());
    list.refused.extend(refused);
    list.refused.sort_unstable();
}
