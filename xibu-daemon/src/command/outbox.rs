//! `outbox list`, `show`, `retry`: messages on their way, people as numbers.
//!
//! Only `show` without `--json` unseals a letter and prints it, for the person at the terminal.

use serde::Serialize;
use xibu_core::notice::NoticeKey;
use xibu_core::world::World;

use super::Context;
use super::arguments::Outbox;
use super::office::Office;
use super::outcome::{Exit, Failure, Outcome};
use super::screen::{Mark, Screen};
use crate::delivery::frozen::FrozenMessage;
use crate::language::Language;
use crate::outbox::state::Event;
use crate::outbox::{EnvelopeKey, State};
use crate::store::{Attempt, DocumentId, Envelope, EnvelopeFilter, Settlement, Store, StoreError};

/// A message as `--json` shows it.
#[derive(Serialize)]
struct Line {
    key: EnvelopeKey,
    state: State,
    attempts: u32,
    unknowns: u32,
    notices: Vec<String>,
    channel: Option<String>,
    detail: String,
}

/// One attempt as `--json` shows it.
#[derive(Serialize)]
struct AttemptLine<'a> {
    number: u32,
    channel: &'a str,
    started_at: String,
    ended_at: Option<String>,
    outcome: State,
    reference: Option<&'a str>,
    detail: &'a str,
    redirected: bool,
}

/// A message with its attempts.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    line: Line,
    tries: Vec<AttemptLine<'a>>,
}

/// Runs it.
pub(super) async fn run(action: Outbox, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    match action {
        Outbox::List { state, json } => list(state, json, &office, context).await,
        Outbox::Show { key, json } => show(&key, json, &office, context).await,
        Outbox::Retry { key } => retry(&key, &office, context).await,
    }
}

async fn list(
    state: Option<String>,
    json: bool,
    office: &Office,
    context: &mut Context,
) -> Outcome {
    let states =
        state.map(|name| State::named(&name).ok_or_else(|| no_state(&name))).transpose()?;
    let filter = EnvelopeFilter { states: states.into_iter().collect(), ..Default::default() };
    let envelopes = office.store.envelopes(&filter).await.map_err(Failure::data)?;
    let exit = match envelopes.iter().any(|envelope| needs_a_person(envelope.position.state)) {
        true => Exit::Findings,
        false => Exit::Done,
    };
    if json {
        envelopes.iter().for_each(|envelope| context.screen.json(&line(envelope)));
        return Ok(exit);
    }
    let world = office.world().await?;
    table(&envelopes, &world, &mut context.screen);
    Ok(exit)
}

/// Prints messages, one a line.
pub(super) fn table(envelopes: &[Envelope], world: &World, screen: &mut Screen) {
    let language = screen.language;
    let rows: Vec<Vec<String>> = envelopes
        .iter()
        .map(|envelope| {
            let about = envelope.notices.first().map_or_else(String::new, |enclosed| {
                about(&enclosed.notice.key, envelope.notices.len(), world, language)
            });
            let state = state_name(envelope.position.state, language).to_owned();
            vec![envelope.key.to_string(), state, about, envelope.detail.clone()]
        })
        .collect();
    let headings = match language {
        Language::Chinese => ["编号", "状态", "事项", "说明"],
        Language::English => ["key", "state", "about", "detail"],
    };
    screen.table(&headings, &rows);
}

fn about(key: &NoticeKey, number: usize, world: &World, language: Language) -> String {
    let debtor = key.obligation.debtor;
    let name = super::words::office_name(world, debtor, key.obligation.period);
    let period = key.obligation.period;
    let step = super::words::step_name(key.step, language);
    match (number, language) {
        (1, _) => format!("{name} {period} {step}"),
        (_, Language::Chinese) => format!("{name} {period} {step} 等 {number} 件"),
        (_, Language::English) => format!("{name} {period} {step} and {} more", number - 1),
    }
}

async fn show(key: &str, json: bool, office: &Office, context: &mut Context) -> Outcome {
    let key = parse(key)?;
    let envelope = find(&key, office).await?;
    let attempts = office.store.attempts(&key).await.map_err(Failure::data)?;
    let zone = office.settings.zone();
    let tries: Vec<AttemptLine<'_>> =
        attempts.iter().map(|attempt| attempt_line(attempt, zone)).collect();
    if json {
        context.screen.json(&Whole { line: line(&envelope), tries });
        return Ok(Exit::Done);
    }
    let world = office.world().await?;
    let screen = &mut context.screen;
    table(std::slice::from_ref(&envelope), &world, screen);
    for enclosed in &envelope.notices {
        let left_out = enclosed.left_out.as_deref().unwrap_or("");
        screen.line(format!("  {} {left_out}", enclosed.notice.key));
    }
    for attempt in &tries {
        let number = attempt.number;
        let (at, state) = (&attempt.started_at, state_name(attempt.outcome, screen.language));
        let reference = attempt.reference.unwrap_or("");
        screen.line(format!(
            "  #{number} {at} {} {state} {reference} {}",
            attempt.channel, attempt.detail
        ));
    }
    if let Some(document) = envelope.rendered {
        print_letter(document, office, screen).await?;
    }
    Ok(Exit::Done)
}

