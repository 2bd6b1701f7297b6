//! The target that `XIBU_FUZZ_TARGET` names, under libFuzzer:
//! `XIBU_FUZZ_TARGET=frame cargo +nightly fuzz run any corpus/frame` in `tests/fuzz`.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

#[path = "../targets.rs"]
mod targets;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("XIBU_FUZZ_TARGET").unwrap_or_default();
    let found = targets::ALL.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("XIBU_FUZZ_TARGET names no target: `{name}`")).1
});

fuzz_target!(|bytes: &[u8]| TARGET(bytes));
