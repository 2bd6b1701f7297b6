//! How a plugin stands after its deaths: when it may be started again, and when it is left alone.
//!
//! Pure: the moments are arguments. What it is not: it starts and kills nothing.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// How a plugin is brought back.
#[derive(Clone, Copy, Debug)]
pub struct Restart {
    /// Pause before the second start in a row that came to nothing; doubles from there. The first
    /// restart is at once.
    pub pause_first: Duration,
    /// Longest pause.
    pub pause_max: Duration,
    /// So many deaths …
    pub deaths_max: usize,
    /// … within this time put it into quarantine …
    pub deaths_within: Duration,
    /// … for this long; then it has one more try.
    pub quarantine: Duration,
}

impl Default for Restart {
    /// Half a second doubling to a minute; five deaths in ten minutes put it away for an hour.
    fn default() -> Self {
        Self {
            pause_first: Duration::from_millis(500),
            pause_max: Duration::from_secs(60),
            deaths_max: 5,
            deaths_within: Duration::from_secs(600),
            quarantine: Duration::from_secs(3600),
        }
    }
}

/// Why a plugin may not be started now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// It fell over and has not waited long enough.
    BackOff(Duration),
    /// It fell over too often.
    Quarantine(Duration),
}

#[derive(Debug, Default)]
pub(super) struct Standing {
    deaths: VecDeque<Instant>,
    /// Starts or calls in a row that came to nothing.
    failures: u32,
    not_before: Option<Instant>,
    quarantined_until: Option<Instant>,
}

impl Standing {
    /// Whether it may be started at `now`.
    pub(super) fn may_start(&self, now: Instant) -> Result<(), Wait> {
        let left = |until: Option<Instant>| {
            until.map(|until| until.saturating_duration_since(now)).filter(|left| !left.is_zero())
        };
        if let Some(left) = left(self.quarantined_until) {
            return Err(Wait::Quarantine(left));
        }
        left(self.not_before).map_or(Ok(()), |left| Err(Wait::BackOff(left)))
    }

    /// A call came back.
    pub(super) fn worked(&mut self) {
        self.failures = 0;
        self.not_before = None;
    }

    /// A start came to nothing without a death, e.g. unusable settings. `random` spreads the pause.
    pub(super) fn failed(&mut self, now: Instant, restart: &Restart, random: u32) {
        self.failures = self.failures.saturating_add(1);
        let pause = pause(self.failures, restart, random);
        self.not_before = Some(now + pause);
    }

    /// The worker died. Answers whether this puts it into quarantine.
    pub(super) fn died(&mut self, now: Instant, restart: &Restart, random: u32) -> bool {
        self.failed(now, restart, random);
        self.deaths.push_back(now);
        while self
            .deaths
            .front()
            .is_some_and(|&first| now.saturating_duration_since(first) > restart.deaths_within)
        {
            self.deaths.pop_front();
        }
        let after_quarantine = self.quarantined_until.take().is_some();
        if after_quarantine || self.deaths.len() >= restart.deaths_max {
            self.deaths.clear();
            self.quarantined_until = Some(now + restart.quarantine);
            return true;
        }
        false
    }

    /// Forgets everything: a person has looked at it.
    pub(super) fn forgive(&mut self) {
        *self = Self::default();
    }
}

/// The pause after so many failures in a row, between 75 % and 125 % of its round value.
fn pause(failures: u32, restart: &Restart, random: u32) -> Duration {
    if failures <= 1 {
        return Duration::ZERO;
    }
    let doublings = (failures - 2).min(16);
    let round = restart.pause_first.saturating_mul(1 << doublings).min(restart.pause_max);
    round.mul_f64(0.75 + 0.5 * f64::from(random) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIDDLE: u32 = u32::MAX / 2;

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn the_first_restart_is_at_once_and_pauses_double_to_the_longest() {
        let restart = Restart::default();
        let expected = [0, 500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000];
        for (failures, expected) in (1..).zip(expected) {
            let pause = pause(failures, &restart, MIDDLE).as_millis();
            assert!(pause.abs_diff(expected) <= 1, "{failures}: {pause}");
        }
        assert_eq!(pause(u32::MAX, &restart, u32::MAX), seconds(75));
        assert_eq!(pause(3, &restart, 0), Duration::from_millis(750));
        assert_eq!(pause(3, &restart, u32::MAX), Duration::from_millis(1250));
    }

    #[test]
    fn five_deaths_in_ten_minutes_are_a_quarantine_of_an_hour() {
        let restart = Restart::default();
        let begin = Instant::now();
        let mut standing = Standing::default();
        for minute in 0..4 {
            assert!(!standing.died(begin + seconds(60 * minute), &restart, MIDDLE));
        }
        let last = begin + seconds(240);
        assert!(standing.died(last, &restart, MIDDLE));
        assert_eq!(standing.may_start(last), Err(Wait::Quarantine(seconds(3600))));
        let after = last + seconds(3600);
        assert_eq!(standing.may_start(after), Ok(()));
        // One more try, not five.
        assert!(standing.died(after, &restart, MIDDLE));
        standing.forgive();
        assert_eq!(standing.may_start(after), Ok(()));
    }

    #[test]
    fn deaths_far_apart_are_no_quarantine() {
        let restart = Restart::default();
        let begin = Instant::now();
        let mut standing = Standing::default();
        for n in 0..50 {
            let now = begin + seconds(151 * n);
            assert!(!standing.died(now, &restart, MIDDLE), "{n}");
            standing.worked();
            assert_eq!(standing.may_start(now), Ok(()));
        }
    }
}
