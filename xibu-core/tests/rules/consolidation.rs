//! A county's month put together, confirmed, changed since; the city's month beside `assess`.

use proptest::prelude::*;
use xibu_core::appointment::Role;
use xibu_core::assess::{NotOwed, assess};
use xibu_core::change::Change;
use xibu_core::consolidation::{
    CityMonth, Column, Confirmed, Consolidation, Figures, NotConfirmable, State, Version,
    city_month, confirm, confirmed, consolidate, is_complete,
};
use xibu_core::incident::{Incident, IncidentId, IncidentKind, OpenedIncident};
use xibu_core::obligation::{Standing, Timeliness};
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::parameter::Rulebook;
use xibu_core::period::Period;
use xibu_core::person::PersonId;
use xibu_core::returns::{Answer, Content, ReturnVersion};
use xibu_core::rule::Rule;
use xibu_core::service::Service;
use xibu_core::validity::Validity;
use xibu_core::world::{Unfit, World};

use crate::house::*;

const SECOND: OfficeId = OfficeId(5);
const THIRD: OfficeId = OfficeId(6);
const EMPTY: OfficeId = OfficeId(7);

/// The small city with three more units of the county; the last has no volunteer.
fn county() -> World {
    let mut world = city();
    for (unit, person) in [(SECOND, Some(91)), (THIRD, Some(92)), (EMPTY, None)] {
        world.apply(&office(unit, OfficeKind::Unit, Some(COUNTY))).unwrap();
        if let Some(person) = person {
            world.apply(&began(person, unit)).unwrap();
        }
    }
    world
}

fn began(person: u32, unit: OfficeId) -> Change {
    let validity = Validity::since(date("2025-08-01"));
    Change::ServiceBegan(Service { person: PersonId(person), unit, home: None, validity })
}

fn june() -> Period {
    "2026-06".parse().unwrap()
}

/// `12 nil 1 - 2`: headcount, accidents (nil, - or how many), health, hazards, needs.
#[track_caller]
fn said(text: &str) -> Content {
    let parts: Vec<&str> = text.split(' ').collect();
    let answer = |text: &str| match text {
        "-" => Answer::Unanswered,
        "nil" => Answer::Nil,
        count => Answer::Told(count.parse().unwrap()),
    };
    let accidents = match answer(parts[1]) {
        Answer::Unanswered => Answer::Unanswered,
        Answer::Nil => Answer::Nil,
        Answer::Told(count) => Answer::Told(vec![accident(UNIT); count as usize]),
    };
    Content {
        headcount: parts[0].parse().ok(),
        accidents,
        health: answer(parts[2]),
        hazards: answer(parts[3]),
        needs: answer(parts[4]),
        stated_by: Some(PersonId(32)),
        ..Content::default()
    }
}

fn accident(office: OfficeId) -> Incident {
    Incident {
        office,
        kind: IncidentKind::Traffic,
        occurred: Some(instant("2026-06-09 15:30")),
        persons: Some(1),
        measures_told: true,
        reference: None,
        kind_told: true,
        place_told: true,
    }
}

fn tells(unit: OfficeId, at: &str, content: Option<Content>) -> Change {
    let version = ReturnVersion {
        received_at: instant(at),
        document: None,
        content,
        silent_units: Vec::new(),
        by: None,
        reason: None,
    };
    let obligation = key_of(&format!("{unit} 2026-06"));
    Change::ReturnCame { obligation, version }
}

fn opened(id: u32, office: OfficeId, kind: IncidentKind, at: &str) -> Change {
    let incident = Incident { kind, ..accident(office) };
    let received_at = instant(at);
    Change::IncidentOpened(OpenedIncident {
        id: IncidentId(id),
        incident,
        told_by: None,
        received_at,
    })
}

fn put_together(world: &World, at: &str) -> Consolidation {
    consolidate(world, &Rulebook::default(), COUNTY, june(), instant(at))
}

fn apply(world: &mut World, changes: &[Change]) {
    for change in changes {
        world.apply(change).unwrap();
    }
}

