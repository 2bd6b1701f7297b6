//! Phone numbers and mail addresses as typed: well formed or not, never whether they exist.

use alloc::string::String;

use super::Personal;
use super::refusal::Refusal;
use super::text;
use crate::cell::CellValue;

/// A phone number as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// Digits only; a landline as area code, hyphen, number.
    pub number: Personal,
    /// Whether it is a mobile number.
    pub mobile: bool,
    /// Whether the cell held more numbers than this first one.
    pub more: bool,
}

/// Reads a mobile number (11 digits, first 1, second 3 to 9) or a landline.
///
/// # Errors
/// [`Refusal::CellIsError`] or [`Refusal::PhoneNotReadable`].
///
/// ```
/// use xibu_core::cell::CellValue;
/// use xibu_core::intake::contact::phone;
/// let read = phone(&CellValue::Text("+86 154-0000 0001".into())).unwrap();
/// assert_eq!((read.number.expose(), read.mobile), ("15400000001", true));
/// ```
pub fn phone(value: &CellValue) -> Result<Phone, Refusal> {
    let typed = match value {
        CellValue::Error(_) => return Err(Refusal::CellIsError),
        CellValue::Text(typed) => text::plain(typed),
        CellValue::Number(_) => text::shown(value),
        CellValue::Date(_) | CellValue::Boolean(_) => return Err(Refusal::PhoneNotReadable),
    };
    let mut several = typed
        .split(['/', '、', ',', ';', '，', '；', '或'])
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let first = several.next().ok_or(Refusal::ValueMissing)?;
    let more = several.next().is_some();
    let (number, mobile) = one(first)
        // `15400000001 15400000002`: two numbers parted by a space only.
        .or_else(|| first.split(' ').next().and_then(one))
        .ok_or(Refusal::PhoneNotReadable)?;
    Ok(Phone { number: Personal::new(number), mobile, more })
}

fn one(typed: &str) -> Option<(String, bool)> {
    let typed = text::without_point_zero(typed);
    let allowed =
        |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '+' | '(' | ')' | '—' | '–');
    if !typed.chars().all(allowed) {
        return None;
    }
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let national = match typed.starts_with('+') || digits.len() >= 13 {
        true => {
            digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86")).unwrap_or(&digits)
        }
        false => &digits,
    };
    if is_mobile(national) {
        return Some((String::from(national), true));
    }
    is_landline(national).then(|| (String::from(typed.trim()), false))
}

fn is_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 11 && bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1])
}

/// 7 or 8 digits, or area code and 7 or 8 digits.
fn is_landline(digits: &str) -> bool {
    match digits.len() {
        7 | 8 => (b'2'..=b'8').contains(&digits.as_bytes()[0]),
        10..=12 => digits.starts_with('0') && digits.as_bytes()[1] != b'0',
        _ => false,
    }
}

/// Reads one mail address; full-width signs and spaces are forgiven, the domain is made lower case.
///
/// # Errors
/// [`Refusal::CellIsError`] or [`Refusal::MailNotReadable`].
pub fn mail(value: &CellValue) -> Result<Personal, Refusal> {
    let typed = match value {
        CellValue::Error(_) => return Err(Refusal::CellIsError),
        CellValue::Text(typed) => text::tight(typed),
        _ => return Err(Refusal::MailNotReadable),
    };
    if typed.is_empty() {
        return Err(Refusal::ValueMissing);
    }
    let typed = typed.strip_prefix("mailto:").unwrap_or(&typed);
    let (local, domain) = typed.split_once('@').ok_or(Refusal::MailNotReadable)?;
    let local_ok = (1..=64).contains(&local.len())
        && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b))
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let domain_ok = domain.len() <= 253 && domain.contains('.') && domain.split('.').all(label_ok);
    if !(local_ok && domain_ok) {
        return Err(Refusal::MailNotReadable);
    }
    let mut address = String::from(local);
    address.push('@');
    address.push_str(&domain.to_ascii_lowercase());
    Ok(Personal::new(address))
}
