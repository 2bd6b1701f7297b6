//! One connection to the mail server: opened, protected, logged in, and used for one message at a
//! time.
//!
//! lettre 0.11.23 has no deadline but for connecting, waits 40 ms a message on a stream of its own
//! making (Nagle), and keeps what came before the handshake in its buffer over STARTTLS. So the
//! stream is opened, upgraded and watched here, and lettre speaks on it. What it is not: it
//! retries nothing.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use xibu_plugin_sdk::message::Outcome;

use crate::configuration::{Configuration, Security, Server};
use crate::mail::Ready;
use crate::outcome::{Answer, Stage, broken, judge, scrub};
use crate::stream::{FinalDot, Stream};

/// Most messages over one connection: servers commonly close it after a hundred or more.
const MESSAGES_MAX: u32 = 100;
/// Longest answer before TLS, in bytes.
const ANSWER_BYTES_MAX: usize = 8 << 10;

/// Shared by a lane's attempt and whoever gives up on it.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    stage: Arc<std::sync::Mutex<Stage>>,
    dot: FinalDot,
}

impl Progress {
    pub(crate) fn new() -> Self {
        let stage = Arc::new(std::sync::Mutex::new(Stage::Greeting));
        Self { stage, dot: FinalDot::default() }
    }

    fn set(&self, stage: Stage) {
        if let Ok(mut current) = self.stage.lock() {
            *current = stage;
        }
    }

    /// How far the message has come.
    pub(crate) fn stage(&self) -> Stage {
        if self.dot.is_out() {
            return Stage::Content;
        }
        self.stage.lock().map_or(Stage::Data, |stage| *stage)
    }
}

/// Why an attempt did not end with acceptance.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server said no; the connection is still good.
    Refused(Outcome),
    /// The connection is gone. What it means for the message, and whether it came at the very first
    /// command, when nothing of the message had gone out.
    Broken {
        /// What it means for the message.
        outcome: Outcome,
        /// Nothing of the message had gone out.
        untouched: bool,
    },
}

/// An open connection.
pub(crate) struct Connection {
    smtp: AsyncSmtpConnection,
    progress: Progress,
    messages: u32,
}

impl Connection {
    /// Opens, protects and logs in.
    ///
    /// # Errors
    /// What it means for the message that wanted it: never worse than deferred.
    pub(crate) async fn open(
        configuration: &Configuration,
        progress: &Progress,
    ) -> Result<Self, Outcome> {
        progress.dot.reset();
        progress.set(Stage::Greeting);
        let failed =
            |e: &dyn std::fmt::Display| broken(Stage::Greeting, &format!("no connection ({e})"));
        let stream = connect(&configuration.server).await.map_err(|e| failed(&e))?;
        let dot = progress.dot.clone();
        let stream = match configuration.server.security {
            Security::Plain => Stream::plain(stream, dot),
            Security::Tls => {
                let tls = handshake(&configuration.server, stream).await.map_err(|e| failed(&e))?;
                Stream::tls(tls, dot)
            }
            Security::Starttls => {
                let stream = ask_for_tls(stream, &configuration.domain).await?;
                let tls = handshake(&configuration.server, stream).await.map_err(|e| failed(&e))?;
                Stream::tls(tls, dot).greeted()
            }
        };
        let hello = ClientId::Domain(configuration.domain.clone());
        let mut smtp = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello)
            .await
            .map_err(|e| outcome_of(Stage::Greeting, &e, ""))?;
        if let Some(credentials) = &configuration.credentials {
            progress.set(Stage::Login);
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            if smtp.server_info().get_auth_mechanism(&mechanisms).is_none() {
                let why = "the server offers no login that this plugin knows (PLAIN, LOGIN)";
                return Err(broken(Stage::Login, why));
            }
            smtp.auth(&mechanisms, credentials)
                .await
                .map_err(|e| outcome_of(Stage::Login, &e, ""))?;
        }
        Ok(Self { smtp, progress: progress.clone(), messages: 0 })
    }

    /// Whether it carried a message before.
    pub(crate) fn is_used(&self) -> bool {
        self.messages > 0
    }

    /// Whether it is good for another message.
    pub(crate) fn is_good(&self) -> bool {
        self.messages < MESSAGES_MAX
    }

    /// What tells how far it is.
    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Sends one message; answers the server's reference.
    ///
    /// # Errors
    /// See [`Failure`].
    pub(crate) async fn send(
        &mut self,
        configuration: &Configuration,
        ready: &Ready,
    ) -> Result<String, Failure> {
        self.messages += 1;
        self.progress.dot.reset();
        self.progress.set(Stage::Sender);
        let address = ready.to.to_string();
        let from = Some(configuration.from.email.clone());
        let answer = self.smtp.command(Mail::new(from, vec![])).await;
        self.passed(answer, &address).await?;
        self.progress.set(Stage::Recipient);
        let answer = self.smtp.command(Rcpt::new(ready.to.clone(), vec![])).await;
        self.passed(answer, &address).await?;
        self.progress.set(Stage::Data);
        let answer = self.smtp.command(Data).await;
        self.passed(answer, &address).await?;
        // Asked for a second piece, lettre has written the first whole, and writes the dot next.
        let dot = self.progress.dot.clone();
        let mut content = Some(ready.bytes.as_slice());
        let pieces = std::iter::from_fn(move || {
            let piece = content.take();
            if piece.is_none() {
                dot.is_due();
            }
            piece
        });
        let answer = self.smtp.message_iter(pieces).await;
        let response = match answer {
            Ok(response) => response,
            Err(e) => return Err(self.failure(&e, &address)),
        };
        self.progress.dot.reset();
        Ok(scrub(&response.message().collect::<Vec<_>>().join(" "), &address))
    }

    /// Goes on after a positive answer; after a negative one makes the connection ready for the
    /// next message.
    async fn passed<T>(&mut self, answer: Result<T, Error>, address: &str) -> Result<(), Failure> {
        let Err(e) = answer else { return Ok(()) };
        match self.failure(&e, address) {
            Failure::Refused(outcome) => match self.smtp.command(Rset).await {
                Ok(_) => Err(Failure::Refused(outcome)),
                Err(_) => Err(Failure::Broken { outcome, untouched: false }),
            },
            failure => Err(failure),
        }
    }

    fn failure(&self, e: &Error, address: &str) -> Failure {
        let stage = self.progress.stage();
        let outcome = outcome_of(stage, e, address);
        let closes = matches!(outcome, Outcome::Throttled { .. });
        if e.status().is_some() && !closes {
            return Failure::Refused(outcome);
        }
        Failure::Broken { outcome, untouched: stage == Stage::Sender }
    }
}

