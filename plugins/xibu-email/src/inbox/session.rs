//! One connection to the mailbox: opened, protected, logged in, introduced.
//!
//! The server of 163 and 126 refuses the folder ("Unsafe Login") to whoever does not say by ID who
//! it is; others pass it over. Everything said of trouble is free of addresses, names and of what
//! stands in mails. What it is not: it keeps no place.

use std::time::Duration;

use async_imap::extensions::idle::IdleResponse;
use async_imap::types::Fetch;
use async_imap::{Client, Session, error::Error};
use futures_util::TryStreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::configuration::{Inbox, Security};
use crate::connection::{connect, handshake};
use crate::outcome::scrub;
use crate::stream::{FinalDot, Stream};

/// Bytes of a mail asked for at once: a look may end between two pieces.
const PIECE_BYTES: u32 = 1 << 20;
/// Of a mail that is too large this much is read: its header and, as a rule, its words.
const BEGINNING_BYTES: u32 = 64 << 10;
/// How often is asked, while waiting, whether anybody still waits for the answer.
const LOOK_UP: Duration = Duration::from_millis(50);
/// Longest answer before TLS.
const ANSWER_BYTES_MAX: usize = 8 << 10;

/// Why it did not go on.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The connection is gone, or says what nobody understands.
    Broken(String),
    /// The server says no.
    Refused(String),
}

/// How the folder stands.
pub(super) struct Place {
    pub(super) validity: Option<u32>,
    /// The number that the next mail will have, where the server says.
    pub(super) next: Option<u32>,
}

/// A mail, or as much of it as is here.
pub(super) struct Fetched {
    validity: Option<u32>,
    uid: u32,
    /// So many bytes of it are wanted.
    wanted: u32,
    pub(super) bytes: Vec<u8>,
    /// Whether what is wanted is all of it.
    pub(super) is_whole: bool,
    pub(super) received_unix_ms: Option<i64>,
    /// The server gave less than it said there is.
    ended: bool,
}

impl Fetched {
    pub(super) fn of(
        validity: Option<u32>,
        uid: u32,
        (size, received_unix_ms): (u32, Option<i64>),
        bytes_max: u32,
    ) -> Self {
        let is_whole = size <= bytes_max;
        let wanted = if is_whole { size } else { BEGINNING_BYTES };
        let bytes = Vec::new();
        Self { validity, uid, wanted, bytes, is_whole, received_unix_ms, ended: false }
    }

    pub(super) fn is(&self, validity: Option<u32>, uid: u32) -> bool {
        self.validity == validity && self.uid == uid
    }

    pub(super) fn is_all(&self) -> bool {
        self.ended || self.bytes.len() >= self.wanted as usize
    }
}

/// A connection that is logged in.
pub(super) struct Open {
    /// None only while it waits.
    session: Option<Session<Stream>>,
    can_wait: bool,
    user: String,
}

impl Open {
    /// Opens, protects, logs in, introduces itself.
    pub(super) async fn of(inbox: &Inbox) -> Result<Self, Trouble> {
        let stream = protected(inbox).await?;
        let starts_late = inbox.server.security == Security::Starttls;
        let mut client = Client::new(stream);
        if !starts_late {
            let greeting = client.read_response().await.map_err(|e| broken(&e))?;
            if greeting.is_none() {
                return Err(Trouble::Broken("the mailbox closed at the greeting".into()));
            }
        }
        let user = inbox.user.clone();
        let logged_in = client.login(&user, &inbox.password).await;
        let mut session = logged_in.map_err(|(e, _)| trouble(&e, "login", &user))?;
        let who = [
            ("name", Some("xibu")),
            ("version", Some(env!("CARGO_PKG_VERSION"))),
            ("vendor", Some("xibu")),
        ];
        // A server that does not know the command is none that wants it.
        match session.id(who).await {
            Ok(_) | Err(Error::Bad(_) | Error::No(_)) => {}
            Err(e) => return Err(trouble(&e, "ID", &user)),
        }
        let offers = session.capabilities().await.map_err(|e| trouble(&e, "CAPABILITY", &user))?;
        let can_wait = offers.has_str("IDLE");
        Ok(Self { session: Some(session), can_wait, user })
    }

