//! Looks through a package before anybody trusts it: what it is, sizes, ratios, entities, counts.
//!
//! Every part is unpacked once in small pieces and nothing is kept, so that what the reader does
//! afterwards is bounded: it reserves room for as many strings as a file *says* it has, and it
//! holds one token of XML whole, however long.

use std::io::{Cursor, Read};

use memchr::memchr;
use xibu_plugin_sdk::message::Unreadable;
use zip::ZipArchive;
use zip::result::ZipError;

use super::Stop;

/// A package over bytes.
pub(crate) type Package<'b> = ZipArchive<Cursor<&'b [u8]>>;

/// The most files in a package.
const ENTRIES_MAX: usize = 4_096;
/// The most that all parts may unpack to, in bytes.
const UNPACKED_BYTES_MAX: u64 = 512 << 20;
/// How much larger than packed a large part may be; deflate can do 1032, a sheet of numbers does
/// 10 to 60.
const RATIO_MAX: u64 = 250;
/// Parts smaller than this may have any ratio.
const RATIO_FREE_BYTES: u64 = 2 << 20;
/// The longest stretch between two marks of XML, in bytes. A cell holds 32,767 characters.
const TOKEN_BYTES_MAX: usize = 512 << 10;
/// The most the table of shared strings may take in memory, in bytes.
const STRINGS_BYTES_MAX: u64 = 144 << 20;
/// What a string costs beside its text.
const STRING_OVERHEAD_BYTES: u64 = 48;
/// The most bytes of styles, relations and the workbook's own parts.
const SMALL_PART_BYTES_MAX: u64 = 8 << 20;
/// The most merged rectangles.
const MERGES_MAX: u64 = 200_000;
/// The most sheets.
const SHEETS_MAX: u64 = 256;

/// What a package is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contents {
    /// .xlsx.
    Xlsx,
    /// .ods.
    Ods,
    /// .docx.
    Docx,
    /// An archive of files.
    Files,
}

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// Merged rectangles, over all sheets.
    pub(crate) merges: u64,
    /// A part says that others are encrypted.
    pub(crate) encrypted: bool,
    cells: u64,
    strings: u64,
    strings_said: u64,
    strings_bytes: u64,
    sheets: u64,
}

/// Which limits a part has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Sheet,
    Strings,
    Small,
}

pub(crate) fn open(bytes: &[u8]) -> Result<Package<'_>, Stop> {
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > ENTRIES_MAX {
        return Err(Stop::too_large(format_args!("{} files in the package", archive.len())));
    }
    Ok(archive)
}

/// Says what a package is by the parts it has.
pub(crate) fn contents(package: &mut Package<'_>) -> Result<Contents, Stop> {
    let has = |end: &str| package.file_names_raw().any(|name| ends_with(name, end));
    let foreign = |what: &str| Stop::Unreadable(Unreadable::ForeignProgram, what.to_owned());
    if has("workbook.xml") {
        Ok(Contents::Xlsx)
    } else if has("word/document.xml") {
        Ok(Contents::Docx)
    } else if has("[Content_Types].xml") {
        Err(foreign("a package of another program: .pptx, .xlsb"))
    } else if has("META-INF/manifest.xml") && has("content.xml") {
        match mime_type(package).as_deref() {
            Some("application/vnd.oasis.opendocument.spreadsheet") | None => Ok(Contents::Ods),
            Some(_) => Err(foreign("an open document that is no spreadsheet")),
        }
    } else {
        Ok(Contents::Files)
    }
}

fn ends_with(name: &[u8], end: &str) -> bool {
    let from = name.len().saturating_sub(end.len());
    name[from..].eq_ignore_ascii_case(end.as_bytes())
}

fn mime_type(package: &mut Package<'_>) -> Option<String> {
    let entry = package.by_name("mimetype").ok()?;
    let mut text = String::new();
    entry.take(200).read_to_string(&mut text).ok()?;
    Some(text.trim().to_owned())
}

/// Goes through every part that is read later.
pub(crate) fn inspect(archive: &mut Package<'_>, contents: Contents) -> Result<Counted, Stop> {
    let mut total: u64 = 0;
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(damaged)?;
        let name = entry.name().map_err(damaged)?.to_ascii_lowercase();
        if entry.encrypted() {
            return Err(Stop::Unreadable(Unreadable::Encrypted, "an encrypted package".to_owned()));
        }
        let Some(part) = part_of(contents, &name) else { continue };
        let (said, packed) = (entry.size(), entry.compressed_size());
        total = total.saturating_add(said);
        if total > UNPACKED_BYTES_MAX {
            return Err(Stop::too_large(format_args!("unpacks to {total} bytes or more")));
        }
        if said > RATIO_FREE_BYTES && said / packed.max(1) > RATIO_MAX {
            return Err(Stop::too_large(format_args!(
                "a part of {packed} bytes unpacks to {said}"
            )));
        }
        parts.push((index, part, said));
    }
    let mut counted = Counted::default();
    for (index, part, said) in parts {
        look_through(archive, index, part, said, &mut counted)?;
    }
    Ok(counted)
}

/// What kind of part this is; none for what nobody unpacks: pictures, and parts not read here.
fn part_of(contents: Contents, name: &str) -> Option<Part> {
    match contents {
        Contents::Ods => match name {
            "content.xml" => Some(Part::Sheet),
            "meta-inf/manifest.xml" => Some(Part::Small),
            _ => None,
        },
        Contents::Docx => name.ends_with("word/document.xml").then_some(Part::Sheet),
        Contents::Files => None,
        Contents::Xlsx => {
            let is_xml = name.ends_with(".xml") || name.ends_with(".rels");
            is_xml.then(|| {
                if name.contains("worksheets/") && !name.ends_with(".rels") {
                    Part::Sheet
                } else if name.contains("sharedstrings") {
                    Part::Strings
                } else {
                    Part::Small
                }
            })
        }
    }
}

