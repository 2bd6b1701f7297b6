//! Whether an answer is a nil and nothing else.
//!
//! Every slot between two marks must be one that says nothing, names who reports, counts heads,
//! names the month, or is the nil; one slot of another kind and there is no nil.

use alloc::string::String;

use super::accident::Found;
use super::letters::{Letters, ends_with, stands_at, without_front, word_at};
use super::words;
use crate::intake::date::number;

/// Longest name of whoever reports, office included, and how many such slots there may be.
const NAME_CHARS_MAX: usize = 24;
const NAMES_MAX: usize = 4;

/// A nil and what stands with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Nil {
    pub(super) headcount: Option<u32>,
    pub(super) month: Option<u32>,
}

/// What a slot is.
enum Slot {
    Nil,
    Count(u32),
    CountAndNil(u32),
    Month(u32),
    Nothing,
    /// 安全: a nil where nothing else is said, a headline otherwise.
    NothingOrNil,
    Name,
    Else,
}

/// A nil, where it is one.
pub(super) fn read(letters: &Letters, found: &Found) -> Option<Nil> {
    let mut nil = Nil::default();
    let mut said = found.denied_in_general;
    let (mut names, mut headlines, mut fillers) = (0, 0, 0);
    let rest = without_denials(letters, found);
    for slot in Letters::new(&rest, usize::MAX).slots() {
        let mut slot = slot;
        if let Some((month, length)) = month_at(slot) {
            set_once(&mut nil.month, month)?;
            slot = &slot[length..];
            if slot.is_empty() {
                continue;
            }
        }
        match kind_of(slot) {
            Slot::Nil => said = true,
            Slot::Count(count) => set_once(&mut nil.headcount, count)?,
            Slot::CountAndNil(count) => {
                set_once(&mut nil.headcount, count)?;
                said = true;
            }
            Slot::Month(month) => set_once(&mut nil.month, month)?,
            Slot::Nothing => fillers += 1,
            Slot::NothingOrNil => headlines += 1,
            Slot::Name => names += 1,
            Slot::Else => return None,
        }
    }
    said |= headlines > 0 && fillers == 0;
    (said && names <= NAMES_MAX).then_some(nil)
}

/// Two different numbers of heads, or two months, and it is no plain statement.
fn set_once(place: &mut Option<u32>, value: u32) -> Option<()> {
    match *place {
        Some(before) if before != value => None,
        _ => {
            *place = Some(value);
            Some(())
        }
    }
}

fn without_denials(letters: &Letters, found: &Found) -> String {
    let mut rest = String::new();
    // Denials were found in the whole text, this may be it without its code: look again.
    let spans = match super::accident::find(letters) {
        again if again.denials.len() == found.denials.len() => again.denials,
        _ => found.denials.clone(),
    };
    for (at, letter) in letters.all().iter().enumerate() {
        match spans.iter().any(|(from, to)| (*from..*to).contains(&at)) {
            true => rest.push(' '),
            false => rest.push(*letter),
        }
    }
    rest
}

fn kind_of(slot: &[char]) -> Slot {
    if is_all_of(slot, words::FILLERS) {
        let is_nil = words::NIL_ALONE.iter().any(|nil| is(slot, nil));
        return if is_nil { Slot::NothingOrNil } else { Slot::Nothing };
    }
    if let Some(before) = words::NIL.iter().filter_map(|nil| ends_with(slot, nil)).min() {
        return before_nil(&slot[..before]);
    }
    if let Some(count) = count(slot) {
        return count;
    }
    let bare = without_front(slot, words::NIL_BEFORE);
    if words::NIL_ALONE.iter().any(|nil| is(bare, nil) || is(slot, nil) || ends_as(slot, nil)) {
        return Slot::Nil;
    }
    if let Some(month) = month_of_report(slot) {
        return Slot::Month(month);
    }
    // 均, 全部, 志愿者 beside a denial that was taken out.
    if is_all_of(slot, words::NIL_BEFORE) {
        return Slot::Nothing;
    }
    match names_somebody(slot) {
        true => Slot::Name,
        false => Slot::Else,
    }
}

/// `word` at the end, with nothing but [`words::NIL_BEFORE`] before it.
fn ends_as(slot: &[char], word: &str) -> bool {
    ends_with(slot, word).is_some_and(|at| is_all_of(&slot[..at], words::NIL_BEFORE))
}

