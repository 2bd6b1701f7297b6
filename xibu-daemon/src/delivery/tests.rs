//! Delivery with a channel and a desk that do as they are told.

mod chase;
mod digest;
mod forms;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use chrono_tz::Asia::Shanghai;
use xibu_core::obligation::ObligationKey;
use xibu_plugin_abi::message::Blame;

use super::*;

mod routes;

use crate::compose::{About, Rendered};
use crate::outbox::State;
use crate::store::EnvelopeFilter;
use crate::tick::tests::City;

/// Gives the next word for each message, then the call's end.
#[derive(Default)]
struct Scripted {
    name: Option<&'static str>,
    words: RefCell<VecDeque<Option<Outcome>>>,
    lost: RefCell<Option<Lost>>,
    seen: RefCell<Vec<Message>>,
}

impl Channel for Scripted {
    fn id(&self) -> &str {
        self.name.unwrap_or("scripted")
    }

    async fn deliver(
        &self,
        messages: Vec<Message>,
        _blobs: Vec<Vec<u8>>,
        _now_unix_ms: i64,
        _deadline: Duration,
        on_outcome: &mut dyn FnMut(u32, Outcome),
    ) -> std::result::Result<(), Lost> {
        for (index, message) in (0..).zip(messages) {
            self.seen.borrow_mut().push(message);
            let word = self.words.borrow_mut().pop_front();
            if let Some(outcome) = word.unwrap_or_else(|| Some(accepted())) {
                on_outcome(index, outcome);
            }
        }
        self.lost.borrow_mut().take().map_or(Ok(()), Err)
    }
}

struct Plain;

impl Desk for Plain {
    async fn write(&self, letter: &Letter<'_>, _now: Now) -> std::result::Result<Written, String> {
        let keys: Vec<String> = match letter.about {
            About::Notices(notices) => notices.iter().map(|one| one.key.to_string()).collect(),
            About::Errand(brief) => vec![format!("{brief:?}")],
        };
        let file = ("表.xlsx".to_owned(), "application/x-form".to_owned(), vec![1]);
        let rendered =
            Rendered {
                subject: "请报送".to_owned(), text: keys.join("\n"), ..Rendered::default()
            };
        Ok(Written { rendered, files: vec![file] })
    }
}

fn accepted() -> Outcome {
    Outcome::Accepted { reference: "q1".to_owned() }
}

struct Line {
    city: City,
    clock: Clock,
    routes: Vec<Route<Scripted>>,
}

impl Line {
    async fn new() -> Self {
        let city = City::running().await;
        let clock = Clock::virtual_at("2026-06-01T09:01:00".parse().unwrap(), Shanghai);
        let routes = vec![Route::new(ValueKind::Mail, Scripted::default())];
        Self { city, clock, routes }
    }

    async fn tick(&mut self, civil: &str) {
        self.clock.set(civil.parse().unwrap());
        self.city.tick(civil).await;
    }

    /// Delivers at `civil` with the channel's words, and shows what became of it.
    async fn deliver(&mut self, civil: &str, words: Vec<Option<Outcome>>) -> String {
        self.clock.set(civil.parse().unwrap());
        *self.routes[0].channel.words.borrow_mut() = words.into();
        let City { store, record, rulebook, serves, .. } = &mut self.city;
        let post = Post {
            store,
            clock: &self.clock,
            routes: &self.routes,
            desk: &Plain,
            rulebook,
            serves,
            public_url: None,
            limits: Limits::default(),
        };
        let report = post.deliver_due(record).await.unwrap();
        match report.stands {
            Some(stands) => format!("{stands:?}"),
            None => format!("{:?}", report.became),
        }
    }

    fn seen(&self) -> Vec<Message> {
        self.routes[0].channel.seen.borrow_mut().drain(..).collect()
    }

    async fn states(&self) -> Vec<(String, State, String)> {
        let all = self.city.store.envelopes(&EnvelopeFilter::default()).await.unwrap();
        all.into_iter().map(|one| (one.key.to_string(), one.position.state, one.detail)).collect()
    }
}

#[tokio::test]
async fn nothing_goes_at_night_and_everything_once() {
    let mut line = Line::new().await;
    line.tick("2026-06-15T00:00:30").await;
    assert_eq!(line.deliver("2026-06-15T00:00:30", vec![]).await, "{}");
    assert_eq!(line.deliver("2026-06-15T08:30:00", vec![]).await, r#"{"accepted": 3}"#);
    assert_eq!(line.deliver("2026-06-15T08:30:00", vec![]).await, "{}");
    let seen = line.seen();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0].key, "P32/duty/2026-06-15/1");
    assert_eq!(seen[0].address, "p32@office.test");
    assert_eq!(seen[2].attachments[0].blob, 2, "blobs of a batch are numbered through");
}

