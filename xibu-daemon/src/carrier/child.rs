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
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};
use xibu_plugin_abi::frame::{self, Frame, Head};
use xibu_plugin_abi::message::{Call, Descriptor, Header, Item, Level, Request, Status};
use xibu_plugin_abi::{MAJOR, MINOR, PROTOCOL};

use super::PluginSettings;
use super::services::{Secrets, Services, Source};
use crate::failpoint;
use crate::language::Language;
use crate::settings::Carried;

/// Longest line of a plugin's stderr that is kept, in bytes.
const LINE_BYTES_MAX: usize = 2048;
/// Most lines of one child's stderr that are kept.
const LINES_MAX: u32 = 10_000;
/// A blob's buffer grows in steps of at most this, in bytes: a lie about a length stays cheap.
const RESERVE_MAX: usize = 256 << 10;
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

    async fn greet_and_describe(&mut self) -> Result<(), Introduction> {
        let hello = Header::Hello { protocol: PROTOCOL.into(), major: MAJOR, minor: MINOR };
        self.write(hello, &[]).await?;
        match self.first_word().await? {
            Header::Hello { protocol, major, .. } if protocol == PROTOCOL && major == MAJOR => {}
            Header::Hello { protocol, major, .. } if protocol == PROTOCOL => {
                return Err(Introduction::Refused(format!(
                    "it speaks contract version {major}, this daemon {MAJOR}"
                )));
            }
            _ => return Err(misbehaved("its first word is no hello").into()),
        }
        let mut described = None;
        let status = self
            .ask(Request::Describe, &mut |item, _| {
                if let Item::Described(descriptor) = item {
                    described = Some(descriptor);
                }
            })
            .await?;
        match (status, described) {
            (Status::Done, Some(descriptor)) => {
                self.descriptor = descriptor;
                Ok(())
            }
            (status, _) => Err(refusal("describe itself", status)),
        }
    }

    async fn introduce(&mut self, settings: &PluginSettings) -> Result<(), Introduction> {
        self.greet_and_describe().await?;
        let resolved = settings.settings.resolve(&self.descriptor.settings_schema);
        let resolved = resolved.map_err(|problems| {
            let lines = problems.0.iter().map(|problem| problem.line(Language::English));
            Introduction::Refused(lines.collect::<Vec<_>>().join("; "))
        })?;
        self.secrets = Arc::new(resolved.secrets);
        let request = Request::Configure { settings: resolved.settings };
        match self.ask(request, &mut |_, _| {}).await? {
            Status::Done => Ok(()),
            status => Err(refusal("take its settings", status)),
        }
    }

    /// What it says first; a line for the log before that may say why it does not start.
    async fn first_word(&mut self) -> Result<Header, Lost> {
        loop {
            match self.hear(0, NO_WISH).await?.header {
                Header::Log { level, text } => self.log(level, &text),
                header => return Ok(header),
            }
        }
    }

    async fn ask(
        &mut self,
        request: Request,
        on_item: &mut impl FnMut(Item, Vec<Vec<u8>>),
    ) -> Result<Status, Lost> {
        let id = self.next_call();
        let call = Call { id, deadline_ms: 10_000, now_unix_ms: 0, request };
        let mut services = self.services(Source::None);
        self.exchange(call, &[], &mut services, std::future::pending(), on_item).await
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
            Ok(Some(status)) => Some(self.say_how(&status.to_string())),
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
                    kill_group(self.group);
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
            kill_group(self.group);
            return how;
        }
        kill_group(self.group);
        let _ = self.process.start_kill();
        match self.process.wait().await {
            Ok(status) => self.say_how(&status.to_string()),
            Err(e) => self.say_how(&e.to_string()),
        }
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

async fn write_frame(
    stdin: &mut ChildStdin,
    header: Header,
    blobs: &[Vec<u8>],
) -> Result<(), Lost> {
    let lengths: Vec<usize> = blobs.iter().map(Vec::len).collect();
    let mut head =
        frame::encode_head(&header, &lengths).map_err(|e| Lost::TooLarge(e.to_string()))?;
    let total: usize = lengths.iter().sum();
    if total <= RESERVE_MAX {
        blobs.iter().for_each(|blob| head.extend_from_slice(blob));
        return stdin.write_all(&head).await.map_err(|_| Lost::Ended);
    }
    stdin.write_all(&head).await.map_err(|_| Lost::Ended)?;
    for blob in blobs {
        stdin.write_all(blob).await.map_err(|_| Lost::Ended)?;
    }
    Ok(())
}

async fn read_frame(stdout: &mut BufReader<ChildStdout>) -> Result<Frame, Lost> {
    let mut length = [0; 4];
    stdout.read_exact(&mut length).await.map_err(|_| Lost::Ended)?;
    let length = frame::decode_header_length(length).map_err(misbehaved)?;
    let json = read_bytes(stdout, length).await?;
    let Head { header, blob_lengths } = frame::decode_head(&json).map_err(misbehaved)?;
    let mut blobs = Vec::with_capacity(blob_lengths.len());
    for length in blob_lengths {
        blobs.push(read_bytes(stdout, length).await?);
    }
    Ok(Frame { header, blobs })
}

async fn read_bytes(stdout: &mut BufReader<ChildStdout>, length: usize) -> Result<Vec<u8>, Lost> {
    let mut bytes = Vec::with_capacity(length.min(RESERVE_MAX));
    let mut rest = stdout.take(length as u64);
    rest.read_to_end(&mut bytes).await.map_err(|_| Lost::Ended)?;
    if bytes.len() < length { Err(Lost::Ended) } else { Ok(bytes) }
}

impl Drop for Child {
    fn drop(&mut self) {
        // `id` is none once it was waited for: its number may be somebody else's by then.
        if self.process.id().is_some() {
            kill_group(self.group);
        }
    }
}

enum Introduction {
    Refused(String),
    Lost(Lost),
}

impl From<Lost> for Introduction {
    fn from(lost: Lost) -> Self {
        Self::Lost(lost)
    }
}

fn refusal(what: &str, status: Status) -> Introduction {
    match status {
        Status::Panicked { detail } => misbehaved(format!("panic at {detail}")).into(),
        Status::Failed { detail } => Introduction::Refused(detail),
        Status::Done | Status::Unsupported => {
            Introduction::Refused(format!("the plugin did not {what}"))
        }
    }
}

fn misbehaved(what: impl ToString) -> Lost {
    Lost::Misbehaved(what.to_string())
}

fn shorten(text: &str) -> String {
    let end = text.floor_char_boundary(LINE_BYTES_MAX);
    text[..end].replace(char::is_control, " ")
}

/// Passes a plugin's stderr on to the log, line by line, within limits; reads to the end in any
/// case, so that the plugin never waits for it.
async fn pass_on_lines(stderr: ChildStderr, plugin: String) {
    let mut reader = BufReader::new(stderr);
    let mut lines = 0u32;
    let mut line = Vec::new();
    loop {
        line.clear();
        let limited = (&mut reader).take(LINE_BYTES_MAX as u64).read_until(b'\n', &mut line).await;
        if !limited.is_ok_and(|n| n > 0) {
            return;
        }
        lines = lines.saturating_add(1);
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end();
        match lines {
            1..=LINES_MAX if !text.is_empty() => {
                tracing::info!(plugin, "stderr: {}", shorten(text));
            }
            n if n == LINES_MAX + 1 => {
                tracing::warn!(plugin, "stderr: further lines are dropped");
            }
            _ => {}
        }
    }
}
