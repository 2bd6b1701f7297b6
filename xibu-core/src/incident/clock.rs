//! An incident's own clock: who is told, and told again, until it is acknowledged and closed.
//!
//! Every limit is a dated parameter and a policy assumption: 渝项目办发〔2009〕22号 names those
//! responsible and the monthly return, and no limit for one accident. Who is told:
//!
//! | duty | step | to whom |
//! |---|---|---|
//! | acknowledge, at any hour | 0, at once | 直接责任人, 第一责任人, city staff |
//! | | 1 | county's head; city staff: each while its own office has not said that it knows |
//! | | 2 | county's head and contact, and city staff; city staff and the city's head |
//! | | 3 and on | the same, and the city's head; from here the pauses double, to a day |
//! | follow up, at any hour | 1 | county's contact |
//! | | 2; 3 and on | and county's head; and city staff |
//! | close, by day | 0; 1; 2; 3 | county's contact; its head; city staff; the city's head |
//!
//! Of the steps of one duty only the latest that has come counts. Not a message: its wording and
//! whether it went lie outside; whoever calls tells a person of a step once.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use chrono::{NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};

use super::{Case, IncidentId, Level, Limits};
use crate::appointment::Role;
use crate::assess::is_chased_here;
use crate::chain::{Holder, holder};
use crate::office::{OfficeId, OfficeKind};
use crate::parameter::{Parameter, Rulebook};
use crate::person::PersonId;
use crate::world::World;

/// The last step of the closing duty; after it a person looks.
const CLOSING_STEPS: u32 = 3;
/// How long a step is of use, and how long an incident that came by itself is told at all.
const USE_DAYS: i64 = 3;

/// What is owed about an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentDuty {
    /// That those who answer for it say that they know.
    Acknowledge,
    /// 续报.
    FollowUp,
    /// 终报.
    Close,
}

impl IncidentDuty {
    /// Every duty, in order.
    pub const ALL: [IncidentDuty; 3] =
        [IncidentDuty::Acknowledge, IncidentDuty::FollowUp, IncidentDuty::Close];

    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            IncidentDuty::Acknowledge => "acknowledge",
            IncidentDuty::FollowUp => "follow_up",
            IncidentDuty::Close => "close",
        }
    }
}

/// One step of one duty about an incident, to one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentNotice {
    /// Which incident.
    pub incident: IncidentId,
    /// Of what.
    pub duty: IncidentDuty,
    /// Reports before it: a follow-up begins the steps anew.
    pub round: u32,
    /// Which step.
    pub step: u32,
    /// To whom.
    pub person: PersonId,
    /// At which office that person stands.
    pub office: OfficeId,
    /// Somebody else is away or the post is empty.
    pub stands_in: bool,
    /// When the step came.
    pub since: NaiveDateTime,
    /// After this instant it is of no use.
    pub expires: NaiveDateTime,
}

/// When the steps of one duty come.
struct Steps<'a> {
    case: Case<'a>,
    limits: Limits,
    rulebook: &'a Rulebook,
}

impl<'a> Steps<'a> {
    fn new(case: Case<'a>, rulebook: &'a Rulebook) -> Self {
        Self { case, limits: Limits::of(&case, rulebook), rulebook }
    }

    fn closing_due(&self) -> NaiveDateTime {
        self.case.opened.received_at + self.limits.closing
    }

    /// When a step comes; none where the duty has no such step.
    fn comes(&self, duty: IncidentDuty, step: u32) -> Option<NaiveDateTime> {
        let opened = self.case.opened.received_at;
        let comes = match duty {
            IncidentDuty::Acknowledge => opened + self.limits.acknowledgement(step),
            IncidentDuty::FollowUp if step == 0 => return None,
            IncidentDuty::FollowUp => {
                self.case.last_report() + self.limits.follow_up * i32::try_from(step).ok()?
            }
            IncidentDuty::Close if step > CLOSING_STEPS => return None,
            IncidentDuty::Close => return Some(self.by_day(step)),
        };
        // From then on it is the closing report that is asked for.
        (comes < self.closing_due()).then_some(comes)
    }

