//! `explain`: why something is owed, was sent or was not sent, with the arithmetic.
//!
//! A decision is shown in the world as it was known when it was made, and what was recorded since
//! about the same return stands below it. The reasoning itself is the core's.

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use serde::Serialize;
use xibu_core::change::{Change, Recorded};
use xibu_core::explain::{Explanation, explain_incident, explain_notice, explain_obligation};
use xibu_core::incident::IncidentId;
use xibu_core::notice::NoticeKey;
use xibu_core::obligation::ObligationKey;

use super::Context;
use super::arguments::Explain;
use super::office::{Office, sent_log, sent_log_before, world_of};
use super::outcome::{Exit, Failure, Outcome};
use super::{digest, outbox};
use crate::clock::rfc3339;
use crate::outbox::EnvelopeKey;

/// What can be explained.
enum Id {
    Obligation(ObligationKey),
    Notice(NoticeKey),
    Envelope(EnvelopeKey),
}

/// A line of `--json`.
#[derive(Serialize)]
struct Line<'a> {
    id: String,
    known_at: String,
    explanation: &'a Explanation,
    since: Vec<&'a Recorded>,
}

/// Runs it.
pub(super) async fn run(options: &Explain, context: &mut Context) -> Outcome {
    if let Some((person, day)) = digest::parse(&options.id) {
        return digest::explain(person, day, options.json, context).await;
    }
    if let Some(id) = options.id.strip_prefix("incident/").and_then(|id| id.parse().ok()) {
        return incident(id, options, context).await;
    }
    let id = parse(&options.id)?;
    let office = Office::open(context).await?;
    let history = office.history().await?;
    let notices = match id {
        Id::Obligation(key) => {
            let at = last_known(&office).await?;
            let world = world_of(&history, None)?;
            let rulebook = office.settings.rulebook();
            let found = explain_obligation(&world, rulebook, &key, at);
            let explanation = found.ok_or_else(|| not_found(&options.id))?;
            tell(
                options.json,
                &key.to_string(),
                (at, office.settings.zone()),
                &explanation,
                &[],
                context,
            );
            return Ok(Exit::Done);
        }
        Id::Notice(key) => vec![key],
        Id::Envelope(key) => {
            let envelope = outbox::find(&key, &office).await?;
            envelope.notices.into_iter().map(|enclosed| enclosed.notice.key).collect()
        }
    };
    for key in notices {
        notice(options, &key, &office, &history, context).await?;
    }
    Ok(Exit::Done)
}

async fn incident(id: IncidentId, options: &Explain, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    let at = last_known(&office).await?;
    let world = world_of(&office.history().await?, None)?;
    let explanation = explain_incident(&world, office.settings.rulebook(), id, at)
        .ok_or_else(|| not_found(&options.id))?;
    let known = (at, office.settings.zone());
    tell(options.json, &options.id, known, &explanation, &[], context);
    Ok(Exit::Done)
}

async fn notice(
    options: &Explain,
    key: &NoticeKey,
    office: &Office,
    history: &[Recorded],
    context: &mut Context,
) -> Result<(), Failure> {
    let planned = office.sent().await?;
    let rulebook = office.settings.rulebook();
    let sent = planned.iter().find(|notice| notice.key == *key);
    let (at, log) = match sent {
        Some(notice) => {
            // Decided at the day's first tick or later: never before anybody may be told.
            (notice.not_before, sent_log_before(&planned, key))
        }
        None => (last_known(office).await?, sent_log(&planned)),
    };
    let world = world_of(history, sent.map(|_| at))?;
    let explanation = explain_notice(&world, rulebook, key, &log, at)
        .ok_or_else(|| not_found(&key.to_string()))?;
    let since: Vec<&Recorded> = history
        .iter()
        .filter(|recorded| recorded.at > at && speaks_of(&recorded.change, &key.obligation))
        .collect();
    tell(
        options.json,
        &key.to_string(),
        (at, office.settings.zone()),
        &explanation,
        &since,
        context,
    );
    Ok(())
}

/// The time of the last tick, so that a demo's or a restored folder's month is not judged by
/// today; now where the daemon runs.
pub(super) async fn last_known(office: &Office) -> Result<NaiveDateTime, Failure> {
    use crate::store::Store;
    let state = office.store.state().await.map_err(Failure::data)?;
    let now = office.clock.now();
    let runs = crate::store::folder::daemon_runs(office.settings.data());
    match (runs, state.last_civil) {
        (false, Some(last)) => Ok(last),
        _ => Ok(now.civil),
    }
}

fn speaks_of(change: &Change, key: &ObligationKey) -> bool {
    match change {
        Change::ReturnCame { obligation, .. }
        | Change::ReturnSentBack { obligation, .. }
        | Change::ReturnAccepted { obligation, .. }
        | Change::Acknowledged { obligation, .. } => obligation == key,
        _ => false,
    }
}

fn tell(
    json: bool,
    id: &str,
    (known_at, zone): (NaiveDateTime, Tz),
    explanation: &Explanation,
    since: &[&Recorded],
    context: &mut Context,
) {
    if json {
        let (id, since) = (id.to_owned(), since.to_vec());
        let known_at = rfc3339(known_at, zone);
        context.screen.json(&Line { id, known_at, explanation, since });
        return;
    }
    let language = context.language();
    let screen = &mut context.screen;
    screen.line(explanation.render(language.into()).trim_end());
    let known = screen.pick("以上按此刻所知", "as known at").to_owned();
    screen.line(format!("{known}: {known_at}"));
    for recorded in since {
        let text = match recorded.change {
            Change::ReturnCame { .. } => screen.pick("报送件收到", "the return came"),
            Change::ReturnSentBack { .. } => screen.pick("退回修改", "it was sent back"),
            Change::ReturnAccepted { .. } => screen.pick("已接收", "it was accepted"),
            _ => screen.pick("作了答复", "a day was promised"),
        };
        let since = screen.pick("此后", "since then");
        let line = format!("{since}: {} {text}", recorded.at);
        screen.line(line);
    }
}

fn parse(text: &str) -> Result<Id, Failure> {
    if let Ok(key) = text.parse() {
        return Ok(Id::Obligation(key));
    }
    if let Ok(key) = text.parse() {
        return Ok(Id::Notice(key));
    }
    if let Ok(key) = text.parse() {
        return Ok(Id::Envelope(key));
    }
    Err(Failure::new(
        Exit::Usage,
        format!(
            "`{text}` 不是编号；例如 county_monthly_return/O17/2026-06、\
             county_monthly_return/O17/2026-06/first_after、P12/duty/2026-06-26/1、\
             digest/P12/2026-06-26、incident/I7"
        ),
        format!(
            "`{text}` is no id; examples: county_monthly_return/O17/2026-06, \
             county_monthly_return/O17/2026-06/first_after, P12/duty/2026-06-26/1, \
             digest/P12/2026-06-26, incident/I7"
        ),
    ))
}

fn not_found(id: &str) -> Failure {
    Failure::new(
        Exit::Data,
        format!("没有 {id}：单位不存在、当月没有志愿者，或这一步不在规定之内"),
        format!("there is no {id}: no such office, no volunteer that month, or no such step"),
    )
}
