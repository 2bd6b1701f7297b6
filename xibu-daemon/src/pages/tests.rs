//! Requests in, responses out: what is shown, what is said, and that looking says nothing.

use xibu_core::posting::RawPosting;

use super::*;
use crate::store::{PersonValue, SqliteStore, ValueKind};
use crate::tick::tests::at;

struct Site {
    _folder: tempfile::TempDir,
    store: SqliteStore,
    stop: String,
    answer: String,
}

fn noon() -> Now {
    at("2026-06-10T12:00:00")
}

impl Site {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("data")).await.unwrap();
        let person = PersonId(12);
        let raw = |id: &str, title: &str, text: &str| RawPosting {
            source: "区人社局".into(),
            id: id.into(),
            title: title.into(),
            link: format!("https://rsj.test/{id}"),
            published: chrono::NaiveDate::from_ymd_opt(2026, 6, 1),
            text: text.into(),
            fields: Default::default(),
        };
        let mut evil = raw("3", "<script>alert(1)</script>招聘", "学历要求：大专及以上");
        evil.link = "javascript:alert(1)".into();
        let postings = vec![
            raw(
                "1",
                "万州医院招聘",
                "工作地点：重庆市万州区\n学历要求：本科及以上\n专业要求：护理学",
            ),
            raw("2", "渝北学校招聘", "工作地点：重庆市渝北区\n学历要求：硕士及以上"),
            evil,
            raw("4", "截止了的招聘", "报名截止：2026年6月9日"),
        ];
        let mail = PersonValue { person, kind: ValueKind::Mail, value: "p12@mail.test".into() };
        let batch = Batch { by: "clerk".into(), values: vec![mail], postings, ..Batch::default() };
        store.record(&batch, at("2026-06-02T12:00:00")).await.unwrap();
        let purpose = Purpose::JobInformation;
        let stop = format!("/stop/{}", store.link_token(LinkUse::Stop, person, purpose));
        let answer = format!("/answer/{}", store.link_token(LinkUse::Answer, person, purpose));
        Self { _folder: folder, store, stop, answer }
    }

    async fn ask(&self, method: &str, path: &str, query: &str, body: &str) -> Answered {
        let request = Request { method, path, query, body: body.as_bytes() };
        answer(&self.store, "山城市项目办", request, noon()).await.unwrap()
    }

    /// Status, and what was said as `P12 yes`.
    async fn fate(&self, method: &str, path: &str, body: &str) -> String {
        let Answered { response, said } = self.ask(method, path, "", body).await;
        assert!(response.headers.iter().any(|(name, _)| *name == "content-security-policy"));
        assert!(!response.body.contains("<script"), "{}", response.body);
        assert!(!response.body.contains("p12@mail.test"));
        let said = said.map_or("nothing".to_owned(), |said| {
            format!("{} {}", said.person, if said.given { "yes" } else { "no" })
        });
        format!("{} {said}", response.status)
    }
}

