//! What does not agree in a return that came: errors for which it is sent back, and warnings that
//! somebody should look at.
//!
//! Duty: 区县项目办汇总西部计划志愿者安全、健康情况 (渝项目办发〔2009〕22号, 一): what is summed up
//! must be right, and nothing that was told may get lost on the way up. Source: the notice gives no
//! rule for checking; every rule here and in the form ([`crate::form`]) is a policy assumption. In
//! force: with the form of the month. Checked with: tables and properties
//! (`tests/rules/check.rs`). Limits: it knows what the record knows; a roster that is old is why a
//! difference with it is no error.
//!
//! Pure: the same form, content and context give the same findings, in declared order, all in one
//! pass. A finding never refuses what came: it is kept whatever is wrong with it.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::explain::Sentence;
use crate::form::{FieldKind, Form, Need, Severity};
use crate::returns::{Answer, Content};

mod agreement;
mod context;
mod last;
mod people;
mod units;
mod words;

pub use context::{Context, Roster, Units, incident_since};
pub use units::sum;

/// What is wrong, by name. Declared in the order in which findings are listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingCode {
    /// A field that must, or should, be filled in is empty.
    FieldMissing,
    /// A line of a list lacks something it must have: an accident its time, place, kind or
    /// measures.
    LineIncomplete,
    /// No accident is told, and one is known.
    NilBesideKnownIncident,
    /// The same volunteer stands on two lines.
    PersonTwice,
    /// A volunteer of the roster at the cut-off stands on no line.
    PersonNotAccountedFor,
    /// The people at their posts are more or fewer than the headcount.
    PeopleDifferFromHeadcount,
    /// Somebody is told whom the roster does not have there: perhaps a new arrival.
    PersonNotOnRoster,
    /// Somebody is told to have left, and the roster has them there still.
    PersonLeftButOnRoster,
    /// A check of the form fails, by its name.
    FormCheck(String),
    /// A section says 无 after it told something last month.
    NilAfterTold,
    /// Every figure is that of last month, and some are not 无.
    SameAsLastMonth,
    /// The sum over the units is another.
    SumDiffersFromUnits,
    /// A unit that said nothing is not listed.
    SilentUnitNotListed,
    /// A unit is listed as silent, and its return is in.
    ListedUnitIsIn,
    /// It corrects an earlier version and does not say why.
    CorrectionWithoutReason,
}

impl FindingCode {
    /// Its name in snake case; a check's own.
    pub fn name(&self) -> &str {
        match self {
            FindingCode::FieldMissing => "field_missing",
            FindingCode::LineIncomplete => "line_incomplete",
            FindingCode::NilBesideKnownIncident => "nil_beside_known_incident",
            FindingCode::PersonTwice => "person_twice",
            FindingCode::PersonNotAccountedFor => "person_not_accounted_for",
            FindingCode::PeopleDifferFromHeadcount => "people_differ_from_headcount",
            FindingCode::PersonNotOnRoster => "person_not_on_roster",
            FindingCode::PersonLeftButOnRoster => "person_left_but_on_roster",
            FindingCode::FormCheck(name) => name,
            FindingCode::NilAfterTold => "nil_after_told",
            FindingCode::SameAsLastMonth => "same_as_last_month",
            FindingCode::SumDiffersFromUnits => "sum_differs_from_units",
            FindingCode::SilentUnitNotListed => "silent_unit_not_listed",
            FindingCode::ListedUnitIsIn => "listed_unit_is_in",
            FindingCode::CorrectionWithoutReason => "correction_without_reason",
        }
    }
}

/// One thing that does not agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What, by name.
    pub code: FindingCode,
    /// How much it weighs.
    pub severity: Severity,
    /// The field where it is shown, by its key.
    pub field: String,
    /// The line of a list, from 0, where one is meant.
    pub line: Option<u32>,
    /// What is wrong and what to do; people are numbers.
    pub say: Sentence,
}

