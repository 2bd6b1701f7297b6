//! Erasing a person (个人信息保护法 §47): who may be erased, and whose papers speak of whom.
//!
//! What it is not: it erases nothing itself; that is one transaction of the store
//! ([`crate::store::Store::erase`]). Bytes are searched in [`search`].

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Serialize;
use xibu_core::appointment::Role;
use xibu_core::change::Change;
use xibu_core::office::OfficeId;
use xibu_core::person::PersonId;
use xibu_core::world::World;

use crate::store::erasure::Order;

pub mod search;

/// Why a person is not erased. Declared in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "refused", rename_all = "snake_case")]
pub enum Refused {
    /// Holds a post, now or from a day to come: the office cannot do its duty without.
    InPost {
        /// Where.
        office: OfficeId,
        /// Which.
        role: Role,
    },
    /// Serves, now or from a day to come: whoever answers for the volunteer must reach them.
    StillServes {
        /// Where.
        unit: OfficeId,
    },
}

impl Refused {
    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            Refused::InPost { .. } => "in_post",
            Refused::StillServes { .. } => "still_serves",
        }
    }
}

/// Why a person may not be erased on `today`; none where nothing is against it.
pub fn refused(world: &World, person: PersonId, today: NaiveDate) -> Option<Refused> {
    let lasts = |until: Option<NaiveDate>| until.is_none_or(|until| until > today);
    let post = world.appointments_of(person).find(|held| lasts(held.validity.until));
    if let Some(held) = post {
        return Some(Refused::InPost { office: held.office, role: held.role });
    }
    let service = world.services_of(person).find(|service| lasts(service.validity.until));
    service.map(|service| Refused::StillServes { unit: service.unit })
}

/// The changes that end every service which lasts beyond `today`.
pub fn ends_of_service(world: &World, person: PersonId, today: NaiveDate) -> Vec<Change> {
    let lasting = world
        .services_of(person)
        .filter(|service| service.validity.until.is_none_or(|until| until > today));
    let end = |service: &xibu_core::service::Service| {
        // The first day without is the day after it began, at the earliest.
        let begun = service.validity.from.succ_opt().unwrap_or(service.validity.from);
        Change::ServiceEnded { person, unit: service.unit, on: today.max(begun) }
    };
    lasting.map(end).collect()
}

/// The order to erase a person, as of a record.
pub fn order(
    world: &World,
    last_sequence: u64,
    person: PersonId,
    today: NaiveDate,
    by: &str,
) -> Order {
    Order {
        person: Some(person),
        by: by.to_owned(),
        after: Some(last_sequence),
        before: Vec::new(),
        offices: offices_of(world, person, today),
    }
}

/// Where the person served or held a post, and the offices above.
fn offices_of(world: &World, person: PersonId, today: NaiveDate) -> BTreeSet<OfficeId> {
    let posts = world.appointments_of(person).map(|held| (held.office, held.validity.from));
    let services = world
        .services_of(person)
        .flat_map(|service| [Some(service.unit), service.home].map(|at| (at, service.validity)))
        .filter_map(|(office, validity)| Some((office?, validity.from)));
    let mut offices = BTreeSet::new();
    for (office, from) in posts.chain(services) {
        offices.insert(office);
        offices.extend(world.path(office, from));
        offices.extend(world.path(office, today));
    }
    offices
}

#[cfg(test)]
mod tests;
