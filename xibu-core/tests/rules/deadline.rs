//! Every month of the box, pinned months, and odd settings.

use chrono::{Days, NaiveDate};
use xibu_core::deadline::{Deadlines, deadlines, steps};
use xibu_core::notice::{Recipient, Step};
use xibu_core::office::OfficeId;
use xibu_core::parameter::{Parameter, Rulebook, Setting, Value};
use xibu_core::period::Period;
use xibu_core::rule::Rule;
use xibu_core::source::Source;
use xibu_core::validity::Validity;

use crate::house::date;

fn months() -> impl Iterator<Item = Period> {
    (2009..=2026).flat_map(|year| (1..=12).map(move |month| Period::new(year, month).unwrap()))
}

fn with(settings: &[(Parameter, Value)]) -> Rulebook {
    let mut rulebook = Rulebook::default();
    for (parameter, value) in settings {
        let setting = Setting {
            parameter: *parameter,
            office: None,
            validity: Validity::since(date("2000-01-01")),
            value: value.clone(),
            source: Source::Policy { set_by: "市项目办".into(), reason: "试行".into() },
        };
        rulebook.parameters = rulebook.parameters.with(setting).unwrap();
    }
    rulebook
}

#[track_caller]
fn assert_in_order(rulebook: &Rulebook, period: Period) -> Deadlines {
    let month = deadlines(period, &[], rulebook);
    let Deadlines { opening, unit_cutoff, target, late_after, covers_after, .. } = month;
    assert!(opening < unit_cutoff, "{period}: opening {opening}, cut-off {unit_cutoff}");
    assert!(unit_cutoff < target, "{period}: cut-off {unit_cutoff}, target {target}");
    assert!(target <= late_after, "{period}: target {target}, late after {late_after}");
    let before = deadlines(period.previous(), &[], rulebook);
    assert_eq!(before.unit_cutoff, covers_after, "{period}: a gap or an overlap");
    assert!(covers_after < unit_cutoff, "{period}: covers nothing");
    month
}

#[test]
fn every_month_is_in_order_and_joins_the_one_before() {
    let rulebook = Rulebook::default();
    assert_eq!(months().count(), 216);
    for period in months() {
        let month = assert_in_order(&rulebook, period);
        assert!(!month.assumed || period == Period::new(2009, 1).unwrap(), "{period}");
        assert!(month.cutoff_day() <= period.day(25), "{period}");
        assert_eq!(
            month.late_after,
            period.day(29).max(period.day(28) + Days::new(1)).and_hms_opt(0, 0, 0).unwrap()
        );
        let target = month.target.date().pred_opt().unwrap();
        assert!(target <= period.day(27) && rulebook.calendar.is_workday(target), "{period}");
    }
}

#[test]
fn the_28th_is_a_rest_day_in_56_of_216_months() {
    let calendar = Rulebook::default().calendar;
    assert_eq!(months().filter(|period| !calendar.is_workday(period.day(28))).count(), 56);
}

/// Days included: opening, cut-off, target, last day in time.
#[track_caller]
fn check(period: &str, expected: [&str; 4]) {
    check_with(&Rulebook::default(), period, expected);
}

#[track_caller]
fn check_with(rulebook: &Rulebook, period: &str, expected: [&str; 4]) {
    let month = deadlines(period.parse().unwrap(), &[], rulebook);
    let day_before = |end: chrono::NaiveDateTime| end.date().pred_opt().unwrap();
    let found = [
        month.opening.date(),
        day_before(month.unit_cutoff),
        day_before(month.target),
        day_before(month.late_after),
    ];
    assert_eq!(found.map(|day| day.to_string()), expected, "{period}");
}

#[test]
fn pinned_months() {
    // Spring Festival 25 to 31 January: the target is the Saturday worked before it.
    check("2009-01", ["2009-01-15", "2009-01-22", "2009-01-24", "2009-01-28"]);
    // The 28th a Saturday.
    check("2009-02", ["2009-02-16", "2009-02-25", "2009-02-27", "2009-02-28"]);
    // Spring Festival 22 to 28 January; Saturday 21 is worked.
    check("2012-01", ["2012-01-16", "2012-01-19", "2012-01-21", "2012-01-28"]);
    // The extension of 2020 came after the target, and changes what comes after.
    check("2020-01", ["2020-01-15", "2020-01-21", "2020-01-23", "2020-01-28"]);
    // Spring Festival 21 to 27 January; Saturday 28 is worked.
    check("2023-01", ["2023-01-16", "2023-01-18", "2023-01-20", "2023-01-28"]);
    // A leap February: Sunday 18 is worked.
    check("2024-02", ["2024-02-18", "2024-02-23", "2024-02-27", "2024-02-28"]);
    // Spring Festival 15 to 23 February: opening and cut-off a day apart, Saturday 28 is worked.
    check("2026-02", ["2026-02-24", "2026-02-25", "2026-02-27", "2026-02-28"]);
    // The 28th a Sunday.
    check("2026-06", ["2026-06-15", "2026-06-24", "2026-06-26", "2026-06-28"]);
    // Mid-autumn 25 to 27 September.
    check("2026-09", ["2026-09-15", "2026-09-22", "2026-09-24", "2026-09-28"]);
}

