//! A message from a person: whose it is, what it is taken for, and what follows at once.
//!
//! What its words mean is `xibu_core::intake::reply`'s. Here is decided whether that is believed:
//! a sender's number can be forged and a nil is a word about safety, so it counts only with the
//! code that stood on the request. Pure: the store keeps what comes out in one transaction.
//!
//! What is believed how (policy assumption, each a named reason):
//!
//! | words | needs | becomes |
//! |---|---|---|
//! | nil | a known sender in a post, the code, nothing that says otherwise | the return |
//! | 确认汇总 | a known sender in a post, the code of that very version | the county's return |
//! | acknowledgement with a day | a known sender in a post | rests the chasing |
//! | accident | a known sender | an incident and alarms at once, never a nil |
//! | a word on an incident of ours | a sender who has to do with it | its next step |
//! | a pasted list | a sender above the units; the code for nils | a claim for each unit |
//! | stop | a known sender | no more job information; duties cannot be stopped |
//! | 同意, 不同意 | a known sender, an answer to our question | job information, or none |
//! | anything else | | one helpful answer, or a person |
//!
//! A mail is more easily forged, and longer, than a text message: the whole of its own words has to
//! be the answer, a nil that counts other heads than the roster waits, and what the mail server
//! takes for advertising is never believed.
//!
//! Files that came with it are read next, and judged by [`files`].

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use xibu_core::appointment::Role;
use xibu_core::change::Change;
use xibu_core::consent::{Consent, Means, Purpose};
use xibu_core::consolidation::Version;
use xibu_core::incident::IncidentId;
use xibu_core::intake::reply::{Doubt, Heard, Reply};
use xibu_core::obligation::{ObligationKey, Standing};
use xibu_core::office::OfficeId;
use xibu_core::parameter::Rulebook;
use xibu_core::person::PersonId;
use xibu_core::world::World;

use xibu_plugin_abi::message::Unread;

use crate::clock::Now;
use crate::outbox::errand::{Errand, Matter};
use crate::seal::RequestCode;
use crate::store::{Concern, Taken, Tally};

mod alarm;
pub mod answer;
mod clerk;
mod confirm;
pub mod echo;
pub mod files;
mod incident;
mod kind;
mod nil;
pub mod pasted;
mod request;
pub mod sealed;

pub use answer::Answer;
pub use clerk::ByClerk;
pub use kind::{HeldFor, TakenAs};
pub use pasted::Pasted;
use request::Request;

/// So many wrong codes a day, and nothing of that sender is believed or answered that day any more.
pub const WRONG_CODES_MAX: u32 = 3;
/// So many answers a person gets a day.
pub const ANSWERS_MAX: u32 = 3;
/// How long an answer is of use.
const ANSWER_HOURS: i64 = 24;

/// A message as it is judged.
#[derive(Clone, Debug)]
pub struct Said {
    /// Everybody who has that number or address.
    pub senders: Vec<PersonId>,
    /// When the channel took it, in the office's civil time.
    pub at: NaiveDateTime,
    /// What its words say.
    pub heard: Heard,
    /// Whether it is a mail: free words in one are for a person.
    pub by_mail: bool,
    /// Whether a machine wrote it.
    pub automatic: bool,
    /// Whether they are words of our own, come back: an automatic reply that does not say so.
    pub is_ours: bool,
    /// Whether the mail server takes it for unwanted advertising.
    pub spam: bool,
    /// Why it is not here whole.
    pub unread: Option<Unread>,
    /// Whether files came with it.
    pub has_files: bool,
    /// What it says to our question whether job information is wanted; none where it is no answer
    /// to that, or says neither outright.
    pub consent: Option<bool>,
    /// A fresh number, should it be an accident.
    pub incident: Option<IncidentId>,
    /// The incident of which the message of ours told that it answers.
    pub answers_incident: Option<IncidentId>,
    /// Whether it answers a message of ours that asks its sender for a return.
    pub answers_a_duty: bool,
    /// The list of several units in it.
    pub pasted: Option<Pasted>,
}

/// What is known when a message is judged.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    /// The record.
    pub world: &'a World,
    /// What is in force.
    pub rulebook: &'a Rulebook,
    /// The offices this daemon serves.
    pub serves: &'a [OfficeId],
    /// The code of a request.
    pub code: &'a dyn Fn(&ObligationKey) -> RequestCode,
    /// The code of one version of a county's consolidation.
    pub confirm_code: &'a dyn Fn(&ObligationKey, Version) -> RequestCode,
    /// The time.
    pub now: Now,
}

