//! Beside last month: warnings only, since a month may well be like the one before.

use alloc::vec::Vec;

use super::{Context, Finding, FindingCode, words};
use crate::form::{FieldKind, Form, Severity};
use crate::returns::{Content, FieldValue};

pub(super) fn check(
    form: &Form,
    content: &Content,
    context: &Context,
    findings: &mut Vec<Finding>,
) {
    let Some(last) = &context.last else { return };
    for field in form.fields.iter().filter(|field| field.carries_over) {
        let told = last.counted(&field.key).filter(|count| *count > 0);
        if let (Some(count), Some(0)) = (told, content.counted(&field.key)) {
            findings.push(Finding {
                code: FindingCode::NilAfterTold,
                severity: Severity::Warning,
                field: field.key.clone(),
                line: None,
                say: words::nil_after_told(field, count),
            });
        }
    }
    let sections = form.fields.iter().filter(|field| {
        matches!(field.kind, FieldKind::Cases | FieldKind::Lines) && field.key != "people"
    });
    let figures: Vec<(Option<FieldValue>, Option<FieldValue>)> =
        sections.map(|field| (content.value(&field.key), last.value(&field.key))).collect();
    let told = |value: &Option<FieldValue>| {
        value.as_ref().and_then(FieldValue::counted).is_some_and(|count| count > 0)
    };
    let same = content.headcount == last.headcount && figures.iter().all(|(now, then)| now == then);
    if same && figures.iter().any(|(now, _)| told(now)) {
        findings.push(Finding {
            code: FindingCode::SameAsLastMonth,
            severity: Severity::Warning,
            field: "accidents".into(),
            line: None,
            say: words::same_as_last_month(),
        });
    }
}
