//! What waits for a person stops the ladders it may be about: nobody is chased for a return that
//! may lie in the office's own letter box.
//!
//! The debt stands as *received, unread* meanwhile ([`Standing::Unread`]), which the core withholds
//! as `return_waits_to_be_read`. What it is not: it discharges nothing, and once a person has
//! decided the debt stands as it would have.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use xibu_core::assess::timeliness;
use xibu_core::obligation::{Obligation, Standing};
use xibu_core::office::OfficeId;

use crate::store::{Result, Store, WaitingFor};

/// What waits, by office.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    by_office: BTreeMap<OfficeId, Vec<WaitingFor>>,
}

impl Waiting {
    /// As the store has it now.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn load(store: &impl Store) -> Result<Self> {
        let mut by_office: BTreeMap<OfficeId, Vec<WaitingFor>> = BTreeMap::new();
        for one in store.waiting().await? {
            by_office.entry(one.concern.office).or_default().push(one);
        }
        Ok(Self { by_office })
    }

    /// The messages that stop this debt's ladder, oldest first.
    pub fn of(&self, owed: &Obligation, at: NaiveDateTime) -> impl Iterator<Item = &WaitingFor> {
        let Obligation { key, due, .. } = *owed;
        let here = self.by_office.get(&key.debtor).map(Vec::as_slice).unwrap_or_default();
        here.iter().filter(move |one| {
            let about = match one.concern.period {
                Some(period) => period == key.period,
                None => due.opening <= one.since,
            };
            about && one.since <= at
        })
    }

    /// A debt as it stands while something waits.
    pub fn seen(&self, mut owed: Obligation, at: NaiveDateTime) -> Obligation {
        let stands = matches!(
            owed.standing,
            Standing::Owed | Standing::Late | Standing::Acknowledged { .. }
        );
        let first = self.of(&owed, at).next().map(|first| first.since);
        if stands && let Some(since) = first {
            owed.standing = Standing::Unread(timeliness(since, &owed.due));
        }
        owed
    }

    /// All of them as they stand while something waits.
    pub fn over(&self, owed: &mut [Obligation], at: NaiveDateTime) {
        if self.by_office.is_empty() {
            return;
        }
        for one in owed {
            *one = self.seen(*one, at);
        }
    }
}
