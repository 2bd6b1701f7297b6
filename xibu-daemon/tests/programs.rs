//! Plugins that are programs: the examples deliver real messages, and whatever a bad program does
//! costs its own call and nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "carrier/library.rs"]
mod library;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use xibu_daemon::carrier::{
    Answered, CallLost, Carrier, Host, MEMORY_MAX_BYTES, PluginSettings, PluginState, Restart,
    State, StateKeeper, approval,
};
use xibu_daemon::clock::Clock;
use xibu_daemon::settings::Carried;
use xibu_daemon::store::{Batch, NewCursor, NewPluginPuts, SqliteStore, Store};
use xibu_plugin_abi::message::{Attachment, Blame, Item, Message, Outcome, Request, Status};

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(600);

/// A program and a host that has approved it.
struct Place {
    folder: tempfile::TempDir,
    host: Host,
    program: PathBuf,
}

fn place(source: &str) -> Place {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join(source.file_name().unwrap());
    std::fs::copy(&source, &program).unwrap();
    approved(folder, program)
}

fn approved(folder: tempfile::TempDir, program: PathBuf) -> Place {
    let sha256 = vec![approval::inspect(&program).unwrap()];
    let mut host = Host::new(folder.path().into(), folder.path().join("private"), sha256);
    host.program = library::DAEMON.into();
    host.restart = Restart { pause_first: Duration::ZERO, ..Restart::default() };
    Place { folder, host, program }
}

/// A script of a few lines.
fn written(text: &str) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("script");
    std::fs::write(&program, text).unwrap();
    approved(folder, program)
}

impl Place {
    fn settings(&self, settings: Value, arguments: &[&str]) -> PluginSettings {
        PluginSettings {
            id: "under-test".into(),
            carried: Some(Carried::Program {
                path: self.program.clone(),
                arguments: arguments.iter().map(|&word| word.to_owned()).collect(),
            }),
            settings: settings.into(),
            memory_max_bytes: MEMORY_MAX_BYTES,
        }
    }

    async fn start(&self, settings: Value) -> Carrier {
        Carrier::start(self.settings(settings, &[]), self.host.clone()).await.unwrap()
    }
}

fn message(n: usize) -> Message {
    Message {
        key: format!("key-{n}"),
        address: format!("1390000000{n}"),
        recipient: "张三".into(),
        subject: "关于报送2026年6月安全情况的提醒".into(),
        text: "请于6月28日前报送。\n第二行：\"引号\"、\\、\t制表。".into(),
        ..Message::default()
    }
}

fn deliver(count: usize) -> Request {
    Request::Deliver { messages: (0..count).map(message).collect() }
}

async fn call(
    carrier: &Carrier,
    request: Request,
    deadline: Duration,
) -> (Result<Status, CallLost>, Vec<Item>) {
    let mut items = Vec::new();
    let blobs = vec![b"blob".to_vec()];
    let status = carrier.call(request, blobs, 0, deadline, |item, _| items.push(item)).await;
    (status, items)
}

fn accepted(n: usize) -> Item {
    let outcome = Outcome::Accepted { reference: format!("key-{n}") };
    Item::Delivered { index: u32::try_from(n).unwrap(), outcome }
}

fn outcomes(items: Vec<Item>) -> Vec<Outcome> {
    let each = items.into_iter().enumerate().map(|(n, item)| match item {
        Item::Delivered { index, outcome } if index as usize == n => outcome,
        other => panic!("{other:?}"),
    });
    each.collect()
}

// ── the examples ──

/// A robot on loopback: gives each answer once, and tells what it was sent: the request's first
/// line and its body.
fn robot(answers: Vec<&'static str>) -> (u16, Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut first, mut length) = (String::new(), 0);
            reader.read_line(&mut first).unwrap();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            (&stream).write_all(answer.as_bytes()).unwrap();
            tell.send((first.trim().to_owned(), serde_json::from_slice(&body).unwrap())).unwrap();
        }
    });
    (port, told)
}

const GOOD: &str =
    "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nConnection: close\r\n\r\n{\"errcode\":0}";
const FAST: &str =
    "HTTP/1.1 200 OK\r\nContent-Length: 17\r\nConnection: close\r\n\r\n{\"errcode\":45009}";
