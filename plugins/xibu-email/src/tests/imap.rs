//! A mailbox in a thread that does what real ones do seldom: refuses whoever does not say who it
//! is, waits for news or does not, breaks off, is numbered anew.
//!
//! What it is not: a real server; those are in `tests/`.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the mailbox holds and how it behaves.
#[derive(Default)]
pub(super) struct Folder {
    pub(super) validity: u32,
    /// Number and content.
    pub(super) mails: Vec<(u32, Vec<u8>)>,
    pub(super) wants_id: bool,
    pub(super) offers_idle: bool,
    /// Breaks off after so many pieces of mails.
    pub(super) pieces_left: Option<u32>,
    /// What clients said, without tags.
    pub(super) heard: Vec<String>,
    /// Put in when a client begins to wait.
    pub(super) comes_while_waiting: Option<Vec<u8>>,
}

#[derive(Clone)]
pub(super) struct Mailbox {
    pub(super) port: u16,
    pub(super) folder: Arc<Mutex<Folder>>,
}

impl Mailbox {
    pub(super) fn start(folder: Folder) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let folder = Arc::new(Mutex::new(folder));
        let shared = folder.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { port, folder }
    }

    pub(super) fn put(&self, mail: impl Into<Vec<u8>>) {
        let mut folder = self.folder.lock().unwrap();
        let uid = folder.mails.last().map_or(1, |(uid, _)| uid + 1);
        folder.mails.push((uid, mail.into()));
    }

    pub(super) fn heard(&self, word: &str) -> usize {
        self.folder.lock().unwrap().heard.iter().filter(|line| line.contains(word)).count()
    }
}

fn serve(stream: TcpStream, folder: &Mutex<Folder>) -> io::Result<()> {
    let mut out = stream.try_clone()?;
    let mut lines = BufReader::new(stream);
    let mut is_known = false;
    write!(out, "* OK ready\r\n")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let (tag, command) = line.trim_end().split_once(' ').unwrap_or(("*", ""));
        let mut folder_now = folder.lock().unwrap();
        folder_now.heard.push(command.to_owned());
        let word = command.split(' ').next().unwrap_or("");
        match word {
            "LOGIN" if command.contains("\"secret\"") => write!(out, "{tag} OK in\r\n")?,
            "LOGIN" => write!(out, "{tag} NO login of office@x.test failed\r\n")?,
            "ID" => {
                is_known = true;
                write!(out, "* ID NIL\r\n{tag} OK\r\n")?;
            }
            "CAPABILITY" => {
                let idle = if folder_now.offers_idle { " IDLE" } else { "" };
                write!(out, "* CAPABILITY IMAP4rev1 ID{idle}\r\n{tag} OK\r\n")?;
            }
            "EXAMINE" if folder_now.wants_id && !is_known => {
                write!(out, "{tag} NO EXAMINE Unsafe Login. Please contact kefu@188.com\r\n")?;
            }
            "EXAMINE" => {
                let next = folder_now.mails.last().map_or(1, |(uid, _)| uid + 1);
                let (count, validity) = (folder_now.mails.len(), folder_now.validity);
                write!(out, "* {count} EXISTS\r\n* OK [UIDVALIDITY {validity}] v\r\n")?;
                write!(out, "* OK [UIDNEXT {next}] n\r\n{tag} OK [READ-ONLY] open\r\n")?;
            }
            "UID" if command.starts_with("UID SEARCH") => {
                let found = search(&folder_now, command);
                write!(out, "* SEARCH{found}\r\n{tag} OK\r\n")?;
            }
            "UID" => fetch(&mut folder_now, command, &mut out, tag)?,
            "IDLE" => {
                write!(out, "+ idling\r\n")?;
                if let Some(mail) = folder_now.comes_while_waiting.take() {
                    let uid = folder_now.mails.last().map_or(1, |(uid, _)| uid + 1);
                    folder_now.mails.push((uid, mail));
                    write!(out, "* {} EXISTS\r\n", folder_now.mails.len())?;
                }
                drop(folder_now);
                let mut done = String::new();
                lines.read_line(&mut done)?;
                write!(out, "{tag} OK idled\r\n")?;
            }
            _ => write!(out, "{tag} BAD what\r\n")?,
        }
    }
}

/// As servers do it: `n:*` holds the last mail whatever its number.
fn search(folder: &Folder, command: &str) -> String {
    let from = command.split("UID SEARCH UID ").nth(1).and_then(|set| set.split(':').next());
    let from: u32 = from.map_or(0, |from| from.parse().unwrap());
    let last = folder.mails.last().map_or(0, |(uid, _)| *uid);
    let found = folder.mails.iter().filter(|(uid, _)| *uid >= from || *uid == last);
    found.map(|(uid, _)| format!(" {uid}")).collect()
}

fn fetch(folder: &mut Folder, command: &str, out: &mut TcpStream, tag: &str) -> io::Result<()> {
    let mut words = command.split(' ').skip(2);
    let uid: u32 = words.next().unwrap().parse().unwrap();
    let mail = folder.mails.iter().find(|(known, _)| *known == uid).map(|(_, mail)| mail.clone());
    let Some(mail) = mail else { return write!(out, "{tag} OK none\r\n") };
    let Some(at) = command.find("BODY.PEEK[]<") else {
        let date = "15-Jun-2026 09:00:00 +0800";
        let size = mail.len();
        write!(out, "* 1 FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE \"{date}\")\r\n")?;
        return write!(out, "{tag} OK\r\n");
    };
    if let Some(left) = &mut folder.pieces_left {
        if *left == 0 {
            folder.pieces_left = None;
            return out.shutdown(std::net::Shutdown::Both);
        }
        *left -= 1;
    }
    let numbers = command[at + "BODY.PEEK[]<".len()..].trim_end_matches(">)");
    let (from, length) = numbers.split_once('.').unwrap();
    let (from, length): (usize, usize) = (from.parse().unwrap(), length.parse().unwrap());
    let piece = &mail[from.min(mail.len())..(from + length).min(mail.len())];
    write!(out, "* 1 FETCH (UID {uid} BODY[]<{from}> {{{}}}\r\n", piece.len())?;
    out.write_all(piece)?;
    write!(out, ")\r\n{tag} OK\r\n")
}
