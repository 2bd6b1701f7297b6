//! One child process and the frames to and from it.
//!
//! What it is not: it decides nothing about restarts; a child that failed once is dropped.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::BufReader;
use tokio::process::{ChildStdin, ChildStdout, Command};
use xibu_plugin_abi::frame::Frame;
use xibu_plugin_abi::message::{Call, Descriptor, Header, Item, Level, Status};

use super::PluginSettings;
use super::services::{Secrets, Services, Source};
use crate::failpoint;
use crate::settings::Carried;

mod introduction;
mod stderr;
mod wire;

use introduction::Introduction;
use stderr::{pass_on_lines, shorten};
use wire::{read_frame, write_frame};

/// Where a program finds others; also where its script's interpreter is looked for.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// How long what a program said before its end is waited for, when something it left behind holds
/// the pipe open.
const LAST_WORDS_MAX: Duration = Duration::from_secs(1);

/// Why an exchange has no status.
#[derive(Debug)]
pub(super) enum Lost {
    /// Nothing was written.
    TooLarge(String),
    /// Set by the caller.
    Deadline,
    /// Its end of the pipe is closed.
    Ended,
    /// It sent what is no frame, or one out of turn.
    Misbehaved(String),
}

/// Why no child runs.
#[derive(Debug)]
pub(super) struct NotStarted {
    pub(super) detail: String,
    /// Whether it died, rather than refused its settings.
    pub(super) died: bool,
}

impl NotStarted {
    pub(super) fn died(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), died: true }
    }

    fn refused(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), died: false }
    }
}

/// How a child is to be started.
pub(super) struct Start<'a> {
    /// The daemon's own program, which loads the library or becomes the plugin's.
    pub(super) host: &'a Path,
    /// Library or program.
    pub(super) carried: &'a Carried,
    /// Its file as it was admitted.
    pub(super) admitted: &'a Path,
    pub(super) settings: &'a PluginSettings,
}

#[derive(Debug)]
pub(super) struct Child {
    process: tokio::process::Child,
    group: Option<Pid>,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    plugin: String,
    descriptor: Descriptor,
    secrets: Arc<Secrets>,
    /// A program may leave children behind that hold its pipe; its own end is looked for.
    is_program: bool,
    calls: u64,
    /// The last line it logged as an error, to say why it ended.
    last_error: Option<String>,
}

impl Child {
    /// Starts a plugin that was admitted, and has it describe and configure itself.
    pub(super) async fn start(start: Start<'_>) -> Result<Self, NotStarted> {
        let mut child = Self::begin(&start)?;
        match child.introduce(start.settings).await {
            Ok(()) => Ok(child),
            Err(introduction) => Err(child.end_unintroduced(introduction).await),
        }
    }

    /// Starts a plugin only to have it describe itself.
    pub(super) async fn describe(start: Start<'_>) -> Result<Descriptor, NotStarted> {
        let mut child = Self::begin(&start)?;
        match child.greet_and_describe().await {
            Ok(()) => {
                let descriptor = child.descriptor.clone();
                child.say_goodbye(Duration::from_secs(1)).await;
                Ok(descriptor)
            }
            Err(introduction) => Err(child.end_unintroduced(introduction).await),
        }
    }

    fn begin(start: &Start<'_>) -> Result<Self, NotStarted> {
        Self::spawn(start).map_err(|e| NotStarted::refused(format!("cannot start a process: {e}")))
    }

    async fn end_unintroduced(self, introduction: Introduction) -> NotStarted {
        match introduction {
            Introduction::Refused(detail) => {
                self.kill().await;
                NotStarted::refused(detail)
            }
            Introduction::Lost(Lost::Misbehaved(detail) | Lost::TooLarge(detail)) => {
                self.kill().await;
                NotStarted::died(detail)
            }
            Introduction::Lost(Lost::Ended | Lost::Deadline) => NotStarted::died(self.kill().await),
        }
    }

