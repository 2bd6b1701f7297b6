//! The record as the rules read it: everything told so far, derived from the changes.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use chrono::NaiveDateTime;

use crate::appointment::Appointment;
use crate::change::Change;
use crate::obligation::ObligationKey;
use crate::office::{Office, OfficeId, OfficeVersion};
use crate::returns::{Return, Workflow};
use crate::rule::Rule;
use crate::service::Service;
use crate::validity::Validity;

/// A debtor's word that the return will come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// When it was said.
    pub at: NaiveDateTime,
    /// The day promised.
    pub promised: chrono::NaiveDate,
}

/// Everything told so far. Built only by [`World::apply`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    offices: BTreeMap<OfficeId, Office>,
    appointments: BTreeMap<OfficeId, Vec<Appointment>>,
    services: Vec<Service>,
    enabled: BTreeMap<Rule, NaiveDateTime>,
    returns: BTreeMap<ObligationKey, Return>,
    acknowledgements: BTreeMap<ObligationKey, Acknowledgement>,
}
