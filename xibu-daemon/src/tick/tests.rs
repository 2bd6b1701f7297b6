//! Ticks on a real store, over the Dragon Boat month of 2026.

use chrono::NaiveDate;
use chrono_tz::Asia::Shanghai;
use xibu_core::appointment::{Appointment, Role};
use xibu_core::change::Change;
use xibu_core::consolidation::{confirm, consolidate};
use xibu_core::notice::Step;
use xibu_core::office::{OfficeKind, OfficeVersion};
use xibu_core::person::PersonId;
use xibu_core::returns::ReturnVersion;
use xibu_core::service::Service;
use xibu_core::validity::Validity;

mod two;

use super::*;
use crate::outbox::errand::Matter;
use crate::record::enable_rules;
use crate::store::{Batch, EnvelopeFilter, PersonValue, SqliteStore, ValueKind};

/// A city (O1), a county (O2), two units (O3, O4); P`n`1 is the head and P`n`2 the contact of O`n`.
pub(crate) struct City {
    folder: tempfile::TempDir,
    pub(crate) store: SqliteStore,
    pub(crate) record: Record,
    pub(crate) rulebook: Rulebook,
    pub(crate) serves: Vec<OfficeId>,
}

pub(crate) fn at(civil: &str) -> Now {
    Now::at_civil(civil.parse().unwrap(), Shanghai)
}

fn since() -> Validity {
    Validity::since(NaiveDate::from_ymd_opt(2025, 7, 1).unwrap())
}

fn office(id: u32, kind: OfficeKind, superior: Option<u32>) -> Change {
    let version = OfficeVersion {
        name: format!("第{id}办"),
        superior: superior.map(OfficeId),
        gb_code: None,
        validity: since(),
    };
    Change::OfficeStood { office: OfficeId(id), kind, version }
}

impl City {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("data")).await.unwrap();
        let mut changes = vec![
            office(1, OfficeKind::City, None),
            office(2, OfficeKind::County, Some(1)),
            office(3, OfficeKind::Unit, Some(2)),
            office(4, OfficeKind::Unit, Some(2)),
        ];
        let mut values = Vec::new();
        for office in 1..=4 {
            for (place, role) in [(1, Role::Head), (2, Role::Contact)] {
                let person = PersonId(office * 10 + place);
                let office = OfficeId(office);
                changes.push(Change::Appointed(Appointment {
                    person,
                    office,
                    role,
                    validity: since(),
                }));
                let value = format!("p{}@office.test", person.0);
                values.push(PersonValue { person, kind: ValueKind::Mail, value });
            }
        }
        for (person, unit) in [(101, 3), (102, 4)] {
            changes.push(Change::ServiceBegan(Service {
                person: PersonId(person),
                unit: OfficeId(unit),
                home: None,
                validity: since(),
            }));
        }
        let begun = at("2026-06-01T09:00:00");
        let batch = Batch { by: "clerk".into(), changes, values, ..Batch::default() };
        store.record(&batch, begun).await.unwrap();
        let mut record = Record::load(&store).await.unwrap();
        enable_rules(&store, &mut record, begun).await.unwrap();
        assert_eq!(record.unfit(), []);
        let serves = vec![OfficeId(1)];
        Self { folder, store, record, rulebook: Rulebook::default(), serves }
    }

    /// The data folder.
    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) async fn tick(&mut self, civil: &str) -> TickReport {
        tick(&self.store, &mut self.record, &self.rulebook, &self.serves, at(civil)).await.unwrap()
    }

    /// First tick, released: as a city runs on an ordinary day.
    pub(crate) async fn running() -> Self {
        let mut city = Self::new().await;
        assert_eq!(city.tick("2026-06-01T09:00:00").await.held_now, Some(Hold::FirstStart));
        assert!(city.store.release(at("2026-06-01T09:01:00")).await.unwrap());
        city
    }

    /// The return of an office for June comes in.
    pub(crate) async fn came(&mut self, obligation: &str, civil: &str) {
        let version = ReturnVersion {
            received_at: civil.parse().unwrap(),
            document: None,
            content: Some(Default::default()),
            ..ReturnVersion::default()
        };
        let change = Change::ReturnCame { obligation: obligation.parse().unwrap(), version };
        let batch = Batch { by: "clerk".into(), changes: vec![change], ..Batch::default() };
        self.store.record(&batch, at(civil)).await.unwrap();
    }
}

async fn dump(store: &SqliteStore) -> String {
    let envelopes = store.envelopes(&EnvelopeFilter::default()).await.unwrap();
    format!("{envelopes:?} {:?} {:?}", store.withheld().await.unwrap(), store.state().await)
}

#[tokio::test]
async fn the_same_tick_twice_changes_nothing() {
    let mut city = City::running().await;
    // 15 June 2026 is a Monday: the returns are asked for.
    let first = city.tick("2026-06-15T00:00:30").await;
    assert!(first.notices.iter().all(|notice| notice.key.step == Step::Opening));
    assert_eq!(first.written.notices, 3, "{:?}", first.notices);
    let before = dump(&city.store).await;
    let again = city.tick("2026-06-15T00:00:30").await;
    assert_eq!((again.notices.len(), again.withheld.len()), (0, 0));
    assert_eq!(dump(&city.store).await, before);
    // A daemon that forgot everything but its store comes to the same.
    city.record = Record::load(&city.store).await.unwrap();
    city.tick("2026-06-15T00:00:30").await;
    assert_eq!(dump(&city.store).await, before);
}

