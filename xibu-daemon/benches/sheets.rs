//! Measures a workbook's way in: cells a second through the plugin's process and the core's
//! checks, beside openpyxl reading the same file in the same run, and the peak memory of both.
//!
//! `cargo bench -p xibu-daemon --bench sheets`; needs python3 with openpyxl. What it is not:
//! nothing is recorded; the store's share is in its own figures.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../tests/carrier/library.rs"]
mod library;

use std::process::Command;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use chrono_tz::Asia::Shanghai;
use xibu_core::intake::roster;
use xibu_daemon::carrier::{Carrier, State};
use xibu_daemon::clock::Now;
use xibu_daemon::intake::{self, Arrival, Reading};
use xibu_daemon::sample::{self, SampleContent, Size};
use xibu_daemon::workbook::written;

/// What openpyxl is asked: every value of every cell, as a script in an office would.
const OPENPYXL: &str = "
import resource, sys, time, openpyxl
for mode in (False, True):
    begun = time.perf_counter()
    book = openpyxl.load_workbook(sys.argv[1], read_only=mode, data_only=True)
    cells = sum(1 for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)
    took = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f'openpyxl {\"read-only\" if mode else \"whole\"}: {cells} cells in {took:.2f} s, {cells / took:.0f} cells/s, peak {peak} KiB')
";

#[tokio::main]
async fn main() {
    let place = library::place("xibu-spreadsheet");
    let carrier =
        Carrier::start(place.settings(serde_json::json!({})), place.host.clone()).await.unwrap();
    // One county with everybody: a roster of 14 columns.
    let size = Size { counties: 1, universities: 8, units: 500, volunteers: 20_000 };
    let SampleContent::Workbook(workbook) = sample::generate(1, size).rosters[0].content.clone()
    else {
        return;
    };
    let begun = Instant::now();
    let bytes = written(&carrier, workbook, 0).await.unwrap();
    println!("written through the plugin: {} bytes in {:.2?}", bytes.len(), begun.elapsed());
    carrier.stop().await;
    let file = place.folder.path().join("roster.xlsx");
    std::fs::write(&file, &bytes).unwrap();
    // A worker of its own, so that its peak is the reading's.
    let carrier =
        Carrier::start(place.settings(serde_json::json!({})), place.host.clone()).await.unwrap();
    let received_at = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap().and_hms_opt(9, 0, 0).unwrap();
    let arrival =
        Arrival { file_name: "roster.xlsx".into(), bytes, received_at, by: "clerk".into() };
    let now = Now::at_civil(received_at, Shanghai);
    let mut best = Duration::MAX;
    let mut cells = 0;
    for _ in 0..3 {
        let begun = Instant::now();
        let Reading::Sheets(sheets) = intake::read(&carrier, &arrival, now).await.unwrap() else {
            return;
        };
        let taken = roster::read(&sheets[0].sheet);
        best = best.min(begun.elapsed());
        cells = sheets[0].sheet.cells.len();
        assert_eq!(taken.accepted.len(), 20_000);
    }
    let State::Running { process } = carrier.state().await else { return };
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    println!(
        "plugin and core checks: {cells} cells in {best:.2?}, {:.0} cells/s, worker's {peak}",
        cells as f64 / best.as_secs_f64()
    );
    let python = Command::new("python3").args(["-c", OPENPYXL]).arg(&file).output().unwrap();
    print!("{}", String::from_utf8_lossy(&python.stdout));
    eprint!("{}", String::from_utf8_lossy(&python.stderr));
}
