-- What plugins bring beside arrivals: reports that wait for their message, and how plugins stand.

-- A channel's report of a message whose acceptance is not on disk yet; taken up when it is.
CREATE TABLE receipt_waiting (
    id INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,
    key TEXT,
    reference TEXT,
    reaches TEXT,
    body TEXT NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX receipt_waiting_by_reference ON receipt_waiting (channel, reference);
CREATE INDEX receipt_waiting_by_key ON receipt_waiting (channel, key);

-- Until when a plugin that keeps falling over is left alone.
CREATE TABLE quarantine (
    plugin TEXT PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Tries are counted by day and minute against a channel's limits.
CREATE INDEX attempt_by_channel ON attempt (channel, started_at);
