//! A stream of records: number, length, bytes. Reading past a record's end is an error, never a
//! panic.

use encoding_rs::Encoding;

use crate::read::Stop;
use crate::read::ole::Stream;

/// A record that goes on where the one before ended.
const CONTINUE: u16 = 0x003c;
/// The most characters of a cell.
const CHARACTERS_MAX: usize = 32_767;

/// The records of a stream, one at a time.
pub(super) struct Records<'s, 'b> {
    stream: &'s Stream<'b>,
    /// Where the next record begins.
    next: usize,
    id: u16,
    bytes: Vec<u8>,
}

fn short() -> Stop {
    Stop::damaged("a record is shorter than it must be")
}

impl<'s, 'b> Records<'s, 'b> {
    pub(super) fn at(stream: &'s Stream<'b>, from: usize) -> Self {
        Self { stream, next: from, id: 0, bytes: Vec::new() }
    }

    /// Goes to the next record; false at the stream's end.
    pub(super) fn next(&mut self) -> Result<bool, Stop> {
        if self.next.saturating_add(4) > self.stream.length() {
            return Ok(false);
        }
        self.stream.read(self.next, 4, &mut self.bytes)?;
        let (id, length) = (self.u16(0)?, self.u16(2)?);
        self.stream.read(self.next + 4, length.into(), &mut self.bytes)?;
        self.id = id;
        self.next += 4 + usize::from(length);
        Ok(true)
    }

    /// Goes on to the record that continues this one.
    pub(super) fn go_on(&mut self) -> Result<(), Stop> {
        match self.next()? && self.id == CONTINUE {
            true => Ok(()),
            false => Err(short()),
        }
    }

    pub(super) fn id(&self) -> u16 {
        self.id
    }

    /// Where the next record begins.
    pub(super) fn place(&self) -> usize {
        self.next
    }

    pub(super) fn length(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn slice(&self, at: usize, length: usize) -> Result<&[u8], Stop> {
        self.bytes.get(at..at.saturating_add(length)).ok_or_else(short)
    }

    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], Stop> {
        self.slice(at, N)?.try_into().map_err(|_| short())
    }

    pub(super) fn u8(&self, at: usize) -> Result<u8, Stop> {
        self.array(at).map(u8::from_le_bytes)
    }

    pub(super) fn u16(&self, at: usize) -> Result<u16, Stop> {
        self.array(at).map(u16::from_le_bytes)
    }

    pub(super) fn u32(&self, at: usize) -> Result<u32, Stop> {
        self.array(at).map(u32::from_le_bytes)
    }

    pub(super) fn f64(&self, at: usize) -> Result<f64, Stop> {
        self.array(at).map(f64::from_le_bytes)
    }

    /// A text within this record: two bytes of length, flags, characters.
    pub(super) fn wide_text(&self, at: usize) -> Result<String, Stop> {
        self.characters(at + 3, self.u16(at)?.into(), self.u8(at + 2)?)
    }

    /// The same with one byte of length.
    pub(super) fn short_wide_text(&self, at: usize) -> Result<String, Stop> {
        self.characters(at + 2, self.u8(at)?.into(), self.u8(at + 1)?)
    }

    fn characters(&self, at: usize, count: usize, flags: u8) -> Result<String, Stop> {
        let wide = flags & 1 == 1;
        let mut text = String::new();
        push(&mut text, self.slice(at, if wide { count * 2 } else { count })?, wide);
        Ok(text)
    }

    /// A text in a code page: two bytes of length, bytes.
    pub(super) fn narrow_text(
        &self,
        at: usize,
        encoding: &'static Encoding,
    ) -> Result<String, Stop> {
        let bytes = self.slice(at + 2, self.u16(at)?.into())?;
        Ok(encoding.decode_without_bom_handling(bytes).0.into_owned())
    }

    /// The same with one byte of length.
    pub(super) fn short_narrow_text(
        &self,
        at: usize,
        encoding: &'static Encoding,
    ) -> Result<String, Stop> {
        let bytes = self.slice(at + 1, self.u8(at)?.into())?;
        Ok(encoding.decode_without_bom_handling(bytes).0.into_owned())
    }

    /// A text that may go on in the records that continue this one.
    pub(super) fn continued_wide_text(&mut self, at: usize) -> Result<String, Stop> {
        let count = usize::from(self.u16(at)?);
        let flags = self.u8(at + 2)?;
        let mut text = String::new();
        self.push_continued(at + 3, count, flags, &mut text)?;
        Ok(text)
    }

    /// Appends `count` characters from `at`; answers where the text ends in the record that is
    /// current then. Each record that goes on says anew how wide its characters are.
    pub(super) fn push_continued(
        &mut self,
        mut at: usize,
        count: usize,
        mut flags: u8,
        text: &mut String,
    ) -> Result<usize, Stop> {
        if count > CHARACTERS_MAX {
            return Err(Stop::too_large("a single value longer than any cell can be"));
        }
        let mut left = count;
        loop {
            let wide = flags & 1 == 1;
            let width = if wide { 2 } else { 1 };
            let here = left.min(self.length().saturating_sub(at) / width);
            push(text, self.slice(at, here * width)?, wide);
            left -= here;
            if left == 0 {
                return Ok(at + here * width);
            }
            self.go_on()?;
            flags = self.u8(0)?;
            at = 1;
        }
    }
}

/// Appends characters: two bytes each, or one byte each where all are below 256.
fn push(text: &mut String, bytes: &[u8], wide: bool) {
    if wide {
        let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        text.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    } else {
        text.extend(bytes.iter().map(|byte| char::from(*byte)));
    }
}