    fn spawn(start: &Start<'_>) -> io::Result<Self> {
        // The child stands in another folder than the daemon.
        let admitted = std::path::absolute(start.admitted)?;
        let memory = start.settings.memory_max_bytes.to_string();
        let mut command = Command::new(start.host);
        match start.carried {
            Carried::Library(_) => {
                command.arg0("xibu-worker").arg("worker").arg(admitted).arg(memory).env_clear();
            }
            Carried::Program { path, arguments } => {
                let name = path.file_name().unwrap_or(OsStr::new("plugin"));
                command.arg0("xibu-worker").arg("program").arg(memory).arg(admitted).arg(name);
                command.args(arguments).env_clear().env("PATH", PATH).env("LANG", "C.UTF-8");
            }
        }
        let mut process = command
            // One heap: each further one would reserve 64 MB of the address space it may have.
            .env("MALLOC_ARENA_MAX", "1")
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let missing = || io::Error::other("a pipe is missing");
        let stdin = process.stdin.take().ok_or_else(missing)?;
        let stdout = BufReader::new(process.stdout.take().ok_or_else(missing)?);
        let stderr = process.stderr.take().ok_or_else(missing)?;
        let plugin = start.settings.id.clone();
        tokio::spawn(pass_on_lines(stderr, plugin.clone()));
        let group = process.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let descriptor = Descriptor {
            id: plugin.clone(),
            title: String::new(),
            version: String::new(),
            capabilities: Vec::new(),
            settings_schema: Default::default(),
        };
        Ok(Self {
            process,
            group,
            stdin,
            stdout,
            plugin,
            descriptor,
            secrets: Arc::default(),
            is_program: matches!(start.carried, Carried::Program { .. }),
            calls: 0,
            last_error: None,
        })
    }

    /// What the next call is offered.
    pub(super) fn services(&self, source: Source) -> Services {
        Services::new(self.secrets.clone(), source)
    }

    pub(super) fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// Number of the next call.
    pub(super) fn next_call(&mut self) -> u64 {
        self.calls += 1;
        self.calls
    }

    /// Its process number, while it runs.
    pub(super) fn process(&mut self) -> Option<u32> {
        if self.has_ended().is_some() { None } else { self.process.id() }
    }

