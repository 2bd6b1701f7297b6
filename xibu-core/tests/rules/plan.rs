//! What holds of every plan, whatever happened before; and single decisions that a diary does not
//! show.

use chrono::{Duration, NaiveDateTime};
use proptest::prelude::*;
use xibu_core::appointment::Role;
use xibu_core::assess::{NotOwed, assess, obligation};
use xibu_core::change::Change;
use xibu_core::notice::{NotSent, Recipient, SentLog, Step};
use xibu_core::obligation::{Standing, Timeliness};
use xibu_core::parameter::Rulebook;
use xibu_core::plan::plan;
use xibu_core::rule::Rule;
use xibu_core::world::World;

use crate::house::*;

fn standing(world: &World, key: &str, at: &str) -> Standing {
    obligation(world, &Rulebook::default(), &key_of(key), instant(at)).unwrap().standing
}

#[test]
fn standings_in_order_of_precedence() {
    use Standing::{Acknowledged, In, Late, NotOpen, Owed, SentBack, Unread};
    let after = |changes: &[Change]| {
        let mut world = city();
        changes.iter().for_each(|change| world.apply(change).unwrap());
        world
    };
    let key = "county 2026-06";
    let nothing = city();
    assert_eq!(standing(&nothing, key, "2026-06-14 23:59"), NotOpen);
    assert_eq!(standing(&nothing, key, "2026-06-15 00:00"), Owed);
    assert_eq!(standing(&nothing, key, "2026-06-28 23:59"), Owed);
    assert_eq!(standing(&nothing, key, "2026-06-29 00:00"), Late);

    let promised = after(&[acknowledged(key, "2026-06-29 10:00", "2026-06-30")]);
    let until = instant("2026-07-01 00:00");
    assert_eq!(standing(&promised, key, "2026-06-29 09:59"), Late);
    assert_eq!(standing(&promised, key, "2026-06-29 10:00"), Acknowledged { until });
    assert_eq!(standing(&promised, key, "2026-06-30 23:59"), Acknowledged { until });
    assert_eq!(standing(&promised, key, "2026-07-01 00:00"), Late);

    for (at, timely) in [
        ("2026-06-26 23:59", Timeliness::OnTime),
        ("2026-06-27 00:00", Timeliness::OnTimeLenient),
        ("2026-06-28 23:59", Timeliness::OnTimeLenient),
        ("2026-06-29 00:00", Timeliness::Late),
    ] {
        let came_then = after(&[came(key, at)]);
        assert_eq!(standing(&came_then, key, "2026-07-05 09:00"), In(timely), "{at}");
        let unread = after(&[came_unread(key, at)]);
        assert_eq!(standing(&unread, key, "2026-07-05 09:00"), Unread(timely), "{at}");
        let back = after(&[came(key, at), sent_back(key)]);
        assert_eq!(standing(&back, key, "2026-07-05 09:00"), SentBack(timely), "{at}");
        // A corrected return keeps its first date.
        let mended = after(&[came(key, at), sent_back(key), came(key, "2026-07-03 09:00")]);
        assert_eq!(standing(&mended, key, "2026-07-05 09:00"), In(timely), "{at}");
    }
    // An unread page after a readable return undoes nothing.
    let both = after(&[came(key, "2026-06-20 09:00"), came_unread(key, "2026-06-21 09:00")]);
    assert_eq!(standing(&both, key, "2026-06-22 09:00"), In(Timeliness::OnTime));
    // A unit's debt knows one instant only.
    let unit = after(&[came("unit 2026-06", "2026-06-25 00:00")]);
    assert_eq!(standing(&unit, "unit 2026-06", "2026-06-25 09:00"), In(Timeliness::Late));
}

#[test]
fn what_is_not_owed_and_why() {
    let at = "2026-06-20 09:00";
    let check = |key: &str, at: &str, expected: NotOwed| {
        let found = obligation(&city(), &Rulebook::default(), &key_of(key), instant(at));
        assert_eq!(found.unwrap_err(), expected, "{key}");
    };
    check("O99 2026-06", at, NotOwed::OfficeUnknown);
    check("O2 2026-06", at, NotOwed::OfficeIsNoDebtor);
    check("county 2009-04", at, NotOwed::RuleNotInForce);
    check("county 2026-05", at, NotOwed::PeriodEndedBeforeRuleWasEnabled);
    check("county 2026-07", at, NotOwed::PeriodHasNotBegun);
    check("county 2026-06", "2027-07-01 00:00", NotOwed::PeriodIsTooOld);
    // One month after its unit cut-off the next one runs, and something sent early is in.
    let mut early = city();
    early.apply(&came("county 2026-07", "2026-06-25 09:00")).unwrap();
    let at = "2026-06-25 10:00";
    assert_eq!(standing(&early, "county 2026-07", at), Standing::In(Timeliness::OnTime));
}

