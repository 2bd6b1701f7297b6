//! The background service: keeps the record, reminds, climbs the chain, delivers through plugins.
//!
//! What it is not: it holds no rule of the notice (that is `xibu-core`) and no protocol to the
//! outside world (that is a plugin's).

// In reading order.
pub mod language;
pub mod settings;
pub mod clock;
pub mod failpoint;
pub mod seal;
pub mod store;
pub mod erasure;
pub mod backup;
pub mod outbox;
pub mod arrival;
pub mod record;
pub mod job;
pub mod waiting;
pub mod tick;
pub mod carrier;
pub mod compose;
pub mod command;
pub mod demo;
pub mod workbook;
pub mod intake;
pub mod sample;
pub mod delivery;
pub mod simulate;
pub mod inbox;
pub mod incident;
pub mod pages;
pub mod doors;
pub mod listener;
mod start_pages;
pub mod service;
