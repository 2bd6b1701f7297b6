//! Digests on their way: chosen when sent, once, only while allowed, by mail alone.

use chrono::NaiveDate;
use xibu_core::education::Education;
use xibu_core::person::PersonId;

use super::*;
use crate::job::look::tests::{person, posting, says, wishing};
use crate::store::{Batch, PersonValue};
use crate::tick::tests::at;

async fn line() -> Line {
    let mut line = Line::new().await;
    line.city = wishing().await;
    line
}

impl Line {
    async fn takes_in(&self, postings: &[(&str, &str)], civil: &str) {
        let postings = postings
            .iter()
            .map(|(id, last)| posting(id, &format!("{id}号招聘公告"), last))
            .collect();
        let batch = Batch { by: "jobfeed".into(), postings, ..Batch::default() };
        self.city.store.record(&batch, at(civil)).await.unwrap();
    }

    async fn records(&self, batch: Batch, civil: &str) {
        self.city.store.record(&batch, at(civil)).await.unwrap();
    }

    /// What P201 was told so far.
    async fn told_so_far(&self) -> String {
        let told = self.city.store.told(&[PersonId(201)]).await.unwrap();
        let told = told.get(&PersonId(201)).cloned().unwrap_or_default();
        let shown = told.iter().map(|one| format!("{}@{}", one.posting, one.envelope.day));
        shown.collect::<Vec<_>>().join(" ")
    }

    async fn fate(&self, key: &str) -> String {
        let states = self.states().await;
        let (_, state, detail) = states.into_iter().find(|one| one.0 == key).unwrap();
        format!("{} {detail}", state.name()).trim_end().to_owned()
    }
}

const FAR: &str = "2026年6月30日";

#[tokio::test]
async fn each_posting_is_told_once_and_the_best_ten_first() {
    let mut line = line().await;
    let names: Vec<String> = (1..=12).map(|n| n.to_string()).collect();
    let all: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), FAR)).collect();
    line.takes_in(&all, "2026-06-03T12:00:00").await;
    line.tick("2026-06-04T09:00:00").await;
    line.deliver("2026-06-04T09:00:00", vec![]).await;
    let seen = line.seen();
    let digest = seen.iter().find(|one| one.key == "P201/digest/2026-06-04/1").unwrap();
    assert_eq!(digest.text.matches("DigestItem").count(), 10);
    assert_eq!(line.told_so_far().await.split(' ').count(), 10);
    // What did not fit in comes the next working day, and then nothing is left.
    line.tick("2026-06-05T09:00:00").await;
    line.deliver("2026-06-05T09:00:00", vec![]).await;
    assert!(
        line.told_so_far().await.ends_with("J11@2026-06-05 J12@2026-06-05"),
        "{}",
        line.told_so_far().await
    );
    let looked = {
        line.clock.set("2026-06-08T09:00:00".parse().unwrap());
        line.city.tick("2026-06-08T09:00:00").await.looked.unwrap()
    };
    assert_eq!((looked.figures.planned, looked.figures.nothing_new), (0, 2));
}

/// What happens between the look and the sending; what becomes of the digest.
#[track_caller]
fn check(between: &[(&str, Batch)], send: &str, expected: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let found = runtime.block_on(async {
        let mut line = line().await;
        line.takes_in(&[("1", "2026年6月4日")], "2026-06-03T12:00:00").await;
        line.tick("2026-06-04T09:00:00").await;
        for (civil, batch) in between {
            line.records(batch.clone(), civil).await;
        }
        line.deliver(send, vec![]).await;
        line.fate("P201/digest/2026-06-04/1").await
    });
    assert_eq!(found, expected);
}

#[test]
fn looked_at_again_before_it_goes() {
    const AT: &str = "2026-06-04T09:00:10";
    let gone = Batch {
        by: "jobfeed".into(),
        withdrawn: vec![crate::store::Withdrawal { source: "人社局".into(), id: "1".into() }],
        ..Batch::default()
    };
    let phone_only = Batch {
        by: "clerk".into(),
        values: vec![PersonValue {
            person: PersonId(201),
            kind: ValueKind::Mail,
            value: "new@mail.test".into(),
        }],
        ..Batch::default()
    };
    check(&[], AT, "accepted");
    check(&[(AT, phone_only)], AT, "accepted");
    check(&[(AT, says(201, false, AT))], AT, "cancelled no_consent");
    check(&[(AT, gone)], AT, "cancelled nothing_new");
    // Its profile says now that it does not fit.
    check(&[(AT, person(201, Education::Secondary, true))], AT, "cancelled nothing_new");
    check(&[], "2026-06-05T00:00:00", "expired its_use_passed");
    // At night nobody is written to, and the day is over then.
    check(&[], "2026-06-04T22:00:00", "due quiet_hours");
}

