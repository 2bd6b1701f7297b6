//! Files answered through the real plugin: made by the programs offices use, marked by what the
//! core finds, judged by openpyxl and LibreOffice.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "carrier/library.rs"]
mod library;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use chrono::NaiveDate;
use chrono_tz::Asia::Shanghai;
use library::place;
use serde_json::json;
use xibu_core::change::Change;
use xibu_core::obligation::ObligationKey;
use xibu_core::office::OfficeId;
use xibu_core::parameter::Rulebook;
use xibu_core::period::Period;
use xibu_core::person::PersonId;
use xibu_core::rule::Rule;
use xibu_core::world::World;
use xibu_daemon::carrier::Carrier;
use xibu_daemon::clock::Now;
use xibu_daemon::inbox::Inbox;
use xibu_daemon::intake::{
    self, Arrival, FileOutcome, FileRead, FileReport, Proof, Reading, marked, read,
};
use xibu_daemon::record::Record;
use xibu_daemon::store::Store;
use xibu_daemon::store::sqlite::SqliteStore;
use xibu_daemon::workbook::{
    Asked, CHECKED_NAME, FormAnswers, UnitForm, asked, twin, unit_form, written,
};
use xibu_plugin_abi::message::{CellOut, CellOutValue, SheetOut, Style, Workbook};

const DEADLINE: Duration = Duration::from_secs(60);

const DIRECTORY: &str = "单位名称,单位类别,上级单位,联系人,联系人电话\n\
    样例市项目办,市项目办,,某甲,15400000090\n\
    样例第1区项目办,区县项目办,样例市项目办,某乙,15400000091\n\
    样例第1区第1中学,服务单位,样例第1区项目办,某丙,15400000092\n\
    样例第1区卫生院,服务单位,样例第1区项目办,某丁,15400000093\n";

fn now() -> Now {
    let civil = NaiveDate::from_ymd_opt(2026, 6, 20).unwrap().and_hms_opt(10, 0, 0).unwrap();
    Now::at_civil(civil, Shanghai)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Asks the checkers; what they say.
#[track_caller]
fn checker(words: &[&std::ffi::OsStr]) -> String {
    let target = Path::new(library::DAEMON).parent().and_then(Path::parent).unwrap();
    let python = target.join("python/bin/python");
    assert!(python.exists(), "{} is missing: run tests/run, which makes it", python.display());
    let script = root().join("tests/checkers/marked.py");
    let said = Command::new(python).arg(script).args(words).output().unwrap();
    let error = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{words:?}: {error}");
    String::from_utf8(said.stdout).unwrap()
}

/// A store that knows one county with two units, and the plugin in its worker.
struct House {
    folder: tempfile::TempDir,
    _place: library::Place,
    store: SqliteStore,
    carrier: Carrier,
    world: World,
    sequence: u64,
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("data")).await.unwrap();
        let place = place("xibu-spreadsheet");
        let carrier = Carrier::start(place.settings(json!({})), place.host.clone()).await.unwrap();
        let (world, sequence) = (World::default(), 0);
        let mut house = Self { folder, _place: place, store, carrier, world, sequence };
        let (_, report) = house.import("通讯录.csv", DIRECTORY.as_bytes()).await;
        assert_eq!((report.outcome, report.new_offices), (FileOutcome::Taken, 4), "{report:#?}");
        house
    }

    async fn examine(&self, name: &str, bytes: &[u8]) -> (Arrival, FileReport) {
        let FileRead { arrival, reading } = self.read(name, bytes).await;
        let report =
            intake::examine(&self.store, (&self.world, &Rulebook::default()), &arrival, &reading)
                .await
                .unwrap();
        (arrival, report)
    }

    async fn read(&self, name: &str, bytes: &[u8]) -> FileRead {
        let arrival = Arrival {
            file_name: name.into(),
            bytes: bytes.to_vec(),
            received_at: now().civil,
            by: "clerk".into(),
        };
        read(&self.carrier, arrival, now()).await.unwrap().remove(0)
    }

    async fn import(&mut self, name: &str, bytes: &[u8]) -> (Arrival, FileReport) {
        let FileRead { arrival, reading } = self.read(name, bytes).await;
        let (world, sequence) = (&self.world, self.sequence);
        let report = intake::import(
            &self.store,
            (world, &Rulebook::default()),
            sequence,
            &arrival,
            &reading,
            now(),
        )
        .await
        .unwrap();
        for recorded in self.store.changes_after(self.sequence, u32::MAX).await.unwrap() {
            self.world.apply(&recorded.change).unwrap();
            self.sequence = recorded.sequence;
        }
        (arrival, report)
    }

    async fn answer(
        &self,
        arrival: &Arrival,
        report: &FileReport,
        mask: bool,
    ) -> (String, Vec<u8>) {
        let answer = marked::answer(&self.carrier, arrival, report, now(), DEADLINE, mask).await;
        answer.unwrap().expect("it can be marked")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn unit(&self, name: &str) -> OfficeId {
        let called = |office: &&xibu_core::office::Office| office.versions[0].name == name;
        self.world.offices().find(called).unwrap().id
    }
}

