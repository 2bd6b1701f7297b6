//! Levels of education, and which of them a posting asks for.
//!
//! Not the degree (学位) and not the form of study (全日制): postings speak of both too freely to
//! be compared.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::explain::Sentence;
use crate::intake::text;

/// A level of education (学历), from low to high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Education {
    /// 高中, 中专, 职高, 技校.
    Secondary,
    /// 大专, 专科, 高职.
    JuniorCollege,
    /// 本科.
    Bachelor,
    /// 硕士研究生; 研究生 alone.
    Master,
    /// 博士研究生.
    Doctor,
}

/// What a posting asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "asked")]
pub enum EducationAsked {
    /// 学历不限.
    Any,
    /// This level or one above. A level without 以上 is read so too: who has more may apply.
    AtLeast {
        /// The level.
        level: Education,
    },
    /// 仅限 this level.
    Only {
        /// The level.
        level: Education,
    },
}

/// The words for each level; longer ones before those they contain.
const WORDS: &[(&str, Education)] = &[
    ("博士", Education::Doctor),
    ("硕士", Education::Master),
    ("研究生", Education::Master),
    ("本科", Education::Bachelor),
    ("学士", Education::Bachelor),
    ("大学专科", Education::JuniorCollege),
    ("大专", Education::JuniorCollege),
    ("专科", Education::JuniorCollege),
    ("高职高专", Education::JuniorCollege),
    ("高职", Education::JuniorCollege),
    ("高中", Education::Secondary),
    ("中专", Education::Secondary),
    ("中职", Education::Secondary),
    ("职高", Education::Secondary),
    ("技校", Education::Secondary),
    ("doctor", Education::Doctor),
    ("phd", Education::Doctor),
    ("postgraduate", Education::Master),
    ("master", Education::Master),
    ("bachelor", Education::Bachelor),
    ("associate", Education::JuniorCollege),
    ("highschool", Education::Secondary),
];

impl Education {
    /// From low to high.
    pub const ALL: [Education; 5] = [
        Education::Secondary,
        Education::JuniorCollege,
        Education::Bachelor,
        Education::Master,
        Education::Doctor,
    ];

    /// The level a person states, such as `大学本科`; none where the words name none or several.
    ///
    /// ```
    /// use xibu_core::education::Education;
    /// assert_eq!(Education::from_typed("全日制本科"), Some(Education::Bachelor));
    /// assert_eq!(Education::from_typed("硕士研究生"), Some(Education::Master));
    /// assert_eq!(Education::from_typed("专升本"), None);
    /// ```
    pub fn from_typed(typed: &str) -> Option<Education> {
        let tight = text::tight(typed).to_lowercase();
        let (lowest, highest) = range(&tight)?;
        // 博士研究生 and 硕士研究生 name one level in two words.
        (lowest == highest || tight.contains("博士研究生") && lowest == Education::Master)
            .then_some(highest)
    }

    /// Its name.
    pub fn sentence(self) -> Sentence {
        let (zh, en) = match self {
            Education::Secondary => ("高中（中专）", "secondary school"),
            Education::JuniorCollege => ("大专", "junior college"),
            Education::Bachelor => ("本科", "bachelor"),
            Education::Master => ("硕士", "master"),
            Education::Doctor => ("博士", "doctor"),
        };
        Sentence::new(zh, en)
    }
}

