//! A door before the mail server that sees where a mail's data ends, and can make something happen
//! there.
//!
//! It passes bytes on unchanged. Armed, at the end of the n-th mail's data it does one thing,
//! before the server's answer reaches the client.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::harness::exim::Exim;
use crate::harness::program;

/// What happens at the end of a mail's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mishap {
    /// The server is killed before it has the end of the data: it has not taken the mail.
    ServerBeforeItHasAll,
    /// The server is killed when it has it all; it may have taken the mail or not.
    ServerWithoutAnswer,
    /// The server takes the mail and answers; the answer is lost and the server killed.
    ServerAfterAnswer,
    /// The worker that speaks to the server is killed; the server takes the mail.
    Worker,
}

struct Armed {
    mishap: Mishap,
    /// How many mails still pass before it.
    after: u32,
    /// The daemon whose worker may be meant.
    daemon: u32,
}

#[derive(Default)]
struct Plan {
    armed: Option<Armed>,
    happened: bool,
}

/// The door.
pub(super) struct Front {
    port: u16,
    plan: Arc<Mutex<Plan>>,
}

impl Front {
    /// Opens it before `server`.
    pub(super) fn open(server: Arc<Mutex<Exim>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let plan = Arc::new(Mutex::new(Plan::default()));
        let shared = Arc::clone(&plan);
        // Ends with the test: nobody waits for it, and it holds nothing that has to be put away.
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (server, plan) = (Arc::clone(&server), Arc::clone(&shared));
                std::thread::spawn(move || serve(client, &server, &plan));
            }
        });
        Self { port, plan }
    }

    /// Where it listens.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// From now on, after so many mails, this happens once.
    pub(super) fn arm(&self, mishap: Mishap, after: u32, daemon: u32) {
        self.plan.lock().unwrap().armed = Some(Armed { mishap, after, daemon });
    }

    /// Takes back what has not happened; tells whether it had.
    pub(super) fn disarm(&self) -> bool {
        let mut plan = self.plan.lock().unwrap();
        plan.armed = None;
        std::mem::take(&mut plan.happened)
    }
}

fn serve(client: TcpStream, server: &Mutex<Exim>, plan: &Mutex<Plan>) {
    let port = server.lock().unwrap().port();
    // A server that is down is a connection refused: here, one closed at once.
    let Ok(upstream) = TcpStream::connect(("127.0.0.1", port)) else { return };
    client.set_nodelay(true).unwrap();
    upstream.set_nodelay(true).unwrap();
    let (answers, to_client) = (upstream.try_clone().unwrap(), client.try_clone().unwrap());
    let silent = Arc::new(Mutex::new(false));
    let hush = Arc::clone(&silent);
    let back = std::thread::spawn(move || pass_back(answers, to_client, &hush));
    pass_on(&client, &upstream, server, plan, &silent);
    let _ = client.shutdown(Shutdown::Both);
    let _ = upstream.shutdown(Shutdown::Both);
    let _ = back.join();
}

fn pass_back(mut from: TcpStream, mut to: TcpStream, silent: &Mutex<bool>) {
    let mut buffer = [0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let hushed = silent.lock().unwrap();
        if *hushed || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

fn pass_on(
    mut client: &TcpStream,
    mut upstream: &TcpStream,
    server: &Mutex<Exim>,
    plan: &Mutex<Plan>,
    silent: &Mutex<bool>,
) {
    const END: &[u8] = b"\r\n.\r\n";
    let mut buffer = [0; 64 << 10];
    let mut tail = Vec::new();
    while let Ok(count @ 1..) = client.read(&mut buffer) {
        let bytes = &buffer[..count];
        tail.extend_from_slice(bytes);
        let ends = tail.windows(END.len()).any(|window| window == END);
        let keep = tail.len().saturating_sub(END.len() - 1);
        tail.drain(..keep);
        let due = if ends { take_due(plan) } else { None };
        let Some(armed) = due else {
            if upstream.write_all(bytes).is_err() {
                return;
            }
            continue;
        };
        // From here on the client hears nothing more.
        *silent.lock().unwrap() = true;
        happen(&armed, bytes, upstream, server);
        plan.lock().unwrap().happened = true;
        return;
    }
}

fn take_due(plan: &Mutex<Plan>) -> Option<Armed> {
    let mut plan = plan.lock().unwrap();
    let armed = plan.armed.as_mut()?;
    if armed.after > 0 {
        armed.after -= 1;
        return None;
    }
    plan.armed.take()
}

fn happen(armed: &Armed, bytes: &[u8], mut upstream: &TcpStream, server: &Mutex<Exim>) {
    let mut server = server.lock().unwrap();
    if armed.mishap != Mishap::ServerBeforeItHasAll {
        let _ = upstream.write_all(bytes);
    }
    match armed.mishap {
        Mishap::ServerBeforeItHasAll | Mishap::ServerWithoutAnswer => {}
        Mishap::ServerAfterAnswer => await_mail(upstream),
        Mishap::Worker => {
            kill_worker(armed.daemon);
            await_mail(upstream);
            return;
        }
    }
    server.kill();
    server.resume();
}

/// Waits for the server's answer by asking it something more: the answer to that comes after.
fn await_mail(mut upstream: &TcpStream) {
    let _ = upstream.write_all(b"QUIT\r\n");
    let mut rest = [0; 1024];
    while let Ok(1..) = upstream.read(&mut rest) {}
}

/// The daemon's child that was started with the mail plugin's library.
fn kill_worker(daemon: u32) {
    let words = ["-P", &daemon.to_string(), "-f", "email"];
    let output = std::process::Command::new("pgrep").args(words).output().unwrap();
    let found = String::from_utf8_lossy(&output.stdout);
    for pid in found.lines().filter_map(|line| line.parse().ok()) {
        program::signal(pid, "KILL");
    }
}
