//! The worker: a process that loads one library and answers frames on stdin and stdout, one at a
//! time.
//!
//! It sets its own limits before the library is loaded. What it is not: no runtime, no command
//! line, no configuration; it knows nothing of what the items mean and passes them on as they are.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, Signal, setrlimit};
use serde::Deserialize;
use xibu_plugin_abi::frame;
use xibu_plugin_abi::message::{Answer, Ask, Call, Header, Level, Request, Status};
use xibu_plugin_abi::table::guest::{Guest, HostSide};
use xibu_plugin_abi::{MAJOR, MINOR, PROTOCOL};

use super::loader;
use crate::start_pages;

/// Most files and connections a plugin's process may have open.
const FILES_MAX: u64 = 256;

/// Runs the worker to its end. `arguments` are those behind the subcommand: the library and the
/// memory it may take, in bytes. Call it before anything else in `main`: no runtime, no logging is
/// needed.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments = arguments.into_iter();
    let library = arguments.next().map(PathBuf::from);
    let memory = arguments.next().and_then(|text| text.to_str()?.parse().ok());
    let (Some(library), Some(memory_max_bytes)) = (library, memory) else {
        return complain("worker needs a library and a memory limit in bytes");
    };
    if io::stdin().is_terminal() {
        return complain("the daemon starts its workers itself; this is not for people to run");
    }
    match run(&library, memory_max_bytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(detail) => complain(&detail),
    }
}

pub(super) fn complain(detail: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "{detail}");
    ExitCode::from(2)
}

fn run(library: &Path, memory_max_bytes: u64) -> Result<(), String> {
    let say = |e: &dyn std::fmt::Display| e.to_string();
    // The daemon's end is ours, however it ends.
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).map_err(|e| say(&e))?;
    let (input, output) = take_pipes().map_err(|e| say(&e))?;
    let mut input = BufReader::with_capacity(64 << 10, input);
    let mut output = output;
    let hello = Header::Hello { protocol: PROTOCOL.into(), major: MAJOR, minor: MINOR };
    write(&mut output, &hello)?;
    match frame::read(&mut input).map_err(|e| say(&e))? {
        Some(f) if matches!(&f.header, Header::Hello { major, .. } if *major == MAJOR) => {}
        Some(_) => return Err("the host's first word is no hello of this version".into()),
        None => return Ok(()),
    }
    limit(library, memory_max_bytes).map_err(|e| say(&e))?;
    match loader::load(library) {
        Ok(guest) => serve(&mut input, &mut output, guest),
        Err(detail) => {
            write(&mut output, &Header::Log { level: Level::Error, text: detail })?;
            Ok(())
        }
    }
}

/// Takes the two pipes for itself, so that a library that prints cannot break a frame: what it
/// prints goes to stderr, and so to the daemon's log.
fn take_pipes() -> io::Result<(File, File)> {
    let input = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    let output = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
    Ok((File::from(input), File::from(output)))
}

/// Limits of this process: what is mapped now, the library's own file, and so much on top.
fn limit(library: &Path, memory_max_bytes: u64) -> io::Result<()> {
    limit_files_and_core()?;
    let pages = fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = pages.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0);
    let mapped = pages * rustix::param::page_size() as u64;
    let code = fs::metadata(library)?.len();
    set_limit(Resource::As, mapped.saturating_add(code).saturating_add(memory_max_bytes))
}

/// No core dumps, which would hold personal data; few open files.
pub(super) fn limit_files_and_core() -> io::Result<()> {
    set_limit(Resource::Core, 0)?;
    set_limit(Resource::Nofile, FILES_MAX)
}

pub(super) fn set_limit(resource: Resource, most: u64) -> io::Result<()> {
    Ok(setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?)
}

/// As much of a call as the worker itself must know.
#[derive(Deserialize)]
struct Peek {
    frame: String,
    #[serde(default)]
    id: u64,
    #[serde(default)]
    deadline_ms: u64,
    request: Option<PeekRequest>,
}

#[derive(Deserialize)]
struct PeekRequest {
    op: String,
}

/// What may come between two calls and means nothing then.
const LATE: [&str; 2] = ["cancel", "host_answer"];

