//! A server on loopback that answers each path as told, byte by byte where that matters.
//!
//! What it is not: no HTTP library, which would refuse to stall, lie and break off.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// What a path answers.
#[derive(Clone)]
pub(super) enum Answer {
    /// Status, headers, body.
    Whole(String, Vec<String>, Vec<u8>),
    /// These bytes and the end of the connection.
    Raw(Vec<u8>),
    /// These bytes and nothing more until the client gives up.
    Stall(Vec<u8>),
}

impl Answer {
    pub(super) fn ok(body: &[u8]) -> Self {
        Self::Whole("200 OK".into(), Vec::new(), body.to_vec())
    }

    pub(super) fn status(status: &str) -> Self {
        Self::Whole(status.into(), Vec::new(), Vec::new())
    }

    pub(super) fn redirect(status: &str, location: &str) -> Self {
        Self::status(status).with(vec![format!("Location: {location}")])
    }

    pub(super) fn with(self, more: Vec<String>) -> Self {
        match self {
            Self::Whole(status, mut headers, body) => {
                headers.extend(more);
                Self::Whole(status, headers, body)
            }
            other => other,
        }
    }
}

struct Shared {
    answers: Mutex<BTreeMap<String, Answer>>,
    asked: Mutex<Vec<String>>,
    over: AtomicBool,
}

/// Runs until it is dropped.
pub(super) struct Server {
    pub(super) port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// What is not told answers 404.
    pub(super) fn start(answers: Vec<(&str, Answer)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let answers = answers.into_iter().map(|(path, answer)| (path.to_owned(), answer)).collect();
        let shared = Arc::new(Shared {
            answers: Mutex::new(answers),
            asked: Mutex::default(),
            over: AtomicBool::new(false),
        });
        let own = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if own.over.load(Ordering::SeqCst) {
                    break;
                }
                // A client that gave up is no failure of the server.
                let _ = stream.and_then(|stream| serve(&own, stream));
            }
        });
        Self { port, shared, thread: Some(thread) }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(super) fn set(&self, path: &str, answer: Answer) {
        self.shared.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// The heads of all requests so far.
    pub(super) fn asked(&self) -> Vec<String> {
        self.shared.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(shared: &Shared, mut stream: TcpStream) -> std::io::Result<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone()?);
    while reader.read_line(&mut head)? > 0 && !head.ends_with("\r\n\r\n") {}
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    shared.asked.lock().unwrap().push(head);
    let told = shared.answers.lock().unwrap().get(&path).cloned();
    match told.unwrap_or_else(|| Answer::status("404 Not Found")) {
        Answer::Whole(status, headers, body) => {
            let mut head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
            if !status.starts_with("304") {
                head.push_str(&format!("Content-Length: {}\r\n", body.len()));
            }
            for header in headers {
                head.push_str(&format!("{header}\r\n"));
            }
            stream.write_all(format!("{head}\r\n").as_bytes())?;
            stream.write_all(&body)
        }
        Answer::Raw(bytes) => stream.write_all(&bytes),
        Answer::Stall(bytes) => {
            stream.write_all(&bytes)?;
            // Until the other side closes.
            reader.read_to_end(&mut Vec::new()).map(|_| ())
        }
    }
}
