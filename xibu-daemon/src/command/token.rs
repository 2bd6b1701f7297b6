//! `token`: by which an office's own programs may call `/api`. Shown once, when it is made; kept as
//! a keyed hash.

use serde::Serialize;
use xibu_core::office::OfficeId;

use super::Context;
use super::arguments::Token;
use super::office::Office;
use super::outcome::{Exit, Failure, Outcome};
use super::screen::Mark;
use crate::clock::rfc3339;
use crate::language::Language;
use crate::store::Store;

/// A line of `--json`.
#[derive(Serialize)]
struct Line {
    id: u64,
    office: String,
    /// Only of one that was made just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    made_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
}

/// Runs it.
pub(super) async fn run(options: &Token, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    match options.revoke {
        _ if options.list => list(options, &office, context).await,
        Some(id) => revoke(options.office, id, &office, context).await,
        None => make(options, &office, context).await,
    }
}

async fn make(options: &Token, office: &Office, context: &mut Context) -> Outcome {
    let whose = options.office;
    let now = office.clock.now();
    if office.world().await?.office_on(whose, now.date()).is_none() {
        return Err(Failure::new(
            Exit::Data,
            format!("没有单位 {whose}；编号见 xibu-daemon status"),
            format!("there is no office {whose}; `status` shows the numbers"),
        ));
    }
    let made = office.store.make_token(whose, now).await;
    let (id, token) = made.map_err(Failure::data)?;
    if options.json {
        let line = Line {
            id,
            office: whose.to_string(),
            token: Some(token),
            made_at: Some(rfc3339(now.civil, now.zone)),
            revoked_at: None,
        };
        context.screen.json(&line);
        return Ok(Exit::Done);
    }
    let text = context.screen.pick(
        "请交给该单位的程序保管，以后不再显示；作废用 --revoke",
        "give it to the office's program; it is not shown again; --revoke ends it",
    );
    let text = format!("{whose} #{id}: {text}");
    context.screen.marked(Mark::Good, text);
    context.screen.line(token);
    Ok(Exit::Done)
}

async fn list(options: &Token, office: &Office, context: &mut Context) -> Outcome {
    let zone = office.settings.zone();
    let tokens = office.store.tokens().await.map_err(Failure::data)?;
    let own: Vec<Line> = tokens
        .into_iter()
        .filter(|token| token.office == options.office)
        .map(|token| Line {
            id: token.id,
            office: token.office.to_string(),
            token: None,
            made_at: Some(rfc3339(token.made_at, zone)),
            revoked_at: token.revoked_at.map(|at| rfc3339(at, zone)),
        })
        .collect();
    let screen = &mut context.screen;
    if options.json {
        own.iter().for_each(|line| screen.json(line));
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = own
        .into_iter()
        .map(|line| {
            let [made, revoked] = [line.made_at, line.revoked_at].map(Option::unwrap_or_default);
            vec![line.id.to_string(), made, revoked]
        })
        .collect();
    let headings = match screen.language {
        Language::Chinese => ["编号", "生成", "作废"],
        Language::English => ["number", "made", "revoked"],
    };
    screen.table(&headings, &rows);
    Ok(Exit::Done)
}

async fn revoke(whose: OfficeId, id: u64, office: &Office, context: &mut Context) -> Outcome {
    let now = office.clock.now();
    match office.store.revoke_token(whose, id, now).await.map_err(Failure::data)? {
        true => {
            let text = context.screen.pick("已作废", "revoked");
            let text = format!("{whose} #{id}: {text}");
            context.screen.marked(Mark::Good, text);
            Ok(Exit::Done)
        }
        false => Err(Failure::new(
            Exit::Data,
            format!("{whose} 没有编号为 {id} 的有效令牌"),
            format!("{whose} has no token {id} that opens anything"),
        )),
    }
}
