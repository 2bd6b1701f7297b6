//! How the world grows: one change at a time, taken whole or refused whole.

use alloc::vec::Vec;

use chrono::{NaiveDate, NaiveDateTime};

use super::{Acknowledgement, Unfit, World};
use crate::absence::Absence;
use crate::appointment::Appointment;
use crate::change::{Change, Recorded};
use crate::incident::{Act, IncidentMove};
use crate::obligation::ObligationKey;
use crate::office::{Office, OfficeId, OfficeKind, OfficeVersion};
use crate::person::PersonId;
use crate::returns::{Return, ReturnVersion, Workflow};
use crate::rule::Rule;
use crate::service::Service;
use crate::validity::Validity;

impl World {
    /// The world as it was known at an instant of recorded time: what was told by then, whenever it
    /// was so.
    ///
    /// # Errors
    /// The number of the first change that does not fit those before it, and why.
    pub fn as_known_at(history: &[Recorded], at: NaiveDateTime) -> Result<Self, (u64, Unfit)> {
        let mut world = Self::default();
        for recorded in history.iter().filter(|recorded| recorded.at <= at) {
            world.apply(&recorded.change).map_err(|unfit| (recorded.sequence, unfit))?;
        }
        Ok(world)
    }

    /// Takes in one change.
    ///
    /// # Errors
    /// When the change does not fit what is known; the world is then as it was.
    pub fn apply(&mut self, change: &Change) -> Result<(), Unfit> {
        match change {
            Change::OfficeStood { office, kind, version } => {
                self.office_stood(*office, *kind, version)
            }
            Change::OfficeCeased { office, on } => self.office_ceased(*office, *on),
            Change::Appointed(appointment) => self.appointed(*appointment),
            Change::Relieved { appointment, on } => self.relieved(appointment, *on),
            Change::ServiceBegan(service) => self.service_began(*service),
            Change::ServiceEnded { person, unit, on } => self.service_ended(*person, *unit, *on),
            Change::RuleEnabled { rule, at } => self.rule_enabled(*rule, *at),
            Change::ReturnCame { obligation, version } => self.return_came(obligation, version),
            Change::ReturnSentBack { obligation, reason, .. } => {
                self.debtor_is_right(obligation)?;
                let found = self.known_return(obligation)?;
                found.workflow = Workflow::SentBack;
                found.sent_back_reason = Some(reason.clone());
                Ok(())
            }
            Change::ReturnAccepted { obligation, .. } => {
                self.debtor_is_right(obligation)?;
                let found = self.known_return(obligation)?;
                found.workflow = Workflow::Accepted;
                Ok(())
            }
            Change::Acknowledged { obligation, at, promised, .. } => {
                self.debtor_is_right(obligation)?;
                let said = self.acknowledgements.entry(*obligation).or_default();
                let place = said.partition_point(|earlier| earlier.at <= *at);
                said.insert(place, Acknowledgement { at: *at, promised: *promised });
                Ok(())
            }
            Change::IncidentOpened(opened) => {
                if !self.offices.contains_key(&opened.incident.office) {
                    return Err(Unfit::OfficeUnknown(opened.incident.office));
                }
                self.incidents.insert(opened.id, opened.clone());
                Ok(())
            }
            Change::ConsentSaid { person, purpose, consent } => {
                let known = self.consents.entry((*person, *purpose)).or_insert(*consent);
                if known.since <= consent.since {
                    *known = *consent;
                }
                Ok(())
            }
            Change::PersonErased { person } => {
                self.erased.insert(*person);
                self.consents.retain(|(of, _), _| of != person);
                Ok(())
            }
            Change::Absent(absence) => self.absent(*absence),
            Change::AbsenceEnded { absence, on } => self.absence_ended(absence, *on),
            Change::IncidentMoved(told) => self.incident_moved(told),
        }
    }

    fn office_stood(
        &mut self,
        id: OfficeId,
        kind: OfficeKind,
        version: &OfficeVersion,
    ) -> Result<(), Unfit> {
        let from = version.validity.from;
        if version.validity.is_empty() {
            return Err(Unfit::EndsBeforeItBegins { from });
        }
        if let Some(known) = self.offices.get(&id) {
            if known.kind != kind {
                return Err(Unfit::OfficeIsOfAnotherKind { office: id, known: known.kind });
            }
            if let Some(last) = known.versions.last()
                && from < last.validity.from
            {
                return Err(Unfit::OlderThanKnown { office: id, known: last.validity.from });
            }
        }
        if let Some(superior) = version.superior {
            let Some(above) = self.offices.get(&superior) else {
                return Err(Unfit::OfficeUnknown(superior));
            };
            if !may_stand_under(kind, above.kind) {
                return Err(Unfit::SuperiorOfWrongKind { office: id, superior: above.kind });
            }
            self.below.entry(superior).or_default().insert(id);
        }
        let office =
            self.offices.entry(id).or_insert_with(|| Office { id, kind, versions: Vec::new() });
        if let Some(last) = office.versions.last_mut() {
            if last.validity.from == from {
                office.versions.pop();
            } else if last.validity.until.is_none_or(|until| until > from) {
                last.validity.until = Some(from);
            }
        }
        office.versions.push(version.clone());
        Ok(())
    }

