//! Which notices follow from what is owed, and why others do not.
//!
//! Of the steps of one debt only the latest that has come matters: after a gap the earlier ones are
//! passed over. Nothing here remembers; what was sent is the caller's log, and running the plan
//! again with its own notices in that log changes nothing.
//!
//! Not a message and not a delivery: wording, channels, quiet hours in progress and retries lie
//! outside.

use alloc::vec::Vec;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use crate::absence::Absence;
use crate::almanac::{Almanac, next_workday};
use crate::appointment::Role;
use crate::calendar::{tomorrow, yesterday};
use crate::chain::{Gap, Holder, holder};
use crate::deadline::StepDay;
use crate::notice::{NotSent, Notice, NoticeKey, Reason, Recipient, SentLog, Step, Withheld};
use crate::obligation::{Obligation, Standing};
use crate::office::{Office, OfficeId};
use crate::parameter::Rulebook;
use crate::person::PersonId;
use crate::rule::Rule;
use crate::validity::Validity;
use crate::world::World;

/// What is to be told, and what is not, each with its reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// To be told, at most one for each debt, in the order of the obligations.
    pub notices: Vec<Notice>,
    /// Steps that have come and are not told, in the same order.
    ///
    /// Lists what an operator may ask about today: a step whose day is today and whose return is
    /// in, a step passed over in this run, and what holds a step back. A step that went out before
    /// is not repeated.
    pub withheld: Vec<Withheld>,
}

/// What is to be told as of `at`.
///
/// Pure: run again with its notices in the log, it yields no notice. `obligations` are those of
/// [`crate::assess::assess`] for the same record and instant.
///
/// # Example
/// ```
/// use xibu_core::appointment::{Appointment, Role};
/// use xibu_core::assess::assess;
/// use xibu_core::change::Change;
/// use xibu_core::notice::{SentLog, Step};
/// use xibu_core::office::{OfficeId, OfficeKind, OfficeVersion};
/// use xibu_core::parameter::Rulebook;
/// use xibu_core::person::PersonId;
/// use xibu_core::plan::plan;
/// use xibu_core::rule::Rule;
/// use xibu_core::validity::Validity;
/// use xibu_core::world::World;
///
/// let validity = Validity::since("2026-01-01".parse().unwrap());
/// let (city, county) = (OfficeId(1), OfficeId(2));
/// let version = |name: &str, superior| OfficeVersion {
///     name: name.into(),
///     superior,
///     gb_code: None,
///     validity,
/// };
/// let (person, role) = (PersonId(22), Role::Contact);
/// let contact = Appointment { person, office: county, role, validity };
/// let mut world = World::default();
/// for change in [
///     Change::OfficeStood { office: city, kind: OfficeKind::City, version: version("市", None) },
///     Change::OfficeStood {
///         office: county,
///         kind: OfficeKind::County,
///         version: version("县", Some(city)),
///     },
///     Change::Appointed(contact),
///     Change::RuleEnabled {
///         rule: Rule::CountyMonthlyReturn,
///         at: "2026-06-01T00:00:00".parse().unwrap(),
///     },
/// ] {
///     world.apply(&change)?;
/// }
///
/// let (rulebook, opening) = (Rulebook::default(), "2026-06-15T09:00:00".parse().unwrap());
/// let owed = assess(&world, &rulebook, &[city], opening);
/// let first = plan(&world, &rulebook, &owed, &SentLog::new(), opening);
/// assert_eq!(first.notices[0].key.step, Step::Opening);
/// assert_eq!(first.notices[0].person, contact.person);
///
/// // The same instant again, with what was sent in the log: nothing.
/// let sent = SentLog::from([(first.notices[0].key, contact.person)]);
/// assert!(plan(&world, &rulebook, &owed, &sent, opening).notices.is_empty());
/// # Ok::<(), xibu_core::world::Unfit>(())
/// ```
pub fn plan(
    world: &World,
    rulebook: &Rulebook,
    obligations: &[Obligation],
    sent: &SentLog,
    at: NaiveDateTime,
) -> Plan {
    let mut almanac = Almanac::new(world, rulebook);
    let mut plan = Plan::default();
    // The obligations of one debtor follow each other.
    for of_debtor in obligations.chunk_by(|a, b| a.key.debtor == b.key.debtor) {
        let Some(office) = world.office(of_debtor[0].key.debtor) else { continue };
        for obligation in of_debtor {
            plan_one(&mut almanac, office, obligation, sent, at, &mut plan);
        }
    }
    plan
}

