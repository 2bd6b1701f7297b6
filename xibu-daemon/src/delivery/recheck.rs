//! The last look before a message goes: does each notice in it still say something true and useful.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use xibu_core::appointment::Role;
use xibu_core::assess::obligation;
use xibu_core::chain::holder;
use xibu_core::notice::{Notice, NoticeKey, Recipient};
use xibu_core::obligation::Standing;
use xibu_core::parameter::Rulebook;
use xibu_core::world::World;

use crate::store::Enclosed;
use crate::waiting::Waiting;

/// What is left of an envelope.
#[derive(Clone, Debug, Default)]
pub struct Rechecked {
    /// Notices that still hold.
    pub live: Vec<Notice>,
    /// Those that do not, with the reason, left out before included.
    pub left_out: BTreeMap<NoticeKey, String>,
    /// Those whose reader has gone away meanwhile, to whoever acts for them: to be planned before
    /// the envelope is settled.
    pub handed: Vec<Notice>,
    /// Whether everything it asked for is in or no longer owed; else what is left out is only
    /// paused.
    pub is_settled: bool,
}

/// Looks at each notice again, as of `at`.
pub fn recheck(
    world: &World,
    rulebook: &Rulebook,
    waiting: &Waiting,
    enclosed: &[Enclosed],
    at: NaiveDateTime,
) -> Rechecked {
    let mut checked = Rechecked { is_settled: true, ..Rechecked::default() };
    for Enclosed { notice, .. } in enclosed {
        let superseded = enclosed.iter().any(|other| {
            let other = &other.notice;
            other.key.obligation == notice.key.obligation && other.key.step > notice.key.step
        });
        let reason = if superseded {
            Some(Left::SupersededByLaterStep)
        } else {
            left_out(world, rulebook, waiting, notice, at)
        };
        let reason = reason.or_else(|| {
            checked.handed.push(handed(world, notice, at)?);
            Some(Left::RecipientIsAway)
        });
        match reason {
            None => checked.live.push(*notice),
            Some(reason) => {
                checked.is_settled &= reason.settles();
                checked.left_out.insert(notice.key, reason.name().to_owned());
            }
        }
    }
    checked
}

/// Why a notice is left out of its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    SupersededByLaterStep,
    NoLongerOwed,
    ReturnIsIn,
    ReturnWaitsToBeRead,
    SentBackStaysWithContact,
    PausedByAcknowledgement,
    ItsUsePassed,
    RecipientIsAway,
}

impl Left {
    const fn name(self) -> &'static str {
        match self {
            Left::SupersededByLaterStep => "superseded_by_later_step",
            Left::NoLongerOwed => "no_longer_owed",
            Left::ReturnIsIn => "return_is_in",
            Left::ReturnWaitsToBeRead => "return_waits_to_be_read",
            Left::SentBackStaysWithContact => "sent_back_stays_with_contact",
            Left::PausedByAcknowledgement => "paused_by_acknowledgement",
            Left::ItsUsePassed => "its_use_passed",
            Left::RecipientIsAway => "recipient_is_away",
        }
    }

    const fn settles(self) -> bool {
        matches!(
            self,
            Left::SupersededByLaterStep
                | Left::NoLongerOwed
                | Left::ReturnIsIn
                | Left::RecipientIsAway
        )
    }
}

fn left_out(
    world: &World,
    rulebook: &Rulebook,
    waiting: &Waiting,
    notice: &Notice,
    at: NaiveDateTime,
) -> Option<Left> {
    let Ok(owed) = obligation(world, rulebook, &notice.key.obligation, at) else {
        return Some(Left::NoLongerOwed);
    };
    match waiting.seen(owed, at).standing {
        Standing::In(_) => Some(Left::ReturnIsIn),
        Standing::NotOpen => Some(Left::NoLongerOwed),
        Standing::Unread(_) => Some(Left::ReturnWaitsToBeRead),
        Standing::SentBack(_)
            if !matches!(notice.to, Recipient::UnitContact | Recipient::CountyContact) =>
        {
            Some(Left::SentBackStaysWithContact)
        }
        Standing::Acknowledged { .. } => Some(Left::PausedByAcknowledgement),
        Standing::SentBack(_) | Standing::Late | Standing::Owed => {
            (at >= notice.expires).then_some(Left::ItsUsePassed)
        }
    }
}

/// The notice to whoever acts for a reader who has gone away; none where the reader is there, or
/// nobody else is: better told away than not at all.
fn handed(world: &World, notice: &Notice, at: NaiveDateTime) -> Option<Notice> {
    let today = at.date();
    world.absence_of(notice.person, today)?;
    let holder = holder(world, notice.office, role(notice.to), today).ok()?;
    (holder.person != notice.person).then(|| Notice {
        key: NoticeKey { successor: Some(holder.person), ..notice.key },
        person: holder.person,
        stands_in: true,
        instead_of: Some(notice.person),
        not_before: at.max(notice.not_before),
        ..*notice
    })
}

const fn role(to: Recipient) -> Role {
    match to {
        Recipient::UnitContact | Recipient::CountyContact => Role::Contact,
        Recipient::UnitHead | Recipient::CountyHead | Recipient::CityHead => Role::Head,
        Recipient::CityStaff => Role::Staff,
    }
}
