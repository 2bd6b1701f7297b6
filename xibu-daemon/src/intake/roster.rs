//! A roster's rows: who serves where, from when on. A person is found again by the id number alone.

use chrono::NaiveDate;
use xibu_core::change::Change;
use xibu_core::intake::roster::RosterRow;
use xibu_core::intake::{Accepted, Refusal, Refused};
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::person::PersonId;
use xibu_core::service::Service;
use xibu_core::validity::Validity;

use super::draft::{Draft, refusal_of, refuse};
use super::known::Known;
use super::names::Found;
use crate::store::ValueKind;

pub(super) fn fill(
    draft: &mut Draft,
    known: &Known,
    words: &str,
    rows: &[Accepted<RosterRow>],
    refused: &mut Vec<Refused>,
) {
    let county_of_file = draft.names.county_in(words);
    for row in rows {
        if let Err(reason) = take(draft, known, county_of_file, &row.row) {
            refuse(refused, &row.place, reason);
        }
    }
}

fn take(
    draft: &mut Draft,
    known: &Known,
    county_of_file: Option<OfficeId>,
    row: &RosterRow,
) -> Result<(), Refusal> {
    let county = row
        .county
        .as_deref()
        .and_then(|name| match draft.names.find(name, &[OfficeKind::County], None) {
            Found::One(id) => Some(id),
            Found::Several | Found::None => None,
        })
        .or(county_of_file);
    let unit = unit(draft, county, row)?;
    let home = home(draft, row);
    let known_person = known.by_id_number.get(&row.id_number).copied();
    let person = known_person.unwrap_or_else(|| draft.new_person());
    serve(draft, person, unit, home, row)?;
    draft.set(person, ValueKind::Name, row.name.expose());
    if known_person.is_none() {
        draft.set(person, ValueKind::IdNumber, row.id_number.as_str());
    }
    if let Some(phone) = &row.phone {
        draft.set(person, ValueKind::Phone, phone.expose());
    }
    if let Some(mail) = &row.mail {
        draft.set(person, ValueKind::Mail, mail.expose());
    }
    Ok(())
}

fn unit(draft: &Draft, county: Option<OfficeId>, row: &RosterRow) -> Result<OfficeId, Refusal> {
    const UNIT: &[OfficeKind] = &[OfficeKind::Unit];
    let names = &draft.names;
    if let Some(number) = row.unit_number {
        if names.kind(number) != Some(OfficeKind::Unit) {
            let nearest = row.unit.as_deref().and_then(|name| names.nearest(name, UNIT, county));
            return Err(Refusal::OfficeUnknown { nearest });
        }
        return match &row.unit {
            Some(name) if !names.is_called(number, name) => {
                let recorded = names.name(number).unwrap_or_default().to_owned();
                Err(Refusal::OfficeNumberAndNameDiffer { recorded })
            }
            _ => Ok(number),
        };
    }
    let name = row.unit.as_deref().unwrap_or_default();
    match names.find(name, UNIT, county) {
        Found::One(id) => Ok(id),
        Found::Several => Err(Refusal::OfficeAmbiguous),
        Found::None => match names.find(name, UNIT, None) {
            // The county on the file may be the one that keeps the roster, not the one served.
            Found::One(id) => Ok(id),
            Found::Several => Err(Refusal::OfficeAmbiguous),
            Found::None => {
                Err(Refusal::OfficeUnknown { nearest: names.nearest(name, UNIT, county) })
            }
        },
    }
}

/// The department where it is known, else the university, else none: no row is refused for it.
fn home(draft: &Draft, row: &RosterRow) -> Option<OfficeId> {
    let typed = row.university.as_deref()?;
    let Found::One(university) = draft.names.find(typed, &[OfficeKind::University], None) else {
        return None;
    };
    let department = row.department.as_deref().and_then(|department| {
        let whole = format!("{typed}{department}");
        [department, whole.as_str()].into_iter().find_map(|name| {
            match draft.names.find(name, &[OfficeKind::Department], Some(university)) {
                Found::One(id) => Some(id),
                Found::Several | Found::None => None,
            }
        })
    });
    Some(department.unwrap_or(university))
}

fn serve(
    draft: &mut Draft,
    person: PersonId,
    unit: OfficeId,
    home: Option<OfficeId>,
    row: &RosterRow,
) -> Result<(), Refusal> {
    let from = row.from.unwrap_or(draft.today);
    let day = from.max(draft.today);
    // The same stretch at the same unit, running or over: a roster read again moves nobody.
    let told = Validity { from, until: row.until };
    let same = draft.world.services_at(unit).iter();
    let same = same.rev().find(|old| old.person == person && old.validity.overlaps(&told)).copied();
    if let Some(old) = same {
        return prolong(draft, old, row.until);
    }
    let now = draft.world.service_of(person, draft.today).copied();
    let begin = |from: NaiveDate, until| {
        let validity = Validity { from, until };
        Change::ServiceBegan(Service { person, unit, home, validity })
    };
    let told = match now {
        None => draft.tell(begin(from, row.until)),
        Some(old) if old.unit == unit => return prolong(draft, old, row.until),
        Some(old) => {
            // A move: the old service ends where the new one begins, at the earliest the day after
            // it began.
            let on = if from > old.validity.from { from } else { day };
            draft
                .tell(Change::ServiceEnded { person, unit: old.unit, on })
                .and_then(|()| draft.tell(begin(on, row.until)))
        }
    };
    told.map_err(|unfit| refusal_of(&unfit))
}

/// The same unit again: only another last day changes anything.
fn prolong(draft: &mut Draft, old: Service, until: Option<NaiveDate>) -> Result<(), Refusal> {
    let told = match (old.validity.until, until) {
        (Some(known), Some(told)) if told > known => draft.tell(Change::ServiceBegan(Service {
            validity: Validity { from: known, until: Some(told) },
            ..old
        })),
        (known, Some(told)) if known.is_none_or(|known| told < known) => {
            draft.tell(Change::ServiceEnded { person: old.person, unit: old.unit, on: told })
        }
        _ => return Ok(()),
    };
    // A file may be told twice in another shape; what the record knows already is no fault of the
    // row.
    match told {
        Err(xibu_core::world::Unfit::AlreadyServes { .. }) | Ok(()) => Ok(()),
        Err(unfit) => Err(refusal_of(&unfit)),
    }
}
