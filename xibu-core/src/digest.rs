//! Which of the postings that fit a person stand in today's digest.
//!
//! Best first, no more than a digest holds, never one twice to the same person, and for each that
//! is left out a named reason. What it is not: no letter, no consent, no sending; one digest a day
//! is the caller's to keep.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::explain::Sentence;
use crate::posting::{Deadline, Posting, PostingId, Standing};

/// The most postings in one digest. Policy assumption: one page.
pub const POSTINGS_MAX: usize = 10;

/// A posting that fits a person.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Our number for it.
    pub number: PostingId,
    /// What it says.
    pub posting: &'a Posting,
    /// How well it fits this person; see [`crate::matching::Verdict`].
    pub score: u16,
}

/// What stands in a digest, and what does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// Best first.
    pub chosen: Vec<PostingId>,
    /// By number, with the reason.
    pub left_out: Vec<(PostingId, LeftOut)>,
}

/// Why a posting is not in today's digest; declared in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// This person was told of it before.
    ToldBefore,
    /// Every source has withdrawn it.
    Withdrawn,
    /// Its last day has passed.
    Expired,
    /// It names no last day and was published long ago.
    Undated,
    /// The person may apply, but nothing they wish for speaks for it.
    NothingWished,
    /// Others fit better, and the digest is full; it may come tomorrow.
    DigestFull,
}

impl LeftOut {
    /// In words.
    pub fn sentence(self) -> Sentence {
        let (zh, en) = match self {
            LeftOut::ToldBefore => ("以前已经告知本人", "this person was told before"),
            LeftOut::Withdrawn => ("来源已撤下", "withdrawn by its source"),
            LeftOut::Expired => ("报名已截止", "its last day has passed"),
            LeftOut::Undated => {
                ("没有写明截止日期，发布已久", "it names no last day and was published long ago")
            }
            LeftOut::NothingWished => {
                ("可以报考，但与本人意向无关", "nothing the person wishes for speaks for it")
            }
            LeftOut::DigestFull => {
                ("今天的摘要已满，有更合适的", "the digest is full of postings that fit better")
            }
        };
        Sentence::new(zh, en)
    }
}

/// Chooses at most `max` of the postings that fit a person.
///
/// Best first; of equal ones the one whose last day comes first, then the smaller number. A posting
/// given twice counts once, with the better score.
pub fn digest(
    candidates: &[Candidate<'_>],
    told: &BTreeSet<PostingId>,
    today: NaiveDate,
    max: usize,
) -> Digest {
    let mut digest = Digest::default();
    let mut sorted: Vec<&Candidate<'_>> = candidates.iter().collect();
    sorted.sort_by_key(|one| (one.number, core::cmp::Reverse(one.score)));
    sorted.dedup_by_key(|one| one.number);
    sorted.sort_by_key(|one| {
        let last = match one.posting.deadline.as_ref().map(|told| told.value) {
            Some(Deadline::Day { last }) => last,
            _ => NaiveDate::MAX,
        };
        (core::cmp::Reverse(one.score), last, one.number)
    });
    for one in sorted {
        let against = if told.contains(&one.number) {
            Some(LeftOut::ToldBefore)
        } else {
            match one.posting.standing(today) {
                Standing::Withdrawn => Some(LeftOut::Withdrawn),
                Standing::Expired => Some(LeftOut::Expired),
                Standing::Undated => Some(LeftOut::Undated),
                Standing::Open if one.score == 0 => Some(LeftOut::NothingWished),
                Standing::Open if digest.chosen.len() >= max => Some(LeftOut::DigestFull),
                Standing::Open => None,
            }
        };
        match against {
            Some(reason) => digest.left_out.push((one.number, reason)),
            None => digest.chosen.push(one.number),
        }
    }
    digest.left_out.sort_unstable();
    digest
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use proptest::prelude::*;

    use super::*;
    use crate::posting::RawPosting;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 6, 2).unwrap()
    }

    fn posting(text: &str) -> Posting {
        Posting::read(&RawPosting {
            source: "源".into(),
            id: "1".into(),
            title: "招聘".into(),
            text: text.into(),
            published: NaiveDate::from_ymd_opt(2026, 6, 1),
            ..RawPosting::default()
        })
    }

    #[track_caller]
    fn check(candidates: &[(u32, &str, u16)], told: &[u32], max: usize, expected: &str) {
        let postings: Vec<Posting> = candidates.iter().map(|(_, text, _)| posting(text)).collect();
        let candidates: Vec<Candidate<'_>> = candidates
            .iter()
            .zip(&postings)
            .map(|((number, _, score), posting)| Candidate {
                number: PostingId(*number),
                posting,
                score: *score,
            })
            .collect();
        let told = told.iter().copied().map(PostingId).collect();
        let digest = digest(&candidates, &told, today(), max);
        let chosen: Vec<String> = digest.chosen.iter().map(|number| format!("{number}")).collect();
        let left: Vec<String> =
            digest.left_out.iter().map(|(number, why)| format!("{number}:{why:?}")).collect();
        assert_eq!(format!("{} | {}", chosen.join(" "), left.join(" ")), expected);
    }

    #[test]
    fn best_first_and_a_reason_for_each_left_out() {
        let soon = "报名截止：6月5日";
        check(&[(1, "", 5), (2, "", 9), (3, soon, 5)], &[], 10, "J2 J3 J1 | ");
        check(&[(1, "", 5), (2, "", 9), (3, soon, 5)], &[2], 1, "J3 | J1:DigestFull J2:ToldBefore");
        check(&[(1, "报名截止：6月1日", 5)], &[], 10, " | J1:Expired");
        check(&[(1, "", 0)], &[], 10, " | J1:NothingWished");
        check(&[(1, "", 5), (1, "", 7)], &[], 10, "J1 | ");
        check(&[(1, "", 5)], &[], 0, " | J1:DigestFull");
        check(&[], &[], 10, " | ");
    }

    proptest! {
        #[test]
        fn every_candidate_is_chosen_once_or_left_out_with_a_reason(
            scores in prop::collection::vec((0_u32..30, 0_u16..4), 0..40),
            told in prop::collection::btree_set(0_u32..30, 0..10),
            max in 0_usize..12,
        ) {
            let posting = posting("");
            let candidates: Vec<Candidate<'_>> = scores
                .iter()
                .map(|(number, score)| Candidate {
                    number: PostingId(*number),
                    posting: &posting,
                    score: *score,
                })
                .collect();
            let mut told: BTreeSet<PostingId> = told.into_iter().map(PostingId).collect();
            let numbers: BTreeSet<PostingId> = candidates.iter().map(|one| one.number).collect();
            let first = digest(&candidates, &told, today(), max);
            prop_assert!(first.chosen.len() <= max);
            prop_assert!(first.chosen.iter().all(|number| !told.contains(number)));
            let mut all: Vec<PostingId> = first.chosen.clone();
            all.extend(first.left_out.iter().map(|(number, _)| *number));
            all.sort();
            prop_assert_eq!(all, numbers.into_iter().collect::<Vec<_>>());
            // Tomorrow nothing of today's comes again.
            told.extend(first.chosen.iter().copied());
            let second = digest(&candidates, &told, today(), max);
            prop_assert!(second.chosen.iter().all(|number| !first.chosen.contains(number)));
        }
    }
}
