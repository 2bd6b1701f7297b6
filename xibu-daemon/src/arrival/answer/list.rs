//! The answer to a pasted list: what was taken, and line by line what was not and what to do.

use std::fmt::Write as _;

use xibu_core::incident::IncidentId;
use xibu_core::intake::chain_list::LineRefusal;

/// Lines named in one answer; the rest is counted.
const LINES_MAX: usize = 20;

/// Why a line of a list did not become what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineFault {
    /// It could not be read.
    Read(LineRefusal),
    /// Nothing is asked of that unit.
    NothingIsOwed,
    /// It speaks of another month than the one asked for.
    OfAnotherMonth,
    /// An accident was told there for the same time.
    AnAccidentWasTold,
}

impl LineFault {
    /// Its name in snake case, with the line it points at.
    pub fn name(self) -> String {
        match self {
            LineFault::Read(refusal) => match refusal {
                LineRefusal::SameUnitTwice { first: line }
                | LineRefusal::AccidentInLine { line } => {
                    format!("{}.{line}", refusal.name())
                }
                _ => refusal.name().to_owned(),
            },
            LineFault::NothingIsOwed => "nothing_is_owed".to_owned(),
            LineFault::OfAnotherMonth => "of_another_month".to_owned(),
            LineFault::AnAccidentWasTold => "an_accident_was_told".to_owned(),
        }
    }

    /// The fault of that name.
    pub fn named(name: &str) -> Option<Self> {
        let (word, line) = name.split_once('.').unwrap_or((name, "0"));
        let line: u32 = line.parse().ok()?;
        let read = match word {
            "nothing_is_owed" => return Some(LineFault::NothingIsOwed),
            "of_another_month" => return Some(LineFault::OfAnotherMonth),
            "an_accident_was_told" => return Some(LineFault::AnAccidentWasTold),
            "accident_somewhere" => LineRefusal::AccidentSomewhere,
            "maybe_accident" => LineRefusal::MaybeAccident,
            "unit_unknown" => LineRefusal::UnitUnknown,
            "unit_ambiguous" => LineRefusal::UnitAmbiguous,
            "same_unit_twice" => LineRefusal::SameUnitTwice { first: line },
            "accident_in_line" => LineRefusal::AccidentInLine { line },
            "nothing_said" => LineRefusal::NothingSaid,
            "qualified" => LineRefusal::Qualified,
            "not_understood" => LineRefusal::NotUnderstood,
            _ => return None,
        };
        Some(LineFault::Read(read))
    }

    /// Whether somebody should look at it at once.
    pub(in crate::arrival) const fn is_urgent(self) -> bool {
        matches!(self, LineFault::Read(refusal) if refusal.is_urgent())
    }

    /// What is wrong and what to do.
    fn text(self) -> String {
        match self {
            LineFault::NothingIsOwed => "该单位目前没有待报的月报，不必处理".into(),
            LineFault::OfAnotherMonth => "写的不是本期月份，请核对月份后再报".into(),
            LineFault::AnAccidentWasTold => {
                "该单位同期报告过事故，不能登记为无事，请电话说明".into()
            }
            LineFault::Read(refusal) => match refusal {
                LineRefusal::AccidentSomewhere => {
                    "似有事故，但看不出是哪个单位，请立即电话报告".into()
                }
                LineRefusal::MaybeAccident => {
                    "未能确定是否发生事故，请写明“发生事故”或“安全无事”；有事故请立即电话报告"
                        .into()
                }
                LineRefusal::UnitUnknown => {
                    "没有找到这个单位，请写贵办通讯录上的单位名称或编号（如 O12）".into()
                }
                LineRefusal::UnitAmbiguous => "有几个单位都可以这样叫，请写单位全称".into(),
                LineRefusal::SameUnitTwice { first } => {
                    format!("与第{first}行是同一单位，以第{first}行为准")
                }
                LineRefusal::AccidentInLine { line } => {
                    format!("第{line}行说该单位有事故，本行不登记为无事")
                }
                LineRefusal::NothingSaid => "只有单位名称，请写明“安全无事”或事故情况".into(),
                LineRefusal::Qualified => "没有说清是否有事故，请写明“安全无事”或“发生事故”".into(),
                LineRefusal::NotUnderstood => {
                    "看不明白，请写“安全无事”加在岗人数，或写明事故".into()
                }
            },
        }
    }
}

