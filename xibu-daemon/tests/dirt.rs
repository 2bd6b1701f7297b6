//! Dirty workbooks by the programs that offices use, judged cell by cell by
//! `tests/dirt/table.json`, which was written before the reader.
//!
//! The files are made here by `tests/checkers/dirt.py`; our own writer makes the last of them.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "carrier/library.rs"]
mod library;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Asia::Shanghai;
use library::place;
use serde::Deserialize;
use serde_json::{Value, json};
use xibu_core::cell::Sheet;
use xibu_core::intake::report::ReportRow;
use xibu_core::intake::roster::RosterRow;
use xibu_core::intake::{Intake, Refused, SheetKind, recognise, report, roster};
use xibu_core::returns::Answer;
use xibu_daemon::carrier::Carrier;
use xibu_daemon::clock::Now;
use xibu_daemon::intake::{Arrival, Reading, read};
use xibu_daemon::workbook::written;
use xibu_plugin_abi::message::{CellOut, CellOutValue, SheetOut, Style, Workbook};

#[derive(Deserialize)]
struct Table {
    seed: u64,
    received: NaiveDate,
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    kind: String,
    of: String,
    sheets: Vec<Page>,
}

#[derive(Deserialize)]
struct Page {
    name: String,
    hidden: Option<String>,
    merges: Vec<String>,
    rows: Vec<Row>,
    /// Of a form: what must be read of the whole, or refused.
    #[serde(flatten)]
    fate: Fate,
    #[serde(default, rename = "in")]
    within: BTreeMap<String, Fate>,
}

#[derive(Deserialize)]
struct Row {
    row: u32,
    cells: BTreeMap<String, Cell>,
    #[serde(flatten)]
    fate: Fate,
    /// What becomes of it in the file of a program that cannot hold what the line says.
    #[serde(default, rename = "in")]
    within: BTreeMap<String, Fate>,
}

#[derive(Deserialize, Default)]
struct Fate {
    accepted: Option<BTreeMap<String, Value>>,
    refused: Option<Vec<(String, String)>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Cell {
    Text(String),
    Number { number: f64 },
    Date { date: String },
    Error { error: String },
    Formula { shows: Box<Cell> },
    Whole(i64),
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The interpreter that has the programs of `tests/requirements.txt`; `tests/run` makes it.
fn maker() -> Command {
    let target = Path::new(library::DAEMON).parent().and_then(Path::parent).unwrap();
    let python = target.join("python/bin/python");
    assert!(python.exists(), "{} is missing: run tests/run, which makes it", python.display());
    let mut command = Command::new(python);
    command.arg(root().join("tests/checkers/dirt.py")).env("PYTHONHASHSEED", "0");
    command
}

fn table_text() -> String {
    std::fs::read_to_string(root().join("tests/dirt/table.json")).unwrap()
}

#[test]
fn the_table_is_what_its_seed_gives() {
    let table: Table = serde_json::from_str(&table_text()).unwrap();
    let made = maker().args(["table", &table.seed.to_string()]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(
        made.stdout == table_text().as_bytes(),
        "tests/dirt/table.json is not what dirt.py makes"
    );
}

/// What went wrong, over everything.
#[derive(Default)]
struct Wrong {
    wrongly_accepted: Vec<String>,
    good_refused: Vec<String>,
    other_reason: Vec<String>,
    /// Per program and kind: good lines taken, bad lines refused.
    matrix: BTreeMap<String, BTreeMap<String, (u32, u32)>>,
}

impl Wrong {
    fn counted(&mut self, program: &str, kind: &str) -> &mut (u32, u32) {
        self.matrix.entry(program.into()).or_default().entry(kind.into()).or_default()
    }
}

#[tokio::test]
async fn dirty_files_of_every_program_are_read_as_the_table_says() {
    let text = table_text();
    let table: Table = serde_json::from_str(&text).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut made = maker();
    made.arg("files").arg(root().join("tests/dirt/table.json")).arg(folder.path());
    let made = made.output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let place = place("xibu-spreadsheet");
    let carrier = Carrier::start(place.settings(json!({})), place.host.clone()).await.unwrap();
    let mut wrong = Wrong::default();
    let mut programs: Vec<(String, Option<PathBuf>)> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), Some(path)))
        .collect();
    programs.push(("rust_xlsxwriter-xlsx".into(), None));
    programs.sort();
    assert_eq!(programs.len(), 7, "{programs:?}");
    for (program, files) in &programs {
        for file in &table.files {
            let bytes = match files {
                Some(folder) => {
                    let extension = program.rsplit('-').next().unwrap();
                    std::fs::read(folder.join(format!("{}.{extension}", file.kind))).unwrap()
                }
                None => written(&carrier, ours(file), 0).await.unwrap(),
            };
            // The name says nothing: what it is stands in the bytes.
            let sheets =
                sheets(&carrier, "交来的表.xls", bytes, &format!("{program}/{}", file.kind)).await;
            judge(program, file, &sheets, table.received, &mut wrong);
        }
    }
    say_matrix(&wrong);
    for (what, found) in [
        ("wrongly accepted", &wrong.wrongly_accepted),
        ("good and refused", &wrong.good_refused),
        ("refused at another place or for another reason", &wrong.other_reason),
    ] {
        assert!(found.is_empty(), "{}: {what}\n{}", found.len(), found.join("\n"));
    }
}

