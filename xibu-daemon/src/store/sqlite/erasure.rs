//! Erasing a person: finds the papers that speak of them, then takes everything away in one
//! transaction.
//!
//! What it is not: which paper is kept how long is [`super::super::erasure`]'s, what counts as
//! found is [`crate::erasure::search`]'s.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use sqlx::{Row, SqliteConnection};
use xibu_core::change::Change;
use xibu_core::incident::IncidentId;
use xibu_core::notice::Notice;
use xibu_core::office::OfficeId;
use xibu_core::person::PersonId;

use super::super::erasure::{Erased, Fate, Order, Paper};
use super::super::{Batch, DocumentId, Result, StoreError};
use super::values::{civil, civil_text, from_json, signed, unsigned};
use super::{documents, envelopes, moves, record};
use crate::clock::Now;
use crate::erasure::search::{Needle, Needles, Seen, look};
use crate::outbox::state::Event;
use crate::seal::Seal;

/// Columns in which a value may have slipped, and what is put there instead. Not the record, which
/// is never edited and holds numbers alone.
const LOOSE: [(&str, &str, &str); 10] = [
    ("refusal", "sheet", "'erased'"),
    ("refusal", "heading", "'erased'"),
    ("refusal", "message", "'erased'"),
    ("refusal", "reason", "'erased'"),
    ("arrival", "detail", "'erased'"),
    ("arrival", "channel_id", "'erased/' || id"),
    ("envelope", "detail", "'erased'"),
    ("attempt", "detail", "'erased'"),
    ("attempt", "reference", "'erased'"),
    ("channel", "detail", "'erased'"),
];

/// A shorter name cannot be told from any other text.
const NAME_CHARS_MIN: usize = 2;

/// What is held of a person, as it is searched for.
pub(super) struct Held {
    person: PersonId,
    kinds: Vec<String>,
    /// The values in plain.
    values: Vec<String>,
    needles: Needles,
}

/// Papers that speak of the person.
#[derive(Default)]
pub(super) struct Papers {
    fates: Vec<(DocumentId, Fate)>,
    unsearched: Vec<DocumentId>,
    /// The last document looked at.
    last: DocumentId,
}

pub(super) async fn held(connection: &mut SqliteConnection, person: PersonId) -> Result<Held> {
    let rows = sqlx::query("SELECT kind, value, keyed_hash FROM person_value WHERE person = ?")
        .bind(person.0)
        .fetch_all(&mut *connection)
        .await?;
    let mut held =
        Held { person, kinds: Vec::new(), values: Vec::new(), needles: Needles::default() };
    for row in &rows {
        let kind: String = row.try_get("kind")?;
        let value: Option<String> = row.try_get("value")?;
        let hash: Option<Vec<u8>> = row.try_get("keyed_hash")?;
        match (kind.as_str(), value) {
            // A single character stands everywhere.
            ("name", Some(value)) if value.chars().count() < NAME_CHARS_MIN => {}
            ("name", Some(value)) => {
                held.needles.name = Needle::new(&value);
                held.values.push(value);
            }
            (_, Some(value)) => {
                held.needles.certain.push(Needle::new(&value));
                held.values.push(value);
            }
            (_, None) => held.needles.id_hash = hash.and_then(|hash| hash.try_into().ok()),
        }
        held.kinds.push(kind);
    }
    Ok(held)
}

impl Held {
    /// What to search the files of the data folder for afterwards: not what somebody else shares.
    pub(super) async fn own(&self, connection: &mut SqliteConnection) -> Result<Needles> {
        let mut needles = Needles { id_hash: self.needles.id_hash, ..Needles::default() };
        for value in &self.values {
            let shared = sqlx::query(
                "SELECT 1 FROM person_value WHERE person <> ?1 AND instr(value, ?2) > 0 \
                 UNION ALL SELECT 1 FROM change WHERE instr(body, ?2) > 0 \
                 UNION ALL SELECT 1 FROM posting_source WHERE instr(raw, ?2) > 0 LIMIT 1",
            )
            .bind(self.person.0)
            .bind(value)
            .fetch_optional(&mut *connection)
            .await?;
            if shared.is_none() {
                needles.certain.push(Needle::new(value));
            }
        }
        Ok(needles)
    }
}

