//! What the store already knows of a file's people, asked for in a few questions before any row is
//! judged.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use xibu_core::intake::id_number::IdNumber;
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::person::PersonId;
use xibu_core::world::World;

use super::Arrival;
use super::names::{Found, Names};
use super::understood::{Rows, Understood, UnderstoodSheet};
use crate::store::{self, DocumentId, Personal, Store, ValueKind};

/// The answers.
pub(super) struct Known {
    /// SHA-256 of the bytes, hex.
    pub(super) sha256: String,
    /// The document with the same bytes, if they came before.
    pub(super) document: Option<DocumentId>,
    pub(super) by_id_number: BTreeMap<IdNumber, PersonId>,
    pub(super) by_phone: BTreeMap<String, Vec<PersonId>>,
    pub(super) by_mail: BTreeMap<String, Vec<PersonId>>,
    pub(super) personal: BTreeMap<PersonId, Personal>,
}

impl Known {
    pub(super) async fn gather(
        store: &impl Store,
        world: &World,
        arrival: &Arrival,
        understood: &Understood,
    ) -> store::Result<Self> {
        let hash: [u8; 32] = Sha256::digest(&arrival.bytes).into();
        let document = store.original_with(&hash).await?;
        let mut known = Self {
            sha256: hex::encode(hash),
            document,
            by_id_number: BTreeMap::new(),
            by_phone: BTreeMap::new(),
            by_mail: BTreeMap::new(),
            personal: BTreeMap::new(),
        };
        let mut people = holders(world, arrival, understood);
        people.extend(known.ask_ids(store, understood).await?);
        let phones = ask(store, ValueKind::Phone, phones(understood)).await?;
        people.extend(phones.values().flatten());
        let mails = ask(store, ValueKind::Mail, mails(understood)).await?;
        people.extend(mails.values().flatten());
        (known.by_phone, known.by_mail) = (phones, mails);
        let people: Vec<PersonId> = people.into_iter().collect();
        known.personal = store.personal(&people).await?;
        Ok(known)
    }

    async fn ask_ids(
        &mut self,
        store: &impl Store,
        understood: &Understood,
    ) -> store::Result<Vec<PersonId>> {
        let ids: Vec<IdNumber> = understood
            .sheets
            .iter()
            .filter_map(|sheet| match &sheet.rows {
                Rows::Roster(rows) => Some(rows.iter().map(|row| row.row.id_number)),
                _ => None,
            })
            .flatten()
            .collect();
        let questions: Vec<(ValueKind, String)> =
            ids.iter().map(|id| (ValueKind::IdNumber, id.as_str().to_owned())).collect();
        let answers = store.find_persons(&questions).await?;
        for (id, found) in ids.iter().zip(&answers) {
            if let Some(person) = found.first() {
                self.by_id_number.insert(*id, *person);
            }
        }
        Ok(self.by_id_number.values().copied().collect())
    }
}

/// Who has which of these values; those nobody has are left out.
async fn ask(
    store: &impl Store,
    kind: ValueKind,
    values: BTreeSet<String>,
) -> store::Result<BTreeMap<String, Vec<PersonId>>> {
    let questions: Vec<(ValueKind, String)> =
        values.iter().map(|value| (kind, value.clone())).collect();
    let answers = store.find_persons(&questions).await?;
    Ok(values.into_iter().zip(answers).filter(|(_, found)| !found.is_empty()).collect())
}

/// The phones by which a file's people may be known.
fn phones(understood: &Understood) -> BTreeSet<String> {
    let mut phones = BTreeSet::new();
    for sheet in &understood.sheets {
        match &sheet.rows {
            Rows::Directory(rows) => {
                let people = rows.iter().flat_map(|row| &row.row.people);
                phones.extend(people.filter_map(|person| person.phone.clone()));
            }
            Rows::Wishes(rows) => {
                phones.extend(rows.iter().filter_map(|row| row.row.phone.clone()));
            }
            _ => {}
        }
    }
    phones.into_iter().map(|phone| phone.expose().to_owned()).collect()
}

/// The same for mail addresses.
fn mails(understood: &Understood) -> BTreeSet<String> {
    let rows = understood.sheets.iter().filter_map(|sheet| match &sheet.rows {
        Rows::Wishes(rows) => Some(rows),
        _ => None,
    });
    let mails = rows.flatten().filter_map(|row| row.row.mail.as_ref());
    mails.map(|mail| mail.expose().to_owned()).collect()
}

/// The people in posts at the offices that the file names, and those who stated their earlier
/// returns.
fn holders(world: &World, arrival: &Arrival, understood: &Understood) -> BTreeSet<PersonId> {
    const ALL: [OfficeKind; 5] = [
        OfficeKind::City,
        OfficeKind::County,
        OfficeKind::University,
        OfficeKind::Department,
        OfficeKind::Unit,
    ];
    let names = Names::of(world, arrival.received_at.date());
    let mut offices: BTreeSet<OfficeId> = BTreeSet::new();
    let mut add = |number: Option<OfficeId>, name: Option<&str>| {
        offices.extend(number);
        for kind in ALL {
            if let Some(Found::One(id)) = name.map(|name| names.find(name, &[kind], None)) {
                offices.insert(id);
            }
        }
    };
    let mut everybody = false;
    for sheet in &understood.sheets {
        match &sheet.rows {
            // Names may be ambiguous until superiors are known, so all posts are looked at.
            Rows::Directory(rows) => everybody |= !rows.is_empty(),
            Rows::Report(rows) => {
                for row in rows {
                    add(row.row.office_number, row.row.office.as_deref());
                }
            }
            Rows::Wishes(rows) => {
                for row in rows {
                    add(None, row.row.unit.as_deref());
                }
            }
            Rows::Roster(_) | Rows::None => {}
        }
    }
    if everybody {
        offices.extend(world.offices().map(|office| office.id));
    }
    let mut people: BTreeSet<PersonId> = offices
        .iter()
        .flat_map(|office| world.appointments_at(*office))
        .map(|appointment| appointment.person)
        .collect();
    let names_volunteers = |sheet: &UnderstoodSheet| match &sheet.rows {
        Rows::Wishes(_) => true,
        Rows::Report(rows) => rows.iter().any(|row| !row.row.people.is_empty()),
        _ => false,
    };
    if understood.sheets.iter().any(names_volunteers) {
        // Somebody of a known unit is found among those who serve or served there.
        let serving = offices.iter().flat_map(|office| world.services_at(*office));
        people.extend(serving.map(|service| service.person));
    }
    people.extend(
        world
            .returns()
            .filter(|(key, _)| offices.contains(&key.debtor))
            .filter_map(|(_, came)| came.content()?.stated_by),
    );
    people
}
