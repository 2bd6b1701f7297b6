//! What lies in the folder: files whole and half-written, and those that stay there.
//!
//! What it is not: it reads no file for meaning and moves none.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Larger files are not opened, bytes.
pub(super) const SIZE_MAX: u64 = 50 << 20;

/// A file as it lay there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) modified_ms: i64,
    pub(super) size: u64,
    /// Since when it has been breaking off, unchanged.
    pub(super) incomplete_since: Option<i64>,
}

/// A file as it lies there.
pub(super) struct Lying {
    pub(super) path: PathBuf,
    pub(super) modified_ms: i64,
    pub(super) size: u64,
}

impl Seen {
    pub(super) fn is(&self, file: &Lying) -> bool {
        (self.modified_ms, self.size) == (file.modified_ms, file.size)
    }
}

/// As it lies there now; what was known of it goes on where it did not change.
pub(super) fn as_seen(file: &Lying, before: &BTreeMap<PathBuf, Seen>) -> Seen {
    let unchanged = before.get(&file.path).filter(|seen| seen.is(file));
    let incomplete_since = unchanged.and_then(|seen| seen.incomplete_since);
    Seen { modified_ms: file.modified_ms, size: file.size, incomplete_since }
}

/// Whether a file ends before it should: nothing in it yet, room that is not written yet, or a
/// package whose list of parts, which stands at its end, is not there.
pub(super) fn breaks_off(bytes: &[u8]) -> bool {
    let begins = bytes.get(..bytes.len().min(8)).unwrap_or_default();
    let is_package = bytes.starts_with(b"PK\x03\x04");
    begins.iter().all(|byte| *byte == 0)
        || is_package && zip::ZipArchive::new(Cursor::new(bytes)).is_err()
}

/// How many files lie in a folder that are not taken in, and why not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stays {
    /// Larger than is opened.
    pub too_large: u32,
    /// Not to be opened by the daemon's user.
    pub cannot_be_opened: u32,
}

/// What stays in an inbox though nobody writes to it; without names, which may be people's.
pub fn stays(folder: &Path) -> Stays {
    let mut stays = Stays::default();
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    for file in entries.filter_map(|entry| lying(&entry.ok()?)) {
        if file.size > SIZE_MAX {
            stays.too_large += 1;
        } else if std::fs::File::open(&file.path).is_err() {
            stays.cannot_be_opened += 1;
        }
    }
    stays
}

pub(super) fn lying(entry: &std::fs::DirEntry) -> Option<Lying> {
    let name = entry.file_name();
    // Programs' own lock and part files.
    let shown = name.to_string_lossy();
    let of_a_program = shown.starts_with(['.', '~']) || shown.ends_with(".part");
    let data = entry.metadata().ok()?;
    if of_a_program || !data.is_file() {
        return None;
    }
    let modified = data.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Lying {
        path: entry.path(),
        modified_ms: i64::try_from(modified.as_millis()).ok()?,
        size: data.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_breaks_off_is_seen_by_its_bytes() {
        let mut package = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        package.start_file("a.xml", options).unwrap();
        std::io::Write::write_all(&mut package, b"<a/>").unwrap();
        let whole = package.finish().unwrap().into_inner();
        assert!(!breaks_off(&whole));
        for end in 4..whole.len() {
            assert!(breaks_off(&whole[..end]), "{end} of {}", whole.len());
        }
        assert!(breaks_off(b"") && breaks_off(&[0; 4096]));
        assert!(!breaks_off("单位,月份".as_bytes()) && !breaks_off(b"P"));
    }

    #[test]
    fn what_stays_is_counted_by_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(stays(folder.path()), Stays::default());
        std::fs::write(folder.path().join("a.csv"), "x").unwrap();
        std::fs::create_dir(folder.path().join("有问题")).unwrap();
        assert_eq!(stays(folder.path()), Stays::default());
        // A file of that size without a byte written to it.
        let large = std::fs::File::create(folder.path().join("b.xlsx")).unwrap();
        large.set_len(SIZE_MAX + 1).unwrap();
        assert_eq!(stays(folder.path()), Stays { too_large: 1, cannot_be_opened: 0 });
        assert_eq!(stays(&folder.path().join("gone")), Stays::default());
    }
}
