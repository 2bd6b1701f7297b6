//! Takes a scratch copy of the data back to a moment, for a simulation. Never the data itself: the
//! record is appended, and its triggers are dropped here.

use sqlx::SqliteConnection;
use xibu_core::change::Recorded;

use super::super::Result;
use super::values::civil_text;
use super::{record, switches};
use crate::clock::Now;

/// Everything decided and recorded from `to` on is taken out; what was recorded is given back.
/// Addresses stay as they are now.
pub(super) async fn rewind(
    connection: &mut SqliteConnection,
    to: Now,
) -> Result<Vec<Recorded>> {
    let at = civil_text(to.civil);
    let mut taken = Vec::new();
    let mut last = 0;
    loop {
        let page = record::after(connection, last, 2_000).await?;
        let Some(newest) = page.last() else { break };
        last = newest.sequence;
        taken.extend(page.into_iter().filter(|recorded| recorded.at >= to.civil));
    }
    // The record as of a moment is a beginning of it: clocks never go back within it.
    let first = taken.iter().map(|recorded| recorded.sequence).min();
    for sql in [
        "DROP TRIGGER change_is_never_deleted",
        "DELETE FROM change WHERE sequence >= ?1",
    ] {
        let sequence = first.map_or(i64::MAX, super::values::signed);
        sqlx::query(sql).bind(sequence).execute(&mut *connection).await?;
    }
    for sql in [
        "DELETE FROM outage WHERE tick IN (SELECT id FROM tick WHERE at >= ?1)",
        "DELETE FROM withheld WHERE tick IN (SELECT id FROM tick WHERE at >= ?1)",
        "DELETE FROM envelope_notice WHERE notice IN (SELECT n.id FROM notice n \
         JOIN tick t ON t.id = n.tick WHERE t.at >= ?1)",
        "DELETE FROM notice WHERE tick IN (SELECT id FROM tick WHERE at >= ?1)",
        "DELETE FROM tick WHERE at >= ?1",
        "DELETE FROM errand WHERE json_extract(body, '$.not_before') >= ?1",
        "DELETE FROM attempt WHERE envelope IN (SELECT id FROM envelope e WHERE NOT EXISTS \
         (SELECT 1 FROM envelope_notice en WHERE en.envelope = e.id) AND NOT EXISTS \
         (SELECT 1 FROM errand r WHERE r.envelope = e.id) AND day >= substr(?1, 1, 10))",
        "DELETE FROM told WHERE envelope IN (SELECT id FROM envelope e WHERE NOT EXISTS \
         (SELECT 1 FROM envelope_notice en WHERE en.envelope = e.id) AND NOT EXISTS \
         (SELECT 1 FROM errand r WHERE r.envelope = e.id) AND day >= substr(?1, 1, 10))",
        "DELETE FROM envelope AS e WHERE NOT EXISTS \
         (SELECT 1 FROM envelope_notice en WHERE en.envelope = e.id) AND NOT EXISTS \
         (SELECT 1 FROM errand r WHERE r.envelope = e.id) AND day >= substr(?1, 1, 10)",
    ] {
        sqlx::query(sql).bind(&at).execute(&mut *connection).await?;
    }
    for sql in [
        "DELETE FROM attempt WHERE envelope IN \
         (SELECT id FROM envelope WHERE first_tried_at >= ?1)",
        "UPDATE envelope SET state = 'planned', attempts = 0, unknowns = 0, fence = 0, \
         lease_until = 0, tries = 0, first_tried_at = NULL, channel = NULL, detail = '' \
         WHERE first_tried_at >= ?1",
        "UPDATE channel SET paused_until = 0, failures = 0 WHERE ?1 IS NOT NULL",
        "UPDATE state SET last_unix_ms = NULL, last_civil = NULL, held = NULL, paused = 0, \
         redirect_to = NULL WHERE ?1 IS NOT NULL",
    ] {
        sqlx::query(sql).bind(to.unix_ms).execute(&mut *connection).await?;
    }
    switches::remember_tick(connection, to).await?;
    Ok(taken)
}
