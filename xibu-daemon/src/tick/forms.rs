//! Which counties are shown what their units told: once when all are in, and once for each version
//! that differs from the one they confirmed.
//!
//! Policy assumption: the notice knows of no such letter. What was confirmed is never changed by
//! it, and what changes on one day is asked about once, on the next working day. What it is not: no
//! wording (`compose::errand`), and no reminder (the ladder goes on by itself).

use std::collections::BTreeMap;

use chrono::{NaiveTime, TimeDelta};
use xibu_core::appointment::Role;
use xibu_core::chain::holder;
use xibu_core::consolidation::{Confirmed, confirmed, consolidate};
use xibu_core::obligation::{Obligation, Standing};
use xibu_core::office::OfficeId;
use xibu_core::parameter::{Parameter, Rulebook};
use xibu_core::period::Period;
use xibu_core::rule::Rule;
use xibu_core::world::World;

use crate::clock::Now;
use crate::outbox::errand::{Errand, Matter};

/// How long such a letter is of use.
const FORM_DAYS: i64 = 10;

/// The letters that have fallen due by what is owed now. Each has its cause, so the same tick twice
/// opens nothing twice.
pub(super) fn due(
    world: &World,
    rulebook: &Rulebook,
    obligations: &[Obligation],
    now: Now,
) -> Vec<Errand> {
    let complete = complete(obligations);
    let own = obligations.iter().filter(|owed| owed.key.rule == Rule::CountyMonthlyReturn);
    own.filter_map(|owed| match owed.standing {
        Standing::Owed | Standing::Late | Standing::Acknowledged { .. } => {
            let all_in = complete.get(&(owed.key.debtor, owed.key.period)) == Some(&true);
            all_in.then(|| all_are_in(world, owed, now)).flatten()
        }
        Standing::In(_) if !world.confirmations(&owed.key).is_empty() => {
            changed_since(world, rulebook, owed, now)
        }
        _ => None,
    })
    .collect()
}

/// Whether every unit that owes is in, by county and month.
fn complete(obligations: &[Obligation]) -> BTreeMap<(OfficeId, Period), bool> {
    let mut complete = BTreeMap::new();
    for owed in obligations.iter().filter(|owed| owed.key.rule == Rule::UnitMonthlyReturn) {
        let all_in = complete.entry((owed.creditor, owed.key.period)).or_insert(true);
        *all_in &= matches!(owed.standing, Standing::In(_));
    }
    complete
}

fn all_are_in(world: &World, owed: &Obligation, now: Now) -> Option<Errand> {
    let cause = format!("form/{}/all_in", owed.key);
    errand(world, owed, now, (cause, None, now.civil))
}

fn changed_since(
    world: &World,
    rulebook: &Rulebook,
    owed: &Obligation,
    now: Now,
) -> Option<Errand> {
    let (county, period) = (owed.key.debtor, owed.key.period);
    let found = consolidate(world, rulebook, county, period, now.civil);
    let Confirmed::ChangedSince { .. } = confirmed(world, &found) else { return None };
    let version = found.version;
    let cause = format!("form/{}/{version}", owed.key);
    let day = rulebook.calendar.workdays_after(now.date(), 1);
    let path = world.path(county, now.date());
    let begins: NaiveTime = rulebook.parameters.time_of_day(Parameter::DayBegins, &path, day);
    errand(world, owed, now, (cause, Some(version), day.and_time(begins)))
}

fn errand(
    world: &World,
    owed: &Obligation,
    now: Now,
    (cause, version, not_before): (
        String,
        Option<xibu_core::consolidation::Version>,
        chrono::NaiveDateTime,
    ),
) -> Option<Errand> {
    let contact = holder(world, owed.key.debtor, Role::Contact, now.date()).ok()?;
    Some(Errand {
        cause,
        person: contact.person,
        matter: Matter::Consolidation { obligation: owed.key, version },
        not_before,
        expires: not_before + TimeDelta::days(FORM_DAYS),
        avoid: None,
    })
}
