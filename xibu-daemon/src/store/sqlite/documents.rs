//! Documents, their seals, and what was noted about them.

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use xibu_core::cell::Place;
use xibu_core::office::OfficeId;
use xibu_core::period::Period;
use xibu_core::person::PersonId;

use super::super::{
    Document, DocumentId, DocumentKind, NewDocument, NewNote, NewRefusal, Opened, RefusalKept,
    Result, StoreError,
};
use super::LIST_MAX;
use super::values::{civil, civil_text, named, optional_day, signed, small, unsigned};
use crate::clock::Now;
use crate::seal::{DocumentKey, Seal, SealError, sha256};

/// Messages kept by one statement: with their attachments they are held twice meanwhile.
const MESSAGES_MAX: usize = 100;

const SELECT: &str = "SELECT d.*, k.wrapped IS NULL AS destroyed FROM document d \
     LEFT JOIN blob_key k ON k.document = d.id";

fn broken(id: DocumentId) -> impl Fn(SealError) -> StoreError {
    move |error| match error {
        SealError::NoRandom => StoreError::NoRandom,
        SealError::Broken => StoreError::SealBroken(id),
    }
}

const fn kind_name(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Original => "original",
        DocumentKind::Message => "message",
    }
}

/// Keeps a document; an original whose bytes are known already is the one that is known.
pub(super) async fn keep(
    connection: &mut SqliteConnection,
    seal: &Seal,
    new: &NewDocument,
    now: Now,
) -> Result<(DocumentId, bool)> {
    let hash = sha256(&new.bytes);
    if new.kind == DocumentKind::Original
        && let Some(known) = original_with(connection, &hash).await?
    {
        index_persons(connection, known, &new.persons).await?;
        return Ok((known, true));
    }
    let row = sqlx::query(
        "INSERT INTO document \
         (kind, media_type, sha256, size, received_at, recorded_at, retain_until) \
         VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
    )
    .bind(kind_name(new.kind))
    .bind(&new.media_type)
    .bind(&hash[..])
    .bind(signed(new.bytes.len() as u64))
    .bind(civil_text(new.received_at))
    .bind(civil_text(now.civil))
    .bind(new.retain_until.map(|day| day.to_string()))
    .fetch_one(&mut *connection)
    .await?;
    let id = unsigned(&row, "id")?;
    let key = seal.fresh_key(id).map_err(broken(id))?;
    let name = key.seal(&name_place(id), new.name.as_bytes()).map_err(broken(id))?;
    let content = key.seal(&blob_place(id), &new.bytes).map_err(broken(id))?;
    sqlx::query("INSERT INTO blob_key (document, wrapped) VALUES (?, ?)")
        .bind(signed(id))
        .bind(key.wrapped())
        .execute(&mut *connection)
        .await?;
    sqlx::query("INSERT INTO blob (document, name, content) VALUES (?, ?, ?)")
        .bind(signed(id))
        .bind(name)
        .bind(content)
        .execute(&mut *connection)
        .await?;
    index_persons(connection, id, &new.persons).await?;
    Ok((id, false))
}

