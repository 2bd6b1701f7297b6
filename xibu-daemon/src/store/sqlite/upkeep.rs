//! Looking after the file itself: a copy of one moment, whether it is sound, overwriting what was
//! freed, and what was left out because nobody looked.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use sqlx::sqlite::SqlitePool;
use sqlx::{Row, SqliteConnection};
use xibu_core::notice::{NotSent, Withheld};
use xibu_core::person::PersonId;

use super::super::erasure::Order;
use super::super::{Outage, Result, SoundnessReport, StoreError};
use super::values::{civil, from_json, small, unsigned};
use super::{documents, record};
use crate::erasure::search::{Needles, look_flat};
use crate::seal::Seal;
use crate::store::folder::private_file;

/// How often the file is cleaned again where another program had it in use.
const TRIES_MAX: u32 = 3;
/// Files are searched in pieces of this size.
const PIECE_BYTES: usize = 4 << 20;
/// No value is longer, in any encoding.
const OVERLAP_BYTES: usize = 1_024;

pub(super) fn person_of(order: &Order) -> Result<PersonId> {
    order.person.ok_or_else(|| StoreError::NoSuchPerson("P?".to_owned()))
}

/// SQLite's own copy of one moment, compact and without freed pages; writers go on meanwhile.
pub(super) async fn snapshot(pool: &SqlitePool, into: &Path) -> Result<()> {
    // Made here, because SQLite would let others read it; it takes an empty file.
    drop(private_file(into)?);
    let name = into.to_str().ok_or_else(|| StoreError::Database("not a path in UTF-8".into()))?;
    sqlx::query("VACUUM INTO ?").bind(name).execute(pool).await?;
    Ok(())
}

pub(super) async fn soundness(
    connection: &mut SqliteConnection,
    seal: &Seal,
) -> Result<SoundnessReport> {
    let mut damage = Vec::new();
    for row in sqlx::query("PRAGMA integrity_check").fetch_all(&mut *connection).await? {
        let line: String = row.try_get(0)?;
        if line != "ok" {
            damage.push(line);
        }
    }
    let strays = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut *connection).await?;
    if !strays.is_empty() {
        damage.push(format!("{} rows name a row that is not there", strays.len()));
    }
    let documents = sqlx::query("SELECT count(*) AS n FROM document").fetch_one(&mut *connection);
    let documents = unsigned(&documents.await?, "n")?;
    let newest = sqlx::query(
        "SELECT max(document) AS id FROM blob_key WHERE wrapped IS NOT NULL HAVING id IS NOT NULL",
    )
    .fetch_optional(&mut *connection)
    .await?;
    let seal_fits = match newest {
        Some(row) => documents::open(connection, seal, unsigned(&row, "id")?).await.is_ok(),
        None => true,
    };
    Ok(SoundnessReport {
        sequence: record::last(connection).await?,
        broken_at: record::first_break(connection).await?,
        chain: hex::encode(record::last_hash(connection).await?),
        documents,
        damage,
        seal_fits,
    })
}

/// Writes the database anew without what was freed, and empties the write-ahead log; whether it
/// could be done.
pub(super) async fn clean(pool: &SqlitePool) -> Result<bool> {
    for _ in 0..TRIES_MAX {
        // Waits for others as long as any writer does.
        if sqlx::query("VACUUM").execute(pool).await.is_ok() && clean_log(pool).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Empties the write-ahead log: what was overwritten must not live on in it.
pub(super) async fn clean_log(pool: &SqlitePool) -> Result<bool> {
    for _ in 0..TRIES_MAX {
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(pool).await?;
        let busy: i64 = row.try_get(0)?;
        if busy == 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The files below `data` in which a needle stands, by name.
pub(super) fn left_in(data: &Path, needles: &Needles, seal: &Seal) -> Result<Vec<String>> {
    let failed =
        |source| StoreError::Folder { what: "cannot search", path: data.to_owned(), source };
    let mut found = Vec::new();
    let mut folders = vec![data.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                folders.push(path);
            } else if holds(&path, needles, seal).map_err(failed)? {
                let name = path.strip_prefix(data).unwrap_or(&path);
                found.push(name.display().to_string());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn holds(path: &Path, needles: &Needles, seal: &Seal) -> std::io::Result<bool> {
    let hash = |text: &str| seal.keyed_hash(text);
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        // The write-ahead log may go while we look.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let mut piece = Vec::new();
    let mut begins = 0_u64;
    loop {
        file.seek(SeekFrom::Start(begins))?;
        piece.clear();
        let length = (&mut file).take(PIECE_BYTES as u64).read_to_end(&mut piece)?;
        if look_flat(&piece, needles, &hash).certain {
            return Ok(true);
        }
        if length < PIECE_BYTES {
            return Ok(false);
        }
        begins += (PIECE_BYTES - OVERLAP_BYTES) as u64;
    }
}

pub(super) async fn outages(connection: &mut SqliteConnection, limit: u32) -> Result<Vec<Outage>> {
    let rows = sqlx::query(
        "SELECT t.id, o.since, t.at AS until, t.notices, t.folded, \
         (SELECT count(*) FROM envelope e WHERE e.state = 'expired' \
          AND e.expires_at > o.since_ms AND e.expires_at <= t.unix_ms) AS expired, \
         (SELECT count(*) FROM envelope e JOIN envelope_notice en ON en.envelope = e.id \
          WHERE e.detail LIKE 'folded_into %' AND e.next_at > o.since_ms \
          AND e.next_at <= t.unix_ms) AS joined \
         FROM outage o JOIN tick t ON t.id = o.tick ORDER BY t.id DESC LIMIT ?",
    )
    .bind(limit)
    .fetch_all(&mut *connection)
    .await?;
    let mut outages = Vec::with_capacity(rows.len());
    for row in &rows {
        outages.push(Outage {
            since: civil(row, "since")?,
            until: civil(row, "until")?,
            notices: unsigned(row, "notices")?,
            folded: u64::from(small(row, "folded")?) + unsigned(row, "joined")?,
            passed_over: passed_over(connection, row.try_get("id")?).await?,
            expired: unsigned(row, "expired")?,
        });
    }
    Ok(outages)
}

/// The steps that a tick passed over for good, by reason.
async fn passed_over(
    connection: &mut SqliteConnection,
    tick: i64,
) -> Result<BTreeMap<String, u64>> {
    let rows = sqlx::query("SELECT reason FROM withheld WHERE tick = ?")
        .bind(tick)
        .fetch_all(connection)
        .await?;
    let mut counts = BTreeMap::new();
    for row in &rows {
        let withheld: Withheld = from_json("reason for not sending", row.try_get("reason")?)?;
        let name = match withheld.reason {
            NotSent::SupersededByLaterStep { .. } => "superseded_by_later_step",
            NotSent::TooLateToHelp => "too_late_to_help",
            _ => continue,
        };
        *counts.entry(name.to_owned()).or_insert(0) += 1;
    }
    Ok(counts)
}
