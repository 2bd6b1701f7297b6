//! Measures the carrier: round trip of a call to a plugin's process, start and idle memory of a
//! worker, and mail through the plugin beside a bare lettre loop to the same server in the same
//! run.
//!
//! `cargo bench -p xibu-daemon --bench carrier`. What it is not: no durable outbox takes part
//! here, and the mail server only counts; with both, see the figures beside these in
//! `BENCHMARKS.md`.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../tests/carrier/library.rs"]
mod library;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use xibu_daemon::carrier::{Carrier, State};
use xibu_plugin_abi::message::{Item, Message, Outcome, Request, Status};

use library::place;

const LONG: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() {
    round_trip().await;
    let workers = [
        ("xibu-email", email_settings(1, 1)),
        ("xibu-spreadsheet", json!({})),
        ("xibu-sms", sms_settings()),
        ("xibu-jobfeed", json!({"source": [{"name": "a", "url": "http://127.0.0.1:1/a"}]})),
    ];
    let mut together = 0.0;
    for (package, settings) in workers {
        together += idle(package, settings).await;
    }
    println!("all four workers idle together: {together:.1} MB resident");
    mail().await;
}

fn email_settings(port: u16, connections: usize) -> Value {
    json!({
        "host": "127.0.0.1", "port": port, "security": "plain",
        "from": "xb@office.test", "connections": connections,
    })
}

fn sms_settings() -> Value {
    json!({
        "provider": "http", "url": "http://127.0.0.1:1/send", "body": {"to": "{phone}"},
        "success": {"pointer": "/code", "equals": 0},
        "template": [{"kind": "*", "text": "${text}"}],
    })
}

async fn round_trip() {
    const CALLS: usize = 50_000;
    let place = place("xibu-email");
    let settings = place.settings(email_settings(1, 1));
    let carrier = Carrier::start(settings, place.host.clone()).await.unwrap();
    let mut micros = Vec::with_capacity(CALLS);
    for n in 0..CALLS + 1000 {
        let blobs = vec![vec![7; 1024]];
        let begun = Instant::now();
        let mut back = 0;
        let answer = carrier.call(Request::Echo, blobs, 0, LONG, |_, b| back = b[0].len()).await;
        if n >= 1000 {
            micros.push(begun.elapsed().as_secs_f64() * 1e6);
        }
        assert_eq!((answer.unwrap(), back), (Status::Done, 1024));
    }
    micros.sort_by(f64::total_cmp);
    let at = |share: usize| micros[(CALLS * share / 1000).min(CALLS - 1)];
    println!(
        "echo of 1 KB through a plugin's process, {CALLS} calls: p50 {:.1} us, p99 {:.1} us, \
         p99.9 {:.1} us",
        at(500),
        at(990),
        at(999)
    );
}

/// How much an idle worker holds, in MB.
async fn idle(package: &str, settings: Value) -> f64 {
    let place = place(package);
    let mut starts = Vec::new();
    for _ in 0..10 {
        let begun = Instant::now();
        let settings = place.settings(settings.clone());
        let carrier = Carrier::start(settings, place.host.clone()).await.unwrap();
        starts.push(begun.elapsed().as_secs_f64() * 1e3);
        carrier.stop().await;
    }
    starts.sort_by(f64::total_cmp);
    let carrier =
        Carrier::start(place.settings(settings.clone()), place.host.clone()).await.unwrap();
    let State::Running { process } = carrier.state().await else { panic!("it runs") };
    let held = resident_kb(process) as f64 / 1024.0;
    println!(
        "{package}: start to ready {:.1} ms (median of 10), idle worker {held:.1} MB resident",
        starts[5]
    );
    held
}

fn resident_kb(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A server that takes everything and counts.
async fn counting_server() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(take(stream, counted.clone()));
        }
    });
    (port, count)
}

async fn take(stream: TcpStream, count: Arc<AtomicUsize>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).split(b'\n');
    write.write_all(b"220 count\r\n").await?;
    let mut content = false;
    while let Some(line) = lines.next_segment().await? {
        let answer: &[u8] = match (content, line.trim_ascii_end()) {
            (true, b".") => {
                content = false;
                count.fetch_add(1, Ordering::Relaxed);
                b"250 ok\r\n"
            }
            (true, _) => continue,
            (false, b"DATA") => {
                content = true;
                b"354 go on\r\n"
            }
            (false, _) => b"250 ok\r\n",
        };
        write.write_all(answer).await?;
    }
    Ok(())
}

fn messages(count: usize) -> Vec<Message> {
    let message = |n| Message {
        key: format!("key-{n}"),
        address: format!("p{n}@county.test"),
        recipient: "张三".into(),
        subject: "关于报送2026年6月安全情况的提醒".into(),
        text: "请于6月28日前报送本月服务单位安全情况。\n".repeat(40),
        ..Message::default()
    };
    (0..count).map(message).collect()
}

async fn mail() {
    const COUNT: usize = 10_000;
    const BATCH: usize = 100;
    let (port, count) = counting_server().await;
    let bare = bare_lettre(port, COUNT).await;
    assert_eq!(count.swap(0, Ordering::Relaxed), COUNT);
    println!("bare lettre loop, one connection without Nagle's delay: {bare:.0} messages/s");
    for connections in [1, 2, 4] {
        let place = place("xibu-email");
        let settings = place.settings(email_settings(port, connections));
        let carrier = Carrier::start(settings, place.host.clone()).await.unwrap();
        let all = messages(COUNT);
        let begun = Instant::now();
        let mut accepted = 0;
        for batch in all.chunks(BATCH) {
            let request = Request::Deliver { messages: batch.to_vec() };
            let on_item = |item, _| {
                let known =
                    matches!(item, Item::Delivered { outcome: Outcome::Accepted { .. }, .. });
                accepted += usize::from(known);
            };
            carrier.call(request, vec![], 0, LONG, on_item).await.unwrap();
        }
        let rate = COUNT as f64 / begun.elapsed().as_secs_f64();
        assert_eq!((accepted, count.swap(0, Ordering::Relaxed)), (COUNT, COUNT));
        println!(
            "xibu-email through its process, {connections} connection(s), batches of {BATCH}: \
             {rate:.0} messages/s ({:.2} of bare)",
            rate / bare
        );
    }
}

/// The same mails, made and sent in a loop by nothing but lettre.
async fn bare_lettre(port: u16, count: usize) -> f64 {
    let all = messages(count);
    let begun = Instant::now();
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let hello = ClientId::Domain("office.test".into());
    let mut smtp =
        AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await.unwrap();
    for message in all {
        let mail = lettre::Message::builder()
            .from("xb@office.test".parse().unwrap())
            .to(message.address.parse().unwrap())
            .subject(message.subject)
            .body(message.text)
            .unwrap();
        smtp.send(mail.envelope(), &mail.formatted()).await.unwrap();
    }
    count as f64 / begun.elapsed().as_secs_f64()
}