const DOWN: &str = "HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn the_python_example_posts_to_a_group_and_counts_in_its_own_state() {
    let place = place("../examples/plugins/webhook.py");
    let (port, told) = robot(vec![GOOD, FAST, DOWN, GOOD, "HTTP/1.1 200 OK\r\n\r\nnonsense"]);
    let url = format!("http://127.0.0.1:{port}/send");
    let settings = place.settings(json!({"url": url, "token": "geheim"}), &[]);
    let data = place.folder.path().join("data");
    let store = std::sync::Arc::new(SqliteStore::open(&data).await.unwrap());
    let keeper: std::sync::Arc<dyn StateKeeper> = store.clone();
    let carrier = Carrier::start(settings, place.host.clone()).await.unwrap().keeping_state(keeper);
    let (answer, items) = call(&carrier, deliver(3), LONG).await;
    assert_eq!(answer.unwrap(), Status::Done);
    assert_eq!(
        outcomes(items),
        [
            Outcome::Accepted { reference: "webhook-1".into() },
            Outcome::Throttled { retry_after_seconds: 60, detail: "errcode 45009".into() },
            Outcome::Deferred { blame: Blame::Channel, detail: "HTTP 503".into() },
        ]
    );
    let (first, body) = told.recv().unwrap();
    assert_eq!(first, "POST /send?key=geheim HTTP/1.1");
    let sent = message(0);
    assert_eq!(
        body,
        json!({"msgtype": "text", "text": {
            "content": format!("{}\n{}", sent.subject, sent.text),
            "mentioned_mobile_list": [sent.address],
        }})
    );
    // A new process goes on counting where the old one stopped.
    carrier.stop().await;
    let (_, items) = call(&carrier, deliver(1), LONG).await;
    assert_eq!(outcomes(items), [Outcome::Accepted { reference: "webhook-2".into() }]);
    let state = store.plugin_state("under-test").await.unwrap();
    assert_eq!(state, [("sent".to_owned(), b"2".to_vec())].into());
    // What it cannot judge may have gone; what it never reached has not.
    let (_, items) = call(&carrier, deliver(1), LONG).await;
    assert_eq!(outcomes(items), [Outcome::Unknown]);
    let (_, items) = call(&carrier, deliver(1), LONG).await;
    let detail = "the robot cannot be reached".into();
    assert_eq!(outcomes(items), [Outcome::Deferred { blame: Blame::Channel, detail }]);
}

#[tokio::test]
async fn the_shell_example_appends_each_message_once() {
    let place = place("../examples/plugins/append.sh");
    let file = place.folder.path().join("messages.txt");
    let carrier = place.start(json!({"file": file})).await;
    assert_eq!(carrier.descriptor().await.unwrap().title, "追加到文件");
    let mut with_file = message(0);
    with_file.attachments = vec![Attachment {
        file_name: "月报.xlsx".into(),
        media_type: "application/octet-stream".into(),
        blob: 0,
    }];
    let messages = vec![with_file, message(1)];
    // Blobs with every byte in them are passed over whole.
    let blobs = vec![(0..=255).cycle().take(300_000).collect(), vec![], b"\n".to_vec()];
    for _ in 0..2 {
        let mut items = Vec::new();
        let request = Request::Deliver { messages: messages.clone() };
        let answer = carrier.call(request, blobs.clone(), 0, LONG, |item, _| items.push(item));
        assert_eq!(answer.await.unwrap(), Status::Done);
        let accepted = Outcome::Accepted { reference: String::new() };
        assert_eq!(outcomes(items), [accepted.clone(), accepted]);
    }
    let block = |n: usize, files: &str| {
        let Message { key, address, subject, text, .. } = message(n);
        format!("Key: {key}\nTo: {address}\nSubject: {subject}\n{files}\n{text}\n\n")
    };
    let expected = block(0, "File: 月报.xlsx\n") + &block(1, "");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), expected);
    assert_eq!(call(&carrier, Request::Echo, LONG).await.0.unwrap(), Status::Unsupported);
}

#[tokio::test]
async fn what_an_example_cannot_be_set_to_is_told_by_key() {
    let place = place("../examples/plugins/webhook.py");
    let settings = place.settings(json!({"urll": "geheim", "timeout": 0, "token": 5}), &[]);
    let lost = Carrier::start(settings, place.host.clone()).await.unwrap_err().to_string();
    for words in ["timeout: expected 1 to 60", "token: wrong type", "did you mean `url`"] {
        assert!(lost.contains(words), "{lost} lacks {words}");
    }
    assert!(!lost.contains("geheim"), "{lost}");
}

