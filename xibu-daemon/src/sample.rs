//! Sample data for the demo: one made-up city with its offices, units and volunteers, as files
//! offices have.
//!
//! Seeded: the same seed gives the same bytes for ever. Obviously made up: ids have valid check
//! digits on the region code 999999, which was never issued; mail ends in `.test`; phones begin
//! with 154, which no operator was given; schools are called 样例. Names of counties are those of
//! 2023. Some lines are dirty, and each file says which lines are to be refused and why, so that a
//! test can compare.

mod directory;
mod dirt;
mod numbers;
mod people;
mod postings;
mod returns;
mod roster;
mod wishes;

use xibu_plugin_abi::message::Workbook;

pub use postings::{SamplePosting, page, postings, rss};
pub use returns::{ReturnKind, county_return, unit_return};

pub use wishes::wishes;

use numbers::Numbers;
use people::{County, People, University};

/// How much of everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// County offices, 41 at most.
    pub counties: usize,
    /// University offices, 8 at most.
    pub universities: usize,
    /// Service units, over all counties.
    pub units: usize,
    /// Volunteers, over all units; lines to be refused come on top.
    pub volunteers: usize,
}

impl Size {
    /// Chongqing of 2023–24.
    pub const CITY: Self = Self { counties: 41, universities: 8, units: 300, volunteers: 4_000 };
    /// A few offices, for tests and for a first look.
    pub const SMALL: Self = Self { counties: 3, universities: 2, units: 9, volunteers: 60 };
}

/// The files of a made-up city.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The directory, one workbook.
    pub directory: SampleFile,
    /// One roster a county, .xlsx and .csv, in varied headings.
    pub rosters: Vec<SampleFile>,
}

/// A file as an office has it.
#[derive(Clone, Debug)]
pub struct SampleFile {
    /// Its name.
    pub file_name: String,
    /// Its content.
    pub content: SampleContent,
    /// How many lines are good.
    pub accepted: usize,
    /// The lines that are to be refused.
    pub refused: Vec<ExpectedRefusal>,
}

/// What a file holds: a workbook still to be written by the plugin, or bytes.
#[derive(Clone, Debug)]
pub enum SampleContent {
    /// To be written as .xlsx.
    Workbook(Workbook),
    /// As it is.
    Bytes(Vec<u8>),
}

/// A line that is to be refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExpectedRefusal {
    /// Sheet; none for a .csv, which has but one.
    pub sheet: Option<String>,
    /// Row as the program shows it, from 1.
    pub row: u32,
    /// The name of [`xibu_core::intake::Refusal`] in snake case.
    pub reason: &'static str,
}

/// Makes a city up.
pub fn generate(seed: u64, size: Size) -> Sample {
    let mut numbers = Numbers::new(seed);
    let mut people = People::default();
    let universities: Vec<University> = people::universities(size.universities);
    let counties: Vec<County> = people::counties(size.counties, size.units);
    let directory = directory::file(&mut numbers, &mut people, &universities, &counties);
    let total_units: usize = counties.iter().map(|county| county.units.len()).sum();
    let mut given = 0;
    let mut units_before = 0;
    let rosters = counties
        .iter()
        .enumerate()
        .map(|(index, county)| {
            units_before += county.units.len();
            // Shares that add up to the whole, whatever the rounding.
            let until = size.volunteers * units_before / total_units.max(1);
            let count = until - given;
            given = until;
            roster::file(&mut numbers, &mut people, &universities, county, index, count)
        })
        .collect();
    Sample { directory, rosters }
}

#[cfg(test)]
mod tests;
