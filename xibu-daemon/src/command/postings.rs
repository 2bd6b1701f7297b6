//! `postings`: what was taken in, and what one of them says.
//!
//! Only reads.

use serde::Serialize;
use xibu_core::person::PersonId;
use xibu_core::posting::{Posting, PostingId, Standing};

use super::Context;
use super::arguments::Postings;
use super::office::Office;
use super::outcome::{Exit, Failure, Outcome};
use super::posting::{Fit, Whom, print_fields, standing_name};
use super::screen::Mark;
use crate::clock::rfc3339;
use crate::language::Language;
use crate::store::{PostingFilter, PostingKept, RawKept, Store};

/// A line of `--json`.
#[derive(Serialize)]
struct Line<'a> {
    kind: &'static str,
    id: String,
    standing: Standing,
    first_seen: String,
    last_seen: String,
    title: &'a str,
    link: &'a str,
    posting: &'a Posting,
    #[serde(skip_serializing_if = "Option::is_none")]
    given: Option<Vec<RawKept>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fit: Option<Fit>,
}

/// Runs it.
pub(super) async fn run(action: Postings, context: &mut Context) -> Outcome {
    match action {
        Postings::List { all, json } => list(all, json, context).await,
        Postings::Show { posting, whom, json } => show(posting, whom, json, context).await,
    }
}

async fn list(all: bool, json: bool, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    let today = super::explain::last_known(&office).await?.date();
    let open_on = (!all).then_some(today);
    let filter = PostingFilter { open_on, ..PostingFilter::default() };
    let postings = office.store.postings(&filter).await.map_err(Failure::data)?;
    let language = context.language();
    let mut rows = Vec::new();
    for kept in &postings {
        let standing = kept.posting.standing(today);
        if !all && standing != Standing::Open {
            continue;
        }
        if json {
            context.screen.json(&line(&office, kept, standing));
            continue;
        }
        let employer = kept.posting.employer.as_ref().map(|told| told.value.clone());
        let deadline = kept
            .posting
            .deadline
            .as_ref()
            .map(|told| super::posting::said(&told.value.sentence(), language));
        rows.push(vec![
            kept.id.to_string(),
            standing_name(standing, language).to_owned(),
            deadline.unwrap_or_default(),
            employer.unwrap_or_default(),
            kept.posting.title().to_owned(),
        ]);
    }
    if !json {
        let headings = match language {
            Language::Chinese => ["编号", "状态", "截止", "单位", "标题"],
            Language::English => ["number", "standing", "deadline", "employer", "title"],
        };
        context.screen.table(&headings, &rows);
    }
    Ok(Exit::Done)
}

async fn show(
    posting: PostingId,
    whom: Option<PersonId>,
    json: bool,
    context: &mut Context,
) -> Outcome {
    let office = Office::open(context).await?;
    let today = super::explain::last_known(&office).await?.date();
    let filter = PostingFilter { id: Some(posting), ..PostingFilter::default() };
    let kept = office.store.postings(&filter).await.map_err(Failure::data)?.pop();
    let kept = kept.ok_or_else(|| {
        Failure::new(
            Exit::Data,
            format!("没有 {posting}；用 postings list --all 可看全部"),
            format!("there is no {posting}; `postings list --all` shows them all"),
        )
    })?;
    let whom = Whom::of(&office.store, &office.world().await?, whom).await?;
    let standing = kept.posting.standing(today);
    if json {
        let given = office.store.raw_postings(posting).await.map_err(Failure::data)?;
        let mut line = line(&office, &kept, standing);
        line.given = Some(given);
        line.fit = whom.map(|whom| whom.fit(&kept.posting, today));
        context.screen.json(&line);
        return Ok(Exit::Done);
    }
    let language = context.language();
    let screen = &mut context.screen;
    let standing = standing_name(standing, language);
    screen.heading(format!("{posting}  {standing}  {}", kept.posting.title()));
    print_fields(&kept.posting, screen);
    if let Some(whom) = whom {
        whom.print(&kept.posting, today, screen);
    }
    let seen = screen.pick("首次、最近见到", "first and last seen").to_owned();
    screen.marked(Mark::Faint, format!("  {seen}: {}, {}", kept.first_seen, kept.last_seen));
    Ok(Exit::Done)
}

fn line<'a>(office: &Office, kept: &'a PostingKept, standing: Standing) -> Line<'a> {
    let zone = office.settings.zone();
    Line {
        kind: "posting",
        id: kept.id.to_string(),
        standing,
        first_seen: rfc3339(kept.first_seen, zone),
        last_seen: rfc3339(kept.last_seen, zone),
        title: kept.posting.title(),
        link: kept.posting.link(),
        posting: &kept.posting,
        given: None,
        fit: None,
    }
}
