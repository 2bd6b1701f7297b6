//! 求职意向登记表: who wishes for which work, and what they said of being told of it.
//!
//! The same name with the same phone or mail address is the same person, and so is the only one of
//! that name at the unit the row gives; everybody else is new. Wishes stand apart from the record;
//! consent is told to it, and only what stands there outright.

use std::collections::BTreeSet;

use xibu_core::cell::Place;
use xibu_core::change::Change;
use xibu_core::consent::{Consent, Means, Purpose};
use xibu_core::intake::wishes::{self, WishRow};
use xibu_core::intake::{Accepted, Warning};
use xibu_core::office::OfficeKind;
use xibu_core::person::PersonId;
use xibu_core::profile::Profile;

use super::Arrival;
use super::draft::Draft;
use super::known::Known;
use super::names::Found;
use crate::store::{NewProfile, ValueKind};

pub(super) fn fill(
    draft: &mut Draft,
    known: &Known,
    arrival: &Arrival,
    rows: &[Accepted<WishRow>],
) {
    let volunteers: BTreeSet<PersonId> =
        draft.world.services().map(|service| service.person).collect();
    for Accepted { place, row, .. } in rows {
        let person = person(draft, known, row);
        draft.set(person, ValueKind::Name, row.name.expose());
        if let Some(phone) = &row.phone {
            draft.set(person, ValueKind::Phone, phone.expose());
        }
        if let Some(mail) = &row.mail {
            draft.set(person, ValueKind::Mail, mail.expose());
        }
        let mut profile = Profile::from_wishes(person, row);
        // What the roster knows of them, they need not write.
        profile.grassroots |= volunteers.contains(&person);
        let serves = draft.world.service_of(person, draft.today);
        let until = serves.and_then(|service| service.validity.until?.pred_opt());
        profile.serves_until = profile.serves_until.or(until);
        draft.wish(NewProfile(profile));
        if let Some(said) = row.consent {
            consent(draft, person, said == wishes::Consent::Given, arrival, place);
        }
    }
}

fn person(draft: &mut Draft, known: &Known, row: &WishRow) -> PersonId {
    let name = row.name.expose();
    let reached = [
        row.phone.as_ref().map(|phone| (phone.expose(), &known.by_phone)),
        row.mail.as_ref().map(|mail| (mail.expose(), &known.by_mail)),
    ];
    let by_reach = reached.iter().flatten().find_map(|(address, by)| {
        let found = by.get(*address).into_iter().flatten().copied();
        draft.met(name, address).or_else(|| {
            let mut found = found;
            found.find(|person| draft.is_called(*person, name))
        })
    });
    let person = by_reach.or_else(|| at_unit(draft, row));
    let person = person.unwrap_or_else(|| draft.new_person());
    for (address, _) in reached.into_iter().flatten() {
        draft.meet(name, address, person);
    }
    person
}

/// The only one of that name among those who serve or served at the unit.
fn at_unit(draft: &Draft, row: &WishRow) -> Option<PersonId> {
    let unit = row.unit.as_deref()?;
    let Found::One(unit) = draft.names.find(unit, &[OfficeKind::Unit], None) else { return None };
    let called: BTreeSet<PersonId> = draft
        .world
        .services_at(unit)
        .iter()
        .map(|service| service.person)
        .filter(|person| draft.is_called(*person, row.name.expose()))
        .collect();
    called.first().copied().filter(|_| called.len() == 1)
}

/// A sheet that lies about for months is filled in anew with what others add to it. So its 是 does
/// not undo what a person said by their own word after it; its 否 always counts.
fn consent(draft: &mut Draft, person: PersonId, given: bool, arrival: &Arrival, place: &Place) {
    const PURPOSE: Purpose = Purpose::JobInformation;
    let before = draft.world.consent(person, PURPOSE).copied();
    if before.is_some_and(|before| before.given == given) {
        return;
    }
    if given && before.is_some_and(|before| before.means != Means::Form) {
        draft.warn(place, Warning::ConsentTakenBackBefore);
        return;
    }
    let consent = Consent { given, since: arrival.received_at, means: Means::Form };
    // The record takes every word of a person; a change of consent is never unfit.
    let _ = draft.tell(Change::ConsentSaid { person, purpose: PURPOSE, consent });
}

#[cfg(test)]
mod tests;
