//! What whoever sent a file may speak for: everything, as somebody at the office's own computer
//! does, or some offices with those below them.
//!
//! What it is not: it does not say who the sender is.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use xibu_core::obligation::ObligationKey;
use xibu_core::office::OfficeId;
use xibu_core::world::World;

/// For what a file is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Everything: it lay in the office's own folder, or a clerk says so.
    #[default]
    Anything,
    /// Returns of these offices.
    Within(Within),
}

/// Offices and single requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Within {
    /// These and every office below.
    pub offices: BTreeSet<OfficeId>,
    /// And these, because whoever sent it has seen the request.
    pub requests: BTreeSet<ObligationKey>,
}

impl Scope {
    /// One office with those below.
    pub fn of_office(office: OfficeId) -> Self {
        Self::Within(Within { offices: BTreeSet::from([office]), ..Within::default() })
    }

    /// Whether it knows no bound.
    pub fn is_anything(&self) -> bool {
        *self == Self::Anything
    }

    /// Whether a return may be told.
    pub fn allows(&self, world: &World, key: &ObligationKey, date: NaiveDate) -> bool {
        match self {
            Self::Anything => true,
            Self::Within(within) => {
                within.requests.contains(key) || within.stands_over(world, key.debtor, date)
            }
        }
    }

    /// Whether anything may be said of an office, its existence included.
    pub fn shows(&self, world: &World, office: OfficeId, date: NaiveDate) -> bool {
        match self {
            Self::Anything => true,
            Self::Within(within) => {
                within.requests.iter().any(|key| key.debtor == office)
                    || within.stands_over(world, office, date)
            }
        }
    }
}

impl Within {
    fn stands_over(&self, world: &World, office: OfficeId, date: NaiveDate) -> bool {
        !self.offices.is_empty()
            && world.office(office).is_some()
            && world.path(office, date).iter().any(|above| self.offices.contains(above))
    }
}
