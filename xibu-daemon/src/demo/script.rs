//! Who answers when in the demo's month: most in time, some late, one unit and one county never.
//!
//! Drawn from the seed and the offices' numbers alone, so that the same seed gives the same month.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use xibu_core::calendar::Calendar;
use xibu_core::deadline::Deadlines;
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::world::World;

use crate::sample::ReturnKind;

/// Something an office sends in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Coming {
    /// When the door takes it.
    pub(super) at: NaiveDateTime,
    /// Who sends it.
    pub(super) office: OfficeId,
    /// What it says; none for a county, whose return gathers what its units told.
    pub(super) kind: Option<ReturnKind>,
    /// Whether it comes as an answer by SMS instead of a form.
    pub(super) by_sms: bool,
}

/// The month's plot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Script {
    /// What comes, in the order of time.
    pub(super) comings: Vec<Coming>,
    /// The unit that never answers.
    pub(super) silent_unit: Option<OfficeId>,
    /// The county that never answers.
    pub(super) silent_county: Option<OfficeId>,
    /// The unit whose contact's number is dead; its head hears and answers late.
    pub(super) dead_number: Option<OfficeId>,
    /// The unit that tells of an accident by SMS, in the evening, when nobody sits at a desk; its
    /// form follows on another day.
    pub(super) accident: Option<(NaiveDateTime, OfficeId)>,
}

/// Writes the month for the offices of `world` as they stand at the cut-off; `by_phone` are the
/// units whose contact has no mail address.
pub(super) fn write(
    seed: u64,
    world: &World,
    by_phone: &BTreeSet<OfficeId>,
    calendar: &Calendar,
    deadlines: &Deadlines,
) -> Script {
    let date = deadlines.cutoff_day();
    let counties: Vec<OfficeId> = offices(world, OfficeKind::County, date);
    let units: Vec<OfficeId> = offices(world, OfficeKind::Unit, date)
        .into_iter()
        .filter(|unit| world.volunteers(*unit, date) > 0)
        .collect();
    let draw = Draw { seed };
    let by_mail: Vec<OfficeId> =
        units.iter().copied().filter(|unit| !by_phone.contains(unit)).collect();
    let phones: Vec<OfficeId> =
        units.iter().copied().filter(|unit| by_phone.contains(unit)).collect();
    let silent_unit = draw.one_of(1, &by_mail);
    let silent_county = draw.one_of(2, &counties);
    let others: Vec<OfficeId> =
        units.iter().copied().filter(|unit| Some(*unit) != silent_unit).collect();
    let late = draw.one_of(5, &phones).or_else(|| draw.one_of(5, &others));
    let answering: Vec<OfficeId> =
        phones.iter().copied().filter(|unit| Some(*unit) != late).collect();
    let plot = Plot {
        days: Days::of(calendar, deadlines),
        incident: draw.one_of(3, &answering).or_else(|| draw.one_of(3, &others)),
        photo: draw.one_of(4, &by_mail),
        late,
        by_phone,
        draw,
    };
    let mut comings: Vec<Coming> = others.iter().map(|unit| plot.unit(*unit)).collect();
    let answering = counties.iter().filter(|county| Some(**county) != silent_county);
    comings.extend(answering.enumerate().map(|(index, county)| plot.county(index, *county)));
    comings.sort_by_key(|coming| (coming.at, coming.office));
    let dead_number = plot.late.filter(|unit| by_phone.contains(unit));
    let accident = plot.incident.filter(|unit| by_phone.contains(unit)).map(|unit| {
        let day = plot.days.early.last().copied().unwrap_or(plot.days.cutoff);
        (draw.at(6, unit, day, 22), unit)
    });
    Script { comings, silent_unit, silent_county, dead_number, accident }
}

fn offices(world: &World, kind: OfficeKind, date: NaiveDate) -> Vec<OfficeId> {
    let known = world.offices().filter(|office| office.kind == kind && office.on(date).is_some());
    known.map(|office| office.id).collect()
}

