//! Bytes to neutral cells, sheet by sheet, in chunks. Decides the format by the bytes, not by the
//! name.

use xibu_plugin_sdk::cells::{self, PackedValue};
use xibu_plugin_sdk::message::{Item, Unreadable};
use xibu_plugin_sdk::{NotDone, Sink};

mod csv;
mod package;
mod xlsx;

/// The largest file looked at, in bytes.
const FILE_BYTES_MAX: usize = 64 << 20;

/// The most cells of a file that are given out.
const CELLS_MAX: u64 = 5_000_000;

/// Why a file is not read, or why reading failed.
#[derive(Debug)]
enum Stop {
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
    fn damaged(what: impl std::fmt::Display) -> Self {
        Stop::Unreadable(Unreadable::Damaged, what.to_string())
    }

    fn too_large(what: impl std::fmt::Display) -> Self {
        Stop::Unreadable(Unreadable::TooLarge, what.to_string())
    }

    fn format(what: impl std::fmt::Display) -> Self {
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
    const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Stop::too_large(format_args!("{} bytes", bytes.len())));
    }
    if bytes.is_empty() {
        return Err(Stop::damaged("the file is empty"));
    }
    if bytes.starts_with(OLE) {
        // A password-protected .xlsx is an OLE file that holds a stream of this name, in UTF-16.
        let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        return Err(match memchr::memmem::find(bytes, &name) {
            Some(_) => Stop::Unreadable(Unreadable::Encrypted, "behind a password".to_owned()),
            None => Stop::format("an old .xls, .doc or .wps file"),
        });
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return xlsx::read(bytes, &mut Out::new(sink));
    }
    csv::read(file_name, bytes, &mut Out::new(sink))
}

/// Gives cells out in chunks of bounded size.
struct Out<'s, 'h> {
    sink: &'s mut Sink<'h>,
    packed: Vec<u8>,
    cells: u64,
}

impl<'s, 'h> Out<'s, 'h> {
    fn new(sink: &'s mut Sink<'h>) -> Self {
        Self { sink, packed: Vec::with_capacity(cells::CHUNK_BYTES + (4 << 10)), cells: 0 }
    }

    fn begin(&mut self, name: &str, hidden: bool) -> Result<(), Stop> {
        // Tabs are 31 characters at most; a longer name is a trick.
        let name = name.chars().take(64).collect();
        Ok(self.sink.emit(&Item::SheetBegins { name, hidden }, &[])?)
    }

    fn cell(&mut self, row: u32, column: u32, value: PackedValue<'_>) -> Result<(), Stop> {
        self.cells += 1;
        if self.cells > CELLS_MAX {
            return Err(Stop::too_large(format_args!("more than {CELLS_MAX} cells")));
        }
        cells::pack(&mut self.packed, row, column, value);
        if self.packed.len() >= cells::CHUNK_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Stop> {
        if !self.packed.is_empty() {
            self.sink.emit(&Item::Cells, &[&self.packed])?;
            self.packed.clear();
        }
        Ok(())
    }

    fn end(&mut self, merges: Vec<[u32; 4]>) -> Result<(), Stop> {
        self.flush()?;
        Ok(self.sink.emit(&Item::SheetEnds { merges }, &[])?)
    }
}
