//! What a message can be taken for, and why one waits for a person: two closed lists.

use serde::{Deserialize, Serialize};

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
    /// 确认汇总: the county's return, as it was put together.
    Confirmed,
    /// An accident.
    Incident,
    /// Job information is wanted.
    Allowed,
    /// No more job information.
    Stopped,
    /// Nothing for certain; it was answered.
    Unclear,
    /// What its files tell.
    Files,
    /// A machine wrote it.
    Automatic,
    /// Nothing yet: it waits for a person.
    Nothing,
    /// A person looked and nothing follows.
    Dropped,
    /// A word about an incident that is known.
    IncidentWord,
    /// A pasted list of several units.
    List,
}

impl TakenAs {
    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            TakenAs::Nil => "nil",
            TakenAs::AlreadyIn => "already_in",
            TakenAs::Acknowledged => "acknowledged",
            TakenAs::Confirmed => "confirmed",
            TakenAs::Incident => "incident",
            TakenAs::Allowed => "allowed",
            TakenAs::Stopped => "stopped",
            TakenAs::Unclear => "unclear",
            TakenAs::Files => "files",
            TakenAs::Automatic => "automatic",
            TakenAs::Nothing => "nothing",
            TakenAs::Dropped => "dropped",
            TakenAs::IncidentWord => "incident_word",
            TakenAs::List => "list",
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
    /// It could not be taken apart: the whole of it is its file.
    MailIsBroken,
    /// It is larger than is taken; only its beginning is here.
    MailIsTooLarge,
    /// The mail server takes it for unwanted advertising.
    MarkedAsSpam,
    /// Files came with it, and they are read next.
    FilesCameWithIt,
    /// The sender was in such a post once and is not any more.
    SenderLeftThePost,
    /// The sender is in no post from which that can be said.
    SenderHasNoOffice,
    /// Too many wrong codes came from there today.
    TooManyWrongCodes,
    /// A nil without the code of its request.
    CodeIsMissing,
    /// The code is of no request to the sender.
    WrongCode,
    /// A nil before its month was asked for: nobody can know yet.
    BeforeTheOpening,
    /// It speaks of another month than the request.
    OfAnotherMonth,
    /// The files are about offices for which the sender does not speak.
    OfAnotherOffice,
    /// A nil that counts other heads than the roster it was asked about.
    HeadcountIsAnother,
    /// A nil, though an accident was told for the same time.
    AnAccidentWasTold,
    /// Nothing is owed that it could be about.
    NothingIsOwed,
    /// Perhaps an accident, or a worry.
    MaybeAnAccident,
    /// A file is larger than is read.
    FileTooLarge,
    /// A file cannot be read: a photo, a scan, behind a password, damaged.
    FileCannotBeRead,
    /// A file is none of the forms that are known.
    FileNotUnderstood,
    /// A file changes people or offices: by a message nobody does that without a clerk.
    FilesChangePeople,
    /// Words for a person to read.
    WordsForAPerson,
    /// It names an incident and does not say outright what of it.
    WordsOnAnIncident,
    /// It names an incident that is closed.
    IncidentIsClosed,
    /// Its sender has nothing to do with the incident it names.
    NotOfThisIncident,
    /// No incident has the number it names.
    NoSuchIncident,
}

impl HeldFor {
    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            HeldFor::UnknownSenderTellsAnAccident => "unknown_sender_tells_an_accident",
            HeldFor::UnknownSender => "unknown_sender",
            HeldFor::SenderIsSeveral => "sender_is_several",
            HeldFor::MailIsBroken => "mail_is_broken",
            HeldFor::MailIsTooLarge => "mail_is_too_large",
            HeldFor::MarkedAsSpam => "marked_as_spam",
            HeldFor::FilesCameWithIt => "files_came_with_it",
            HeldFor::SenderLeftThePost => "sender_left_the_post",
            HeldFor::SenderHasNoOffice => "sender_has_no_office",
            HeldFor::TooManyWrongCodes => "too_many_wrong_codes",
            HeldFor::CodeIsMissing => "code_is_missing",
            HeldFor::WrongCode => "wrong_code",
            HeldFor::BeforeTheOpening => "before_the_opening",
            HeldFor::OfAnotherMonth => "of_another_month",
            HeldFor::OfAnotherOffice => "of_another_office",
            HeldFor::HeadcountIsAnother => "headcount_is_another",
            HeldFor::AnAccidentWasTold => "an_accident_was_told",
            HeldFor::NothingIsOwed => "nothing_is_owed",
            HeldFor::MaybeAnAccident => "maybe_an_accident",
            HeldFor::FileTooLarge => "file_too_large",
            HeldFor::FileCannotBeRead => "file_cannot_be_read",
            HeldFor::FileNotUnderstood => "file_not_understood",
            HeldFor::FilesChangePeople => "files_change_people",
            HeldFor::WordsForAPerson => "words_for_a_person",
            HeldFor::WordsOnAnIncident => "words_on_an_incident",
            HeldFor::IncidentIsClosed => "incident_is_closed",
            HeldFor::NotOfThisIncident => "not_of_this_incident",
            HeldFor::NoSuchIncident => "no_such_incident",
        }
    }

    /// Whether it cannot wait: somebody may be hurt.
    pub const fn is_urgent(self) -> bool {
        matches!(
            self,
            HeldFor::UnknownSenderTellsAnAccident
                | HeldFor::AnAccidentWasTold
                | HeldFor::MaybeAnAccident
                | HeldFor::WordsOnAnIncident
                | HeldFor::IncidentIsClosed
                | HeldFor::NotOfThisIncident
                | HeldFor::NoSuchIncident
        )
    }
}
