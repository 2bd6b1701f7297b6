//! The whole country at once: `assess` and `plan` over 83,000 volunteers, 2,200 counties and 30,000
//! units, and the same counts by SQL over the same data in SQLite, in the same run.
//!
//! Not a test of the rules: it stops where the two counts differ, so that a fast wrong answer is no
//! answer.
//!
//! ```text
//! cargo bench -p xibu-core --bench country
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop at once")]
#![allow(clippy::print_stdout, reason = "its figures are its output")]

mod ledger;
mod made_up;

use std::hint::black_box;
use std::time::{Duration, Instant};

use xibu_core::assess::assess;
use xibu_core::notice::Step;
use xibu_core::obligation::{Obligation, Standing};
use xibu_core::plan::{Plan, plan};
use xibu_core::rule::Rule;

use made_up::Country;

/// What is counted, the same way by both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// For each rule: not open, in, owed in time, late.
    pub(crate) standings: [[u64; 4]; 2],
    /// For each rule, notices by step.
    pub(crate) notices: [[u64; 6]; 2],
}

const RUNS: usize = 15;

fn main() {
    println!(
        "{:>8} {:>8} {:>10} {:>8} | {:>9} {:>9} {:>9} | {:>9} | {:>8}",
        "counties", "units", "volunteers", "debts", "assess", "plan", "together", "SQL", "notices"
    );
    for counties in [1, 10, 100, 2_200] {
        let country = Country::made_up(counties);
        let (owed, assessed) =
            median(|| assess(&country.world, &country.rulebook, &country.cities, country.at));
        let (planned, planning) =
            median(|| plan(&country.world, &country.rulebook, &owed, &country.sent, country.at));
        let (by_sql, querying) = ledger::count(&country);
        let ours = count(&owed, &planned);
        assert_eq!(ours, by_sql, "{counties} counties: the rules and the SQL count differently");
        println!(
            "{:>8} {:>8} {:>10} {:>8} | {:>9} {:>9} {:>9} | {:>9} | {:>8}",
            counties,
            country.units,
            country.volunteers,
            owed.len(),
            ms(assessed),
            ms(planning),
            ms(assessed + planning),
            ms(querying),
            planned.notices.len()
        );
        if counties == 2_200 {
            details(&ours);
        }
    }
}

fn details(counts: &Counts) {
    for rule in Rule::ALL {
        let [not_open, came, owed, late] = counts.standings[rule as usize];
        println!("\n{rule}: {not_open} not open, {came} in, {owed} owed in time, {late} late");
        for step in Step::ALL {
            println!("  notices {step}: {}", counts.notices[rule as usize][step as usize]);
        }
    }
}

fn count(owed: &[Obligation], plan: &Plan) -> Counts {
    let mut counts = Counts::default();
    for debt in owed {
        let standing = match debt.standing {
            Standing::NotOpen => 0,
            Standing::In(_) => 1,
            Standing::Owed => 2,
            Standing::Late => 3,
            other => unreachable!("{other:?} is not made up"),
        };
        counts.standings[debt.key.rule as usize][standing] += 1;
    }
    for notice in &plan.notices {
        counts.notices[notice.key.obligation.rule as usize][notice.key.step as usize] += 1;
    }
    counts
}

/// The result of the last run and the median time of all.
fn median<T>(mut run: impl FnMut() -> T) -> (T, Duration) {
    let mut times = Vec::with_capacity(RUNS);
    let mut result = None;
    for _ in 0..RUNS {
        // The last result is dropped outside the time.
        drop(result.take());
        let start = Instant::now();
        result = Some(black_box(run()));
        times.push(start.elapsed());
    }
    times.sort_unstable();
    (result.unwrap(), times[RUNS / 2])
}

fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