    /// How it ended, if it has.
    pub(super) fn has_ended(&mut self) -> Option<String> {
        match self.process.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => {
                self.kill_group();
                Some(self.say_how(&status.to_string()))
            }
            Err(e) => Some(self.say_how(&e.to_string())),
        }
    }

    /// Writes a call and reads until its reply; answers what the plugin asks meanwhile, and tells
    /// it when `wish` is done that the answer is no longer waited for.
    pub(super) async fn exchange(
        &mut self,
        call: Call,
        blobs: &[Vec<u8>],
        services: &mut Services,
        wish: impl Future<Output = ()>,
        on_item: &mut impl FnMut(Item, Vec<Vec<u8>>),
    ) -> Result<Status, Lost> {
        let current = call.id;
        if let Err(lost) = self.write(Header::Call(call), blobs).await {
            if matches!(lost, Lost::Ended) {
                self.hear_last_words().await;
            }
            return Err(lost);
        }
        failpoint::reach("carrier_call_written");
        tokio::pin!(wish);
        let mut wish = Wish { done: wish, is_passed_on: false };
        loop {
            let Frame { header, blobs } = self.hear(current, Some(&mut wish)).await?;
            match header {
                Header::Emit { call, item } if call == current => {
                    failpoint::reach("carrier_emit_received");
                    on_item(item, blobs);
                }
                Header::Reply { call, status } if call == current => {
                    failpoint::reach("carrier_reply_received");
                    return Ok(status);
                }
                Header::HostAsk { call, id, ask } if call == current => {
                    let value = blobs.into_iter().next().unwrap_or_default();
                    let (answer, value) = services.answer(ask, value).await;
                    let blobs = if value.is_empty() { Vec::new() } else { vec![value] };
                    self.write(Header::HostAnswer { call, id, answer }, &blobs).await?;
                }
                Header::Log { level, text } => self.log(level, &text),
                _ => return Err(misbehaved("a frame out of turn")),
            }
        }
    }

    /// The next frame. Meanwhile passes on that `call` is no longer waited for, and sees to it that
    /// a program's end is the end, whatever it left behind.
    async fn hear(
        &mut self,
        call: u64,
        mut wish: Option<&mut Wish<'_, impl Future<Output = ()>>>,
    ) -> Result<Frame, Lost> {
        let reading = read_frame(&mut self.stdout);
        tokio::pin!(reading);
        loop {
            let is_wished = wish.as_ref().is_some_and(|wish| !wish.is_passed_on);
            let wished = async {
                match wish.as_mut() {
                    Some(wish) => wish.done.as_mut().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                frame = &mut reading => return frame,
                () = wished, if is_wished => {}
                _ = self.process.wait(), if self.is_program => {
                    kill_group(self.group.take());
                    let rest = tokio::time::timeout(LAST_WORDS_MAX, reading).await;
                    return rest.unwrap_or(Err(Lost::Ended));
                }
            }
            if let Some(wish) = wish.as_mut() {
                wish.is_passed_on = true;
                // One that no longer listens is heard of by what it says, or not.
                let _ = write_frame(&mut self.stdin, Header::Cancel { call }, &[]).await;
            }
        }
    }

    /// It no longer listens; what it still said may say why.
    async fn hear_last_words(&mut self) {
        while let Ok(Frame { header, .. }) = self.hear(0, NO_WISH).await {
            if let Header::Log { level, text } = header {
                self.log(level, &text);
            }
        }
    }

    async fn write(&mut self, header: Header, blobs: &[Vec<u8>]) -> Result<(), Lost> {
        write_frame(&mut self.stdin, header, blobs).await
    }

    fn log(&mut self, level: Level, text: &str) {
        let text = shorten(text);
        let plugin = self.plugin.as_str();
        match level {
            Level::Debug => tracing::debug!(plugin, "{text}"),
            Level::Info => tracing::info!(plugin, "{text}"),
            Level::Warning => tracing::warn!(plugin, "{text}"),
            Level::Error => tracing::error!(plugin, "{text}"),
            Level::HostMisbehaving => tracing::error!(plugin, "against the contract: {text}"),
        }
        if level == Level::Error {
            self.last_error = Some(text);
        }
    }

    /// Kills it and what it started, and says how it ended.
    pub(super) async fn kill(mut self) -> String {
        // Where it fell by itself that is what counts, not our signal.
        if let Some(how) = self.has_ended() {
            return how;
        }
        self.kill_group();
        let _ = self.process.start_kill();
        match self.process.wait().await {
            Ok(status) => self.say_how(&status.to_string()),
            Err(e) => self.say_how(&e.to_string()),
        }
    }

    /// Kills all that stayed in its group, once: afterwards the number may be somebody else's.
    fn kill_group(&mut self) {
        kill_group(self.group.take());
    }

    fn say_how(&self, status: &str) -> String {
        match &self.last_error {
            Some(error) => format!("{error} ({status})"),
            None => status.to_owned(),
        }
    }

    /// Lets it end by itself, then kills it.
    pub(super) async fn say_goodbye(mut self, patience: Duration) {
        let goodbye = async {
            if self.write(Header::Goodbye, &[]).await.is_ok() {
                let _ = self.process.wait().await;
            }
        };
        let _ = tokio::time::timeout(patience, goodbye).await;
        self.kill().await;
    }
}

/// The caller's wish to wait no longer, and whether the plugin was told.
struct Wish<'a, F> {
    done: Pin<&'a mut F>,
    is_passed_on: bool,
}

const NO_WISH: Option<&mut Wish<'_, std::future::Pending<()>>> = None;

/// Kills a child and all that stayed in its group.
fn kill_group(group: Option<Pid>) {
    if let Some(group) = group {
        // It may be gone already.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // `id` is none once it was waited for: its number may be somebody else's by then.
        if self.process.id().is_some() {
            self.kill_group();
        }
    }
}

fn misbehaved(what: impl ToString) -> Lost {
    Lost::Misbehaved(what.to_string())
}
