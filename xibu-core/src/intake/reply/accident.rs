//! Words of an accident, and whether somebody denies them.
//!
//! A denial reaches over what it denies and what stands with it in a row (无人员受伤、住院), but not
//! over a full stop or a comma, and not over any word that is not known to stand between.

use alloc::vec::Vec;

use super::letters::{GAP, Letters, STOP_MARK, ends_with, stands_at, word_at};
use super::words::{self, Event};
use crate::incident::IncidentKind;
use crate::intake::date::number;

/// How grave what was said is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Severity {
    /// An accident that nobody denies.
    Happened(IncidentKind),
    /// Words of an accident, but asked, supposed or about prevention.
    Perhaps,
    /// A worry.
    Worry,
    /// Neither.
    Nothing,
}

/// What was found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) severity: Severity,
    /// A denial of accidents as such: 没有事故.
    pub(super) denied_in_general: bool,
    /// A denial that leaves something open: 无重大事故.
    pub(super) qualified: bool,
    /// What the denials reach over: first letter, and the one after the last.
    pub(super) denials: Vec<(usize, usize)>,
}

/// Looks through the whole text, however long.
pub(super) fn find(text: &Letters) -> Found {
    let letters = text.all();
    let mut denied = Denied::default();
    let mut kinds: Vec<IncidentKind> = Vec::new();
    let mut perhaps = false;
    let mut at = 0;
    while at < letters.len() {
        if let Some(end) = denied.take(letters, at) {
            at = end;
        } else if let Some(length) = word_at(letters, at, words::NO_EVENT) {
            at += length;
        } else if let Some((event, length)) = event_at(letters, at) {
            let (from, to) = clause(letters, at);
            if is_only_talked_of(&letters[from..to], event) {
                perhaps = true;
            } else {
                kinds.push(event.kind);
            }
            at += length;
        } else {
            at += 1;
        }
    }
    let severity = match kinds.iter().min() {
        Some(_) if perhaps_all(letters, &kinds) => Severity::Perhaps,
        Some(kind) => Severity::Happened(telling(&kinds, *kind)),
        None if perhaps => Severity::Perhaps,
        None if worries(letters, &denied.spans) => Severity::Worry,
        None => Severity::Nothing,
    };
    Found {
        severity,
        denied_in_general: denied.general,
        qualified: denied.qualified,
        denials: denied.spans,
    }
}

/// Of several kinds the one that says most about what happened: a crash before the hospital.
fn telling(kinds: &[IncidentKind], first: IncidentKind) -> IncidentKind {
    use IncidentKind::{Disaster, Illness, Injury, Other, Property, Traffic};
    [Traffic, Disaster, Injury, Illness, Property, Other]
        .into_iter()
        .find(|kind| kinds.contains(kind))
        .unwrap_or(first)
}

/// A text that is one question and says of nothing that it happened.
fn perhaps_all(letters: &[char], kinds: &[IncidentKind]) -> bool {
    kinds.len() == 1
        && letters.len() <= 30
        && (0..letters.len()).any(|at| {
            word_at(letters, at, &["有没有", "有无", "是否", "是不是", "会不会"]).is_some()
        })
}

fn event_at(letters: &[char], at: usize) -> Option<(&'static Event, usize)> {
    words::EVENTS
        .iter()
        .filter_map(|event| Some((event, stands_at(letters, at, event.word)?)))
        .max_by_key(|(_, length)| *length)
}

/// The clause around a place: between two marks that are more than a gap.
fn clause(letters: &[char], at: usize) -> (usize, usize) {
    let is_mark = |letter: &char| matches!(*letter, STOP_MARK | '?');
    let from = letters[..at].iter().rposition(is_mark).map_or(0, |mark| mark + 1);
    let to = letters[at..].iter().position(is_mark).map_or(letters.len(), |mark| at + mark);
    (from, to)
}

fn is_only_talked_of(clause: &[char], event: &Event) -> bool {
    let has = |words: &[&str]| (0..clause.len()).any(|at| word_at(clause, at, words).is_some());
    !event.concrete && has(words::ABOUT) && !has(&["发生了", "出了", "已发生", "造成", "导致"])
}

