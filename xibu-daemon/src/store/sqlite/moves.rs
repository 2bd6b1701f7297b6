//! Moving envelopes: asks `outbox::state` what comes of an event and writes that down.

use std::collections::BTreeMap;

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use xibu_core::notice::NoticeKey;
use xibu_core::person::PersonId;

use super::super::{Envelope, Frozen, Intent, NewDocument, Result, Settlement, StoreError};
use super::envelopes::{self, Held};
use super::many::{self, Begun, Ended, Moved};
use super::values::signed;
use super::{LIST_MAX, documents, faults, profiles, receipts};
use crate::clock::Now;
use crate::outbox::state::{Event, Position, Refusal, State, UNKNOWN_MAX};
use crate::outbox::{Class, EnvelopeKey, backoff};
use crate::seal::Seal;

/// So many are expired in one claim; the rest in the next.
const EXPIRED_MAX: i64 = 1_000;

pub(super) struct Claimed {
    pub(super) envelopes: Vec<Envelope>,
    /// Whether anything was written.
    pub(super) moved: bool,
}

pub(super) async fn claim(
    connection: &mut SqliteConnection,
    now: Now,
    lease_ms: i64,
    limit: u32,
) -> Result<Claimed> {
    let mut moved = expire(connection, now).await?;
    moved |= send_unknown_again(connection, now).await?;
    moved |= send_elsewhere(connection, now).await?;
    let rows = sqlx::query(
        // In the index's own order, so that a hundred of a hundred thousand cost a hundred.
        "SELECT * FROM envelope INDEXED BY envelope_waiting \
         WHERE state IN ('planned', 'due', 'deferred', 'throttled') \
         AND next_at <= ?1 AND expires_at > ?1 ORDER BY next_at, id LIMIT ?2",
    )
    .bind(now.unix_ms)
    .bind(limit)
    .fetch_all(&mut *connection)
    .await?;
    let mut claimed = Vec::with_capacity(rows.len());
    for row in &rows {
        claimed.extend(claimed_now(envelopes::held(row)?, now, lease_ms));
    }
    for row in &siblings(connection, &claimed, now).await? {
        claimed.extend(claimed_now(envelopes::held(row)?, now, lease_ms));
    }
    moved |= !claimed.is_empty();
    let places: Vec<Moved> = claimed
        .iter()
        .map(|held| Moved { id: held.id, position: held.position, detail: None })
        .collect();
    many::write_positions(connection, &places, now).await?;
    let claimed = fold(connection, claimed, now).await?;
    Ok(Claimed { envelopes: envelopes::with_notices(connection, claimed).await?, moved })
}

/// The envelope as it stands once it is claimed; none where it cannot be.
fn claimed_now(mut held: Held, now: Now, lease_ms: i64) -> Option<Held> {
    let due = held.position.after(Event::TimeCame { now: now.unix_ms }).unwrap_or(held.position);
    let lease_until = now.unix_ms.saturating_add(lease_ms);
    held.position = due.after(Event::Claim { now: now.unix_ms, lease_until }).ok()?;
    Some(held)
}

/// Further envelopes of the same people that are due and were never tried: after a pause or a hold.
async fn siblings(
    connection: &mut SqliteConnection,
    claimed: &[Held],
    now: Now,
) -> Result<Vec<SqliteRow>> {
    let mut rows = Vec::new();
    for claimed in claimed.chunks(LIST_MAX) {
        let mut query = QueryBuilder::<Sqlite>::new(
            // By person: many may be due, but a person has few. The plus keeps the other indexes
            // away.
            "SELECT * FROM envelope WHERE +state IN ('planned', 'due') AND tries = 0 \
             AND +next_at <= ",
        );
        query.push_bind(now.unix_ms).push(" AND expires_at > ").push_bind(now.unix_ms);
        query.push(" AND person IN (");
        let mut list = query.separated(", ");
        for held in claimed {
            list.push_bind(held.key.person.0);
        }
        // Those claimed just now are not written down yet.
        query.push(") AND id NOT IN (");
        let mut list = query.separated(", ");
        for held in claimed {
            list.push_bind(held.id);
        }
        query.push(")");
        rows.extend(query.build().fetch_all(&mut *connection).await?);
    }
    Ok(rows)
}

