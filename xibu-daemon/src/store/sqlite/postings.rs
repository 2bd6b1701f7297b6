//! Postings: what sources gave, word for word, and what follows from it.
//!
//! A posting is always worked out anew from everything its sources gave, so the order in which they
//! came never matters. Which are the same is the core's word ([`xibu_core::posting::merge`]).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, NaiveDateTime};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use xibu_core::posting::{
    Deadline, Posting, PostingId, RawPosting, Standing, UNDATED_DAYS_MAX, merge,
};

use super::super::{PostingFilter, PostingKept, RawKept, Result, Withdrawal, job};
use super::values::{civil, civil_text, from_json, optional_day, small, to_json};
use crate::clock::Now;

/// What one source gave, with when.
struct Given {
    raw: RawPosting,
    first_seen: NaiveDateTime,
    seen_at: NaiveDateTime,
    withdrawn: Option<NaiveDate>,
}

/// Takes out what sources gave after `to`, and gives it back with when, in the order in which it
/// came; what was given before stands as it stood then.
pub(super) async fn rewind(
    connection: &mut SqliteConnection,
    to: Now,
) -> Result<Vec<(NaiveDateTime, RawPosting)>> {
    let rows = sqlx::query(
        "SELECT posting, raw, first_seen FROM posting_source WHERE first_seen > ? \
         ORDER BY first_seen, posting, source, source_id",
    )
    .bind(civil_text(to.civil))
    .fetch_all(&mut *connection)
    .await?;
    let mut taken = Vec::with_capacity(rows.len());
    let mut touched = BTreeSet::new();
    for row in &rows {
        touched.insert(PostingId(small(row, "posting")?));
        let raw = from_json("posting as given", row.try_get("raw")?)?;
        taken.push((civil(row, "first_seen")?, raw));
    }
    for posting in touched {
        let mut given = given_of(connection, posting).await?;
        given.retain(|one| one.first_seen <= to.civil);
        rebuild(connection, &BTreeSet::from([posting]), given).await?;
    }
    Ok(taken)
}

/// Takes in what sources gave and what they say is gone.
pub(super) async fn keep(
    connection: &mut SqliteConnection,
    raws: &[RawPosting],
    gone: &[Withdrawal],
    now: Now,
) -> Result<()> {
    for raw in raws {
        keep_one(connection, raw, now).await?;
    }
    for gone in gone {
        withdraw(connection, gone, now).await?;
    }
    Ok(())
}

async fn keep_one(connection: &mut SqliteConnection, raw: &RawPosting, now: Now) -> Result<()> {
    let before = posting_of(connection, &raw.source, &raw.id).await?;
    let read = Posting::read(raw);
    let mut touched: BTreeSet<PostingId> = before.into_iter().collect();
    for other in sharing(connection, &read.identities).await? {
        // A notice of last year under the same name is another one.
        let open = one(connection, other)
            .await?
            .is_some_and(|kept| kept.posting.standing(now.date()) == Standing::Open);
        if open {
            touched.insert(other);
        }
    }
    let mut given = Vec::new();
    for posting in &touched {
        given.extend(given_of(connection, *posting).await?);
    }
    let own = given.iter().position(|one| one.raw.source == raw.source && one.raw.id == raw.id);
    let first_seen = own.map_or(now.civil, |at| given.remove(at).first_seen);
    let own = Given { raw: raw.clone(), first_seen, seen_at: now.civil, withdrawn: None };
    given.push(own);
    rebuild(connection, &touched, given).await
}

async fn withdraw(connection: &mut SqliteConnection, gone: &Withdrawal, now: Now) -> Result<()> {
    let Some(posting) = posting_of(connection, &gone.source, &gone.id).await? else {
        return Ok(());
    };
    let mut given = given_of(connection, posting).await?;
    for one in &mut given {
        if one.raw.source == gone.source && one.raw.id == gone.id {
            one.withdrawn = one.withdrawn.or(Some(now.date()));
        }
    }
    rebuild(connection, &BTreeSet::from([posting]), given).await
}

