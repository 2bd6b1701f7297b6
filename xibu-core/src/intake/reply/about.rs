//! Which incident a short answer speaks of (收到 I7, 续报I7：…, I7 结案), and what it says of it.
//!
//! An answer that names an incident of ours is a word about that one and opens no other, however
//! bad its words are: 伤者已送医 is how it went on. What it is not: whether there is such an
//! incident, and whether the sender may say so, is for the caller.

use super::letters::Letters;
use crate::incident::{Act, IncidentId};

/// A word about an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// Which; none where two are named.
    pub incident: Option<IncidentId>,
    /// What it says; none where that is for a person to read.
    pub act: Option<Act>,
}

const CLOSED: &[&str] = &["终报", "结案", "办结", "处理完毕", "处置完毕"];
const NOT_CLOSED: &[&str] =
    &["未结案", "没结案", "未办结", "尚未处理完毕", "未处理完毕", "何时结案"];
const FOLLOWED_UP: &[&str] = &["续报", "进展", "最新情况", "续：", "补报"];
const KNOWN: &[&str] = &[
    "收到",
    "知悉",
    "知道",
    "已知",
    "已悉",
    "明白",
    "确认",
    "已阅",
    "好的",
    "马上处理",
    "立即处理",
    "正在处理",
    "在处理",
    "ok",
    "roger",
];
const NOT_KNOWN: &[&str] =
    &["未收到", "没收到", "没有收到", "不知", "不明白", "无法确认", "未确认"];

/// What a text says about an incident it names; none where it names none.
pub(super) fn find(own: &str) -> Option<About> {
    let mut named = numbers(own);
    let incident = named.next()?;
    let incident = named.all(|other| other == incident).then_some(incident);
    let letters = Letters::new(own, 2_000);
    let has = |words: &[&str], but: &[&str]| letters.has_any(words) && !letters.has_any(but);
    let act = if letters.asks() {
        None
    } else if has(CLOSED, NOT_CLOSED) {
        Some(Act::Closed)
    } else if letters.has_any(FOLLOWED_UP) || letters.has_any(NOT_CLOSED) {
        Some(Act::FollowedUp)
    } else if has(KNOWN, NOT_KNOWN) {
        Some(Act::Acknowledged)
    } else {
        None
    };
    Some(About { incident, act })
}

/// `I7`, `i 7`, `Ｉ７`, `编号I7`; not a letter within a word, and not `ICU3`.
fn numbers(text: &str) -> impl Iterator<Item = IncidentId> + '_ {
    let letters: alloc::vec::Vec<char> = text.chars().map(plain).collect();
    let ends = |at: usize| letters.get(at).is_none_or(|letter| !letter.is_ascii_alphanumeric());
    let found = (0..letters.len()).filter_map(|at| {
        let begins = at == 0 || !letters[at - 1].is_ascii_alphanumeric();
        if letters[at] != 'i' || !begins {
            return None;
        }
        let from = at + 1 + usize::from(letters.get(at + 1) == Some(&' '));
        let digits: alloc::string::String =
            letters.get(from..)?.iter().take_while(|letter| letter.is_ascii_digit()).collect();
        let number = digits.parse().ok().filter(|number| *number > 0)?;
        (digits.len() <= 6 && ends(from + digits.len())).then_some(IncidentId(number))
    });
    found.collect::<alloc::vec::Vec<_>>().into_iter()
}

fn plain(letter: char) -> char {
    let half = match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        '\u{3000}' => ' ',
        letter => letter,
    };
    half.to_ascii_lowercase()
}
