//! What channels cost and what is wrong with them: faulty addresses, tries counted, plugins left
//! alone.

use std::collections::BTreeMap;

use sqlx::{Row, SqliteConnection};
use xibu_core::person::PersonId;

use super::super::{AddressFault, PersonValue, Quarantined, Result, Spent};
use super::values::{civil_text, named, small};
use crate::clock::Now;

pub(super) async fn note(
    connection: &mut SqliteConnection,
    fault: &AddressFault,
    now: Now,
) -> Result<()> {
    sqlx::query(
        "INSERT OR REPLACE INTO address_fault (person, kind, since, detail) VALUES (?, ?, ?, ?)",
    )
    .bind(fault.person.0)
    .bind(fault.kind.name())
    .bind(civil_text(now.civil))
    .bind(&fault.detail)
    .execute(connection)
    .await?;
    Ok(())
}

/// A value that is set anew is tried again.
pub(super) async fn forget(
    connection: &mut SqliteConnection,
    values: &[PersonValue],
) -> Result<()> {
    let row =
        sqlx::query("SELECT count(*) AS n FROM address_fault").fetch_one(&mut *connection).await?;
    if small(&row, "n")? == 0 {
        return Ok(());
    }
    for value in values {
        sqlx::query("DELETE FROM address_fault WHERE person = ? AND kind = ?")
            .bind(value.person.0)
            .bind(value.kind.name())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

pub(super) async fn all(connection: &mut SqliteConnection, now: Now) -> Result<Vec<AddressFault>> {
    let rows = sqlx::query("SELECT * FROM address_fault WHERE since <= ? ORDER BY person, kind")
        .bind(civil_text(now.civil))
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(AddressFault {
                person: PersonId(small(row, "person")?),
                kind: named("kind of value", row.try_get("kind")?)?,
                detail: row.try_get("detail")?,
            })
        })
        .collect()
}

/// A try that the channel itself put off costs nothing.
pub(super) async fn spent(
    connection: &mut SqliteConnection,
    channel: &str,
    day: i64,
    minute: i64,
) -> Result<Spent> {
    let rows = sqlx::query(
        "SELECT e.person, count(*) AS today, sum(a.started_at >= ?3) AS this_minute \
         FROM attempt a JOIN envelope e ON e.id = a.envelope \
         WHERE a.channel = ?1 AND a.started_at >= ?2 AND a.outcome <> 'throttled' \
         GROUP BY e.person",
    )
    .bind(channel)
    .bind(day)
    .bind(minute)
    .fetch_all(connection)
    .await?;
    let mut spent = Spent::default();
    let mut by_person = BTreeMap::new();
    for row in &rows {
        let today = small(row, "today")?;
        spent.today += today;
        spent.this_minute += small(row, "this_minute")?;
        by_person.insert(PersonId(small(row, "person")?), today);
    }
    Ok(Spent { by_person, ..spent })
}

pub(super) async fn set_quarantine(
    connection: &mut SqliteConnection,
    quarantined: &Quarantined,
) -> Result<()> {
    sqlx::query("INSERT OR REPLACE INTO quarantine (plugin, until) VALUES (?, ?)")
        .bind(&quarantined.plugin)
        .bind(quarantined.until)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn quarantines(
    connection: &mut SqliteConnection,
    now: Now,
) -> Result<Vec<Quarantined>> {
    let rows = sqlx::query("SELECT * FROM quarantine WHERE until > ? ORDER BY plugin")
        .bind(now.unix_ms)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Ok(Quarantined { plugin: row.try_get("plugin")?, until: row.try_get("until")? }))
        .collect()
}
