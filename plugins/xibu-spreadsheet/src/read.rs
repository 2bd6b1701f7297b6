//! Bytes to neutral cells, sheet by sheet, in chunks; an archive to the files inside. Decides the
//! format by the bytes, not by the name.

use xibu_plugin_sdk::cells::{self, PackedValue};
use xibu_plugin_sdk::message::{Item, Unreadable};
use xibu_plugin_sdk::{NotDone, Sink};

use self::kind::Kind;
use self::package::Contents;

mod archive;
mod csv;
mod docx;
mod html;
mod keep;
pub(crate) mod kind;
mod ods;
mod ole;
pub(crate) mod package;
mod xls;
mod xlsx;
mod xml;

pub(crate) use self::keep::{Kept, KeptSheet, KeptValue};
pub(crate) use self::xml::{attribute, push_reference};

/// The largest file looked at, in bytes.
const FILE_BYTES_MAX: usize = 64 << 20;

/// The most cells of a file that are given out.
const CELLS_MAX: u64 = 5_000_000;

/// Why a file is not read, or why reading failed.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The file's fault: said as an item.
    Unreadable(Unreadable, String),
    /// Ours or the host's: the call fails.
    NotDone(NotDone),
}

impl From<NotDone> for Stop {
    fn from(not_done: NotDone) -> Self {
        Stop::NotDone(not_done)
    }
}

impl Stop {
    pub(crate) fn damaged(what: impl std::fmt::Display) -> Self {
        Stop::Unreadable(Unreadable::Damaged, what.to_string())
    }

    pub(crate) fn too_large(what: impl std::fmt::Display) -> Self {
        Stop::Unreadable(Unreadable::TooLarge, what.to_string())
    }

    pub(crate) fn format(what: impl std::fmt::Display) -> Self {
        Stop::Unreadable(Unreadable::Format, what.to_string())
    }
}

/// Reads a file and emits what it holds, or why it cannot be read.
pub(crate) fn read(file_name: &str, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), NotDone> {
    match read_or_stop(file_name, bytes, sink) {
        Ok(()) => Ok(()),
        Err(Stop::Unreadable(why, detail)) => sink.emit(&Item::Unreadable { why, detail }, &[]),
        Err(Stop::NotDone(not_done)) => Err(not_done),
    }
}

fn read_or_stop(file_name: &str, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), Stop> {
    let kind = checked(bytes)?;
    if let Kind::Zip = kind {
        let mut package = package::open(bytes)?;
        if let Contents::Files = package::contents(&mut package)? {
            return archive::read(package, sink);
        }
    }
    read_cells(file_name, bytes, kind, &mut Out::new(To::Host(sink)))
}

/// What a file is, where it is of a size that is looked at.
pub(crate) fn checked(bytes: &[u8]) -> Result<Kind, Stop> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Stop::too_large(format_args!("{} bytes", bytes.len())));
    }
    if bytes.is_empty() {
        return Err(Stop::damaged("the file is empty"));
    }
    Ok(kind::of(bytes))
}

/// Reads a file and keeps what it holds.
pub(crate) fn keep(file_name: &str, bytes: &[u8], kind: Kind) -> Result<Kept, Stop> {
    let mut kept = Kept::default();
    read_cells(file_name, bytes, kind, &mut Out::new(To::Kept(&mut kept)))?;
    Ok(kept)
}

fn read_cells(
    file_name: &str,
    bytes: &[u8],
    kind: Kind,
    out: &mut Out<'_, '_>,
) -> Result<(), Stop> {
    match kind {
        Kind::Ole => xls::read(bytes, out),
        Kind::Zip => {
            let mut package = package::open(bytes)?;
            match package::contents(&mut package)? {
                Contents::Xlsx => xlsx::read(bytes, out),
                Contents::Ods => ods::read(package, out),
                Contents::Docx => docx::read(package, out),
                Contents::Files => Err(Stop::format("an archive is no workbook")),
            }
        }
        Kind::Markup => html::read(bytes, out),
        Kind::Text => csv::read(file_name, bytes, out),
        Kind::Not(why, what) => Err(Stop::Unreadable(why, what.to_owned())),
    }
}

/// What an error value looks like where a format keeps only its word.
fn is_error_word(text: &str) -> bool {
    const WORDS: [&str; 8] =
        ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#####"];
    WORDS.contains(&text) || text.strip_prefix("Err:").is_some_and(|code| code.len() == 3)
}

/// Longer names of sheets are cut; tabs are 31 characters at most.
pub(crate) const SHEET_NAME_MAX: usize = 64;

/// Where cells go.
enum To<'s, 'h> {
    /// To the host, packed.
    Host(&'s mut Sink<'h>),
    /// Into memory.
    Kept(&'s mut Kept),
}

/// Gives cells out in chunks of bounded size.
struct Out<'s, 'h> {
    to: To<'s, 'h>,
    packed: Vec<u8>,
    cells: u64,
    open: bool,
}

impl<'s, 'h> Out<'s, 'h> {
    fn new(to: To<'s, 'h>) -> Self {
        Self {
            to,
            packed: Vec::with_capacity(cells::CHUNK_BYTES + (4 << 10)),
            cells: 0,
            open: false,
        }
    }

    fn begin(&mut self, name: &str, hidden: bool) -> Result<(), Stop> {
        self.open = true;
        let name: String = name.chars().take(SHEET_NAME_MAX).collect();
        match &mut self.to {
            To::Host(sink) => Ok(sink.emit(&Item::SheetBegins { name, hidden }, &[])?),
            To::Kept(kept) => {
                kept.begin(name, hidden);
                Ok(())
            }
        }
    }

    fn cell(&mut self, row: u32, column: u32, value: PackedValue<'_>) -> Result<(), Stop> {
        self.cells += 1;
        if self.cells > CELLS_MAX {
            return Err(Stop::too_large(format_args!("more than {CELLS_MAX} cells")));
        }
        if let To::Kept(kept) = &mut self.to {
            return kept.cell(row, column, value);
        }
        cells::pack(&mut self.packed, row, column, value);
        if self.packed.len() >= cells::CHUNK_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    /// A text; nothing where it is empty, an error where it is an error's word.
    fn text(&mut self, row: u32, column: u32, text: &str) -> Result<(), Stop> {
        match text {
            "" => Ok(()),
            text if is_error_word(text.trim()) => {
                self.cell(row, column, PackedValue::Error(text.trim()))
            }
            text => self.cell(row, column, PackedValue::Text(text)),
        }
    }

    fn flush(&mut self) -> Result<(), Stop> {
        if let To::Host(sink) = &mut self.to
            && !self.packed.is_empty()
        {
            sink.emit(&Item::Cells, &[&self.packed])?;
            self.packed.clear();
        }
        Ok(())
    }

    /// Ends the sheet that is open, if one is.
    fn end_open(&mut self, merges: Vec<[u32; 4]>) -> Result<(), Stop> {
        if self.open { self.end(merges) } else { Ok(()) }
    }

    fn end(&mut self, merges: Vec<[u32; 4]>) -> Result<(), Stop> {
        self.open = false;
        self.flush()?;
        match &mut self.to {
            To::Host(sink) => Ok(sink.emit(&Item::SheetEnds { merges }, &[])?),
            To::Kept(kept) => {
                kept.end(merges);
                Ok(())
            }
        }
    }
}
