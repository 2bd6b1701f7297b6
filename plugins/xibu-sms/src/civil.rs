//! When vendors say that something happened: Beijing time in several forms, or seconds since 1970.
//!
//! What it is not: no clock.

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeZone};
use serde_json::Value;

const BEIJING_SECONDS_EAST: i32 = 8 * 3600;

/// Forms in which vendors write civil time; the last two are SMPP's.
const FORMS: [&str; 6] = [
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y%m%d%H%M%S",
    "%y%m%d%H%M%S",
    "%y%m%d%H%M",
];

/// Milliseconds since the epoch of a time as a vendor writes it.
pub(crate) fn milliseconds(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => since_epoch(number.as_i64()?),
        Value::String(text) => of_text(text.trim()),
        _ => None,
    }
}

/// As [`milliseconds`], of a text.
pub(crate) fn of_text(text: &str) -> Option<i64> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.timestamp_millis());
    }
    let civil = FORMS.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let digits = matches!(text.len(), 10 | 13) && text.bytes().all(|byte| byte.is_ascii_digit());
    match civil {
        // Ten digits are seconds since 1970, unless SMPP says so: its form is asked for by name.
        _ if digits => since_epoch(text.parse().ok()?),
        Some(civil) => of_civil(civil),
        None => None,
    }
}

/// SMPP's `done date`, ten or twelve digits.
pub(crate) fn of_receipt(text: &str) -> Option<i64> {
    let civil = FORMS[4..].iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    of_civil(civil?)
}

fn of_civil(civil: NaiveDateTime) -> Option<i64> {
    let zone = FixedOffset::east_opt(BEIJING_SECONDS_EAST)?;
    Some(zone.from_local_datetime(&civil).single()?.timestamp_millis())
}

fn since_epoch(number: i64) -> Option<i64> {
    match number {
        1_000_000_000..=9_999_999_999 => Some(number * 1000),
        1_000_000_000_000..=9_999_999_999_999 => Some(number),
        _ => None,
    }
}

/// The day in Beijing as Aliyun asks for it, `20260615`.
pub(crate) fn beijing_day(unix_ms: i64) -> String {
    in_zone(unix_ms, BEIJING_SECONDS_EAST, "%Y%m%d")
}

/// Universal time in a form of our choice.
pub(crate) fn utc(unix_ms: i64, form: &str) -> String {
    in_zone(unix_ms, 0, form)
}

fn in_zone(unix_ms: i64, seconds_east: i32, form: &str) -> String {
    let shown = || {
        let zone = FixedOffset::east_opt(seconds_east)?;
        Some(
            DateTime::from_timestamp_millis(unix_ms)?.with_timezone(&zone).format(form).to_string(),
        )
    };
    shown().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_form_means_the_same_moment() {
        let moment = 1_781_483_400_000; // 2026-06-15 08:30:00 in Beijing
        for value in [
            json!("2026-06-15 08:30:00"),
            json!("2026/06/15 08:30:00"),
            json!("2026-06-15T08:30:00"),
            json!("2026-06-15T00:30:00Z"),
            json!("2026-06-15T08:30:00+08:00"),
            json!("20260615083000"),
            json!(1_781_483_400),
            json!("1781483400"),
            json!(1_781_483_400_000_i64),
        ] {
            assert_eq!(milliseconds(&value), Some(moment), "{value}");
        }
        assert_eq!(of_receipt("2606150830"), Some(moment));
        assert_eq!(of_receipt("260615083000"), Some(moment));
        for value in [json!(null), json!("soon"), json!(5), json!(""), json!("2026-13-01 00:00:00")]
        {
            assert_eq!(milliseconds(&value), None, "{value}");
        }
        assert_eq!(beijing_day(1_781_483_400_000 + 16 * 3_600_000), "20260616");
        assert_eq!(utc(moment, "%Y-%m-%dT%H:%M:%SZ"), "2026-06-15T00:30:00Z");
    }
}
