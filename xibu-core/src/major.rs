//! Majors (专业): what a posting asks for, and whether a person's own is one of them.
//!
//! By name, by a name that contains the asked one, and by 专业类 and 学科门类 with a small table.
//!
//! Limits: the table holds the usual undergraduate majors only, no vocational and no graduate
//! catalogue; a posting's remark (优先, 双学位, 一级学科代码) is not weighed; where a name is both
//! a major and a whole discipline (法学, 经济学) the narrower is meant.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::explain::Sentence;
use crate::intake::text;

mod table;

/// What a posting asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "asked")]
pub enum MajorsAsked {
    /// 专业不限.
    Any,
    /// One of these.
    OneOf {
        /// As written, one by one.
        names: Vec<String>,
        /// Whether 等相关专业 stands behind: majors of the same class fit too.
        or_related: bool,
    },
}

/// How a person's major fits; the first that holds, declared from close to loose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MajorFit {
    /// The same name.
    Same,
    /// The asked name is part of one's own (会计 in 会计学).
    Contained,
    /// One's own belongs to the asked 专业类 or 学科门类.
    InClass,
    /// One's own is of the same 专业类 as a named one, and 相关专业 are asked too.
    Related,
}

/// The most majors read from one posting; more are a catalogue, not a condition.
pub const NAMES_MAX: usize = 60;

impl MajorsAsked {
    /// Reads what stands behind `专业要求：`. None where nothing clear is asked; 优先 is a wish and
    /// no condition, so it is none too.
    ///
    /// ```
    /// use xibu_core::major::MajorsAsked;
    /// let asked = MajorsAsked::from_typed("会计学、财务管理等相关专业").unwrap();
    /// assert!(asked.fit("审计学").is_some() && asked.fit("护理学").is_none());
    /// assert_eq!(MajorsAsked::from_typed("专业不限"), Some(MajorsAsked::Any));
    /// ```
    pub fn from_typed(typed: &str) -> Option<MajorsAsked> {
        let tight = text::tight(typed);
        if tight.contains("优先") || tight.chars().count() > 600 {
            return None;
        }
        if ["不限", "无要求", "不作要求", "不做要求"].iter().any(|word| tight.contains(word))
        {
            return Some(MajorsAsked::Any);
        }
        let or_related = ["相关", "相近", "类似"].iter().any(|word| tight.contains(word));
        let mut names: Vec<String> = Vec::new();
        for part in split(&tight) {
            let Some(name) = name(part) else { continue };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.sort();
        (1..=NAMES_MAX).contains(&names.len()).then_some(MajorsAsked::OneOf { names, or_related })
    }

    /// How a person's major fits; none where it does not. [`MajorsAsked::Any`] takes every one and
    /// says nothing of how.
    pub fn fit(&self, own: &str) -> Option<(&str, MajorFit)> {
        let MajorsAsked::OneOf { names, or_related } = self else { return None };
        let own = key(own);
        names
            .iter()
            .filter_map(|name| Some((Asked::new(name, *or_related).fit(&own)?, name.as_str())))
            .min()
            .map(|(fit, name)| (name, fit))
    }

    /// As it is said to a reader.
    pub fn sentence(&self) -> Sentence {
        match self {
            MajorsAsked::Any => Sentence::new("不限", "any"),
            MajorsAsked::OneOf { names, or_related } => {
                let (zh, en) = match or_related {
                    true => ("等相关专业", " and related ones"),
                    false => ("", ""),
                };
                Sentence::new(names.join("、") + zh, names.join(", ") + en)
            }
        }
    }
}

/// A person's majors as typed, one by one.
///
/// ```
/// assert_eq!(xibu_core::major::list("汉语言文学，法学（双学位）"), ["汉语言文学", "法学"]);
/// ```
pub fn list(typed: &str) -> Vec<String> {
    let mut names: Vec<String> = split(&text::tight(typed)).filter_map(name).collect();
    names.sort();
    names.dedup();
    names.truncate(8);
    names
}

/// A major's name reduced to what is compared: no brackets, no 专业 behind it.
pub(crate) fn key(name: &str) -> String {
    let key = text::key(name);
    match key.strip_suffix("专业") {
        Some(short) if !short.is_empty() => short.into(),
        _ => key,
    }
}

/// One asked name with the classes it means, looked up once for many people.
pub(crate) struct Asked<'a> {
    name: &'a str,
    classes: Vec<&'static table::Class>,
    /// The classes of the name itself, where related majors are asked too.
    related: Vec<&'static table::Class>,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(name: &'a str, or_related: bool) -> Self {
        let related = if or_related { table::with_major(name) } else { Vec::new() };
        Self { name, classes: table::meant(name), related }
    }

    /// How `own`, a key, fits.
    pub(crate) fn fit(&self, own: &str) -> Option<MajorFit> {
        let among = |classes: &[&table::Class]| classes.iter().any(|class| class.has(own));
        if self.name == own {
            Some(MajorFit::Same)
        } else if contains(own, self.name) {
            Some(MajorFit::Contained)
        } else if among(&self.classes) {
            Some(MajorFit::InClass)
        } else {
            among(&self.related).then_some(MajorFit::Related)
        }
    }

    /// The majors of the table that may fit by class.
    pub(crate) fn majors(&self) -> impl Iterator<Item = &'static str> {
        self.classes.iter().chain(&self.related).flat_map(|class| class.majors())
    }
}

