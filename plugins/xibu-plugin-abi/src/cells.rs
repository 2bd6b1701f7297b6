//! Cells of a sheet, packed: two million of them travel without two million JSON objects.
//!
//! ```text
//! u32 LE  row, from 0
//! u32 LE  column, from 0
//! u8      tag: 0 text, 1 number, 2 date, 3 boolean, 4 error
//! …       text, error: u32 LE length in bytes, then UTF-8 · number, date: f64 LE · boolean: u8,
//! 0 or 1
//! ```
//!
//! What it is not: it gives no meaning to a cell and keeps no order; a reader emits by row, then
//! column.

use std::fmt;

/// Longest text of one cell, in bytes. A spreadsheet's own limit is 32,767 characters.
pub const TEXT_BYTES_MAX: usize = 256 << 10;

/// How large a packed blob a reader should let grow before it emits it, in bytes.
pub const CHUNK_BYTES: usize = 256 << 10;

/// What a packed cell holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PackedValue<'a> {
    /// Text as typed.
    Text(&'a str),
    /// A number.
    Number(f64),
    /// A day and time as a spreadsheet serial in the 1900 system.
    Date(f64),
    /// True or false.
    Boolean(bool),
    /// An error value such as `#N/A`.
    Error(&'a str),
}

/// One cell that is not empty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PackedCell<'a> {
    /// Row, from 0.
    pub row: u32,
    /// Column, from 0.
    pub column: u32,
    /// What it holds.
    pub value: PackedValue<'a>,
}

/// Why packed cells cannot be unpacked; the iterator ends with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellsError {
    at: usize,
    why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Truncated,
    Oversized,
    UnknownTag(u8),
    NotUtf8,
    NotBoolean(u8),
}

impl fmt::Display for CellsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "packed cells, at byte {}: ", self.at)?;
        match self.why {
            Why::Truncated => write!(f, "the cell is cut off"),
            Why::Oversized => write!(f, "a text is over the limit of {TEXT_BYTES_MAX} bytes"),
            Why::UnknownTag(tag) => write!(f, "tag {tag} is not known"),
            Why::NotUtf8 => write!(f, "a text is not UTF-8"),
            Why::NotBoolean(byte) => write!(f, "{byte} is neither 0 nor 1"),
        }
    }
}

impl std::error::Error for CellsError {}

/// Appends one cell. A text over [`TEXT_BYTES_MAX`] is cut at a character's boundary: callers that
/// must not lose it check the length first.
pub fn pack(bytes: &mut Vec<u8>, row: u32, column: u32, value: PackedValue<'_>) {
    bytes.extend_from_slice(&row.to_le_bytes());
    bytes.extend_from_slice(&column.to_le_bytes());
    match value {
        PackedValue::Text(text) => pack_text(bytes, 0, text),
        PackedValue::Number(number) => pack_fixed(bytes, 1, &number.to_le_bytes()),
        PackedValue::Date(serial) => pack_fixed(bytes, 2, &serial.to_le_bytes()),
        PackedValue::Boolean(value) => pack_fixed(bytes, 3, &[u8::from(value)]),
        PackedValue::Error(text) => pack_text(bytes, 4, text),
    }
}

fn pack_fixed(bytes: &mut Vec<u8>, tag: u8, payload: &[u8]) {
    bytes.push(tag);
    bytes.extend_from_slice(payload);
}

fn pack_text(bytes: &mut Vec<u8>, tag: u8, text: &str) {
    let text = &text[..text.floor_char_boundary(TEXT_BYTES_MAX)];
    bytes.push(tag);
    // At most TEXT_BYTES_MAX, so within u32.
    bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

/// The cells of a packed blob, borrowed from it. Ends after the first error.
#[must_use]
pub fn unpack(bytes: &[u8]) -> Unpack<'_> {
    Unpack { bytes, at: 0 }
}

/// Iterator of [`unpack`].
#[derive(Clone, Debug)]
pub struct Unpack<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Unpack<'a> {
    type Item = Result<PackedCell<'a>, CellsError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let begin = self.at;
        let cell = self.cell().map_err(|why| CellsError { at: begin, why });
        if cell.is_err() {
            self.at = self.bytes.len();
        }
        Some(cell)
    }
}

impl std::iter::FusedIterator for Unpack<'_> {}

