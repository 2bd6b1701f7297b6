//! Parameters: what a file may say, and what it is told when it says something else.

use xibu_core::office::OfficeId;
use xibu_core::parameter::{Parameter, Parameters, Setting, Value};
use xibu_core::source::Source;
use xibu_core::validity::Validity;

use crate::house::date;

fn setting(parameter: Parameter, value: Value) -> Setting {
    Setting {
        parameter,
        office: None,
        validity: Validity::since(date("2026-01-01")),
        value,
        source: Source::Policy { set_by: "市项目办".into(), reason: "试行".into() },
    }
}

#[test]
fn every_parameter_has_a_name_that_leads_back() {
    for parameter in Parameter::ALL {
        assert_eq!(parameter.name().parse(), Ok(parameter));
        let value = Parameters::built_in().get(parameter, &[], date("2026-01-01")).value.clone();
        assert!(Parameters::built_in().with(setting(parameter, value)).is_ok(), "{parameter}");
        assert_eq!(serde_json::to_value(parameter).unwrap(), parameter.name());
    }
}

#[test]
fn a_misspelt_name_is_told_the_nearest() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(text.parse::<Parameter>().unwrap_err().to_string(), expected);
    }
    check(
        "report_due_date",
        "no parameter is called `report_due_date`; the nearest is `report_due_day`",
    );
    check("dayends", "no parameter is called `dayends`; the nearest is `day_ends`");
    check("colour", "no parameter is called `colour`");
    check("", "no parameter is called ``");
}

#[test]
fn values_out_of_range_are_refused() {
    #[track_caller]
    fn check(parameter: Parameter, value: Value, expected: &str) {
        let error = Parameters::built_in().with(setting(parameter, value)).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    check(
        Parameter::ReportDueDay,
        Value::Number(32),
        "report_due_day: expected a day of the month, 1 to 31, found 32",
    );
    check(
        Parameter::ReportDueDay,
        Value::Switch(true),
        "report_due_day: expected a day of the month, 1 to 31, found true",
    );
    check(
        Parameter::UnitCutoffWorkingDaysBeforeTarget,
        Value::Number(0),
        "unit_cutoff_working_days_before_target: expected a number of working days, 1 to 10, \
         found 0",
    );
    check(
        Parameter::LadderWorkingDaysAfter,
        Value::Numbers(vec![1, 3, 3]),
        "ladder_working_days_after: expected three rising numbers of working days, 1 to 20, \
         such as [1, 2, 3], found [1, 3, 3]",
    );
    check(
        Parameter::AcknowledgementWorkingDaysMax,
        Value::Number(2),
        "acknowledgement_working_days_max: expected 0 or 1 working day, found 2",
    );
    check(
        Parameter::DayEnds,
        Value::Number(21),
        "day_ends: expected a time of day such as \"08:30\", found 21",
    );
}

#[test]
fn one_office_sets_one_value_at_a_time() {
    let day = |office, from: &str, until: Option<&str>, day| Setting {
        office,
        validity: Validity { from: date(from), until: until.map(date) },
        ..setting(Parameter::ReportDueDay, Value::Number(day))
    };
    let county = Some(OfficeId(17));
    let one = Parameters::built_in().with(day(county, "2026-01-01", None, 26)).unwrap();
    assert_eq!(
        one.clone().with(day(county, "2026-07-01", None, 25)).unwrap_err().to_string(),
        "report_due_day for O17: set twice; give the one from 2026-01-01 an end (`until`)"
    );
    assert!(one.clone().with(day(None, "2026-07-01", None, 25)).is_ok(), "another office may");
    assert!(one.with(day(county, "2025-07-01", Some("2026-01-01"), 25)).is_ok(), "days before");
    assert_eq!(
        Parameters::built_in()
            .with(day(None, "2026-01-01", Some("2026-01-01"), 25))
            .unwrap_err()
            .to_string(),
        "report_due_day: ends before it begins on 2026-01-01"
    );
}

#[test]
fn settings_read_as_people_write_them() {
    let text = r#"{"parameter":"day_begins","validity":{"from":"2026-01-01"},"value":"09:00",
        "source":{"policy":{"set_by":"市项目办","reason":"夏季作息"}}}"#;
    let setting: Setting = serde_json::from_str(text).unwrap();
    assert_eq!(setting.office, None);
    let parameters = Parameters::built_in().with(setting.clone()).unwrap();
    let begins =
        |day: &str| parameters.time_of_day(Parameter::DayBegins, &[], date(day)).to_string();
    assert_eq!(
        (begins("2025-12-31"), begins("2026-01-01")),
        ("08:30:00".into(), "09:00:00".into())
    );
    let back: Setting = serde_json::from_str(&serde_json::to_string(&setting).unwrap()).unwrap();
    assert_eq!(back, setting);
    let wrong = text.replace("09:00", "9 o'clock");
    assert!(serde_json::from_str::<Setting>(&wrong).is_err());
}