/// Several duty envelopes to one person that come due together after a gap become one: the newest
/// takes in the notices of the others.
async fn fold(
    connection: &mut SqliteConnection,
    claimed: Vec<Held>,
    now: Now,
) -> Result<Vec<Held>> {
    let mut newest: BTreeMap<(PersonId, Class), EnvelopeKey> = BTreeMap::new();
    let folds = |held: &Held| held.tries == 0 && held.key.class == Class::Duty;
    for held in claimed.iter().filter(|held| folds(held)) {
        let keeper =
            newest.entry((held.key.person, held.key.class)).or_insert_with(|| held.key.clone());
        *keeper = held.key.clone().max(keeper.clone());
    }
    let (mut kept, folded): (Vec<Held>, Vec<Held>) = claimed.into_iter().partition(|held| {
        !folds(held) || newest.get(&(held.key.person, held.key.class)) == Some(&held.key)
    });
    for old in folded {
        let into = newest.get(&(old.key.person, old.key.class));
        let Some(keeper) = kept.iter_mut().find(|held| Some(&held.key) == into) else { continue };
        sqlx::query("UPDATE envelope_notice SET envelope = ? WHERE envelope = ?")
            .bind(keeper.id)
            .bind(old.id)
            .execute(&mut *connection)
            .await?;
        keeper.position.expires_at = keeper.position.expires_at.max(old.position.expires_at);
        sqlx::query("UPDATE envelope SET expires_at = ? WHERE id = ?")
            .bind(keeper.position.expires_at)
            .bind(keeper.id)
            .execute(&mut *connection)
            .await?;
        let fence = old.position.fence;
        if let Ok(position) = old.position.after(Event::Cancel { fence }) {
            let detail = format!("folded_into {}", keeper.key);
            write(connection, old.id, &position, Some(&detail), now).await?;
        }
    }
    Ok(kept)
}

async fn expire(connection: &mut SqliteConnection, now: Now) -> Result<bool> {
    let rows = sqlx::query(
        "SELECT * FROM envelope INDEXED BY envelope_expiring \
         WHERE state IN ('planned', 'due', 'deferred', 'throttled') AND expires_at <= ? LIMIT ?",
    )
    .bind(now.unix_ms)
    .bind(EXPIRED_MAX)
    .fetch_all(&mut *connection)
    .await?;
    let mut moved = false;
    for row in &rows {
        let held = envelopes::held(row)?;
        if let Ok(position) = held.position.after(Event::TimeCame { now: now.unix_ms }) {
            write(connection, held.id, &position, Some("its_use_passed"), now).await?;
            moved = true;
        }
    }
    Ok(moved)
}

/// The policy of duty messages and alarms: unknown is sent once more. The rest waits for a person.
async fn send_unknown_again(connection: &mut SqliteConnection, now: Now) -> Result<bool> {
    let rows = sqlx::query("SELECT * FROM envelope WHERE state = 'unknown' AND unknowns < ?")
        .bind(UNKNOWN_MAX)
        .fetch_all(&mut *connection)
        .await?;
    let mut moved = false;
    for row in &rows {
        let held = envelopes::held(row)?;
        if !held.key.class.is_sent_again_when_unknown() {
            continue;
        }
        let first = held.first_tried_at.unwrap_or(now.unix_ms);
        let expires_at = held.position.expires_at;
        let key = held.key.to_string();
        let until = backoff::next_try(&key, held.tries, first, now.unix_ms, expires_at);
        if let Ok(position) = held.position.after(Event::SendAgain { until }) {
            write(connection, held.id, &position, Some("unknown_is_sent_once_more"), now).await?;
            moved = true;
        }
    }
    Ok(moved)
}

/// The policy of duty messages and alarms: what came back goes once more, by another channel.
async fn send_elsewhere(connection: &mut SqliteConnection, now: Now) -> Result<bool> {
    let rows = sqlx::query(
        "SELECT * FROM envelope e WHERE state = 'bounced' AND class IN ('duty', 'alarm') \
         AND expires_at > ? AND (SELECT count(*) FROM attempt a \
         WHERE a.envelope = e.id AND a.outcome = 'bounced') = 1",
    )
    .bind(now.unix_ms)
    .fetch_all(&mut *connection)
    .await?;
    let mut moved = false;
    for row in &rows {
        let held = envelopes::held(row)?;
        if let Ok(position) = held.position.after(Event::SendElsewhere { now: now.unix_ms }) {
            let detail = Some("it_came_back_and_goes_by_another_channel");
            write(connection, held.id, &position, detail, now).await?;
            moved = true;
        }
    }
    Ok(moved)
}