fn plan_one(
    almanac: &mut Almanac<'_>,
    office: &Office,
    obligation: &Obligation,
    sent: &SentLog,
    at: NaiveDateTime,
    plan: &mut Plan,
) {
    let key = &obligation.key;
    let today = at.date();
    if obligation.standing == Standing::NotOpen {
        return;
    }
    // Nearly every debt of a country is discharged: look at the shared ladder before anything is
    // copied.
    if obligation.standing.is_discharged() {
        let ladder = almanac.month(office, key.period).ladder(key.rule);
        if !ladder.iter().any(|step| step.date == today) {
            return;
        }
    }
    let ladder = almanac.ladder(office, key, &obligation.due);
    let debt = Debt::new(almanac, office, obligation, &ladder, sent, at);
    let Some(latest) = debt.latest() else { return };
    let decided = debt.decide(latest);
    let passed_over = |step: &&StepDay| step.date <= today && step.step < latest.step;
    match decided {
        Ok(notice) => {
            for step in ladder.iter().filter(passed_over) {
                if let Err(reason @ NotSent::SupersededByLaterStep { .. }) = debt.decide(step) {
                    plan.withheld.push(Withheld { key: debt.key(step.step), reason });
                }
            }
            plan.notices.push(notice);
        }
        Err(_) if !debt.told(latest.step).is_empty() => {}
        Err(NotSent::ReturnIsIn) if latest.date != today => {}
        Err(reason) => plan.withheld.push(Withheld { key: debt.key(latest.step), reason }),
    }
    plan.withheld.extend(debt.beyond_contact());
    plan.withheld.extend(debt.unit_spared());
}

/// What becomes of one step of one debt: a notice, or why not.
///
/// `None` where the ladder has no such step or its day has not come.
pub(crate) fn verdict(
    world: &World,
    rulebook: &Rulebook,
    obligation: &Obligation,
    step: Step,
    sent: &SentLog,
    at: NaiveDateTime,
) -> Option<Result<Notice, NotSent>> {
    let mut almanac = Almanac::new(world, rulebook);
    let office = world.office(obligation.key.debtor)?;
    let ladder = almanac.ladder(office, &obligation.key, &obligation.due);
    let debt = Debt::new(&mut almanac, office, obligation, &ladder, sent, at);
    let step = ladder.iter().find(|known| known.step == step)?;
    (step.date <= at.date()).then(|| debt.decide(step))
}

/// One debt with all that decides about its steps.
struct Debt<'a> {
    world: &'a World,
    rulebook: &'a Rulebook,
    obligation: &'a Obligation,
    ladder: &'a [StepDay],
    sent: &'a SentLog,
    at: NaiveDateTime,
    day_begins: chrono::NaiveTime,
    day_ends: chrono::NaiveTime,
    chase_ends: NaiveDateTime,
}

impl<'a> Debt<'a> {
    fn new<'w: 'a>(
        almanac: &mut Almanac<'w>,
        office: &Office,
        obligation: &'a Obligation,
        ladder: &'a [StepDay],
        sent: &'a SentLog,
        at: NaiveDateTime,
    ) -> Self {
        let (world, rulebook) = (almanac.world, almanac.rulebook);
        let month = almanac.month(office, obligation.key.period);
        Self {
            world,
            rulebook,
            obligation,
            ladder,
            sent,
            at,
            day_begins: month.day_begins,
            day_ends: month.day_ends,
            chase_ends: month.chase_ends,
        }
    }

    fn key(&self, step: Step) -> NoticeKey {
        NoticeKey { obligation: self.obligation.key, step, successor: None }
    }

    fn is_sent_back(&self) -> bool {
        matches!(self.obligation.standing, Standing::SentBack(_))
    }

