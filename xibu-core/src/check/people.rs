//! Every volunteer of the roster accounted for, by number, where the return tells people one by
//! one.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::{Context, Finding, FindingCode, words};
use crate::explain::Sentence;
use crate::form::Severity;
use crate::person::PersonId;
use crate::returns::Content;

const KEY: &str = "people";

pub(super) fn check(content: &Content, context: &Context, findings: &mut Vec<Finding>) {
    if content.people.is_empty() {
        return;
    }
    let mut twice = Vec::new();
    let mut unknown = Vec::new();
    let mut gone = Vec::new();
    let mut told: BTreeSet<PersonId> = BTreeSet::new();
    for (line, row) in (0_u32..).zip(&content.people) {
        let on_roster = |roster: &super::Roster, person: &PersonId| {
            roster.serving.contains(person) || roster.departed.contains(person)
        };
        match (row.person, &context.roster) {
            (Some(person), _) if !told.insert(person) => {
                twice.push((line, words::person_twice(person)));
            }
            (Some(person), Some(roster)) if !on_roster(roster, &person) => {
                unknown.push((line, words::not_on_roster(Some(person))));
            }
            (Some(person), Some(roster))
                if !row.state.counts() && roster.serving.contains(&person) =>
            {
                gone.push((line, words::left_but_on_roster(person)));
            }
            (None, _) => unknown.push((line, words::not_on_roster(None))),
            _ => {}
        }
    }
    let list = |code: FindingCode, severity, found: Vec<(u32, Sentence)>| {
        let field = || KEY.into();
        found.into_iter().map(move |(line, say)| Finding {
            code: code.clone(),
            severity,
            field: field(),
            line: Some(line),
            say,
        })
    };
    findings.extend(list(FindingCode::PersonTwice, Severity::Error, twice));
    findings.extend(not_accounted_for(context, &told));
    findings.extend(differ_from_headcount(content));
    findings.extend(list(FindingCode::PersonNotOnRoster, Severity::Warning, unknown));
    findings.extend(list(FindingCode::PersonLeftButOnRoster, Severity::Warning, gone));
}

fn not_accounted_for(context: &Context, told: &BTreeSet<PersonId>) -> Option<Finding> {
    let roster = context.roster.as_ref()?;
    let absent: Vec<PersonId> =
        roster.serving.iter().filter(|person| !told.contains(person)).copied().collect();
    (!absent.is_empty()).then(|| Finding {
        code: FindingCode::PersonNotAccountedFor,
        severity: Severity::Error,
        field: KEY.into(),
        line: None,
        say: words::not_accounted_for(&absent),
    })
}

fn differ_from_headcount(content: &Content) -> Option<Finding> {
    let headcount = content.headcount?;
    let at_post = content.people.iter().filter(|row| row.state.counts()).count();
    (usize::try_from(headcount) != Ok(at_post)).then(|| Finding {
        code: FindingCode::PeopleDifferFromHeadcount,
        severity: Severity::Error,
        field: "headcount".into(),
        line: None,
        say: words::people_differ(headcount, at_post),
    })
}