#[test]
fn every_unit_has_its_place_and_the_sums_say_no_more_than_the_units() {
    let mut world = county();
    apply(
        &mut world,
        &[
            tells(UNIT, "2026-06-20 09:00", Some(said("12 1 1 nil nil"))),
            tells(SECOND, "2026-06-25 09:00", Some(said("8 nil 2 nil -"))),
            tells(THIRD, "2026-06-20 09:00", None),
        ],
    );
    let found = put_together(&world, "2026-06-26 09:00");
    let units: Vec<_> =
        found.units.iter().map(|unit| (unit.office, unit.state, unit.timeliness)).collect();
    assert_eq!(
        units,
        [
            (UNIT, State::In, Some(Timeliness::OnTime)),
            (SECOND, State::In, Some(Timeliness::Late)),
            (THIRD, State::Held, Some(Timeliness::OnTime)),
        ]
    );
    assert_eq!(found.not_owing, [(EMPTY, NotOwed::NoVolunteers)]);
    assert_eq!(found.missing().collect::<Vec<_>>(), [THIRD]);
    assert_eq!(found.silent().count(), 0);
    let answers = Column::ALL.map(|column| found.sums.get(column).answer());
    assert_eq!(
        answers,
        [
            Answer::Told(20),
            Answer::Told(1),
            Answer::Told(3),
            Answer::Nil,
            // One said nil and one left it empty: nobody said nil for the county.
            Answer::Unanswered,
        ]
    );
    let figures = Figures {
        expected: 3,
        came: 2,
        nil: 1,
        held: 1,
        late: 1,
        on_time: 2,
        on_time_lenient: 2,
        ..Figures::default()
    };
    assert_eq!(found.figures, figures);
    assert!(!is_complete(&found));
}

#[test]
fn a_unit_that_owes_nothing_and_answers_is_counted_and_a_silent_month_says_nothing() {
    let mut world = county();
    let empty = put_together(&world, "2026-06-20 09:00");
    assert_eq!(empty.silent().collect::<Vec<_>>(), [UNIT, SECOND, THIRD]);
    assert!(Column::ALL.into_iter().all(|it| empty.sums.get(it).answer() == Answer::Unanswered));
    apply(&mut world, &[tells(EMPTY, "2026-06-20 09:00", Some(said("0 1 nil nil nil")))]);
    let found = put_together(&world, "2026-06-20 09:00");
    let line = found.units.iter().find(|unit| unit.office == EMPTY).unwrap();
    assert_eq!((line.not_owed, line.timeliness), (Some(NotOwed::NoVolunteers), None));
    assert_eq!(found.sums.get(Column::Accidents).answer(), Answer::Told(1));
    assert_eq!((found.figures.expected, found.figures.came), (3, 0));
    // A county of long ago is put together as well, though nobody is chased for it.
    let later = put_together(&world, "2029-06-20 09:00");
    assert_eq!((later.figures.expected, later.figures.overdue), (3, 3));
    assert_eq!(later.version, found.version);
}

#[test]
fn an_accident_told_at_once_and_in_the_return_is_one() {
    let mut world = county();
    apply(
        &mut world,
        &[
            opened(1, UNIT, IncidentKind::Other, "2026-06-09 16:00"),
            opened(2, UNIT, IncidentKind::Illness, "2026-06-10 16:00"),
            // Of another county's time: after the cut-off, and before the span.
            opened(3, UNIT, IncidentKind::Traffic, "2026-06-25 00:00"),
            opened(4, UNIT, IncidentKind::Traffic, "2026-05-20 00:00"),
            opened(5, EMPTY, IncidentKind::Injury, "2026-06-11 16:00"),
            tells(UNIT, "2026-06-20 09:00", Some(said("12 2 nil nil nil"))),
        ],
    );
    let found = put_together(&world, "2026-06-26 09:00");
    let lines: Vec<_> = found
        .incidents
        .iter()
        .map(|one| (one.office, one.number.map(|id| id.0), one.kind, one.in_return))
        .collect();
    assert_eq!(
        lines,
        [
            (UNIT, Some(1), IncidentKind::Traffic, true),
            (UNIT, None, IncidentKind::Traffic, true),
            (UNIT, Some(2), IncidentKind::Illness, false),
            (EMPTY, Some(5), IncidentKind::Injury, false),
        ]
    );
    // Sums are what returns say.
    assert_eq!(found.sums.get(Column::Accidents).count, 2);
}

