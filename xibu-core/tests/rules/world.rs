//! What the record takes and what it refuses: every refusal once, in declared order, one event a
//! line.

use xibu_core::appointment::Role;
use xibu_core::change::Change;
use xibu_core::office::{OfficeId, OfficeKind, OfficeVersion};
use xibu_core::person::PersonId;
use xibu_core::returns::Workflow;
use xibu_core::rule::Rule;
use xibu_core::service::Service;
use xibu_core::validity::Validity;
use xibu_core::world::Unfit;

use crate::house::*;

#[track_caller]
fn check(change: Change, expected: Unfit) {
    let mut world = city();
    let before = world.clone();
    assert_eq!(world.apply(&change), Err(expected));
    assert_eq!(world, before, "a refused change leaves the world as it was");
    let text = expected.to_string();
    assert!(!text.ends_with('.') && text.len() > 20, "{text}");
}

fn stood(id: OfficeId, kind: OfficeKind, superior: Option<OfficeId>, from: &str) -> Change {
    let validity = Validity::since(date(from));
    let version = OfficeVersion { name: "某单位".into(), superior, gb_code: None, validity };
    Change::OfficeStood { office: id, kind, version }
}

fn began(person: u32, unit: OfficeId, home: Option<OfficeId>, from: &str) -> Change {
    let validity = Validity::since(date(from));
    Change::ServiceBegan(Service { person: PersonId(person), unit, home, validity })
}

#[test]
fn every_refusal() {
    let nowhere = OfficeId(99);
    let mut backwards = appointment(50, UNIT, Role::Head, "2026-02-01");
    backwards.validity.until = Some(date("2026-02-01"));
    let from = date("2026-02-01");
    check(Change::Appointed(backwards), Unfit::EndsBeforeItBegins { from });
    check(appointed(50, nowhere, Role::Head, "2026-01-01"), Unfit::OfficeUnknown(nowhere));
    check(
        stood(OfficeId(50), OfficeKind::Unit, Some(nowhere), "2026-01-01"),
        Unfit::OfficeUnknown(nowhere),
    );
    check(began(91, nowhere, None, "2026-01-01"), Unfit::OfficeUnknown(nowhere));
    check(came("O99 2026-06", "2026-06-01 00:00"), Unfit::OfficeUnknown(nowhere));
    check(
        stood(UNIT, OfficeKind::County, Some(CITY), "2026-01-01"),
        Unfit::OfficeIsOfAnotherKind { office: UNIT, known: OfficeKind::Unit },
    );
    check(
        began(91, COUNTY, None, "2026-01-01"),
        Unfit::OfficeIsOfAnotherKind { office: COUNTY, known: OfficeKind::County },
    );
    check(
        came("O2 2026-06", "2026-06-01 00:00"),
        Unfit::OfficeIsOfAnotherKind { office: COUNTY, known: OfficeKind::County },
    );
    check(
        stood(UNIT, OfficeKind::Unit, Some(COUNTY), "2008-01-01"),
        Unfit::OlderThanKnown { office: UNIT, known: date("2009-01-01") },
    );
    check(
        stood(OfficeId(50), OfficeKind::Unit, Some(UNIVERSITY), "2026-01-01"),
        Unfit::SuperiorOfWrongKind { office: OfficeId(50), superior: OfficeKind::University },
    );
    let on = date("2009-01-01");
    check(
        Change::OfficeCeased { office: UNIT, on },
        Unfit::OfficeDoesNotStand { office: UNIT, on },
    );
    check(
        appointed(32, UNIT, Role::Contact, "2026-01-01"),
        Unfit::AlreadyInPost { person: PersonId(32), office: UNIT },
    );
    check(
        relieved(33, UNIT, Role::Contact, "2020-01-01", "2026-01-01"),
        Unfit::NotInPost { person: PersonId(33), office: UNIT },
    );
    check(
        began(90, UNIT, None, "2026-01-01"),
        Unfit::AlreadyServes { person: PersonId(90), unit: UNIT },
    );
    let (person, unit) = (PersonId(90), UNIT);
    let on = date("2025-08-01");
    check(Change::ServiceEnded { person, unit, on }, Unfit::DoesNotServe { person, unit });
    let rule = Rule::CountyMonthlyReturn;
    let at = instant("2026-07-01 00:00");
    check(Change::RuleEnabled { rule, at }, Unfit::AlreadyEnabled(rule));
    check(sent_back("county 2026-06"), Unfit::NothingCame(key_of("county 2026-06")));
}

