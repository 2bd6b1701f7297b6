//! Who owes what, as of an instant.
//!
//! A unit owes its county, a county owes the city. An obligation is derived, never stored: the same
//! record and the same instant give the same list.
//!
//! Not who is told: [`crate::plan`].

use alloc::vec::Vec;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use crate::almanac::Almanac;
use crate::obligation::{Due, Obligation, ObligationKey, Standing, Timeliness};
use crate::office::{Office, OfficeId, OfficeKind};
use crate::parameter::{Parameter, Rulebook};
use crate::period::Period;
use crate::returns::{Return, Workflow};
use crate::rule::Rule;
use crate::service::Service;
use crate::world::{PATH_MAX, World};

/// Why nothing is owed under a key. Declared in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotOwed {
    /// No such office is known.
    OfficeUnknown,
    /// The rule puts this duty on another kind of office.
    OfficeIsNoDebtor,
    /// The rule was not in force in that month.
    RuleNotInForce,
    /// Nobody switched the rule on.
    RuleNotEnabled,
    /// The month's debt fell due before the rule was switched on.
    PeriodEndedBeforeRuleWasEnabled,
    /// The month has not begun: the one before has not reached its cut-off.
    PeriodHasNotBegun,
    /// Too long ago to be chased.
    PeriodIsTooOld,
    /// The office did not exist at the cut-off.
    OfficeDidNotExist,
    /// The office stood under none to which it could owe.
    NoCreditor,
    /// No volunteer served at the unit at the cut-off.
    NoVolunteers,
}

/// Everything owed to the offices served and to those below them, as of `at`, sorted by key.
///
/// Lists the running month and those before it, as many as [`Parameter::ChasePeriodsMax`] says,
/// discharged obligations included; what fell due before its rule was enabled is left out.
///
/// Everything told counts, even where a door's clock runs ahead of `at`.
pub fn assess(
    world: &World,
    rulebook: &Rulebook,
    serves: &[OfficeId],
    at: NaiveDateTime,
) -> Vec<Obligation> {
    let mut almanac = Almanac::new(world, rulebook);
    let months = months(world, rulebook, at);
    let mut owed = Vec::new();
    for rule in Rule::ALL.into_iter().filter(|rule| world.enabled(*rule).is_some()) {
        let mut served = Served { rulebook, serves, last: None };
        for office in world.offices().filter(|office| office.kind == rule.debtor()) {
            let debtor = Debtor::new(world, rule, office);
            for period in &months {
                if let Ok((obligation, cutoff)) = debtor.judge(&mut almanac, *period, at)
                    && served.includes(world, obligation.creditor, cutoff)
                {
                    owed.push(obligation);
                }
            }
        }
    }
    owed
}

/// One obligation, whoever it is owed to.
///
/// # Errors
/// Why nothing is owed.
pub fn obligation(
    world: &World,
    rulebook: &Rulebook,
    key: &ObligationKey,
    at: NaiveDateTime,
) -> Result<Obligation, NotOwed> {
    let office = world.office(key.debtor).ok_or(NotOwed::OfficeUnknown)?;
    let mut almanac = Almanac::new(world, rulebook);
    Debtor::new(world, key.rule, office)
        .judge(&mut almanac, key.period, at)
        .map(|(obligation, _)| obligation)
}

/// The months that may matter at `at`, oldest first.
///
/// Two ahead: after a month's cut-off the next one runs, and a due day early in the month moves
/// that cut-off into the month before.
fn months(world: &World, rulebook: &Rulebook, at: NaiveDateTime) -> Vec<Period> {
    let newest = Period::of(at.date()).next().next();
    let longest = rulebook
        .parameters
        .settings()
        .filter(|setting| setting.parameter == Parameter::ChasePeriodsMax)
        .filter_map(|setting| match setting.value {
            crate::parameter::Value::Number(months) => Some(months),
            _ => None,
        })
        .max()
        .unwrap_or(0);
    let enabled = Rule::ALL.into_iter().filter_map(|rule| world.enabled(rule)).min();
    // What fell due before the rule was enabled lies at most one month behind that day.
    let first = enabled.map(|enabled| Period::of(enabled.date()).previous());
    let mut months: Vec<Period> =
        core::iter::successors(Some(newest), |period| Some(period.previous()))
            .take(longest as usize + 3)
            .take_while(|period| first.is_none_or(|first| first <= *period))
            .collect();
    months.reverse();
    months
}

/// One debtor with all that was told about its debts, looked up once for all its months.
struct Debtor<'a> {
    rule: Rule,
    office: &'a Office,
    services: &'a [Service],
    returns: &'a [(ObligationKey, Return)],
}

impl<'a> Debtor<'a> {
    fn new(world: &'a World, rule: Rule, office: &'a Office) -> Self {
        let services = world.services_at(office.id);
        Self { rule, office, services, returns: world.returns_by(rule, office.id) }
    }

