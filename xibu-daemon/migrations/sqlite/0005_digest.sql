-- Job information: by what a posting is known again, and what was decided on a day.

-- A posting goes by several identities; one that has expired may share some with a new one.
CREATE TABLE posting_identity (
    identity TEXT NOT NULL,
    posting INTEGER NOT NULL REFERENCES posting (id),
    PRIMARY KEY (identity, posting)
) STRICT, WITHOUT ROWID;
CREATE INDEX posting_identity_by_posting ON posting_identity (posting);

-- `posting.deadline` is the last day on which it is passed on; it follows from its body.
ALTER TABLE posting_source ADD COLUMN first_seen TEXT NOT NULL DEFAULT '';
ALTER TABLE posting_source ADD COLUMN withdrawn TEXT;
CREATE INDEX told_by_posting ON told (posting);

-- One row for a day on which it was asked whom something fits; the row prevents a second look.
CREATE TABLE digest_day (
    day TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    figures TEXT NOT NULL
) STRICT, WITHOUT ROWID;
