//! Calls of offices' own programs: whose token, what they may see, what they hand in.
//!
//! A program sees its office and those below; of every other office it learns nothing, not even
//! whether it is there. What it is not: no HTTP (that is `listener`'s); what is handed in goes the
//! ordinary way of `intake`.

use serde_json::{Value, json};
use xibu_core::assess::{assess, obligation};
use xibu_core::obligation::{Obligation, ObligationKey};
use xibu_core::office::OfficeId;
use xibu_core::period::Period;
use xibu_core::returns::{Answer as Told, Content};
use xibu_core::rule::Rule;
use xibu_core::world::World;

use super::{Doors, MOVED_MAX};
use crate::clock::{Now, rfc3339};
use crate::intake::{self, FileRead, Scope, Way};
use crate::record::Record;
use crate::seal::sha256;
use crate::store::{ArrivalFilter, CameWith, Result, Store, StoreError, What};
use crate::waiting::Waiting;

pub mod problem;
mod receipt;
pub mod returns;

use problem::Problem;
use receipt::receipt;
pub use returns::{Layout, NotAReturn, from_json};

/// A call on its way to the one who keeps the record.
#[derive(Clone, Debug)]
pub struct Call {
    /// The token it came with.
    pub token: String,
    /// What it wants.
    pub wants: Wants,
}

/// What a call wants.
#[derive(Clone, Debug)]
pub enum Wants {
    /// Only to know whether the token opens anything, before its body is read.
    In,
    /// What its office owes and is owed.
    Obligations {
        /// Only this month.
        period: Option<Period>,
    },
    /// A return as it stands.
    Return {
        /// Whose, as written.
        office: String,
        /// For which month, as written.
        period: String,
    },
    /// Hands in a return.
    HandIn(Box<HandedIn>),
}

/// A return that is handed in.
#[derive(Clone, Debug)]
pub struct HandedIn {
    /// The caller's own key for this call.
    pub key: Option<String>,
    /// The office that a body in JSON names.
    pub about: Option<String>,
    /// The file, read.
    pub file: FileRead,
    /// Where the fields of a body in JSON stand in the sheet that was made of it.
    pub layout: Option<Layout>,
}

/// What goes back.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// The body, JSON.
    pub body: Value,
    /// Whether something new was told.
    pub tells: bool,
}

impl Answered {
    fn shows(body: Value) -> Self {
        Self { status: 200, body, tells: false }
    }
}

impl From<Problem> for Answered {
    fn from(problem: Problem) -> Self {
        Self { status: problem.status, body: problem.body(), tells: false }
    }
}

impl<S: Store> Doors<S> {
    /// Answers a call, once what it tells is on disk.
    ///
    /// # Errors
    /// The store cannot be read or written; whoever called may call again.
    pub async fn call(&mut self, call: &Call) -> Result<Answered> {
        let now = self.clock.now();
        let Some(office) = self.store.office_of_token(&call.token).await? else {
            return Ok(problem::token_opens_nothing().into());
        };
        let mut record = self.record.take().unwrap_or_default();
        record.follow(&self.store).await?;
        let answered = self.answer_to(&mut record, office, &call.wants, now).await;
        self.record = Some(record);
        answered
    }

    async fn answer_to(
        &self,
        record: &mut Record,
        office: OfficeId,
        wants: &Wants,
        now: Now,
    ) -> Result<Answered> {
        if !self.is_served(record.world(), office, now) {
            return Ok(problem::office_is_not_served().into());
        }
        match wants {
            Wants::In => Ok(Answered::shows(json!({"office": office.to_string()}))),
            Wants::Obligations { period } => {
                self.obligations(record.world(), office, *period, now).await
            }
            Wants::Return { office: whose, period } => {
                let key = key_of(record.world(), office, whose, period, now);
                match key {
                    Some(key) => self.return_of(record.world(), &key, now).await,
                    None => Ok(problem::nothing_there().into()),
                }
            }
            Wants::HandIn(handed_in) => self.take(record, office, handed_in, now).await,
        }
    }

    /// An office that stands, under one that this daemon serves.
    fn is_served(&self, world: &World, office: OfficeId, now: Now) -> bool {
        let date = now.date();
        let path = world.path(office, date);
        let served = self.serves.iter().any(|served| path.contains(served));
        served && world.office_on(office, date).is_some()
    }

    async fn obligations(
        &self,
        world: &World,
        office: OfficeId,
        period: Option<Period>,
        now: Now,
    ) -> Result<Answered> {
        let mut owed = assess(world, &self.rulebook, &self.serves, now.civil);
        owed.retain(|one| {
            period.is_none_or(|period| period == one.key.period)
                && sees(world, office, one.key.debtor, now)
        });
        Waiting::load(&self.store).await?.over(&mut owed, now.civil);
        let shown: Vec<Value> = owed.iter().map(|one| obligation_json(world, one, now)).collect();
        Ok(Answered::shows(json!({"office": office.to_string(), "obligations": shown})))
    }

    async fn return_of(&self, world: &World, key: &ObligationKey, now: Now) -> Result<Answered> {
        let owed = obligation(world, &self.rulebook, key, now.civil).ok();
        let waiting = Waiting::load(&self.store).await?;
        let owed = owed.map(|owed| waiting.seen(owed, now.civil));
        let came = world.return_of(key);
        if owed.is_none() && came.is_none() {
            return Ok(problem::nothing_there().into());
        }
        let versions = came.map(|came| came.versions.as_slice()).unwrap_or_default();
        let versions: Vec<Value> = versions
            .iter()
            .map(|version| {
                json!({
                    "received_at": rfc3339(version.received_at, now.zone),
                    "content": version.content.as_ref().map(content_json),
                    "silent_units": numbers(&version.silent_units),
                })
            })
            .collect();
        Ok(Answered::shows(json!({
            "office": key.debtor.to_string(),
            "period": key.period,
            "obligation": key.to_string(),
            "standing": owed.map(|owed| owed.standing),
            "workflow": came.map(|came| came.workflow),
            "versions": versions,
        })))
    }

