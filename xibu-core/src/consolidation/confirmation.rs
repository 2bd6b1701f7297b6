//! What a county says of its consolidation: that it is right, or what is to be written instead.
//!
//! Confirming makes the county's return out of the consolidation. What was confirmed never changes:
//! when a unit comes in afterwards, the version is another one, and that is said and asked about.

use alloc::string::String;
use alloc::vec::Vec;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::{Column, Consolidation, State, Version};
use crate::assess::{NotOwed, obligation};
use crate::change::Change;
use crate::incident::Incident;
use crate::obligation::ObligationKey;
use crate::parameter::Rulebook;
use crate::person::PersonId;
use crate::returns::{Answer, Content, ReturnVersion};
use crate::rule::Rule;
use crate::world::World;

/// A figure that the county writes instead of the sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// Which.
    pub column: Column,
    /// The sum; none where nobody answered, or not everybody and those who did said nil.
    pub from: Option<u32>,
    /// What is written.
    pub to: u32,
}

/// A county's word on one version of its consolidation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Who said so; none where the office wrote down what it heard.
    pub by: Option<PersonId>,
    /// When, in the office's civil time.
    pub at: NaiveDateTime,
    /// Which version was confirmed.
    pub version: Version,
    /// What was amended.
    pub amendments: Vec<Amendment>,
    /// Why, without personal words.
    pub reason: Option<String>,
}

/// How a consolidation stands to what its county confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "confirmed", rename_all = "snake_case")]
pub enum Confirmed<'a> {
    /// The county said nothing of it.
    No,
    /// This version is confirmed.
    Yes {
        /// By what word.
        #[serde(flatten)]
        word: &'a Confirmation,
    },
    /// Another one was confirmed; what came since is not in it.
    ChangedSince {
        /// By what word.
        #[serde(flatten)]
        word: &'a Confirmation,
    },
}

/// Why a consolidation cannot be confirmed. Declared in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotConfirmable {
    /// The county owes no return for that month.
    NotOwed(NotOwed),
    /// Units owe and none has answered, so there is nothing to confirm.
    NobodyAnswered,
    /// Accidents are told one by one, or denied; a number is neither.
    AccidentsAreNotAmended,
    /// The same figure is amended twice.
    AmendedTwice,
    /// Figures are amended and no reason is given.
    ReasonIsMissing,
    /// That version is confirmed already, and nothing new is said.
    AlreadyConfirmed,
}

impl NotConfirmable {
    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            NotConfirmable::NotOwed(_) => "not_owed",
            NotConfirmable::NobodyAnswered => "nobody_answered",
            NotConfirmable::AccidentsAreNotAmended => "accidents_are_not_amended",
            NotConfirmable::AmendedTwice => "amended_twice",
            NotConfirmable::ReasonIsMissing => "reason_is_missing",
            NotConfirmable::AlreadyConfirmed => "already_confirmed",
        }
    }
}

/// How the county's newest word stands to this consolidation.
pub fn confirmed<'a>(world: &'a World, consolidation: &Consolidation) -> Confirmed<'a> {
    let key = key_of(consolidation);
    match world.confirmations(&key).last() {
        None => Confirmed::No,
        Some(word) if word.version == consolidation.version => Confirmed::Yes { word },
        Some(word) => Confirmed::ChangedSince { word },
    }
}

/// Whether every unit that owes is in, and some does: the moment to show it to its county.
pub fn is_complete(consolidation: &Consolidation) -> bool {
    let mut owing = consolidation.units.iter().filter(|unit| unit.not_owed.is_none()).peekable();
    owing.peek().is_some() && owing.all(|unit| unit.state == State::In)
}

