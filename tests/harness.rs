//! What the tests stand on: built programs, temporary folders, real mail servers, certificates.
//!
//! It decides nothing about the product; what must hold is said in the tests.

pub(crate) mod build;
pub(crate) mod certificate;
#[allow(dead_code, reason = "shared with the mail plugin's tests")]
pub(crate) mod dovecot;
pub(crate) mod exim;
pub(crate) mod mailbox;
pub(crate) mod office;
pub(crate) mod program;
pub(crate) mod sample;

use std::io::Write;

/// Prints a line that `cargo test` does not capture: seeds and counts are part of the result.
pub(crate) fn say(line: impl AsRef<str>) {
    let _ = writeln!(std::io::stderr(), "{}", line.as_ref());
}
