//! Starts a plugin that is a program: sets the limits of this process, then becomes the program.
//!
//! Between the daemon and the program, so that limits are set without a line between fork and
//! exec. What it is not: no runtime, no command line; it stays for no longer than it takes.

#![allow(unsafe_code)]

use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::os::fd::BorrowedFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Signal};
use xibu_plugin_abi::frame;
use xibu_plugin_abi::message::{Header, Level};

use super::worker::{complain, limit_files_and_core, set_limit};

/// How long a file that is just being written is waited for.
const BUSY_MAX: Duration = Duration::from_secs(1);

/// Becomes the program. `arguments` are those behind the subcommand: the memory it may take, in
/// bytes; the program; the name it is started under; its own arguments. It returns only where that
/// fails.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments = arguments.into_iter();
    let memory = arguments.next().and_then(|text| text.to_str()?.parse().ok());
    let (program, name) = (arguments.next(), arguments.next());
    let (Some(memory_max_bytes), Some(program), Some(name)) = (memory, program, name) else {
        return complain("program needs a memory limit in bytes, a program and its name");
    };
    if io::stdin().is_terminal() {
        return complain("the daemon starts its plugins itself; this is not for people to run");
    }
    let mut command = Command::new(&program);
    command.arg0(name).args(arguments);
    let error = match limit(memory_max_bytes) {
        Ok(()) => become_it(&mut command),
        Err(error) => error,
    };
    tell(Path::new(&program), &error);
    ExitCode::from(2)
}

fn limit(memory_max_bytes: u64) -> io::Result<()> {
    // The daemon's end is its end, however it ends; the wish survives the exec.
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    limit_files_and_core()?;
    keep_only_the_pipes()?;
    set_limit(Resource::As, memory_max_bytes)
}

/// What whoever started the daemon left open, and the daemon never knew of, ends here.
fn keep_only_the_pipes() -> io::Result<()> {
    for entry in fs::read_dir("/proc/self/fd")? {
        let name = entry?.file_name();
        let Some(number) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        if number > 2 {
            // SAFETY: it was open when it was listed, and this process has no other thread that
            // would close it; only a flag is set. One that is gone is an error we pass over.
            let one = unsafe { BorrowedFd::borrow_raw(number) };
            let _ = rustix::io::fcntl_setfd(one, rustix::io::FdFlags::CLOEXEC);
        }
    }
    Ok(())
}

/// Another process of the daemon may for a moment hold the file open for writing that it has just
/// copied: it forked meanwhile.
fn become_it(command: &mut Command) -> io::Error {
    let begun = Instant::now();
    loop {
        let error = command.exec();
        if error.kind() != io::ErrorKind::ExecutableFileBusy || begun.elapsed() > BUSY_MAX {
            return error;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Says why on the pipe that the program would have had, so that the daemon knows it.
fn tell(program: &Path, error: &io::Error) {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "; is the interpreter of its first line installed?",
        io::ErrorKind::PermissionDenied => "; is its file system mounted noexec?",
        _ => "",
    };
    let name = program.file_name().unwrap_or_default().display();
    let text = format!("the program (copied as {name}) cannot be started: {error}{hint}");
    let header = Header::Log { level: Level::Error, text };
    let mut stdout = io::stdout().lock();
    let _ = frame::write(&mut stdout, &header, &[] as &[&[u8]]);
    let _ = stdout.flush();
}
