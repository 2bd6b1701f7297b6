-- Files that came with a message or a call, as they were taken in: one row a file, written together with what it
-- tells, so that a crash between two files loses and doubles none.
CREATE TABLE arrival_file (
    arrival INTEGER NOT NULL REFERENCES arrival (id),
    number INTEGER NOT NULL,
    document INTEGER REFERENCES document (id),
    outcome TEXT NOT NULL,
    unreadable TEXT,
    accepted INTEGER NOT NULL,
    returns TEXT NOT NULL,
    PRIMARY KEY (arrival, number)
) STRICT, WITHOUT ROWID;

-- Whose returns a message that waits for a person may be about: nobody is chased for them meanwhile. No month: every
-- one that was asked for when it came.
CREATE TABLE arrival_concern (
    arrival INTEGER NOT NULL REFERENCES arrival (id),
    office INTEGER NOT NULL,
    period TEXT NOT NULL,
    PRIMARY KEY (arrival, office, period)
) STRICT, WITHOUT ROWID;

-- Tokens by which offices' own programs call; only a keyed hash of each.
CREATE TABLE api_token (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    office INTEGER NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    made_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT;