/// Each event in turn, and whether it makes another version.
#[test]
fn a_version_changes_with_what_is_told_and_with_nothing_else() {
    let mut world = county();
    let mut before = put_together(&world, "2026-06-16 09:00").version;
    for (event, another) in [
        (tells(UNIT, "2026-06-20 09:00", Some(said("12 nil nil nil nil"))), true),
        (tells(UNIT, "2026-06-21 09:00", Some(said("12 nil nil nil nil"))), false),
        (tells(UNIT, "2026-06-22 09:00", Some(said("13 nil nil nil nil"))), true),
        (tells(SECOND, "2026-06-22 09:00", None), true),
        (acknowledged("O6 2026-06", "2026-06-23 09:00", "2026-06-24"), false),
        (appointed(77, THIRD, Role::Head, "2026-06-01"), false),
        (opened(1, THIRD, IncidentKind::Traffic, "2026-06-22 09:00"), true),
        (tells(THIRD, "2026-06-23 09:00", Some(said("1 1 nil nil nil"))), true),
        (sent_back("O6 2026-06"), true),
        (came("county 2026-06", "2026-06-24 09:00"), false),
        (began(93, EMPTY), true),
    ] {
        world.apply(&event).unwrap();
        let after = put_together(&world, "2026-06-24 09:00").version;
        assert_eq!(after != before, another, "{event:?}");
        // Time alone changes nothing.
        assert_eq!(put_together(&world, "2026-07-20 09:00").version, after);
        before = after;
    }
    let text = before.to_string();
    assert_eq!((text.len(), text.parse::<Version>().unwrap()), (16, before));
    for bad in ["", "12", "zz34567890123456", "三三三三三abc"] {
        assert!(bad.parse::<Version>().is_err(), "{bad}");
    }
}

#[track_caller]
fn check_refused(
    world: &World,
    amended: &[(Column, u32)],
    why: Option<&str>,
    expected: NotConfirmable,
) {
    let found = put_together(world, "2026-06-24 09:00");
    let said = (Some(PersonId(22)), instant("2026-06-24 09:00"), None);
    let got = confirm(world, &Rulebook::default(), &found, said, (amended, why));
    assert_eq!(got, Err(expected));
}

#[test]
fn every_reason_why_nothing_is_confirmed() {
    let mut world = county();
    check_refused(&world, &[], None, NotConfirmable::NobodyAnswered);
    apply(&mut world, &[tells(UNIT, "2026-06-20 09:00", Some(said("12 1 nil nil nil")))]);
    let accidents = [(Column::Accidents, 0)];
    check_refused(&world, &accidents, Some("误报"), NotConfirmable::AccidentsAreNotAmended);
    let twice = [(Column::Headcount, 1), (Column::Headcount, 2)];
    check_refused(&world, &twice, Some("漏计"), NotConfirmable::AmendedTwice);
    check_refused(&world, &[(Column::Headcount, 35)], Some(" "), NotConfirmable::ReasonIsMissing);
    let found = put_together(&world, "2026-06-24 09:00");
    let rulebook = Rulebook::default();
    let said = (Some(PersonId(22)), instant("2026-06-24 09:00"), None);
    let changes = confirm(&world, &rulebook, &found, said, (&[], None)).unwrap();
    apply(&mut world, &changes);
    check_refused(&world, &[], None, NotConfirmable::AlreadyConfirmed);
    let before_june = instant("2026-05-01 09:00");
    let said = (None, before_june, None);
    let got = confirm(&world, &rulebook, &found, said, (&[], None));
    assert_eq!(got, Err(NotConfirmable::NotOwed(NotOwed::PeriodHasNotBegun)));
}

