//! Postings on a real file: put together whatever the order, kept apart where they are not one.

use chrono_tz::Asia::Shanghai;
use proptest::prelude::*;
use xibu_core::consent::Purpose;
use xibu_core::person::PersonId;
use xibu_core::posting::{PostingId, RawPosting};
use xibu_core::profile::Profile;

use crate::clock::Now;
use crate::store::{
    Batch, LinkUse, NewProfile, PersonValue, PostingFilter, SqliteStore, Store, TakeIn, ValueKind,
    Withdrawal,
};

pub(crate) fn at(civil: &str) -> Now {
    Now::at_civil(civil.parse().unwrap(), Shanghai)
}

async fn open() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("data")).await.unwrap();
    (folder, store)
}

/// `source/id/link/title`; the text is the same for all of one title.
fn raw(words: &str) -> RawPosting {
    let parts: Vec<&str> = words.split('/').collect();
    let [source, id, link, title] = parts[..] else { panic!("{words}") };
    RawPosting {
        source: source.into(),
        id: id.into(),
        title: title.into(),
        link: format!("https://rsj.test/{link}"),
        published: chrono::NaiveDate::from_ymd_opt(2026, 6, 1),
        text: format!("招聘单位：{title}\n报名截止：2026年6月30日"),
        fields: Default::default(),
    }
}

fn batch(raws: &[RawPosting]) -> Batch {
    Batch { by: "jobfeed".into(), postings: raws.to_vec(), ..Batch::default() }
}

/// The sources of every posting, as `a1+b7 c2`.
async fn shown(store: &SqliteStore) -> String {
    let postings = store.postings(&PostingFilter::default()).await.unwrap();
    let mut groups: Vec<String> = postings
        .iter()
        .map(|kept| {
            let sources = kept.posting.sources.iter();
            sources.map(|it| format!("{}{}", it.source, it.id)).collect::<Vec<_>>().join("+")
        })
        .collect();
    groups.sort();
    groups.join(" ")
}

#[track_caller]
fn check(raws: &[&str], expected: &str) {
    let raws: Vec<RawPosting> = raws.iter().map(|words| raw(words)).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let found = runtime.block_on(async {
        let (_folder, store) = open().await;
        for raw in &raws {
            store
                .record(&batch(std::slice::from_ref(raw)), at("2026-06-10T08:00:00"))
                .await
                .unwrap();
        }
        shown(&store).await
    });
    assert_eq!(found, expected);
}

#[test]
fn the_same_posting_from_two_sources_is_one() {
    check(&["a/1/x/县医院", "b/7/y/县医院"], "a1+b7");
    check(&["a/1/x/县医院", "b/7/x/某县医院"], "a1+b7");
    check(&["a/1/x/县医院", "a/2/y/镇中学"], "a1 a2");
    // The third is the bridge between two that were apart.
    check(&["a/1/x/县医院", "b/7/y/镇中学", "c/3/x/镇中学"], "a1+b7+c3");
    // A source changes its mind: what held two together is gone.
    check(&["a/1/x/县医院", "b/7/x/镇中学", "b/7/z/镇中学"], "a1 b7");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// However they come, alone or together, once or twice, what stands at the end is the same.
    #[test]
    fn the_order_never_matters(
        order in Just((0..6usize).collect::<Vec<_>>()).prop_shuffle(),
        cut in 0..6usize,
        again in 0..6usize,
    ) {
        const ALL: [&str; 6] = [
            "a/1/x/县医院", "b/7/y/县医院", "b/8/z/镇中学", "c/3/z/某镇中学",
            "c/4/w/社区", "a/2/v/某镇中学",
        ];
        let raws: Vec<RawPosting> = order.iter().map(|at| raw(ALL[*at])).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (found, bodies) = runtime.block_on(async {
            let (_folder, store) = open().await;
            let (first, second) = raws.split_at(cut);
            store.record(&batch(first), at("2026-06-10T08:00:00")).await.unwrap();
            store.record(&batch(second), at("2026-06-10T09:00:00")).await.unwrap();
            store.record(&batch(&[raw(ALL[again])]), at("2026-06-10T10:00:00")).await.unwrap();
            let kept = store.postings(&PostingFilter::default()).await.unwrap();
            let mut bodies: Vec<_> = kept.into_iter().map(|kept| kept.posting).collect();
            bodies.sort_by(|a, b| a.sources.cmp(&b.sources));
            (shown(&store).await, bodies)
        });
        prop_assert_eq!(found, "a1+b7 a2+b8+c3 c4");
        let together = xibu_core::posting::merge(
            ALL.iter().map(|words| xibu_core::posting::Posting::read(&raw(words))),
        );
        prop_assert_eq!(bodies, together);
    }
}

