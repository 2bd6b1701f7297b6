//! Who owes what, as of an instant.

use alloc::vec::Vec;

use chrono::NaiveDateTime;

use crate::obligation::Obligation;
use crate::office::OfficeId;
use crate::parameter::Rulebook;
use crate::world::World;

/// Everything owed to the offices served and to those below them, as of `at`, sorted by key.
///
/// Lists the running month and those before it back to [`crate::parameter::Parameter::ChasePeriodsMax`],
/// discharged obligations included; periods that ended before their rule was enabled are left out.
pub fn assess(
    _world: &World,
    _rulebook: &Rulebook,
    _serves: &[OfficeId],
    _at: NaiveDateTime,
) -> Vec<Obligation> {
    Vec::new()
}