    fn office_ceased(&mut self, id: OfficeId, on: NaiveDate) -> Result<(), Unfit> {
        let office = self.offices.get_mut(&id).ok_or(Unfit::OfficeUnknown(id))?;
        match office.versions.last_mut() {
            Some(last) if last.validity.contains(on) && last.validity.from < on => {
                last.validity.until = Some(on);
                Ok(())
            }
            _ => Err(Unfit::OfficeDoesNotStand { office: id, on }),
        }
    }

    fn appointed(&mut self, new: Appointment) -> Result<(), Unfit> {
        if new.validity.is_empty() {
            return Err(Unfit::EndsBeforeItBegins { from: new.validity.from });
        }
        if !self.offices.contains_key(&new.office) {
            return Err(Unfit::OfficeUnknown(new.office));
        }
        let here = self.appointments.entry(new.office).or_default();
        let known = here.iter().any(|old| {
            (old.person, old.role) == (new.person, new.role) && old.validity.overlaps(&new.validity)
        });
        if known {
            return Err(Unfit::AlreadyInPost { person: new.person, office: new.office });
        }
        here.push(new);
        Ok(())
    }

    fn relieved(&mut self, told: &Appointment, on: NaiveDate) -> Result<(), Unfit> {
        let held = self
            .appointments
            .get_mut(&told.office)
            .and_then(|here| here.iter_mut().find(|known| *known == told))
            .ok_or(Unfit::NotInPost { person: told.person, office: told.office })?;
        if on <= held.validity.from {
            return Err(Unfit::EndsBeforeItBegins { from: held.validity.from });
        }
        held.validity.until = Some(on);
        Ok(())
    }

    fn service_began(&mut self, new: Service) -> Result<(), Unfit> {
        if new.validity.is_empty() {
            return Err(Unfit::EndsBeforeItBegins { from: new.validity.from });
        }
        self.office_of_kind(new.unit, &[OfficeKind::Unit])?;
        if let Some(home) = new.home {
            self.office_of_kind(home, &[OfficeKind::Department, OfficeKind::University])?;
        }
        let units = self.served_at.entry(new.person).or_default();
        let elsewhere = units
            .iter()
            .flat_map(|unit| self.services.get(unit).into_iter().flatten())
            .find(|old| old.person == new.person && old.validity.overlaps(&new.validity));
        if let Some(old) = elsewhere {
            return Err(Unfit::AlreadyServes { person: new.person, unit: old.unit });
        }
        if !units.contains(&new.unit) {
            units.push(new.unit);
        }
        self.services.entry(new.unit).or_default().push(new);
        Ok(())
    }

    fn service_ended(
        &mut self,
        person: PersonId,
        unit: OfficeId,
        on: NaiveDate,
    ) -> Result<(), Unfit> {
        let service = self
            .services
            .get_mut(&unit)
            .into_iter()
            .flatten()
            .find(|service| {
                let Validity { from, until } = service.validity;
                service.person == person && from < on && until.is_none_or(|until| on <= until)
            })
            .ok_or(Unfit::DoesNotServe { person, unit })?;
        service.validity.until = Some(on);
        Ok(())
    }

    fn rule_enabled(&mut self, rule: Rule, at: NaiveDateTime) -> Result<(), Unfit> {
        if self.enabled.contains_key(&rule) {
            return Err(Unfit::AlreadyEnabled(rule));
        }
        self.enabled.insert(rule, at);
        Ok(())
    }