fn look_through(
    archive: &mut Package<'_>,
    index: usize,
    part: Part,
    said: u64,
    counted: &mut Counted,
) -> Result<(), Stop> {
    if part == Part::Small && said > SMALL_PART_BYTES_MAX {
        return Err(Stop::too_large(format_args!("a part of {said} bytes that holds no cells")));
    }
    let mut entry = archive.by_index(index).map_err(damaged)?;
    let mut piece = vec![0_u8; 64 << 10];
    let mut scanner = Scanner::default();
    let mut real: u64 = 0;
    counted.sheets += u64::from(part == Part::Sheet);
    loop {
        let length = entry.read(&mut piece).map_err(Stop::damaged)?;
        if length == 0 {
            break;
        }
        real += length as u64;
        if real > said {
            return Err(Stop::too_large(format_args!("a part says {said} bytes and holds more")));
        }
        scanner.feed(&piece[..length], |tag| count(tag, part, counted))?;
    }
    if part == Part::Strings {
        counted.strings_bytes += real;
    }
    counted.check()
}

pub(crate) fn damaged(error: ZipError) -> Stop {
    Stop::damaged(match error {
        ZipError::Io(_) => "the package is broken off".to_owned(),
        other => other.to_string(),
    })
}

/// Counts one tag, given without its angle brackets.
fn count(tag: &[u8], part: Part, counted: &mut Counted) -> Result<(), Stop> {
    if tag.first() == Some(&b'!') && !tag.starts_with(b"!--") && !tag.starts_with(b"![CDATA[") {
        return Err(Stop::too_large("declares entities, which this format forbids"));
    }
    let name_end = tag.iter().position(|byte| matches!(byte, b' ' | b'/' | b'\t' | b'\n' | b'\r'));
    let name = &tag[..name_end.unwrap_or(tag.len())];
    let local = match memchr(b':', name) {
        Some(at) => &name[at + 1..],
        None => name,
    };
    match (part, local) {
        (Part::Sheet, b"c" | b"tc" | b"table-cell") => counted.cells += 1,
        (Part::Small, b"encryption-data") => counted.encrypted = true,
        (Part::Sheet, b"mergeCell") => counted.merges += 1,
        (Part::Strings, b"si") => counted.strings += 1,
        (Part::Strings, b"sst") => counted.strings_said = number_after(tag, b"uniqueCount=\""),
        _ => {}
    }
    Ok(())
}

/// The number behind an attribute's opening quote; the largest there is where it is too large to
/// be read.
fn number_after(tag: &[u8], attribute: &[u8]) -> u64 {
    let Some(at) = memchr::memmem::find(tag, attribute) else { return 0 };
    let digits = tag[at + attribute.len()..].iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0_u64, |sum, byte| sum.saturating_mul(10).saturating_add(u64::from(byte - b'0')))
}

impl Counted {
    fn check(&self) -> Result<(), Stop> {
        let strings = self.strings_bytes + self.strings * STRING_OVERHEAD_BYTES;
        let said_more = self.strings_said > self.strings.saturating_mul(2).saturating_add(1_024);
        if said_more && self.strings_bytes > 0 {
            return Err(Stop::too_large("says it has far more strings than it has"));
        }
        for (what, value, max) in [
            ("cells", self.cells, super::CELLS_MAX),
            ("merged rectangles", self.merges, MERGES_MAX),
            ("sheets", self.sheets, SHEETS_MAX),
            ("bytes of strings", strings, STRINGS_BYTES_MAX),
        ] {
            if value > max {
                return Err(Stop::too_large(format_args!("more than {max} {what}")));
            }
        }
        Ok(())
    }
}

/// Finds tags in a stream of pieces. It knows no XML beyond angle brackets, which is enough to
/// count.
#[derive(Default)]
struct Scanner {
    in_tag: bool,
    /// The beginning of the tag, where it lies in more than one piece.
    tag: Vec<u8>,
    /// Bytes since the last bracket.
    run: usize,
}

/// How much of a tag is kept: enough for its name and the attributes looked at.
const TAG_BYTES_KEPT: usize = 512;

impl Scanner {
    fn feed(
        &mut self,
        mut piece: &[u8],
        mut on_tag: impl FnMut(&[u8]) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        while !piece.is_empty() {
            let mark = if self.in_tag { b'>' } else { b'<' };
            let at = memchr(mark, piece);
            let length = at.unwrap_or(piece.len());
            self.run += length;
            if self.run > TOKEN_BYTES_MAX {
                return Err(Stop::too_large("a single value longer than any cell can be"));
            }
            let (before, after) = piece.split_at(length);
            if self.in_tag && (at.is_none() || !self.tag.is_empty()) {
                let room = TAG_BYTES_KEPT.saturating_sub(self.tag.len());
                self.tag.extend_from_slice(&before[..before.len().min(room)]);
            }
            if at.is_some() {
                if self.in_tag {
                    on_tag(if self.tag.is_empty() { before } else { &self.tag })?;
                    self.tag.clear();
                }
                self.in_tag = !self.in_tag;
                self.run = 0;
                piece = &after[1..];
            } else {
                piece = &[];
            }
        }
        Ok(())
    }
}