/// A rule acts only on months that fall due after it was switched on: for a unit at the cut-off,
/// for a county at the end of the 28th.
#[test]
fn a_rule_acts_on_what_falls_due_after_it_was_enabled() {
    let check = |enabled: &str, expected: &[&str]| {
        let mut changes = Vec::new();
        for rule in Rule::ALL {
            changes.push(Change::RuleEnabled { rule, at: instant(enabled) });
        }
        let mut world = offices_only();
        changes.iter().for_each(|change| world.apply(change).unwrap());
        let owed = assess(&world, &Rulebook::default(), &[CITY], instant("2026-07-02 09:00"));
        let keys: Vec<String> = owed.iter().map(|owed| owed.key.to_string()).collect();
        assert_eq!(keys, expected, "{enabled}");
    };
    let unit = |month| format!("unit_monthly_return/O3/2026-{month}");
    let county = |month| format!("county_monthly_return/O2/2026-{month}");
    let (u6, u7, c6, c7) = (unit("06"), unit("07"), county("06"), county("07"));
    check("2026-06-24 23:59", &[&u6, &u7, &c6, &c7]);
    check("2026-06-25 00:00", &[&u7, &c6, &c7]);
    check("2026-06-28 23:59", &[&u7, &c6, &c7]);
    check("2026-06-29 00:00", &[&u7, &c7]);
}

/// The small city without its rules.
fn offices_only() -> World {
    let everything = city();
    let mut changes: Vec<Change> = Vec::new();
    for office in everything.offices() {
        for version in &office.versions {
            changes.push(Change::OfficeStood {
                office: office.id,
                kind: office.kind,
                version: version.clone(),
            });
        }
        changes.extend(everything.appointments_at(office.id).iter().map(|a| Change::Appointed(*a)));
    }
    changes.extend(everything.services().map(|service| Change::ServiceBegan(*service)));
    world(&changes)
}

#[test]
fn a_served_office_includes_everything_below_it() {
    let owed = |serves: &[_]| {
        let rulebook = Rulebook::default();
        assess(&city(), &rulebook, serves, instant("2026-06-16 09:00"))
            .iter()
            .map(|owed| owed.key.rule)
            .collect::<Vec<_>>()
    };
    assert_eq!(owed(&[CITY]), Rule::ALL);
    assert_eq!(owed(&[COUNTY]), [Rule::UnitMonthlyReturn], "its own debt is the city's to chase");
    assert_eq!(owed(&[UNIVERSITY]), []);
    assert_eq!(owed(&[]), []);
}

/// Each reason for not sending, where a plan lists it.
#[track_caller]
fn check_withheld(changes: &[Change], sent: &[(&str, Step, u32)], at: &str, expected: &[&str]) {
    let mut world = city();
    changes.iter().for_each(|change| world.apply(change).unwrap());
    let mut log = SentLog::new();
    for (key, step, person) in sent {
        let obligation = key_of(key);
        let key = xibu_core::notice::NoticeKey { obligation, step: *step, successor: None };
        log.insert(key, xibu_core::person::PersonId(*person));
    }
    let plan = plan_at(&world, &log, instant(at));
    let listed: Vec<String> = plan
        .withheld
        .iter()
        .map(|w| format!("{} {}", w.key, serde_json::to_string(&w.reason).unwrap()))
        .collect();
    assert_eq!(listed, expected);
}

