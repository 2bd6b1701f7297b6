//! The plugin, by its own table, against a server on loopback.
