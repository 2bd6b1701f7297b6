//! Tokens of offices' programs: made, found by their keyed hash, revoked.

use sqlx::SqliteConnection;
use xibu_core::office::OfficeId;

use super::super::{Result, TokenKept};
use super::values::{civil, civil_text, optional_civil, signed, small, unsigned};
use crate::clock::Now;

pub(super) async fn make(
    connection: &mut SqliteConnection,
    office: OfficeId,
    hash: &[u8; 32],
    now: Now,
) -> Result<u64> {
    let row =
        sqlx::query("INSERT INTO api_token (office, hash, made_at) VALUES (?, ?, ?) RETURNING id")
            .bind(office.0)
            .bind(&hash[..])
            .bind(civil_text(now.civil))
            .fetch_one(connection)
            .await?;
    unsigned(&row, "id")
}

/// Whose token it is; none where it is nobody's or was revoked.
pub(super) async fn office_of(
    connection: &mut SqliteConnection,
    hash: &[u8; 32],
) -> Result<Option<OfficeId>> {
    let row = sqlx::query("SELECT office FROM api_token WHERE hash = ? AND revoked_at IS NULL")
        .bind(&hash[..])
        .fetch_optional(connection)
        .await?;
    row.map(|row| small(&row, "office").map(OfficeId)).transpose()
}

pub(super) async fn all(connection: &mut SqliteConnection) -> Result<Vec<TokenKept>> {
    let rows = sqlx::query("SELECT * FROM api_token ORDER BY id").fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            Ok(TokenKept {
                id: unsigned(row, "id")?,
                office: OfficeId(small(row, "office")?),
                made_at: civil(row, "made_at")?,
                revoked_at: optional_civil(row, "revoked_at")?,
            })
        })
        .collect()
}

/// False where the office has no such token that opens anything.
pub(super) async fn revoke(
    connection: &mut SqliteConnection,
    office: OfficeId,
    id: u64,
    now: Now,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE api_token SET revoked_at = ? WHERE id = ? AND office = ? AND revoked_at IS NULL",
    )
    .bind(civil_text(now.civil))
    .bind(signed(id))
    .bind(office.0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}
