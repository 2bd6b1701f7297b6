//! `consent`: the office writes down what a person said, and shows who said what.
//!
//! The newest word counts. What a duty of the office stands on needs no consent and takes none.

use serde::Serialize;
use xibu_core::consent::{Basis, Means, Purpose};
use xibu_core::person::PersonId;

use super::Context;
use super::arguments::{Consent, ConsentList};
use super::office::Office;
use super::outcome::{Exit, Failure, Outcome};
use super::screen::Mark;
use crate::clock::rfc3339;
use crate::job::consent_said;
use crate::language::Language;
use crate::record::Record;
use crate::store::Store;

/// A line of `--json`.
#[derive(Serialize)]
struct Line {
    kind: &'static str,
    person: String,
    purpose: Purpose,
    given: bool,
    since: String,
    means: Means,
}

/// Runs it.
pub(super) async fn run(options: &Consent, context: &mut Context) -> Outcome {
    if let Some(ConsentList::List(json)) = options.list {
        return list(json.json, context).await;
    }
    match (options.person, options.purpose) {
        (Some(person), Some(purpose)) => say(person, purpose, options.given, context).await,
        _ => Err(Failure::new(Exit::Usage, "请写明是谁、什么用途", "name a person and a purpose")),
    }
}

async fn say(person: PersonId, purpose: Purpose, given: bool, context: &mut Context) -> Outcome {
    if purpose.basis() == Basis::Duty {
        return Err(Failure::new(
            Exit::Usage,
            format!("{}是本办职责，不以同意为前提，不登记同意", purpose.title()),
            format!("{purpose} stands on the office's duty and takes no consent"),
        ));
    }
    let office = Office::open(context).await?;
    let record = Record::load(&office.store).await.map_err(Failure::data)?;
    let known = office.store.personal(&[person]).await.map_err(Failure::data)?;
    let before = record.world().consent(person, purpose).copied();
    if known.is_empty() && before.is_none() {
        return Err(not_found(person));
    }
    let now = office.clock.now();
    let same = before.is_some_and(|before| before.given == given);
    if !same {
        let batch = consent_said(person, purpose, given, Means::Clerk, ("clerk", now));
        office.store.record(&batch, now).await.map_err(Failure::data)?;
    }
    let language = context.language();
    let word = word(given, language);
    let already = match (same, language) {
        (false, _) => "",
        (true, Language::Chinese) => "（早已如此，没有变化）",
        (true, Language::English) => " (as before, nothing changes)",
    };
    let line = format!("{person}  {}  {word}{already}", title(purpose, language));
    context.screen.marked(Mark::Good, line);
    Ok(Exit::Done)
}

async fn list(json: bool, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    let world = office.world().await?;
    let language = context.language();
    let mut rows = Vec::new();
    for (person, purpose, consent) in world.consents() {
        if json {
            context.screen.json(&Line {
                kind: "consent",
                person: person.to_string(),
                purpose,
                given: consent.given,
                since: rfc3339(consent.since, office.settings.zone()),
                means: consent.means,
            });
            continue;
        }
        rows.push(vec![
            person.to_string(),
            title(purpose, language).to_owned(),
            word(consent.given, language).to_owned(),
            consent.since.format("%Y-%m-%d %H:%M").to_string(),
            means_name(consent.means, language).to_owned(),
        ]);
    }
    if !json {
        let headings = match language {
            Language::Chinese => ["人员", "用途", "意思", "从何时起", "怎么表示的"],
            Language::English => ["person", "purpose", "said", "since", "by"],
        };
        context.screen.table(&headings, &rows);
    }
    Ok(Exit::Done)
}

/// Nobody goes by that number.
pub(super) fn not_found(person: PersonId) -> Failure {
    Failure::new(
        Exit::Data,
        format!("没有 {person}；人员编号见 outbox list 和 consent list"),
        format!("there is no {person}; numbers stand in `outbox list` and `consent list`"),
    )
}

pub(super) fn word(given: bool, language: Language) -> &'static str {
    match given {
        true => language.pick("同意", "given"),
        false => language.pick("不同意或已撤回", "not given or withdrawn"),
    }
}

pub(super) fn means_name(means: Means, language: Language) -> &'static str {
    match means {
        Means::Form => language.pick("本人填表", "a form"),
        Means::Link => language.pick("邮件里的链接", "the link in a mail"),
        Means::Reply => language.pick("回复邮件", "a reply"),
        Means::Clerk => language.pick("本办登记", "the office wrote it down"),
    }
}

fn title(purpose: Purpose, language: Language) -> &'static str {
    language.pick(purpose.title(), purpose.name())
}
