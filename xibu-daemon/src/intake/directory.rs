//! A directory's rows: offices that stand, people who take and leave posts.
//!
//! An empty cell says nothing: only another name in a post relieves who holds it.

use xibu_core::appointment::{Appointment, Role};
use xibu_core::cell::Place;
use xibu_core::change::Change;
use xibu_core::intake::directory::{DirectoryPerson, DirectoryRow};
use xibu_core::intake::{Refusal, Refused};
use xibu_core::office::{OfficeId, OfficeKind, OfficeVersion};
use xibu_core::person::PersonId;
use xibu_core::validity::Validity;

use super::draft::{Draft, refusal_of, refuse};
use super::known::Known;
use super::names::Found;
use super::understood::{Rows, Understood};
use crate::store::ValueKind;

/// Kinds in the order in which they can stand: each one's superior comes before it.
const ORDER: [OfficeKind; 5] = [
    OfficeKind::City,
    OfficeKind::County,
    OfficeKind::University,
    OfficeKind::Department,
    OfficeKind::Unit,
];

pub(super) fn fill(
    draft: &mut Draft,
    known: &Known,
    understood: &Understood,
    refused: &mut [Vec<Refused>],
) {
    for kind in ORDER {
        for (sheet, refused) in understood.sheets.iter().zip(refused.iter_mut()) {
            let Rows::Directory(rows) = &sheet.rows else { continue };
            for row in rows.iter().filter(|row| row.row.kind == kind) {
                take(draft, known, &row.row, &row.place, refused);
            }
        }
    }
}

fn take(
    draft: &mut Draft,
    known: &Known,
    row: &DirectoryRow,
    place: &Place,
    refused: &mut Vec<Refused>,
) {
    let stood = superior(draft, row).and_then(|superior| stand(draft, row, superior));
    match stood {
        Ok(office) => {
            for person in &row.people {
                appoint(draft, known, office, person);
            }
        }
        Err(reason) => refuse(refused, place, reason),
    }
}

fn superior(draft: &Draft, row: &DirectoryRow) -> Result<Option<OfficeId>, Refusal> {
    let above: &[OfficeKind] = match row.kind {
        OfficeKind::City => return Ok(None),
        OfficeKind::County | OfficeKind::University => &[OfficeKind::City],
        OfficeKind::Department => &[OfficeKind::University],
        OfficeKind::Unit => &[OfficeKind::County],
    };
    let Some(typed) = &row.superior else {
        // There is but one city office to stand under.
        let only = above.first().and_then(|kind| draft.names.only(*kind));
        return match only.filter(|_| above == [OfficeKind::City]) {
            Some(city) => Ok(Some(city)),
            None => Err(Refusal::SuperiorUnknown { nearest: None }),
        };
    };
    if let Ok(number) = typed.parse::<OfficeId>() {
        return match draft.names.kind(number) {
            Some(kind) if above.contains(&kind) => Ok(Some(number)),
            Some(_) => Err(Refusal::SuperiorOfWrongKind),
            None => Err(Refusal::SuperiorUnknown { nearest: None }),
        };
    }
    match draft.names.find(typed, above, None) {
        Found::One(id) => Ok(Some(id)),
        Found::Several => Err(Refusal::OfficeAmbiguous),
        Found::None if draft.names.find(typed, &ORDER, None) != Found::None => {
            Err(Refusal::SuperiorOfWrongKind)
        }
        Found::None => {
            Err(Refusal::SuperiorUnknown { nearest: draft.names.nearest(typed, above, None) })
        }
    }
}

/// The office of the row, told of where it is new or has changed.
fn stand(
    draft: &mut Draft,
    row: &DirectoryRow,
    superior: Option<OfficeId>,
) -> Result<OfficeId, Refusal> {
    let known = match row.number {
        Some(number) => match draft.names.kind(number) {
            Some(kind) if kind == row.kind => Some(number),
            Some(_) => return Err(Refusal::OfficeKindDiffers),
            None => {
                let nearest = draft.names.nearest(&row.name, &ORDER, None);
                return Err(Refusal::OfficeUnknown { nearest });
            }
        },
        None => match draft.names.find(&row.name, &[row.kind], superior) {
            Found::One(id) => Some(id),
            Found::Several => return Err(Refusal::OfficeAmbiguous),
            Found::None => None,
        },
    };
    let office = known.unwrap_or_else(|| draft.new_office());
    let current = draft.world.office(office).and_then(|office| office.versions.last()).cloned();
    let gb_code = row.gb_code.clone().or_else(|| current.as_ref()?.gb_code.clone());
    let version = OfficeVersion {
        name: row.name.clone(),
        superior,
        gb_code,
        validity: Validity::since(draft.today),
    };
    let same = current.is_some_and(|current| {
        (&current.name, current.superior, &current.gb_code)
            == (&version.name, version.superior, &version.gb_code)
    });
    if !same {
        let kind = row.kind;
        draft
            .tell(Change::OfficeStood { office, kind, version })
            .map_err(|unfit| refusal_of(&unfit))?;
        draft.names.add(office, &row.name, row.kind, superior);
    }
    Ok(office)
}

fn appoint(draft: &mut Draft, known: &Known, office: OfficeId, told: &DirectoryPerson) {
    let person = person(draft, known, office, told);
    draft.set(person, ValueKind::Name, told.name.expose());
    if let Some(phone) = &told.phone {
        draft.set(person, ValueKind::Phone, phone.expose());
    }
    if let Some(mail) = &told.mail {
        draft.set(person, ValueKind::Mail, mail.expose());
    }
    let held: Vec<Appointment> = draft
        .world
        .appointments_at(office)
        .iter()
        .filter(|held| held.role == told.role && held.validity.until.is_none())
        .copied()
        .collect();
    if held.iter().any(|held| held.person == person) {
        return;
    }
    let mut from = draft.today;
    if told.role != Role::Staff {
        for appointment in held {
            // Whoever took the post today holds it for today; the next one begins tomorrow.
            let on = from.max(appointment.validity.from.succ_opt().unwrap_or(from));
            if draft.tell(Change::Relieved { appointment, on }).is_ok() {
                from = on;
            }
        }
    }
    let validity = Validity::since(from);
    // Known there already for later days: nothing to add.
    let _ =
        draft.tell(Change::Appointed(Appointment { person, office, role: told.role, validity }));
}

/// The same name at the same office, or the same name with the same phone, is the same person.
fn person(draft: &mut Draft, known: &Known, office: OfficeId, told: &DirectoryPerson) -> PersonId {
    let name = told.name.expose();
    let at_office = draft
        .world
        .appointments_at(office)
        .iter()
        .map(|held| held.person)
        .find(|person| draft.is_called(*person, name));
    let phone = told.phone.as_ref().map(|phone| phone.expose());
    let by_phone = || {
        let phone = phone?;
        draft.met(name, phone).or_else(|| {
            let found = known.by_phone.get(phone)?;
            found.iter().copied().find(|person| draft.is_called(*person, name))
        })
    };
    let person = at_office.or_else(by_phone);
    let person = person.unwrap_or_else(|| draft.new_person());
    if let Some(phone) = phone {
        draft.meet(name, phone, person);
    }
    person
}