async fn sheets(carrier: &Carrier, name: &str, bytes: Vec<u8>, what: &str) -> Vec<Sheet> {
    let at: NaiveDateTime =
        NaiveDate::from_ymd_opt(2026, 6, 20).unwrap().and_hms_opt(9, 0, 0).unwrap();
    let arrival = Arrival { file_name: name.into(), bytes, received_at: at, by: "clerk".into() };
    let mut files = read(carrier, arrival, Now::at_civil(at, Shanghai)).await.unwrap();
    assert_eq!(files.len(), 1, "{what}");
    match files.remove(0).reading {
        Reading::Sheets(sheets) => {
            sheets.into_iter().filter(|read| !read.hidden).map(|read| read.sheet).collect()
        }
        unreadable @ Reading::Unreadable { .. } => panic!("{what}: {unreadable:?}"),
    }
}

/// The file as our own writer makes it: values only, an error as the word that it shows.
fn ours(file: &File) -> Workbook {
    let sheets = file.sheets.iter().map(|page| {
        let cells = page.rows.iter().flat_map(|row| {
            row.cells.iter().map(|(column, cell)| CellOut {
                row: row.row - 1,
                column: u32::from(column.as_bytes()[0] - b'A'),
                value: out(cell),
                style: Style::Body,
                note: None,
            })
        });
        SheetOut {
            name: page.name.clone(),
            hidden: page.hidden.is_some(),
            cells: cells.collect(),
            merges: page.merges.iter().map(|area| area_of(area)).collect(),
            ..SheetOut::default()
        }
    });
    Workbook { sheets: sheets.collect(), ..Workbook::default() }
}

fn out(cell: &Cell) -> CellOutValue {
    match cell {
        Cell::Text(text) => CellOutValue::Text(text.clone()),
        Cell::Number { number } => CellOutValue::Number(*number),
        Cell::Whole(number) => CellOutValue::Number(*number as f64),
        Cell::Date { date } => CellOutValue::Date(date.clone()),
        Cell::Error { error } => CellOutValue::Text(error.clone()),
        Cell::Formula { shows } => out(shows),
    }
}

fn area_of(area: &str) -> [u32; 4] {
    let (first, last) = area.split_once(':').unwrap();
    let place = |place: &str| {
        (place[1..].parse::<u32>().unwrap() - 1, u32::from(place.as_bytes()[0] - b'A'))
    };
    let ((first_row, first_column), (last_row, last_column)) = (place(first), place(last));
    [first_row, first_column, last_row, last_column]
}