fn before_nil(before: &[char]) -> Slot {
    let rest = without_front(before, words::FILLERS);
    if rest.is_empty() || is_all_of(rest, words::NIL_BEFORE) {
        return Slot::Nil;
    }
    if let Some(Slot::Count(count) | Slot::CountAndNil(count)) = count(rest) {
        return Slot::CountAndNil(count);
    }
    // 张三报告：…: what a person is called does not end with a verb of saying.
    let name = match ends_with(rest, "报告").or_else(|| ends_with(rest, "回复")) {
        Some(at) => &rest[..at],
        None => rest,
    };
    match name.is_empty() || names_somebody(without_back(name)) {
        true => Slot::Nil,
        false => Slot::Else,
    }
}

/// Without 均, 目前, 一切 and their like at the end.
fn without_back(mut letters: &[char]) -> &[char] {
    while let Some(at) = words::NIL_BEFORE.iter().filter_map(|word| ends_with(letters, word)).min()
    {
        if at == 0 {
            break;
        }
        letters = &letters[..at];
    }
    letters
}

/// 在岗5人, 5人在岗, 志愿者共5名, 5人均安全.
fn count(slot: &[char]) -> Option<Slot> {
    const BEFORE: &[&str] = &[
        "在岗志愿者",
        "在岗人数",
        "在岗",
        "在册",
        "志愿者人数",
        "志愿者",
        "人数",
        "全体",
        "全部",
        "共",
        "计",
        "现有",
        "现",
        "实有",
        "有",
        "西部计划",
        "我单位",
        "本单位",
        "单位",
        "我校",
        "目前",
        "为",
        "是",
        "人员",
    ];
    const AFTER: &[&str] =
        &["在岗", "志愿者", "全部", "均", "都", "到岗", "服务", "人员", "人", "者"];
    let rest = without_front(slot, BEFORE);
    let begun = rest.len() < slot.len();
    let is_numeral = |c: &&char| c.is_ascii_digit() || "一二两三四五六七八九十".contains(**c);
    let digits = rest.iter().take_while(is_numeral).count();
    let text: String = rest[..digits].iter().collect();
    let count = number(&text).filter(|count| *count <= 10_000)?;
    let mut after = &rest[digits..];
    let measured = word_at(after, 0, &["人", "名", "位", "个人"]);
    after = &after[measured.unwrap_or(0)..];
    if measured.is_none() && !(begun && after.is_empty()) {
        return None;
    }
    let after = without_front(after, AFTER);
    if after.is_empty() {
        return Some(Slot::Count(count));
    }
    let bare = without_front(after, words::NIL_BEFORE);
    let is_nil = words::NIL_ALONE.iter().any(|nil| is(after, nil) || is(bare, nil));
    is_nil.then_some(Slot::CountAndNil(count))
}

/// `6月`, `2026年6月` in front.
fn month_at(slot: &[char]) -> Option<(u32, usize)> {
    let year = slot.iter().position(|c| *c == '年').filter(|at| *at == 4 || *at == 2);
    let begin = year.map_or(0, |at| at + 1);
    let end = begin + slot[begin..].iter().position(|c| *c == '月')?;
    let text: String = slot[begin..end].iter().collect();
    let month = number(&text).filter(|month| (1..=12).contains(month) && end - begin <= 3)?;
    // 6月26日 is a day.
    let day = slot.get(end + 1).is_some_and(|c| c.is_ascii_digit());
    let more = word_at(slot, end + 1, &["份", "度"]).unwrap_or(0);
    (!day).then_some((month, end + 1 + more))
}

/// `6月安全报告` and the like, month and headline in one.
fn month_of_report(slot: &[char]) -> Option<u32> {
    let (month, length) = month_at(slot)?;
    is_all_of(&slot[length..], words::FILLERS).then_some(month)
}

fn is(slot: &[char], word: &str) -> bool {
    stands_at(slot, 0, word) == Some(slot.len())
}

fn is_all_of(slot: &[char], words: &[&str]) -> bool {
    without_front(slot, words).is_empty() && !slot.is_empty()
}

/// An office, a person, or an office and a person: `某某镇中心校张三`.
fn names_somebody(slot: &[char]) -> bool {
    let has = |words: &[&str]| (0..slot.len()).any(|at| word_at(slot, at, words).is_some());
    if slot.len() > NAME_CHARS_MAX || has(words::WISHES) || has(words::HANDS_IN) {
        return false;
    }
    if slot.iter().any(char::is_ascii_digit) && slot.len() < 2 {
        return false;
    }
    match slot.iter().rposition(|letter| words::UNIT_ENDS.contains(letter)) {
        Some(at) => slot.len() - at <= 5,
        None => (2..=4).contains(&slot.len()),
    }
}
