//! What happens after a stretch in which nobody looked, case by case: what is sent, folded into one
//! message, dropped and why, and held. The same table stands in `xibu-daemon/CATCH_UP.md`.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{NaiveDateTime, TimeDelta};

use super::*;
use crate::store::{Outage, SqliteStore};

/// A case: the daemon looks for the last time at `down`, and for the first time again at `up`.
struct Case {
    name: &'static str,
    down: &'static str,
    up: &'static str,
    /// What the data goes through meanwhile.
    meanwhile: Meanwhile,
    /// Why everything is held, or empty.
    held: &'static str,
    /// What goes at `up`; where it is held, what goes once it is released.
    sent: &'static str,
    /// Notices that went into one message with others.
    folded: u64,
    /// What is never told, with the reason.
    dropped: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Meanwhile {
    Nothing,
    /// A backup of `down` is put back at `up`; until then the daemon ran.
    BackupPutBack,
}

const CASES: [Case; 9] = [
    Case {
        name: "3 hours, at night",
        down: "2026-06-23T22:00:00",
        up: "2026-06-24T01:00:00",
        meanwhile: Meanwhile::Nothing,
        held: "",
        sent: "",
        folded: 0,
        dropped: "",
    },
    Case {
        name: "3 hours, over a due time",
        down: "2026-06-24T07:00:00",
        up: "2026-06-24T10:00:00",
        meanwhile: Meanwhile::Nothing,
        held: "",
        sent: "before to county_contact, on_the_day to unit_contact ×2",
        folded: 0,
        dropped: "",
    },
    Case {
        name: "asleep for 70 seconds, over a due time",
        down: "2026-06-24T08:29:30",
        up: "2026-06-24T08:30:40",
        meanwhile: Meanwhile::Nothing,
        held: "",
        sent: "before to county_contact, on_the_day to unit_contact ×2",
        folded: 0,
        dropped: "",
    },
    Case {
        name: "3 days",
        down: "2026-06-23T18:00:00",
        up: "2026-06-26T18:00:00",
        meanwhile: Meanwhile::Nothing,
        held: "",
        sent: "on_the_day to county_contact, second_after to county_contact ×2",
        folded: 2,
        dropped: "superseded_by_later_step ×5",
    },
    Case {
        name: "30 days",
        down: "2026-06-10T18:00:00",
        up: "2026-07-10T18:00:00",
        meanwhile: Meanwhile::Nothing,
        held: "",
        sent: "third_after to city_head, third_after to county_head ×2",
        folded: 1,
        dropped: "superseded_by_later_step ×15",
    },
    Case {
        name: "30 days, with messages planned before",
        down: "2026-06-15T00:00:00",
        up: "2026-07-14T10:00:00",
        meanwhile: Meanwhile::Nothing,
        held: "",
        sent: "third_after to city_head, third_after to county_head ×2",
        folded: 1,
        dropped: "superseded_by_later_step ×12, its_use_passed ×3",
    },
    Case {
        name: "clock 40 days ahead",
        down: "2026-06-03T17:00:00",
        up: "2026-07-13T17:00:00",
        meanwhile: Meanwhile::Nothing,
        held: "clock_jump",
        sent: "third_after to city_head, third_after to county_head ×2",
        folded: 1,
        dropped: "superseded_by_later_step ×15",
    },
    Case {
        name: "clock one hour behind",
        down: "2026-06-24T08:00:00",
        up: "2026-06-24T07:00:00",
        meanwhile: Meanwhile::Nothing,
        held: "clock_behind",
        sent: "",
        folded: 0,
        dropped: "",
    },
    Case {
        name: "backup of the day before put back",
        down: "2026-06-23T18:00:00",
        up: "2026-06-24T18:00:00",
        meanwhile: Meanwhile::BackupPutBack,
        held: "restored_backup",
        sent: "before to county_contact, on_the_day to unit_contact ×2",
        folded: 0,
        dropped: "",
    },
];

/// What came of a case.
#[derive(Debug, PartialEq, Eq)]
struct Came {
    held: String,
    sent: String,
    folded: u64,
    dropped: String,
}

#[tokio::test]
async fn the_table() {
    let mut wrong = Vec::new();
    let mut table = HEAD.to_owned();
    for case in &CASES {
        let came = live(case).await;
        let expected = Came {
            held: case.held.to_owned(),
            sent: case.sent.to_owned(),
            folded: case.folded,
            dropped: case.dropped.to_owned(),
        };
        if came != expected {
            wrong.push(format!("{}: {came:#?}", case.name));
        }
        let cell = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
        writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} | {} |",
            case.name,
            case.down.replace('T', " "),
            case.up.replace('T', " "),
            cell(&came.held),
            cell(&came.sent),
            came.folded,
            cell(&came.dropped)
        )
        .unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("CATCH_UP.md");
    if std::env::var_os("XIBU_REFRESH").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), table, "XIBU_REFRESH=1 writes it anew");
}

