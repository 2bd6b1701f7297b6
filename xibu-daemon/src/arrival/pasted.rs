//! A pasted list (接龙) from whoever stands above the units: a claim for each, one answer for all.
//!
//! A nil counts as stated by the sender on the unit's behalf, with the code of the request to the
//! sender's own office or as the answer to a message of ours; an accident opens an incident, code
//! or not. What the lines mean is `xibu_core::intake::chain_list`'s.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::NaiveDateTime;
use xibu_core::incident::IncidentId;
use xibu_core::intake::chain_list::{ChainList, Says, Unit, read};
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::period::Period;
use xibu_core::person::PersonId;

use super::answer::{LineFault, ListAnswer};
use super::request::Request;
use super::{Answer, HeldFor, Judge, Said, TakenAs, WRONG_CODES_MAX, taken};
use crate::store::{Taken, Tally};

/// The list in a message, with the numbers its accidents take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pasted {
    /// What it says.
    pub list: ChainList,
    /// The first of as many fresh numbers as it tells accidents.
    pub incident: IncidentId,
}

/// The units a person may speak for: those of their office, and those below it.
pub(crate) fn units_of(judge: &Judge<'_>, person: PersonId) -> Vec<OfficeId> {
    let date = judge.now.date();
    let mut units: Vec<OfficeId> = Vec::new();
    for held in judge.world.appointments_of(person).filter(|held| held.validity.contains(date)) {
        match judge.world.office(held.office).map(|office| office.kind) {
            Some(OfficeKind::Unit) => units.push(held.office),
            Some(OfficeKind::County) => {
                let below = judge.world.subordinates(held.office, OfficeKind::Unit, date);
                units.extend(below.map(|unit| unit.id));
            }
            _ => {}
        }
    }
    units.sort_unstable();
    units.dedup();
    units
}

/// The list in a text, where it is one and its sender stands above units.
pub fn find(judge: &Judge<'_>, person: PersonId, text: &str) -> Option<ChainList> {
    let date = judge.now.date();
    let units = units_of(judge, person);
    let named: Vec<Unit<'_>> = units
        .iter()
        .filter_map(|office| {
            let version = judge.world.office_on(*office, date)?;
            let above = version.superior.and_then(|above| judge.world.office_on(above, date));
            let superior = above.map_or("", |above| above.name.as_str());
            Some(Unit { office: *office, name: &version.name, superior })
        })
        .collect();
    read(text, &named, date).filter(|_| !named.is_empty())
}

