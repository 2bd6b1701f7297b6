//! Reading envelopes and their tries.

use std::collections::BTreeMap;

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use xibu_core::notice::Notice;

use super::super::{Attempt, Counts, Enclosed, Envelope, EnvelopeFilter, Result, StoreError};
use super::values::{from_json, optional_unsigned, small, unreadable, unsigned};
use super::{LIST_MAX, errands};
use crate::outbox::errand::Errand;
use crate::outbox::state::{Position, State};
use crate::outbox::{Class, EnvelopeKey};

/// An envelope's row.
pub(super) struct Held {
    pub(super) id: i64,
    pub(super) key: EnvelopeKey,
    pub(super) position: Position,
    pub(super) tries: u32,
    pub(super) first_tried_at: Option<i64>,
    pub(super) channel: Option<String>,
    rendered: Option<u64>,
    detail: String,
}

impl Held {
    fn with(
        self,
        notices: Vec<Enclosed>,
        errand: Option<Errand>,
        came_back_by: Vec<String>,
    ) -> Envelope {
        Envelope {
            key: self.key,
            position: self.position,
            notices,
            errand,
            tries: self.tries,
            first_tried_at: self.first_tried_at,
            channel: self.channel,
            came_back_by,
            rendered: self.rendered,
            detail: self.detail,
        }
    }
}

pub(super) fn state(row: &SqliteRow, column: &'static str) -> Result<State> {
    let name: &str = row.try_get(column)?;
    State::named(name).ok_or_else(|| unreadable("state", name))
}

pub(super) fn class(row: &SqliteRow) -> Result<Class> {
    let name: &str = row.try_get("class")?;
    Class::named(name).ok_or_else(|| unreadable("class", name))
}

pub(super) fn held(row: &SqliteRow) -> Result<Held> {
    let key: &str = row.try_get("key")?;
    Ok(Held {
        id: row.try_get("id")?,
        key: key.parse().map_err(|error| unreadable("envelope key", error))?,
        position: Position {
            state: state(row, "state")?,
            attempts: small(row, "attempts")?,
            unknowns: small(row, "unknowns")?,
            fence: unsigned(row, "fence")?,
            lease_until: row.try_get("lease_until")?,
            next_at: row.try_get("next_at")?,
            expires_at: row.try_get("expires_at")?,
        },
        tries: small(row, "tries")?,
        first_tried_at: row.try_get("first_tried_at")?,
        channel: row.try_get("channel")?,
        rendered: optional_unsigned(row, "rendered")?,
        detail: row.try_get("detail")?,
    })
}

pub(super) async fn by_key(connection: &mut SqliteConnection, key: &EnvelopeKey) -> Result<Held> {
    find(connection, key).await?.ok_or_else(|| StoreError::NoSuchEnvelope(key.to_string()))
}

pub(super) async fn find(
    connection: &mut SqliteConnection,
    key: &EnvelopeKey,
) -> Result<Option<Held>> {
    let row = sqlx::query("SELECT * FROM envelope WHERE key = ?")
        .bind(key.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(held).transpose()
}

/// Puts their notices and errands to envelopes, keeping the order.
pub(super) async fn with_notices(
    connection: &mut SqliteConnection,
    envelopes: Vec<Held>,
) -> Result<Vec<Envelope>> {
    let mut notices: BTreeMap<i64, Vec<Enclosed>> = BTreeMap::new();
    for envelopes in envelopes.chunks(LIST_MAX) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT en.envelope, en.left_out, n.body FROM envelope_notice en \
             JOIN notice n ON n.id = en.notice WHERE en.envelope IN (",
        );
        let mut list = query.separated(", ");
        for envelope in envelopes {
            list.push_bind(envelope.id);
        }
        query.push(") ORDER BY en.envelope, en.notice");
        for row in query.build().fetch_all(&mut *connection).await? {
            let notice: Notice = from_json("notice", row.try_get("body")?)?;
            let enclosed = Enclosed { notice, left_out: row.try_get("left_out")? };
            notices.entry(row.try_get("envelope")?).or_default().push(enclosed);
        }
    }
    let mut errands = errands::of(connection, &envelopes).await?;
    let mut came_back = came_back(connection, &envelopes).await?;
    Ok(envelopes
        .into_iter()
        .map(|held| {
            let notices = notices.remove(&held.id).unwrap_or_default();
            let errand = errands.remove(&held.id);
            let came_back_by = came_back.remove(&held.id).unwrap_or_default();
            held.with(notices, errand, came_back_by)
        })
        .collect())
}

