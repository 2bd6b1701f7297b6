//! Whole-line tests against the built programs and real servers, and the repository's own checks.
//!
//! One binary, so that it is linked once. These tests see what an office sees: the command line,
//! the files, the mails.

// Every line of this binary is test code; a helper that cannot go on says where by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod harness;

mod api;
mod backup;
mod calendar;
mod demo;
mod door;
mod erase;
mod fuzz;
mod kill;
mod letters;
mod mail;
mod receive;
mod repository;
