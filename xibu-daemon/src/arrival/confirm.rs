//! 确认汇总: a county's word that what was put together from its units is right.
//!
//! It becomes the county's return, so it counts only with the code that stood beside that very
//! version: who answers with it has seen these figures. When a unit comes in meanwhile the version
//! is another one, its code too, and the sender is told to look at the newest.

use xibu_core::consolidation::{NotConfirmable, confirm, consolidate};
use xibu_core::person::PersonId;
use xibu_core::rule::Rule;

use super::{Answer, HeldFor, Judge, Said, TakenAs, WRONG_CODES_MAX, held, taken};
use crate::store::Taken;

impl Judge<'_> {
    pub(super) fn confirmed(
        &self,
        person: PersonId,
        said: &Said,
        wrong_codes: u32,
    ) -> (Taken, Option<Answer>) {
        if self.posts_of(person).next().is_none() {
            return (held(HeldFor::SenderHasNoOffice), Some(Answer::APersonLooks));
        }
        let is_of_county = |rule: Rule| rule == Rule::CountyMonthlyReturn;
        if !self.requests_to(person).any(|one| is_of_county(one.key.rule)) {
            // 确认 of somebody who has nothing to confirm says no more than 收到.
            return self.acknowledged(person, said, None);
        }
        if wrong_codes >= WRONG_CODES_MAX {
            return (held(HeldFor::TooManyWrongCodes), None);
        }
        let Some(code) = said.heard.code.as_deref() else {
            return (held(HeldFor::CodeIsMissing), Some(Answer::ConfirmCode));
        };
        let mut found = None;
        // Each is compared, whatever was found before.
        for request in self.requests_to(person).filter(|one| is_of_county(one.key.rule)) {
            let (county, period) = (request.key.debtor, request.key.period);
            let at = self.now.civil;
            let shown = consolidate(self.world, self.rulebook, county, period, at);
            if (self.confirm_code)(&request.key, shown.version).is(code) {
                found = Some((request.key, shown));
            }
        }
        let Some((key, shown)) = found else {
            let last = wrong_codes + 1 >= WRONG_CODES_MAX;
            return (held(HeldFor::WrongCode), (!last).then_some(Answer::ConfirmCode));
        };
        let detail = key.to_string();
        // A door's clock may run ahead of ours; lateness is never counted by that.
        let word = (Some(person), said.at.min(self.now.civil), Some(0));
        match confirm(self.world, self.rulebook, &shown, word, (&[], None)) {
            Ok(changes) => {
                let changes = changes.to_vec();
                (Taken { detail, changes, ..taken(TakenAs::Confirmed) }, Some(Answer::Confirmed))
            }
            Err(NotConfirmable::AlreadyConfirmed) => {
                (Taken { detail, ..taken(TakenAs::AlreadyIn) }, Some(Answer::AlreadyIn))
            }
            Err(why) => {
                let detail = format!("{detail} {}", why.name());
                (Taken { detail, ..held(HeldFor::WordsForAPerson) }, Some(Answer::APersonLooks))
            }
        }
    }
}
