//! Deadlines and ladders of the offices of one record, worked out once for all that share their
//! settings.
//!
//! Tens of thousands of units stand under a handful of different settings. What differs between two
//! offices is only which offices on their paths set something of their own, so that is the key.
//!
//! Not a cache to keep: it lives as long as one call, so nothing in it can grow old.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::calendar::{tomorrow, yesterday};
use crate::deadline::{Deadlines, StepDay, deadlines, steps};
use crate::notice::Step;
use crate::obligation::{Due, ObligationKey};
use crate::office::{Office, OfficeId, OfficeKind, OfficeVersion};
use crate::parameter::{Parameter, Rulebook};
use crate::period::Period;
use crate::rule::Rule;
use crate::world::World;

/// A month as it is for one set of settings.
pub(crate) struct Month {
    pub(crate) deadlines: Deadlines,
    /// The ladders, one for each of [`Rule::ALL`], in its order.
    ladders: [Vec<StepDay>; 2],
    pub(crate) day_begins: NaiveTime,
    pub(crate) day_ends: NaiveTime,
    /// First instant from which debts of this month are no longer chased.
    pub(crate) chase_ends: NaiveDateTime,
}

impl Month {
    fn of(period: Period, path: &[OfficeId], rulebook: &Rulebook) -> Self {
        let deadlines = deadlines(period, path, rulebook);
        let first = period.day(1);
        let parameters = &rulebook.parameters;
        let months_back = parameters.number(Parameter::ChasePeriodsMax, path, first);
        let chase_ends = (0..=months_back).fold(period, |period, _| period.next()).day(1);
        Self {
            deadlines,
            ladders: Rule::ALL.map(|rule| steps(rule, &deadlines, path, rulebook)),
            day_begins: parameters.time_of_day(Parameter::DayBegins, path, first),
            day_ends: parameters.time_of_day(Parameter::DayEnds, path, first),
            chase_ends: chase_ends.and_time(NaiveTime::MIN),
        }
    }

    pub(crate) fn ladder(&self, rule: Rule) -> &[StepDay] {
        &self.ladders[rule as usize]
    }
}

/// A stretch during which chasing of one debt rests: from included, until excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pause {
    pub(crate) from: NaiveDateTime,
    pub(crate) until: NaiveDateTime,
}

impl Pause {
    pub(crate) fn covers(&self, at: NaiveDateTime) -> bool {
        self.from <= at && at < self.until
    }
}

pub(crate) struct Almanac<'a> {
    pub(crate) world: &'a World,
    pub(crate) rulebook: &'a Rulebook,
    months: Vec<Month>,
    /// Which month it is for the offices that set something of their own on a path.
    by_setters: BTreeMap<(Period, Vec<OfficeId>), usize>,
    /// The months of the superior asked about last: its offices usually follow each other.
    neighbours: (Option<OfficeId>, Vec<(Period, usize)>),
    /// The last answer of [`Almanac::nearest`], for the same reason.
    nearest: Option<((OfficeId, OfficeKind, NaiveDate), Option<OfficeId>)>,
}

impl<'a> Almanac<'a> {
    pub(crate) fn new(world: &'a World, rulebook: &'a Rulebook) -> Self {
        let (months, by_setters) = (Vec::new(), BTreeMap::new());
        Self { world, rulebook, months, by_setters, neighbours: (None, Vec::new()), nearest: None }
    }

    /// The month `period` as it is for `office`.
    pub(crate) fn month(&mut self, office: &Office, period: Period) -> &Month {
        let parameters = &self.rulebook.parameters;
        let superior = if parameters.has_own(office.id) {
            // Its own settings make it unlike its neighbours.
            return self.month_of_path(&path_in(self.world, office.id, period), period).1;
        } else if parameters.any_office_has_own() {
            version_in(office, period).and_then(|version| version.superior)
        } else {
            None
        };
        if self.neighbours.0 != superior {
            self.neighbours = (superior, Vec::new());
        }
        let known = self.neighbours.1.iter().find(|(known, _)| *known == period);
        let index = if let Some((_, index)) = known {
            *index
        } else {
            let path = superior.map_or_else(Vec::new, |_| path_in(self.world, office.id, period));
            let index = self.month_of_path(&path, period).0;
            self.neighbours.1.push((period, index));
            index
        };
        &self.months[index]
    }

