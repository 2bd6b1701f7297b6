//! The doors with a real plugin: a running daemon, its listener on loopback, the store beside it.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "the carrier's own tests need more of it")]
mod carrier {
    pub(crate) mod library;
}

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use carrier::library::{DAEMON, build};
use xibu_core::change::Change;
use xibu_core::office::{OfficeId, OfficeKind, OfficeVersion};
use xibu_core::validity::Validity;
use xibu_daemon::arrival::{HeldFor, sealed};
use xibu_daemon::carrier::approval;
use xibu_daemon::clock::Clock;
use xibu_daemon::store::{Approval, Arrival, ArrivalFilter, Batch, SqliteStore, Store};

/// A daemon that runs, and what it says.
struct Daemon {
    child: Child,
    log: BufReader<std::process::ChildStderr>,
    address: String,
}

impl Daemon {
    /// An office whose phone channel is the plugin under test, running.
    async fn start(folder: &Path) -> Self {
        let gateway = folder.join("libgateway.so");
        std::fs::copy(build("xibu-broken-plugin"), &gateway).unwrap();
        let sheets = folder.join("libsheets.so");
        std::fs::copy(build("xibu-spreadsheet"), &sheets).unwrap();
        std::fs::write(
            folder.join("xibu.toml"),
            "[office]\nserves = [\"O1\"]\n[listen]\naddress = \"127.0.0.1:0\"\n\
             [channel]\nphone = \"gateway\"\n\
             [plugin.gateway]\nlibrary = \"libgateway.so\"\n\
             [plugin.gateway.settings]\nfrom = \"15400000001\"\n\
             [plugin.spreadsheet]\nlibrary = \"libsheets.so\"\n",
        )
        .unwrap();
        let clock = Clock::real(chrono_tz::Asia::Shanghai);
        let store = SqliteStore::open(&folder.join("data")).await.unwrap();
        for library in [&gateway, &sheets] {
            let approval = Approval {
                sha256: approval::inspect(library).unwrap(),
                plugin: "under test".into(),
                file_name: library.display().to_string(),
                approved_at: clock.now().civil,
                by: "clerk".into(),
            };
            store.approve(&approval).await.unwrap();
        }
        let version = OfficeVersion {
            name: "某市项目办".into(),
            superior: None,
            gb_code: None,
            validity: Validity::since(clock.now().date()),
        };
        let city = Change::OfficeStood { office: OfficeId(1), kind: OfficeKind::City, version };
        let batch = Batch { by: "clerk".into(), changes: vec![city], ..Batch::default() };
        store.record(&batch, clock.now()).await.unwrap();
        store.close().await;
        let mut child = Command::new(DAEMON)
            .arg("run")
            .current_dir(folder)
            .env_clear()
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut daemon = Self { child, log, address: String::new() };
        let line = daemon.hears("listening");
        daemon.address = line.rsplit("address=").next().unwrap().trim().to_owned();
        daemon
    }

    /// Reads its log up to the line that says so.
    fn hears(&mut self, word: &str) -> String {
        let mut whole = String::new();
        loop {
            let begun = whole.len();
            let read = self.log.read_line(&mut whole).unwrap();
            assert!(read > 0, "it ended without saying `{word}`:\n{whole}");
            if whole[begun..].contains(word) {
                return whole[begun..].to_owned();
            }
        }
    }

    fn says(&self, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Tells it to stop; it ends in good order.
    fn stop(mut self) {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success(), "{rest}");
    }
}

