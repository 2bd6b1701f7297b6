//! A county's and the city's form on paper: written by the real plugin as .xlsx and .docx, read
//! back, and turned into pages by LibreOffice.
//!
//! What a page looks like nobody but a person can judge; that nothing is lost, nothing runs off
//! the side and the pages are as many as they should be is checked here.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "carrier/library.rs"]
mod library;

use std::path::Path;
use std::process::Command;

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Asia::Shanghai;
use library::place;
use xibu_core::appointment::{Appointment, Role};
use xibu_core::change::Change;
use xibu_core::incident::{Incident, IncidentKind};
use xibu_core::obligation::ObligationKey;
use xibu_core::office::{OfficeId, OfficeKind, OfficeVersion};
use xibu_core::parameter::Rulebook;
use xibu_core::period::Period;
use xibu_core::person::PersonId;
use xibu_core::returns::{Answer, Content, ReturnVersion};
use xibu_core::rule::Rule;
use xibu_core::service::Service;
use xibu_core::validity::Validity;
use xibu_core::world::World;
use xibu_daemon::carrier::Carrier;
use xibu_daemon::clock::Now;
use xibu_daemon::intake::{self, Arrival, FileOutcome};
use xibu_daemon::store::sqlite::SqliteStore;
use xibu_daemon::workbook::{city_form, consolidate, consolidate_city, consolidated, written_as};
use xibu_plugin_abi::message::{Workbook, WorkbookFormat};

const CITY: OfficeId = OfficeId(1);
const COUNTY: OfficeId = OfficeId(2);
/// As long as such names are.
const COUNTY_NAME: &str = "酉阳土家族苗族自治县项目办";

fn on(day: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 6, day).unwrap().and_hms_opt(10, 0, 0).unwrap()
}

fn june() -> Period {
    Period::new(2026, 6).unwrap()
}

fn unit_name(index: u32) -> String {
    format!("酉阳县第{index}号乡镇社会服务中心")
}

/// A city with one county of `units` units: the first tells an accident, the second was not read,
/// the third is silent, the fourth late, the others nil.
fn world(units: u32) -> World {
    let from = NaiveDate::from_ymd_opt(2025, 8, 1).unwrap();
    let validity = Validity::since(from);
    let mut world = World::default();
    let mut stood = |office, kind, name: String, superior| {
        let version = OfficeVersion { name, superior, gb_code: None, validity };
        world.apply(&Change::OfficeStood { office, kind, version }).unwrap();
    };
    stood(CITY, OfficeKind::City, "重庆市项目办".into(), None);
    stood(COUNTY, OfficeKind::County, COUNTY_NAME.into(), Some(CITY));
    let unit = |index: u32| OfficeId(2 + index);
    for index in 1..=units {
        stood(unit(index), OfficeKind::Unit, unit_name(index), Some(COUNTY));
    }
    for rule in Rule::ALL {
        world.apply(&Change::RuleEnabled { rule, at: on(1) }).unwrap();
    }
    for (person, role) in [(11, Role::Contact), (12, Role::Deputy), (13, Role::Head)] {
        let held = Appointment { person: PersonId(person), office: COUNTY, role, validity };
        world.apply(&Change::Appointed(held)).unwrap();
    }
    for index in 1..=units {
        let person = PersonId(1_000 + index);
        let began = Service { person, unit: unit(index), home: None, validity };
        world.apply(&Change::ServiceBegan(began)).unwrap();
        let (rule, debtor) = (Rule::UnitMonthlyReturn, unit(index));
        let obligation = ObligationKey { rule, debtor, period: june() };
        let version = ReturnVersion {
            received_at: if index == 4 { on(25) } else { on(20) },
            document: None,
            content: (index != 2).then(|| content(unit(index), index == 1)),
            silent_units: Vec::new(),
            by: None,
            reason: None,
        };
        if index != 3 {
            world.apply(&Change::ReturnCame { obligation, version }).unwrap();
        }
    }
    world
}

fn content(office: OfficeId, accident: bool) -> Content {
    let incident = Incident {
        office,
        kind: IncidentKind::Disaster,
        occurred: Some(on(9)),
        persons: Some(1),
        measures_told: true,
        reference: None,
        kind_told: true,
        place_told: true,
    };
    Content {
        headcount: Some(3),
        accidents: if accident { Answer::Told(vec![incident]) } else { Answer::Nil },
        health: Answer::Told(1),
        hazards: Answer::Nil,
        needs: Answer::Nil,
        stated_by: Some(PersonId(11)),
        ..Content::default()
    }
}

fn name_of(person: PersonId) -> Option<String> {
    let names = [(11, "欧阳某甲"), (12, "某乙"), (13, "某丙")];
    names.into_iter().find(|(known, _)| *known == person.0).map(|(_, name)| name.to_owned())
}

fn county_form(units: u32) -> Workbook {
    let (world, rulebook) = (world(units), Rulebook::default());
    consolidated(&consolidate(&world, &rulebook, (COUNTY, june()), on(26), name_of))
}

