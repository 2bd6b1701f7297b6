//! The demo's month, hour by hour on the virtual clock: what comes in, a tick, what goes out.
//!
//! It uses the same intake, tick and delivery as the service; only the clock is turned by hand.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use xibu_core::deadline::{Deadlines, steps};
use xibu_core::notice::{Notice, Recipient, Step};
use xibu_core::obligation::ObligationKey;
use xibu_core::office::OfficeId;
use xibu_core::period::Period;
use xibu_core::returns::Answer;
use xibu_core::rule::Rule;

use super::evening;
use super::line::{Line, Taken};
use super::script::{Coming, Script};
use super::timeline::{Event, Timeline};
use crate::command::outcome::Failure;
use crate::sample::{self, SampleFile};
use crate::store::Store;
use crate::workbook::{UnitForm, consolidate, incident_kind_text};

/// When the demo looks: start of the office's day, when job information goes, noon, end of work.
const HOURS: [(u32, u32); 4] = [(8, 30), (9, 0), (12, 0), (17, 0)];

/// Lives the month from the opening until the last ladder has ended.
pub(super) async fn live(
    line: &mut Line,
    script: &Script,
    deadlines: &Deadlines,
    seed: u64,
    timeline: &mut Timeline<'_>,
) -> Result<(), Failure> {
    let mut coming = script.comings.iter().peekable();
    let mut accident = script.accident;
    for at in hours(deadlines, line) {
        if let Some((told_at, unit)) = accident.take_if(|(told_at, _)| *told_at <= at) {
            evening::live(line, unit, told_at, timeline).await?;
        }
        let (mut came, mut by_sms) = (Vec::new(), 0);
        while let Some(next) = coming.next_if(|coming| coming.at <= at) {
            by_sms += usize::from(next.by_sms);
            came.push(match next.by_sms {
                true => answer_by_sms(line, next, deadlines.period).await?,
                false => take_in(line, next, deadlines.period, seed).await?,
            });
        }
        line.follow().await?;
        tell_returns(line, &came, by_sms, at, timeline);
        line.office.clock.set(at);
        line.mailbox.set_stamp(&at.format("%m%d-%H%M").to_string());
        look_at_feeds(line, at, timeline).await?;
        let (notices, looked) = line.tick().await?;
        tell_notices(line, &notices, at, timeline);
        if let Some(looked) = looked.filter(|looked| looked.figures.planned > 0) {
            timeline.tell(at, &Event::JobLook { figures: looked.figures });
        }
        line.release_if_held(at, timeline).await?;
        send(line, script, timeline).await?;
    }
    Ok(())
}

/// Sends what is due, and has the gateway tell what became of short messages.
async fn send(
    line: &mut Line,
    script: &Script,
    timeline: &mut Timeline<'_>,
) -> Result<(), Failure> {
    let sent = line.deliver().await?;
    let at = line.office.clock.now().civil;
    if sent != Taken::default() {
        let Taken { mails, sms, chats } = sent;
        timeline.tell(at, &Event::Sent { mails, sms, chats });
    }
    if sent.sms == 0 {
        return Ok(());
    }
    let dead = match script.dead_number {
        Some(unit) => line.contact(unit, at.date()).await?.map(|(_, phone)| phone),
        None => None,
    };
    let taken = line.web.taken();
    let is_dead = |phone: &str| dead.as_deref() == Some(phone);
    let reports: Vec<(String, &str)> = taken
        .iter()
        .map(|sms| (sms.reference.clone(), if is_dead(&sms.phone) { "UNDELIV" } else { "DELIVRD" }))
        .collect();
    line.outside.report(&reports, at).await?;
    if let Some(unit) = script.dead_number.filter(|_| taken.iter().any(|sms| is_dead(&sms.phone))) {
        timeline.tell(at, &Event::NumberIsDead { office: line.name(unit) });
    }
    Ok(())
}

/// Looks what is new in the feeds; a line where something is.
async fn look_at_feeds(
    line: &mut Line,
    at: NaiveDateTime,
    timeline: &mut Timeline<'_>,
) -> Result<(), Failure> {
    line.web.set_today(at.date());
    let before = line.postings().await?;
    line.outside.look_at_feeds(&line.office).await;
    let after = line.postings().await?;
    if after > before {
        timeline.tell(at, &Event::PostingsCame { new: after - before, all: after });
    }
    Ok(())
}

/// A contact's answer by SMS, with the code that stood on the request.
async fn answer_by_sms(
    line: &mut Line,
    coming: &Coming,
    period: Period,
) -> Result<ObligationKey, Failure> {
    line.office.clock.set(coming.at);
    let key = ObligationKey { rule: Rule::UnitMonthlyReturn, debtor: coming.office, period };
    let contact = line.contact(coming.office, coming.at.date()).await?;
    let (_, phone) = contact.ok_or_else(|| Failure::data("a contact without a phone"))?;
    let code = line.office.store.request_code(&key);
    let text = format!("安全无事{code}");
    let id = format!("M{}", coming.office.0);
    line.outside.answer(&id, &phone, &text, coming.at).await?;
    Ok(key)
}

