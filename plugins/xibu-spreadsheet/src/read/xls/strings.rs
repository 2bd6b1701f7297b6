//! The table of shared strings, kept as one text with the places of its parts.

use super::record::Records;
use crate::read::Stop;

/// The most the table may take in memory, in bytes.
const BYTES_MAX: usize = 144 << 20;

/// Shared strings by number.
#[derive(Default)]
pub(super) struct Strings {
    text: String,
    /// Where each ends; it begins where the one before ends.
    ends: Vec<u32>,
}

impl Strings {
    /// Reads the table from its record and those that continue it. How many it says it has is not
    /// believed: it ends where the records end.
    pub(super) fn read(records: &mut Records<'_, '_>) -> Result<Self, Stop> {
        let count = records.u32(4)?;
        let mut strings = Self::default();
        let mut at = 8;
        for _ in 0..count {
            if at >= records.length() {
                records.go_on()?;
                at = 0;
            }
            at = strings.one(records, at)?;
        }
        Ok(strings)
    }

    /// Reads one string at `at`; answers where it ends.
    fn one(&mut self, records: &mut Records<'_, '_>, at: usize) -> Result<usize, Stop> {
        const RICH: u8 = 8;
        const PHONETIC: u8 = 4;
        let count = usize::from(records.u16(at)?);
        let flags = records.u8(at + 2)?;
        let mut at = at + 3;
        let mut skipped = 0;
        if flags & RICH != 0 {
            skipped += usize::from(records.u16(at)?) * 4;
            at += 2;
        }
        if flags & PHONETIC != 0 {
            skipped += records.u32(at)? as usize;
            at += 4;
        }
        at = records.push_continued(at, count, flags, &mut self.text)?;
        while skipped > 0 {
            let here = skipped.min(records.length().saturating_sub(at));
            skipped -= here;
            at += here;
            if skipped > 0 {
                records.go_on()?;
                at = 0;
            }
        }
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.ends.push(end);
        if self.text.len() + self.ends.len() * 4 > BYTES_MAX {
            return Err(Stop::too_large(format_args!("more than {BYTES_MAX} bytes of strings")));
        }
        Ok(at)
    }

    pub(super) fn get(&self, number: u32) -> Result<&str, Stop> {
        let missing = || Stop::damaged("a cell names a string that is not there");
        let number = number as usize;
        let end = *self.ends.get(number).ok_or_else(missing)? as usize;
        let begin = number.checked_sub(1).and_then(|before| self.ends.get(before));
        self.text.get(begin.map_or(0, |begin| *begin as usize)..end).ok_or_else(missing)
    }
}
