//! Workbooks through the real plugin in its worker: the sample city in, hostile files refused.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "carrier/library.rs"]
mod library;

use std::collections::BTreeSet;
use std::io::Write;
use std::time::{Duration, Instant};

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Asia::Shanghai;
use library::place;
use xibu_core::change::Change;
use xibu_core::obligation::ObligationKey;
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::parameter::Rulebook;
use xibu_core::period::Period;
use xibu_core::returns::{Answer, Workflow};
use xibu_core::rule::Rule;
use xibu_core::world::World;
use xibu_daemon::carrier::{Carrier, State};
use xibu_daemon::clock::Now;
use xibu_daemon::intake::{self, Arrival, FileOutcome, FileRead, FileReport, Reading};
use xibu_daemon::sample::{self, ReturnKind, Sample, SampleContent, SampleFile, Size};
use xibu_daemon::store::Store;
use xibu_daemon::store::sqlite::SqliteStore;
use xibu_daemon::workbook::{UnitForm, consolidate, written};
use xibu_plugin_abi::message::Unreadable;
use zip::write::SimpleFileOptions;

fn instant(day: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 6, day).unwrap().and_hms_opt(10, 0, 0).unwrap()
}

/// A store, the record that follows it, and a workbook plugin in its worker.
struct City {
    _folder: tempfile::TempDir,
    _place: library::Place,
    store: SqliteStore,
    carrier: Carrier,
    world: World,
    sequence: u64,
}

impl City {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("data")).await.unwrap();
        let place = place("xibu-spreadsheet");
        let settings = place.settings(serde_json::json!({}));
        let carrier = Carrier::start(settings, place.host.clone()).await.unwrap();
        let (world, sequence) = (World::default(), 0);
        Self { _folder: folder, _place: place, store, carrier, world, sequence }
    }

    async fn bytes(&self, file: &SampleFile) -> Vec<u8> {
        match &file.content {
            SampleContent::Bytes(bytes) => bytes.clone(),
            SampleContent::Workbook(workbook) => {
                written(&self.carrier, workbook.clone(), 0).await.unwrap()
            }
        }
    }

    async fn import(&mut self, file: &SampleFile, day: u32) -> FileReport {
        let arrival = Arrival {
            file_name: file.file_name.clone(),
            bytes: self.bytes(file).await,
            received_at: instant(day),
            by: "clerk".into(),
        };
        let now = Now::at_civil(instant(day), Shanghai);
        let FileRead { arrival, reading } = read_one(&self.carrier, arrival, now).await;
        let rulebook = Rulebook::default();
        let against = (&self.world, &rulebook);
        let dry = intake::examine(&self.store, against, &arrival, &reading).await.unwrap();
        assert_eq!(self.store.last_sequence().await.unwrap(), self.sequence, "a dry run recorded");
        let report = intake::import(&self.store, against, self.sequence, &arrival, &reading, now)
            .await
            .unwrap();
        assert_eq!(findings(&dry), findings(&report));
        assert_eq!((dry.changes, dry.new_people), (report.changes, report.new_people));
        for recorded in self.store.changes_after(self.sequence, u32::MAX).await.unwrap() {
            self.world.apply(&recorded.change).unwrap();
            self.sequence = recorded.sequence;
        }
        report
    }

    fn offices(&self, kind: OfficeKind) -> Vec<OfficeId> {
        self.world.offices().filter(|office| office.kind == kind).map(|office| office.id).collect()
    }

    fn form(&self, unit: OfficeId, contact: &str) -> UnitForm {
        UnitForm {
            office: unit,
            name: self.world.office(unit).unwrap().versions[0].name.clone(),
            county: "样例区项目办".into(),
            period: Period::new(2026, 6).unwrap(),
            headcount: Some(12),
            contact: Some(contact.into()),
            head: None,
            answers: None,
        }
    }
}

/// Faults as `sheet, row, reason`; warnings are left out.
fn findings(report: &FileReport) -> BTreeSet<(String, u32, String)> {
    report
        .sheets
        .iter()
        .flat_map(|sheet| &sheet.findings)
        .filter(|finding| !finding.only_warning)
        .map(|one| (one.place.sheet.clone(), one.place.row, one.reason.clone()))
        .collect()
}

#[track_caller]
fn check(file: &SampleFile, report: &FileReport) {
    let accepted: usize = report.sheets.iter().map(|sheet| sheet.accepted).sum();
    let expected: BTreeSet<(String, u32, String)> = file
        .refused
        .iter()
        .map(|one| (one.sheet.clone().unwrap_or("CSV".into()), one.row, one.reason.to_owned()))
        .collect();
    assert_eq!(findings(report), expected, "{}", file.file_name);
    assert_eq!(accepted, file.accepted, "{}: {report:#?}", file.file_name);
}

