//! A notice: one step of one obligation's ladder, to one person, with its reason.
//!
//! Not a message: several notices to one person on one day become one message outside the core.

use core::fmt;
use core::str::FromStr;

use alloc::collections::BTreeMap;
use alloc::format;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::chain::Gap;
use crate::obligation::ObligationKey;
use crate::office::OfficeId;
use crate::person::PersonId;
use crate::rule::Rule;

/// A step of a ladder, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The return is asked for: first working day from the 15th.
    Opening,
    /// Working days before the target.
    Before,
    /// On the day of the target.
    OnTheDay,
    /// First working day after it became late.
    FirstAfter,
    /// Second working day after.
    SecondAfter,
    /// Third working day after.
    ThirdAfter,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Step; 6] = [
        Step::Opening,
        Step::Before,
        Step::OnTheDay,
        Step::FirstAfter,
        Step::SecondAfter,
        Step::ThirdAfter,
    ];

    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            Step::Opening => "opening",
            Step::Before => "before",
            Step::OnTheDay => "on_the_day",
            Step::FirstAfter => "first_after",
            Step::SecondAfter => "second_after",
            Step::ThirdAfter => "third_after",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// To whom a step speaks, by place in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// The unit's contact (服务单位联系人).
    UnitContact,
    /// The unit's head, 直接责任人.
    UnitHead,
    /// The county office's contact (区县项目办联系人).
    CountyContact,
    /// The county office's head, 第一责任人.
    CountyHead,
    /// City staff (市项目办工作人员).
    CityStaff,
    /// The city office's head (市项目办负责人).
    CityHead,
}

impl Recipient {
    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            Recipient::UnitContact => "unit_contact",
            Recipient::UnitHead => "unit_head",
            Recipient::CountyContact => "county_contact",
            Recipient::CountyHead => "county_head",
            Recipient::CityStaff => "city_staff",
            Recipient::CityHead => "city_head",
        }
    }
}

/// The name of a notice, written `county_monthly_return/O17/2026-06/first_after`, with `/P99`
/// behind it where a successor in a post receives the open step once. Unique: it prevents a second
/// send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NoticeKey {
    /// For which obligation.
    pub obligation: ObligationKey,
    /// Which step.
    pub step: Step,
    /// The successor, where the step had gone to a predecessor in the same post.
    pub successor: Option<PersonId>,
}

impl fmt::Display for NoticeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.obligation, self.step)?;
        self.successor.map_or(Ok(()), |person| write!(f, "/{person}"))
    }
}

impl FromStr for NoticeKey {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || Error::new(format!("expected rule/office/month/step, found `{text}`"));
        let mut ends = text.match_indices('/').map(|(at, _)| at);
        let end = ends.nth(2).ok_or_else(bad)?;
        let mut rest = text[end + 1..].split('/');
        let step =
            rest.next().and_then(|name| Step::ALL.into_iter().find(|step| step.name() == name));
        let successor = rest.next().map(str::parse).transpose()?;
        if rest.next().is_some() {
            return Err(bad());
        }
        Ok(Self { obligation: text[..end].parse()?, step: step.ok_or_else(bad)?, successor })
    }
}

/// Why a notice is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The return is asked for from today.
    ReturnIsAskedFor,
    /// This many working days are left until the target.
    TargetComesNear {
        /// Working days left.
        working_days: u32,
    },
    /// Today is the target day.
    TargetIsToday,
    /// The target day has passed, and it is not late yet.
    TargetHasPassed,
    /// Late, and this is the recipient whose turn it is.
    ReturnIsLate {
        /// Working days since it became late, counting today.
        working_days: u32,
    },
    /// The return was sent back for correction and is asked of the contact again.
    ReturnWasSentBack,
    /// The post changed hands while the step was open.
    SuccessorTookThePost,
}

/// One thing to tell one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its name; the rule, debtor and month are within.
    pub key: NoticeKey,
    /// To whom, by place in the chain.
    pub to: Recipient,
    /// At which office that person stands.
    pub office: OfficeId,
    /// To whom, by number.
    pub person: PersonId,
    /// Why.
    pub reason: Reason,
    /// The post was empty, or its holder is away, and this person stands in.
    pub stands_in: bool,
    /// The holder who is away; none where the post is empty or its own holder is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<PersonId>,
    /// The day the step fell due; the intended day, which may lie back after a gap.
    pub step_date: NaiveDate,
    /// Not before this instant: start of the office's day, or of the next working day for heads.
    pub not_before: NaiveDateTime,
    /// After this instant the notice is of no use and is dropped.
    pub expires: NaiveDateTime,
}

impl Notice {
    /// Whether it speaks to the debtor's own side, be it the office itself or the one that goes on
    /// for it, and not to an office above.
    pub const fn is_to_debtor(&self) -> bool {
        match self.key.obligation.rule {
            Rule::UnitMonthlyReturn => {
                matches!(self.to, Recipient::UnitContact | Recipient::UnitHead)
            }
            Rule::CountyMonthlyReturn => {
                matches!(self.to, Recipient::CountyContact | Recipient::CountyHead)
            }
        }
    }
}

/// Why a step that has come is not sent. Declared in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotSent {
    /// The rule was switched on after this period ended.
    RuleNotEnabledForPeriod,
    /// The return is in.
    ReturnIsIn,
    /// Something came and waits for a person to read it.
    ReturnWaitsToBeRead,
    /// The debtor promised a day and it has not passed.
    PausedByAcknowledgement {
        /// End of the pause.
        until: NaiveDateTime,
    },
    /// This step went out already.
    AlreadySent {
        /// To whom.
        person: PersonId,
    },
    /// Another step of the same debt is due by now and says more.
    SupersededByLaterStep {
        /// Which.
        step: Step,
    },
    /// The return was sent back; that stays between the reader and the debtor's contact.
    SentBackStaysWithContact,
    /// The county is chased for this unit, so the unit gets no second message.
    CountyIsChasedForUnit,
    /// Nobody holds the post or may stand in.
    NobodyToTell {
        /// What is missing.
        gap: Gap,
    },
    /// The recipient is told on working days only, and today is none.
    WaitsForWorkingDay {
        /// The next working day.
        until: NaiveDate,
    },
    /// Its use has passed.
    TooLateToHelp,
}

/// A step that has come and is not sent, with the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    /// Which step of which obligation.
    pub key: NoticeKey,
    /// Why not.
    pub reason: NotSent,
}

/// What was sent: the only memory that prevents a second send.
///
/// A notice counts from the moment it was planned durably; delivery is the outbox's business.
pub type SentLog = BTreeMap<NoticeKey, PersonId>;