#[tokio::test]
async fn a_second_try_tells_the_same_and_a_refused_one_told_nothing() {
    let mut line = line().await;
    line.takes_in(&[("1", FAR)], "2026-06-03T12:00:00").await;
    line.tick("2026-06-04T09:00:00").await;
    let deferred = Outcome::Deferred { blame: Blame::Address, detail: "451".to_owned() };
    // The question to P203 comes first or second: both are deferred.
    line.deliver("2026-06-04T09:00:00", vec![Some(deferred.clone()), Some(deferred)]).await;
    line.takes_in(&[("2", FAR)], "2026-06-04T09:05:00").await;
    let first = line.seen();
    line.deliver("2026-06-04T12:00:00", vec![]).await;
    let second = line.seen();
    let text = |seen: &[Message]| {
        let digest = seen.iter().find(|one| one.key.contains("/digest/")).unwrap();
        digest.text.clone()
    };
    assert_eq!(text(&first), text(&second), "word for word, without what came since");
    assert_eq!(line.told_so_far().await, "J1@2026-06-04");
    // The next is refused for good: what was in it may be told again.
    line.tick("2026-06-05T09:00:00").await;
    let rejected = Outcome::Rejected { blame: Blame::Message, detail: "554".to_owned() };
    line.deliver("2026-06-05T09:00:00", vec![Some(rejected)]).await;
    assert_eq!(line.fate("P201/digest/2026-06-05/1").await, "rejected 554");
    line.tick("2026-06-08T09:00:00").await;
    line.deliver("2026-06-08T09:00:00", vec![]).await;
    assert_eq!(line.told_so_far().await, "J1@2026-06-04 J2@2026-06-08");
}

#[tokio::test]
async fn of_unknown_fate_it_is_held() {
    let mut line = line().await;
    line.takes_in(&[("1", FAR)], "2026-06-03T12:00:00").await;
    line.tick("2026-06-04T09:00:00").await;
    line.deliver("2026-06-04T09:00:00", vec![Some(Outcome::Unknown), Some(Outcome::Unknown)]).await;
    line.seen();
    line.deliver("2026-06-04T15:00:00", vec![]).await;
    assert_eq!(line.seen().len(), 0);
    assert!(line.fate("P201/digest/2026-06-04/1").await.starts_with("unknown"));
    // It may have arrived, so nothing in it is told again.
    let looked = line.city.tick("2026-06-05T09:00:00").await.looked.unwrap();
    assert_eq!(looked.figures.planned, 0);
}

#[tokio::test]
async fn never_by_phone() {
    let mut line = line().await;
    line.routes[0].kind = ValueKind::Phone;
    line.takes_in(&[("1", FAR)], "2026-06-03T12:00:00").await;
    let phone = PersonValue {
        person: PersonId(201),
        kind: ValueKind::Phone,
        value: "13800000201".to_owned(),
    };
    let batch = Batch { by: "clerk".into(), values: vec![phone], ..Batch::default() };
    line.records(batch, "2026-06-03T12:00:00").await;
    line.tick("2026-06-04T09:00:00").await;
    line.deliver("2026-06-04T09:00:00", vec![]).await;
    assert_eq!(line.seen().len(), 0);
    assert_eq!(line.fate("P201/digest/2026-06-04/1").await, "rejected no_mail_address");
    assert_eq!(line.fate("P203/question/2026-06-04/1").await, "rejected no_mail_address");
}

#[tokio::test]
async fn a_question_that_was_answered_is_not_asked() {
    let mut line = line().await;
    line.takes_in(&[("1", FAR)], "2026-06-03T12:00:00").await;
    line.tick("2026-06-04T09:00:00").await;
    let yes = "2026-06-04T09:00:05";
    line.records(says(203, true, yes), yes).await;
    line.deliver("2026-06-04T09:00:10", vec![]).await;
    assert_eq!(line.fate("P203/question/2026-06-04/1").await, "cancelled answered_before");
    // And from the next day on there are digests.
    let looked = line.city.tick("2026-06-05T09:00:00").await.looked.unwrap();
    assert_eq!(
        (looked.figures.planned, looked.day),
        (1, NaiveDate::from_ymd_opt(2026, 6, 5).unwrap())
    );
}

#[tokio::test]
async fn links_stand_in_it_but_not_where_somebody_else_reads_it() {
    for (redirect, linked) in [(None, true), (Some("me@office.test"), false)] {
        let mut line = line().await;
        line.takes_in(&[("1", FAR)], "2026-06-03T12:00:00").await;
        line.tick("2026-06-04T09:00:00").await;
        line.clock.set("2026-06-04T09:00:00".parse().unwrap());
        let City { store, record, rulebook, serves, .. } = &mut line.city;
        store.set_redirect(redirect, at("2026-06-04T09:00:00")).await.unwrap();
        let post = Post {
            store,
            clock: &line.clock,
            routes: &line.routes,
            desk: &Plain,
            rulebook,
            serves,
            public_url: Some("https://xb.office.test"),
            limits: Limits::default(),
        };
        post.deliver_due(record).await.unwrap();
        for message in line.seen() {
            let found = message.text.contains("https://xb.office.test/");
            assert_eq!(found, linked, "{}", message.text);
        }
    }
}
