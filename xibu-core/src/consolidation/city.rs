//! The city's month: every county with its own return and with what its units did.
//!
//! The same figures as [`assess`](crate::assess::assess) gives for the months it still chases, and
//! for older months as well.

use alloc::vec::Vec;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::county::consolidate_by;
use super::{Consolidation, Figures, Version};
use crate::almanac::Almanac;
use crate::assess::{NotOwed, judge};
use crate::obligation::{Obligation, ObligationKey};
use crate::office::{OfficeId, OfficeKind};
use crate::parameter::Rulebook;
use crate::period::Period;
use crate::returns::Content;
use crate::rule::Rule;
use crate::world::World;

/// One county in the city's month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountyMonth {
    /// Which.
    pub county: OfficeId,
    /// Its own return, or why it owes none.
    pub owed: Result<Obligation, NotOwed>,
    /// What its own return says, as far as it can be read.
    pub content: Option<Content>,
    /// When its own return came first.
    pub received_at: Option<NaiveDateTime>,
    /// What its units say.
    pub consolidation: Consolidation,
}

/// The city's month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CityMonth {
    /// Which city.
    pub city: OfficeId,
    /// Which month.
    pub period: Period,
    /// Its counties, by number.
    pub counties: Vec<CountyMonth>,
    /// Over the counties' own returns.
    pub own: Figures,
    /// Over all units.
    pub units: Figures,
    /// Of what it was made from.
    pub version: Version,
}

/// Puts a city's month together, however long ago it was.
pub fn city_month(
    world: &World,
    rulebook: &Rulebook,
    city: OfficeId,
    period: Period,
    at: NaiveDateTime,
) -> CityMonth {
    let mut almanac = Almanac::new(world, rulebook);
    let (mut counties, mut own) = (Vec::new(), Figures::default());
    let mut units = Figures::default();
    for office in world.ever_below(city, OfficeKind::County) {
        let owed = judge(&mut almanac, Rule::CountyMonthlyReturn, office, period, at);
        let here = match &owed {
            Ok(owed) => owed.creditor == city,
            Err(_) => {
                let cutoff = almanac.month(office, period).deadlines.cutoff_day();
                office.on(cutoff).and_then(|version| version.superior) == Some(city)
            }
        };
        let consolidation = consolidate_by(&mut almanac, office.id, period, at);
        // A county that is gone stays as long as units of that month stood under it.
        if !here && consolidation.units.is_empty() {
            continue;
        }
        let rule = Rule::CountyMonthlyReturn;
        let came = world.return_of(&ObligationKey { rule, debtor: office.id, period });
        let content = came.and_then(|came| came.content()).cloned();
        if let Ok(owed) = &owed {
            own.add(owed, content.as_ref());
        }
        units.join(&consolidation.figures);
        let received_at = came.map(|came| came.received_at());
        let county = office.id;
        counties.push(CountyMonth { county, owed, content, received_at, consolidation });
    }
    let version = Version::of_city(city, period, &counties);
    CityMonth { city, period, counties, own, units, version }
}
