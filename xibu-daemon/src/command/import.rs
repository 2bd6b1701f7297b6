//! `intake` and `import`: reads workbooks; `import` records what they say, `intake` only shows it.
//!
//! `intake` also works where there is no configuration and no data: then every office is unknown,
//! and the house's own library beside this program is used.

use std::collections::BTreeSet;
use std::path::PathBuf;

use xibu_core::world::World;

use super::Context;
use super::arguments::{Import, Intake};
use super::office::Office;
use super::outcome::{Exit, Failure, Outcome};
use super::reading::{WORKBOOK_PLUGIN, arrival, print, workbook_plugin};
use super::{folder, screen::Mark};
use crate::carrier::{Carrier, Host, MEMORY_MAX_BYTES, PluginSettings, approval};
use crate::intake::{FileOutcome, FileReport, Finding, examine, read};
use crate::record::{Record, enable_rules};
use crate::store::SqliteStore;

/// Runs `import`.
pub(super) async fn run(options: &Import, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    let workbook = workbook_plugin(&office).await?;
    let mut record = Record::load(&office.store).await.map_err(Failure::data)?;
    let now = office.clock.now();
    enable_rules(&office.store, &mut record, now).await.map_err(Failure::data)?;
    let mut worst = Exit::Done;
    for path in &options.files {
        let arrival = arrival(path, options.received_at, office.clock.now())?;
        let report = office.take_in(&workbook, &mut record, &arrival).await?;
        let exit = print(&path.display().to_string(), &report, options.json, &mut context.screen);
        if exit != Exit::Done {
            worst = exit;
        }
    }
    workbook.stop().await;
    Ok(worst)
}

/// Runs `intake`.
pub(super) async fn dry_run(options: &Intake, context: &mut Context) -> Outcome {
    let file = options.file.display().to_string();
    if context.file.is_some() {
        let office = Office::open(context).await?;
        let workbook = workbook_plugin(&office).await?;
        let record = Record::load(&office.store).await.map_err(Failure::data)?;
        let now = office.clock.now();
        let arrival = arrival(&options.file, None, now)?;
        let reading = read(&workbook, &arrival, now).await.map_err(Failure::plugin)?;
        let report = examine(&office.store, record.world(), &arrival, &reading).await;
        workbook.stop().await;
        return Ok(print(
            &file,
            &report.map_err(Failure::data)?,
            options.json,
            &mut context.screen,
        ));
    }
    let scratch = Scratch::make()?;
    let settings = context.settings()?;
    let now = crate::failpoint::clock(settings.zone()).now();
    let arrival = arrival(&options.file, None, now)?;
    let workbook = house_plugin(&scratch)?;
    let store = SqliteStore::open(&scratch.0.join("data")).await.map_err(Failure::data)?;
    let reading = read(&workbook, &arrival, now).await.map_err(Failure::plugin)?;
    let report = examine(&store, &World::default(), &arrival, &reading).await;
    workbook.stop().await;
    store.close().await;
    let report = sheets_alone(report.map_err(Failure::data)?);
    let exit = print(&file, &report, options.json, &mut context.screen);
    if !options.json {
        let text = context.screen.pick(
            "没有配置和数据：只看了表格本身，没有与已登记的单位、人员核对",
            "no configuration and no data: only the sheet itself was looked at, nothing was compared",
        );
        let text = text.to_owned();
        context.screen.marked(Mark::Faint, text);
    }
    Ok(exit)
}

/// Without data every office is unknown: a row refused for nothing else counts as taken.
fn sheets_alone(mut report: FileReport) -> FileReport {
    const NEED_DATA: [&str; 2] = ["office_unknown", "superior_unknown"];
    for sheet in &mut report.sheets {
        let rows = |findings: &[Finding]| -> BTreeSet<u32> {
            let refused = findings.iter().filter(|finding| !finding.only_warning);
            refused.map(|finding| finding.place.row).collect()
        };
        let before = rows(&sheet.findings).len();
        sheet.findings.retain(|finding| !NEED_DATA.contains(&finding.reason.as_str()));
        let taken = before - rows(&sheet.findings).len();
        sheet.accepted += taken;
        sheet.refused -= taken.min(sheet.refused);
        if taken > 0 && report.outcome == FileOutcome::NothingTaken {
            report.outcome = FileOutcome::Taken;
        }
    }
    report
}

/// The workbook library beside this program.
pub(super) fn house_plugin(scratch: &Scratch) -> Result<Carrier, Failure> {
    house_library(scratch, "xibu_spreadsheet", WORKBOOK_PLUGIN, serde_json::json!({}))
}

/// A library beside this program, as trusted as the program itself.
pub(super) fn house_library(
    scratch: &Scratch,
    library: &str,
    id: &str,
    table: serde_json::Value,
) -> Result<Carrier, Failure> {
    let library = folder::library_beside_program(library)?;
    let plugins = scratch.0.join("plugins");
    folder::make_private(&plugins)?;
    let library = folder::copy_library(&library, &plugins)?;
    let sha256 = approval::inspect(&library).map_err(Failure::plugin)?;
    let settings = PluginSettings {
        id: id.to_owned(),
        library: Some(library),
        settings: table,
        memory_max_bytes: MEMORY_MAX_BYTES,
    };
    let host = Host::new(plugins.clone(), plugins, vec![sha256]);
    Ok(Carrier::new(settings, host))
}

/// A folder of our own under the system's, gone when dropped.
pub(super) struct Scratch(pub(super) PathBuf);

impl Scratch {
    pub(super) fn make() -> Result<Self, Failure> {
        let name = format!("xibu-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        folder::make_private_new(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
