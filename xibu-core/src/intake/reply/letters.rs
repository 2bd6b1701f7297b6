//! A short answer made plain: its own words without what it quotes, in simplified letters, lower
//! case, cut at its marks.
//!
//! What it is not: no meaning.

use alloc::vec::Vec;

/// Between two sentences: nothing reaches across.
pub(super) const STOP_MARK: char = '|';
/// Between two words or clauses of one sentence.
pub(super) const GAP: char = ' ';

/// What the sender wrote, without the message it answers: mail programs put that below.
pub(super) fn own_words(text: &str) -> &str {
    let mut end = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let line = rest[..length].trim();
        if begins_quotation(line) && !text[..end].trim().is_empty() {
            break;
        }
        end += length;
        rest = &rest[length..];
    }
    &text[..end]
}

fn begins_quotation(line: &str) -> bool {
    let marks = ["原始邮件", "原邮件", "Original Message", "Forwarded message", "转发邮件"];
    let heads = ["发件人:", "发件人：", "From:", "发自我的", "来自我的"];
    line.starts_with('>')
        || line == "--"
        || line.starts_with("____")
        || marks.iter().any(|mark| line.contains(mark))
        || heads.iter().any(|head| line.starts_with(head))
        || line.ends_with("写道：")
        || line.ends_with("写道:")
        || line.ends_with("wrote:")
}

/// The plain letters of an answer.
#[derive(Clone, Debug)]
pub(super) struct Letters {
    letters: Vec<char>,
    asks: bool,
}

impl Letters {
    /// Takes at most `max` letters.
    pub(super) fn new(text: &str, max: usize) -> Self {
        let mut letters: Vec<char> = Vec::new();
        let source: Vec<char> = text.chars().map(half_width).collect();
        let is_digit = |at: Option<&char>| at.is_some_and(char::is_ascii_digit);
        for (at, &letter) in source.iter().enumerate() {
            let within_number =
                at > 0 && is_digit(source.get(at - 1)) && is_digit(source.get(at + 1));
            let plain = match letter {
                '.' | '/' | '-' | '－' | '—' | '_' if within_number => '.',
                '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'
                | '\u{feff}'
                | '\u{fe00}'..='\u{fe0f}' => continue,
                // 在岗人数：5 is one statement.
                ':' if is_digit(source.get(at + 1)) && is_han(source.get(at.wrapping_sub(1))) => {
                    continue;
                }
                letter if letter.is_whitespace() && is_spaced_out(&source, at) => continue,
                '?' => '?',
                ',' | '.' | ';' | '!' | '。' | '，' | '；' | '！' | '︰' | '\n' | '\r' | '…' => {
                    STOP_MARK
                }
                letter if letter.is_alphanumeric() => simplified(letter),
                _ => GAP,
            };
            let is_mark = |letter: char| matches!(letter, GAP | STOP_MARK);
            if is_mark(plain) && letters.last().is_none_or(|last| is_mark(*last)) {
                // Of several marks in a row the strongest stays; before the first word none.
                if let Some(last) = letters.last_mut().filter(|_| plain == STOP_MARK) {
                    *last = STOP_MARK;
                }
            } else if letters.len() >= max {
                break;
            } else {
                letters.extend(plain.to_lowercase());
            }
        }
        let asks = letters.contains(&'?');
        Self { letters, asks }
    }

    pub(super) fn len(&self) -> usize {
        self.letters.len()
    }

    pub(super) fn all(&self) -> &[char] {
        &self.letters
    }

    /// Whether it is this word and nothing else.
    pub(super) fn is(&self, word: &str) -> bool {
        let is_mark = |letter: &&char| !matches!(**letter, GAP | STOP_MARK);
        self.letters.iter().filter(is_mark).copied().eq(word.chars())
    }

    pub(super) fn has_any(&self, words: &[&str]) -> bool {
        (0..self.letters.len()).any(|at| word_at(&self.letters, at, words).is_some())
    }

