//! The record as the rules read it: everything told so far, derived from the changes.
//!
//! The same changes in the same order always give the same world. A change that does not fit what is known
//! is refused as a whole, with the reason as a value, and leaves the world as it was.
//!
//! Not a store: it forgets who told something and when; that stays on each recorded change.

mod unfit;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use chrono::{NaiveDate, NaiveDateTime};

use crate::appointment::Appointment;
use crate::change::Change;
use crate::obligation::ObligationKey;
use crate::office::{Office, OfficeId, OfficeKind, OfficeVersion};
use crate::person::PersonId;
use crate::returns::{Return, ReturnVersion, Workflow};
use crate::rule::Rule;
use crate::service::Service;
use crate::validity::Validity;

pub use unfit::Unfit;

/// No chain of offices is longer; a limit on every walk upwards.
pub(crate) const PATH_MAX: usize = 8;

/// A debtor's word that the return will come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// When it was said.
    pub at: NaiveDateTime,
    /// The day promised.
    pub promised: NaiveDate,
}

/// Everything told so far. Built only by [`World::apply`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    offices: BTreeMap<OfficeId, Office>,
    /// Offices that stood directly below another at any time.
    below: BTreeMap<OfficeId, BTreeSet<OfficeId>>,
    appointments: BTreeMap<OfficeId, Vec<Appointment>>,
    /// Services by unit, in the order told.
    services: BTreeMap<OfficeId, Vec<Service>>,
    /// Units at which a person ever served, in the order told.
    served_at: BTreeMap<PersonId, Vec<OfficeId>>,
    enabled: BTreeMap<Rule, NaiveDateTime>,
    /// Returns by rule and debtor, then by month.
    returns: BTreeMap<(Rule, OfficeId), Vec<(ObligationKey, Return)>>,
    acknowledgements: BTreeMap<ObligationKey, Vec<Acknowledgement>>,
}

/// What is known.
impl World {
    /// An office by number.
    pub fn office(&self, id: OfficeId) -> Option<&Office> {
        self.offices.get(&id)
    }

    /// Every office ever told, by number.
    pub fn offices(&self) -> impl Iterator<Item = &Office> {
        self.offices.values()
    }

    /// How an office stood on a date; none where it is unknown or did not exist then.
    pub fn office_on(&self, id: OfficeId, date: NaiveDate) -> Option<&OfficeVersion> {
        self.office(id)?.on(date)
    }

    /// The office and all above it on `date`, nearest first; empty where it did not exist then.
    pub fn path(&self, office: OfficeId, date: NaiveDate) -> Vec<OfficeId> {
        let mut path = Vec::with_capacity(4);
        let mut next = Some(office);
        while let Some(id) = next
            && path.len() < PATH_MAX
            && let Some(version) = self.office_on(id, date)
        {
            path.push(id);
            next = version.superior;
        }
        path
    }

    /// The nearest office of a kind on the path of `office` on `date`, itself included.
    pub fn nearest(&self, office: OfficeId, kind: OfficeKind, date: NaiveDate) -> Option<OfficeId> {
        let mut next = Some(office);
        for _ in 0..PATH_MAX {
            let id = next?;
            let known = self.office(id)?;
            let version = known.on(date)?;
            if known.kind == kind {
                return Some(id);
            }
            next = version.superior;
        }
        None
    }

    /// The offices of a kind directly below `office` on `date`, by number.
    pub fn subordinates(
        &self,
        office: OfficeId,
        kind: OfficeKind,
        date: NaiveDate,
    ) -> impl Iterator<Item = &Office> {
        self.below
            .get(&office)
            .into_iter()
            .flatten()
            .filter_map(|id| self.offices.get(id))
            .filter(move |below| below.kind == kind)
            .filter(move |below| {
                below.on(date).is_some_and(|version| version.superior == Some(office))
            })
    }

    /// Every appointment ever told at an office, in the order told.
    pub fn appointments_at(&self, office: OfficeId) -> &[Appointment] {
        self.appointments.get(&office).map_or(&[], Vec::as_slice)
    }

    /// Every service ever told, by unit.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.services.values().flatten()
    }

    /// Every service ever told at a unit, in the order told.
    pub fn services_at(&self, unit: OfficeId) -> &[Service] {
        self.services.get(&unit).map_or(&[], Vec::as_slice)
    }

    /// Where a person serves on a date.
    pub fn service_of(&self, person: PersonId, date: NaiveDate) -> Option<&Service> {
        self.served_at
            .get(&person)?
            .iter()
            .flat_map(|unit| self.services_at(*unit))
            .find(|service| service.person == person && service.validity.contains(date))
    }

    /// How many volunteers serve at a unit on a date (在岗人数 as the roster has it).
    pub fn volunteers(&self, unit: OfficeId, date: NaiveDate) -> usize {
        self.services_at(unit).iter().filter(|service| service.validity.contains(date)).count()
    }

    /// A return, with all its versions.
    pub fn return_of(&self, key: &ObligationKey) -> Option<&Return> {
        let returns = self.returns_by(key.rule, key.debtor);
        let index = returns.binary_search_by_key(key, |(known, _)| *known).ok()?;
        Some(&returns[index].1)
    }

    /// Every return of one debtor, by month.
    pub fn returns_by(&self, rule: Rule, debtor: OfficeId) -> &[(ObligationKey, Return)] {
        self.returns.get(&(rule, debtor)).map_or(&[], Vec::as_slice)
    }

    /// Every return, by obligation.
    pub fn returns(&self) -> impl Iterator<Item = (&ObligationKey, &Return)> {
        self.returns.values().flatten().map(|(key, found)| (key, found))
    }

    /// Since when a rule acts; none where nobody switched it on.
    pub fn enabled(&self, rule: Rule) -> Option<NaiveDateTime> {
        self.enabled.get(&rule).copied()
    }

    /// The debtor's newest word on a debt.
    pub fn acknowledgement(&self, key: &ObligationKey) -> Option<&Acknowledgement> {
        self.acknowledgements(key).last()
    }

    /// Every word of the debtor on a debt, by when it was said.
    pub fn acknowledgements(&self, key: &ObligationKey) -> &[Acknowledgement] {
        self.acknowledgements.get(key).map_or(&[], Vec::as_slice)
    }
}

/// How it grows.
impl World {
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
