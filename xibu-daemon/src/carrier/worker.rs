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

use rustix::process::{Resource, Rlimit, Signal, setrlimit};
use serde::Deserialize;
use xibu_plugin_abi::frame;
use xibu_plugin_abi::message::{Call, Header, Level, Request, Status};
use xibu_plugin_abi::table::guest::{Guest, HostSide};
use xibu_plugin_abi::{MAJOR, MINOR, PROTOCOL};

use super::loader;

/// Most files and connections a worker may have open.
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

fn complain(detail: &str) -> ExitCode {
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
    let set =
        |resource, most| setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    set(Resource::Core, 0)?;
    set(Resource::Nofile, FILES_MAX)?;
    let pages = fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = pages.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0);
    let mapped = pages * rustix::param::page_size() as u64;
    let code = fs::metadata(library)?.len();
    set(Resource::As, mapped.saturating_add(code).saturating_add(memory_max_bytes))?;
    Ok(())
}

/// As much of a call as the worker itself must know.
#[derive(Deserialize)]
struct Peek {
    frame: String,
    #[serde(default)]
    id: u64,
    request: Option<PeekRequest>,
}

#[derive(Deserialize)]
struct PeekRequest {
    op: String,
}

fn serve(input: &mut BufReader<File>, output: &mut File, mut guest: Guest) -> Result<(), String> {
    while let Some(json) = frame::read_header_json(input).map_err(|e| e.to_string())? {
        let lengths = frame::decode_blob_lengths(&json).map_err(|e| e.to_string())?;
        let blobs = frame::read_blobs(input, &lengths).map_err(|e| e.to_string())?;
        let no_call = |_| "the host sent what is no call".to_owned();
        let peek: Peek = serde_json::from_slice(&json).map_err(no_call)?;
        let request = match (peek.frame.as_str(), peek.request) {
            ("goodbye", _) => break,
            ("call", Some(request)) => request,
            _ => return Err("the host sent a frame out of turn".into()),
        };
        let mut sink = Sink { output, call: peek.id, too_large: None };
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
            loader::give_back_start_pages();
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
    output: &'a mut File,
    call: u64,
    /// Something the plugin emitted did not fit a frame: the call cannot be called done.
    too_large: Option<String>,
}

impl Sink<'_> {
    /// A host that is gone will not come back, and nobody is left to tell.
    fn or_end<T, E>(&self, written: Result<T, E>) -> T {
        written.unwrap_or_else(|_| std::process::exit(1))
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
}