/// Keeps messages that go out, each a new document; their numbers, in order.
pub(super) async fn keep_messages(
    connection: &mut SqliteConnection,
    seal: &Seal,
    new: &[&NewDocument],
    now: Now,
) -> Result<Vec<DocumentId>> {
    let mut ids = Vec::with_capacity(new.len());
    for new in new.chunks(MESSAGES_MAX) {
        let first = next_id(connection).await?;
        let numbered: Vec<(DocumentId, &NewDocument)> =
            (first..).zip(new.iter().copied()).collect();
        let mut sealed = Vec::with_capacity(new.len());
        for (id, new) in &numbered {
            let key = seal.fresh_key(*id).map_err(broken(*id))?;
            let name = key.seal(&name_place(*id), new.name.as_bytes()).map_err(broken(*id))?;
            let content = key.seal(&blob_place(*id), &new.bytes).map_err(broken(*id))?;
            sealed.push((*id, key.wrapped().to_vec(), name, content));
        }
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT INTO document \
             (id, kind, media_type, sha256, size, received_at, recorded_at, retain_until) ",
        );
        query.push_values(&numbered, |mut row, (id, new)| {
            row.push_bind(signed(*id))
                .push_bind(kind_name(new.kind))
                .push_bind(&new.media_type)
                .push_bind(sha256(&new.bytes).to_vec())
                .push_bind(signed(new.bytes.len() as u64))
                .push_bind(civil_text(new.received_at))
                .push_bind(civil_text(now.civil))
                .push_bind(new.retain_until.map(|day| day.to_string()));
        });
        query.build().execute(&mut *connection).await?;
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO blob_key (document, wrapped) ");
        query.push_values(&sealed, |mut row, (id, wrapped, ..)| {
            row.push_bind(signed(*id)).push_bind(wrapped);
        });
        query.build().execute(&mut *connection).await?;
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO blob (document, name, content) ");
        query.push_values(&sealed, |mut row, (id, _, name, content)| {
            row.push_bind(signed(*id)).push_bind(name).push_bind(content);
        });
        query.build().execute(&mut *connection).await?;
        let persons: Vec<(DocumentId, PersonId)> = numbered
            .iter()
            .flat_map(|(id, new)| new.persons.iter().map(|person| (*id, *person)))
            .collect();
        index_many(connection, &persons).await?;
        ids.extend(numbered.iter().map(|(id, _)| *id));
    }
    Ok(ids)
}

/// The number the next document gets; numbers are never given twice.
async fn next_id(connection: &mut SqliteConnection) -> Result<DocumentId> {
    let row = sqlx::query(
        "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'document'), 0) + 1 AS next",
    )
    .fetch_one(connection)
    .await?;
    unsigned(&row, "next")
}

async fn index_many(
    connection: &mut SqliteConnection,
    persons: &[(DocumentId, PersonId)],
) -> Result<()> {
    for persons in persons.chunks(LIST_MAX) {
        QueryBuilder::<Sqlite>::new("INSERT OR IGNORE INTO document_person (document, person) ")
            .push_values(persons, |mut row, (id, person)| {
                row.push_bind(signed(*id)).push_bind(person.0);
            })
            .build()
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

fn name_place(id: DocumentId) -> String {
    format!("name/{id}")
}

fn blob_place(id: DocumentId) -> String {
    format!("blob/{id}")
}

fn note_place(id: DocumentId, office: OfficeId, period: Period, section: &str) -> String {
    format!("note/{id}/{office}/{period}/{section}")
}

async fn index_persons(
    connection: &mut SqliteConnection,
    id: DocumentId,
    persons: &[PersonId],
) -> Result<()> {
    for person in persons {
        sqlx::query("INSERT OR IGNORE INTO document_person (document, person) VALUES (?, ?)")
            .bind(signed(id))
            .bind(person.0)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

fn document(row: &SqliteRow) -> Result<Document> {
    let hash: &[u8] = row.try_get("sha256")?;
    Ok(Document {
        id: unsigned(row, "id")?,
        kind: named("kind of document", row.try_get("kind")?)?,
        media_type: row.try_get("media_type")?,
        sha256: hex::encode(hash),
        size: unsigned(row, "size")?,
        received_at: civil(row, "received_at")?,
        retain_until: optional_day(row, "retain_until")?,
        destroyed: row.try_get("destroyed")?,
        restricted_until: optional_day(row, "restricted_until")?,
    })
}

pub(super) async fn get(
    connection: &mut SqliteConnection,
    id: DocumentId,
) -> Result<Option<Document>> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE d.id = ?"));
    let row = sqlx::query(sql).bind(signed(id)).fetch_optional(connection).await?;
    row.as_ref().map(document).transpose()
}

pub(super) async fn of_person(
    connection: &mut SqliteConnection,
    person: PersonId,
) -> Result<Vec<Document>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} JOIN document_person p ON p.document = d.id WHERE p.person = ? ORDER BY d.id"
    ));
    sqlx::query(sql).bind(person.0).fetch_all(connection).await?.iter().map(document).collect()
}

