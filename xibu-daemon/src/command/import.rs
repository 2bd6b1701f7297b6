//! `intake` and `import`: reads workbooks; `import` records what they say, `intake` only shows it.
//!
//! `intake` also works where there is no configuration and no data: then every office is unknown,
//! and the house's own library beside this program is used.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use xibu_core::parameter::Rulebook;
use xibu_core::world::World;

use super::Context;
use super::arguments::{Import, Intake};
use super::folder;
use super::office::Office;
use super::outcome::{Exit, Failure, Outcome};
use super::reading::{WORKBOOK_PLUGIN, arrival, print, workbook_plugin};
use super::screen::{Mark, Screen};
use crate::carrier::{Carrier, Host, MEMORY_MAX_BYTES, PluginSettings, approval};
use crate::clock::Now;
use crate::intake::{
    FileOutcome, FileRead, FileReport, Finding, Proof, WITHIN, examine, marked, read,
};
use crate::record::{Record, enable_rules};
use crate::settings::Carried;
use crate::store::SqliteStore;

/// The longest a workbook may take to be marked, in real time.
const ANSWER_MAX: Duration = Duration::from_secs(60);

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
        for came in office.take_in(&workbook, &mut record, arrival).await? {
            let file = label(path, came.inside.as_deref());
            let exit = print(&file, &came.report, options.json, &mut context.screen);
            worst = worse(worst, exit);
        }
    }
    workbook.stop().await;
    Ok(worst)
}

/// Runs `intake`.
pub(super) async fn dry_run(options: &Intake, context: &mut Context) -> Outcome {
    if context.file.is_some() {
        let office = Office::open(context).await?;
        let workbook = workbook_plugin(&office).await?;
        let record = Record::load(&office.store).await.map_err(Failure::data)?;
        let now = office.clock.now();
        let against = (record.world(), office.settings.rulebook());
        let known = Known { store: &office.store, against, workbook: &workbook, now };
        let exit = dry_run_all(options, &known, |report| report, &mut context.screen).await;
        workbook.stop().await;
        return exit;
    }
    let scratch = Scratch::make()?;
    let settings = context.settings()?;
    let now = crate::failpoint::clock(settings.zone()).now();
    let workbook = house_plugin(&scratch)?;
    let store = SqliteStore::open(&scratch.0.join("data")).await.map_err(Failure::data)?;
    let world = World::default();
    let against = (&world, settings.rulebook());
    let known = Known { store: &store, against, workbook: &workbook, now };
    let exit = dry_run_all(options, &known, sheets_alone, &mut context.screen).await;
    workbook.stop().await;
    store.close().await;
    if exit.is_ok() && !options.json {
        let text = context.screen.pick(
            "没有配置和数据：只看了表格本身，没有与已登记的单位、人员核对",
            "no configuration and no data: only the sheet itself was looked at, nothing was compared",
        );
        let text = text.to_owned();
        context.screen.marked(Mark::Faint, text);
    }
    exit
}

/// Against what a file is looked at.
struct Known<'k> {
    store: &'k SqliteStore,
    against: (&'k World, &'k Rulebook),
    workbook: &'k Carrier,
    now: Now,
}

async fn dry_run_all(
    options: &Intake,
    known: &Known<'_>,
    seen_as: impl Fn(FileReport) -> FileReport,
    screen: &mut Screen,
) -> Outcome {
    let mut worst = Exit::Done;
    for path in &options.files {
        let arrival = arrival(path, None, known.now)?;
        let files = read(known.workbook, arrival, known.now).await.map_err(Failure::plugin)?;
        for file in files {
            let report = examine(known.store, known.against, &file.arrival, &file.reading).await;
            let report = seen_as(report.map_err(Failure::data)?);
            if let Some(out) = &options.answer {
                answer(out, &file, &report, known, screen).await?;
            }
            let exit = print(&label(path, file.inside().as_deref()), &report, options.json, screen);
            worst = worse(worst, exit);
        }
    }
    Ok(worst)
}

/// Writes the workbook that would be sent back: to a new file, or under its own name into a folder.
async fn answer(
    out: &Path,
    file: &FileRead,
    report: &FileReport,
    known: &Known<'_>,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let mask = report.proved != Some(Proof::Fits);
    let (arrival, now) = (&file.arrival, known.now);
    let answer = marked::answer(known.workbook, arrival, report, now, ANSWER_MAX, mask).await;
    let Some((name, bytes)) = answer.map_err(Failure::plugin)? else {
        let text = screen.pick("不是能标注的表格，没有写出", "not a workbook that can be marked");
        let text = text.to_owned();
        screen.marked(Mark::Warning, text);
        return Ok(());
    };
    let path = if out.is_dir() { out.join(name) } else { out.to_owned() };
    match folder::write_new(&path, &bytes)? {
        true => Ok(()),
        false => Err(Failure::file(&path, "already there; nothing was written over")),
    }
}

fn worse(worst: Exit, exit: Exit) -> Exit {
    if exit == Exit::Done { worst } else { exit }
}

/// The file as it was named, and behind it the file within it.
fn label(path: &Path, inside: Option<&str>) -> String {
    let path = path.display();
    inside.map_or_else(|| path.to_string(), |inside| format!("{path}{WITHIN}{inside}"))
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
        carried: Some(Carried::Library(library)),
        settings: table.into(),
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
