//! Returns that came in: whose, for which month, stated by whom.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, NaiveTime};
use xibu_core::change::Change;
use xibu_core::check::{self, Context, FindingCode, check};
use xibu_core::explain::Language;
use xibu_core::form::Form;
use xibu_core::incident::{Act, Incident, IncidentId, IncidentMove, OpenedIncident, same_incident};
use xibu_core::intake::report::ReportRow;
use xibu_core::intake::{Accepted, Personal, Refusal, Refused, placed};
use xibu_core::obligation::ObligationKey;
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::parameter::Rulebook;
use xibu_core::period::Period;
use xibu_core::person::PersonId;
use xibu_core::returns::{Answer, FieldValue, ReturnVersion};

use super::draft::{Draft, refusal_of, refuse, rule_of};
use super::names::Found;
use super::{Arrival, Finding};
use crate::store::{NewNote, ValueKind};

pub(super) fn fill(
    draft: &mut Draft,
    rulebook: &Rulebook,
    arrival: &Arrival,
    rows: &[Accepted<ReportRow>],
    refused: &mut Vec<Refused>,
) {
    let mut seen: Vec<(ObligationKey, &Accepted<ReportRow>)> = Vec::new();
    for row in rows {
        let taken = key(draft, arrival, &row.row).and_then(|key| {
            match seen.iter().find(|(known, _)| *known == key) {
                Some((_, first)) => Err(Refusal::SameOfficeTwice { first: first.place.clone() }),
                None => Ok(key),
            }
        });
        match taken.and_then(|key| come(draft, rulebook, arrival, key, row).map(|()| key)) {
            Ok(key) => seen.push((key, row)),
            Err(reason) => refuse(refused, &row.place, reason),
        }
    }
}

fn key(draft: &Draft, arrival: &Arrival, row: &ReportRow) -> Result<ObligationKey, Refusal> {
    let office = office(draft, row)?;
    let kind = draft.names.kind(office).ok_or(Refusal::OfficeUnknown { nearest: None })?;
    let rule = rule_of(kind).ok_or(Refusal::OfficeOwesNoReturn)?;
    if row.period > Period::of(arrival.received_at.date()) {
        return Err(Refusal::MonthNotBegun);
    }
    let key = ObligationKey { rule, debtor: office, period: row.period };
    match draft.scope.allows(&draft.world, &key, draft.today) {
        true => Ok(key),
        false => Err(Refusal::NotOfTheSendersOffice),
    }
}

fn office(draft: &Draft, row: &ReportRow) -> Result<OfficeId, Refusal> {
    const DEBTORS: &[OfficeKind] = &[OfficeKind::Unit, OfficeKind::County];
    const OTHERS: &[OfficeKind] =
        &[OfficeKind::City, OfficeKind::University, OfficeKind::Department];
    let names = &draft.names;
    let shown = |id| draft.scope.shows(&draft.world, id, draft.today);
    let nearest =
        |name: Option<&str>| name.and_then(|name| names.nearest_among(name, DEBTORS, None, shown));
    if let Some(number) = row.office_number {
        // Before anything is compared: of what is not the sender's nothing is told.
        if !shown(number) {
            return Err(Refusal::NotOfTheSendersOffice);
        }
        let Some(recorded) = names.name(number) else {
            return Err(Refusal::OfficeUnknown { nearest: nearest(row.office.as_deref()) });
        };
        return match &row.office {
            Some(name) if !names.is_called(number, name) => {
                Err(Refusal::OfficeNumberAndNameDiffer { recorded: recorded.to_owned() })
            }
            _ => Ok(number),
        };
    }
    let name = row.office.as_deref().unwrap_or_default();
    match names.find(name, DEBTORS, None) {
        Found::One(id) if !shown(id) => Err(Refusal::NotOfTheSendersOffice),
        Found::One(id) => Ok(id),
        Found::Several => Err(Refusal::OfficeAmbiguous),
        Found::None if names.find(name, OTHERS, None) != Found::None => {
            Err(Refusal::OfficeOwesNoReturn)
        }
        Found::None => Err(Refusal::OfficeUnknown { nearest: nearest(Some(name)) }),
    }
}

fn come(
    draft: &mut Draft,
    rulebook: &Rulebook,
    arrival: &Arrival,
    key: ObligationKey,
    accepted: &Accepted<ReportRow>,
) -> Result<(), Refusal> {
    let (row, office) = (&accepted.row, key.debtor);
    let stated_by = row.stated_by.as_ref().map(|name| stater(draft, office, name.expose()));
    let silent_units = silent_units(draft, office, row);
    let mut content = row.content(office, stated_by);
    for (person, typed) in content.people.iter_mut().zip(&row.people) {
        person.person = typed.number.or_else(|| called(draft, office, typed.name.as_ref()?));
    }
    let at = arrival.received_at;
    let context = Context::of(&draft.world, rulebook, &key, &silent_units, at);
    let path = draft.world.path(office, key.period.day(1));
    let form = rulebook.forms.of(&path, key.period);
    let found = check(form, &content, &context);
    let reason = match content.extra.get("correction") {
        _ if context.earlier.is_none() => None,
        Some(FieldValue::Choice(reason)) => Some(reason.clone()),
        _ => context.asked_to_correct.then(|| "退回后更正".to_owned()),
    };
    let version = ReturnVersion {
        received_at: at,
        document: Some(0),
        content: Some(content),
        silent_units,
        by: stated_by.filter(|_| context.earlier.is_some()),
        reason,
    };
    let told: Vec<Incident> = match version.content.as_ref().map(|content| &content.accidents) {
        Some(Answer::Told(incidents)) => incidents.clone(),
        _ => Vec::new(),
    };
    draft
        .tell(Change::ReturnCame { obligation: key, version })
        .map_err(|unfit| refusal_of(&unfit))?;
    draft.came(key);
    incidents(draft, arrival, key, &told, stated_by);
    tell_findings(draft, key, form, accepted, found)?;
    for note in &row.notes {
        draft.note(NewNote {
            office,
            period: row.period,
            section: note.section.name().to_owned(),
            text: note.text.expose().to_owned(),
        });
    }
    Ok(())
}