#[test]
fn a_confirmation_makes_the_return_and_is_never_changed_by_what_comes_later() {
    let mut world = county();
    apply(
        &mut world,
        &[
            tells(UNIT, "2026-06-20 09:00", Some(said("12 1 1 nil nil"))),
            tells(SECOND, "2026-06-20 09:00", Some(said("8 nil 2 nil nil"))),
        ],
    );
    let rulebook = Rulebook::default();
    let found = put_together(&world, "2026-06-24 09:00");
    assert_eq!(confirmed(&world, &found), Confirmed::No);
    let at = instant("2026-06-24 10:00");
    let said_by = (Some(PersonId(22)), at, None);
    let amended = [(Column::Headcount, 35), (Column::Hazards, 2)];
    let changes =
        confirm(&world, &rulebook, &found, said_by, (&amended, Some("漏计支教点"))).unwrap();
    apply(&mut world, &changes);
    let key = key_of("county 2026-06");
    let version = world.return_of(&key).unwrap().versions.last().unwrap().clone();
    assert_eq!((version.received_at, &version.silent_units), (at, &vec![THIRD]));
    let content = version.content.unwrap();
    assert_eq!((content.headcount, content.health.clone()), (Some(35), Answer::Told(3)));
    assert_eq!((content.hazards.clone(), content.stated_by), (Answer::Told(2), Some(PersonId(22))));
    assert_eq!(content.accidents, Answer::Told(vec![accident(UNIT)]));
    let word = &world.confirmations(&key)[0];
    assert_eq!(word.reason.as_deref(), Some("漏计支教点"));
    let amended: Vec<_> = word.amendments.iter().map(|it| (it.column, it.from, it.to)).collect();
    let expected = [(Column::Headcount, Some(20), 35), (Column::Hazards, Some(0), 2)];
    assert_eq!(amended, expected);
    let is_in = |world: &World| {
        let owed = assess(world, &rulebook, &[CITY], instant("2026-06-26 09:00"));
        owed.iter().any(|it| it.key == key && it.standing == Standing::In(Timeliness::OnTime))
    };
    assert!(is_in(&world));
    assert!(matches!(confirmed(&world, &found), Confirmed::Yes { .. }));
    // A unit comes in afterwards: the word stands as it was, and is of another version.
    apply(&mut world, &[tells(THIRD, "2026-06-27 09:00", Some(said("5 nil nil nil nil")))]);
    let after = put_together(&world, "2026-06-27 10:00");
    let Confirmed::ChangedSince { word } = confirmed(&world, &after) else { panic!("not seen") };
    assert_eq!(word.version, found.version);
    assert_eq!(world.return_of(&key).unwrap().content(), Some(&content));
    assert!(is_in(&world) && is_complete(&after));
    // Confirmed anew: a version more, and the first date stays.
    let said_by = (None, instant("2026-06-30 09:00"), Some(7));
    let changes = confirm(&world, &rulebook, &after, said_by, (&[], None)).unwrap();
    apply(&mut world, &changes);
    assert!(matches!(confirmed(&world, &after), Confirmed::Yes { .. }));
    let came = world.return_of(&key).unwrap();
    assert_eq!((came.versions.len(), came.received_at()), (2, at));
    assert_eq!(came.content().unwrap().headcount, Some(25));
    assert_eq!(world.confirmations(&key).len(), 2);
}

#[test]
fn a_word_without_a_return_or_of_a_unit_is_refused() {
    let mut world = county();
    let version = put_together(&world, "2026-06-24 09:00").version;
    let word = |key: &str| Change::CountyConfirmed {
        obligation: key_of(key),
        by: None,
        at: instant("2026-06-24 09:00"),
        version,
    };
    let county = key_of("county 2026-06");
    assert_eq!(world.apply(&word("county 2026-06")), Err(Unfit::NothingCame(county)));
    let known = OfficeKind::Unit;
    let unfit = Unfit::OfficeIsOfAnotherKind { office: UNIT, known };
    assert_eq!(world.apply(&word("unit 2026-06")), Err(unfit));
}

#[test]
fn a_county_below_which_nobody_owes_says_that_there_is_nothing() {
    let mut world = city();
    let other = OfficeId(8);
    apply(&mut world, &[office(other, OfficeKind::County, Some(CITY))]);
    let rulebook = Rulebook::default();
    let at = instant("2026-06-24 09:00");
    let found = consolidate(&world, &rulebook, other, june(), at);
    assert!(!is_complete(&found), "nothing to be shown by itself");
    let changes = confirm(&world, &rulebook, &found, (None, at, None), (&[], None)).unwrap();
    let Change::ReturnCame { version, .. } = &changes[0] else { panic!("{changes:?}") };
    let content = version.content.as_ref().unwrap();
    assert_eq!((content.headcount, &content.accidents), (Some(0), &Answer::Nil));
}

#[test]
fn on_time_is_told_on_either_reading_of_before() {
    let mut world = city();
    // 2026-06-28 is a Sunday: the strict day is the 26th, the lenient one the 28th.
    apply(&mut world, &[came("county 2026-06", "2026-06-27 09:00")]);
    let at = instant("2026-06-30 09:00");
    let month = city_month(&world, &Rulebook::default(), CITY, june(), at);
    assert_eq!((month.own.on_time, month.own.on_time_lenient, month.own.late), (0, 1, 0));
    assert_eq!(month.own.on_time_rates(), Some((0, 1_000)));
    assert_eq!((month.units.silent, month.units.overdue), (1, 1));
    assert_eq!(month.counties[0].consolidation.figures, month.units);
    assert_eq!(Figures::default().on_time_rates(), None);
}

