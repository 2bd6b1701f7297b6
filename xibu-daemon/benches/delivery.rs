//! Measures the daemon with its durable outbox: messages a second through claim, intent, plugin
//! process and settlement to a real mail server (exim), beside a bare lettre loop to the same
//! server in the same run; start to ready and idle memory of the service.
//!
//! `cargo bench -p xibu-daemon --bench delivery`. What it is not: letters are plain here, without
//! forms.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[allow(dead_code, reason = "shared with the whole-line tests")]
#[path = "../../tests/harness/build.rs"]
mod build;
#[path = "../../tests/harness/certificate.rs"]
mod certificate;
#[allow(dead_code, reason = "shared with the whole-line tests")]
#[path = "../../tests/harness/exim.rs"]
mod exim;
#[path = "../tests/carrier/library.rs"]
mod library;
#[allow(dead_code, reason = "shared with the whole-line tests")]
#[path = "../../tests/harness/mailbox.rs"]
mod mailbox;
#[allow(dead_code, reason = "shared with the whole-line tests")]
#[path = "../../tests/harness/program.rs"]
mod program;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chrono_tz::Asia::Shanghai;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use serde_json::json;
use tokio::net::TcpStream;
use xibu_core::appointment::{Appointment, Role};
use xibu_core::change::Change;
use xibu_core::office::{OfficeId, OfficeKind, OfficeVersion};
use xibu_core::parameter::Rulebook;
use xibu_core::person::PersonId;
use xibu_core::service::Service;
use xibu_core::validity::Validity;
use xibu_daemon::carrier::Carrier;
use xibu_daemon::clock::{Clock, Now};
use xibu_daemon::compose::{Letter, Rendered};
use xibu_daemon::delivery::{Desk, Limits, Post, Route, Written};
use xibu_daemon::record::{Record, enable_rules};
use xibu_daemon::store::{Batch, PersonValue, SqliteStore, Store, ValueKind};
use xibu_daemon::tick::tick;

use exim::{Exim, Speaks};

/// Units, and so messages.
const UNITS: u32 = 2_000;
const SUBJECT: &str = "关于报送2026年6月安全情况的提醒";

fn text() -> String {
    "请于6月28日前报送本月服务单位安全情况。\n".repeat(40)
}

struct Plain;

