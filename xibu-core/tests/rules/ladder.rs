//! Whole months in the small city, day by day: who hears what, and who hears nothing.

use xibu_core::appointment::Role;
use xibu_core::change::Change;

use crate::house::*;

/// Lives June 2026 into July and compares what was told.
#[track_caller]
fn check(events: &[(&str, Change)], expected: &[&str]) {
    let told = diary(city(), "2026-06-01", "2026-07-10", events);
    assert_eq!(told, expected, "\n{}", told.join("\n"));
}

/// 2026-06: opening Mon 15, cut-off Wed 24, target Fri 26, the 28th a Sunday; Dragon Boat 19 to 21.
#[test]
fn nobody_answers() {
    check(
        &[],
        &[
            "06-15 unit/opening → unit_contact P32: return_is_asked_for",
            "06-15 county/opening → county_contact P22: return_is_asked_for",
            "06-22 unit/before → unit_contact P32: target_comes_near",
            "06-24 unit/on_the_day → unit_contact P32: target_is_today",
            "06-24 county/before → county_contact P22: target_comes_near",
            "06-25 unit/first_after → unit_head P31: return_is_late",
            "06-26 unit/second_after → county_contact P22: return_is_late",
            "06-26 county/on_the_day → county_contact P22: target_is_today",
            "06-29 unit/third_after → county_head P21: return_is_late",
            "06-29 county/first_after → county_head P21: return_is_late",
            "06-30 county/second_after → city_staff P12: return_is_late",
            "07-01 county/third_after → city_head P11: return_is_late",
        ],
    );
}
