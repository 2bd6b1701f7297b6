//! The OLE compound file: a small file system in sectors, in which old office programs keep their
//! streams.
//!
//! Streams are not copied out: a [`Stream`] knows where its pieces lie in the file. Whatever the
//! tables say, no chain is longer than the file has sectors.

use super::Stop;

const FREE: u32 = 0xffff_fffa;

/// An opened compound file.
pub(super) struct Ole<'b> {
    bytes: &'b [u8],
    sector: usize,
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    entries: Vec<Entry>,
}

/// A line of the directory.
struct Entry {
    name: String,
    kind: u8,
    first: u32,
    length: usize,
}

/// A stream by its pieces; all but the last are of one size.
pub(super) struct Stream<'b> {
    bytes: &'b [u8],
    piece: usize,
    at: Vec<usize>,
    length: usize,
}

/// The directory's mark of a stream and of the root.
const STREAM: u8 = 2;
const ROOT: u8 = 5;
/// Smaller streams lie in the mini stream.
const MINI_BELOW: usize = 4_096;
const MINI_SECTOR: usize = 64;

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn broken() -> Stop {
    Stop::damaged("the compound file is broken off or damaged")
}

impl<'b> Ole<'b> {
    pub(super) fn open(bytes: &'b [u8]) -> Result<Self, Stop> {
        let shift = u16_at(bytes, 0x1e).ok_or_else(broken)?;
        if !(9..=12).contains(&shift) {
            return Err(broken());
        }
        let sector = 1_usize << shift;
        let mut ole =
            Self { bytes, sector, fat: Vec::new(), mini_fat: Vec::new(), entries: Vec::new() };
        ole.read_fat()?;
        let header = |at| u32_at(bytes, at).ok_or_else(broken);
        let directory = ole.chain(header(0x30)?)?;
        for at in directory {
            let lines = bytes.get(at..(at + sector).min(bytes.len())).unwrap_or_default();
            ole.entries.extend(lines.chunks_exact(128).filter_map(entry));
        }
        if !ole.entries.iter().any(|entry| entry.kind == ROOT) {
            return Err(broken());
        }
        let mini = ole.chain(header(0x3c)?).unwrap_or_default();
        ole.mini_fat = mini.into_iter().flat_map(|at| ole.numbers(at)).collect();
        Ok(ole)
    }

    fn sectors(&self) -> usize {
        self.bytes.len() / self.sector
    }

    /// Where a sector lies in the file; the header takes the place of one.
    fn place(&self, sector: u32) -> Option<usize> {
        let at = (sector as usize).checked_add(1)?.checked_mul(self.sector)?;
        (at < self.bytes.len()).then_some(at)
    }

    fn numbers(&self, at: usize) -> Vec<u32> {
        let end = (at + self.sector).min(self.bytes.len());
        let piece = self.bytes.get(at..end).unwrap_or_default();
        piece.chunks_exact(4).filter_map(|four| u32_at(four, 0)).collect()
    }

    fn read_fat(&mut self) -> Result<(), Stop> {
        let mut tables: Vec<u32> =
            (0..109).filter_map(|n| u32_at(self.bytes, 0x4c + n * 4)).collect();
        let mut next = u32_at(self.bytes, 0x44).ok_or_else(broken)?;
        let mut steps = 0;
        while next < FREE {
            let at = self.place(next).ok_or_else(broken)?;
            let mut numbers = self.numbers(at);
            next = numbers.pop().ok_or_else(broken)?;
            tables.extend(numbers);
            steps += 1;
            if steps > self.sectors() {
                return Err(broken());
            }
        }
        tables.retain(|sector| *sector < FREE);
        if tables.len() > self.sectors() {
            return Err(broken());
        }
        for sector in tables {
            let at = self.place(sector).ok_or_else(broken)?;
            let numbers = self.numbers(at);
            self.fat.extend(numbers);
        }
        Ok(())
    }

    /// The places of a chain's sectors.
    fn chain(&self, first: u32) -> Result<Vec<usize>, Stop> {
        let mut places = Vec::new();
        let mut next = first;
        while next < FREE {
            places.push(self.place(next).ok_or_else(broken)?);
            next = *self.fat.get(next as usize).ok_or_else(broken)?;
            if places.len() > self.sectors() {
                return Err(broken());
            }
        }
        Ok(places)
    }

    /// Whether the directory has a stream of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    fn find(&self, name: &str) -> Option<&Entry> {
        let same = |entry: &&Entry| entry.kind == STREAM && entry.name.eq_ignore_ascii_case(name);
        self.entries.iter().find(same)
    }

    /// The stream of this name, if there is one.
    pub(super) fn stream(&self, name: &str) -> Result<Option<Stream<'b>>, Stop> {
        let Some(entry) = self.find(name) else { return Ok(None) };
        let (piece, at) = if entry.length < MINI_BELOW {
            (MINI_SECTOR, self.mini_chain(entry.first)?)
        } else {
            (self.sector, self.chain(entry.first)?)
        };
        // What the directory says and the chain does not hold is not there.
        let length = entry.length.min(at.len() * piece);
        Ok(Some(Stream { bytes: self.bytes, piece, at, length }))
    }

    fn mini_chain(&self, first: u32) -> Result<Vec<usize>, Stop> {
        let root = self.entries.iter().find(|entry| entry.kind == ROOT).ok_or_else(broken)?;
        let container = self.chain(root.first)?;
        let per_sector = self.sector / MINI_SECTOR;
        let mut places = Vec::new();
        let mut next = first;
        while next < FREE {
            let index = next as usize;
            let sector = container.get(index / per_sector).ok_or_else(broken)?;
            places.push(sector + index % per_sector * MINI_SECTOR);
            next = *self.mini_fat.get(index).ok_or_else(broken)?;
            if places.len() > self.mini_fat.len() {
                return Err(broken());
            }
        }
        Ok(places)
    }
}

fn entry(line: &[u8]) -> Option<Entry> {
    let kind = *line.get(0x42)?;
    let name_bytes = usize::from(u16_at(line, 0x40)?).clamp(2, 64) - 2;
    let name: Vec<u16> =
        line.get(..name_bytes)?.chunks_exact(2).filter_map(|c| u16_at(c, 0)).collect();
    (kind == STREAM || kind == ROOT).then_some(Entry {
        name: String::from_utf16_lossy(&name),
        kind,
        first: u32_at(line, 0x74)?,
        length: u32_at(line, 0x78)? as usize,
    })
}

impl Stream<'_> {
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Puts `length` bytes from `from` into `into`, which is emptied first.
    pub(super) fn read(&self, from: usize, length: usize, into: &mut Vec<u8>) -> Result<(), Stop> {
        into.clear();
        let end = from.checked_add(length).filter(|end| *end <= self.length).ok_or_else(broken)?;
        let mut at = from;
        while at < end {
            let place = *self.at.get(at / self.piece).ok_or_else(broken)?;
            let within = at % self.piece;
            let take = (self.piece - within).min(end - at);
            let begin = place + within;
            into.extend_from_slice(self.bytes.get(begin..begin + take).ok_or_else(broken)?);
            at += take;
        }
        Ok(())
    }
}
