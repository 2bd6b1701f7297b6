//! Loads one plugin library, for good, and gives back the memory that only its start needed.
//!
//! What it is not: it never unloads. A Rust library that registered thread-local destructors
//! cannot be unloaded soundly; a worker process ends instead.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::path::Path;
use std::ptr;

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use rustix::mm::{Advice, madvise};
use xibu_plugin_abi::table::guest::Guest;
use xibu_plugin_abi::table::{ENTRY_SYMBOL, Entry};

/// Loads a library that was admitted by [`super::approval`], and checks its table.
///
/// # Errors
/// Why it cannot be used, for the log.
pub(super) fn load(path: &Path) -> Result<Guest, String> {
    // SAFETY: loading runs the library's initialisers. A person approved these very bytes, and
    // this process exists for nothing else.
    let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }
        .map_err(|e| format!("the library cannot be loaded: {e}"))?;
    // SAFETY: the symbol is only read as a pointer here; what it points to is checked below.
    let entry = unsafe { library.get::<*const Entry>(ENTRY_SYMBOL.to_bytes_with_nul()) }
        .map_err(|_| "the library is not a xibu plugin (no entry symbol)".to_owned())?;
    let entry: *const Entry = *entry;
    // Never unloaded: the table stays for the rest of the process.
    std::mem::forget(library);
    // SAFETY: an exported constant of a library that stays mapped; `Guest` checks magic, version
    // and size.
    unsafe { Guest::new(entry) }.map_err(|e| e.to_string())
}

/// Gives back the pages of program and library files that were touched at the start: relocations,
/// symbol tables, initialisers. What is needed again is read again from the files, a few pages.
/// Without it every idle worker keeps several megabytes that nobody looks at.
pub(super) fn give_back_start_pages() {
    let Ok(maps) = std::fs::read_to_string("/proc/self/smaps") else { return };
    for (begin, length) in untouched_file_mappings(&maps) {
        let begin: *mut c_void = ptr::with_exposed_provenance_mut(begin);
        // SAFETY: a mapping of a file, read-only, of which no page was ever written in this
        // process: each of its pages reads the same from the file. Where the system declines,
        // nothing has happened.
        let _ = unsafe { madvise(begin, length, Advice::LinuxDontNeed) };
    }
}

/// Address and length of each read-only mapping of a file without a page of our own
/// (`Anonymous: 0`), as `/proc/self/smaps` lists them.
fn untouched_file_mappings(maps: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut current = None;
    for line in maps.lines() {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words[..] {
            ["Anonymous:", "0", "kB"] => found.extend(current.take()),
            [range, "r--p" | "r-xp", _, _, _, path, ..] if path.starts_with('/') => {
                current = range.split_once('-').and_then(|(begin, end)| {
                    let begin = usize::from_str_radix(begin, 16).ok()?;
                    Some((begin, usize::from_str_radix(end, 16).ok()?.checked_sub(begin)?))
                });
            }
            [first, ..] if !first.ends_with(':') => current = None,
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_untouched_read_only_files_are_given_back() {
        let maps = "\
1000-3000 r--p 00000000 08:01 1 /lib/x.so
Rss: 8 kB
Anonymous:             0 kB
3000-4000 r-xp 00002000 08:01 1 /lib/x.so
Anonymous:             0 kB
4000-5000 r--p 00003000 08:01 1 /lib/x.so
Anonymous:             4 kB
5000-6000 rw-p 00004000 08:01 1 /lib/x.so
Anonymous:             0 kB
6000-7000 r--p 00000000 00:00 0
Anonymous:             0 kB
7000-8000 r-xp 00000000 00:00 0 [vdso]
Anonymous:             0 kB
8000-9000 r--p 00000000 08:01 2 /lib/y.so (deleted)
Anonymous:             0 kB
VmFlags: rd mr mw me sd
";
        let expected = [(0x1000, 0x2000), (0x3000, 0x1000), (0x8000, 0x1000)];
        assert_eq!(untouched_file_mappings(maps), expected);
    }
}