    fn month_of_path(&mut self, path: &[OfficeId], period: Period) -> (usize, &Month) {
        let rulebook = self.rulebook;
        let own = |office: &&OfficeId| rulebook.parameters.has_own(**office);
        let setters: Vec<OfficeId> = path.iter().filter(own).copied().collect();
        let months = &mut self.months;
        let index = *self.by_setters.entry((period, setters)).or_insert_with_key(|(_, setters)| {
            months.push(Month::of(period, setters, rulebook));
            months.len() - 1
        });
        (index, &self.months[index])
    }

    /// [`World::nearest`], remembering the last answer.
    pub(crate) fn nearest(
        &mut self,
        office: OfficeId,
        kind: OfficeKind,
        date: NaiveDate,
    ) -> Option<OfficeId> {
        let question = (office, kind, date);
        match self.nearest {
            Some((known, answer)) if known == question => answer,
            _ => {
                let answer = self.world.nearest(office, kind, date);
                self.nearest = Some((question, answer));
                answer
            }
        }
    }

    /// The ladder of one debt: its late steps rest with it while the debtor's word holds.
    pub(crate) fn ladder(
        &mut self,
        office: &Office,
        key: &ObligationKey,
        due: &Due,
    ) -> Vec<StepDay> {
        let pauses = self.pauses(key, due);
        let rulebook = self.rulebook;
        let month = self.month(office, key.period);
        let mut ladder = month.ladder(key.rule).to_vec();
        if pauses.is_empty() {
            return ladder;
        }
        let begins = month.day_begins;
        let mut moved_to = yesterday(due.late_after.date());
        let mut counted_to = moved_to;
        for step in ladder.iter_mut().filter(|step| step.step >= Step::FirstAfter) {
            let days = rulebook.calendar.workdays_between(counted_to, step.date);
            counted_to = step.date;
            let mut left = days;
            while left > 0 {
                moved_to = rulebook.calendar.workdays_after(moved_to, 1);
                let morning = moved_to.and_time(begins);
                left -= u32::from(!pauses.iter().any(|pause| pause.covers(morning)));
            }
            step.date = moved_to;
        }
        ladder
    }

    /// When chasing of one debt rests because the debtor gave a day.
    ///
    /// One word before the debt is late and one after count, the first of each; each rests the debt
    /// until the end of the day promised, and no further than the working days the office allows.
    pub(crate) fn pauses(&self, key: &ObligationKey, due: &Due) -> Vec<Pause> {
        let said = self.world.acknowledgements(key);
        if said.is_empty() {
            return Vec::new();
        }
        let path = path_in(self.world, key.debtor, key.period);
        let name = Parameter::AcknowledgementWorkingDaysMax;
        let days_max = self.rulebook.parameters.number(name, &path, key.period.day(1));
        let in_time = said.iter().find(|word| word.at < due.late_after);
        let late = said.iter().find(|word| word.at >= due.late_after);
        in_time
            .into_iter()
            .chain(late)
            .filter(|_| days_max > 0)
            .map(|word| {
                let latest = self.rulebook.calendar.workdays_after(word.at.date(), days_max);
                let until = tomorrow(word.promised.min(latest)).and_time(NaiveTime::MIN);
                Pause { from: word.at, until }
            })
            .filter(|pause| pause.from < pause.until)
            .collect()
    }
}

/// The path by which settings are looked up for a month: as the office stood on the month's first
/// day, or, where it came to be later, on the last.
pub(crate) fn path_in(world: &World, office: OfficeId, period: Period) -> Vec<OfficeId> {
    let first = world.path(office, period.day(1));
    if first.is_empty() { world.path(office, period.day(31)) } else { first }
}

/// The version from which that path starts.
fn version_in(office: &Office, period: Period) -> Option<&OfficeVersion> {
    office.on(period.day(1)).or_else(|| office.on(period.day(31)))
}

/// The next day on which offices work, after `date`.
pub(crate) fn next_workday(rulebook: &Rulebook, date: NaiveDate) -> NaiveDate {
    rulebook.calendar.workdays_after(date, 1)
}
