//! Several channels: what goes by which, what happens when an address is wrong, a message comes
//! back, or a limit is reached.

use xibu_core::person::PersonId;
use xibu_core::posting::RawPosting;
use xibu_plugin_abi::message::{Fate, Receipt};

use super::*;
use crate::outbox::errand::{Errand, Matter};
use crate::store::{Batch, PersonValue, PostingFilter, StoreError, TakeIn, TakenIn};
use crate::tick::tests::at;

const MORNING: &str = "2026-06-15T08:30:00";

/// Mail first, then phone; everybody has a mail address, P32 and P22 a phone as well.
async fn two_channels() -> Line {
    let mut line = Line::new().await;
    let named = |name| Scripted { name: Some(name), ..Scripted::default() };
    line.routes = vec![
        Route::new(ValueKind::Mail, named("email")),
        Route::new(ValueKind::Phone, named("sms")),
    ];
    line.set_phones(&[22, 32]).await;
    line.tick("2026-06-15T00:00:30").await;
    line
}

impl Line {
    async fn set_phones(&self, persons: &[u32]) {
        let phone = |person: &u32| PersonValue {
            person: PersonId(*person),
            kind: ValueKind::Phone,
            value: format!("154{person:08}"),
        };
        let values = persons.iter().map(phone).collect();
        let batch = Batch { by: "clerk".into(), values, ..Batch::default() };
        self.city.store.record(&batch, self.clock.now()).await.unwrap();
    }

    async fn told(&self, civil: &str, receipts: Vec<Receipt>) -> TakenIn {
        let take = TakeIn {
            plugin: "email".into(),
            receipts,
            reaches: Some(ValueKind::Mail),
            ..TakeIn::default()
        };
        self.city.store.take_in(&take, at(civil)).await.unwrap()
    }

    /// Which addresses a channel was given, by their first letters.
    fn went_to(&self, route: usize) -> Vec<String> {
        let seen: Vec<Message> = self.routes[route].channel.seen.borrow_mut().drain(..).collect();
        seen.into_iter().map(|message| message.address).collect()
    }

    async fn state_of(&self, key: &str) -> (State, String) {
        self.states().await.into_iter().find(|one| one.0 == key).map(|one| (one.1, one.2)).unwrap()
    }
}

fn rejected(detail: &str) -> Option<Outcome> {
    Some(Outcome::Rejected { blame: Blame::Address, detail: detail.to_owned() })
}

fn referred(reference: &str) -> Option<Outcome> {
    Some(Outcome::Accepted { reference: reference.to_owned() })
}

fn failed(key: Option<&str>, reference: Option<&str>, blame: Blame) -> Receipt {
    Receipt {
        key: key.map(str::to_owned),
        reference: reference.map(str::to_owned),
        at_unix_ms: 0,
        fate: Fate::Failed { blame, detail: "no such box".to_owned() },
    }
}

fn delivered(reference: &str) -> Receipt {
    Receipt {
        key: None,
        reference: Some(reference.to_owned()),
        at_unix_ms: 0,
        fate: Fate::Delivered,
    }
}

const P22: &str = "P22/duty/2026-06-15/1";
const P32: &str = "P32/duty/2026-06-15/1";
const P42: &str = "P42/duty/2026-06-15/1";

