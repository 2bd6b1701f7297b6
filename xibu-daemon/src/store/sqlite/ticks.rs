//! What a tick writes: notices, reasons for not sending, and envelopes for the notices.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use sqlx::{Row, SqliteConnection};
use xibu_core::notice::{Notice, Withheld};
use xibu_core::person::PersonId;

use super::super::{OUTAGE_MIN_MS, Result, TickCommit, TickWritten};
use super::envelopes::{class, state};
use super::values::{civil_text, from_json, optional_day, signed, small, to_json, unsigned};
use super::{errands, switches};
use crate::clock::Now;
use crate::outbox::placing::{Existing, Placing, place};
use crate::outbox::{Class, EnvelopeKey, State};

pub(super) async fn notices_after(
    connection: &mut SqliteConnection,
    after: u64,
) -> Result<Vec<(u64, Notice)>> {
    let rows = sqlx::query("SELECT id, body FROM notice WHERE id > ? ORDER BY id")
        .bind(signed(after))
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Ok((unsigned(row, "id")?, from_json("notice", row.try_get("body")?)?)))
        .collect()
}

pub(super) async fn withheld(connection: &mut SqliteConnection) -> Result<Vec<Withheld>> {
    let rows = sqlx::query(
        "SELECT reason FROM withheld WHERE id IN (SELECT max(id) FROM withheld GROUP BY key) \
         ORDER BY key",
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| from_json("reason for not sending", row.try_get("reason")?)).collect()
}

pub(super) async fn write(
    connection: &mut SqliteConnection,
    tick: &TickCommit,
) -> Result<TickWritten> {
    let last = switches::state(connection).await?;
    switches::remember_tick(connection, tick.now).await?;
    if let Some(hold) = tick.hold {
        switches::hold(connection, hold, tick.now).await?;
    }
    let errands = errands::open(connection, &tick.errands, tick.now).await?;
    let mut written = TickWritten { errands, ..TickWritten::default() };
    let since = last.last_unix_ms.filter(|since| tick.now.unix_ms - since > OUTAGE_MIN_MS);
    let nothing_new = tick.notices.is_empty() && tick.withheld.is_empty();
    if nothing_new && tick.hold.is_none() && since.is_none() {
        return Ok(written);
    }
    let id = open_tick(connection, tick).await?;
    if let (Some(since_ms), Some(since)) = (since, last.last_civil) {
        remember_outage(connection, id, since, since_ms).await?;
    }
    let mut placer = Placer::load(connection, tick).await?;
    for notice in &tick.notices {
        let Some(notice_id) = insert_notice(connection, notice, id).await? else { continue };
        written.notices += 1;
        let (envelope, is_new) = placer.put(connection, notice).await?;
        written.envelopes += u32::from(is_new);
        written.folded += u32::from(!is_new);
        sqlx::query("INSERT INTO envelope_notice (envelope, notice) VALUES (?, ?)")
            .bind(envelope)
            .bind(notice_id)
            .execute(&mut *connection)
            .await?;
    }
    for withheld in &tick.withheld {
        sqlx::query("INSERT INTO withheld (key, reason, tick) VALUES (?, ?, ?)")
            .bind(withheld.key.to_string())
            .bind(to_json("reason for not sending", withheld)?)
            .bind(id)
            .execute(&mut *connection)
            .await?;
        written.withheld += 1;
    }
    close_tick(connection, id, &written).await?;
    Ok(written)
}

async fn open_tick(connection: &mut SqliteConnection, tick: &TickCommit) -> Result<i64> {
    let row = sqlx::query(
        "INSERT INTO tick (at, unix_ms, sequence, notices, envelopes, folded, withheld, hold) \
         VALUES (?, ?, ?, 0, 0, 0, 0, ?) RETURNING id",
    )
    .bind(civil_text(tick.now.civil))
    .bind(tick.now.unix_ms)
    .bind(signed(tick.sequence))
    .bind(tick.hold.map(|hold| hold.name()))
    .fetch_one(connection)
    .await?;
    Ok(row.try_get("id")?)
}

async fn remember_outage(
    connection: &mut SqliteConnection,
    tick: i64,
    since: NaiveDateTime,
    since_ms: i64,
) -> Result<()> {
    sqlx::query("INSERT INTO outage (tick, since, since_ms) VALUES (?, ?, ?)")
        .bind(tick)
        .bind(civil_text(since))
        .bind(since_ms)
        .execute(connection)
        .await?;
    Ok(())
}

