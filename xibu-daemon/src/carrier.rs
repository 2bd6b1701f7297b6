//! Carries calls to a plugin, which always lives in a child process: one child per plugin, started
//! when it is needed, killed at its deadline, brought back with pauses, put into quarantine when
//! it keeps dying.
//!
//! What it is not: it knows no envelope and no sheet, and decides nothing about what a lost call
//! means for them. [`CallLost::may_have_acted`] says what can be said: whether the plugin ever saw
//! the call.

pub mod approval;
mod child;
mod host;
pub mod launch;
mod loader;
mod lost;
mod services;
mod standing;
pub mod worker;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use tokio::time::Instant;
use tracing::{error, warn};
use xibu_plugin_abi::message::{Call, Descriptor, Item, Request, Status};

use self::child::{Child, Lost, Start};
pub use self::host::{Host, MEMORY_MAX_BYTES, PluginSettings};
pub use self::lost::CallLost;
use self::services::Source;
pub use self::services::{Boxed, State as PluginState, StateKeeper};
pub use self::standing::Restart;
use self::standing::{Standing, Wait};

const TOO_LONG: &str = "it took too long to start";

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

/// One plugin and its child. Cheap to clone; calls take turns, and a poll that waits for news ends
/// early for whoever comes after it.
#[derive(Clone, Debug)]
pub struct Carrier {
    inner: Arc<Inner>,
    keeper: Option<Arc<dyn StateKeeper>>,
}

/// How a call ended whose state its caller keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// How it ended.
    pub status: Status,
    /// What the plugin put into its state; nothing unless it is done. No bytes remove a name.
    pub puts: PluginState,
}

