//! Kept together or not at all; and two daemons that write to each other find no loop.

use chrono::Days;
use chrono_tz::Asia::Shanghai;
use xibu_core::person::PersonId;

use super::*;
use crate::delivery::{Limits, Post, Route};
use crate::simulate::recorder::{Composer, Recorder};
use crate::store::{ArrivalFilter, Batch, EnvelopeFilter, PersonValue, SqliteStore};
use crate::tick::tests::{City, at};

/// A daemon of its own; the other one stands in its directory as P32, the contact of a unit.
struct Daemon {
    city: City,
    clock: Clock,
    doors: Doors<SqliteStore>,
    routes: Vec<Route<Recorder>>,
    /// What the other reaches it by.
    own: String,
    received: u32,
}

/// How one daemon's messages reach the other.
#[derive(Clone, Copy)]
struct Manners {
    kind: ValueKind,
    /// Whether the channel carries the word that a machine wrote it.
    says_automatic: bool,
    /// Something between the two that puts its own words in place of ours, and says nothing.
    replaces_by: Option<&'static str>,
}

impl Daemon {
    async fn new(own: &str, other: &str, manners: Manners) -> Self {
        let city = City::running().await;
        let value =
            PersonValue { person: PersonId(32), kind: manners.kind, value: other.to_owned() };
        let batch = Batch { by: "clerk".into(), values: vec![value], ..Batch::default() };
        city.store.record(&batch, at("2026-06-01T09:02:00")).await.unwrap();
        let clock = Clock::virtual_at("2026-06-01T09:02:00".parse().unwrap(), Shanghai);
        let reaches = [("wire".to_owned(), manners.kind)].into();
        let (store, rulebook) = (city.store.clone(), city.rulebook.clone());
        let doors = Doors::new(store, clock.clone(), rulebook, city.serves.clone(), reaches);
        let routes = vec![Route::new(manners.kind, Recorder::new("wire"))];
        Self { city, clock, doors, routes, own: own.to_owned(), received: 0 }
    }

    /// What it says now, to the other alone.
    async fn says(&mut self, civil: &str, other: &str) -> Vec<String> {
        self.clock.set(civil.parse().unwrap());
        let City { store, record, rulebook, serves, .. } = &mut self.city;
        let post = Post {
            store,
            clock: &self.clock,
            routes: &self.routes,
            desk: &Composer,
            rulebook,
            serves,
            public_url: None,
            limits: Limits::default(),
        };
        post.deliver_due(record).await.unwrap();
        let sent = self.routes[0].channel.sent.borrow_mut().drain(..).collect::<Vec<_>>();
        sent.into_iter().filter(|one| one.address == other).map(|one| one.text).collect()
    }

    async fn hears(&mut self, civil: &str, from: &str, texts: Vec<String>, manners: Manners) {
        self.clock.set(civil.parse().unwrap());
        let mut brought = Brought::by("wire");
        for text in texts {
            self.received += 1;
            let arrived = Arrived {
                id: format!("m{}", self.received),
                from: from.to_owned(),
                received_unix_ms: self.clock.now().unix_ms,
                text: manners.replaces_by.map_or(text, str::to_owned),
                answers: None,
                automatic: manners.says_automatic,
                ..Arrived::default()
            };
            brought.arrivals.push((arrived, Vec::new()));
        }
        self.doors.keep(&brought).await.unwrap();
    }

    /// How many messages of each class it wrote to the other.
    async fn wrote(&self) -> BTreeMap<&'static str, usize> {
        let filter = EnvelopeFilter { person: Some(PersonId(32)), ..EnvelopeFilter::default() };
        let mut wrote = BTreeMap::new();
        for envelope in self.city.store.envelopes(&filter).await.unwrap() {
            *wrote.entry(envelope.key.class.name()).or_insert(0) += 1;
        }
        wrote
    }
}

