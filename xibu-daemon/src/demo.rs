//! The product in a minute: one month of one city on the virtual clock, through the real plugins.
//!
//! Offline and unprivileged; mail goes to a server on 127.0.0.1 that takes nothing outside `.test`.

pub mod mailbox;
