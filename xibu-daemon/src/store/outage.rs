//! What the store says of itself: stretches of time in which nothing was looked at, and whether the
//! data is sound.
//!
//! What it is not: it sends nothing later and mends nothing.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use serde::Serialize;

/// Ticks further apart than this are an outage; a running daemon ticks twice a minute.
pub const OUTAGE_MIN_MS: i64 = 30 * 60_000;

/// A stretch of time in which nothing was looked at: the daemon was down, or the computer asleep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outage {
    /// The last tick before.
    pub since: NaiveDateTime,
    /// The first tick after.
    pub until: NaiveDateTime,
    /// Notices that this tick planned.
    pub notices: u64,
    /// Notices that went into an envelope together with another.
    pub folded: u64,
    /// Steps that will not be told, by reason: `superseded_by_later_step`, `too_late_to_help`.
    pub passed_over: BTreeMap<String, u64>,
    /// Messages planned before that became useless meanwhile (`its_use_passed`).
    pub expired: u64,
}

impl Outage {
    /// How many things were dropped because of it.
    pub fn dropped(&self) -> u64 {
        self.expired + self.passed_over.values().sum::<u64>()
    }
}

/// Whether the data is sound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SoundnessReport {
    /// The record's last sequence.
    pub sequence: u64,
    /// The first change at which the hash chain breaks.
    pub broken_at: Option<u64>,
    /// The chain's last hash, hex.
    pub chain: String,
    /// Documents, those destroyed included.
    pub documents: u64,
    /// What the database says is wrong with it.
    pub damage: Vec<String>,
    /// Whether the newest document that can be opened opens with this `seal.key`.
    pub seal_fits: bool,
}

impl SoundnessReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.broken_at.is_none() && self.damage.is_empty() && self.seal_fits
    }
}