    /// Whether the server tells of new mail by itself.
    pub(super) fn can_wait(&self) -> bool {
        self.can_wait
    }

    fn session(&mut self) -> Result<&mut Session<Stream>, Trouble> {
        self.session.as_mut().ok_or_else(|| Trouble::Broken("the connection is gone".into()))
    }

    /// Opens the folder for reading only.
    pub(super) async fn look_in(&mut self, folder: &str) -> Result<Place, Trouble> {
        let user = self.user.clone();
        let folder = self.session()?.examine(folder).await;
        let folder = folder.map_err(|e| trouble(&e, "EXAMINE", &user))?;
        Ok(Place { validity: folder.uid_validity, next: folder.uid_next })
    }

    /// Numbers of mails, in order.
    pub(super) async fn search(&mut self, query: &str) -> Result<Vec<u32>, Trouble> {
        let user = self.user.clone();
        let found = self.session()?.uid_search(query).await;
        let found = found.map_err(|e| trouble(&e, "SEARCH", &user))?;
        let mut found: Vec<u32> = found.into_iter().collect();
        found.sort_unstable();
        Ok(found)
    }

    /// How large it is, and when the server took it; none where it is gone.
    pub(super) async fn size(&mut self, uid: u32) -> Result<Option<(u32, Option<i64>)>, Trouble> {
        let fetched = self.fetch(uid, "(UID RFC822.SIZE INTERNALDATE)").await?;
        Ok(fetched.and_then(|fetched| {
            let date = fetched.internal_date().map(|date| date.timestamp_millis());
            fetched.size.map(|size| (size, date))
        }))
    }

    /// The next piece of a mail.
    pub(super) async fn more(&mut self, fetched: &mut Fetched) -> Result<(), Trouble> {
        let at = u32::try_from(fetched.bytes.len()).unwrap_or(u32::MAX);
        let piece = PIECE_BYTES.min(fetched.wanted.saturating_sub(at)).max(1);
        let query = format!("(UID BODY.PEEK[]<{at}.{piece}>)");
        let answer = self.fetch(fetched.uid, &query).await?;
        let bytes = answer.as_ref().and_then(Fetch::body).unwrap_or_default();
        fetched.ended = bytes.is_empty();
        fetched.bytes.extend_from_slice(&bytes[..bytes.len().min(piece as usize)]);
        Ok(())
    }

    async fn fetch(&mut self, uid: u32, what: &str) -> Result<Option<Fetch>, Trouble> {
        let user = self.user.clone();
        let broke = |e: Error| trouble(&e, "FETCH", &user);
        let session = self.session()?;
        let mut answers = session.uid_fetch(uid.to_string(), what).await.map_err(broke)?;
        let mut found = None;
        while let Some(answer) = answers.try_next().await.map_err(broke)? {
            // The server may tell of others in between.
            if answer.uid == Some(uid) && found.is_none() {
                found = Some(answer);
            }
        }
        Ok(found)
    }

    /// Waits for news until `ends`; whether there is any. Ends early where nobody waits any more.
    pub(super) async fn wait(
        &mut self,
        ends: Instant,
        mut gave_up: impl FnMut() -> bool,
    ) -> Result<bool, Trouble> {
        let user = self.user.clone();
        let broke = |e: Error| trouble(&e, "IDLE", &user);
        let session = self.session.take();
        let session = session.ok_or_else(|| Trouble::Broken("the connection is gone".into()))?;
        let mut idle = session.idle();
        let began = tokio::time::timeout_at(ends, idle.init()).await;
        let late = || Trouble::Broken("the mailbox did not answer in time".into());
        began.map_err(|_| late())?.map_err(broke)?;
        let left = ends.saturating_duration_since(Instant::now());
        let came = {
            let (news, _stop) = idle.wait_with_timeout(left);
            tokio::pin!(news);
            loop {
                tokio::select! {
                    came = &mut news => break came.map_err(broke)?,
                    () = tokio::time::sleep(LOOK_UP) => {
                        if Instant::now() >= ends || gave_up() {
                            break IdleResponse::Timeout;
                        }
                    }
                }
            }
        };
        let came = match came {
            IdleResponse::NewData(_) => true,
            IdleResponse::Timeout => false,
            // So it calls a connection that ended, too.
            IdleResponse::ManualInterrupt => {
                return Err(Trouble::Broken("the mailbox closed while waiting".into()));
            }
        };
        // The end of waiting has a little time of its own, within the reserve of the look.
        let done = tokio::time::timeout(Duration::from_secs(1), idle.done()).await;
        self.session = Some(done.map_err(|_| late())?.map_err(broke)?);
        Ok(came)
    }
}

