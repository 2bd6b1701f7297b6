//! A message that names an incident of ours: 收到 I7, 续报 I7, 终报 I7.
//!
//! It never opens another, however bad its words are. Who may say what (policy assumption):
//!
//! | word | from | becomes |
//! |---|---|---|
//! | 收到 | somebody in a post at the county's or city's office above the place | acknowledged |
//! | 续报 | these, and whoever belongs to the place itself | a follow-up |
//! | 终报, 结案 | these | closed; from the place itself a follow-up, for the county to close |
//!
//! A plain 收到 without a number counts only as the answer to the very message that told of it.

use xibu_core::change::Change;
use xibu_core::incident::{Act, Case, IncidentId, IncidentMove, Level};
use xibu_core::intake::reply::{About, Reply};
use xibu_core::person::PersonId;

use super::{Answer, HeldFor, Judge, Said, TakenAs, held, taken};
use crate::store::Taken;

impl Judge<'_> {
    /// What a message says about an incident; none where it is about something else.
    pub(super) fn about_incident(
        &self,
        person: PersonId,
        said: &Said,
    ) -> Option<(Taken, Option<Answer>)> {
        let about = said.heard.about.or_else(|| answers(said))?;
        let looks = Some(Answer::APersonLooks);
        let Some(id) = about.incident else {
            return Some((held(HeldFor::WordsForAPerson), looks));
        };
        let Some(case) = Case::of(self.world, id) else {
            return Some((held(HeldFor::NoSuchIncident), Some(Answer::NoSuchIncident { id })));
        };
        let detail = id.to_string();
        let (above, of_place) = (self.stands_above(&case, person), self.is_of(&case, person));
        let act = match (about.act, above, of_place) {
            _ if said.has_files => None,
            (None, ..) => None,
            (Some(act), true, _) => Some(act),
            (Some(Act::FollowedUp | Act::Closed), false, true) => Some(Act::FollowedUp),
            // The place knows anyway.
            (Some(Act::Acknowledged), false, true) => {
                let seen = Taken { detail, ..taken(TakenAs::IncidentWord) };
                return Some((seen, Some(Answer::FollowUpAsked { id })));
            }
            (Some(_), false, _) => {
                return Some((Taken { detail, ..held(HeldFor::NotOfThisIncident) }, looks));
            }
        };
        let Some(act) = act else {
            return Some((Taken { detail, ..held(HeldFor::WordsOnAnIncident) }, looks));
        };
        if case.closed_at().is_some() {
            return Some((Taken { detail, ..held(HeldFor::IncidentIsClosed) }, looks));
        }
        let moved =
            IncidentMove { incident: id, act, by: Some(person), at: said.at.min(self.now.civil) };
        let answer = match act {
            Act::FollowedUp => Answer::FollowedUp { id },
            Act::Closed => Answer::IncidentClosed { id },
            Act::Acknowledged | Act::ToldInReturn(_) => Answer::IncidentSeen { id },
        };
        let changes = vec![Change::IncidentMoved(moved)];
        Some((Taken { detail, changes, ..taken(TakenAs::IncidentWord) }, Some(answer)))
    }

    /// Whether a person is in a post at an office that has to know of it.
    fn stands_above(&self, case: &Case<'_>, person: PersonId) -> bool {
        let date = self.now.date();
        Level::ALL.into_iter().filter_map(|level| case.office(level)).any(|office| {
            let held = self.world.appointments_at(office).iter();
            held.clone().any(|held| held.person == person && held.validity.contains(date))
        })
    }

    /// Whether a person belongs to the place where it happened.
    fn is_of(&self, case: &Case<'_>, person: PersonId) -> bool {
        let (place, date) = (case.opened.incident.office, self.now.date());
        let serves = self.world.service_of(person, date).is_some_and(|one| one.unit == place);
        let mut held = self.world.appointments_at(place).iter();
        serves
            || case.opened.told_by == Some(person)
            || held.any(|held| held.person == person && held.validity.contains(date))
    }
}

/// 收到 as the answer to the message that told of it.
fn answers(said: &Said) -> Option<About> {
    let is_seen = matches!(said.heard.reply, Reply::Acknowledged { by: None });
    let incident: Option<IncidentId> = said.answers_incident.filter(|_| is_seen);
    incident.map(|incident| About { incident: Some(incident), act: Some(Act::Acknowledged) })
}
