//! Incidents on their own clock: who is told when, at every hour of the day, and what ends it.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, TimeDelta};
use xibu_core::appointment::Role;
use xibu_core::change::Change;
use xibu_core::explain::{Language, explain_incident};
use xibu_core::incident::{
    Act, Case, Incident, IncidentId, IncidentKind, IncidentMove, Level, OpenedIncident, Stage,
    next_instant, notices, same_incident,
};
use xibu_core::office::OfficeId;
use xibu_core::parameter::{Rulebook, Setting};
use xibu_core::person::PersonId;
use xibu_core::world::{Unfit, World};

use crate::absence::away;
use crate::house::*;

const I7: IncidentId = IncidentId(7);

pub(crate) fn opened(office: OfficeId, by: Option<u32>, at: &str) -> Change {
    Change::IncidentOpened(OpenedIncident {
        id: I7,
        incident: told(office, IncidentKind::Traffic, None, None),
        told_by: by.map(PersonId),
        received_at: instant(at),
    })
}

fn told(
    office: OfficeId,
    kind: IncidentKind,
    occurred: Option<&str>,
    reference: Option<&str>,
) -> Incident {
    Incident {
        office,
        kind,
        occurred: occurred.map(instant),
        persons: None,
        measures_told: false,
        reference: reference.map(str::to_owned),
        kind_told: true,
        place_told: true,
    }
}

fn moved(act: Act, by: Option<u32>, at: &str) -> Change {
    Change::IncidentMoved(IncidentMove { incident: I7, act, by: by.map(PersonId), at: instant(at) })
}

/// City and county, without a deputy; the unit's contact P32 told of it.
fn house(changes: &[Change]) -> World {
    let mut world = city();
    for change in changes {
        world.apply(change).unwrap();
    }
    world
}

/// Lives ten minutes by ten and writes down what is told, as the daemon does: each step once to
/// each.
fn diary(world: &World, from: &str, hours: i64) -> Vec<String> {
    let mut known = BTreeSet::new();
    let mut lines = Vec::new();
    let (begin, rulebook) = (instant(from), Rulebook::default());
    // Every instant in these tests is a multiple of ten minutes after the beginning.
    for minute in (0..=hours * 60).step_by(10) {
        let at = begin + TimeDelta::minutes(minute);
        // What was said later is not known yet.
        for notice in notices(world, &rulebook, &[CITY], at) {
            let name = (notice.duty, notice.round, notice.step, notice.person);
            if known.insert(name) {
                assert!(notice.since <= at && at < notice.expires);
                let (at, duty) = (at.format("%d %H:%M"), notice.duty.name());
                lines.push(format!("{at} {duty}/{} {}", notice.step, notice.person));
            }
        }
    }
    lines
}

#[test]
fn repeated_until_acknowledged_then_up_the_chain_at_night_too() {
    let world = house(&[opened(UNIT, Some(32), "2026-06-20 23:10")]);
    let lines = diary(&world, "2026-06-20 23:10", 4);
    assert_eq!(
        lines,
        [
            "20 23:10 acknowledge/0 P12",
            "20 23:10 acknowledge/0 P21",
            "20 23:10 acknowledge/0 P31",
            "20 23:40 acknowledge/1 P12",
            "20 23:40 acknowledge/1 P21",
            "21 00:10 acknowledge/2 P11",
            "21 00:10 acknowledge/2 P12",
            "21 00:10 acknowledge/2 P21",
            "21 00:10 acknowledge/2 P22",
            "21 00:40 acknowledge/3 P11",
            "21 00:40 acknowledge/3 P12",
            "21 00:40 acknowledge/3 P21",
            "21 00:40 acknowledge/3 P22",
            "21 01:40 acknowledge/4 P11",
            "21 01:40 acknowledge/4 P12",
            "21 01:40 acknowledge/4 P21",
            "21 01:40 acknowledge/4 P22",
        ]
    );
}

/// Every hour of the day and every kind of day: the first calls never wait.
#[test]
fn no_hour_is_too_late() {
    let rulebook = Rulebook::default();
    for day in ["2026-06-18", "2026-06-19", "2026-06-20", "2026-06-27", "2026-10-01"] {
        for hour in 0..24 {
            let begun = format!("{day} {hour:02}:00");
            let world = house(&[opened(UNIT, Some(32), &begun)]);
            for (after, persons) in [(0, 3), (30, 2), (60, 4), (90, 4)] {
                let at = instant(&begun) + TimeDelta::minutes(after);
                let told = notices(&world, &rulebook, &[CITY], at);
                let now: Vec<_> = told.iter().filter(|notice| notice.since == at).collect();
                assert_eq!(now.len(), persons, "{begun} +{after}");
            }
        }
    }
}

