//! The look of a day, over people of every kind and days of every kind.

use xibu_core::change::Change;
use xibu_core::consent::Means;
use xibu_core::education::Education;
use xibu_core::posting::RawPosting;
use xibu_core::service::Service;
use xibu_core::validity::Validity;

use super::*;
use crate::job::consent_said;
use crate::store::{EnvelopeFilter, NewProfile, PersonValue};
use crate::tick::tests::{City, at};

pub(crate) fn posting(id: &str, title: &str, last: &str) -> RawPosting {
    RawPosting {
        source: "人社局".into(),
        id: id.into(),
        title: title.into(),
        link: format!("https://rsj.test/{id}"),
        published: NaiveDate::from_ymd_opt(2026, 6, 1),
        text: format!("工作地点：重庆市万州区\n学历要求：本科及以上\n报名截止：{last}"),
        fields: Default::default(),
    }
}

/// Somebody of this education who wants to be in 万州, with a mail address where told.
pub(crate) fn person(number: u32, own: Education, mail: bool) -> Batch {
    let person = PersonId(number);
    let mut profile = Profile::new(person);
    profile.education = Some(own);
    profile.places = xibu_core::region::Region::list("万州");
    let (kind, value) = match mail {
        true => (ValueKind::Mail, format!("p{number}@mail.test")),
        false => (ValueKind::Phone, format!("1380000{number:04}")),
    };
    Batch {
        by: "clerk".into(),
        values: vec![PersonValue { person, kind, value }],
        profiles: vec![NewProfile(profile)],
        ..Batch::default()
    }
}

pub(crate) fn says(number: u32, given: bool, civil: &str) -> Batch {
    let purpose = Purpose::JobInformation;
    consent_said(PersonId(number), purpose, given, Means::Clerk, ("clerk", at(civil)))
}

/// A city with four who wish for work: P201 allows and fits, P202 allows and does not fit, P203
/// never said a word, P204 allows and has no mail, P205 said no.
pub(crate) async fn wishing() -> City {
    let city = City::running().await;
    let early = "2026-06-02T10:00:00";
    for (number, own, mail) in [
        (201, Education::Bachelor, true),
        (202, Education::JuniorCollege, true),
        (203, Education::Bachelor, true),
        (204, Education::Bachelor, false),
        (205, Education::Bachelor, true),
    ] {
        city.store.record(&person(number, own, mail), at(early)).await.unwrap();
    }
    for (number, given) in [(201, true), (202, true), (204, true), (205, false)] {
        city.store.record(&says(number, given, early), at(early)).await.unwrap();
    }
    city
}

async fn takes_in(city: &City, raws: &[RawPosting], civil: &str) {
    let batch = Batch { by: "jobfeed".into(), postings: raws.to_vec(), ..Batch::default() };
    city.store.record(&batch, at(civil)).await.unwrap();
}

/// The causes that are known, but for those of the ladders.
async fn causes(city: &City) -> Vec<String> {
    let all = city.store.envelopes(&EnvelopeFilter::default()).await.unwrap();
    let mut causes: Vec<String> =
        all.into_iter().filter_map(|one| Some(one.errand?.cause)).collect();
    causes.sort();
    causes
}

#[tokio::test]
async fn who_is_told_who_is_asked_and_who_is_left_alone() {
    let mut city = wishing().await;
    // Nothing was taken in: nobody is asked for nothing.
    let looked = city.tick("2026-06-03T09:00:00").await.looked.unwrap();
    assert_eq!((looked.figures.with_profile, looked.figures.asked), (5, 0));
    takes_in(&city, &[posting("1", "县医院招聘", "2026年6月30日")], "2026-06-03T12:00:00").await;
    let looked = city.tick("2026-06-04T09:00:00").await.looked.unwrap();
    let expected = DigestFigures {
        with_profile: 5,
        no_consent: 2,
        no_mail_address: 1,
        nothing_new: 1,
        planned: 1,
        asked: 1,
        postings: 1,
    };
    assert_eq!(looked.figures, expected);
    assert_eq!(causes(&city).await, ["digest/P201/2026-06-04", "question/job_information/P203"]);
    let envelopes = city.store.envelopes(&EnvelopeFilter::default()).await.unwrap();
    let digest = envelopes.iter().find(|one| one.key.person == PersonId(201)).unwrap();
    let errand = digest.errand.as_ref().unwrap();
    assert_eq!(errand.not_before.to_string(), "2026-06-04 09:00:00");
    assert_eq!(errand.expires.to_string(), "2026-06-05 00:00:00");
}

