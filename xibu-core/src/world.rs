//! The record as the rules read it: everything told so far, derived from the changes.
//!
//! The same changes in the same order always give the same world. A change that does not fit what
//! is known is refused as a whole, with the reason as a value, and leaves the world as it was.
//!
//! Not a store: it forgets who told something and when; that stays on each recorded change.

mod apply;
mod merge;
mod unfit;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use chrono::{NaiveDate, NaiveDateTime};

use crate::absence::Absence;
use crate::appointment::Appointment;
use crate::consent::{Consent, Purpose};
use crate::consolidation::Confirmation;
use crate::incident::{IncidentId, IncidentMove, OpenedIncident};
use crate::obligation::ObligationKey;
use crate::office::{Office, OfficeId, OfficeKind, OfficeVersion};
use crate::person::PersonId;
use crate::returns::Return;
use crate::rule::Rule;
use crate::service::Service;

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
    /// What counties said of their consolidations, in the order told.
    confirmations: BTreeMap<ObligationKey, Vec<Confirmation>>,
    incidents: BTreeMap<IncidentId, OpenedIncident>,
    consents: BTreeMap<(PersonId, Purpose), Consent>,
    erased: BTreeSet<PersonId>,
    /// Offices that ceased, with the day and who goes on.
    merged: BTreeMap<OfficeId, (NaiveDate, OfficeId)>,
    /// In the order told.
    absences: BTreeMap<PersonId, Vec<Absence>>,
    /// What was said and done about an incident since it was opened, by when.
    incident_moves: BTreeMap<IncidentId, Vec<IncidentMove>>,
}

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

    /// Who goes on for an office on a date: itself, or whom it was merged into by then.
    pub fn answering(&self, office: OfficeId, date: NaiveDate) -> OfficeId {
        let mut answering = office;
        for _ in 0..PATH_MAX {
            match self.merged.get(&answering) {
                Some((on, into)) if *on <= date => answering = *into,
                _ => break,
            }
        }
        answering
    }

    /// The offices for which `office` goes on, by number.
    pub fn merged_into(&self, office: OfficeId) -> impl Iterator<Item = OfficeId> + '_ {
        let into = move |(ceased, (_, into)): (&OfficeId, &(NaiveDate, OfficeId))| {
            (*into == office).then_some(*ceased)
        };
        self.merged.iter().filter_map(into)
    }

    /// The offices of a kind that ever stood directly below `office`, by number.
    pub fn ever_below(
        &self,
        office: OfficeId,
        kind: OfficeKind,
    ) -> impl Iterator<Item = &Office> + use<'_> {
        let below = self.below.get(&office).into_iter().flatten();
        below.filter_map(|id| self.offices.get(id)).filter(move |below| below.kind == kind)
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

    /// An incident that came by itself.
    pub fn incident(&self, id: IncidentId) -> Option<&OpenedIncident> {
        self.incidents.get(&id)
    }

    /// Every incident that came by itself, by number.
    pub fn incidents(&self) -> impl Iterator<Item = &OpenedIncident> {
        self.incidents.values()
    }

    /// What was said and done about an incident since it was opened, by when.
    pub fn incident_moves(&self, id: IncidentId) -> &[IncidentMove] {
        self.incident_moves.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Every absence of a person that was told, in the order told.
    pub fn absences_of(&self, person: PersonId) -> &[Absence] {
        self.absences.get(&person).map_or(&[], Vec::as_slice)
    }

    /// Every absence that was told, by person.
    pub fn absences(&self) -> impl Iterator<Item = &Absence> {
        self.absences.values().flatten()
    }

    /// The absence of a person on a date.
    pub fn absence_of(&self, person: PersonId, date: NaiveDate) -> Option<&Absence> {
        self.absences_of(person).iter().find(|absence| absence.validity.contains(date))
    }

    /// Whether a person's values were erased: nothing is ever told to them again.
    pub fn is_erased(&self, person: PersonId) -> bool {
        self.erased.contains(&person)
    }

    /// Every appointment ever told of a person, by office.
    pub fn appointments_of(&self, person: PersonId) -> impl Iterator<Item = &Appointment> {
        self.appointments.values().flatten().filter(move |held| held.person == person)
    }

    /// Every service ever told of a person, by unit in the order told.
    pub fn services_of(&self, person: PersonId) -> impl Iterator<Item = &Service> {
        let units = self.served_at.get(&person).into_iter().flatten();
        units
            .flat_map(|unit| self.services_at(*unit))
            .filter(move |service| service.person == person)
    }

    /// A person's newest word on a purpose; none where nothing was ever said.
    pub fn consent(&self, person: PersonId, purpose: Purpose) -> Option<&Consent> {
        self.consents.get(&(person, purpose))
    }

    /// The newest word of everybody on everything that was asked, by person.
    pub fn consents(&self) -> impl Iterator<Item = (PersonId, Purpose, &Consent)> {
        self.consents.iter().map(|((person, purpose), consent)| (*person, *purpose, consent))
    }

    /// Everybody who gave consent for a purpose and did not take it back, by number.
    pub fn consenting(&self, purpose: Purpose) -> impl Iterator<Item = PersonId> {
        let given = move |(key, consent): (&(PersonId, Purpose), &Consent)| {
            (key.1 == purpose && consent.given).then_some(key.0)
        };
        self.consents.iter().filter_map(given)
    }

    /// Every word of the debtor on a debt, by when it was said.
    pub fn acknowledgements(&self, key: &ObligationKey) -> &[Acknowledgement] {
        self.acknowledgements.get(key).map_or(&[], Vec::as_slice)
    }

    /// Every word of a county on its consolidation of a month, in the order told.
    pub fn confirmations(&self, key: &ObligationKey) -> &[Confirmation] {
        self.confirmations.get(key).map_or(&[], Vec::as_slice)
    }
}
