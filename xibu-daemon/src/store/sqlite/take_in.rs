//! What one call of a plugin brought: everything in one transaction, with the cursor.
//!
//! What it is not: it judges no message; that was done before, and comes here as data.

use sqlx::{Row, SqliteConnection};

use super::super::{Result, SourceLook, SourceStanding, StoreError, TakeIn, TakenIn};
use super::values::{civil, civil_text, small};
use super::{arrivals, postings, receipts, record, switches};
use crate::clock::Now;
use crate::seal::Seal;

pub(super) async fn take_in(
    connection: &mut SqliteConnection,
    seal: &Seal,
    brought: &TakeIn,
    now: Now,
) -> Result<TakenIn> {
    let found = record::last(connection).await?;
    if let Some(expected) = brought.after
        && expected != found
    {
        return Err(StoreError::Moved { expected, found });
    }
    let mut taken = TakenIn::default();
    for arrival in &brought.arrivals {
        match arrivals::keep(connection, seal, &brought.plugin, arrival, now).await? {
            Some(id) => taken.arrivals.push(id),
            None => taken.known += 1,
        }
    }
    if !brought.receipts.is_empty() {
        receipts::forget_old(connection, now).await?;
    }
    for receipt in &brought.receipts {
        let reaches = brought.reaches;
        let outcome = receipts::take(connection, &brought.plugin, reaches, receipt, now).await?;
        *taken.receipts.entry(outcome.name()).or_default() += 1;
    }
    taken.postings = postings::take_in(connection, &brought.postings, now).await?;
    for look in &brought.sources {
        note_source(connection, &brought.plugin, look, now).await?;
    }
    if let Some(cursor) = &brought.cursor {
        switches::set_cursor(connection, &cursor.plugin, &cursor.name, &cursor.value, now).await?;
    }
    Ok(taken)
}

async fn note_source(
    connection: &mut SqliteConnection,
    plugin: &str,
    look: &SourceLook,
    now: Now,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO source (plugin, name, looked_at, items, error, failures) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (plugin, name) DO UPDATE SET \
         looked_at = ?3, items = ?4, error = ?5, \
         failures = CASE WHEN ?5 IS NULL THEN 0 ELSE failures + 1 END",
    )
    .bind(plugin)
    .bind(&look.source)
    .bind(civil_text(now.civil))
    .bind(look.items)
    .bind(&look.error)
    .bind(u32::from(look.error.is_some()))
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn sources(connection: &mut SqliteConnection) -> Result<Vec<SourceStanding>> {
    let rows =
        sqlx::query("SELECT * FROM source ORDER BY plugin, name").fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            Ok(SourceStanding {
                plugin: row.try_get("plugin")?,
                source: row.try_get("name")?,
                looked_at: civil(row, "looked_at")?,
                items: small(row, "items")?,
                error: row.try_get("error")?,
                failures: small(row, "failures")?,
            })
        })
        .collect()
}