#[tokio::test]
async fn a_clock_behind_does_nothing() {
    let mut city = City::running().await;
    city.tick("2026-06-15T12:00:00").await;
    let before = dump(&city.store).await;
    let behind = city.tick("2026-06-15T11:59:59").await;
    assert_eq!(behind.clock_behind_ms, Some(1_000));
    assert_eq!(dump(&city.store).await, before);
}

#[tokio::test]
async fn a_clock_that_jumps_holds() {
    let mut city = City::running().await;
    assert_eq!(city.tick("2026-07-06T09:00:00").await.held_now, None);
    assert_eq!(city.tick("2026-08-11T09:00:00").await.held_now, Some(Hold::ClockJump));
    assert_eq!(city.store.state().await.unwrap().held, Some(Hold::ClockJump));
}

#[tokio::test]
async fn the_world_as_it_was_known() {
    let mut city = City::running().await;
    let before = city.record.last_sequence();
    city.came("county_monthly_return/O2/2026-06", "2026-06-24T10:00:00").await;
    assert_eq!(city.record.follow(&city.store).await.unwrap(), 1);
    let then = Record::as_known_at(&city.store, before).await.unwrap();
    let key = "county_monthly_return/O2/2026-06".parse().unwrap();
    assert!(then.world().return_of(&key).is_none());
    assert!(city.record.world().return_of(&key).is_some());
    assert_eq!(then.last_sequence(), before);
}

#[tokio::test]
async fn after_a_gap_what_matters_goes_once() {
    let mut city = City::running().await;
    // Asleep from the 1st to the 25th: opening and the reminder before are passed over by the last
    // step.
    let woken = city.tick("2026-06-26T09:00:00").await;
    let mut persons: Vec<_> = woken.notices.iter().map(|notice| notice.person).collect();
    persons.sort();
    persons.dedup();
    assert_eq!(persons.len(), woken.written.envelopes as usize);
    assert!(!woken.withheld.is_empty());
}

/// The envelopes that show county O2 what its units told: when they may go, and of which version.
async fn forms(city: &City) -> Vec<(String, bool)> {
    let envelopes = city.store.envelopes(&EnvelopeFilter::default()).await.unwrap();
    let errands = envelopes.into_iter().filter_map(|envelope| envelope.errand);
    let forms = errands.filter_map(|errand| match errand.matter {
        Matter::Consolidation { version, .. } => {
            assert_eq!(errand.person, PersonId(22));
            Some((errand.not_before.to_string(), version.is_some()))
        }
        _ => None,
    });
    forms.collect()
}

const UNITS: [&str; 2] = ["unit_monthly_return/O3/2026-06", "unit_monthly_return/O4/2026-06"];
const COUNTY: &str = "county_monthly_return/O2/2026-06";

#[tokio::test]
async fn a_county_is_shown_its_month_once_when_all_units_are_in() {
    let mut city = City::running().await;
    city.came(UNITS[0], "2026-06-16T09:00:00").await;
    city.tick("2026-06-16T10:00:00").await;
    assert_eq!(forms(&city).await, []);
    city.came(UNITS[1], "2026-06-17T09:00:00").await;
    for time in ["2026-06-17T10:00:00", "2026-06-17T10:00:30", "2026-06-18T10:00:00"] {
        city.tick(time).await;
        assert_eq!(forms(&city).await, [("2026-06-17 10:00:00".to_owned(), false)]);
    }
    // Nor is one shown whose return is in before its units are.
    let mut city = City::running().await;
    city.came(COUNTY, "2026-06-16T09:00:00").await;
    city.came(UNITS[0], "2026-06-17T09:00:00").await;
    city.came(UNITS[1], "2026-06-17T09:00:00").await;
    city.tick("2026-06-17T10:00:00").await;
    assert_eq!(forms(&city).await, []);
}

/// Confirms what is there for county O2.
async fn confirm_now(city: &mut City, civil: &str) {
    city.record.follow(&city.store).await.unwrap();
    let (world, at_) = (city.record.world(), at(civil).civil);
    let found = consolidate(world, &city.rulebook, OfficeId(2), "2026-06".parse().unwrap(), at_);
    let word = (Some(PersonId(22)), at_, None);
    let changes = confirm(world, &city.rulebook, &found, word, (&[], None)).unwrap();
    let batch = Batch { by: "clerk".into(), changes: changes.to_vec(), ..Batch::default() };
    city.store.record(&batch, at(civil)).await.unwrap();
}

#[tokio::test]
async fn what_comes_after_the_confirmation_is_asked_about_once_on_the_next_working_day() {
    let mut city = City::running().await;
    city.came(UNITS[0], "2026-06-17T09:00:00").await;
    confirm_now(&mut city, "2026-06-17T11:00:00").await;
    city.tick("2026-06-17T12:00:00").await;
    assert_eq!(forms(&city).await, [], "confirmed, and nothing has changed");
    // 2026-06-19 is the Dragon Boat Festival, then a weekend.
    city.came(UNITS[1], "2026-06-18T09:00:00").await;
    let asked = [("2026-06-22 08:30:00".to_owned(), true)];
    for time in ["2026-06-18T10:00:00", "2026-06-18T10:00:30", "2026-06-20T10:00:00"] {
        city.tick(time).await;
        assert_eq!(forms(&city).await, asked);
    }
    let key = COUNTY.parse().unwrap();
    let world = city.record.world();
    assert_eq!(world.return_of(&key).unwrap().versions.len(), 1, "what was confirmed stands");
    confirm_now(&mut city, "2026-06-22T09:00:00").await;
    city.tick("2026-06-22T10:00:00").await;
    assert_eq!(forms(&city).await, asked);
}