async fn close_tick(
    connection: &mut SqliteConnection,
    id: i64,
    written: &TickWritten,
) -> Result<()> {
    sqlx::query(
        "UPDATE tick SET notices = ?, envelopes = ?, folded = ?, withheld = ? WHERE id = ?",
    )
    .bind(written.notices)
    .bind(written.envelopes)
    .bind(written.folded)
    .bind(written.withheld)
    .bind(id)
    .execute(connection)
    .await?;
    Ok(())
}

/// None where the notice is known already: it prevents a second send.
async fn insert_notice(
    connection: &mut SqliteConnection,
    notice: &Notice,
    tick: i64,
) -> Result<Option<i64>> {
    let row = sqlx::query(
        "INSERT INTO notice (key, person, body, tick) VALUES (?, ?, ?, ?) \
         ON CONFLICT (key) DO NOTHING RETURNING id",
    )
    .bind(notice.key.to_string())
    .bind(notice.person.0)
    .bind(to_json("notice", notice)?)
    .bind(tick)
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok(row.try_get("id")?)).transpose()
}

/// Puts notices into envelopes, knowing those that are there already.
struct Placer {
    now: Now,
    existing: BTreeMap<(PersonId, Class), Vec<Existing>>,
}

impl Placer {
    async fn load(connection: &mut SqliteConnection, tick: &TickCommit) -> Result<Self> {
        let mut existing: BTreeMap<_, Vec<Existing>> = BTreeMap::new();
        let persons: BTreeSet<PersonId> = tick.notices.iter().map(|notice| notice.person).collect();
        let rows =
            sqlx::query("SELECT person, class, day, number, state FROM envelope WHERE day >= ?")
                .bind(tick.now.date().to_string())
                .fetch_all(connection)
                .await?;
        for row in &rows {
            let person = PersonId(small(row, "person")?);
            if !persons.contains(&person) {
                continue;
            }
            let one = Existing {
                day: optional_day(row, "day")?.unwrap_or(NaiveDate::MIN),
                number: small(row, "number")?,
                state: state(row, "state")?,
            };
            existing.entry((person, class(row)?)).or_default().push(one);
        }
        Ok(Self { now: tick.now, existing })
    }

    /// The envelope's row, and whether it is new.
    async fn put(
        &mut self,
        connection: &mut SqliteConnection,
        notice: &Notice,
    ) -> Result<(i64, bool)> {
        let class = Class::Duty;
        let existing = self.existing.entry((notice.person, class)).or_default();
        let wanted = notice.not_before.date().max(self.now.date());
        let placing = place(class, wanted, existing);
        let (Placing::Join { day, number } | Placing::New { day, number }) = placing;
        let next_at = self.now.unix_of(due(notice, day));
        let expires_at = self.now.unix_of(notice.expires);
        let key = EnvelopeKey { person: notice.person, class, day, number }.to_string();
        if matches!(placing, Placing::Join { .. }) {
            let row = sqlx::query(
                "UPDATE envelope SET next_at = max(next_at, ?), expires_at = max(expires_at, ?), \
                 updated_at = ? WHERE key = ? RETURNING id",
            )
            .bind(next_at)
            .bind(expires_at)
            .bind(self.now.unix_ms)
            .bind(key)
            .fetch_one(connection)
            .await?;
            return Ok((row.try_get("id")?, false));
        }
        existing.push(Existing { day, number, state: State::Planned });
        let row = sqlx::query(
            "INSERT INTO envelope (key, person, class, day, number, state, attempts, unknowns, \
             fence, lease_until, next_at, expires_at, tries, detail, updated_at) \
             VALUES (?, ?, ?, ?, ?, 'planned', 0, 0, 0, 0, ?, ?, 0, '', ?) RETURNING id",
        )
        .bind(key)
        .bind(notice.person.0)
        .bind(class.name())
        .bind(day.to_string())
        .bind(number)
        .bind(next_at)
        .bind(expires_at)
        .bind(self.now.unix_ms)
        .fetch_one(connection)
        .await?;
        Ok((row.try_get("id")?, true))
    }
}

/// On the day it was meant for at its own hour; on a later day at the same hour.
fn due(notice: &Notice, day: NaiveDate) -> NaiveDateTime {
    if notice.not_before.date() == day {
        notice.not_before
    } else {
        day.and_time(notice.not_before.time())
    }
}
