//! Several daemons: whatever is owed is chased by exactly one, however the offices are divided.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use xibu_core::assess::assess;
use xibu_core::change::Change;
use xibu_core::incident::{Incident, IncidentId, IncidentKind, OpenedIncident, notices};
use xibu_core::obligation::ObligationKey;
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::parameter::{Parameter, Rulebook, Setting, Value};
use xibu_core::person::PersonId;
use xibu_core::service::Service;
use xibu_core::source::Source;
use xibu_core::validity::Validity;
use xibu_core::world::World;

use crate::house::*;

const COUNTIES: [u32; 3] = [2, 10, 11];

/// A city, three counties with two units each, a university.
fn big_city() -> World {
    let mut world = city();
    let mut tell = |change: Change| world.apply(&change).unwrap();
    for county in [10, 11] {
        tell(office(OfficeId(county), OfficeKind::County, Some(CITY)));
    }
    for (place, county) in COUNTIES.into_iter().enumerate() {
        let place = u32::try_from(place).unwrap();
        for unit in [100 + place * 2, 101 + place * 2] {
            tell(office(OfficeId(unit), OfficeKind::Unit, Some(OfficeId(county))));
            tell(Change::ServiceBegan(Service {
                person: PersonId(1000 + unit),
                unit: OfficeId(unit),
                home: None,
                validity: Validity::since(date("2025-08-01")),
            }));
            tell(Change::IncidentOpened(OpenedIncident {
                id: IncidentId(unit),
                incident: Incident {
                    office: OfficeId(unit),
                    kind: IncidentKind::Other,
                    occurred: None,
                    persons: None,
                    measures_told: false,
                    reference: None,
                    kind_told: true,
                    place_told: true,
                },
                told_by: None,
                received_at: instant("2026-06-29 08:00"),
            }));
        }
    }
    world
}

/// A daemon: what it serves, and of which offices it says that another does.
fn daemon(serves: &[u32], elsewhere: &[(u32, bool)]) -> (Vec<OfficeId>, Rulebook) {
    let mut rulebook = Rulebook::default();
    for (office, is_elsewhere) in elsewhere {
        let setting = Setting {
            parameter: Parameter::ServedElsewhere,
            office: Some(OfficeId(*office)),
            validity: Validity::since(date("2026-01-01")),
            value: Value::Switch(*is_elsewhere),
            source: Source::Policy { set_by: "市项目办".into(), reason: "自有系统".into() },
        };
        rulebook.parameters = rulebook.parameters.with(setting).unwrap();
    }
    (serves.iter().map(|id| OfficeId(*id)).collect(), rulebook)
}

/// How many daemons chase each obligation at an instant.
fn chased(
    world: &World,
    daemons: &[(Vec<OfficeId>, Rulebook)],
    at: NaiveDateTime,
) -> BTreeMap<ObligationKey, usize> {
    let mut times = BTreeMap::new();
    for (serves, rulebook) in daemons {
        for owed in assess(world, rulebook, serves, at) {
            *times.entry(owed.key).or_default() += 1;
        }
    }
    times
}

/// Every way to give the city and its three counties to two daemons.
#[test]
fn each_obligation_is_chased_by_exactly_one() {
    let world = big_city();
    let at = instant("2026-06-29 09:00");
    let alone = chased(&world, &[daemon(&[1], &[])], at);
    assert!(alone.len() > 8 && alone.values().all(|times| *times == 1));
    let offices = [1, 2, 10, 11];
    for mask in 0..1_u32 << offices.len() {
        let of = |second: bool| {
            let is_of = |place: usize| (mask & (1 << place) != 0) == second;
            let own: Vec<u32> = (0..4).filter(|at| is_of(*at)).map(|at| offices[at]).collect();
            let elsewhere: Vec<(u32, bool)> =
                (0..4).map(|place| (offices[place], !is_of(place))).collect();
            daemon(&own, &elsewhere)
        };
        let daemons = [of(false), of(true)];
        assert_eq!(chased(&world, &daemons, at), alone, "{mask:04b}");
        // Incidents: the call for each level's acknowledgement comes from one of them.
        let later = instant("2026-06-29 08:45");
        let mut calls = BTreeMap::new();
        for (serves, rulebook) in &daemons {
            for notice in notices(&world, rulebook, serves, later) {
                if notice.step > 0 {
                    *calls.entry((notice.incident, notice.person)).or_insert(0) += 1;
                }
            }
        }
        assert!(!calls.is_empty() && calls.values().all(|times| *times == 1), "{mask:04b}");
    }
}

/// The ordinary case: the city names the county that keeps its own system, the county its list.
#[test]
fn a_county_with_a_system_of_its_own() {
    let world = big_city();
    let (city, county) = (daemon(&[1], &[(2, true)]), daemon(&[2], &[]));
    let at = instant("2026-06-29 09:00");
    let both = chased(&world, &[city.clone(), county.clone()], at);
    assert_eq!(both, chased(&world, &[daemon(&[1], &[])], at));
    let of_county = chased(&world, &[county], at);
    assert!(
        of_county.keys().all(|key| world.path(key.debtor, date("2026-06-24")).contains(&COUNTY))
    );
    // The county's own return is owed to the city and chased there.
    let key = key_of("county 2026-06");
    assert!(!of_county.contains_key(&key) && chased(&world, &[city], at).contains_key(&key));
}