// ── faults ──

#[derive(Clone, Copy, Debug, PartialEq)]
enum Seen {
    Done,
    Failed,
    Died,
    Deadline,
    Misbehaved,
}

fn seen(answer: &Result<Status, CallLost>) -> Seen {
    match answer {
        Ok(Status::Done) => Seen::Done,
        Ok(Status::Failed { .. }) => Seen::Failed,
        Err(CallLost::Died { .. }) => Seen::Died,
        Err(CallLost::Deadline) => Seen::Deadline,
        Err(CallLost::Misbehaved { .. }) => Seen::Misbehaved,
        other => panic!("{other:?}"),
    }
}

const FAULTS: [(&str, Seen, Duration); 17] = [
    ("none", Seen::Done, LONG),
    ("flood", Seen::Done, LONG),
    ("fails", Seen::Failed, LONG),
    ("over_quota", Seen::Failed, LONG),
    ("undeclared", Seen::Failed, LONG),
    ("unknown_question", Seen::Failed, LONG),
    ("exit", Seen::Died, LONG),
    ("exit_3", Seen::Died, LONG),
    ("abort", Seen::Died, LONG),
    ("half_a_frame", Seen::Died, LONG),
    ("holds_the_pipe", Seen::Died, LONG),
    // Python's own word for it; the limit is the same.
    ("eat_memory", Seen::Died, LONG),
    ("garbage", Seen::Misbehaved, LONG),
    ("huge", Seen::Misbehaved, LONG),
    ("out_of_turn", Seen::Misbehaved, LONG),
    ("loop", Seen::Deadline, SHORT),
    ("hang", Seen::Deadline, SHORT),
];

#[tokio::test]
async fn every_fault_of_a_program_costs_its_call_and_nothing_else() {
    let place = place("tests/carrier/faulty.py");
    let sound = place.start(json!({})).await;
    for (fault, expected, deadline) in FAULTS {
        let carrier = place.start(json!({"fault": fault, "after": 1})).await;
        let (answer, items) = call(&carrier, deliver(3), deadline).await;
        assert_eq!(seen(&answer), expected, "{fault}: {answer:?}");
        let text = format!("{answer:?}");
        assert!(!text.contains("138"), "a program's words leave it: {text}");
        // What was said before the fault stands.
        let known = if expected == Seen::Done { 3 } else { 1 };
        assert_eq!(items, (0..known).map(accepted).collect::<Vec<_>>(), "{fault}");
        // The same carrier answers again, and the others never noticed.
        let (answer, items) = call(&carrier, Request::Echo, LONG).await;
        assert_eq!((answer.unwrap(), items), (Status::Done, vec![Item::Echoed]), "{fault}");
        let (answer, items) = call(&sound, deliver(1), LONG).await;
        assert_eq!((answer.unwrap(), items), (Status::Done, vec![accepted(0)]), "{fault}");
    }
    assert!(matches!(sound.state().await, State::Running { .. }));
}

#[tokio::test]
async fn what_is_refused_is_refused_with_its_reason() {
    let place = place("tests/carrier/faulty.py");
    for (fault, words) in [
        ("over_quota", "no state is kept in this call"),
        ("undeclared", "declares no such secret"),
        ("unknown_question", "does not know this question"),
    ] {
        let carrier = place.start(json!({"fault": fault})).await;
        let (answer, _) = call(&carrier, deliver(1), LONG).await;
        let Ok(Status::Failed { detail }) = answer else { panic!("{answer:?}") };
        assert!(detail.contains(words), "{detail}");
    }
    let carrier = place.start(json!({"fault": "over_quota"})).await;
    let state = PluginState::new();
    let answered = carrier.call_with_state(deliver(1), vec![], 0, LONG, state, |_, _| {}).await;
    let Answered { status: Status::Failed { detail }, puts } = answered.unwrap() else { panic!() };
    assert!(detail.contains("over the quota of 65536 bytes") && puts.is_empty(), "{detail}");
}

