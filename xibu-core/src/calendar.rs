//! The working calendar: which days offices work, as the State Council announces it year by year.
//!
//! Saturdays and Sundays are rest days, festivals are rest days, and some Saturdays and Sundays are
//! make-up working days (调休上班). The years 2009 to 2026 are in the box; a later year is added
//! with [`Calendar::with_year`] as soon as its notice is out. Until then its days follow the
//! weekend alone and are marked `assumed`.
//!
//! Not a lunar calendar, and not a clock: it is asked about dates and never says what today is.

mod table;

use alloc::borrow::Cow;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::Error;

/// One day as the calendar knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Day<'a> {
    /// Which day.
    pub date: NaiveDate,
    /// Whether offices work.
    pub workday: bool,
    /// The festival, on its rest days and on the days worked to make up for it; none on ordinary
    /// days.
    pub name: Option<&'a str>,
    /// The year's notice is not known: this follows the weekend alone.
    pub assumed: bool,
}

/// A year's notice as a file gives it: the days that differ from an ordinary week.
///
/// In TOML: `year = 2027`, `source = "…"`, `rest = [["2027-01-01", "元旦"]]`, `work =
/// [["2027-01-09", "元旦"]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearTable {
    /// The year of the notice's title.
    pub year: i32,
    /// Where it stands: title, number, address.
    pub source: String,
    /// Rest days with the festival's name; weekends that belong to a festival too.
    pub rest: Vec<(NaiveDate, String)>,
    /// Saturdays and Sundays that are worked, with the festival they make up for.
    pub work: Vec<(NaiveDate, String)>,
}

/// A day that is not what its weekday says, or that carries a festival's name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    workday: bool,
    name: Cow<'static, str>,
}

/// The working calendar.
///
/// # Example
/// ```
/// use chrono::NaiveDate;
/// use xibu_core::calendar::Calendar;
///
/// let calendar = Calendar::built_in();
/// let saturday = NaiveDate::from_ymd_opt(2026, 2, 28).unwrap();
/// let day = calendar.day(saturday);
/// assert!(day.workday, "a Saturday worked to make up for the Spring Festival");
/// assert_eq!(day.name, Some("春节"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    marks: BTreeMap<NaiveDate, Mark>,
    sources: BTreeMap<i32, Vec<Cow<'static, str>>>,
}

impl Calendar {
    /// The years 2009 to 2026.
    pub fn built_in() -> Self {
        let mut calendar = Self { marks: BTreeMap::new(), sources: BTreeMap::new() };
        for year in &table::YEARS {
            let sources = year.sources.iter().map(|source| Cow::Borrowed(*source)).collect();
            calendar.sources.insert(year.year, sources);
            for &(month, first, last, name) in year.rest {
                for day in first..=last {
                    calendar.mark(NaiveDate::from_ymd_opt(year.year, month, day), false, name);
                }
            }
            for &(month, day, name) in year.work {
                calendar.mark(NaiveDate::from_ymd_opt(year.year, month, day), true, name);
            }
        }
        calendar
    }

    /// This calendar with one more year, or with a year's table in place of the one known.
    ///
    /// A year may be given again because the State Council has changed a year before (2020's Spring
    /// Festival). A notice may name days in the December before its year.
    ///
    /// # Errors
    /// When a day lies outside the year and the December before it, stands twice, or is worked
    /// though it is a Monday to Friday; the message names every such day.
    pub fn with_year(mut self, table: YearTable) -> Result<Self, Error> {
        let mut wrong = Vec::new();
        let mut seen = BTreeSet::new();
        for (list, day, workday) in table
            .rest
            .iter()
            .map(|(day, _)| ("rest", *day, false))
            .chain(table.work.iter().map(|(day, _)| ("work", *day, true)))
        {
            let december_before = day.year() == table.year - 1 && day.month() == 12;
            if day.year() != table.year && !december_before {
                wrong.push(format!("{day} in `{list}` does not lie in {}", table.year));
            }
            if workday && !is_weekend(day) {
                wrong.push(format!("{day} in `work` is no Saturday or Sunday"));
            }
            if !seen.insert(day) {
                wrong.push(format!("{day} stands twice"));
            }
        }
        if table.source.trim().is_empty() {
            wrong.push(String::from("`source` is empty: say which notice this is"));
        }
        if !wrong.is_empty() {
            return Err(Error::new(format!("calendar {}: {}", table.year, wrong.join("; "))));
        }
        self.marks.retain(|day, _| day.year() != table.year);
        self.sources.insert(table.year, Vec::from([Cow::Owned(table.source)]));
        for (day, name) in table.rest {
            self.marks.insert(day, Mark { workday: false, name: Cow::Owned(name) });
        }
        for (day, name) in table.work {
            self.marks.insert(day, Mark { workday: true, name: Cow::Owned(name) });
        }
        Ok(self)
    }

