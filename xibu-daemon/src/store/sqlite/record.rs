//! The changes: appended under a hash chain, read in order.

use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use xibu_core::change::{Change, Recorded};

use super::super::{Batch, Receipt, Result, StoreError};
use super::values::{civil, civil_text, from_json, optional_unsigned, signed, to_json, unsigned};
use super::{
    LIST_MAX, documents, errands, files, people, plugin_state, postings, profiles, switches,
};
use crate::clock::Now;
use crate::seal::Seal;

type Hash = [u8; 32];

pub(super) async fn last(connection: &mut SqliteConnection) -> Result<u64> {
    let row = sqlx::query("SELECT coalesce(max(sequence), 0) AS last FROM change")
        .fetch_one(connection)
        .await?;
    unsigned(&row, "last")
}

pub(super) async fn after(
    connection: &mut SqliteConnection,
    sequence: u64,
    limit: u32,
) -> Result<Vec<Recorded>> {
    sqlx::query("SELECT * FROM change WHERE sequence > ? ORDER BY sequence LIMIT ?")
        .bind(signed(sequence))
        .bind(limit)
        .fetch_all(connection)
        .await?
        .iter()
        .map(recorded)
        .collect()
}

fn recorded(row: &SqliteRow) -> Result<Recorded> {
    Ok(Recorded {
        sequence: unsigned(row, "sequence")?,
        at: civil(row, "at")?,
        by: row.try_get("by_whom")?,
        document: optional_unsigned(row, "document")?,
        change: from_json("change", row.try_get("body")?)?,
    })
}

pub(super) async fn append(
    connection: &mut SqliteConnection,
    seal: &Seal,
    batch: &Batch,
    now: Now,
) -> Result<Receipt> {
    let mut sequence = last(connection).await?;
    if let Some(expected) = batch.after
        && expected != sequence
    {
        return Err(StoreError::Moved { expected, found: sequence });
    }
    let (document, document_was_known) = match &batch.document {
        Some(new) => documents::keep(connection, seal, new, now).await?,
        None => (0, false),
    };
    let document = (document != 0).then_some(document);
    people::set_values(connection, seal, &batch.values, document, now).await?;
    people::know_numbers(connection, &batch.changes, now).await?;
    if !(batch.refusals.is_empty() && batch.notes.is_empty()) {
        let document = document.ok_or(StoreError::NoSuchDocument(0))?;
        documents::keep_refusals(connection, document, &batch.refusals, now).await?;
        documents::keep_notes(connection, seal, document, &batch.notes).await?;
    }
    let mut hash = last_hash(connection).await?;
    let at = civil_text(now.civil);
    for changes in batch.changes.chunks(LIST_MAX) {
        let mut rows = Vec::with_capacity(changes.len());
        for change in changes {
            sequence += 1;
            let body = to_json("change", &with_document(change, document))?;
            hash = next_hash(&hash, sequence, &at, &batch.by, document, &body);
            rows.push((sequence, body, hash));
        }
        QueryBuilder::<Sqlite>::new(
            "INSERT INTO change (sequence, at, by_whom, document, body, hash) ",
        )
        .push_values(rows, |mut row, (sequence, body, hash)| {
            row.push_bind(signed(sequence))
                .push_bind(&at)
                .push_bind(&batch.by)
                .push_bind(document.map(signed))
                .push_bind(body)
                .push_bind(hash.to_vec());
        })
        .build()
        .execute(&mut *connection)
        .await?;
    }
    profiles::set(connection, &batch.profiles, document, now).await?;
    postings::keep(connection, &batch.postings, &batch.withdrawn, now).await?;
    errands::open(connection, &batch.errands, now).await?;
    if let Some(cursor) = &batch.cursor {
        switches::set_cursor(connection, &cursor.plugin, &cursor.name, &cursor.value, now).await?;
    }
    if let Some(new) = &batch.plugin_puts {
        plugin_state::put(connection, &new.plugin, &new.puts).await?;
    }
    if let Some(new) = &batch.came_with {
        files::keep(connection, seal, new, document).await?;
    }
    Ok(Receipt { document, document_was_known, last_sequence: sequence })
}

/// A return that names document 0 means the one of its batch.
pub(super) fn with_document(change: &Change, document: Option<u64>) -> Change {
    let mut change = change.clone();
    if let Change::ReturnCame { version, .. } = &mut change
        && version.document == Some(0)
    {
        version.document = document;
    }
    change
}

pub(super) async fn last_hash(connection: &mut SqliteConnection) -> Result<Hash> {
    let row = sqlx::query("SELECT hash FROM change ORDER BY sequence DESC LIMIT 1")
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok([0; 32]) };
    let hash: Vec<u8> = row.try_get("hash")?;
    hash.try_into().map_err(|_| super::values::unreadable("hash", "its length"))
}

/// Each part with its length before it, so that no two rows can be read as one another.
fn next_hash(
    before: &Hash,
    sequence: u64,
    at: &str,
    by: &str,
    document: Option<u64>,
    body: &str,
) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(before);
    hasher.update(sequence.to_le_bytes());
    hasher.update(document.unwrap_or(0).to_le_bytes());
    for text in [at, by, body] {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    }
    hasher.finalize().into()
}

pub(super) async fn first_break(connection: &mut SqliteConnection) -> Result<Option<u64>> {
    let mut hash = [0; 32];
    let mut sequence = 0;
    loop {
        let rows =
            sqlx::query("SELECT * FROM change WHERE sequence > ? ORDER BY sequence LIMIT 500")
                .bind(signed(sequence))
                .fetch_all(&mut *connection)
                .await?;
        if rows.is_empty() {
            return Ok(None);
        }
        for row in &rows {
            sequence += 1;
            let (at, by, body): (&str, &str, &str) =
                (row.try_get("at")?, row.try_get("by_whom")?, row.try_get("body")?);
            let document = optional_unsigned(row, "document")?;
            hash = next_hash(&hash, sequence, at, by, document, body);
            let kept: &[u8] = row.try_get("hash")?;
            if unsigned(row, "sequence")? != sequence || kept != hash {
                return Ok(Some(sequence));
            }
        }
    }
}
