//! A channel's later word on a message: asks `outbox::state` what comes of it and writes that down.
//!
//! A report that outran the commit of its message's acceptance waits here and is taken up with it.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use xibu_plugin_abi::message::{Blame, Fate, Receipt};

use super::super::{AddressFault, ReceiptOutcome, Result, ValueKind};
use super::envelopes::{self, Held};
use super::values::{from_json, named, small, to_json};
use super::{faults, moves};
use crate::clock::Now;
use crate::outbox::EnvelopeKey;
use crate::outbox::state::{Event, State};

/// How long a report waits for its message, milliseconds.
const WAITS_MS: i64 = 3 * 24 * 3_600_000;
/// So many wait at most; more are a channel gone wrong.
const WAITING_MAX: i64 = 100_000;
/// A channel's word is kept to this many characters.
const DETAIL_MAX: usize = 200;

/// The try a report speaks of.
struct Try {
    key: EnvelopeKey,
    number: u32,
    redirected: bool,
}

pub(super) async fn take(
    connection: &mut SqliteConnection,
    channel: &str,
    reaches: Option<ValueKind>,
    receipt: &Receipt,
    now: Now,
) -> Result<ReceiptOutcome> {
    if receipt.fate == Fate::Unknown {
        return Ok(ReceiptOutcome::FateNotKnown);
    }
    let Some(found) = find(connection, channel, receipt).await? else {
        // A reference may be on its way into the store; a key is there before the call.
        if receipt.key.is_some() || receipt.reference.is_none() {
            return Ok(ReceiptOutcome::NoSuchMessage);
        }
        return wait(connection, channel, reaches, receipt, now).await;
    };
    let held = envelopes::by_key(connection, &found.key).await?;
    if matches!(held.position.state, State::Claimed | State::Sending) {
        return wait(connection, channel, reaches, receipt, now).await;
    }
    apply(connection, &held, &found, reaches, receipt, now).await
}

async fn find(
    connection: &mut SqliteConnection,
    channel: &str,
    receipt: &Receipt,
) -> Result<Option<Try>> {
    if let Some(reference) = &receipt.reference {
        let row = sqlx::query(
            "SELECT e.key, a.number, a.redirected FROM attempt a \
             JOIN envelope e ON e.id = a.envelope WHERE a.channel = ? AND a.reference = ? \
             ORDER BY a.started_at DESC LIMIT 1",
        )
        .bind(channel)
        .bind(reference)
        .fetch_optional(&mut *connection)
        .await?;
        if let Some(row) = row {
            return tried(&row);
        }
    }
    let Some(key) = &receipt.key else { return Ok(None) };
    let row = sqlx::query(
        "SELECT e.key, a.number, a.redirected FROM attempt a \
         JOIN envelope e ON e.id = a.envelope WHERE e.key = ? AND a.channel = ? \
         ORDER BY a.number DESC LIMIT 1",
    )
    .bind(key)
    .bind(channel)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map_or(Ok(None), tried)
}

fn tried(row: &SqliteRow) -> Result<Option<Try>> {
    let key: &str = row.try_get("key")?;
    let key = key.parse().map_err(|error| super::values::unreadable("envelope key", error))?;
    Ok(Some(Try { key, number: small(row, "number")?, redirected: row.try_get("redirected")? }))
}

async fn wait(
    connection: &mut SqliteConnection,
    channel: &str,
    reaches: Option<ValueKind>,
    receipt: &Receipt,
    now: Now,
) -> Result<ReceiptOutcome> {
    sqlx::query(
        "INSERT INTO receipt_waiting (channel, key, reference, body, recorded_at, reaches) \
         SELECT ?1, ?2, ?3, ?4, ?5, ?7 WHERE (SELECT count(*) FROM receipt_waiting) < ?6 \
         AND NOT EXISTS (SELECT 1 FROM receipt_waiting WHERE channel = ?1 AND body = ?4)",
    )
    .bind(channel)
    .bind(&receipt.key)
    .bind(&receipt.reference)
    .bind(to_json("report", receipt)?)
    .bind(now.unix_ms)
    .bind(WAITING_MAX)
    .bind(reaches.map(ValueKind::name))
    .execute(connection)
    .await?;
    Ok(ReceiptOutcome::Waits)
}

/// Reports whose message never came are let go.
pub(super) async fn forget_old(connection: &mut SqliteConnection, now: Now) -> Result<()> {
    sqlx::query("DELETE FROM receipt_waiting WHERE recorded_at < ?")
        .bind(now.unix_ms - WAITS_MS)
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether any report waits for its message.
pub(super) async fn any_waits(connection: &mut SqliteConnection) -> Result<bool> {
    let row =
        sqlx::query("SELECT 1 FROM receipt_waiting LIMIT 1").fetch_optional(connection).await?;
    Ok(row.is_some())
}

/// The call of `key` by `channel` has ended: what was reported meanwhile counts now.
pub(super) async fn take_waiting(
    connection: &mut SqliteConnection,
    key: &EnvelopeKey,
    channel: &str,
    reference: Option<&str>,
    now: Now,
) -> Result<()> {
    let rows = sqlx::query(
        "DELETE FROM receipt_waiting WHERE channel = ? AND (key = ? OR reference = ?) \
         RETURNING body, reaches",
    )
    .bind(channel)
    .bind(key.to_string())
    .bind(reference)
    .fetch_all(&mut *connection)
    .await?;
    for row in &rows {
        let receipt: Receipt = from_json("report", row.try_get("body")?)?;
        let Some(mut found) = find(connection, channel, &receipt).await? else { continue };
        found.key = key.clone();
        let held = envelopes::by_key(connection, key).await?;
        let reaches: Option<&str> = row.try_get("reaches")?;
        let reaches = reaches.map(|name| named("kind of value", name)).transpose()?;
        apply(connection, &held, &found, reaches, &receipt, now).await?;
    }
    Ok(())
}

async fn apply(
    connection: &mut SqliteConnection,
    held: &Held,
    found: &Try,
    reaches: Option<ValueKind>,
    receipt: &Receipt,
    now: Now,
) -> Result<ReceiptOutcome> {
    let (event, to, detail) = match &receipt.fate {
        Fate::Delivered => (Event::Deliver, State::Delivered, String::new()),
        Fate::Failed { detail, .. } => {
            (Event::Bounce, State::Bounced, detail.chars().take(DETAIL_MAX).collect())
        }
        Fate::Unknown => return Ok(ReceiptOutcome::FateNotKnown),
    };
    if to == State::Bounced && found.number != held.tries {
        return Ok(ReceiptOutcome::OfAnOlderTry);
    }
    let position = match held.position.after(event) {
        Ok(position) => position,
        Err(_) if held.position.state == to => return Ok(ReceiptOutcome::SaidBefore),
        Err(_) => return Ok(ReceiptOutcome::CameTooLate),
    };
    moves::write(connection, held.id, &position, Some(&detail), now).await?;
    sqlx::query("UPDATE attempt SET outcome = ?, detail = ? WHERE envelope = ? AND number = ?")
        .bind(to.name())
        .bind(&detail)
        .bind(held.id)
        .bind(found.number)
        .execute(&mut *connection)
        .await?;
    let blamed = matches!(&receipt.fate, Fate::Failed { blame: Blame::Address, .. });
    if let Some(kind) = reaches
        && blamed
        && !found.redirected
    {
        let fault = AddressFault { person: held.key.person, kind, detail };
        faults::note(connection, &fault, now).await?;
    }
    Ok(match to {
        State::Delivered => ReceiptOutcome::Delivered,
        _ => ReceiptOutcome::Bounced,
    })
}
