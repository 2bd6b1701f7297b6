//! Builds what the tests start and load, once a run: `cargo test` builds no library and no program.
//!
//! `tests/run` has built the same before, so that here nothing is left to do; whoever runs
//! `cargo test -p xibu-tests` alone gets the same programs, never stale ones.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The programs and libraries under test.
pub(crate) struct Built {
    /// The daemon as offices get it.
    pub daemon: PathBuf,
    /// The daemon with its named kill points compiled in.
    pub daemon_with_failpoints: PathBuf,
}

/// The folder that holds the workspace's `Cargo.toml`.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Cargo itself, in the workspace.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).arg("--locked");
    command
}

/// The programs, built on the first call.
pub(crate) fn built() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = profile_folder();
        let daemon = folder.join("xibu-daemon");
        let daemon_with_failpoints = folder.join("xibu-daemon-failpoints");
        build(&["--features", "xibu-daemon/failpoints"]);
        std::fs::copy(&daemon, &daemon_with_failpoints).unwrap();
        build(&[]);
        Built { daemon, daemon_with_failpoints }
    })
}

/// A plugin's library as it was built.
pub(crate) fn library(package: &str) -> PathBuf {
    built();
    profile_folder().join(format!("lib{}.so", package.replace('-', "_")))
}

/// The interpreter that has the independent checkers of `requirements.txt`.
pub(crate) fn python() -> Command {
    let path = profile_folder().parent().unwrap().join("python/bin/python");
    assert!(path.exists(), "{} is missing: run tests/run, which makes it", path.display());
    Command::new(path)
}

fn build(more: &[&str]) {
    let status =
        cargo().args(["build", "--quiet", "--workspace"]).args(more).status().expect("cargo runs");
    assert!(status.success(), "cargo build failed");
}

/// `target/debug`, from where this test binary lies: `target/debug/deps/`.
fn profile_folder() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.parent().and_then(Path::parent).unwrap().to_path_buf()
}
