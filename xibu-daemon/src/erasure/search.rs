//! Whether bytes hold a person's values: in the encodings offices use, in packages and in frozen
//! messages.
//!
//! What it is not: it reads no meaning and decides nothing. A picture cannot be searched, and it
//! says so.

use std::io::{Cursor, Read};

use encoding_rs::GB18030;
use memchr::memmem;
use zip::ZipArchive;

use crate::delivery::frozen::FrozenMessage;

/// Packages within packages are opened this deep.
const DEPTH_MAX: u32 = 3;
/// The most of a package that is unpacked, in bytes: what is larger counts as not searched.
const UNPACKED_BYTES_MAX: u64 = 256 << 20;
/// The most files of a package that are looked at.
const ENTRIES_MAX: usize = 4_096;
/// An id number has so many characters.
const ID_LENGTH: usize = 18;

/// A value, as bytes in every encoding. Its `Debug` shows nothing of it.
#[derive(Clone, Default)]
pub struct Needle(Vec<Vec<u8>>);

impl Needle {
    /// For one value; an empty one is never found.
    pub fn new(value: &str) -> Self {
        if value.is_empty() {
            return Self::default();
        }
        let wide: Vec<u16> = value.encode_utf16().collect();
        let mut encodings = vec![
            value.as_bytes().to_vec(),
            wide.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
            wide.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        ];
        let (chinese, _, had_errors) = GB18030.encode(value);
        if !had_errors && !encodings.contains(&chinese.to_vec()) {
            encodings.push(chinese.into_owned());
        }
        Self(encodings)
    }

    /// Whether it stands in these bytes.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.0.iter().any(|needle| memmem::find(bytes, needle).is_some())
    }

    /// The length of its longest encoding.
    pub fn longest(&self) -> usize {
        self.0.iter().map(Vec::len).max().unwrap_or(0)
    }
}

impl std::fmt::Debug for Needle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Needle(..)")
    }
}

/// What is searched for.
#[derive(Debug, Default)]
pub struct Needles {
    /// The name: it may be a namesake's.
    pub name: Needle,
    /// Phone and mail: they are this person's wherever they stand.
    pub certain: Vec<Needle>,
    /// The keyed hash of the id number, which is kept nowhere in whole.
    pub id_hash: Option<[u8; 32]>,
}

/// What was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The name.
    pub name: bool,
    /// Phone, mail or id number.
    pub certain: bool,
    /// Some of it could not be searched: a picture, a password, too large.
    pub opaque: bool,
}

impl Seen {
    fn and(self, other: Self) -> Self {
        Self {
            name: self.name || other.name,
            certain: self.certain || other.certain,
            opaque: self.opaque || other.opaque,
        }
    }
}

/// Searches a document's bytes, packages unpacked.
pub fn look(bytes: &[u8], needles: &Needles, hash: &dyn Fn(&str) -> [u8; 32]) -> Seen {
    look_within(bytes, needles, hash, 0)
}

/// Searches bytes as they stand.
pub fn look_flat(bytes: &[u8], needles: &Needles, hash: &dyn Fn(&str) -> [u8; 32]) -> Seen {
    Seen {
        name: needles.name.is_in(bytes),
        certain: needles.certain.iter().any(|needle| needle.is_in(bytes))
            || needles.id_hash.is_some_and(|wanted| has_id(bytes, &wanted, hash)),
        opaque: false,
    }
}

fn look_within(
    bytes: &[u8],
    needles: &Needles,
    hash: &dyn Fn(&str) -> [u8; 32],
    depth: u32,
) -> Seen {
    let mut seen = look_flat(bytes, needles, hash);
    if depth >= DEPTH_MAX {
        return Seen { opaque: true, ..seen };
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return look_in_package(bytes, needles, hash, depth).and(seen);
    }
    if let Ok(frozen) = FrozenMessage::from_bytes(bytes) {
        let inner = frozen.blobs.iter().map(|blob| look_within(blob, needles, hash, depth + 1));
        return inner.fold(seen, Seen::and);
    }
    seen.opaque = !is_text(bytes);
    seen
}