/// What is recorded when a county confirms: its return as of `at`, and its word. `document` is the
/// number of the document by which it was said, if there is one.
///
/// # Errors
/// Why it cannot be confirmed; then nothing is to be recorded.
pub fn confirm(
    world: &World,
    rulebook: &Rulebook,
    consolidation: &Consolidation,
    (by, at, document): (Option<PersonId>, NaiveDateTime, Option<u64>),
    (amended, reason): (&[(Column, u32)], Option<&str>),
) -> Result<[Change; 2], NotConfirmable> {
    let obligation_key = key_of(consolidation);
    obligation(world, rulebook, &obligation_key, at).map_err(NotConfirmable::NotOwed)?;
    if consolidation.figures.expected > 0
        && consolidation.units.iter().all(|unit| unit.content.is_none())
    {
        return Err(NotConfirmable::NobodyAnswered);
    }
    let mut content = content_of(consolidation, by);
    let mut amendments = Vec::with_capacity(amended.len());
    for (column, to) in amended {
        let amendment = amend(&mut content, *column, *to)?;
        if amendments.iter().any(|known: &Amendment| known.column == *column) {
            return Err(NotConfirmable::AmendedTwice);
        }
        amendments.push(amendment);
    }
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
    if !amendments.is_empty() && reason.is_none() {
        return Err(NotConfirmable::ReasonIsMissing);
    }
    let version = consolidation.version;
    if let Confirmed::Yes { word } = confirmed(world, consolidation)
        && word.amendments == amendments
    {
        return Err(NotConfirmable::AlreadyConfirmed);
    }
    let came = Change::ReturnCame {
        obligation: obligation_key,
        version: ReturnVersion {
            received_at: at,
            document,
            content: Some(content),
            silent_units: consolidation.missing().collect(),
            by,
            reason: reason.map(String::from),
        },
    };
    let said = match reason.filter(|_| !amendments.is_empty()) {
        None => Change::CountyConfirmed { obligation: obligation_key, by, at, version },
        Some(reason) => Change::CountyAmended {
            obligation: obligation_key,
            by,
            at,
            version,
            amendments,
            reason: String::from(reason),
        },
    };
    Ok([came, said])
}

fn key_of(consolidation: &Consolidation) -> ObligationKey {
    let (debtor, period) = (consolidation.county, consolidation.period);
    ObligationKey { rule: Rule::CountyMonthlyReturn, debtor, period }
}

/// The county's return as the consolidation has it. Where no unit owes there is nobody and nothing,
/// which is a statement, too.
fn content_of(consolidation: &Consolidation, by: Option<PersonId>) -> Content {
    let contents = || consolidation.units.iter().filter_map(|unit| unit.content.as_ref());
    let said = |column: Column| match consolidation.sums.get(column).answer() {
        Answer::Unanswered if consolidation.figures.expected == 0 => Answer::Nil,
        answer => answer,
    };
    let accidents = match said(Column::Accidents) {
        Answer::Unanswered => Answer::Unanswered,
        Answer::Nil => Answer::Nil,
        Answer::Told(_) => {
            let told = contents().filter_map(|content| match &content.accidents {
                Answer::Told(told) => Some(told),
                _ => None,
            });
            Answer::Told(told.flatten().cloned().collect::<Vec<Incident>>())
        }
    };
    Content {
        headcount: Some(consolidation.sums.get(Column::Headcount).count),
        accidents,
        health: said(Column::Health),
        hazards: said(Column::Hazards),
        needs: said(Column::Needs),
        stated_by: by,
        ..Content::default()
    }
}

fn amend(content: &mut Content, column: Column, to: u32) -> Result<Amendment, NotConfirmable> {
    let from = match column.of(content) {
        Answer::Unanswered => None,
        Answer::Nil => Some(0),
        Answer::Told(count) => Some(count),
    };
    let answer = if to == 0 { Answer::Nil } else { Answer::Told(to) };
    match column {
        Column::Headcount => content.headcount = Some(to),
        Column::Health => content.health = answer,
        Column::Hazards => content.hazards = answer,
        Column::Needs => content.needs = answer,
        // A unit left it empty and the county knows better: that nothing happened can be said.
        Column::Accidents if to == 0 && content.accidents == Answer::Unanswered => {
            content.accidents = Answer::Nil;
        }
        Column::Accidents => return Err(NotConfirmable::AccidentsAreNotAmended),
    }
    Ok(Amendment { column, from, to })
}
