//! What can go wrong with the store. No message shows a personal value.

use std::path::PathBuf;

/// The store could not do what was asked; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another daemon works on this data.
    #[error(
        "another daemon is running on {folder}; stop it first, or give this one another data folder"
    )]
    AnotherDaemon {
        /// The data folder.
        folder: PathBuf,
    },
    /// The record moved on while a batch was made up.
    #[error("the record moved on from {expected} to {found} meanwhile; look again, then record")]
    Moved {
        /// The sequence the batch was made for.
        expected: u64,
        /// The record's last sequence.
        found: u64,
    },
    /// Nobody has this number.
    #[error("nobody has the number {0}")]
    NoSuchPerson(String),
    /// There is no such document.
    #[error("there is no document {0}")]
    NoSuchDocument(u64),
    /// The document's key was destroyed.
    #[error("the content of document {0} was destroyed")]
    Destroyed(u64),
    /// The document is kept sealed, because a person in it was erased.
    #[error("document {id} is restricted: kept sealed until {until}, not shown, not used")]
    Restricted {
        /// Which.
        id: u64,
        /// Destroyed from this day on.
        until: chrono::NaiveDate,
    },
    /// A seal does not fit: another `seal.key`, or a damaged row.
    #[error("the seal of document {0} does not open: wrong seal.key, or damaged data")]
    SealBroken(u64),
    /// There is no such envelope.
    #[error("there is no envelope {0}")]
    NoSuchEnvelope(String),
    /// The data folder cannot be used.
    #[error("{what} {path}: {source}")]
    Folder {
        /// What was attempted.
        what: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// `seal.key` is not a key.
    #[error(
        "{path} is not a seal key of 32 bytes; put the right file back: without it nothing opens"
    )]
    NoSealKey {
        /// Which file.
        path: PathBuf,
    },
    /// A stored value is not what this version writes.
    #[error("the store holds a {what} this version cannot read: {detail}")]
    Unreadable {
        /// What.
        what: &'static str,
        /// Why, without the value.
        detail: String,
    },
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    NoRandom,
    /// The database refused.
    #[error("database: {0}")]
    Database(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        // Constraint messages name tables and columns, not values.
        Self::Database(error.to_string())
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Database(error.to_string())
    }
}
