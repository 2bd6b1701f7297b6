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
//! | acknowledgement with a day | a known sender in a post | rests the chasing |
//! | accident | a known sender | an incident and alarms at once, never a nil |
//! | stop | a known sender | no more job information; duties cannot be stopped |
//! | anything else | | one helpful answer, or a person |

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};
use xibu_core::appointment::Role;
use xibu_core::change::Change;
use xibu_core::consent::{Consent, Means, Purpose};
use xibu_core::incident::IncidentId;
use xibu_core::intake::reply::{Doubt, Heard, Reply};
use xibu_core::obligation::{ObligationKey, Standing};
use xibu_core::office::OfficeId;
use xibu_core::parameter::Rulebook;
use xibu_core::person::PersonId;
use xibu_core::world::World;

use crate::clock::Now;
use crate::outbox::errand::{Errand, Matter};
use crate::seal::RequestCode;
use crate::store::{Taken, Tally};

mod alarm;
pub mod answer;
pub mod echo;
mod nil;
mod request;
pub mod sealed;

pub use answer::Answer;
use request::Request;

/// So many wrong codes a day, and nothing of that sender is believed or answered that day any more.
pub const WRONG_CODES_MAX: u32 = 3;
/// So many answers a person gets a day.
pub const ANSWERS_MAX: u32 = 3;
/// How long an answer is of use.
const ANSWER_HOURS: i64 = 24;

/// What a message was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TakenAs {
    /// 安全无事: the return of its office.
    Nil,
    /// A nil for a return that is in already; it changes nothing.
    AlreadyIn,
    /// A day was promised, or only that the request was seen.
    Acknowledged,
    /// An accident.
    Incident,
    /// No more job information.
    Stopped,
    /// Nothing for certain; it was answered.
    Unclear,
    /// A machine wrote it.
    Automatic,
    /// Nothing yet: it waits for a person.
    Nothing,
    /// A person looked and nothing follows.
    Dropped,
}

impl TakenAs {
    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            TakenAs::Nil => "nil",
            TakenAs::AlreadyIn => "already_in",
            TakenAs::Acknowledged => "acknowledged",
            TakenAs::Incident => "incident",
            TakenAs::Stopped => "stopped",
            TakenAs::Unclear => "unclear",
            TakenAs::Automatic => "automatic",
            TakenAs::Nothing => "nothing",
            TakenAs::Dropped => "dropped",
        }
    }
}

/// Why a message waits for a person. Declared in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldFor {
    /// Somebody nobody knows tells of an accident.
    UnknownSenderTellsAnAccident,
    /// The number or address is nobody's.
    UnknownSender,
    /// The number or address is several people's.
    SenderIsSeveral,
    /// Files came with it.
    FilesCameWithIt,
    /// The sender is in no post from which that can be said.
    SenderHasNoOffice,
    /// Too many wrong codes came from there today.
    TooManyWrongCodes,
    /// A nil without the code of its request.
    CodeIsMissing,
    /// The code is of no request to the sender.
    WrongCode,
    /// It speaks of another month than the request.
    OfAnotherMonth,
    /// A nil, though an accident was told for the same time.
    AnAccidentWasTold,
    /// Nothing is owed that it could be about.
    NothingIsOwed,
    /// Perhaps an accident, or a worry.
    MaybeAnAccident,
    /// Words for a person to read.
    WordsForAPerson,
}

impl HeldFor {
    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            HeldFor::UnknownSenderTellsAnAccident => "unknown_sender_tells_an_accident",
            HeldFor::UnknownSender => "unknown_sender",
            HeldFor::SenderIsSeveral => "sender_is_several",
            HeldFor::FilesCameWithIt => "files_came_with_it",
            HeldFor::SenderHasNoOffice => "sender_has_no_office",
            HeldFor::TooManyWrongCodes => "too_many_wrong_codes",
            HeldFor::CodeIsMissing => "code_is_missing",
            HeldFor::WrongCode => "wrong_code",
            HeldFor::OfAnotherMonth => "of_another_month",
            HeldFor::AnAccidentWasTold => "an_accident_was_told",
            HeldFor::NothingIsOwed => "nothing_is_owed",
            HeldFor::MaybeAnAccident => "maybe_an_accident",
            HeldFor::WordsForAPerson => "words_for_a_person",
        }
    }

    /// Whether it cannot wait: somebody may be hurt.
    pub const fn is_urgent(self) -> bool {
        matches!(
            self,
            HeldFor::UnknownSenderTellsAnAccident
                | HeldFor::AnAccidentWasTold
                | HeldFor::MaybeAnAccident
        )
    }
}

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
    /// Whether files came with it.
    pub has_files: bool,
    /// A fresh number, should it be an accident.
    pub incident: Option<IncidentId>,
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
    /// The time.
    pub now: Now,
}

