//! The resident id number (公民身份号码) as typed.
//!
//! Source: GB 11643-1999: 6 places of region, 8 of birth date, 3 of sequence (odd male, even
//! female), one check place modulo 11. The region is not judged: codes were reused and old ones
//! stay on cards for life.

use alloc::string::String;
use core::fmt;

use chrono::{Datelike, NaiveDate};

use super::refusal::Refusal;
use super::text;
use crate::cell::CellValue;

/// Male or female, as the sequence number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// 男.
    Male,
    /// 女.
    Female,
}

/// An id number with a right check digit and a birth date that exists. `Debug` shows nothing of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdNumber([u8; 18]);

impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl IdNumber {
    /// Reads an id as typed: full-width digits, spaces, a leading apostrophe and a small x are
    /// forgiven.
    ///
    /// # Errors
    /// The first [`Refusal`] that holds, in declared order.
    ///
    /// ```
    /// use xibu_core::cell::CellValue;
    /// use xibu_core::intake::{Refusal, id_number::IdNumber};
    /// // The standard's own example, typed carelessly.
    /// let typed = CellValue::Text("１１０１０５ 19491231 002x".into());
    /// assert_eq!(IdNumber::from_typed(&typed).unwrap().as_str(), "11010519491231002X");
    /// let lost = CellValue::Number(110105194912310020.0);
    /// assert_eq!(IdNumber::from_typed(&lost), Err(Refusal::IdNumberDigitsLost));
    /// ```
    pub fn from_typed(value: &CellValue) -> Result<Self, Refusal> {
        match value {
            CellValue::Error(_) => Err(Refusal::CellIsError),
            CellValue::Text(text) => Self::from_text(text),
            CellValue::Number(number) | CellValue::Date(number) => {
                let digits = text::whole(*number).map(|whole| alloc::format!("{whole}"));
                match digits {
                    Some(digits) if digits.len() < 15 => {
                        Err(Refusal::IdNumberNotEighteen { length: length(&digits) })
                    }
                    Some(digits) if digits.len() == 15 => Err(Refusal::IdNumberOldForm),
                    _ => Err(Refusal::IdNumberDigitsLost),
                }
            }
            CellValue::Boolean(_) => Err(Refusal::IdNumberOtherCharacters),
        }
    }

    fn from_text(typed: &str) -> Result<Self, Refusal> {
        let mut tight: String = text::tight(typed);
        tight.retain(|c| !matches!(c, '\'' | '’' | '‘' | '`' | '-' | '\u{2d7}'));
        tight.make_ascii_uppercase();
        if tight.is_empty() {
            return Err(Refusal::ValueMissing);
        }
        if looks_like_exponent(&tight) {
            return Err(Refusal::IdNumberDigitsLost);
        }
        let all_digits = tight.bytes().all(|byte| byte.is_ascii_digit());
        if all_digits && tight.len() == 15 {
            return Err(Refusal::IdNumberOldForm);
        }
        if tight.chars().count() != 18 {
            return Err(Refusal::IdNumberNotEighteen { length: length(&tight) });
        }
        let bytes: [u8; 18] =
            tight.as_bytes().try_into().map_err(|_| Refusal::IdNumberOtherCharacters)?;
        let body = bytes.iter().take(17).all(u8::is_ascii_digit);
        if !body || !(bytes[17].is_ascii_digit() || bytes[17] == b'X') {
            return Err(Refusal::IdNumberOtherCharacters);
        }
        let id = Self(bytes);
        let fits = check_digit(&bytes) == bytes[17];
        // A number that lost its digits and was then stored as text ends in zeros and fails its
        // check.
        if !fits && bytes.ends_with(b"000") {
            return Err(Refusal::IdNumberDigitsLost);
        }
        id.checked_birth_date().ok_or(Refusal::IdNumberBirthDateWrong)?;
        if fits { Ok(id) } else { Err(Refusal::IdNumberCheckDigitWrong) }
    }

    /// All 18 places.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The last four places, which is what people are shown of it.
    pub fn last_four(&self) -> &str {
        self.as_str().get(14..).unwrap_or_default()
    }

    /// Date of birth.
    pub fn birth_date(&self) -> NaiveDate {
        self.checked_birth_date().unwrap_or(NaiveDate::MIN)
    }

    /// Male or female.
    pub const fn sex(&self) -> Sex {
        if self.0[16] % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    fn checked_birth_date(&self) -> Option<NaiveDate> {
        let number = |from: usize, until: usize| -> u32 {
            self.0[from..until].iter().fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0'))
        };
        let date = NaiveDate::from_ymd_opt(number(6, 10) as i32, number(10, 12), number(12, 14))?;
        (1900..=2099).contains(&date.year()).then_some(date)
    }
}

/// The check place for the first 17 (ISO 7064 MOD 11-2, as GB 11643 weighs it).
pub fn check_digit(places: &[u8; 18]) -> u8 {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let sum: u32 = places
        .iter()
        .zip(WEIGHTS)
        .map(|(place, weight)| u32::from(place.wrapping_sub(b'0')) * weight)
        .sum();
    CHECKS[(sum % 11) as usize]
}

fn length(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// `5.00101E+17`: what a program shows of an id it took for a number.
fn looks_like_exponent(tight: &str) -> bool {
    tight.split_once('E').is_some_and(|(mantissa, exponent)| {
        !mantissa.is_empty()
            && mantissa.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            && exponent.trim_start_matches('+').bytes().all(|byte| byte.is_ascii_digit())
            && exponent.len() > 1
    })
}
