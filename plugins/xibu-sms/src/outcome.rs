//! Words for what became of a message, free of numbers of phones.
//!
//! What it is not: no vendor's code is judged here.

use xibu_plugin_sdk::message::{Blame, Outcome};

/// Longest detail, in bytes.
const DETAIL_BYTES_MAX: usize = 200;
/// As many digits in a row may be a phone's.
const DIGITS_MAX: usize = 6;

/// How long a channel rests that says no how long, in seconds.
pub(crate) const REST_SECONDS: u64 = 60;
/// The longest rest believed, in seconds: a day.
const REST_SECONDS_MAX: u64 = 86_400;

pub(crate) fn accepted(reference: impl Into<String>) -> Outcome {
    Outcome::Accepted { reference: reference.into() }
}

pub(crate) fn deferred(blame: Blame, detail: impl AsRef<str>) -> Outcome {
    Outcome::Deferred { blame, detail: scrub(detail.as_ref()) }
}

pub(crate) fn rejected(blame: Blame, detail: impl AsRef<str>) -> Outcome {
    Outcome::Rejected { blame, detail: scrub(detail.as_ref()) }
}

pub(crate) fn throttled(seconds: u64, detail: impl AsRef<str>) -> Outcome {
    let retry_after_seconds = seconds.clamp(1, REST_SECONDS_MAX);
    Outcome::Throttled { retry_after_seconds, detail: scrub(detail.as_ref()) }
}

/// Whether the channel itself is in trouble, so that the rest of a batch would fare alike.
pub(crate) fn is_trouble(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Throttled { .. } | Outcome::Deferred { blame: Blame::Channel, .. })
}

/// A vendor's text without anything that may be a number of a phone, or an address, on one line.
pub(crate) fn scrub(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(DETAIL_BYTES_MAX * 2));
    let mut run = String::new();
    for letter in text.chars().take(DETAIL_BYTES_MAX * 2).chain([' ']) {
        // 154-0000-0001 and 154****0001 are numbers as well.
        let in_number = letter.is_ascii_digit() || letter == '*';
        let within = matches!(letter, '-' | ' ') && ends_with_digit(&run);
        if in_number || within {
            run.push(letter);
            continue;
        }
        flush(&mut run, &mut out);
        out.push(if letter.is_control() { ' ' } else { letter });
    }
    flush(&mut run, &mut out);
    let end = out.floor_char_boundary(DETAIL_BYTES_MAX);
    out[..end].trim_end().to_owned()
}

fn ends_with_digit(run: &str) -> bool {
    run.ends_with(|c: char| c.is_ascii_digit() || c == '*')
}

fn flush(run: &mut String, out: &mut String) {
    let long = run.chars().filter(|c| c.is_ascii_digit() || *c == '*').count() > DIGITS_MAX;
    if long {
        out.push('…');
        if run.ends_with(' ') {
            out.push(' ');
        }
    } else {
        out.push_str(run);
    }
    run.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_detail_holds_a_number_of_a_phone() {
        let table = [
            ("number 15400000001 is unknown", "number … is unknown"),
            ("+8615400000001", "+…"),
            ("154-0000-0001 refused", "… refused"),
            ("154 0000 0001 refused", "… refused"),
            ("154****0001", "…"),
            ("code 1015, try in 60 s", "code 1015, try in 60 s"),
            ("isv.BUSINESS_LIMIT_CONTROL: Permits:1", "isv.BUSINESS_LIMIT_CONTROL: Permits:1"),
            ("two\r\nlines", "two  lines"),
            ("手机号15400000001不合法", "手机号…不合法"),
        ];
        for (text, expected) in table {
            assert_eq!(scrub(text), expected);
        }
        assert!(scrub(&"很长 ".repeat(500)).len() <= DETAIL_BYTES_MAX);
    }
}
