//! The lines of a pasted list: which are numbered, and which only invite or thank.

/// A line with something in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// Which line of the message, from 1, empty ones counted.
    pub(super) number: u32,
    /// What it says behind its number.
    pub(super) body: &'a str,
    /// Whether it begins with a number.
    pub(super) numbered: bool,
    /// Whether it calls the text a list: `#接龙`.
    pub(super) is_title: bool,
}

const TITLES: &[&str] = &["接龙", "接力", "报平安"];
const EXAMPLES: &[&str] =
    &["例：", "例:", "例如", "例 ", "示例", "样例：", "样例:", "格式", "模板", "备注：", "备注:"];
const COURTESY: &[&str] = &[
    "谢谢",
    "辛苦",
    "以上",
    "汇报完毕",
    "报告完毕",
    "完毕",
    "请查收",
    "请审阅",
    "收到",
    "祝",
    "此致",
    "敬礼",
];

impl Line<'_> {
    /// Titles and examples say nothing of a unit.
    pub(super) fn is_passed_over(&self) -> bool {
        self.is_title || EXAMPLES.iter().any(|word| self.body.starts_with(word))
    }

    /// Thanks, and who signs.
    pub(super) fn is_courtesy(&self) -> bool {
        let short = self.body.chars().count() <= 20;
        !self.numbered && short && COURTESY.iter().any(|word| self.body.contains(word))
    }
}

/// The lines of a text, without the message it answers or sends on.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    (1..).zip(text.lines()).filter_map(|(number, line)| {
        let line = line.trim_matches(|c: char| c.is_whitespace() || is_invisible(c) || c == '>');
        let (numbered, body) = without_number(line);
        let is_title = !numbered && TITLES.iter().any(|word| line.contains(word));
        (!body.is_empty()).then_some(Line { number, body, numbered, is_title })
    })
}

/// The month a title speaks of: `6月安全情况接龙`.
pub(super) fn month(line: &Line<'_>) -> Option<u32> {
    let before = &line.body[..line.body.find('月')?];
    let digits = before.chars().rev().map(half_width).take_while(char::is_ascii_digit);
    let mut month = 0;
    for (digit, place) in digits.zip([1, 10]) {
        month += digit.to_digit(10)? * place;
    }
    (1..=12).contains(&month).then_some(month)
}

/// `1.` `2、` `（3）` `④` `5️⃣` `６：` `第7` `八、` off the front; whether there was one.
fn without_number(line: &str) -> (bool, &str) {
    let open = line.trim_start_matches(['(', '（', '[', '【', '第', '*', '-', '•', '·', '●', '✅']);
    let open = open.trim_start_matches(char::is_whitespace);
    let mut end = 0;
    let mut closed = false;
    for (at, letter) in open.char_indices() {
        let is_digit = half_width(letter).is_ascii_digit();
        let is_han_digit = "一二三四五六七八九十".contains(letter);
        let is_whole = is_digit_by_itself(letter);
        match letter {
            _ if is_whole && !closed => {
                end = at + letter.len_utf8();
                closed = true;
            }
            _ if !closed && (is_digit || is_han_digit) => end = at + letter.len_utf8(),
            _ if is_invisible(letter) && end > 0 => {
                end = at + letter.len_utf8();
                closed = true;
            }
            _ => break,
        }
    }
    let (number, rest) = open.split_at(end);
    let body = rest.trim_start_matches(is_after_number);
    // 一中 and 三河镇 are names: a Chinese number needs its mark.
    let is_han = number.chars().all(|letter| "一二三四五六七八九十".contains(letter));
    let marked = body.len() < rest.len();
    let counts = rest.starts_with(['年', '月', '日', '人', '名', '号']);
    if number.is_empty() || (is_han && !marked) || counts || number.chars().count() > 4 {
        return (false, line);
    }
    (true, body)
}

fn is_after_number(letter: char) -> bool {
    letter.is_whitespace()
        || is_invisible(letter)
        || ".．、，,:：;；)）]】-－—–~～。·号".contains(letter)
}

/// Circled and boxed digits.
fn is_digit_by_itself(letter: char) -> bool {
    matches!(letter, '①'..='⒛' | '❶'..='➓' | '㉑'..='㊿' | '🔟')
}

/// What makes a digit an emoji, and marks that show nothing.
const fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{fe0e}' | '\u{fe0f}' | '\u{20e3}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
    )
}

fn half_width(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        letter => letter,
    }
}
