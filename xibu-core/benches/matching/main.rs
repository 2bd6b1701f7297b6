//! A hundred thousand postings against eighty-three thousand people: the index, the rule person by
//! person on one posting in a hundred, and the same conditions as indexed SQL in SQLite, in the
//! same run.
//!
//! Not a test of the rule: it stops where two of the three differ, so that a fast wrong answer is
//! no answer.
//!
//! ```text
//! cargo bench -p xibu-core --bench matching
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop at once")]
#![allow(clippy::print_stdout, reason = "its figures are its output")]

mod ledger;
mod made_up;

use std::hint::black_box;
use std::time::{Duration, Instant};

use xibu_core::matching::{Index, Match, judge};
use xibu_core::posting::Posting;

use made_up::{Market, today};

/// One posting in so many is judged person by person.
const JUDGED_EVERY: usize = 100;
/// One posting in so many is asked of SQLite.
const ASKED_EVERY: usize = 500;

/// What is compared: how many match, the sum of their scores, and a sum that depends on who.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) matches: i64,
    pub(crate) scores: i64,
    pub(crate) who: i64,
}

fn main() {
    println!(
        "{:>8} {:>8} | {:>9} {:>8} | {:>10} {:>11} | {:>12} {:>12} | {:>11}",
        "people",
        "postings",
        "read",
        "index",
        "postings/s",
        "matches per",
        "one by one",
        "postings/s",
        "SQL post./s"
    );
    for (people, postings) in [(830, 1_000), (8_300, 10_000), (83_000, 100_000)] {
        run(people, postings);
    }
}

fn run(people: u32, count: u32) {
    let market = Market::made_up(people, count);
    let (postings, reading) =
        timed(|| market.raw.iter().map(Posting::read).collect::<Vec<Posting>>());
    let (index, indexing) = timed(|| Index::new(market.profiles.clone()));
    let (matches, matching) = timed(|| {
        let index = index.on(today());
        postings.iter().map(|posting| index.matches(posting).len()).sum::<usize>()
    });
    let judged: Vec<&Posting> = postings.iter().step_by(JUDGED_EVERY).collect();
    let (by_rule, judging) = timed(|| {
        judged.iter().map(|posting| one_by_one(&index, posting)).collect::<Vec<Vec<Match>>>()
    });
    for (posting, by_rule) in judged.iter().zip(&by_rule) {
        let by_index = index.matches(posting, today());
        assert_eq!(&by_index, by_rule, "{}: index and rule differ", posting.title());
    }
    let asked: Vec<&Posting> = postings.iter().step_by(ASKED_EVERY).collect();
    let (by_sql, asking) = ledger::count(&index, &asked);
    for (posting, by_sql) in asked.iter().zip(by_sql) {
        let by_index = count_of(&index.matches(posting, today()));
        assert_eq!(by_index, by_sql, "{}: index and SQL differ", posting.title());
    }
    println!(
        "{people:>8} {count:>8} | {:>7}/s {:>8} | {:>10} {:>11.0} | {:>12} {:>12} | {:>11}",
        rate(postings.len(), reading),
        ms(indexing),
        rate(postings.len(), matching),
        matches as f64 / postings.len() as f64,
        format!("{} judged", judged.len()),
        rate(judged.len(), judging),
        rate(asked.len(), asking),
    );
}

fn one_by_one(index: &Index, posting: &Posting) -> Vec<Match> {
    let judged = index.profiles().iter().filter_map(|profile| {
        let score = judge(profile, posting, today()).ok()?.score;
        Some(Match { person: profile.person, score })
    });
    judged.collect()
}

fn count_of(matches: &[Match]) -> Count {
    let mut count = Count::default();
    for one in matches {
        count.matches += 1;
        count.scores += i64::from(one.score);
        count.who += i64::from(one.score + 1) * i64::from(one.person.0);
    }
    count
}

fn timed<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = black_box(run());
    (result, start.elapsed())
}

fn rate(count: usize, time: Duration) -> String {
    format!("{:.1}", count as f64 / time.as_secs_f64())
}

fn ms(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1e3)
}
