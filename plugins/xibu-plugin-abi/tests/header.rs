//! The C header says the same as the Rust table: sizes, offsets and numbers, as a C compiler sees
//! them.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Write as _;
use std::mem::{offset_of, size_of};
use std::process::Command;

use xibu_plugin_abi::message::Level;
use xibu_plugin_abi::table::{self, Bytes, Entry, Host, level_code};

macro_rules! offsets {
    ($rust:ident, $c:literal, [$($field:ident),*]) => {
        vec![
            (format!("sizeof({})", $c), size_of::<$rust>() as u64),
            $((
                format!("offsetof({}, {})", $c, stringify!($field)),
                offset_of!($rust, $field) as u64,
            ),)*
        ]
    };
}

fn expected() -> Vec<(String, u64)> {
    let mut all = offsets!(Bytes, "xibu_bytes", [ptr, len]);
    all.extend(offsets!(
        Host,
        "xibu_host",
        [
            size,
            context,
            emit,
            log,
            detail,
            remaining_ms,
            cancelled,
            state_get,
            state_put,
            secret_get
        ]
    ));
    all.extend(offsets!(
        Entry,
        "xibu_entry",
        [magic, size, major, minor, reserved, describe, create, call, destroy]
    ));
    let numbers = [
        ("XIBU_PLUGIN_MAJOR", u64::from(xibu_plugin_abi::MAJOR)),
        ("XIBU_PLUGIN_MINOR", u64::from(xibu_plugin_abi::MINOR)),
        ("XIBU_DONE", table::DONE as u64),
        ("XIBU_UNSUPPORTED", table::UNSUPPORTED as u64),
        ("XIBU_FAILED", table::FAILED as u64),
        ("XIBU_PANICKED", table::PANICKED as u64),
        ("XIBU_GIVEN", table::GIVEN as u64),
        ("XIBU_ABSENT", table::ABSENT as u64),
        ("XIBU_REFUSED", table::REFUSED as u64),
        ("XIBU_DEBUG", u64::from(level_code(Level::Debug))),
        ("XIBU_INFO", u64::from(level_code(Level::Info))),
        ("XIBU_WARNING", u64::from(level_code(Level::Warning))),
        ("XIBU_ERROR", u64::from(level_code(Level::Error))),
        ("XIBU_HOST_MISBEHAVING", u64::from(level_code(Level::HostMisbehaving))),
    ];
    all.extend(numbers.map(|(name, value)| (name.to_owned(), value)));
    for (i, byte) in table::MAGIC.iter().enumerate() {
        all.push((format!("((const uint8_t[])XIBU_PLUGIN_MAGIC)[{i}]"), u64::from(*byte)));
    }
    all
}

#[test]
fn the_header_and_the_table_have_one_layout() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("layout.c");
    let program = folder.path().join("layout");
    let mut c =
        String::from("#include <stddef.h>\n#include <stdio.h>\n#include \"xibu_plugin.h\"\n");
    c.push_str("int main(void) {\n");
    for (expression, _) in expected() {
        writeln!(c, "printf(\"%llu\\n\", (unsigned long long)({expression}));").unwrap();
    }
    c.push_str("return 0; }\n");
    std::fs::write(&source, c).unwrap();
    let include = concat!(env!("CARGO_MANIFEST_DIR"), "/include");
    let compiled = Command::new("cc")
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-I", include, "-o"])
        .args([&program, &source])
        .status()
        .expect("a C compiler named cc (Debian: apt-get install gcc libc6-dev)");
    assert!(compiled.success());
    let printed = String::from_utf8(Command::new(program).output().unwrap().stdout).unwrap();
    let seen: Vec<u64> = printed.lines().map(|line| line.parse().unwrap()).collect();
    let expected = expected();
    assert_eq!(seen.len(), expected.len());
    for ((expression, expected), seen) in expected.into_iter().zip(seen) {
        assert_eq!(seen, expected, "{expression}");
    }
}