impl Desk for Plain {
    async fn write(&self, _: &Letter<'_>, _: Now) -> Result<Written, String> {
        let rendered =
            Rendered { subject: SUBJECT.to_owned(), text: text(), ..Rendered::default() };
        Ok(Written { rendered, files: Vec::new() })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let exim = Exim::start(Speaks::Plain);
    let bare = bare_lettre(exim.port()).await;
    println!(
        "bare lettre loop to exim, one connection without Nagle's delay: {bare:.0} messages/s"
    );
    for connections in [1, 2] {
        let rate = outbox(exim.port(), connections).await;
        println!(
            "durable outbox, xibu-email through its process, {connections} connection(s): \
             {rate:.0} messages/s ({:.2} of bare)",
            rate / bare
        );
    }
    service();
}

async fn bare_lettre(port: u16) -> f64 {
    let begun = Instant::now();
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let hello = ClientId::Domain("office.test".into());
    let mut smtp =
        AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await.unwrap();
    for unit in 0..UNITS {
        let mail = lettre::Message::builder()
            .from("xb@office.test".parse().unwrap())
            .to(format!("p{unit}@county.test").parse().unwrap())
            .subject(SUBJECT)
            .body(text())
            .unwrap();
        smtp.send(mail.envelope(), &mail.formatted()).await.unwrap();
    }
    f64::from(UNITS) / begun.elapsed().as_secs_f64()
}

/// A city with one county and `UNITS` units, each with a contact and a volunteer.
async fn city(store: &SqliteStore, now: Now) -> Record {
    let since = Validity::since("2025-07-01".parse().unwrap());
    let office = |id: u32, kind, superior: Option<u32>| Change::OfficeStood {
        office: OfficeId(id),
        kind,
        version: OfficeVersion {
            name: format!("第{id}办"),
            superior: superior.map(OfficeId),
            gb_code: None,
            validity: since,
        },
    };
    let mut changes =
        vec![office(1, OfficeKind::City, None), office(2, OfficeKind::County, Some(1))];
    let mut values = Vec::new();
    for unit in 3..3 + UNITS {
        let (contact, volunteer) = (PersonId(unit), PersonId(100_000 + unit));
        let office_id = OfficeId(unit);
        changes.push(office(unit, OfficeKind::Unit, Some(2)));
        let role = Role::Contact;
        let held = Appointment { person: contact, office: office_id, role, validity: since };
        changes.push(Change::Appointed(held));
        let service = Service { person: volunteer, unit: office_id, home: None, validity: since };
        changes.push(Change::ServiceBegan(service));
        let value = format!("p{unit}@county.test");
        values.push(PersonValue { person: contact, kind: ValueKind::Mail, value });
    }
    let batch = Batch { by: "clerk".into(), changes, values, ..Batch::default() };
    store.record(&batch, now).await.unwrap();
    let mut record = Record::load(store).await.unwrap();
    enable_rules(store, &mut record, now).await.unwrap();
    record
}

async fn outbox(port: u16, connections: usize) -> f64 {
    let place = library::place("xibu-email");
    let settings = place.settings(json!({
        "host": "127.0.0.1", "port": port, "security": "plain",
        "from": "xb@office.test", "connections": connections,
    }));
    let carrier = Carrier::start(settings, place.host.clone()).await.unwrap();
    let store = SqliteStore::open(&place.folder.path().join("data")).await.unwrap();
    let begin = Now::at_civil("2026-06-01T09:00:00".parse().unwrap(), Shanghai);
    let mut record = city(&store, begin).await;
    let (rulebook, serves) = (Rulebook::default(), [OfficeId(1)]);
    tick(&store, &mut record, &rulebook, &serves, begin).await.unwrap();
    store.release(begin).await.unwrap();
    let clock = Clock::virtual_at("2026-06-15T08:30:00".parse().unwrap(), Shanghai);
    let begun = Instant::now();
    let report = tick(&store, &mut record, &rulebook, &serves, clock.now()).await.unwrap();
    println!("tick that plans {} notices: {:?}", report.written.notices, begun.elapsed());
    let routes = [Route::new(ValueKind::Mail, carrier)];
    let post = Post {
        store: &store,
        clock: &clock,
        routes: &routes,
        desk: &Plain,
        rulebook: &rulebook,
        serves: &serves,
        limits: Limits::default(),
    };
    let begun = Instant::now();
    let report = post.deliver_due(&mut record).await.unwrap();
    let elapsed = begun.elapsed();
    assert_eq!(report.count("accepted"), UNITS, "{report:?}");
    f64::from(UNITS) / elapsed.as_secs_f64()
}

/// The service on fresh data: how long until it says it is ready, and what it holds when idle.
fn service() {
    let folder = tempfile::tempdir().unwrap();
    let told = Command::new(library::DAEMON).arg("init").arg(folder.path()).output().unwrap();
    assert!(told.status.success(), "{told:?}");
    let configuration = folder.path().join("xibu.toml");
    let mut times: Vec<Duration> = (0..9).map(|_| run(&configuration).0).collect();
    times.sort();
    let (first_kb, threads) = run(&configuration).1;
    println!("start to ready: median {:?} of {}, worst {:?}", times[4], times.len(), times[8]);
    println!("idle service: {first_kb} KB resident, {threads} threads");
}

fn run(configuration: &Path) -> (Duration, (u64, u64)) {
    let begun = Instant::now();
    let mut child = Command::new(library::DAEMON)
        .arg("--config")
        .arg(configuration)
        .arg("run")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let ready = lines.find(|line| line.as_ref().unwrap().contains("ready"));
    let elapsed = begun.elapsed();
    assert!(ready.is_some(), "it ended without being ready");
    std::thread::sleep(Duration::from_secs(1));
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let held = (field("VmRSS:"), field("Threads:"));
    let killed = Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap();
    assert!(killed.success() && child.wait().unwrap().success());
    (elapsed, held)
}
