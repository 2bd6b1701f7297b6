//! 确认汇总: the whole of an answer says that what was put together is right.
//!
//! Any word besides, and it is none: what a county confirms becomes its return.

use super::letters::{Letters, without_front};
use super::words;

/// Whether every word of it belongs to a confirmation, and one confirms.
pub(super) fn is_confirmation(letters: &Letters) -> bool {
    let mut confirms = false;
    for slot in letters.slots() {
        let mut rest = slot;
        while !rest.is_empty() {
            let after = without_front(rest, words::CONFIRMS);
            confirms |= after.len() < rest.len();
            let after = without_front(after, words::CONFIRMED);
            let after = without_front(after, words::FILLERS);
            if after.len() == rest.len() {
                return false;
            }
            rest = after;
        }
    }
    confirms
}