/// What is recorded must name nobody.
async fn nobody_is_named(city: &City, sample: &Sample) {
    let changes = city.store.changes_after(0, u32::MAX).await.unwrap();
    let history = serde_json::to_string(&changes).unwrap();
    let refusals = serde_json::to_string(&city.store.refusals(None).await.unwrap()).unwrap();
    for kept in [history, refusals] {
        for secret in ["9999991", "9999992", "@volunteer.test", "@office.test", "1540000"] {
            assert!(!kept.contains(secret), "{secret} is in what is kept");
        }
    }
    assert!(!sample.rosters.is_empty());
}

#[tokio::test]
async fn a_small_city_comes_in_with_every_dirty_line_refused_for_its_reason() {
    // Fourteen counties: every shape of roster and every kind of dirt at least once.
    let size = Size { counties: 14, universities: 3, units: 30, volunteers: 300 };
    let sample = sample::generate(7, size);
    let mut city = City::new().await;
    let report = city.import(&sample.directory, 1).await;
    check(&sample.directory, &report);
    assert_eq!(city.offices(OfficeKind::Unit).len(), 30);
    let reasons: BTreeSet<&str> =
        sample.rosters.iter().flat_map(|file| &file.refused).map(|one| one.reason).collect();
    assert_eq!(reasons.len(), 13, "{reasons:?}");
    for file in &sample.rosters {
        let report = city.import(file, 1).await;
        check(file, &report);
    }
    assert_eq!(city.world.services().count(), 300);
    assert!(city.world.services().all(|service| service.home.is_some()));
    let before = city.sequence;
    for file in sample.rosters.iter().chain([&sample.directory]) {
        let again = city.import(file, 2).await;
        assert_eq!((again.outcome, again.changes), (FileOutcome::KnownBefore, 0));
        assert!(again.document.is_some());
    }
    assert_eq!(city.sequence, before);
    nobody_is_named(&city, &sample).await;
}

#[tokio::test]
async fn the_same_roster_in_another_file_changes_nothing_and_a_move_ends_one_service() {
    let size = Size { counties: 1, universities: 1, units: 3, volunteers: 9 };
    let sample = sample::generate(1, size);
    let mut city = City::new().await;
    city.import(&sample.directory, 1).await;
    city.import(&sample.rosters[0], 1).await;
    let SampleContent::Workbook(mut workbook) = sample.rosters[0].content.clone() else { panic!() };
    workbook.properties.insert("title".into(), "again".into());
    let again = SampleFile {
        content: SampleContent::Workbook(workbook.clone()),
        ..sample.rosters[0].clone()
    };
    let report = city.import(&again, 2).await;
    assert_eq!((report.outcome, report.changes, report.new_people), (FileOutcome::Taken, 0, 0));
    // The first volunteer moves to the last unit.
    use xibu_plugin_abi::message::CellOutValue::Text;
    let last_unit = workbook.sheets[0]
        .cells
        .iter()
        .rev()
        .find_map(|cell| match &cell.value {
            Text(text) if cell.column == 9 && text.contains('区') => Some(text.clone()),
            _ => None,
        })
        .unwrap();
    for cell in &mut workbook.sheets[0].cells {
        if (cell.row, cell.column) == (1, 9) {
            cell.value = Text(last_unit.clone());
        }
    }
    let moved = SampleFile { content: SampleContent::Workbook(workbook), ..again };
    let before = city.sequence;
    city.import(&moved, 3).await;
    let told = city.store.changes_after(before, 10).await.unwrap();
    assert!(
        matches!(
            told.iter().map(|one| &one.change).collect::<Vec<_>>()[..],
            [Change::ServiceEnded { .. }, Change::ServiceBegan(_)]
        ),
        "{told:?}"
    );
}