pub(super) async fn original_with(
    connection: &mut SqliteConnection,
    hash: &[u8; 32],
) -> Result<Option<DocumentId>> {
    let row = sqlx::query(
        "SELECT d.id FROM document d JOIN blob_key k ON k.document = d.id \
         WHERE d.sha256 = ? AND d.kind = 'original' AND k.wrapped IS NOT NULL \
         ORDER BY d.id LIMIT 1",
    )
    .bind(&hash[..])
    .fetch_optional(connection)
    .await?;
    row.map(|row| unsigned(&row, "id")).transpose()
}

async fn key(
    connection: &mut SqliteConnection,
    seal: &Seal,
    id: DocumentId,
) -> Result<DocumentKey> {
    let row = sqlx::query("SELECT wrapped FROM blob_key WHERE document = ?")
        .bind(signed(id))
        .fetch_optional(connection)
        .await?
        .ok_or(StoreError::NoSuchDocument(id))?;
    let wrapped: Option<&[u8]> = row.try_get("wrapped")?;
    let wrapped = wrapped.ok_or(StoreError::Destroyed(id))?;
    seal.unwrap_key(id, wrapped).map_err(broken(id))
}

/// As [`open`], for whoever asks: what is restricted stays closed.
pub(super) async fn show(
    connection: &mut SqliteConnection,
    seal: &Seal,
    id: DocumentId,
) -> Result<Opened> {
    let row = sqlx::query("SELECT restricted_until FROM document WHERE id = ?")
        .bind(signed(id))
        .fetch_optional(&mut *connection)
        .await?
        .ok_or(StoreError::NoSuchDocument(id))?;
    if let Some(until) = optional_day(&row, "restricted_until")? {
        return Err(StoreError::Restricted { id, until });
    }
    open(connection, seal, id).await
}

/// The words noted of a document, unsealed.
pub(super) async fn words_of(
    connection: &mut SqliteConnection,
    seal: &Seal,
    id: DocumentId,
) -> Result<Vec<String>> {
    let rows = sqlx::query("SELECT * FROM note WHERE document = ?")
        .bind(signed(id))
        .fetch_all(&mut *connection)
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let key = key(connection, seal, id).await?;
    rows.iter().map(|row| words(&key, id, row)).collect()
}

fn words(key: &DocumentKey, id: DocumentId, row: &SqliteRow) -> Result<String> {
    let office = OfficeId(small(row, "office")?);
    let period: &str = row.try_get("period")?;
    let period = period.parse().map_err(|error| super::values::unreadable("period", error))?;
    let section: &str = row.try_get("section")?;
    let place = note_place(id, office, period, section);
    let words = key.open(&place, row.try_get("words")?).map_err(broken(id))?;
    String::from_utf8(words).map_err(|_| StoreError::SealBroken(id))
}

pub(super) async fn open(
    connection: &mut SqliteConnection,
    seal: &Seal,
    id: DocumentId,
) -> Result<Opened> {
    let key = key(connection, seal, id).await?;
    let row = sqlx::query("SELECT name, content FROM blob WHERE document = ?")
        .bind(signed(id))
        .fetch_one(connection)
        .await?;
    let name = key.open(&name_place(id), row.try_get("name")?).map_err(broken(id))?;
    let bytes = key.open(&blob_place(id), row.try_get("content")?).map_err(broken(id))?;
    let name = String::from_utf8(name).map_err(|_| StoreError::SealBroken(id))?;
    Ok(Opened { name, bytes })
}