/// What must be found in every file that `marked.py` makes.
fn plan(report: &FileReport, masked: bool) -> serde_json::Value {
    let findings = report.sheets.iter().flat_map(|sheet| &sheet.findings);
    let mut cells = std::collections::BTreeMap::new();
    for finding in findings {
        let column = finding.place.column.clone().unwrap_or("A".into());
        let cell = format!("{}!{column}{}", finding.place.sheet, finding.place.row);
        let entry: &mut (bool, String) = cells.entry(cell).or_default();
        entry.0 |= !finding.only_warning;
        entry.1.clone_from(&finding.text_zh);
    }
    let marks: Vec<serde_json::Value> = cells
        .into_iter()
        .map(|(cell, (wrong, words))| {
            let colour = if wrong { "FFFFC7CE" } else { "FFFFEB9C" };
            json!({ "cell": cell, "colour": colour, "words": words })
        })
        .collect();
    let ids = ["C3", "C4", "C5", "C6"].map(|cell| format!("花名册!{cell}"));
    let masked = if masked { ids.to_vec() } else { Vec::new() };
    json!({ "front": CHECKED_NAME, "marks": marks, "masked": masked })
}

#[tokio::test]
async fn a_roster_comes_back_with_its_faults_marked_and_everything_else_as_it_was() {
    let house = House::new().await;
    let files = house.file("files");
    std::fs::create_dir(&files).unwrap();
    checker(&["files".as_ref(), files.as_os_str()]);
    for program in ["openpyxl", "xlsxwriter", "libreoffice"] {
        let before = files.join(format!("{program}.xlsx"));
        let bytes = std::fs::read(&before).unwrap();
        let (arrival, report) = house.examine(&format!("{program}.xlsx"), &bytes).await;
        let roster = report.sheets.iter().find(|sheet| sheet.name == "花名册").unwrap();
        assert_eq!((roster.accepted, roster.refused), (0, 4), "{program}: {roster:#?}");
        for masked in [true, false] {
            let (name, answer) = house.answer(&arrival, &report, masked).await;
            assert_eq!(name, format!("{program}-已核对.xlsx"));
            let after = files.join(format!("{program}-{masked}.after.xlsx"));
            std::fs::write(&after, &answer).unwrap();
            let plan_file = files.join("plan.json");
            std::fs::write(&plan_file, plan(&report, masked).to_string()).unwrap();
            let (before, after) = (before.as_os_str(), after.as_os_str());
            checker(&["compare".as_ref(), before, after, plan_file.as_os_str()]);
            checker(&["recalculated".as_ref(), before, after]);
            // Read again it says the same, and its page in front is no sheet to be read. Rows whose
            // id is hidden are left alone.
            let (_, again) = house.examine(&name, &answer).await;
            match masked {
                false => assert_eq!(summary(&again), summary(&report), "{program}"),
                true => {
                    let reasons: Vec<String> =
                        summary(&again).into_iter().map(|one| one.3).collect();
                    assert_eq!(reasons, ["rows_with_hidden_id_not_read"], "{program}");
                }
            }
        }
    }
    for other in ["libreoffice.xls", "libreoffice.ods"] {
        let bytes = std::fs::read(files.join(other)).unwrap();
        let (arrival, report) = house.examine(other, &bytes).await;
        let (name, answer) = house.answer(&arrival, &report, false).await;
        assert_eq!(name, "libreoffice-已核对.xlsx");
        let (_, again) = house.examine(&name, &answer).await;
        assert_eq!(summary(&again), summary(&report), "{other}");
    }
}