    async fn take(
        &self,
        record: &mut Record,
        office: OfficeId,
        handed_in: &HandedIn,
        now: Now,
    ) -> Result<Answered> {
        if let Some(about) = &handed_in.about
            && !about.parse().is_ok_and(|about| sees(record.world(), office, about, now))
        {
            return Ok(problem::nothing_there().into());
        }
        let hash = sha256(&handed_in.file.arrival.bytes);
        let own = handed_in.key.clone().unwrap_or_else(|| hex::encode(hash));
        // Apart, so that nobody's own key looks like a hash of ours.
        let kind = if handed_in.key.is_some() { "key" } else { "body" };
        let key = format!("{office}/{kind}/{own}");
        let mut told = false;
        let arrival = match self.store.call_of(&key).await? {
            Some(arrival) => arrival,
            None => {
                self.import(record, (office, &key), handed_in, now).await?;
                told = true;
                let kept = self.store.call_of(&key).await?;
                kept.ok_or(StoreError::NoSuchDocument(0))?
            }
        };
        let filter = ArrivalFilter { id: Some(arrival), ..ArrivalFilter::default() };
        let kept = self.store.arrivals(&filter).await?.into_iter().next();
        let document = kept.and_then(|kept| kept.document);
        let document = document.ok_or(StoreError::NoSuchDocument(0))?;
        let known = self.store.document(document).await?;
        if known.is_none_or(|known| known.sha256 != hex::encode(hash)) {
            return Ok(problem::key_used_before().into());
        }
        let files = self.store.arrival_files(arrival).await?;
        let file = files.into_iter().next().ok_or(StoreError::NoSuchDocument(document))?;
        let layout = handed_in.layout.as_ref();
        Ok(Answered { tells: told, ..receipt(record.world(), &file, layout, now) })
    }

    async fn import(
        &self,
        record: &mut Record,
        (office, key): (OfficeId, &str),
        handed_in: &HandedIn,
        now: Now,
    ) -> Result<()> {
        let scope = Scope::of_office(office);
        let what = What::Call { key: key.to_owned(), at: now.civil, office };
        let came_with = CameWith { what, number: 1 };
        let way = Way { scope: &scope, came_with: Some(&came_with) };
        let mut arrival = handed_in.file.arrival.clone();
        arrival.received_at = now.civil;
        let mut tries = 0;
        loop {
            record.follow(&self.store).await?;
            let known = (record.world(), record.last_sequence());
            let reading = &handed_in.file.reading;
            let rulebook = &self.rulebook;
            match intake::import_by(&self.store, known, rulebook, &arrival, reading, way, now).await
            {
                Err(StoreError::Moved { .. }) if tries < MOVED_MAX => tries += 1,
                ended => {
                    ended?;
                    return record.follow(&self.store).await.map(|_| ());
                }
            }
        }
    }
}

/// Whether a program of `office` may know of another.
fn sees(world: &World, office: OfficeId, other: OfficeId, now: Now) -> bool {
    world.path(other, now.date()).contains(&office)
}

/// The return that a path names, where its caller may know of it.
fn key_of(
    world: &World,
    caller: OfficeId,
    office: &str,
    period: &str,
    now: Now,
) -> Option<ObligationKey> {
    let (office, period): (OfficeId, Period) = (office.parse().ok()?, period.parse().ok()?);
    let kind = world.office(office)?.kind;
    let rule = Rule::ALL.into_iter().find(|rule| rule.debtor() == kind)?;
    sees(world, caller, office, now).then_some(ObligationKey { rule, debtor: office, period })
}

fn obligation_json(world: &World, owed: &Obligation, now: Now) -> Value {
    let name = world.office_on(owed.key.debtor, now.date()).map(|version| version.name.as_str());
    json!({
        "key": owed.key.to_string(),
        "debtor": owed.key.debtor.to_string(),
        "debtor_name": name,
        "creditor": owed.creditor.to_string(),
        "period": owed.key.period,
        "opening": rfc3339(owed.due.opening, now.zone),
        "target": rfc3339(owed.due.target, now.zone),
        "late_after": rfc3339(owed.due.late_after, now.zone),
        "standing": owed.standing,
    })
}

/// As a return is handed in, with numbers for people.
fn content_json(content: &Content) -> Value {
    let section = |answer: &Told<u32>| match answer {
        Told::Unanswered => Value::Null,
        Told::Nil => json!("nil"),
        Told::Told(count) => json!(count),
    };
    let accidents = match &content.accidents {
        Told::Unanswered => Value::Null,
        Told::Nil => json!("nil"),
        Told::Told(incidents) => incidents
            .iter()
            .map(|incident| {
                json!({
                    "kind": incident.kind,
                    "occurred": incident.occurred,
                    "persons": incident.persons,
                    "measures_told": incident.measures_told,
                })
            })
            .collect(),
    };
    json!({
        "headcount": content.headcount,
        "accidents": accidents,
        "health": section(&content.health),
        "hazards": section(&content.hazards),
        "needs": section(&content.needs),
        "stated_by": content.stated_by.map(|person| person.to_string()),
    })
}

fn numbers(offices: &[OfficeId]) -> Vec<String> {
    offices.iter().map(ToString::to_string).collect()
}
