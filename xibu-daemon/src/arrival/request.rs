//! Which requests a person was sent that an answer can be about.

use xibu_core::assess::{is_chased_here, obligation};
use xibu_core::obligation::{Obligation, ObligationKey, Standing};
use xibu_core::office::OfficeId;
use xibu_core::period::Period;
use xibu_core::person::PersonId;
use xibu_core::rule::Rule;

use super::{Judge, is_in};

/// Months looked back; older ones are not chased.
const MONTHS_MAX: usize = 14;

/// A return that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) key: ObligationKey,
    pub(super) standing: Standing,
}

impl Request {
    /// Whether an answer can still be the return.
    pub(super) fn is_open(&self) -> bool {
        !is_in(self.standing)
    }

    /// Whether a promise can rest the chasing.
    pub(super) fn rests(&self) -> bool {
        let standing = self.standing;
        matches!(standing, Standing::Owed | Standing::Late | Standing::Acknowledged { .. })
    }
}

impl Judge<'_> {
    /// Requests to the offices a person speaks for, the oldest month first, those that are in
    /// included; only what this daemon chases.
    pub(super) fn requests_to(&self, person: PersonId) -> impl Iterator<Item = Request> + '_ {
        let posts: Vec<OfficeId> = self.posts_of(person).collect();
        let merged = posts.iter().flat_map(|office| self.world.merged_into(*office));
        let offices: Vec<OfficeId> = posts.iter().copied().chain(merged).collect();
        self.months().into_iter().flat_map(move |period| {
            let of_office = |office: &OfficeId| self.request(*office, period);
            offices.iter().filter_map(of_office).collect::<Vec<_>>()
        })
    }

    pub(super) fn months(&self) -> Vec<Period> {
        let newest = Period::of(self.now.date()).next();
        let months = std::iter::successors(Some(newest), |period| Some(period.previous()));
        let mut months: Vec<Period> = months.take(MONTHS_MAX).collect();
        months.reverse();
        months
    }

    pub(super) fn request(&self, office: OfficeId, period: Period) -> Option<Request> {
        self.owed(office, period).filter(|request| request.standing != Standing::NotOpen)
    }

    /// What an office owes for a month, asked for or not yet.
    fn owed(&self, office: OfficeId, period: Period) -> Option<Request> {
        let kind = self.world.office(office)?.kind;
        let rule = Rule::ALL.into_iter().find(|rule| rule.debtor() == kind)?;
        let key = ObligationKey { rule, debtor: office, period };
        let owed = obligation(self.world, self.rulebook, &key, self.now.civil).ok()?;
        self.is_ours(&owed).then_some(Request { key, standing: owed.standing })
    }

    /// The request that will have this code once it is made.
    pub(super) fn not_yet_open_with(&self, person: PersonId, typed: &str) -> Option<ObligationKey> {
        let offices: Vec<OfficeId> = self.posts_of(person).collect();
        let months = self.months();
        let owed = months
            .iter()
            .flat_map(|period| offices.iter().filter_map(|office| self.owed(*office, *period)));
        let mut early = owed.filter(|request| request.standing == Standing::NotOpen);
        early.find(|request| self.fits(request, typed)).map(|request| request.key)
    }

    fn is_ours(&self, owed: &Obligation) -> bool {
        let (world, date) = (self.world, self.now.date());
        is_chased_here(world, self.rulebook, self.serves, owed.creditor, date)
    }

    pub(super) fn fits(&self, request: &Request, typed: &str) -> bool {
        (self.code)(&request.key).is(typed)
    }

    /// The request whose code was typed; one that is still open before one that is in. Each code
    /// is compared, whatever was found before.
    pub(super) fn request_with(&self, person: PersonId, typed: &str) -> Option<Request> {
        let mut found: Option<Request> = None;
        for request in self.requests_to(person) {
            let better = found.is_none_or(|known| !known.is_open() && request.is_open());
            if self.fits(&request, typed) & better {
                found = Some(request);
            }
        }
        found
    }
}