#[tokio::test]
async fn a_return_that_came_in_between_stops_the_message() {
    let mut line = Line::new().await;
    line.tick("2026-06-15T00:00:30").await;
    line.city.came("unit_monthly_return/O3/2026-06", "2026-06-15T08:00:00").await;
    let became = line.deliver("2026-06-15T08:30:00", vec![]).await;
    assert_eq!(became, r#"{"accepted": 2, "cancelled": 1}"#);
    let cancelled: Vec<_> =
        line.states().await.into_iter().filter(|one| one.1 == State::Cancelled).collect();
    assert_eq!(
        cancelled,
        [("P32/duty/2026-06-15/1".to_owned(), State::Cancelled, "return_is_in".to_owned())]
    );
    let _: ObligationKey = "unit_monthly_return/O3/2026-06".parse().unwrap();
}

#[tokio::test]
async fn every_word_of_a_channel() {
    let mut line = Line::new().await;
    line.tick("2026-06-15T00:00:30").await;
    let deferred = |blame| Some(Outcome::Deferred { blame, detail: "451".to_owned() });
    let rejected = |blame| Some(Outcome::Rejected { blame, detail: "550".to_owned() });
    let words = vec![deferred(Blame::Address), rejected(Blame::Address), None];
    let became = line.deliver("2026-06-15T08:30:00", words).await;
    assert_eq!(became, r#"{"deferred": 1, "rejected": 1, "unknown": 1}"#);
    let details: Vec<String> = line.states().await.into_iter().map(|one| one.2).collect();
    let lost = "unknown_is_sent_once_more";
    assert_eq!(details, [lost, "451", "550"]);
    // A call that ended early costs the channel a pause; then both go again, word for word.
    let told = |message: Message| (message.key, message.subject, message.text);
    let first: Vec<_> = line.seen().into_iter().map(told).collect();
    assert_eq!(line.deliver("2026-06-15T08:30:10", vec![]).await, "{}");
    assert_eq!(line.deliver("2026-06-15T08:32:00", vec![]).await, r#"{"accepted": 2}"#);
    let second: Vec<_> = line.seen().into_iter().map(told).collect();
    assert_eq!(second, [first[0].clone(), first[2].clone()]);
    let key = "P22/duty/2026-06-15/1".parse().unwrap();
    let attempts = line.city.store.attempts(&key).await.unwrap();
    assert_eq!(attempts[0].rendered, attempts[1].rendered);
    let outcomes: Vec<_> = attempts.iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, [State::Unknown, State::Accepted]);
}

#[tokio::test]
async fn unknown_twice_waits_for_a_person() {
    let mut line = Line::new().await;
    line.tick("2026-06-15T00:00:30").await;
    line.deliver("2026-06-15T08:30:00", vec![None]).await;
    line.deliver("2026-06-15T09:30:00", vec![None]).await;
    line.deliver("2026-06-15T10:30:00", vec![None]).await;
    line.deliver("2026-06-15T11:30:00", vec![None]).await;
    let unknown: Vec<_> =
        line.states().await.into_iter().filter(|one| one.1 == State::Unknown).collect();
    assert_eq!(unknown.len(), 1);
    let first = unknown[0].0.clone();
    assert_eq!(line.seen().iter().filter(|message| message.key == first).count(), 2);
}

#[tokio::test]
async fn a_channel_at_fault_rests_and_costs_no_attempt() {
    let mut line = Line::new().await;
    line.tick("2026-06-15T00:00:30").await;
    *line.routes[0].channel.lost.borrow_mut() =
        Some(Lost { may_have_acted: false, detail: "quarantined".to_owned() });
    let became = line.deliver("2026-06-15T08:30:00", vec![None, None, None]).await;
    assert_eq!(became, r#"{"throttled": 3}"#);
    let standing = &line.city.store.channels().await.unwrap()[0];
    assert_eq!((standing.failures, standing.detail.as_str()), (1, "quarantined"));
    let all = line.city.store.envelopes(&EnvelopeFilter::default()).await.unwrap();
    assert!(all.iter().all(|one| one.position.attempts == 0 && one.tries == 1));
    assert_eq!(line.deliver("2026-06-15T08:30:30", vec![]).await, r#"{"accepted": 3}"#);
    assert_eq!(line.city.store.channels().await.unwrap()[0].failures, 0);
}

#[tokio::test]
async fn a_missing_address_stops_nobody_else() {
    let mut line = Line::new().await;
    line.tick("2026-06-15T00:00:30").await;
    line.routes[0].kind = ValueKind::Phone;
    let became = line.deliver("2026-06-15T08:30:00", vec![]).await;
    assert_eq!(became, r#"{"rejected": 3}"#);
    assert!(line.states().await.iter().all(|one| one.2 == "no_address"));
}

#[tokio::test]
async fn held_paused_behind_redirected() {
    let mut line = Line::new().await;
    line.tick("2026-06-15T00:00:30").await;
    let now = line.clock.now();
    line.city.store.hold(Hold::ClockJump, now).await.unwrap();
    assert_eq!(line.deliver("2026-06-15T08:30:00", vec![]).await, "Held(ClockJump)");
    line.city.store.release(now).await.unwrap();
    line.city.store.set_paused(true, now).await.unwrap();
    assert_eq!(line.deliver("2026-06-15T08:30:00", vec![]).await, "Paused");
    line.city.store.set_paused(false, now).await.unwrap();
    assert_eq!(line.deliver("2026-06-14T08:30:00", vec![]).await, "ClockBehind");
    line.city.store.set_redirect(Some("me@trial.test"), now).await.unwrap();
    assert_eq!(line.deliver("2026-06-15T08:30:00", vec![]).await, r#"{"accepted": 3}"#);
    let seen = line.seen();
    assert!(seen.iter().all(|message| message.address == "me@trial.test"));
    assert_eq!(seen[0].subject, "【试发，原收件人P32】请报送");
}

#[tokio::test]
async fn after_a_long_pause_one_message_a_person() {
    let mut line = Line::new().await;
    line.tick("2026-06-15T00:00:30").await;
    line.city.store.set_paused(true, line.clock.now()).await.unwrap();
    for day in 16..=26 {
        line.tick(&format!("2026-06-{day}T00:00:30")).await;
    }
    line.city.store.set_paused(false, line.clock.now()).await.unwrap();
    line.deliver("2026-06-26T08:30:00", vec![]).await;
    let mut persons: Vec<String> = line.seen().into_iter().map(|one| one.address).collect();
    let all = persons.len();
    persons.sort();
    persons.dedup();
    assert_eq!(persons.len(), all, "{:?}", line.states().await);
}

mod catch_up;
