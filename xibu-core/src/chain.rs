//! Who answers for a volunteer on a date, and who is next: the two chains over one person.
//!
//! Service place: volunteer (自我管理为核心) → 服务单位负责人, the 直接责任人 (管理为保障) →
//! 区县项目办负责人, the 第一责任人 (管理为统筹) → 市项目办. Home: 院系团委 → 高校项目办 →
//! 市项目办.
//!
//! An empty post never stops a chain: somebody of the same office stands in, by a fixed order, and
//! the gap is a finding. Whoever is away is passed over in the same way ([`crate::absence`]).
//! Nobody of another office ever stands in.

use alloc::vec::Vec;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::appointment::{Appointment, Role};
use crate::office::{Office, OfficeId, OfficeKind};
use crate::person::PersonId;
use crate::world::World;

/// Something missing in a chain on a date: a finding, not a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// The volunteer serves nowhere on that date.
    ServesNowhere(PersonId),
    /// No university or department is known.
    NoHome(PersonId),
    /// The office is unknown or did not exist on that date.
    NoSuchOffice(OfficeId),
    /// The office stands under none of the kind its chain needs.
    NoSuperior(OfficeId),
    /// Nobody holds the post and nobody may stand in.
    PostEmpty {
        /// Where.
        office: OfficeId,
        /// Which post.
        role: Role,
    },
    /// Somebody holds the post, and everybody who could act is away.
    EverybodyAway {
        /// Where.
        office: OfficeId,
        /// Which post.
        role: Role,
    },
}

/// Who answers in a post on a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Who.
    pub person: PersonId,
    /// The post this person really holds.
    pub role: Role,
    /// The post asked for is empty, or its holder is away, and this person stands in.
    pub stands_in: bool,
    /// The holder who is away; none where the post is empty or its own holder answers.
    #[serde(default)]
    pub instead_of: Option<PersonId>,
}

/// One office of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Which office.
    pub office: OfficeId,
    /// What it is.
    pub kind: OfficeKind,
    /// Who answers for it: its head, or who stands in.
    pub head: Result<Holder, Gap>,
}

/// Who holds a post at an office on a date.
///
/// Of several in the same post the one longest in it answers, so that a newcomer beside a holder
/// changes nothing. An empty post is filled from the same office: contact ← deputy ← head; head
/// ← deputy; staff ← contact ← deputy ← head; deputy ← head.
///
/// Whoever is away that day is passed over: first for the deputy that was named, where that is
/// somebody of the same office who is there; then by the same order.
///
/// # Errors
/// The gap, where the office does not exist on that date or nobody may stand in.
pub fn holder(world: &World, office: OfficeId, role: Role, date: NaiveDate) -> Result<Holder, Gap> {
    if world.office_on(office, date).is_none() {
        return Err(Gap::NoSuchOffice(office));
    }
    let order = stand_in_order(role);
    let Some(first) = order.iter().find_map(|role| longest(world, office, *role, date, true))
    else {
        return Err(Gap::PostEmpty { office, role });
    };
    let Some(absence) = world.absence_of(first.person, date) else {
        let stands_in = first.role != role;
        return Ok(Holder { person: first.person, role: first.role, stands_in, instead_of: None });
    };
    absence
        .deputy
        .and_then(|deputy| there(world, office, deputy, date))
        .or_else(|| order.iter().find_map(|role| longest(world, office, *role, date, false)))
        .map(|held| Holder {
            person: held.person,
            role: held.role,
            stands_in: true,
            instead_of: Some(first.person),
        })
        .ok_or(Gap::EverybodyAway { office, role })
}

/// Who acts in a post, the nearest first.
const fn stand_in_order(role: Role) -> &'static [Role] {
    match role {
        Role::Head => &[Role::Head, Role::Deputy],
        Role::Deputy => &[Role::Deputy, Role::Head],
        Role::Contact => &[Role::Contact, Role::Deputy, Role::Head],
        Role::Staff => &[Role::Staff, Role::Contact, Role::Deputy, Role::Head],
    }
}

/// Who is longest in a post on a date, of everybody or of those who are not away.
fn longest(
    world: &World,
    office: OfficeId,
    role: Role,
    date: NaiveDate,
    whoever: bool,
) -> Option<&Appointment> {
    world
        .appointments_at(office)
        .iter()
        .filter(|held| held.role == role && held.validity.contains(date))
        .filter(|held| whoever || world.absence_of(held.person, date).is_none())
        .min_by_key(|held| (held.validity.from, held.person))
}