#[test]
fn reasons_for_not_sending() {
    let in_today =
        [came("unit 2026-06", "2026-06-22 08:00"), came("county 2026-06", "2026-06-22 08:00")];
    check_withheld(
        &in_today,
        &[],
        "2026-06-22 09:00",
        &[r#"unit_monthly_return/O3/2026-06/before "return_is_in""#],
    );
    check_withheld(&in_today, &[], "2026-06-23 09:00", &[]);
    check_withheld(
        &[
            came_unread("unit 2026-06", "2026-06-22 08:00"),
            came("county 2026-06", "2026-06-22 08:00"),
        ],
        &[],
        "2026-06-23 09:00",
        &[r#"unit_monthly_return/O3/2026-06/before "return_waits_to_be_read""#],
    );
    let county_in = came("county 2026-06", "2026-06-01 08:00");
    check_withheld(
        &[county_in.clone(), acknowledged("unit 2026-06", "2026-06-25 08:00", "2026-06-26")],
        &[],
        "2026-06-25 09:00",
        &[concat!(
            "unit_monthly_return/O3/2026-06/on_the_day ",
            r#"{"paused_by_acknowledgement":{"until":"2026-06-27T00:00:00"}}"#
        )],
    );
}

#[test]
fn after_a_gap_only_the_latest_step_goes() {
    let county_in = came("county 2026-06", "2026-06-01 08:00");
    // The others are listed once.
    check_withheld(
        std::slice::from_ref(&county_in),
        &[("unit 2026-06", Step::Opening, 32)],
        "2026-06-25 09:00",
        &[
            concat!(
                "unit_monthly_return/O3/2026-06/before ",
                r#"{"superseded_by_later_step":{"step":"first_after"}}"#
            ),
            concat!(
                "unit_monthly_return/O3/2026-06/on_the_day ",
                r#"{"superseded_by_later_step":{"step":"first_after"}}"#
            ),
        ],
    );
    // Caught up on Saturday the 27th: heads and the county rest until Monday.
    check_withheld(
        std::slice::from_ref(&county_in),
        &[],
        "2026-06-27 10:00",
        &[concat!(
            "unit_monthly_return/O3/2026-06/second_after ",
            r#"{"waits_for_working_day":{"until":"2026-06-29"}}"#
        )],
    );
}

#[test]
fn nobody_there_or_not_theirs_to_hear() {
    let county_in = came("county 2026-06", "2026-06-01 08:00");
    check_withheld(
        &[
            county_in.clone(),
            relieved(31, UNIT, Role::Head, "2020-01-01", "2026-06-02"),
            relieved(32, UNIT, Role::Contact, "2020-01-01", "2026-06-02"),
        ],
        &[],
        "2026-06-15 10:00",
        &[
            concat!(
                "unit_monthly_return/O3/2026-06/opening ",
                r#"{"nobody_to_tell":{"gap":{"post_empty":{"office":3,"role":"contact"}}}}"#
            ),
            r#"county_monthly_return/O2/2026-06/opening "return_is_in""#,
        ],
    );
    // 21:30 on the last evening: tomorrow morning is too late for a reminder.
    check_withheld(
        std::slice::from_ref(&county_in),
        &[],
        "2026-06-24 21:30",
        &[
            r#"unit_monthly_return/O3/2026-06/on_the_day "too_late_to_help""#,
            r#"county_monthly_return/O2/2026-06/before "return_is_in""#,
        ],
    );
    check_withheld(
        &[
            county_in,
            relieved(31, UNIT, Role::Head, "2020-01-01", "2026-06-26"),
            appointed(34, UNIT, Role::Head, "2026-06-26"),
        ],
        &[("unit 2026-06", Step::FirstAfter, 31), ("unit 2026-06", Step::SecondAfter, 22)],
        "2026-06-27 10:00",
        &[r#"unit_monthly_return/O3/2026-06/first_after/P34 "county_is_chased_for_unit""#],
    );
    check_withheld(
        &[
            came("unit 2026-06", "2026-06-01 08:00"),
            came("county 2026-06", "2026-06-22 08:00"),
            sent_back("county 2026-06"),
        ],
        &[("county 2026-06", Step::FirstAfter, 22)],
        "2026-06-30 10:00",
        &[r#"county_monthly_return/O2/2026-06/second_after "sent_back_stays_with_contact""#],
    );
}

#[test]
fn a_rule_that_is_off_tells_nothing() {
    let at = instant("2026-06-25 09:00");
    let rulebook = Rulebook::default();
    let owed = assess(&city(), &rulebook, &[CITY], at);
    let plan = plan(&offices_only(), &rulebook, &owed, &SentLog::new(), at);
    assert_eq!(plan.notices, []);
    assert!(!plan.withheld.is_empty());
    assert!(plan.withheld.iter().all(|w| w.reason == NotSent::RuleNotEnabledForPeriod));
}

/// When a notice may go out: the office's day, and only the debtor's own contact on rest days.
#[test]
fn quiet_hours_and_rest_days() {
    let check = |at: &str, rule: Rule, expected: &str| {
        let plan = plan_at(&city(), &SentLog::new(), instant(at));
        let notice = plan.notices.iter().find(|notice| notice.key.obligation.rule == rule).unwrap();
        assert_eq!(notice.not_before, instant(expected), "{at}");
    };
    check("2026-06-15 00:01", Rule::UnitMonthlyReturn, "2026-06-15 08:30");
    check("2026-06-15 08:30", Rule::UnitMonthlyReturn, "2026-06-15 08:30");
    check("2026-06-15 20:59", Rule::UnitMonthlyReturn, "2026-06-15 20:59");
    check("2026-06-15 21:00", Rule::UnitMonthlyReturn, "2026-06-16 08:30");
    // Caught up on a Saturday: the debtor's contact in daytime, that same day.
    check("2026-06-27 10:00", Rule::CountyMonthlyReturn, "2026-06-27 10:00");
    // A head on Friday night waits for Monday.
    check("2026-06-26 22:00", Rule::UnitMonthlyReturn, "2026-06-29 08:30");
}

/// Something that may happen to the small city, on a day of June or July.
fn event() -> impl Strategy<Value = Change> {
    let key = prop_oneof![Just("unit 2026-06"), Just("county 2026-06")];
    let when = (1u32..=40).prop_map(|day| instant("2026-05-31 00:00") + Duration::days(day.into()));
    (key, when, 0u32..24 * 60, 0u32..7).prop_map(|(key, day, minute, what)| {
        let at = (day + Duration::minutes(minute.into())).format("%Y-%m-%d %H:%M").to_string();
        let promised = (day + Duration::days(what.into())).date().to_string();
        match what {
            0 => came(key, &at),
            1 => came_unread(key, &at),
            2 => sent_back(key),
            3 => appointed(33, UNIT, Role::Contact, &day.date().to_string()),
            4 => relieved(32, UNIT, Role::Contact, "2020-01-01", &day.date().to_string()),
            5 => relieved(21, COUNTY, Role::Head, "2020-01-01", &day.date().to_string()),
            _ => acknowledged(key, &at, &promised),
        }
    })
}

fn moment(hours: u32) -> NaiveDateTime {
    instant("2026-06-10 00:00") + Duration::hours(hours.into())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Over any story and any ticks: what holds of each plan.
    #[test]
    fn every_plan_keeps_its_promises(
        events in proptest::collection::vec((0u32..960, event()), 0..8),
        ticks in proptest::collection::btree_set(0u32..960, 1..12),
    ) {
        let mut world = city();
        let mut sent = SentLog::new();
        let mut passed = 0;
        for hours in ticks {
            let at = moment(hours);
            let due = |told: &u32| (passed..=hours).contains(told);
            for (_, change) in events.iter().filter(|(told, _)| due(told)) {
                // Some stories contradict themselves; a refused change leaves the world as it was.
                let before = world.clone();
                if world.apply(change).is_err() {
                    prop_assert_eq!(&before, &world);
                }
            }
            passed = hours + 1;
            let rulebook = Rulebook::default();
            let owed = assess(&world, &rulebook, &[CITY], at);
            let sorted = owed.windows(2).all(|pair| pair[0].key < pair[1].key);
            prop_assert!(sorted, "no key twice");
            let plan = plan(&world, &rulebook, &owed, &sent, at);
            let mut debts = std::collections::BTreeSet::new();
            for notice in &plan.notices {
                let debt = owed.iter().find(|owed| owed.key == notice.key.obligation).unwrap();
                prop_assert!(debts.insert(debt.key), "two notices for one debt");
                prop_assert!(!debt.standing.is_discharged(), "asked for what is in");
                prop_assert!(!matches!(debt.standing, Standing::Unread(_)));
                let paused = matches!(debt.standing, Standing::Acknowledged { .. });
                prop_assert!(!paused, "asked during a pause");
                let own = notice.office == debt.key.debtor;
                let late = debt.standing == Standing::Late;
                prop_assert!(own || late, "told above before it was late");
                let contact =
                    matches!(notice.to, Recipient::UnitContact | Recipient::CountyContact);
                prop_assert!(contact || rulebook.calendar.is_workday(notice.not_before.date()));
                prop_assert!(at <= notice.not_before && notice.not_before < notice.expires);
                prop_assert!(notice.step_date <= at.date());
                prop_assert!(!sent.contains_key(&notice.key), "sent twice");
            }
            sent.extend(plan.notices.iter().map(|notice| (notice.key, notice.person)));
            let again = xibu_core::plan::plan(&world, &rulebook, &owed, &sent, at);
            prop_assert_eq!(again.notices, vec![], "the same tick twice");
        }
    }
}
