-- The further doors: what people send, what feeds bring, what is told outside the ladders.

INSERT INTO counter (name, last) VALUES ('incident', 0);

-- One thing to tell one person, in an envelope of its own; the cause prevents a second one.
CREATE TABLE errand (
    envelope INTEGER PRIMARY KEY REFERENCES envelope (id),
    cause TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL
) STRICT;

-- A message from a person, once for the channel's own id of it. Its words are in its document.
CREATE TABLE arrival (
    id INTEGER PRIMARY KEY,
    plugin TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    document INTEGER REFERENCES document (id),
    person INTEGER,
    at TEXT NOT NULL,
    taken_as TEXT NOT NULL,
    held TEXT,
    detail TEXT NOT NULL,
    UNIQUE (plugin, channel_id)
) STRICT;
CREATE INDEX arrival_by_person ON arrival (person, at);
CREATE INDEX arrival_held ON arrival (held) WHERE held IS NOT NULL;

-- An address that a channel says is wrong; gone when the person's value is set anew.
CREATE TABLE address_fault (
    person INTEGER NOT NULL,
    kind TEXT NOT NULL,
    since TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (person, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_by_reference ON attempt (channel, reference) WHERE reference IS NOT NULL;

-- What a person wishes and has learnt; personal, apart from the record.
CREATE TABLE profile (
    person INTEGER PRIMARY KEY REFERENCES person (id),
    body TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    document INTEGER REFERENCES document (id)
) STRICT;

-- Job advertisements: one row for one post, however many sources tell it.
CREATE TABLE posting (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    identity TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    deadline TEXT
) STRICT;
CREATE INDEX posting_by_deadline ON posting (deadline);
CREATE TABLE posting_source (
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    posting INTEGER NOT NULL REFERENCES posting (id),
    raw TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (source, source_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX posting_source_by_posting ON posting_source (posting);
CREATE TABLE told (
    person INTEGER NOT NULL,
    posting INTEGER NOT NULL REFERENCES posting (id),
    envelope INTEGER NOT NULL REFERENCES envelope (id),
    PRIMARY KEY (person, posting)
) STRICT, WITHOUT ROWID;
CREATE TABLE source (
    plugin TEXT NOT NULL,
    name TEXT NOT NULL,
    looked_at TEXT NOT NULL,
    items INTEGER NOT NULL,
    error TEXT,
    failures INTEGER NOT NULL,
    PRIMARY KEY (plugin, name)
) STRICT, WITHOUT ROWID;