fn outcome_of(stage: Stage, e: &Error, address: &str) -> Outcome {
    if let Some(code) = e.status() {
        let text = std::error::Error::source(e).map(ToString::to_string).unwrap_or_default();
        return judge(stage, &Answer { code: code.into(), text: scrub(&text, address) });
    }
    broken(stage, "the connection broke")
}

/// Opens a connection, unprotected yet.
pub(crate) async fn connect(server: &Server) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in lookup_host((server.host.as_str(), server.port)).await? {
        if server.security == Security::Plain && !address.ip().is_loopback() {
            last = io::Error::other("plain is allowed to this computer only");
            continue;
        }
        match open(address).await {
            Ok(stream) => return Ok(stream),
            Err(e) => last = e,
        }
    }
    Err(last)
}

async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    // lettre writes the final dot on its own: with Nagle's delay that costs 40 ms a message.
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Protects it.
pub(crate) async fn handshake(
    server: &Server,
    stream: TcpStream,
) -> io::Result<TlsStream<TcpStream>> {
    let (Some(tls), Some(name)) = (&server.tls, &server.server_name) else {
        return Err(io::Error::other("TLS is not configured"));
    };
    TlsConnector::from(tls.clone()).connect(name.clone(), stream).await
}

/// Greeting, EHLO, STARTTLS. Nothing the server says before the handshake is kept.
async fn ask_for_tls(mut stream: TcpStream, domain: &str) -> Result<TcpStream, Outcome> {
    let broke = |_| broken(Stage::Greeting, "the connection broke");
    check(&read_answer(&mut stream).await.map_err(broke)?, 220)?;
    stream.write_all(format!("EHLO {domain}\r\n").as_bytes()).await.map_err(broke)?;
    let offers = read_answer(&mut stream).await.map_err(broke)?;
    check(&offers, 250)?;
    if !offers.lines().any(|line| line.get(4..).unwrap_or("").eq_ignore_ascii_case("STARTTLS")) {
        return Err(broken(Stage::Greeting, "the server offers no STARTTLS"));
    }
    stream.write_all(b"STARTTLS\r\n").await.map_err(broke)?;
    check(&read_answer(&mut stream).await.map_err(broke)?, 220)?;
    Ok(stream)
}

fn check(answer: &str, expected: u16) -> Result<(), Outcome> {
    let code = answer.get(..3).and_then(|code| code.parse().ok()).unwrap_or(0);
    if code == expected {
        return Ok(());
    }
    if !(400..600).contains(&code) {
        return Err(broken(Stage::Greeting, "the server does not speak SMTP"));
    }
    let text = scrub(answer.get(4..).unwrap_or(""), "");
    Err(judge(Stage::Greeting, &Answer { code, text }))
}

/// One answer, all its lines. An answer that brings more than itself is refused: what a stranger
/// slips in before the handshake must not be taken for the server's word after it.
async fn read_answer(stream: &mut TcpStream) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        let n = stream.read(&mut buffer).await?;
        if n == 0 || bytes.len() + n > ANSWER_BYTES_MAX {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&buffer[..n]);
        let Some(text) = bytes.strip_suffix(b"\r\n") else { continue };
        let mut lines = text.split(|&byte| byte == b'\n');
        let is_last = |line: &[u8]| line.get(3) != Some(&b'-');
        if let Some(last) = lines.position(is_last) {
            let alone = last + 1 == text.split(|&byte| byte == b'\n').count();
            return if alone {
                Ok(String::from_utf8_lossy(text).into_owned())
            } else {
                Err(io::ErrorKind::InvalidData.into())
            };
        }
    }
}
