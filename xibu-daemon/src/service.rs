//! The service: wakes, looks at the inbox, ticks, delivers, and stops in good order.
//!
//! What it is not: it holds no due time. `tokio-cron-scheduler` only wakes it, beside a tick of at
//! most thirty seconds on the wall clock, because timers stand still while a computer sleeps. Every
//! round does whatever the clock and the store say is due; a round that fails is told and the next
//! goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;
use tracing::{error, info, warn};
use xibu_core::office::OfficeId;
use xibu_core::parameter::Rulebook;

use crate::carrier::Carrier;
use crate::clock::Clock;
use crate::delivery::desk::PluginDesk;
use crate::delivery::{DeliveryReport, Limits, Post, Route};
use crate::doors::carriers::Carriers;
use crate::failpoint;
use crate::inbox::Inbox;
use crate::listener::{self, Listening};
use crate::record::{Record, enable_rules};
use crate::settings::{Listen, Settings};
use crate::store::folder::DaemonLock;
use crate::store::{self, Hold, SqliteStore, Store, StoreError};
use crate::tick::{TickReport, tick};

mod outside;
mod plugins;
mod wake;
mod watch;

use outside::Outside;
use plugins::Plugins;

/// The longest sleep.
const SLEEP_MAX: Duration = Duration::from_secs(30);

/// How long plugins are waited for at the end.
const STOP_MAX: Duration = Duration::from_secs(10);

/// The service could not start, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The runtime, signals or folders.
    #[error("cannot {what}: {source}")]
    System {
        /// What was attempted.
        what: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// The settings name a plugin for a channel and do not describe it, or no workbook plugin.
    #[error("the configuration has no [plugin.{0}]")]
    NoSuchPlugin(String),
    /// The settings name a channel this version does not know.
    #[error("the configuration names the channel `{0}`; known are mail and phone")]
    NoSuchChannel(String),
    /// The scheduler.
    #[error("the scheduler does not start: {0}")]
    Scheduler(String),
}

/// One round's doings.
#[derive(Debug, Default)]
pub struct Round {
    /// Files taken in.
    pub files: u32,
    /// The tick.
    pub tick: TickReport,
    /// What was delivered.
    pub delivery: DeliveryReport,
}

/// A daemon on its data.
#[derive(Debug)]
pub struct Service {
    store: SqliteStore,
    record: Record,
    clock: Clock,
    rulebook: Rulebook,
    serves: Vec<OfficeId>,
    plugins: Plugins,
    /// What is approved, as the carriers know it.
    approved: Vec<String>,
    carriers: Carriers,
    routes: Vec<Route<Carrier>>,
    desk: PluginDesk,
    outside: Option<Outside>,
    listening: Option<Listening>,
    /// How people reach its pages from outside.
    public_url: Option<String>,
    inbox: Option<Inbox>,
    lock: DaemonLock,
    stopping: Arc<AtomicBool>,
}

/// Runs until SIGTERM or SIGINT, on one thread. `redirect_to` sends everything there, for trying
/// out.
///
/// # Errors
/// It could not start; what goes wrong later is told and tried again.
pub fn main(settings: &Settings, redirect_to: Option<&str>) -> Result<(), ServiceError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(system("make a runtime"))?;
    runtime.block_on(async {
        let clock = failpoint::clock(settings.zone());
        let mut service = Service::start(settings, clock, redirect_to).await?;
        let ended = match failpoint::test_clock() {
            None => service.serve().await,
            Some(_) => service.one_round().await.map_err(ServiceError::Store),
        };
        service.stop().await;
        ended
    })
}

fn system(what: &'static str) -> impl FnOnce(std::io::Error) -> ServiceError {
    move |source| ServiceError::System { what, source }
}

impl Service {
    /// Takes the data, resolves what a former life left in flight, and is ready.
    ///
    /// # Errors
    /// Another daemon has the data, or the store or settings cannot be used.
    pub async fn start(
        settings: &Settings,
        clock: Clock,
        redirect_to: Option<&str>,
    ) -> Result<Self, ServiceError> {
        let mut lock = DaemonLock::take(settings.data())?;
        let store = SqliteStore::open(settings.data()).await?;
        let now = clock.now();
        notice_restored_backup(&store, &mut lock, now).await?;
        let unknown = store.recover(now, true).await?;
        if !unknown.is_empty() {
            warn!(count = unknown.len(), "envelopes were on their way when the daemon last ended");
        }
        let state = store.state().await?;
        if state.redirect_to.as_deref() != redirect_to {
            store.set_redirect(redirect_to, now).await?;
        }
        let mut record = Record::load(&store).await?;
        enable_rules(&store, &mut record, now).await?;
        for (sequence, unfit) in record.unfit() {
            warn!(sequence, ?unfit, "a change does not fit what is known; somebody has to look");
        }
        let plugins = Plugins::of(settings)?;
        let approved = approved(&store).await?;
        let carried = plugins.carried(&approved, &store)?;
        let inbox =
            settings.inbox().map(|folder| watched(folder, &carried.workbook, settings.rulebook()));
        let carriers = Carriers::default();
        carriers.replace(carried.by_name);
        let outside = Outside::new(&store, &clock, settings, &plugins);
        let listening = match settings.listen() {
            Some(listen) => {
                let porter = outside.porter();
                let shared = listener::Shared::new(
                    carriers.clone(),
                    porter,
                    Arc::new(store.clone()),
                    clock.clone(),
                );
                let listening = Listening::begin(listen.address(), listener::router(shared)).await;
                Some(listening.map_err(system("listen on the address that is set"))?)
            }
            None => None,
        };
        Ok(Self {
            store,
            record,
            clock,
            rulebook: settings.rulebook().clone(),
            serves: settings.serves().to_vec(),
            plugins,
            approved,
            carriers,
            routes: carried.routes,
            desk: PluginDesk { workbook: carried.workbook },
            outside: Some(outside),
            listening,
            public_url: settings.listen().and_then(Listen::public_url).map(str::to_owned),
            inbox: inbox.transpose()?,
            lock,
            stopping: Arc::default(),
        })
    }