#[tokio::test]
async fn returns_come_in_nil_with_an_accident_as_a_photo_and_for_a_county() {
    let size = Size { counties: 1, universities: 1, units: 4, volunteers: 8 };
    let sample = sample::generate(1, size);
    let mut city = City::new().await;
    city.import(&sample.directory, 1).await;
    let units = city.offices(OfficeKind::Unit);
    let county = city.offices(OfficeKind::County)[0];
    let period = Period::new(2026, 6).unwrap();
    let filled_on = instant(20).date();
    let kinds = [ReturnKind::Nil, ReturnKind::Incident, ReturnKind::Photo];
    for (unit, kind) in units.iter().zip(kinds) {
        let file = sample::unit_return(1, &city.form(*unit, "某甲"), kind, filled_on);
        let report = city.import(&file, 20).await;
        let key = format!("unit_monthly_return/{unit}/2026-06");
        assert_eq!(report.returns, [key], "{kind:?} {report:#?}");
    }
    let came = |unit: OfficeId| {
        let key = ObligationKey { rule: Rule::UnitMonthlyReturn, debtor: unit, period };
        city.world.return_of(&key).unwrap().clone()
    };
    let nil = came(units[0]);
    assert!(nil.content().unwrap().is_nil() && nil.content().unwrap().is_complete());
    let incident = came(units[1]);
    let Answer::Told(told) = &incident.content().unwrap().accidents else { panic!("{incident:?}") };
    assert_eq!((told.len(), told[0].persons, told[0].office), (1, Some(1), units[1]));
    assert_eq!(came(units[2]).workflow, Workflow::Received);

    let form = consolidate(&city.world, county, period, instant(25), |_| Some("某乙".into()));
    assert_eq!((form.lines.len(), form.silent.len()), (3, 1));
    let report = city.import(&sample::county_return(&form), 25).await;
    assert_eq!(report.outcome, FileOutcome::Taken, "{report:#?}");
    let key = ObligationKey { rule: Rule::CountyMonthlyReturn, debtor: county, period };
    let content = city.world.return_of(&key).unwrap();
    assert_eq!(content.versions[0].silent_units, [units[3]]);
    let content = content.content().unwrap();
    assert_eq!(content.headcount, Some(24));
    assert!(matches!(&content.accidents, Answer::Told(told) if told.len() == 1), "{content:?}");
    assert!(content.is_complete());
}

#[tokio::test]
async fn what_cannot_be_read_or_resolved_is_kept_and_said() {
    let size = Size { counties: 1, universities: 1, units: 2, volunteers: 2 };
    let mut city = City::new().await;
    city.import(&sample::generate(1, size).directory, 1).await;
    let unit = city.offices(OfficeKind::Unit)[0];
    let photo = |name: &str, byte: u8| SampleFile {
        file_name: name.into(),
        content: SampleContent::Bytes(vec![0xff, 0xd8, 0, byte]),
        accepted: 0,
        refused: vec![],
    };
    let held = city.import(&photo("照片.jpg", 1), 20).await;
    assert_eq!(held.outcome, FileOutcome::HeldUnread);
    assert!(held.document.is_some());
    let unread = city.import(&photo(&format!("{unit}_2026年6月.jpg"), 2), 20).await;
    assert_eq!(unread.outcome, FileOutcome::Unread);
    let mut form = city.form(unit, "某甲");
    form.name = "万州区青禾镇卫生站".into();
    let file = sample::unit_return(1, &form, ReturnKind::Nil, instant(20).date());
    let report = city.import(&file, 20).await;
    assert_eq!(report.outcome, FileOutcome::NothingTaken);
    let said = &report.sheets[0].findings[0];
    assert_eq!(said.reason, "office_number_and_name_differ");
    form.name = city.form(unit, "").name;
    form.period = Period::new(2026, 8).unwrap();
    let file = sample::unit_return(1, &form, ReturnKind::Nil, instant(20).date());
    let report = city.import(&file, 20).await;
    assert_eq!(report.sheets[0].findings[0].reason, "month_not_begun");
}

// Hostile files.

