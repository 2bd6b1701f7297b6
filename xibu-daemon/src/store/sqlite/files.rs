//! Files that came with messages and calls, and which ladders stand still for what waits.

use sqlx::{Row, SqliteConnection};
use xibu_core::office::OfficeId;
use xibu_core::period::Period;

use super::super::files::{API, CameWith, What};
use super::super::{ArrivalFile, Concern, DocumentId, NewArrivalFile, Result, WaitingFor};
use super::documents;
use super::values::{
    civil, civil_text, from_json, named, optional_unsigned, signed, small, to_json, unreadable,
    unsigned,
};
use crate::arrival::{HeldFor, TakenAs};
use crate::intake::FileOutcome;
use crate::seal::Seal;

/// Writes down a file that came; one that is known already stays as it is.
pub(super) async fn keep(
    connection: &mut SqliteConnection,
    seal: &Seal,
    new: &NewArrivalFile,
    document: Option<DocumentId>,
) -> Result<()> {
    let document = new.known.or(document);
    let arrival = match &new.came_with.what {
        What::Message(arrival) => *arrival,
        What::Call { .. } => call(connection, seal, new, document).await?,
    };
    let CameWith { number, .. } = new.came_with;
    sqlx::query(
        "INSERT INTO arrival_file \
         (arrival, number, document, outcome, unreadable, accepted, returns) \
         VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (arrival, number) DO NOTHING",
    )
    .bind(signed(arrival))
    .bind(number)
    .bind(document.map(signed))
    .bind(name_of(&new.outcome)?)
    .bind(new.unreadable.as_ref().map(name_of).transpose()?)
    .bind(new.accepted)
    .bind(to_json("returns", &new.returns)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// A call is kept as a message that was taken; one nobody could read waits for a person.
async fn call(
    connection: &mut SqliteConnection,
    seal: &Seal,
    new: &NewArrivalFile,
    document: Option<DocumentId>,
) -> Result<u64> {
    let What::Call { key, at, office } = &new.came_with.what else { return Ok(0) };
    let waits = matches!(new.outcome, FileOutcome::Unread | FileOutcome::HeldUnread);
    let held = waits.then_some(HeldFor::FileCannotBeRead);
    let row = sqlx::query(
        "INSERT INTO arrival (plugin, channel_id, document, at, taken_as, held, detail) \
         VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (plugin, channel_id) \
         DO UPDATE SET plugin = plugin RETURNING id",
    )
    .bind(API)
    .bind(hex::encode(seal.keyed_hash(key)))
    .bind(document.map(signed))
    .bind(civil_text(*at))
    .bind(TakenAs::Files.name())
    .bind(held.map(HeldFor::name))
    .bind(office.to_string())
    .fetch_one(&mut *connection)
    .await?;
    let id = unsigned(&row, "id")?;
    if waits {
        keep_concerns(connection, id, &[Concern { office: *office, period: None }]).await?;
    }
    Ok(id)
}

fn name_of(value: &impl serde::Serialize) -> Result<String> {
    let json = to_json("name", value)?;
    Ok(json.trim_matches('"').to_owned())
}

/// The number of a call that is kept already.
pub(super) async fn call_of(
    connection: &mut SqliteConnection,
    seal: &Seal,
    key: &str,
) -> Result<Option<u64>> {
    let row = sqlx::query("SELECT id FROM arrival WHERE plugin = ? AND channel_id = ?")
        .bind(API)
        .bind(hex::encode(seal.keyed_hash(key)))
        .fetch_optional(connection)
        .await?;
    row.map(|row| unsigned(&row, "id")).transpose()
}

/// The files of a message that were taken in so far, in order.
pub(super) async fn of(
    connection: &mut SqliteConnection,
    arrival: u64,
) -> Result<Vec<ArrivalFile>> {
    let rows = sqlx::query("SELECT * FROM arrival_file WHERE arrival = ? ORDER BY number")
        .bind(signed(arrival))
        .fetch_all(&mut *connection)
        .await?;
    let mut files = Vec::with_capacity(rows.len());
    for row in &rows {
        let document = optional_unsigned(row, "document")?;
        let unreadable: Option<&str> = row.try_get("unreadable")?;
        files.push(ArrivalFile {
            number: small(row, "number")?,
            document,
            outcome: named("what became of a file", row.try_get("outcome")?)?,
            unreadable: unreadable.map(|name| named("why a file is unread", name)).transpose()?,
            accepted: small(row, "accepted")?,
            returns: from_json("returns", row.try_get("returns")?)?,
            refusals: match document {
                Some(document) => documents::refusals(connection, Some(document)).await?,
                None => Vec::new(),
            },
        });
    }
    Ok(files)
}

/// Notes whose returns a message may be about.
pub(super) async fn keep_concerns(
    connection: &mut SqliteConnection,
    arrival: u64,
    concerns: &[Concern],
) -> Result<()> {
    for concern in concerns {
        sqlx::query(
            "INSERT INTO arrival_concern (arrival, office, period) VALUES (?, ?, ?) \
             ON CONFLICT DO NOTHING",
        )
        .bind(signed(arrival))
        .bind(concern.office.0)
        .bind(concern.period.map(|period| period.to_string()).unwrap_or_default())
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// What waits for a person and stops a ladder.
pub(super) async fn waiting(connection: &mut SqliteConnection) -> Result<Vec<WaitingFor>> {
    let rows = sqlx::query(
        "SELECT a.id, a.at, a.held, c.office, c.period FROM arrival a \
         JOIN arrival_concern c ON c.arrival = a.id WHERE a.held IS NOT NULL ORDER BY a.id",
    )
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let period: &str = row.try_get("period")?;
            let period: Option<Period> = match period {
                "" => None,
                text => Some(text.parse().map_err(|error| unreadable("month", error))?),
            };
            let office = OfficeId(small(row, "office")?);
            Ok(WaitingFor {
                arrival: unsigned(row, "id")?,
                held: named("why an arrival waits", row.try_get("held")?)?,
                concern: Concern { office, period },
                since: civil(row, "at")?,
            })
        })
        .collect()
}

/// Wrong codes that came on a day from addresses nobody has.
pub(super) async fn wrong_codes_of_strangers(
    connection: &mut SqliteConnection,
    day: chrono::NaiveDate,
) -> Result<u32> {
    let row = sqlx::query(
        "SELECT count(*) AS n FROM arrival WHERE held = ? AND person IS NULL AND at >= ?",
    )
    .bind(HeldFor::WrongCode.name())
    .bind(civil_text(day.and_time(chrono::NaiveTime::MIN)))
    .fetch_one(connection)
    .await?;
    small(&row, "n")
}