#[test]
fn each_office_says_for_itself_that_it_knows() {
    let begun = "2026-06-20 23:10";
    let check = |moves: &[Change], expected: &[&str]| {
        let mut changes = vec![opened(UNIT, Some(32), begun)];
        changes.extend_from_slice(moves);
        let world = house(&changes);
        let at = instant(begun) + TimeDelta::minutes(60);
        let mut told: Vec<String> = notices(&world, &Rulebook::default(), &[CITY], at)
            .iter()
            .filter(|notice| notice.step > 0)
            .map(|notice| format!("{}/{} {}", notice.duty.name(), notice.step, notice.person))
            .collect();
        told.sort();
        assert_eq!(told, expected, "{moves:?}");
    };
    let said = |person| moved(Act::Acknowledged, Some(person), "2026-06-20 23:20");
    let all = ["acknowledge/2 P11", "acknowledge/2 P12", "acknowledge/2 P21", "acknowledge/2 P22"];
    check(&[], &all);
    check(&[said(21)], &["acknowledge/2 P11", "acknowledge/2 P12"]);
    check(&[said(22)], &["acknowledge/2 P11", "acknowledge/2 P12"]);
    // The city knows; the county, which answers for it, does not: the city hears that too.
    check(&[said(12)], &["acknowledge/2 P12", "acknowledge/2 P21", "acknowledge/2 P22"]);
    check(&[said(12), said(21)], &[]);
    check(&[said(11), said(22)], &[]);
    // The unit's own people know anyway; a stranger to the chain says nothing.
    check(&[said(31), said(42)], &all);
    // Whoever follows it up or wrote it down knows of it.
    check(&[moved(Act::FollowedUp, Some(22), "2026-06-20 23:20"), said(12)], &[]);
    check(&[moved(Act::Acknowledged, None, "2026-06-20 23:20"), said(21)], &[]);
    check(&[moved(Act::Closed, None, "2026-06-20 23:20")], &[]);
}

#[test]
fn whoever_is_away_is_passed_over_and_a_university_has_no_county() {
    let begun = "2026-06-20 23:10";
    let deputy = appointed(23, COUNTY, Role::Deputy, "2020-01-01");
    let absent = Change::Absent(away("21 06-15..06-25"));
    let world = house(&[deputy, absent, opened(UNIT, Some(32), begun)]);
    let told = notices(&world, &Rulebook::default(), &[CITY], instant(begun));
    let persons: Vec<u32> = told.iter().map(|notice| notice.person.0).collect();
    assert_eq!(persons, [12, 23, 31]);
    assert!(told.iter().any(|notice| notice.stands_in));
    // Told by the county's own head: the county knows.
    let world = house(&[opened(COUNTY, Some(21), begun)]);
    let case = Case::of(&world, I7).unwrap();
    assert_eq!(case.unaware().collect::<Vec<_>>(), [Level::City]);
    let world = house(&[opened(UNIVERSITY, Some(42), begun)]);
    let lines = diary(&world, begun, 1);
    assert_eq!(
        lines,
        [
            "20 23:10 acknowledge/0 P12",
            "20 23:10 acknowledge/0 P41",
            "20 23:40 acknowledge/1 P12",
            "21 00:10 acknowledge/2 P11",
            "21 00:10 acknowledge/2 P12",
        ]
    );
}

