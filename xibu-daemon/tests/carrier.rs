//! The carrier against a plugin that falls over on request: every fault in every call costs that
//! call and nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "carrier/library.rs"]
mod library;

use std::time::Duration;

use serde_json::json;
use xibu_daemon::carrier::{Answered, CallLost, Carrier, PluginState, State};
use xibu_plugin_abi::message::{Item, Message, Outcome, Request, Status, Workbook};

use library::{Place, place};

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);

fn deliver(count: usize) -> Request {
    let message = |n| Message {
        key: format!("key-{n}"),
        address: "a@b.test".into(),
        recipient: String::new(),
        subject: String::new(),
        text: String::new(),
        ..Message::default()
    };
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

fn accepted(n: u32) -> Item {
    let outcome = Outcome::Accepted { reference: format!("key-{n}") };
    Item::Delivered { index: n, outcome }
}

/// What a fault looks like from outside.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Seen {
    Done,
    Failed,
    Panicked,
    Died,
    Deadline,
    Misbehaved,
}

fn seen(answer: &Result<Status, CallLost>) -> Seen {
    match answer {
        Ok(Status::Done) => Seen::Done,
        Ok(Status::Failed { .. } | Status::Unsupported) => Seen::Failed,
        Ok(Status::Panicked { .. }) => Seen::Panicked,
        Err(CallLost::Died { .. }) => Seen::Died,
        Err(CallLost::Deadline) => Seen::Deadline,
        Err(CallLost::Misbehaved { .. }) => Seen::Misbehaved,
        Err(lost) => panic!("{lost}"),
    }
}

const FAULTS: [(&str, Seen, Duration); 12] = [
    ("none", Seen::Done, LONG),
    ("print", Seen::Done, LONG),
    ("fail", Seen::Failed, LONG),
    ("panic", Seen::Panicked, LONG),
    ("abort", Seen::Died, LONG),
    ("exit", Seen::Died, LONG),
    ("kill", Seen::Died, LONG),
    ("segfault", Seen::Died, LONG),
    ("overflow", Seen::Died, LONG),
    ("eat_memory", Seen::Died, LONG),
    ("loop", Seen::Deadline, SHORT),
    ("hang", Seen::Deadline, SHORT),
];

