//! The listener on loopback, spoken to byte by byte.

use std::collections::BTreeMap;

use chrono_tz::Asia::Shanghai;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::carrier::{Carrier, Host, PluginSettings};
use crate::doors::queue::queue;

/// A listener over one plugin that nobody approved.
async fn listening() -> (Listening, Shared) {
    let carriers = Carriers::default();
    let settings = PluginSettings {
        id: "sms".into(),
        library: Some("/nowhere/libxibu_sms.so".into()),
        settings: serde_json::Value::Null,
        memory_max_bytes: 1 << 28,
    };
    let host = Host::new("/nowhere".into(), "/nowhere".into(), Vec::new());
    let sms = Carrier::new(settings, host);
    carriers.replace(BTreeMap::from([("sms".to_owned(), sms)]));
    let clock = Clock::virtual_at("2026-06-15T09:00:00".parse().unwrap(), Shanghai);
    let (porter, _) = queue();
    let shared = Shared::new(carriers, porter, clock);
    let listening =
        Listening::begin("127.0.0.1:0".parse().unwrap(), router(shared.clone())).await.unwrap();
    (listening, shared)
}

async fn said(listening: &Listening, request: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(listening.address()).await.unwrap();
    let head = format!(
        "{request} HTTP/1.1\r\nhost: xibu.test\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // A listener that has said no need not read to the end.
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[track_caller]
fn check(answer: &str, status: &str, field: Option<&str>) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(field.is_none_or(|field| answer.contains(field)), "{answer}");
}

#[tokio::test]
async fn who_is_not_here_who_is_down_what_is_too_much() {
    let (listening, shared) = listening().await;
    check(&said(&listening, "GET /", b"").await, "404", None);
    check(&said(&listening, "POST /hooks/gossip", b"x").await, "404", None);
    check(&said(&listening, "POST /hooks/", b"x").await, "404", None);
    let down = said(&listening, "POST /hooks/sms/replies?a=1", b"{}").await;
    check(&down, "503", Some("retry-after: 30"));
    check(&said(&listening, "GET /hooks/sms", b"").await, "503", Some("retry-after: "));
    check(&said(&listening, "POST /hooks/sms", &vec![0; (1 << 20) + 1]).await, "413", None);
    let rooms = u32::try_from(REQUESTS_MAX).unwrap();
    let all = shared.room.acquire_many(rooms).await.unwrap();
    check(&said(&listening, "POST /hooks/sms", b"x").await, "503", Some("retry-after: 30"));
    check(&said(&listening, "POST /hooks/gossip", b"x").await, "404", None);
    drop(all);
    listening.stop();
}
