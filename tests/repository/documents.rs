//! What the documents name must exist: paths, links, and in both READMEs the same commands.

use std::path::{Path, PathBuf};

use super::{files, files_with, none, read};
use crate::harness::build::root;

/// Pages a newcomer is promised.
const PROMISED: &[&str] = &[
    "README.md",
    "README.zh-CN.md",
    "CHANGELOG.md",
    "xibu-core/DESIGN.md",
    "xibu-core/BENCHMARKS.md",
    "xibu-daemon/ARCHITECTURE.md",
    "xibu-daemon/BENCHMARKS.md",
    "plugins/README.md",
];

/// A document cut into what is running text and what is a fenced block.
pub(super) struct Document {
    pub path: PathBuf,
    pub prose: String,
    pub blocks: Vec<Block>,
}

/// A fenced block.
pub(super) struct Block {
    pub language: String,
    pub text: String,
}

pub(super) fn documents() -> Vec<Document> {
    files_with("md").into_iter().map(|path| cut(path.clone(), &read(&path))).collect()
}

fn cut(path: PathBuf, text: &str) -> Document {
    let mut document = Document { path, prose: String::new(), blocks: Vec::new() };
    let mut open = None;
    for line in text.lines() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(language)) => {
                open = Some(Block { language: language.trim().to_owned(), text: String::new() });
            }
            (Some(_), Some(_)) => document.blocks.extend(open.take()),
            (Some(block), None) => block.text += &format!("{line}\n"),
            (None, None) => document.prose += &format!("{line}\n"),
        }
    }
    assert!(open.is_none(), "{}: a block is not closed", document.path.display());
    document
}

/// What stands between backticks.
pub(super) fn spans(prose: &str) -> Vec<&str> {
    prose.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn promised_pages_are_there() {
    let missing = PROMISED.iter().filter(|page| !root().join(page).is_file());
    none("promised, but missing", missing.map(|page| (*page).to_owned()).collect());
}

#[test]
fn every_path_named_exists() {
    let mut missing = Vec::new();
    for document in documents() {
        let links = document.prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let links = links.filter(|link| !link.contains("://") && !link.starts_with('#'));
        let named = spans(&document.prose).into_iter().filter(|span| is_path(span));
        for name in named.chain(links) {
            for one in alternatives(name.split('#').next().unwrap_or(name)) {
                if !exists(&document.path, &one) {
                    missing.push(format!("{}: `{one}`", document.path.display()));
                }
            }
        }
    }
    none("named, but not there", missing);
}

/// Whether a span means a file of the repository: it begins with one of its folders, or is a
/// source or a page. Places that come to be in use (`data/`, `target/`) are not the repository's.
fn is_path(span: &str) -> bool {
    if span.contains(char::is_whitespace) || span.contains(['<', '*', '…', '(', ':', '"', '=']) {
        return false;
    }
    let top = ["xibu-core/", "xibu-daemon/", "plugins/", "examples/", "tests/", ".ci/"];
    let in_house = top.iter().any(|folder| span.starts_with(folder));
    let page = [".rs", ".md", ".py"].iter().any(|end| span.ends_with(end)) && span.len() > 3;
    in_house || page
}

/// `a/{b,c}.rs` names two.
fn alternatives(name: &str) -> Vec<String> {
    let Some((before, rest)) = name.split_once('{') else { return vec![name.to_owned()] };
    let Some((inner, after)) = rest.split_once('}') else { return vec![name.to_owned()] };
    inner.split(',').map(|one| format!("{before}{}{after}", one.trim())).collect()
}

/// From the root, from the document's folder, or from the sources beside it.
fn exists(document: &Path, name: &str) -> bool {
    let beside = document.parent().unwrap();
    let places = [PathBuf::new(), beside.to_path_buf(), beside.join("src"), beside.join("tests")];
    if places.iter().any(|place| root().join(place).join(name).exists()) {
        return true;
    }
    // A bare file name in a page about the whole house may lie anywhere in it.
    !name.contains('/') && files().iter().any(|path| path.ends_with(name))
}

#[test]
fn both_readmes_give_the_same_commands() {
    let commands = |name: &str| -> Vec<String> {
        let document = cut(name.into(), &read(name.as_ref()));
        let lines = document.blocks.iter().flat_map(|block| block.text.lines());
        let bare = lines.map(|line| line.split(" #").next().unwrap_or_default().trim().to_owned());
        bare.filter(|line| !line.is_empty()).collect()
    };
    assert_eq!(commands("README.md"), commands("README.zh-CN.md"));
}

#[test]
fn a_readme_is_one_page() {
    for name in ["README.md", "README.zh-CN.md"] {
        let lines = read(name.as_ref()).lines().count();
        assert!(lines <= 100, "{name} has {lines} lines");
    }
}
