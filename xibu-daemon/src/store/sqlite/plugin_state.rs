//! The durable state of plugins: bytes under names, changed by what a call put.
//!
//! What it is not: the quota is the carrier's; here is only what was let through.

use std::collections::BTreeMap;

use sqlx::{Row, SqliteConnection};

use super::super::{Result, Store};
use super::SqliteStore;
use crate::carrier::{Boxed, PluginState, StateKeeper};

pub(super) async fn of(connection: &mut SqliteConnection, plugin: &str) -> Result<PluginState> {
    let rows = sqlx::query("SELECT name, value FROM plugin_state WHERE plugin = ?")
        .bind(plugin)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("name")?, row.try_get("value")?)))
        .collect::<Result<BTreeMap<_, _>>>()
}

pub(super) async fn put(
    connection: &mut SqliteConnection,
    plugin: &str,
    puts: &PluginState,
) -> Result<()> {
    for (name, value) in puts {
        let query = match value.is_empty() {
            true => sqlx::query("DELETE FROM plugin_state WHERE plugin = ? AND name = ?")
                .bind(plugin)
                .bind(name),
            false => sqlx::query(
                "INSERT OR REPLACE INTO plugin_state (plugin, name, value) VALUES (?, ?, ?)",
            )
            .bind(plugin)
            .bind(name)
            .bind(value),
        };
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

impl StateKeeper for SqliteStore {
    fn load<'a>(&'a self, plugin: &'a str) -> Boxed<'a, std::result::Result<PluginState, String>> {
        Box::pin(async move { self.plugin_state(plugin).await.map_err(|error| error.to_string()) })
    }

    fn keep<'a>(
        &'a self,
        plugin: &'a str,
        puts: &'a PluginState,
    ) -> Boxed<'a, std::result::Result<(), String>> {
        Box::pin(async move {
            self.set_plugin_state(plugin, puts).await.map_err(|error| error.to_string())
        })
    }
}
