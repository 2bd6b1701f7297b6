//! What a file is, by its first bytes. A name proves nothing: systems export HTML as .xls, and
//! people rename .xlsx.

use xibu_plugin_sdk::message::Unreadable;

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An OLE compound file: old .xls, .doc, .wps, or .xlsx behind a password.
    Ole,
    /// A package: .xlsx, .ods, .docx, or an archive of files.
    Zip,
    /// Markup as text.
    Markup,
    /// Whatever text it is, if it is text.
    Text,
    /// Something that nobody but a person can read.
    Not(Unreadable, &'static str),
}

/// First bytes and what they mean.
const FIRST: &[(&[u8], Kind)] = &[
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind::Ole),
    (b"PK\x03\x04", Kind::Zip),
    (b"PK\x05\x06", Kind::Not(Unreadable::Damaged, "an archive of nothing")),
    (b"%PDF", Kind::Not(Unreadable::Pdf, "a .pdf")),
    (b"\xff\xd8\xff", Kind::Not(Unreadable::Picture, "a JPEG")),
    (b"\xff\xd8", Kind::Not(Unreadable::Picture, "a JPEG")),
    (b"\x89PNG", Kind::Not(Unreadable::Picture, "a PNG")),
    (b"GIF8", Kind::Not(Unreadable::Picture, "a GIF")),
    (b"BM", Kind::Not(Unreadable::Picture, "a BMP")),
    (b"II*\0", Kind::Not(Unreadable::Picture, "a TIFF")),
    (b"MM\0*", Kind::Not(Unreadable::Picture, "a TIFF")),
    (b"Rar!\x1a\x07", Kind::Not(Unreadable::OtherArchive, "a .rar")),
    (b"7z\xbc\xaf\x27\x1c", Kind::Not(Unreadable::OtherArchive, "a .7z")),
    (b"\x1f\x8b\x08", Kind::Not(Unreadable::OtherArchive, "a .gz")),
    (b"{\\rtf", Kind::Not(Unreadable::ForeignProgram, "an .rtf")),
];

pub(crate) fn of(bytes: &[u8]) -> Kind {
    let is = |at: usize, mark: &[u8]| bytes.get(at..at + mark.len()) == Some(mark);
    if let Some((first, kind)) = FIRST.iter().find(|(first, _)| bytes.starts_with(first)) {
        // Two letters may begin a text as well.
        if *first != b"BM" || is(6, &[0, 0, 0, 0]) {
            return *kind;
        }
    }
    if is(0, b"RIFF") && is(8, b"WEBP") || is(4, b"ftyphei") || is(4, b"ftypmif") {
        return Kind::Not(Unreadable::Picture, "a WEBP or HEIC");
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if text.first() == Some(&b'<') { Kind::Markup } else { Kind::Text }
}
