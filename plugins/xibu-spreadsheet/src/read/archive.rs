//! A .zip of files: each taken out by itself and handed on to be read by a call of its own, so
//! that one bad file stops no other.
//!
//! What cannot be taken out (behind a password, too large, damaged) is handed on as an archive
//! that holds it alone, so that nothing is lost and a person can look at it.

use std::io::{Cursor, Read};

use encoding_rs::GB18030;
use xibu_plugin_sdk::Sink;
use xibu_plugin_sdk::message::{Item, Unreadable};
use zip::ZipWriter;

use super::Stop;
use super::package::{Package, damaged};

/// The most files in an archive.
const FILES_MAX: usize = 500;
/// The most a file unpacks to, in bytes.
const FILE_BYTES_MAX: u64 = 24 << 20;
/// The most all files together unpack to, in bytes.
const ALL_BYTES_MAX: u64 = 128 << 20;
/// How much larger than packed a large file may be; office files are packed already.
const RATIO_MAX: u64 = 60;
/// Files smaller than this may have any ratio.
const RATIO_FREE_BYTES: u64 = 1 << 20;
/// The longest name kept, in characters.
const NAME_MAX: usize = 200;

pub(super) fn read(mut package: Package<'_>, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let files = files(&mut package)?;
    if files.is_empty() {
        return Err(Stop::damaged("an archive of nothing"));
    }
    let mut all = 0;
    for (index, file_name) in files {
        let (bytes, unreadable) = match take_out(&mut package, index, &mut all) {
            Ok(bytes) => (bytes, None),
            Err(why) => (alone(&mut package, index)?, Some(why)),
        };
        sink.emit(&Item::Inside { file_name, unreadable }, &[&bytes])?;
    }
    Ok(())
}

/// The files by index and name; no folders, and none that programs leave behind.
fn files(package: &mut Package<'_>) -> Result<Vec<(usize, String)>, Stop> {
    let mut files = Vec::new();
    for index in 0..package.len() {
        let entry = package.by_index_raw(index).map_err(damaged)?;
        let name = name_of(entry.name_raw());
        let last = name.rsplit('/').next().unwrap_or_default();
        let left_behind = name.starts_with("__MACOSX/")
            || last.starts_with(['.', '~'])
            || last.eq_ignore_ascii_case("thumbs.db")
            || last.eq_ignore_ascii_case("desktop.ini");
        if !entry.is_dir() && !last.is_empty() && !left_behind {
            files.push((index, name));
        }
    }
    if files.len() > FILES_MAX {
        return Err(Stop::too_large(format_args!("{} files in the archive", files.len())));
    }
    Ok(files)
}

/// UTF-8 where it is that, else as a Chinese Windows writes it. Whether the archive says that it
/// is UTF-8 is not asked: half of the programs that write it do not say so.
fn name_of(raw: &[u8]) -> String {
    let name = match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => GB18030.decode_without_bom_handling(raw).0.into_owned(),
    };
    let shown = name.chars().filter(|c| !c.is_control()).map(|c| if c == '\\' { '/' } else { c });
    shown.take(NAME_MAX).collect()
}

fn take_out(package: &mut Package<'_>, index: usize, all: &mut u64) -> Result<Vec<u8>, Unreadable> {
    let raw = package.by_index_raw(index).map_err(|_| Unreadable::Damaged)?;
    if raw.encrypted() {
        return Err(Unreadable::Encrypted);
    }
    let (said, packed) = (raw.size(), raw.compressed_size());
    drop(raw);
    let bomb = said > RATIO_FREE_BYTES && said / packed.max(1) > RATIO_MAX;
    if bomb || said > FILE_BYTES_MAX || all.saturating_add(said) > ALL_BYTES_MAX {
        return Err(Unreadable::TooLarge);
    }
    let entry = package.by_index(index).map_err(|_| Unreadable::Damaged)?;
    // A file that says it is small and is not ends where it said.
    let mut bytes = Vec::with_capacity(said as usize);
    entry.take(said + 1).read_to_end(&mut bytes).map_err(|_| Unreadable::Damaged)?;
    if bytes.len() as u64 > said {
        return Err(Unreadable::TooLarge);
    }
    *all += said;
    Ok(bytes)
}

/// An archive that holds this file alone, as it was packed.
fn alone(package: &mut Package<'_>, index: usize) -> Result<Vec<u8>, Stop> {
    let entry = package.by_index_raw(index).map_err(damaged)?;
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.raw_copy_file(entry).map_err(damaged)?;
    Ok(writer.finish().map_err(damaged)?.into_inner())
}