pub(super) async fn destroy(
    connection: &mut SqliteConnection,
    id: DocumentId,
    now: Now,
) -> Result<bool> {
    let key = sqlx::query("SELECT 1 FROM blob_key WHERE document = ?")
        .bind(signed(id))
        .fetch_optional(&mut *connection)
        .await?;
    key.ok_or(StoreError::NoSuchDocument(id))?;
    let gone = sqlx::query(
        "UPDATE blob_key SET wrapped = NULL, destroyed_at = ? \
         WHERE document = ? AND wrapped IS NOT NULL",
    )
    .bind(civil_text(now.civil))
    .bind(signed(id))
    .execute(connection)
    .await?;
    Ok(gone.rows_affected() > 0)
}

pub(super) async fn keep_refusals(
    connection: &mut SqliteConnection,
    document: DocumentId,
    refusals: &[NewRefusal],
    now: Now,
) -> Result<()> {
    // The same file again replaces what was said about it before.
    sqlx::query("DELETE FROM refusal WHERE document = ?")
        .bind(signed(document))
        .execute(&mut *connection)
        .await?;
    for refusal in refusals {
        sqlx::query(
            "INSERT INTO refusal \
             (document, at, sheet, row, col, heading, reason, message, only_warning) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(signed(document))
        .bind(civil_text(now.civil))
        .bind(&refusal.place.sheet)
        .bind(refusal.place.row)
        .bind(&refusal.place.column)
        .bind(&refusal.heading)
        .bind(&refusal.reason)
        .bind(&refusal.message)
        .bind(refusal.only_warning)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

pub(super) async fn refusals(
    connection: &mut SqliteConnection,
    document: Option<DocumentId>,
) -> Result<Vec<RefusalKept>> {
    let rows = sqlx::query(
        "SELECT * FROM refusal WHERE ?1 IS NULL OR document = ?1 ORDER BY document DESC, id",
    )
    .bind(document.map(signed))
    .fetch_all(connection)
    .await?;
    rows.iter().map(refusal).collect()
}

fn refusal(row: &SqliteRow) -> Result<RefusalKept> {
    let place = Place {
        sheet: row.try_get("sheet")?,
        row: small(row, "row")?,
        column: row.try_get("col")?,
    };
    Ok(RefusalKept {
        document: unsigned(row, "document")?,
        at: civil(row, "at")?,
        refusal: NewRefusal {
            place,
            heading: row.try_get("heading")?,
            reason: row.try_get("reason")?,
            message: row.try_get("message")?,
            only_warning: row.try_get("only_warning")?,
        },
    })
}

pub(super) async fn keep_notes(
    connection: &mut SqliteConnection,
    seal: &Seal,
    document: DocumentId,
    notes: &[NewNote],
) -> Result<()> {
    if notes.is_empty() {
        return Ok(());
    }
    let key = key(connection, seal, document).await?;
    for note in notes {
        let place = note_place(document, note.office, note.period, &note.section);
        let words = key.seal(&place, note.text.as_bytes()).map_err(broken(document))?;
        sqlx::query(
            "INSERT INTO note (document, office, period, section, words) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(signed(document))
        .bind(note.office.0)
        .bind(note.period.to_string())
        .bind(&note.section)
        .bind(words)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

pub(super) async fn notes(
    connection: &mut SqliteConnection,
    seal: &Seal,
    office: OfficeId,
    period: Period,
) -> Result<Vec<NewNote>> {
    let rows = sqlx::query(
        "SELECT n.* FROM note n JOIN document d ON d.id = n.document \
         WHERE n.office = ? AND n.period = ? AND d.restricted_until IS NULL ORDER BY n.id",
    )
    .bind(office.0)
    .bind(period.to_string())
    .fetch_all(&mut *connection)
    .await?;
    let mut notes = Vec::with_capacity(rows.len());
    for row in &rows {
        let document = unsigned(row, "document")?;
        let key = match key(connection, seal, document).await {
            Err(StoreError::Destroyed(_)) => continue,
            key => key?,
        };
        let section: String = row.try_get("section")?;
        let text = words(&key, document, row)?;
        notes.push(NewNote { office, period, section, text });
    }
    Ok(notes)
}