#[tokio::test]
async fn what_has_ended_is_kept_and_not_open() {
    let (_folder, store) = open().await;
    let both = [raw("a/1/x/县医院"), raw("b/7/y/县医院"), raw("c/4/w/社区")];
    store.record(&batch(&both), at("2026-06-10T08:00:00")).await.unwrap();
    let gone = |source: &str, id: &str| Batch {
        withdrawn: vec![Withdrawal { source: source.into(), id: id.into() }],
        ..batch(&[])
    };
    let open = async |day: &str| {
        let filter = PostingFilter { open_on: Some(day.parse().unwrap()), ..Default::default() };
        let found = store.postings(&filter).await.unwrap();
        found.iter().map(|kept| kept.id.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(open("2026-06-30").await, "J1 J2");
    assert_eq!(open("2026-07-01").await, "");
    store.record(&gone("a", "1"), at("2026-06-11T08:00:00")).await.unwrap();
    assert_eq!(open("2026-06-12").await, "J1 J2", "the other source still has it");
    store.record(&gone("b", "7"), at("2026-06-12T08:00:00")).await.unwrap();
    store.record(&gone("nobody", "0"), at("2026-06-12T08:00:00")).await.unwrap();
    assert_eq!(open("2026-06-12").await, "J2");
    // It comes back: nobody withdrew it for good.
    store.record(&batch(&[raw("a/1/x/县医院")]), at("2026-06-13T08:00:00")).await.unwrap();
    assert_eq!(open("2026-06-13").await, "J1 J2");
    let given = store.raw_postings(PostingId(1)).await.unwrap();
    let seen: Vec<String> = given.iter().map(|one| one.seen_at.to_string()).collect();
    assert_eq!(seen, ["2026-06-13 08:00:00", "2026-06-10 08:00:00"]);
    assert!(given.iter().all(|one| one.first_seen.to_string() == "2026-06-10 08:00:00"));
    // Next year's notice of the same name is another one.
    let mut next = raw("a/9/q/县医院");
    next.text = "招聘单位：县医院\n报名截止：2027年6月30日".into();
    next.published = chrono::NaiveDate::from_ymd_opt(2027, 6, 1);
    store.record(&batch(&[next]), at("2027-06-01T08:00:00")).await.unwrap();
    assert_eq!(open("2027-06-02").await, "J3");
}

#[tokio::test]
async fn one_that_says_no_day_at_all_ends_with_its_first_sight() {
    let (_folder, store) = open().await;
    let mut undated = raw("a/1/x/县医院");
    (undated.text, undated.published) = ("招聘单位：县医院".into(), None);
    for day in ["2026-06-10", "2026-06-20"] {
        let now = at(&format!("{day}T08:00:00"));
        store.record(&batch(std::slice::from_ref(&undated)), now).await.unwrap();
    }
    for (day, count) in [("2026-08-09", 1), ("2026-08-10", 0)] {
        let filter = PostingFilter { open_on: Some(day.parse().unwrap()), ..Default::default() };
        assert_eq!(store.postings(&filter).await.unwrap().len(), count, "{day}");
    }
}

#[tokio::test]
async fn what_a_look_brought_stands_with_its_cursor() {
    let (_folder, store) = open().await;
    let item = |id: &str| RawPosting {
        source: "人社局".into(),
        id: id.into(),
        title: "招聘公告".into(),
        link: format!("https://rsj.test/{id}"),
        ..RawPosting::default()
    };
    let brought = TakeIn {
        plugin: "jobfeed".into(),
        postings: vec![item("1"), item("2"), item("1")],
        ..TakeIn::default()
    };
    let taken = store.take_in(&brought, at("2026-06-10T08:00:00")).await.unwrap();
    assert_eq!(taken.postings, 3);
    assert_eq!(shown(&store).await, "人社局1 人社局2");
}

#[tokio::test]
async fn a_link_dies_with_its_persons_data() {
    let (_folder, store) = open().await;
    let person = PersonId(12);
    let purpose = Purpose::JobInformation;
    let token = store.link_token(LinkUse::Stop, person, purpose);
    let holder = async || store.link_holder(LinkUse::Stop, &token).await.unwrap();
    assert_eq!(holder().await, None, "nobody goes by that number");
    let values = vec![PersonValue { person, kind: ValueKind::Mail, value: "a@county.test".into() }];
    let set = Batch { values, ..batch(&[]) };
    store.record(&set, at("2026-06-10T08:00:00")).await.unwrap();
    assert_eq!(holder().await.map(|holder| holder.person), Some(person));
    sqlx::query("UPDATE person SET erased_at = '2026-06-11T08:00:00'")
        .execute(&store.pool)
        .await
        .unwrap();
    assert_eq!(holder().await, None);
}

#[tokio::test]
async fn profiles_come_by_page() {
    let (_folder, store) = open().await;
    let profiles = (1..=7).map(|n| NewProfile(Profile::new(PersonId(n)))).collect();
    let set = Batch { profiles, ..batch(&[]) };
    store.record(&set, at("2026-06-10T08:00:00")).await.unwrap();
    let (mut after, mut seen) = (PersonId(0), Vec::new());
    loop {
        let page = store.profiles_after(after, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.person;
        seen.extend(page.iter().map(|profile| profile.person.0));
    }
    assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7]);
    let asked = [PersonId(2), PersonId(99), PersonId(5)];
    assert_eq!(store.profiles(&asked).await.unwrap().len(), 2);
}