impl Judge<'_> {
    /// What a message is taken for; `tally` is the sender's day so far.
    pub fn judge(&self, said: &Said, tally: Tally) -> Taken {
        if said.automatic || said.is_ours {
            return taken(TakenAs::Automatic);
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
        self.with_answer(judged, person, answer, tally)
    }

    fn of(&self, person: PersonId, said: &Said, tally: Tally) -> (Taken, Option<Answer>) {
        match said.heard.reply {
            Reply::Accident { .. } => self.accident(person, said),
            _ if said.has_files => (held(HeldFor::FilesCameWithIt), Some(Answer::APersonLooks)),
            Reply::Nil { headcount, month } => {
                self.nil(person, said, headcount, month, tally.wrong_codes)
            }
            Reply::Acknowledged { by } => self.acknowledged(person, said, by),
            Reply::Stop => (self.stopped(person, said.at), Some(self.stop_answer(person))),
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
        if tally.answers >= ANSWERS_MAX {
            judged.detail = format!("{} answered_enough_today", judged.detail).trim().to_owned();
            return judged;
        }
        judged.errands.push(Errand {
            cause: String::new(),
            person,
            matter: Matter::Answer { arrival: 0, taken_as: answer.name() },
            not_before: self.now.civil,
            expires: self.now.civil + TimeDelta::hours(ANSWER_HOURS),
            avoid: None,
        });
        judged
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

    fn stopped(&self, person: PersonId, at: NaiveDateTime) -> Taken {
        let consent = Consent { given: false, since: at, means: Means::Reply };
        let purpose = Purpose::JobInformation;
        let changes = vec![Change::ConsentSaid { person, purpose, consent }];
        Taken { changes, ..taken(TakenAs::Stopped) }
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

/// A clerk's word on a message that waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByClerk {
    /// It is a nil.
    Nil,
    /// It promises a day.
    Acknowledged(NaiveDate),
    /// It tells an accident.
    Incident,
}

impl Judge<'_> {
    /// What a clerk took a message for; `person` is its sender.
    ///
    /// # Errors
    /// Why that cannot be.
    pub fn by_clerk(
        &self,
        word: ByClerk,
        person: PersonId,
        at: NaiveDateTime,
        incident: IncidentId,
    ) -> Result<Taken, HeldFor> {
        match word {
            ByClerk::Incident => {
                let kind = xibu_core::incident::IncidentKind::Other;
                self.opened(person, at, kind, None, incident).ok_or(HeldFor::SenderHasNoOffice)
            }
            ByClerk::Nil => {
                let mut open = self.requests_to(person).filter(Request::is_open);
                let request = open.next().ok_or(HeldFor::NothingIsOwed)?;
                Ok(self.nil_of(&request, person, at, None))
            }
            ByClerk::Acknowledged(promised) => {
                let changes: Vec<Change> = self
                    .requests_to(person)
                    .filter(Request::rests)
                    .map(|request| Change::Acknowledged {
                        obligation: request.key,
                        by: Some(person),
                        at,
                        promised,
                    })
                    .collect();
                match changes.is_empty() {
                    true => Err(HeldFor::NothingIsOwed),
                    false => Ok(Taken { changes, ..taken(TakenAs::Acknowledged) }),
                }
            }
        }
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
    Taken { as_what, held: None, detail: String::new(), changes: Vec::new(), errands: Vec::new() }
}

fn held(why: HeldFor) -> Taken {
    Taken { held: Some(why), ..taken(TakenAs::Nothing) }
}

const fn is_in(standing: Standing) -> bool {
    matches!(standing, Standing::In(_))
}

#[cfg(test)]
mod tests;
