//! The repository's own checks: what the house promises of itself is read from its files.
//!
//! Format, lints and function length are left to rustfmt and clippy; here stands what they cannot
//! see.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::build::root;

mod arrows;
mod commands;
mod documents;
mod samples;
mod sources;

/// The files of the repository, relative to its root: tracked ones and those about to be.
fn files() -> Vec<PathBuf> {
    // The checkout may belong to somebody else, as in a container.
    let words = ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others"];
    let output = Command::new("git")
        .current_dir(root())
        .args(words)
        .arg("--exclude-standard")
        .output()
        .unwrap();
    assert!(output.status.success(), "git: {}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).unwrap();
    let paths = names.split_terminator('\0').map(PathBuf::from);
    // A file removed but not yet committed is no longer part of it.
    paths.filter(|path| root().join(path).is_file()).collect()
}

fn files_with(extension: &str) -> Vec<PathBuf> {
    files().into_iter().filter(|path| path.extension().is_some_and(|e| e == extension)).collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Fails with the whole list, so that one run shows everything that is wrong.
#[track_caller]
fn none(what: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}
