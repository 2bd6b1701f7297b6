//! Into which envelope a notice goes: one message of a class per person and day.

use chrono::{Days, NaiveDate};

use super::{Class, State};

/// An envelope that exists already, of the same person and class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Existing {
    /// Its day.
    pub day: NaiveDate,
    /// Its number within the day.
    pub number: u32,
    /// Where it stands.
    pub state: State,
}

/// Where a notice goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placing {
    /// Into an envelope nobody has looked at yet.
    Join {
        /// Its day.
        day: NaiveDate,
        /// Its number.
        number: u32,
    },
    /// Into a new one.
    New {
        /// Its day.
        day: NaiveDate,
        /// Its number.
        number: u32,
    },
}

/// Where a notice goes that may be sent from `day` on, given the person's envelopes of that class.
///
/// It joins the day's envelope while that is open. Where one already went (or is going), the next
/// day's, unless the class is exempt. An envelope that ended without reaching anybody does not use
/// up the day.
pub fn place(class: Class, day: NaiveDate, existing: &[Existing]) -> Placing {
    let mut day = day;
    loop {
        let of_day = || existing.iter().filter(|one| one.day == day);
        if let Some(open) = of_day().find(|one| one.state.is_open()) {
            return Placing::Join { day, number: open.number };
        }
        let went = of_day().any(|one| !one.state.ended_unsent());
        if !went || class.is_exempt_from_one_a_day() {
            let number = of_day().map(|one| one.number).max().unwrap_or(0) + 1;
            return Placing::New { day, number };
        }
        day = day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(existing: &[(u32, u32, State)], expected: &str) {
        let date = |day| NaiveDate::from_ymd_opt(2026, 6, day).unwrap();
        let existing: Vec<Existing> = existing
            .iter()
            .map(|&(day, number, state)| Existing { day: date(day), number, state })
            .collect();
        let placed = match place(Class::Duty, date(26), &existing) {
            Placing::Join { day, number } => format!("join {day}/{number}"),
            Placing::New { day, number } => format!("new {day}/{number}"),
        };
        assert_eq!(placed, expected);
    }

    #[test]
    fn one_duty_message_a_day() {
        use State::*;
        check(&[], "new 2026-06-26/1");
        check(&[(26, 1, Planned)], "join 2026-06-26/1");
        check(&[(26, 1, Due)], "join 2026-06-26/1");
        check(&[(25, 1, Due)], "new 2026-06-26/1");
        for gone in [Claimed, Sending, Accepted, Deferred, Throttled, Unknown, Delivered, Bounced] {
            check(&[(26, 1, gone)], "new 2026-06-27/1");
        }
        check(&[(26, 1, Accepted), (27, 1, Planned)], "join 2026-06-27/1");
        check(&[(26, 1, Accepted), (27, 1, Accepted)], "new 2026-06-28/1");
        for unsent in [Cancelled, Suppressed, Expired, Rejected] {
            check(&[(26, 1, unsent)], "new 2026-06-26/2");
        }
        check(&[(26, 1, Cancelled), (26, 2, Accepted)], "new 2026-06-27/1");
        check(&[(26, 1, Cancelled), (26, 2, Due)], "join 2026-06-26/2");
    }
}