async fn protected(inbox: &Inbox) -> Result<Stream, Trouble> {
    let server = &inbox.server;
    let stream = connect(server).await.map_err(|e| broken(&e))?;
    let dot = FinalDot::default();
    match server.security {
        Security::Plain => Ok(Stream::plain(stream, dot)),
        Security::Tls => {
            let tls = handshake(server, stream).await.map_err(|e| broken(&e))?;
            Ok(Stream::tls(tls, dot))
        }
        Security::Starttls => {
            let stream = ask_for_tls(stream).await?;
            let tls = handshake(server, stream).await.map_err(|e| broken(&e))?;
            Ok(Stream::tls(tls, dot))
        }
    }
}

/// Greeting, STARTTLS. Nothing the server says before the handshake is kept.
async fn ask_for_tls(mut stream: TcpStream) -> Result<TcpStream, Trouble> {
    let no = |words: &str| Trouble::Broken(words.to_owned());
    let greeting = line(&mut stream).await?;
    if !greeting.starts_with("* OK") {
        return Err(no("the server does not speak IMAP"));
    }
    stream.write_all(b"x STARTTLS\r\n").await.map_err(|e| broken(&e))?;
    let answer = line(&mut stream).await?;
    if !answer.to_ascii_uppercase().starts_with("X OK") {
        return Err(no("the server offers no STARTTLS"));
    }
    Ok(stream)
}

/// One line and not a byte more: what a stranger slips in behind it must not count as the
/// server's word after the handshake.
async fn line(stream: &mut TcpStream) -> Result<String, Trouble> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        let n = stream.read(&mut buffer).await.map_err(|e| broken(&e))?;
        bytes.extend_from_slice(&buffer[..n]);
        let end = bytes.iter().position(|byte| *byte == b'\n');
        if end.is_some_and(|end| end + 1 == bytes.len()) {
            return Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned());
        }
        if n == 0 || end.is_some() || bytes.len() > ANSWER_BYTES_MAX {
            return Err(Trouble::Broken("the server said more than was asked".into()));
        }
    }
}

/// Only the kind: the words of a parser's error quote what it read.
fn broken(e: &std::io::Error) -> Trouble {
    let words = match e.kind() {
        std::io::ErrorKind::Other => "what it said was not understood".to_owned(),
        // A certificate, mostly; rustls quotes no mail.
        std::io::ErrorKind::InvalidData => e.to_string(),
        kind => kind.to_string(),
    };
    Trouble::Broken(format!("no connection to the mailbox ({words})"))
}

fn trouble(e: &Error, command: &str, user: &str) -> Trouble {
    match e {
        Error::No(said) | Error::Bad(said) => {
            let said = scrub(&information(said), user);
            let help = if said.contains("Unsafe Login") {
                "; the provider wants the mailbox opened for IMAP, with an application code"
            } else {
                ""
            };
            Trouble::Refused(format!("the mailbox refused {command}: {said}{help}"))
        }
        Error::Io(e) => broken(e),
        Error::ConnectionLost => Trouble::Broken("the mailbox closed the connection".into()),
        _ => Trouble::Broken(format!("the answer to {command} was not understood")),
    }
}

/// What the server said, out of the crate's rendering `code: None, info: Some("...")`.
fn information(said: &str) -> String {
    let inner = said.split_once("Some(\"").and_then(|(_, rest)| rest.rsplit_once("\")"));
    inner.map_or(said, |(inner, _)| inner).to_owned()
}
