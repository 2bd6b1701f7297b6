//! Carries calls to a plugin, which always lives in a child process: one child per plugin, started
//! when it is needed, killed at its deadline, brought back with pauses, put into quarantine when
//! it keeps dying.
//!
//! What it is not: it knows no envelope and no sheet, and decides nothing about what a lost call
//! means for them. [`CallLost::may_have_acted`] says what can be said: whether the plugin ever saw
//! the call.

pub mod approval;
mod child;
mod loader;
mod standing;
pub mod worker;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::{error, warn};
use xibu_plugin_abi::message::{Call, Descriptor, Header, Item, Request, Status};

use self::approval::Refused;
use self::child::{Child, Lost};
pub use self::standing::Restart;
use self::standing::{Standing, Wait};

/// Memory a plugin may take beyond its own code, where the settings say nothing, in bytes.
pub const MEMORY_MAX_BYTES: u64 = 256 << 20;

/// Which plugin, and what it is told.
#[derive(Clone)]
pub struct PluginSettings {
    /// What the office calls it; names it in the log and, without a path, its library.
    pub id: String,
    /// Its library; none means `lib<id>.so` (with `_` for `-`) in [`Host::libraries`].
    pub library: Option<PathBuf>,
    /// Its own table from the configuration, secrets included. Never printed.
    pub settings: serde_json::Value,
    /// Memory it may take beyond its own code, in bytes.
    pub memory_max_bytes: u64,
}

impl fmt::Debug for PluginSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginSettings")
            .field("id", &self.id)
            .field("library", &self.library)
            .field("memory_max_bytes", &self.memory_max_bytes)
            .finish_non_exhaustive()
    }
}

/// Where plugins live and which of them may be loaded.
#[derive(Clone, Debug)]
pub struct Host {
    /// The daemon's own program; its hidden subcommand `worker` loads the library.
    pub program: PathBuf,
    /// Where libraries without a path of their own lie.
    pub libraries: PathBuf,
    /// Folder for private copies, mode 0700; made if it is not there.
    pub private: PathBuf,
    /// SHA-256 of every library a person approved, lower-case hex.
    pub approved: Vec<String>,
    /// How a plugin is brought back.
    pub restart: Restart,
    /// How long a worker may take to load its library, describe itself and take its settings.
    pub start_max: Duration,
}

impl Host {
    /// The running program as its own worker, ten seconds to start, the usual pauses.
    #[must_use]
    pub fn new(libraries: PathBuf, private: PathBuf, approved: Vec<String>) -> Self {
        Self {
            // This very file, even when an update has put another one in its place.
            program: PathBuf::from("/proc/self/exe"),
            libraries,
            private,
            approved,
            restart: Restart::default(),
            start_max: Duration::from_secs(10),
        }
    }

    /// Path of a plugin's library.
    #[must_use]
    pub fn library(&self, settings: &PluginSettings) -> PathBuf {
        settings.library.clone().unwrap_or_else(|| {
            self.libraries.join(format!("lib{}.so", settings.id.replace('-', "_")))
        })
    }
}

/// Why a call has no status.
#[derive(Debug)]
pub enum CallLost {
    /// The library may not be loaded. The plugin never saw the call.
    NotApproved(Refused),
    /// It did not come up: not loadable, or its settings are unusable. It never saw the call.
    NotStarted {
        /// Why, without personal data.
        detail: String,
    },
    /// It fell over and is not started again before this time has passed. It never saw the call.
    BackingOff {
        /// How long.
        wait: Duration,
    },
    /// It fell over too often. It never saw the call.
    Quarantined {
        /// How long it is left alone.
        wait: Duration,
    },
    /// The request is larger than a frame may be. The plugin never saw it.
    TooLarge {
        /// What is too large.
        detail: String,
    },
    /// It did not answer in time and was killed.
    Deadline,
    /// It died: crash, abort, memory limit, or killed from outside.
    Died {
        /// Exit code or signal.
        detail: String,
    },
    /// What it said is no frame of the contract; it was killed.
    Misbehaved {
        /// What was wrong.
        detail: String,
    },
}

impl CallLost {
    /// Whether the plugin may have acted on the call. If so, whatever has no item yet is unknown;
    /// if not, nothing went out and the call can be made again later.
    #[must_use]
    pub fn may_have_acted(&self) -> bool {
        match self {
            Self::NotApproved(_)
            | Self::NotStarted { .. }
            | Self::BackingOff { .. }
            | Self::Quarantined { .. }
            | Self::TooLarge { .. } => false,
            Self::Deadline | Self::Died { .. } | Self::Misbehaved { .. } => true,
        }
    }
}

