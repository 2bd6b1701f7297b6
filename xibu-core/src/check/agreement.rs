//! What the form itself says must agree: its checks, by their formulas.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Context, Finding, FindingCode, words};
use crate::form::formula::Formula;
use crate::form::{Form, FormCheck};
use crate::returns::Content;

pub(super) fn check(
    form: &Form,
    content: &Content,
    context: &Context,
    findings: &mut Vec<Finding>,
) {
    let value = |name: &str| value(name, content, context);
    // Of several checks about one field the first that fails is said: mend that one first.
    let mut said: Vec<&str> = Vec::new();
    for check in &form.checks {
        let holds = |text: &String| {
            Formula::read(text).ok().and_then(|formula| formula.of(value)).map(|it| it.holds)
        };
        if said.contains(&check.about.as_str())
            || check.when.as_ref().is_some_and(|when| holds(when) != Some(true))
        {
            continue;
        }
        // Nobody is asked for what others fill in.
        let asked = |key: &&String| {
            let field = form.field(key);
            field.is_some_and(|field| {
                context.kind.is_none_or(|kind| field.filled_by.contains(&kind))
            })
        };
        let lacking: Vec<String> = check
            .fill
            .iter()
            .filter(asked)
            .filter(|key| content.value(key).is_none())
            .map(|key| form.field(key).map_or_else(|| key.clone(), |field| field.label.clone()))
            .collect();
        let outcome = check
            .must
            .as_ref()
            .and_then(|must| Formula::read(must).ok())
            .and_then(|formula| formula.of(value));
        let fails = outcome.is_some_and(|outcome| !outcome.holds);
        if fails || !lacking.is_empty() {
            said.push(&check.about);
            let figures = outcome.filter(|_| fails).map(|it| (it.left, it.right));
            findings.push(finding(check, figures, &lacking));
        }
    }
}

fn finding(check: &FormCheck, figures: Option<(i64, i64)>, lacking: &[String]) -> Finding {
    Finding {
        code: FindingCode::FormCheck(check.name.clone()),
        severity: check.severity,
        field: check.about.clone(),
        line: None,
        say: words::check(&check.say, figures, lacking),
    }
}

/// What a name stands for in a formula.
fn value(name: &str, content: &Content, context: &Context) -> Option<i64> {
    let number = |length: usize| i64::try_from(length).ok();
    match name {
        "roster.headcount" => number(context.roster.as_ref()?.serving.len()),
        "roster.arrivals" => number(context.roster.as_ref()?.arrived.len()),
        "roster.departures" => number(context.roster.as_ref()?.departed.len()),
        _ => match name.split_once('.') {
            Some(("last", key)) => context.last.as_ref()?.counted(key),
            Some(("units", key)) => {
                let told = &context.units.as_ref()?.told;
                told.iter().map(|(_, content)| content.counted(key)).sum()
            }
            Some(_) => None,
            None => content.counted(name),
        },
    }
}

/// The two sides of a comparison, as a reader sees them.
pub(super) fn sides(figures: (i64, i64)) -> (String, String) {
    (figures.0.to_string(), figures.1.to_string())
}
