//! Debts that pass to another office or end: arrivals, moves, longer services, leaving, mergers.
//! One event a line, what becomes of the month last.

use xibu_core::assess::{NotOwed, obligation};
use xibu_core::change::Change;
use xibu_core::explain::{Language, explain_obligation};
use xibu_core::obligation::Standing;
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::parameter::Rulebook;
use xibu_core::person::PersonId;
use xibu_core::service::Service;
use xibu_core::validity::Validity;
use xibu_core::world::{Unfit, World};

use crate::house::*;

const OTHER: OfficeId = OfficeId(5);

/// The small city with a second unit without volunteers, after `changes`.
fn after(changes: &[Change]) -> World {
    let mut world = city();
    world.apply(&office(OTHER, OfficeKind::Unit, Some(COUNTY))).unwrap();
    changes.iter().for_each(|change| world.apply(change).unwrap());
    world
}

fn began(person: u32, unit: OfficeId, from: &str, until: Option<&str>) -> Change {
    let validity = Validity { from: date(from), until: until.map(date) };
    Change::ServiceBegan(Service { person: PersonId(person), unit, home: None, validity })
}

fn ended(person: u32, unit: OfficeId, on: &str) -> Change {
    Change::ServiceEnded { person: PersonId(person), unit, on: date(on) }
}

fn merged(office: OfficeId, into: OfficeId, on: &str) -> Change {
    Change::OfficeMerged { office, into, on: date(on) }
}

/// June of both units on the day after the cut-off, 2026-06-24: late, or why not owed.
#[track_caller]
fn check(changes: &[Change], expected: [Result<(), NotOwed>; 2]) {
    let world = after(changes);
    let found = ["unit 2026-06", "O5 2026-06"].map(|key| {
        let at = instant("2026-06-25 09:00");
        obligation(&world, &Rulebook::default(), &key_of(key), at).map(|owed| {
            assert_eq!(owed.standing, Standing::Late);
        })
    });
    assert_eq!(found, expected);
}

#[test]
fn who_owes_june() {
    use NotOwed::{NoVolunteers, OfficeDidNotExist, VolunteersLeft};
    let moved = |to| Err(NotOwed::VolunteersMoved { to });
    let gone = |office| Err(NotOwed::MergedInto { office });
    check(&[], [Ok(()), Err(NoVolunteers)]);
    // Arrivals: by the cut-off day, or a day too late.
    check(&[began(91, OTHER, "2026-06-24", None)], [Ok(()), Ok(())]);
    check(&[began(91, OTHER, "2026-06-25", None)], [Ok(()), Err(NoVolunteers)]);
    // Leaving: on the cut-off day or the day after it; another one stays.
    check(&[ended(90, UNIT, "2026-06-24")], [Err(VolunteersLeft), Err(NoVolunteers)]);
    check(&[ended(90, UNIT, "2026-06-25")], [Ok(()), Err(NoVolunteers)]);
    check(
        &[began(91, UNIT, "2026-01-01", None), ended(90, UNIT, "2026-06-24")],
        [Ok(()), Err(NoVolunteers)],
    );
    // Left long ago: nobody served there in these days.
    check(&[ended(90, UNIT, "2026-05-20")], [Err(NoVolunteers), Err(NoVolunteers)]);
    // Moves: the debt passes with the last of them.
    let moves = [ended(90, UNIT, "2026-06-10"), began(90, OTHER, "2026-06-10", None)];
    check(&moves, [moved(OTHER), Ok(())]);
    let one_left = [
        began(91, UNIT, "2026-01-01", None),
        ended(91, UNIT, "2026-06-11"),
        moves[0].clone(),
        moves[1].clone(),
    ];
    check(&one_left, [Err(VolunteersLeft), Ok(())]);
    let after_cutoff = [ended(90, UNIT, "2026-06-25"), began(90, OTHER, "2026-06-25", None)];
    check(&after_cutoff, [Ok(()), Err(NoVolunteers)]);
    // A longer service: told before or after it would have ended.
    let longer = [ended(90, UNIT, "2026-06-20"), began(90, UNIT, "2026-06-20", None)];
    check(&longer, [Ok(()), Err(NoVolunteers)]);
    check(
        &[ended(90, UNIT, "2026-06-20"), began(90, UNIT, "2026-06-20", Some("2026-06-24"))],
        [Err(VolunteersLeft), Err(NoVolunteers)],
    );
    // Mergers: by the cut-off the one that goes on owes; after it the month stays where it was.
    check(&[merged(UNIT, OTHER, "2026-06-24")], [gone(OTHER), Ok(())]);
    check(&[merged(UNIT, OTHER, "2026-06-25")], [Ok(()), Err(NoVolunteers)]);
    let ceased = Change::OfficeCeased { office: UNIT, on: date("2026-06-24") };
    check(&[ceased], [Err(OfficeDidNotExist), Err(NoVolunteers)]);
}

#[test]
fn why_nothing_is_owed_is_said_in_words() {
    let world = after(&[merged(UNIT, OTHER, "2026-06-24")]);
    let (rulebook, at) = (Rulebook::default(), instant("2026-06-25 09:00"));
    let said = explain_obligation(&world, &rulebook, &key_of("unit 2026-06"), at).unwrap();
    assert_eq!(
        said.conclusion.text(Language::Chinese),
        "不需要上报：截止时该单位已并入O5，由O5上报"
    );
    let moves = [ended(90, UNIT, "2026-06-10"), began(90, OTHER, "2026-06-10", None)];
    let said = explain_obligation(&after(&moves), &rulebook, &key_of("unit 2026-06"), at).unwrap();
    assert_eq!(
        said.conclusion.text(Language::English),
        "nothing is owed: its volunteers serve elsewhere, such as O5, by then"
    );
}