/// Every hour at which the demo looks.
fn hours(deadlines: &Deadlines, line: &Line) -> Vec<NaiveDateTime> {
    let settings = &line.office.settings;
    let rungs = Rule::ALL
        .into_iter()
        .flat_map(|rule| steps(rule, deadlines, settings.serves(), settings.rulebook()));
    let last: NaiveDate = rungs.map(|rung| rung.date).max().unwrap_or(deadlines.opening.date());
    let days = deadlines.opening.date().iter_days().take_while(|day| *day <= last);
    days.flat_map(|day| {
        HOURS.map(|(hour, minute)| {
            day.and_time(NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or(NaiveTime::MIN))
        })
    })
    .collect()
}

/// One office's return, written as the office would and read in by the ordinary door.
async fn take_in(
    line: &mut Line,
    coming: &Coming,
    period: Period,
    seed: u64,
) -> Result<ObligationKey, Failure> {
    let rule = match coming.kind {
        Some(_) => Rule::UnitMonthlyReturn,
        None => Rule::CountyMonthlyReturn,
    };
    line.office.clock.set(coming.at);
    let file: SampleFile = match coming.kind {
        Some(kind) => {
            let form = unit_form(line, coming, period).await?;
            sample::unit_return(seed, &form, kind, coming.at.date())
        }
        None => {
            let names = line.names_at(coming.office).await?;
            let (world, rulebook) = (line.record.world(), line.office.settings.rulebook());
            let name_of = |person| names.get(&person).cloned();
            let county = (coming.office, period);
            sample::county_return(&consolidate(world, rulebook, county, coming.at, name_of))
        }
    };
    line.hand_in(&file, coming.at).await?;
    Ok(ObligationKey { rule, debtor: coming.office, period })
}

async fn unit_form(line: &mut Line, coming: &Coming, period: Period) -> Result<UnitForm, Failure> {
    use xibu_core::appointment::Role;
    let names = line.names_at(coming.office).await?;
    let (world, date) = (line.record.world(), coming.at.date());
    let holder = |role| {
        let held = world.appointments_at(coming.office);
        let held = held.iter().rev().find(|held| held.role == role && held.validity.contains(date));
        held.and_then(|held| names.get(&held.person).cloned())
    };
    let name = |office: OfficeId| {
        world.office_on(office, date).map_or_else(|| office.to_string(), |v| v.name.clone())
    };
    let county = world.office_on(coming.office, date).and_then(|version| version.superior);
    Ok(UnitForm {
        office: coming.office,
        name: name(coming.office),
        county: county.map_or_else(String::new, name),
        period,
        headcount: u32::try_from(world.volunteers(coming.office, date)).ok(),
        contact: holder(Role::Contact),
        head: holder(Role::Head),
        answers: None,
    })
}

/// What came since the last look: one line a rule, and one for each accident and each unreadable
/// file.
fn tell_returns(
    line: &Line,
    came: &[ObligationKey],
    by_sms: usize,
    at: NaiveDateTime,
    timeline: &mut Timeline<'_>,
) {
    let world = line.record.world();
    for rule in Rule::ALL {
        let keys: Vec<&ObligationKey> = came.iter().filter(|key| key.rule == rule).collect();
        if keys.is_empty() {
            continue;
        }
        let found: Vec<_> = keys.iter().filter_map(|key| world.return_of(key)).collect();
        let nil = found.iter().filter(|it| it.content().is_some_and(|said| said.is_nil())).count();
        let late_after = line.deadlines.due(rule).late_after;
        let late = found.iter().filter(|it| it.received_at() >= late_after).count();
        let unread = found.iter().filter(|it| it.content().is_none()).count();
        let offices = keys.iter().map(|key| line.name(key.debtor)).collect();
        let returns = keys.len();
        let by_sms = if rule == Rule::UnitMonthlyReturn { by_sms } else { 0 };
        let event = Event::ReturnsCame { rule, returns, nil, late, unread, by_sms, offices };
        timeline.tell(at, &event);
    }
    for key in came.iter().filter(|key| key.rule == Rule::UnitMonthlyReturn) {
        let content = world.return_of(key).and_then(|it| it.content());
        if let Some(Answer::Told(incidents)) = content.map(|content| &content.accidents) {
            for incident in incidents {
                let kind = incident_kind_text(incident.kind).to_owned();
                timeline.tell(at, &Event::IncidentTold { office: line.name(key.debtor), kind });
            }
        }
    }
}

/// What was planned by this tick: one line for each rule, step and kind of recipient.
fn tell_notices(line: &Line, notices: &[Notice], at: NaiveDateTime, timeline: &mut Timeline<'_>) {
    let mut groups: BTreeMap<(Rule, Step, Recipient), BTreeSet<OfficeId>> = BTreeMap::new();
    for notice in notices {
        let key = notice.key.obligation;
        groups.entry((key.rule, notice.key.step, notice.to)).or_default().insert(key.debtor);
    }
    for ((rule, step, to), debtors) in groups {
        let offices = debtors.iter().map(|office| line.name(*office)).collect();
        let notices = debtors.len();
        let clause = rule.source();
        let event = Event::Told { rule, step, to, notices, offices, clause, day_is_policy: true };
        timeline.tell(at, &event);
    }
}

/// How long the demo lets the office look at what is held before it releases it.
pub(super) const LOOK: TimeDelta = TimeDelta::minutes(30);
