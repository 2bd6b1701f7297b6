//! `check-config`: says everything that is wrong with the configuration, or what it amounts to.

use serde::Serialize;

use super::arguments::Json;
use super::outcome::{Exit, Outcome};
use super::screen::Mark;
use super::{Context, settings_of};
use crate::settings::{Plugin, Settings};

/// The configuration as a program may read it; no secret and no plugin's own table is in it.
#[derive(Serialize)]
struct Summary<'a> {
    file: Option<String>,
    zone: String,
    serves: Vec<String>,
    data: String,
    inbox: Option<String>,
    plugins: Vec<&'a str>,
    channels: &'a std::collections::BTreeMap<String, Vec<String>>,
}

/// Runs it.
pub(super) fn run(options: Json, context: &mut Context) -> Outcome {
    let settings = match settings_of(context.file.as_deref()) {
        Err(problems) if options.json => {
            problems.0.iter().for_each(|problem| context.screen.json(problem));
            return Ok(Exit::Configuration);
        }
        loaded => loaded?,
    };
    let summary = summary(&settings);
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
    let missing: Vec<String> = settings
        .plugins()
        .iter()
        .map(Plugin::library)
        .filter(|library| !library.is_file())
        .map(|library| library.display().to_string())
        .collect();
    if !missing.is_empty() {
        let text = screen.pick("没有这个插件库文件", "no such plugin library").to_owned();
        missing.iter().for_each(|path| screen.marked(Mark::Warning, format!("{text}: {path}")));
        return Ok(Exit::Findings);
    }
    let text = screen.pick("配置正确", "the configuration is right").to_owned();
    screen.marked(Mark::Good, text);
    Ok(Exit::Done)
}

fn summary(settings: &Settings) -> Summary<'_> {
    Summary {
        file: settings.file().map(|path| path.display().to_string()),
        zone: settings.zone().to_string(),
        serves: settings.serves().iter().map(ToString::to_string).collect(),
        data: settings.data().display().to_string(),
        inbox: settings.inbox().map(|path| path.display().to_string()),
        plugins: settings.plugins().iter().map(|plugin| plugin.id()).collect(),
        channels: settings.channels(),
    }
}
