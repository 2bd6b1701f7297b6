//! The calendar: pinned days, whole-table properties, later years by file.

use chrono::{Datelike, NaiveDate, Weekday};
use xibu_core::calendar::{Calendar, YearTable};

use crate::house::date;

#[track_caller]
fn check(day: &str, workday: bool, name: Option<&str>) {
    let calendar = Calendar::built_in();
    let found = calendar.day(date(day));
    assert_eq!((found.workday, found.name, found.assumed), (workday, name, false), "{day}");
}

#[test]
fn pinned_days() {
    check("2009-01-24", true, Some("春节"));
    check("2009-01-28", false, Some("春节"));
    check("2009-10-08", false, Some("国庆节、中秋节"));
    check("2011-12-31", true, Some("元旦"));
    check("2012-01-01", false, Some("元旦"));
    check("2012-06-23", false, Some("端午节"));
    check("2013-10-12", true, Some("国庆节"));
    check("2015-09-03", false, Some("中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日"));
    check("2015-09-06", true, Some("中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日"));
    // 2019's Labour Day was changed in March, 2020's Spring Festival in January.
    check("2019-05-03", false, Some("劳动节"));
    check("2019-04-28", true, Some("劳动节"));
    check("2020-01-31", false, Some("春节"));
    check("2020-02-01", false, Some("春节"));
    check("2020-02-02", false, Some("春节"));
    check("2020-02-03", true, None);
    check("2024-02-09", true, None);
    check("2025-09-28", true, Some("国庆节、中秋节"));
    check("2026-02-14", true, Some("春节"));
    check("2026-02-28", true, Some("春节"));
    check("2026-06-19", false, Some("端午节"));
    check("2026-06-27", false, None);
    check("2026-06-29", true, None);
}

/// Rest days on Mondays to Fridays and Saturdays and Sundays worked, year by year: a mistyped day
/// changes a count.
#[test]
fn counts_by_year() {
    let calendar = Calendar::built_in();
    let is_weekend = |day: NaiveDate| matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    for year in 2009..=2026 {
        let days =
            || date(&format!("{year}-01-01")).iter_days().take_while(|day| day.year() == year);
        let rest = days().filter(|day| !is_weekend(*day) && !calendar.is_workday(*day)).count();
        let work = days().filter(|day| is_weekend(*day) && calendar.is_workday(*day)).count();
        let holidays = rest - work;
        // Eleven days by law until 2024, thirteen since; 2020's extension, a festival on a weekend
        // or a year's end that belongs to the next year's notice move it by a few.
        let usual = if year < 2020 { 9..=12 } else { 11..=13 };
        assert!(usual.contains(&holidays), "{year}: {rest} rest days, {work} worked: {holidays}");
        assert!(calendar.sources(year).next().is_some_and(|s| s.contains("gov.cn")), "{year}");
    }
    assert_eq!(calendar.years(), Some((2009, 2026)));
}

#[test]
fn walking() {
    let calendar = Calendar::built_in();
    let day = date;
    assert_eq!(calendar.workday_on_or_after(day("2026-02-15")), day("2026-02-24"));
    assert_eq!(calendar.workday_on_or_before(day("2026-02-23")), day("2026-02-14"));
    assert_eq!(calendar.workdays_before(day("2026-02-25"), 2), day("2026-02-14"));
    assert_eq!(calendar.workdays_after(day("2026-02-25"), 3), day("2026-02-28"));
    assert_eq!(calendar.workdays_after(day("2026-02-21"), 0), day("2026-02-21"));
    assert_eq!(calendar.workdays_between(day("2026-06-26"), day("2026-06-30")), 2);
    assert_eq!(calendar.workdays_between(day("2026-06-30"), day("2026-06-26")), 0);
}

fn table(year: i32, rest: &[&str], work: &[&str]) -> YearTable {
    let named = |days: &[&str]| days.iter().map(|day| (date(day), "元旦".to_owned())).collect();
    YearTable { year, source: "国办".into(), rest: named(rest), work: named(work) }
}

#[test]
fn a_later_year_comes_from_a_file() {
    let file = r#"{"year":2027,"source":"国务院办公厅关于2027年部分节假日安排的通知",
        "rest":[["2027-01-01","元旦"]],"work":[["2026-12-27","元旦"]]}"#;
    let calendar = Calendar::built_in();
    assert!(calendar.day(date("2027-01-01")).assumed);
    assert!(calendar.is_workday(date("2027-01-01")), "a Friday, while nothing else is known");
    let calendar = calendar.with_year(serde_json::from_str(file).unwrap()).unwrap();
    assert!(!calendar.day(date("2027-01-01")).assumed);
    assert!(!calendar.is_workday(date("2027-01-01")));
    assert!(calendar.is_workday(date("2026-12-27")), "the December before");
    assert_eq!(calendar.day(date("2026-10-01")).name, Some("国庆节"), "the year before stays");
    let years: Vec<_> = calendar.sources(2027).collect();
    assert_eq!(years, ["国务院办公厅关于2027年部分节假日安排的通知"]);
}

#[test]
fn a_table_that_contradicts_itself_is_refused_with_every_bad_day() {
    let wrong = table(2027, &["2027-01-01", "2026-11-30"], &["2027-01-01", "2027-01-04"]);
    let error = Calendar::built_in().with_year(wrong).unwrap_err().to_string();
    assert_eq!(
        error,
        "calendar 2027: 2026-11-30 in `rest` does not lie in 2027; \
         2027-01-01 in `work` is no Saturday or Sunday; 2027-01-01 stands twice; \
         2027-01-04 in `work` is no Saturday or Sunday"
    );
}

#[test]
fn a_year_may_be_given_again() {
    let calendar = Calendar::built_in().with_year(table(2026, &["2026-01-01"], &[])).unwrap();
    assert!(!calendar.is_workday(date("2026-02-28")), "the old table is gone");
    assert!(calendar.is_workday(date("2026-10-01")));
}