/// Opens and searches every readable document after `papers.last`.
pub(super) async fn find_papers(
    connection: &mut SqliteConnection,
    seal: &Seal,
    held: &Held,
    order: &Order,
    today: NaiveDate,
    papers: &mut Papers,
) -> Result<()> {
    let rows = sqlx::query(
        "SELECT d.id, d.received_at, \
         EXISTS (SELECT 1 FROM document_person p WHERE p.document = d.id AND p.person = ?) \
         AS indexed FROM document d JOIN blob_key k ON k.document = d.id \
         WHERE d.id > ? AND k.wrapped IS NOT NULL AND d.restricted_until IS NULL ORDER BY d.id",
    )
    .bind(held.person.0)
    .bind(signed(papers.last))
    .fetch_all(&mut *connection)
    .await?;
    for row in &rows {
        let id = unsigned(row, "id")?;
        papers.last = id;
        let indexed: bool = row.try_get("indexed")?;
        let (paper, offices) = what_is(connection, id).await?;
        let speaks = indexed || {
            let seen = seen_in(connection, seal, id, &held.needles).await?;
            // A name in a paper of another office may be a namesake's.
            let near = offices.is_empty() || !offices.is_disjoint(&order.offices);
            if seen.opaque && near && !seen.certain && !seen.name {
                papers.unsearched.push(id);
            }
            seen.certain || seen.name && near
        };
        if speaks {
            papers.fates.push((id, paper.fate(civil(row, "received_at")?.date(), today)));
        }
    }
    Ok(())
}

async fn seen_in(
    connection: &mut SqliteConnection,
    seal: &Seal,
    id: DocumentId,
    needles: &Needles,
) -> Result<Seen> {
    let opened = documents::open(connection, seal, id).await?;
    let hash = |text: &str| seal.keyed_hash(text);
    let mut seen = look(&opened.bytes, needles, &hash);
    let in_name = look(opened.name.as_bytes(), needles, &hash);
    seen.name |= in_name.name;
    seen.certain |= in_name.certain;
    for words in documents::words_of(connection, seal, id).await? {
        let in_words = look(words.as_bytes(), needles, &hash);
        seen.name |= in_words.name;
        seen.certain |= in_words.certain;
    }
    Ok(seen)
}

/// What a document is for, and of which offices it speaks.
async fn what_is(
    connection: &mut SqliteConnection,
    id: DocumentId,
) -> Result<(Paper, BTreeSet<OfficeId>)> {
    let mut paper = Paper::Other;
    let mut offices = BTreeSet::new();
    let told = sqlx::query("SELECT body FROM change WHERE document = ?")
        .bind(signed(id))
        .fetch_all(&mut *connection)
        .await?;
    for row in &told {
        match from_json("change", row.try_get("body")?)? {
            Change::ReturnCame { obligation, .. } => {
                paper = Paper::Return;
                offices.insert(obligation.debtor);
            }
            Change::IncidentOpened(opened) => {
                paper = Paper::Return;
                offices.insert(opened.incident.office);
            }
            Change::IncidentMoved(moved) => {
                paper = Paper::Return;
                offices.extend(place_of(connection, moved.incident).await?);
            }
            Change::OfficeStood { office, .. } => drop(offices.insert(office)),
            Change::Appointed(held) => drop(offices.insert(held.office)),
            Change::ServiceBegan(service) => drop(offices.insert(service.unit)),
            Change::ServiceEnded { unit, .. } => drop(offices.insert(unit)),
            _ => {}
        }
    }
    let notices = sqlx::query(
        "SELECT n.body FROM attempt a JOIN envelope_notice en ON en.envelope = a.envelope \
         JOIN notice n ON n.id = en.notice WHERE a.rendered = ?",
    )
    .bind(signed(id))
    .fetch_all(connection)
    .await?;
    for row in &notices {
        let notice: Notice = from_json("notice", row.try_get("body")?)?;
        paper = Paper::Reminder;
        offices.extend([notice.office, notice.key.obligation.debtor]);
    }
    Ok((paper, offices))
}

/// Where an incident happened.
async fn place_of(
    connection: &mut SqliteConnection,
    incident: IncidentId,
) -> Result<Option<OfficeId>> {
    let opened =
        sqlx::query("SELECT body FROM change WHERE body LIKE '{\"change\":\"incident_opened\"%'")
            .fetch_all(connection)
            .await?;
    for row in &opened {
        if let Change::IncidentOpened(opened) = from_json("change", row.try_get("body")?)?
            && opened.id == incident
        {
            return Ok(Some(opened.incident.office));
        }
    }
    Ok(None)
}

/// What `papers` comes to, without doing it.
pub(super) async fn foreseen(
    connection: &mut SqliteConnection,
    held: &Held,
    papers: &Papers,
) -> Result<Erased> {
    let waiting = sqlx::query(
        "SELECT count(*) AS n FROM envelope WHERE person = ? \
         AND state IN ('planned', 'due', 'deferred', 'throttled', 'claimed')",
    )
    .bind(held.person.0)
    .fetch_one(connection)
    .await?;
    let mut erased = Erased {
        values: held.kinds.clone(),
        unsearched: papers.unsearched.clone(),
        dropped_messages: unsigned(&waiting, "n")?,
        ..Erased::default()
    };
    for (id, fate) in &papers.fates {
        match fate {
            Fate::Destroyed => erased.destroyed.push(*id),
            Fate::Restricted(until) => erased.restricted.push((*id, *until)),
        }
    }
    Ok(erased)
}

