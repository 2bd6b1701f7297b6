//! Configuration samples are accepted as they stand: what `init` writes, and what the documents
//! show.

use std::path::Path;

use super::documents::documents;
use super::{files_with, none, read};
use crate::harness::program;

#[test]
fn what_init_writes_is_a_good_configuration() {
    let folder = tempfile::tempdir().unwrap();
    program::run(&mut program::xibu(folder.path(), &["init", "office"])).done();
    program::run(&mut program::xibu(&folder.path().join("office"), &["check-config"])).done();
}

#[test]
fn every_toml_file_is_toml() {
    let wrong = files_with("toml").into_iter().filter_map(|path| {
        // The demo's configuration is a pattern: what it sets is known when it runs.
        let text = read(&path).replace("{port}", "25").replace("{mail}", "'email'");
        let error = text.parse::<toml::Table>().err()?;
        Some(format!("{}: {error}", path.display()))
    });
    none("not TOML", wrong.collect());
}

#[test]
fn toml_shown_in_documents_is_accepted() {
    let mut wrong = Vec::new();
    for document in documents() {
        for block in document.blocks.iter().filter(|block| block.language == "toml") {
            let place = document.path.display();
            if let Err(error) = block.text.parse::<toml::Table>() {
                wrong.push(format!("{place}: {error}\n{}", block.text));
            } else if is_configuration(&block.text) {
                wrong.extend(
                    refused(&block.text).map(|why| format!("{place}: {why}\n{}", block.text)),
                );
            }
        }
    }
    none("a sample that is not accepted", wrong);
}

/// A part of the daemon's configuration, not of a manifest.
fn is_configuration(text: &str) -> bool {
    ["[office", "[channel", "[plugin", "[[parameter"].iter().any(|table| text.contains(table))
}

/// Lays the sample over what `init` writes: its tables take the place of those of the same name.
fn refused(sample: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    program::run(&mut program::xibu(folder.path(), &["init", "office"])).done();
    let office = folder.path().join("office");
    let path = office.join("xibu.toml");
    let mut whole: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
    lay_over(&mut whole, sample.parse().unwrap(), &office);
    std::fs::write(&path, toml::to_string(&whole).unwrap()).unwrap();
    let said = program::run(&mut program::xibu(&office, &["check-config"]));
    (!said.status.success()).then(|| said.out + &said.err)
}

fn lay_over(whole: &mut toml::Table, sample: toml::Table, office: &Path) {
    for (key, value) in sample {
        match (whole.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => {
                lay_over(below, above, office)
            }
            (_, value) => {
                // A file the sample names is the office's to make.
                if let (true, Some(name)) = (key.ends_with("_file"), value.as_str()) {
                    std::fs::write(office.join(name), "secret").unwrap();
                }
                whole.insert(key, value);
            }
        }
    }
}
