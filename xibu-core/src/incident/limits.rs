//! The limits that hold for one incident, each a dated parameter and a policy assumption.

use chrono::TimeDelta;

use super::Case;
use crate::parameter::{Parameter, Rulebook};

/// The longest pause between two calls for an acknowledgement.
const PAUSE_MAX_MINUTES: i64 = 24 * 60;

/// The limits that hold for one incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From when it happened to the first report.
    pub first_report: TimeDelta,
    /// From the first report to the acknowledgement.
    pub acknowledge: TimeDelta,
    /// Until it is asked for again.
    pub repeat: TimeDelta,
    /// From one report to the next.
    pub follow_up: TimeDelta,
    /// From the first report to the closing report.
    pub closing: TimeDelta,
}

impl Limits {
    /// Those in force for the office of the incident on the day it was told.
    pub fn of(case: &Case<'_>, rulebook: &Rulebook) -> Self {
        let date = case.opened.received_at.date();
        let path = case.world.path(case.opened.incident.office, date);
        let number = |parameter| i64::from(rulebook.parameters.number(parameter, &path, date));
        let minutes = |parameter| TimeDelta::minutes(number(parameter));
        Self {
            first_report: minutes(Parameter::IncidentFirstReportMinutes),
            acknowledge: minutes(Parameter::IncidentAcknowledgeMinutes),
            repeat: minutes(Parameter::IncidentRepeatMinutes),
            follow_up: TimeDelta::hours(number(Parameter::IncidentFollowUpHours)),
            closing: TimeDelta::days(number(Parameter::IncidentClosingDays)),
        }
    }

    /// How long after the first report a step of the acknowledgement comes.
    pub(super) fn acknowledgement(&self, step: u32) -> TimeDelta {
        let mut after = TimeDelta::zero();
        for step in 1..=step {
            after += match step {
                1 => self.acknowledge,
                2 | 3 => self.repeat,
                _ => {
                    let doubled = self.repeat.num_minutes() << (step - 3).min(16);
                    TimeDelta::minutes(doubled.clamp(1, PAUSE_MAX_MINUTES))
                }
            };
        }
        after
    }
}
