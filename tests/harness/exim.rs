//! A real mail server, exim, with a configuration of its own in a temporary folder.
//!
//! It listens on a free loopback port, runs as `nobody` (or as whoever runs the tests), accepts
//! mail for `.test` addresses into one Maildir and relays nothing. `nobody-here@` is refused for
//! good, `busy@` for now, `gone@` is taken and comes back. Under TLS, `office` may log in with
//! `secret`.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::certificate::{self, Certificates};
use super::mailbox::{self, Mail};
use super::program;

/// How the server speaks on its port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaks {
    /// Plain only.
    Plain,
    /// Plain first, TLS on request.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// A running server; ends with the value.
pub(crate) struct Exim {
    folder: TempDir,
    port: u16,
    certificates: Certificates,
    child: Option<Child>,
}

const PROGRAM: &str = "/usr/sbin/exim4";

impl Exim {
    /// Starts one and waits until it greets.
    pub(crate) fn start(speaks: Speaks) -> Self {
        Self::begin(speaks, None)
    }

    /// One that hands what it takes to a mailbox server by LMTP.
    #[allow(dead_code, reason = "not every test receives")]
    pub(crate) fn start_before(lmtp_port: u16) -> Self {
        Self::begin(Speaks::Plain, Some(lmtp_port))
    }

    fn begin(speaks: Speaks, lmtp_port: Option<u16>) -> Self {
        assert!(Path::new(PROGRAM).exists(), "exim4 is missing: run tests/run as root");
        let folder = tempfile::Builder::new().prefix("xibu-exim-").tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let certificates = certificate::issue();
        for name in ["spool", "log", "mail"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let mut exim = Self { folder, port, certificates, child: None };
        exim.write(speaks, lmtp_port);
        exim.resume();
        exim
    }

    /// The port it listens on, at 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The certificate a client has to trust, as PEM.
    pub(crate) fn authority(&self) -> &str {
        &self.certificates.authority
    }

    /// Delivers what is in the queue, and what comes back of it.
    #[allow(dead_code, reason = "not every test receives")]
    pub(crate) fn hand_on(&self) {
        for _ in 0..2 {
            let status = self.exim(&["-qff"]).status().unwrap();
            assert!(status.success(), "exim -qff: {status}; {}", self.log());
        }
    }

    /// What lies in the mailbox; what the server still holds in its queue is delivered first.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        let status = self.exim(&["-qff"]).status().unwrap();
        assert!(status.success(), "exim -qff: {status}");
        mailbox::read(&self.folder.path().join("mail/new"))
    }

    /// Kills the server and each of its processes as they stand.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let group = format!("-{}", child.id());
            let _ = Command::new("kill").args(["-s", "KILL", "--", &group]).status();
            let _ = child.wait();
        }
    }

    /// Starts it again on the same port, folder and queue.
    pub(crate) fn resume(&mut self) {
        assert!(self.child.is_none(), "it runs");
        let mut command = self.exim(&["-bdf"]);
        // No queue runs: one that is killed between mailbox and journal would deliver twice by
        // itself.
        // A group of its own, so that its children end with it.
        command.process_group(0);
        self.child = Some(command.spawn().unwrap());
        self.await_port();
    }

    fn exim(&self, words: &[&str]) -> Command {
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", PROGRAM]);
            command
        } else {
            Command::new(PROGRAM)
        };
        command.arg("-C").arg(self.configuration()).args(words);
        program::bare(&mut command);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn configuration(&self) -> PathBuf {
        self.folder.path().join("exim.conf")
    }

    fn write(&self, speaks: Speaks, lmtp_port: Option<u16>) {
        let (user, group) = owner();
        let text = include_str!("exim.conf")
            .replace("@FOLDER@", &self.folder.path().display().to_string())
            .replace("@PORT@", &self.port.to_string())
            .replace("@USER@", &user)
            .replace("@GROUP@", &group)
            .replace("@STORE@", if lmtp_port.is_some() { "mailboxes" } else { "mailbox" })
            .replace("@LMTP_PORT@", &lmtp_port.unwrap_or(0).to_string())
            .replace("@TLS_FROM@", if speaks == Speaks::Plain { "" } else { "*" })
            .replace("@TLS_PORT@", &if speaks == Speaks::Tls { self.port } else { 0 }.to_string());
        std::fs::write(self.configuration(), text).unwrap();
        std::fs::write(self.folder.path().join("server.pem"), &self.certificates.server).unwrap();
        std::fs::write(self.folder.path().join("key.pem"), &self.certificates.key).unwrap();
        let folder = self.folder.path();
        let status =
            Command::new("chown").arg("-R").arg(format!("{user}:{group}")).arg(folder).status();
        assert!(status.unwrap().success(), "chown {user}:{group}");
        if is_root() {
            let status = Command::new("chown").arg("root:root").arg(self.configuration()).status();
            assert!(status.unwrap().success(), "chown root");
        }
    }

    /// Waits until the port answers. There is nothing else to wait on: exim reports no readiness.
    fn await_port(&mut self) {
        let begun = Instant::now();
        loop {
            if let Ok(stream) = TcpStream::connect(("127.0.0.1", self.port)) {
                stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
                let mut greeting = String::new();
                // A server that expects TLS says nothing first; that it took the connection is
                // enough.
                let _ = BufReader::new(stream).read_line(&mut greeting);
                return;
            }
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "exim ended: {ended:?}; {}", self.log());
            assert!(begun.elapsed() < Duration::from_secs(20), "no answer; {}", self.log());
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    fn log(&self) -> String {
        let read =
            |name| std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        read("log/mainlog") + &read("log/paniclog")
    }
}

impl Drop for Exim {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(super) fn is_root() -> bool {
    own("-u") == "0"
}

/// Who servers run as, and the group.
pub(super) fn owner() -> (String, String) {
    if is_root() { ("nobody".into(), "nogroup".into()) } else { (own("-un"), own("-gn")) }
}

fn own(what: &str) -> String {
    let output = Command::new("id").arg(what).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