/// What the pages of a file say, without blanks, page by page; and that they are A4 across.
fn pages(bytes: &[u8], end: &str, folder: &Path) -> Vec<String> {
    let file = folder.join(format!("form.{end}"));
    std::fs::write(&file, bytes).unwrap();
    // A profile of its own, so that two conversions do not meet.
    let profile = format!("-env:UserInstallation=file://{}", folder.join("profile").display());
    let words = ["--headless", "--convert-to", "pdf", "--outdir"];
    let mut office = Command::new("soffice");
    run(office.arg(profile).args(words).arg(folder).arg(&file));
    let pdf = folder.join("form.pdf");
    let info = run(Command::new("pdfinfo").arg(&pdf));
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_once(':').unwrap().1.trim().to_owned()
    };
    let size = field("Page size");
    assert!(size.starts_with("841.89 x 595") && size.ends_with("(A4)"), "{size}");
    let count: u32 = field("Pages").parse().unwrap();
    let page = |number: u32| {
        let (number, mut command) = (number.to_string(), Command::new("pdftotext"));
        let text = run(command.args(["-raw", "-f", &number, "-l", &number]).arg(&pdf).arg("-"));
        text.chars().filter(|letter| !letter.is_whitespace()).collect()
    };
    (1..=count).map(page).collect()
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{command:?}: {error}; tests/run installs libreoffice-calc, libreoffice-writer and poppler-utils")
    });
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Every text of the workbook is on the pages; every page of the table carries its headings, the
/// first and the last of them, so nothing runs off to a page beside.
#[track_caller]
fn check(workbook: &Workbook, pages: &[String], expected: usize, headings: [&str; 2]) {
    assert_eq!(pages.len(), expected, "{pages:?}");
    let whole: String = pages.concat();
    for cell in workbook.sheets.iter().flat_map(|sheet| &sheet.cells) {
        if let xibu_plugin_abi::message::CellOutValue::Text(text) = &cell.value {
            let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
            assert!(whole.contains(&text), "{text} is not on paper: {whole}");
        }
    }
    for page in pages {
        assert!(headings.iter().all(|heading| page.contains(heading)), "{page}");
    }
}

async fn carrier() -> (library::Place, Carrier) {
    let place = place("xibu-spreadsheet");
    let settings = place.settings(serde_json::json!({}));
    let carrier = Carrier::start(settings, place.host.clone()).await.unwrap();
    (place, carrier)
}

#[tokio::test]
async fn forms_are_whole_on_a4_in_both_formats() {
    let (_place, carrier) = carrier().await;
    let city = {
        let (world, rulebook) = (world(30), Rulebook::default());
        city_form(&consolidate_city(&world, &rulebook, (CITY, june()), on(26), name_of))
    };
    let of_county = ["服务单位", "收到日期"];
    let of_city = ["区县项目办", "区县报告单"];
    for (workbook, [xlsx, docx], headings) in [
        (county_form(7), [1, 1], of_county),
        // 区县 with thirty units.
        (county_form(30), [2, 2], of_county),
        (city, [1, 1], of_city),
    ] {
        for (format, end, count) in
            [(WorkbookFormat::Xlsx, "xlsx", xlsx), (WorkbookFormat::Docx, "docx", docx)]
        {
            let bytes = written_as(&carrier, workbook.clone(), format, 0).await.unwrap();
            let again = written_as(&carrier, workbook.clone(), format, 1).await.unwrap();
            assert!(bytes == again, "the same form gives the same bytes");
            let folder = tempfile::tempdir().unwrap();
            check(&workbook, &pages(&bytes, end, folder.path()), count, headings);
        }
    }
    carrier.stop().await;
}

#[tokio::test]
async fn a_form_comes_back_as_the_countys_return_in_both_formats() {
    let (_place, carrier) = carrier().await;
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("data")).await.unwrap();
    let world = world(30);
    for (format, end) in [(WorkbookFormat::Xlsx, "xlsx"), (WorkbookFormat::Docx, "docx")] {
        let bytes = written_as(&carrier, county_form(30), format, 0).await.unwrap();
        let now = Now::at_civil(on(26), Shanghai);
        let file_name = format!("报告单.{end}");
        let arrival = Arrival { file_name, bytes, received_at: on(26), by: "clerk".into() };
        let file = intake::read(&carrier, arrival, now).await.unwrap().remove(0);
        let rulebook = Rulebook::default();
        let report = intake::examine(&store, (&world, &rulebook), &file.arrival, &file.reading)
            .await
            .unwrap();
        assert_eq!(report.outcome, FileOutcome::Taken, "{end}: {report:#?}");
        assert_eq!(report.returns, ["county_monthly_return/O2/2026-06"], "{end}");
        let refused: usize = report.sheets.iter().map(|sheet| sheet.refused).sum();
        assert_eq!((report.sheets.len(), refused), (1, 0), "{end}: {report:#?}");
    }
    carrier.stop().await;
}
