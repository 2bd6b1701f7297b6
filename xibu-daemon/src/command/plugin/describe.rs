//! `plugin describe`: who a plugin is, and a commented sample of its settings, made from its own
//! schema.
//!
//! To be asked who it is a plugin must run; one that nobody approved is not, and then only its
//! file is told of.

use serde::Serialize;
use xibu_plugin_abi::message::Capability;

use super::super::Context;
use super::super::office::{Office, host, plugin_settings};
use super::super::outcome::{Exit, Failure, Outcome};
use super::super::screen::{Mark, Screen};
use super::unknown;
use crate::carrier::{Carrier, approval};
use crate::settings::schema::sample::sample;
use crate::store::Store;

/// What is told of a plugin, as `--json` prints it.
#[derive(Serialize)]
struct Told {
    plugin: String,
    carrier: &'static str,
    file: String,
    sha256: String,
    approved: bool,
    #[serde(flatten)]
    itself: Option<Itself>,
}

/// What it says itself.
#[derive(Serialize)]
struct Itself {
    id: String,
    title: String,
    version: String,
    capabilities: Vec<Capability>,
    settings_schema: serde_json::Value,
    sample: String,
}

pub(super) async fn run(id: &str, json: bool, office: &Office, context: &mut Context) -> Outcome {
    let told = look(id, office, context).await?;
    let screen = &mut context.screen;
    let exit = if told.approved { Exit::Done } else { Exit::Findings };
    if json {
        screen.json(&told);
    } else {
        show(&told, screen);
    }
    Ok(exit)
}

async fn look(id: &str, office: &Office, context: &Context) -> Result<Told, Failure> {
    let plugin = office.settings.plugin(id).ok_or_else(|| unknown(office, id))?;
    let sha256 = approval::inspect(plugin.file()).map_err(Failure::plugin)?;
    let approvals = office.store.approvals().await.map_err(Failure::data)?;
    let mut told = Told {
        plugin: id.to_owned(),
        carrier: plugin.carried().name(),
        file: plugin.file().display().to_string(),
        approved: approvals.iter().any(|approval| approval.sha256 == sha256),
        sha256,
        itself: None,
    };
    if told.approved {
        let host = host(&office.settings, vec![told.sha256.clone()]);
        let described = Carrier::describe(&plugin_settings(plugin), &host).await;
        let itself = described.map_err(Failure::plugin)?;
        let path = serde_json::Value::from(told.file.as_str());
        let carried = format!("{} = {path}", told.carrier);
        let language = context.language();
        told.itself = Some(Itself {
            sample: sample(id, &carried, &itself.settings_schema, language),
            id: itself.id,
            title: itself.title,
            version: itself.version,
            capabilities: itself.capabilities,
            settings_schema: itself.settings_schema,
        });
    }
    Ok(told)
}

fn show(told: &Told, screen: &mut Screen) {
    let carrier = match told.carrier {
        "library" => screen.pick("库文件", "library"),
        _ => screen.pick("程序", "program"),
    };
    let approved = match told.approved {
        true => screen.pick("已批准", "approved"),
        false => screen.pick("未批准", "not approved"),
    };
    let mut rows = vec![(screen.pick("插件", "plugin"), told.plugin.clone())];
    if let Some(itself) = &told.itself {
        let abilities: Vec<&str> =
            itself.capabilities.iter().map(|&one| ability(one, screen)).collect();
        rows.extend([
            (screen.pick("名称", "id"), itself.id.clone()),
            (screen.pick("说明", "title"), itself.title.clone()),
            (screen.pick("版本", "version"), itself.version.clone()),
            (screen.pick("能做", "capabilities"), abilities.join(screen.pick("、", ", "))),
        ]);
    }
    rows.extend([
        (carrier, told.file.clone()),
        ("sha256", told.sha256.clone()),
        (screen.pick("状态", "state"), approved.to_owned()),
    ]);
    let rows: Vec<Vec<String>> =
        rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
    let headings = [screen.pick("项目", "item"), screen.pick("值", "value")].map(str::to_owned);
    screen.table(&[&headings[0], &headings[1]], &rows);
    match &told.itself {
        Some(itself) => {
            screen.heading(screen.pick("配置样例", "Configuration sample"));
            screen.line(itself.sample.trim_end());
        }
        None => {
            let text = screen.pick(
                "批准以后才能问它自己：xibu-daemon plugin approve",
                "it is asked who it is once it is approved: xibu-daemon plugin approve",
            );
            let text = format!("{text} {}", told.plugin);
            screen.marked(Mark::Warning, text);
        }
    }
}

fn ability(capability: Capability, screen: &Screen) -> &'static str {
    let (chinese, english) = match capability {
        Capability::Notify => ("发消息", "notify"),
        Capability::Workbook => ("读写表格", "workbook"),
        Capability::Receipts => ("回报送达情况", "receipts"),
        Capability::Intake => ("收消息", "intake"),
        Capability::Feed => ("取招聘信息", "feed"),
        Capability::Unknown => ("其他", "other"),
    };
    screen.language.pick(chinese, english)
}
