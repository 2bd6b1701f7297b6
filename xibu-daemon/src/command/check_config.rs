//! `check-config`: says everything that is wrong with the configuration, or what it amounts to.
//!
//! What a plugin's own table may hold the plugin says itself; it is asked where a person has
//! approved it, and no file is made on the way.

use serde::Serialize;

use super::arguments::Json;
use super::office::{host, plugin_settings};
use super::outcome::{Exit, Failure, Outcome};
use super::screen::{Mark, Screen};
use super::{Context, variables};
use crate::carrier::{Carrier, approval};
use crate::settings::{Plugin, Problems, Settings};
use crate::store::{SqliteStore, Store, folder};

/// The configuration as a program may read it; no secret and no plugin's own table is in it.
#[derive(Serialize)]
struct Summary<'a> {
    file: Option<String>,
    zone: String,
    serves: Vec<String>,
    data: String,
    inbox: Option<String>,
    plugins: Vec<&'a str>,
    /// Those whose own tables were checked too.
    checked: Vec<&'a str>,
    channels: &'a std::collections::BTreeMap<String, Vec<String>>,
}

/// What became of asking the plugins about their own tables.
#[derive(Default)]
struct Tables<'a> {
    problems: Problems,
    checked: Vec<&'a str>,
    unapproved: Vec<&'a str>,
    /// Approved, and yet it could not be asked: its name and why.
    silent: Vec<(&'a str, String)>,
}

/// Runs it.
pub(super) async fn run(options: Json, context: &mut Context) -> Outcome {
    let (settings, mut problems) = Settings::read(context.file.as_deref(), variables());
    let tables = match tables(&settings).await {
        // What is wrong with our own keys may be why.
        Err(_) if !problems.0.is_empty() => return wrong(problems, options, context),
        tables => tables?,
    };
    problems.0.extend_from_slice(&tables.problems.0);
    if !problems.0.is_empty() {
        return wrong(problems, options, context);
    }
    let summary = summary(&settings, &tables);
    if options.json {
        context.screen.json(&summary);
        return Ok(Exit::Done);
    }
    let screen = &mut context.screen;
    let none = screen.pick("（无）", "(none)").to_owned();
    let rows = [
        (screen.pick("配置文件", "file"), summary.file.clone().unwrap_or_else(|| none.clone())),
        (screen.pick("时区", "zone"), summary.zone.clone()),
        (screen.pick("服务单位编号", "serves"), summary.serves.join(" ")),
        (screen.pick("数据文件夹", "data"), summary.data.clone()),
        (screen.pick("收件文件夹", "inbox"), summary.inbox.clone().unwrap_or(none)),
        (screen.pick("插件", "plugins"), summary.plugins.join(" ")),
    ];
    let rows: Vec<Vec<String>> =
        rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
    let headings = [screen.pick("项目", "setting"), screen.pick("值", "value")];
    let headings = headings.map(str::to_owned);
    screen.table(&[&headings[0], &headings[1]], &rows);
    let exit = tell_of_plugins(&settings, &tables, screen);
    if exit != Exit::Done {
        return Ok(exit);
    }
    let text = screen.pick("配置正确", "the configuration is right").to_owned();
    screen.marked(Mark::Good, text);
    Ok(Exit::Done)
}

fn wrong(problems: Problems, options: Json, context: &mut Context) -> Outcome {
    if !options.json {
        return Err(problems.into());
    }
    problems.0.iter().for_each(|problem| context.screen.json(problem));
    Ok(Exit::Configuration)
}

/// Asks every approved plugin what its own table may hold.
async fn tables(settings: &Settings) -> Result<Tables<'_>, Failure> {
    let mut tables = Tables::default();
    let approved = approved(settings).await?;
    for plugin in settings.plugins().iter().filter(|plugin| plugin.file().is_file()) {
        let sha256 = approval::inspect(plugin.file());
        if !sha256.is_ok_and(|sha256| approved.contains(&sha256)) {
            tables.unapproved.push(plugin.id());
            continue;
        }
        let host = host(settings, approved.clone());
        match Carrier::describe(&plugin_settings(plugin), &host).await {
            Ok(descriptor) => {
                tables.checked.push(plugin.id());
                if let Err(found) = plugin.table().resolve(&descriptor.settings_schema) {
                    tables.problems.0.extend(found.0);
                }
            }
            Err(lost) => tables.silent.push((plugin.id(), lost.to_string())),
        }
    }
    Ok(tables)
}

/// SHA-256 of what was approved; nothing where no data is there yet.
async fn approved(settings: &Settings) -> Result<Vec<String>, Failure> {
    if !settings.data().join(folder::DATABASE).is_file() {
        return Ok(Vec::new());
    }
    let store = SqliteStore::open(settings.data()).await.map_err(Failure::data)?;
    let approvals = store.approvals().await.map_err(Failure::data)?;
    store.close().await;
    Ok(approvals.into_iter().map(|approval| approval.sha256).collect())
}

fn tell_of_plugins(settings: &Settings, tables: &Tables<'_>, screen: &mut Screen) -> Exit {
    let mut exit = Exit::Done;
    let missing = settings.plugins().iter().map(Plugin::file).filter(|file| !file.is_file());
    for file in missing {
        let text = screen.pick("没有这个插件文件", "no such plugin file");
        let text = format!("{text}: {}", file.display());
        screen.marked(Mark::Warning, text);
        exit = Exit::Findings;
    }
    for (plugin, detail) in &tables.silent {
        let text = screen.pick("问不到插件的设置", "a plugin could not be asked about its table");
        let text = format!("{text}: {plugin}: {detail}");
        screen.marked(Mark::Warning, text);
        exit = Exit::Findings;
    }
    if !tables.unapproved.is_empty() {
        let text = screen.pick(
            "未批准的插件，它们自己的设置没有检查",
            "not approved, so their own tables were not checked",
        );
        let text = format!("{text}: {}", tables.unapproved.join(" "));
        screen.marked(Mark::Faint, text);
    }
    exit
}

fn summary<'a>(settings: &'a Settings, tables: &Tables<'a>) -> Summary<'a> {
    Summary {
        file: settings.file().map(|path| path.display().to_string()),
        zone: settings.zone().to_string(),
        serves: settings.serves().iter().map(ToString::to_string).collect(),
        data: settings.data().display().to_string(),
        inbox: settings.inbox().map(|path| path.display().to_string()),
        plugins: settings.plugins().iter().map(|plugin| plugin.id()).collect(),
        checked: tables.checked.clone(),
        channels: settings.channels(),
    }
}