fn look_in_package(
    bytes: &[u8],
    needles: &Needles,
    hash: &dyn Fn(&str) -> [u8; 32],
    depth: u32,
) -> Seen {
    let opaque = Seen { opaque: true, ..Seen::default() };
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return opaque };
    let mut seen = Seen { opaque: archive.len() > ENTRIES_MAX, ..Seen::default() };
    let mut left = UNPACKED_BYTES_MAX;
    for index in 0..archive.len().min(ENTRIES_MAX) {
        let Ok(mut entry) = archive.by_index(index) else { return seen.and(opaque) };
        let mut content = Vec::new();
        // The names of files within may hold a person's.
        content.extend_from_slice(entry.name_raw());
        content.push(b'\n');
        let read = (&mut entry).take(left.saturating_add(1)).read_to_end(&mut content);
        let Ok(length) = read.map(|length| length as u64) else { return seen.and(opaque) };
        if length > left {
            return seen.and(opaque);
        }
        left -= length;
        let inner = &content[entry.name_raw().len() + 1..];
        let flat = look_flat(&content, needles, hash);
        let within = match inner.starts_with(b"PK\x03\x04") {
            true => look_within(inner, needles, hash, depth + 1),
            false => Seen { opaque: !is_text(inner), ..Seen::default() },
        };
        seen = seen.and(flat).and(within);
    }
    seen
}

/// Text in an encoding that was searched. A picture or a scan is none.
fn is_text(bytes: &[u8]) -> bool {
    let wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    if wide || std::str::from_utf8(bytes).is_ok() {
        return true;
    }
    let has_zero = memchr::memchr(0, bytes).is_some();
    !has_zero && !GB18030.decode_without_bom_handling(bytes).1
}

/// Whether an id number with this hash stands in the bytes, one byte or two a character.
fn has_id(bytes: &[u8], wanted: &[u8; 32], hash: &dyn Fn(&str) -> [u8; 32]) -> bool {
    let narrow = ids(bytes.iter().copied()).any(|id| hash(&id) == *wanted);
    if narrow || memchr::memchr(0, bytes).is_none() {
        return narrow;
    }
    ids(bytes.iter().copied().filter(|byte| *byte != 0)).any(|id| hash(&id) == *wanted)
}

/// Every run of seventeen digits and a digit or X.
fn ids(bytes: impl Iterator<Item = u8>) -> impl Iterator<Item = String> {
    let mut digits = String::new();
    bytes.filter_map(move |byte| {
        let full = digits.len() >= ID_LENGTH - 1;
        let ends_id = byte.is_ascii_digit() || matches!(byte, b'x' | b'X');
        let id = (full && ends_id).then(|| {
            let begins = digits.len() - (ID_LENGTH - 1);
            format!("{}{}", &digits[begins..], char::from(byte))
        });
        if byte.is_ascii_digit() {
            digits.push(char::from(byte));
            if digits.len() > ID_LENGTH {
                digits.remove(0);
            }
        } else {
            digits.clear();
        }
        id
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn plain(text: &str) -> [u8; 32] {
        crate::seal::sha256(text.to_uppercase().as_bytes())
    }

    fn needles() -> Needles {
        Needles {
            name: Needle::new("欧阳独特"),
            certain: vec![Needle::new("15400001234"), Needle::new("dute@office.test")],
            id_hash: Some(plain("99999920000101123X")),
        }
    }

    #[track_caller]
    fn check(bytes: &[u8], name: bool, certain: bool, opaque: bool) {
        let seen = look(bytes, &needles(), &plain);
        assert_eq!(seen, Seen { name, certain, opaque });
    }

    fn package(name: &str, content: &[u8]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn in_every_encoding() {
        check("欧阳独特来过".as_bytes(), true, false, false);
        check(&GB18030.encode("欧阳独特来过").0, true, false, false);
        let wide: Vec<u8> = "\u{feff}欧阳独特,99999920000101123X"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        check(&wide, true, true, false);
        check(b"call 15400001234.", false, true, false);
        check(b"id,99999920000101123x,", false, true, false);
        check(b"199999920000101123X", false, true, false);
        check("某人".as_bytes(), false, false, false);
        check(b"", false, false, false);
    }

    #[test]
    fn in_packages_messages_and_not_in_pictures() {
        let sheet = package("xl/sharedStrings.xml", "<t>欧阳独特</t>".as_bytes());
        check(&sheet, true, false, false);
        check(&package("a.xlsx", &sheet), true, false, false);
        check(&package("欧阳独特.csv", b"x"), true, false, false);
        check(&sheet[..sheet.len() - 9], false, false, true);
        check(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", false, false, true);
        let frozen = FrozenMessage { message: Default::default(), blobs: vec![sheet] };
        check(&frozen.to_bytes().unwrap(), true, false, false);
    }
}
