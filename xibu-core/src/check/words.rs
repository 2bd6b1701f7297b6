//! What findings say, in both languages: what is wrong, and what to do. People and offices are
//! numbers. Decides nothing.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;

use super::agreement::sides;
use crate::explain::Sentence;
use crate::form::{FieldKind, FormField, Need};
use crate::office::OfficeId;
use crate::person::PersonId;

/// How many numbers are listed one by one.
const LISTED_MAX: usize = 10;

pub(super) fn missing(field: &FormField) -> Sentence {
    let label = &field.label;
    let (zh_nil, en_nil) = match field.kind {
        FieldKind::Cases | FieldKind::Lines => ("，没有请填“无”", "; write 无 for none"),
        FieldKind::Count => ("，没有请填0", "; write 0 for none"),
        _ => ("", ""),
    };
    let (zh, en) = match field.need {
        Need::Must => ("必须填写", "must be filled in"),
        Need::Should | Need::May => ("没有填写，请补填", "is empty; fill it in"),
    };
    Sentence::new(format!("“{label}”{zh}{zh_nil}"), format!("`{label}` {en}{en_nil}"))
}

pub(super) fn incomplete(list: &FormField, line: usize, lacking: &[String]) -> Sentence {
    let (label, number) = (&list.label, line + 1);
    Sentence::new(
        format!("“{label}”第{number}项没有写明{}，请补报", lacking.join("、")),
        format!("`{label}`, item {number}: add {}", lacking.join(", ")),
    )
}

pub(super) fn nil_beside_incident() -> Sentence {
    Sentence::new(
        "填了“无”，但这段时间已有事故报来，请核对；确无事故的请联系上级项目办更正",
        "it says none, and an accident of these days is known; check it, or have the office above \
         correct the record",
    )
}

pub(super) fn person_twice(person: PersonId) -> Sentence {
    Sentence::new(
        format!("{person}填了两行，请删去一行"),
        format!("{person} stands twice; remove one line"),
    )
}

pub(super) fn not_accounted_for(absent: &[PersonId]) -> Sentence {
    let people = list(absent);
    Sentence::new(
        format!("花名册上截止日在岗的{people}没有填，请逐人填写在岗状态"),
        format!("on the roster at the cut-off and on no line: {people}; say how each stands"),
    )
}

pub(super) fn people_differ(headcount: u32, at_post: usize) -> Sentence {
    Sentence::new(
        format!("填{headcount}人，逐人填写的在岗和请假共{at_post}人，请核对"),
        format!("{headcount} here, and {at_post} at their posts or on leave below; check both"),
    )
}

pub(super) fn not_on_roster(person: Option<PersonId>) -> Sentence {
    let (zh, en) = match person {
        Some(person) => (format!("{person}"), person.to_string()),
        None => ("这一行的人".to_string(), "this person".to_string()),
    };
    Sentence::new(
        format!("{zh}不在本单位花名册上，新到岗的请同时报花名册"),
        format!("{en} is not on the roster here; report a new arrival on the roster too"),
    )
}

pub(super) fn left_but_on_roster(person: PersonId) -> Sentence {
    Sentence::new(
        format!("{person}填为已离开，花名册上仍在本单位，请同时报花名册变动和日期"),
        format!("{person} is told to have left and is on the roster still; report it with its day"),
    )
}

pub(super) fn check(say: &Sentence, figures: Option<(i64, i64)>, lacking: &[String]) -> Sentence {
    let (mut zh, mut en) = (say.zh.clone(), say.en.clone());
    if let Some((left, right)) = figures.map(sides) {
        zh.push_str(&format!("（{left}，应与{right}相符）"));
        en.push_str(&format!(" ({left} against {right})"));
    }
    if !lacking.is_empty() {
        zh.push_str(&format!("（缺：{}）", lacking.join("、")));
        en.push_str(&format!(" (missing: {})", lacking.join(", ")));
    }
    Sentence::new(zh, en)
}

pub(super) fn nil_after_told(field: &FormField, count: i64) -> Sentence {
    let (label, measure) = (&field.label, &field.measure);
    Sentence::new(
        format!("上月“{label}”报{count}{measure}，本月为无，已解决的请在备注里说明"),
        format!(
            "`{label}` was {count} last month and is none now; say in 备注 whether it is solved"
        ),
    )
}

pub(super) fn same_as_last_month() -> Sentence {
    Sentence::new(
        "各栏数字与上月完全相同，请确认不是沿用上月的表",
        "every figure is that of last month; make sure it is not last month's form",
    )
}

pub(super) fn sum_differs(field: &FormField, said: i64, total: i64) -> Sentence {
    let (label, measure) = (&field.label, &field.measure);
    let (zh, en) = match said < total {
        true => ("少于", "less than"),
        false => ("多于", "more than"),
    };
    Sentence::new(
        format!("“{label}”填{said}{measure}，{zh}各服务单位所报合计{total}{measure}，请核对"),
        format!("`{label}` is {said}, {en} the {total} that the units told; check it"),
    )
}

pub(super) fn silent_not_listed(units: &[OfficeId]) -> Sentence {
    let units = list(units);
    Sentence::new(
        format!("{units}没有报来，也没有列在未报单位里，请补列"),
        format!("{units} told nothing and are not listed under 未报单位; list them"),
    )
}

pub(super) fn listed_is_in(units: &[OfficeId]) -> Sentence {
    let units = list(units);
    Sentence::new(
        format!("{units}列为未报单位，其实已经报来，请核对"),
        format!("{units} are listed under 未报单位 and their returns are in; check it"),
    )
}

pub(super) fn correction_without_reason() -> Sentence {
    Sentence::new(
        "本月已报过，这次改了内容而没有写更正原因，请补填“更正原因”",
        "a return for this month came before and this one says otherwise; fill in 更正原因",
    )
}

/// Numbers one by one, the first few, then how many more.
pub(super) fn list<T: Display>(all: &[T]) -> String {
    let shown: Vec<String> = all.iter().take(LISTED_MAX).map(ToString::to_string).collect();
    match all.len().checked_sub(LISTED_MAX) {
        None | Some(0) => shown.join("、"),
        Some(more) => format!("{}（+{more}）", shown.join("、")),
    }
}
