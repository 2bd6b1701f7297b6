//! One statement for many envelopes: each statement is a hop to the database's thread, and a crowd
//! that falls due together must not pay for each of its members.
//!
//! What it is not: it decides nothing; positions come from `outbox::state`.

use std::collections::BTreeMap;

use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::super::{Result, StoreError};
use super::LIST_MAX;
use super::envelopes::{Held, held};
use super::values::signed;
use crate::clock::Now;
use crate::outbox::EnvelopeKey;
use crate::outbox::state::{Position, State};

/// An envelope's new place.
pub(super) struct Moved {
    /// Its row.
    pub(super) id: i64,
    /// Where it stands now.
    pub(super) position: Position,
    /// The newest reason; none leaves the one before.
    pub(super) detail: Option<String>,
}

/// How a try ended.
pub(super) struct Ended {
    /// The envelope's row.
    pub(super) id: i64,
    /// Which try.
    pub(super) number: u32,
    /// The state it led to.
    pub(super) outcome: State,
    /// The channel's reference.
    pub(super) reference: Option<String>,
    /// The channel's answer.
    pub(super) detail: String,
}

/// A try that begins.
pub(super) struct Begun {
    /// The envelope's row.
    pub(super) id: i64,
    /// Which try.
    pub(super) number: u32,
    /// Under which claim.
    pub(super) fence: u64,
    /// By which channel.
    pub(super) channel: String,
    /// Whether it goes to the address for trying out.
    pub(super) redirected: bool,
    /// The message.
    pub(super) rendered: u64,
}

/// The rows of these envelopes.
///
/// # Errors
/// [`StoreError::NoSuchEnvelope`] for the first that is not there.
pub(super) async fn by_keys(
    connection: &mut SqliteConnection,
    keys: &[&EnvelopeKey],
) -> Result<Vec<Held>> {
    let mut found = BTreeMap::new();
    for keys in keys.chunks(LIST_MAX) {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT * FROM envelope WHERE key IN (");
        let mut list = query.separated(", ");
        for key in keys {
            list.push_bind(key.to_string());
        }
        query.push(")");
        for row in &query.build().fetch_all(&mut *connection).await? {
            let held = held(row)?;
            found.insert(held.key.clone(), held);
        }
    }
    let of = |key: &&EnvelopeKey| {
        found.remove(*key).ok_or_else(|| StoreError::NoSuchEnvelope(key.to_string()))
    };
    keys.iter().map(of).collect()
}

/// Writes the new places.
pub(super) async fn write_positions(
    connection: &mut SqliteConnection,
    moved: &[Moved],
    now: Now,
) -> Result<()> {
    for moved in moved.chunks(LIST_MAX) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "WITH moved (id, state, attempts, unknowns, fence, lease_until, next_at, detail) AS (",
        );
        query.push_values(moved, |mut row, one| {
            let Position { state, attempts, unknowns, fence, lease_until, next_at, .. } =
                one.position;
            row.push_bind(one.id)
                .push_bind(state.name())
                .push_bind(attempts)
                .push_bind(unknowns)
                .push_bind(signed(fence))
                .push_bind(lease_until)
                .push_bind(next_at)
                .push_bind(&one.detail);
        });
        query.push(
            ") UPDATE envelope SET state = moved.state, attempts = moved.attempts, \
             unknowns = moved.unknowns, fence = moved.fence, lease_until = moved.lease_until, \
             next_at = moved.next_at, detail = coalesce(moved.detail, envelope.detail), \
             updated_at = ",
        );
        query.push_bind(now.unix_ms).push(" FROM moved WHERE envelope.id = moved.id");
        query.build().execute(&mut *connection).await?;
    }
    Ok(())
}

/// Writes down tries that begin, and which message and channel their envelopes now have.
pub(super) async fn begin_attempts(
    connection: &mut SqliteConnection,
    begun: &[Begun],
    now: Now,
) -> Result<()> {
    for begun in begun.chunks(LIST_MAX) {
        let mut query = QueryBuilder::<Sqlite>::new("WITH begun (id, channel, rendered) AS (");
        query.push_values(begun, |mut row, one| {
            row.push_bind(one.id).push_bind(&one.channel).push_bind(signed(one.rendered));
        });
        query.push(
            ") UPDATE envelope SET tries = tries + 1, channel = begun.channel, \
             rendered = begun.rendered, first_tried_at = coalesce(first_tried_at, ",
        );
        query.push_bind(now.unix_ms).push(") FROM begun WHERE envelope.id = begun.id");
        query.build().execute(&mut *connection).await?;
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT INTO attempt (envelope, number, fence, channel, started_at, outcome, detail, \
             redirected, rendered) ",
        );
        query.push_values(begun, |mut row, one| {
            row.push_bind(one.id)
                .push_bind(one.number)
                .push_bind(signed(one.fence))
                .push_bind(&one.channel)
                .push_bind(now.unix_ms)
                .push_bind(State::Sending.name())
                .push_bind("")
                .push_bind(one.redirected)
                .push_bind(signed(one.rendered));
        });
        query.build().execute(&mut *connection).await?;
    }
    Ok(())
}

/// Writes down how tries ended.
pub(super) async fn end_attempts(
    connection: &mut SqliteConnection,
    ended: &[Ended],
    now: Now,
) -> Result<()> {
    for ended in ended.chunks(LIST_MAX) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "WITH ended (envelope, number, outcome, reference, detail) AS (",
        );
        query.push_values(ended, |mut row, one| {
            row.push_bind(one.id)
                .push_bind(one.number)
                .push_bind(one.outcome.name())
                .push_bind(&one.reference)
                .push_bind(&one.detail);
        });
        query.push(
            ") UPDATE attempt SET outcome = ended.outcome, reference = ended.reference, \
             detail = ended.detail, ended_at = ",
        );
        query.push_bind(now.unix_ms).push(
            " FROM ended WHERE attempt.envelope = ended.envelope \
             AND attempt.number = ended.number",
        );
        query.build().execute(&mut *connection).await?;
    }
    Ok(())
}
