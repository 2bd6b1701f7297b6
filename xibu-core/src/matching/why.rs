//! The reasons for and against a posting, their weights, and their sentences.
//!
//! The weights are a policy assumption: what only few may apply for comes first, then the place,
//! then the major; wishes that many postings fulfil count less.

use alloc::format;
use alloc::string::String;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::education::{Education, EducationAsked};
use crate::explain::Sentence;
use crate::major::MajorFit;
use crate::pay::Pay;
use crate::posting::{EmploymentKind, Standing};
use crate::region::Region;

/// Why a posting is recommended, declared in the order in which it is said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Why {
    /// Only 服务基层项目人员 may apply, and this person is one.
    ReservedForGrassroots,
    /// 服务基层项目人员 are named as those who may apply or are preferred.
    OpenToGrassroots,
    /// The education asked for is there.
    EducationFits {
        /// What is asked.
        asked: EducationAsked,
        /// The person's own.
        own: Education,
    },
    /// 学历不限.
    AnyEducation,
    /// A major asked for is there.
    MajorFits {
        /// The name asked for.
        asked: String,
        /// The person's own.
        own: String,
        /// How it fits.
        fit: MajorFit,
    },
    /// 专业不限.
    AnyMajor,
    /// The work is where the person wants to be.
    PlaceWished {
        /// Where.
        place: Region,
    },
    /// The kind is one the person wants.
    KindWished {
        /// Which.
        kind: EmploymentKind,
    },
    /// The title names a post the person wants.
    PostWished {
        /// The word.
        word: String,
    },
    /// The least pay is as much as wished.
    PayAtLeast {
        /// What is paid.
        pay: Pay,
        /// What is wished, yuan a month.
        wished: u32,
    },
    /// The most pay is as much as wished, the least is not or is not said.
    PayMayReach {
        /// What is paid.
        pay: Pay,
        /// What is wished, yuan a month.
        wished: u32,
    },
    /// The person's service ends soon.
    ServiceEndsSoon {
        /// Its last day.
        on: NaiveDate,
    },
}

/// Why a posting is not for a person; declared in order of precedence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why_not")]
pub enum WhyNot {
    /// It cannot be answered any more.
    NotOpen {
        /// Which way.
        standing: Standing,
    },
    /// Only 服务基层项目人员 may apply.
    ReservedForGrassroots,
    /// It asks for an education, and the person's own is not known.
    EducationNotKnown {
        /// What is asked.
        asked: EducationAsked,
    },
    /// It asks for another education.
    EducationOther {
        /// What is asked.
        asked: EducationAsked,
        /// The person's own.
        own: Education,
    },
    /// It asks for majors, and the person's own is not known.
    MajorNotKnown,
    /// It asks for other majors.
    MajorOther,
    /// The person wants certain places only, and it names none.
    PlaceNotKnown,
    /// The person wants other places only.
    PlaceOther,
}

pub(super) const RESERVED: u16 = 40;
pub(super) const ELIGIBLE: u16 = 10;
pub(super) const PLACE: u16 = 30;
pub(super) const KIND: u16 = 15;
pub(super) const POST: u16 = 20;
pub(super) const PAY_AT_LEAST: u16 = 15;
pub(super) const PAY_MAY_REACH: u16 = 5;
pub(super) const ENDS_SOON: u16 = 5;

pub(super) const fn major(fit: MajorFit) -> u16 {
    match fit {
        MajorFit::Same => 25,
        MajorFit::Contained => 20,
        MajorFit::InClass => 15,
        MajorFit::Related => 10,
    }
}

impl Why {
    /// What it counts in the score.
    pub(super) fn weight(&self) -> u16 {
        match self {
            Why::ReservedForGrassroots => RESERVED,
            Why::OpenToGrassroots => ELIGIBLE,
            Why::EducationFits { .. } | Why::AnyEducation | Why::AnyMajor => 0,
            Why::MajorFits { fit, .. } => major(*fit),
            Why::PlaceWished { .. } => PLACE,
            Why::KindWished { .. } => KIND,
            Why::PostWished { .. } => POST,
            Why::PayAtLeast { .. } => PAY_AT_LEAST,
            Why::PayMayReach { .. } => PAY_MAY_REACH,
            Why::ServiceEndsSoon { .. } => ENDS_SOON,
        }
    }

