//! The code of a request in its answer: four to eight letters and digits with at least one digit.
//!
//! What it is not: no check against the codes that were given out, and none of who may use one.

use alloc::string::String;
use alloc::vec::Vec;

const LENGTHS: core::ops::RangeInclusive<usize> = 4..=8;

/// The one code in it; none where there is none, or where it could be either of two. A code that
/// is called one (码1234) counts before others.
pub(super) fn find(text: &str) -> Option<String> {
    let tokens = tokens(text);
    let marked = tokens.iter().filter(|token| token.marked);
    one_of(marked).or_else(|| match tokens.iter().any(|token| token.marked) {
        true => None,
        false => one_of(tokens.iter().filter(|token| token.likely)),
    })
}

/// The one that is called a code; none where there is none, or several.
pub(super) fn called_one(text: &str) -> Option<String> {
    one_of(tokens(text).iter().filter(|token| token.marked))
}

/// The text without that code, so that it is not read as anything else.
pub(super) fn without(text: &str, code: Option<&str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for token in tokens(text) {
        if Some(token.word.as_str()) == code {
            out.push_str(&text[end..token.begin]);
            out.push(' ');
            end = token.end;
        }
    }
    out.push_str(&text[end..]);
    out
}

fn one_of<'a>(tokens: impl Iterator<Item = &'a Token>) -> Option<String> {
    let mut one: Option<&str> = None;
    for token in tokens {
        if one.is_some_and(|word| word != token.word) {
            return None;
        }
        one = Some(&token.word);
    }
    one.map(String::from)
}

struct Token {
    /// In capitals, half-width.
    word: String,
    begin: usize,
    end: usize,
    /// Called a code.
    marked: bool,
    /// Not called one, but it can be nothing else.
    likely: bool,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut begin = 0;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        match plain(letter) {
            Some(letter) => {
                if word.is_empty() {
                    begin = at;
                }
                word.push(letter);
            }
            None if word.is_empty() => {}
            None => {
                let token = token(text, core::mem::take(&mut word), begin, at);
                found.extend(token);
            }
        }
    }
    found
}

fn plain(letter: char) -> Option<char> {
    let half = match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0)?,
        letter => letter,
    };
    half.is_ascii_alphanumeric().then_some(half.to_ascii_uppercase())
}

fn token(text: &str, word: String, begin: usize, end: usize) -> Option<Token> {
    if !LENGTHS.contains(&word.len()) || !word.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let before =
        text[..begin].trim_end_matches([' ', '\u{3000}', ':', '：', '是', '为', '#', '＃']);
    let marked = before.ends_with('码') || text[..begin].ends_with(['#', '＃']);
    let first_after = text[end..].chars().find(|letter| !letter.is_whitespace());
    let counts =
        first_after.is_some_and(|letter| "年月日号人名位起例次点时分元岁%％届级".contains(letter));
    // 2026.06.26, 0851-1234567, 6-12
    let joined = |letter: Option<char>| letter.is_some_and(|c| ".．/／-－:：".contains(c));
    let digit_after = |rest: &str| rest.chars().nth(1).is_some_and(|c| c.is_numeric());
    let digit_before = |rest: &str| rest.chars().rev().nth(1).is_some_and(|c| c.is_numeric());
    let in_number = joined(text[end..].chars().next()) && digit_after(&text[end..])
        || joined(text[..begin].chars().next_back()) && digit_before(&text[..begin]);
    let is_year = word.len() == 4 && (word.starts_with("19") || word.starts_with("20"));
    let is_year_and_more = matches!(word.len(), 6 | 8)
        && word.bytes().all(|byte| byte.is_ascii_digit())
        && word.starts_with("20")
        && word[4..6].parse::<u32>().is_ok_and(|month| (1..=12).contains(&month));
    let likely = !counts && !in_number && !is_year && !is_year_and_more;
    Some(Token { word, begin, end, marked, likely })
}
