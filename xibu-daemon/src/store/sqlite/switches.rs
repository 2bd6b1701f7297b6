//! Switches, channels, plugins and cursors.

use sqlx::{Row, SqliteConnection};

use super::super::{Approval, ChannelStanding, DaemonState, Hold, Result};
use super::values::{civil, civil_text, named, small, unreadable};
use crate::clock::Now;

pub(super) async fn state(connection: &mut SqliteConnection) -> Result<DaemonState> {
    let row = sqlx::query("SELECT * FROM state").fetch_one(connection).await?;
    let last_civil: Option<&str> = row.try_get("last_civil")?;
    let held: Option<&str> = row.try_get("held")?;
    Ok(DaemonState {
        last_unix_ms: row.try_get("last_unix_ms")?,
        last_civil: last_civil
            .map(|text| text.parse().map_err(|error| unreadable("last_civil", error)))
            .transpose()?,
        held: held.map(|name| named("hold", name)).transpose()?,
        paused: row.try_get("paused")?,
        redirect_to: row.try_get("redirect_to")?,
    })
}

pub(super) async fn hold(connection: &mut SqliteConnection, hold: Hold, now: Now) -> Result<()> {
    sqlx::query("UPDATE state SET held = ?, held_at = ?")
        .bind(hold.name())
        .bind(civil_text(now.civil))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn release(connection: &mut SqliteConnection, now: Now) -> Result<bool> {
    let done = sqlx::query("UPDATE state SET held = NULL, held_at = ? WHERE held IS NOT NULL")
        .bind(civil_text(now.civil))
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn set_paused(
    connection: &mut SqliteConnection,
    paused: bool,
    now: Now,
) -> Result<bool> {
    let done = sqlx::query("UPDATE state SET paused = ?1, paused_at = ?2 WHERE paused <> ?1")
        .bind(paused)
        .bind(civil_text(now.civil))
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn set_redirect(
    connection: &mut SqliteConnection,
    address: Option<&str>,
) -> Result<()> {
    sqlx::query("UPDATE state SET redirect_to = ?").bind(address).execute(connection).await?;
    Ok(())
}

/// The last tick's time never goes back.
pub(super) async fn remember_tick(connection: &mut SqliteConnection, now: Now) -> Result<()> {
    sqlx::query(
        "UPDATE state SET last_unix_ms = ?1, last_civil = ?2 \
         WHERE last_unix_ms IS NULL OR last_unix_ms < ?1",
    )
    .bind(now.unix_ms)
    .bind(civil_text(now.civil))
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn channels(connection: &mut SqliteConnection) -> Result<Vec<ChannelStanding>> {
    let rows = sqlx::query("SELECT * FROM channel ORDER BY id").fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            Ok(ChannelStanding {
                channel: row.try_get("id")?,
                paused_until: row.try_get("paused_until")?,
                failures: small(row, "failures")?,
                detail: row.try_get("detail")?,
            })
        })
        .collect()
}

pub(super) async fn set_channel(
    connection: &mut SqliteConnection,
    standing: &ChannelStanding,
    now: Now,
) -> Result<()> {
    sqlx::query(
        "INSERT OR REPLACE INTO channel (id, paused_until, failures, detail, updated_at) \
         VALUES (?, ?, ?, ?, ?)",
    )
    .bind(&standing.channel)
    .bind(standing.paused_until)
    .bind(standing.failures)
    .bind(&standing.detail)
    .bind(now.unix_ms)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn approve(connection: &mut SqliteConnection, approval: &Approval) -> Result<()> {
    sqlx::query(
        "INSERT OR REPLACE INTO plugin (sha256, plugin, file_name, approved_at, by_whom) \
         VALUES (?, ?, ?, ?, ?)",
    )
    .bind(&approval.sha256)
    .bind(&approval.plugin)
    .bind(&approval.file_name)
    .bind(civil_text(approval.approved_at))
    .bind(&approval.by)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn approvals(connection: &mut SqliteConnection) -> Result<Vec<Approval>> {
    let rows = sqlx::query("SELECT * FROM plugin ORDER BY plugin, approved_at, sha256")
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Approval {
                sha256: row.try_get("sha256")?,
                plugin: row.try_get("plugin")?,
                file_name: row.try_get("file_name")?,
                approved_at: civil(row, "approved_at")?,
                by: row.try_get("by_whom")?,
            })
        })
        .collect()
}

pub(super) async fn cursor(
    connection: &mut SqliteConnection,
    plugin: &str,
    name: &str,
) -> Result<Option<String>> {
    let row = sqlx::query("SELECT value FROM cursor WHERE plugin = ? AND name = ?")
        .bind(plugin)
        .bind(name)
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok(row.try_get("value")?)).transpose()
}

pub(super) async fn set_cursor(
    connection: &mut SqliteConnection,
    plugin: &str,
    name: &str,
    value: &str,
    now: Now,
) -> Result<()> {
    sqlx::query(
        "INSERT OR REPLACE INTO cursor (plugin, name, value, updated_at) VALUES (?, ?, ?, ?)",
    )
    .bind(plugin)
    .bind(name)
    .bind(value)
    .bind(now.unix_ms)
    .execute(connection)
    .await?;
    Ok(())
}