    /// A step of the closing duty: in daytime on a working day, never before it is due.
    fn by_day(&self, step: u32) -> NaiveDateTime {
        let due = self.closing_due();
        let calendar = &self.rulebook.calendar;
        let path = self.case.world.path(self.case.opened.incident.office, due.date());
        let time = |parameter| self.rulebook.parameters.time_of_day(parameter, &path, due.date());
        let (begins, ends) = (time(Parameter::DayBegins), time(Parameter::DayEnds));
        let (first, time) = match calendar.is_workday(due.date()) && due.time() < ends {
            true => (due.date(), due.time().max(begins)),
            false => (calendar.workdays_after(due.date(), 1), begins),
        };
        let day = if step == 0 { first } else { calendar.workdays_after(first, step) };
        day.and_time(time)
    }

    fn is_owed(&self, duty: IncidentDuty) -> bool {
        let is_open = self.case.closed_at().is_none();
        let levels = || Level::ALL.into_iter().filter(|level| self.case.office(*level).is_some());
        let anybody_knows = levels().any(|level| self.case.acknowledged(level).is_some());
        is_open
            && match duty {
                IncidentDuty::Acknowledge => self.case.unaware().next().is_some(),
                IncidentDuty::FollowUp => anybody_knows,
                IncidentDuty::Close => true,
            }
    }

    /// The newest step that has come, and when it came.
    fn latest(&self, duty: IncidentDuty, at: NaiveDateTime) -> Option<(u32, NaiveDateTime)> {
        if duty != IncidentDuty::Close && at >= self.closing_due() {
            return None;
        }
        let first = u32::from(duty == IncidentDuty::FollowUp);
        let comings = (first..).map_while(|step| Some((step, self.comes(duty, step)?)));
        comings.take_while(|(_, comes)| *comes <= at).last()
    }

