//! The accidents of a county's month: what returns tell, and what was told at once, each once.
//!
//! Number, office, kind and time; never a name, a diagnosis or words. Not the incident itself:
//! [`crate::incident`].

use alloc::vec::Vec;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::UnitLine;
use crate::deadline::Deadlines;
use crate::incident::{IncidentId, IncidentKind, OpenedIncident};
use crate::office::OfficeId;
use crate::returns::Answer;
use crate::world::World;

/// One accident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentLine {
    /// At which unit.
    pub office: OfficeId,
    /// Our number, where it was told at once (首报).
    pub number: Option<IncidentId>,
    /// What kind.
    pub kind: IncidentKind,
    /// When it happened as the return tells it, else when it was told.
    pub at: Option<NaiveDateTime>,
    /// How many persons, as far as told.
    pub persons: Option<u32>,
    /// Whether the return says what was done.
    pub measures_told: bool,
    /// Whether the unit's return tells it; where not, it is known by its first report alone.
    pub in_return: bool,
}

/// The accidents of these units, by unit: those of the returns in their order, then the others.
///
/// One told at once is taken to be the one in the unit's return where the kind is the same, or one
/// side says 其他 (policy assumption); each is taken once.
pub(super) fn of(
    world: &World,
    units: &[UnitLine],
    others: impl Iterator<Item = OfficeId>,
    deadlines: &Deadlines,
) -> Vec<IncidentLine> {
    let within = |opened: &&OpenedIncident| {
        (deadlines.covers_after..deadlines.unit_cutoff).contains(&opened.received_at)
    };
    let mut lines = Vec::new();
    let told = units.iter().map(|unit| (unit.office, unit.content.as_ref()));
    for (office, content) in told.chain(others.map(|office| (office, None))) {
        let here = |opened: &&OpenedIncident| opened.incident.office == office;
        let mut opened: Vec<&OpenedIncident> =
            world.incidents().filter(here).filter(within).collect();
        if let Some(Answer::Told(told)) = content.map(|content| &content.accidents) {
            for incident in told {
                let same = opened.iter().position(|one| same(one.incident.kind, incident.kind));
                let number = same.map(|index| opened.remove(index).id);
                lines.push(IncidentLine {
                    office,
                    number,
                    kind: incident.kind,
                    at: incident.occurred,
                    persons: incident.persons,
                    measures_told: incident.measures_told,
                    in_return: true,
                });
            }
        }
        lines.extend(opened.into_iter().map(|opened| IncidentLine {
            office,
            number: Some(opened.id),
            kind: opened.incident.kind,
            at: opened.incident.occurred.or(Some(opened.received_at)),
            persons: opened.incident.persons,
            measures_told: opened.incident.measures_told,
            in_return: false,
        }));
    }
    lines
}

fn same(one: IncidentKind, other: IncidentKind) -> bool {
    one == other || one == IncidentKind::Other || other == IncidentKind::Other
}
