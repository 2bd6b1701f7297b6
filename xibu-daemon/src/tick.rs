//! One tick: what is owed now, who is to be told, and into which envelopes that goes, in one
//! transaction.
//!
//! What it is not: nothing is sent here, and nothing is remembered outside the store and the
//! record. The same tick twice changes nothing.

use xibu_core::assess::assess;
use xibu_core::notice::{Notice, Withheld};
use xibu_core::obligation::Obligation;
use xibu_core::office::OfficeId;
use xibu_core::parameter::Rulebook;
use xibu_core::plan::plan;

mod forms;

use crate::clock::Now;
use crate::incident;
use crate::job::look::look;
use crate::record::Record;
use crate::store::{DigestDay, Hold, Result, Store, TickCommit, TickWritten};
use crate::waiting::Waiting;

/// A clock that goes on by more than this holds everything until a person has looked.
pub const JUMP_MAX_MS: i64 = 35 * 24 * 3_600_000;

/// What came of a tick.
#[derive(Clone, Debug, Default)]
pub struct TickReport {
    /// How far the clock lies behind the last tick, milliseconds: then nothing was done.
    pub clock_behind_ms: Option<i64>,
    /// Everything is held from this tick on, for this reason.
    pub held_now: Option<Hold>,
    /// What was written.
    pub written: TickWritten,
    /// What is owed.
    pub obligations: Vec<Obligation>,
    /// Notices planned.
    pub notices: Vec<Notice>,
    /// Reasons for not sending that are new or have changed.
    pub withheld: Vec<Withheld>,
    /// Today's look at job information, where this tick made it.
    pub looked: Option<DigestDay>,
}

/// Runs one tick.
///
/// # Errors
/// The store cannot be read or written; then nothing was done, and the next tick does it.
pub async fn tick(
    store: &impl Store,
    record: &mut Record,
    rulebook: &Rulebook,
    serves: &[OfficeId],
    now: Now,
) -> Result<TickReport> {
    let state = store.state().await?;
    let last = state.last_unix_ms;
    if let Some(behind) = last.map(|last| last - now.unix_ms).filter(|behind| *behind > 0) {
        return Ok(TickReport { clock_behind_ms: Some(behind), ..TickReport::default() });
    }
    let hold = match last {
        None => Some(Hold::FirstStart),
        Some(last) if now.unix_ms - last > JUMP_MAX_MS => Some(Hold::ClockJump),
        Some(_) => None,
    };
    record.follow(store).await?;
    let mut obligations = assess(record.world(), rulebook, serves, now.civil);
    Waiting::load(store).await?.over(&mut obligations, now.civil);
    let plan = plan(record.world(), rulebook, &obligations, record.sent(), now.civil);
    let withheld: Vec<Withheld> = plan
        .withheld
        .into_iter()
        .filter(|one| record.withheld().get(&one.key) != Some(&one.reason))
        .collect();
    let mut errands = forms::due(record.world(), rulebook, &obligations, now);
    errands.extend(incident::errands(record.world(), rulebook, serves, now));
    let mut report = TickReport {
        held_now: hold,
        obligations,
        notices: plan.notices,
        withheld,
        ..TickReport::default()
    };
    let nothing_new = report.notices.is_empty()
        && report.withheld.is_empty()
        && errands.is_empty()
        && hold.is_none();
    if nothing_new && last == Some(now.unix_ms) {
        report.looked = look(store, record.world(), rulebook, serves, now).await?;
        return Ok(report);
    }
    let commit = TickCommit {
        now,
        sequence: record.last_sequence(),
        notices: report.notices.clone(),
        withheld: report.withheld.clone(),
        errands,
        hold,
    };
    report.written = store.commit_tick(&commit).await?;
    for withheld in &report.withheld {
        record.remember_withheld(withheld.key, withheld.reason);
    }
    record.follow(store).await?;
    // Behind the tick: errands of its own, and the tick's time is remembered by now.
    report.looked = look(store, record.world(), rulebook, serves, now).await?;
    Ok(report)
}

#[cfg(test)]
pub(crate) mod tests;