    /// The newest step that has come. Of a return sent back the contact alone is asked, once more
    /// at most after it would have been late.
    fn latest(&self) -> Option<&'a StepDay> {
        let last = if self.is_sent_back() { Step::FirstAfter } else { Step::ThirdAfter };
        self.ladder.iter().rev().find(|step| step.step <= last && step.date <= self.at.date())
    }

    /// A notice, or the first of [`NotSent`] that holds.
    fn decide(&self, step: &StepDay) -> Result<Notice, NotSent> {
        let enabled = self.world.enabled(self.obligation.key.rule);
        if enabled.is_none_or(|enabled| self.obligation.due.late_after <= enabled) {
            return Err(NotSent::RuleNotEnabledForPeriod);
        }
        match self.obligation.standing {
            Standing::In(_) => return Err(NotSent::ReturnIsIn),
            Standing::Unread(_) => return Err(NotSent::ReturnWaitsToBeRead),
            Standing::Acknowledged { until } => {
                return Err(NotSent::PausedByAcknowledgement { until });
            }
            Standing::SentBack(_) | Standing::NotOpen | Standing::Late | Standing::Owed => {}
        }
        let (to, office, role) = self.recipient(step);
        let holder = holder(self.world, office, role, self.at.date());
        let told = self.told(step.step);
        let successor = self.successor(step, &told, holder);
        if let (Some(person), None) = (told.last(), successor) {
            return Err(NotSent::AlreadySent { person: *person });
        }
        if let Some(latest) = self.latest()
            && step.step < latest.step
        {
            return Err(NotSent::SupersededByLaterStep { step: latest.step });
        }
        if self.is_sent_back() && step.step > Step::FirstAfter {
            return Err(NotSent::SentBackStaysWithContact);
        }
        let holder = holder.map_err(|gap| NotSent::NobodyToTell { gap })?;
        self.notice(step, to, office, holder, successor)
    }

    /// The notice itself, where the recipient may still be told in time.
    fn notice(
        &self,
        step: &StepDay,
        to: Recipient,
        office: OfficeId,
        holder: Holder,
        successor: Option<PersonId>,
    ) -> Result<Notice, NotSent> {
        let due = &self.obligation.due;
        let late = step.step >= Step::FirstAfter;
        let expires = if late { self.chase_ends } else { due.late_after };
        // On rest days only the debtor's own contact may be told.
        let rest_days_too = is_debtors_contact(to, self.obligation.key.rule)
            && matches!(holder.role, Role::Contact);
        let calendar = &self.rulebook.calendar;
        let today = self.at.date();
        let not_before = if !rest_days_too && !calendar.is_workday(today) {
            let until = calendar.workday_on_or_after(today);
            if until.and_time(self.day_begins) >= expires {
                return Err(NotSent::TooLateToHelp);
            }
            return Err(NotSent::WaitsForWorkingDay { until });
        } else if self.at.time() < self.day_begins {
            today.and_time(self.day_begins)
        } else if self.at.time() < self.day_ends {
            self.at
        } else if rest_days_too {
            tomorrow(today).and_time(self.day_begins)
        } else {
            next_workday(self.rulebook, today).and_time(self.day_begins)
        };
        if not_before >= expires {
            return Err(NotSent::TooLateToHelp);
        }
        Ok(Notice {
            key: NoticeKey { successor, ..self.key(step.step) },
            to,
            office,
            person: holder.person,
            reason: self.reason(step.step, successor, not_before.date()),
            stands_in: holder.stands_in,
            instead_of: holder.instead_of,
            step_date: step.date,
            not_before,
            expires,
        })
    }

    fn reason(&self, step: Step, successor: Option<PersonId>, on: NaiveDate) -> Reason {
        let calendar = &self.rulebook.calendar;
        let due = &self.obligation.due;
        if successor.is_some() {
            return Reason::SuccessorTookThePost;
        }
        if self.is_sent_back() {
            return Reason::ReturnWasSentBack;
        }
        let target = yesterday(due.target.date());
        match step {
            Step::Opening => Reason::ReturnIsAskedFor,
            Step::Before | Step::OnTheDay if on == target => Reason::TargetIsToday,
            Step::Before | Step::OnTheDay if on > target => Reason::TargetHasPassed,
            Step::Before | Step::OnTheDay => {
                Reason::TargetComesNear { working_days: calendar.workdays_between(on, target) }
            }
            Step::FirstAfter | Step::SecondAfter | Step::ThirdAfter => {
                let last_in_time = yesterday(due.late_after.date());
                Reason::ReturnIsLate { working_days: calendar.workdays_between(last_in_time, on) }
            }
        }
    }

    /// To whom a step speaks: place in the chain, office, post.
    fn recipient(&self, step: &StepDay) -> (Recipient, OfficeId, Role) {
        let rule = self.obligation.key.rule;
        let to = match (self.is_sent_back(), rule) {
            (false, _) => step.to,
            (true, Rule::UnitMonthlyReturn) => Recipient::UnitContact,
            (true, Rule::CountyMonthlyReturn) => Recipient::CountyContact,
        };
        // A debt of an office that has been merged since is asked of the one that goes on.
        let today = self.at.date();
        let answering = |office| self.world.answering(office, today);
        let (debtor, creditor) =
            (answering(self.obligation.key.debtor), answering(self.obligation.creditor));
        let county = match rule {
            Rule::UnitMonthlyReturn => creditor,
            Rule::CountyMonthlyReturn => debtor,
        };
        match to {
            Recipient::UnitContact => (to, debtor, Role::Contact),
            Recipient::UnitHead => (to, debtor, Role::Head),
            Recipient::CountyContact => (to, county, Role::Contact),
            Recipient::CountyHead => (to, county, Role::Head),
            Recipient::CityStaff => (to, creditor, Role::Staff),
            Recipient::CityHead => (to, creditor, Role::Head),
        }
    }

    /// To whom a step went, successors included.
    fn told(&self, step: Step) -> Vec<PersonId> {
        let first = self.key(step);
        let last = NoticeKey { successor: Some(PersonId(u32::MAX)), ..first };
        self.sent.range(first..=last).map(|(_, person)| *person).collect()
    }

    /// The present holder of the post, where the step went to somebody else before. A step that a
    /// sent-back return turned to the contact has no successor: its first recipient held another
    /// post. Nor is somebody who is only away succeeded, or followed by their own return: a step
    /// told to the office on its day counts as told.
    fn successor(
        &self,
        step: &StepDay,
        told: &[PersonId],
        holder: Result<Holder, Gap>,
    ) -> Option<PersonId> {
        let turned = self.recipient(step).0 != step.to;
        let holder = holder.ok()?;
        let now = holder.person;
        let succeeded = !told.is_empty() && !turned && !told.contains(&now);
        (succeeded && !self.is_only_away(step, told, holder)).then_some(now)
    }

    /// Whether it is only that somebody is away, or back again: those who were told are of the
    /// office still.
    fn is_only_away(&self, step: &StepDay, told: &[PersonId], holder: Holder) -> bool {
        let (today, office) = (self.at.date(), self.recipient(step).1);
        let in_post = |person: PersonId, day: NaiveDate| {
            let held = self.world.appointments_at(office).iter();
            held.clone().any(|held| held.person == person && held.validity.contains(day))
        };
        if holder.instead_of.is_some() {
            return told.iter().any(|person| in_post(*person, today));
        }
        let since = Validity { from: step.date, until: Some(tomorrow(today)) };
        let was_away = |absence: &Absence| absence.validity.overlaps(&since);
        self.world.absences_of(holder.person).iter().any(was_away)
            && in_post(holder.person, step.date)
    }

    /// Steps of a sent-back return that came today and would have gone beyond the contact.
    fn beyond_contact(&self) -> Option<Withheld> {
        let today = self.at.date();
        let step = self
            .ladder
            .iter()
            .find(|step| step.step > Step::FirstAfter && step.date == today)
            .filter(|_| self.is_sent_back())?;
        let reason = self.decide(step).err()?;
        Some(Withheld { key: self.key(step.step), reason })
    }

    /// A successor in the unit's own posts hears nothing while the county is chased for the unit.
    fn unit_spared(&self) -> Option<Withheld> {
        let owed = matches!(self.obligation.standing, Standing::Late);
        let latest = self.latest()?;
        if !owed || !matches!(latest.to, Recipient::CountyContact | Recipient::CountyHead) {
            return None;
        }
        let first = self.ladder.iter().find(|step| step.to == Recipient::UnitHead)?;
        let (_, office, role) = self.recipient(first);
        let holder = holder(self.world, office, role, self.at.date());
        let successor = self.successor(first, &self.told(first.step), holder)?;
        let key = NoticeKey { successor: Some(successor), ..self.key(first.step) };
        Some(Withheld { key, reason: NotSent::CountyIsChasedForUnit })
    }
}

const fn is_debtors_contact(to: Recipient, rule: Rule) -> bool {
    matches!(
        (to, rule),
        (Recipient::UnitContact, Rule::UnitMonthlyReturn)
            | (Recipient::CountyContact, Rule::CountyMonthlyReturn)
    )
}
