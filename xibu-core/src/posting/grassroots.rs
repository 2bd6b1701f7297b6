//! Whether those who served in a grassroots project (服务基层项目人员) are named as ones who may
//! apply.
//!
//! A mention alone is not enough: a certificate among the papers, an exclusion, or a project that
//! recruits for itself say nothing in their favour.

use serde::{Deserialize, Serialize};

use crate::intake::text;

/// How they are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grassroots {
    /// Only they may apply (定向, 专项).
    Reserved,
    /// They may apply, some posts are kept for them, or they are preferred.
    Eligible,
}

const NAMES: &[&str] =
    &["服务基层项目", "基层服务项目", "西部计划", "三支一扶", "特岗教师", "大学生村官"];

const FOR_THEM: &[&str] = &[
    "面向",
    "定向",
    "优先",
    "可报考",
    "可以报考",
    "可报名",
    "均可",
    "加分",
    "成绩加",
    "专岗",
    "专项招聘",
    "招聘对象",
    "招聘范围",
    "报考范围",
    "享受",
    "限",
];

const AGAINST: &[&str] = &[
    "不含",
    "除外",
    "不得",
    "不能",
    "不可",
    "不包括",
    "未满",
    "尚在",
    "服务期内",
    "期未满",
    "不属于",
];

const ONLY: &[&str] =
    &["定向招聘", "定向", "专门面向", "专项招聘", "仅限", "限服务基层", "限三支一扶", "只面向"];

const IN_PART: &[&str] =
    &["部分", "其中", "名额", "比例", "岗位中", "优先", "加分", "可", "等人员", "和", "以及"];

/// What one line says. `whole` is a line that speaks for the whole posting: its title, or behind
/// 招聘对象 and the like.
pub(super) fn from_line(line: &str, whole: bool) -> Option<Grassroots> {
    let tight = text::tight(line);
    let has = |words: &[&str]| words.iter().any(|word| tight.contains(word));
    if !has(NAMES) || has(AGAINST) || tight.contains("招募") {
        return None;
    }
    if whole && has(ONLY) && !has(IN_PART) {
        return Some(Grassroots::Reserved);
    }
    has(FOR_THEM).then_some(Grassroots::Eligible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_for_and_against() {
        #[track_caller]
        fn check(line: &str, whole: bool, expected: Option<Grassroots>) {
            assert_eq!(from_line(line, whole), expected, "{line}");
        }
        let (reserved, eligible) = (Some(Grassroots::Reserved), Some(Grassroots::Eligible));
        check("2026年定向招聘服务基层项目人员公告", true, reserved);
        check("仅限西部计划、三支一扶期满人员报名", true, reserved);
        check("定向招聘服务基层项目人员", false, eligible);
        check("部分岗位定向招聘服务基层项目人员", true, eligible);
        check("服务基层项目人员笔试成绩加5分", false, eligible);
        check("同等条件下西部计划志愿者优先", false, eligible);
        check("面向全国普通高校毕业生和服务基层项目人员", true, eligible);
        check("服务期未满的三支一扶人员不得报考", false, None);
        check("西部计划志愿者服务证复印件", false, None);
        check("2026年三支一扶人员招募公告", true, None);
        check("招聘会计一名", false, None);
    }
}
