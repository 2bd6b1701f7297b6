//! 志愿者在岗情况: who is at the post, on leave or gone, one a line.

use alloc::string::String;
use alloc::vec::Vec;

use super::entry::{Entry, Reader, name};
use super::list::{self, List, ListLine};
use super::{Field, PeopleBeside, PersonRow};
use crate::cell::CellValue;
use crate::form::lexicon::Lexicon;
use crate::intake::date::{self, TypedDate};
use crate::intake::grid::Grid;
use crate::intake::refusal::Refusal;
use crate::intake::text;
use crate::person::PersonId;
use crate::returns::PostState;

/// What each state is called; the first words are what our own forms offer.
const STATES: &[(PostState, &[&str])] = &[
    (PostState::Left, &["离岗", "离职", "离开", "退出", "期满", "服务期满", "已离岗", "终止"]),
    (PostState::MovedAway, &["调离", "调动", "调走", "转岗", "调整", "已调离"]),
    (PostState::OnLeave, &["请假", "病假", "事假", "产假", "休假", "婚假", "丧假", "年假", "休养"]),
    (PostState::OnPost, &["在岗", "在", "是", "正常", "√", "✓", "到岗", "新到岗"]),
];

/// The list on a sheet of its own; none where no row has its headings.
pub(super) fn beside(grid: &Grid<'_>, lexicon: &Lexicon) -> Option<PeopleBeside> {
    const ROWS_SEARCHED: usize = 40;
    let rows = grid.rows().take(ROWS_SEARCHED);
    let (row, headings) = rows
        .filter_map(|row| Some((row, list::headings(lexicon, row)?)))
        .find(|(_, headings)| headings.list() == List::People)?;
    let lines = list::lines(grid, lexicon, row, &headings).lines;
    let mut reader = Reader::new(grid, lexicon, row.number, &[]);
    let people = read(&mut reader, &lines);
    let place = |line: u32| {
        let known = reader.places.get(&(Field::People.key().into(), Some(line)));
        known.cloned().unwrap_or_else(|| grid.place(row.number, None))
    };
    let people = (0_u32..).zip(people).map(|(line, person)| (person, place(line))).collect();
    Some(PeopleBeside { people, refused: reader.into_faults() })
}

/// Reads every line of the list; a line without a state says nothing of the person.
pub(super) fn read(reader: &mut Reader<'_, '_>, lines: &[ListLine]) -> Vec<PersonRow> {
    let mut people = Vec::new();
    for line in lines.iter().filter(|line| line.list == List::People) {
        let cell = |field| line.cells.iter().find(|entry| entry.field == field);
        let number = take(reader, cell(Field::PersonNumber), person_number);
        let name = take(reader, cell(Field::PersonName), name);
        let state = take(reader, cell(Field::PersonState), state);
        let since = take(reader, cell(Field::PersonDay), date::read).and_then(TypedDate::first);
        let (Some(state), true) = (state, number.is_some() || name.is_some()) else { continue };
        reader.line_stands(Field::People.key(), people.len(), line);
        people.push(PersonRow { number, name, state, since });
    }
    people
}

/// Reads a cell of a line; a fault is kept and gives none.
pub(super) fn take<T>(
    reader: &mut Reader<'_, '_>,
    entry: Option<&Entry>,
    read: impl FnOnce(&CellValue) -> Result<T, Refusal>,
) -> Option<T> {
    let entry = entry?;
    match read(entry.value.as_ref()?) {
        Ok(value) => Some(value),
        Err(Refusal::ValueMissing) => None,
        Err(reason) => {
            reader.refuse(entry, reason);
            None
        }
    }
}

fn person_number(value: &CellValue) -> Result<PersonId, Refusal> {
    let tight = text::tight(&text::shown(value)).to_uppercase();
    match tight.as_str() {
        "" | "-" | "/" | "—" => Err(Refusal::ValueMissing),
        number => number.parse().map_err(|_| Refusal::PersonNumberNotReadable),
    }
}

fn state(value: &CellValue) -> Result<PostState, Refusal> {
    let tight = text::tight(&text::shown(value));
    if matches!(tight.as_str(), "" | "-" | "/" | "—") {
        return Err(Refusal::ValueMissing);
    }
    let fits = |words: &[&str]| words.iter().any(|word| tight == *word);
    let begins = |words: &[&str]| words.iter().any(|word| word.len() > 3 && tight.contains(word));
    STATES
        .iter()
        .find(|(_, words)| fits(words))
        .or_else(|| STATES.iter().find(|(_, words)| begins(words)))
        .map(|(state, _)| *state)
        .ok_or_else(|| Refusal::ChoiceNotOffered {
            options: String::from("在岗、请假、离岗、调离"),
        })
}