#[derive(Debug)]
struct Inner {
    settings: PluginSettings,
    host: Host,
    slot: Mutex<Slot>,
    /// The running call is no longer waited for.
    cancel: Notify,
    /// Calls that wait for their turn, and the word that one more does.
    waiting: AtomicUsize,
    wanted: Notify,
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
        let inner = Inner {
            settings,
            host,
            slot: Mutex::default(),
            cancel: Notify::new(),
            waiting: AtomicUsize::new(0),
            wanted: Notify::new(),
        };
        Self { inner: Arc::new(inner), keeper: None }
    }

    /// The same carrier, whose plugin has a durable state in each [`Carrier::call`].
    #[must_use]
    pub fn keeping_state(mut self, keeper: Arc<dyn StateKeeper>) -> Self {
        self.keeper = Some(keeper);
        self
    }

    /// Who a plugin says it is; starts it for nothing else, and gives it no settings.
    ///
    /// # Errors
    /// It may not be run, or did not come up.
    pub async fn describe(settings: &PluginSettings, host: &Host) -> Result<Descriptor, CallLost> {
        let carried = host.carried(settings);
        let admitted = host.admit(&carried).await?;
        let (admitted, carried) = (&*admitted, &carried);
        let start = Start { host: &host.program, carried, admitted, settings };
        match tokio::time::timeout(host.start_max, Child::describe(start)).await {
            Ok(described) => described.map_err(|not| CallLost::NotStarted { detail: not.detail }),
            Err(_) => Err(CallLost::NotStarted { detail: TOO_LONG.to_owned() }),
        }
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
    /// The plugin is told a little less than `deadline`, so that it can still say what it knows;
    /// when that has passed, it is told that nobody waits. What it puts into its state is committed
    /// when it is done, by the carrier's [`StateKeeper`], if there is one.
    ///
    /// # Errors
    /// [`CallLost`]; items that came before it stand.
    pub async fn call(
        &self,
        request: Request,
        blobs: Vec<Vec<u8>>,
        now_unix_ms: i64,
        deadline: Duration,
        on_item: impl FnMut(Item, Vec<Vec<u8>>),
    ) -> Result<Status, CallLost> {
        let plugin = self.id();
        let source = self
            .keeper
            .clone()
            .map_or(Source::None, |keeper| Source::Keeper { keeper, plugin: plugin.to_owned() });
        let made = Made { request, blobs, now_unix_ms, deadline };
        let Answered { status, puts } = self.inner.call(made, source, on_item).await?;
        if let (Some(keeper), false) = (&self.keeper, puts.is_empty())
            && let Err(detail) = keeper.keep(plugin, &puts).await
        {
            error!(plugin, "what it put into its state is not kept: {detail}");
        }
        Ok(status)
    }

    /// As [`Carrier::call`], with the plugin's state as the caller knows it: what the plugin puts
    /// comes back, to be committed with what else the call brought, or not at all.
    ///
    /// # Errors
    /// As [`Carrier::call`].
    pub async fn call_with_state(
        &self,
        request: Request,
        blobs: Vec<Vec<u8>>,
        now_unix_ms: i64,
        deadline: Duration,
        state: PluginState,
        on_item: impl FnMut(Item, Vec<Vec<u8>>),
    ) -> Result<Answered, CallLost> {
        let made = Made { request, blobs, now_unix_ms, deadline };
        self.inner.call(made, Source::Loaded(state), on_item).await
    }

    /// Tells the plugin that the answer to the call that runs now is no longer waited for; it may
    /// still give one until the call's deadline.
    pub fn cancel(&self) {
        self.inner.cancel.notify_waiters();
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

/// A call that waits for its turn, until it is dropped.
struct Waits<'a>(&'a Inner);

impl<'a> Waits<'a> {
    fn begin(inner: &'a Inner) -> Self {
        inner.waiting.fetch_add(1, Ordering::SeqCst);
        inner.wanted.notify_waiters();
        Self(inner)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A call as it is made.
struct Made {
    request: Request,
    blobs: Vec<Vec<u8>>,
    now_unix_ms: i64,
    deadline: Duration,
}

impl Inner {
    async fn call(
        &self,
        made: Made,
        source: Source,
        mut on_item: impl FnMut(Item, Vec<Vec<u8>>),
    ) -> Result<Answered, CallLost> {
        let Made { request, blobs, now_unix_ms, deadline } = made;
        let is_poll = matches!(request, Request::Poll { .. });
        let mut slot = {
            let _waits = (!is_poll).then(|| Waits::begin(self));
            self.slot.lock().await
        };
        // Taken out: where this future is dropped, the child goes with it and the next call starts
        // anew.
        let mut child = self.ready(&mut slot).await?;
        let margin = (deadline / 10).min(Duration::from_secs(2));
        let told = deadline.saturating_sub(margin);
        let deadline_ms = u64::try_from(told.as_millis()).unwrap_or(u64::MAX);
        let call = Call { id: child.next_call(), deadline_ms, now_unix_ms, request };
        let mut services = child.services(source);
        let cancelled = self.cancel.notified();
        let wish = async move {
            let given_up = async {
                tokio::select! {
                    () = cancelled => {}
                    // A look may wait for news; whoever has something to do comes first.
                    () = self.is_wanted(), if is_poll => {}
                }
            };
            let _ = tokio::time::timeout(told, given_up).await;
        };
        let exchanged = child.exchange(call, &blobs, &mut services, wish, &mut on_item);
        let answer = match tokio::time::timeout(deadline, exchanged).await {
            Ok(answer) => answer,
            Err(_) => Err(Lost::Deadline),
        };
        let status = self.settle(&mut slot, child, answer).await?;
        let puts = match status {
            Status::Done => services.into_puts(),
            _ => PluginState::new(),
        };
        Ok(Answered { status, puts })
    }

    /// Ends when another call waits for its turn.
    async fn is_wanted(&self) {
        loop {
            let wanted = self.wanted.notified();
            if self.waiting.load(Ordering::SeqCst) > 0 {
                return;
            }
            wanted.await;
        }
    }

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
        let carried = self.host.carried(&self.settings);
        let admitted = self.host.admit(&carried).await?;
        let starting = Child::start(Start {
            host: &self.host.program,
            carried: &carried,
            admitted: &admitted,
            settings: &self.settings,
        });
        let started = match tokio::time::timeout(self.host.start_max, starting).await {
            Ok(started) => started,
            Err(_) => Err(child::NotStarted::died(TOO_LONG)),
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