impl EducationAsked {
    /// Reads what stands behind `学历要求：`, or schema.org's `educationRequirements`.
    ///
    /// Of several levels the lowest counts. None where nothing is named.
    ///
    /// ```
    /// use xibu_core::education::{Education, EducationAsked};
    /// let asked = EducationAsked::from_typed("全日制本科及以上学历").unwrap();
    /// assert!(asked.takes(Education::Master) && !asked.takes(Education::JuniorCollege));
    /// assert_eq!(EducationAsked::from_typed("不限"), Some(EducationAsked::Any));
    /// ```
    pub fn from_typed(typed: &str) -> Option<EducationAsked> {
        let tight = text::tight(typed).to_lowercase();
        if tight.chars().count() > 60 {
            return None;
        }
        let named = range(&tight);
        // 学历不限; but 本科，专业不限 names a level, and so does 专业不限 say nothing of it.
        if named.is_none() {
            let any = ["不限", "无要求", "学历无", "norequirements"];
            let other = tight.contains("专业") && !tight.contains("学历");
            return (any.iter().any(|word| tight.contains(word)) && !other)
                .then_some(EducationAsked::Any);
        }
        let (lowest, highest) = named?;
        // `本科以下` asks for less than it names: what exactly is not said.
        if tight.contains("以下") {
            return None;
        }
        let level = if tight.contains("博士研究生") && highest == Education::Doctor {
            match lowest {
                Education::Master if !tight.contains("硕士") => Education::Doctor,
                lowest => lowest,
            }
        } else {
            lowest
        };
        if tight.contains("仅限") && lowest == highest && !tight.contains("以上") {
            return Some(EducationAsked::Only { level });
        }
        Some(EducationAsked::AtLeast { level })
    }

    /// Whether somebody of this level may apply.
    pub fn takes(self, own: Education) -> bool {
        match self {
            EducationAsked::Any => true,
            EducationAsked::AtLeast { level } => own >= level,
            EducationAsked::Only { level } => own == level,
        }
    }

    /// As it is said to a reader.
    pub fn sentence(self) -> Sentence {
        let words = |zh: &str, en: &str, level: Education| {
            let name = level.sentence();
            Sentence::new(name.zh + zh, String::from(en) + &name.en)
        };
        match self {
            EducationAsked::Any => Sentence::new("不限", "any"),
            EducationAsked::AtLeast { level } => words("及以上", "at least ", level),
            EducationAsked::Only { level } => words("（仅限）", "only ", level),
        }
    }
}

/// The lowest and the highest level named.
fn range(tight: &str) -> Option<(Education, Education)> {
    let named = || WORDS.iter().filter(|(word, _)| tight.contains(word)).map(|(_, level)| *level);
    // 专升本 and 本科生院 are no levels; the first names two and means one of them.
    if tight.contains("专升本") || tight.contains("专科医院") {
        return None;
    }
    Some((named().min()?, named().max()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: Option<EducationAsked>) {
        assert_eq!(EducationAsked::from_typed(typed), expected, "{typed}");
    }

    #[test]
    fn levels_as_postings_ask_for_them() {
        let at_least = |level| Some(EducationAsked::AtLeast { level });
        check("大专", at_least(Education::JuniorCollege));
        check("大专以上", at_least(Education::JuniorCollege));
        check("专科及以上学历", at_least(Education::JuniorCollege));
        check("大学专科及以上", at_least(Education::JuniorCollege));
        check("大学本科及以上学历，并取得相应学位", at_least(Education::Bachelor));
        check("全日制普通高校本科及以上（学士学位）", at_least(Education::Bachelor));
        check("本科或硕士研究生", at_least(Education::Bachelor));
        check("硕士研究生及以上", at_least(Education::Master));
        check("研究生及以上学历", at_least(Education::Master));
        check("博士研究生", at_least(Education::Doctor));
        check("硕士、博士研究生", at_least(Education::Master));
        check("高中、中专及以上", at_least(Education::Secondary));
        check("仅限大专", Some(EducationAsked::Only { level: Education::JuniorCollege }));
        check("bachelor degree", at_least(Education::Bachelor));
        check("学历不限", Some(EducationAsked::Any));
        check("不限", Some(EducationAsked::Any));
        check("无要求", Some(EducationAsked::Any));
        check("本科，专业不限", at_least(Education::Bachelor));
        check("专业不限", None);
        check("本科以下", None);
        check("详见岗位表", None);
        check("", None);
    }
}
