//! Every command the documents give is one that exists, with the options it is given.
//!
//! Commands are not run: their words are compared with `--help` and with the workspace.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use super::arrows::packages;
use super::documents::{documents, spans};
use super::none;
use crate::harness::build::root;
use crate::harness::program;

#[test]
fn every_command_named_exists() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for document in documents() {
        let blocks = document.blocks.iter().filter(|block| is_shell(&block.language));
        let lines = blocks.flat_map(|block| block.text.lines());
        for line in lines.chain(spans(&document.prose)) {
            let Some(words) = command(line) else { continue };
            seen += 1;
            if let Err(why) = check(&words) {
                wrong.push(format!("{}: {line}: {why}", document.path.display()));
            }
        }
    }
    none("a command that does not work", wrong);
    assert!(seen >= 10, "only {seen} commands found: the check has lost sight of them");
}

fn is_shell(language: &str) -> bool {
    ["", "sh", "bash", "console", "shell"].contains(&language)
}

/// The words of a line that is a command of ours or of cargo.
fn command(line: &str) -> Option<Vec<&str>> {
    let line = line.trim().trim_start_matches("$ ").split(" #").next()?;
    let mut words: Vec<&str> = line.split_whitespace().collect();
    let is_setting = |word: &&str| {
        word.split('=').next().is_some_and(|name| {
            word.contains('=') && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
        })
    };
    while words.first().is_some_and(is_setting) {
        words.remove(0);
    }
    let first = *words.first()?;
    let ours = first == "cargo" || first == "tests/run" || first == ".ci/run";
    (ours && (words.len() > 1 || first != "cargo")
        || first.ends_with("xibu-daemon") && words.len() > 1)
        .then_some(words)
}

fn check(words: &[&str]) -> Result<(), String> {
    match words[0] {
        "cargo" => cargo(&words[1..]),
        "tests/run" | ".ci/run" => match root().join(words[0]).is_file() {
            true => Ok(()),
            false => Err("no such script".into()),
        },
        _ => daemon(&words[1..]),
    }
}

fn cargo(words: &[&str]) -> Result<(), String> {
    let known =
        ["run", "build", "test", "bench", "doc", "fmt", "clippy", "check", "tree", "metadata"];
    if !known.contains(&words[0]) {
        return Err(format!("cargo {}", words[0]));
    }
    let own = words.iter().position(|word| *word == "--").unwrap_or(words.len());
    let mut elsewhere = false;
    for pair in words[..own].windows(2) {
        match pair[0] {
            "-p" | "--package" if package(pair[1]).is_none() => {
                return Err(format!("no package {}", pair[1]));
            }
            "--example" | "--bench" | "--test" if !has_target(&pair[0][2..], pair[1]) => {
                return Err(format!("no {} {}", &pair[0][2..], pair[1]));
            }
            "--example" | "--bench" | "--test" => elsewhere = true,
            _ => {}
        }
    }
    if words[0] == "run" && !elsewhere && own < words.len() {
        return daemon(&words[own + 1..]);
    }
    Ok(())
}

fn package(name: &str) -> Option<&'static serde_json::Value> {
    packages().iter().find(|package| package["name"] == name)
}

fn has_target(kind: &str, name: &str) -> bool {
    let mut targets = packages().iter().flat_map(|package| package["targets"].as_array().unwrap());
    targets.any(|target| target["name"] == name && target["kind"].to_string().contains(kind))
}

/// Walks down the subcommands as far as help knows them, then looks for each option in that help.
fn daemon(words: &[&str]) -> Result<(), String> {
    let mut path: Vec<&str> = Vec::new();
    let mut options = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if word.starts_with("--") {
            options.push(word.split('=').next().unwrap());
            // Options that take a value before the subcommand.
            if path.is_empty() && ["--lang", "--config"].contains(word) {
                rest.next();
            }
        } else if path.is_empty() || has_subcommands(&path) {
            if word.starts_with(['<', '[', '…']) || *word == "worker" {
                return Ok(());
            }
            // `outbox list|show|retry` names three.
            for one in word.split('|') {
                let mut deeper = path.clone();
                deeper.push(one);
                help(&deeper).ok_or_else(|| format!("no subcommand {one}"))?;
            }
            path.push(word.split('|').next().unwrap());
        }
    }
    let text = help(&path).ok_or("no help")?;
    match options.iter().find(|option| !text.contains(**option)) {
        Some(option) => Err(format!("no option {option}")),
        None => Ok(()),
    }
}

fn has_subcommands(path: &[&str]) -> bool {
    help(path).is_some_and(|text| text.contains("Commands:"))
}

/// What `--help` says, or nothing where it does not know the subcommand; each asked once.
fn help(path: &[&str]) -> Option<String> {
    static ASKED: LazyLock<Mutex<HashMap<String, Option<String>>>> =
        LazyLock::new(Default::default);
    let mut asked = ASKED.lock().unwrap();
    let answer = asked.entry(path.join(" ")).or_insert_with(|| {
        let words: Vec<&str> = path.iter().copied().chain(["--help"]).collect();
        let said = program::run(&mut program::xibu(root(), &words));
        said.status.success().then_some(said.out)
    });
    answer.clone()
}
