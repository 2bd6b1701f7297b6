//! Messages from people: kept once for the channel's own id, with everything that follows.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use xibu_core::person::PersonId;

use super::super::{
    Arrival, ArrivalFilter, Batch, NewArrival, Result, StoreError, Taken, Tally, Verdict,
};
use super::values::{civil, civil_text, named, optional_unsigned, signed, small, unsigned};
use super::{LIST_MAX, envelopes, files, moves, record};
use crate::arrival::{Answer, HeldFor};
use crate::clock::Now;
use crate::outbox::Class;
use crate::outbox::errand::{Errand, Matter};
use crate::outbox::state::Event;
use crate::seal::Seal;

/// Its number; none where it is known already.
pub(super) async fn keep(
    connection: &mut SqliteConnection,
    seal: &Seal,
    plugin: &str,
    arrival: &NewArrival,
    now: Now,
) -> Result<Option<u64>> {
    let row = sqlx::query(
        "INSERT INTO arrival (plugin, channel_id, person, at, taken_as, held, detail) \
         VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (plugin, channel_id) DO NOTHING RETURNING id",
    )
    .bind(plugin)
    // A channel may make its ids from numbers of people: only a hash is kept.
    .bind(hex::encode(seal.keyed_hash(&arrival.channel_id)))
    .bind(arrival.person.map(|person| person.0))
    .bind(civil_text(arrival.at))
    .bind(arrival.taken.as_what.name())
    .bind(arrival.taken.held.map(HeldFor::name))
    .bind(&arrival.taken.detail)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let id = unsigned(&row, "id")?;
    let batch = Batch {
        by: plugin.to_owned(),
        document: Some(arrival.document.clone()),
        changes: arrival.taken.changes.clone(),
        errands: errands_of(&arrival.taken, id),
        ..Batch::default()
    };
    let receipt = record::append(connection, seal, &batch, now).await?;
    files::keep_concerns(connection, id, &arrival.taken.concerns).await?;
    sqlx::query("UPDATE arrival SET document = ? WHERE id = ?")
        .bind(receipt.document.map(signed))
        .bind(signed(id))
        .execute(&mut *connection)
        .await?;
    if let Some(key) = &arrival.answers
        && arrival.person == Some(key.person)
        && let Some(held) = envelopes::find(connection, key).await?
        && let Ok(position) = held.position.after(Event::Acknowledge)
    {
        moves::write(connection, held.id, &position, None, now).await?;
    }
    Ok(Some(id))
}

/// An answer that names arrival 0 means this one.
fn errands_of(taken: &Taken, id: u64) -> Vec<Errand> {
    let mut errands = taken.errands.clone();
    for errand in &mut errands {
        if let Matter::Answer { arrival, taken_as } = &mut errand.matter
            && *arrival == 0
        {
            *arrival = id;
            // An accident is answered at once; its files, once they are read.
            let of_files = if taken_as == Answer::Files.name().as_str() { "/files" } else { "" };
            errand.cause = format!("answer/A{id}{of_files}");
        }
    }
    errands
}

pub(super) async fn filtered(
    connection: &mut SqliteConnection,
    filter: &ArrivalFilter,
) -> Result<Vec<Arrival>> {
    let mut query = QueryBuilder::<Sqlite>::new("SELECT * FROM arrival WHERE 1");
    if let Some(id) = filter.id {
        query.push(" AND id = ").push_bind(signed(id));
    }
    if filter.only_held {
        query.push(" AND held IS NOT NULL");
    }
    if let Some(held) = filter.held {
        query.push(" AND held = ").push_bind(held.name());
    }
    query.push(" ORDER BY id DESC");
    if filter.limit > 0 {
        query.push(" LIMIT ").push_bind(filter.limit);
    }
    query.build().fetch_all(connection).await?.iter().map(arrival).collect()
}

fn arrival(row: &SqliteRow) -> Result<Arrival> {
    let held: Option<&str> = row.try_get("held")?;
    let person: Option<u32> = row.try_get("person")?;
    Ok(Arrival {
        id: unsigned(row, "id")?,
        plugin: row.try_get("plugin")?,
        person: person.map(PersonId),
        at: civil(row, "at")?,
        taken_as: named("what an arrival is taken for", row.try_get("taken_as")?)?,
        held: held.map(|name| named("why an arrival waits", name)).transpose()?,
        detail: row.try_get("detail")?,
        document: optional_unsigned(row, "document")?,
    })
}

/// False where it does not wait for anybody's word.
pub(super) async fn decide(
    connection: &mut SqliteConnection,
    seal: &Seal,
    verdict: &Verdict,
    now: Now,
) -> Result<bool> {
    let found = record::last(connection).await?;
    if let Some(expected) = verdict.after
        && expected != found
    {
        return Err(StoreError::Moved { expected, found });
    }
    let taken = &verdict.taken;
    let decided = sqlx::query(
        "UPDATE arrival SET taken_as = ?, held = ?, detail = ? \
         WHERE id = ? AND held IS NOT NULL RETURNING document",
    )
    .bind(taken.as_what.name())
    .bind(taken.held.map(HeldFor::name))
    .bind(&taken.detail)
    .bind(signed(verdict.arrival))
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = decided else { return Ok(false) };
    let document = optional_unsigned(&row, "document")?;
    files::keep_concerns(connection, verdict.arrival, &taken.concerns).await?;
    let changes = taken.changes.iter().map(|change| record::with_document(change, document));
    let batch = Batch {
        by: verdict.by.clone(),
        changes: changes.collect(),
        errands: errands_of(taken, verdict.arrival),
        ..Batch::default()
    };
    record::append(connection, seal, &batch, now).await?;
    Ok(true)
}

pub(super) async fn tallies(
    connection: &mut SqliteConnection,
    persons: &[PersonId],
    day: NaiveDate,
) -> Result<BTreeMap<PersonId, Tally>> {
    let mut found: BTreeMap<PersonId, Tally> = BTreeMap::new();
    for persons in persons.chunks(LIST_MAX) {
        let mut wrong =
            QueryBuilder::<Sqlite>::new("SELECT person, count(*) AS n FROM arrival WHERE held = ");
        wrong.push_bind(HeldFor::WrongCode.name());
        wrong.push(" AND at >= ").push_bind(civil_text(day.and_time(chrono::NaiveTime::MIN)));
        for row in within(&mut wrong, persons).build().fetch_all(&mut *connection).await? {
            found.entry(PersonId(small(&row, "person")?)).or_default().wrong_codes =
                small(&row, "n")?;
        }
        let mut answers = QueryBuilder::<Sqlite>::new(
            "SELECT person, count(*) AS n FROM envelope WHERE class = ",
        );
        answers.push_bind(Class::Answer.name()).push(" AND day = ").push_bind(day.to_string());
        for row in within(&mut answers, persons).build().fetch_all(&mut *connection).await? {
            found.entry(PersonId(small(&row, "person")?)).or_default().answers = small(&row, "n")?;
        }
    }
    Ok(found)
}

fn within<'a>(
    query: &'a mut QueryBuilder<Sqlite>,
    persons: &[PersonId],
) -> &'a mut QueryBuilder<Sqlite> {
    query.push(" AND person IN (");
    let mut list = query.separated(", ");
    for person in persons {
        list.push_bind(person.0);
    }
    query.push(") GROUP BY person")
}
