//! Numbers of an old workbook: packed ones, which are days, which are errors.

use std::collections::BTreeMap;

use xibu_plugin_sdk::cells::PackedValue;

/// Which cell formats show days.
#[derive(Debug, Default)]
pub(super) struct Formats {
    custom: BTreeMap<u16, bool>,
    cells: Vec<bool>,
}

impl Formats {
    /// A format of the workbook's own.
    pub(super) fn custom(&mut self, number: u16, format: &str) {
        self.custom.insert(number, shows_days(format));
    }

    /// The next cell format uses this number format.
    pub(super) fn cell_format(&mut self, number: u16) {
        let built_in = matches!(number, 14..=22 | 27..=36 | 45 | 47 | 50..=58);
        self.cells.push(self.custom.get(&number).copied().unwrap_or(built_in));
    }

    /// A number as its cell shows it: a day or a number.
    pub(super) fn value(&self, cell_format: u16, number: f64, shift: f64) -> PackedValue<'static> {
        match self.cells.get(usize::from(cell_format)) {
            Some(true) => PackedValue::Date(number + shift),
            _ => PackedValue::Number(number),
        }
    }
}

/// Whether a number format shows a day or a time of day. Only its first part counts; quoted
/// words, escaped signs and what stands in brackets are no part of it.
fn shows_days(format: &str) -> bool {
    let mut characters = format.chars();
    let mut quoted = false;
    let mut brackets = false;
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '\\' | '_' | '*' => {
                characters.next();
            }
            '[' => {
                brackets = true;
                // [h]:mm counts hours, it shows no day.
                let next = characters.clone().next().map(|c| c.to_ascii_lowercase());
                let after = characters.clone().nth(1).map(|c| c.to_ascii_lowercase());
                let counts = matches!(next, Some('h' | 'm' | 's'));
                if counts && (after == Some(']') || after == next) {
                    return false;
                }
            }
            ']' => brackets = false,
            _ if brackets => {}
            ';' => return false,
            'd' | 'm' | 'y' | 'h' | 's' | 'D' | 'M' | 'Y' | 'H' | 'S' => return true,
            _ => {}
        }
    }
    false
}

/// A number packed into 30 bits.
pub(super) fn rk(packed: u32) -> f64 {
    let number = match packed & 2 {
        0 => f64::from_bits(u64::from(packed & !3) << 32),
        _ => f64::from((packed as i32) >> 2),
    };
    if packed & 1 == 1 { number / 100.0 } else { number }
}

/// An error value's word.
pub(super) const fn error_word(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        _ => "#N/A",
    }
}

#[cfg(test)]
mod tests {
    use super::{rk, shows_days};

    #[track_caller]
    fn check(format: &str, days: bool) {
        assert_eq!(shows_days(format), days, "{format}");
    }

    #[test]
    fn formats_that_show_days_are_known_from_those_that_do_not() {
        let days =
            ["yyyy-mm-dd", "yyyy\"年\"m\"月\"d\"日\"", "[$-804]yyyy\\-m", "h:mm", "m/d/yy;@"];
        for format in days {
            check(format, true);
        }
        let numbers =
            ["General", "0.00", "@", "[Red]0", "0\"days\"", "[h]:mm:ss", "0;yy", "", "[hh]:mm"];
        for format in numbers {
            check(format, false);
        }
    }

    #[test]
    fn packed_numbers_unpack() {
        for (packed, number) in
            [(0x3ff0_0000, 1.0), (0x004c_61b6, 1_251_437.0), (0x004c_61b7, 12_514.37)]
        {
            assert!((rk(packed) - number).abs() < 1e-9, "{packed:#x}: {}", rk(packed));
        }
        assert!((rk(0xffff_fff2_u32) - -4.0).abs() < 1e-9, "{}", rk(0xffff_fff2));
    }
}