impl fmt::Display for CallLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotApproved(refused) => write!(f, "{refused}"),
            Self::NotStarted { detail } => write!(f, "the plugin did not start: {detail}"),
            Self::BackingOff { wait } => {
                write!(f, "the plugin fell over; next start in {:.1} s", wait.as_secs_f64())
            }
            Self::Quarantined { wait } => {
                let minutes = wait.as_secs().div_ceil(60);
                write!(f, "the plugin fell over too often; left alone for {minutes} min")
            }
            Self::TooLarge { detail } => write!(f, "the request does not fit a frame: {detail}"),
            Self::Deadline => write!(f, "the plugin did not answer in time and was killed"),
            Self::Died { detail } => write!(f, "the plugin died: {detail}"),
            Self::Misbehaved { detail } => {
                write!(f, "the plugin broke the contract and was killed: {detail}")
            }
        }
    }
}

impl std::error::Error for CallLost {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotApproved(refused) => Some(refused),
            _ => None,
        }
    }
}

/// How a plugin is at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Its child runs.
    Running {
        /// The child's process number.
        process: u32,
    },
    /// No child; the next call starts one.
    Resting,
    /// No child before this time has passed.
    BackingOff {
        /// How long.
        wait: Duration,
    },
    /// It fell over too often.
    Quarantined {
        /// How long it is left alone.
        wait: Duration,
    },
}

/// One plugin and its child. Cheap to clone; calls take turns.
#[derive(Clone, Debug)]
pub struct Carrier {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    settings: PluginSettings,
    host: Host,
    slot: Mutex<Slot>,
}

#[derive(Debug, Default)]
struct Slot {
    child: Option<Child>,
    standing: Standing,
    descriptor: Option<Descriptor>,
}

impl Carrier {
    /// A carrier whose child is not started before the first call.
    #[must_use]
    pub fn new(settings: PluginSettings, host: Host) -> Self {
        Self { inner: Arc::new(Inner { settings, host, slot: Mutex::default() }) }
    }

    /// A carrier whose child runs, has described itself and has taken its settings.
    ///
    /// # Errors
    /// It did not come up. A daemon goes on without it: [`Carrier::new`] tries again at each call.
    pub async fn start(settings: PluginSettings, host: Host) -> Result<Self, CallLost> {
        let carrier = Self::new(settings, host);
        carrier.descriptor().await?;
        Ok(carrier)
    }

    /// What the office calls it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.inner.settings.id
    }

    /// Who the plugin says it is; starts the child if it never ran.
    ///
    /// # Errors
    /// It did not come up.
    pub async fn descriptor(&self) -> Result<Descriptor, CallLost> {
        let mut slot = self.inner.slot.lock().await;
        if let Some(descriptor) = &slot.descriptor {
            return Ok(descriptor.clone());
        }
        let child = self.inner.ready(&mut slot).await?;
        let descriptor = child.descriptor().clone();
        slot.child = Some(child);
        Ok(descriptor)
    }

    /// Makes one call. `now_unix_ms` is the daemon's time, real or virtual. Each item is handed to
    /// `on_item` as it comes. `deadline` is real time, counted from the call's turn; when it has
    /// passed, or when this future is dropped, the child is killed.
    ///
    /// The plugin is told a little less than `deadline`, so that it can still say what it knows.
    ///
    /// # Errors
    /// [`CallLost`]; items that came before it stand.
    pub async fn call(
        &self,
        request: Request,
        blobs: Vec<Vec<u8>>,
        now_unix_ms: i64,
        deadline: Duration,
        mut on_item: impl FnMut(Item, Vec<Vec<u8>>),
    ) -> Result<Status, CallLost> {
        let mut slot = self.inner.slot.lock().await;
        // Taken out: where this future is dropped, the child goes with it and the next call starts
        // anew.
        let mut child = self.inner.ready(&mut slot).await?;
        let margin = (deadline / 10).min(Duration::from_secs(2));
        let told = deadline.saturating_sub(margin).as_millis();
        let call = Call {
            id: child.next_call(),
            deadline_ms: u64::try_from(told).unwrap_or(u64::MAX),
            now_unix_ms,
            request,
        };
        let exchanged = child.exchange(Header::Call(call), &blobs, &mut on_item);
        let answer = match tokio::time::timeout(deadline, exchanged).await {
            Ok(answer) => answer,
            Err(_) => Err(Lost::Deadline),
        };
        self.inner.settle(&mut slot, child, answer).await
    }

    /// How it is at the moment; waits for a running call.
    pub async fn state(&self) -> State {
        let mut slot = self.inner.slot.lock().await;
        if let Some(process) = slot.child.as_mut().and_then(Child::process) {
            return State::Running { process };
        }
        match slot.standing.may_start(Instant::now()) {
            Ok(()) => State::Resting,
            Err(Wait::BackOff(wait)) => State::BackingOff { wait },
            Err(Wait::Quarantine(wait)) => State::Quarantined { wait },
        }
    }

    /// How long it is still left alone because it fell over too often; none where it is not, or
    /// where a call runs.
    #[must_use]
    pub fn quarantine(&self) -> Option<Duration> {
        let slot = self.inner.slot.try_lock().ok()?;
        match slot.standing.may_start(Instant::now()) {
            Err(Wait::Quarantine(wait)) => Some(wait),
            _ => None,
        }
    }

    /// Ends a pause or quarantine: a person has looked at it.
    pub async fn forgive(&self) {
        self.inner.slot.lock().await.standing.forgive();
    }

    /// Lets the child go in good order, or kills it after two seconds. The next call would start a
    /// new one.
    pub async fn stop(&self) {
        let child = self.inner.slot.lock().await.child.take();
        if let Some(child) = child {
            child.say_goodbye(Duration::from_secs(2)).await;
        }
    }
}

