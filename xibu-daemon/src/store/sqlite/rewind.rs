//! Takes a scratch copy of the data back to a moment, for a simulation. Never the data itself: the
//! record is appended, and its triggers are dropped here.

use chrono::NaiveDateTime;
use sqlx::SqliteConnection;
use xibu_core::change::Recorded;
use xibu_core::posting::RawPosting;

use super::super::Result;
use super::values::civil_text;
use super::{postings, record, switches};
use crate::clock::Now;

/// What was taken out, in the order in which it came.
#[derive(Debug)]
pub(crate) struct Rewound {
    /// What was recorded.
    pub(crate) changes: Vec<Recorded>,
    /// What sources gave, with when.
    pub(crate) postings: Vec<(NaiveDateTime, RawPosting)>,
}

/// Changes read in one go.
const PAGE: u32 = 2_000;

/// Everything decided and recorded after `to` is taken out; what was recorded is given back.
/// Addresses stay as they are now.
pub(super) async fn rewind(connection: &mut SqliteConnection, to: Now) -> Result<Rewound> {
    let at = civil_text(to.civil);
    let mut taken: Vec<Recorded> = Vec::new();
    let mut last = 0;
    loop {
        let page = record::after(connection, last, PAGE).await?;
        let Some(newest) = page.last() else { break };
        last = newest.sequence;
        for recorded in page {
            // From the first on everything: their order is what makes them fit.
            if !taken.is_empty() || recorded.at > to.civil {
                taken.push(recorded);
            }
        }
    }
    if let Some(first) = taken.first() {
        sqlx::query("DROP TRIGGER change_is_never_deleted").execute(&mut *connection).await?;
        sqlx::query("DELETE FROM change WHERE sequence >= ?")
            .bind(super::values::signed(first.sequence))
            .execute(&mut *connection)
            .await?;
    }
    for sql in [
        "DELETE FROM outage WHERE tick IN (SELECT id FROM tick WHERE at > ?1)",
        "DELETE FROM withheld WHERE tick IN (SELECT id FROM tick WHERE at > ?1)",
        "DELETE FROM envelope_notice WHERE notice IN (SELECT n.id FROM notice n \
         JOIN tick t ON t.id = n.tick WHERE t.at > ?1)",
        "DELETE FROM notice WHERE tick IN (SELECT id FROM tick WHERE at > ?1)",
        "DELETE FROM tick WHERE at > ?1",
        "DELETE FROM digest_day WHERE at > ?1",
        "DELETE FROM errand WHERE json_extract(body, '$.not_before') > ?1",
    ] {
        sqlx::query(sql).bind(&at).execute(&mut *connection).await?;
    }
    for table in ["attempt", "told", "envelope"] {
        let id = if table == "envelope" { "id" } else { "envelope" };
        // Opened after `to`: what was in it is gone. Emptied before, it stays as it was.
        let sql = format!(
            "DELETE FROM {table} WHERE {id} IN (SELECT e.id FROM envelope e \
             WHERE e.updated_at > ? \
             AND NOT EXISTS (SELECT 1 FROM envelope_notice en WHERE en.envelope = e.id) \
             AND NOT EXISTS (SELECT 1 FROM errand r WHERE r.envelope = e.id))"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(to.unix_ms).execute(&mut *connection).await?;
    }
    for sql in [
        "DELETE FROM attempt WHERE envelope IN \
         (SELECT id FROM envelope WHERE first_tried_at > ?1)",
        "UPDATE envelope SET state = 'planned', attempts = 0, unknowns = 0, fence = 0, \
         lease_until = 0, tries = 0, first_tried_at = NULL, channel = NULL, detail = '' \
         WHERE first_tried_at > ?1",
        "UPDATE channel SET paused_until = 0, failures = 0 WHERE ?1 IS NOT NULL",
        "UPDATE state SET last_unix_ms = NULL, last_civil = NULL, held = NULL, paused = 0, \
         redirect_to = NULL WHERE ?1 IS NOT NULL",
    ] {
        sqlx::query(sql).bind(to.unix_ms).execute(&mut *connection).await?;
    }
    switches::remember_tick(connection, to).await?;
    let postings = postings::rewind(connection, to).await?;
    Ok(Rewound { changes: taken, postings })
}
