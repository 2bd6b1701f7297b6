//! Numbers of phones: read, and written the way each vendor wants them.
//!
//! What it is not: whether a number exists. A number is never shown by `Debug`.

use std::fmt;

/// A number that can be dialled.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Phone {
    /// Country code and number, digits only.
    digits: String,
}

impl Phone {
    /// Reads a mainland mobile number (11 digits, first 1, second 3 to 9), with or without +86, or
    /// an international one with its plus.
    pub(crate) fn read(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        let allowed =
            |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '\u{a0}');
        if !typed.chars().all(allowed) {
            return None;
        }
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        let international = typed.starts_with('+');
        let digits = match digits.strip_prefix("00") {
            Some(rest) if !international => rest.to_owned(),
            _ => digits,
        };
        if is_mainland_mobile(&digits) {
            return Some(Self { digits: format!("86{digits}") });
        }
        if digits.strip_prefix("86").is_some_and(is_mainland_mobile) {
            return Some(Self { digits });
        }
        let abroad = international && !digits.starts_with("86") && !digits.starts_with('0');
        (abroad && (8..=15).contains(&digits.len())).then_some(Self { digits })
    }

    /// 11 digits for the mainland; country code and number abroad.
    pub(crate) fn national(&self) -> &str {
        self.digits
            .strip_prefix("86")
            .filter(|rest| is_mainland_mobile(rest))
            .unwrap_or(&self.digits)
    }

    /// Country code and number, digits only.
    pub(crate) fn international(&self) -> &str {
        &self.digits
    }

    /// With the plus.
    pub(crate) fn e164(&self) -> String {
        format!("+{}", self.digits)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

fn is_mainland_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 11 && bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1])
}

/// A sender's number as it is known at home: 11 digits for the mainland, with plus abroad; what
/// cannot be read stays as it came.
pub(crate) fn as_sender(number: &str, country: Option<&str>) -> String {
    let whole = match country {
        Some(country) if !number.starts_with('+') => {
            format!("+{}{number}", country.trim_start_matches('+'))
        }
        _ => number.to_owned(),
    };
    match Phone::read(&whole).or_else(|| Phone::read(number)) {
        Some(phone) if phone.international().starts_with("86") => phone.national().to_owned(),
        Some(phone) => phone.e164(),
        None => number.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_typed() {
        let table = [
            ("15400000001", Some("15400000001")),
            ("+86 154 0000 0001", Some("15400000001")),
            ("86-154-0000-0001", Some("15400000001")),
            ("008615400000001", Some("15400000001")),
            ("+85251234567", Some("85251234567")),
            ("12400000001", None),
            ("1540000000", None),
            ("154000000011", None),
            ("+8612400000001", None),
            ("023-67770000", None),
            ("zhang@county.test", None),
            ("", None),
            ("１５４００００００01", None),
        ];
        for (typed, expected) in table {
            let read = Phone::read(typed);
            assert_eq!(read.as_ref().map(Phone::national), expected, "{typed}");
            assert!(!format!("{read:?}").contains("154"));
        }
        let phone = Phone::read("15400000001").unwrap();
        assert_eq!(phone.international(), "8615400000001");
        assert_eq!(phone.e164(), "+8615400000001");
    }

    #[test]
    fn a_sender_is_the_same_by_whichever_door() {
        for (number, country) in
            [("15400000001", None), ("15400000001", Some("86")), ("+8615400000001", None)]
        {
            assert_eq!(as_sender(number, country), "15400000001");
        }
        assert_eq!(as_sender("51234567", Some("852")), "+85251234567");
        assert_eq!(as_sender("10086", None), "10086");
    }
}
