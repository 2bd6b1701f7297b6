//! What became of a file, printed: rows taken and refused, sheet by sheet, with place and reason.
//!
//! Shared by `intake`, which records nothing, and `import`.

use std::fs;
use std::path::Path;

use chrono::{NaiveDateTime, TimeZone};
use serde::Serialize;
use xibu_core::intake::SheetKind;
use xibu_plugin_abi::message::Workbook;

use super::office::{Office, host, plugin_settings};
use super::outcome::{Exit, Failure};
use super::screen::{Mark, Screen};
use crate::carrier::{Carrier, Host};
use crate::clock::Now;
use crate::intake::{Arrival, FileOutcome, FileReport, Finding};
use crate::language::Language;
use crate::workbook::written;

/// The configuration's name of the workbook plugin.
pub(crate) const WORKBOOK_PLUGIN: &str = "spreadsheet";

/// A file's line of `--json`.
#[derive(Serialize)]
struct FileLine<'a> {
    kind: &'static str,
    file: &'a str,
    outcome: FileOutcome,
    document: Option<u64>,
    accepted: usize,
    refused: usize,
    changes: usize,
    new_offices: usize,
    new_people: usize,
    profiles: usize,
    returns: &'a [String],
}

/// A row's line of `--json`.
#[derive(Serialize)]
struct RowLine<'a> {
    kind: &'static str,
    file: &'a str,
    sheet: &'a str,
    row: u32,
    column: Option<&'a str>,
    heading: Option<&'a str>,
    reason: &'a str,
    message_zh: &'a str,
    message_en: &'a str,
}

/// The workbook plugin of an office, allowed what a person approved.
pub(crate) async fn workbook_plugin(office: &Office) -> Result<Carrier, Failure> {
    let plugin = office.settings.plugin(WORKBOOK_PLUGIN).ok_or_else(|| {
        Failure::new(
            Exit::Configuration,
            "配置里没有 [plugin.spreadsheet]，表格读不了",
            "the configuration has no [plugin.spreadsheet], so no workbook can be read",
        )
    })?;
    let host: Host = host(&office.settings, office.approved().await?);
    Ok(Carrier::new(plugin_settings(plugin), host))
}

/// A workbook as a file, written by the workbook plugin.
pub(crate) async fn write(
    plugin: &Carrier,
    workbook: &Workbook,
    now_unix_ms: i64,
) -> Result<Vec<u8>, Failure> {
    written(plugin, workbook.clone(), now_unix_ms).await.map_err(Failure::plugin)
}

/// A file as it lies there; it came when it was last written, never after now.
pub(crate) fn arrival(
    path: &Path,
    received_at: Option<NaiveDateTime>,
    now: Now,
) -> Result<Arrival, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::file(path, error))?;
    let written = fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    let written = written.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let written = written.and_then(|since| {
        let seconds = i64::try_from(since.as_secs()).ok()?;
        Some(now.zone.timestamp_opt(seconds, 0).single()?.naive_local())
    });
    let received_at = received_at.or(written).unwrap_or(now.civil).min(now.civil);
    let file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Arrival { file_name, bytes, received_at, by: "clerk".to_owned() })
}

/// Prints what became of a file; the exit code it deserves.
pub(crate) fn print(file: &str, report: &FileReport, json: bool, screen: &mut Screen) -> Exit {
    let accepted: usize = report.sheets.iter().map(|sheet| sheet.accepted).sum();
    let refused: usize = report.sheets.iter().map(|sheet| sheet.refused).sum();
    if json {
        screen.json(&FileLine {
            kind: "file",
            file,
            outcome: report.outcome,
            document: report.document,
            accepted,
            refused,
            changes: report.changes,
            new_offices: report.new_offices,
            new_people: report.new_people,
            profiles: report.profiles,
            returns: &report.returns,
        });
        for finding in report.sheets.iter().flat_map(|sheet| &sheet.findings) {
            print_json(file, finding, screen);
        }
    } else {
        print_text(file, report, screen);
    }
    let fine = matches!(report.outcome, FileOutcome::Taken | FileOutcome::KnownBefore);
    if fine && refused == 0 { Exit::Done } else { Exit::Findings }
}