/// Takes everything away, within the caller's transaction.
pub(super) async fn take_away(
    connection: &mut SqliteConnection,
    seal: &Seal,
    order: &Order,
    held: &Held,
    papers: &Papers,
    now: Now,
) -> Result<Erased> {
    let mut erased = foreseen(connection, held, papers).await?;
    let person = held.person.0;
    let known = sqlx::query("SELECT erased_at FROM person WHERE id = ?")
        .bind(person)
        .fetch_optional(&mut *connection)
        .await?
        .ok_or_else(|| StoreError::NoSuchPerson(held.person.to_string()))?;
    for (id, fate) in &papers.fates {
        seal_away(connection, *id, *fate, now).await?;
    }
    for table in ["person_value", "profile", "address_fault"] {
        let sql = format!("DELETE FROM {table} WHERE person = ?");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(person).execute(&mut *connection).await?;
    }
    erased.dropped_messages = drop_messages(connection, held.person, now).await?;
    erased.blanked = blank(connection, held).await?;
    let already: Option<String> = known.try_get("erased_at")?;
    if already.is_none() {
        sqlx::query("UPDATE person SET erased_at = ? WHERE id = ?")
            .bind(civil_text(now.civil))
            .bind(person)
            .execute(&mut *connection)
            .await?;
        let mut changes = order.before.clone();
        changes.push(Change::PersonErased { person: held.person });
        let batch = Batch { by: order.by.clone(), after: order.after, changes, ..Batch::default() };
        record::append(connection, seal, &batch, now).await?;
    }
    Ok(erased)
}

async fn seal_away(
    connection: &mut SqliteConnection,
    id: DocumentId,
    fate: Fate,
    now: Now,
) -> Result<()> {
    match fate {
        Fate::Destroyed => {
            documents::destroy(connection, id, now).await?;
            // Without its key it is noise; the room is given back.
            for sql in [
                "UPDATE blob SET name = x'', content = x'' WHERE document = ?",
                "UPDATE note SET words = x'' WHERE document = ?",
            ] {
                sqlx::query(sql).bind(signed(id)).execute(&mut *connection).await?;
            }
        }
        Fate::Restricted(until) => {
            sqlx::query("UPDATE document SET restricted_until = ? WHERE id = ?")
                .bind(until.to_string())
                .bind(signed(id))
                .execute(connection)
                .await?;
        }
    }
    Ok(())
}

/// What has not been called is not sent; what is on its way is settled by whoever sends it.
async fn drop_messages(
    connection: &mut SqliteConnection,
    person: PersonId,
    now: Now,
) -> Result<u64> {
    let rows = sqlx::query("SELECT * FROM envelope WHERE person = ?")
        .bind(person.0)
        .fetch_all(&mut *connection)
        .await?;
    let mut dropped = 0;
    for row in &rows {
        let held = envelopes::held(row)?;
        if let Ok(position) = held.position.after(Event::Erase) {
            moves::write(connection, held.id, &position, Some("erased"), now).await?;
            dropped += 1;
        }
    }
    Ok(dropped)
}

/// Blanks the value where it slipped into a line about something else.
async fn blank(connection: &mut SqliteConnection, held: &Held) -> Result<u64> {
    let mut blanked = 0;
    for (table, column, instead) in LOOSE {
        for value in held.values.iter().filter(|value| !value.is_empty()) {
            let sql =
                format!("UPDATE {table} SET {column} = {instead} WHERE instr({column}, ?) > 0");
            let done = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(value).execute(&mut *connection);
            blanked += done.await?.rows_affected();
        }
    }
    Ok(blanked)
}

/// Documents that have been kept long enough and can still be opened.
pub(super) async fn outlived(
    connection: &mut SqliteConnection,
    now: Now,
) -> Result<Vec<DocumentId>> {
    let rows = sqlx::query(
        "SELECT d.id FROM document d JOIN blob_key k ON k.document = d.id \
         WHERE k.wrapped IS NOT NULL AND (d.retain_until <= ?1 OR d.restricted_until <= ?1)",
    )
    .bind(now.date().to_string())
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| unsigned(row, "id")).collect()
}

/// Destroys what has been kept long enough.
pub(super) async fn destroy_outlived(connection: &mut SqliteConnection, now: Now) -> Result<u64> {
    let outlived = outlived(connection, now).await?;
    for id in &outlived {
        seal_away(connection, *id, Fate::Destroyed, now).await?;
    }
    Ok(outlived.len() as u64)
}
