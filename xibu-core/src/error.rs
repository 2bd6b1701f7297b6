//! The one failure type of the crate: a value could not be read.
//!
//! Business outcomes (a refused row, a gap in a chain, a reason not to send) are not failures; they
//! are public enums beside the thing they judge.

use alloc::format;
use alloc::string::String;
use core::fmt;

/// A text was not what it should be.
///
/// Its `Display` says what was expected and what was found, without a final stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    message: String,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl core::error::Error for Error {}

/// Reads `O17` or `P17`: a letter and a number without leading zeros.
pub(crate) fn number_after(letter: char, text: &str) -> Result<u32, Error> {
    text.strip_prefix(letter)
        .filter(|digits| !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| {
            Error::new(format!(
                "expected {letter} and a number, such as {letter}17, found `{text}`"
            ))
        })
}
