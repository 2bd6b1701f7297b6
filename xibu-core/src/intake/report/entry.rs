//! Labelled values of one report, from whichever layout, made into a [`ReportRow`].

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use chrono::NaiveDate;

use super::list::{List, ListLine};
use super::{Field, IncidentRow, Note, ReportRow, Section};
use super::{added, incident, people};
use crate::cell::{CellValue, Place};
use crate::form::lexicon::Lexicon;
use crate::intake::count::{self, Said};
use crate::intake::grid::Grid;
use crate::intake::lines::naming;
use crate::intake::refusal::{Refusal, Warning};
use crate::intake::{Accepted, Intake, Personal, Refused, Warned, date, text};
use crate::returns::Answer;

/// A value with its label and place.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) field: Field,
    pub(super) row: u32,
    pub(super) column: u32,
    /// The label or heading as typed.
    pub(super) label: String,
    /// Blank where the label stands without a value.
    pub(super) value: Option<CellValue>,
}

/// The entries of one report, being read.
pub(super) struct Reader<'g, 'a> {
    grid: &'g Grid<'a>,
    pub(super) lexicon: &'g Lexicon,
    row: u32,
    entries: &'g [Entry],
    faults: Vec<Refused>,
    warnings: Vec<Warned>,
    notes: Vec<Note>,
    pub(super) places: BTreeMap<(String, Option<u32>), Place>,
}

impl<'g, 'a> Reader<'g, 'a> {
    /// `row` stands for the whole report where no cell can be named.
    pub(super) fn new(
        grid: &'g Grid<'a>,
        lexicon: &'g Lexicon,
        row: u32,
        entries: &'g [Entry],
    ) -> Self {
        let (faults, warnings, notes) = (Vec::new(), Vec::new(), Vec::new());
        let places = BTreeMap::new();
        Self { grid, lexicon, row, entries, faults, warnings, notes, places }
    }

    /// Reads everything and puts the report among the accepted, or its faults among the refused.
    pub(super) fn finish(
        mut self,
        lines: &[ListLine],
        received: NaiveDate,
        intake: &mut Intake<ReportRow>,
    ) {
        let row = self.report(lines, received);
        match row {
            Some(row) if self.faults.is_empty() => intake.accepted.push(Accepted {
                place: self.grid.place(self.row, None),
                row,
                warnings: self.warnings,
            }),
            _ => {
                self.faults.sort_by(|a, b| {
                    (a.place.row, &a.reason, &a.place.column).cmp(&(
                        b.place.row,
                        &b.reason,
                        &b.place.column,
                    ))
                });
                intake.refused.append(&mut self.faults);
            }
        }
    }

    fn report(&mut self, lines: &[ListLine], received: NaiveDate) -> Option<ReportRow> {
        let office_number = self.optional(Field::OfficeNumber, crate::intake::office_number);
        let office = self.optional(Field::Office, naming(60));
        if office_number.is_none() && office.is_none() {
            self.missing(Field::Office);
        }
        let period = self.optional(Field::Month, |value| date::read_month(value, received));
        if period.is_none() {
            self.missing(Field::Month);
        }
        let headcount = self.optional(Field::Headcount, |value| match count::read(value)? {
            Said::Nil => Ok(0),
            Said::Number(count) => Ok(count),
            Said::Dash => Err(Refusal::ValueMissing),
            Said::Words(_) => Err(Refusal::CountNotReadable),
        });
        let health = self.counted(Field::Health, Section::Health);
        let hazards = self.counted(Field::Hazards, Section::Hazards);
        let needs = self.counted(Field::Needs, Section::Needs);
        self.note(Field::Remark, Section::Remark);
        let stated_by = self.optional(Field::StatedBy, name);
        let head = self.optional(Field::Head, name);
        let filled_on = self.optional(Field::FilledOn, date::read).and_then(date::TypedDate::first);
        let silent = self.optional(Field::Silent, names).unwrap_or_default();
        let people = people::read(self, lines);
        let extra = added::read(self, lines);
        let period = period?;
        let accidents = self.accidents(lines, period);
        let answered = accidents.is_answered()
            || [&health, &hazards, &needs].into_iter().any(Answer::is_answered);
        if !answered {
            self.refuse_section(Refusal::NothingAnswered);
        }
        if accidents == Answer::Nil && stated_by.is_none() {
            self.warn(Field::StatedBy, Warning::NobodyStatesIt);
        }
        let notes = core::mem::take(&mut self.notes);
        Some(ReportRow {
            office_number,
            office,
            period,
            headcount,
            accidents,
            health,
            hazards,
            needs,
            stated_by,
            head,
            filled_on,
            silent,
            people,
            extra,
            notes,
            places: self.places(),
        })
    }

