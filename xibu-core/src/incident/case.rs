//! How far an incident has come: told (首报), acknowledged, followed up (续报), closed (终报).
//!
//! Two offices have to know, the county and the city, and each says so for itself: that the city
//! knows does not help the county's head, who answers for it (第一责任人). Not who is told when.

use chrono::NaiveDateTime;

use super::{Act, IncidentId, IncidentMove, OpenedIncident};
use crate::office::{OfficeId, OfficeKind};
use crate::person::PersonId;
use crate::world::World;

/// An office level that has to know of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// 区县项目办.
    County,
    /// 市项目办.
    City,
}

impl Level {
    /// Both, the nearer first.
    pub const ALL: [Level; 2] = [Level::County, Level::City];

    const fn kind(self) -> OfficeKind {
        match self {
            Level::County => OfficeKind::County,
            Level::City => OfficeKind::City,
        }
    }
}

/// How far an incident has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// 首报: told, and not everybody who has to know has said so.
    Told,
    /// Everybody who has to know knows.
    Acknowledged,
    /// 续报 came, and nobody is left to acknowledge.
    FollowedUp,
    /// 结案.
    Closed,
}

impl Stage {
    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Told => "told",
            Stage::Acknowledged => "acknowledged",
            Stage::FollowedUp => "followed_up",
            Stage::Closed => "closed",
        }
    }
}

/// One incident with everything said about it.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The record it stands in.
    pub world: &'a World,
    /// As it was told first.
    pub opened: &'a OpenedIncident,
    /// What was said and done since, by when.
    pub moves: &'a [IncidentMove],
}

impl<'a> Case<'a> {
    /// The incident of that number; none where there is none.
    pub fn of(world: &'a World, id: IncidentId) -> Option<Self> {
        let opened = world.incident(id)?;
        Some(Self { world, opened, moves: world.incident_moves(id) })
    }

    /// The office of a level above the place of the incident, on the day it was told.
    pub fn office(&self, level: Level) -> Option<OfficeId> {
        let date = self.opened.received_at.date();
        self.world.nearest(self.opened.incident.office, level.kind(), date)
    }

    /// When a level said that it knows, and who said so. Whoever told of it knows of it; so does
    /// whoever follows it up. What the office wrote down without a name the topmost level knows.
    pub fn acknowledged(&self, level: Level) -> Option<(NaiveDateTime, Option<PersonId>)> {
        let office = self.office(level)?;
        let told = (self.opened.received_at, self.opened.told_by);
        let moves = self.moves.iter().filter(|said| said.act.needs_it_open());
        core::iter::once(told).chain(moves.map(|said| (said.at, said.by))).find(|(at, by)| match by
        {
            Some(person) => self.stands_at(*person, office, *at),
            None => self.topmost() == Some(level),
        })
    }

    fn stands_at(&self, person: PersonId, office: OfficeId, at: NaiveDateTime) -> bool {
        let held = self.world.appointments_at(office).iter();
        held.clone().any(|held| held.person == person && held.validity.contains(at.date()))
    }

    /// The level to which the rest is owed.
    pub fn topmost(&self) -> Option<Level> {
        Level::ALL.into_iter().rev().find(|level| self.office(*level).is_some())
    }

    /// The levels that have not said that they know.
    pub fn unaware(&self) -> impl Iterator<Item = Level> + '_ {
        let is_open = self.closed_at().is_none();
        Level::ALL.into_iter().filter(move |level| {
            is_open && self.office(*level).is_some() && self.acknowledged(*level).is_none()
        })
    }

    /// When it was closed.
    pub fn closed_at(&self) -> Option<NaiveDateTime> {
        self.moves.iter().find(|said| said.act == Act::Closed).map(|said| said.at)
    }

    /// How many follow-ups came.
    pub fn follow_ups(&self) -> usize {
        self.moves.iter().filter(|said| said.act == Act::FollowedUp).count()
    }

    /// When it was last heard of: the first report or the newest follow-up.
    pub fn last_report(&self) -> NaiveDateTime {
        let newest = self.moves.iter().rev().find(|said| said.act == Act::FollowedUp);
        newest.map_or(self.opened.received_at, |said| said.at)
    }

    /// How far it has come.
    pub fn stage(&self) -> Stage {
        if self.closed_at().is_some() {
            Stage::Closed
        } else if self.unaware().next().is_some() {
            Stage::Told
        } else if self.follow_ups() > 0 {
            Stage::FollowedUp
        } else {
            Stage::Acknowledged
        }
    }
}
