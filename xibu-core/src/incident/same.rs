//! Whether what a return tells is an incident that is known already.
//!
//! The month's return repeats what was told by telephone or SMS; told twice it would be alarmed
//! twice. By our number where the office wrote it, else by place, kind and time.

use chrono::{NaiveDateTime, TimeDelta};

use super::{Incident, IncidentId, OpenedIncident};
use crate::world::World;

/// So far apart in time two words may lie and still be of one incident (policy assumption).
const APART_DAYS: i64 = 2;

/// The known incident that `told` is, of those told since `since`; none where it is a new one.
///
/// A county's return repeats those of its units. Of several that fit the nearest in time is meant;
/// `taken` are those that other rows of the same return are already.
pub fn same_incident(
    world: &World,
    told: &Incident,
    since: NaiveDateTime,
    taken: &[IncidentId],
) -> Option<IncidentId> {
    let numbered = told.reference.as_deref().and_then(number_in);
    if let Some(known) = numbered.and_then(|id| world.incident(id))
        && is_below(world, known, told)
    {
        return Some(known.id);
    }
    let free = |known: &&OpenedIncident| !taken.contains(&known.id);
    let fits = world.incidents().filter(free).filter(|known| is_below(world, known, told));
    let near = fits.filter_map(|known| Some((apart(known, told, since)?, known.id)));
    near.min().map(|(_, id)| id)
}

/// `I7`, `编号I7`, `i7`.
fn number_in(reference: &str) -> Option<IncidentId> {
    let at = reference.find(['I', 'i', 'Ｉ', 'ｉ'])?;
    let digits: alloc::string::String = reference[at..]
        .chars()
        .skip(1)
        .map(|letter| match letter {
            '０'..='９' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
            letter => letter,
        })
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok().map(IncidentId)
}

fn is_below(world: &World, known: &OpenedIncident, told: &Incident) -> bool {
    let date = known.received_at.date();
    world.path(known.incident.office, date).contains(&told.office)
}

/// How far apart they lie; none where they are two.
fn apart(known: &OpenedIncident, told: &Incident, since: NaiveDateTime) -> Option<TimeDelta> {
    use super::IncidentKind::Other;
    let (a, b) = (known.incident.kind, told.kind);
    // Who tells of an accident in a few words often does not say which kind.
    if a != b && a != Other && b != Other {
        return None;
    }
    let happened = known.incident.occurred.unwrap_or(known.received_at);
    match told.occurred {
        Some(occurred) => {
            let apart = (occurred - happened).abs();
            (apart <= TimeDelta::days(APART_DAYS)).then_some(apart)
        }
        None => (known.received_at >= since).then_some(TimeDelta::days(APART_DAYS)),
    }
}
