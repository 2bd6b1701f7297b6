//! The plugin, by its own table, against a server on loopback that answers what a test says.
//!
//! What it is not: no real site; none is reachable, and none would stall or lie on demand.

mod samples;
mod server;

use std::io::Write;

use proptest::prelude::*;
use serde_json::{Value, json};
use xibu_plugin_sdk::message::{Capability, Item, RawPosting, Request, Status};
use xibu_plugin_sdk::testing::Harness;

use crate::JobFeed;
use server::{Answer, Server};

/// A source at each of these paths, with names `s0`, `s1`, ...
fn configured(server: &Server, paths: &[&str], extra: Value) -> Harness<JobFeed> {
    let sources: Vec<Value> = (0..)
        .zip(paths)
        .map(|(number, path)| json!({"name": format!("s{number}"), "url": server.url(path)}))
        .collect();
    let mut settings = json!({"source": sources, "timeout": 5});
    for (key, value) in extra.as_object().unwrap() {
        settings[key] = value.clone();
    }
    let mut harness = Harness::new();
    harness.configure(settings).unwrap();
    harness
}

/// What one poll said.
struct Polled {
    postings: Vec<RawPosting>,
    /// Source, items, error.
    stood: Vec<(String, u32, Option<String>)>,
    cursor: String,
    again: u64,
}

impl Polled {
    fn stood(&self) -> Vec<String> {
        self.stood
            .iter()
            .map(|(source, items, error)| match error {
                None => format!("{source} {items}"),
                Some(error) => format!("{source} {items} {error}"),
            })
            .collect()
    }
}

