//! Rules on files that no compiler sees: how each begins, how wide it is, what it must not name.

use std::path::Path;

use super::{files, files_with, none, read};

const TOP_LEVEL: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "xibu-core",
    "xibu-daemon",
    "plugins",
    "examples",
    "tests",
    "README.md",
    "README.zh-CN.md",
    "CHANGELOG.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
];

#[test]
fn the_top_level_is_the_house_and_nothing_else() {
    let mut wrong = Vec::new();
    for path in files() {
        let first = path.iter().next().unwrap().to_str().unwrap().to_owned();
        if !first.starts_with('.')
            && !TOP_LEVEL.contains(&first.as_str())
            && !wrong.contains(&first)
        {
            wrong.push(first);
        }
    }
    none("not part of the house", wrong);
    for name in TOP_LEVEL {
        assert!(crate::harness::build::root().join(name).exists(), "{name} is missing");
    }
}

#[test]
fn every_source_file_says_what_it_is() {
    let silent = files_with("rs").into_iter().filter(|path| !read(path).starts_with("//! "));
    none("does not begin with what it is (//!)", silent.map(|p| p.display().to_string()).collect());
}

#[test]
fn no_module_file_is_called_mod() {
    let wrong = files_with("rs").into_iter().filter(|path| path.ends_with("mod.rs"));
    none("foo.rs + foo/, not mod.rs", wrong.map(|p| p.display().to_string()).collect());
}

/// rustfmt breaks code at 100 columns, but neither comments nor texts.
#[test]
fn comments_are_at_most_100_columns_wide() {
    let comment = |line: &str| line.trim_start().starts_with("//");
    none("wider than 100", lines("rs", |line| comment(line) && columns(line) > 100));
}

/// A Chinese character is as wide as two Latin ones.
fn columns(line: &str) -> usize {
    line.chars().map(|c| if c >= '\u{1100}' { 2 } else { 1 }).sum()
}

#[test]
fn only_tests_may_panic_on_purpose() {
    let panics = [".unwrap()", ".expect(\"", "todo!(", "unimplemented!("];
    let found = product_lines(|line| panics.iter().any(|word| line.contains(word)));
    none("an answer to the user instead", found);
}

#[test]
fn nothing_is_left_for_later_or_ignored() {
    // Spelt in pieces, so that this file does not find itself.
    let words =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("#[ig", "nore"), concat!("X", "XX")];
    none("finish it", lines("rs", |line| words.iter().any(|word| line.contains(word))));
}

#[test]
fn only_the_clock_module_reads_a_clock() {
    let words = ["SystemTime::now", "Utc::now", "Local::now"];
    let found = product_lines(|line| words.iter().any(|word| line.contains(word)));
    let elsewhere = found.into_iter().filter(|line| !line.starts_with("xibu-daemon/src/clock.rs:"));
    none("time is an argument", elsewhere.collect());
}

#[test]
fn no_test_sleeps() {
    let words = [concat!("thread::sl", "eep"), concat!("time::sl", "eep")];
    let is_test = |path: &str| path.contains("tests");
    let found = lines("rs", |line| words.iter().any(|word| line.contains(word)));
    none("wait on what is to happen", found.into_iter().filter(|line| is_test(line)).collect());
}

/// A broken plugin hangs and loops on purpose; there a system call is what is tested.
#[test]
fn unsafe_stands_only_at_the_plugin_boundary_and_where_pages_are_given_back() {
    let may = [
        "plugins/xibu-plugin-abi/",
        "plugins/xibu-plugin-sdk/",
        "tests/broken-plugin/",
        "xibu-daemon/src/carrier/",
        "xibu-daemon/src/start_pages.rs",
    ];
    let word = concat!("uns", "afe ");
    let found = product_lines(|line| line.contains(word) && !line.trim_start().starts_with("//"));
    let outside = found.into_iter().filter(|line| !may.iter().any(|path| line.starts_with(path)));
    none("outside the boundary", outside.collect());
}

#[test]
fn no_file_names_the_machine_it_was_written_on() {
    let words = [
        concat!("/wo", "rk/"),
        concat!("/fa", "rm/"),
        concat!("../sha", "red"),
        concat!("/tmp/te", "am"),
        concat!("bash_", "jobs"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
    ];
    let mut found = Vec::new();
    for path in files() {
        // Not every file is text; what is not names nothing.
        let Ok(text) = std::fs::read_to_string(crate::harness::build::root().join(&path)) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{}: {line}", path.display(), number + 1));
            }
        }
    }
    none("a place on one machine", found);
}

#[test]
fn every_dependency_has_its_reason() {
    let mut found = Vec::new();
    for path in files_with("toml").into_iter().filter(|path| path.ends_with("Cargo.toml")) {
        let text = read(&path);
        let mut inside = false;
        let mut before = "";
        for (number, line) in text.lines().enumerate() {
            if line.starts_with('[') {
                inside = line.contains("dependencies");
            } else if inside && line.contains('=') && !line.starts_with(['#', ' ', ']']) {
                // A member's reason may stand in the one table; ours need none.
                let stated = line.contains("workspace = true") || line.contains("path = ");
                if !stated && !before.starts_with('#') && !line.contains(" # ") {
                    found.push(format!("{}:{}: {line}", path.display(), number + 1));
                }
            }
            before = line;
        }
    }
    none("no reason beside it", found);
}

/// Lines of product code: without test files, and of a file only what stands before its tests.
fn product_lines(wrong: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for path in files_with("rs").into_iter().filter(|path| !is_test_file(path)) {
        let text = read(&path);
        let product = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for (number, line) in product.lines().enumerate() {
            if !line.trim_start().starts_with("//") && wrong(line) {
                found.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    found
}

fn is_test_file(path: &Path) -> bool {
    let folder = path.iter().any(|part| part == "benches" || part == "examples" || part == "tests");
    let file = path.file_stem().is_some_and(|stem| stem == "tests" || stem == "testing");
    folder || file
}

fn lines(extension: &str, wrong: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for path in files_with(extension) {
        for (number, line) in read(&path).lines().enumerate() {
            if wrong(line) {
                found.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    found
}