    /// One sentence to the person.
    pub fn sentence(&self) -> Sentence {
        match self {
            Why::ReservedForGrassroots => Sentence::new(
                "定向招聘服务基层项目人员，您符合这一条件",
                "reserved for those who served in a grassroots project, as you did",
            ),
            Why::OpenToGrassroots => Sentence::new(
                "公告提到服务基层项目人员可以报考或优先",
                "the notice names those who served in a grassroots project",
            ),
            Why::EducationFits { asked, own } => {
                let (asked, own) = (asked.sentence(), own.sentence());
                Sentence::new(
                    format!("要求{}，您是{}", asked.zh, own.zh),
                    format!("asks for {}; yours is {}", asked.en, own.en),
                )
            }
            Why::AnyEducation => Sentence::new("学历不限", "any education"),
            Why::MajorFits { asked, own, fit } => major_sentence(asked, own, *fit),
            Why::AnyMajor => Sentence::new("专业不限", "any major"),
            Why::PlaceWished { place } => {
                let place = place.sentence();
                Sentence::new(
                    format!("工作地点{}是您的意向地点", place.zh),
                    format!("the place, {}, is one you wish for", place.en),
                )
            }
            Why::KindWished { kind } => {
                let kind = kind.sentence();
                Sentence::new(
                    format!("{}是您的意向类别", kind.zh),
                    format!("{} is a kind you wish for", kind.en),
                )
            }
            Why::PostWished { word } => Sentence::new(
                format!("标题中有您的意向岗位“{word}”"),
                format!("the title names a post you wish for: {word}"),
            ),
            Why::PayAtLeast { pay, wished } => {
                let pay = pay.sentence();
                Sentence::new(
                    format!("薪资{}，不低于您期望的{wished}元/月", pay.zh),
                    format!("pays {}; you wish for {wished} a month", pay.en),
                )
            }
            Why::PayMayReach { pay, wished } => {
                let pay = pay.sentence();
                Sentence::new(
                    format!("薪资{}，最高可达您期望的{wished}元/月", pay.zh),
                    format!("pays {}, which may reach the {wished} a month you wish for", pay.en),
                )
            }
            Why::ServiceEndsSoon { on } => Sentence::new(
                format!("您的服务期到{}年{}月{}日", on.year(), on.month(), on.day()),
                format!("your service ends on {on}"),
            ),
        }
    }
}

fn major_sentence(asked: &str, own: &str, fit: MajorFit) -> Sentence {
    match fit {
        MajorFit::Same => Sentence::new(
            format!("要求{asked}，与您的专业相同"),
            format!("asks for {asked}, your own major"),
        ),
        MajorFit::Contained => Sentence::new(
            format!("要求{asked}，您的专业是{own}"),
            format!("asks for {asked}; your major is {own}"),
        ),
        MajorFit::InClass => Sentence::new(
            format!("要求{asked}，您的专业{own}属于这一类"),
            format!("asks for {asked}; your major {own} belongs to it"),
        ),
        MajorFit::Related => Sentence::new(
            format!("要求{asked}等相关专业，您的专业{own}与它同类"),
            format!("asks for {asked} and related majors; yours, {own}, is of its class"),
        ),
    }
}

impl WhyNot {
    /// One sentence, for whoever asks why somebody was not told.
    pub fn sentence(&self) -> Sentence {
        match self {
            WhyNot::NotOpen { standing } => match standing {
                Standing::Withdrawn => Sentence::new("来源已撤下", "withdrawn by its source"),
                Standing::Expired => Sentence::new("报名已截止", "its last day has passed"),
                Standing::Undated | Standing::Open => Sentence::new(
                    "没有写明截止日期，发布已久",
                    "it names no last day and was published long ago",
                ),
            },
            WhyNot::ReservedForGrassroots => Sentence::new(
                "只招服务基层项目人员",
                "only for those who served in a grassroots project",
            ),
            WhyNot::EducationNotKnown { asked } => {
                let asked = asked.sentence();
                Sentence::new(
                    format!("要求{}，本人学历未登记", asked.zh),
                    format!("asks for {}; the person's education is not known", asked.en),
                )
            }
            WhyNot::EducationOther { asked, own } => {
                let (asked, own) = (asked.sentence(), own.sentence());
                Sentence::new(
                    format!("要求{}，本人是{}", asked.zh, own.zh),
                    format!("asks for {}; the person's is {}", asked.en, own.en),
                )
            }
            WhyNot::MajorNotKnown => Sentence::new(
                "限定专业，本人专业未登记",
                "asks for certain majors; the person's is not known",
            ),
            WhyNot::MajorOther => Sentence::new("专业不符", "asks for other majors"),
            WhyNot::PlaceNotKnown => Sentence::new(
                "没有写明工作地点，本人只考虑意向地点",
                "names no place; the person wants certain places only",
            ),
            WhyNot::PlaceOther => Sentence::new(
                "工作地点不在本人意向之内",
                "not at a place the person wants, and they want no other",
            ),
        }
    }
}
