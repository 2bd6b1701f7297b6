-- The small durable state of each plugin, by the office's name for it; bytes only the plugin understands.
CREATE TABLE plugin_state (
    plugin TEXT NOT NULL,
    name TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (plugin, name)
) STRICT, WITHOUT ROWID;
