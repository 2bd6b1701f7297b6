//! Files that came with a message: whether they are believed, for which offices, and why not.
//!
//! A sender is believed for the office of a post and those below, or for a request whose code came
//! with the message. Only returns are taken so; what changes people or offices is for a clerk,
//! since a sender's address can be forged. What it is not: it reads no file; what each would tell
//! comes as [`Foreseen`].

use std::collections::{BTreeMap, BTreeSet};

use xibu_core::appointment::Role;
use xibu_core::chain::holder;
use xibu_core::intake::reply::{Doubt, Reply};
use xibu_core::obligation::ObligationKey;
use xibu_core::office::OfficeId;
use xibu_core::period::Period;
use xibu_core::person::PersonId;
use xibu_core::rule::Rule;
use xibu_plugin_abi::message::Unreadable;

use super::{ANSWERS_MAX, Answer, HeldFor, Judge, Said, TakenAs, WRONG_CODES_MAX, held, taken};
use crate::intake::{Foreseen, Scope, Told, Within};
use crate::store::{Concern, Taken, Tally};

/// More different codes in one message are guesses, and none of them is believed.
const CODES_MAX: usize = 3;
/// So many wrong codes a day from addresses nobody has, and no stranger's code is believed that
/// day: four digits must not be found by trying.
pub const STRANGERS_WRONG_CODES_MAX: u32 = 20;
/// A stranger's files stop the ladders of so many offices at most.
const STRANGERS_OFFICES_MAX: usize = 1;

/// A message whose files have been looked at.
#[derive(Clone, Debug)]
pub struct WithFiles<'a> {
    /// The message.
    pub said: &'a Said,
    /// What looks like a code in its words and its subject.
    pub codes: BTreeSet<String>,
    /// What its files would tell.
    pub files: &'a [Foreseen],
    /// Whether one is larger than is read.
    pub too_large: bool,
    /// What it was taken for before its files were read.
    pub before: TakenAs,
}

/// What is decided on a message's files.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruling {
    /// For which offices they are taken; none where they wait for a person.
    pub scope: Option<Scope>,
    /// What the message is taken for.
    pub taken: Taken,
}

/// What its sender may speak for.
struct Rights {
    within: Within,
    /// What the files are about.
    wanted: BTreeSet<ObligationKey>,
    codes: BTreeSet<String>,
}

