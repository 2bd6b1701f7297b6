//! A file's sheets after the core has given them meaning, before anything is looked up in the
//! record.

use chrono::NaiveDate;
use xibu_core::cell::Place;
use xibu_core::intake::directory::{self, DirectoryRow};
use xibu_core::intake::report::{self, ReportRow};
use xibu_core::intake::roster::{self, RosterRow};
use xibu_core::intake::wishes::{self, WishRow};
use xibu_core::intake::{self, Accepted, Intake, Recognised, Refusal, Refused, SheetKind, Warned};
use xibu_core::office::OfficeId;
use xibu_core::period::Period;
use xibu_plugin_abi::message::Unreadable;

use super::code::{self, CodeSaid, holds_code};
use super::hidden_ids::{self, HiddenIds};
use super::{Arrival, ReadSheet, Reading, WITHIN, marked};

/// A file with its meaning.
pub(super) struct Understood {
    pub(super) sheets: Vec<UnderstoodSheet>,
    pub(super) unreadable: Option<Unread>,
    /// The code of a request that it carries.
    pub(super) code: Option<CodeSaid>,
}

/// What is known of a file that nobody could read.
pub(super) struct Unread {
    pub(super) why: Unreadable,
    /// The office and month that its name says, if it does.
    pub(super) of: Option<(OfficeId, Period)>,
}

/// A sheet with its meaning.
pub(super) struct UnderstoodSheet {
    pub(super) name: String,
    pub(super) kind: Option<SheetKind>,
    pub(super) heading_row: Option<u32>,
    /// Words above the headings, the tab and the file's name: they may name the county.
    pub(super) words: String,
    pub(super) rows: Rows,
    pub(super) refused: Vec<Refused>,
    pub(super) ignored_headings: Vec<String>,
    /// Where ids stand: the first row of them, from 0, and their columns.
    pub(super) id_columns: Option<(u32, Vec<u32>)>,
    /// Rows that are not read because their id is hidden.
    pub(super) hidden_ids: Option<HiddenIds>,
}

/// Rows of one kind.
pub(super) enum Rows {
    Directory(Vec<Accepted<DirectoryRow>>),
    Roster(Vec<Accepted<RosterRow>>),
    Report(Vec<Accepted<ReportRow>>),
    Wishes(Vec<Accepted<WishRow>>),
    None,
}

impl Rows {
    pub(super) fn warnings(&self) -> Vec<Warned> {
        match self {
            Rows::Directory(rows) => rows.iter().flat_map(|row| row.warnings.clone()).collect(),
            Rows::Roster(rows) => rows.iter().flat_map(|row| row.warnings.clone()).collect(),
            Rows::Report(rows) => rows.iter().flat_map(|row| row.warnings.clone()).collect(),
            Rows::Wishes(rows) => rows.iter().flat_map(|row| row.warnings.clone()).collect(),
            Rows::None => Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Rows::Directory(rows) => rows.len(),
            Rows::Roster(rows) => rows.len(),
            Rows::Report(rows) => rows.len(),
            Rows::Wishes(rows) => rows.len(),
            Rows::None => 0,
        }
    }
}

impl Understood {
    pub(super) fn of(arrival: &Arrival, reading: &Reading) -> Self {
        let code = code::said(arrival, reading);
        match reading {
            Reading::Unreadable { why, .. } => {
                // A file of an archive says it itself, or its archive says it for all.
                let of = arrival.file_name.rsplit(WITHIN).find_map(office_and_month);
                Self { sheets: Vec::new(), unreadable: Some(Unread { why: *why, of }), code }
            }
            Reading::Sheets(sheets) => {
                let theirs = sheets.iter().filter(|read| !marked::is_ours(&read.sheet));
                let theirs = theirs.filter(|read| !(read.hidden && holds_code(&read.sheet.name)));
                let mut sheets: Vec<UnderstoodSheet> =
                    theirs.map(|sheet| understand(sheet, arrival)).collect();
                // A sheet of remarks beside a roster is no fault; a file of nothing else is.
                if sheets.iter().all(|sheet| sheet.kind.is_none()) {
                    for sheet in &mut sheets {
                        let place = Place { sheet: sheet.name.clone(), row: 1, column: None };
                        let reason = Refusal::SheetNotRecognised;
                        sheet.refused.push(Refused { place, heading: None, reason });
                    }
                }
                Self { sheets, unreadable: None, code }
            }
        }
    }
}

fn understand(read: &ReadSheet, arrival: &Arrival) -> UnderstoodSheet {
    let sheet = &read.sheet;
    let seen = if read.hidden { None } else { intake::recognise(sheet) };
    let title = seen.map(|seen| intake::title(sheet, seen)).unwrap_or_default();
    let mut understood = UnderstoodSheet {
        name: sheet.name.clone(),
        kind: seen.map(|seen| seen.kind),
        heading_row: seen.map(|seen| seen.heading_row + 1),
        words: format!("{title} {} {}", sheet.name, arrival.file_name),
        rows: Rows::None,
        refused: Vec::new(),
        ignored_headings: Vec::new(),
        id_columns: roster::id_columns(sheet),
        hidden_ids: None,
    };
    let Some(Recognised { kind, .. }) = seen else { return understood };
    let shown = hidden_ids::without(read, kind, understood.id_columns.as_ref());
    let (shown, hidden) = shown.unzip();
    understood.hidden_ids = hidden;
    let sheet = shown.as_ref().unwrap_or(sheet);
    let received: NaiveDate = arrival.received_at.date();
    match kind {
        SheetKind::Directory => {
            understood.rows = Rows::Directory(take(directory::read(sheet), &mut understood));
        }
        SheetKind::Roster => {
            understood.rows = Rows::Roster(take(roster::read(sheet), &mut understood));
        }
        SheetKind::Report => {
            understood.rows = Rows::Report(take(report::read(sheet, received), &mut understood));
        }
        SheetKind::Wishes => {
            understood.rows = Rows::Wishes(take(wishes::read(sheet), &mut understood));
        }
    }
    understood
}

fn take<T>(intake: Intake<T>, sheet: &mut UnderstoodSheet) -> Vec<Accepted<T>> {
    sheet.refused = intake.refused;
    sheet.ignored_headings = intake.ignored_headings;
    intake.accepted
}

/// `O57-2026-06-月报告单.jpg`: our forms are sent out under such names, and a photo comes back
/// under it.
pub fn office_and_month(file_name: &str) -> Option<(OfficeId, Period)> {
    const MARKS: [char; 6] = ['-', '_', ' ', '.', '（', '('];
    let mut parts = file_name.split(MARKS).filter(|part| !part.is_empty());
    let office: OfficeId = parts.find_map(|part| part.parse().ok())?;
    let rest: Vec<&str> = parts.collect();
    let period = rest
        .windows(2)
        .find_map(|pair| format!("{}-{}", pair[0], pair[1]).parse().ok())
        .or_else(|| rest.iter().find_map(|part| in_words(part)))?;
    Some((office, period))
}

/// `2026年6月…`.
fn in_words(part: &str) -> Option<Period> {
    let (year, rest) = part.split_once('年')?;
    let (month, _) = rest.split_once('月')?;
    Period::new(year.parse().ok()?, month.parse().ok()?).ok()
}