fn worries(letters: &[char], denials: &[(usize, usize)]) -> bool {
    let is_denied = |at: usize| denials.iter().any(|(from, to)| (*from..*to).contains(&at));
    (0..letters.len()).any(|at| !is_denied(at) && word_at(letters, at, words::WORRIES).is_some())
}

/// Denials met on the way.
#[derive(Debug, Default)]
struct Denied {
    spans: Vec<(usize, usize)>,
    general: bool,
    qualified: bool,
}

impl Denied {
    /// A denial that begins here and reaches something; where it ends.
    fn take(&mut self, letters: &[char], at: usize) -> Option<usize> {
        let length = word_at(letters, at, words::NEGATORS)?;
        if is_turned_round(&letters[..at]) || is_part_of_number(letters, at, length) {
            return None;
        }
        let mut reached = None;
        let (mut general, mut qualified) = (false, false);
        let mut next = at + length;
        while next < letters.len() {
            let step = object_at(letters, next);
            if let Some((length, is_general)) = step {
                next += length;
                reached = Some(next);
                general |= is_general;
            } else if let Some(length) = word_at(letters, next, words::QUALIFIERS) {
                qualified = true;
                next += length;
            } else if let Some(length) = word_at(letters, next, words::BETWEEN) {
                next += length;
            } else if letters[next] == GAP {
                next += 1;
            } else {
                break;
            }
        }
        let mut end = reached?;
        // 无安全事故发生
        while let Some(length) = word_at(letters, end, &["发生", "出现", "情况", "的"]) {
            end += length;
        }
        self.spans.push((at, end));
        self.general |= general && !qualified;
        self.qualified |= qualified;
        Some(end)
    }
}

/// Something that can be denied here: its length, and whether it means any accident at all.
fn object_at(letters: &[char], at: usize) -> Option<(usize, bool)> {
    if word_at(letters, at, words::NO_EVENT).is_some() {
        return None;
    }
    let general = longest(letters, at, words::GENERAL_OBJECTS).map(|length| (length, true));
    let other = longest(letters, at, words::OTHER_OBJECTS).map(|length| (length, false));
    let event = event_at(letters, at).map(|(_, length)| (length, false));
    // Of equal length the general word counts: 事故 stands in both lists.
    [event, other, general].into_iter().flatten().max_by_key(|(length, _)| *length)
}

fn longest(letters: &[char], at: usize, words: &[&str]) -> Option<usize> {
    words.iter().filter_map(|word| stands_at(letters, at, word)).max()
}

fn is_turned_round(before: &[char]) -> bool {
    words::TURNS_ROUND.iter().any(|word| ends_with(before, word).is_some())
        // 有没有, 有无
        || before.last() == Some(&'有')
}

/// The nought of 10起, 2026年0…
fn is_part_of_number(letters: &[char], at: usize, length: usize) -> bool {
    let is_digit = |at: Option<&char>| at.is_some_and(|c| c.is_ascii_digit() || *c == '.');
    letters[at].is_ascii_digit()
        && (at > 0 && is_digit(letters.get(at - 1)) || is_digit(letters.get(at + length)))
}

/// The number of persons concerned: the first that counts people and not those at their posts.
pub(super) fn persons(text: &Letters) -> Option<u32> {
    let letters = text.all();
    let is_numeral = |c: char| c.is_ascii_digit() || "一二两三四五六七八九十".contains(c);
    let mut at = 0;
    while at < letters.len() {
        let length = letters[at..].iter().take_while(|c| is_numeral(**c)).count();
        if length == 0 {
            at += 1;
            continue;
        }
        let after = at + length;
        let counts = letters.get(after).is_some_and(|c| matches!(*c, '人' | '名' | '位'));
        let at_post = word_at(letters, after + 1, &["在岗", "均在岗", "全部在岗"]).is_some()
            || ["在岗", "共", "应到", "实到", "志愿者共"]
                .iter()
                .any(|word| ends_with(&letters[..at], word).is_some());
        if counts && !at_post {
            let text: alloc::string::String = letters[at..after].iter().collect();
            return number(&text).filter(|count| (1..=10_000).contains(count));
        }
        at = after;
    }
    None
}