/// Puts what was given to these postings together anew. A group keeps the smallest number of those
/// its parts had.
async fn rebuild(
    connection: &mut SqliteConnection,
    touched: &BTreeSet<PostingId>,
    given: Vec<Given>,
) -> Result<()> {
    let mut numbers: BTreeMap<(String, String), PostingId> = BTreeMap::new();
    for posting in touched {
        for one in given_of(connection, *posting).await? {
            numbers.insert((one.raw.source, one.raw.id), *posting);
        }
    }
    for posting in touched {
        clear(connection, *posting).await?;
    }
    let read = given.iter().map(|one| {
        let mut posting = Posting::read(&one.raw);
        if let Some(day) = one.withdrawn {
            posting.withdraw(&one.raw.source, &one.raw.id, day);
        }
        posting
    });
    let mut free = touched.clone();
    for posting in merge(read) {
        let parts: Vec<&Given> = given
            .iter()
            .filter(|one| {
                let own = |source: &&xibu_core::posting::PostingSource| {
                    source.source == one.raw.source && source.id == one.raw.id
                };
                posting.sources.iter().find(own).is_some()
            })
            .collect();
        let had = parts
            .iter()
            .filter_map(|one| numbers.get(&(one.raw.source.clone(), one.raw.id.clone())).copied());
        let had: BTreeSet<PostingId> = had.collect();
        let number = had.iter().find(|number| free.remove(number)).copied();
        let id = write(connection, number, &posting, &parts).await?;
        for old in had.iter().filter(|old| **old != id) {
            move_told(connection, *old, id).await?;
        }
    }
    for left in free {
        forget(connection, left).await?;
    }
    Ok(())
}

/// The derived rows and the sources of a posting; its own row stays.
async fn clear(connection: &mut SqliteConnection, posting: PostingId) -> Result<()> {
    for statement in [
        "DELETE FROM posting_identity WHERE posting = ?",
        "DELETE FROM posting_source WHERE posting = ?",
    ] {
        sqlx::query(statement).bind(posting.0).execute(&mut *connection).await?;
    }
    // Its name is free until it is written again: another of the group may take it.
    sqlx::query("UPDATE posting SET identity = 'J' || id WHERE id = ?")
        .bind(posting.0)
        .execute(connection)
        .await?;
    Ok(())
}