/// The letter, unless nobody may read it any more.
async fn print_letter(
    document: DocumentId,
    office: &Office,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let opened = match office.store.open_document(document).await {
        Err(error @ (StoreError::Destroyed(_) | StoreError::Restricted { .. })) => {
            screen.marked(Mark::Faint, error.to_string());
            return Ok(());
        }
        opened => opened.map_err(Failure::data)?,
    };
    let letter = FrozenMessage::from_bytes(&opened.bytes).map_err(Failure::data)?.message;
    screen.heading(letter.subject);
    screen.line(letter.text);
    for attachment in letter.attachments {
        screen.line(format!("[{}]", attachment.file_name));
    }
    Ok(())
}

async fn retry(key: &str, office: &Office, context: &mut Context) -> Outcome {
    let key = parse(key)?;
    find(&key, office).await?;
    let now = office.clock.now();
    let settlement = Settlement {
        key: key.clone(),
        event: Event::Retry { now: now.unix_ms },
        reference: None,
        detail: "a person asked for another try".to_owned(),
        left_out: Default::default(),
        fault: None,
    };
    match office.store.apply(&settlement, now).await.map_err(Failure::data)? {
        Ok(_) => {
            let text = context.screen.pick("将再发一次", "will be tried again").to_owned();
            context.screen.marked(Mark::Good, format!("{text}: {key}"));
            Ok(Exit::Done)
        }
        Err(refusal) => Err(Failure::new(
            Exit::Usage,
            format!("{key} 不能再发：{refusal}"),
            format!("{key} cannot be tried again: {refusal}"),
        )),
    }
}

fn line(envelope: &Envelope) -> Line {
    Line {
        key: envelope.key.clone(),
        state: envelope.position.state,
        attempts: envelope.position.attempts,
        unknowns: envelope.position.unknowns,
        notices: envelope.notices.iter().map(|enclosed| enclosed.notice.key.to_string()).collect(),
        channel: envelope.channel.clone(),
        detail: envelope.detail.clone(),
    }
}

fn attempt_line(attempt: &Attempt, zone: chrono_tz::Tz) -> AttemptLine<'_> {
    let shown = |unix_ms: i64| {
        chrono::DateTime::from_timestamp_millis(unix_ms)
            .map_or_else(String::new, |instant| instant.with_timezone(&zone).to_rfc3339())
    };
    AttemptLine {
        number: attempt.number,
        channel: &attempt.channel,
        started_at: shown(attempt.started_at),
        ended_at: attempt.ended_at.map(shown),
        outcome: attempt.outcome,
        reference: attempt.reference.as_deref(),
        detail: &attempt.detail,
        redirected: attempt.redirected,
    }
}

/// The message of that key.
///
/// # Errors
/// Where there is none.
pub(super) async fn find(key: &EnvelopeKey, office: &Office) -> Result<Envelope, Failure> {
    let filter = EnvelopeFilter { key: Some(key.clone()), ..Default::default() };
    let found = office.store.envelopes(&filter).await.map_err(Failure::data)?;
    found.into_iter().next().ok_or_else(|| {
        Failure::new(Exit::Data, format!("没有这封信：{key}"), format!("there is no message {key}"))
    })
}

fn parse(key: &str) -> Result<EnvelopeKey, Failure> {
    key.parse().map_err(|error: crate::outbox::NotAKey| {
        Failure::new(
            Exit::Usage,
            format!("{key} 不是信件编号；例如 P12/duty/2026-06-26/1"),
            error.to_string(),
        )
    })
}

fn no_state(name: &str) -> Failure {
    let known: Vec<&str> = State::ALL.into_iter().map(State::name).collect();
    let known = known.join(" ");
    Failure::new(
        Exit::Usage,
        format!("没有 {name} 这一状态；有：{known}"),
        format!("no state is called {name}; there are: {known}"),
    )
}

/// Whether a message stays where it is until somebody looks.
pub(super) const fn needs_a_person(state: State) -> bool {
    matches!(state, State::Rejected | State::Unknown | State::Bounced)
}

/// What a state is called.
pub(super) fn state_name(state: State, language: Language) -> &'static str {
    let chinese = match state {
        State::Planned => "已排定",
        State::Due => "待发",
        State::Claimed => "正在准备",
        State::Sending => "正在发",
        State::Accepted => "已发出",
        State::Deferred => "稍后再发",
        State::Throttled => "通道稍后再试",
        State::Rejected => "被拒收",
        State::Unknown => "结果不明",
        State::Delivered => "已送达",
        State::Bounced => "被退回",
        State::Acknowledged => "已答复",
        State::Expired => "已过时效",
        State::Suppressed => "按规定未发",
        State::Cancelled => "已无需发",
    };
    language.pick(chinese, state.name())
}