/// The days of the month on which something may come.
struct Days {
    /// Working days from the opening until two before the units' cut-off.
    early: Vec<NaiveDate>,
    /// The day of the units' reminder and the one after, before the cut-off day.
    reminded: Vec<NaiveDate>,
    cutoff: NaiveDate,
    /// First and second working day after the cut-off.
    after_cutoff: [NaiveDate; 2],
    target: NaiveDate,
    /// The last day that is not late on the lenient reading.
    last: NaiveDate,
    /// First working day on which a county is late.
    late: NaiveDate,
}

impl Days {
    fn of(calendar: &Calendar, deadlines: &Deadlines) -> Self {
        let cutoff = deadlines.cutoff_day();
        let opening = deadlines.opening.date();
        let reminder = calendar.workdays_before(cutoff, 2);
        let between = |from: NaiveDate, until: NaiveDate| -> Vec<NaiveDate> {
            let days = from.iter_days().take_while(|day| *day < until);
            days.filter(|day| calendar.is_workday(*day)).collect()
        };
        let day_before = |end: NaiveDateTime| end.date().pred_opt().unwrap_or(end.date());
        let last = day_before(deadlines.late_after);
        Self {
            early: between(opening, reminder),
            reminded: between(reminder, cutoff),
            cutoff,
            after_cutoff: [1, 2].map(|days| calendar.workdays_after(cutoff, days)),
            target: day_before(deadlines.target),
            last,
            late: calendar.workdays_after(last, 1),
        }
    }
}

/// Everything a coming is decided from.
struct Plot<'a> {
    by_phone: &'a BTreeSet<OfficeId>,
    days: Days,
    draw: Draw,
    incident: Option<OfficeId>,
    photo: Option<OfficeId>,
    late: Option<OfficeId>,
}

impl Plot<'_> {
    fn unit(&self, unit: OfficeId) -> Coming {
        let days = &self.days;
        let share = self.draw.below(10, unit, 100);
        let day = if self.late == Some(unit) {
            days.after_cutoff[0]
        } else if share < 70 {
            self.draw.day(11, unit, &days.early, days.cutoff)
        } else if share < 92 {
            self.draw.day(12, unit, &days.reminded, days.cutoff)
        } else {
            days.cutoff
        };
        let hour = if self.late == Some(unit) { 15 } else { 9 + self.draw.below(13, unit, 8) };
        let kind = if self.incident == Some(unit) {
            ReturnKind::Incident
        } else if self.photo == Some(unit) {
            ReturnKind::Photo
        } else {
            match self.draw.below(14, unit, 100) {
                0..80 => ReturnKind::Nil,
                80..90 => ReturnKind::Quiet,
                _ => ReturnKind::Hazard,
            }
        };
        let tells_accident = self.incident == Some(unit);
        let by_sms = self.by_phone.contains(&unit) && self.late != Some(unit) && !tells_accident;
        let kind = if by_sms { ReturnKind::Nil } else { kind };
        let day = match tells_accident {
            true => days.reminded.first().copied().unwrap_or(days.cutoff),
            false => day,
        };
        let at = self.draw.at(15, unit, day, hour);
        Coming { at, office: unit, kind: Some(kind), by_sms }
    }

    /// Most counties send in after the cut-off, a few after the reminder of the day, one on the
    /// rest day between the two readings of 前, one late.
    fn county(&self, index: usize, county: OfficeId) -> Coming {
        let days = &self.days;
        let (day, hour) = match index {
            0 => (days.late, 15),
            1 if days.last > days.target => (days.last, 10),
            _ => match self.draw.below(20, county, 100) {
                0..75 => (days.after_cutoff[0], 9 + self.draw.below(21, county, 8)),
                _ => (days.target, 10 + self.draw.below(21, county, 6)),
            },
        };
        let at = self.draw.at(22, county, day, hour);
        Coming { at, office: county, kind: None, by_sms: false }
    }
}

/// Chance from the seed: the same question gives the same answer for ever.
#[derive(Clone, Copy)]
struct Draw {
    seed: u64,
}

impl Draw {
    /// A number below `limit` for a question about an office.
    fn below(self, question: u64, office: OfficeId, limit: u64) -> u32 {
        let mixed = mix(mix(self.seed ^ (question << 32)) ^ u64::from(office.0));
        u32::try_from(mixed % limit.max(1)).unwrap_or(0)
    }

