//! Gives back the memory that only the start of a process needed, in the service and its workers.
//!
//! What it is not: it frees nothing of ours. Only pages that read the same from their files go.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr;

use rustix::mm::{Advice, madvise};

/// Gives back the pages of program and library files that were touched at the start: relocations,
/// symbol tables, initialisers. What is needed again is read again from the files, a few pages.
/// Without it every idle process keeps several megabytes that nobody looks at.
pub(crate) fn give_back() {
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