impl Finding {
    /// Whether the return is sent back for it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Everything that does not agree, in the order of [`FindingCode`], then of the form.
///
/// # Example
/// ```
/// use xibu_core::check::{Context, check};
/// use xibu_core::form::Form;
/// use xibu_core::returns::{Answer, Content};
///
/// let content = Content { headcount: Some(3), ..Content::default() };
/// let found = check(&Form::built_in(), &content, &Context::default());
/// assert_eq!(found[0].code.name(), "field_missing");
/// assert_eq!(found[0].field, "accidents");
/// assert!(found[0].is_error());
/// ```
pub fn check(form: &Form, content: &Content, context: &Context) -> Vec<Finding> {
    let mut findings = missing(form, content, context);
    incomplete_lines(form, content, &mut findings);
    if content.accidents == Answer::Nil && context.incident_known {
        findings.push(Finding {
            code: FindingCode::NilBesideKnownIncident,
            severity: Severity::Error,
            field: "accidents".into(),
            line: None,
            say: words::nil_beside_incident(),
        });
    }
    people::check(content, context, &mut findings);
    agreement::check(form, content, context, &mut findings);
    last::check(form, content, context, &mut findings);
    units::check(form, content, context, &mut findings);
    corrected(content, context, &mut findings);
    findings
}

/// Fields that this kind of office must or should fill in.
fn missing(form: &Form, content: &Content, context: &Context) -> Vec<Finding> {
    // These say whose the return is; a sheet without them is no return.
    const NAMED: [&str; 3] = ["office", "office_number", "month"];
    let asked = form.fields.iter().filter(|field| {
        let by = context.kind.is_none_or(|kind| field.filled_by.contains(&kind));
        by && field.need != Need::May && !NAMED.contains(&field.key.as_str())
    });
    asked
        .filter(|field| content.value(&field.key).is_none())
        .map(|field| Finding {
            code: FindingCode::FieldMissing,
            severity: if field.need == Need::Must { Severity::Error } else { Severity::Warning },
            field: field.key.clone(),
            line: None,
            say: words::missing(field),
        })
        .collect()
}

/// Lines of lists that lack what their columns must have; one finding a line.
fn incomplete_lines(form: &Form, content: &Content, findings: &mut Vec<Finding>) {
    for list in form.fields.iter().filter(|field| field.kind == FieldKind::Lines) {
        let lacks = |need: Need, told: &dyn Fn(&str) -> bool| -> Vec<String> {
            let wanted = list.columns.iter().filter(|column| column.need == need);
            wanted.filter(|column| !told(&column.key)).map(|one| one.label.clone()).collect()
        };
        let mut judge = |line: usize, told: &dyn Fn(&str) -> bool| {
            for (need, severity) in
                [(Need::Must, Severity::Error), (Need::Should, Severity::Warning)]
            {
                let lacking = lacks(need, told);
                if !lacking.is_empty() {
                    findings.push(Finding {
                        code: FindingCode::LineIncomplete,
                        severity,
                        field: list.key.clone(),
                        line: u32::try_from(line).ok(),
                        say: words::incomplete(list, line, &lacking),
                    });
                }
            }
        };
        match (list.key.as_str(), &content.accidents) {
            ("accidents", Answer::Told(told)) => {
                for (line, incident) in told.iter().enumerate() {
                    judge(line, &|column| match column {
                        "kind" => incident.kind_told,
                        "time" => incident.occurred.is_some(),
                        "place" => incident.place_told,
                        "persons" => incident.persons.is_some(),
                        "measures" => incident.measures_told,
                        _ => true,
                    });
                }
            }
            // A person's line without a state says nothing of the person and is no line.
            ("accidents" | "people", _) => {}
            (key, _) => {
                if let Some(crate::returns::FieldValue::Lines(lines)) = content.extra.get(key) {
                    for (line, values) in lines.iter().enumerate() {
                        judge(line, &|column| values.contains_key(column));
                    }
                }
            }
        }
    }
}

/// A correction says why, unless it was asked for or changes nothing.
fn corrected(content: &Content, context: &Context, findings: &mut Vec<Finding>) {
    let Some(earlier) = &context.earlier else { return };
    let said = content.extra.contains_key("correction") || context.asked_to_correct;
    if said || content.changed_since(earlier).is_empty() {
        return;
    }
    findings.push(Finding {
        code: FindingCode::CorrectionWithoutReason,
        severity: Severity::Warning,
        field: "correction".into(),
        line: None,
        say: words::correction_without_reason(),
    });
}
