//! `/api` of a running daemon, over loopback: who may see what over every route, the same call
//! twice, and a daemon that is killed while it keeps what was handed in.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Child;
use std::time::Duration;

use serde_json::{Value, json};
use xibu_daemon::listener::api::ROUTES;

use crate::harness::build::built;
use crate::harness::office::Office;
use crate::harness::program;
use crate::harness::sample::City;

/// City O1, counties O2 and O3, units O4, O5 and O6, O7.
const CITY: City = City { counties: 2, units: 2 };

/// An office with a listener.
struct Place {
    office: Office,
}

/// A daemon that runs.
struct Daemon {
    child: Child,
    address: String,
}

/// An answer.
struct Answer {
    status: u16,
    head: String,
    body: Value,
}

impl Place {
    fn new() -> Self {
        let office = Office::init_with(&built().daemon_with_failpoints);
        office.change(|whole| {
            let listen = toml::Table::from_iter([("address".to_owned(), "127.0.0.1:0".into())]);
            whole.insert("listen".into(), listen.into());
        });
        office.approve_workbooks();
        office.write("directory.csv", CITY.directory());
        office.write("roster.csv", CITY.roster());
        let place = Self { office };
        place.run(&["import", "directory.csv", "roster.csv"]).done();
        place
    }

    /// By the computer's clock, as the daemon that listens.
    fn run(&self, words: &[&str]) -> program::Said {
        program::run(self.office.command(words).env_remove("XIBU_TEST_CLOCK"))
    }

    fn token(&self, office: &str) -> String {
        let made = self.run(&["token", office, "--new", "--json"]).json_lines();
        made[0]["token"].as_str().unwrap().to_owned()
    }

    fn start(&self, kill: Option<&str>) -> Daemon {
        let mut command = self.office.command(&["run"]);
        command.env_remove("XIBU_TEST_CLOCK");
        if let Some(kill) = kill {
            command.env("XIBU_KILL", kill);
        }
        let mut child = program::spawn(&mut command);
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut seen = String::new();
        let line = loop {
            let begun = seen.len();
            assert!(log.read_line(&mut seen).unwrap() > 0, "it ended:\n{seen}");
            if seen[begun..].contains("listening") {
                break seen[begun..].to_owned();
            }
        };
        // The pipe must not fill.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        let address = line.rsplit("address=").next().unwrap().trim().to_owned();
        Daemon { child, address }
    }
}

impl Daemon {
    fn ask(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        more: &str,
        body: &[u8],
    ) -> Answer {
        let answer = self.try_ask(method, path, token, more, body);
        answer.unwrap_or_else(|| panic!("no answer to {method} {path}"))
    }

    /// None where it was gone before it had answered.
    fn try_ask(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        more: &str,
        body: &[u8],
    ) -> Option<Answer> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        let token = token.map(|token| format!("authorization: Bearer {token}\r\n"));
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: xibu.test\r\nconnection: close\r\n{}{more}\
             content-length: {}\r\n\r\n",
            token.unwrap_or_default(),
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        // Whoever has said no need not read to the end.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let body = serde_json::from_str(body).unwrap_or(Value::Null);
        Some(Answer { status, head: head.to_owned(), body })
    }

    fn hand_in(&self, token: &str, key: Option<&str>, body: &Value) -> Answer {
        self.ask("POST", "/api/returns", Some(token), &json_head(key), body.to_string().as_bytes())
    }

    fn stop(self) {
        program::signal(self.child.id(), "TERM");
        let ended = program::wait(self.child, Duration::from_secs(30)).expect("it stops");
        assert_eq!(ended.status.code(), Some(0));
    }
}

fn json_head(key: Option<&str>) -> String {
    let key = key.map(|key| format!("idempotency-key: {key}\r\n")).unwrap_or_default();
    format!("content-type: application/json\r\n{key}")
}

/// The month that O4 owes now.
fn period(daemon: &Daemon, token: &str) -> String {
    let owed = daemon.ask("GET", "/api/obligations", Some(token), "", b"").body;
    let own = owed["obligations"].as_array().unwrap().iter().find(|one| one["debtor"] == "O4");
    own.unwrap_or_else(|| panic!("{owed}"))["period"].as_str().unwrap().to_owned()
}

fn nil(office: &str, period: &str) -> Value {
    json!({"office": office, "period": period, "headcount": 1, "accidents": "nil",
        "health": "nil", "stated_by": "甲一"})
}

