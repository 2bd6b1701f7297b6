//! Returns that came in: whose, for which month, stated by whom.

use std::collections::BTreeSet;

use xibu_core::change::Change;
use xibu_core::intake::report::ReportRow;
use xibu_core::intake::{Accepted, Refusal, Refused};
use xibu_core::obligation::ObligationKey;
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::period::Period;
use xibu_core::person::PersonId;
use xibu_core::returns::ReturnVersion;

use super::Arrival;
use super::draft::{Draft, refusal_of, refuse, rule_of};
use super::names::Found;
use crate::store::{NewNote, ValueKind};

pub(super) fn fill(
    draft: &mut Draft,
    arrival: &Arrival,
    rows: &[Accepted<ReportRow>],
    refused: &mut Vec<Refused>,
) {
    let mut seen: Vec<(ObligationKey, &Accepted<ReportRow>)> = Vec::new();
    for row in rows {
        let taken = key(draft, arrival, &row.row).and_then(|key| {
            match seen.iter().find(|(known, _)| *known == key) {
                Some((_, first)) => Err(Refusal::SameOfficeTwice { first: first.place.clone() }),
                None => Ok(key),
            }
        });
        match taken.and_then(|key| come(draft, arrival, key, &row.row).map(|()| key)) {
            Ok(key) => seen.push((key, row)),
            Err(reason) => refuse(refused, &row.place, reason),
        }
    }
}

fn key(draft: &Draft, arrival: &Arrival, row: &ReportRow) -> Result<ObligationKey, Refusal> {
    let office = office(draft, row)?;
    let kind = draft.names.kind(office).ok_or(Refusal::OfficeUnknown { nearest: None })?;
    let rule = rule_of(kind).ok_or(Refusal::OfficeOwesNoReturn)?;
    if row.period > Period::of(arrival.received_at.date()) {
        return Err(Refusal::MonthNotBegun);
    }
    let key = ObligationKey { rule, debtor: office, period: row.period };
    match draft.scope.allows(&draft.world, &key, draft.today) {
        true => Ok(key),
        false => Err(Refusal::NotOfTheSendersOffice),
    }
}

fn office(draft: &Draft, row: &ReportRow) -> Result<OfficeId, Refusal> {
    const DEBTORS: &[OfficeKind] = &[OfficeKind::Unit, OfficeKind::County];
    const OTHERS: &[OfficeKind] =
        &[OfficeKind::City, OfficeKind::University, OfficeKind::Department];
    let names = &draft.names;
    let shown = |id| draft.scope.shows(&draft.world, id, draft.today);
    let nearest =
        |name: Option<&str>| name.and_then(|name| names.nearest_among(name, DEBTORS, None, shown));
    if let Some(number) = row.office_number {
        // Before anything is compared: of what is not the sender's nothing is told.
        if !shown(number) {
            return Err(Refusal::NotOfTheSendersOffice);
        }
        let Some(recorded) = names.name(number) else {
            return Err(Refusal::OfficeUnknown { nearest: nearest(row.office.as_deref()) });
        };
        return match &row.office {
            Some(name) if !names.is_called(number, name) => {
                Err(Refusal::OfficeNumberAndNameDiffer { recorded: recorded.to_owned() })
            }
            _ => Ok(number),
        };
    }
    let name = row.office.as_deref().unwrap_or_default();
    match names.find(name, DEBTORS, None) {
        Found::One(id) if !shown(id) => Err(Refusal::NotOfTheSendersOffice),
        Found::One(id) => Ok(id),
        Found::Several => Err(Refusal::OfficeAmbiguous),
        Found::None if names.find(name, OTHERS, None) != Found::None => {
            Err(Refusal::OfficeOwesNoReturn)
        }
        Found::None => Err(Refusal::OfficeUnknown { nearest: nearest(Some(name)) }),
    }
}

fn come(
    draft: &mut Draft,
    arrival: &Arrival,
    key: ObligationKey,
    row: &ReportRow,
) -> Result<(), Refusal> {
    let office = key.debtor;
    let stated_by = row.stated_by.as_ref().map(|name| stater(draft, office, name.expose()));
    let silent_units = row
        .silent
        .iter()
        .filter_map(|typed| {
            typed.parse::<OfficeId>().ok().filter(|id| draft.names.kind(*id).is_some()).or_else(
                || match draft.names.find(typed, &[OfficeKind::Unit], Some(office)) {
                    Found::One(id) => Some(id),
                    Found::Several | Found::None => None,
                },
            )
        })
        .collect();
    let version = ReturnVersion {
        received_at: arrival.received_at,
        document: Some(0),
        content: Some(row.content(office, stated_by)),
        silent_units,
    };
    draft
        .tell(Change::ReturnCame { obligation: key, version })
        .map_err(|unfit| refusal_of(&unfit))?;
    draft.came(key);
    for note in &row.notes {
        draft.note(NewNote {
            office,
            period: row.period,
            section: note.section.name().to_owned(),
            text: note.text.expose().to_owned(),
        });
    }
    Ok(())
}

/// Who states it: somebody in a post there, somebody who stated an earlier return there, or
/// somebody new.
fn stater(draft: &mut Draft, office: OfficeId, name: &str) -> PersonId {
    let mut people: BTreeSet<PersonId> =
        draft.world.appointments_at(office).iter().map(|held| held.person).collect();
    people.extend(
        draft
            .world
            .returns()
            .filter(|(key, _)| key.debtor == office)
            .filter_map(|(_, came)| came.content()?.stated_by),
    );
    let known = people.into_iter().find(|person| draft.is_called(*person, name));
    let person = known.unwrap_or_else(|| draft.new_person());
    draft.set(person, ValueKind::Name, name);
    person
}