fn package(sheet: &mut dyn FnMut(&mut dyn Write), more: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    let part = |zip: &mut zip::ZipWriter<_>, name: &str, text: &str| {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    };
    part(
        &mut zip,
        "_rels/.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    );
    part(
        &mut zip,
        "xl/workbook.xml",
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    );
    part(
        &mut zip,
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    );
    for (name, text) in more {
        part(&mut zip, name, text);
    }
    zip.start_file("xl/worksheets/sheet1.xml", options).unwrap();
    zip.write_all(b"<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>").unwrap();
    sheet(&mut zip);
    zip.write_all(b"</sheetData></worksheet>").unwrap();
    zip.finish().unwrap().into_inner()
}

/// The worker's highest resident memory so far, in KiB.
async fn peak_kib(carrier: &Carrier) -> u64 {
    let State::Running { process } = carrier.state().await else { panic!("no worker runs") };
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

async fn read(carrier: &Carrier, file_name: &str, bytes: Vec<u8>) -> (Reading, Duration) {
    let arrival =
        Arrival { file_name: file_name.into(), bytes, received_at: instant(1), by: "clerk".into() };
    let begun = Instant::now();
    let now = Now::at_civil(instant(1), Shanghai);
    let reading = read_one(carrier, arrival, now).await.reading;
    (reading, begun.elapsed())
}

/// A file that is no archive.
async fn read_one(carrier: &Carrier, arrival: Arrival, now: Now) -> FileRead {
    let mut files = intake::read(carrier, arrival, now).await.unwrap();
    assert_eq!(files.len(), 1);
    files.remove(0)
}

#[tokio::test]
async fn hostile_files_cost_little_memory_and_the_worker_lives() {
    let none = &mut |_: &mut dyn Write| {};
    let far = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>"#;
    let sparse = package(&mut |out| out.write_all(far.as_bytes()).unwrap(), &[]);
    let spaces = vec![b' '; 1 << 20];
    let bomb = package(&mut |out| (0..500).for_each(|_| out.write_all(&spaces).unwrap()), &[]);
    let mut laughs = "<!DOCTYPE sst [<!ENTITY l0 \"ha\">".to_owned();
    for level in 1..12 {
        let inner = format!("&l{};", level - 1).repeat(10);
        laughs.push_str(&format!("<!ENTITY l{level} \"{inner}\">"));
    }
    laughs.push_str("]><sst><si><t>&l11;</t></si></sst>");
    let entities = package(none, &[("xl/sharedStrings.xml", &laughs)]);
    let claims =
        package(none, &[("xl/sharedStrings.xml", "<sst uniqueCount=\"88888888888888\"></sst>")]);
    let mut truncated = bomb.clone();
    truncated.truncate(bomb.len() / 2);
    let place = place("xibu-spreadsheet");
    let settings = place.settings(serde_json::json!({}));
    let carrier = Carrier::start(settings, place.host.clone()).await.unwrap();
    for (name, bytes, readable) in [
        ("sparse", sparse, true),
        ("bomb", bomb, false),
        ("entities", entities, false),
        ("claims", claims, false),
        ("truncated", truncated, false),
    ] {
        let (reading, took) = read(&carrier, "a.xlsx", bytes).await;
        let peak = peak_kib(&carrier).await;
        eprintln!("{name}: {took:?}, worker's peak so far {peak} KiB");
        assert_eq!(matches!(reading, Reading::Sheets(_)), readable, "{name}: {reading:?}");
        assert!(peak <= 64 << 10, "{name}: the worker took {peak} KiB");
    }
}

/// A package of these parts.
fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Hostile files of the other formats, each with what must be said of it.
fn hostile() -> Vec<(&'static str, Vec<u8>, Unreadable)> {
    let sheet = |cell: &str| {
        format!(
            r#"<d xmlns:t="t" xmlns:o="o"><t:table t:name="a"><t:table-row t:number-rows-repeated="1048576">{cell}</t:table-row></t:table></d>"#
        )
    };
    let ods =
        |content: &[u8]| zipped(&[("META-INF/manifest.xml", b"<m/>"), ("content.xml", content)]);
    let repeated =
        r#"<t:table-cell t:number-columns-repeated="1048576" o:value-type="float" o:value="1"/>"#;
    let spaces = vec![b' '; 400 << 20];
    let span = r#"<w:d xmlns:w="w"><w:tbl><w:tr><w:tc><w:gridSpan w:val="99999999"/></w:tc></w:tr></w:tbl></w:d>"#;
    let docx = |content: &[u8]| zipped(&[("word/document.xml", content)]);
    let mut ole = vec![0xff_u8; 1 << 20];
    ole[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    ole[0x1e..0x20].copy_from_slice(&[9, 0]);
    ole[0x44..0x48].copy_from_slice(&[0, 0, 0, 0]);
    let empty: Vec<(String, &[u8])> = (0..4_000).map(|n| (format!("{n}"), &b""[..])).collect();
    let empty: Vec<(&str, &[u8])> =
        empty.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    vec![
        ("ods repeated", ods(sheet(repeated).as_bytes()), Unreadable::TooLarge),
        ("ods bomb", ods(&spaces), Unreadable::TooLarge),
        ("docx span", docx(span.as_bytes()), Unreadable::TooLarge),
        ("docx bomb", docx(&spaces), Unreadable::TooLarge),
        ("xls of nonsense", ole, Unreadable::Damaged),
        ("zip of thousands", zipped(&empty), Unreadable::TooLarge),
        ("zip bomb", zipped(&[("a.csv", &spaces)]), Unreadable::TooLarge),
    ]
}

#[tokio::test]
async fn hostile_files_of_other_formats_are_refused_at_once_and_cost_little() {
    let place = place("xibu-spreadsheet");
    let carrier =
        Carrier::start(place.settings(serde_json::json!({})), place.host.clone()).await.unwrap();
    read(&carrier, "a.csv", b"a,b".to_vec()).await;
    for (name, bytes, why) in hostile() {
        let (reading, took) = read(&carrier, "a.xls", bytes).await;
        let peak = peak_kib(&carrier).await;
        eprintln!("{name}: {took:?}, worker's peak so far {peak} KiB");
        let Reading::Unreadable { why: said, .. } = reading else { panic!("{name}: {reading:?}") };
        assert_eq!(said, why, "{name}");
        assert!(took < Duration::from_secs(2), "{name}: {took:?}");
        assert!(peak <= 64 << 10, "{name}: the worker took {peak} KiB");
    }
}

#[tokio::test]
async fn an_archive_is_read_file_by_file_and_one_bad_file_stops_no_other() {
    let size = Size { counties: 1, universities: 1, units: 3, volunteers: 9 };
    let sample = sample::generate(1, size);
    let mut city = City::new().await;
    let (directory, roster) =
        (city.bytes(&sample.directory).await, city.bytes(&sample.rosters[0]).await);
    let inner = zipped(&[
        ("花名册.xls", &roster),
        ("再包.zip", &zipped(&[("a.zip", &zipped(&[("a.csv", b"a")]))])),
    ]);
    let bomb = vec![b'0'; 30 << 20];
    let bytes = zipped(&[
        ("O2-2026-06-月报告单.jpg", b"\xff\xd8\xff"),
        ("里层.zip", &inner),
        ("炸弹.csv", &bomb),
        ("坏.xlsx", &roster[..roster.len() / 2]),
        ("通讯录.docx", &directory),
    ]);
    for round in [FileOutcome::Taken, FileOutcome::KnownBefore] {
        let arrival = Arrival {
            file_name: "样例区.zip".into(),
            bytes: bytes.clone(),
            received_at: instant(20),
            by: "clerk".into(),
        };
        let now = Now::at_civil(instant(20), Shanghai);
        let files = intake::read(&city.carrier, arrival, now).await.unwrap();
        let mut said = Vec::new();
        for file in &files {
            let rulebook = Rulebook::default();
            let (against, last) = ((&city.world, &rulebook), city.sequence);
            let report =
                intake::import(&city.store, against, last, &file.arrival, &file.reading, now);
            let report = report.await.unwrap();
            for recorded in city.store.changes_after(city.sequence, u32::MAX).await.unwrap() {
                city.world.apply(&recorded.change).unwrap();
                city.sequence = recorded.sequence;
            }
            said.push((file.inside().unwrap(), report.outcome, report.unreadable));
        }
        let expected = [
            // Offices first: the roster leans on them.
            ("通讯录.docx", FileOutcome::Taken, None),
            ("O2-2026-06-月报告单.jpg", FileOutcome::Unread, Some(Unreadable::Picture)),
            ("里层.zip › 花名册.xls", FileOutcome::Taken, None),
            ("里层.zip › 再包.zip", FileOutcome::HeldUnread, Some(Unreadable::NestedTooDeep)),
            ("炸弹.csv", FileOutcome::HeldUnread, Some(Unreadable::TooLarge)),
            ("坏.xlsx", FileOutcome::HeldUnread, Some(Unreadable::Damaged)),
        ];
        let again = round == FileOutcome::KnownBefore;
        let expected = expected.map(|(name, outcome, why)| {
            (name.to_owned(), if again { FileOutcome::KnownBefore } else { outcome }, why)
        });
        assert_eq!(said, expected);
        assert_eq!(city.world.services().count(), 9);
    }
}

#[tokio::test]
async fn a_legal_file_of_two_million_cells_still_reads() {
    const ROWS: u32 = 200_000;
    let bytes = package(
        &mut |out| {
            let mut line = String::new();
            for row in 1..=ROWS {
                line.clear();
                line.push_str(&format!("<row r=\"{row}\">"));
                for column in 'A'..='J' {
                    line.push_str(&format!("<c r=\"{column}{row}\"><v>{}</v></c>", row * 7));
                }
                line.push_str("</row>");
                out.write_all(line.as_bytes()).unwrap();
            }
        },
        &[],
    );
    let place = place("xibu-spreadsheet");
    let settings = place.settings(serde_json::json!({}));
    let carrier = Carrier::start(settings, place.host.clone()).await.unwrap();
    let (reading, took) = read(&carrier, "a.xlsx", bytes).await;
    let Reading::Sheets(sheets) = reading else { panic!("{reading:?}") };
    assert_eq!(sheets[0].sheet.cells.len(), ROWS as usize * 10);
    eprintln!("two million cells: {took:?}, worker's peak {} KiB", peak_kib(&carrier).await);
}