/// A route: method, its name, the path asked, what is handed in, and the answer to each of six.
type Row<'a> = (&'a str, &'a str, String, Option<Value>, [u16; 6]);

#[test]
fn every_route_tells_each_office_its_own_and_nothing_else() {
    let place = Place::new();
    let revoked = place.token("O4");
    place.run(&["token", "O4", "--revoke", "1"]).done();
    let tokens = ["O4", "O2", "O5", "O3"].map(|office| place.token(office));
    let daemon = place.start(None);
    let month = period(&daemon, &tokens[0]);
    // What is asked about unit O4, and what comes of it: by itself, by its county, by another
    // unit of the county, by another county, without a token, by one that was revoked.
    let path = format!("/api/returns/O4/{month}");
    let rows: [Row<'_>; 4] = [
        ("GET", "/api/openapi.json", "/api/openapi.json".into(), None, [200; 6]),
        (
            "GET",
            "/api/obligations",
            "/api/obligations".into(),
            None,
            [200, 200, 200, 200, 401, 401],
        ),
        (
            "POST",
            "/api/returns",
            "/api/returns".into(),
            Some(nil("O4", &month)),
            [200, 200, 404, 404, 401, 401],
        ),
        ("GET", "/api/returns/{office}/{period}", path, None, [200, 200, 404, 404, 401, 401]),
    ];
    for route in ROUTES {
        let row = rows.iter().find(|row| (row.0, row.1) == (route.method, route.path));
        let (method, _, path, body, expected) =
            row.unwrap_or_else(|| panic!("{} {} has no row", route.method, route.path));
        let who = tokens.iter().map(|token| Some(token.as_str()));
        let who = who.chain([None, Some(revoked.as_str())]);
        for (place, (token, expected)) in who.zip(expected).enumerate() {
            let more = if body.is_some() { json_head(None) } else { String::new() };
            let body = body.as_ref().map(Value::to_string).unwrap_or_default();
            let answer = daemon.ask(method, path, token, &more, body.as_bytes());
            assert_eq!(answer.status, *expected, "{method} {path} by {place}: {}", answer.body);
            let is_others = place >= 2;
            if is_others && route.path != "/api/openapi.json" {
                let said = answer.body.to_string();
                assert!(!said.contains("O4") && !said.contains("第1区第1中学"), "{path}: {said}");
            }
            if answer.status >= 400 {
                assert!(answer.head.contains("application/problem+json"), "{}", answer.head);
                for field in ["type", "title", "status", "detail", "errors"] {
                    assert!(answer.body.get(field).is_some(), "{}", answer.body);
                }
            }
        }
    }
    // An office that is not there says the same as one that is another's.
    let gone = daemon.ask("GET", &format!("/api/returns/O99/{month}"), Some(&tokens[2]), "", b"");
    let others = daemon.ask("GET", &format!("/api/returns/O4/{month}"), Some(&tokens[2]), "", b"");
    assert_eq!((gone.status, &gone.body), (others.status, &others.body));
    for path in ["/api", "/api/", "/api/gossip", "/api/returns/O4"] {
        assert_eq!(daemon.ask("GET", path, Some(&tokens[0]), "", b"").status, 404, "{path}");
    }
    assert_eq!(daemon.ask("PUT", "/api/returns", Some(&tokens[0]), "", b"").status, 405);
    daemon.stop();
}

