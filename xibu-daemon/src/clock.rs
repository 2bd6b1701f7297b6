//! The clock: the only module of the house that reads one. Real, or virtual and set by hand.
//!
//! It decides nothing. Everything else is given a [`Now`] and says the same for the same one. Kept
//! apart are the point in time (milliseconds since the epoch, for leases and retries) and the
//! office's civil time (for every rule).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;

/// One reading of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub unix_ms: i64,
    /// The same in the office's civil time, cut to whole seconds.
    pub civil: NaiveDateTime,
    /// The office's IANA zone.
    pub zone: Tz,
}

impl Now {
    /// The reading at a point in time.
    pub fn at_unix(unix_ms: i64, zone: Tz) -> Self {
        let utc = DateTime::from_timestamp_millis(unix_ms).unwrap_or(DateTime::UNIX_EPOCH);
        let local = utc.with_timezone(&zone).naive_local();
        let civil = local.with_nanosecond(0).unwrap_or(local);
        Self { unix_ms, civil, zone }
    }

    /// The reading when the office's clock shows `civil`.
    pub fn at_civil(civil: NaiveDateTime, zone: Tz) -> Self {
        Self { unix_ms: unix_of(civil, zone), civil, zone }
    }

    /// The office's calendar day.
    pub fn date(&self) -> NaiveDate {
        self.civil.date()
    }

    /// When the office's clock shows `civil`, in milliseconds since the epoch.
    pub fn unix_of(&self, civil: NaiveDateTime) -> i64 {
        unix_of(civil, self.zone)
    }

    /// The same office `milliseconds` later (earlier where negative).
    pub fn plus(&self, milliseconds: i64) -> Self {
        Self::at_unix(self.unix_ms.saturating_add(milliseconds), self.zone)
    }
}

/// When a clock in `zone` shows `civil`, in milliseconds since the epoch: the first time where it
/// shows it twice, and the first moment after the leap where it never shows it.
pub fn unix_of(civil: NaiveDateTime, zone: Tz) -> i64 {
    // No zone leaps by more than a day.
    (0..=96)
        .find_map(|quarters| {
            let moved = civil.checked_add_signed(TimeDelta::minutes(15 * quarters))?;
            zone.from_local_datetime(&moved).earliest()
        })
        .map_or_else(|| civil.and_utc().timestamp_millis(), |at| at.timestamp_millis())
}

/// When a clock in `zone` shows `civil`, as RFC 3339 with that zone's offset.
pub fn rfc3339(civil: NaiveDateTime, zone: Tz) -> String {
    chrono::DateTime::from_timestamp_millis(unix_of(civil, zone))
        .map_or_else(|| civil.to_string(), |instant| instant.with_timezone(&zone).to_rfc3339())
}

/// A clock in an office's zone. Copies of a virtual clock are one clock.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: Tz,
    hand: Hand,
}

#[derive(Clone, Debug)]
enum Hand {
    Real,
    Virtual(Arc<AtomicI64>),
}

impl Clock {
    /// The computer's clock.
    pub fn real(zone: Tz) -> Self {
        Self { zone, hand: Hand::Real }
    }

    /// A clock that stands at `civil` until it is set.
    pub fn virtual_at(civil: NaiveDateTime, zone: Tz) -> Self {
        Self { zone, hand: Hand::Virtual(Arc::new(AtomicI64::new(unix_of(civil, zone)))) }
    }

    /// What it shows.
    pub fn now(&self) -> Now {
        let unix_ms = match &self.hand {
            Hand::Real => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
            Hand::Virtual(at) => at.load(Ordering::SeqCst),
        };
        Now::at_unix(unix_ms, self.zone)
    }

    /// Sets a virtual clock, forwards or backwards; a real one is left alone and false returned.
    pub fn set(&self, civil: NaiveDateTime) -> bool {
        match &self.hand {
            Hand::Real => false,
            Hand::Virtual(at) => {
                at.store(unix_of(civil, self.zone), Ordering::SeqCst);
                true
            }
        }
    }

    /// Moves a virtual clock on; a real one is left alone and false returned.
    pub fn advance(&self, by: Duration) -> bool {
        match &self.hand {
            Hand::Real => false,
            Hand::Virtual(at) => {
                at.fetch_add(i64::try_from(by.as_millis()).unwrap_or(0), Ordering::SeqCst);
                true
            }
        }
    }

    /// Whether it is set by hand.
    pub fn is_virtual(&self) -> bool {
        matches!(self.hand, Hand::Virtual(_))
    }

    /// The office's zone.
    pub fn zone(&self) -> Tz {
        self.zone
    }
}

/// Measures how long something really took; never an argument of a decision.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Real time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(zone: Tz, civil: &str, utc: &str) {
        let civil: NaiveDateTime = civil.parse().unwrap();
        let expected: DateTime<chrono::Utc> = utc.parse().unwrap();
        assert_eq!(unix_of(civil, zone), expected.timestamp_millis());
    }

    #[test]
    fn civil_time_to_a_point_in_time() {
        check(Tz::Asia__Shanghai, "2026-06-26T08:30:00", "2026-06-26T00:30:00Z");
        check(Tz::Asia__Shanghai, "2026-06-29T00:00:00", "2026-06-28T16:00:00Z");
        // Summer time in China, 1986: 02:00 leapt to 03:00 on 4 May.
        check(Tz::Asia__Shanghai, "1986-05-04T02:30:00", "1986-05-03T18:00:00Z");
        // Shown twice: the first.
        check(Tz::Europe__Berlin, "2026-10-25T02:30:00", "2026-10-25T00:30:00Z");
        check(Tz::Europe__Berlin, "2026-03-29T02:10:00", "2026-03-29T01:10:00Z");
    }

    #[test]
    fn copies_of_a_virtual_clock_are_one_clock() {
        let at = "2026-06-26T08:30:00".parse().unwrap();
        let clock = Clock::virtual_at(at, Tz::Asia__Shanghai);
        let copy = clock.clone();
        assert!(copy.advance(Duration::from_secs(90)));
        assert_eq!(clock.now().civil.to_string(), "2026-06-26 08:31:30");
        assert!(clock.set(at));
        assert_eq!(copy.now().civil, at);
        assert_eq!(copy.now(), Now::at_unix(copy.now().unix_ms, Tz::Asia__Shanghai));
        assert!(!Clock::real(Tz::Asia__Shanghai).set(at));
    }
}
