//! Both chains over one volunteer, who stands in, and what is missing.

use xibu_core::appointment::Role;
use xibu_core::chain::{
    Gap, direct_responsible, findings, first_responsible, holder, home_chain, next_above,
    service_chain,
};
use xibu_core::change::Change;
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::person::PersonId;
use xibu_core::service::Service;
use xibu_core::validity::Validity;

use crate::house::*;

#[test]
fn two_chains_cross_one_volunteer() {
    let world = city();
    let (volunteer, day) = (PersonId(90), date("2026-06-15"));
    let heads = |links: Vec<xibu_core::chain::Link>| {
        links.iter().map(|link| (link.kind, link.head.unwrap().person.0)).collect::<Vec<_>>()
    };
    use OfficeKind::{City, County, Unit, University};
    assert_eq!(
        heads(service_chain(&world, volunteer, day).unwrap()),
        [(Unit, 31), (County, 21), (City, 11)]
    );
    assert_eq!(heads(home_chain(&world, volunteer, day).unwrap()), [(University, 41), (City, 11)]);
    assert_eq!(direct_responsible(&world, volunteer, day).unwrap().person, PersonId(31));
    assert_eq!(first_responsible(&world, volunteer, day).unwrap().person, PersonId(21));
    assert_eq!(next_above(&world, UNIT, day), Ok(COUNTY));
    assert_eq!(next_above(&world, CITY, day), Err(Gap::NoSuperior(CITY)));
    let before = date("2025-07-31");
    assert_eq!(
        service_chain(&world, volunteer, before).unwrap_err(),
        Gap::ServesNowhere(volunteer)
    );
}

#[test]
fn who_stands_in() {
    // Each line: who is there, which post is asked for, who answers (a capital where one stands
    // in).
    let check = |posts: &[(u32, Role)], asked: Role, expected: Result<(u32, bool), ()>| {
        let mut world = world(&[office(CITY, OfficeKind::City, None)]);
        for (person, role) in posts {
            world.apply(&appointed(*person, CITY, *role, "2020-01-01")).unwrap();
        }
        let found = holder(&world, CITY, asked, date("2026-01-01"));
        let found = found.map(|holder| (holder.person.0, holder.stands_in));
        assert_eq!(found.map_err(|_| ()), expected, "{posts:?} {asked:?}");
    };
    use Role::{Contact, Deputy, Head, Staff};
    check(&[(1, Head), (2, Deputy), (3, Contact)], Contact, Ok((3, false)));
    check(&[(1, Head), (2, Deputy)], Contact, Ok((2, true)));
    check(&[(1, Head)], Contact, Ok((1, true)));
    check(&[(2, Deputy), (3, Contact)], Head, Ok((2, true)));
    check(&[(3, Contact), (4, Staff)], Head, Err(()));
    check(&[(3, Contact)], Staff, Ok((3, true)));
    check(&[(4, Staff)], Contact, Err(()));
    check(&[(9, Contact), (3, Contact)], Contact, Ok((3, false)));
}

#[test]
fn an_office_that_is_gone_answers_nothing() {
    let mut world = city();
    world.apply(&Change::OfficeCeased { office: COUNTY, on: date("2026-07-01") }).unwrap();
    let head = |day: &str| holder(&world, COUNTY, Role::Head, date(day));
    assert_eq!(head("2026-06-30").unwrap().person, PersonId(21));
    assert_eq!(head("2026-07-01").unwrap_err(), Gap::NoSuchOffice(COUNTY));
    assert_eq!(next_above(&world, UNIT, date("2026-07-01")), Err(Gap::NoSuchOffice(COUNTY)));
}

#[test]
fn gaps_are_findings() {
    let day = date("2026-06-15");
    assert_eq!(findings(&city(), day), []);
    let mut world = city();
    let empty_unit = OfficeId(8);
    for change in [
        office(empty_unit, OfficeKind::Unit, Some(COUNTY)),
        relieved(22, COUNTY, Role::Contact, "2020-01-01", "2026-06-01"),
        relieved(12, CITY, Role::Staff, "2020-01-01", "2026-06-01"),
        Change::ServiceBegan(Service {
            person: PersonId(91),
            unit: UNIT,
            home: None,
            validity: Validity::since(date("2025-08-01")),
        }),
    ] {
        world.apply(&change).unwrap();
    }
    assert_eq!(
        findings(&world, day),
        [
            Gap::PostEmpty { office: CITY, role: Role::Staff },
            Gap::PostEmpty { office: COUNTY, role: Role::Contact },
            Gap::NoHome(PersonId(91)),
        ]
    );
    assert_eq!(home_chain(&world, PersonId(91), day).unwrap_err(), Gap::NoHome(PersonId(91)));
}