const HEAD: &str = "# After a gap

What the daemon does when it looks again after a stretch in which it did not: shown by the test
`src/delivery/tests/catch_up.rs`, which writes this page (`XIBU_REFRESH=1`).

The city of the test has one county with two units; nobody reports for June 2026.
*Sent* is what goes at once, or once a person ran `release` where it is held.
*Dropped* is what nobody is told any more: steps that a later one has overtaken, messages planned before that have
lost their use. `status` and the log list it.

| gap | last look | first look | held | sent | folded | dropped, and why |
|---|---|---|---|---|---|---|
";

/// Lives as an ordinary city until `down`, then sees what `up` brings.
async fn live(case: &Case) -> Came {
    let mut line = Line::new().await;
    let (down, up): (NaiveDateTime, NaiveDateTime) =
        (case.down.parse().unwrap(), case.up.parse().unwrap());
    let days = line.clock.now().date().iter_days().skip(1);
    let looks = days.flat_map(|day| [(0, 0), (8, 30), (13, 0), (17, 0)].map(|at| (day, at)));
    let looks = looks.map(|(day, (hour, minute))| day.and_hms_opt(hour, minute, 0).unwrap());
    for look in looks.take_while(|look| *look < down) {
        line.look(look).await;
    }
    line.look(down).await;
    line.seen();
    if case.meanwhile == Meanwhile::BackupPutBack {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("b.zip");
        let (data, now) = (line.city.data(), line.clock.now());
        let mut quiet = |_| {};
        crate::backup::make(&line.city.store, &data, None, &file, now, &mut quiet).await.unwrap();
        line.look(down + TimeDelta::hours(15)).await;
        assert!(!line.seen().is_empty(), "something went after the backup");
        let back = crate::backup::restore(&file, folder.path(), now, &mut quiet).await.unwrap();
        line.city.store = SqliteStore::open(&back.data).await.unwrap();
        line.city.record = Record::load(&line.city.store).await.unwrap();
        return line.up(up).await;
    }
    line.up(up).await
}

impl Line {
    async fn look(&mut self, at: NaiveDateTime) {
        let civil = at.format("%Y-%m-%dT%H:%M:%S").to_string();
        self.tick(&civil).await;
        self.deliver(&civil, vec![]).await;
    }

    async fn up(&mut self, at: NaiveDateTime) -> Came {
        let civil = at.format("%Y-%m-%dT%H:%M:%S").to_string();
        self.tick(&civil).await;
        let stands = self.deliver(&civil, vec![]).await;
        let state = self.city.store.state().await.unwrap();
        let held = match (state.held, stands.as_str()) {
            (Some(hold), _) => hold.name(),
            (None, "ClockBehind") => "clock_behind",
            _ => "",
        };
        assert!(held.is_empty() || self.seen().is_empty(), "what is held does not go");
        if self.city.store.release(self.clock.now()).await.unwrap() {
            self.deliver(&civil, vec![]).await;
        }
        let outages = self.city.store.outages(1).await.unwrap();
        let outage = outages.into_iter().find(|outage| outage.until == at);
        Came {
            held: held.to_owned(),
            sent: self.sent().await,
            folded: outage.as_ref().map_or(0, |outage| outage.folded),
            dropped: outage.map(dropped).unwrap_or_default(),
        }
    }

    /// Steps and recipients of what the channel has seen.
    async fn sent(&self) -> String {
        let mut counts: BTreeMap<(xibu_core::notice::Step, &'static str), u32> = BTreeMap::new();
        for message in self.seen() {
            let key = Some(message.key.parse().unwrap());
            let filter = EnvelopeFilter { key, ..EnvelopeFilter::default() };
            let envelope = self.city.store.envelopes(&filter).await.unwrap().remove(0);
            for one in envelope.notices.iter().filter(|one| one.left_out.is_none()) {
                let step = (one.notice.key.step, one.notice.to.name());
                *counts.entry(step).or_default() += 1;
            }
        }
        let lines = counts.into_iter().map(|((step, to), count)| match count {
            1 => format!("{} to {to}", step.name()),
            _ => format!("{} to {to} ×{count}", step.name()),
        });
        lines.collect::<Vec<_>>().join(", ")
    }
}

fn dropped(outage: Outage) -> String {
    let passed = outage.passed_over.iter().map(|(reason, count)| format!("{reason} ×{count}"));
    let expired = (outage.expired > 0).then(|| format!("its_use_passed ×{}", outage.expired));
    passed.chain(expired).collect::<Vec<_>>().join(", ")
}
