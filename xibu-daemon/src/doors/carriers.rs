//! The plugins' carriers by name, shared by everybody who calls one; replaced as a whole when
//! approvals change.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::carrier::Carrier;

/// Carriers by the plugin's name in the settings. Copies are the same.
#[derive(Clone, Debug, Default)]
pub struct Carriers {
    known: Arc<RwLock<BTreeMap<String, Carrier>>>,
}

impl Carriers {
    /// The carrier of a plugin.
    pub fn get(&self, plugin: &str) -> Option<Carrier> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(plugin).cloned()
    }

    /// Every carrier, by name.
    pub fn all(&self) -> Vec<Carrier> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// From now on these.
    pub fn replace(&self, carriers: BTreeMap<String, Carrier>) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = carriers;
    }
}