fn requests() -> [(&'static str, Request); 4] {
    [
        ("poll", Request::Poll { cursor: None, lost: 0 }),
        ("deliver", deliver(3)),
        ("read_workbook", Request::ReadWorkbook { file_name: "a.xlsx".into() }),
        ("write_workbook", Request::WriteWorkbook { workbook: Workbook::default() }),
    ]
}

#[tokio::test]
async fn every_fault_in_every_call_costs_that_call_and_nothing_else() {
    let place = place("xibu-broken-plugin");
    let sound = Carrier::start(place.settings(json!({})), place.host.clone()).await.unwrap();
    for (name, request) in requests() {
        for (fault, expected, deadline) in FAULTS {
            let settings = place.settings(json!({"call": name, "fault": fault}));
            let carrier = Carrier::start(settings, place.host.clone()).await.unwrap();
            let (answer, _) = call(&carrier, request.clone(), deadline).await;
            assert_eq!(seen(&answer), expected, "{fault} in {name}: {answer:?}");
            let text = format!("{answer:?}");
            assert!(!text.contains("138"), "a panic's words leave the plugin: {text}");
            // The same carrier answers again, in a new child where the old one fell.
            let (answer, items) = call(&carrier, Request::Echo, LONG).await;
            assert_eq!((answer.unwrap(), items), (Status::Done, vec![Item::Echoed]), "{fault}");
            // The others never noticed.
            let (answer, items) = call(&sound, deliver(1), LONG).await;
            assert_eq!((answer.unwrap(), items), (Status::Done, vec![accepted(0)]), "{fault}");
        }
    }
    assert!(matches!(sound.state().await, State::Running { .. }));
}

#[tokio::test]
async fn what_was_said_before_the_fault_stands() {
    let place = place("xibu-broken-plugin");
    for (fault, expected, deadline) in FAULTS.into_iter().chain([("spoil", Seen::Misbehaved, LONG)])
    {
        let settings = place.settings(json!({"call": "deliver", "after": 2, "fault": fault}));
        let carrier = Carrier::start(settings, place.host.clone()).await.unwrap();
        let (answer, items) = call(&carrier, deliver(3), deadline).await;
        assert_eq!(seen(&answer), expected, "{fault}");
        let known = if expected == Seen::Done { 3 } else { 2 };
        assert_eq!(items, (0..known).map(accepted).collect::<Vec<_>>(), "{fault}");
        if let Err(lost) = answer {
            assert!(lost.may_have_acted(), "{fault}");
        }
    }
}

async fn check_not_started(place: &Place, settings: serde_json::Value, words: &str) {
    let mut host = place.host.clone();
    host.start_max = Duration::from_secs(2);
    let carrier = Carrier::new(place.settings(settings), host);
    let (answer, _) = call(&carrier, deliver(1), LONG).await;
    let lost = answer.unwrap_err();
    assert!(matches!(lost, CallLost::NotStarted { .. }), "{lost:?}");
    assert!(!lost.may_have_acted());
    assert!(lost.to_string().contains(words), "{lost} lacks {words}");
    assert!(!lost.to_string().contains("138"), "{lost}");
}

/// What a plugin that does not start says, by its fault.
const START_FAULTS: [(&str, &str); 6] = [
    ("panic", "panic at"),
    ("abort", "SIGABRT"),
    ("exit", "exit status: 0"),
    ("segfault", "SIGSEGV"),
    ("eat_memory", "SIGABRT"),
    ("hang", "too long to start"),
];

#[tokio::test]
async fn a_plugin_that_falls_over_while_it_starts_is_not_started_and_nothing_went_out() {
    let place = place("xibu-broken-plugin");
    for (fault, words) in START_FAULTS {
        check_not_started(&place, json!({"call": "configure", "fault": fault}), words).await;
    }
    check_not_started(&place, json!({"call": "configure", "fault": "fail"}), "told to").await;
    check_not_started(&place, json!("x"), "a value it cannot take").await;
    for (fault, words) in START_FAULTS {
        let private = &place.host.private;
        std::fs::write(private.join("describe_fault"), fault).unwrap();
        check_not_started(&place, json!({}), words).await;
    }
}

#[tokio::test]
async fn five_deaths_are_a_quarantine_until_a_person_has_looked() {
    let place = place("xibu-broken-plugin");
    let settings = place.settings(json!({"call": "deliver", "fault": "abort"}));
    let carrier = Carrier::start(settings, place.host.clone()).await.unwrap();
    for death in 1..=5 {
        let (answer, _) = call(&carrier, deliver(1), LONG).await;
        assert!(matches!(answer, Err(CallLost::Died { .. })), "death {death}: {answer:?}");
    }
    let (answer, items) = call(&carrier, deliver(1), LONG).await;
    let lost = answer.unwrap_err();
    assert!(matches!(lost, CallLost::Quarantined { .. }) && items.is_empty(), "{lost:?}");
    assert!(!lost.may_have_acted());
    assert!(matches!(carrier.state().await, State::Quarantined { .. }));
    carrier.forgive().await;
    let (answer, _) = call(&carrier, Request::Echo, LONG).await;
    assert_eq!(answer.unwrap(), Status::Done);
}

#[tokio::test]
async fn restarts_in_a_row_wait_longer_and_a_call_meanwhile_is_told_so() {
    let place = place("xibu-broken-plugin");
    let mut host = place.host.clone();
    host.restart.pause_first = Duration::from_secs(3600);
    host.restart.pause_max = Duration::from_secs(3600);
    let settings = place.settings(json!({"call": "deliver", "fault": "exit"}));
    let carrier = Carrier::start(settings, host).await.unwrap();
    // The first restart is at once.
    for _ in 0..2 {
        let (answer, _) = call(&carrier, deliver(1), LONG).await;
        assert_eq!(seen(&answer), Seen::Died);
    }
    let (answer, _) = call(&carrier, deliver(1), LONG).await;
    let lost = answer.unwrap_err();
    assert!(matches!(lost, CallLost::BackingOff { .. }) && !lost.may_have_acted(), "{lost:?}");
}

#[tokio::test]
async fn a_worker_killed_between_calls_is_replaced_without_a_lost_call() {
    let place = place("xibu-broken-plugin");
    let carrier = Carrier::start(place.settings(json!({})), place.host.clone()).await.unwrap();
    let State::Running { process } = carrier.state().await else { panic!("it runs") };
    let id = i32::try_from(process).unwrap();
    let id = rustix::process::Pid::from_raw(id).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::KILL).unwrap();
    // Its end is seen here once it is a zombie; until then the pipe tells.
    while matches!(carrier.state().await, State::Running { .. }) {
        tokio::task::yield_now().await;
    }
    let (answer, _) = call(&carrier, deliver(1), LONG).await;
    assert_eq!(answer.unwrap(), Status::Done);
}

