//! Incidents on their own clock: what `xibu_core::incident` says is to be told becomes errands.
//!
//! What it is not: it sends nothing and words nothing; whether a step was told before is the
//! errand's cause, which is unique. The words of an accident stand in sealed documents alone.

use xibu_core::change::Change;
use xibu_core::incident::{
    Act, Case, IncidentDuty, IncidentId, IncidentMove, IncidentNotice, notices,
};
use xibu_core::office::OfficeId;
use xibu_core::parameter::Rulebook;
use xibu_core::person::PersonId;
use xibu_core::world::World;

use crate::clock::Now;
use crate::outbox::errand::{Errand, Matter};
use crate::store::{Batch, DocumentKind, NewDocument};

/// What people say of an accident is kept for three years (policy assumption).
const KEPT_MONTHS: u32 = 36;

/// The errands of every step that has come, those done before included.
pub fn errands(world: &World, rulebook: &Rulebook, serves: &[OfficeId], now: Now) -> Vec<Errand> {
    let due = notices(world, rulebook, serves, now.civil);
    due.into_iter().map(|notice| errand(&notice, now)).collect()
}

fn errand(notice: &IncidentNotice, now: Now) -> Errand {
    let IncidentNotice { incident, duty, round, step, person, .. } = *notice;
    let is_first = duty == IncidentDuty::Acknowledge && step == 0;
    let (cause, matter) = match is_first {
        // The same name under which a door alarms at once.
        true => (format!("incident/{incident}/{person}"), Matter::IncidentOpened { incident }),
        false => (
            format!("incident/{incident}/{}/{round}.{step}/{person}", duty.name()),
            Matter::IncidentDue { incident, duty, round, step },
        ),
    };
    Errand { cause, person, matter, not_before: now.civil, expires: notice.expires, avoid: None }
}

/// Why a step of an incident is not said any more; none where it is.
pub(crate) fn is_past(
    case: &Case<'_>,
    rulebook: &Rulebook,
    serves: &[OfficeId],
    (person, matter): (PersonId, &Matter),
    now: Now,
) -> Option<&'static str> {
    if case.closed_at().is_some() {
        return Some("incident_is_closed");
    }
    let (duty, round, step) = match matter {
        Matter::IncidentDue { duty, round, step, .. } => (*duty, *round, *step),
        _ => (IncidentDuty::Acknowledge, 0, 0),
    };
    let due = notices(case.world, rulebook, serves, now.civil);
    let mut is_told = false;
    for own in due.iter().filter(|one| one.incident == case.opened.id && one.person == person) {
        if own.duty == duty && (own.round, own.step) > (round, step) {
            return Some("superseded_by_later_step");
        }
        is_told |= (own.duty, own.round, own.step) == (duty, round, step);
    }
    let knows = case.moves.iter().any(|said| said.by == Some(person));
    let is_first = (duty, step) == (IncidentDuty::Acknowledge, 0);
    match duty {
        // The first word is of use even to those who need not say that they know.
        _ if is_first && !knows => None,
        _ if is_told && !is_first => None,
        IncidentDuty::Acknowledge => Some("acknowledged_or_no_longer_in_the_post"),
        IncidentDuty::FollowUp => Some("followed_up"),
        IncidentDuty::Close => Some("no_longer_in_the_post"),
    }
}

/// Something that the office writes down about an incident; the words are sealed.
pub fn written_down(said: IncidentMove, words: Option<Vec<u8>>, after: u64, now: Now) -> Batch {
    batch(Change::IncidentMoved(said), words, after, now)
}

/// One change with its words, sealed.
pub fn batch(change: Change, words: Option<Vec<u8>>, after: u64, now: Now) -> Batch {
    let document = words.filter(|words| !words.is_empty()).map(|bytes| NewDocument {
        kind: DocumentKind::Original,
        name: "incident".to_owned(),
        media_type: "text/plain".to_owned(),
        bytes,
        received_at: now.civil,
        retain_until: now.date().checked_add_months(chrono::Months::new(KEPT_MONTHS)),
        persons: Vec::new(),
    });
    Batch {
        by: "clerk".to_owned(),
        after: Some(after),
        document,
        changes: vec![change],
        ..Batch::default()
    }
}

/// An act about an incident.
pub const fn said(
    incident: IncidentId,
    act: Act,
    by: Option<PersonId>,
    at: chrono::NaiveDateTime,
) -> IncidentMove {
    IncidentMove { incident, act, by, at }
}