/// The post of a person at an office on a date, where they are not away.
fn there(
    world: &World,
    office: OfficeId,
    person: PersonId,
    date: NaiveDate,
) -> Option<&Appointment> {
    let held = world.appointments_at(office).iter();
    held.filter(|held| held.person == person && held.validity.contains(date))
        .min_by_key(|held| held.role)
        .filter(|_| world.absence_of(person, date).is_none())
}

/// The volunteer's chain at the service place, nearest first: unit, county, city.
///
/// # Errors
/// The gap, where the volunteer serves nowhere on that date.
pub fn service_chain(world: &World, person: PersonId, date: NaiveDate) -> Result<Vec<Link>, Gap> {
    let service = world.service_of(person, date).ok_or(Gap::ServesNowhere(person))?;
    Ok(links(world, service.unit, date))
}

/// The volunteer's chain of origin, nearest first: department, university, city.
///
/// # Errors
/// The gap, where the volunteer serves nowhere on that date or no origin is known.
pub fn home_chain(world: &World, person: PersonId, date: NaiveDate) -> Result<Vec<Link>, Gap> {
    let service = world.service_of(person, date).ok_or(Gap::ServesNowhere(person))?;
    let home = service.home.ok_or(Gap::NoHome(person))?;
    Ok(links(world, home, date))
}

/// The 直接责任人 for a volunteer: the head of the unit.
///
/// # Errors
/// The gap that leaves nobody.
pub fn direct_responsible(world: &World, person: PersonId, date: NaiveDate) -> Result<Holder, Gap> {
    let service = world.service_of(person, date).ok_or(Gap::ServesNowhere(person))?;
    holder(world, service.unit, Role::Head, date)
}

/// The 第一责任人 for a volunteer: the head of the county office.
///
/// # Errors
/// The gap that leaves nobody.
pub fn first_responsible(world: &World, person: PersonId, date: NaiveDate) -> Result<Holder, Gap> {
    let service = world.service_of(person, date).ok_or(Gap::ServesNowhere(person))?;
    let county = world
        .nearest(service.unit, OfficeKind::County, date)
        .ok_or(Gap::NoSuperior(service.unit))?;
    holder(world, county, Role::Head, date)
}

/// The office directly above on a date.
///
/// # Errors
/// The gap, where the office does not exist then or stands under none.
pub fn next_above(world: &World, office: OfficeId, date: NaiveDate) -> Result<OfficeId, Gap> {
    let version = world.office_on(office, date).ok_or(Gap::NoSuchOffice(office))?;
    let above = version.superior.ok_or(Gap::NoSuperior(office))?;
    world.office_on(above, date).map(|_| above).ok_or(Gap::NoSuchOffice(above))
}

/// Everything missing in the chains on a date, by office and then by person.
///
/// Looks at offices that exist then: a superior for all but the city; head and contact, at the city
/// head and staff, at a department only a contact. Units without volunteers owe nothing and are
/// left out.
pub fn findings(world: &World, date: NaiveDate) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for office in world.offices().filter(|office| office.on(date).is_some()) {
        if office.kind == OfficeKind::Unit && world.volunteers(office.id, date) == 0 {
            continue;
        }
        office_gaps(world, office, date, &mut gaps);
    }
    let mut homeless: Vec<Gap> = world
        .services()
        .filter(|service| service.validity.contains(date) && service.home.is_none())
        .map(|service| Gap::NoHome(service.person))
        .collect();
    homeless.sort_unstable();
    gaps.extend(homeless);
    gaps
}

fn office_gaps(world: &World, office: &Office, date: NaiveDate, gaps: &mut Vec<Gap>) {
    if office.kind != OfficeKind::City
        && let Err(gap) = next_above(world, office.id, date)
    {
        gaps.push(gap);
    }
    let posts: &[Role] = match office.kind {
        OfficeKind::City => &[Role::Head, Role::Staff],
        OfficeKind::County | OfficeKind::University | OfficeKind::Unit => {
            &[Role::Head, Role::Contact]
        }
        OfficeKind::Department => &[Role::Contact],
    };
    for role in posts {
        match holder(world, office.id, *role, date) {
            Ok(holder) if !holder.stands_in => {}
            // Somebody acts for the one who is away, and the post itself is held.
            Ok(_) if longest(world, office.id, *role, date, true).is_some() => {}
            Err(gap @ Gap::EverybodyAway { .. }) => gaps.push(gap),
            _ => gaps.push(Gap::PostEmpty { office: office.id, role: *role }),
        }
    }
}

fn links(world: &World, office: OfficeId, date: NaiveDate) -> Vec<Link> {
    world
        .path(office, date)
        .into_iter()
        .filter_map(|id| world.office(id))
        .map(|office| Link {
            office: office.id,
            kind: office.kind,
            head: holder(world, office.id, Role::Head, date),
        })
        .collect()
}
