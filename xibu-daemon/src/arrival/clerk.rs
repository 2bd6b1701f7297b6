//! A person of the office says what a message that waited is: then it counts without a code.

use chrono::{NaiveDate, NaiveDateTime};
use xibu_core::change::Change;
use xibu_core::incident::{IncidentId, IncidentKind};
use xibu_core::person::PersonId;

use super::request::Request;
use super::{HeldFor, Judge, TakenAs, taken};
use crate::store::Taken;

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
            ByClerk::Incident => self
                .opened(person, at, IncidentKind::Other, None, incident)
                .ok_or(HeldFor::SenderHasNoOffice),
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
