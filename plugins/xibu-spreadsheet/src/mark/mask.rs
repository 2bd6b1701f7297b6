//! What stays of a value that is masked: its last four characters, as a record keeps them.

/// The text with everything but its last four characters hidden; a short one is hidden whole.
pub(super) fn masked(text: &str) -> String {
    let text = text.trim();
    let length = text.chars().count();
    // Of eight characters or fewer, four would be half of it.
    let shown = if length > 8 { 4 } else { 0 };
    let mut masked: String = "*".repeat(length - shown);
    masked.extend(text.chars().skip(length - shown));
    masked
}

/// A number's text as a person sees it: an id that became a number shows fifteen of its digits, and
/// noughts.
pub(super) fn digits(text: &str) -> String {
    match text.trim().parse::<f64>() {
        Ok(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Ok(number) if number.fract() == 0.0 && number.abs() < 1e21 => {
            let shown = format!("{number:.14e}");
            let (digits, power) = shown.split_once('e').unwrap_or((&shown, "0"));
            let digits = digits.replace('.', "");
            let length = power.parse::<usize>().unwrap_or(0) + 1;
            format!("{digits:0<length$}")
        }
        _ => text.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_four_stay() {
        for (text, expected) in [
            ("999999200001010016", "**************0016"),
            (" 99999920000101001X ", "**************001X"),
            ("123456789", "*****6789"),
            ("12345678", "********"),
            ("", ""),
            ("身份证号不明无法填写", "******无法填写"),
        ] {
            assert_eq!(masked(text), expected);
        }
        assert_eq!(digits("9.9999920000101E+17"), "999999200001010000");
        assert_eq!(digits("2.5"), "2.5");
        assert_eq!(digits("13900000000"), "13900000000");
    }
}