    /// A plugin may be approved while the daemon runs: carriers are made anew then.
    async fn heed_approvals(&mut self) -> store::Result<()> {
        let approved = approved(&self.store).await?;
        if approved != self.approved {
            info!(count = approved.len(), "approvals of plugins changed");
            // Beside the round: one of them may be waiting for something to come.
            for carrier in self.carriers.all() {
                tokio::spawn(async move { carrier.stop().await });
            }
            // The same plugins as at the start: it cannot fail, and where it did the old ones stay.
            if let Ok(carried) = self.plugins.carried(&approved, &self.store) {
                if let Some(inbox) = &mut self.inbox {
                    inbox.read_by(carried.workbook.clone());
                }
                self.carriers.replace(carried.by_name);
                self.routes = carried.routes;
                self.desk = PluginDesk { workbook: carried.workbook };
            }
            self.approved = approved;
        }
        Ok(())
    }

    async fn stop_plugins(&self) {
        for carrier in self.carriers.all() {
            carrier.stop().await;
        }
    }

    /// One round: inbox, tick, everything due.
    ///
    /// # Errors
    /// The store cannot be read or written; the next round goes on from there.
    pub async fn round(&mut self) -> store::Result<Round> {
        let mut round = Round::default();
        self.heed_approvals().await?;
        if let Some(inbox) = &mut self.inbox {
            round.files = inbox.look(&self.store, &mut self.record, self.clock.now()).await?;
        }
        let now = self.clock.now();
        let (rulebook, serves) = (&self.rulebook, &self.serves);
        round.tick = tick(&self.store, &mut self.record, rulebook, serves, now).await?;
        if round.tick.clock_behind_ms.is_none() {
            self.lock.remember(now.unix_ms)?;
        }
        tell(&round.tick);
        self.store.destroy_outlived(now).await?;
        self.store.recover(now, false).await?;
        while !self.stopping.load(Ordering::SeqCst) {
            let post = Post {
                store: &self.store,
                clock: &self.clock,
                routes: &self.routes,
                desk: &self.desk,
                rulebook: &self.rulebook,
                serves: &self.serves,
                public_url: self.public_url.as_deref(),
                limits: Limits::default(),
            };
            let batch = post.deliver_batch(&mut self.record).await?;
            wake::progress();
            let done = batch.claimed == 0;
            if !done {
                info!(became = ?batch.became, "a batch was delivered");
            }
            round.delivery.add(batch);
            if done {
                break;
            }
        }
        let (store, carriers, world) = (&self.store, &self.carriers, self.record.world());
        watch::look_after(store, carriers, world, &self.serves, now).await?;
        // After the delivery, which drops what has lost its use.
        tell_outage(&self.store, now).await?;
        Ok(round)
    }

    /// One look outside by every plugin that is polled, then one round.
    ///
    /// # Errors
    /// As [`Service::round`].
    pub async fn one_round(&mut self) -> store::Result<()> {
        if let Some(mut outside) = self.outside.take() {
            outside.look_once(&self.carriers).await;
            self.outside = Some(outside);
        }
        self.round().await.map(|_| ())
    }

    /// Rounds, and beside them what comes from outside, until a signal says stop.
    async fn serve(&mut self) -> Result<(), ServiceError> {
        let woken = Arc::new(Notify::new());
        let Some(mut outside) = self.outside.take() else { return Ok(()) };
        let carriers = self.carriers.clone();
        let ended = tokio::select! {
            ended = self.rounds(&woken) => ended,
            () = outside.serve(&carriers, &woken) => Ok(()),
        };
        self.outside = Some(outside);
        ended
    }

