//! Starts a program under test with a clean environment and a time limit, and keeps what it said.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::build::built;

/// How long any one command may take before the test gives up on it.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a program left behind.
pub(crate) struct Said {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl Said {
    /// The output, after checking that the program was content.
    #[track_caller]
    pub(crate) fn done(self) -> String {
        self.exit(0).out
    }

    /// Itself, after checking its exit code.
    #[track_caller]
    pub(crate) fn exit(self, code: i32) -> Self {
        assert_eq!(
            self.status.code(),
            Some(code),
            "\n--- out\n{}\n--- err\n{}",
            self.out,
            self.err
        );
        self
    }

    /// Its output as one JSON value a line.
    #[track_caller]
    pub(crate) fn json_lines(self) -> Vec<serde_json::Value> {
        self.exit(0).lines()
    }

    /// The same, whatever its exit code.
    #[track_caller]
    pub(crate) fn lines(self) -> Vec<serde_json::Value> {
        let parse =
            |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        self.out.lines().map(parse).collect()
    }
}

/// `xibu-daemon` with these words, in `folder`, speaking English, without this machine's settings.
pub(crate) fn xibu(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(&built().daemon);
    command.args(words).current_dir(folder);
    bare(&mut command);
    command
}

/// Takes away what this machine would tell the program; leaves `PATH` and the language.
pub(crate) fn bare(command: &mut Command) {
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("LANG", "en_US.UTF-8").env("HOME", "/nonexistent");
}

/// Runs to the end and gives what it said.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> Said {
    let child = spawn(command);
    wait(child, PATIENCE).unwrap_or_else(|| panic!("not done in {PATIENCE:?}: {command:?}"))
}

/// Starts it with both outputs kept and nothing to read.
#[track_caller]
pub(crate) fn spawn(command: &mut Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// What a started program said, or nothing where it did not end in time; then it is killed.
pub(crate) fn wait(mut child: Child, patience: Duration) -> Option<Said> {
    let pid = child.id();
    let (out, err) = (drain(child.stdout.take()), drain(child.stderr.take()));
    let (send, ended) = mpsc::channel();
    let waiter = std::thread::spawn(move || send.send(child.wait().unwrap()));
    let status = ended.recv_timeout(patience).ok();
    if status.is_none() {
        signal(pid, "KILL");
    }
    waiter.join().unwrap().ok();
    Some(Said { status: status?, out: out.join().unwrap(), err: err.join().unwrap() })
}

/// Sends a signal by the ordinary program; its failure only means that the process is gone.
pub(crate) fn signal(pid: u32, name: &str) {
    let _ = Command::new("kill").args(["-s", name, "--", &pid.to_string()]).status();
}

fn drain<R: Read + Send + 'static>(pipe: Option<R>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
