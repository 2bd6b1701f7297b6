//! Which posting is for whom, and why (为什么推荐).
//!
//! Hard conditions shut a person out: education, major, posts reserved for 服务基层项目人员, a
//! posting that can no longer be answered, and the place where the person says so. Wishes only add
//! to the score. [`judge`] is the rule; [`Index`] gives the same for all people at once, and a test
//! and the benchmark hold them against each other.
//!
//! What it is not: no consent, no sending, no learning from what people did. The weights are a
//! policy assumption and stand in `src/matching/why.rs`.
//!
//! ```
//! use chrono::NaiveDate;
//! use xibu_core::education::Education;
//! use xibu_core::matching::{Index, judge};
//! use xibu_core::person::PersonId;
//! use xibu_core::posting::{Posting, RawPosting};
//! use xibu_core::profile::Profile;
//!
//! let today = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap();
//! let posting = Posting::read(&RawPosting {
//!     title: "某某医院2026年招聘会计".into(),
//!     text: "学历要求：本科及以上\n专业要求：会计学、财务管理".into(),
//!     published: Some(today),
//!     ..RawPosting::default()
//! });
//! let mut person = Profile::new(PersonId(1));
//! person.education = Some(Education::Bachelor);
//! person.majors = vec!["会计学".into()];
//! let verdict = judge(&person, &posting, today).unwrap();
//! let why: Vec<String> = verdict.why.iter().map(|why| why.sentence().zh).collect();
//! assert_eq!(why[0], "要求本科及以上，您是本科");
//! assert_eq!(why[1], "要求会计学，与您的专业相同");
//!
//! let index = Index::new(vec![person]);
//! assert_eq!(index.matches(&posting, today)[0].score, verdict.score);
//! ```

use alloc::vec::Vec;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::education::EducationAsked;
use crate::major::MajorsAsked;
use crate::person::PersonId;
use crate::posting::{Grassroots, Posting, Standing};
use crate::profile::Profile;

mod bits;
mod index;
#[cfg(test)]
mod tests;
mod why;

pub use index::{Index, OnDay};
pub use why::{Why, WhyNot};

/// A person whom a posting fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Match {
    /// Who.
    pub person: PersonId,
    /// How well; only for comparing postings for one person.
    pub score: u16,
}

/// That a posting fits a person, how well, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// How well: the sum of what the reasons count; 0 where nothing speaks for it but that nothing
    /// speaks against it.
    pub score: u16,
    /// Why, in the order of [`Why`].
    pub why: Vec<Why>,
}

/// Service that ends within so many days speaks for a posting now: a recruitment takes about half a
/// year from notice to first day. Policy assumption.
pub const SERVICE_ENDS_WITHIN_DAYS: u64 = 183;

/// Whether a posting fits a person.
///
/// # Errors
/// The first reason against it, in the order of [`WhyNot`].
pub fn judge(profile: &Profile, posting: &Posting, today: NaiveDate) -> Result<Verdict, WhyNot> {
    let standing = posting.standing(today);
    if standing != Standing::Open {
        return Err(WhyNot::NotOpen { standing });
    }
    let mut why = Vec::new();
    why.extend(grassroots(profile, posting)?);
    why.extend(education(profile, posting)?);
    why.extend(majors(profile, posting)?);
    why.extend(place(profile, posting)?);
    if let Some(kind) = posting.kind.as_ref().map(|told| told.value)
        && profile.kinds.contains(&kind)
    {
        why.push(Why::KindWished { kind });
    }
    let title = crate::intake::text::tight(posting.title());
    if let Some(word) = profile.posts.iter().find(|word| wished_in(&title, word)) {
        why.push(Why::PostWished { word: word.clone() });
    }
    why.extend(pay(profile, posting));
    if let Some(on) = profile.serves_until.filter(|on| ends_soon(*on, today)) {
        why.push(Why::ServiceEndsSoon { on });
    }
    let score = why.iter().map(Why::weight).sum();
    Ok(Verdict { score, why })
}

fn grassroots(profile: &Profile, posting: &Posting) -> Result<Option<Why>, WhyNot> {
    match (posting.grassroots.as_ref().map(|told| told.value), profile.grassroots) {
        (Some(Grassroots::Reserved), false) => Err(WhyNot::ReservedForGrassroots),
        (Some(Grassroots::Reserved), true) => Ok(Some(Why::ReservedForGrassroots)),
        (Some(Grassroots::Eligible), true) => Ok(Some(Why::OpenToGrassroots)),
        _ => Ok(None),
    }
}

fn education(profile: &Profile, posting: &Posting) -> Result<Option<Why>, WhyNot> {
    match posting.education.as_ref().map(|told| told.value) {
        None => Ok(None),
        Some(EducationAsked::Any) => Ok(Some(Why::AnyEducation)),
        Some(asked) => {
            let own = profile.education.ok_or(WhyNot::EducationNotKnown { asked })?;
            match asked.takes(own) {
                true => Ok(Some(Why::EducationFits { asked, own })),
                false => Err(WhyNot::EducationOther { asked, own }),
            }
        }
    }
}

fn majors(profile: &Profile, posting: &Posting) -> Result<Option<Why>, WhyNot> {
    let asked = match posting.majors.as_ref().map(|told| &told.value) {
        None => return Ok(None),
        Some(MajorsAsked::Any) => return Ok(Some(Why::AnyMajor)),
        Some(asked) => asked,
    };
    if profile.majors.is_empty() {
        return Err(WhyNot::MajorNotKnown);
    }
    let best = profile
        .majors
        .iter()
        .filter_map(|own| asked.fit(own).map(|(name, fit)| (fit, name, own)))
        .min();
    let (fit, name, own) = best.ok_or(WhyNot::MajorOther)?;
    Ok(Some(Why::MajorFits { asked: name.into(), own: own.clone(), fit }))
}

fn place(profile: &Profile, posting: &Posting) -> Result<Option<Why>, WhyNot> {
    if profile.places.is_empty() {
        return Ok(None);
    }
    let only = profile.places_only;
    let Some(places) = posting.places.as_ref().map(|told| &told.value) else {
        return if only { Err(WhyNot::PlaceNotKnown) } else { Ok(None) };
    };
    let held = places.iter().find(|place| profile.places.iter().any(|wish| wish.holds(place)));
    match held {
        Some(place) => Ok(Some(Why::PlaceWished { place: place.clone() })),
        None if only => Err(WhyNot::PlaceOther),
        None => Ok(None),
    }
}

fn pay(profile: &Profile, posting: &Posting) -> Option<Why> {
    let wished = profile.pay_min?;
    let pay = posting.pay.as_ref()?.value;
    match (pay.month_min(), pay.month_max()) {
        (Some(min), _) if min >= wished => Some(Why::PayAtLeast { pay, wished }),
        (_, Some(max)) if max >= wished => Some(Why::PayMayReach { pay, wished }),
        _ => None,
    }
}

/// One sign is no word to look for.
fn wished_in(title: &str, word: &str) -> bool {
    word.chars().count() >= 2 && title.contains(word)
}

fn ends_soon(on: NaiveDate, today: NaiveDate) -> bool {
    on >= today
        && today.checked_add_days(Days::new(SERVICE_ENDS_WITHIN_DAYS)).is_some_and(|by| on <= by)
}
