-- What waits, in the order in which it goes: a claim reads its first rows and no others, however many wait.
CREATE INDEX envelope_waiting ON envelope (next_at, id)
WHERE state IN ('planned', 'due', 'deferred', 'throttled');
CREATE INDEX envelope_expiring ON envelope (expires_at)
WHERE state IN ('planned', 'due', 'deferred', 'throttled');