#[test]
fn followed_up_day_by_day_and_closed() {
    // Saturday 20 June; 30 days later is Monday 20 July.
    let begun = "2026-06-20 10:00";
    let known = [
        opened(UNIT, Some(32), begun),
        moved(Act::Acknowledged, Some(21), "2026-06-20 10:10"),
        moved(Act::Acknowledged, Some(12), "2026-06-20 10:12"),
    ];
    let lines = diary(&house(&known), begun, 74);
    assert_eq!(
        lines[3..],
        [
            "21 10:00 follow_up/1 P22",
            "22 10:00 follow_up/2 P21",
            "22 10:00 follow_up/2 P22",
            "23 10:00 follow_up/3 P12",
            "23 10:00 follow_up/3 P21",
            "23 10:00 follow_up/3 P22",
        ]
    );
    let mut with_report = known.to_vec();
    with_report.push(moved(Act::FollowedUp, Some(22), "2026-06-21 09:30"));
    let world = house(&with_report);
    let lines = diary(&world, "2026-06-21 09:30", 25);
    let follow_ups: Vec<&String> = lines.iter().filter(|line| line.contains("follow")).collect();
    assert_eq!(follow_ups, ["22 09:30 follow_up/1 P22"]);
    let lines = diary(&world, "2026-07-20 10:00", 75);
    let closing: Vec<&str> =
        lines.iter().filter(|line| line.contains("close")).map(String::as_str).collect();
    assert_eq!(
        closing,
        [
            "20 10:00 close/0 P22",
            "21 10:00 close/1 P21",
            "22 10:00 close/2 P12",
            "23 10:00 close/3 P11",
        ]
    );
    assert_eq!(lines.len(), closing.len(), "after that day only the closing report: {lines:?}");
    with_report.push(moved(Act::Closed, Some(22), "2026-06-22 10:00"));
    let world = house(&with_report);
    assert_eq!(Case::of(&world, I7).unwrap().stage(), Stage::Closed);
    assert_eq!(diary(&world, "2026-06-22 10:00", 24 * 32), [""; 0]);
}

#[test]
fn the_closing_report_is_asked_for_by_day() {
    // 30 days after Tuesday the 16th is Thursday 16 July, after Thursday the 18th a Saturday.
    for (begun, days) in
        [("2026-06-16", ["16", "17", "20", "21"]), ("2026-06-18", ["20", "21", "22", "23"])]
    {
        for hour in 0..24 {
            let begun = format!("{begun} {hour:02}:30");
            let world = house(&[opened(UNIT, Some(32), &begun)]);
            let lines = diary(&world, "2026-07-15 00:00", 24 * 10);
            let closing: Vec<&String> =
                lines.iter().filter(|line| line.contains("close")).collect();
            assert_eq!(closing.len(), 4, "{lines:?}");
            let late = u32::from(begun.starts_with("2026-06-16") && hour >= 21);
            for (place, line) in closing.iter().enumerate() {
                let (day, time) = (&line[..2], &line[3..8]);
                assert!(("08:30".."21:00").contains(&time), "{line}");
                let due = instant(&begun) + TimeDelta::days(30);
                let at = instant(&format!("2026-07-{day} {time}"));
                assert!(at >= due, "{begun}: {line}");
                // After the end of the day it is the next working day's.
                let expected = match days.get(place + late as usize) {
                    Some(day) => *day,
                    None => "22",
                };
                assert_eq!(day, expected, "{begun}: {lines:?}");
            }
        }
    }
}

#[test]
fn what_does_not_fit() {
    let mut world = house(&[opened(UNIT, Some(32), "2026-06-20 10:00")]);
    let said = |at: &str| moved(Act::FollowedUp, Some(22), at);
    world.apply(&moved(Act::Closed, Some(22), "2026-06-21 10:00")).unwrap();
    let refused = world.apply(&said("2026-06-22 10:00"));
    assert_eq!(refused, Err(Unfit::IncidentIsClosed(I7)));
    let in_return = Act::ToldInReturn(key_of("unit 2026-06"));
    world.apply(&moved(in_return, None, "2026-06-24 10:00")).unwrap();
    let other = IncidentMove {
        incident: IncidentId(8),
        act: Act::Acknowledged,
        by: None,
        at: instant("2026-06-21 10:00"),
    };
    let refused = world.apply(&Change::IncidentMoved(other));
    assert_eq!(refused, Err(Unfit::NoSuchIncident(IncidentId(8))));
}

/// The next instant named is the first at which anything new is told.
#[test]
fn the_next_instant_is_the_next_step() {
    let world = house(&[opened(UNIT, Some(32), "2026-06-20 23:10")]);
    let rulebook = Rulebook::default();
    let mut at = instant("2026-06-20 23:10");
    let mut seen = Vec::new();
    for _ in 0..8 {
        let (duty, step, comes) = next_instant(&world, &rulebook, I7, at).unwrap();
        let before: NaiveDateTime = comes - TimeDelta::seconds(1);
        let has = |at| {
            let told = notices(&world, &rulebook, &[CITY], at);
            told.iter().any(|notice| (notice.duty, notice.step) == (duty, step))
        };
        assert!(comes > at && has(comes) && !has(before), "{duty:?}/{step} {comes}");
        seen.push((comes - instant("2026-06-20 23:10")).num_minutes());
        at = comes;
    }
    assert_eq!(seen, [30, 60, 90, 150, 270, 510, 990, 1950]);
}

