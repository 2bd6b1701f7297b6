//! The same workbook as an answer: marked cells coloured, with a note each, values masked, a
//! summary in front.
//!
//! What it is not: it decides nothing about a cell; which are marked and what a note says is given.

use std::collections::BTreeMap;

use xibu_plugin_sdk::message::{Item, Mark, Masked};
use xibu_plugin_sdk::{Marking, NotDone, Sink};

use self::sheet::{Wish, Wishes};
use crate::read::kind::Kind;
use crate::read::package::Contents;
use crate::read::{self, Stop};

mod convert;
mod drawing;
mod edit;
mod mask;
mod notes;
mod parts;
mod sheet;
mod strings;
mod styles;
mod summary;
mod workbook;
mod xlsx;

/// The most cells that are marked.
const MARKS_MAX: usize = 100_000;
/// The most areas that are masked; each masked cell is looked for among them.
const MASKS_MAX: usize = 1_000;

/// Marks a workbook and emits it, or why it cannot be read.
pub(crate) fn mark(bytes: &[u8], marking: Marking, sink: &mut Sink<'_>) -> Result<(), NotDone> {
    if marking.marks.len() > MARKS_MAX || marking.masks.len() > MASKS_MAX {
        return Err(NotDone::because(format!("more than {MARKS_MAX} marks or {MASKS_MAX} areas")));
    }
    match marked(bytes, marking) {
        Ok(bytes) => sink.emit(&Item::Written, &[&bytes]),
        Err(Stop::Unreadable(why, detail)) => sink.emit(&Item::Unreadable { why, detail }, &[]),
        Err(Stop::NotDone(not_done)) => Err(not_done),
    }
}

fn marked(bytes: &[u8], marking: Marking) -> Result<Vec<u8>, Stop> {
    let Marking { file_name, marks, masks, summary } = marking;
    let wishes = wishes(marks, masks);
    let kind = read::checked(bytes)?;
    if let Kind::Zip = kind {
        let mut package = read::package::open(bytes)?;
        if let Contents::Xlsx = read::package::contents(&mut package)? {
            return xlsx::marked(bytes, &wishes, summary.as_ref());
        }
    }
    let kept = read::keep(&file_name, bytes, kind)?;
    let (made, renamed) = convert::workbook(&kept)?;
    drop(kept);
    let named = |(name, wishes)| (renamed.get(&name).cloned().unwrap_or(name), wishes);
    let wishes = wishes.into_iter().map(named).collect();
    xlsx::marked(&made, &wishes, summary.as_ref())
}

/// What is wished of each sheet; several marks of one cell become one.
fn wishes(marks: Vec<Mark>, masks: Vec<Masked>) -> BTreeMap<String, Wishes> {
    let mut wishes: BTreeMap<String, Wishes> = BTreeMap::new();
    for mark in marks {
        let sheet = wishes.entry(mark.sheet).or_default();
        let wish: &mut Wish = sheet.cells.entry((mark.row, mark.column)).or_default();
        wish.wrong |= mark.wrong;
        wish.mask |= mark.mask;
        if !wish.note.is_empty() && !mark.note.is_empty() {
            wish.note.push('\n');
        }
        wish.note.push_str(&mark.note);
    }
    for masked in masks {
        wishes.entry(masked.sheet).or_default().masks.push(masked.area);
    }
    wishes
}