/// Compares what the core makes of the sheets with the table.
fn judge(program: &str, file: &File, sheets: &[Sheet], received: NaiveDate, wrong: &mut Wrong) {
    let shown: Vec<&Page> = file.sheets.iter().filter(|page| page.hidden.is_none()).collect();
    let kind = &file.kind;
    assert_eq!(sheets.len(), shown.len(), "{program}/{kind}: sheets that are shown");
    for (page, sheet) in shown.into_iter().zip(sheets) {
        let what = format!("{program}/{kind}/{}", page.name);
        let seen = recognise(sheet).map(|seen| seen.kind);
        match (file.of.as_str(), seen) {
            ("roster", Some(SheetKind::Roster)) => {
                let (good, bad) = judge_roster(&what, page, &roster::read(sheet), wrong);
                let counted = wrong.counted(program, kind);
                *counted = (counted.0 + good, counted.1 + bad);
            }
            ("return", Some(SheetKind::Report)) => {
                let taken = judge_form(&what, page, &report::read(sheet, received), wrong);
                let counted = wrong.counted(program, kind);
                *counted = (counted.0 + u32::from(taken), counted.1 + u32::from(!taken));
            }
            // A sheet of a drop-down's words and the like is nothing.
            (_, None) if page.says_nothing() => {}
            (of, seen) => wrong.good_refused.push(format!("{what}: a {of} seen as {seen:?}")),
        }
    }
}

impl Fate {
    fn is_none(&self) -> bool {
        self.accepted.is_none() && self.refused.is_none()
    }
}

impl Page {
    fn says_nothing(&self) -> bool {
        self.fate.is_none() && self.rows.iter().all(|row| row.fate.is_none())
    }
}

fn program(what: &str) -> &str {
    what.split('/').next().unwrap()
}

/// Good lines taken and bad lines refused as they must be.
fn judge_roster(
    what: &str,
    page: &Page,
    came: &Intake<RosterRow>,
    wrong: &mut Wrong,
) -> (u32, u32) {
    let mut counts = (0, 0);
    let mut expected_rows = BTreeSet::new();
    for row in &page.rows {
        let fate = row.within.get(program(what)).unwrap_or(&row.fate);
        let here = format!("{what} row {}", row.row);
        let taken = came.accepted.iter().find(|taken| taken.place.row == row.row);
        let refused = refused_at(&came.refused, |refused| refused.place.row == row.row);
        if !fate.is_none() {
            expected_rows.insert(row.row);
        }
        match (&fate.accepted, &fate.refused, taken) {
            (Some(values), _, Some(taken)) => {
                let differing = differing(values, &values_of(&taken.row));
                counts.0 += u32::from(differing.is_empty());
                wrong.wrongly_accepted.extend(differing.iter().map(|d| format!("{here}: {d}")));
            }
            (Some(_), _, None) => wrong.good_refused.push(format!("{here}: {refused:?}")),
            (None, Some(_), Some(_)) => wrong.wrongly_accepted.push(here),
            (None, Some(expected), None) => {
                let expected: BTreeSet<(String, String)> = expected.iter().cloned().collect();
                counts.1 += u32::from(refused == expected);
                if refused != expected {
                    wrong.other_reason.push(format!("{here}: {refused:?}, not {expected:?}"));
                }
            }
            (None, None, _) => {}
        }
    }
    for taken in came.accepted.iter().filter(|taken| !expected_rows.contains(&taken.place.row)) {
        wrong.wrongly_accepted.push(format!("{what} row {}: is no line", taken.place.row));
    }
    for one in came.refused.iter().filter(|one| !expected_rows.contains(&one.place.row)) {
        wrong.other_reason.push(format!("{what}: is no line: {:?} {:?}", one.place, one.reason));
    }
    counts
}

