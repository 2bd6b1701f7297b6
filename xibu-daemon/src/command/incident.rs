//! `incident`: what the office heard of accidents, written down; how each stands and what is next.
//!
//! The words of an accident are read from a file or standard input and sealed: they stand in no
//! command line and in no list.

use std::io::Read as _;
use std::path::Path;

use serde::Serialize;
use xibu_core::change::{Change, Recorded};
use xibu_core::explain::{duty_name, incident_kind, incident_stage};
use xibu_core::incident::{
    Act, Case, Incident, IncidentId, IncidentKind, OpenedIncident, next_instant,
};
use xibu_core::office::OfficeId;
use xibu_core::world::Unfit;

use super::Context;
use super::arguments::{Incident as Action, IncidentOpen, IncidentSaid};
use super::office::Office;
use super::outcome::{Exit, Failure, Outcome};
use super::screen::{Mark, Screen};
use crate::arrival::sealed;
use crate::clock::rfc3339;
use crate::incident::{batch, said};
use crate::language::Language;
use crate::record::Record;
use crate::store::{Numbers, Store, StoreError};

/// So often is a word recorded anew while others record.
const TRIES_MAX: u32 = 5;
/// Words longer than this are no note of a telephone call.
const WORDS_MAX: u64 = 64 * 1024;

/// A line of `--json`.
#[derive(Serialize)]
struct Line<'a> {
    kind: &'static str,
    id: String,
    office: String,
    office_name: &'a str,
    incident_kind: IncidentKind,
    received_at: String,
    stage: &'static str,
    unaware: Vec<String>,
    next: Option<Next>,
}

/// What is asked for next.
#[derive(Serialize)]
struct Next {
    duty: &'static str,
    at: String,
}

/// Runs it.
pub(super) async fn run(action: Action, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    match action {
        Action::List { all, json } => list(all, json, &office, context).await,
        Action::Show { id, json } => show(id, json, &office, context).await,
        Action::Open(options) => open(&options, &office, context).await,
        Action::Acknowledge(options) => say(&options, Act::Acknowledged, &office, context).await,
        Action::FollowUp(options) => say(&options, Act::FollowedUp, &office, context).await,
        Action::Close(options) => say(&options, Act::Closed, &office, context).await,
    }
}

async fn list(all: bool, json: bool, office: &Office, context: &mut Context) -> Outcome {
    let world = office.world().await?;
    let cases: Vec<Case<'_>> =
        world.incidents().filter_map(|opened| Case::of(&world, opened.id)).collect();
    let shown = cases.iter().filter(|case| all || case.closed_at().is_none());
    let is_open = cases.iter().any(|case| case.closed_at().is_none());
    let exit = if is_open { Exit::Findings } else { Exit::Done };
    if json {
        shown.for_each(|case| context.screen.json(&line(case, office)));
        return Ok(exit);
    }
    let rows: Vec<Vec<String>> = shown.map(|case| row(case, office, context.language())).collect();
    let headings = match context.language() {
        Language::Chinese => ["编号", "单位", "类别", "首报", "办理情况", "下一步"],
        Language::English => ["id", "office", "kind", "told", "stage", "next"],
    };
    context.screen.table(&headings, &rows);
    Ok(exit)
}

/// One incident in a row.
pub(super) fn row(case: &Case<'_>, office: &Office, language: Language) -> Vec<String> {
    let opened = case.opened;
    let (kind, stage) = (incident_kind(opened.incident.kind), incident_stage(case));
    let now = office.clock.now().civil;
    let rulebook = office.settings.rulebook();
    let next = next_instant(case.world, rulebook, opened.id, now).map(|(duty, _, at)| {
        let (zh, en) = duty_name(duty);
        format!("{} {}", at.format("%m-%d %H:%M"), language.pick(zh, en))
    });
    vec![
        opened.id.to_string(),
        name(case).to_owned(),
        language.pick(kind.0, kind.1).to_owned(),
        opened.received_at.format("%Y-%m-%d %H:%M").to_string(),
        language.pick(stage.0, stage.1).to_owned(),
        next.unwrap_or_default(),
    ]
}

fn name<'a>(case: &Case<'a>) -> &'a str {
    let place = case.opened.incident.office;
    let version = case.world.office_on(place, case.opened.received_at.date());
    version.map_or("", |version| version.name.as_str())
}

fn line<'a>(case: &Case<'a>, office: &Office) -> Line<'a> {
    let (opened, zone) = (case.opened, office.settings.zone());
    let now = office.clock.now().civil;
    let next = next_instant(case.world, office.settings.rulebook(), opened.id, now);
    Line {
        kind: "incident",
        id: opened.id.to_string(),
        office: opened.incident.office.to_string(),
        office_name: name(case),
        incident_kind: opened.incident.kind,
        received_at: rfc3339(opened.received_at, zone),
        stage: case.stage().name(),
        unaware: case.unaware().filter_map(|level| Some(case.office(level)?.to_string())).collect(),
        next: next.map(|(duty, _, at)| Next { duty: duty.name(), at: rfc3339(at, zone) }),
    }
}

