//! The promise under fire: *at least once; a duplicate only after Unknown; nothing lost without a
//! visible record.*
//!
//! The daemon, the worker and a real mail server are killed over and over in the middle of their
//! work; then everything runs undisturbed, and what lies in the mailbox is held against the
//! outbox. Each round is a process of its own at a civil time of our choosing, so that weeks pass
//! in minutes. Two offices are besieged side by side, each with its own server and its own seed.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use xibu_daemon::failpoint;

use crate::harness::build::built;
use crate::harness::exim::{Exim, Speaks};
use crate::harness::office::Office;
use crate::harness::program::{self, Said};
use crate::harness::sample::City;
use crate::harness::say;

mod brought;
mod calendar;
mod front;
mod judge;
mod numbers;

use calendar::Days;
use front::{Front, Mishap};
use numbers::Numbers;

/// 200 units are enough for a few weeks of mail.
const CITY: City = City { counties: 5, units: 40 };
/// Offices besieged at once: one a core of the smallest machine this runs on.
const LANES: u64 = 2;
/// Longer than any round takes undisturbed.
const PATIENCE: Duration = Duration::from_secs(120);
/// Where a kill is of most interest: the intent is on disk, the receipt is not.
const IN_FLIGHT: &[&str] = &[
    "intend_after_commit",
    "deliver_before_call",
    "carrier_call_written",
    "carrier_emit_received",
    "deliver_outcome",
    "carrier_reply_received",
    "deliver_after_call",
    "settle_before_commit",
];

#[test]
fn nothing_is_lost_and_nothing_is_doubled_but_the_unknown() {
    let kills_wanted = number_from("XIBU_KILLS", 200);
    let seed = number_from("XIBU_SEED", 2009);
    say(format!(
        "kill test: seed {seed}, {kills_wanted} kills (XIBU_SEED, XIBU_KILLS change them)"
    ));
    let hit = Arc::new(Mutex::new(BTreeSet::new()));
    let ended = thread::scope(|scope| {
        let lanes = (0..LANES).map(|lane| {
            let mut siege = Siege::begin(seed.wrapping_add(lane), Arc::clone(&hit));
            scope.spawn(move || {
                while siege.kills() < kills_wanted.div_ceil(LANES) || !siege.unhit().is_empty() {
                    siege.round();
                }
                siege.end()
            })
        });
        let lanes: Vec<_> = lanes.collect();
        lanes.into_iter().map(|lane| lane.join().unwrap()).collect::<Vec<_>>()
    });
    let kills: u64 = ended.iter().map(|(kills, _)| kills).sum();
    let in_flight: u64 = ended.iter().map(|(_, in_flight)| in_flight).sum();
    assert!(in_flight * 10 >= kills * 3, "{in_flight} of {kills} between intent and receipt");
}

/// How often a point is passed at least, in a round with much to deliver.
fn times_at_most(point: &str) -> usize {
    match point {
        "deliver_outcome" | "carrier_emit_received" => 60,
        "carrier_call_written" | "carrier_reply_received" => 11,
        "intend_before_commit" | "intend_after_commit" => 2,
        "settle_before_commit" | "settle_after_commit" => 2,
        _ => 1,
    }
}

fn number_from(variable: &str, otherwise: u64) -> u64 {
    let text = std::env::var(variable).unwrap_or_default();
    if text.is_empty() { otherwise } else { text.parse().expect(variable) }
}

/// Everything that goes on during the test.
struct Siege {
    seed: u64,
    office: Office,
    server: Arc<Mutex<Exim>>,
    front: Front,
    numbers: Numbers,
    days: Days,
    /// Kills by what was killed where.
    killed: BTreeMap<String, u64>,
    in_flight: u64,
    /// Points at which a daemon was killed, in whichever office.
    hit: Arc<Mutex<BTreeSet<String>>>,
    rounds: u64,
    /// Volunteers added through the inbox so far, each in a file of its own.
    files: usize,
}

impl Siege {
    fn begin(seed: u64, hit: Arc<Mutex<BTreeSet<String>>>) -> Self {
        let server = Arc::new(Mutex::new(Exim::start(Speaks::Plain)));
        let front = Front::open(Arc::clone(&server));
        let office = Office::init_with(&built().daemon_with_failpoints);
        office.mail_by(front.port(), Speaks::Plain, None);
        office.approve();
        brought::connect(&office);
        office.write("directory.csv", CITY.directory());
        office.write("roster.csv", CITY.roster());
        office.run(&["import", "directory.csv"]).done();
        office.run(&["import", "roster.csv"]).done();
        let days = Days::of(&office);
        let mut siege = Self {
            seed,
            office,
            server,
            front,
            numbers: Numbers::new(seed),
            days,
            killed: BTreeMap::new(),
            in_flight: 0,
            hit,
            rounds: 0,
            files: 0,
        };
        siege.office.set_clock(siege.days.now());
        // The first start on data is held; a person lets it go.
        siege.undisturbed();
        siege.office.run(&["release"]).done();
        siege
    }

    fn kills(&self) -> u64 {
        self.killed.values().sum()
    }

