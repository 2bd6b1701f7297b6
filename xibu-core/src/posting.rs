//! A job advertisement (招聘信息): as a source gave it, and what it says.
//!
//! Every field says where it was read: a field of the source, the title, or a line of the text.
//! What is not clear is none, never a guess; the raw text stays with the caller.
//!
//! What it is not: no feed, no page, no HTML. Not an appointment (任职).
//!
//! ```
//! use xibu_core::posting::{RawPosting, Posting};
//!
//! let raw = RawPosting {
//!     source: "人社局".into(),
//!     id: "1".into(),
//!     title: "重庆市万州区人民医院2026年公开招聘公告".into(),
//!     link: "https://rsj.test/1".into(),
//!     published: chrono::NaiveDate::from_ymd_opt(2026, 6, 1),
//!     text: "学历要求：本科及以上\n报名时间：6月5日至6月12日17:00".into(),
//!     fields: Default::default(),
//! };
//! let posting = Posting::read(&raw);
//! let deadline = posting.deadline.unwrap();
//! assert_eq!(deadline.value.sentence().zh, "2026年6月12日");
//! assert_eq!(posting.employer.unwrap().value, "重庆市万州区人民医院");
//! ```

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::education::EducationAsked;
use crate::major::MajorsAsked;
use crate::pay::Pay;
use crate::region::Region;

mod deadline;
mod employer;
mod employment;
mod grassroots;
mod label;
mod link;
mod merge;
mod read;
#[cfg(test)]
mod tests;

pub use deadline::Deadline;
pub use employment::EmploymentKind;
pub use grassroots::Grassroots;
pub use merge::merge;

/// Our own number for a posting (本系统招聘信息编号), written `J12`. Two postings that turn out to
/// be one keep the smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PostingId(pub u32);

impl fmt::Display for PostingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "J{}", self.0)
    }
}

impl FromStr for PostingId {
    type Err = crate::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        crate::error::number_after('J', text).map(PostingId)
    }
}

/// A posting as its source gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawPosting {
    /// Which feed or page, by its name in the settings.
    pub source: String,
    /// The source's own id of it, stable over fetches.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// Where it stands for people to read.
    pub link: String,
    /// The day it was published, in the office's civil time.
    pub published: Option<NaiveDate>,
    /// Its words as plain text, line by line; cells of a table parted by tabs.
    pub text: String,
    /// What the source says in fields, by schema.org's names with dots.
    pub fields: BTreeMap<String, String>,
}

/// A value with where it was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Told<T> {
    /// Where in it.
    pub by: ToldBy,
    /// Which source said it.
    pub source: String,
    /// The source's own id of the posting.
    pub id: String,
    /// What was said.
    pub value: T,
}

/// Where in a posting something was read; declared from sure to less sure, and of two sources the
/// surer one is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum ToldBy {
    /// A field of the source, by schema.org's name.
    Field {
        /// Its name, e.g. `hiringOrganization.name`.
        name: String,
    },
    /// A line of the text.
    Line {
        /// Its number, from 1.
        number: u32,
        /// The line, cut after 200 characters.
        text: String,
    },
    /// The title.
    Title,
}

/// One source of a posting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PostingSource {
    /// Which feed or page, by its name in the settings.
    pub source: String,
    /// The source's own id of it.
    pub id: String,
    /// Its heading there.
    pub title: String,
    /// Where it stands for people to read.
    pub link: String,
    /// Since when the source no longer has it; see [`Posting::withdraw`].
    pub withdrawn: Option<NaiveDate>,
}

/// What a posting says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Every source that has it, in order; never empty.
    pub sources: Vec<PostingSource>,
    /// By what it is known to be the same as another, in order; see [`merge`].
    pub identities: Vec<String>,
    /// The first day any source says it was published.
    pub published: Option<NaiveDate>,
    /// 招聘单位.
    pub employer: Option<Told<String>>,
    /// 工作地点; never an empty list.
    pub places: Option<Told<Vec<Region>>>,
    /// 薪资.
    pub pay: Option<Told<Pay>>,
    /// 学历要求.
    pub education: Option<Told<EducationAsked>>,
    /// 专业要求.
    pub majors: Option<Told<MajorsAsked>>,
    /// 招聘人数; 若干 is none.
    pub head_count: Option<Told<u32>>,
    /// 报名截止.
    pub deadline: Option<Told<Deadline>>,
    /// What kind of employment.
    pub kind: Option<Told<EmploymentKind>>,
    /// Whether 服务基层项目人员 are named as those who may apply (`eligible_grassroots`).
    pub grassroots: Option<Told<Grassroots>>,
}

/// Whether a posting can still be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Yes, or nobody says otherwise.
    Open,
    /// Every source has withdrawn it.
    Withdrawn,
    /// Its last day has passed.
    Expired,
    /// It says no last day, and was published more than [`UNDATED_DAYS_MAX`] days ago.
    Undated,
}

/// How many days a posting without a last day is passed on for. Policy assumption: a recruitment
/// seldom stays open for longer, and nobody answers a question about a post that was filled.
pub const UNDATED_DAYS_MAX: u64 = 60;

impl Posting {
    /// Reads what a source gave. Never fails: what cannot be read is none.
    pub fn read(raw: &RawPosting) -> Posting {
        read::read(raw)
    }

    /// Its heading, as the first source has it.
    pub fn title(&self) -> &str {
        self.sources.first().map_or("", |source| source.title.as_str())
    }

    /// Where it stands for people to read, at the first source that still has it.
    pub fn link(&self) -> &str {
        let kept = self.sources.iter().find(|s| s.withdrawn.is_none() && !s.link.is_empty());
        kept.or(self.sources.first()).map_or("", |source| source.link.as_str())
    }

    /// Whether it can still be answered on this day.
    pub fn standing(&self, today: NaiveDate) -> Standing {
        if self.sources.iter().all(|s| s.withdrawn.is_some_and(|day| day <= today)) {
            return Standing::Withdrawn;
        }
        match self.deadline.as_ref().map(|told| told.value) {
            Some(Deadline::Day { last }) if last < today => Standing::Expired,
            Some(_) => Standing::Open,
            None => {
                let last =
                    self.published.and_then(|d| d.checked_add_days(Days::new(UNDATED_DAYS_MAX)));
                match last {
                    Some(last) if last < today => Standing::Undated,
                    _ => Standing::Open,
                }
            }
        }
    }

    /// Marks it as withdrawn by a source from `day` on; other sources may still have it. Whether
    /// that source was among its sources.
    pub fn withdraw(&mut self, source: &str, id: &str, day: NaiveDate) -> bool {
        let mut found = false;
        for own in self.sources.iter_mut().filter(|own| own.source == source && own.id == id) {
            own.withdrawn = Some(own.withdrawn.map_or(day, |before| before.min(day)));
            found = true;
        }
        found
    }
}