#[tokio::test]
async fn looking_says_nothing_and_a_button_says_it() {
    let site = Site::new().await;
    let (stop, answer) = (site.stop.as_str(), site.answer.as_str());
    let crossed = stop.replace("/stop/", "/answer/");
    let long = "x".repeat(BODY_BYTES_MAX + 1);
    for (method, path, body, expected) in [
        ("GET", stop, "", "200 nothing"),
        ("HEAD", stop, "", "200 nothing"),
        ("POST", stop, "", "200 P12 no"),
        ("POST", stop, "List-Unsubscribe=One-Click", "200 P12 no"),
        ("POST", stop, &long, "413 nothing"),
        ("PUT", stop, "", "405 nothing"),
        ("DELETE", stop, "", "405 nothing"),
        ("GET", answer, "", "200 nothing"),
        ("GET", answer, "answer=yes", "200 nothing"),
        ("POST", answer, "answer=yes", "200 P12 yes"),
        ("POST", answer, "answer=no", "200 P12 no"),
        ("POST", answer, "answer=no&answer=yes", "200 P12 no"),
        ("POST", answer, "answer=maybe", "400 nothing"),
        ("POST", answer, "", "400 nothing"),
        ("POST", answer, "List-Unsubscribe=One-Click", "400 nothing"),
        ("PATCH", answer, "answer=yes", "405 nothing"),
        ("POST", &crossed, "answer=yes", "404 nothing"),
        ("POST", "/stop/", "", "404 nothing"),
        ("POST", "/stop/AAAADAMxN2Q4", "", "404 nothing"),
        ("GET", "/answer/..%2f..", "", "404 nothing"),
        ("GET", "/postings", "", "200 nothing"),
        ("HEAD", "/postings", "", "200 nothing"),
        ("POST", "/postings", "", "405 nothing"),
        ("GET", "/", "", "404 nothing"),
        ("GET", "/hooks/sms", "", "404 nothing"),
    ] {
        assert_eq!(site.fate(method, path, body).await, expected, "{method} {path} {body:.40}");
    }
    let asked = site.ask("GET", answer, "answer=yes", "").await;
    assert_eq!(asked.said, None, "nor does a link with an answer in it");
}

#[tokio::test]
async fn what_is_said_twice_is_recorded_once() {
    let site = Site::new().await;
    let said = |given| Said { person: PersonId(12), purpose: Purpose::JobInformation, given };
    let mut record = crate::record::Record::load(&site.store).await.unwrap();
    for (given, recorded) in [(false, true), (false, false), (true, true), (true, false)] {
        let batch = said(given).batch(record.world(), noon());
        assert_eq!(batch.is_some(), recorded, "{given}");
        if let Some(batch) = batch {
            site.store.record(&batch, noon()).await.unwrap();
            record.follow(&site.store).await.unwrap();
        }
        let consent = *record.world().consent(PersonId(12), Purpose::JobInformation).unwrap();
        assert_eq!((consent.given, consent.means), (given, Means::Link));
    }
}

#[tokio::test]
async fn every_open_posting_by_what_is_asked_for() {
    let site = Site::new().await;
    for (query, expected) in [
        ("", "1 2 3"),
        ("place=", "1 2 3"),
        ("place=%E4%B8%87%E5%B7%9E", "1"),
        ("education=%E5%A4%A7%E4%B8%93", "3"),
        ("education=%E6%9C%AC%E7%A7%91", "1 3"),
        ("major=%E6%8A%A4%E7%90%86%E5%AD%A6", "1 2 3"),
        ("major=%E4%BC%9A%E8%AE%A1%E5%AD%A6", "2 3"),
        ("place=%E4%B8%87%E5%B7%9E&major=%E4%BC%9A%E8%AE%A1%E5%AD%A6", ""),
        ("page=2", ""),
        ("page=99999999999999999999", "1 2 3"),
        ("page=0", "1 2 3"),
        ("%ff=%ff&place", "1 2 3"),
    ] {
        let shown = site.ask("GET", "/postings", query, "").await.response.body;
        let found: Vec<&str> = ["1", "2", "3", "4"]
            .into_iter()
            .filter(|n| shown.contains(&format!("id=\"J{n}\"")))
            .collect();
        assert_eq!(found.join(" "), expected, "{query}");
    }
    let page = site.ask("GET", "/postings", "", "").await.response;
    assert!(page.body.contains("&lt;script&gt;") && !page.body.contains("<script"));
    assert!(!page.body.contains("href=\"javascript"), "{}", page.body);
    assert!(page.body.contains("href=\"https://rsj.test/1\""));
    assert!(!page.headers.iter().any(|(name, _)| *name == "x-robots-tag"));
    let odd = site.ask("GET", "/postings", "place=%22%3E%3Cscript%3E", "").await.response.body;
    assert!(odd.contains("没有看懂") && !odd.contains("<script"), "{odd}");
}