fn print_json(file: &str, finding: &Finding, screen: &mut Screen) {
    screen.json(&RowLine {
        kind: if finding.only_warning { "warning" } else { "refused" },
        file,
        sheet: &finding.place.sheet,
        row: finding.place.row,
        column: finding.place.column.as_deref(),
        heading: finding.heading.as_deref(),
        reason: &finding.reason,
        message_zh: &finding.message_zh,
        message_en: &finding.message_en,
    });
}

fn print_text(file: &str, report: &FileReport, screen: &mut Screen) {
    let language = screen.language;
    let (mark, outcome) = outcome(report.outcome, language);
    screen.marked(mark, format!("{file}: {outcome}"));
    if let Some(remedy) = report.remedy(language.into()) {
        screen.marked(Mark::Warning, format!("  {remedy}"));
    }
    for sheet in &report.sheets {
        let kind = sheet.kind.map_or_else(
            || screen.pick("未识别，跳过", "not recognised, passed over"),
            |kind| kind_name(kind, language),
        );
        let (name, accepted, refused) = (&sheet.name, sheet.accepted, sheet.refused);
        let line = match language {
            Language::Chinese => format!("  {name}（{kind}）：收 {accepted} 行，退回 {refused} 行"),
            Language::English => format!("  {name} ({kind}): {accepted} taken, {refused} refused"),
        };
        screen.line(line);
        for finding in &sheet.findings {
            let mark = if finding.only_warning { Mark::Faint } else { Mark::Warning };
            screen.marked(mark, format!("    {}", finding.message(language.into())));
        }
        if !sheet.ignored_headings.is_empty() {
            let text = screen.pick("没有用到的表头", "headings not used").to_owned();
            let headings = sheet.ignored_headings.join(" ");
            screen.marked(Mark::Faint, format!("    {text}: {headings}"));
        }
    }
    for key in &report.returns {
        let text = screen.pick("报告单", "return").to_owned();
        screen.line(format!("  {text}: {key}"));
    }
    let FileReport { changes, new_offices, new_people, profiles, .. } = report;
    let line = match language {
        Language::Chinese => {
            format!("  变更 {changes} 条，新单位 {new_offices} 个，新人员 {new_people} 人")
        }
        Language::English => {
            format!("  {changes} changes, {new_offices} new offices, {new_people} new people")
        }
    };
    screen.line(line);
    if *profiles > 0 {
        let text = screen.pick("求职意向", "people's wishes").to_owned();
        screen.line(format!("  {text}: {profiles}"));
    }
}

fn outcome(outcome: FileOutcome, language: Language) -> (Mark, &'static str) {
    match outcome {
        FileOutcome::KnownBefore => {
            (Mark::Faint, language.pick("以前读过，没有变化", "read before, nothing changes"))
        }
        FileOutcome::Unread => (
            Mark::Warning,
            language
                .pick("读不出来，已登记为收到、待人看", "not readable: kept as received, unread"),
        ),
        FileOutcome::HeldUnread => (
            Mark::Warning,
            language.pick(
                "读不出来，文件名也看不出是谁的，待人看",
                "not readable, and its name does not say whose it is: a person must look",
            ),
        ),
        FileOutcome::NothingTaken => {
            (Mark::Bad, language.pick("没有一行可收", "no row could be taken"))
        }
        FileOutcome::Taken => (Mark::Good, language.pick("已读", "read")),
    }
}

fn kind_name(kind: SheetKind, language: Language) -> &'static str {
    match kind {
        SheetKind::Directory => language.pick("通讯录", "directory"),
        SheetKind::Roster => language.pick("花名册", "roster"),
        SheetKind::Report => language.pick("报告单", "return"),
        SheetKind::Wishes => language.pick("求职意向登记表", "wishes"),
    }
}