/// Whether the form was taken.
fn judge_form(what: &str, page: &Page, came: &Intake<ReportRow>, wrong: &mut Wrong) -> bool {
    let refused: BTreeSet<(String, String)> = came
        .refused
        .iter()
        .map(|one| {
            let column = one.place.column.clone().unwrap_or_default();
            (format!("{column}{}", one.place.row), reason(one))
        })
        .collect();
    let fate = page.within.get(program(what)).unwrap_or(&page.fate);
    match (&fate.accepted, &fate.refused, came.accepted.first()) {
        (Some(values), _, Some(taken)) => {
            let differing = differing(values, &form_values_of(&taken.row));
            wrong.wrongly_accepted.extend(differing.iter().map(|d| format!("{what}: {d}")));
        }
        (Some(_), ..) => wrong.good_refused.push(format!("{what}: {refused:?}")),
        (None, _, Some(_)) => wrong.wrongly_accepted.push(what.to_owned()),
        (None, expected, None) => {
            let expected: BTreeSet<_> = expected.iter().flatten().cloned().collect();
            if refused != expected {
                wrong.other_reason.push(format!("{what}: {refused:?}, not {expected:?}"));
            }
        }
    }
    !came.accepted.is_empty()
}

fn refused_at(refused: &[Refused], here: impl Fn(&Refused) -> bool) -> BTreeSet<(String, String)> {
    let here = refused.iter().filter(|refused| here(refused));
    here.map(|one| (one.place.column.clone().unwrap_or_default(), reason(one))).collect()
}

fn reason(refused: &Refused) -> String {
    serde_json::to_value(&refused.reason).unwrap()["reason"].as_str().unwrap().to_owned()
}

fn differing(expected: &BTreeMap<String, Value>, read: &Value) -> Vec<String> {
    let differs = |(field, value): &(&String, &Value)| read[field.as_str()] != **value;
    let told = |(field, value): (&String, &Value)| {
        format!("{field} is {}, not {value}", read[field.as_str()])
    };
    expected.iter().filter(differs).map(told).collect()
}

fn values_of(row: &RosterRow) -> Value {
    json!({
        "name": row.name.expose(),
        "id": row.id_number.as_str(),
        "county": row.county,
        "unit": row.unit,
        "from": row.from,
        "last": row.until.and_then(|until| until.pred_opt()),
        "phone": row.phone.as_ref().map(|phone| phone.expose()),
        "mail": row.mail.as_ref().map(|mail| mail.expose()),
    })
}

fn form_values_of(row: &ReportRow) -> Value {
    let counted = |answer: &Answer<u32>| match answer {
        Answer::Unanswered => Value::Null,
        Answer::Nil => "nil".into(),
        Answer::Told(count) => (*count).into(),
    };
    json!({
        "office": row.office,
        "month": row.period.to_string(),
        "headcount": row.headcount,
        "accidents": match &row.accidents {
            Answer::Unanswered => Value::Null,
            Answer::Nil => "nil".into(),
            Answer::Told(told) => told.len().into(),
        },
        "health": counted(&row.health),
        "hazards": counted(&row.hazards),
        "needs": counted(&row.needs),
        "stated_by": row.stated_by.as_ref().map(|name| name.expose()),
        "filled_on": row.filled_on,
    })
}

fn say_matrix(wrong: &Wrong) {
    let kinds: BTreeSet<&String> = wrong.matrix.values().flat_map(BTreeMap::keys).collect();
    let mut lines = vec!["good lines taken + bad lines refused, by kind and program".to_owned()];
    let programs: Vec<&String> = wrong.matrix.keys().collect();
    lines.push(format!(
        "{:32}{}",
        "",
        programs.iter().map(|p| format!("{p:>22}")).collect::<String>()
    ));
    for kind in kinds {
        let counts = programs.iter().map(|program| {
            let (good, bad) = wrong.matrix[*program].get(kind).copied().unwrap_or_default();
            format!("{:>22}", format!("{good}+{bad}"))
        });
        lines.push(format!("{kind:32}{}", counts.collect::<String>()));
    }
    let totals = wrong.matrix.values().flat_map(BTreeMap::values);
    let (good, bad) = totals.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    lines.push(format!(
        "{good} good taken, {bad} bad refused, {} wrongly accepted, {} good refused",
        wrong.wrongly_accepted.len(),
        wrong.good_refused.len()
    ));
    for line in lines {
        eprintln!("{line}");
    }
}