impl<'a> Unpack<'a> {
    fn cell(&mut self) -> Result<PackedCell<'a>, Why> {
        let row = u32::from_le_bytes(self.array()?);
        let column = u32::from_le_bytes(self.array()?);
        let [tag] = self.array()?;
        let value = match tag {
            0 => PackedValue::Text(self.text()?),
            1 => PackedValue::Number(f64::from_le_bytes(self.array()?)),
            2 => PackedValue::Date(f64::from_le_bytes(self.array()?)),
            3 => match self.array()? {
                [0] => PackedValue::Boolean(false),
                [1] => PackedValue::Boolean(true),
                [byte] => return Err(Why::NotBoolean(byte)),
            },
            4 => PackedValue::Error(self.text()?),
            tag => return Err(Why::UnknownTag(tag)),
        };
        Ok(PackedCell { row, column, value })
    }

    fn text(&mut self) -> Result<&'a str, Why> {
        let length = u32::from_le_bytes(self.array()?) as usize;
        if length > TEXT_BYTES_MAX {
            return Err(Why::Oversized);
        }
        std::str::from_utf8(self.take(length)?).map_err(|_| Why::NotUtf8)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Why> {
        self.take(N)?.try_into().map_err(|_| Why::Truncated)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Why> {
        let end = self.at.checked_add(length).ok_or(Why::Truncated)?;
        let slice = self.bytes.get(self.at..end).ok_or(Why::Truncated)?;
        self.at = end;
        Ok(slice)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packed(row: u32, column: u32, value: PackedValue<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        pack(&mut bytes, row, column, value);
        bytes
    }

    #[test]
    fn the_layout_is_fixed() {
        let bytes = packed(1, 258, PackedValue::Text("县"));
        assert_eq!(bytes, [1, 0, 0, 0, 2, 1, 0, 0, 0, 3, 0, 0, 0, 0xe5, 0x8e, 0xbf]);
        let bytes = packed(0, 0, PackedValue::Boolean(true));
        assert_eq!(bytes, [0, 0, 0, 0, 0, 0, 0, 0, 3, 1]);
    }

    #[track_caller]
    fn check_refused(bytes: &[u8], words: &str) {
        let all: Vec<_> = unpack(bytes).collect();
        let last = all.last().unwrap().unwrap_err();
        assert_eq!(last.to_string(), words);
        assert!(all[..all.len() - 1].iter().all(Result::is_ok));
    }

    #[test]
    fn unfit_bytes_end_the_iterator_with_a_word() {
        let head = [0, 0, 0, 0, 0, 0, 0, 0];
        let with = |tail: &[u8]| [&head[..], tail].concat();
        check_refused(&[1], "packed cells, at byte 0: the cell is cut off");
        check_refused(&with(&[9]), "packed cells, at byte 0: tag 9 is not known");
        check_refused(&with(&[3, 2]), "packed cells, at byte 0: 2 is neither 0 nor 1");
        check_refused(
            &with(&[0, 1, 0, 0, 0, 0xff]),
            "packed cells, at byte 0: a text is not UTF-8",
        );
        let long = with(&[0, 0xff, 0xff, 0xff, 0xff]);
        check_refused(&long, "packed cells, at byte 0: a text is over the limit of 262144 bytes");
        let good = packed(0, 0, PackedValue::Number(1.0));
        let second = [&good[..], &with(&[0, 5, 0, 0, 0, b'a'])].concat();
        check_refused(&second, "packed cells, at byte 17: the cell is cut off");
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let text = "县".repeat(TEXT_BYTES_MAX);
        let bytes = packed(0, 0, PackedValue::Text(&text));
        let cell = unpack(&bytes).next().unwrap().unwrap();
        let PackedValue::Text(cut) = cell.value else { panic!("{cell:?}") };
        assert_eq!(cut.len(), TEXT_BYTES_MAX / 3 * 3);
    }

    #[derive(Clone, Debug)]
    enum Owned {
        Text(String),
        Number(f64),
        Date(f64),
        Boolean(bool),
        Error(String),
    }

    impl Owned {
        fn borrow(&self) -> PackedValue<'_> {
            match self {
                Self::Text(text) => PackedValue::Text(text),
                Self::Number(number) => PackedValue::Number(*number),
                Self::Date(serial) => PackedValue::Date(*serial),
                Self::Boolean(value) => PackedValue::Boolean(*value),
                Self::Error(text) => PackedValue::Error(text),
            }
        }
    }

    fn any_value() -> impl Strategy<Value = Owned> {
        prop_oneof![
            ".{0,20}".prop_map(Owned::Text),
            any::<i32>().prop_map(|n| Owned::Number(f64::from(n) / 8.0)),
            any::<i32>().prop_map(|n| Owned::Date(f64::from(n) / 8.0)),
            any::<bool>().prop_map(Owned::Boolean),
            "#[A-Z/]{1,5}!".prop_map(Owned::Error),
        ]
    }

    proptest! {
        #[test]
        fn cells_come_back_as_they_went(
            cells in proptest::collection::vec((any::<u32>(), any::<u32>(), any_value()), 0..20)
        ) {
            let mut bytes = Vec::new();
            for (row, column, value) in &cells {
                pack(&mut bytes, *row, *column, value.borrow());
            }
            let back: Vec<_> = unpack(&bytes).collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(back.len(), cells.len());
            for (cell, (row, column, value)) in back.iter().zip(&cells) {
                let expected = PackedCell { row: *row, column: *column, value: value.borrow() };
                prop_assert_eq!(cell, &expected);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            prop_assert!(unpack(&bytes).count() <= bytes.len());
        }
    }
}
