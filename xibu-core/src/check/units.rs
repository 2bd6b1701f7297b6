//! A county's return beside those of its units: the sums, and who was silent.
//!
//! Less than the units told is an error: something told got lost on the way up. More is a warning:
//! a county may have heard by telephone what no unit wrote.

use alloc::vec::Vec;

use super::{Context, Finding, FindingCode, Units, words};
use crate::form::{FieldKind, Form, Severity};
use crate::office::{OfficeId, OfficeKind};
use crate::returns::{Answer, Content, FieldValue};

pub(super) fn check(
    form: &Form,
    content: &Content,
    context: &Context,
    findings: &mut Vec<Finding>,
) {
    // Where no unit ever writes to this record there is nothing to compare with.
    let Some(units) = context.units.as_ref().filter(|units| !units.told.is_empty()) else {
        return;
    };
    for field in form.fields_of(OfficeKind::County) {
        let by_unit = field.filled_by.contains(&OfficeKind::Unit);
        let summed = field.is_counted() || field.key == "accidents";
        let Some(said) = content.counted(&field.key).filter(|_| by_unit && summed) else {
            continue;
        };
        let total: i64 = units.told.iter().filter_map(|(_, told)| told.counted(&field.key)).sum();
        // Who is unread or left it empty may be counted in by the county.
        let open =
            units.unread || units.told.iter().any(|(_, told)| told.counted(&field.key).is_none());
        let more = match field.key.as_str() {
            _ if open => i64::MAX - total,
            "headcount" => i64::from(units.silent_headcount),
            _ if units.silent.is_empty() => 0,
            _ => i64::MAX - total,
        };
        if said < total || said > total.saturating_add(more) {
            findings.push(Finding {
                code: FindingCode::SumDiffersFromUnits,
                severity: if said < total { Severity::Error } else { Severity::Warning },
                field: field.key.clone(),
                line: None,
                say: words::sum_differs(field, said, total),
            });
        }
    }
    silent(units, findings);
}

fn silent(units: &Units, findings: &mut Vec<Finding>) {
    let warning = |code, say| Finding {
        code,
        severity: Severity::Warning,
        field: "silent".into(),
        line: None,
        say,
    };
    let unlisted: Vec<OfficeId> =
        units.silent.iter().filter(|unit| !units.listed.contains(unit)).copied().collect();
    if !unlisted.is_empty() {
        let say = words::silent_not_listed(&unlisted);
        findings.push(warning(FindingCode::SilentUnitNotListed, say));
    }
    let came = |unit: &&OfficeId| units.told.iter().any(|(told, _)| told == *unit);
    let listed: Vec<OfficeId> = units.listed.iter().filter(came).copied().collect();
    if !listed.is_empty() {
        findings.push(warning(FindingCode::ListedUnitIsIn, words::listed_is_in(&listed)));
    }
}

/// The sum of what units told, section by section: what a county's form begins with.
///
/// 无 only where every unit said so: what one left empty is not made a statement. What a form adds
/// is summed up where it is counted; other kinds do not add up and are left out.
pub fn sum<'c>(form: &Form, told: impl Iterator<Item = &'c Content> + Clone) -> Content {
    let cases = |pick: fn(&Content) -> &Answer<u32>| {
        let all: Vec<&Answer<u32>> = told.clone().map(pick).collect();
        let count = all.iter().fold(0_u32, |sum, answer| match answer {
            Answer::Told(count) => sum.saturating_add(*count),
            Answer::Nil | Answer::Unanswered => sum,
        });
        answered(count, all.iter().all(|answer| answer.is_answered()), all.is_empty())
    };
    let incidents: Vec<_> = told
        .clone()
        .filter_map(|content| match &content.accidents {
            Answer::Told(told) => Some(told.iter().cloned()),
            Answer::Nil | Answer::Unanswered => None,
        })
        .flatten()
        .collect();
    let mut all_said = told.clone().peekable();
    let accidents = match (incidents.is_empty(), all_said.peek().is_some()) {
        (false, _) => Answer::Told(incidents),
        (true, true) if all_said.all(|content| content.accidents.is_answered()) => Answer::Nil,
        (true, _) => Answer::Unanswered,
    };
    let headcounts = told.clone().filter_map(|content| content.headcount);
    let headcount =
        headcounts.fold(None, |sum: Option<u32>, one| Some(sum.unwrap_or(0).saturating_add(one)));
    let mut sum = Content {
        headcount,
        accidents,
        health: cases(|content| &content.health),
        hazards: cases(|content| &content.hazards),
        needs: cases(|content| &content.needs),
        ..Content::default()
    };
    for field in form.added() {
        let by_unit = field.filled_by.contains(&OfficeKind::Unit);
        if let Some(value) = by_unit.then(|| added(&field.key, field.kind, told.clone())).flatten()
        {
            sum.extra.insert(field.key.clone(), value);
        }
    }
    sum
}

fn answered(count: u32, all: bool, nobody: bool) -> Answer<u32> {
    match (count, all && !nobody) {
        (0, true) => Answer::Nil,
        (0, false) => Answer::Unanswered,
        (count, _) => Answer::Told(count),
    }
}

fn added<'c>(
    key: &str,
    kind: FieldKind,
    told: impl Iterator<Item = &'c Content>,
) -> Option<FieldValue> {
    let mut said = Vec::new();
    let mut all = true;
    for content in told {
        match content.counted(key) {
            Some(count) => said.push(count),
            None => all = false,
        }
    }
    let total = u32::try_from(said.iter().sum::<i64>()).ok()?;
    match kind {
        FieldKind::Count if !said.is_empty() => Some(FieldValue::Count(total)),
        FieldKind::Cases if total > 0 => Some(FieldValue::Count(total)),
        FieldKind::Cases if all && !said.is_empty() => Some(FieldValue::Nil),
        _ => None,
    }
}