    pub(super) fn asks(&self) -> bool {
        self.asks || self.has_any(super::words::ASKS)
    }

    /// What stands between two marks of any kind.
    pub(super) fn slots(&self) -> impl Iterator<Item = &[char]> {
        self.letters
            .split(|letter| matches!(*letter, GAP | STOP_MARK | '?'))
            .filter(|slot| !slot.is_empty())
    }
}

/// Letters set apart by spaces for show, 安 全 无 事: the space beside a letter that stands alone.
fn is_spaced_out(source: &[char], at: usize) -> bool {
    let is_letter = |at: Option<usize>| at.is_some_and(|at| is_han(source.get(at)));
    let (before, after) = (at.checked_sub(1), Some(at + 1));
    is_letter(before)
        && is_letter(after)
        && (!is_letter(at.checked_sub(2)) || !is_letter(Some(at + 2)))
        && !matches!(source.get(at), Some('\n' | '\r'))
}

fn is_han(letter: Option<&char>) -> bool {
    letter.is_some_and(|letter| ('\u{4e00}'..='\u{9fff}').contains(letter))
}

/// The first word of the list that stands at this place, in letters.
pub(super) fn word_at(letters: &[char], at: usize, words: &[&str]) -> Option<usize> {
    words.iter().find_map(|word| stands_at(letters, at, word))
}

/// How long the word is, where it stands at this place.
pub(super) fn stands_at(letters: &[char], at: usize, word: &str) -> Option<usize> {
    let mut length = 0;
    for letter in word.chars() {
        if letters.get(at + length) != Some(&letter) {
            return None;
        }
        length += 1;
    }
    Some(length)
}

/// Whether the letters end with the word; where it begins.
pub(super) fn ends_with(letters: &[char], word: &str) -> Option<usize> {
    let begin = letters.len().checked_sub(word.chars().count())?;
    stands_at(letters, begin, word).map(|_| begin)
}

/// Takes words of the list off the front as long as there are any.
pub(super) fn without_front<'a>(mut letters: &'a [char], words: &[&str]) -> &'a [char] {
    while let Some(length) = longest_at(letters, words) {
        letters = &letters[length..];
    }
    letters
}

fn longest_at(letters: &[char], words: &[&str]) -> Option<usize> {
    words.iter().filter_map(|word| stands_at(letters, 0, word)).max().filter(|length| *length > 0)
}

/// Full-width letters, digits and marks as they are typed on a keyboard.
fn half_width(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        '﹖' | '⁇' | '¿' => '?',
        '﹐' | '︐' | '﹑' => ',',
        '﹒' | '｡' | '︒' => '。',
        '﹔' => ';',
        '﹗' => '!',
        // Digits in circles, as phones offer them.
        '①'..='⑨' => char::from_u32(letter as u32 - 0x2460 + 0x31).unwrap_or(letter),
        letter => letter,
    }
}

/// The traditional letters of the words in our lists.
fn simplified(letter: char) -> char {
    const PAIRS: &str = "無无沒没報报車车禍祸傷伤發发後后號号週周內内單单崗岗員员點点個个請请謝谢訂订\
        辦办觸触電电災灾斷断盜盗騙骗診诊燒烧燙烫醫医應应現现實实確确認认補补這这時时間间嗎吗為为與与\
        題题墜坠難难預预練练訓训隱隐結结還还別别對对會会當当將将來来長长場场全全係系區区縣县鎮镇鄉乡\
        團团隊队館馆處处廳厅聯联校校學学務务縮缩閱阅懂懂讀读樓楼搶抢滑滑壞坏齊齐異异險险驚惊嚴严雖虽\
        給给處处寫写據据寧宁兒儿們们誰谁麼么氣气關关過过進进達达遞递遲迟聽听說说";
    let mut pairs = PAIRS.chars();
    while let (Some(traditional), Some(simple)) = (pairs.next(), pairs.next()) {
        if traditional == letter {
            return simple;
        }
    }
    letter
}