/// A city of some counties and units, and what came: by unit and county, on a day of June or July,
/// readable or not, sent back or not.
fn cities() -> impl Strategy<Value = (World, Vec<(usize, u32)>)> {
    let unit = (any::<bool>(), proptest::option::of((10_u32..40, 0_u32..4, any::<bool>())));
    let county = (proptest::collection::vec(unit, 0..5), proptest::option::of(10_u32..40));
    proptest::collection::vec(county, 1..5).prop_map(|counties| {
        let (mut world, mut next, mut sizes) = (city(), 100, Vec::new());
        let content = |kind: u32| match kind {
            0 => Some(said("3 nil nil nil nil")),
            1 => Some(said("4 2 1 nil -")),
            2 => Some(said("- - nil 2 1")),
            _ => None,
        };
        let on = |day: u32| {
            let day = date("2026-06-01") + chrono::Duration::days(i64::from(day));
            format!("{day} 09:00")
        };
        for (units, own) in counties {
            let county = OfficeId(next);
            world.apply(&office(county, OfficeKind::County, Some(CITY))).unwrap();
            let mut headcount = 0;
            for (index, (serves, came)) in units.iter().enumerate() {
                let unit = OfficeId(next + 1 + index as u32);
                world.apply(&office(unit, OfficeKind::Unit, Some(county))).unwrap();
                if *serves {
                    world.apply(&began(1_000 + unit.0, unit)).unwrap();
                }
                if let Some((day, kind, back)) = came {
                    world.apply(&tells(unit, &on(*day), content(*kind))).unwrap();
                    if *back {
                        world.apply(&sent_back(&format!("{unit} 2026-06"))).unwrap();
                    }
                    headcount += content(*kind).and_then(|it| it.headcount).unwrap_or(0);
                }
            }
            if let Some(day) = own {
                let mut came = tells(county, &on(day), content(0));
                if let Change::ReturnCame { obligation, .. } = &mut came {
                    obligation.rule = Rule::CountyMonthlyReturn;
                }
                world.apply(&came).unwrap();
            }
            sizes.push((county.0 as usize, headcount));
            next += 10;
        }
        (world, sizes)
    })
}

fn by_assess(world: &World, rule: Rule, at: &str) -> Figures {
    let mut figures = Figures::default();
    let owed = assess(world, &Rulebook::default(), &[CITY], instant(at));
    for owed in owed.iter().filter(|it| it.key.rule == rule && it.key.period == june()) {
        figures.add(owed, world.return_of(&owed.key).and_then(|came| came.content()));
    }
    figures
}

fn sums_up(figures: &Figures) {
    let Figures { expected, came, held, sent_back, silent, .. } = *figures;
    assert_eq!(expected, came + held + sent_back + silent, "{figures:?}");
    assert_eq!(came + held + sent_back, figures.on_time_lenient + figures.late, "{figures:?}");
    assert!(figures.on_time <= figures.on_time_lenient && figures.overdue <= silent);
    assert!(figures.nil <= came);
}

proptest! {
    #[test]
    fn the_citys_figures_are_those_of_assess((world, sizes) in cities(), day in 10_u32..30) {
        let at = format!("2026-06-{day} 12:00");
        let month = city_month(&world, &Rulebook::default(), CITY, june(), instant(&at));
        prop_assert_eq!(month.own, by_assess(&world, Rule::CountyMonthlyReturn, &at));
        prop_assert_eq!(month.units, by_assess(&world, Rule::UnitMonthlyReturn, &at));
        sums_up(&month.own);
        sums_up(&month.units);
        let mut joined = Figures::default();
        for county in &month.counties {
            joined.join(&county.consolidation.figures);
        }
        prop_assert_eq!(joined, month.units);
        // And the sums are those of the units, whoever owes.
        for (county, headcount) in sizes {
            let found = month.counties.iter().find(|it| it.county.0 as usize == county);
            if let Some(found) = found {
                prop_assert_eq!(found.consolidation.sums.get(Column::Headcount).count, headcount);
            } else {
                prop_assert_eq!(headcount, 0);
            }
        }
        let text = serde_json::to_string(&month).unwrap();
        prop_assert_eq!(serde_json::from_str::<CityMonth>(&text).unwrap(), month);
    }
}
