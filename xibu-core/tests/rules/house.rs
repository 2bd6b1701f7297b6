//! A small made-up city to try the rules on, and short ways to write dates and changes.

use chrono::{Duration, NaiveDate, NaiveDateTime};
use xibu_core::appointment::{Appointment, Role};
use xibu_core::assess::assess;
use xibu_core::change::Change;
use xibu_core::notice::SentLog;
use xibu_core::obligation::ObligationKey;
use xibu_core::office::{OfficeId, OfficeKind, OfficeVersion};
use xibu_core::parameter::Rulebook;
use xibu_core::person::PersonId;
use xibu_core::plan::{Plan, plan};
use xibu_core::returns::{Answer, Content, ReturnVersion};
use xibu_core::rule::Rule;
use xibu_core::service::Service;
use xibu_core::validity::Validity;
use xibu_core::world::World;

pub(crate) const CITY: OfficeId = OfficeId(1);
pub(crate) const COUNTY: OfficeId = OfficeId(2);
pub(crate) const UNIT: OfficeId = OfficeId(3);
pub(crate) const UNIVERSITY: OfficeId = OfficeId(4);

/// City (head P11, staff P12), county (head P21, contact P22), unit (head P31, contact P32) with
/// the volunteer P90, university (contact P42); both rules on since 2026-06-01.
pub(crate) fn city() -> World {
    let mut changes = vec![
        office(CITY, OfficeKind::City, None),
        office(COUNTY, OfficeKind::County, Some(CITY)),
        office(UNIT, OfficeKind::Unit, Some(COUNTY)),
        office(UNIVERSITY, OfficeKind::University, Some(CITY)),
        appointed(11, CITY, Role::Head, "2020-01-01"),
        appointed(12, CITY, Role::Staff, "2020-01-01"),
        appointed(21, COUNTY, Role::Head, "2020-01-01"),
        appointed(22, COUNTY, Role::Contact, "2020-01-01"),
        appointed(31, UNIT, Role::Head, "2020-01-01"),
        appointed(32, UNIT, Role::Contact, "2020-01-01"),
        appointed(41, UNIVERSITY, Role::Head, "2020-01-01"),
        appointed(42, UNIVERSITY, Role::Contact, "2020-01-01"),
        Change::ServiceBegan(Service {
            person: PersonId(90),
            unit: UNIT,
            home: Some(UNIVERSITY),
            validity: Validity::since(date("2025-08-01")),
        }),
    ];
    changes.extend(
        Rule::ALL.map(|rule| Change::RuleEnabled { rule, at: instant("2026-06-01 00:00") }),
    );
    world(&changes)
}

#[track_caller]
pub(crate) fn world(changes: &[Change]) -> World {
    let mut world = World::default();
    for change in changes {
        world.apply(change).unwrap();
    }
    world
}

pub(crate) fn office(id: OfficeId, kind: OfficeKind, superior: Option<OfficeId>) -> Change {
    let version = OfficeVersion {
        name: format!("{kind:?} {id}"),
        superior,
        gb_code: None,
        validity: Validity::since(date("2009-01-01")),
    };
    Change::OfficeStood { office: id, kind, version }
}

pub(crate) fn appointed(person: u32, office: OfficeId, role: Role, since: &str) -> Change {
    Change::Appointed(appointment(person, office, role, since))
}

pub(crate) fn appointment(person: u32, office: OfficeId, role: Role, since: &str) -> Appointment {
    Appointment { person: PersonId(person), office, role, validity: Validity::since(date(since)) }
}

pub(crate) fn relieved(person: u32, office: OfficeId, role: Role, since: &str, on: &str) -> Change {
    Change::Relieved { appointment: appointment(person, office, role, since), on: date(on) }
}

pub(crate) fn came(key: &str, at: &str) -> Change {
    came_as(key, at, Some(nil()))
}

pub(crate) fn came_unread(key: &str, at: &str) -> Change {
    came_as(key, at, None)
}

fn came_as(key: &str, at: &str, content: Option<Content>) -> Change {
    let version = ReturnVersion {
        received_at: instant(at),
        document: Some(7),
        content,
        ..ReturnVersion::default()
    };
    Change::ReturnCame { obligation: key_of(key), version }
}

pub(crate) fn sent_back(key: &str) -> Change {
    let obligation = key_of(key);
    Change::ReturnSentBack {
        obligation, by: Some(PersonId(22)), reason: "在岗人数未填".into()
    }
}

pub(crate) fn acknowledged(key: &str, at: &str, promised: &str) -> Change {
    let obligation = key_of(key);
    let (at, promised) = (instant(at), date(promised));
    Change::Acknowledged { obligation, by: None, at, promised }
}

pub(crate) fn nil() -> Content {
    Content {
        headcount: Some(1),
        accidents: Answer::Nil,
        health: Answer::Nil,
        hazards: Answer::Nil,
        needs: Answer::Nil,
        stated_by: Some(PersonId(32)),
        ..Content::default()
    }
}

/// `unit 2026-06` or `county 2026-06`: the debts of the small city.
#[track_caller]
pub(crate) fn key_of(text: &str) -> ObligationKey {
    let (debtor, period) = text.split_once(' ').unwrap();
    let (rule, debtor) = match debtor {
        "unit" => (Rule::UnitMonthlyReturn, UNIT),
        "county" => (Rule::CountyMonthlyReturn, COUNTY),
        other => (Rule::UnitMonthlyReturn, other.parse().unwrap()),
    };
    ObligationKey { rule, debtor, period: period.parse().unwrap() }
}

#[track_caller]
pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// `2026-06-26 09:00`.
#[track_caller]
pub(crate) fn instant(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

pub(crate) fn plan_at(world: &World, sent: &SentLog, at: NaiveDateTime) -> Plan {
    let rulebook = Rulebook::default();
    let owed = assess(world, &rulebook, &[CITY], at);
    plan(world, &rulebook, &owed, sent, at)
}

/// Lives from one day to another with a tick at 09:00 each day, taking in changes at the day they
/// carry in front, and writes down what was told: `06-15 unit/opening → unit_contact P32:
/// return_is_asked_for`.
pub(crate) fn diary(
    mut world: World,
    from: &str,
    until: &str,
    events: &[(&str, Change)],
) -> Vec<String> {
    let mut sent = SentLog::new();
    let mut lines = Vec::new();
    let mut day = date(from);
    while day <= date(until) {
        for (_, change) in events.iter().filter(|(on, _)| date(on) == day) {
            world.apply(change).unwrap();
        }
        let at = day.and_hms_opt(9, 0, 0).unwrap();
        for notice in plan_at(&world, &sent, at).notices {
            let reason = serde_json::to_value(notice.reason).unwrap();
            let reason = match reason.as_object() {
                Some(object) => object.keys().next().unwrap().clone(),
                None => reason.as_str().unwrap().to_owned(),
            };
            let who = match notice.key.obligation.debtor {
                COUNTY => "county".to_owned(),
                UNIT => "unit".to_owned(),
                other => other.to_string(),
            };
            lines.push(format!(
                "{} {who}/{} → {} {}: {reason}",
                day.format("%m-%d"),
                notice.key.step,
                notice.to.name(),
                notice.person,
            ));
            sent.insert(notice.key, notice.person);
        }
        day += Duration::days(1);
    }
    lines
}