impl Judge<'_> {
    pub(super) fn pasted(
        &self,
        person: PersonId,
        said: &Said,
        pasted: &Pasted,
        tally: Tally,
    ) -> (Taken, Option<Answer>) {
        let mut result = Lines::default();
        for (line, refusal) in &pasted.list.refused {
            result.faults.push((*line, LineFault::Read(*refusal)));
        }
        let mut fresh = pasted.incident.0..;
        let mut judged = taken(TakenAs::List);
        for line in &pasted.list.taken {
            let Says::Accident { kind, persons } = line.says else { continue };
            let Some(id) = fresh.next().map(IncidentId) else { continue };
            let opened = self.opened_at(line.unit, person, said.at, (kind, persons), id);
            judged.changes.extend(opened.changes);
            judged.errands.extend(opened.errands);
            result.accidents.push((line.line, id));
        }
        match self.believes_nils(person, said, tally.wrong_codes) {
            Ok(period) => {
                self.nils((person, said.at), &pasted.list, period, &mut judged, &mut result);
            }
            Err(_) if !pasted.list.taken.iter().any(is_nil) => {}
            Err(why) => {
                judged.detail = result.detail();
                return (Taken { held: Some(why), ..judged }, not_believed(why, tally));
            }
        }
        result.faults.sort_unstable();
        judged.detail = result.detail();
        if result.faults.iter().any(|(_, fault)| fault.is_urgent()) {
            judged.held = Some(HeldFor::MaybeAnAccident);
        }
        let answer = ListAnswer {
            nils: result.nils,
            accidents: result.accidents.iter().map(|(_, id)| *id).collect(),
            faults: result.faults,
        };
        (judged, Some(Answer::List(answer)))
    }

    /// What a clerk takes a list for that waited: its nils, without a code. Its accidents were
    /// opened when it came.
    ///
    /// # Errors
    /// Where no line of it can be taken.
    pub fn list_by_clerk(
        &self,
        list: &ChainList,
        person: PersonId,
        at: NaiveDateTime,
    ) -> Result<Taken, HeldFor> {
        let (mut judged, mut result) = (taken(TakenAs::List), Lines::default());
        self.nils((person, at), list, None, &mut judged, &mut result);
        if result.nils == 0 {
            return Err(HeldFor::NothingIsOwed);
        }
        judged.detail = result.detail();
        Ok(judged)
    }

    /// The returns that the nils are.
    fn nils(
        &self,
        (person, at): (PersonId, NaiveDateTime),
        list: &ChainList,
        period: Option<Period>,
        judged: &mut Taken,
        result: &mut Lines,
    ) {
        for line in &list.taken {
            let Says::Nil { headcount, month } = line.says else { continue };
            let mut open = self.requests_of(line.unit);
            if let Some(period) = period {
                open.retain(|request| request.key.period == period);
            }
            // The newest month asked for is meant.
            let Some(request) = open.last() else {
                result.faults.push((line.line, LineFault::NothingIsOwed));
                continue;
            };
            let fault = match self.what_speaks_against(&request.key, month) {
                Some(HeldFor::OfAnotherMonth) => Some(LineFault::OfAnotherMonth),
                Some(_) => Some(LineFault::AnAccidentWasTold),
                None if !request.is_open() => {
                    // Said before: it changes nothing and is no fault.
                    result.nils += 1;
                    continue;
                }
                None => None,
            };
            if let Some(fault) = fault {
                result.faults.push((line.line, fault));
                continue;
            }
            judged.changes.extend(self.nil_of(request, person, at, headcount).changes);
            result.nils += 1;
        }
    }

    /// Whether the nils of a list count, and for which month where the code says so.
    fn believes_nils(
        &self,
        person: PersonId,
        said: &Said,
        wrong_codes: u32,
    ) -> Result<Option<Period>, HeldFor> {
        if wrong_codes >= WRONG_CODES_MAX {
            return Err(HeldFor::TooManyWrongCodes);
        }
        match said.heard.code.as_deref() {
            Some(code) => match self.request_with(person, code) {
                Some(request) => Ok(Some(request.key.period)),
                None if said.answers_a_duty => Ok(None),
                None => Err(HeldFor::WrongCode),
            },
            None if said.answers_a_duty => Ok(None),
            None => Err(HeldFor::CodeIsMissing),
        }
    }

    /// What was asked of a unit, the oldest month first.
    fn requests_of(&self, unit: OfficeId) -> Vec<Request> {
        self.months().into_iter().filter_map(|period| self.request(unit, period)).collect()
    }
}

fn not_believed(why: HeldFor, tally: Tally) -> Option<Answer> {
    match why {
        HeldFor::CodeIsMissing => Some(Answer::CodeIsMissing),
        HeldFor::WrongCode if tally.wrong_codes + 1 < WRONG_CODES_MAX => Some(Answer::WrongCode),
        _ => None,
    }
}

const fn is_nil(line: &xibu_core::intake::chain_list::Taken) -> bool {
    matches!(line.says, Says::Nil { .. })
}

/// What became of the lines.
#[derive(Default)]
struct Lines {
    nils: u32,
    accidents: Vec<(u32, IncidentId)>,
    faults: Vec<(u32, LineFault)>,
}

impl Lines {
    /// For the office's list of messages: figures and reasons by line, no name.
    fn detail(&self) -> String {
        let mut detail = format!("nil:{}", self.nils);
        for (line, id) in &self.accidents {
            let _ = write!(detail, " {line}:{id}");
        }
        let faults: BTreeMap<u32, LineFault> = self.faults.iter().copied().collect();
        for (line, fault) in faults {
            let _ = write!(detail, " {line}:{}", fault.name());
        }
        detail
    }
}