/// What was found, by sheet, row and reason.
fn summary(report: &FileReport) -> Vec<(String, u32, Option<String>, String)> {
    let findings = report.sheets.iter().flat_map(|sheet| &sheet.findings);
    let line = |one: &intake::Finding| {
        let place = one.place.clone();
        (place.sheet, place.row, place.column, one.reason.clone())
    };
    findings.map(line).collect()
}

/// A form filled in as by hand.
fn form(house: &House, answers: Option<FormAnswers>) -> UnitForm {
    UnitForm {
        office: house.unit("样例第1区卫生院"),
        name: "样例第1区卫生院".into(),
        county: "样例第1区项目办".into(),
        period: Period::new(2026, 6).unwrap(),
        headcount: Some(2),
        contact: Some("某丁".into()),
        head: None,
        answers,
    }
}

fn request(house: &House, office: &str) -> Asked {
    let key = ObligationKey {
        rule: Rule::UnitMonthlyReturn,
        debtor: house.unit(office),
        period: Period::new(2026, 6).unwrap(),
    };
    let people = vec![(PersonId(71), "样例五".into()), (PersonId(72), "样例六".into())];
    Asked { key, code: house.store.request_code(&key).to_string(), people }
}

fn nil() -> FormAnswers {
    let no = || "无".to_owned();
    FormAnswers {
        accidents: no(),
        health: no(),
        hazards: no(),
        needs: no(),
        ..FormAnswers::default()
    }
}

#[track_caller]
fn check_taken(report: &FileReport, office: OfficeId, proved: Option<Proof>) {
    let key = format!("unit_monthly_return/{office}/2026-06");
    assert_eq!((&report.returns, report.proved), (&vec![key], proved), "{report:#?}");
}

#[tokio::test]
async fn the_form_that_is_sent_out_comes_back_with_its_code() {
    let house = House::new().await;
    let unit = house.unit("样例第1区卫生院");
    let asks = request(&house, "样例第1区卫生院");
    let filled = unit_form(&form(&house, Some(nil())));
    let bytes = written(&house.carrier, asked(filled.clone(), &asks), 0).await.unwrap();
    let (_, report) = house.examine("回复.xlsx", &bytes).await;
    check_taken(&report, unit, Some(Proof::Fits));
    assert_eq!(report.sheets.len(), 2, "{report:#?}");
    // As another program saves it again, the hidden cell included.
    let before = house.file("form.xlsx");
    std::fs::write(&before, &bytes).unwrap();
    for extension in ["xlsx", "ods", "xls"] {
        let out = house.file(extension);
        let home = format!("-env:UserInstallation=file://{}", house.file("home").display());
        let said = Command::new("soffice")
            .args([&home, "--headless", "--convert-to", extension, "--outdir"])
            .args([&out, &before])
            .output()
            .unwrap();
        assert!(said.status.success(), "{extension}");
        let saved = std::fs::read(out.join(format!("form.{extension}"))).unwrap();
        let (_, report) = house.examine(&format!("回复.{extension}"), &saved).await;
        check_taken(&report, unit, Some(Proof::Fits));
    }
    // The twin, and a photo under the name it was sent out by.
    let (_, report) = house.examine("回复.csv", twin(&filled, &asks).as_bytes()).await;
    check_taken(&report, unit, Some(Proof::Fits));
    let (_, report) = house.examine(&format!("{}.jpg", asks.stem()), b"\xff\xd8\xff\xe0").await;
    check_taken(&report, unit, Some(Proof::Fits));
    // Without the code, and with that of another unit.
    let plain = written(&house.carrier, filled.clone(), 0).await.unwrap();
    let (_, report) = house.examine("回复.xlsx", &plain).await;
    check_taken(&report, unit, None);
    let other = request(&house, "样例第1区第1中学");
    let bytes = written(&house.carrier, asked(filled, &other), 0).await.unwrap();
    let (arrival, report) = house.examine("回复.xlsx", &bytes).await;
    check_taken(&report, unit, Some(Proof::Differs));
    let reasons = summary(&report);
    assert!(reasons.iter().any(|one| one.3 == "request_code_differs"), "{reasons:?}");
    let (_, answer) = house.answer(&arrival, &report, true).await;
    let Reading::Sheets(sheets) = house.read("a.xlsx", &answer).await.reading else { panic!() };
    let words = format!("{:?}", sheets[0].sheet.cells);
    assert!(words.contains("请求编号与本办发出的不符"), "{words}");
}

