//! The workspace's shape, read from `cargo metadata`: who may depend on whom, and what builds what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::Value;

use super::{none, read};
use crate::harness::build::cargo;

/// The complete list. What is not here is refused, build and test dependencies included.
const ALLOWED: &[(&str, &[&str])] = &[
    ("xibu-core", &[]),
    ("xibu-plugin-abi", &[]),
    ("xibu-plugin-sdk", &["xibu-plugin-abi"]),
    ("xibu-email", &["xibu-plugin-sdk"]),
    ("xibu-spreadsheet", &["xibu-plugin-sdk"]),
    ("xibu-sms", &["xibu-plugin-sdk"]),
    ("xibu-jobfeed", &["xibu-plugin-sdk"]),
    ("xibu-daemon", &["xibu-core", "xibu-plugin-abi"]),
    ("xibu-examples", &["xibu-core", "xibu-daemon"]),
    // The fuzz targets drive the parsers of all three.
    ("xibu-tests", &["xibu-core", "xibu-daemon", "xibu-plugin-abi"]),
    ("xibu-broken-plugin", &["xibu-plugin-sdk"]),
];

pub(super) fn metadata() -> &'static Value {
    static METADATA: OnceLock<Value> = OnceLock::new();
    METADATA.get_or_init(|| {
        let words = ["metadata", "--no-deps", "--format-version", "1"];
        let output = cargo().args(words).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    })
}

pub(super) fn packages() -> &'static Vec<Value> {
    metadata()["packages"].as_array().unwrap()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap()
}

#[test]
fn arrows_are_the_allowed_ones() {
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let ours: BTreeSet<&str> = packages().iter().map(name).collect();
    let mut wrong = Vec::new();
    for package in packages() {
        let Some(may) = allowed.get(name(package)) else {
            wrong.push(format!("{} is not in the list", name(package)));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            let on = name(dependency);
            if ours.contains(on) && !may.contains(&on) {
                wrong.push(format!("{} -> {on} ({})", name(package), dependency["kind"]));
            }
        }
    }
    none("arrows nobody allowed", wrong);
    assert_eq!(ours.len(), ALLOWED.len(), "a package of the list is gone: {ours:?}");
}

#[test]
fn cargo_run_builds_daemon_and_plugins() {
    let default: BTreeSet<&str> = metadata()["workspace_default_members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    let mut programs = Vec::new();
    for package in packages() {
        assert!(package["default_run"].is_null(), "{} sets default-run", name(package));
        let is_default = default.contains(package["id"].as_str().unwrap());
        let outside =
            ["xibu-examples", "xibu-tests", "xibu-broken-plugin"].contains(&name(package));
        assert_eq!(is_default, !outside, "{} as default member", name(package));
        for target in package["targets"].as_array().unwrap() {
            let kinds = target["kind"].to_string();
            if is_default && kinds.contains("\"bin\"") {
                programs.push(name(target));
            }
        }
    }
    assert_eq!(programs, ["xibu-daemon"], "exactly one program among the default members");
}

#[test]
fn plugins_are_libraries_to_load_and_their_folder_is_their_name() {
    for package in packages() {
        let manifest = package["manifest_path"].as_str().unwrap();
        let folder = manifest.rsplit('/').nth(1).unwrap();
        if !["xibu-examples", "xibu-tests", "xibu-broken-plugin"].contains(&name(package)) {
            assert_eq!(folder, name(package));
        }
        if ["xibu-email", "xibu-spreadsheet", "xibu-sms", "xibu-jobfeed", "xibu-broken-plugin"]
            .contains(&name(package))
        {
            let kinds: Vec<String> = package["targets"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|target| target["kind"].to_string().contains("lib"))
                .map(|target| target["kind"].to_string())
                .collect();
            assert_eq!(kinds, ["[\"cdylib\"]"], "{}", name(package));
        }
    }
}

/// Asked of the core alone: in a larger build another crate may switch features on.
#[test]
fn core_has_no_clock_and_no_std_by_its_dependencies() {
    let words = ["tree", "-p", "xibu-core", "-e", "normal", "--prefix", "none", "-f", "{p} [{f}]"];
    let output = cargo().args(words).output().unwrap();
    let tree = String::from_utf8(output.stdout).unwrap();
    let chrono = tree.lines().find(|line| line.starts_with("chrono ")).expect("core uses chrono");
    let features: Vec<&str> = chrono.split(['[', ']']).nth(1).unwrap().split(',').collect();
    for feature in ["clock", "now", "std", "default"] {
        assert!(!features.contains(&feature), "chrono in the core: {features:?}");
    }
    assert!(read("xibu-core/src/lib.rs".as_ref()).contains("#![no_std]"));
}

#[test]
fn one_tls_provider_and_one_sqlite() {
    let lock: toml::Table = read("Cargo.lock".as_ref()).parse().unwrap();
    let locked = lock["package"].as_array().unwrap();
    let count = |name: &str| locked.iter().filter(|p| p["name"].as_str() == Some(name)).count();
    for absent in ["aws-lc-rs", "openssl-sys", "native-tls"] {
        assert_eq!(count(absent), 0, "{absent} came in: ring is the one TLS provider");
    }
    for once in ["ring", "rustls", "libsqlite3-sys", "calamine", "lettre"] {
        assert_eq!(count(once), 1, "{once} is there once");
    }
}