fn poll(harness: &mut Harness<JobFeed>, cursor: Option<&str>) -> Polled {
    let answer = harness.call(Request::Poll { cursor: cursor.map(Into::into), lost: 0 }, &[]);
    assert_eq!(answer.status, Status::Done);
    let mut polled =
        Polled { postings: Vec::new(), stood: Vec::new(), cursor: String::new(), again: 0 };
    for (item, _) in answer.items {
        assert!(polled.cursor.is_empty(), "something after the end: {item:?}");
        match item {
            Item::Posting(posting) => polled.postings.push(posting),
            Item::SourceStood { source, items, error } => polled.stood.push((source, items, error)),
            Item::Polled { cursor, again_after_seconds } => {
                (polled.cursor, polled.again) = (cursor, again_after_seconds);
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(!polled.cursor.is_empty(), "no end");
    polled
}

/// The cursor as it is when everything is due again and no host waits.
fn later(cursor: &str) -> String {
    let mut cursor: Value = serde_json::from_str(cursor).unwrap();
    for source in cursor["sources"].as_object_mut().unwrap().values_mut() {
        source["next_unix_ms"] = json!(0);
    }
    cursor["hosts"] = json!({});
    cursor.to_string()
}

/// One poll of one source that answers so; robots.txt is not there.
#[track_caller]
fn check_one(answer: Answer, extra: Value, expected: &str) -> Vec<RawPosting> {
    let server = Server::start(vec![("/a", answer)]);
    let polled = poll(&mut configured(&server, &["/a"], extra), None);
    assert_eq!(polled.stood(), [expected]);
    polled.postings
}

fn titles(postings: &[RawPosting]) -> Vec<&str> {
    postings.iter().map(|posting| posting.title.as_str()).collect()
}

#[test]
fn it_says_who_it_is() {
    let described = Harness::<JobFeed>::new().describe().unwrap();
    assert_eq!(described.id, "xibu-jobfeed");
    assert_eq!(described.capabilities, [Capability::Feed]);
    assert_eq!(described.settings_schema["required"], json!(["source"]));
}

#[test]
fn every_format_gives_the_same_posting() {
    for (name, body) in [
        ("rss", samples::rss()),
        ("rss without version", samples::rss().replace(" version=\"2.0\"", "")),
        ("atom", samples::atom()),
        ("json feed", samples::json_feed()),
    ] {
        let server = Server::start(vec![("/a", Answer::ok(body.as_bytes()))]);
        let polled = poll(&mut configured(&server, &["/a"], json!({})), None);
        assert_eq!(polled.stood(), ["s0 2"], "{name}");
        let first = &polled.postings[0];
        assert_eq!(first.source, "s0");
        assert_eq!(first.id, "rsj-2026-058", "{name}");
        assert_eq!(first.title, samples::TITLE, "{name}");
        assert_eq!(first.link, server.url("/zwxx/58.html"), "{name}");
        assert_eq!(first.published_unix_ms, Some(1_780_275_600_000), "{name}");
        assert_eq!(first.text, samples::TEXT, "{name}");
    }
}

#[test]
fn pages_give_their_fields() {
    let postings = check_one(Answer::ok(samples::page().as_bytes()), json!({}), "s0 2");
    assert_eq!(titles(&postings), ["护士", "会计"]);
    let fields: Vec<String> =
        postings[0].fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        fields,
        [
            "baseSalary.currency=CNY",
            "baseSalary.value.maxValue=7000",
            "baseSalary.value.minValue=5000",
            "baseSalary.value.unitText=MONTH",
            "datePosted=2026-06-01",
            "employmentType=FULL_TIME, CONTRACTOR",
            "hiringOrganization.name=某某医院",
            "identifier.value=hs-1",
            "jobLocation.0.address.addressLocality=万州区",
            "jobLocation.0.address.addressRegion=重庆市",
            "jobLocation.1.address.addressLocality=开州区",
            "totalJobOpenings=2",
            "validThrough=2026-06-30",
        ]
    );
    assert_eq!(postings[0].text, "学历要求：大专及以上\n专业要求：护理");
    assert_eq!(postings[0].published_unix_ms, Some(1_780_243_200_000));
    assert_eq!(postings[0].id, "hs-1");
    assert!(postings[0].link.ends_with("/jobs/hs-1"));
    // The second has no address of its own: the page's, and not the same as another's.
    assert!(postings[1].link.contains("/a#"), "{}", postings[1].link);
}

#[test]
fn gb2312_by_header_by_declaration_by_meta_and_by_guess() {
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let rss = samples::rss().replace("UTF-8", "gb2312");
    let silent = samples::rss().replace(" encoding=\"UTF-8\"", "");
    let header = |kind: &str| vec![format!("Content-Type: {kind}")];
    for (body, headers, expected) in [
        (gbk(&rss), header("text/xml"), "s0 2"),
        (gbk(&rss), header("text/xml; charset=utf-8"), "s0 2"),
        (gbk(&silent), header("application/rss+xml; charset=GB2312"), "s0 2"),
        (gbk(&silent), vec![], "s0 2"),
    ] {
        let postings = check_one(Answer::ok(&body).with(headers), json!({}), expected);
        assert_eq!(postings[0].title, samples::TITLE);
    }
    let page = samples::page().replace("<head>", "<head><meta charset=\"gb2312\">");
    let postings = check_one(Answer::ok(&gbk(&page)), json!({}), "s0 2");
    assert_eq!(titles(&postings), ["护士", "会计"]);
}

#[test]
fn nothing_new_is_nothing_said() {
    let answer = Answer::ok(samples::rss().as_bytes())
        .with(vec!["ETag: \"v1\"".into(), "Last-Modified: Mon, 01 Jun 2026 00:00:00 GMT".into()]);
    let server = Server::start(vec![("/a", answer)]);
    let mut harness = configured(&server, &["/a"], json!({}));
    let first = poll(&mut harness, None);
    assert_eq!(first.stood(), ["s0 2"]);
    assert_eq!(first.again, 3_600);
    // At the same instant nothing is due.
    let asked = server.asked().len();
    let same = poll(&mut harness, Some(&first.cursor));
    assert_eq!((same.stood().len(), server.asked().len(), &same.cursor), (0, asked, &first.cursor));
    // Later the server is asked with what it said, and says 304.
    server.set("/a", Answer::status("304 Not Modified"));
    let second = poll(&mut harness, Some(&later(&first.cursor)));
    assert_eq!(second.stood(), ["s0 0"]);
    let request = server.asked().pop().unwrap().to_ascii_lowercase();
    assert!(request.contains("if-none-match: \"v1\""), "{request}");
    assert!(request.contains("if-modified-since: mon, 01 jun 2026 00:00:00 gmt"), "{request}");
    assert!(request.contains("user-agent: xibu-jobfeed/0.1"), "{request}");
    // The same document again gives nothing, a changed posting comes alone.
    server.set("/a", Answer::ok(samples::rss().as_bytes()));
    let third = poll(&mut harness, Some(&later(&second.cursor)));
    assert_eq!(third.stood(), ["s0 0"]);
    let changed = samples::rss().replace("58名", "59名");
    server.set("/a", Answer::ok(changed.as_bytes()));
    let fourth = poll(&mut harness, Some(&later(&third.cursor)));
    assert_eq!(
        (fourth.stood(), fourth.postings[0].id.as_str()),
        (vec!["s0 1".into()], "rsj-2026-058")
    );
    // A cursor that cannot be read begins anew, and so does none.
    assert_eq!(poll(&mut harness, Some("{")).stood(), ["s0 2"]);
}

#[test]
fn the_same_id_twice_comes_once_and_two_sources_both_come() {
    let twice = samples::rss().replace("rsj-2026-059", "rsj-2026-058");
    check_one(Answer::ok(twice.as_bytes()), json!({}), "s0 1");
    let [one, two] =
        [(); 2].map(|()| Server::start(vec![("/a", Answer::ok(samples::rss().as_bytes()))]));
    let sources =
        json!([{"name": "甲", "url": one.url("/a")}, {"name": "乙", "url": two.url("/a")}]);
    let polled = poll(&mut configured(&one, &[], json!({"source": sources})), None);
    assert_eq!(polled.stood(), ["甲 2", "乙 2"]);
    let from: Vec<&str> = polled.postings.iter().map(|p| p.source.as_str()).collect();
    assert_eq!(from, ["甲", "甲", "乙", "乙"]);
}

#[test]
fn one_source_failing_never_stops_the_others() {
    let good = Server::start(vec![("/a", Answer::ok(samples::rss().as_bytes()))]);
    let gone = Server::start(vec![]);
    let closed = Server::start(vec![]).port;
    let sources = json!([
        {"name": "gone", "url": gone.url("/a")},
        {"name": "closed", "url": format!("http://127.0.0.1:{closed}/a")},
        {"name": "nameless", "url": "http://nowhere.invalid/a"},
        {"name": "good", "url": good.url("/a")},
    ]);
    let polled = poll(&mut configured(&good, &[], json!({"source": sources})), None);
    let stood = polled.stood();
    assert_eq!(stood[0], "gone 0 HTTP 404");
    assert_eq!(stood[1], "closed 0 no connection");
    assert_eq!(stood[2], "nameless 0 the host's name cannot be resolved");
    assert_eq!(stood[3], "good 2");
    assert_eq!(polled.postings.len(), 2);
}

#[test]
fn what_cannot_be_read_says_why() {
    let check = |body: &str, expected: &str| {
        check_one(Answer::ok(body.as_bytes()), json!({}), &format!("s0 0{expected}"));
    };
    check("<rss version=\"2.0\"><channel><item><title>招聘</b></item>", " the XML is malformed");
    check("{\"version\": ", " the JSON is malformed or no JSON Feed");
    check("<html><p>招聘</p></html>", " neither a feed nor a page with JSON-LD");
    check("", " neither a feed nor a page with JSON-LD");
    check(
        "<script type='application/ld+json'>{\"@type\": \"Article\"}</script>",
        " the page's JSON-LD holds no JobPosting",
    );
    check(
        "<script type='application/ld+json'>{\"@type\": </script>",
        " the page's JSON-LD is malformed",
    );
    check("<rss version=\"2.0\"><channel><title>空</title></channel></rss>", "");
    let deep = format!("<rss version=\"2.0\"><channel>{}", "<a>".repeat(100_000));
    let server = Server::start(vec![("/a", Answer::ok(deep.as_bytes()))]);
    let polled = poll(&mut configured(&server, &["/a"], json!({})), None);
    assert!(polled.stood[0].2.is_some(), "{:?}", polled.stood());
}

#[test]
fn failures_wait_longer_each_time() {
    let server = Server::start(vec![]);
    let mut harness = configured(&server, &["/a"], json!({}));
    let mut cursor: Option<String> = None;
    let mut waits = Vec::new();
    for _ in 0..7 {
        let polled = poll(&mut harness, cursor.as_deref());
        let kept: Value = serde_json::from_str(&polled.cursor).unwrap();
        let next = kept["sources"]["s0"]["next_unix_ms"].as_i64().unwrap();
        waits.push((next - xibu_plugin_sdk::testing::NOW_UNIX_MS) / 3_600_000);
        cursor = Some(later(&polled.cursor));
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 16, 16]);
}

#[test]
fn redirects_are_followed_within_their_bounds() {
    let rss = samples::rss();
    let server = Server::start(vec![
        ("/a", Answer::redirect("302 Found", "b")),
        ("/b", Answer::redirect("308 Permanent Redirect", "/c?x=1")),
        ("/c?x=1", Answer::ok(rss.as_bytes())),
        ("/loop", Answer::redirect("301 Moved Permanently", "/loop")),
        ("/nowhere", Answer::status("302 Found")),
        ("/file", Answer::redirect("302 Found", "file:///etc/passwd")),
        ("/inside", Answer::redirect("302 Found", "http://10.0.0.1/")),
        ("/metadata", Answer::redirect("302 Found", "http://169.254.169.254/latest")),
    ]);
    let check = |path: &str, extra: Value, expected: &str| {
        let polled = poll(&mut configured(&server, &[path], extra), None);
        assert_eq!(polled.stood(), [format!("s0 {expected}")], "{path}");
    };
    check("/a", json!({}), "2");
    let circle = "0 more redirects than redirects_max, or in a circle";
    check("/a", json!({"redirects_max": 1}), circle);
    check("/loop", json!({}), circle);
    check("/loop", json!({"redirects_max": 0}), circle);
    check("/nowhere", json!({}), "0 a redirect without a readable address");
    check("/file", json!({}), "0 a redirect to what is neither http nor https");
    let inside = "0 a redirect leads to an address that is not public";
    check("/inside", json!({}), inside);
    check("/metadata", json!({}), inside);
}

#[test]
fn robots_txt_is_heeded() {
    let robots = |text: &str| ("/robots.txt", Answer::ok(text.as_bytes()));
    let feed = || ("/a", Answer::ok(samples::rss().as_bytes()));
    let check = |answers: Vec<(&str, Answer)>, expected: &str| {
        let server = Server::start(answers);
        let polled = poll(&mut configured(&server, &["/a"], json!({})), None);
        assert_eq!(polled.stood(), [format!("s0 {expected}")]);
        server.asked().iter().filter(|request| request.starts_with("GET /a ")).count()
    };
    let denied = "0 robots.txt does not allow this path";
    assert_eq!(check(vec![robots("User-agent: *\nDisallow: /"), feed()], denied), 0);
    let ours = "User-agent: xibu-jobfeed\nDisallow: /a\n\nUser-agent: *\nDisallow:";
    assert_eq!(check(vec![robots(ours), feed()], denied), 0);
    assert_eq!(check(vec![robots("User-agent: *\nDisallow: /b"), feed()], "2"), 1);
    assert_eq!(check(vec![robots("<html>not found</html>"), feed()], "2"), 1);
    assert_eq!(check(vec![("/robots.txt", Answer::redirect("302 Found", "/r")), feed()], "2"), 1);
    let broken = ("/robots.txt", Answer::status("503 Service Unavailable"));
    assert_eq!(check(vec![broken, feed()], "0 robots.txt cannot be read (HTTP 503)"), 0);
}

#[test]
fn a_host_is_left_alone_between_two_looks() {
    let robots = ("/robots.txt", Answer::ok(b"User-agent: *\nCrawl-delay: 60"));
    let rss = samples::rss();
    let server = Server::start(vec![
        robots,
        ("/a", Answer::ok(rss.as_bytes())),
        ("/b", Answer::ok(rss.as_bytes())),
    ]);
    let mut harness = configured(&server, &["/a", "/b"], json!({}));
    let first = poll(&mut harness, None);
    // The second waits its turn, as long as the site asks for.
    assert_eq!((first.stood(), first.again), (vec!["s0 2".to_owned()], 60));
    let waiting = poll(&mut harness, Some(&first.cursor));
    assert_eq!((waiting.stood().len(), waiting.again), (0, 60));
    let mut kept: Value = serde_json::from_str(&first.cursor).unwrap();
    kept["hosts"] = json!({});
    let second = poll(&mut harness, Some(&kept.to_string()));
    assert_eq!(second.stood(), ["s1 2"]);
    // The site's rules were asked for once.
    let asked = server.asked();
    assert_eq!(asked.iter().filter(|request| request.starts_with("GET /robots.txt ")).count(), 1);
}

#[test]
fn retry_after_is_obeyed() {
    for (status, header, seconds) in [
        ("429 Too Many Requests", "Retry-After: 7200", 7_200),
        ("503 Service Unavailable", "Retry-After: Mon, 01 Jun 2026 03:00:00 GMT", 10_800),
        ("429 Too Many Requests", "Retry-After: 99999999", 86_400),
        ("503 Service Unavailable", "Retry-After: 1", 3_600),
    ] {
        let server = Server::start(vec![("/a", Answer::status(status).with(vec![header.into()]))]);
        let polled = poll(&mut configured(&server, &["/a"], json!({})), None);
        assert_eq!(polled.stood(), [format!("s0 0 HTTP {}", &status[..3])]);
        let kept: Value = serde_json::from_str(&polled.cursor).unwrap();
        let next = kept["sources"]["s0"]["next_unix_ms"].as_i64().unwrap();
        assert_eq!(next, xibu_plugin_sdk::testing::NOW_UNIX_MS + seconds * 1_000, "{header}");
    }
}

#[test]
fn a_server_that_stalls_or_hangs_up_costs_its_time_only() {
    check_one(Answer::Stall(Vec::new()), json!({"timeout": 1}), "s0 0 timed out");
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<rss".to_vec();
    check_one(Answer::Stall(half.clone()), json!({"timeout": 1}), "s0 0 timed out");
    let broke = "s0 0 the answer broke off or cannot be unpacked";
    check_one(Answer::Raw(half), json!({}), broke);
    check_one(Answer::Raw(b"nonsense\r\n\r\n".to_vec()), json!({}), "s0 0 the request failed");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn size_is_counted_unpacked() {
    let limit = json!({"bytes_max": 8_192});
    let too_large = "s0 0 the document is larger than bytes_max";
    let header = || vec!["Content-Encoding: gzip".to_owned()];
    let rss = samples::rss();
    check_one(Answer::ok(&gzip(rss.as_bytes())).with(header()), limit.clone(), "s0 2");
    check_one(Answer::ok(&vec![b' '; 8_193]), limit.clone(), too_large);
    // Fifty megabytes in fifty kilobytes.
    let bomb = gzip(&vec![b' '; 50 << 20]);
    check_one(Answer::ok(&bomb).with(header()), json!({"bytes_max": 1_048_576}), too_large);
    let mut broken = gzip(rss.as_bytes());
    broken.truncate(broken.len() / 2);
    let broke = "s0 0 the answer broke off or cannot be unpacked";
    check_one(Answer::ok(&broken).with(header()), limit, broke);
}

#[test]
fn a_dry_run_reads_bytes_or_an_address() {
    let server = Server::start(vec![("/a", Answer::ok(samples::rss().as_bytes()))]);
    let mut harness = configured(&server, &["/other"], json!({}));
    let mut check = |source: &str, blobs: &[&[u8]], expected: &str| {
        let answer = harness.call(Request::ReadFeed { source: source.into() }, blobs);
        assert_eq!(answer.status, Status::Done);
        let (last, _) = answer.items.last().unwrap();
        let Item::SourceStood { source: named, items, error } = last else { panic!("{last:?}") };
        assert_eq!(named, source);
        assert_eq!(answer.items.len(), *items as usize + 1);
        assert_eq!(format!("{items} {}", error.as_deref().unwrap_or("-")), expected);
    };
    check("feed.xml", &[samples::rss().as_bytes()], "2 -");
    check(
        "feed.xml",
        &[&encoding_rs::GBK.encode(&samples::rss().replace("UTF-8", "GBK")).0],
        "2 -",
    );
    check("page.html", &[samples::page().as_bytes()], "2 -");
    check("page.html", &[b"<p>"], "0 neither a feed nor a page with JSON-LD");
    check(&server.url("/a"), &[], "2 -");
    check(&server.url("/none"), &[], "0 HTTP 404");
    check("no address", &[], "0 not an http or https address without a password");
}

proptest! {
    #[test]
    fn no_document_makes_it_panic(
        words in prop::collection::vec(prop::sample::select(Vec::from([
            "<rss version=\"2.0\">", "<channel>", "<item>", "<title>", "</item>", "<![CDATA[", "]]>", "<feed>",
            "<script type=\"application/ld+json\">", "{", "}", "\"@type\":", "\"JobPosting\"", "\"@graph\":[", "]",
            ",", "</script>", "<entry>", "\"@id\":\"a\"", "&amp;", "&nope;", "招聘", "\u{0}", "<?xml encoding=\"gbk\"?>",
        ])), 0..20),
        any in ".{0,60}",
    ) {
        use crate::configuration::Kind;
        use crate::document::{Origin, read};
        let text = words.concat();
        for kind in [Kind::Auto, Kind::Feed, Kind::Page] {
            for text in [&text, &any] {
                let read = read(Origin { source: "s", kind, base: None }, text);
                let failed = Err("the reader failed on this document".to_owned());
                prop_assert!(read != failed, "{text}");
            }
        }
    }
}