/// Shows what does not agree at its place in the sheet; with an error among it the return is kept
/// and sent back.
fn tell_findings(
    draft: &mut Draft,
    key: ObligationKey,
    form: &Form,
    accepted: &Accepted<ReportRow>,
    found: Vec<check::Finding>,
) -> Result<(), Refusal> {
    let places = &accepted.row.places;
    let mut errors = Vec::new();
    for finding in found {
        let at = |line| places.get(&(finding.field.clone(), line));
        let place = at(finding.line).or_else(|| at(None)).unwrap_or(&accepted.place);
        // A dash was warned of already, at the same cell.
        let said = accepted.warnings.iter().any(|warned| warned.place == *place);
        if said && !finding.is_error() && finding.code == FindingCode::FieldMissing {
            continue;
        }
        if finding.is_error() {
            errors.push(finding.say.zh.clone());
        }
        let heading = form.field(&finding.field).map(|field| field.label.clone());
        let message =
            |language| placed(place, heading.as_deref(), finding.say.text(language), language);
        draft.checked(Finding {
            place: place.clone(),
            reason: finding.code.name().to_owned(),
            only_warning: !finding.is_error(),
            text_zh: finding.say.zh.clone(),
            message_zh: message(Language::Chinese),
            message_en: message(Language::English),
            heading: heading.clone(),
        });
    }
    if errors.is_empty() {
        return Ok(());
    }
    draft.send_back(key, errors.join("；")).map_err(|unfit| refusal_of(&unfit))
}

/// 未报单位, as far as they are known by number or name.
fn silent_units(draft: &Draft, county: OfficeId, row: &ReportRow) -> Vec<OfficeId> {
    let by_name = |typed: &str| match draft.names.find(typed, &[OfficeKind::Unit], Some(county)) {
        Found::One(id) => Some(id),
        Found::Several | Found::None => None,
    };
    let unit = |typed: &String| {
        let number = typed.parse().ok().filter(|id| draft.names.kind(*id).is_some());
        number.or_else(|| by_name(typed))
    };
    row.silent.iter().filter_map(unit).collect()
}

/// Who of the unit's roster is called so, where one alone is.
fn called(draft: &Draft, unit: OfficeId, name: &Personal) -> Option<PersonId> {
    let people: BTreeSet<PersonId> =
        draft.world.services_at(unit).iter().map(|service| service.person).collect();
    let mut called = people.into_iter().filter(|person| draft.is_called(*person, name.expose()));
    let first = called.next()?;
    called.next().is_none().then_some(first)
}

/// The accidents a return tells: known ones are told to be in it, others are opened, so that those
/// responsible hear of each once.
fn incidents(
    draft: &mut Draft,
    arrival: &Arrival,
    key: ObligationKey,
    told: &[Incident],
    stated_by: Option<PersonId>,
) {
    let since = covers_after(key.period);
    let mut taken: Vec<IncidentId> = Vec::new();
    for incident in told {
        let known = same_incident(&draft.world, incident, since, &taken);
        let id = known.unwrap_or_else(|| draft.new_incident());
        taken.push(id);
        let at = arrival.received_at;
        if known.is_none() {
            let incident = incident.clone();
            let opened = OpenedIncident { id, incident, told_by: stated_by, received_at: at };
            let _ = draft.tell(Change::IncidentOpened(opened));
        }
        let act = Act::ToldInReturn(key);
        let said = IncidentMove { incident: id, act, by: stated_by, at };
        let before = draft.world.incident_moves(id).iter();
        if !before.clone().any(|known| known.act == act) {
            let _ = draft.tell(Change::IncidentMoved(said));
        }
    }
}

/// From when on an accident without a time may be one of this return: the month before began.
fn covers_after(period: Period) -> NaiveDateTime {
    period.previous().day(1).and_time(NaiveTime::MIN)
}

/// Who states it: somebody in a post there, somebody who stated an earlier return there, or
/// somebody new.
fn stater(draft: &mut Draft, office: OfficeId, name: &str) -> PersonId {
    let mut people: BTreeSet<PersonId> =
        draft.world.appointments_at(office).iter().map(|held| held.person).collect();
    people.extend(
        draft
            .world
            .returns()
            .filter(|(key, _)| key.debtor == office)
            .filter_map(|(_, came)| came.content()?.stated_by),
    );
    let known = people.into_iter().find(|person| draft.is_called(*person, name));
    let person = known.unwrap_or_else(|| draft.new_person());
    draft.set(person, ValueKind::Name, name);
    person
}

#[cfg(test)]
mod tests;
