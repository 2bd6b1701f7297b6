//! What people wish and were told: personal, apart from the record.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use xibu_core::person::PersonId;
use xibu_core::posting::PostingId;
use xibu_core::profile::Profile;

use super::super::{DigestDay, DigestFigures, DocumentId, NewProfile, Result, Told};
use super::LIST_MAX;
use super::envelopes::state;
use super::values::{civil, civil_text, from_json, signed, small, to_json, unreadable};
use crate::clock::Now;
use crate::outbox::{EnvelopeKey, State};

pub(super) async fn set(
    connection: &mut SqliteConnection,
    profiles: &[NewProfile],
    document: Option<DocumentId>,
    now: Now,
) -> Result<()> {
    for NewProfile(profile) in profiles {
        sqlx::query("INSERT OR IGNORE INTO person (id, recorded_at) VALUES (?, ?)")
            .bind(profile.person.0)
            .bind(civil_text(now.civil))
            .execute(&mut *connection)
            .await?;
        sqlx::query(
            "INSERT OR REPLACE INTO profile (person, body, recorded_at, document) \
             VALUES (?, ?, ?, ?)",
        )
        .bind(profile.person.0)
        .bind(to_json("profile", profile)?)
        .bind(civil_text(now.civil))
        .bind(document.map(signed))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

pub(super) async fn after(
    connection: &mut SqliteConnection,
    after: PersonId,
    limit: u32,
) -> Result<Vec<Profile>> {
    sqlx::query("SELECT body FROM profile WHERE person > ? ORDER BY person LIMIT ?")
        .bind(after.0)
        .bind(limit)
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| from_json("profile", row.try_get("body")?))
        .collect()
}

pub(super) async fn of(
    connection: &mut SqliteConnection,
    persons: &[PersonId],
) -> Result<Vec<Profile>> {
    let mut found = Vec::with_capacity(persons.len());
    for persons in persons.chunks(LIST_MAX) {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT body FROM profile WHERE person IN (");
        let mut list = query.separated(", ");
        for person in persons {
            list.push_bind(person.0);
        }
        query.push(") ORDER BY person");
        for row in query.build().fetch_all(&mut *connection).await? {
            found.push(from_json("profile", row.try_get("body")?)?);
        }
    }
    Ok(found)
}

/// Whether a message in this state may have reached the person.
const fn may_have_arrived(state: State) -> bool {
    !matches!(
        state,
        State::Rejected | State::Bounced | State::Expired | State::Cancelled | State::Suppressed
    )
}

pub(super) async fn told(
    connection: &mut SqliteConnection,
    persons: &[PersonId],
) -> Result<BTreeMap<PersonId, Vec<Told>>> {
    let mut found: BTreeMap<PersonId, Vec<Told>> = BTreeMap::new();
    for persons in persons.chunks(LIST_MAX) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT t.person, t.posting, e.key, e.state FROM told t \
             JOIN envelope e ON e.id = t.envelope WHERE t.person IN (",
        );
        let mut list = query.separated(", ");
        for person in persons {
            list.push_bind(person.0);
        }
        query.push(") ORDER BY t.person, t.posting");
        for row in query.build().fetch_all(&mut *connection).await? {
            let key: &str = row.try_get("key")?;
            let envelope: EnvelopeKey =
                key.parse().map_err(|error| unreadable("envelope key", error))?;
            let told = Told {
                posting: PostingId(small(&row, "posting")?),
                envelope,
                counts: may_have_arrived(state(&row, "state")?),
            };
            found.entry(PersonId(small(&row, "person")?)).or_default().push(told);
        }
    }
    Ok(found)
}

/// Who was told of a posting by a message that may have arrived.
pub(super) async fn told_of(
    connection: &mut SqliteConnection,
    posting: PostingId,
) -> Result<Vec<PersonId>> {
    let rows = sqlx::query(
        "SELECT t.person, e.state FROM told t JOIN envelope e ON e.id = t.envelope \
         WHERE t.posting = ? ORDER BY t.person",
    )
    .bind(posting.0)
    .fetch_all(connection)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        if may_have_arrived(state(row, "state")?) {
            found.push(PersonId(small(row, "person")?));
        }
    }
    Ok(found)
}

/// Written with the intent: from here on the message may arrive.
pub(super) async fn tell(
    connection: &mut SqliteConnection,
    person: PersonId,
    envelope: i64,
    postings: &[PostingId],
) -> Result<()> {
    for posting in postings {
        // Merged away since it was chosen: then nothing goes by that number.
        sqlx::query(
            "INSERT OR REPLACE INTO told (person, posting, envelope) \
             SELECT ?, id, ? FROM posting WHERE id = ?",
        )
        .bind(person.0)
        .bind(envelope)
        .bind(posting.0)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

pub(super) async fn day(
    connection: &mut SqliteConnection,
    day: Option<NaiveDate>,
) -> Result<Option<DigestDay>> {
    let row = sqlx::query(
        "SELECT * FROM digest_day WHERE ?1 IS NULL OR day = ?1 ORDER BY day DESC LIMIT 1",
    )
    .bind(day.map(|day| day.to_string()))
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let day: &str = row.try_get("day")?;
    Ok(Some(DigestDay {
        day: day.parse().map_err(|error| unreadable("day", error))?,
        at: civil(&row, "at")?,
        figures: from_json::<DigestFigures>("figures", row.try_get("figures")?)?,
    }))
}

pub(super) async fn keep_day(connection: &mut SqliteConnection, day: &DigestDay) -> Result<()> {
    sqlx::query("INSERT OR REPLACE INTO digest_day (day, at, figures) VALUES (?, ?, ?)")
        .bind(day.day.to_string())
        .bind(civil_text(day.at))
        .bind(to_json("figures", &day.figures)?)
        .execute(connection)
        .await?;
    Ok(())
}