#[tokio::test]
async fn a_dropped_call_leaves_no_child_and_the_next_one_works() {
    let place = place("xibu-broken-plugin");
    let settings = place.settings(json!({"call": "deliver", "fault": "hang"}));
    let carrier = Carrier::start(settings, place.host.clone()).await.unwrap();
    let hanging = call(&carrier, deliver(1), LONG);
    assert!(tokio::time::timeout(SHORT, hanging).await.is_err());
    assert_eq!(carrier.state().await, State::Resting);
    let (answer, _) = call(&carrier, Request::Echo, LONG).await;
    assert_eq!(answer.unwrap(), Status::Done);
    carrier.stop().await;
    assert_eq!(carrier.state().await, State::Resting);
}

#[tokio::test]
async fn an_unapproved_library_is_never_loaded() {
    let place = place("xibu-broken-plugin");
    let mut host = place.host.clone();
    host.approved.clear();
    let lost = Carrier::start(place.settings(json!({})), host).await.unwrap_err();
    assert!(matches!(lost, CallLost::NotApproved(_)) && !lost.may_have_acted(), "{lost:?}");
    assert!(lost.to_string().contains(&place.host.approved[0]), "{lost}");
    assert!(!place.host.private.join(format!("{}.so", place.host.approved[0])).exists());
}

#[tokio::test]
async fn a_library_that_is_no_plugin_is_refused_with_a_word() {
    let mut place = place("xibu-broken-plugin");
    let stranger = place.folder.path().join("stranger.so");
    std::fs::write(&stranger, b"not a library").unwrap();
    place.host.approved = vec![xibu_daemon::carrier::approval::inspect(&stranger).unwrap()];
    place.library = stranger;
    check_not_started(&place, json!({}), "cannot be loaded").await;
}

#[tokio::test]
async fn large_blobs_and_many_items_pass_whole() {
    let place = place("xibu-broken-plugin");
    let carrier = Carrier::start(place.settings(json!({})), place.host.clone()).await.unwrap();
    let blobs = vec![vec![7; 30 << 20], vec![], vec![9; 1 << 20]];
    let mut back = Vec::new();
    let answer = carrier.call(Request::Echo, blobs.clone(), 0, LONG, |_, blobs| back = blobs).await;
    assert_eq!(answer.unwrap(), Status::Done);
    assert!(back == blobs);
    let (answer, items) = call(&carrier, deliver(5000), LONG).await;
    assert_eq!((answer.unwrap(), items.len()), (Status::Done, 5000));
    let oversized = vec![vec![0; (64 << 20) + 1]];
    let lost = carrier.call(Request::Echo, oversized, 0, LONG, |_, _| {}).await.unwrap_err();
    assert!(matches!(lost, CallLost::TooLarge { .. }) && !lost.may_have_acted(), "{lost:?}");
    assert_eq!(call(&carrier, Request::Echo, LONG).await.0.unwrap(), Status::Done);
}

/// Makes one poll with `state`; what it came to and put, its cursor in the middle.
async fn poll(
    carrier: &Carrier,
    word: &str,
    deadline: Duration,
    state: &PluginState,
) -> (Result<Answered, CallLost>, String) {
    let request = Request::Poll { cursor: Some(word.into()), lost: 0 };
    let mut cursor = String::new();
    let on_item = |item, _| match item {
        Item::Polled { cursor: said, .. } => cursor = said,
        other => panic!("{other:?}"),
    };
    let answered = carrier.call_with_state(request, vec![], 0, deadline, state.clone(), on_item);
    (answered.await, cursor)
}