pub(super) async fn write(
    connection: &mut SqliteConnection,
    id: i64,
    position: &Position,
    detail: Option<&str>,
    now: Now,
) -> Result<()> {
    sqlx::query(
        "UPDATE envelope SET state = ?, attempts = ?, unknowns = ?, fence = ?, lease_until = ?, \
         next_at = ?, detail = coalesce(?, detail), updated_at = ? WHERE id = ?",
    )
    .bind(position.state.name())
    .bind(position.attempts)
    .bind(position.unknowns)
    .bind(signed(position.fence))
    .bind(position.lease_until)
    .bind(position.next_at)
    .bind(detail)
    .bind(now.unix_ms)
    .bind(id)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn intend(
    connection: &mut SqliteConnection,
    seal: &Seal,
    intents: &[Intent],
    now: Now,
) -> Result<Vec<(EnvelopeKey, Refusal)>> {
    let keys: Vec<&EnvelopeKey> = intents.iter().map(|intent| &intent.key).collect();
    let (mut refused, mut ready) = (Vec::new(), Vec::new());
    for (intent, held) in intents.iter().zip(many::by_keys(connection, &keys).await?) {
        let event = Event::Intend { fence: intent.fence, now: now.unix_ms };
        match held.position.after(event) {
            Ok(position) => ready.push((intent, held, position)),
            Err(refusal) => refused.push((intent.key.clone(), refusal)),
        }
    }
    let new = ready.iter().filter_map(|(intent, ..)| match &intent.rendered {
        Frozen::New(document) => Some(document),
        Frozen::AsBefore(_) => None,
    });
    let new: Vec<&NewDocument> = new.collect();
    let mut kept = documents::keep_messages(connection, seal, &new, now).await?.into_iter();
    let (mut moved, mut begun) = (Vec::new(), Vec::new());
    for (intent, held, position) in ready {
        let rendered = match &intent.rendered {
            Frozen::New(_) => kept.next().unwrap_or_default(),
            Frozen::AsBefore(document) => *document,
        };
        moved.push(Moved { id: held.id, position, detail: Some(String::new()) });
        begun.push(Begun {
            id: held.id,
            number: held.tries + 1,
            fence: intent.fence,
            channel: intent.channel.clone(),
            redirected: intent.redirected,
            rendered,
        });
        profiles::tell(connection, held.key.person, held.id, &intent.told).await?;
        leave_out(connection, held.id, &intent.left_out).await?;
    }
    many::write_positions(connection, &moved, now).await?;
    many::begin_attempts(connection, &begun, now).await?;
    Ok(refused)
}

async fn leave_out(
    connection: &mut SqliteConnection,
    envelope: i64,
    left_out: &BTreeMap<NoticeKey, String>,
) -> Result<()> {
    for (notice, reason) in left_out {
        sqlx::query(
            "UPDATE envelope_notice SET left_out = ? WHERE envelope = ? \
             AND notice = (SELECT id FROM notice WHERE key = ?)",
        )
        .bind(reason)
        .bind(envelope)
        .bind(notice.to_string())
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Applies one event.
pub(super) async fn settle(
    connection: &mut SqliteConnection,
    settlement: &Settlement,
    now: Now,
) -> Result<std::result::Result<Position, Refusal>> {
    let mut settled = settle_all(connection, std::slice::from_ref(settlement), now).await?;
    settled.pop().ok_or_else(|| StoreError::NoSuchEnvelope(settlement.key.to_string()))
}

/// Applies events, each to another envelope; what came of each, in order.
pub(super) async fn settle_all(
    connection: &mut SqliteConnection,
    settlements: &[Settlement],
    now: Now,
) -> Result<Vec<std::result::Result<Position, Refusal>>> {
    let keys: Vec<&EnvelopeKey> = settlements.iter().map(|one| &one.key).collect();
    let mut results = Vec::with_capacity(settlements.len());
    let (mut moved, mut ended, mut accepted) = (Vec::new(), Vec::new(), Vec::new());
    for (one, held) in settlements.iter().zip(many::by_keys(connection, &keys).await?) {
        let position = match held.position.after(one.event) {
            Ok(position) => position,
            Err(refusal) => {
                results.push(Err(refusal));
                continue;
            }
        };
        results.push(Ok(position));
        moved.push(Moved { id: held.id, position, detail: Some(one.detail.clone()) });
        if held.position.state == State::Sending {
            ended.push(Ended {
                id: held.id,
                number: held.tries,
                outcome: position.state,
                reference: one.reference.clone(),
                detail: one.detail.clone(),
            });
            if let (Some(channel), State::Accepted | State::Unknown) =
                (held.channel, position.state)
            {
                accepted.push((one, channel));
            }
        }
        if let Some(fault) = &one.fault {
            faults::note(connection, fault, now).await?;
        }
        leave_out(connection, held.id, &one.left_out).await?;
    }
    many::write_positions(connection, &moved, now).await?;
    many::end_attempts(connection, &ended, now).await?;
    if !accepted.is_empty() && receipts::any_waits(connection).await? {
        for (one, channel) in accepted {
            let reference = one.reference.as_deref();
            receipts::take_waiting(connection, &one.key, &channel, reference, now).await?;
        }
    }
    Ok(results)
}

pub(super) async fn recover(
    connection: &mut SqliteConnection,
    now: Now,
    restart: bool,
) -> Result<Vec<EnvelopeKey>> {
    let rows = sqlx::query("SELECT key FROM envelope WHERE state IN ('claimed', 'sending')")
        .fetch_all(&mut *connection)
        .await?;
    let mut moved = Vec::new();
    for row in &rows {
        let key: &str = row.try_get("key")?;
        let key: EnvelopeKey =
            key.parse().map_err(|error| super::values::unreadable("envelope key", error))?;
        let settlement = Settlement {
            key: key.clone(),
            event: Event::HolderGone { now: now.unix_ms, restart },
            reference: None,
            detail: "the_process_that_held_it_is_gone".to_owned(),
            left_out: BTreeMap::new(),
            fault: None,
        };
        if settle(connection, &settlement, now).await?.is_ok() {
            moved.push(key);
        }
    }
    Ok(moved)
}
