//! Whole months in the small city, day by day: who hears what, and who hears nothing.
//!
//! 2026-06: opening Mon 15, units' cut-off Wed 24, target Fri 26, the 28th a Sunday; Dragon Boat 19
//! to 21.

use xibu_core::appointment::Role;
use xibu_core::change::Change;
use xibu_core::office::OfficeKind;

use crate::house::*;

/// Lives June 2026 into July and compares what was told about one debtor.
#[track_caller]
fn check(debtor: &str, events: &[(&str, Change)], expected: &[&str]) {
    let told: Vec<String> = diary(city(), "2026-06-01", "2026-07-10", events)
        .into_iter()
        .filter(|line| line[6..].starts_with(debtor))
        .map(|line| line.replacen(&format!("{debtor}/"), "", 1))
        .collect();
    assert_eq!(told, expected, "\n{}", told.join("\n"));
}

const UNIT_ALONE: [&str; 6] = [
    "06-15 opening → unit_contact P32: return_is_asked_for",
    "06-22 before → unit_contact P32: target_comes_near",
    "06-24 on_the_day → unit_contact P32: target_is_today",
    "06-25 first_after → unit_head P31: return_is_late",
    "06-26 second_after → county_contact P22: return_is_late",
    "06-29 third_after → county_head P21: return_is_late",
];

const COUNTY_ALONE: [&str; 6] = [
    "06-15 opening → county_contact P22: return_is_asked_for",
    "06-24 before → county_contact P22: target_comes_near",
    "06-26 on_the_day → county_contact P22: target_is_today",
    "06-29 first_after → county_head P21: return_is_late",
    "06-30 second_after → city_staff P12: return_is_late",
    "07-01 third_after → city_head P11: return_is_late",
];

#[test]
fn nobody_answers() {
    check("unit", &[], &UNIT_ALONE);
    check("county", &[], &COUNTY_ALONE);
}

#[test]
fn receipt_discharges_at_every_step() {
    let days = ["06-14", "06-15", "06-22", "06-24", "06-25", "06-26", "06-29", "06-30"];
    for day in days {
        let on = format!("2026-{day}");
        let event = came("unit 2026-06", &format!("{on} 08:00"));
        let told_before: Vec<&str> =
            UNIT_ALONE.into_iter().filter(|line| &line[..5] < day).collect();
        check("unit", &[(&on, event)], &told_before);
    }
}

#[test]
fn an_unread_return_stops_the_ladder() {
    let event = came_unread("county 2026-06", "2026-06-25 10:00");
    check("county", &[("2026-06-25", event)], &COUNTY_ALONE[..2]);
}

#[test]
fn a_return_sent_back_stays_with_the_contact() {
    let events = [
        ("2026-06-23", came("county 2026-06", "2026-06-23 10:00")),
        ("2026-06-25", sent_back("county 2026-06")),
    ];
    check(
        "county",
        &events,
        &[
            COUNTY_ALONE[0],
            "06-25 before → county_contact P22: return_was_sent_back",
            "06-26 on_the_day → county_contact P22: return_was_sent_back",
            "06-29 first_after → county_contact P22: return_was_sent_back",
        ],
    );
    let mut mended = events.to_vec();
    mended.push(("2026-06-26", came("county 2026-06", "2026-06-26 08:00")));
    check(
        "county",
        &mended,
        &[COUNTY_ALONE[0], "06-25 before → county_contact P22: return_was_sent_back"],
    );
}

#[test]
fn a_late_return_sent_back_is_not_asked_of_anybody_above_again() {
    let events = [
        ("2026-06-29", came("county 2026-06", "2026-06-29 10:00")),
        ("2026-06-30", sent_back("county 2026-06")),
    ];
    // The head heard on the 29th before it came (the tick is at 09:00 on the day of the event).
    check(
        "county",
        &events,
        &[
            COUNTY_ALONE[0],
            COUNTY_ALONE[1],
            COUNTY_ALONE[2],
            "06-30 first_after → county_contact P22: return_was_sent_back",
        ],
    );
}

