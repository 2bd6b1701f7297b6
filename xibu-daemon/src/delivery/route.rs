//! By which channel a message goes, to which address, and whether it may go now.
//!
//! A person's channels are tried in the order of the settings. An address that a channel called
//! wrong is passed over until the value is set anew; so is a channel by which the message came
//! back. Limits slow the queue and fail nothing. What it is not: it sends nothing.

use std::collections::BTreeMap;

use xibu_core::person::PersonId;

use super::outcome::Sent;
use super::{Channel, Desk, Desktop, Post};
use crate::clock::Now;
use crate::outbox::Class;
use crate::store::{Envelope, Result, Spent, Store, ValueKind};

/// A minute, milliseconds.
const MINUTE_MS: i64 = 60_000;

/// Which personal value leads to which channel.
#[derive(Clone, Debug)]
pub struct Route<C> {
    /// The value that is the address.
    pub kind: ValueKind,
    /// The channel.
    pub channel: C,
    /// What may go by it.
    pub limits: ChannelLimits,
}

impl<C> Route<C> {
    /// A route without limits.
    pub fn new(kind: ValueKind, channel: C) -> Self {
        Self { kind, channel, limits: ChannelLimits::default() }
    }
}

/// What may go by a channel; none is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChannelLimits {
    /// Messages a day.
    pub per_day: Option<u32>,
    /// Messages a day to one person.
    pub per_person_per_day: Option<u32>,
    /// Messages a minute.
    pub per_minute: Option<u32>,
}

impl ChannelLimits {
    /// Whether anything is limited.
    pub fn is_any(&self) -> bool {
        *self != Self::default()
    }
}

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// There.
    Go {
        /// Which route.
        route: usize,
        /// To which address.
        address: String,
    },
    /// Not before, for this named reason.
    Rest {
        /// Milliseconds since the epoch.
        until: i64,
        /// Why.
        reason: &'static str,
    },
    /// Nowhere, for this named reason.
    Never {
        /// Why.
        reason: &'static str,
    },
}

/// What the channels' limits still allow, by route.
#[derive(Debug, Default)]
pub(super) struct Budgets {
    by_route: BTreeMap<usize, Budget>,
}

#[derive(Debug)]
struct Budget {
    limits: ChannelLimits,
    spent: Spent,
    /// When the next minute and the next day begin.
    next_minute: i64,
    next_day: i64,
    /// Put off to a later minute so far: each minute takes its share.
    put_off: u32,
}

impl Budget {
    /// Counts one message; or until when it has to wait.
    fn take(&mut self, person: PersonId) -> Option<i64> {
        let limits = self.limits;
        let of_person = self.spent.by_person.entry(person).or_default();
        if limits.per_day.is_some_and(|most| self.spent.today >= most)
            || limits.per_person_per_day.is_some_and(|most| *of_person >= most)
        {
            return Some(self.next_day);
        }
        if let Some(most) = limits.per_minute
            && self.spent.this_minute >= most
        {
            let minutes = self.put_off / most.max(1);
            self.put_off += 1;
            return Some(self.next_minute + MINUTE_MS * i64::from(minutes));
        }
        *of_person += 1;
        self.spent.today += 1;
        self.spent.this_minute += 1;
        None
    }
}

