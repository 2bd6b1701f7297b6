//! The employer in a title: `某某医院2026年公开招聘公告`.
//!
//! Not a register of names: what stands before the year or the word 招聘 counts as an employer only
//! if it ends like one.

use alloc::string::String;

use crate::intake::text;

/// What organisations' names end with.
const ENDINGS: &[&str] = &[
    "公司",
    "集团",
    "银行",
    "医院",
    "卫生院",
    "卫生服务中心",
    "中心",
    "学校",
    "小学",
    "中学",
    "幼儿园",
    "大学",
    "学院",
    "研究院",
    "研究所",
    "设计院",
    "委员会",
    "政府",
    "办事处",
    "管理局",
    "局",
    "法院",
    "检察院",
    "协会",
    "基金会",
    "事务所",
    "工厂",
    "酒店",
    "出版社",
    "报社",
    "图书馆",
    "博物馆",
    "文化馆",
    "合作社",
];

/// Where the name ends.
const AFTER: &[&str] = &[
    "公开招聘",
    "公开遴选",
    "公开选聘",
    "招聘",
    "招募",
    "招录",
    "诚聘",
    "关于",
    "考核招聘",
    "自主招聘",
    "校园招聘",
    "社会招聘",
];

pub(super) fn from_title(title: &str) -> Option<String> {
    let tight = text::tight(title);
    // 【招聘】某某公司…
    let tight = match tight.strip_prefix('【').and_then(|rest| rest.split_once('】')) {
        Some((_, rest)) => rest,
        None => &tight,
    };
    let year = tight
        .char_indices()
        .find(|(at, _)| {
            let bytes = tight.as_bytes();
            let digits = bytes.get(*at..*at + 4);
            digits.is_some_and(|d| d.starts_with(b"20") && d.iter().all(u8::is_ascii_digit))
        })
        .map(|(at, _)| at);
    let word = AFTER.iter().filter_map(|word| tight.find(word)).min();
    let end = year.into_iter().chain(word).min()?;
    let name = &tight[..end];
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '(' | ')' | '·'));
    let ends = ENDINGS.iter().any(|ending| name.ends_with(ending));
    let long = name.chars().count();
    (plain && ends && (4..=40).contains(&long)).then(|| String::from(name))
}

/// An employer as a label or field gives it; none where the words are no name.
pub(super) fn from_value(value: &str) -> Option<String> {
    let plain = text::plain(value);
    let long = plain.chars().count();
    let words = ["详见", "附件", "若干", "见公告", "如下", "下列"];
    let is_name = (2..=60).contains(&long)
        && !words.iter().any(|word| plain.contains(word))
        && plain.chars().any(char::is_alphabetic);
    is_name.then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn employers_in_titles() {
        #[track_caller]
        fn check(title: &str, expected: Option<&str>) {
            assert_eq!(from_title(title).as_deref(), expected, "{title}");
        }
        check("重庆市万州区人民医院2026年公开招聘公告", Some("重庆市万州区人民医院"));
        check("某某（重庆）科技有限公司招聘客服", Some("某某(重庆)科技有限公司"));
        check("【招聘】某某集团诚聘会计", Some("某某集团"));
        check("重庆市万州区2026年第二季度公开招聘事业单位工作人员公告", None);
        check("公开招聘公告", None);
        check("关于招聘的通知", None);
        check("招聘", None);
        check("", None);
    }
}
