//! What a return is compared with: last month, the roster at the cut-off, incidents, the units.

use alloc::vec::Vec;

use chrono::NaiveDateTime;

use crate::almanac::path_in;
use crate::assess::obligation;
use crate::calendar::yesterday;
use crate::deadline::{Deadlines, deadlines};
use crate::obligation::{ObligationKey, Standing};
use crate::office::{OfficeId, OfficeKind};
use crate::parameter::Rulebook;
use crate::person::PersonId;
use crate::returns::{Answer, Content, Workflow};
use crate::rule::Rule;
use crate::world::World;

/// What is known beside the return itself. What is not known is left out and checks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// What the office is; where it is not known every field is asked of it.
    pub kind: Option<OfficeKind>,
    /// What counts for the month before ([`crate::returns::Return::settled_content`]).
    pub last: Option<Content>,
    /// What the newest version of this return says, where one came before.
    pub earlier: Option<Content>,
    /// Whether that was sent back.
    pub asked_to_correct: bool,
    /// The people of the roster; none where it has never had anybody there.
    pub roster: Option<Roster>,
    /// Whether an accident is known for these days, by whatever door.
    pub incident_known: bool,
    /// A county's units.
    pub units: Option<Units>,
}

/// The roster as it was at the cut-off, and how it moved since the one before. By number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    /// Who serves there at the cut-off.
    pub serving: Vec<PersonId>,
    /// Who serves there then and did not at the cut-off before. A longer service is no arrival.
    pub arrived: Vec<PersonId>,
    /// Who served there at the cut-off before and does no more.
    pub departed: Vec<PersonId>,
}

/// What a county's units have told for the month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Units {
    /// What the newest readable version of each says, by number.
    pub told: Vec<(OfficeId, Content)>,
    /// Units that owe and from which nothing readable came.
    pub silent: Vec<OfficeId>,
    /// How many people the roster has at those.
    pub silent_headcount: u32,
    /// Whether something came of a unit that nobody could read.
    pub unread: bool,
    /// Units that the county's return lists as silent.
    pub listed: Vec<OfficeId>,
}

impl Context {
    /// What the record knows at `at` beside a return of `key`; `listed` are the units that a
    /// county's return names as silent.
    pub fn of(
        world: &World,
        rulebook: &Rulebook,
        key: &ObligationKey,
        listed: &[OfficeId],
        at: NaiveDateTime,
    ) -> Self {
        let path = path_in(world, key.debtor, key.period);
        let month = deadlines(key.period, &path, rulebook);
        let before = ObligationKey { period: key.period.previous(), ..*key };
        let earlier = world.return_of(key);
        let kind = world.office(key.debtor).map(|office| office.kind);
        let units = (kind == Some(OfficeKind::County))
            .then(|| Units::of(world, rulebook, key, &month, listed, at));
        let told = |units: &Units| {
            units.told.iter().any(|(_, content)| matches!(content.accidents, Answer::Told(_)))
        };
        let incident_known = units.as_ref().is_some_and(told)
            || incident_since(world, key.debtor, month.covers_after, Some(month.unit_cutoff));
        // With a unit silent, unread or without a number (安全无事 by message) a county's people
        // cannot be compared with the roster.
        let whole = units.as_ref().is_none_or(|units| {
            let counted = units.told.iter().all(|(_, told)| told.headcount.is_some());
            units.told.is_empty() || units.silent.is_empty() && !units.unread && counted
        });
        Self {
            kind,
            last: world.return_of(&before).and_then(|came| came.settled_content()).cloned(),
            earlier: earlier.and_then(|came| came.content()).cloned(),
            asked_to_correct: earlier.is_some_and(|came| came.workflow == Workflow::SentBack),
            roster: whole.then(|| Roster::of(world, key.debtor, &month)).flatten(),
            incident_known,
            units,
        }
    }
}

/// Whether an accident that came by itself at an office, or at one below it, happened, or came
/// where that is not told, from `since` on and before `until`.
pub fn incident_since(
    world: &World,
    office: OfficeId,
    since: NaiveDateTime,
    until: Option<NaiveDateTime>,
) -> bool {
    world.incidents().any(|opened| {
        let when = opened.incident.occurred.unwrap_or(opened.received_at);
        let within = when >= since && until.is_none_or(|until| when < until);
        within && world.path(opened.incident.office, when.date()).contains(&office)
    })
}

impl Roster {
    /// None where the roster has never had anybody there, so that an office without a roster is not
    /// told that it has too many people.
    fn of(world: &World, office: OfficeId, month: &Deadlines) -> Option<Self> {
        let cutoff = month.cutoff_day();
        let before = yesterday(month.covers_after.date());
        let kind = world.office(office)?.kind;
        let serving = |date| -> Vec<PersonId> {
            let units: Vec<OfficeId> = match kind {
                OfficeKind::Unit => Vec::from([office]),
                _ => world.subordinates(office, OfficeKind::Unit, date).map(|it| it.id).collect(),
            };
            let services = units.iter().flat_map(|unit| world.services_at(*unit));
            let mut people: Vec<PersonId> = services
                .filter(|service| service.validity.contains(date))
                .map(|service| service.person)
                .collect();
            people.sort_unstable();
            people.dedup();
            people
        };
        let (now, then) = (serving(cutoff), serving(before));
        let ever = match kind {
            OfficeKind::Unit => !world.services_at(office).is_empty(),
            _ => !now.is_empty() || !then.is_empty(),
        };
        let arrived = now.iter().filter(|person| then.binary_search(person).is_err());
        let departed = then.iter().filter(|person| now.binary_search(person).is_err());
        let (arrived, departed) = (arrived.copied().collect(), departed.copied().collect());
        ever.then_some(Self { serving: now, arrived, departed })
    }
}

impl Units {
    fn of(
        world: &World,
        rulebook: &Rulebook,
        key: &ObligationKey,
        month: &Deadlines,
        listed: &[OfficeId],
        at: NaiveDateTime,
    ) -> Self {
        let cutoff = month.cutoff_day();
        let mut units = Self { listed: listed.to_vec(), ..Self::default() };
        for unit in world.subordinates(key.debtor, OfficeKind::Unit, cutoff) {
            let key = ObligationKey { rule: Rule::UnitMonthlyReturn, debtor: unit.id, ..*key };
            if let Some(content) = world.return_of(&key).and_then(|came| came.content()) {
                units.told.push((unit.id, content.clone()));
                continue;
            }
            let Ok(owed) = obligation(world, rulebook, &key, at) else { continue };
            let unread = matches!(owed.standing, Standing::Unread(_));
            units.unread |= unread;
            if !unread && !owed.standing.is_discharged() {
                let people = u32::try_from(world.volunteers(unit.id, cutoff)).unwrap_or(u32::MAX);
                units.silent.push(unit.id);
                units.silent_headcount = units.silent_headcount.saturating_add(people);
            }
        }
        units
    }
}