fn serve(input: &mut BufReader<File>, output: &mut File, mut guest: Guest) -> Result<(), String> {
    while let Some(json) = frame::read_header_json(input).map_err(|e| e.to_string())? {
        let lengths = frame::decode_blob_lengths(&json).map_err(|e| e.to_string())?;
        let blobs = frame::read_blobs(input, &lengths).map_err(|e| e.to_string())?;
        let no_call = |_| "the host sent what is no call".to_owned();
        let peek: Peek = serde_json::from_slice(&json).map_err(no_call)?;
        let request = match (peek.frame.as_str(), peek.request) {
            ("goodbye", _) => break,
            ("call", Some(request)) => request,
            (late, _) if LATE.contains(&late) => continue,
            _ => return Err("the host sent a frame out of turn".into()),
        };
        let mut sink = Sink {
            input,
            output,
            call: peek.id,
            until: Instant::now().checked_add(Duration::from_millis(peek.deadline_ms)),
            is_cancelled: false,
            asked: 0,
            too_large: None,
        };
        let status = match request.op.as_str() {
            "describe" => guest.describe(&mut sink),
            "configure" => match configuration(&json) {
                Some(settings) => guest.configure(&settings, &mut sink),
                None => Status::Failed { detail: "the settings are no JSON".into() },
            },
            _ => {
                let blobs: Vec<&[u8]> = blobs.iter().map(Vec::as_slice).collect();
                guest.call(&json, &blobs, &mut sink)
            }
        };
        let status = match sink.too_large {
            Some(detail) => Status::Failed { detail },
            None => status,
        };
        if request.op == "configure" && status == Status::Done {
            start_pages::give_back();
        }
        write(output, &Header::Reply { call: peek.id, status })?;
    }
    guest.destroy();
    Ok(())
}

fn configuration(json: &[u8]) -> Option<Vec<u8>> {
    match frame::decode_head(json).ok()?.header {
        Header::Call(Call { request: Request::Configure { settings }, .. }) => {
            serde_json::to_vec(&settings).ok()
        }
        _ => None,
    }
}

fn write(output: &mut File, header: &Header) -> Result<(), String> {
    frame::write(output, header, &[] as &[&[u8]]).map_err(|e| e.to_string())
}

struct Sink<'a> {
    input: &'a mut BufReader<File>,
    output: &'a mut File,
    call: u64,
    /// None: so far away that it does not matter.
    until: Option<Instant>,
    is_cancelled: bool,
    /// Questions so far.
    asked: u64,
    /// Something the plugin emitted did not fit a frame: the call cannot be called done.
    too_large: Option<String>,
}

impl Sink<'_> {
    /// A host that is gone will not come back, and nobody is left to tell.
    fn or_end<T, E>(&self, written: Result<T, E>) -> T {
        written.unwrap_or_else(|_| std::process::exit(1))
    }

    /// Reads one frame; the answer and its number, if it is one.
    fn hear(&mut self) -> Option<(u64, Answer, Vec<u8>)> {
        let read = frame::read(self.input);
        let frame = self.or_end(self.or_end(read).ok_or(()));
        match frame.header {
            Header::HostAnswer { call, id, answer } if call == self.call => {
                return Some((id, answer, frame.blobs.into_iter().next().unwrap_or_default()));
            }
            Header::Cancel { call } if call == self.call => self.is_cancelled = true,
            Header::HostAnswer { .. } | Header::Cancel { .. } => {}
            // The host is not the one we know.
            _ => self.or_end(Err(())),
        }
        None
    }

    /// Whether something waits to be read; looked at without waiting for it.
    fn is_spoken_to(&self) -> bool {
        !self.input.buffer().is_empty()
            || rustix::io::ioctl_fionread(self.input.get_ref()).is_ok_and(|waiting| waiting > 0)
    }
}

impl HostSide for Sink<'_> {
    fn emit(&mut self, item: &[u8], blobs: &[&[u8]]) -> bool {
        let lengths: Vec<usize> = blobs.iter().map(|blob| blob.len()).collect();
        let fields = format!(r#""frame":"emit","call":{}"#, self.call);
        match frame::splice_head(&fields, item, &lengths) {
            Ok(head) => {
                let written = frame::write_encoded(self.output, head, blobs);
                self.or_end(written);
                true
            }
            Err(e) => {
                self.too_large = Some(format!("the plugin emitted too much: {e}"));
                false
            }
        }
    }

    fn log(&mut self, level: Level, text: &str) {
        let written = write(self.output, &Header::Log { level, text: text.to_owned() });
        self.or_end(written);
    }

    fn remaining_ms(&mut self) -> u64 {
        let left = self.until.map(|until| until.saturating_duration_since(Instant::now()));
        left.map_or(u64::MAX, |left| u64::try_from(left.as_millis()).unwrap_or(u64::MAX))
    }

    fn cancelled(&mut self) -> bool {
        while !self.is_cancelled && self.is_spoken_to() {
            self.hear();
        }
        self.is_cancelled || self.remaining_ms() == 0
    }

    fn ask(&mut self, ask: Ask, value: &[u8]) -> (Answer, Vec<u8>) {
        self.asked += 1;
        let question = Header::HostAsk { call: self.call, id: self.asked, ask };
        let blobs: &[&[u8]] = if value.is_empty() { &[] } else { &[value] };
        match frame::encode_head(&question, &blobs.iter().map(|b| b.len()).collect::<Vec<_>>()) {
            Ok(head) => {
                let written = frame::write_encoded(self.output, head, blobs);
                self.or_end(written);
            }
            Err(e) => return (Answer::Refused { detail: e.to_string() }, Vec::new()),
        }
        loop {
            match self.hear() {
                Some((id, answer, value)) if id == self.asked => return (answer, value),
                _ => {}
            }
        }
    }
}
