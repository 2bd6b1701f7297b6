//! What wakes the service, and how it tells the service manager that it lives.
//!
//! The scheduler's facts are worked around here and nowhere else: its channel is made large because
//! a full one loses jobs, it has a handful of entries, its cron lines need the seconds, and that it
//! fires up to a second early does not matter, because a wake-up means only *look*.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono_tz::Tz;
use sd_notify::NotifyState;
use tokio::sync::Notify;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};
use tracing::debug;

use crate::clock::Stopwatch;

/// Set times of day, in the office's zone: the day's plan, the morning's post, twice more in the
/// day.
const SET_TIMES: [&str; 4] = ["2 0 0 * * *", "2 30 8 * * *", "2 0 13 * * *", "2 0 17 * * *"];
/// Far more than there are entries.
const CHANNEL_SIZE: usize = 1_000;
/// Without headway for this long, the service manager is not told any more that all is well.
const STUCK_AFTER: Duration = Duration::from_secs(540);

/// Wakes `woken` at set times.
///
/// # Errors
/// The scheduler does not start.
pub(super) async fn at_set_times(
    zone: Tz,
    woken: &Arc<Notify>,
) -> Result<JobScheduler, JobSchedulerError> {
    let scheduler = JobScheduler::new_with_channel_size(CHANNEL_SIZE).await?;
    for time in SET_TIMES {
        let woken = woken.clone();
        let job = Job::new_async_tz(time, zone, move |_, _| {
            let woken = woken.clone();
            Box::pin(async move { woken.notify_one() })
        })?;
        scheduler.add(job).await?;
    }
    scheduler.start().await?;
    Ok(scheduler)
}

/// Milliseconds of [`life`] at the last headway.
static HEADWAY: AtomicU64 = AtomicU64::new(0);

fn life() -> &'static Stopwatch {
    static LIFE: OnceLock<Stopwatch> = OnceLock::new();
    LIFE.get_or_init(Stopwatch::start)
}

fn lived_ms() -> u64 {
    u64::try_from(life().elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The service made headway.
pub(super) fn progress() {
    HEADWAY.store(lived_ms(), Ordering::Relaxed);
}

/// Tells the service manager at half the watchdog's interval that all is well, as long as there is
/// headway.
pub(super) async fn watchdog() {
    let Some(interval) = sd_notify::watchdog_enabled() else { return };
    loop {
        tokio::time::sleep(interval / 2).await;
        let still = lived_ms().saturating_sub(HEADWAY.load(Ordering::Relaxed));
        if Duration::from_millis(still) < STUCK_AFTER {
            tell(&[NotifyState::Watchdog]);
        }
    }
}

/// The start is over.
pub(super) fn ready() {
    progress();
    tell(&[NotifyState::Ready]);
}

/// The end has begun.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

fn tell(words: &[NotifyState<'_>]) {
    // Without a service manager there is nobody to tell.
    if let Err(error) = sd_notify::notify(words) {
        debug!(%error, "the service manager was not told");
    }
}