impl<S: Store, C: Channel, D: Desk> Post<'_, S, C, D> {
    /// What the limits allow from now on.
    pub(super) async fn budgets(&self, now: Now) -> Result<Budgets> {
        let mut budgets = Budgets::default();
        let day = now.unix_of(now.date().and_time(chrono::NaiveTime::MIN));
        let minute = now.unix_ms - now.unix_ms.rem_euclid(MINUTE_MS);
        let tomorrow = now.date().succ_opt().unwrap_or(now.date());
        for (index, route) in self.routes.iter().enumerate() {
            if !route.limits.is_any() {
                continue;
            }
            let budget = Budget {
                limits: route.limits,
                spent: self.store.spent(route.channel.id(), day, minute).await?,
                next_minute: minute + MINUTE_MS,
                next_day: now.unix_of(tomorrow.and_time(chrono::NaiveTime::MIN)),
                put_off: 0,
            };
            budgets.by_route.insert(index, budget);
        }
        Ok(budgets)
    }

    /// By which channel an envelope goes now. An alarm takes the first channel that does not rest,
    /// and no limit holds it back.
    pub(super) fn choose(
        &self,
        desktop: &Desktop<'_>,
        envelope: &Envelope,
        avoid: Option<&str>,
    ) -> Way {
        let open = match self.open_routes(desktop, envelope, avoid) {
            Ok(open) => open,
            Err(reason) => return Way::Never { reason },
        };
        let is_alarm = envelope.key.class == Class::Alarm;
        let awake = open.iter().find(|(route, _)| self.channel_rests(desktop, *route).is_none());
        let chosen = match (is_alarm, awake) {
            (true, Some(awake)) => Some(awake),
            _ => open.first(),
        };
        let Some((route, address)) = chosen.cloned() else {
            return Way::Never { reason: "no_address" };
        };
        if let Some(until) = self.channel_rests(desktop, route) {
            return Way::Rest { until, reason: "channel_is_paused" };
        }
        let mut budgets = desktop.budgets.borrow_mut();
        if !is_alarm
            && let Some(budget) = budgets.by_route.get_mut(&route)
            && let Some(until) = budget.take(envelope.key.person)
        {
            return Way::Rest { until, reason: "budget_is_used_up" };
        }
        Way::Go { route, address }
    }

    /// What is to be known to judge what becomes of it.
    pub(super) fn sent(&self, desktop: &Desktop<'_>, envelope: &Envelope, route: usize) -> Sent {
        let reaches = desktop.redirect_to.is_none().then_some(self.routes[route].kind);
        let avoid = envelope.errand.as_ref().and_then(|errand| errand.avoid.as_deref());
        let open = self.open_routes(desktop, envelope, avoid).unwrap_or_default();
        // A fault is of the address, whichever channel says so.
        let has_another = reaches
            .is_some_and(|kind| open.iter().any(|(other, _)| self.routes[*other].kind != kind));
        Sent::new(envelope, desktop.now, reaches, has_another)
    }

    /// The routes left to an envelope, the preferred first; or why there is none.
    fn open_routes(
        &self,
        desktop: &Desktop<'_>,
        envelope: &Envelope,
        avoid: Option<&str>,
    ) -> std::result::Result<Vec<(usize, String)>, &'static str> {
        if let Some(address) = &desktop.redirect_to {
            let mail = self.routes.iter().position(|route| route.kind == ValueKind::Mail);
            return mail.map(|route| vec![(route, address.clone())]).ok_or("no_address");
        }
        let person = envelope.key.person;
        let mail_alone = goes_by_mail_alone(envelope.key.class);
        let nowhere = if mail_alone { "no_mail_address" } else { "no_address" };
        let personal = desktop.personal.get(&person).ok_or(nowhere)?;
        let mut failed = false;
        let mut open = Vec::new();
        for (index, route) in self.routes.iter().enumerate() {
            if mail_alone && route.kind != ValueKind::Mail {
                continue;
            }
            let channel = route.channel.id();
            let address = match route.kind {
                ValueKind::Mail => personal.mail.as_ref(),
                ValueKind::Phone => personal.phone.as_ref(),
                ValueKind::Name | ValueKind::IdNumber => None,
            };
            let Some(address) = address.filter(|_| avoid != Some(channel)) else { continue };
            let came_back = envelope.came_back_by.iter().any(|back| back == channel);
            if came_back || desktop.faults.contains(&(person, route.kind)) {
                failed = true;
            } else {
                open.push((index, address.clone()));
            }
        }
        match (open.is_empty(), failed) {
            (false, _) => Ok(open),
            (true, true) => Err("every_address_failed"),
            (true, false) => Err(nowhere),
        }
    }

    /// Until when a route's channel rests, milliseconds since the epoch; none where it does not.
    fn channel_rests(&self, desktop: &Desktop<'_>, route: usize) -> Option<i64> {
        let standing = desktop.standings.get(self.routes[route].channel.id())?;
        Some(standing.paused_until).filter(|until| *until > desktop.now.unix_ms)
    }
}

/// Commercial SMS gateways forbid job advertisements and links to them, and carry no form.
const fn goes_by_mail_alone(class: Class) -> bool {
    matches!(class, Class::Digest | Class::Question | Class::Form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(limits: ChannelLimits, spent: (u32, u32), persons: &[u32], expected: &[Option<i64>]) {
        let mut budget = Budget {
            limits,
            spent: Spent { today: spent.0, this_minute: spent.1, by_person: BTreeMap::new() },
            next_minute: 60_000,
            next_day: 1_000_000,
            put_off: 0,
        };
        let found: Vec<_> = persons.iter().map(|person| budget.take(PersonId(*person))).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_over_a_limit_waits_for_its_turn() {
        let none = ChannelLimits::default();
        check(none, (9_999, 9_999), &[1, 1, 1], &[None, None, None]);
        let minute = ChannelLimits { per_minute: Some(2), ..none };
        let later = [None, Some(60_000), Some(60_000), Some(120_000), Some(120_000), Some(180_000)];
        check(minute, (1, 1), &[1, 2, 3, 4, 5, 6], &later);
        let person = ChannelLimits { per_person_per_day: Some(1), ..none };
        check(person, (0, 0), &[1, 2, 1], &[None, None, Some(1_000_000)]);
        let day = ChannelLimits { per_day: Some(2), per_minute: Some(9), ..none };
        check(day, (1, 0), &[1, 2, 3], &[None, Some(1_000_000), Some(1_000_000)]);
    }
}