#[tokio::test]
async fn nothing_in_front_is_taken_for_a_form_whatever_was_wrong() {
    let house = House::new().await;
    // Every label of the form stands in the page in front as the heading of a fault.
    let mut answers = nil();
    (answers.accidents, answers.health) = ("有".into(), "若干".into());
    let mut filled = unit_form(&form(&house, Some(answers)));
    for cell in &mut filled.sheets[0].cells {
        if cell.style == Style::Input && cell.value == CellOutValue::Number(2.0) {
            cell.value = CellOutValue::Text("两三个".into());
        }
        if cell.value == CellOutValue::Text("2026年6月".into()) {
            cell.value = CellOutValue::Text("上个月".into());
        }
    }
    let bytes = written(&house.carrier, filled, 0).await.unwrap();
    let (arrival, report) = house.examine("月报告单.xlsx", &bytes).await;
    assert_eq!(report.outcome, FileOutcome::NothingTaken, "{report:#?}");
    let (name, answer) = house.answer(&arrival, &report, true).await;
    let (arrival, again) = house.examine(&name, &answer).await;
    assert_eq!(summary(&again), summary(&report));
    // Answered once more there is still one page in front.
    let (_, twice) = house.answer(&arrival, &again, true).await;
    let Reading::Sheets(sheets) = house.read(&name, &twice).await.reading else { panic!() };
    let names: Vec<&str> = sheets.iter().map(|read| read.sheet.name.as_str()).collect();
    assert_eq!(names, [CHECKED_NAME, "月报告单"]);
}

#[tokio::test]
async fn what_cannot_be_marked_is_answered_in_words_alone() {
    let mut house = House::new().await;
    let (arrival, report) = house.import("照片.jpg", b"\xff\xd8\xff\xe0").await;
    let answer = marked::answer(&house.carrier, &arrival, &report, now(), DEADLINE, true).await;
    assert_eq!(answer.unwrap(), None);
    assert!(house.world.offices().count() == 4 && house.sequence > 0);
    let changes = house.store.changes_after(0, u32::MAX).await.unwrap();
    assert!(changes.iter().all(|one| !matches!(one.change, Change::ReturnCame { .. })));
}

/// Runs a command of an office; what it printed.
#[track_caller]
fn run(folder: &Path, words: &[&str], code: i32) -> String {
    let output = Command::new(library::DAEMON)
        .args(words)
        .current_dir(folder)
        .env_clear()
        .env("LANG", "zh_CN.UTF-8")
        .output()
        .unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{words:?}: {shown}{errors}");
    shown + &errors
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn an_office_makes_a_form_and_looks_at_the_answer_by_command() {
    library::build("xibu-spreadsheet");
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["init", "office"], 0);
    let office = folder.path().join("office");
    run(&office, &["plugin", "approve", "spreadsheet"], 0);
    std::fs::write(office.join("a.csv"), DIRECTORY).unwrap();
    run(&office, &["import", "a.csv"], 0);
    let words = ["template", "O3", "--period", "2026-06", "--out", "forms", "--csv"];
    run(&office, &words, 0);
    let forms = names(&office.join("forms"));
    let stem = forms[0].strip_suffix(".csv").unwrap();
    assert!(stem.starts_with("O3-2026-06-") && stem.ends_with("-月报告单"), "{stem}");
    assert_eq!(forms, [format!("{stem}.csv"), format!("{stem}.xlsx")]);
    // Nothing is written over, and who owes no return has no form.
    run(&office, &words, 4);
    assert!(run(&office, &["template", "O1"], 4).contains("不报月报告单"));
    assert!(run(&office, &["template", "O99"], 4).contains("没有登记"));
    let form = format!("forms/{stem}.xlsx");
    let shown = run(&office, &["intake", &form, "--answer", "forms"], 1);
    assert!(shown.contains("整张表没有填写"), "{shown}");
    assert!(names(&office.join("forms")).contains(&format!("{stem}-已核对.xlsx")));
    run(&office, &["intake", &form, "--answer", "forms"], 4);
}

