//! A real IMAP server, Dovecot, with a configuration of its own in a temporary folder.
//!
//! It listens on free loopback ports, runs as `nobody` (or as whoever runs the tests), gives every
//! address a mailbox with the password `secret`, and takes mail in by LMTP or as a file.

use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime};

use tempfile::TempDir;

use super::certificate::{self, Certificates};
use super::exim::{is_root, owner};
use super::program;

const PROGRAM: &str = "/usr/sbin/dovecot";

/// A running server; ends with the value.
pub(crate) struct Dovecot {
    folder: TempDir,
    /// IMAP in the clear and with STARTTLS.
    pub(crate) plain_port: u16,
    /// IMAP over TLS.
    pub(crate) tls_port: u16,
    /// Mail in.
    pub(crate) lmtp_port: u16,
    certificates: Certificates,
    child: Option<Child>,
    dropped: AtomicU32,
}

impl Dovecot {
    /// Starts one and waits until it answers; `certificates` are shown to clients.
    pub(crate) fn start() -> Self {
        assert!(Path::new(PROGRAM).exists(), "dovecot is missing: run tests/run as root");
        let folder = tempfile::Builder::new().prefix("xibu-dovecot-").tempdir().unwrap();
        // Held until all are known, so that no two are alike.
        let held = [0; 3].map(|_| TcpListener::bind("127.0.0.1:0").unwrap());
        let [plain_port, tls_port, lmtp_port] =
            held.each_ref().map(|listener| listener.local_addr().unwrap().port());
        drop(held);
        let certificates = certificate::issue();
        let dropped = AtomicU32::new(0);
        let mut dovecot =
            Self { folder, plain_port, tls_port, lmtp_port, certificates, child: None, dropped };
        dovecot.write();
        dovecot.resume();
        dovecot
    }

    /// The certificate a client has to trust, as PEM.
    pub(crate) fn authority(&self) -> &str {
        &self.certificates.authority
    }

    /// Puts a mail into a mailbox as if it had come at `received`.
    pub(crate) fn put(&self, address: &str, mail: &[u8], received: SystemTime) {
        let mailbox = self.mailbox(address);
        let number = self.dropped.fetch_add(1, Ordering::SeqCst);
        let beside = mailbox.join(format!("tmp/{number}.test"));
        std::fs::write(&beside, mail).unwrap();
        std::fs::File::options()
            .append(true)
            .open(&beside)
            .unwrap()
            .set_modified(received)
            .unwrap();
        self.give_away(&beside);
        std::fs::rename(&beside, mailbox.join(format!("new/{number}.test"))).unwrap();
    }

    /// The mails in a mailbox: their flags and their bytes.
    pub(crate) fn mails(&self, address: &str) -> Vec<(String, Vec<u8>)> {
        let mailbox = self.mailbox(address);
        let mut found = Vec::new();
        for folder in ["new", "cur"] {
            for entry in std::fs::read_dir(mailbox.join(folder)).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                let flags = name.split_once(":2,").map_or("", |(_, flags)| flags).to_owned();
                found.push((flags, std::fs::read(&path).unwrap()));
            }
        }
        found
    }

    /// Numbers a mailbox anew, as a server does that was moved or mended.
    pub(crate) fn number_anew(&mut self, address: &str) {
        self.stop();
        let mailbox = self.mailbox(address);
        let path = mailbox.join("dovecot-uidlist");
        let list = std::fs::read_to_string(&path).unwrap();
        let words = list.split(' ').map(|word| match word.strip_prefix('V') {
            Some(validity) => format!("V{}", validity.parse::<u32>().unwrap() + 1),
            None => word.to_owned(),
        });
        std::fs::write(&path, words.collect::<Vec<_>>().join(" ")).unwrap();
        for entry in std::fs::read_dir(&mailbox).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_string_lossy().starts_with("dovecot.index") {
                std::fs::remove_file(path).unwrap();
            }
        }
        self.resume();
    }

    /// Waits until a session of this address waits for news (IDLE), by the title of its process.
    pub(crate) fn await_idle(&self, address: &str) {
        let begun = Instant::now();
        while !self.is_idle(address) {
            assert!(begun.elapsed() < Duration::from_secs(20), "nobody waits; {}", self.log());
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    fn is_idle(&self, address: &str) -> bool {
        let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        let mut titles =
            processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
        titles.any(|title| {
            let title = String::from_utf8_lossy(&title).into_owned();
            title.contains("imap") && title.contains(address) && title.contains("IDLE")
        })
    }

    /// What it logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("dovecot.log")).unwrap_or_default()
    }

    /// Ends it.
    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let group = format!("-{}", child.id());
            let _ = Command::new("kill").args(["-s", "KILL", "--", &group]).status();
            let _ = child.wait();
        }
    }

    /// Starts it again on the same ports and folder.
    pub(crate) fn resume(&mut self) {
        assert!(self.child.is_none(), "it runs");
        let _ = std::fs::remove_file(self.folder.path().join("run/master.pid"));
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", PROGRAM]);
            command
        } else {
            Command::new(PROGRAM)
        };
        command.arg("-F").arg("-c").arg(self.folder.path().join("dovecot.conf"));
        program::bare(&mut command);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // A group of its own, so that its children end with it.
        command.process_group(0);
        self.child = Some(command.spawn().unwrap());
        self.await_ports();
    }

    fn await_ports(&mut self) {
        let begun = Instant::now();
        for port in [self.plain_port, self.tls_port, self.lmtp_port] {
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                let ended = self.child.as_mut().unwrap().try_wait().unwrap();
                assert!(ended.is_none(), "dovecot ended: {ended:?}; {}", self.log());
                assert!(begun.elapsed() < Duration::from_secs(20), "no answer; {}", self.log());
                std::thread::park_timeout(Duration::from_millis(5));
            }
        }
    }

    fn mailbox(&self, address: &str) -> PathBuf {
        let mailbox = self.folder.path().join("mail").join(address);
        for folder in ["new", "cur", "tmp"] {
            if !mailbox.join(folder).exists() {
                std::fs::create_dir_all(mailbox.join(folder)).unwrap();
                self.give_away(&mailbox);
            }
        }
        mailbox
    }

    fn give_away(&self, path: &Path) {
        let (user, group) = owner();
        let mut command = Command::new("chown");
        assert!(
            command.arg("-R").arg(format!("{user}:{group}")).arg(path).status().unwrap().success()
        );
    }

    fn write(&self) {
        let (user, group) = owner();
        let text = include_str!("dovecot.conf")
            .replace("@FOLDER@", &self.folder.path().display().to_string())
            .replace("@USER@", &user)
            .replace("@GROUP@", &group)
            .replace("@PLAIN_PORT@", &self.plain_port.to_string())
            .replace("@TLS_PORT@", &self.tls_port.to_string())
            .replace("@LMTP_PORT@", &self.lmtp_port.to_string());
        let folder = self.folder.path();
        std::fs::write(folder.join("dovecot.conf"), text).unwrap();
        std::fs::write(folder.join("server.pem"), &self.certificates.server).unwrap();
        std::fs::write(folder.join("key.pem"), &self.certificates.key).unwrap();
        for name in ["run", "state", "mail"] {
            std::fs::create_dir(folder.join(name)).unwrap();
        }
        self.give_away(folder);
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.stop();
    }
}