    /// What was wrong, where only part of a report was read.
    pub(super) fn into_faults(self) -> Vec<Refused> {
        self.faults
    }

    /// Where every field stands that has an entry.
    fn places(&mut self) -> BTreeMap<(String, Option<u32>), Place> {
        for entry in self.entries {
            let key = match entry.field {
                Field::Added(number) => {
                    self.lexicon.added().get(usize::from(number)).map_or("", |field| &field.key)
                }
                known => known.key(),
            };
            let place = (String::from(key), None);
            let filled = self.entry(entry.field).is_some_and(|it| core::ptr::eq(it, entry));
            if filled && !key.is_empty() {
                self.places.insert(place, self.grid.place(entry.row, Some(entry.column)));
            }
        }
        core::mem::take(&mut self.places)
    }

    /// Keeps where a line of a list stands.
    pub(super) fn line_stands(&mut self, key: &str, number: usize, line: &ListLine) {
        let Some(first) = line.cells.first() else { return };
        let number = u32::try_from(number).ok();
        let place = self.grid.place(first.row, Some(first.column));
        self.places.insert((String::from(key), number), place);
    }

    fn entry(&self, field: Field) -> Option<&'g Entry> {
        let mut of_field = self.entries.iter().filter(|entry| entry.field == field);
        of_field.clone().find(|entry| entry.value.is_some()).or_else(|| of_field.next())
    }

    pub(super) fn value(&self, field: Field) -> Option<(&'g Entry, &'g CellValue)> {
        let entry = self.entry(field)?;
        Some((entry, entry.value.as_ref()?))
    }

    pub(super) fn optional<T>(
        &mut self,
        field: Field,
        read: impl FnOnce(&CellValue) -> Result<T, Refusal>,
    ) -> Option<T> {
        let (entry, value) = self.value(field)?;
        match read(value) {
            Ok(value) => Some(value),
            Err(Refusal::ValueMissing) => None,
            Err(reason) => {
                self.refuse(entry, reason);
                None
            }
        }
    }

    pub(super) fn refuse(&mut self, entry: &Entry, reason: Refusal) {
        let place = self.grid.place(entry.row, Some(entry.column));
        self.faults.push(Refused { place, heading: Some(entry.label.clone()), reason });
    }

    /// Refuses what cannot be done without, unless something worse was said of it already.
    fn missing(&mut self, field: Field) {
        match self.entry(field) {
            Some(entry) => {
                let place = self.grid.place(entry.row, Some(entry.column));
                if !self.faults.iter().any(|fault| fault.place == place) {
                    self.refuse(entry, Refusal::ValueMissing);
                }
            }
            None => {
                let heading = self.lexicon.heading(field).into();
                let place = self.grid.place(self.row, None);
                let reason = Refusal::HeadingMissing { heading };
                self.faults.push(Refused { place, heading: None, reason });
            }
        }
    }

    /// Refuses at the accident section, where a report begins to say something. A cell that was
    /// filled and could not be read is the better reason.
    fn refuse_section(&mut self, reason: Refusal) {
        if !self.faults.is_empty() {
            return;
        }
        match self.entry(Field::Accidents) {
            Some(entry) => self.refuse(entry, reason),
            None => {
                let place = self.grid.place(self.row, None);
                self.faults.push(Refused { place, heading: None, reason });
            }
        }
    }

    pub(super) fn warn(&mut self, field: Field, warning: Warning) {
        let place = match self.entry(field) {
            Some(entry) => self.grid.place(entry.row, Some(entry.column)),
            None => self.grid.place(self.row, None),
        };
        self.warnings.push(Warned { place, warning });
    }

    pub(super) fn note(&mut self, field: Field, section: Section) {
        if let Some((_, CellValue::Text(typed))) = self.value(field) {
            self.note_words(typed, section);
        }
    }

    pub(super) fn note_words(&mut self, typed: &str, section: Section) {
        // A cell holds 32,767 characters at most; this only guards against what is no cell.
        let words: String = text::plain(typed).chars().take(4_000).collect();
        self.notes.push(Note { section, text: Personal::new(words) });
    }

    pub(super) fn counted(&mut self, field: Field, section: Section) -> Answer<u32> {
        match self.optional(field, count::read) {
            None => Answer::Unanswered,
            Some(Said::Dash) => {
                self.warn(field, Warning::DashIsNoAnswer);
                Answer::Unanswered
            }
            Some(Said::Nil) => Answer::Nil,
            Some(Said::Number(count)) => Answer::Told(count),
            Some(Said::Words(count)) => {
                self.note(field, section);
                if count.is_none() {
                    self.warn(field, Warning::CountedAsOne);
                }
                Answer::Told(count.unwrap_or(1))
            }
        }
    }

    fn accidents(
        &mut self,
        lines: &[ListLine],
        period: crate::period::Period,
    ) -> Answer<Vec<IncidentRow>> {
        let mut told: Vec<IncidentRow> = Vec::new();
        for line in lines.iter().filter(|line| line.list == List::Accidents) {
            let (row, faults) = incident::from_line(&line.cells, period);
            for warning in faults {
                let place = line.cells.first().map_or(self.row, |entry| entry.row);
                self.warnings.push(Warned { place: self.grid.place(place, None), warning });
            }
            self.line_stands(Field::Accidents.key(), told.len(), line);
            told.push(row);
            for entry in &line.cells {
                if let Some(CellValue::Text(typed)) = &entry.value {
                    self.note_words(typed, Section::Accidents);
                }
            }
        }
        let said = self.optional(Field::Accidents, count::read);
        match said {
            Some(Said::Nil) if !told.is_empty() => {
                self.refuse_section(Refusal::NilBesideAccident);
                Answer::Told(told)
            }
            None | Some(Said::Dash) if !told.is_empty() => Answer::Told(told),
            None => Answer::Unanswered,
            Some(Said::Dash) => {
                self.warn(Field::Accidents, Warning::DashIsNoAnswer);
                Answer::Unanswered
            }
            Some(Said::Nil) => Answer::Nil,
            Some(Said::Number(count)) => {
                self.fill_up(&mut told, count);
                Answer::Told(told)
            }
            Some(Said::Words(_)) => {
                self.note(Field::Accidents, Section::Accidents);
                if let (true, Some((_, CellValue::Text(typed)))) =
                    (told.is_empty(), self.value(Field::Accidents))
                {
                    let (row, warnings) = incident::from_words(typed, period);
                    told.push(row);
                    for warning in warnings {
                        self.warn(Field::Accidents, warning);
                    }
                    self.fill_up(&mut told, incident::cases(typed));
                }
                Answer::Told(told)
            }
        }
    }

    /// Accidents that were counted and not described stand as 其他, so that the number is right.
    fn fill_up(&mut self, told: &mut Vec<IncidentRow>, count: u32) {
        const INCIDENTS_MAX: usize = 100;
        let wanted = (count as usize).min(INCIDENTS_MAX);
        if told.len() < wanted {
            self.warn(Field::Accidents, Warning::IncidentKindNotSaid);
            told.resize(wanted, IncidentRow::unknown());
        }
    }
}

pub(super) fn name(value: &CellValue) -> Result<Personal, Refusal> {
    match naming(30)(value) {
        // A stroke in the field says that nobody signs; it is no fault of the report.
        Err(Refusal::NotAName) => Err(Refusal::ValueMissing),
        name => name.map(|name| Personal::new(text::tight(&name))),
    }
}

/// 未报单位: names parted by 、 or the like; 无 for none.
fn names(value: &CellValue) -> Result<Vec<String>, Refusal> {
    if count::read(value)? == Said::Nil {
        return Ok(Vec::new());
    }
    let shown = text::shown(value);
    let parts = shown.split(['、', ',', ';', '，', '；', ' ']).map(text::tight);
    Ok(parts.filter(|part| !part.is_empty()).take(1_000).collect())
}
