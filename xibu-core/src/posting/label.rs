//! Labels and what stands behind them: `学历要求：本科及以上`, `【工作地点】万州`, two cells of a table.
//!
//! Not what a value means. A table of several posts (one a row) is passed over: its columns say
//! something else for each post.

use alloc::string::String;
use alloc::vec::Vec;

use crate::intake::text;

mod words;

use words::LABELS;

/// What a label announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Employer,
    Place,
    Pay,
    Education,
    Majors,
    HeadCount,
    Deadline,
    Kind,
    /// 招聘对象, 招聘范围: who may apply.
    Audience,
}

/// A label with its value and the line it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) label: Label,
    /// As typed behind the label, or under it.
    pub(super) value: String,
    /// The label as typed: 年薪 and 月薪 say what a number means.
    pub(super) typed: String,
    /// Number of the line, from 1.
    pub(super) line: u32,
}

/// A line longer than this is a paragraph, and a posting with more lines a book.
const LINE_MAX: usize = 1_500;
pub(super) const LINES_MAX: usize = 3_000;

/// The lines that are read, with their numbers from 1.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    (1..).zip(text.lines().take(LINES_MAX)).filter(|(_, line)| line.len() <= LINE_MAX)
}

/// Every label of the text with its value.
pub(super) fn pairs(text: &str) -> Vec<Pair> {
    let mut found = Vec::new();
    // A label at the end of a line, waiting for the next.
    let mut waiting: Option<(Label, String)> = None;
    for (number, line) in lines(text) {
        let plain = text::plain(line);
        if plain.is_empty() {
            continue;
        }
        let cells: Vec<&str> = line.split('\t').map(str::trim).filter(|c| !c.is_empty()).collect();
        if cells.len() > 1 {
            waiting = None;
            from_cells(&cells, number, &mut found);
            continue;
        }
        let segments = segments(&plain);
        let labelled = segments.iter().any(|segment| split(segment).is_some());
        if let Some((label, typed)) = waiting.take()
            && !labelled
        {
            found.push(Pair { label, value: plain.clone(), typed, line: number });
            continue;
        }
        for segment in segments {
            let Some((label, typed, value)) = split(segment) else { continue };
            if value.is_empty() {
                waiting = Some((label, typed));
            } else {
                found.push(Pair { label, value: value.into(), typed, line: number });
            }
        }
    }
    found
}

/// Cells in pairs of label and value; nothing where two labels stand side by side (a heading row).
fn from_cells(cells: &[&str], line: u32, found: &mut Vec<Pair>) {
    let labels: Vec<Option<Label>> = cells.iter().map(|cell| label(cell)).collect();
    if labels.windows(2).any(|two| two.iter().all(Option::is_some)) {
        return;
    }
    for (at, cell) in cells.iter().enumerate() {
        if let Some((label, typed, value)) = split(&text::plain(cell))
            && !value.is_empty()
        {
            found.push(Pair { label, value: value.into(), typed, line });
        } else if at.is_multiple_of(2)
            && cells.len().is_multiple_of(2)
            && let (Some(label), Some(value)) = (labels[at], cells.get(at + 1))
        {
            found.push(Pair { label, value: text::plain(value), typed: text::key(cell), line });
        }
    }
}

/// Parts of a line that may each have a label: `人数：5　学历：本科；专业：不限`.
fn segments(plain: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, mark) in plain.char_indices() {
        let parts = match mark {
            ';' | '|' | '；' | '。' => true,
            // A space or comma parts only before a label.
            ' ' | ',' | '，' => split(&plain[at + mark.len_utf8()..]).is_some(),
            _ => false,
        };
        if parts {
            found.push(plain[start..at].trim());
            start = at + mark.len_utf8();
        }
    }
    found.push(plain[start..].trim());
    found.retain(|segment| !segment.is_empty());
    found
}

/// Label, label as typed, value.
fn split(segment: &str) -> Option<(Label, String, &str)> {
    let segment = segment.trim();
    if let Some((typed, value)) = segment.strip_prefix('【').and_then(|rest| rest.split_once('】'))
    {
        let value = value.trim_start_matches([':', ' ']);
        return Some((label(typed)?, text::key(typed), value));
    }
    let (typed, value) = segment.split_once(':')?;
    if typed.len() > 60 {
        return None;
    }
    Some((label(typed)?, text::key(unnumbered(typed)), value.trim()))
}

fn label(typed: &str) -> Option<Label> {
    if typed.len() > 60 {
        return None;
    }
    let key = text::key(unnumbered(typed));
    LABELS.iter().find(|(_, words)| words.contains(&key.as_str())).map(|(label, _)| *label)
}

/// Without `一、`, `1.`, `（二）`, `★` and the like before it.
fn unnumbered(typed: &str) -> &str {
    let numbering = |c: char| {
        c.is_ascii_digit()
            || c.is_whitespace()
            || "一二三四五六七八九十、.．)）(（·●■◆★-*①②③④⑤⑥⑦⑧⑨".contains(c)
    };
    typed.trim_start_matches(numbering)
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec;

    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> Vec<String> {
        pairs(text).iter().map(|p| format!("{} {:?} {}", p.line, p.label, p.value)).collect()
    }

    #[test]
    fn labels_as_notices_write_them() {
        #[track_caller]
        fn check(text: &str, expected: &[&str]) {
            assert_eq!(shown(text), expected, "{text}");
        }
        check("招聘单位：某医院", &["1 Employer 某医院"]);
        check(
            "一、招聘单位：某医院\n（二）学历要求:本科",
            &["1 Employer 某医院", "2 Education 本科"],
        );
        check("【工作地点】重庆市万州区", &["1 Place 重庆市万州区"]);
        check("工作地点：\n重庆市万州区", &["2 Place 重庆市万州区"]);
        check("工作地点：\n学历：本科", &["2 Education 本科"]);
        check(
            "人数：5 学历：本科；专业：不限",
            &["1 HeadCount 5", "1 Education 本科", "1 Majors 不限"],
        );
        check("学历要求\t本科\t专业\t会计学", &["1 Education 本科", "1 Majors 会计学"]);
        check("岗位\t学历\t专业\t人数\n会计\t本科\t会计学\t1", &[]);
        check("学 历 要 求：本 科", &["1 Education 本 科"]);
        check("联系电话：023-00000000", &[]);
        check("工作时间：9:00", &[]);
        assert_eq!(shown(""), vec![] as Vec<String>);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "(.|\\n|\\t|：|学历|专业|【|】|;|，){0,120}") {
            pairs(&text);
        }
    }
}