    /// The posts that a step speaks to: office level and role.
    fn posts(&self, duty: IncidentDuty, step: u32, level: Level) -> &'static [(Level, Role)] {
        use Level::{City, County};
        use Role::{Contact, Head, Staff};
        match (duty, level, step) {
            (IncidentDuty::Acknowledge, _, 0) => &[],
            (IncidentDuty::Acknowledge, County, 1) => &[(County, Head)],
            (IncidentDuty::Acknowledge, County, 2) => {
                &[(County, Head), (County, Contact), (City, Staff)]
            }
            (IncidentDuty::Acknowledge, County, _) => {
                &[(County, Head), (County, Contact), (City, Staff), (City, Head)]
            }
            (IncidentDuty::Acknowledge, City, 1) => &[(City, Staff)],
            (IncidentDuty::Acknowledge, City, _) => &[(City, Staff), (City, Head)],
            (IncidentDuty::FollowUp, _, 1) => &[(County, Contact)],
            (IncidentDuty::FollowUp, _, 2) => &[(County, Contact), (County, Head)],
            (IncidentDuty::FollowUp, _, _) => &[(County, Contact), (County, Head), (City, Staff)],
            (IncidentDuty::Close, _, 0) => &[(County, Contact)],
            (IncidentDuty::Close, _, 1) => &[(County, Head)],
            (IncidentDuty::Close, _, 2) => &[(City, Staff)],
            (IncidentDuty::Close, _, _) => &[(City, Head)],
        }
    }

    /// Who holds a post now. Where no county stands above the place, as at a university, its own
    /// people act for it.
    fn holder(&self, level: Level, role: Role, at: NaiveDateTime) -> Option<(OfficeId, Holder)> {
        let place = self.case.opened.incident.office;
        let office = match (self.case.office(level), level) {
            (Some(office), _) => office,
            (None, Level::County) => place,
            (None, Level::City) => return None,
        };
        let holder = holder(self.case.world, office, role, at.date()).ok()?;
        Some((office, holder))
    }

    /// Those told at once: the unit's head, the county's, a university's, and city staff.
    fn first_told(&self, at: NaiveDateTime) -> BTreeMap<PersonId, (OfficeId, Holder)> {
        let posts = [
            (OfficeKind::Unit, Role::Head),
            (OfficeKind::University, Role::Head),
            (OfficeKind::County, Role::Head),
            (OfficeKind::City, Role::Staff),
        ];
        let (world, date) = (self.case.world, at.date());
        let told = posts.into_iter().filter_map(|(kind, role)| {
            let office = world.nearest(self.case.opened.incident.office, kind, date)?;
            let holder = holder(world, office, role, date).ok()?;
            Some((holder.person, (office, holder)))
        });
        told.filter(|(person, _)| Some(*person) != self.case.opened.told_by).collect()
    }

    fn notice(
        &self,
        (duty, step, since): (IncidentDuty, u32, NaiveDateTime),
        (person, (office, holder)): (PersonId, (OfficeId, Holder)),
    ) -> IncidentNotice {
        let round = match duty {
            IncidentDuty::FollowUp => u32::try_from(self.case.follow_ups()).unwrap_or(u32::MAX),
            IncidentDuty::Acknowledge | IncidentDuty::Close => 0,
        };
        IncidentNotice {
            incident: self.case.opened.id,
            duty,
            round,
            step,
            person,
            office,
            stands_in: holder.stands_in,
            since,
            expires: since + TimeDelta::days(USE_DAYS),
        }
    }

    /// The levels for which a duty is chased, of those this daemon serves.
    fn levels(&self, duty: IncidentDuty, serves: &[OfficeId], at: NaiveDateTime) -> Vec<Level> {
        let world = self.case.world;
        let chased = |level: &Level| {
            self.case.office(*level).is_some_and(|office| {
                is_chased_here(world, self.rulebook, serves, office, at.date())
            })
        };
        match duty {
            IncidentDuty::Acknowledge => self.case.unaware().filter(chased).collect(),
            IncidentDuty::FollowUp | IncidentDuty::Close => {
                self.case.topmost().into_iter().filter(chased).collect()
            }
        }
    }

    /// What has come by `at`.
    fn notices(&self, serves: &[OfficeId], at: NaiveDateTime, all: &mut Vec<IncidentNotice>) {
        let mut told: BTreeMap<PersonId, IncidentNotice> = BTreeMap::new();
        let opened = self.case.opened.received_at;
        if opened <= at
            && at < opened + TimeDelta::days(USE_DAYS)
            && self.case.closed_at().is_none()
        {
            for whom in self.first_told(at) {
                let notice = self.notice((IncidentDuty::Acknowledge, 0, opened), whom);
                told.insert(notice.person, notice);
            }
        }
        for duty in IncidentDuty::ALL.into_iter().filter(|duty| self.is_owed(*duty)) {
            let Some((step, since)) = self.latest(duty, at) else { continue };
            if at >= since + TimeDelta::days(USE_DAYS) {
                continue;
            }
            let mut now: BTreeMap<PersonId, IncidentNotice> = BTreeMap::new();
            for level in self.levels(duty, serves, at) {
                for (level, role) in self.posts(duty, step, level) {
                    if let Some((office, holder)) = self.holder(*level, *role, at) {
                        let whom = (holder.person, (office, holder));
                        now.insert(holder.person, self.notice((duty, step, since), whom));
                    }
                }
            }
            // Who is asked to acknowledge it need not be told first that it happened.
            for person in now.keys() {
                told.remove(person);
            }
            all.extend(now.into_values());
        }
        all.extend(told.into_values());
    }
}

/// Whom to tell of incidents as of `at`: the latest step of each duty. The same step is told to a
/// person once; that is for the caller to remember.
pub fn notices(
    world: &World,
    rulebook: &Rulebook,
    serves: &[OfficeId],
    at: NaiveDateTime,
) -> Vec<IncidentNotice> {
    let mut all = Vec::new();
    for opened in world.incidents() {
        let Some(case) = Case::of(world, opened.id) else { continue };
        if case.closed_at().is_none() {
            Steps::new(case, rulebook).notices(serves, at, &mut all);
        }
    }
    all
}

/// The next instant after `at` at which a step of an open incident comes.
pub fn next_instant(
    world: &World,
    rulebook: &Rulebook,
    id: IncidentId,
    at: NaiveDateTime,
) -> Option<(IncidentDuty, u32, NaiveDateTime)> {
    let steps = Steps::new(Case::of(world, id)?, rulebook);
    let next = |duty: IncidentDuty| {
        let step = steps
            .latest(duty, at)
            .map_or(u32::from(duty == IncidentDuty::FollowUp), |(step, _)| step + 1);
        Some((duty, step, steps.comes(duty, step)?))
    };
    let owed = IncidentDuty::ALL.into_iter().filter(|duty| steps.is_owed(*duty));
    owed.filter_map(next).min_by_key(|(duty, _, comes)| (*comes, *duty))
}
