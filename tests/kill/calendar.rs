//! The civil time of the test: from one day with reminders to the next, in daytime, never back.

use std::collections::BTreeSet;

use crate::harness::office::Office;

/// The hours of a day at which the daemon is started; the second is for what was put off.
const HOURS: [&str; 2] = ["09:00:00", "15:00:00"];

/// Instants to live through, in order.
pub(super) struct Days {
    instants: Vec<String>,
    at: usize,
}

impl Days {
    /// Every day from June 2026 on for which `deadlines` names a reminder.
    pub(super) fn of(office: &Office) -> Self {
        let mut dates = BTreeSet::new();
        for year in 2026..=2036 {
            let months = office.run(&["deadlines", "--year", &year.to_string(), "--json"]);
            for month in months.json_lines() {
                for reminder in month["reminders"].as_array().unwrap() {
                    dates.insert(reminder["date"].as_str().unwrap().to_owned());
                }
            }
        }
        let from_june = dates.into_iter().filter(|date| date.as_str() >= "2026-06-01");
        let twice = |date: String| HOURS.map(|hour| format!("{date}T{hour}"));
        Self { instants: from_june.flat_map(twice).collect(), at: 0 }
    }

    /// As the daemon takes it.
    pub(super) fn now(&self) -> &str {
        &self.instants[self.at]
    }

    /// Time goes on.
    pub(super) fn advance(&mut self) {
        self.at += 1;
        assert!(self.at < self.instants.len(), "ten years were not enough");
    }
}
