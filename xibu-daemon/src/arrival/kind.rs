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
            TakenAs::Confirmed => "confirmed",
            TakenAs::Incident => "incident",
            TakenAs::Allowed => "allowed",
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
