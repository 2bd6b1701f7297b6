//! What a file would tell, before it is decided whether it is believed: which returns, and whether
//! they tell an accident; codes of requests that stand in it.
//!
//! What it is not: it records nothing, and what it finds is shown to nobody.

use std::collections::BTreeSet;

use xibu_core::cell::CellValue;
use xibu_core::change::Change;
use xibu_core::obligation::ObligationKey;
use xibu_core::office::OfficeId;
use xibu_core::parameter::Rulebook;
use xibu_core::period::Period;
use xibu_core::returns::Answer;
use xibu_core::world::World;
use xibu_plugin_abi::message::Unreadable;

use super::draft::{Against, Base, Draft};
use super::known::Known;
use super::scope::Scope;
use super::understood::{Rows, Understood, office_and_month};
use super::{Arrival, Reading, WITHIN};
use crate::store::{self, Store};

/// A longer text is no code.
const CODE_CELL_CHARS_MAX: usize = 80;
/// Digits of a code.
const CODE_DIGITS: usize = 4;

/// What a file would tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foreseen {
    /// Its returns.
    pub returns: Vec<Told>,
    /// The office and month in its name.
    pub named: Option<(OfficeId, Period)>,
    /// Whether a sheet of it changes offices, people or wishes.
    pub changes_people: bool,
    /// Whether a sheet of it is a return, though no row of it may be one.
    pub is_return: bool,
    /// Why it cannot be read.
    pub unreadable: Option<Unreadable>,
    /// Whether the same bytes came before.
    pub known_before: bool,
    /// What looks like the code of a request, in its cells or its name.
    pub codes: BTreeSet<String>,
}

/// A return that it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Which.
    pub key: ObligationKey,
    /// What it says of accidents: none at all, that there was none, or that there was one.
    pub accident: Option<bool>,
}

/// Looks at a file as if everything in it were believed.
///
/// # Errors
/// The store cannot be read.
pub async fn foresee(
    store: &impl Store,
    (world, rulebook): (&World, &Rulebook),
    arrival: &Arrival,
    reading: &Reading,
) -> store::Result<Foreseen> {
    let understood = Understood::of(arrival, reading, &rulebook.forms);
    let known = Known::gather(store, world, arrival, &understood).await?;
    let scope = Scope::Anything;
    let against = Against { world, rulebook, known: &known };
    let draft = Draft::make(against, arrival, &understood, &scope, Base::PROVISIONAL);
    let returns = draft.changes().iter().filter_map(|change| match change {
        Change::ReturnCame { obligation, version } => {
            let content = version.content.as_ref()?;
            let accident = match content.accidents {
                Answer::Unanswered => None,
                Answer::Nil => Some(false),
                Answer::Told(_) => Some(true),
            };
            Some(Told { key: *obligation, accident })
        }
        _ => None,
    });
    let changes_people =
        |rows: &Rows| matches!(rows, Rows::Directory(_) | Rows::Roster(_) | Rows::Wishes(_));
    let sheets = &understood.sheets;
    Ok(Foreseen {
        returns: returns.collect(),
        named: arrival.file_name.rsplit(WITHIN).find_map(office_and_month),
        changes_people: sheets.iter().any(|sheet| changes_people(&sheet.rows)),
        is_return: sheets.iter().any(|sheet| matches!(sheet.rows, Rows::Report(_))),
        unreadable: understood.unreadable.as_ref().map(|unread| unread.why),
        known_before: known.document.is_some(),
        codes: codes(arrival, reading, &understood),
    })
}

fn codes(arrival: &Arrival, reading: &Reading, understood: &Understood) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = code_beside_mark(&arrival.file_name).into_iter().collect();
    // As our forms carry it: in a hidden sheet, or behind office and month of the name.
    found.extend(understood.code.as_ref().map(|said| said.code.clone()));
    let Reading::Sheets(sheets) = reading else { return found };
    for cell in sheets.iter().flat_map(|read| &read.sheet.cells) {
        if let CellValue::Text(text) = &cell.value
            && text.chars().count() <= CODE_CELL_CHARS_MAX
        {
            found.extend(code_beside_mark(text));
        }
    }
    found
}

/// `码7341`, as it stands on a request, in its file's name and in a hidden cell of its form.
pub(crate) fn code_beside_mark(text: &str) -> Option<String> {
    text.match_indices('码').find_map(|(at, mark)| {
        let rest = text[at + mark.len()..].trim_start_matches([':', '：', ' ', '　']);
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        (digits.len() == CODE_DIGITS).then_some(digits)
    })
}

#[cfg(test)]
mod tests {
    use super::code_beside_mark;

    #[test]
    fn a_code_stands_behind_its_mark() {
        for (text, expected) in [
            ("〔O3 2026-06 码7341〕", Some("7341")),
            ("O3-2026-06-码7341-月报告单.xlsx", Some("7341")),
            ("号码 13800001111，码：7341", Some("7341")),
            ("邮政编码400000", None),
            ("码73412", None),
            ("7341", None),
            ("", None),
        ] {
            assert_eq!(code_beside_mark(text).as_deref(), expected, "{text}");
        }
    }
}