#[test]
fn limits_are_dated_and_set_by_offices() {
    let setting: Setting = serde_json::from_value(serde_json::json!({
        "parameter": "incident_acknowledge_minutes",
        "office": 2,
        "validity": { "from": "2026-06-21", "until": null },
        "value": 10,
        "source": { "policy": { "set_by": "样例县项目办", "reason": "山区路远" } },
    }))
    .unwrap();
    let mut rulebook = Rulebook::default();
    rulebook.parameters = rulebook.parameters.with(setting).unwrap();
    let first = |at: &str| {
        let world = house(&[opened(UNIT, Some(32), at)]);
        let (_, _, comes) = next_instant(&world, &rulebook, I7, instant(at)).unwrap();
        (comes - instant(at)).num_minutes()
    };
    assert_eq!(first("2026-06-20 12:00"), 30);
    assert_eq!(first("2026-06-21 12:00"), 10);
}

#[test]
fn what_a_return_tells_is_known_or_new() {
    let world = house(&[opened(UNIT, Some(32), "2026-06-10 22:00")]);
    let since = instant("2026-05-25 00:00");
    use IncidentKind::{Injury, Other, Traffic};
    let check = |incident: Incident, taken: &[IncidentId], known: bool| {
        let found = same_incident(&world, &incident, since, taken);
        assert_eq!(found, known.then_some(I7), "{incident:?}");
    };
    let at = |text| told(UNIT, Traffic, Some(text), None);
    check(at("2026-06-10 21:00"), &[], true);
    check(at("2026-06-09 00:00"), &[], true);
    check(at("2026-06-08 21:00"), &[], false);
    check(at("2026-06-12 22:00"), &[], true);
    check(at("2026-06-12 22:01"), &[], false);
    check(at("2026-06-10 21:00"), &[I7], false);
    check(told(UNIT, Injury, Some("2026-06-10 21:00"), None), &[], false);
    check(told(UNIT, Other, Some("2026-06-10 21:00"), None), &[], true);
    // The county's return tells its unit's; another unit's does not.
    check(told(COUNTY, Traffic, Some("2026-06-10 21:00"), None), &[], true);
    check(told(UNIVERSITY, Traffic, Some("2026-06-10 21:00"), None), &[], false);
    // Without a time: of the same stretch of the return.
    check(told(UNIT, Traffic, None, None), &[], true);
    let later = instant("2026-06-25 00:00");
    assert_eq!(same_incident(&world, &told(UNIT, Traffic, None, None), later, &[]), None);
    // By our number, whatever else is said.
    for reference in ["I7", "编号I7", "i7", "Ｉ７号"] {
        check(told(UNIT, Injury, Some("2026-06-01 00:00"), Some(reference)), &[], true);
    }
    check(told(UNIT, Injury, None, Some("I8")), &[], false);
}

#[test]
fn explain_says_what_holds_and_what_comes() {
    let world = house(&[
        opened(UNIT, Some(32), "2026-06-20 23:10"),
        moved(Act::Acknowledged, Some(21), "2026-06-20 23:20"),
    ]);
    let at = instant("2026-06-20 23:30");
    let explained = explain_incident(&world, &Rulebook::default(), I7, at).unwrap();
    let (zh, en) = (explained.render(Language::Chinese), explained.render(Language::English));
    for part in [
        "I7：Unit O3的安全健康事故，交通事故",
        "第一责任人",
        "P21",
        "系统预设，不是文件规定",
        "区县项目办：首报后10分钟知悉",
        "市项目办：应在2026年6月20日（星期六）23:40前确认，尚未确认",
    ] {
        assert!(zh.contains(part), "{part}: {zh}");
    }
    assert!(en.contains("told, not acknowledged by everybody"), "{en}");
    assert!(explain_incident(&world, &Rulebook::default(), IncidentId(9), at).is_none());
}