async fn check_not_started(place: &Place, arguments: &[&str], words: &str) {
    let mut host = place.host.clone();
    host.start_max = Duration::from_secs(2);
    let carrier = Carrier::new(place.settings(json!({}), arguments), host);
    let (answer, items) = call(&carrier, deliver(1), LONG).await;
    let lost = answer.unwrap_err();
    assert!(matches!(lost, CallLost::NotStarted { .. }) && !lost.may_have_acted(), "{lost:?}");
    assert!(items.is_empty());
    assert!(lost.to_string().contains(words), "{arguments:?}: {lost} lacks {words}");
    assert!(!lost.to_string().contains("138"), "{lost}");
}

#[tokio::test]
async fn a_program_that_does_not_come_up_says_why_and_nothing_went_out() {
    let place = place("tests/carrier/faulty.py");
    for (fault, words) in [
        ("exit", "exit status: 0"),
        ("exit_3", "exit status: 3"),
        ("abort", "SIGABRT"),
        ("hang", "too long to start"),
        ("garbage", "over the limit"),
        ("half_a_frame", "exit status: 0"),
        ("holds_the_pipe", "exit status: 0"),
        ("no_hello", "too long to start"),
        ("other_major", "contract version 2, this daemon 1"),
        ("describe:exit", "exit status: 0"),
        ("describe:garbage", "over the limit"),
        ("describe:hang", "too long to start"),
    ] {
        check_not_started(&place, &[fault], words).await;
    }
    let nowhere = written("#!/nowhere/interpreter\n");
    check_not_started(&nowhere, &[], "is the interpreter of its first line installed?").await;
    check_not_started(&written("#!/bin/sh\ncat /etc/nowhere\n"), &[], "exit status: 1").await;
}

#[tokio::test]
async fn an_unapproved_program_is_never_run() {
    let place = written("#!/bin/sh\ntouch \"${0%/*}/was_run\"\n");
    let mut host = place.host.clone();
    host.approved.clear();
    let lost = Carrier::start(place.settings(json!({}), &[]), host).await.unwrap_err();
    assert!(matches!(lost, CallLost::NotApproved(_)) && !lost.may_have_acted(), "{lost:?}");
    // A changed byte is another program.
    std::fs::write(&place.program, "#!/bin/sh\n").unwrap();
    let settings = place.settings(json!({}), &[]);
    let lost = Carrier::start(settings, place.host.clone()).await.unwrap_err();
    assert!(matches!(lost, CallLost::NotApproved(_)), "{lost:?}");
    assert!(!place.host.private.join("was_run").exists());
}

// ── services ──

fn poll(word: &str) -> Request {
    Request::Poll { cursor: Some(word.into()), lost: 0 }
}