    /// Versions are kept by when the door took them, so that a late-read original keeps its place.
    fn return_came(&mut self, key: &ObligationKey, new: &ReturnVersion) -> Result<(), Unfit> {
        self.debtor_is_right(key)?;
        let readable = new.content.is_some();
        let returns = self.returns.entry((key.rule, key.debtor)).or_default();
        let known = match returns.binary_search_by_key(key, |(known, _)| *known) {
            Ok(index) => &mut returns[index].1,
            Err(index) => {
                let workflow = if readable { Workflow::Submitted } else { Workflow::Received };
                let versions = Vec::from([new.clone()]);
                let first = Return { workflow, versions, sent_back_reason: None };
                returns.insert(index, (*key, first));
                return Ok(());
            }
        };
        let place = known.versions.partition_point(|old| old.received_at <= new.received_at);
        known.versions.insert(place, new.clone());
        known.workflow = match (known.workflow, readable) {
            (Workflow::Received, true) => Workflow::Submitted,
            (_, true) => Workflow::Resubmitted,
            // A page nobody can read does not undo a return that is in.
            (Workflow::SentBack | Workflow::Received, false) => Workflow::Received,
            (workflow, false) => workflow,
        };
        Ok(())
    }

    fn known_return(&mut self, key: &ObligationKey) -> Result<&mut Return, Unfit> {
        self.returns
            .get_mut(&(key.rule, key.debtor))
            .into_iter()
            .flatten()
            .find(|(known, _)| known == key)
            .map(|(_, found)| found)
            .ok_or(Unfit::NothingCame(*key))
    }

    fn absent(&mut self, new: Absence) -> Result<(), Unfit> {
        if new.validity.is_empty() {
            return Err(Unfit::EndsBeforeItBegins { from: new.validity.from });
        }
        let offices = |person: PersonId| {
            let held =
                self.appointments_of(person).filter(|held| held.validity.overlaps(&new.validity));
            held.map(|held| held.office).collect::<Vec<_>>()
        };
        let own = offices(new.person);
        if own.is_empty() {
            return Err(Unfit::HoldsNoPost { person: new.person });
        }
        if let Some(deputy) = new.deputy
            && (deputy == new.person || !offices(deputy).iter().any(|office| own.contains(office)))
        {
            return Err(Unfit::DeputyOfAnotherOffice { person: new.person, deputy });
        }
        let known = self.absences.entry(new.person).or_default();
        if let Some(old) = known.iter().find(|old| old.validity.overlaps(&new.validity)) {
            return Err(Unfit::AlreadyAway { person: new.person, from: old.validity.from });
        }
        known.push(new);
        Ok(())
    }

    fn absence_ended(&mut self, told: &Absence, on: NaiveDate) -> Result<(), Unfit> {
        let known = self.absences.get_mut(&told.person);
        let place = known.as_ref().and_then(|known| known.iter().position(|old| old == told));
        let (Some(known), Some(place)) = (known, place) else {
            return Err(Unfit::NotAway { person: told.person });
        };
        if on <= told.validity.from {
            known.remove(place);
            return Ok(());
        }
        let longer = Validity { until: Some(on), ..told.validity };
        let other = known
            .iter()
            .enumerate()
            .find(|(at, old)| *at != place && old.validity.overlaps(&longer));
        if let Some((_, old)) = other {
            return Err(Unfit::AlreadyAway { person: told.person, from: old.validity.from });
        }
        known[place].validity = longer;
        Ok(())
    }

    fn incident_moved(&mut self, new: &IncidentMove) -> Result<(), Unfit> {
        if !self.incidents.contains_key(&new.incident) {
            return Err(Unfit::NoSuchIncident(new.incident));
        }
        let known = self.incident_moves.entry(new.incident).or_default();
        if known.iter().any(|old| old.act == Act::Closed) && new.act.needs_it_open() {
            return Err(Unfit::IncidentIsClosed(new.incident));
        }
        let place = known.partition_point(|old| old.at <= new.at);
        known.insert(place, *new);
        Ok(())
    }

    fn office_of_kind(&self, id: OfficeId, kinds: &[OfficeKind]) -> Result<(), Unfit> {
        let office = self.offices.get(&id).ok_or(Unfit::OfficeUnknown(id))?;
        if kinds.contains(&office.kind) {
            Ok(())
        } else {
            Err(Unfit::OfficeIsOfAnotherKind { office: id, known: office.kind })
        }
    }

    fn debtor_is_right(&self, key: &ObligationKey) -> Result<(), Unfit> {
        self.office_of_kind(key.debtor, &[key.rule.debtor()])
    }
}

/// Which kinds of office stand directly under which.
const fn may_stand_under(below: OfficeKind, above: OfficeKind) -> bool {
    matches!(
        (below, above),
        (OfficeKind::County | OfficeKind::University, OfficeKind::City)
            | (OfficeKind::Department, OfficeKind::University)
            | (OfficeKind::Unit, OfficeKind::County)
    )
}