/// Channels by which envelopes came back, by the envelope's row.
async fn came_back(
    connection: &mut SqliteConnection,
    envelopes: &[Held],
) -> Result<BTreeMap<i64, Vec<String>>> {
    let mut found: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    let tried: Vec<i64> =
        envelopes.iter().filter(|held| held.tries > 0).map(|held| held.id).collect();
    for envelopes in tried.chunks(LIST_MAX) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT envelope, channel FROM attempt WHERE outcome = 'bounced' AND envelope IN (",
        );
        let mut list = query.separated(", ");
        for envelope in envelopes {
            list.push_bind(envelope);
        }
        query.push(") ORDER BY envelope, number");
        for row in query.build().fetch_all(&mut *connection).await? {
            found.entry(row.try_get("envelope")?).or_default().push(row.try_get("channel")?);
        }
    }
    Ok(found)
}

pub(super) async fn filtered(
    connection: &mut SqliteConnection,
    filter: &EnvelopeFilter,
) -> Result<Vec<Envelope>> {
    let mut query = QueryBuilder::<Sqlite>::new("SELECT * FROM envelope WHERE 1");
    if let Some(key) = &filter.key {
        query.push(" AND key = ").push_bind(key.to_string());
    }
    if let Some(person) = filter.person {
        query.push(" AND person = ").push_bind(person.0);
    }
    if let Some(day) = filter.day {
        query.push(" AND day = ").push_bind(day.to_string());
    }
    if !filter.states.is_empty() {
        query.push(" AND state IN (");
        let mut list = query.separated(", ");
        for state in &filter.states {
            list.push_bind(state.name());
        }
        query.push(")");
    }
    query.push(" ORDER BY day DESC, person, number");
    if filter.limit > 0 {
        query.push(" LIMIT ").push_bind(filter.limit);
    }
    let rows = query.build().fetch_all(&mut *connection).await?;
    let envelopes = rows.iter().map(held).collect::<Result<Vec<_>>>()?;
    with_notices(connection, envelopes).await
}

pub(super) async fn attempts(
    connection: &mut SqliteConnection,
    key: &EnvelopeKey,
) -> Result<Vec<Attempt>> {
    let rows = sqlx::query(
        "SELECT a.* FROM attempt a JOIN envelope e ON e.id = a.envelope \
         WHERE e.key = ? ORDER BY a.number",
    )
    .bind(key.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Attempt {
                key: key.clone(),
                number: small(row, "number")?,
                fence: unsigned(row, "fence")?,
                channel: row.try_get("channel")?,
                started_at: row.try_get("started_at")?,
                ended_at: row.try_get("ended_at")?,
                outcome: state(row, "outcome")?,
                reference: row.try_get("reference")?,
                detail: row.try_get("detail")?,
                redirected: row.try_get("redirected")?,
                rendered: optional_unsigned(row, "rendered")?,
            })
        })
        .collect()
}

pub(super) async fn counts(connection: &mut SqliteConnection) -> Result<Counts> {
    let rows = sqlx::query("SELECT state, count(*) AS n FROM envelope GROUP BY state")
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok((state(row, "state")?, unsigned(row, "n")?))).collect()
}

pub(super) async fn next_due(connection: &mut SqliteConnection) -> Result<Option<i64>> {
    let row = sqlx::query(
        "SELECT min(next_at) AS next FROM envelope \
         WHERE state IN ('planned', 'due', 'deferred', 'throttled')",
    )
    .fetch_one(connection)
    .await?;
    Ok(row.try_get("next")?)
}
