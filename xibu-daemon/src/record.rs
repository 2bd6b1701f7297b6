//! The record in memory: the world derived from the changes, and what was decided before.
//!
//! What it is not: it writes nothing but the first switch of a rule. Other programs record changes
//! too; it follows them. A change that does not fit is kept as a finding, and the line goes on.

use std::collections::BTreeMap;

use xibu_core::change::Change;
use xibu_core::notice::{NotSent, NoticeKey, SentLog};
use xibu_core::rule::Rule;
use xibu_core::world::{Unfit, World};

use crate::clock::Now;
use crate::store::{Batch, Result, Store};

/// Changes read in one go.
const READ_MAX: u32 = 2_000;

/// Everything told and decided so far.
#[derive(Clone, Debug, Default)]
pub struct Record {
    world: World,
    last_sequence: u64,
    unfit: Vec<(u64, Unfit)>,
    sent: SentLog,
    last_notice: u64,
    withheld: BTreeMap<NoticeKey, NotSent>,
}

impl Record {
    /// Everything in the store.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn load(store: &impl Store) -> Result<Self> {
        let mut record = Self::default();
        record.follow(store).await?;
        for withheld in store.withheld().await? {
            record.withheld.insert(withheld.key, withheld.reason);
        }
        Ok(record)
    }

    /// The world as it was known when change `sequence` had just been recorded, without decisions.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn as_known_at(store: &impl Store, sequence: u64) -> Result<Self> {
        let mut record = Self::default();
        record.follow_until(store, sequence).await?;
        Ok(record)
    }

    /// Takes in what was recorded since; how many changes.
    ///
    /// # Errors
    /// The store cannot be read; the record may have taken in a part, and the next call goes on
    /// from there.
    pub async fn follow(&mut self, store: &impl Store) -> Result<u64> {
        let before = self.last_sequence;
        self.follow_until(store, u64::MAX).await?;
        for (place, notice) in store.notices_after(self.last_notice).await? {
            self.sent.insert(notice.key, notice.person);
            self.last_notice = place;
        }
        Ok(self.last_sequence - before)
    }

    async fn follow_until(&mut self, store: &impl Store, until: u64) -> Result<()> {
        while self.last_sequence < until {
            let changes = store.changes_after(self.last_sequence, READ_MAX).await?;
            if changes.is_empty() {
                break;
            }
            for recorded in changes.iter().take_while(|one| one.sequence <= until) {
                if let Err(unfit) = self.world.apply(&recorded.change) {
                    self.unfit.push((recorded.sequence, unfit));
                }
                self.last_sequence = recorded.sequence;
            }
            if changes.last().is_some_and(|last| last.sequence > until) {
                break;
            }
        }
        Ok(())
    }

    /// What the tick found that was not known: newest reasons for not sending.
    pub(crate) fn remember_withheld(&mut self, key: NoticeKey, reason: NotSent) {
        self.withheld.insert(key, reason);
    }

    /// The world.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The last change taken in.
    pub fn last_sequence(&self) -> u64 {
        self.last_sequence
    }

    /// Changes that did not fit, by sequence: somebody has to look.
    pub fn unfit(&self) -> &[(u64, Unfit)] {
        &self.unfit
    }

    /// What was planned to be told, and to whom.
    pub fn sent(&self) -> &SentLog {
        &self.sent
    }

    /// The newest reason for not telling, by notice.
    pub fn withheld(&self) -> &BTreeMap<NoticeKey, NotSent> {
        &self.withheld
    }
}

/// Switches on the rules that nobody switched on yet, from `now` on; how many. A rule acts only on
/// periods that end after this, so old debts are not chased by surprise.
///
/// # Errors
/// The store cannot be written.
pub async fn enable_rules(store: &impl Store, record: &mut Record, now: Now) -> Result<usize> {
    record.follow(store).await?;
    let changes: Vec<Change> = Rule::ALL
        .into_iter()
        .filter(|rule| record.world.enabled(*rule).is_none())
        .map(|rule| Change::RuleEnabled { rule, at: now.civil })
        .collect();
    let count = changes.len();
    if count > 0 {
        let batch = Batch { by: "daemon".to_owned(), changes, ..Batch::default() };
        store.record(&batch, now).await?;
        record.follow(store).await?;
    }
    Ok(count)
}