#[test]
fn a_promise_rests_the_ladder_one_working_day_and_no_step_is_skipped() {
    // Said on the day the head would hear; promised far ahead, cut to the next working day.
    let said = acknowledged("unit 2026-06", "2026-06-25 08:00", "2026-07-20");
    check(
        "unit",
        &[("2026-06-25", said)],
        &[
            UNIT_ALONE[0],
            UNIT_ALONE[1],
            UNIT_ALONE[2],
            "06-29 first_after → unit_head P31: return_is_late",
            "06-30 second_after → county_contact P22: return_is_late",
            "07-01 third_after → county_head P21: return_is_late",
        ],
    );
}

#[test]
fn a_second_promise_rests_nothing() {
    let events = [
        ("2026-06-25", acknowledged("unit 2026-06", "2026-06-25 10:00", "2026-06-26")),
        ("2026-06-26", acknowledged("unit 2026-06", "2026-06-26 10:00", "2026-06-29")),
        ("2026-06-29", acknowledged("unit 2026-06", "2026-06-29 08:00", "2026-06-30")),
    ];
    check(
        "unit",
        &events[1..],
        &[
            UNIT_ALONE[0],
            UNIT_ALONE[1],
            UNIT_ALONE[2],
            UNIT_ALONE[3],
            UNIT_ALONE[4],
            "06-30 third_after → county_head P21: return_is_late",
        ],
    );
}

#[test]
fn a_promise_before_the_target_does_not_hide_lateness() {
    let said = acknowledged("county 2026-06", "2026-06-15 08:00", "2026-06-28");
    check("county", &[("2026-06-15", said)], &{
        let mut told = COUNTY_ALONE;
        told[0] = "06-17 opening → county_contact P22: return_is_asked_for";
        told
    });
}

#[test]
fn a_successor_receives_the_open_step_once() {
    let events = [
        ("2026-06-23", relieved(32, UNIT, Role::Contact, "2020-01-01", "2026-06-23")),
        ("2026-06-23", appointed(33, UNIT, Role::Contact, "2026-06-23")),
    ];
    check(
        "unit",
        &events,
        &[
            UNIT_ALONE[0],
            UNIT_ALONE[1],
            "06-23 before → unit_contact P33: successor_took_the_post",
            "06-24 on_the_day → unit_contact P33: target_is_today",
            UNIT_ALONE[3],
            UNIT_ALONE[4],
            UNIT_ALONE[5],
        ],
    );
}

#[test]
fn a_second_contact_beside_the_first_changes_nothing() {
    check("unit", &[("2026-06-16", appointed(33, UNIT, Role::Contact, "2026-06-16"))], &UNIT_ALONE);
}

#[test]
fn the_county_is_chased_for_a_unit_whose_head_changes_then() {
    let events = [
        ("2026-06-27", relieved(31, UNIT, Role::Head, "2020-01-01", "2026-06-27")),
        ("2026-06-27", appointed(34, UNIT, Role::Head, "2026-06-27")),
    ];
    check("unit", &events, &UNIT_ALONE);
}

#[test]
fn somebody_of_the_same_office_stands_in() {
    let no_contact = relieved(32, UNIT, Role::Contact, "2020-01-01", "2026-06-02");
    check(
        "unit",
        &[("2026-06-02", no_contact.clone())],
        &[
            "06-15 opening → unit_contact P31: return_is_asked_for",
            "06-22 before → unit_contact P31: target_comes_near",
            "06-24 on_the_day → unit_contact P31: target_is_today",
            UNIT_ALONE[3],
            UNIT_ALONE[4],
            UNIT_ALONE[5],
        ],
    );
    // Nobody at all at the unit: nobody above hears before it is late, and the ladder goes on then.
    let no_head = relieved(31, UNIT, Role::Head, "2020-01-01", "2026-06-02");
    check(
        "unit",
        &[("2026-06-02", no_contact), ("2026-06-02", no_head)],
        &[UNIT_ALONE[4], UNIT_ALONE[5]],
    );
}

#[test]
fn who_does_not_owe() {
    let ended = Change::ServiceEnded {
        person: xibu_core::person::PersonId(90),
        unit: UNIT,
        on: date("2026-06-24"),
    };
    // The last volunteer left before the end of the cut-off day.
    check("unit", &[("2026-06-01", ended)], &[]);
    let gone = Change::OfficeCeased { office: UNIT, on: date("2026-06-24") };
    check("unit", &[("2026-06-01", gone)], &[]);
    let university = office(xibu_core::office::OfficeId(9), OfficeKind::University, Some(CITY));
    check("O9", &[("2026-06-01", university)], &[]);
}
