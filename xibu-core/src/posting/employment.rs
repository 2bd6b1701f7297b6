//! What kind of employment a posting offers or a person wants.
//!
//! Not the contract: 全职 alone says nothing of the kind.

use serde::{Deserialize, Serialize};

use crate::explain::Sentence;
use crate::intake::text;

/// Kind of employment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmploymentKind {
    /// 公务员, 选调生.
    CivilService,
    /// 事业单位.
    PublicInstitution,
    /// 三支一扶, 西部计划, 特岗教师, 大学生村官.
    GrassrootsProject,
    /// 国有企业.
    StateCompany,
    /// 企业; whether the state owns it only where said.
    Company,
    /// 社区工作者, 网格员.
    CommunityWorker,
    /// 公益性岗位.
    PublicWelfarePost,
    /// 编外, 合同制, 劳务派遣.
    OutsideEstablishment,
    /// 实习, 见习.
    Internship,
    /// 兼职.
    PartTime,
}

/// Words in order of precedence: 事业单位编外人员 is outside the establishment.
const WORDS: &[(EmploymentKind, &[&str])] = &[
    (EmploymentKind::PartTime, &["兼职"]),
    (EmploymentKind::Internship, &["见习", "实习"]),
    (EmploymentKind::PublicWelfarePost, &["公益性岗位", "公益岗"]),
    (
        EmploymentKind::OutsideEstablishment,
        &["编外", "编制外", "合同制", "劳务派遣", "劳动合同制", "临聘", "非在编", "辅助性岗位"],
    ),
    (EmploymentKind::CommunityWorker, &["社区工作者", "网格员", "社区专职"]),
    (EmploymentKind::CivilService, &["公务员", "选调生", "选调"]),
    (EmploymentKind::PublicInstitution, &["事业单位", "事业编"]),
    (EmploymentKind::StateCompany, &["国有企业", "国企", "央企", "国有独资", "国有控股"]),
    (EmploymentKind::Company, &["民营", "私营", "外资", "合资", "股份制企业", "企业", "公司"]),
];

/// Projects that recruit for themselves, where a title names them with 招募 or 招聘.
const PROJECTS: &[&str] =
    &["三支一扶", "西部计划", "特岗教师", "特设岗位", "大学生村官", "志愿服务"];

impl EmploymentKind {
    /// All of them.
    pub const ALL: [EmploymentKind; 10] = [
        EmploymentKind::CivilService,
        EmploymentKind::PublicInstitution,
        EmploymentKind::GrassrootsProject,
        EmploymentKind::StateCompany,
        EmploymentKind::Company,
        EmploymentKind::CommunityWorker,
        EmploymentKind::PublicWelfarePost,
        EmploymentKind::OutsideEstablishment,
        EmploymentKind::Internship,
        EmploymentKind::PartTime,
    ];

    /// What a short text names, such as `事业单位`; none where it names nothing.
    pub fn from_typed(typed: &str) -> Option<EmploymentKind> {
        let tight = text::tight(typed);
        if tight.contains("非企业") || tight.chars().count() > 40 {
            return None;
        }
        let project =
            PROJECTS.iter().any(|word| tight.contains(word)) || tight.contains("基层项目");
        if project {
            return Some(EmploymentKind::GrassrootsProject);
        }
        let named = WORDS.iter().find(|(_, words)| words.iter().any(|word| tight.contains(word)));
        named.map(|(kind, _)| *kind)
    }

    /// Its name.
    pub fn sentence(self) -> Sentence {
        let (zh, en) = match self {
            EmploymentKind::CivilService => ("公务员", "civil service"),
            EmploymentKind::PublicInstitution => ("事业单位", "public institution"),
            EmploymentKind::GrassrootsProject => ("基层项目", "grassroots project"),
            EmploymentKind::StateCompany => ("国有企业", "state company"),
            EmploymentKind::Company => ("企业", "company"),
            EmploymentKind::CommunityWorker => ("社区工作", "community work"),
            EmploymentKind::PublicWelfarePost => ("公益性岗位", "public welfare post"),
            EmploymentKind::OutsideEstablishment => ("编外岗位", "post outside the establishment"),
            EmploymentKind::Internship => ("实习见习", "internship"),
            EmploymentKind::PartTime => ("兼职", "part time"),
        };
        Sentence::new(zh, en)
    }
}

/// What a title says: a project counts only where it recruits for itself.
pub(super) fn from_title(title: &str) -> Option<EmploymentKind> {
    let tight = text::tight(title);
    // 面向三支一扶人员招聘 recruits from a project, not for one.
    let from_one =
        ["面向", "定向", "期满", "服务基层项目人员"].iter().any(|word| tight.contains(word));
    let recruits = tight.contains("招募") || tight.contains("特岗教师招聘");
    if recruits && !from_one && PROJECTS.iter().any(|word| tight.contains(word)) {
        return Some(EmploymentKind::GrassrootsProject);
    }
    // 企业 and 公司 in a title are part of a name.
    let named = WORDS.iter().find(|(kind, words)| {
        *kind != EmploymentKind::Company && words.iter().any(|word| tight.contains(word))
    });
    named.map(|(kind, _)| *kind)
}

/// schema.org's `employmentType`.
pub(super) fn from_schema(value: &str) -> Option<EmploymentKind> {
    let value = value.to_ascii_uppercase();
    // FULL_TIME among several leaves the choice open.
    if value.contains("FULL_TIME") {
        return None;
    }
    if value.contains("INTERN") {
        return Some(EmploymentKind::Internship);
    }
    value.contains("PART_TIME").then_some(EmploymentKind::PartTime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_in_titles() {
        #[track_caller]
        fn check(title: &str, expected: Option<EmploymentKind>) {
            assert_eq!(from_title(title), expected, "{title}");
        }
        use EmploymentKind::*;
        check("万州区2026年第二季度公开招聘事业单位工作人员公告", Some(PublicInstitution));
        check("面向三支一扶人员定向招聘事业单位工作人员公告", Some(PublicInstitution));
        check("2026年三支一扶人员招募公告", Some(GrassrootsProject));
        check("某事业单位招聘编外人员", Some(OutsideEstablishment));
        check("2026年度考试录用公务员公告", Some(CivilService));
        check("某国有企业招聘", Some(StateCompany));
        check("某某有限公司招聘会计", None);
        check("招聘", None);
    }

    #[test]
    fn schema_types() {
        assert_eq!(from_schema("INTERN"), Some(EmploymentKind::Internship));
        assert_eq!(from_schema("PART_TIME"), Some(EmploymentKind::PartTime));
        assert_eq!(from_schema("FULL_TIME, PART_TIME"), None);
        assert_eq!(from_schema("FULL_TIME"), None);
    }
}