/// Whether the asked name stands in one's own as a name, not by chance: 法学 is not in 书法学, 医学
/// not in 动物医学. The class 计算机 may be looked for by its name, the class 化学 may not
/// (化学工程).
fn contains(own: &str, asked: &str) -> bool {
    let asked = asked.strip_suffix('类').unwrap_or(asked);
    let long = asked.chars().count();
    let science = asked.ends_with('学');
    if long < 2 || science && table::is_class(asked) {
        return false;
    }
    match long == 2 && science {
        true => own.starts_with(asked),
        false => own.contains(asked),
    }
}

fn split(tight: &str) -> impl Iterator<Item = &str> {
    // Marks inside brackets part nothing: 计算机类（软件工程、网络工程）names the class.
    let mut depth = 0_i32;
    tight.split(move |c: char| {
        match c {
            '(' | '（' | '[' | '【' | '〔' => depth += 1,
            ')' | '）' | ']' | '】' | '〕' => depth = (depth - 1).max(0),
            _ => {}
        }
        depth == 0 && matches!(c, '、' | ',' | '，' | ';' | '；' | '/' | '|' | '或' | '。')
    })
}

/// One name, cleaned; none where the words are no name.
fn name(part: &str) -> Option<String> {
    let mut name = key(part);
    for prefix in ["专业为", "专业要求", "所学专业", "本科", "研究生", "硕士", "大专"]
    {
        if let Some(rest) = name.strip_prefix(prefix) {
            name = rest.into();
        }
    }
    for suffix in
        ["等相关专业", "等相近专业", "及相关专业", "相关专业", "等相关", "及相关", "等专业"]
            .iter()
            .chain(&["相近专业", "类相关", "相关", "专业", "等"])
    {
        if let Some(rest) = name.strip_suffix(suffix) {
            name = rest.into();
        }
    }
    let long = name.chars().count();
    let plain =
        name.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c) || c.is_ascii_alphabetic());
    let words = ["详见", "附件", "见岗位", "要求", "参照", "目录", "具体", "公告", "方向不限"];
    let is_name = plain && (2..=20).contains(&long) && !words.iter().any(|w| name.contains(w));
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check_read(typed: &str, expected: &str) {
        let shown = match MajorsAsked::from_typed(typed) {
            None => "-".into(),
            Some(MajorsAsked::Any) => "any".into(),
            Some(MajorsAsked::OneOf { names, or_related }) => {
                format!("{}{}", names.join(" "), if or_related { " +" } else { "" })
            }
        };
        assert_eq!(shown, expected, "{typed}");
    }

    #[test]
    fn majors_as_postings_ask_for_them() {
        check_read("不限", "any");
        check_read("专业不限", "any");
        check_read("会计学", "会计学");
        check_read("会计学、财务管理、审计学", "会计学 审计学 财务管理");
        check_read("计算机类（软件工程、网络工程）", "计算机类");
        check_read("汉语言文学专业或新闻学专业", "新闻学 汉语言文学");
        check_read("土木工程、工程管理等相关专业", "土木工程 工程管理 +");
        check_read("本科：中国语言文学类；研究生：中国语言文学", "中国语言文学 中国语言文学类");
        check_read("市场营销专业优先", "-");
        check_read("详见附件", "-");
        check_read("", "-");
    }

    #[track_caller]
    fn check_fit(asked: &str, own: &str, expected: Option<MajorFit>) {
        let asked = MajorsAsked::from_typed(asked).unwrap();
        assert_eq!(asked.fit(own).map(|(_, fit)| fit), expected, "{asked:?} {own}");
    }

    #[test]
    fn majors_fit_by_name_by_part_and_by_class() {
        use MajorFit::{Contained, InClass, Related, Same};
        check_fit("法学", "法学", Some(Same));
        check_fit("法学", "法学（知识产权方向）", Some(Same));
        check_fit("法学", "书法学", None);
        check_fit("法学", "社会学", None);
        check_fit("法学类", "知识产权", Some(InClass));
        check_fit("会计", "会计学", Some(Contained));
        check_fit("英语", "商务英语", Some(Contained));
        check_fit("计算机", "计算机科学与技术", Some(Contained));
        check_fit("计算机类", "计算机应用技术", Some(Contained));
        check_fit("计算机类", "软件工程", Some(InClass));
        check_fit("计算机类", "土木工程", None);
        check_fit("医学", "动物医学", None);
        check_fit("医学", "临床医学", Some(InClass));
        check_fit("药学", "中药学", None);
        check_fit("化学", "化学生物学", Some(InClass));
        check_fit("化学", "化学工程与工艺", None);
        check_fit("管理学", "物流管理", Some(InClass));
        check_fit("工学", "土木工程", Some(InClass));
        check_fit("工学", "法学", None);
        check_fit("中国语言文学类", "汉语国际教育", Some(InClass));
        check_fit("中国语言文学", "汉语言文学", Some(InClass));
        check_fit("会计学", "审计学", None);
        check_fit("会计学等相关专业", "审计学", Some(Related));
        check_fit("会计学等相关专业", "护理学", None);
    }

    proptest! {
        #[test]
        fn nothing_panics(typed in ".{0,80}", own in ".{0,20}") {
            list(&typed);
            if let Some(asked) = MajorsAsked::from_typed(&typed) {
                asked.fit(&own);
                asked.sentence();
            }
        }
    }
}