#[tokio::test]
async fn the_inbox_puts_the_marked_workbook_beside_the_reason() {
    let house = House::new().await;
    let inbox = house.file("inbox");
    std::fs::create_dir(&inbox).unwrap();
    let roster = "姓名,身份证号,服务单位\n样例一,999999200001010016,样例第1区卫生院\n";
    std::fs::write(inbox.join("花名册.csv"), roster).unwrap();
    let mut record = Record::load(&house.store).await.unwrap();
    let mut watched = Inbox::new(inbox.clone(), house.carrier.clone(), Rulebook::default());
    watched.glance();
    assert_eq!(watched.look(&house.store, &mut record, now()).await.unwrap(), 1);
    let trouble = inbox.join("有问题");
    let time = "20260620-100000-";
    let answer = format!("{time}花名册-已核对.xlsx");
    let result = format!("{time}花名册.csv.结果.txt");
    assert_eq!(names(&trouble), [answer.clone(), format!("{time}花名册.csv"), result.clone()]);
    let words = std::fs::read_to_string(trouble.join(result)).unwrap();
    assert!(words.contains(&answer), "{words}");
    let bytes = std::fs::read(trouble.join(answer)).unwrap();
    let Reading::Sheets(sheets) = house.read("a.xlsx", &bytes).await.reading else { panic!() };
    let cells = format!("{:?}", sheets[1].sheet.cells);
    assert!(cells.contains("**************0016") && !cells.contains("999999"), "{cells}");
}

/// More faults than are marked.
#[tokio::test]
async fn of_very_many_faults_the_first_are_marked_and_every_id_is_hidden() {
    let house = House::new().await;
    const ROWS: u32 = 6_000;
    let headings = ["姓名", "身份证号", "服务单位"];
    let text = |row, column, text: String| CellOut {
        row,
        column,
        value: CellOutValue::Text(text),
        style: Style::Plain,
        note: None,
    };
    let mut cells: Vec<CellOut> =
        (0..).zip(headings).map(|(column, heading)| text(0, column, heading.to_owned())).collect();
    for row in 1..=ROWS {
        cells.push(text(row, 0, format!("某甲{row}")));
        cells.push(text(row, 1, format!("{:018}", u64::from(row) * 7_919)));
        cells.push(text(row, 2, "样例第1区卫生院".into()));
    }
    let sheet = SheetOut { name: "花名册".into(), cells, ..SheetOut::default() };
    let book = Workbook { sheets: vec![sheet], ..Workbook::default() };
    let bytes = written(&house.carrier, book, 0).await.unwrap();
    let (arrival, report) = house.examine("花名册.xlsx", &bytes).await;
    assert_eq!(report.sheets[0].refused, ROWS as usize, "{report:#?}");
    let (_, answer) = house.answer(&arrival, &report, true).await;
    let Reading::Sheets(sheets) = house.read("a.xlsx", &answer).await.reading else { panic!() };
    let ids = sheets[1].sheet.cells.iter().filter(|cell| cell.column == 1 && cell.row > 0);
    let hidden = |cell: &&xibu_core::cell::Cell| matches!(&cell.value, xibu_core::cell::CellValue::Text(text) if text.starts_with("****"));
    assert_eq!(ids.filter(hidden).count(), ROWS as usize);
}
