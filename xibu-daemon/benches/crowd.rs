//! A crowd: 100,000 envelopes that fall due in the same second, to a channel that accepts at once.
//!
//! `cargo bench -p xibu-daemon --bench crowd`. Asserts that none is lost and none is early; prints
//! how late the last one was and what this process held at most. The letters, the seal, the store
//! and every commit are the real ones; only the channel is a stand-in that says yes.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and stops at what is wrong"
)]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Asia::Shanghai;
use xibu_core::change::Change;
use xibu_core::incident::{Incident, IncidentId, IncidentKind, OpenedIncident};
use xibu_core::office::{OfficeId, OfficeKind, OfficeVersion};
use xibu_core::parameter::Rulebook;
use xibu_core::person::PersonId;
use xibu_core::validity::Validity;
use xibu_daemon::clock::{Clock, Now};
use xibu_daemon::compose::{Letter, compose};
use xibu_daemon::delivery::{Channel, Desk, Limits, Lost, Post, Route, Written};
use xibu_daemon::outbox::errand::{Errand, Matter};
use xibu_daemon::record::Record;
use xibu_daemon::store::{Batch, PersonValue, SqliteStore, Store, ValueKind};
use xibu_daemon::tick::tick;
use xibu_plugin_abi::message::{Message, Outcome};

const PEOPLE: u32 = 100_000;
const CITY: OfficeId = OfficeId(1);
const INCIDENT: IncidentId = IncidentId(1);

/// Accepts at once, and remembers when the last one came.
struct Yes {
    clock: Clock,
    seen: RefCell<BTreeSet<String>>,
    first_ms: RefCell<i64>,
    last_ms: RefCell<i64>,
}

impl Channel for Yes {
    fn id(&self) -> &str {
        "yes"
    }

    async fn deliver(
        &self,
        messages: Vec<Message>,
        _: Vec<Vec<u8>>,
        _: i64,
        _: Duration,
        on_outcome: &mut dyn FnMut(u32, Outcome),
    ) -> Result<(), Lost> {
        let now = self.clock.now().unix_ms;
        let first = *self.first_ms.borrow();
        self.first_ms.replace(first.min(now));
        for (index, message) in (0..).zip(messages) {
            assert!(self.seen.borrow_mut().insert(message.key), "one came twice");
            on_outcome(index, Outcome::Accepted { reference: String::new() });
        }
        self.last_ms.replace(self.clock.now().unix_ms);
        Ok(())
    }
}

struct Writer;

impl Desk for Writer {
    async fn write(&self, letter: &Letter<'_>, _: Now) -> Result<Written, String> {
        Ok(Written { rendered: compose(letter), files: Vec::new() })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("data")).await.unwrap();
    let clock = Clock::real(Shanghai);
    let due = clock.now().civil + TimeDelta::seconds(60);
    fill(&store, clock.now(), due).await;
    let mut record = Record::load(&store).await.unwrap();
    let (rulebook, serves) = (Rulebook::default(), [CITY]);
    tick(&store, &mut record, &rulebook, &serves, clock.now()).await.unwrap();
    store.release(clock.now()).await.unwrap();
    let channel = Yes {
        clock: clock.clone(),
        seen: RefCell::default(),
        first_ms: RefCell::new(i64::MAX),
        last_ms: RefCell::new(0),
    };
    let routes = [Route::new(ValueKind::Mail, channel)];
    let post = Post {
        store: &store,
        clock: &clock,
        routes: &routes,
        desk: &Writer,
        rulebook: &rulebook,
        serves: &serves,
        limits: Limits::default(),
        public_url: None,
    };
    let early = post.deliver_due(&mut record).await.unwrap();
    assert_eq!(early.claimed, 0, "something went before its time");
    let due_ms = clock.now().unix_of(due);
    while clock.now().unix_ms < due_ms {
        std::thread::sleep(Duration::from_millis(20));
    }
    let before_kb = peak_kb();
    let report = post.deliver_due(&mut record).await.unwrap();
    let channel = &routes[0].channel;
    assert_eq!(report.count("accepted"), PEOPLE, "{report:?}");
    assert_eq!(channel.seen.borrow().len(), PEOPLE as usize, "some are lost");
    assert!(*channel.first_ms.borrow() >= due_ms, "one was early");
    let late = (*channel.last_ms.borrow() - due_ms) as f64 / 1_000.0;
    println!("{PEOPLE} envelopes due in one second: none lost, none early, last {late:.1} s late");
    println!(
        "peak resident: {:.1} MB (before the first one went: {:.1} MB; what the bench itself \
         remembers of {PEOPLE} keys included)",
        peak_kb() as f64 / 1_024.0,
        before_kb as f64 / 1_024.0
    );
}

/// One city, one incident, and an errand about it for each of the crowd.
async fn fill(store: &SqliteStore, now: Now, due: chrono::NaiveDateTime) {
    let validity = Validity::since(now.date());
    let city =
        OfficeVersion { name: "市项目办".into(), superior: None, gb_code: None, validity };
    let incident = Incident {
        office: CITY,
        kind: IncidentKind::Traffic,
        occurred: None,
        persons: None,
        measures_told: false,
        reference: None,
        kind_told: true,
        place_told: false,
    };
    let opened = OpenedIncident { id: INCIDENT, incident, told_by: None, received_at: now.civil };
    let changes = vec![
        Change::OfficeStood { office: CITY, kind: OfficeKind::City, version: city },
        Change::IncidentOpened(opened),
    ];
    store.record(&Batch { by: "clerk".into(), changes, ..Batch::default() }, now).await.unwrap();
    let people: Vec<u32> = (1..=PEOPLE).collect();
    for people in people.chunks(10_000) {
        let values = people.iter().map(|person| PersonValue {
            person: PersonId(*person),
            kind: ValueKind::Mail,
            value: format!("p{person}@county.test"),
        });
        let errands = people.iter().map(|person| Errand {
            cause: format!("incident/{INCIDENT}/P{person}"),
            person: PersonId(*person),
            matter: Matter::IncidentOpened { incident: INCIDENT },
            not_before: due,
            expires: due + TimeDelta::days(1),
            avoid: None,
        });
        let (values, errands) = (values.collect(), errands.collect());
        let batch = Batch { by: "daemon".into(), values, errands, ..Batch::default() };
        store.record(&batch, now).await.unwrap();
    }
}

/// What this process held at most, in kilobytes.
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
