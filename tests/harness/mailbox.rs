//! Reads mails as they lie on disk: enough of MIME to see who got what, no more.

use std::collections::BTreeMap;
use std::path::Path;

/// One mail as it lies in a Maildir or an .eml file.
pub(crate) struct Mail {
    /// Header fields by lower-case name, unfolded, as sent; the first of a name wins.
    pub headers: BTreeMap<String, String>,
    /// The whole, as sent.
    pub text: String,
}

impl Mail {
    /// A header field, or empty.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// The mails of a folder, by file name.
pub(crate) fn read(folder: &Path) -> Vec<Mail> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| parse(&std::fs::read(path).unwrap())).collect()
}

/// Splits headers from body.
pub(crate) fn parse(bytes: &[u8]) -> Mail {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    let head = text.split("\n\n").next().unwrap_or_default();
    let unfolded = head.replace("\n ", " ").replace("\n\t", " ");
    let mut headers = BTreeMap::new();
    for line in unfolded.lines() {
        if let Some((name, value)) = line.split_once(':') {
            headers.entry(name.to_ascii_lowercase()).or_insert_with(|| value.trim().to_owned());
        }
    }
    Mail { headers, text }
}