#[test]
fn a_rest_day_rolls_forward_only_where_an_office_says_so() {
    let rulebook = with(&[(Parameter::RollRestDayForward, Value::Switch(true))]);
    check_with(&rulebook, "2026-06", ["2026-06-15", "2026-06-24", "2026-06-26", "2026-06-29"]);
    check_with(&rulebook, "2026-02", ["2026-02-24", "2026-02-25", "2026-02-27", "2026-02-28"]);
    // 2009-01-28 lies in the Spring Festival; Sunday 1 February is worked.
    check_with(&rulebook, "2009-01", ["2009-01-15", "2009-01-22", "2009-01-24", "2009-02-01"]);
}

#[test]
fn a_due_day_on_the_4th_opens_in_the_month_before() {
    let rulebook = with(&[
        (Parameter::ReportDueDay, Value::Number(4)),
        (Parameter::ReportOpeningDay, Value::Number(20)),
    ]);
    check_with(&rulebook, "2026-06", ["2026-05-20", "2026-06-01", "2026-06-03", "2026-06-04"]);
}

#[test]
fn every_due_and_opening_day_keeps_the_order() {
    for due in 1..=31 {
        for opening in 1..=31 {
            let rulebook = with(&[
                (Parameter::ReportDueDay, Value::Number(due)),
                (Parameter::ReportOpeningDay, Value::Number(opening)),
            ]);
            for period in [(2012, 1), (2024, 2), (2026, 2), (2026, 6), (2026, 10)] {
                assert_in_order(&rulebook, Period::new(period.0, period.1).unwrap());
            }
        }
    }
}

#[test]
fn the_nearest_office_decides() {
    let (county, city) = (OfficeId(2), OfficeId(1));
    let setting = |office, day, from: &str| Setting {
        parameter: Parameter::ReportDueDay,
        office: Some(office),
        validity: Validity::since(date(from)),
        value: Value::Number(day),
        source: Source::Policy { set_by: "本办".into(), reason: "提前报送".into() },
    };
    let parameters = Rulebook::default().parameters;
    let parameters = parameters.with(setting(city, 26, "2026-01-01")).unwrap();
    let parameters = parameters.with(setting(county, 24, "2026-07-01")).unwrap();
    let rulebook = Rulebook { parameters, ..Rulebook::default() };
    let late = |path: &[OfficeId], period: &str| {
        deadlines(period.parse().unwrap(), path, &rulebook).late_after.date().to_string()
    };
    assert_eq!(late(&[county, city], "2025-12"), "2025-12-29");
    assert_eq!(late(&[county, city], "2026-06"), "2026-06-27");
    assert_eq!(late(&[county, city], "2026-07"), "2026-07-25");
    assert_eq!(late(&[OfficeId(9), city], "2026-07"), "2026-07-27");
    assert_eq!(late(&[], "2026-07"), "2026-07-29");
}

#[test]
fn beyond_the_table_days_are_assumed() {
    let rulebook = Rulebook::default();
    let assumed = |period: &str| deadlines(period.parse().unwrap(), &[], &rulebook).assumed;
    assert!(!assumed("2026-12"));
    assert!(assumed("2027-01"));
}

#[test]
fn steps_climb_on_working_days_and_never_early() {
    let rulebook = Rulebook::default();
    for period in months() {
        let month = deadlines(period, &[], &rulebook);
        for rule in Rule::ALL {
            let ladder = steps(rule, &month, &[], &rulebook);
            let own = match rule {
                Rule::UnitMonthlyReturn => [Recipient::UnitContact, Recipient::UnitHead],
                Rule::CountyMonthlyReturn => [Recipient::CountyContact, Recipient::CountyHead],
            };
            let late: NaiveDate = month.due(rule).late_after.date();
            for pair in ladder.windows(2) {
                assert!(pair[0].date < pair[1].date && pair[0].step < pair[1].step, "{period}");
            }
            for step in &ladder {
                assert!(rulebook.calendar.is_workday(step.date), "{period} {}", step.step);
                assert_eq!(step.date >= late, step.step >= Step::FirstAfter, "{period}");
                assert!(step.date >= late || step.to == own[0], "{period}: told above early");
                assert!(step.step != Step::FirstAfter || step.to == own[1], "{period}");
            }
            assert!(ladder.len() >= 5, "{period}");
        }
    }
}