#[test]
fn a_new_version_ends_the_one_before() {
    let mut world = city();
    let other = OfficeId(7);
    for change in [
        stood(other, OfficeKind::County, Some(CITY), "2026-01-01"),
        stood(UNIT, OfficeKind::Unit, Some(other), "2026-03-01"),
        // Told again for the same day: a correction takes its place.
        stood(UNIT, OfficeKind::Unit, Some(COUNTY), "2026-05-01"),
        stood(UNIT, OfficeKind::Unit, Some(other), "2026-05-01"),
    ] {
        world.apply(&change).unwrap();
    }
    assert_eq!(world.path(UNIT, date("2026-02-28")), [UNIT, COUNTY, CITY]);
    assert_eq!(world.path(UNIT, date("2026-03-01")), [UNIT, other, CITY]);
    assert_eq!(world.path(UNIT, date("2008-12-31")), []);
    assert_eq!(world.office(UNIT).unwrap().versions.len(), 3);
    let units = |county, day: &str| {
        world
            .subordinates(county, OfficeKind::Unit, date(day))
            .map(|unit| unit.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(units(COUNTY, "2026-02-28"), [UNIT]);
    assert_eq!(units(COUNTY, "2026-06-01"), []);
    assert_eq!(units(other, "2026-06-01"), [UNIT]);
}

#[test]
fn a_volunteer_moves_and_comes_back() {
    let mut world = city();
    let other = OfficeId(8);
    world.apply(&office(other, OfficeKind::Unit, Some(COUNTY))).unwrap();
    for (at, to) in [("2026-02-01", other), ("2026-04-01", UNIT)] {
        let from = if to == UNIT { other } else { UNIT };
        let on = date(at);
        world.apply(&Change::ServiceEnded { person: PersonId(90), unit: from, on }).unwrap();
        world.apply(&began(90, to, None, at)).unwrap();
    }
    for (day, unit) in [("2026-01-31", UNIT), ("2026-02-01", other), ("2026-04-01", UNIT)] {
        let serving = world.service_of(PersonId(90), date(day)).unwrap();
        assert_eq!(serving.unit, unit, "{day}");
        assert_eq!(world.volunteers(unit, date(day)), 1);
    }
    assert_eq!(world.volunteers(other, date("2026-04-01")), 0);
    assert_eq!(world.services().count(), 3);
}

#[test]
fn a_return_walks_its_workflow() {
    let mut world = city();
    let key = "county 2026-06";
    let walk = [
        (came_unread(key, "2026-06-20 09:00"), Workflow::Received),
        (came(key, "2026-06-21 09:00"), Workflow::Submitted),
        (sent_back(key), Workflow::SentBack),
        (came_unread(key, "2026-06-22 09:00"), Workflow::Received),
        (sent_back(key), Workflow::SentBack),
        (came(key, "2026-06-23 09:00"), Workflow::Resubmitted),
        (Change::ReturnAccepted { obligation: key_of(key), by: None }, Workflow::Accepted),
        (came_unread(key, "2026-06-24 09:00"), Workflow::Accepted),
        // An original that was read late keeps the place its door gave it.
        (came(key, "2026-06-19 09:00"), Workflow::Resubmitted),
    ];
    for (change, expected) in walk {
        world.apply(&change).unwrap();
        assert_eq!(world.return_of(&key_of(key)).unwrap().workflow, expected, "{change:?}");
    }
    let found = world.return_of(&key_of(key)).unwrap();
    assert_eq!(found.received_at(), instant("2026-06-19 09:00"));
    assert_eq!(found.versions.len(), 6);
}

#[test]
fn an_erased_person_leaves_every_figure_and_takes_every_consent() {
    use xibu_core::consent::{Consent, Means, Purpose};
    let mut world = city();
    let person = PersonId(91);
    let since = date("2026-06-01").and_hms_opt(9, 0, 0).unwrap();
    let consent = Consent { given: true, since, means: Means::Form };
    let purpose = Purpose::JobInformation;
    for change in [
        began(91, UNIT, None, "2026-01-01"),
        Change::ConsentSaid { person, purpose, consent },
        Change::ConsentSaid { person: PersonId(92), purpose, consent },
    ] {
        world.apply(&change).unwrap();
    }
    let (before, day) = (world.clone(), date("2026-06-01"));
    assert_eq!(world.consenting(purpose).collect::<Vec<_>>(), [person, PersonId(92)]);
    for _ in 0..2 {
        world.apply(&Change::PersonErased { person }).unwrap();
        assert!(world.is_erased(person) && !world.is_erased(PersonId(92)));
        assert_eq!(world.consenting(purpose).collect::<Vec<_>>(), [PersonId(92)]);
        assert_eq!(world.volunteers(UNIT, day), before.volunteers(UNIT, day));
        assert_eq!(world.services_of(person).count(), 1);
    }
}

#[test]
fn the_accepted_version_stays_the_same_when_an_original_is_read_late() {
    let obligation = key_of("unit 2026-06");
    let accepted = Change::ReturnAccepted { obligation, by: None };
    let told = |headcount: u32, at: &str| {
        let content = xibu_core::returns::Content { headcount: Some(headcount), ..nil() };
        let version = xibu_core::returns::ReturnVersion {
            received_at: instant(at),
            content: Some(content),
            ..Default::default()
        };
        Change::ReturnCame { obligation, version }
    };
    let events = [
        told(2, "2026-06-20 09:00"),
        accepted,
        told(1, "2026-06-19 09:00"),
        told(3, "2026-06-22 09:00"),
    ];
    let mut world = city();
    events.iter().for_each(|change| world.apply(change).unwrap());
    let came = world.return_of(&obligation).unwrap();
    let says = |content: Option<&xibu_core::returns::Content>| content.and_then(|it| it.headcount);
    assert_eq!(came.versions.len(), 3);
    assert_eq!((says(came.accepted_content()), says(came.content())), (Some(2), Some(3)));
    assert_eq!(says(came.settled_content()), Some(2));
    assert_eq!(came.workflow, Workflow::Resubmitted);
}
