//! Consent (同意): what a person allowed their data to be used for, and since when.
//!
//! What it is not: no wording of a question and no legal advice. The table of purposes follows
//! 个人信息保护法 (PIPL, in force since 2021-11-01): §13 for the basis, §14 and §15 for asking and
//! withdrawing, §23 for handing data on, §29 for sensitive data, §47 for deletion. How long
//! something is kept is policy assumption where the law only says "as short as necessary" (§19).

use core::fmt;
use core::str::FromStr;

use alloc::format;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::Error;

/// What personal data is used for (处理目的).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// 安全健康管理: who is where, accidents, illness. The office's duty under the notice.
    Safety,
    /// 关心慰问、电话回访.
    Care,
    /// 就业信息推送: job advertisements that fit.
    JobInformation,
    /// 推荐名录: handing a person's data to employers.
    Directory,
    /// 往届志愿者就业情况跟踪.
    Tracking,
    /// 先进典型宣传.
    Publicity,
    /// 高校与区县之间共享.
    Sharing,
}

/// The ground on which a purpose stands (PIPL §13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The office's own duty: no consent is asked, the person is told (§17).
    Duty,
    /// Consent (§13 一).
    Consent,
    /// Separate consent (单独同意, §23, §29).
    SeparateConsent,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Purpose; 7] = [
        Purpose::Safety,
        Purpose::Care,
        Purpose::JobInformation,
        Purpose::Directory,
        Purpose::Tracking,
        Purpose::Publicity,
        Purpose::Sharing,
    ];

    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            Purpose::Safety => "safety",
            Purpose::Care => "care",
            Purpose::JobInformation => "job_information",
            Purpose::Directory => "directory",
            Purpose::Tracking => "tracking",
            Purpose::Publicity => "publicity",
            Purpose::Sharing => "sharing",
        }
    }

    /// Its name for people, in Chinese.
    pub const fn title(self) -> &'static str {
        match self {
            Purpose::Safety => "安全健康管理",
            Purpose::Care => "关心慰问和电话回访",
            Purpose::JobInformation => "接收就业信息",
            Purpose::Directory => "列入推荐名录",
            Purpose::Tracking => "就业情况跟踪",
            Purpose::Publicity => "先进典型宣传",
            Purpose::Sharing => "高校与区县共享",
        }
    }

    /// On what it stands.
    pub const fn basis(self) -> Basis {
        match self {
            Purpose::Safety | Purpose::Care => Basis::Duty,
            Purpose::JobInformation | Purpose::Tracking => Basis::Consent,
            Purpose::Directory | Purpose::Publicity | Purpose::Sharing => Basis::SeparateConsent,
        }
    }

    /// How long data for it is kept after it was last needed, in months (policy assumption).
    pub const fn retention_months(self) -> u32 {
        match self {
            // As long as an accident may be asked about; 网络数据安全管理条例 §12 keeps records of
            // handing data on for three years.
            Purpose::Safety | Purpose::Directory | Purpose::Publicity | Purpose::Sharing => 36,
            Purpose::Care | Purpose::JobInformation => 12,
            Purpose::Tracking => 60,
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Purpose {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Purpose::ALL.into_iter().find(|purpose| purpose.name() == text);
        found.ok_or_else(|| Error::new(format!("no purpose is called `{text}`")))
    }
}

/// What an answer to "do you allow it" says; none where it says neither outright.
///
/// Only the first line counts: what stands below may be our own letter, come back. Consent must be
/// express, so anything more than the word itself is for a person to read.
///
/// ```
/// use xibu_core::consent::answer;
/// assert_eq!(answer("同意。\n> 是否愿意接收？"), Some(true));
/// assert_eq!(answer("不同意"), Some(false));
/// assert_eq!(answer("同意的话会怎样？"), None);
/// ```
pub fn answer(text: &str) -> Option<bool> {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let tight = crate::intake::text::tight(first);
    let word = tight.trim_end_matches(['。', '.', '!', '！', '~', ',', '，']);
    let word = word.strip_prefix("本人").or_else(|| word.strip_prefix('我')).unwrap_or(word);
    match word {
        "同意" | "愿意" | "是" | "是的" | "同意接收" | "愿意接收" => Some(true),
        "不同意" | "不愿意" | "否" | "不" | "不是" | "不接收" | "不同意接收" | "不愿意接收"
        | "停止" | "停止接收" | "退订" => Some(false),
        _ => None,
    }
}

/// How consent was given or taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// On a form the person filled in.
    Form,
    /// By the link in a message.
    Link,
    /// By answering a message.
    Reply,
    /// The office wrote down what the person said or signed.
    Clerk,
}

/// A person's newest word on one purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Whether it is given; false after a withdrawal.
    pub given: bool,
    /// Since when, in the office's civil time.
    pub since: NaiveDateTime,
    /// How it was said.
    pub means: Means,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<bool>) {
        assert_eq!(answer(text), expected, "{text}");
    }

    #[test]
    fn only_the_word_itself_is_an_answer() {
        for yes in
            ["同意", " 同 意 ", "我同意！", "本人愿意接收。", "\n\n是的\n-- \n甲某", "同意\n不同意"]
        {
            check(yes, Some(true));
        }
        for no in ["不同意", "我不愿意。", "否", "退订", "停止接收\n> 同意"] {
            check(no, Some(false));
        }
        for neither in
            ["", "\n", "收到", "同意吗", "不太同意", "好", "1", "安全无事", "同意，但是", "是否"]
        {
            check(neither, None);
        }
    }

    #[test]
    fn every_purpose_reads_as_it_is_written() {
        for purpose in Purpose::ALL {
            assert_eq!(purpose.name().parse::<Purpose>().ok(), Some(purpose));
        }
        assert!("gossip".parse::<Purpose>().is_err());
    }
}