    /// What `date` is.
    pub fn day(&self, date: NaiveDate) -> Day<'_> {
        let mark = self.marks.get(&date);
        Day {
            date,
            workday: mark.map_or(!is_weekend(date), |mark| mark.workday),
            name: mark.map(|mark| mark.name.as_ref()),
            assumed: self.is_assumed(date),
        }
    }

    /// Whether offices work on `date`.
    pub fn is_workday(&self, date: NaiveDate) -> bool {
        self.marks.get(&date).map_or(!is_weekend(date), |mark| mark.workday)
    }

    /// Whether the notice for the year of `date` is not known.
    pub fn is_assumed(&self, date: NaiveDate) -> bool {
        !self.sources.contains_key(&date.year())
    }

    /// Where the table of a year comes from; empty where the year is not known.
    pub fn sources(&self, year: i32) -> impl Iterator<Item = &str> {
        self.sources.get(&year).into_iter().flatten().map(AsRef::as_ref)
    }

    /// The first and the last year known.
    pub fn years(&self) -> Option<(i32, i32)> {
        Some((*self.sources.keys().next()?, *self.sources.keys().next_back()?))
    }

    /// `date` itself where offices work, otherwise the next day they do.
    pub fn workday_on_or_after(&self, date: NaiveDate) -> NaiveDate {
        self.seek(date, 1, tomorrow)
    }

    /// `date` itself where offices work, otherwise the last day before on which they did.
    pub fn workday_on_or_before(&self, date: NaiveDate) -> NaiveDate {
        self.seek(date, 1, yesterday)
    }

    /// The `n`th working day before `date`, which itself is not counted; `date` for none.
    pub fn workdays_before(&self, date: NaiveDate, n: u32) -> NaiveDate {
        if n == 0 { date } else { self.seek(yesterday(date), n, yesterday) }
    }

    /// The `n`th working day after `date`, which itself is not counted; `date` for none.
    pub fn workdays_after(&self, date: NaiveDate, n: u32) -> NaiveDate {
        if n == 0 { date } else { self.seek(tomorrow(date), n, tomorrow) }
    }

    /// How many working days lie after `a` and up to `b` included; none where `b` is not after `a`.
    pub fn workdays_between(&self, a: NaiveDate, b: NaiveDate) -> u32 {
        let mut count = 0;
        let mut day = a;
        while day < b {
            day = tomorrow(day);
            count += u32::from(self.is_workday(day));
        }
        count
    }

    /// The `n`th working day from `date` on, `date` included, walking by `step`.
    ///
    /// Ends at the edge of the calendar of chrono, some 260,000 years away.
    fn seek(&self, date: NaiveDate, n: u32, step: fn(NaiveDate) -> NaiveDate) -> NaiveDate {
        let mut day = date;
        let mut left = n;
        loop {
            left -= u32::from(self.is_workday(day));
            if left == 0 || step(day) == day {
                return day;
            }
            day = step(day);
        }
    }

    fn mark(&mut self, date: Option<NaiveDate>, workday: bool, name: &'static str) {
        debug_assert!(date.is_some(), "the table names a day that does not exist");
        if let Some(date) = date {
            self.marks.insert(date, Mark { workday, name: Cow::Borrowed(name) });
        }
    }
}

impl Default for Calendar {
    fn default() -> Self {
        Self::built_in()
    }
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

pub(crate) fn tomorrow(date: NaiveDate) -> NaiveDate {
    date.checked_add_days(Days::new(1)).unwrap_or(date)
}

pub(crate) fn yesterday(date: NaiveDate) -> NaiveDate {
    date.checked_sub_days(Days::new(1)).unwrap_or(date)
}