    /// Rounds until a signal says stop; a second signal ends at once.
    async fn rounds(&mut self, woken: &Arc<Notify>) -> Result<(), ServiceError> {
        let mut terminate = signal(SignalKind::terminate()).map_err(system("hear signals"))?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(system("hear signals"))?;
        let mut scheduler = wake::at_set_times(self.clock.zone(), woken)
            .await
            .map_err(|error| ServiceError::Scheduler(error.to_string()))?;
        let watchdog = tokio::spawn(wake::watchdog());
        wake::ready();
        info!("ready");
        let stopping = self.stopping.clone();
        while !stopping.load(Ordering::SeqCst) {
            let ended = {
                let round = self.round();
                tokio::pin!(round);
                loop {
                    tokio::select! {
                        ended = &mut round => break Some(ended),
                        () = told_to_stop(&mut terminate, &mut interrupt) => {
                            if stopping.swap(true, Ordering::SeqCst) {
                                warn!("told twice to stop: what is on its way becomes unknown");
                                break None;
                            }
                            wake::stopping();
                            info!("stopping; the batch on its way is finished first");
                        }
                    }
                }
            };
            match ended {
                None => break,
                Some(Err(error)) => error!(%error, "a round failed; the next goes on"),
                Some(Ok(_)) => {}
            }
            wake::progress();
            if stopping.load(Ordering::SeqCst) {
                break;
            }
            tokio::select! {
                () = woken.notified() => {}
                () = tokio::time::sleep(self.sleep().await) => {}
                () = told_to_stop(&mut terminate, &mut interrupt) => {
                    stopping.store(true, Ordering::SeqCst);
                    wake::stopping();
                }
            }
        }
        watchdog.abort();
        if let Err(error) = scheduler.shutdown().await {
            warn!(%error, "the scheduler did not stop in good order");
        }
        Ok(())
    }

    /// Until the next envelope is due, thirty seconds at most.
    async fn sleep(&self) -> Duration {
        let next = self.store.next_due().await.ok().flatten();
        let wait = next.map_or(i64::MAX, |next| next - self.clock.now().unix_ms);
        // What is due and did not go (held, paused) does not make it spin.
        let wait = u64::try_from(wait).ok().filter(|wait| *wait > 0);
        wait.map_or(SLEEP_MAX, |wait| Duration::from_millis(wait).min(SLEEP_MAX))
    }

    /// In reverse order of the start.
    async fn stop(mut self) {
        if let Some(listening) = self.listening.take() {
            listening.stop();
        }
        // A call that still runs is cut off with its process.
        let _ = tokio::time::timeout(STOP_MAX, self.stop_plugins()).await;
        self.store.close().await;
        drop(self.lock);
        info!("stopped");
    }
}

async fn told_to_stop(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// The lock file remembers the last tick outside the database: data older than that was put back,
/// and data that ticked where the folder saw none was copied.
async fn notice_restored_backup(
    store: &SqliteStore,
    lock: &mut DaemonLock,
    now: crate::clock::Now,
) -> Result<(), ServiceError> {
    let Some(last) = store.state().await?.last_unix_ms else { return Ok(()) };
    let seen = lock.last_seen();
    if seen.is_none_or(|seen| seen > last) {
        warn!("this data is a copy or a backup that was put back: everything is held");
        store.hold(Hold::RestoredBackup, now).await?;
        // Said once: from here on the folder knows this data.
        lock.remember(last)?;
    }
    Ok(())
}

async fn approved(store: &SqliteStore) -> store::Result<Vec<String>> {
    Ok(store.approvals().await?.into_iter().map(|approval| approval.sha256).collect())
}

/// The inbox folder, made if it is not there.
fn watched(
    folder: &std::path::Path,
    workbook: &Carrier,
    rulebook: &Rulebook,
) -> Result<Inbox, ServiceError> {
    std::fs::create_dir_all(folder).map_err(system("make the inbox"))?;
    Ok(Inbox::new(folder.to_owned(), workbook.clone(), rulebook.clone()))
}

/// After a stretch in which nothing was looked at: what was dropped because of it, and why.
async fn tell_outage(store: &SqliteStore, now: crate::clock::Now) -> store::Result<()> {
    let newest = store.outages(1).await?.into_iter().next();
    let Some(outage) = newest.filter(|outage| outage.until == now.civil) else { return Ok(()) };
    warn!(
        since = %outage.since,
        notices = outage.notices,
        folded = outage.folded,
        dropped = outage.dropped(),
        passed_over = ?outage.passed_over,
        "nothing was looked at for a while; `status` says what was left out and why"
    );
    Ok(())
}

fn tell(report: &TickReport) {
    if let Some(behind) = report.clock_behind_ms {
        warn!(behind_ms = behind, "the clock lies behind the last tick: nothing is sent");
    }
    if let Some(hold) = report.held_now {
        warn!(hold = hold.name(), "everything is held: look at `status`, then run `release`");
    }
    let written = &report.written;
    if written.notices > 0 {
        info!(notices = written.notices, envelopes = written.envelopes, "planned");
    }
}

#[cfg(test)]
mod tests;
