//! The last look before a message goes: does each notice in it still say something true and useful.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use xibu_core::assess::obligation;
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
        }
    }

    const fn settles(self) -> bool {
        matches!(self, Left::SupersededByLaterStep | Left::NoLongerOwed | Left::ReturnIsIn)
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
