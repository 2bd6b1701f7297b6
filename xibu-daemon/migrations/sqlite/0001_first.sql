-- The record: appended, never edited. Each row's hash covers the one before.
CREATE TABLE change (
    sequence INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    document INTEGER REFERENCES document (id),
    body TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE TRIGGER change_is_never_edited BEFORE UPDATE ON change
BEGIN SELECT RAISE(ABORT, 'the record is appended, never edited'); END;
CREATE TRIGGER change_is_never_deleted BEFORE DELETE ON change
BEGIN SELECT RAISE(ABORT, 'the record is appended, never deleted from'); END;

CREATE TABLE counter (name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO counter (name, last) VALUES ('person', 0), ('office', 0);

-- Documents: hash and dates stay for ever; content goes with its key.
CREATE TABLE document (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    media_type TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    size INTEGER NOT NULL,
    received_at TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    retain_until TEXT
) STRICT;
CREATE INDEX document_by_hash ON document (sha256);
CREATE INDEX document_by_retention ON document (retain_until) WHERE retain_until IS NOT NULL;
CREATE TABLE document_person (
    document INTEGER NOT NULL REFERENCES document (id),
    person INTEGER NOT NULL,
    PRIMARY KEY (person, document)
) STRICT, WITHOUT ROWID;
CREATE TABLE blob_key (
    document INTEGER PRIMARY KEY REFERENCES document (id),
    wrapped BLOB,
    destroyed_at TEXT
) STRICT;
CREATE TABLE blob (
    document INTEGER PRIMARY KEY REFERENCES document (id),
    name BLOB NOT NULL,
    content BLOB NOT NULL
) STRICT;
CREATE TABLE refusal (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES document (id),
    at TEXT NOT NULL,
    sheet TEXT NOT NULL,
    row INTEGER NOT NULL,
    col TEXT,
    heading TEXT,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    only_warning INTEGER NOT NULL
) STRICT;
CREATE INDEX refusal_by_document ON refusal (document);
CREATE TABLE note (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES document (id),
    office INTEGER NOT NULL,
    period TEXT NOT NULL,
    section TEXT NOT NULL,
    words BLOB NOT NULL
) STRICT;
CREATE INDEX note_by_return ON note (office, period);

-- People: the number stands in the record, the values stand here.
CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    recorded_at TEXT NOT NULL,
    erased_at TEXT
) STRICT;
CREATE TABLE person_value (
    person INTEGER NOT NULL REFERENCES person (id),
    kind TEXT NOT NULL,
    value TEXT,
    keyed_hash BLOB,
    last_four TEXT,
    recorded_at TEXT NOT NULL,
    document INTEGER REFERENCES document (id),
    PRIMARY KEY (person, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_by_value ON person_value (kind, value) WHERE value IS NOT NULL;
CREATE INDEX person_by_hash ON person_value (kind, keyed_hash) WHERE keyed_hash IS NOT NULL;

-- What was decided.
CREATE TABLE tick (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    unix_ms INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    notices INTEGER NOT NULL,
    envelopes INTEGER NOT NULL,
    folded INTEGER NOT NULL,
    withheld INTEGER NOT NULL,
    hold TEXT
) STRICT;
CREATE TABLE notice (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    person INTEGER NOT NULL,
    body TEXT NOT NULL,
    tick INTEGER NOT NULL REFERENCES tick (id)
) STRICT;
CREATE TABLE withheld (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    reason TEXT NOT NULL,
    tick INTEGER NOT NULL REFERENCES tick (id)
) STRICT;
CREATE INDEX withheld_by_key ON withheld (key, id);

-- The outbox.
CREATE TABLE envelope (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    person INTEGER NOT NULL,
    class TEXT NOT NULL,
    day TEXT NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    unknowns INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    first_tried_at INTEGER,
    channel TEXT,
    rendered INTEGER REFERENCES document (id),
    detail TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (person, class, day, number)
) STRICT;
CREATE INDEX envelope_by_state ON envelope (state, next_at);
CREATE INDEX envelope_by_day ON envelope (day);
CREATE TABLE envelope_notice (
    envelope INTEGER NOT NULL REFERENCES envelope (id),
    notice INTEGER NOT NULL UNIQUE REFERENCES notice (id),
    left_out TEXT,
    PRIMARY KEY (envelope, notice)
) STRICT, WITHOUT ROWID;
CREATE TABLE attempt (
    envelope INTEGER NOT NULL REFERENCES envelope (id),
    number INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    channel TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT NOT NULL,
    reference TEXT,
    detail TEXT NOT NULL,
    redirected INTEGER NOT NULL,
    rendered INTEGER REFERENCES document (id),
    PRIMARY KEY (envelope, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE channel (
    id TEXT PRIMARY KEY,
    paused_until INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    detail TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Plugins and switches.
CREATE TABLE plugin (
    sha256 TEXT PRIMARY KEY,
    plugin TEXT NOT NULL,
    file_name TEXT NOT NULL,
    approved_at TEXT NOT NULL,
    by_whom TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE cursor (
    plugin TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (plugin, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE state (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    last_unix_ms INTEGER,
    last_civil TEXT,
    held TEXT,
    held_at TEXT,
    paused INTEGER NOT NULL,
    paused_at TEXT,
    redirect_to TEXT
) STRICT;
INSERT INTO state (only_row, paused) VALUES (1, 0);
