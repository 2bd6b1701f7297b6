//! The outside world of the demo on 127.0.0.1: two sources of job advertisements, an SMS gateway,
//! and a chat service that takes what a robot posts.
//!
//! It hands nothing on. Not a gateway for anything else: it checks no key and knows a phone number
//! only to say that one of them does not exist.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::NaiveDate;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::sample::{self, SamplePosting};

/// A message the gateway took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sms {
    /// The gateway's reference.
    pub(super) reference: String,
    /// To which number.
    pub(super) phone: String,
    /// Its words.
    pub(super) text: String,
}

/// The running world.
pub(super) struct Web {
    address: SocketAddr,
    world: Shared,
    task: JoinHandle<()>,
}

type Shared = Arc<Mutex<World>>;

struct World {
    site: String,
    today: NaiveDate,
    postings: Vec<SamplePosting>,
    /// Taken and not yet asked for.
    sms: Vec<Sms>,
    sms_taken: u64,
    chats: Vec<Value>,
}

impl Web {
    /// Starts on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When no port can be opened.
    pub(super) async fn start(postings: Vec<SamplePosting>, today: NaiveDate) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let site = format!("http://{address}");
        let (sms, chats) = (Vec::new(), Vec::new());
        let world: Shared =
            Arc::new(Mutex::new(World { site, today, postings, sms, sms_taken: 0, chats }));
        let router = Router::new()
            .route("/robots.txt", get(|| async { "User-agent: *\nAllow: /\n" }))
            .route("/zkgg.rss", get(feed))
            .route("/jobs.html", get(page))
            .route("/sms/send", post(send))
            .route("/chat", post(chat))
            .with_state(world.clone());
        let task = tokio::spawn(async move {
            // It ends with the demo.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, world, task })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The virtual day: what is published later is not there yet.
    pub(super) fn set_today(&self, today: NaiveDate) {
        lock(&self.world).today = today;
    }

    /// The messages taken since the last time.
    pub(super) fn taken(&self) -> Vec<Sms> {
        std::mem::take(&mut lock(&self.world).sms)
    }

    /// How many messages the gateway took in all.
    pub(super) fn sms_taken(&self) -> u64 {
        lock(&self.world).sms_taken
    }

    /// How many posts the chat service took.
    pub(super) fn chats(&self) -> usize {
        lock(&self.world).chats.len()
    }

    /// Stops listening.
    pub(super) async fn stop(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

fn lock(world: &Shared) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn feed(State(world): State<Shared>, headers: HeaderMap) -> Response {
    let bytes = {
        let world = lock(&world);
        sample::rss(&world.postings, &world.site, world.today)
    };
    unless_known(&headers, "application/rss+xml", bytes)
}

async fn page(State(world): State<Shared>, headers: HeaderMap) -> Response {
    let text = {
        let world = lock(&world);
        sample::page(&world.postings, &world.site, world.today)
    };
    unless_known(&headers, "text/html; charset=utf-8", text.into_bytes())
}

/// 304 where the asker has this very version.
fn unless_known(headers: &HeaderMap, media_type: &'static str, bytes: Vec<u8>) -> Response {
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&bytes)[..8]));
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == tag.as_str());
    if known {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    ([(header::CONTENT_TYPE, media_type.to_owned()), (header::ETAG, tag)], bytes).into_response()
}

async fn send(State(world): State<Shared>, body: Bytes) -> Response {
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return answer(json!({"code": "1", "message": "no JSON"}));
    };
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let mut world = lock(&world);
    world.sms_taken += 1;
    let reference = format!("S{}", world.sms_taken);
    world.sms.push(Sms { reference: reference.clone(), phone: text("phone"), text: text("text") });
    answer(json!({"code": "0", "id": reference}))
}

async fn chat(State(world): State<Shared>, body: Bytes) -> Response {
    match serde_json::from_slice::<Value>(&body) {
        Ok(body) => {
            lock(&world).chats.push(body);
            answer(json!({"errcode": 0, "errmsg": "ok"}))
        }
        Err(_) => answer(json!({"errcode": 40_033, "errmsg": "invalid charset"})),
    }
}

fn answer(body: Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
