-- Erasure: a document under retention that speaks of somebody erased is kept sealed until a day.
ALTER TABLE document ADD COLUMN restricted_until TEXT;
CREATE INDEX document_restricted ON document (restricted_until) WHERE restricted_until IS NOT NULL;

-- A stretch of time in which nothing was looked at; the tick is the first after it.
CREATE TABLE outage (
    tick INTEGER PRIMARY KEY REFERENCES tick (id),
    since TEXT NOT NULL,
    since_ms INTEGER NOT NULL
) STRICT;
