//! What comes from outside in the demo: the feed plugin polled, the SMS gateway's pushes over the
//! real listener. Everything is kept by the ordinary doors, with the cursor.
//!
//! What it is not: the outside world itself (`web`).

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use chrono::NaiveDateTime;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::carrier::Carrier;
use crate::command::office::Office;
use crate::command::outcome::Failure;
use crate::doors::Doors;
use crate::doors::carriers::Carriers;
use crate::doors::poll::Line;
use crate::doors::queue::{Porter, Queue, queue};
use crate::listener::{Listening, Shared, router};
use crate::store::{SqliteStore, ValueKind};

/// The secret at the end of the address that the demo's gateway was given.
pub(super) const HOOK_TOKEN: &str = "demo0demo0demo0demo0";

/// The doors and what leads to them.
pub(super) struct Outside {
    doors: Doors<SqliteStore>,
    queue: Queue,
    porter: Porter,
    carriers: Carriers,
    listening: Listening,
}

impl Outside {
    /// Opens the doors for these plugins, and the listener on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// Where no port can be opened.
    pub(super) async fn open(
        office: &Office,
        carriers: &BTreeMap<String, Carrier>,
    ) -> Result<Self, Failure> {
        let settings = &office.settings;
        let reaches = [("email", ValueKind::Mail), ("sms", ValueKind::Phone)];
        let doors = Doors::new(
            office.store.clone(),
            office.clock.clone(),
            settings.rulebook().clone(),
            settings.serves().to_vec(),
            reaches.map(|(plugin, kind)| (plugin.to_owned(), kind)).into(),
        );
        let known = Carriers::default();
        known.replace(carriers.clone());
        let (porter, queue) = queue();
        let states = Arc::new(office.store.clone());
        let shared = Shared::new(known.clone(), porter.clone(), states, office.clock.clone());
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listening = Listening::begin(address, router(shared)).await.map_err(Failure::data)?;
        Ok(Self { doors, queue, porter, carriers: known, listening })
    }

    /// Looks what is new in the feeds, once.
    pub(super) async fn look_at_feeds(&mut self, office: &Office) {
        let (carriers, porter) = (self.carriers.clone(), self.porter.clone());
        let mut line = Line::of("jobfeed");
        let look = line.once(&carriers, &office.store, &porter, &office.clock);
        self.beside_the_doors(look).await;
    }

    /// The gateway tells of an answer from a phone.
    ///
    /// # Errors
    /// Where the listener does not take it.
    pub(super) async fn answer(
        &mut self,
        id: &str,
        phone: &str,
        text: &str,
        at: NaiveDateTime,
    ) -> Result<(), Failure> {
        let at = at.format("%Y-%m-%d %H:%M:%S").to_string();
        self.push("reply", json!({"id": id, "phone": phone, "text": text, "time": at})).await
    }

    /// The gateway tells what became of messages: reference and state.
    ///
    /// # Errors
    /// Where the listener does not take it.
    pub(super) async fn report(
        &mut self,
        reports: &[(String, &str)],
        at: NaiveDateTime,
    ) -> Result<(), Failure> {
        let time = at.format("%Y-%m-%d %H:%M:%S").to_string();
        let reports: Vec<Value> = reports
            .iter()
            .map(|(id, state)| json!({"id": id, "state": state, "time": time}))
            .collect();
        self.push("report", json!({"reports": reports})).await
    }

    async fn push(&mut self, what: &str, body: Value) -> Result<(), Failure> {
        let address = self.listening.address();
        let path = format!("/hooks/sms/{what}/{HOOK_TOKEN}");
        let posted = self.beside_the_doors(post(address, path, body.to_string())).await;
        let status = posted.map_err(Failure::data)?;
        match status.get(9..12) {
            Some("200" | "204") => Ok(()),
            _ => Err(Failure::data(format!("the listener answered `{}`", status.trim()))),
        }
    }

    /// Does something while the one who keeps what is brought is at work.
    async fn beside_the_doors<T>(&mut self, work: impl Future<Output = T>) -> T {
        let woken = Arc::new(Notify::new());
        let keeping = async {
            self.doors.serve(&mut self.queue, &woken, &woken).await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            done = work => done,
            () = keeping => unreachable!("it never ends"),
        }
    }

    /// Closes the listener and lets the plugins go.
    pub(super) async fn close(self) {
        self.listening.stop();
        for carrier in self.carriers.all() {
            carrier.stop().await;
        }
    }
}

/// One POST; the first line of the answer.
async fn post(address: SocketAddr, path: String, body: String) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}
