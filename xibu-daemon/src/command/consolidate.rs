//! `consolidate`: a county's or the city's month put together, shown, and written as .xlsx and
//! .docx.
//!
//! Only reads the record. What the figures are is the core's, how the form looks `workbook`'s.

use std::path::{Path, PathBuf};

use serde::Serialize;
use xibu_core::consolidation::{Column, Confirmed, Consolidation, State, confirmed};
use xibu_core::obligation::Timeliness;
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::returns::Answer;
use xibu_core::world::World;
use xibu_plugin_abi::message::{Workbook, WorkbookFormat};

use super::arguments::Consolidate;
use super::office::Office;
use super::outcome::{Exit, Failure, Outcome};
use super::screen::{Mark, Screen};
use super::{Context, city, folder, reading};
use crate::language::Language;
use crate::workbook::{
    Consolidated, city_form, consolidate, consolidate_city, consolidated, written_as,
};

/// A county's line of `--json`.
#[derive(Serialize)]
struct Line<'a> {
    kind: &'static str,
    name: &'a str,
    #[serde(flatten)]
    consolidation: &'a Consolidation,
    confirmation: Confirmed<'a>,
    files: Vec<String>,
}

/// Runs it.
pub(super) async fn run(options: &Consolidate, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    let world = office.world().await?;
    match world.office(options.office).map(|known| known.kind) {
        Some(OfficeKind::County) => county(options, &office, &world, context).await,
        Some(OfficeKind::City) => whole_city(options, &office, &world, context).await,
        _ => Err(no_such_office(options.office)),
    }
}

/// Neither a county nor a city.
pub(super) fn no_such_office(office: OfficeId) -> Failure {
    Failure::new(
        Exit::Data,
        format!("{office} 不是区县或市项目办；编号见 status 和通讯录"),
        format!("{office} is no county and no city; numbers stand in `status` and the directory"),
    )
}

async fn county(
    options: &Consolidate,
    office: &Office,
    world: &World,
    context: &mut Context,
) -> Outcome {
    let names = office.names_at(world, options.office).await?;
    let at = super::explain::last_known(office).await?;
    let rulebook = office.settings.rulebook();
    let (county, name_of) = ((options.office, options.period), |id| names.get(&id).cloned());
    let form = consolidate(world, rulebook, county, at, name_of);
    let version = form.consolidation.version.to_string();
    let stem = format!("{}-{}-月报告单-{}", options.office, options.period, &version[..8]);
    let (files, all_new) =
        write(options.out.as_deref(), &stem, &consolidated(&form), office).await?;
    let confirmed = confirmed(world, &form.consolidation);
    let screen = &mut context.screen;
    if options.json {
        screen.json(&Line {
            kind: "consolidation",
            name: &form.name,
            consolidation: &form.consolidation,
            confirmation: confirmed,
            files: files.iter().map(|path| path.display().to_string()).collect(),
        });
    } else {
        print(&form, confirmed, screen);
        tell_files(&files, all_new, screen);
    }
    let waits = form.consolidation.missing().next().is_some()
        || matches!(confirmed, Confirmed::ChangedSince { .. });
    Ok(if waits || !all_new { Exit::Findings } else { Exit::Done })
}

async fn whole_city(
    options: &Consolidate,
    office: &Office,
    world: &World,
    context: &mut Context,
) -> Outcome {
    let names = office.names_at(world, options.office).await?;
    let at = super::explain::last_known(office).await?;
    let rulebook = office.settings.rulebook();
    let (whose, name_of) = ((options.office, options.period), |id| names.get(&id).cloned());
    let form = consolidate_city(world, rulebook, whose, at, name_of);
    let version = form.month.version.to_string();
    let stem = format!("{}-{}-月报汇总表-{}", options.office, options.period, &version[..8]);
    let (files, all_new) = write(options.out.as_deref(), &stem, &city_form(&form), office).await?;
    let screen = &mut context.screen;
    let exit = city::show(std::slice::from_ref(&form.month), world, options.json, screen);
    if !options.json {
        tell_files(&files, all_new, screen);
    }
    Ok(if all_new { exit } else { Exit::Findings })
}

/// Writes the form in both formats; where, and whether none was there before.
async fn write(
    out: Option<&Path>,
    stem: &str,
    workbook: &Workbook,
    office: &Office,
) -> Result<(Vec<PathBuf>, bool), Failure> {
    let Some(out) = out else { return Ok((Vec::new(), true)) };
    folder::make_private(out)?;
    let plugin = reading::workbook_plugin(office).await?;
    let now = office.clock.now().unix_ms;
    let (mut files, mut all_new) = (Vec::new(), true);
    for (format, end) in [(WorkbookFormat::Xlsx, "xlsx"), (WorkbookFormat::Docx, "docx")] {
        let bytes = written_as(&plugin, workbook.clone(), format, now).await;
        let path = out.join(format!("{stem}.{end}"));
        all_new &= folder::write_new(&path, &bytes.map_err(Failure::plugin)?)?;
        files.push(path);
    }
    plugin.stop().await;
    Ok((files, all_new))
}