#[tokio::test]
async fn a_library_asks_its_host_and_what_it_puts_leaves_with_a_done_only() {
    let place = place("xibu-broken-plugin");
    let settings = place.settings(json!({"token": "geheim"}));
    let carrier = Carrier::start(settings, place.host.clone()).await.unwrap();
    let mut state = PluginState::new();
    for count in ["I", "II", "III"] {
        let (answered, cursor) = poll(&carrier, "count", LONG, &state).await;
        let Answered { status, puts } = answered.unwrap();
        assert_eq!((status, cursor.as_str()), (Status::Done, count));
        state.extend(puts);
    }
    for word in ["fail after a put", "panic after a put", "over the quota", "undeclared"] {
        let (answered, _) = poll(&carrier, word, LONG, &state).await;
        let Answered { status, puts } = answered.unwrap();
        assert!(matches!(status, Status::Failed { .. } | Status::Panicked { .. }), "{status:?}");
        assert!(puts.is_empty() && !format!("{status:?}").contains("138"), "{word}: {status:?}");
        let (_, cursor) = poll(&carrier, "secret", LONG, &state).await;
        assert_eq!(cursor, "Some(6)", "after {word}");
    }
    let (_, cursor) = poll(&carrier, "remaining", LONG, &state).await;
    assert_eq!(cursor, "true");
    // In a call whose caller keeps no state there is none.
    let (answer, _) =
        call(&carrier, Request::Poll { cursor: Some("count".into()), lost: 0 }, LONG).await;
    let detail = "the host refused to look into the state".into();
    assert_eq!(answer.unwrap(), Status::Failed { detail });
}

#[tokio::test]
async fn a_library_is_told_when_nobody_waits_and_killed_when_it_does_not_heed() {
    let place = place("xibu-broken-plugin");
    let carrier = Carrier::start(place.settings(json!({})), place.host.clone()).await.unwrap();
    let state = PluginState::new();
    let (answered, cursor) = poll(&carrier, "until cancelled", 4 * SHORT, &state).await;
    assert_eq!((answered.unwrap().status, cursor.as_str()), (Status::Done, "cancelled"));
    let waiting = poll(&carrier, "until cancelled", LONG, &state);
    tokio::pin!(waiting);
    let begun = std::time::Instant::now();
    let (answered, _) = loop {
        tokio::select! {
            ended = &mut waiting => break ended,
            () = tokio::task::yield_now() => carrier.cancel(),
        }
    };
    assert_eq!(answered.unwrap().status, Status::Done);
    assert!(begun.elapsed() < LONG / 2);
    let settings = place.settings(json!({"call": "poll", "fault": "loop"}));
    let deaf = Carrier::start(settings, place.host.clone()).await.unwrap();
    deaf.cancel();
    let (answered, _) = poll(&deaf, "", SHORT, &state).await;
    assert!(matches!(answered, Err(CallLost::Deadline)), "{answered:?}");
}

#[tokio::test]
async fn a_library_of_the_first_contract_is_carried_for_ever() {
    let mut place = place("xibu-broken-plugin");
    let old = concat!("-I", env!("CARGO_MANIFEST_DIR"), "/tests/carrier/v1_0");
    compiled(&mut place, &[old]);
    // It says nothing of secrets, so they stand in its settings as they always did.
    let settings = place.settings(json!({"password": "p"}));
    let carrier = Carrier::start(settings, place.host.clone()).await.unwrap();
    let mut back = Vec::new();
    let blobs = vec![b"one".to_vec(), vec![]];
    let answer = carrier.call(Request::Echo, blobs, 0, LONG, |_, blobs| back = blobs).await;
    assert_eq!((answer.unwrap(), back), (Status::Done, vec![b"one".to_vec(), vec![]]));
    let (answered, _) = poll(&carrier, "", LONG, &PluginState::new()).await;
    assert_eq!(answered.unwrap().status, Status::Unsupported);
}

#[tokio::test]
async fn a_plugin_in_c_uses_the_hosts_services() {
    let mut place = place("xibu-broken-plugin");
    compiled(&mut place, &[]);
    let settings = place.settings(json!({"token": "geheim"}));
    let carrier = Carrier::start(settings, place.host.clone()).await.unwrap();
    let mut state = PluginState::new();
    // Kept, absent, undeclared, nowhere to take it; the secret's length; not cancelled; time left.
    for expected in ["1 0122 6 0 1", "2 0122 6 0 1"] {
        let (answered, cursor) = poll(&carrier, "", LONG, &state).await;
        let Answered { status, puts } = answered.unwrap();
        assert_eq!((status, cursor.as_str()), (Status::Done, expected));
        state.extend(puts);
    }
}