    /// The obligation of a month, and the last day of its cut-off.
    fn judge(
        &self,
        almanac: &mut Almanac<'_>,
        period: Period,
        at: NaiveDateTime,
    ) -> Result<(Obligation, NaiveDate), NotOwed> {
        let (rule, office, world) = (self.rule, self.office, almanac.world);
        if office.kind != rule.debtor() {
            return Err(NotOwed::OfficeIsNoDebtor);
        }
        let month = almanac.month(office, period);
        let (due, cutoff) = (month.deadlines.due(rule), month.deadlines.cutoff_day());
        let (covers_after, chase_ends) = (month.deadlines.covers_after, month.chase_ends);
        if !rule.validity().contains(cutoff) {
            return Err(NotOwed::RuleNotInForce);
        }
        let enabled = world.enabled(rule).ok_or(NotOwed::RuleNotEnabled)?;
        if due.late_after <= enabled {
            return Err(NotOwed::PeriodEndedBeforeRuleWasEnabled);
        }
        if at < covers_after {
            return Err(NotOwed::PeriodHasNotBegun);
        }
        if at >= chase_ends {
            return Err(NotOwed::PeriodIsTooOld);
        }
        let version = office.on(cutoff).ok_or(NotOwed::OfficeDidNotExist)?;
        let above = version.superior.ok_or(NotOwed::NoCreditor)?;
        let creditor =
            almanac.nearest(above, rule.creditor(), cutoff).ok_or(NotOwed::NoCreditor)?;
        let serves_then = |service: &Service| service.validity.contains(cutoff);
        if office.kind == OfficeKind::Unit && !self.services.iter().any(serves_then) {
            return Err(NotOwed::NoVolunteers);
        }
        let key = ObligationKey { rule, debtor: office.id, period };
        let standing = self.standing(almanac, &key, &due, at);
        Ok((Obligation { key, creditor, due, standing }, cutoff))
    }

    /// How a debt stands; the first of [`Standing`] that holds.
    fn standing(
        &self,
        almanac: &Almanac<'_>,
        key: &ObligationKey,
        due: &Due,
        at: NaiveDateTime,
    ) -> Standing {
        if let Some((_, came)) = self.returns.iter().find(|(known, _)| known == key) {
            return standing_of_return(came, due);
        }
        if at < due.opening {
            return Standing::NotOpen;
        }
        if let Some(pause) = almanac.pauses(key, due).into_iter().find(|pause| pause.covers(at)) {
            return Standing::Acknowledged { until: pause.until };
        }
        if at >= due.late_after { Standing::Late } else { Standing::Owed }
    }
}

fn standing_of_return(came: &Return, due: &Due) -> Standing {
    let timeliness = timeliness(came.received_at(), due);
    match came.workflow {
        Workflow::Submitted | Workflow::Resubmitted | Workflow::Accepted => {
            Standing::In(timeliness)
        }
        Workflow::Received => Standing::Unread(timeliness),
        Workflow::SentBack => Standing::SentBack(timeliness),
    }
}

/// In which sense something that came at `received_at` was in time. All ends are excluded.
pub fn timeliness(received_at: NaiveDateTime, due: &Due) -> Timeliness {
    if received_at < due.target {
        Timeliness::OnTime
    } else if received_at < due.late_after {
        Timeliness::OnTimeLenient
    } else {
        Timeliness::Late
    }
}

/// Whether a daemon with this list of offices chases what is owed to `office`: it or one above it
/// is served, and nobody said that another daemon does it ([`Parameter::ServedElsewhere`]).
pub fn is_chased_here(
    world: &World,
    rulebook: &Rulebook,
    serves: &[OfficeId],
    office: OfficeId,
    date: NaiveDate,
) -> bool {
    let mut next = Some(office);
    let mut is_served = false;
    for _ in 0..PATH_MAX {
        let Some(id) = next else { break };
        if serves.contains(&id) {
            is_served = true;
            break;
        }
        next = world.office_on(id, date).and_then(|version| version.superior);
    }
    let parameters = &rulebook.parameters;
    is_served
        && !(parameters.any_office_has_own()
            && parameters.switch(Parameter::ServedElsewhere, &world.path(office, date), date))
}

/// Whether an office is chased for. Remembers the last answer, because the
/// units of one county usually follow each other.
struct Served<'a> {
    rulebook: &'a Rulebook,
    serves: &'a [OfficeId],
    last: Option<(OfficeId, NaiveDate, bool)>,
}

impl Served<'_> {
    fn includes(&mut self, world: &World, office: OfficeId, date: NaiveDate) -> bool {
        if let Some((known, on, answer)) = self.last
            && (known, on) == (office, date)
        {
            return answer;
        }
        let answer = is_chased_here(world, self.rulebook, self.serves, office, date);
        self.last = Some((office, date, answer));
        answer
    }
}