#[tokio::test]
async fn once_a_working_day_from_nine() {
    // Dragon Boat is 19 to 21 June 2026.
    for (civil, is_due) in [
        ("2026-06-04T08:59:59", false),
        ("2026-06-04T09:00:00", true),
        ("2026-06-04T20:59:59", true),
        ("2026-06-04T21:00:00", false),
        ("2026-06-06T10:00:00", false),
        ("2026-06-19T10:00:00", false),
        ("2026-06-22T10:00:00", true),
    ] {
        let rulebook = Rulebook::default();
        let found = due(&rulebook, &[OfficeId(1)], civil.parse().unwrap());
        assert_eq!(found.is_some(), is_due, "{civil}");
    }
    let mut city = wishing().await;
    takes_in(&city, &[posting("1", "县医院招聘", "2026年6月30日")], "2026-06-03T12:00:00").await;
    assert!(city.tick("2026-06-04T08:59:00").await.looked.is_none());
    assert!(city.tick("2026-06-04T09:00:30").await.looked.is_some());
    let before = causes(&city).await;
    assert!(city.tick("2026-06-04T09:00:30").await.looked.is_none());
    assert!(city.tick("2026-06-04T09:01:00").await.looked.is_none());
    takes_in(&city, &[posting("2", "镇中学招聘", "2026年6月30日")], "2026-06-04T12:00:00").await;
    assert!(city.tick("2026-06-04T14:00:00").await.looked.is_none());
    assert_eq!(causes(&city).await, before);
}

#[tokio::test]
async fn a_look_that_was_broken_off_opens_nothing_twice() {
    let mut city = wishing().await;
    takes_in(&city, &[posting("1", "县医院招聘", "2026年6月30日")], "2026-06-03T12:00:00").await;
    city.record.follow(&city.store).await.unwrap();
    let look = async |city: &City| {
        let world = city.record.world();
        let now = at("2026-06-04T09:00:00");
        let (rulebook, serves) = (&city.rulebook, &city.serves);
        super::look(&city.store, world, rulebook, serves, now).await.unwrap()
    };
    let first = look(&city).await.unwrap();
    let before = causes(&city).await;
    assert_eq!(look(&city).await, None);
    // As if the process had died between the errands and the day's row.
    let day = first.day.succ_opt().unwrap();
    city.store.set_digest_day(&DigestDay { day, ..first }).await.unwrap();
    city.store.set_digest_day(&DigestDay { day, ..first }).await.unwrap();
    assert_eq!(causes(&city).await, before);
}

#[tokio::test]
async fn former_volunteers_are_asked_once_for_ever() {
    let mut city = City::running().await;
    let validity = Validity::between(
        NaiveDate::from_ymd_opt(2024, 8, 1).unwrap(),
        NaiveDate::from_ymd_opt(2025, 8, 1).unwrap(),
    );
    let (unit, home) = (OfficeId(3), None);
    let mut changes = Vec::new();
    let mut values = Vec::new();
    let many = 301..301 + u32::try_from(QUESTIONS_A_DAY_MAX).unwrap() + 10;
    for number in many {
        let person = PersonId(number);
        changes.push(Change::ServiceBegan(Service { person, unit, home, validity }));
        let value = format!("p{number}@mail.test");
        values.push(PersonValue { person, kind: ValueKind::Mail, value });
    }
    let batch = Batch { by: "clerk".into(), changes, values, ..Batch::default() };
    city.store.record(&batch, at("2026-06-02T10:00:00")).await.unwrap();
    takes_in(&city, &[posting("1", "县医院招聘", "2026年6月30日")], "2026-06-02T12:00:00").await;
    let mut asked = Vec::new();
    for day in ["2026-06-03", "2026-06-04", "2026-06-05"] {
        let looked = city.tick(&format!("{day}T09:00:00")).await.looked.unwrap();
        asked.push(looked.figures.asked);
    }
    assert_eq!(asked, [200, 10, 0]);
    let causes = causes(&city).await;
    assert_eq!(causes.len(), 210);
    assert!(causes.iter().all(|cause| cause.starts_with(QUESTION)), "never a digest");
}