/// What the commands say of what waits, and what a clerk may do about it.
fn a_clerk_looks(folder: &Path) {
    let run = |words: &[&str], code: i32| {
        let output = Command::new(DAEMON)
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
    };
    let listed = run(&["arrivals", "list"], 1);
    assert!(listed.contains("A3") && listed.contains("号码或邮箱不认识"), "{listed}");
    assert!(!listed.contains("甲乙") && !listed.contains("15400000001"), "{listed}");
    let lines = run(&["arrivals", "list", "--json"], 1);
    assert_eq!(lines.lines().count(), 4);
    assert!(lines.contains(r#""held":"unknown_sender""#) && !lines.contains("text"), "{lines}");
    let shown = run(&["arrivals", "show", "A3"], 0);
    assert!(shown.contains("甲乙") && shown.contains("15400000001"), "{shown}");
    assert!(run(&["arrivals", "show", "A9"], 4).contains("没有这封来信"));
    assert!(run(&["arrivals", "take", "A3", "--as", "gossip"], 2).contains("acknowledged:"));
    assert!(run(&["arrivals", "take", "A3", "--as", "nil"], 2).contains("--from"));
    let nothing = run(&["arrivals", "take", "A3", "--as", "nil", "--from", "P9"], 4);
    assert!(nothing.contains("没有待报的表单"), "{nothing}");
    run(&["arrivals", "drop", "A3"], 0);
    assert!(run(&["arrivals", "drop", "A3"], 2).contains("已经处理过"));
    assert_eq!(run(&["arrivals", "list", "--json"], 1).lines().count(), 3);
    assert_eq!(run(&["arrivals", "list", "--all", "--json"], 1).lines().count(), 4);
    let status = run(&["status", "--json"], 1);
    assert_eq!(status.matches(r#""kind":"arrival""#).count(), 3, "{status}");
    assert!(status.contains(r#""kind":"source","plugin":"gateway""#), "{status}");
    assert!(run(&["status"], 1).contains("来信等人处理"));
}

async fn arrivals(store: &SqliteStore) -> Vec<Arrival> {
    store.arrivals(&ArrivalFilter::default()).await.unwrap()
}

#[tokio::test]
async fn polled_and_knocked_at_and_kept_before_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::start(folder.path()).await;
    // The first look brings two; the daemon is held, and what comes is kept all the same.
    daemon.hears("messages came in");
    let store = SqliteStore::open(&folder.path().join("data")).await.unwrap();
    let polled = arrivals(&store).await;
    assert_eq!(polled.len(), 2);
    assert!(polled.iter().all(|one| one.held == Some(HeldFor::UnknownSender)));
    assert_eq!(store.cursor("gateway", "poll").await.unwrap().as_deref(), Some("2"));

    let answer = daemon.says("/hooks/gateway/replies%2F1?a=b&c=%20", "甲乙");
    assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    assert!(answer.contains("content-type: text/plain"), "{answer}");
    assert!(answer.ends_with("POST /replies%2F1?a=b&c=%20 甲乙"), "{answer}");
    let newest = arrivals(&store).await.remove(0);
    let opened = store.open_document(newest.document.unwrap()).await.unwrap();
    assert_eq!(sealed::from_bytes(&opened.bytes).unwrap().0.text, "甲乙");
    // The gateway did not hear us and says it again.
    assert!(daemon.says("/hooks/gateway", "甲乙").starts_with("HTTP/1.1 202 "));
    assert_eq!(arrivals(&store).await.len(), 3);

    // The plugin falls over: the gateway is told to come again, and the next call is served.
    let fallen = daemon.says("/hooks/gateway", "abort");
    assert!(fallen.starts_with("HTTP/1.1 503 ") && fallen.contains("retry-after: "), "{fallen}");
    assert!(daemon.says("/hooks/gateway", "丙").starts_with("HTTP/1.1 202 "));
    assert_eq!(arrivals(&store).await.len(), 4);
    assert!(daemon.says("/hooks/gossip", "丁").starts_with("HTTP/1.1 404 "));
    daemon.stop();
    store.close().await;
    a_clerk_looks(folder.path());
    // Nothing of what people wrote, and no number of theirs, stands in the log or the database.
    let database = std::fs::read(folder.path().join("data/xibu.db")).unwrap();
    for hidden in ["甲乙", "15400000001"] {
        let found = database.windows(hidden.len()).any(|window| window == hidden.as_bytes());
        assert!(!found, "{hidden} stands in the open");
    }
}