async fn show(id: IncidentId, json: bool, office: &Office, context: &mut Context) -> Outcome {
    let world = office.world().await?;
    let case = Case::of(&world, id).ok_or_else(|| no_such(id))?;
    if json {
        context.screen.json(&line(&case, office));
        return Ok(Exit::Done);
    }
    let rulebook = office.settings.rulebook();
    let at = super::explain::last_known(office).await?;
    let explained = xibu_core::explain::explain_incident(&world, rulebook, id, at);
    let language = context.language();
    let screen = &mut context.screen;
    screen.line(explained.ok_or_else(|| no_such(id))?.render(language.into()).trim_end());
    for recorded in office.history().await?.iter().filter(|one| speaks_of(&one.change, id)) {
        words(recorded, office, screen).await;
    }
    Ok(Exit::Done)
}

/// The sealed words that came with a change, where they can still be read.
async fn words(recorded: &Recorded, office: &Office, screen: &mut Screen) {
    let Some(document) = recorded.document else { return };
    let Ok(opened) = office.store.open_document(document).await else { return };
    let text = match sealed::from_bytes(&opened.bytes) {
        Ok((arrived, _)) => arrived.text,
        Err(_) => match String::from_utf8(opened.bytes) {
            Ok(text) => text,
            Err(_) => return,
        },
    };
    screen.heading(recorded.at.format("%Y-%m-%d %H:%M").to_string());
    screen.line(text.trim_end());
}

fn speaks_of(change: &Change, id: IncidentId) -> bool {
    match change {
        Change::IncidentOpened(opened) => opened.id == id,
        Change::IncidentMoved(moved) => moved.incident == id,
        _ => false,
    }
}

async fn open(options: &IncidentOpen, office: &Office, context: &mut Context) -> Outcome {
    let words = read_words(options.words.as_deref())?;
    let first = office.store.reserve(Numbers::Incident, 1).await.map_err(Failure::data)?;
    let id = IncidentId(first);
    let now = office.clock.now();
    let incident = Incident {
        office: place(options.office, office).await?,
        kind: options.kind,
        occurred: options.occurred,
        persons: options.persons,
        measures_told: false,
        reference: None,
    };
    let opened = OpenedIncident { id, incident, told_by: options.by, received_at: now.civil };
    record(Change::IncidentOpened(opened), words, office).await?;
    let text = context.screen.pick(
        "已登记；将立即通知直接责任人、第一责任人和市项目办",
        "written down; those responsible are told at once",
    );
    let line = format!("{id}  {text}");
    context.screen.marked(Mark::Good, line);
    Ok(Exit::Done)
}

async fn place(place: OfficeId, office: &Office) -> Result<OfficeId, Failure> {
    let world = office.world().await?;
    match world.office(place) {
        Some(_) => Ok(place),
        None => Err(Failure::new(
            Exit::Data,
            format!("没有 {place} 这个单位"),
            format!("there is no office {place}"),
        )),
    }
}

async fn say(options: &IncidentSaid, act: Act, office: &Office, context: &mut Context) -> Outcome {
    let words = read_words(options.words.as_deref())?;
    let (id, by) = (options.id, options.by);
    let now = office.clock.now();
    record(Change::IncidentMoved(said(id, act, by, now.civil)), words, office).await?;
    let world = office.world().await?;
    let case = Case::of(&world, id).ok_or_else(|| no_such(id))?;
    let row = row(&case, office, context.language());
    context.screen.marked(Mark::Good, row.join("  "));
    Ok(Exit::Done)
}

/// Records one change, looked at again where others recorded meanwhile.
async fn record(change: Change, words: Option<Vec<u8>>, office: &Office) -> Result<(), Failure> {
    for _ in 0..TRIES_MAX {
        let record = Record::load(&office.store).await.map_err(Failure::data)?;
        record.world().clone().apply(&change).map_err(|unfit| refused(&unfit))?;
        let now = office.clock.now();
        let batch = batch(change.clone(), words.clone(), record.last_sequence(), now);
        match office.store.record(&batch, now).await {
            Err(StoreError::Moved { .. }) => {}
            Err(error) => return Err(Failure::data(error)),
            Ok(_) => return Ok(()),
        }
    }
    Err(Failure::data("the record keeps moving; try again"))
}

/// The words to seal, from a file or, with `-`, standard input.
fn read_words(from: Option<&Path>) -> Result<Option<Vec<u8>>, Failure> {
    let Some(path) = from else { return Ok(None) };
    let mut bytes = Vec::new();
    let read = match path.as_os_str() == "-" {
        true => std::io::stdin().lock().take(WORDS_MAX + 1).read_to_end(&mut bytes),
        false => std::fs::File::open(path)
            .and_then(|file| file.take(WORDS_MAX + 1).read_to_end(&mut bytes)),
    };
    read.map_err(|error| {
        let path = path.display();
        Failure::new(
            Exit::Data,
            format!("读不了 {path}：{error}"),
            format!("cannot read {path}: {error}"),
        )
    })?;
    if bytes.len() as u64 > WORDS_MAX {
        return Err(Failure::new(
            Exit::Usage,
            "情况说明超过 64 KB；请只写要点",
            "the words are longer than 64 KB; write down the points only",
        ));
    }
    Ok(Some(bytes))
}

fn no_such(id: IncidentId) -> Failure {
    Failure::new(
        Exit::Data,
        format!("没有编号为 {id} 的事故；见 incident list"),
        format!("there is no incident {id}; see `incident list`"),
    )
}

fn refused(unfit: &Unfit) -> Failure {
    match unfit {
        Unfit::NoSuchIncident(id) => no_such(*id),
        Unfit::IncidentIsClosed(id) => Failure::new(
            Exit::Data,
            format!("{id} 已经结案；此后发生的请另行登记"),
            unfit.to_string(),
        ),
        other => Failure::data(other),
    }
}