    /// Points at which nothing was killed yet.
    fn unhit(&self) -> Vec<&'static str> {
        let hit = self.hit.lock().unwrap();
        failpoint::ALL.iter().copied().filter(|name| !hit.contains(*name)).collect()
    }

    /// One start of something, with a kill planned; where the kill never came, time goes on.
    fn round(&mut self) {
        self.rounds += 1;

        let choice = self.numbers.below(100);
        let killed = if choice < 10 {
            self.mishap(Mishap::Worker)
        } else if choice < 20 {
            let which = [
                Mishap::ServerBeforeItHasAll,
                Mishap::ServerWithoutAnswer,
                Mishap::ServerAfterAnswer,
            ];
            let which = which[self.numbers.below(3)];
            self.mishap(which)
        } else {
            let point = self.point();
            self.kill_daemon(point)
        };
        if !killed {
            self.advance();
        }
    }

    fn advance(&mut self) {
        self.days.advance();
        self.office.set_clock(self.days.now());
    }

    /// A point not hit before, or mostly one between intent and receipt.
    fn point(&mut self) -> &'static str {
        let unhit = self.unhit();
        if !unhit.is_empty() && self.numbers.below(3) == 0 {
            return unhit[self.numbers.below(unhit.len())];
        }
        let list = if self.numbers.below(8) > 0 { IN_FLIGHT } else { failpoint::ALL };
        list[self.numbers.below(list.len())]
    }

    fn kill_daemon(&mut self, point: &'static str) -> bool {
        let mut command = if point.starts_with("state_") {
            // Switches are thrown by commands; those may be killed as well.
            self.office.command(&["pause", "--resume"])
        } else {
            if point.starts_with("inbox_") || point.starts_with("record_") {
                self.put_into_inbox();
            }
            self.run_command()
        };
        let nth = 1 + self.numbers.below(times_at_most(point));
        command.env("XIBU_KILL", format!("{point}:{nth}"));
        let said = self.watched(&mut command);
        if said.status.code() == Some(0) {
            return false;
        }
        self.assert_killed(&said);
        *self.killed.entry(format!("daemon at {point}")).or_default() += 1;
        self.hit.lock().unwrap().insert(point.to_owned());
        self.in_flight += u64::from(self.was_in_flight());
        true
    }

    fn mishap(&mut self, mishap: Mishap) -> bool {
        let after = self.numbers.below(60) as u32;
        let child = program::spawn(&mut self.run_command());
        self.front.arm(mishap, after, child.id());
        let said = program::wait(child, PATIENCE).expect("the daemon ends");
        assert_eq!(said.status.code(), Some(0), "{mishap:?}\n{}", said.err);
        let happened = self.front.disarm();
        if happened {
            *self.killed.entry(format!("{mishap:?}")).or_default() += 1;
            self.in_flight += 1;
        }
        happened
    }

    fn undisturbed(&mut self) {
        self.watched(&mut self.run_command()).done();
    }

    /// One round at the time it is.
    fn run_command(&self) -> Command {
        let mut command = self.office.command(&["run"]);
        command.env("XIBU_FAILPOINT_LOG", self.office.path().join("points.log"));
        command
    }

    fn watched(&self, command: &mut Command) -> Said {
        let _ = std::fs::remove_file(self.office.path().join("points.log"));
        command.env("XIBU_FAILPOINT_LOG", self.office.path().join("points.log"));
        let child = program::spawn(command);
        program::wait(child, PATIENCE).expect("it ends")
    }

    #[track_caller]
    fn assert_killed(&self, said: &Said) {
        use std::os::unix::process::ExitStatusExt;
        assert_eq!(said.status.signal(), Some(9), "{}\n{}", said.out, said.err);
    }

    /// Whether the last run had an intent on disk whose outcome was not.
    fn was_in_flight(&self) -> bool {
        let log = std::fs::read_to_string(self.office.path().join("points.log")).unwrap();
        let last = |name| log.lines().rev().position(|line| line == name);
        match (last("intend_after_commit"), last("settle_after_commit")) {
            (Some(intent), Some(settled)) => intent < settled,
            (intent, None) => intent.is_some(),
            (None, _) => false,
        }
    }

    /// A roster with one new volunteer, as an office would drop it.
    fn put_into_inbox(&mut self) {
        self.files += 1;
        let name = format!("inbox/roster-{}.csv", self.files);
        self.office.write(&name, CITY.newcomer(self.files));
    }

    /// Lets everything settle, then compares mailbox and outbox; how many kills there were, and how
    /// many between intent and receipt.
    fn end(mut self) -> (u64, u64) {
        self.office.run(&["pause", "--resume"]).done();
        // Long enough for every back-off and for quiet hours; a person looks at what stays unknown.
        for _ in 0..8 {
            self.undisturbed();
            self.advance();
        }
        let mails = self.server.lock().unwrap().mails();
        let verdict = judge::judge(&self.office, &mails);
        self.report(&verdict);
        verdict.assert_kept(&CITY.unit_contacts());
        let brought = brought::assert_each_kept_once(&self.office);
        say(format!("  messages brought by polls, each kept once: {brought}"));
        let unhit = self.unhit();
        assert!(unhit.is_empty(), "never killed at {unhit:?}");
        (self.kills(), self.in_flight)
    }

    /// Said at once, so that two offices do not speak across each other.
    fn report(&self, verdict: &judge::Verdict) {
        let (kills, in_flight) = (self.kills(), self.in_flight);
        let (seed, starts, now) = (self.seed, self.rounds, self.days.now());
        let mut lines = vec![format!("  seed {seed}: {starts} starts, {kills} kills, until {now}")];
        lines.extend(self.killed.iter().map(|(what, count)| format!("    {count:4} {what}")));
        let share = in_flight * 100 / kills;
        lines.push(format!("  between intent and receipt: {in_flight} ({share} %)"));
        lines.push(format!("  envelopes by state: {:?}", verdict.states));
        lines.push(format!("  mails in the mailbox: {}", verdict.mails));
        lines.push(format!("  duplicates, each after Unknown: {}", verdict.duplicates));
        say(lines.join("\n"));
    }
}