/// The unit is merged after June's cut-off: June stays owed under its own name and is asked of the
/// people of the one that goes on; July is owed by that one alone.
#[test]
fn an_open_debt_is_asked_of_the_one_that_goes_on() {
    use xibu_core::appointment::Role;
    let world = after(&[
        appointed(51, OTHER, Role::Head, "2020-01-01"),
        appointed(52, OTHER, Role::Contact, "2020-01-01"),
    ]);
    let lines = diary(
        world,
        "2026-06-15",
        "2026-07-17",
        &[("2026-06-25", merged(UNIT, OTHER, "2026-06-25"))],
    );
    let of_units: Vec<&str> =
        lines.iter().map(String::as_str).filter(|line| !line.contains(" county/")).collect();
    assert_eq!(
        of_units,
        [
            "06-15 unit/opening → unit_contact P32: return_is_asked_for",
            "06-22 unit/before → unit_contact P32: target_comes_near",
            "06-24 unit/on_the_day → unit_contact P32: target_is_today",
            "06-25 unit/first_after → unit_head P51: return_is_late",
            "06-26 unit/second_after → county_contact P22: return_is_late",
            "06-29 unit/third_after → county_head P21: return_is_late",
            "07-15 O5/opening → unit_contact P52: return_is_asked_for",
        ]
    );
}

#[test]
fn a_merged_county_hands_on_its_units_and_is_itself_no_more() {
    let neighbour = OfficeId(6);
    let world = after(&[
        office(neighbour, OfficeKind::County, Some(CITY)),
        merged(COUNTY, neighbour, "2026-06-10"),
    ]);
    let day = date("2026-06-24");
    assert_eq!(world.path(UNIT, day), [UNIT, neighbour, CITY]);
    assert_eq!(world.path(UNIT, date("2026-06-09")), [UNIT, COUNTY, CITY]);
    let owed = |key: &str| {
        let at = instant("2026-06-29 09:00");
        obligation(&world, &Rulebook::default(), &key_of(key), at)
    };
    assert_eq!(owed("unit 2026-06").map(|owed| owed.creditor), Ok(neighbour));
    assert_eq!(owed("county 2026-06"), Err(NotOwed::MergedInto { office: neighbour }));
    // Debts of May, whose cut-off lay before, are told to the neighbour's people.
    assert_eq!(world.answering(COUNTY, day), neighbour);
    assert_eq!(world.answering(COUNTY, date("2026-06-09")), COUNTY);
    assert_eq!(world.merged_into(neighbour).collect::<Vec<_>>(), [COUNTY]);
}

#[test]
fn a_merger_is_taken_whole_or_refused_whole() {
    #[track_caller]
    fn check(change: Change, expected: Unfit) {
        let mut world = after(&[]);
        let before = world.clone();
        assert_eq!(world.apply(&change), Err(expected));
        assert_eq!(world, before);
    }
    let on = date("2026-06-10");
    let nowhere = OfficeId(99);
    check(merged(nowhere, OTHER, "2026-06-10"), Unfit::OfficeUnknown(nowhere));
    check(merged(UNIT, nowhere, "2026-06-10"), Unfit::OfficeUnknown(nowhere));
    check(
        merged(UNIT, COUNTY, "2026-06-10"),
        Unfit::OfficeIsOfAnotherKind { office: COUNTY, known: OfficeKind::County },
    );
    check(merged(UNIT, UNIT, "2026-06-10"), Unfit::OfficeDoesNotStand { office: UNIT, on });
    let on = date("2009-01-01");
    check(merged(UNIT, OTHER, "2009-01-01"), Unfit::OfficeDoesNotStand { office: UNIT, on });
}

/// Whoever serves, and whoever is known to come later, goes over; who left before stays where they
/// were.
#[test]
fn services_go_over_with_their_days() {
    let world = after(&[
        began(91, UNIT, "2025-01-01", Some("2026-01-01")),
        began(92, UNIT, "2026-08-01", Some("2027-08-01")),
        merged(UNIT, OTHER, "2026-06-10"),
    ]);
    let days = |unit| -> Vec<(u32, String, String)> {
        let text = |day: Option<chrono::NaiveDate>| day.map_or("-".into(), |day| day.to_string());
        let services = world.services_at(unit).iter();
        services
            .map(|one| {
                let Validity { from, until } = one.validity;
                (one.person.0, from.to_string(), text(until))
            })
            .collect()
    };
    let day = |text: &str| text.to_owned();
    assert_eq!(
        days(UNIT),
        [(90, day("2025-08-01"), day("2026-06-10")), (91, day("2025-01-01"), day("2026-01-01"))]
    );
    assert_eq!(
        days(OTHER),
        [(90, day("2026-06-10"), day("-")), (92, day("2026-08-01"), day("2027-08-01"))]
    );
    assert_eq!(world.service_of(PersonId(90), date("2026-07-01")).map(|it| it.unit), Some(OTHER));
    assert_eq!(world.services_of(PersonId(92)).count(), 1);
}