#[test]
fn a_return_is_handed_in_once_and_every_fault_is_named() {
    let place = Place::new();
    let (unit, county) = (place.token("O4"), place.token("O2"));
    let daemon = place.start(None);
    let month = period(&daemon, &unit);
    let first = daemon.hand_in(&unit, Some("k1"), &nil("O4", &month));
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(first.body["outcome"], "taken");
    assert_eq!(first.body["returns"][0]["obligation"], format!("unit_monthly_return/O4/{month}"));
    // The same key: the same answer for the same body, a refusal for another; keys are an office's.
    let again = daemon.hand_in(&unit, Some("k1"), &nil("O4", &month));
    assert_eq!((again.status, again.body), (200, first.body));
    let mut other = nil("O4", &month);
    other["headcount"] = json!(2);
    let conflict = daemon.hand_in(&unit, Some("k1"), &other);
    assert_eq!(conflict.status, 409, "{}", conflict.body);
    assert_eq!(daemon.hand_in(&county, Some("k1"), &other).status, 200);
    let shown = daemon.ask("GET", &format!("/api/returns/O4/{month}"), Some(&unit), "", b"").body;
    let versions = shown["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 2, "{shown}");
    assert_eq!(versions[0]["content"]["accidents"], "nil");
    assert_eq!(versions[1]["content"]["headcount"], 2);
    // A county's workbook: what is the county's is taken, another's is refused and not told.
    let table = format!(
        "单位编号,单位名称,报告月份,安全健康事故,患病情况,填报人\n\
         O5,,{month},无,无,甲二\nO6,不是这个名字,{month},无,无,甲三\nO99,,{month},无,无,甲四\n"
    );
    let more = "content-type: text/csv\r\n";
    let taken = daemon.ask("POST", "/api/returns", Some(&county), more, table.as_bytes());
    assert_eq!(taken.status, 200, "{}", taken.body);
    let refused = taken.body["refused"].as_array().unwrap();
    let reasons: Vec<&str> = refused.iter().map(|one| one["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["not_of_the_senders_office"; 2], "{}", taken.body);
    assert!(!taken.body.to_string().contains("第2区"), "{}", taken.body);
    check_faults(&daemon, &unit, &month);
    daemon.stop();
}

fn check_faults(daemon: &Daemon, unit: &str, month: &str) {
    let faults = |answer: &Answer| -> Vec<String> {
        let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|one| one["field"].as_str().unwrap().to_owned()).collect()
    };
    let mut body = nil("O4", month);
    body["headcount"] = json!("many");
    let wrong = daemon.hand_in(unit, None, &body);
    assert_eq!((wrong.status, faults(&wrong)), (422, vec!["/headcount".to_owned()]));
    let empty = daemon.hand_in(unit, None, &json!({"period": month, "stated_by": "甲一"}));
    assert_eq!(empty.status, 422, "{}", empty.body);
    let error = &daemon.hand_in(
        unit,
        None,
        &json!({"period": "2099-01", "accidents": "nil",
        "health": "nil", "stated_by": "甲一"}),
    );
    assert_eq!((error.status, faults(error)), (422, vec!["/office".to_owned()]), "{}", error.body);
    let error = &error.body["errors"][0];
    assert_eq!(error["reason"], "month_not_begun");
    assert_eq!((&error["what"], &error["remedy"]), (&json!("报告月份还没有到"), &json!("请核对")));
    let more = "content-type: application/json\r\n";
    let ask = |more: &str, body: &[u8]| daemon.ask("POST", "/api/returns", Some(unit), more, body);
    assert_eq!(ask(more, b"{").status, 422);
    assert_eq!(ask(more, &vec![b' '; (256 << 10) + 1]).status, 413);
    assert_eq!(ask("idempotency-key: \u{e4}\r\n", b"x").status, 422);
    let picture = ask("content-type: image/jpeg\r\n", b"\xff\xd8\xff\xe0 a photo");
    assert_eq!(picture.status, 422, "{}", picture.body);
    assert_eq!(picture.body["type"], "urn:xibu:problem:not_readable");
    let query = daemon.ask("GET", "/api/obligations?period=june", Some(unit), "", b"");
    assert_eq!(query.status, 422);
}

#[test]
fn killed_at_any_point_a_call_is_kept_once_and_answered_the_same() {
    let place = Place::new();
    let token = place.token("O4");
    // The first start switches the rules on and is done with it.
    let daemon = place.start(None);
    let month = period(&daemon, &token);
    daemon.stop();
    for (number, point) in ["record_before_commit", "record_after_commit"].into_iter().enumerate() {
        let mut body = nil("O4", &month);
        body["headcount"] = json!(10 + number);
        let key = format!("key-{number}");
        let mut daemon = place.start(Some(&format!("{point}:1")));
        let bytes = body.to_string();
        let more = json_head(Some(&key));
        let lost = daemon.try_ask("POST", "/api/returns", Some(&token), &more, bytes.as_bytes());
        assert!(lost.is_none(), "{point}");
        use std::os::unix::process::ExitStatusExt;
        assert_eq!(daemon.child.wait().unwrap().signal(), Some(9), "{point}");
        // Whoever heard nothing says it again.
        let daemon = place.start(None);
        for _ in 0..2 {
            let answer = daemon.hand_in(&token, Some(&key), &body);
            assert_eq!((answer.status, &answer.body["outcome"]), (200, &json!("taken")), "{point}");
        }
        let path = format!("/api/returns/O4/{month}");
        let shown = daemon.ask("GET", &path, Some(&token), "", b"").body;
        assert_eq!(shown["versions"].as_array().unwrap().len(), number + 1, "{point}: {shown}");
        daemon.stop();
    }
}