#[tokio::test]
async fn a_wrong_address_goes_by_the_persons_next_channel() {
    let mut line = two_channels().await;
    // All three are asked by mail; none of the addresses is right. P42 has no phone.
    let words = vec![rejected("550 no such user"); 3];
    let became = line.deliver(MORNING, words).await;
    assert_eq!(became, r#"{"accepted": 2, "deferred": 2, "rejected": 1}"#);
    assert_eq!(line.went_to(0).len(), 3);
    let mut phones = line.went_to(1);
    phones.sort();
    assert_eq!(phones, ["15400000022", "15400000032"]);
    assert_eq!(line.state_of(P42).await, (State::Rejected, "550 no such user".to_owned()));
    let faults = line.city.store.address_faults(line.clock.now()).await.unwrap();
    let faulty: Vec<u32> = faults.iter().map(|fault| fault.person.0).collect();
    assert_eq!(faulty, [22, 32, 42]);
    // The next duty does not try what is known to be wrong; a new value is tried again.
    let mail = PersonValue {
        person: PersonId(22),
        kind: ValueKind::Mail,
        value: "new@office.test".to_owned(),
    };
    let batch = Batch { by: "clerk".into(), values: vec![mail], ..Batch::default() };
    line.city.store.record(&batch, line.clock.now()).await.unwrap();
    line.tick("2026-06-22T00:00:30").await;
    line.deliver("2026-06-22T08:30:00", vec![]).await;
    line.tick("2026-06-24T00:00:30").await;
    line.deliver("2026-06-24T08:30:00", vec![]).await;
    assert!(line.went_to(0).iter().all(|address| address == "new@office.test"));
    assert!(line.went_to(1).iter().all(|address| address == "15400000032"));
    let failed = line.states().await.into_iter().filter(|one| one.2 == "every_address_failed");
    assert!(failed.clone().count() > 0 && failed.clone().all(|one| one.0.starts_with("P42/")));
    assert_eq!(line.city.store.address_faults(line.clock.now()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_comes_back_goes_once_more_by_another_channel() {
    let mut line = two_channels().await;
    let words = vec![referred("q1"), referred("q2"), referred("q3")];
    assert_eq!(line.deliver(MORNING, words).await, r#"{"accepted": 3}"#);
    let back = vec![
        failed(Some(P32), None, Blame::Address),
        failed(Some(P42), None, Blame::Message),
        failed(Some("P9/duty/2026-06-15/1"), None, Blame::Address),
    ];
    let taken = line.told("2026-06-15T09:00:00", back.clone()).await;
    assert_eq!(format!("{:?}", taken.receipts), r#"{"bounced": 2, "no_such_message": 1}"#);
    // The same said again changes nothing.
    let again = line.told("2026-06-15T09:01:00", back[..2].to_vec()).await;
    assert_eq!(format!("{:?}", again.receipts), r#"{"said_before": 2}"#);
    let became = line.deliver("2026-06-15T09:10:00", vec![]).await;
    assert_eq!(became, r#"{"accepted": 1, "rejected": 1}"#);
    assert_eq!(line.went_to(1), ["15400000032"]);
    assert_eq!(line.state_of(P42).await, (State::Rejected, "every_address_failed".to_owned()));
    let faults = line.city.store.address_faults(line.clock.now()).await.unwrap();
    assert_eq!(faults.iter().map(|fault| fault.person.0).collect::<Vec<_>>(), [32]);
    // A late word on the first try is of an older one; a second return waits for a person.
    let late = line.told("2026-06-15T09:20:00", vec![failed(None, Some("q1"), Blame::Address)]);
    assert!(!late.await.receipts.contains_key("waits"));
    assert_eq!(line.state_of(P22).await.0, State::Accepted);
}

#[tokio::test]
async fn a_report_that_outruns_its_acceptance_is_not_lost() {
    let mut line = two_channels().await;
    // The gateway reports before we have its answer on disk.
    let early = line.told("2026-06-15T08:29:00", vec![delivered("q7"), delivered("q8")]).await;
    assert_eq!(format!("{:?}", early.receipts), r#"{"waits": 2}"#);
    let words = vec![referred("q7"), referred("q9"), None];
    let became = line.deliver(MORNING, words).await;
    assert_eq!(became, r#"{"accepted": 2, "unknown": 1}"#);
    let states: Vec<State> = line.states().await.into_iter().map(|one| one.1).collect();
    assert_eq!(states.iter().filter(|state| **state == State::Delivered).count(), 1);
    let said = line.told("2026-06-15T08:31:00", vec![delivered("q7"), delivered("q9")]).await;
    let said = format!("{:?}", said.receipts);
    assert_eq!(said, r#"{"delivered": 1, "said_before": 1}"#);
    // One whose fate was unknown and of which the channel says by its key that it arrived is not
    // sent a second time.
    let unknown = line.states().await.into_iter().find(|one| one.1 == State::Deferred).unwrap();
    let arrived = Receipt { key: Some(unknown.0), reference: None, ..delivered("") };
    let said = line.told("2026-06-15T08:31:00", vec![arrived]).await;
    assert_eq!(format!("{:?}", said.receipts), r#"{"delivered": 1}"#);
    line.went_to(0);
    assert_eq!(line.deliver("2026-06-15T12:00:00", vec![]).await, "{}");
    assert!(line.went_to(0).is_empty());
}

#[tokio::test]
async fn throttling_pauses_the_channel_and_uses_no_attempt() {
    let mut line = two_channels().await;
    let slow = Outcome::Throttled { retry_after_seconds: 120, detail: "slow".to_owned() };
    let became = line.deliver(MORNING, vec![Some(slow.clone()), Some(slow.clone()), Some(slow)]);
    assert_eq!(became.await, r#"{"throttled": 3}"#);
    line.went_to(0);
    assert_eq!(line.deliver("2026-06-15T08:31:00", vec![]).await, "{}");
    assert!(line.went_to(0).is_empty() && line.went_to(1).is_empty());
    let all = line.city.store.envelopes(&EnvelopeFilter::default()).await.unwrap();
    assert!(all.iter().all(|one| one.position.attempts == 0));
    assert_eq!(line.deliver("2026-06-15T08:32:00", vec![]).await, r#"{"accepted": 3}"#);
}

#[tokio::test]
async fn a_budget_slows_the_queue_and_fails_nothing() {
    let mut line = two_channels().await;
    line.routes[0].limits.per_minute = Some(1);
    let became = line.deliver(MORNING, vec![]).await;
    assert_eq!(became, r#"{"accepted": 1, "rested": 2}"#);
    let waiting = line.states().await.into_iter().filter(|one| one.2 == "budget_is_used_up");
    assert_eq!(waiting.count(), 2);
    assert_eq!(line.deliver("2026-06-15T08:30:59", vec![]).await, "{}");
    assert_eq!(line.deliver("2026-06-15T08:31:00", vec![]).await, r#"{"accepted": 1}"#);
    assert_eq!(line.deliver("2026-06-15T08:32:00", vec![]).await, r#"{"accepted": 1}"#);
    // A day's budget is used up until midnight, and the night is over at half past eight.
    line.routes[0].limits.per_day = Some(3);
    line.routes[0].limits.per_minute = None;
    line.tick("2026-06-22T00:00:30").await;
    let became = line.deliver("2026-06-22T08:30:00", vec![]).await;
    let all = line.deliver("2026-06-23T08:30:00", vec![]).await;
    assert!(!became.contains("rejected") && !all.contains("rejected"), "{became} {all}");
}

#[tokio::test]
async fn an_alarm_goes_at_night_past_a_resting_channel_and_not_by_the_one_it_is_about() {
    let mut line = two_channels().await;
    let errand = |cause: &str, avoid: Option<&str>| Errand {
        cause: cause.to_owned(),
        person: PersonId(32),
        matter: Matter::PluginQuarantined { plugin: "email".to_owned() },
        not_before: "2026-06-15T23:00:00".parse().unwrap(),
        expires: "2026-06-16T23:00:00".parse().unwrap(),
        avoid: avoid.map(str::to_owned),
    };
    let batch = Batch {
        by: "daemon".into(),
        errands: vec![errand("a", Some("email")), errand("a", Some("email"))],
        ..Batch::default()
    };
    line.city.store.record(&batch, at("2026-06-15T23:00:00")).await.unwrap();
    // The day's duties wait for the morning.
    let became = line.deliver("2026-06-15T23:00:00", vec![]).await;
    assert_eq!(became, r#"{"accepted": 1, "rested": 3}"#);
    assert_eq!((line.went_to(0).len(), line.went_to(1).len()), (0, 1));
    let rests = ChannelStanding {
        channel: "email".into(),
        paused_until: at("2026-06-16T12:00:00").unix_ms,
        failures: 1,
        detail: "down".into(),
    };
    line.city.store.set_channel(&rests, at("2026-06-15T23:00:00")).await.unwrap();
    line.routes[1].limits.per_day = Some(1);
    let batch = Batch { errands: vec![errand("b", None)], ..batch };
    line.city.store.record(&batch, at("2026-06-15T23:01:00")).await.unwrap();
    assert_eq!(line.deliver("2026-06-15T23:02:00", vec![]).await, r#"{"accepted": 1}"#);
    assert_eq!((line.went_to(0).len(), line.went_to(1).len()), (0, 1));
}

#[tokio::test]
async fn an_answer_whose_fate_is_unknown_waits_for_a_person() {
    let mut line = two_channels().await;
    let errand = Errand {
        cause: "answer/A1".to_owned(),
        person: PersonId(32),
        matter: Matter::Answer { arrival: 1, taken_as: "already_in".to_owned() },
        not_before: "2026-06-15T09:00:00".parse().unwrap(),
        expires: "2026-06-16T09:00:00".parse().unwrap(),
        avoid: None,
    };
    line.deliver(MORNING, vec![]).await;
    let batch = Batch { by: "sms".into(), errands: vec![errand], ..Batch::default() };
    line.city.store.record(&batch, at("2026-06-15T09:00:00")).await.unwrap();
    assert_eq!(line.deliver("2026-06-15T09:00:00", vec![None]).await, r#"{"unknown": 1}"#);
    assert_eq!(line.deliver("2026-06-15T12:00:00", vec![]).await, "{}");
    let key = "P32/answer/2026-06-15/1";
    assert_eq!(line.state_of(key).await.0, State::Unknown);
    let retry = Settlement {
        key: key.parse().unwrap(),
        event: Event::Retry { now: line.clock.now().unix_ms },
        reference: None,
        detail: "a person asked for another try".to_owned(),
        left_out: BTreeMap::new(),
        fault: None,
    };
    line.city.store.apply(&retry, line.clock.now()).await.unwrap().unwrap();
    assert_eq!(line.deliver("2026-06-15T12:00:00", vec![]).await, r#"{"accepted": 1}"#);
}

/// Items and cursor together: what comes of an older record moves nothing, and again it moves both.
#[tokio::test]
async fn postings_and_the_polls_place_move_together() {
    let line = two_channels().await;
    let store = &line.city.store;
    let posting = RawPosting {
        source: "a".into(),
        id: "1".into(),
        title: "招聘公告".into(),
        ..RawPosting::default()
    };
    let take = |after| TakeIn {
        plugin: "feed".into(),
        after,
        postings: vec![posting.clone()],
        cursor: Some(crate::store::NewCursor {
            plugin: "feed".into(),
            name: "poll".into(),
            value: "1".into(),
        }),
        ..TakeIn::default()
    };
    let kept = async || {
        let postings = store.postings(&PostingFilter::default()).await.unwrap().len();
        (postings, store.cursor("feed", "poll").await.unwrap())
    };
    let refused = store.take_in(&take(Some(9_999)), at(MORNING)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Moved { .. }));
    assert_eq!(kept().await, (0, None));
    for _ in 0..2 {
        store.take_in(&take(None), at(MORNING)).await.unwrap();
        assert_eq!(kept().await, (1, Some("1".to_owned())));
    }
}
