//! A mail server in a thread that follows a script: the recipient's name says at which command it
//! answers what, hangs up, or falls silent.

use std::fmt::Debug;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protection {
    Plain,
    Tls,
    Starttls,
    /// Somebody took STARTTLS out of the offers.
    StarttlsStripped,
    /// Somebody slipped words in before the handshake.
    StarttlsInjected,
}

impl Protection {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Tls => "tls",
            _ => "starttls",
        }
    }
}

pub(super) struct Received {
    pub(super) recipient: String,
    pub(super) bytes: Vec<u8>,
    pub(super) over_tls: bool,
}

pub(super) struct Server {
    pub(super) port: u16,
    pub(super) protection: Protection,
    pub(super) ca_file: Option<tempfile::NamedTempFile>,
    pub(super) connections: Arc<AtomicUsize>,
    pub(super) received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    pub(super) fn start(protection: Protection) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tls, ca_pem) = certificates();
        let mut ca_file = tempfile::NamedTempFile::new().unwrap();
        ca_file.write_all(ca_pem.as_bytes()).unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let received = Arc::new(Mutex::new(Vec::new()));
        let (counted, kept) = (connections.clone(), received.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                let (tls, kept) = (tls.clone(), kept.clone());
                std::thread::spawn(move || {
                    let _ = Session::new(stream, protection, tls, kept).run();
                });
            }
        });
        Self { port, protection, ca_file: Some(ca_file), connections, received }
    }

    pub(super) fn nobody_listens() -> u16 {
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
    }
}

fn certificates() -> (Arc<ServerConfig>, String) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(vec![]).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_certificate = ca.self_signed(&ca_key).unwrap();
    let issuer = Issuer::new(ca, ca_key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".into()]).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            rustls_pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    (Arc::new(config), ca_certificate.pem())
}

trait Wire: Read + Write + Send {}
impl<T: Read + Write + Send> Wire for T {}

struct Session {
    wire: Box<dyn Wire>,
    /// The same socket, to hang up on.
    socket: TcpStream,
    protection: Protection,
    tls: Arc<ServerConfig>,
    kept: Arc<Mutex<Vec<Received>>>,
    over_tls: bool,
}

impl Session {
    fn new(
        socket: TcpStream,
        protection: Protection,
        tls: Arc<ServerConfig>,
        kept: Arc<Mutex<Vec<Received>>>,
    ) -> Self {
        let wire = Box::new(socket.try_clone().unwrap());
        let mut session = Self { wire, socket, protection, tls, kept, over_tls: false };
        if protection == Protection::Tls {
            session.protect();
        }
        session
    }

    fn protect(&mut self) {
        let connection = ServerConnection::new(self.tls.clone()).unwrap();
        let socket = self.socket.try_clone().unwrap();
        self.wire = Box::new(StreamOwned::new(connection, socket));
        self.over_tls = true;
    }

    fn say(&mut self, line: &str) -> io::Result<()> {
        self.wire.write_all(format!("{line}\r\n").as_bytes())?;
        self.wire.flush()
    }

    fn hear(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        let mut byte = [0];
        while !line.ends_with(b"\r\n") {
            self.wire.read_exact(&mut byte)?;
            line.push(byte[0]);
        }
        line.truncate(line.len() - 2);
        Ok(line)
    }

    fn hang_up<T>(&mut self) -> io::Result<T> {
        let _ = self.socket.shutdown(std::net::Shutdown::Both);
        Err(io::ErrorKind::ConnectionAborted.into())
    }

    /// Says nothing more; ends when the other side gives up.
    fn fall_silent<T>(&mut self) -> io::Result<T> {
        while self.wire.read(&mut [0; 256])? > 0 {}
        self.hang_up()
    }

    /// What the script says for this command: `rcpt-451` answers 451 to RCPT.
    fn act(&mut self, command: &str, recipient: &str, otherwise: &str) -> io::Result<bool> {
        let local = recipient.split('@').next().unwrap_or("");
        match local.split_once('-').filter(|(at, _)| *at == command) {
            Some((_, "drop")) => self.hang_up(),
            Some((_, "stall")) => self.fall_silent(),
            Some((_, "421")) => {
                self.say("421 4.7.0 too much from you")?;
                self.hang_up()
            }
            Some((_, code)) => {
                self.say(&format!("{code} 4.0.0 no, <{recipient}>"))?;
                Ok(false)
            }
            None => {
                self.say(otherwise)?;
                Ok(true)
            }
        }
    }

    fn run(mut self) -> io::Result<()> {
        self.say("220 script")?;
        let mut recipient = String::new();
        loop {
            let line = String::from_utf8_lossy(&self.hear()?).into_owned();
            let command = line.split(' ').next().unwrap_or("").to_ascii_uppercase();
            match command.as_str() {
                "EHLO" => self.offer()?,
                "STARTTLS" => {
                    let injected = self.protection == Protection::StarttlsInjected;
                    self.say(if injected { "220 go\r\n250 mine" } else { "220 go" })?;
                    self.protect();
                }
                "AUTH" => {
                    // "\0office\0secret"
                    let known = line.ends_with(" AG9mZmljZQBzZWNyZXQ=");
                    self.say(if known && self.over_tls { "235 ok" } else { "535 5.7.8 no" })?;
                }
                "MAIL" | "RSET" | "NOOP" => self.say("250 ok")?,
                "RCPT" => {
                    recipient = line["RCPT TO:<".len()..line.len() - 1].to_owned();
                    self.act("rcpt", &recipient.clone(), "250 ok")?;
                }
                "DATA" => self.take(&recipient)?,
                "QUIT" => {
                    self.say("221 bye")?;
                    return self.hang_up();
                }
                _ => self.say("500 what?")?,
            }
        }
    }

    fn offer(&mut self) -> io::Result<()> {
        self.say("250-script")?;
        match self.protection {
            Protection::Starttls | Protection::StarttlsInjected if !self.over_tls => {
                self.say("250-STARTTLS")?;
            }
            _ => self.say("250-AUTH LOGIN PLAIN")?,
        }
        self.say("250 8BITMIME")
    }

    fn take(&mut self, recipient: &str) -> io::Result<()> {
        if !self.act("data", recipient, "354 go on")? {
            return Ok(());
        }
        let mut bytes = Vec::new();
        loop {
            let line = self.hear()?;
            if line == b"." {
                break;
            }
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            bytes.extend_from_slice(b"\r\n");
        }
        // Kept before the answer, so that whoever has the answer finds it.
        if !recipient.starts_with("dot-") {
            let received =
                Received { recipient: recipient.to_owned(), bytes, over_tls: self.over_tls };
            self.kept.lock().unwrap().push(received);
        }
        self.act("dot", recipient, "250 2.0.0 queued as 7")?;
        if recipient.starts_with("hang-up") {
            return self.hang_up();
        }
        Ok(())
    }
}