fn polled(items: &[Item]) -> &str {
    match items {
        [Item::Polled { cursor, .. }] => cursor,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_a_call_puts_is_kept_with_its_cursor_or_not_at_all() {
    let place = place("tests/carrier/faulty.py");
    let store = SqliteStore::open(&place.folder.path().join("data")).await.unwrap();
    let now = Clock::real(chrono_tz::Asia::Shanghai).now();
    let carrier = place.start(json!({})).await;
    for round in 1..=3 {
        let state = store.plugin_state("under-test").await.unwrap();
        let mut items = Vec::new();
        let answered = carrier
            .call_with_state(poll("count"), vec![], 0, LONG, state, |item, _| items.push(item))
            .await
            .unwrap();
        assert_eq!((answered.status, polled(&items)), (Status::Done, &*round.to_string()));
        let cursor = NewCursor {
            plugin: "under-test".into(),
            name: "poll".into(),
            value: polled(&items).into(),
        };
        let puts = NewPluginPuts { plugin: "under-test".into(), puts: answered.puts };
        let batch = Batch { cursor: Some(cursor), plugin_puts: Some(puts), ..Batch::default() };
        // The record has moved on: neither is kept, and the round comes again.
        let stale = Batch { after: Some(99), ..batch.clone() };
        store.record(&stale, now).await.unwrap_err();
        assert_eq!(store.plugin_state("under-test").await.unwrap().len(), (round - 1).min(1));
        store.record(&batch, now).await.unwrap();
        // A call that fails puts nothing.
        let state = store.plugin_state("under-test").await.unwrap();
        let failed = poll("count and fail");
        let answered = carrier.call_with_state(failed, vec![], 0, LONG, state, |_, _| {}).await;
        let Answered { status: Status::Failed { .. }, puts } = answered.unwrap() else { panic!() };
        assert!(puts.is_empty());
    }
    let state = store.plugin_state("under-test").await.unwrap();
    assert_eq!(state, [("polls".to_owned(), b"3".to_vec())].into());
    assert_eq!(store.cursor("under-test", "poll").await.unwrap().as_deref(), Some("3"));
    assert_eq!(store.plugin_state("another").await.unwrap(), PluginState::new());
    store.set_plugin_state("under-test", &[("polls".to_owned(), vec![])].into()).await.unwrap();
    assert_eq!(store.plugin_state("under-test").await.unwrap(), PluginState::new());
}

#[tokio::test]
async fn a_secret_stands_in_no_settings_and_is_told_on_request() {
    let place = place("tests/carrier/faulty.py");
    let carrier = place.start(json!({"token": "geheim"})).await;
    let (answer, items) = call(&carrier, poll("secret"), LONG).await;
    assert_eq!((answer.unwrap(), polled(&items)), (Status::Done, "mieheg"));
}

#[tokio::test]
async fn a_call_nobody_waits_for_is_told_so_and_may_still_end_well() {
    let place = place("tests/carrier/faulty.py");
    let carrier = place.start(json!({})).await;
    // When the time it was told has passed …
    let (answer, items) = call(&carrier, poll("until cancelled"), Duration::from_secs(2)).await;
    assert_eq!((answer.unwrap(), polled(&items)), (Status::Done, "until cancelled"));
    // … or when its caller says so.
    let waiting = call(&carrier, poll("until cancelled"), LONG);
    tokio::pin!(waiting);
    let begun = std::time::Instant::now();
    let (answer, _) = loop {
        tokio::select! {
            ended = &mut waiting => break ended,
            () = tokio::task::yield_now() => carrier.cancel(),
        }
    };
    assert_eq!(answer.unwrap(), Status::Done);
    assert!(begun.elapsed() < LONG / 2);
    let (answer, _) = call(&carrier, Request::Echo, LONG).await;
    assert_eq!(answer.unwrap(), Status::Done);
}

#[tokio::test]
async fn a_program_has_a_scrubbed_environment_and_limits() {
    let place = place("tests/carrier/faulty.py");
    let carrier = place.start(json!({})).await;
    let State::Running { process } = carrier.state().await else { panic!("it runs") };
    let about = |what: &str| std::fs::read_to_string(format!("/proc/{process}/{what}")).unwrap();
    let environment = about("environ");
    let mut variables: Vec<&str> = environment.split_terminator('\0').collect();
    variables.sort_unstable();
    let expected = ["LANG=C.UTF-8", "MALLOC_ARENA_MAX=1", "PATH=/usr/local/bin:/usr/bin:/bin"];
    assert_eq!(variables, expected);
    let folder = std::fs::read_link(format!("/proc/{process}/cwd")).unwrap();
    assert_eq!(folder, Path::new("/"));
    let limits = about("limits");
    let limit = |name: &str| {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!((limit("Max core file size"), limit("Max open files")), ("0".into(), "256".into()));
    assert_eq!(limit("Max address space"), MEMORY_MAX_BYTES.to_string());
    // It leads its own group, and nothing but its three pipes was handed down.
    let status = about("stat");
    let group = status.rsplit(')').next().unwrap().split_whitespace().nth(2).unwrap().to_owned();
    assert_eq!(group, process.to_string());
    let open = std::fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let open: Vec<_> = open.map(|it| std::fs::read_link(it.unwrap().path()).unwrap()).collect();
    assert_eq!(open.len(), 3, "{open:?}");
}

#[tokio::test]
async fn large_blobs_pass_whole() {
    let place = place("tests/carrier/faulty.py");
    let carrier = place.start(json!({})).await;
    let blobs = vec![vec![7; 8 << 20], vec![], vec![9; 1 << 20]];
    let mut back = Vec::new();
    let answer = carrier.call(Request::Echo, blobs.clone(), 0, LONG, |_, blobs| back = blobs).await;
    assert_eq!(answer.unwrap(), Status::Done);
    assert!(back == blobs);
    let (answer, items) = call(&carrier, deliver(2000), LONG).await;
    assert_eq!((answer.unwrap(), items.len()), (Status::Done, 2000));
}