    fn one_of(self, question: u64, offices: &[OfficeId]) -> Option<OfficeId> {
        let index = self.below(question, OfficeId(0), offices.len() as u64);
        offices.get(index as usize).copied()
    }

    fn day(
        self,
        question: u64,
        office: OfficeId,
        days: &[NaiveDate],
        or_else: NaiveDate,
    ) -> NaiveDate {
        let index = self.below(question, office, days.len() as u64);
        days.get(index as usize).copied().unwrap_or(or_else)
    }

    fn at(self, question: u64, office: OfficeId, day: NaiveDate, hour: u32) -> NaiveDateTime {
        let minute = self.below(question, office, 60);
        day.and_time(NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or(NaiveTime::MIN))
    }
}

/// SplitMix64's finisher: spreads neighbouring numbers over the whole range.
const fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use xibu_core::change::Change;
    use xibu_core::deadline::deadlines;
    use xibu_core::office::{OfficeId, OfficeKind, OfficeVersion};
    use xibu_core::parameter::Rulebook;
    use xibu_core::person::PersonId;
    use xibu_core::service::Service;
    use xibu_core::validity::Validity;
    use xibu_core::world::World;

    use super::write;
    use crate::sample::ReturnKind;

    /// A city with `counties` counties of ten units each, a volunteer at every unit.
    fn city(counties: u32) -> World {
        let validity = Validity::since(NaiveDate::from_ymd_opt(2025, 8, 1).unwrap());
        let mut world = World::default();
        let mut stand = |id: u32, kind, superior: Option<u32>| {
            let (name, superior) = (format!("样例{id}"), superior.map(OfficeId));
            let version = OfficeVersion { name, superior, gb_code: None, validity };
            world.apply(&Change::OfficeStood { office: OfficeId(id), kind, version }).unwrap();
            if kind == OfficeKind::Unit {
                let unit = OfficeId(id);
                let service = Service { person: PersonId(id), unit, home: None, validity };
                world.apply(&Change::ServiceBegan(service)).unwrap();
            }
        };
        stand(1, OfficeKind::City, None);
        for county in 0..counties {
            stand(2 + county, OfficeKind::County, Some(1));
        }
        for unit in 0..counties * 10 {
            stand(100 + unit, OfficeKind::Unit, Some(2 + unit / 10));
        }
        world
    }

    #[test]
    fn every_seed_gives_one_of_each() {
        let (world, rulebook) = (city(6), Rulebook::default());
        let june = deadlines("2026-06".parse().unwrap(), &[], &rulebook);
        let by_phone = (100..160).step_by(4).map(OfficeId).collect();
        for seed in 0..200 {
            let script = write(seed, &world, &by_phone, &rulebook.calendar, &june);
            assert_eq!(script, write(seed, &world, &by_phone, &rulebook.calendar, &june));
            assert!(script.comings.is_sorted_by_key(|coming| coming.at));
            let (units, counties): (Vec<_>, Vec<_>) =
                script.comings.iter().partition(|coming| coming.kind.is_some());
            assert_eq!((units.len(), counties.len()), (59, 5), "seed {seed}");
            let silent = [script.silent_unit.unwrap(), script.silent_county.unwrap()];
            assert!(script.comings.iter().all(|coming| !silent.contains(&coming.office)));
            assert!(script.comings.iter().all(|coming| coming.at >= june.opening));
            assert_eq!(units.iter().filter(|it| it.at >= june.unit_cutoff).count(), 1);
            assert_eq!(counties.iter().filter(|it| it.at >= june.late_after).count(), 1);
            let told = |kind| units.iter().filter(|it| it.kind == Some(kind)).count();
            assert_eq!(told(ReturnKind::Incident), 1, "seed {seed}");
            assert!(told(ReturnKind::Nil) > 0, "seed {seed}");
            let by_sms = units.iter().filter(|it| it.by_sms).count();
            assert_eq!(by_sms, 13, "seed {seed}: without the dead number and the accident");
            assert!(script.accident.is_some_and(|(at, _)| at < june.unit_cutoff));
            assert!(script.dead_number.is_some_and(|unit| by_phone.contains(&unit)));
        }
    }
}
