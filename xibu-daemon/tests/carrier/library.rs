//! Plugin libraries for tests. `cargo test` builds no library that can be loaded, so they are
//! built here, beside the daemon under test, and put into a folder of their own.

#![allow(dead_code, reason = "not every test needs all of it")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use serde_json::Value;
use xibu_daemon::carrier::{Host, MEMORY_MAX_BYTES, PluginSettings, Restart, approval};
use xibu_daemon::settings::Carried;

/// The daemon under test.
pub(crate) const DAEMON: &str = env!("CARGO_BIN_EXE_xibu-daemon");

/// Builds the workspace once and answers the path of a plugin's library. The whole workspace,
/// because a package built by itself has other features, and so builds everything below it again.
pub(crate) fn build(package: &str) -> PathBuf {
    static BUILT: Once = Once::new();
    let folder = Path::new(DAEMON).parent().unwrap();
    BUILT.call_once(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--workspace"]);
        cargo.arg("--manifest-path").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"));
        cargo.arg("--target-dir").arg(folder.parent().unwrap());
        if folder.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success(), "cargo build --workspace");
    });
    folder.join(format!("lib{}.so", package.replace('-', "_")))
}

/// A host with its own private folder.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) host: Host,
    pub(crate) library: PathBuf,
}

/// A host that has approved `package`, and whose restarts do not wait.
pub(crate) fn place(package: &str) -> Place {
    let built = build(package);
    let folder = tempfile::tempdir().unwrap();
    // Copied, so that a build that replaces it meanwhile disturbs nobody.
    let library = folder.path().join(built.file_name().unwrap());
    std::fs::copy(&built, &library).unwrap();
    let approved = vec![approval::inspect(&library).unwrap()];
    let mut host = Host::new(folder.path().into(), folder.path().join("private"), approved);
    host.program = DAEMON.into();
    host.restart = Restart { pause_first: std::time::Duration::ZERO, ..Restart::default() };
    Place { folder, host, library }
}

impl Place {
    pub(crate) fn settings(&self, settings: Value) -> PluginSettings {
        PluginSettings {
            id: "under-test".into(),
            carried: Some(Carried::Library(self.library.clone())),
            settings: settings.into(),
            memory_max_bytes: MEMORY_MAX_BYTES,
        }
    }
}