fn tell_files(files: &[PathBuf], all_new: bool, screen: &mut Screen) {
    for path in files {
        let text = screen.pick("报告单", "form").to_owned();
        screen.line(format!("{text}: {}", path.display()));
    }
    if !all_new {
        let text = screen.pick("已有同名文件，没有改动它", "a file of that name was left alone");
        let text = text.to_owned();
        screen.marked(Mark::Warning, text);
    }
}

fn print(form: &Consolidated, confirmed: Confirmed<'_>, screen: &mut Screen) {
    let (consolidation, language) = (&form.consolidation, screen.language);
    screen.line(format!("{}（{}）{}", form.name, consolidation.county, consolidation.period));
    let rows: Vec<Vec<String>> = Column::ALL
        .into_iter()
        .map(|column| {
            let said = match consolidation.sums.get(column).answer() {
                Answer::Unanswered => language.pick("未填", "unanswered").to_owned(),
                Answer::Nil => language.pick("无", "nil").to_owned(),
                Answer::Told(count) => count.to_string(),
            };
            vec![language.pick(column.title(), column.name()).to_owned(), said]
        })
        .collect();
    let headings = [language.pick("项目", "column"), language.pick("合计", "sum")];
    screen.table(&headings, &rows);
    let figures = consolidation.figures;
    let came = figures.expected - figures.silent;
    screen.line(match language {
        Language::Chinese => format!("应报 {} 家，已报 {came} 家", figures.expected),
        Language::English => format!("{came} of {} units are in", figures.expected),
    });
    let of = |state| consolidation.units.iter().filter(move |unit| unit.state == state);
    let late = consolidation
        .units
        .iter()
        .filter(|unit| unit.timeliness == Some(Timeliness::Late))
        .map(|unit| unit.office);
    list(form, screen, ("未报", "silent"), of(State::Silent).map(|unit| unit.office));
    list(form, screen, ("待核对", "held"), of(State::Held).map(|unit| unit.office));
    list(form, screen, ("已退回", "sent back"), of(State::SentBack).map(|unit| unit.office));
    list(form, screen, ("迟报", "late"), late);
    for (unit, why) in &consolidation.not_owing {
        let name = form.unit_names.get(unit).map_or("", String::as_str);
        let why = xibu_core::explain::why_not_owed(*why).text(language.into()).to_owned();
        screen.marked(Mark::Faint, format!("{name}（{unit}）: {why}"));
    }
    tell_confirmed(confirmed, screen);
    let text = screen.pick("汇总版本", "version").to_owned();
    screen.line(format!("{text}: {}", consolidation.version));
}

fn list(
    form: &Consolidated,
    screen: &mut Screen,
    label: (&str, &str),
    units: impl Iterator<Item = OfficeId>,
) {
    let name = |unit: OfficeId| form.unit_names.get(&unit).map_or("", String::as_str);
    let names: Vec<String> = units.map(|unit| format!("{}（{unit}）", name(unit))).collect();
    if !names.is_empty() {
        let label = screen.pick(label.0, label.1).to_owned();
        screen.marked(Mark::Warning, format!("{label}: {}", names.join("、")));
    }
}

/// How the county's word stands to what is there now.
fn tell_confirmed(confirmed: Confirmed<'_>, screen: &mut Screen) {
    let (mark, chinese, english) = match confirmed {
        Confirmed::No => (Mark::Plain, "区县尚未确认", "the county has not confirmed it"),
        Confirmed::Yes { .. } => (Mark::Good, "区县已确认", "the county confirmed it"),
        Confirmed::ChangedSince { .. } => (
            Mark::Warning,
            "区县确认之后又有变化，要重新确认；已确认的没有改动",
            "it has changed since the county confirmed; what was confirmed stands as it was",
        ),
    };
    let when = match confirmed {
        Confirmed::No => String::new(),
        Confirmed::Yes { word } | Confirmed::ChangedSince { word } => {
            let by = word.by.map(|by| by.to_string()).unwrap_or_default();
            format!(" {} {by}", word.at.format("%Y-%m-%d %H:%M"))
        }
    };
    let text = format!("{}{when}", screen.pick(chinese, english));
    screen.marked(mark, text.trim_end());
}