/// Two daemons through `days` days, three exchanges a day; what each wrote to the other.
async fn hundred_days(manners: Manners, days: u64) -> [BTreeMap<&'static str, usize>; 2] {
    let names = match manners.kind {
        ValueKind::Phone => ["15400000001", "15400000002"],
        _ => ["first@city.test", "second@city.test"],
    };
    let mut first = Daemon::new(names[0], names[1], manners).await;
    let mut second = Daemon::new(names[1], names[0], manners).await;
    let begun = chrono::NaiveDate::from_ymd_opt(2026, 6, 2).unwrap();
    for day in (0..days).map(|ahead| begun + Days::new(ahead)) {
        for hour in ["09:00:00", "10:00:00", "11:00:00"] {
            let civil = format!("{day}T{hour}");
            for daemon in [&mut first, &mut second] {
                if hour == "09:00:00" {
                    daemon.city.tick(&civil).await;
                }
            }
            let said = first.says(&civil, names[1]).await;
            let answered = second.says(&civil, names[0]).await;
            if !said.is_empty() {
                second.hears(&civil, names[0], said, manners).await;
            }
            if !answered.is_empty() {
                first.hears(&civil, names[1], answered, manners).await;
            }
        }
    }
    assert_eq!((first.own.as_str(), second.own.as_str()), (names[0], names[1]));
    [first.wrote().await, second.wrote().await]
}

#[tokio::test]
async fn two_daemons_that_mail_each_other_find_no_loop() {
    let mail = Manners { kind: ValueKind::Mail, says_automatic: true, replaces_by: None };
    for wrote in hundred_days(mail, 100).await {
        assert_eq!(wrote.keys().copied().collect::<Vec<_>>(), ["duty"]);
        assert!((8..=40).contains(&wrote["duty"]), "{wrote:?}");
    }
}

#[tokio::test]
async fn nor_by_phone_where_no_word_says_that_a_machine_wrote_it() {
    let phone = Manners { kind: ValueKind::Phone, says_automatic: false, replaces_by: None };
    for wrote in hundred_days(phone, 100).await {
        assert_eq!(wrote.keys().copied().collect::<Vec<_>>(), ["duty"], "{wrote:?}");
    }
}

#[tokio::test]
async fn a_machine_that_hides_gets_three_answers_a_day_at_most() {
    let days = 30;
    let hidden = Manners {
        kind: ValueKind::Phone,
        says_automatic: false,
        replaces_by: Some("您好，我正在开会"),
    };
    for wrote in hundred_days(hidden, days).await {
        let answers = wrote.get("answer").copied().unwrap_or(0);
        assert!(answers > 0 && answers <= 3 * usize::try_from(days).unwrap(), "{wrote:?}");
    }
}

#[tokio::test]
async fn several_of_one_call_and_the_same_again() {
    let manners = Manners { kind: ValueKind::Phone, says_automatic: false, replaces_by: None };
    let mut daemon = Daemon::new("15400000001", "15400000002", manners).await;
    let mut brought = Brought::by("wire");
    brought.cursor = Some("7".to_owned());
    for id in ["a", "b", "a"] {
        let arrived = Arrived {
            id: id.to_owned(),
            from: "15400000002".to_owned(),
            received_unix_ms: daemon.clock.now().unix_ms,
            text: "甲乙丙丁".to_owned(),
            ..Arrived::default()
        };
        brought.arrivals.push((arrived, Vec::new()));
    }
    let taken = daemon.doors.keep(&brought).await.unwrap();
    assert_eq!((taken.arrivals.len(), taken.known), (2, 1));
    let again = daemon.doors.keep(&brought).await.unwrap();
    assert_eq!((again.arrivals.len(), again.known), (0, 3));
    let store = &daemon.city.store;
    assert_eq!(store.cursor("wire", CURSOR).await.unwrap().as_deref(), Some("7"));
    assert_eq!(daemon.wrote().await, BTreeMap::from([("answer", 2)]));
    // The words are sealed, with the person's index; the channel's id is nowhere in the open.
    let arrivals = store.arrivals(&ArrivalFilter::default()).await.unwrap();
    let opened = store.open_document(arrivals[0].document.unwrap()).await.unwrap();
    let (arrived, _) = sealed::from_bytes(&opened.bytes).unwrap();
    assert_eq!(arrived.text, "甲乙丙丁");
    assert_eq!(store.documents_of(PersonId(32)).await.unwrap().len(), 2);
}