impl Judge<'_> {
    /// A message with files before they are read: an accident is told at once all the same.
    pub(super) fn before_its_files_are_read(&self, said: &Said, tally: Tally) -> Taken {
        let mut waits = match (said.heard.reply, said.senders.as_slice()) {
            (Reply::Accident { .. }, [person]) => {
                let (opened, answer) = self.accident(*person, said);
                let is_open = opened.held.is_none();
                let judged = self.with_answer(opened, *person, answer, tally);
                if !is_open {
                    return judged;
                }
                judged
            }
            (Reply::Accident { .. }, _) => return held(HeldFor::UnknownSenderTellsAnAccident),
            _ => taken(TakenAs::Nothing),
        };
        waits.held = Some(HeldFor::FilesCameWithIt);
        if let [person] = said.senders.as_slice() {
            waits.concerns = self.offices_of(*person).map(Concern::of_any_month).collect();
        }
        waits
    }

    /// Decides on a message's files.
    pub fn on_files(&self, message: &WithFiles<'_>, tally: Tally) -> Ruling {
        let rights = self.rights(message, tally);
        let why = self.why_not(message, &rights, tally);
        let (scope, mut taken) = match why {
            Some(why) => (None, Taken { held: Some(why), ..taken(message.before) }),
            None => {
                let taken = self.taken_from(message, &rights);
                (Some(Scope::Within(rights.within.clone())), taken)
            }
        };
        if taken.held.is_some() {
            taken.concerns = self.concerns(message, &rights);
        }
        if let Some(person) = self.whom_to_answer(message, &rights, scope.is_some()) {
            match tally.answers >= ANSWERS_MAX {
                true => taken.detail = format!("{} answered_enough_today", taken.detail),
                false => taken.errands.push(self.errand(person, Answer::Files)),
            }
        }
        taken.detail = taken.detail.trim().to_owned();
        Ruling { scope, taken }
    }

    fn rights(&self, message: &WithFiles<'_>, tally: Tally) -> Rights {
        let mut codes = message.codes.clone();
        codes.extend(message.files.iter().flat_map(|file| file.codes.iter().cloned()));
        let told = message.files.iter().flat_map(|file| &file.returns).map(|told| told.key);
        let unread = message.files.iter().filter(|file| file.unreadable.is_some());
        let named = unread.filter_map(|file| self.key_of(file.named?));
        let wanted: BTreeSet<ObligationKey> = told.chain(named).collect();
        let believed = codes.len() <= CODES_MAX && tally.wrong_codes < wrong_codes_max(message);
        let proven = |key: &&ObligationKey| believed && self.is_any(&codes, key);
        let offices = match message.said.senders.as_slice() {
            [person] => self.posts_of(*person).collect(),
            _ => BTreeSet::new(),
        };
        let requests = wanted.iter().filter(proven).copied().collect();
        Rights { within: Within { offices, requests }, wanted, codes }
    }

    /// The first reason that holds, in the order of [`HeldFor`].
    fn why_not(&self, message: &WithFiles<'_>, rights: &Rights, tally: Tally) -> Option<HeldFor> {
        let within = &rights.within;
        if within.offices.is_empty() && within.requests.is_empty() {
            return Some(self.why_unknown(message, rights, tally));
        }
        if rights.wanted.iter().any(|key| self.speaks_of_another_month(rights, key)) {
            return Some(HeldFor::OfAnotherMonth);
        }
        let scope = Scope::Within(within.clone());
        let allowed = |key: &ObligationKey| scope.allows(self.world, key, self.now.date());
        if !rights.wanted.is_empty() && !rights.wanted.iter().any(&allowed) {
            return Some(HeldFor::OfAnotherOffice);
        }
        let is_contradicted = |told: &Told| {
            told.accident == Some(false)
                && allowed(&told.key)
                && self.what_speaks_against(&told.key, None).is_some()
        };
        if message.files.iter().flat_map(|file| &file.returns).any(is_contradicted) {
            return Some(HeldFor::AnAccidentWasTold);
        }
        if message.too_large {
            return Some(HeldFor::FileTooLarge);
        }
        let nothing_to_take = rights.wanted.is_empty()
            && !message.files.iter().any(|file| file.is_return || file.known_before);
        if nothing_to_take { message.files.iter().filter_map(why_a_person).min() } else { None }
    }

    fn why_unknown(&self, message: &WithFiles<'_>, rights: &Rights, tally: Tally) -> HeldFor {
        let person = match message.said.senders.as_slice() {
            [person] => Some(*person),
            _ => None,
        };
        if !rights.codes.is_empty() && !rights.wanted.is_empty() {
            let other = |key: &ObligationKey| self.speaks_of_another_month(rights, key);
            return match tally.wrong_codes >= wrong_codes_max(message) {
                true => HeldFor::TooManyWrongCodes,
                false if rights.wanted.iter().any(other) => HeldFor::OfAnotherMonth,
                false => HeldFor::WrongCode,
            };
        }
        match person {
            None if message.said.senders.is_empty() => HeldFor::UnknownSender,
            None => HeldFor::SenderIsSeveral,
            Some(person) if self.left_post(person).is_some() => HeldFor::SenderLeftThePost,
            Some(_) => HeldFor::CodeIsMissing,
        }
    }

    /// Whether the code that came along is of the same office's request for another month.
    fn speaks_of_another_month(&self, rights: &Rights, key: &ObligationKey) -> bool {
        if rights.codes.len() > CODES_MAX || self.is_any(&rights.codes, key) {
            return false;
        }
        let others = self.months().into_iter().filter(|period| *period != key.period);
        let mut others = others.map(|period| ObligationKey { period, ..*key });
        others.any(|other| self.is_any(&rights.codes, &other))
    }

    /// Each is compared, whatever was found before.
    fn is_any(&self, codes: &BTreeSet<String>, key: &ObligationKey) -> bool {
        let code = (self.code)(key);
        codes.iter().fold(false, |found, typed| found | code.is(typed))
    }

    /// What is taken, and what waits for a person besides.
    fn taken_from(&self, message: &WithFiles<'_>, rights: &Rights) -> Taken {
        let mut waits: Vec<HeldFor> = message
            .files
            .iter()
            .filter(|file| !file.known_before && !file.is_return)
            .filter(|file| !(is_scan(file) && message.files.iter().any(|file| file.is_return)))
            .filter_map(why_a_person)
            .collect();
        let as_what = match message.before {
            TakenAs::Incident => TakenAs::Incident,
            _ => TakenAs::Files,
        };
        let mut taken = taken(as_what);
        match message.said.heard.reply {
            Reply::Unclear(Doubt::MaybeAccident | Doubt::Worry) => {
                waits.push(HeldFor::MaybeAnAccident);
            }
            Reply::Nil { .. } => self.nil_beside(message, rights, &mut taken),
            Reply::Stop => {
                if let [person] = message.said.senders.as_slice() {
                    let at = message.said.at;
                    taken.changes = self.job_information(*person, false, at).changes;
                }
            }
            _ => {}
        }
        taken.held = waits.into_iter().min();
        taken
    }

    /// 安全无事 in words beside files: the files count. Where they tell an accident it is refused;
    /// where nobody can read them it waits with them; a request of which they say nothing is
    /// answered by it.
    fn nil_beside(&self, message: &WithFiles<'_>, rights: &Rights, taken: &mut Taken) {
        let files = message.files;
        let told = || files.iter().flat_map(|file| &file.returns);
        if told().any(|told| told.accident == Some(true)) {
            taken.detail = NIL_REFUSED.to_owned();
            return;
        }
        let (Reply::Nil { headcount, month }, [person]) =
            (message.said.heard.reply, message.said.senders.as_slice())
        else {
            return;
        };
        if files.iter().any(|file| file.unreadable.is_some()) {
            return;
        }
        let (nil, _) = self.nil(*person, message.said, headcount, month, 0);
        let about: Option<ObligationKey> = nil.detail.parse().ok();
        if nil.as_what == TakenAs::Nil && about.is_some_and(|key| !rights.wanted.contains(&key)) {
            taken.changes = nil.changes;
            taken.detail = nil.detail;
        }
    }

    fn concerns(&self, message: &WithFiles<'_>, rights: &Rights) -> Vec<Concern> {
        let mut concerns: BTreeMap<OfficeId, Option<Period>> = BTreeMap::new();
        let senders = &message.said.senders;
        if let [person] = senders.as_slice() {
            concerns.extend(self.offices_of(*person).map(|office| (office, None)));
        }
        let offices: BTreeSet<OfficeId> = rights.wanted.iter().map(|key| key.debtor).collect();
        // Nobody may silence a city by sending a list of it.
        let is_known = !rights.within.offices.is_empty() || !rights.within.requests.is_empty();
        if is_known || offices.len() <= STRANGERS_OFFICES_MAX {
            let scope = Scope::Within(rights.within.clone());
            let date = self.now.date();
            let counts = |key: &&ObligationKey| !is_known || scope.allows(self.world, key, date);
            for key in rights.wanted.iter().filter(counts) {
                concerns.entry(key.debtor).or_insert(Some(key.period));
            }
        }
        concerns.into_iter().map(|(office, period)| Concern { office, period }).collect()
    }

    /// The sender; of several that share an address the first in a post; where only the code
    /// speaks for it, the contact of the office that was reported for.
    fn whom_to_answer(
        &self,
        message: &WithFiles<'_>,
        rights: &Rights,
        is_taken: bool,
    ) -> Option<PersonId> {
        let senders = message.said.senders.as_slice();
        if let [person] = senders {
            return Some(*person);
        }
        let in_post = senders.iter().find(|person| self.posts_of(**person).next().is_some());
        if let Some(person) = in_post.or(senders.first()) {
            return Some(*person);
        }
        let key = rights.within.requests.first().filter(|_| is_taken)?;
        let contact = holder(self.world, key.debtor, Role::Contact, self.now.date());
        contact.ok().map(|holder| holder.person)
    }

    /// The return that an office owes for a month.
    fn key_of(&self, (office, period): (OfficeId, Period)) -> Option<ObligationKey> {
        let kind = self.world.office(office)?.kind;
        let rule = Rule::ALL.into_iter().find(|rule| rule.debtor() == kind)?;
        Some(ObligationKey { rule, debtor: office, period })
    }
}

/// That 安全无事 stood in the words of a message whose file tells an accident.
pub const NIL_REFUSED: &str = "nil_refused_file_tells_an_accident";

/// Why a file that is no return is for a person.
fn why_a_person(file: &Foreseen) -> Option<HeldFor> {
    match file {
        file if file.unreadable.is_some() => Some(HeldFor::FileCannotBeRead),
        file if file.changes_people => Some(HeldFor::FilesChangePeople),
        file if file.is_return => None,
        _ => Some(HeldFor::FileNotUnderstood),
    }
}

/// A photo or scan; beside the return itself it is its signed page and needs nobody.
fn is_scan(file: &Foreseen) -> bool {
    matches!(file.unreadable, Some(Unreadable::Picture | Unreadable::Pdf))
}

fn wrong_codes_max(message: &WithFiles<'_>) -> u32 {
    match message.said.senders.is_empty() {
        true => STRANGERS_WRONG_CODES_MAX,
        false => WRONG_CODES_MAX,
    }
}
