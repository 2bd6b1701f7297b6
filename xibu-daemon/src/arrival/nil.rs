//! 安全无事: a word about safety, believed only with the code of its request and where nothing
//! says otherwise.

use std::fmt;

use chrono::{NaiveDate, NaiveDateTime};
use xibu_core::assess::obligation;
use xibu_core::change::Change;
use xibu_core::deadline::deadlines;
use xibu_core::obligation::ObligationKey;
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::person::PersonId;
use xibu_core::returns::{Answer as Told, Content, ReturnVersion};
use xibu_core::rule::Rule;

use super::request::Request;
use super::{Answer, HeldFor, Judge, Said, TakenAs, WRONG_CODES_MAX, held, is_in, taken};
use crate::store::Taken;

/// Whom a request asks about, shown as `roster:5@2026-06-24`.
struct Roster {
    heads: u32,
    day: NaiveDate,
}

impl fmt::Display for Roster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "roster:{}@{}", self.heads, self.day)
    }
}

impl Judge<'_> {
    pub(super) fn nil(
        &self,
        person: PersonId,
        said: &Said,
        headcount: Option<u32>,
        month: Option<u32>,
        wrong_codes: u32,
    ) -> (Taken, Option<Answer>) {
        if self.posts_of(person).next().is_none() {
            return (held(HeldFor::SenderHasNoOffice), Some(Answer::APersonLooks));
        }
        if wrong_codes >= WRONG_CODES_MAX {
            return (held(HeldFor::TooManyWrongCodes), None);
        }
        let Some(code) = said.heard.code.as_deref() else {
            return (held(HeldFor::CodeIsMissing), Some(Answer::CodeIsMissing));
        };
        let Some(request) = self.request_with(person, code) else {
            if let Some(early) = self.not_yet_open_with(person, code) {
                let judged = Taken { detail: early.to_string(), ..held(HeldFor::BeforeTheOpening) };
                return (judged, Some(Answer::APersonLooks));
            }
            let last = wrong_codes + 1 >= WRONG_CODES_MAX;
            return (held(HeldFor::WrongCode), (!last).then_some(Answer::WrongCode));
        };
        let detail = request.key.to_string();
        let why = self.what_speaks_against(&request.key, month);
        let asked_about = self.roster_of(&request.key);
        let detail = match said.by_mail {
            true => format!("{detail} {asked_about}"),
            false => detail,
        };
        let counts_others =
            said.by_mail && headcount.is_some_and(|count| count != asked_about.heads);
        let why = why.or(counts_others.then_some(HeldFor::HeadcountIsAnother));
        if let Some(why) = why {
            return (Taken { detail, ..held(why) }, Some(Answer::APersonLooks));
        }
        if !request.is_open() {
            let judged = Taken { detail, ..taken(TakenAs::AlreadyIn) };
            return (judged, Some(Answer::AlreadyIn));
        }
        let nil = self.nil_of(&request, person, said.at, headcount);
        (Taken { detail, ..nil }, Some(Answer::Nil { headcount }))
    }

    /// Whom a request asks about: those who serve on the day of the cut-off, or today while that
    /// lies ahead.
    fn roster_of(&self, key: &ObligationKey) -> Roster {
        let today = self.now.date();
        let path = self.world.path(key.debtor, today);
        let day = deadlines(key.period, &path, self.rulebook).cutoff_day().min(today);
        let units: Vec<OfficeId> = self.units_of(key).chain([key.debtor]).collect();
        let heads: usize = units.iter().map(|unit| self.world.volunteers(*unit, day)).sum();
        Roster { heads: u32::try_from(heads).unwrap_or(u32::MAX), day }
    }

    /// The return that a nil is.
    pub(super) fn nil_of(
        &self,
        request: &Request,
        person: PersonId,
        at: NaiveDateTime,
        headcount: Option<u32>,
    ) -> Taken {
        let content = Content {
            headcount,
            accidents: Told::Nil,
            stated_by: Some(person),
            ..Content::default()
        };
        let version = ReturnVersion {
            // A door's clock may run ahead of ours; lateness is never counted by that.
            received_at: at.min(self.now.civil),
            document: Some(0),
            content: Some(content),
            silent_units: self.silent_units(&request.key),
        };
        let changes = vec![Change::ReturnCame { obligation: request.key, version }];
        Taken { detail: request.key.to_string(), changes, ..taken(TakenAs::Nil) }
    }

    pub(super) fn what_speaks_against(
        &self,
        key: &ObligationKey,
        month: Option<u32>,
    ) -> Option<HeldFor> {
        if month.is_some_and(|month| month != key.period.month()) {
            return Some(HeldFor::OfAnotherMonth);
        }
        let path = self.world.path(key.debtor, self.now.date());
        let since = deadlines(key.period, &path, self.rulebook).covers_after;
        let opened = self.world.incidents().any(|opened| {
            let below = self.world.path(opened.incident.office, self.now.date());
            opened.received_at >= since && below.contains(&key.debtor)
        });
        let told = self.units_of(key).any(|unit| {
            let key = ObligationKey { rule: Rule::UnitMonthlyReturn, debtor: unit, ..*key };
            let content = self.world.return_of(&key).and_then(|known| known.content());
            content.is_some_and(|content| matches!(content.accidents, Told::Told(_)))
        });
        (opened || told).then_some(HeldFor::AnAccidentWasTold)
    }

    /// Units below a county that owe the month and have said nothing.
    fn silent_units(&self, key: &ObligationKey) -> Vec<OfficeId> {
        let silent = |unit: &OfficeId| {
            let key = ObligationKey { rule: Rule::UnitMonthlyReturn, debtor: *unit, ..*key };
            obligation(self.world, self.rulebook, &key, self.now.civil)
                .is_ok_and(|owed| !is_in(owed.standing))
        };
        self.units_of(key).filter(silent).collect()
    }

    /// The debtor's units; none where it is a unit itself.
    fn units_of(&self, key: &ObligationKey) -> impl Iterator<Item = OfficeId> + '_ {
        let date = self.now.date();
        self.world.subordinates(key.debtor, OfficeKind::Unit, date).map(|office| office.id)
    }
}
