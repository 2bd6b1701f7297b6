//! `plugin list`, `plugin describe` and `plugin approve`: which libraries and programs may be run,
//! told by their SHA-256.
//!
//! Approving is the one moment at which a person vouches for a file; a changed file is another
//! file.

use std::path::Path;

use chrono_tz::Tz;
use serde::Serialize;

use super::Context;
use super::arguments::{Json, Plugin as Action};
use super::office::{Office, host, plugin_settings};
use super::outcome::{Exit, Failure, Outcome};
use super::screen::Mark;
use crate::carrier::{Carrier, approval};
use crate::clock::rfc3339;
use crate::settings::Plugin;
use crate::store::{Approval, Store};

mod describe;

/// A line of `plugin list --json`.
#[derive(Serialize)]
struct Line {
    plugin: String,
    carrier: &'static str,
    file: String,
    sha256: Option<String>,
    approved: bool,
    approved_at: Option<String>,
    problem: Option<String>,
}

/// Runs it.
pub(super) async fn run(action: Action, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    match action {
        Action::List(options) => list(options, &office, context).await,
        Action::Describe { id, json } => describe::run(&id, json, &office, context).await,
        Action::Approve { id } => {
            let approved = approve(&office, &id).await?;
            let screen = &mut context.screen;
            let text = screen.pick("已批准", "approved").to_owned();
            screen.marked(Mark::Good, format!("{text} {id}  sha256 {}", approved.sha256));
            if let Some(detail) = approved.not_started {
                let text = screen.pick("但它没有启动", "but it did not start").to_owned();
                screen.marked(Mark::Warning, format!("{text}: {detail}"));
                return Ok(Exit::Findings);
            }
            Ok(Exit::Done)
        }
    }
}

async fn list(options: Json, office: &Office, context: &mut Context) -> Outcome {
    let approvals = office.store.approvals().await.map_err(Failure::data)?;
    let zone = office.settings.zone();
    let lines: Vec<Line> =
        office.settings.plugins().iter().map(|plugin| line(plugin, &approvals, zone)).collect();
    let exit = if lines.iter().all(|line| line.approved) { Exit::Done } else { Exit::Findings };
    let screen = &mut context.screen;
    if options.json {
        lines.iter().for_each(|line| screen.json(line));
        return Ok(exit);
    }
    let rows: Vec<Vec<String>> = lines
        .into_iter()
        .map(|line| {
            let state = match (line.approved, line.problem) {
                (true, _) => screen.pick("已批准", "approved").to_owned(),
                (false, Some(problem)) => problem,
                (false, None) => screen.pick("未批准", "not approved").to_owned(),
            };
            let short = line.sha256.unwrap_or_default().chars().take(16).collect();
            vec![line.plugin, state, short, line.file]
        })
        .collect();
    let headings = [
        screen.pick("插件", "plugin"),
        screen.pick("状态", "state"),
        "sha256",
        screen.pick("文件", "file"),
    ]
    .map(str::to_owned);
    screen.table(&headings.each_ref().map(String::as_str), &rows);
    Ok(exit)
}

fn line(plugin: &Plugin, approvals: &[Approval], zone: Tz) -> Line {
    let inspected = approval::inspect(plugin.file());
    let sha256 = inspected.as_ref().ok().cloned();
    let approved = approvals.iter().find(|approval| Some(&approval.sha256) == sha256.as_ref());
    Line {
        plugin: plugin.id().to_owned(),
        carrier: plugin.carried().name(),
        file: plugin.file().display().to_string(),
        approved: approved.is_some(),
        approved_at: approved.map(|approval| rfc3339(approval.approved_at, zone)),
        problem: inspected.err().map(|refused| refused.to_string()),
        sha256,
    }
}

/// What `plugin approve` did.
pub(crate) struct Approved {
    /// SHA-256 of its file, hex.
    pub(crate) sha256: String,
    /// Why it could not be started with its settings, where it could not.
    pub(crate) not_started: Option<String>,
}

/// Approves the library or program of the plugin called `id` as it is now, and starts it once to
/// see that it works.
///
/// # Errors
/// Where no plugin has that name, or its file may not be run by anybody.
pub(crate) async fn approve(office: &Office, id: &str) -> Result<Approved, Failure> {
    let plugin = office.settings.plugin(id).ok_or_else(|| unknown(office, id))?;
    let sha256 = approval::inspect(plugin.file()).map_err(Failure::plugin)?;
    let host = host(&office.settings, vec![sha256.clone()]);
    let carrier = Carrier::new(plugin_settings(plugin), host);
    let described = carrier.descriptor().await;
    carrier.stop().await;
    let (name, not_started) = match described {
        Ok(descriptor) => (descriptor.id, None),
        Err(lost) => (id.to_owned(), Some(lost.to_string())),
    };
    let file_name = plugin.file().file_name().unwrap_or(Path::new("").as_os_str());
    let approval = Approval {
        sha256: sha256.clone(),
        plugin: name,
        file_name: file_name.to_string_lossy().into_owned(),
        approved_at: office.clock.now().civil,
        by: "clerk".to_owned(),
    };
    office.store.approve(&approval).await.map_err(Failure::data)?;
    Ok(Approved { sha256, not_started })
}

fn unknown(office: &Office, id: &str) -> Failure {
    let known: Vec<&str> = office.settings.plugins().iter().map(Plugin::id).collect();
    let known = known.join(" ");
    Failure::new(
        Exit::Usage,
        format!("配置里没有名为 {id} 的插件；有：{known}"),
        format!("no plugin is called {id} in the configuration; there are: {known}"),
    )
}