impl Inner {
    /// The running child, or a new one.
    async fn ready(&self, slot: &mut Slot) -> Result<Child, CallLost> {
        if let Some(mut child) = slot.child.take() {
            match child.has_ended() {
                None => return Ok(child),
                Some(detail) => self.bury(slot, &detail),
            }
        }
        slot.standing.may_start(Instant::now()).map_err(|wait| match wait {
            Wait::BackOff(wait) => CallLost::BackingOff { wait },
            Wait::Quarantine(wait) => CallLost::Quarantined { wait },
        })?;
        let library = self.host.library(&self.settings);
        let (approved, private) = (self.host.approved.clone(), self.host.private.clone());
        let admitted =
            tokio::task::spawn_blocking(move || approval::admit(&library, &approved, &private))
                .await
                .map_err(|e| CallLost::NotStarted { detail: e.to_string() })?;
        let library = admitted.map_err(CallLost::NotApproved)?;
        let starting = Child::start(&self.host.program, &library, &self.settings);
        let started = match tokio::time::timeout(self.host.start_max, starting).await {
            Ok(started) => started,
            Err(_) => Err(child::NotStarted::died("it took too long to start")),
        };
        match started {
            Ok(child) => {
                slot.descriptor = Some(child.descriptor().clone());
                Ok(child)
            }
            Err(child::NotStarted { detail, died }) => {
                if died {
                    self.bury(slot, &detail);
                } else {
                    warn!(plugin = self.settings.id, "not started: {detail}");
                    slot.standing.failed(Instant::now(), &self.host.restart, random());
                }
                Err(CallLost::NotStarted { detail })
            }
        }
    }

    /// Puts the child back after a call, or buries it.
    async fn settle(
        &self,
        slot: &mut Slot,
        child: Child,
        answer: Result<Status, Lost>,
    ) -> Result<Status, CallLost> {
        match answer {
            Ok(Status::Panicked { detail }) => {
                child.kill().await;
                self.bury(slot, &format!("panic at {detail}"));
                Ok(Status::Panicked { detail })
            }
            Ok(status) => {
                slot.standing.worked();
                slot.child = Some(child);
                Ok(status)
            }
            Err(Lost::TooLarge(detail)) => {
                slot.child = Some(child);
                Err(CallLost::TooLarge { detail })
            }
            Err(Lost::Deadline) => {
                child.kill().await;
                self.bury(slot, "no answer by the deadline");
                Err(CallLost::Deadline)
            }
            Err(Lost::Misbehaved(detail)) => {
                child.kill().await;
                self.bury(slot, &detail);
                Err(CallLost::Misbehaved { detail })
            }
            Err(Lost::Ended) => {
                let detail = child.kill().await;
                self.bury(slot, &detail);
                Err(CallLost::Died { detail })
            }
        }
    }

    fn bury(&self, slot: &mut Slot, detail: &str) {
        let plugin = self.settings.id.as_str();
        warn!(plugin, "worker ended: {detail}");
        if slot.standing.died(Instant::now(), &self.host.restart, random()) {
            let minutes = self.host.restart.quarantine.as_secs() / 60;
            error!(plugin, "it keeps falling over and is left alone for {minutes} min");
        }
    }
}

/// Spreads pauses; without a source of randomness they are merely all alike.
fn random() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX / 2)
}
