//! A mail server for the demo: takes mail on 127.0.0.1 only and keeps it as .eml files.
//!
//! It relays nothing and refuses every recipient outside `.test`, so that no demo can ever reach a
//! real person. Not a mail server for anything else: no TLS, no authentication, no queue.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

const LINE_BYTES_MAX: u64 = 4 * 1024;
const MAIL_BYTES_MAX: usize = 32 * 1024 * 1024;
const RECIPIENTS_MAX: usize = 100;

/// A running mail server.
pub struct Mailbox {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

struct State {
    folder: PathBuf,
    stamp: Mutex<String>,
    /// Envelope keys by the name the mail plugin gives their message.
    keys: Mutex<BTreeMap<String, String>>,
    taken: AtomicU64,
    refused: AtomicU64,
    busy: AtomicBool,
}

impl Mailbox {
    /// Starts on a free port of 127.0.0.1 and keeps mails in `folder`, which must exist.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start(folder: &Path) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            folder: folder.to_owned(),
            stamp: Mutex::new(String::new()),
            keys: Mutex::default(),
            taken: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            busy: AtomicBool::new(false),
        });
        let serving = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&serving);
                tokio::spawn(async move {
                    let _ = Session::new(stream, &state).serve().await;
                });
            }
        });
        Ok(Self { address, state, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The virtual time with which the next mails' file names begin.
    pub fn set_stamp(&self, stamp: &str) {
        if let Ok(mut current) = self.state.stamp.lock() {
            stamp.clone_into(&mut current);
        }
    }

    /// Tells which envelopes may come, so that their files are named by key: the mail plugin's
    /// Message-ID is the key's hash.
    pub fn expect(&self, keys: impl Iterator<Item = String>) {
        if let Ok(mut known) = self.state.keys.lock() {
            known.extend(keys.map(|key| {
                let hash = hex::encode(&Sha256::digest(key.as_bytes())[..16]);
                (hash, key.replace('/', "-"))
            }));
        }
    }

    /// From now on, or no longer, it says that it is too busy for mail.
    pub fn set_busy(&self, busy: bool) {
        self.state.busy.store(busy, Ordering::Relaxed);
    }

    /// Mails taken so far.
    pub fn taken(&self) -> u64 {
        self.state.taken.load(Ordering::Relaxed)
    }

    /// Recipients refused so far, because they are not under `.test`.
    pub fn refused(&self) -> u64 {
        self.state.refused.load(Ordering::Relaxed)
    }

    /// Stops listening.
    pub async fn stop(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

struct Session<'a> {
    stream: BufReader<TcpStream>,
    state: &'a State,
    recipients: usize,
}

impl<'a> Session<'a> {
    fn new(stream: TcpStream, state: &'a State) -> Self {
        let _ = stream.set_nodelay(true);
        Self { stream: BufReader::new(stream), state, recipients: 0 }
    }

    async fn serve(mut self) -> io::Result<()> {
        self.say("220 demo.test ESMTP xibu demo").await?;
        loop {
            let Some(line) = self.line().await? else { return Ok(()) };
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let upper = line.to_ascii_uppercase();
            match upper.split([' ', ':']).next().unwrap_or("") {
                "EHLO" => self.say("250-demo.test\r\n250-8BITMIME\r\n250 SMTPUTF8").await?,
                "HELO" | "NOOP" => self.say("250 demo.test").await?,
                "MAIL" if self.state.busy.load(Ordering::Relaxed) => {
                    return self.say("421 4.3.2 the demo's server is being looked after").await;
                }
                "MAIL" | "RSET" => {
                    self.recipients = 0;
                    self.say("250 2.1.0 ok").await?;
                }
                "RCPT" => self.recipient(&line).await?,
                "DATA" if self.recipients == 0 => self.say("503 5.5.1 no recipient").await?,
                "DATA" => self.data().await?,
                "QUIT" => return self.say("221 2.0.0 bye").await,
                _ => self.say("502 5.5.2 not known here").await?,
            }
        }
    }

    async fn recipient(&mut self, line: &str) -> io::Result<()> {
        let address = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
        let made_up = address.is_some_and(|(address, _)| {
            address.rsplit_once('@').is_some_and(|(_, domain)| {
                let domain = domain.to_ascii_lowercase();
                domain == "test" || domain.ends_with(".test")
            })
        });
        match made_up {
            true if self.recipients < RECIPIENTS_MAX => {
                self.recipients += 1;
                self.say("250 2.1.5 ok").await
            }
            true => self.say("452 4.5.3 too many recipients").await,
            false => {
                self.state.refused.fetch_add(1, Ordering::Relaxed);
                self.say("550 5.7.1 the demo takes mail for .test only").await
            }
        }
    }

    async fn data(&mut self) -> io::Result<()> {
        self.say("354 go ahead").await?;
        let mut mail = Vec::new();
        loop {
            let Some(line) = self.line().await? else { return Ok(()) };
            if line == b".\r\n" || line == b".\n" {
                break;
            }
            if mail.len() + line.len() > MAIL_BYTES_MAX {
                return self.say("552 5.3.4 too large").await;
            }
            mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        self.recipients = 0;
        let number = self.state.taken.fetch_add(1, Ordering::Relaxed) + 1;
        let stamp = self.state.stamp.lock().map(|stamp| stamp.clone()).unwrap_or_default();
        let id = message_id(&mail).unwrap_or_else(|| number.to_string());
        let known = self.state.keys.lock().ok().and_then(|keys| keys.get(&id).cloned());
        let path = self.state.folder.join(file_name(&stamp, &known.unwrap_or(id)));
        match tokio::fs::write(&path, &mail).await {
            Ok(()) => self.say(&format!("250 2.0.0 taken as {number}")).await,
            Err(_) => self.say("451 4.3.0 could not be kept").await,
        }
    }

    /// The next line with its end; none at the end of the stream or where a line is too long.
    async fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let mut limited = (&mut self.stream).take(LINE_BYTES_MAX);
        limited.read_until(b'\n', &mut line).await?;
        Ok(line.ends_with(b"\n").then_some(line))
    }

    async fn say(&mut self, text: &str) -> io::Result<()> {
        self.stream.get_mut().write_all(format!("{text}\r\n").as_bytes()).await
    }
}

/// `0625-0830_P18-duty-2026-06-25-1.eml`: the virtual time and the envelope's key.
fn file_name(stamp: &str, key: &str) -> String {
    let fits = |c: &char| c.is_ascii_alphanumeric() || "._-".contains(*c);
    let key: String = key.chars().filter(fits).take(120).collect();
    match stamp.is_empty() {
        true => format!("{key}.eml"),
        false => format!("{stamp}_{key}.eml"),
    }
}

/// The Message-ID's part before `@`.
fn message_id(mail: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(mail.get(..mail.len().min(8 * 1024))?).into_owned();
    let lines = head.lines().take_while(|line| !line.trim().is_empty());
    let value = lines.filter_map(|line| line.split_once(':')).find_map(|(name, value)| {
        name.eq_ignore_ascii_case("message-id").then(|| value.trim().to_owned())
    })?;
    value.trim_matches(['<', '>']).split('@').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::Mailbox;

    /// Says `lines` to a fresh server, a line at a time, and gives the first three digits of each
    /// answer and the names of the files kept.
    async fn outcome(lines: &[&str]) -> (Vec<String>, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let mailbox = Mailbox::start(folder.path()).await.unwrap();
        mailbox.set_stamp("0615-0830");
        mailbox.expect(std::iter::once("P18/duty/2026-06-15/1".to_owned()));
        let mut stream = TcpStream::connect(mailbox.address()).await.unwrap();
        let mut answers = Vec::new();
        let mut buffer = [0; 512];
        for line in std::iter::once(&"").chain(lines) {
            if !line.is_empty() {
                stream.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
            }
            let read = stream.read(&mut buffer).await.unwrap();
            answers.push(String::from_utf8_lossy(&buffer[..read.min(3)]).into_owned());
        }
        mailbox.stop().await;
        let files = std::fs::read_dir(folder.path()).unwrap();
        let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        (answers, files.collect())
    }

    #[tokio::test]
    async fn mail_for_made_up_people_is_kept_under_its_key() {
        let hash = "1460d943a5d8549ffaeb59b6f593693f";
        let mail = format!("Message-ID: <{hash}@demo.test>\r\n\r\n..dot\r\n.");
        let (answers, files) = outcome(&[
            "EHLO x",
            "MAIL FROM:<a@x.test>",
            "RCPT TO:<b@y.test>",
            "DATA",
            &mail,
            "QUIT",
        ])
        .await;
        assert_eq!(answers, ["220", "250", "250", "250", "354", "250", "221"]);
        assert_eq!(files, ["0615-0830_P18-duty-2026-06-15-1.eml"]);
    }

    #[tokio::test]
    async fn anybody_else_is_refused() {
        let (answers, files) = outcome(&[
            "EHLO x",
            "MAIL FROM:<a@x.test>",
            "RCPT TO:<b@example.com>",
            "RCPT TO:<b@test.example.com>",
            "RCPT TO:<nobody>",
            "DATA",
        ])
        .await;
        assert_eq!(answers, ["220", "250", "250", "550", "550", "550", "503"]);
        assert!(files.is_empty());
    }
}