async fn write(
    connection: &mut SqliteConnection,
    number: Option<PostingId>,
    posting: &Posting,
    parts: &[&Given],
) -> Result<PostingId> {
    let first_seen = parts.iter().map(|one| one.first_seen).min().unwrap_or_default();
    let last_seen = parts.iter().map(|one| one.seen_at).max().unwrap_or_default();
    let identity = posting.identities.first().cloned().unwrap_or_default();
    let row = sqlx::query(
        "INSERT INTO posting (id, identity, body, first_seen, last_seen, deadline) \
         VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET identity = excluded.identity, \
         body = excluded.body, first_seen = excluded.first_seen, \
         last_seen = excluded.last_seen, deadline = excluded.deadline RETURNING id",
    )
    .bind(number.map(|number| number.0))
    .bind(identity)
    .bind(to_json("posting", posting)?)
    .bind(civil_text(first_seen))
    .bind(civil_text(last_seen))
    .bind(last_open_day(posting, first_seen.date()).map(|day| day.to_string()))
    .fetch_one(&mut *connection)
    .await?;
    let id = PostingId(small(&row, "id")?);
    for identity in &posting.identities {
        sqlx::query("INSERT OR IGNORE INTO posting_identity (identity, posting) VALUES (?, ?)")
            .bind(identity)
            .bind(id.0)
            .execute(&mut *connection)
            .await?;
    }
    for one in parts {
        sqlx::query(
            "INSERT INTO posting_source \
             (source, source_id, posting, raw, first_seen, seen_at, withdrawn) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&one.raw.source)
        .bind(&one.raw.id)
        .bind(id.0)
        .bind(to_json("posting as given", &one.raw)?)
        .bind(civil_text(one.first_seen))
        .bind(civil_text(one.seen_at))
        .bind(one.withdrawn.map(|day| day.to_string()))
        .execute(&mut *connection)
        .await?;
    }
    Ok(id)
}

/// The last day on which it is passed on; none where there is no end. One that says no day at all
/// ends with its first sight.
fn last_open_day(posting: &Posting, first_seen: NaiveDate) -> Option<NaiveDate> {
    let withdrawn = posting.sources.iter().map(|source| source.withdrawn);
    let gone = withdrawn.collect::<Option<Vec<_>>>().and_then(|days| days.into_iter().max());
    let gone = gone.and_then(|day| day.pred_opt());
    let said = match posting.deadline.as_ref().map(|told| told.value) {
        Some(Deadline::Day { last }) => Some(last),
        Some(Deadline::Open) => None,
        None => {
            posting.published.unwrap_or(first_seen).checked_add_days(Days::new(UNDATED_DAYS_MAX))
        }
    };
    [gone, said].into_iter().flatten().min()
}

/// What was told of one posting was told of the one it turned out to be.
async fn move_told(
    connection: &mut SqliteConnection,
    from: PostingId,
    to: PostingId,
) -> Result<()> {
    sqlx::query(
        "INSERT OR IGNORE INTO told (person, posting, envelope) \
         SELECT person, ?, envelope FROM told WHERE posting = ?",
    )
    .bind(to.0)
    .bind(from.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// A number that nothing goes by any more.
async fn forget(connection: &mut SqliteConnection, posting: PostingId) -> Result<()> {
    for statement in ["DELETE FROM told WHERE posting = ?", "DELETE FROM posting WHERE id = ?"] {
        sqlx::query(statement).bind(posting.0).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn posting_of(
    connection: &mut SqliteConnection,
    source: &str,
    id: &str,
) -> Result<Option<PostingId>> {
    let row = sqlx::query("SELECT posting FROM posting_source WHERE source = ? AND source_id = ?")
        .bind(source)
        .bind(id)
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok(PostingId(small(&row, "posting")?))).transpose()
}

async fn sharing(
    connection: &mut SqliteConnection,
    identities: &[String],
) -> Result<Vec<PostingId>> {
    let mut found = Vec::new();
    for identity in identities {
        let rows = sqlx::query("SELECT posting FROM posting_identity WHERE identity = ?")
            .bind(identity)
            .fetch_all(&mut *connection)
            .await?;
        for row in &rows {
            found.push(PostingId(small(row, "posting")?));
        }
    }
    Ok(found)
}

async fn given_of(connection: &mut SqliteConnection, posting: PostingId) -> Result<Vec<Given>> {
    let rows =
        sqlx::query("SELECT * FROM posting_source WHERE posting = ? ORDER BY source, source_id")
            .bind(posting.0)
            .fetch_all(connection)
            .await?;
    rows.iter()
        .map(|row| {
            Ok(Given {
                raw: from_json("posting as given", row.try_get("raw")?)?,
                first_seen: civil(row, "first_seen")?,
                seen_at: civil(row, "seen_at")?,
                withdrawn: optional_day(row, "withdrawn")?,
            })
        })
        .collect()
}

pub(super) async fn raw(
    connection: &mut SqliteConnection,
    posting: PostingId,
) -> Result<Vec<RawKept>> {
    let given = given_of(connection, posting).await?;
    Ok(given
        .into_iter()
        .map(|Given { raw, first_seen, seen_at, withdrawn }| job::RawKept {
            raw,
            first_seen,
            seen_at,
            withdrawn,
        })
        .collect())
}

async fn one(connection: &mut SqliteConnection, posting: PostingId) -> Result<Option<PostingKept>> {
    let filter = PostingFilter { id: Some(posting), ..PostingFilter::default() };
    Ok(filtered(connection, &filter).await?.pop())
}

fn kept(row: &SqliteRow) -> Result<PostingKept> {
    Ok(PostingKept {
        id: PostingId(small(row, "id")?),
        posting: from_json("posting", row.try_get("body")?)?,
        first_seen: civil(row, "first_seen")?,
        last_seen: civil(row, "last_seen")?,
    })
}

pub(super) async fn filtered(
    connection: &mut SqliteConnection,
    filter: &PostingFilter,
) -> Result<Vec<PostingKept>> {
    let mut query = QueryBuilder::<Sqlite>::new("SELECT * FROM posting WHERE 1");
    if let Some(id) = filter.id {
        query.push(" AND id = ").push_bind(id.0);
    }
    if let Some(after) = filter.after {
        query.push(" AND id > ").push_bind(after.0);
    }
    if let Some(day) = filter.open_on {
        query.push(" AND (deadline IS NULL OR deadline >= ").push_bind(day.to_string()).push(")");
    }
    query.push(" ORDER BY id");
    if filter.limit > 0 {
        query.push(" LIMIT ").push_bind(filter.limit);
    }
    query.build().fetch_all(connection).await?.iter().map(kept).collect()
}

#[cfg(test)]
mod tests;