/// What became of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListAnswer {
    /// Units whose nil is in.
    pub nils: u32,
    /// Incidents it opened.
    pub accidents: Vec<IncidentId>,
    /// Lines that did not become what they say, in order.
    pub faults: Vec<(u32, LineFault)>,
}

impl ListAnswer {
    /// `12;I7,I8;4=nothing_said,6=unit_unknown`.
    pub fn name(&self) -> String {
        let accidents: Vec<String> = self.accidents.iter().map(ToString::to_string).collect();
        let fault = |(line, fault): &(u32, LineFault)| format!("{line}={}", fault.name());
        let faults: Vec<String> = self.faults.iter().map(fault).collect();
        format!("{};{};{}", self.nils, accidents.join(","), faults.join(","))
    }

    /// The answer of that name.
    pub fn named(name: &str) -> Option<Self> {
        let mut parts = name.split(';');
        let (nils, accidents, faults) = (parts.next()?, parts.next()?, parts.next()?);
        let some = |text: &&str| !text.is_empty();
        let fault = |text: &str| {
            let (line, fault) = text.split_once('=')?;
            Some((line.parse().ok()?, LineFault::named(fault)?))
        };
        Some(Self {
            nils: nils.parse().ok()?,
            accidents: accidents
                .split(',')
                .filter(some)
                .map(|id| id.parse().ok())
                .collect::<Option<_>>()?,
            faults: faults.split(',').filter(some).map(fault).collect::<Option<_>>()?,
        })
    }

    /// Its words: the sum first, then line by line.
    pub fn text(&self) -> String {
        let mut text = format!("已登记{}个单位安全无事", self.nils);
        if !self.accidents.is_empty() {
            let numbers: Vec<String> = self.accidents.iter().map(ToString::to_string).collect();
            let _ = write!(text, "，{}起事故（{}）", numbers.len(), numbers.join("、"));
        }
        if self.faults.is_empty() {
            text.push_str("。如有变化请及时再报。");
            return text;
        }
        let _ = write!(text, "；有{}行未能登记，改正后只发这几行即可：", self.faults.len());
        for (line, fault) in self.faults.iter().take(LINES_MAX) {
            let _ = write!(text, "\n第{line}行：{}。", fault.text());
        }
        if self.faults.len() > LINES_MAX {
            let _ = write!(text, "\n另有{}行，请逐行核对。", self.faults.len() - LINES_MAX);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every fault of a line.
    fn every_fault() -> Vec<LineFault> {
        let mut all =
            vec![LineFault::NothingIsOwed, LineFault::OfAnotherMonth, LineFault::AnAccidentWasTold];
        all.extend(
            [
                LineRefusal::AccidentSomewhere,
                LineRefusal::MaybeAccident,
                LineRefusal::UnitUnknown,
                LineRefusal::UnitAmbiguous,
                LineRefusal::SameUnitTwice { first: 1 },
                LineRefusal::AccidentInLine { line: 1 },
                LineRefusal::NothingSaid,
                LineRefusal::Qualified,
                LineRefusal::NotUnderstood,
            ]
            .map(LineFault::Read),
        );
        all
    }

    #[track_caller]
    fn check(answer: &ListAnswer, name: &str, text: &str) {
        assert_eq!(answer.name(), name);
        assert_eq!(ListAnswer::named(name).as_ref(), Some(answer));
        assert_eq!(answer.text(), text);
    }

    #[test]
    fn an_answer_is_kept_by_its_name() {
        check(&ListAnswer::default(), "0;;", "已登记0个单位安全无事。如有变化请及时再报。");
        let faults = vec![
            (4, LineFault::Read(LineRefusal::NothingSaid)),
            (6, LineFault::Read(LineRefusal::SameUnitTwice { first: 2 })),
        ];
        let answer = ListAnswer { nils: 12, accidents: vec![IncidentId(7)], faults };
        check(
            &answer,
            "12;I7;4=nothing_said,6=same_unit_twice.2",
            "已登记12个单位安全无事，1起事故（I7）；有2行未能登记，改正后只发这几行即可：\n\
             第4行：只有单位名称，请写明“安全无事”或事故情况。\n\
             第6行：与第2行是同一单位，以第2行为准。",
        );
        for fault in every_fault() {
            assert_eq!(LineFault::named(&fault.name()), Some(fault));
            assert!(!fault.text().ends_with('。'));
        }
        for bad in ["", "1", "1;;4", "x;;", "1;7;", "1;;4=gossip"] {
            assert_eq!(ListAnswer::named(bad), None, "{bad}");
        }
    }
}