/// Compiles the plugin in C, with what `flags` change in it.
fn compiled(place: &mut Place, flags: &[&str]) {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/carrier/plugin.c");
    let include = concat!("-I", env!("CARGO_MANIFEST_DIR"), "/../plugins/xibu-plugin-abi/include");
    place.library = place.folder.path().join("in_c.so");
    let done = std::process::Command::new("cc")
        .args(["-shared", "-fPIC", "-Wall", "-Wextra", "-Werror"])
        // Another header before the usual one is another contract.
        .args(flags)
        .arg(include)
        .args([source, "-o"])
        .arg(&place.library)
        .status()
        .expect("a C compiler named cc (Debian: apt-get install gcc libc6-dev)");
    assert!(done.success());
    place.host.approved = vec![xibu_daemon::carrier::approval::inspect(&place.library).unwrap()];
}

#[tokio::test]
async fn a_plugin_in_c_is_carried_like_any_other() {
    let mut place = place("xibu-broken-plugin");
    compiled(&mut place, &[]);
    let carrier = Carrier::start(place.settings(json!({})), place.host.clone()).await.unwrap();
    assert_eq!(carrier.descriptor().await.unwrap().id, "in-c");
    let mut back = Vec::new();
    let blobs = vec![b"one".to_vec(), vec![]];
    let answer = carrier.call(Request::Echo, blobs, 0, LONG, |_, blobs| back = blobs).await;
    assert_eq!((answer.unwrap(), back), (Status::Done, vec![b"one".to_vec(), vec![]]));
    assert_eq!(call(&carrier, deliver(1), LONG).await.0.unwrap(), Status::Unsupported);
    check_not_started(&place, json!([]), "settings: not an object").await;
}

#[tokio::test]
async fn a_table_of_another_make_is_refused_with_both_versions() {
    let mut place = place("xibu-broken-plugin");
    // The header's own numbers are replaced as they are used.
    compiled(&mut place, &["-DXIBU_OTHER_MAJOR"]);
    check_not_started(&place, json!({}), "contract version 2, this daemon 1").await;
    compiled(&mut place, &["-DXIBU_OTHER_MAGIC"]);
    check_not_started(&place, json!({}), "no magic").await;
    compiled(&mut place, &["-DXIBU_OTHER_NAME"]);
    check_not_started(&place, json!({}), "no entry symbol").await;
    compiled(&mut place, &["-DXIBU_SHORT"]);
    check_not_started(&place, json!({}), "table of 24 bytes is short").await;
    compiled(&mut place, &["-DXIBU_NO_CALL"]);
    check_not_started(&place, json!({}), "lacks `call`").await;
}

#[tokio::test]
async fn a_worker_has_no_environment_no_folder_and_limits() {
    let place = place("xibu-broken-plugin");
    let carrier = Carrier::start(place.settings(json!({})), place.host.clone()).await.unwrap();
    let State::Running { process } = carrier.state().await else { panic!("it runs") };
    let about = |what: &str| std::fs::read_to_string(format!("/proc/{process}/{what}")).unwrap();
    assert_eq!(about("environ"), "MALLOC_ARENA_MAX=1\0");
    let folder = std::fs::read_link(format!("/proc/{process}/cwd")).unwrap();
    assert_eq!(folder, std::path::Path::new("/"));
    let limits = about("limits");
    let limit = |name: &str| {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!((limit("Max core file size"), limit("Max open files")), ("0".into(), "256".into()));
    let memory: u64 = limit("Max address space").parse().unwrap();
    let code = std::fs::metadata(&place.library).unwrap().len();
    assert!(memory > code + (256 << 20) && memory < code + (256 << 20) + (2 << 30), "{memory}");
}

#[test]
fn a_plugin_exports_its_table_and_nothing_else() {
    for package in ["xibu-email", "xibu-spreadsheet", "xibu-broken-plugin"] {
        let library = library::build(package);
        let nm = std::process::Command::new("nm")
            .args(["--dynamic", "--defined-only"])
            .arg(library)
            .output()
            .expect("nm (Debian: apt-get install binutils)");
        let names = String::from_utf8(nm.stdout).unwrap();
        let names: Vec<&str> =
            names.lines().filter_map(|line| line.split_whitespace().last()).collect();
        assert_eq!(names, ["xibu_plugin_entry"], "{package}");
    }
}