impl Judge<'_> {
    /// What a message is taken for; `tally` is the sender's day so far.
    pub fn judge(&self, said: &Said, tally: Tally) -> Taken {
        if said.automatic || said.is_ours {
            return taken(TakenAs::Automatic);
        }
        if matches!(said.unread, Some(Unread::Broken | Unread::Unknown)) {
            return held(HeldFor::MailIsBroken);
        }
        if said.spam && said.senders.len() != 1 {
            return taken(TakenAs::Automatic);
        }
        if said.has_files && !said.spam && said.unread.is_none() {
            return self.before_its_files_are_read(said, tally);
        }
        let is_accident = matches!(said.heard.reply, Reply::Accident { .. });
        let person = match said.senders.as_slice() {
            [person] => *person,
            [] if is_accident => return held(HeldFor::UnknownSenderTellsAnAccident),
            [] => return held(HeldFor::UnknownSender),
            _ if is_accident => return held(HeldFor::UnknownSenderTellsAnAccident),
            _ => return held(HeldFor::SenderIsSeveral),
        };
        let (judged, answer) = self.of(person, said, tally);
        let judged = self.concerning(judged, person);
        self.with_answer(judged, person, answer, tally)
    }

    /// Whose ladders stand still while it waits: those of the offices its sender speaks for.
    fn concerning(&self, mut judged: Taken, person: PersonId) -> Taken {
        if judged.held == Some(HeldFor::SenderHasNoOffice) && self.left_post(person).is_some() {
            judged.held = Some(HeldFor::SenderLeftThePost);
        }
        if judged.held.is_some() {
            let about: Option<ObligationKey> = judged.detail.parse().ok();
            judged.concerns = match about {
                Some(key) => vec![Concern { office: key.debtor, period: Some(key.period) }],
                None => self.offices_of(person).map(Concern::of_any_month).collect(),
            };
        }
        judged
    }

    /// The offices a person speaks for; where there is none, the one that was left last.
    fn offices_of(&self, person: PersonId) -> impl Iterator<Item = OfficeId> + '_ {
        let own: Vec<OfficeId> = self.posts_of(person).collect();
        let left = if own.is_empty() { self.left_post(person) } else { None };
        own.into_iter().chain(left)
    }

    /// The office whose post a person left last, where none is held any more.
    fn left_post(&self, person: PersonId) -> Option<OfficeId> {
        if self.posts_of(person).next().is_some() {
            return None;
        }
        let date = self.now.date();
        let speaks = |role| matches!(role, Role::Contact | Role::Head | Role::Deputy);
        let left = self.world.appointments_of(person).filter(|held| {
            speaks(held.role) && held.validity.from <= date && !held.validity.contains(date)
        });
        left.max_by_key(|held| held.validity.from).map(|held| held.office)
    }

    fn of(&self, person: PersonId, said: &Said, tally: Tally) -> (Taken, Option<Answer>) {
        if let Some(list) = &said.pasted {
            return self.pasted(person, said, list, tally);
        }
        if let Some(judged) = self.about_incident(person, said) {
            return judged;
        }
        match said.heard.reply {
            // Forged, or put there by mistake: for a person, and soon.
            Reply::Accident { .. } if said.spam => (held(HeldFor::MaybeAnAccident), None),
            Reply::Accident { .. } => self.accident(person, said),
            _ if said.unread.is_some() => {
                (held(HeldFor::MailIsTooLarge), Some(Answer::APersonLooks))
            }
            // Whoever it is from gets no answer: an advertisement would be told that we are here.
            _ if said.spam => (held(HeldFor::MarkedAsSpam), None),
            _ if said.consent == Some(true) => {
                (self.job_information(person, true, said.at), Some(Answer::Allowed))
            }
            _ if said.consent == Some(false) => {
                (self.job_information(person, false, said.at), Some(self.stop_answer(person)))
            }
            Reply::Nil { headcount, month } => {
                self.nil(person, said, headcount, month, tally.wrong_codes)
            }
            Reply::Confirmed => self.confirmed(person, said, tally.wrong_codes),
            Reply::Acknowledged { by } => self.acknowledged(person, said, by),
            Reply::Stop => {
                (self.job_information(person, false, said.at), Some(self.stop_answer(person)))
            }
            Reply::Unclear(doubt) => unclear(doubt, said.by_mail),
        }
    }

    /// The answer goes with what it answers, unless the person had enough of them today.
    fn with_answer(
        &self,
        mut judged: Taken,
        person: PersonId,
        answer: Option<Answer>,
        tally: Tally,
    ) -> Taken {
        let Some(answer) = answer else { return judged };
        let errand = self.errand(person, answer);
        if tally.answers >= ANSWERS_MAX {
            judged.detail = format!("{} answered_enough_today", judged.detail).trim().to_owned();
            return judged;
        }
        judged.errands.push(errand);
        judged
    }

    /// An answer to message 0, which becomes the one it answers.
    fn errand(&self, person: PersonId, answer: Answer) -> Errand {
        Errand {
            cause: String::new(),
            person,
            matter: Matter::Answer { arrival: 0, taken_as: answer.name() },
            not_before: self.now.civil,
            expires: self.now.civil + TimeDelta::hours(ANSWER_HOURS),
            avoid: None,
        }
    }

    fn acknowledged(
        &self,
        person: PersonId,
        said: &Said,
        by: Option<NaiveDate>,
    ) -> (Taken, Option<Answer>) {
        let Some(promised) = by else {
            return (taken(TakenAs::Acknowledged), Some(Answer::Seen));
        };
        let open: Vec<Request> = self.requests_to(person).filter(Request::rests).collect();
        let code = said.heard.code.as_deref();
        let named = open.iter().filter(|one| code.is_some_and(|code| self.fits(one, code)));
        let named: Vec<&Request> = named.collect();
        let meant = if named.is_empty() { open.iter().collect() } else { named };
        if meant.is_empty() {
            return (taken(TakenAs::Acknowledged), Some(Answer::NothingIsOwed));
        }
        let changes = meant.iter().map(|request| Change::Acknowledged {
            obligation: request.key,
            by: Some(person),
            at: said.at,
            promised,
        });
        let judged = Taken { changes: changes.collect(), ..taken(TakenAs::Acknowledged) };
        (judged, Some(Answer::Promised { day: promised }))
    }

    fn job_information(&self, person: PersonId, given: bool, at: NaiveDateTime) -> Taken {
        let consent = Consent { given, since: at, means: Means::Reply };
        let purpose = Purpose::JobInformation;
        let changes = vec![Change::ConsentSaid { person, purpose, consent }];
        Taken { changes, ..taken(if given { TakenAs::Allowed } else { TakenAs::Stopped }) }
    }

    fn stop_answer(&self, person: PersonId) -> Answer {
        let duties = self.posts_of(person).next().is_some();
        if duties { Answer::StoppedButDuties } else { Answer::Stopped }
    }

    /// Offices for whose returns a person may speak, with the post.
    fn posts_of(&self, person: PersonId) -> impl Iterator<Item = OfficeId> + '_ {
        let date = self.now.date();
        let speaks = |role| matches!(role, Role::Contact | Role::Head | Role::Deputy);
        self.world.offices().map(|office| office.id).filter(move |office| {
            self.world.appointments_at(*office).iter().any(|held| {
                held.person == person && speaks(held.role) && held.validity.contains(date)
            })
        })
    }
}

fn unclear(doubt: Doubt, by_mail: bool) -> (Taken, Option<Answer>) {
    let judged = match doubt {
        Doubt::MaybeAccident | Doubt::Worry => held(HeldFor::MaybeAnAccident),
        _ if by_mail || doubt.needs_a_person() => held(HeldFor::WordsForAPerson),
        _ => taken(TakenAs::Unclear),
    };
    let answer = match (by_mail, judged.held) {
        (true, Some(HeldFor::WordsForAPerson)) => Answer::APersonLooks,
        _ => Answer::Unclear(doubt),
    };
    (Taken { detail: doubt.name().to_owned(), ..judged }, Some(answer))
}

/// Taken for this, and nothing follows yet.
pub fn taken(as_what: TakenAs) -> Taken {
    Taken {
        as_what,
        held: None,
        detail: String::new(),
        changes: Vec::new(),
        errands: Vec::new(),
        concerns: Vec::new(),
    }
}

fn held(why: HeldFor) -> Taken {
    Taken { held: Some(why), ..taken(TakenAs::Nothing) }
}

const fn is_in(standing: Standing) -> bool {
    matches!(standing, Standing::In(_))
}

#[cfg(test)]
mod tests;
