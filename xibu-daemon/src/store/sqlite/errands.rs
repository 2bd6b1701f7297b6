//! Errands: each opens one envelope, once for its cause.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use super::super::Result;
use super::LIST_MAX;
use super::envelopes::{Held, state};
use super::values::{from_json, small, to_json};
use crate::clock::Now;
use crate::outbox::errand::Errand;
use crate::outbox::placing::{Existing, Placing, place};
use crate::outbox::{Class, EnvelopeKey};

/// Opens an envelope for each errand whose cause is new; how many.
pub(super) async fn open(
    connection: &mut SqliteConnection,
    errands: &[Errand],
    now: Now,
) -> Result<u32> {
    let mut opened = 0;
    for errand in errands {
        let known = sqlx::query("SELECT 1 FROM errand WHERE cause = ?")
            .bind(&errand.cause)
            .fetch_optional(&mut *connection)
            .await?;
        if known.is_none() {
            let envelope = envelope_for(connection, errand, now).await?;
            sqlx::query("INSERT INTO errand (envelope, cause, body) VALUES (?, ?, ?)")
                .bind(envelope)
                .bind(&errand.cause)
                .bind(to_json("errand", errand)?)
                .execute(&mut *connection)
                .await?;
            opened += 1;
        }
    }
    Ok(opened)
}

async fn envelope_for(connection: &mut SqliteConnection, errand: &Errand, now: Now) -> Result<i64> {
    let class = errand.matter.class();
    let wanted = errand.not_before.date().max(now.date());
    let (day, number) = free_place(connection, errand, class, wanted).await?;
    let at = match day == errand.not_before.date() {
        true => errand.not_before,
        false => day.and_time(errand.not_before.time()),
    };
    let row = sqlx::query(
        "INSERT INTO envelope (key, person, class, day, number, state, attempts, unknowns, \
         fence, lease_until, next_at, expires_at, tries, detail, updated_at) \
         VALUES (?, ?, ?, ?, ?, 'planned', 0, 0, 0, 0, ?, ?, 0, '', ?) RETURNING id",
    )
    .bind(EnvelopeKey { person: errand.person, class, day, number }.to_string())
    .bind(errand.person.0)
    .bind(class.name())
    .bind(day.to_string())
    .bind(number)
    .bind(now.unix_of(at))
    .bind(now.unix_of(errand.expires))
    .bind(now.unix_ms)
    .fetch_one(connection)
    .await?;
    Ok(row.try_get("id")?)
}

/// The day and number of a new envelope. An errand never joins another's.
async fn free_place(
    connection: &mut SqliteConnection,
    errand: &Errand,
    class: Class,
    wanted: NaiveDate,
) -> Result<(NaiveDate, u32)> {
    let rows = sqlx::query(
        "SELECT day, number, state FROM envelope WHERE person = ? AND class = ? AND day >= ?",
    )
    .bind(errand.person.0)
    .bind(class.name())
    .bind(wanted.to_string())
    .fetch_all(connection)
    .await?;
    let mut existing = Vec::with_capacity(rows.len());
    for row in &rows {
        let day: &str = row.try_get("day")?;
        let day = day.parse().map_err(|error| super::values::unreadable("day", error))?;
        existing.push(Existing { day, number: small(row, "number")?, state: state(row, "state")? });
    }
    // What is open counts as gone: nothing is put in beside it.
    for one in existing.iter_mut().filter(|one| one.state.is_open()) {
        one.state = crate::outbox::State::Claimed;
    }
    let (Placing::Join { day, number } | Placing::New { day, number }) =
        place(class, wanted, &existing);
    Ok((day, number))
}

/// The errands of these envelopes, by the envelope's row.
pub(super) async fn of(
    connection: &mut SqliteConnection,
    envelopes: &[Held],
) -> Result<BTreeMap<i64, Errand>> {
    let mut found = BTreeMap::new();
    let with_errand: Vec<i64> =
        envelopes.iter().filter(|held| held.key.class != Class::Duty).map(|held| held.id).collect();
    for envelopes in with_errand.chunks(LIST_MAX) {
        let mut query =
            QueryBuilder::<Sqlite>::new("SELECT envelope, body FROM errand WHERE envelope IN (");
        let mut list = query.separated(", ");
        for envelope in envelopes {
            list.push_bind(envelope);
        }
        query.push(")");
        for row in query.build().fetch_all(&mut *connection).await? {
            found.insert(row.try_get("envelope")?, from_json("errand", row.try_get("body")?)?);
        }
    }
    Ok(found)
}
