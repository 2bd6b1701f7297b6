//! One county's month: every unit with what it said, the sums, the silent ones by number.
//!
//! Not who is to be reminded ([`crate::plan`]) and not what the county says of it
//! ([`super::confirmation`]).

use alloc::vec::Vec;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::{Figures, IncidentLine, Sums, Version, incident};
use crate::almanac::Almanac;
use crate::assess::{NotOwed, judge};
use crate::obligation::{Obligation, ObligationKey, Standing, Timeliness};
use crate::office::{Office, OfficeId, OfficeKind};
use crate::parameter::Rulebook;
use crate::period::Period;
use crate::returns::{Content, Workflow};
use crate::rule::Rule;
use crate::world::World;

/// How far a unit's return has come, apart from time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 已报.
    In,
    /// 待看: it came and waits for a person.
    Held,
    /// 已退回: it came and is owed again.
    SentBack,
    /// 未报.
    Silent,
}

impl State {
    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            State::In => "in",
            State::Held => "held",
            State::SentBack => "sent_back",
            State::Silent => "silent",
        }
    }
}

/// One unit of the month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitLine {
    /// Which.
    pub office: OfficeId,
    /// Why it owes nothing, where it answered all the same.
    pub not_owed: Option<NotOwed>,
    /// How far it has come.
    pub state: State,
    /// When its first version came.
    pub received_at: Option<NaiveDateTime>,
    /// In which sense that was in time; none where nothing came or nothing is owed.
    pub timeliness: Option<Timeliness>,
    /// What its newest readable version says.
    pub content: Option<Content>,
}

/// A county's month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consolidation {
    /// Which county.
    pub county: OfficeId,
    /// Which month.
    pub period: Period,
    /// The units that owe it or answered, by number.
    pub units: Vec<UnitLine>,
    /// The units that owe nothing and said nothing, by number, and why.
    pub not_owing: Vec<(OfficeId, NotOwed)>,
    /// Accidents, by unit.
    pub incidents: Vec<IncidentLine>,
    /// Over everything that could be read.
    pub sums: Sums,
    /// Over the units that owe.
    pub figures: Figures,
    /// Of what it was made from.
    pub version: Version,
}

impl Consolidation {
    /// The units whose word is missing: silent, held or sent back.
    pub fn missing(&self) -> impl Iterator<Item = OfficeId> + '_ {
        let units = self.units.iter().filter(|unit| unit.state != State::In);
        units.map(|unit| unit.office)
    }

    /// The units from which nothing came.
    pub fn silent(&self) -> impl Iterator<Item = OfficeId> + '_ {
        let units = self.units.iter().filter(|unit| unit.state == State::Silent);
        units.map(|unit| unit.office)
    }
}

/// Puts a county's month together, however long ago it was.
pub fn consolidate(
    world: &World,
    rulebook: &Rulebook,
    county: OfficeId,
    period: Period,
    at: NaiveDateTime,
) -> Consolidation {
    consolidate_by(&mut Almanac::new(world, rulebook), county, period, at)
}

/// With an almanac that serves several counties.
pub(super) fn consolidate_by(
    almanac: &mut Almanac<'_>,
    county: OfficeId,
    period: Period,
    at: NaiveDateTime,
) -> Consolidation {
    let (mut units, mut not_owing, mut figures) = (Vec::new(), Vec::new(), Figures::default());
    let (world, rulebook) = (almanac.world, almanac.rulebook);
    for office in world.ever_below(county, OfficeKind::Unit) {
        match belongs(almanac, office, county, period, at) {
            Some(Ok(owed)) => {
                let unit = line(world, &owed.key, Ok(&owed));
                figures.add(&owed, unit.content.as_ref());
                units.push(unit);
            }
            Some(Err(why)) => {
                let key = key_of(office.id, period);
                match world.return_of(&key) {
                    Some(_) => units.push(line(world, &key, Err(why))),
                    None => not_owing.push((office.id, why)),
                }
            }
            None => {}
        }
    }
    let path = world.path(county, period.day(1));
    let deadlines = crate::deadline::deadlines(period, &path, rulebook);
    let others = not_owing.iter().map(|(office, _)| *office);
    let incidents = incident::of(world, &units, others, &deadlines);
    let sums = Sums::of(units.iter().filter_map(|unit| unit.content.as_ref()));
    let version = Version::of((county, period), &units, &not_owing, &incidents);
    Consolidation { county, period, units, not_owing, incidents, sums, figures, version }
}

const fn key_of(unit: OfficeId, period: Period) -> ObligationKey {
    ObligationKey { rule: Rule::UnitMonthlyReturn, debtor: unit, period }
}

/// Whether a unit is one of the county's in that month, and what it owes: by its creditor where it
/// owes, else by where it stood when the month began or ended.
fn belongs(
    almanac: &mut Almanac<'_>,
    office: &Office,
    county: OfficeId,
    period: Period,
    at: NaiveDateTime,
) -> Option<Result<Obligation, NotOwed>> {
    let owed = judge(almanac, Rule::UnitMonthlyReturn, office, period, at);
    let here = match &owed {
        Ok(owed) => owed.creditor == county,
        Err(_) => {
            let deadlines = almanac.month(office, period).deadlines;
            let days = [deadlines.cutoff_day(), deadlines.covers_after.date()];
            let stood = |day| office.on(day).and_then(|version| version.superior);
            days.into_iter().find_map(stood) == Some(county)
        }
    };
    here.then_some(owed)
}

fn line(world: &World, key: &ObligationKey, owed: Result<&Obligation, NotOwed>) -> UnitLine {
    let came = world.return_of(key);
    let state = match came.map(|came| came.workflow) {
        None => State::Silent,
        Some(Workflow::Received) => State::Held,
        Some(Workflow::SentBack) => State::SentBack,
        Some(Workflow::Submitted | Workflow::Resubmitted | Workflow::Accepted) => State::In,
    };
    let timeliness = owed.ok().and_then(|owed| match owed.standing {
        Standing::In(when) | Standing::Unread(when) | Standing::SentBack(when) => Some(when),
        _ => None,
    });
    UnitLine {
        office: key.debtor,
        not_owed: owed.err(),
        state,
        received_at: came.map(|came| came.received_at()),
        timeliness,
        content: came.and_then(|came| came.content()).cloned(),
    }
}
