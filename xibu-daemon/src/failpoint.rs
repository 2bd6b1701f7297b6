//! Named points at which the kill test ends this process, compiled in only with the feature
//! `failpoints`.
//!
//! With the feature, `XIBU_TEST_CLOCK=2026-06-15T09:00:00` also is the time for every command, and
//! `run` is a single round at it, so that months of ticks are lived through in minutes.
//!
//! Not error injection: a point does nothing, or the process is gone as if the power had failed.
//! Without the feature [`reach`] is an empty function.

/// Every point, in the order of the line. The kill test shows that each is hit.
pub const ALL: &[&str] = &[
    "record_before_commit",
    "record_after_commit",
    "tick_before_commit",
    "tick_after_commit",
    "claim_before_commit",
    "claim_after_commit",
    "intend_before_commit",
    "intend_after_commit",
    "deliver_before_call",
    "carrier_call_written",
    "carrier_emit_received",
    "deliver_outcome",
    "carrier_reply_received",
    "deliver_after_call",
    "settle_before_commit",
    "settle_after_commit",
    "state_before_commit",
    "state_after_commit",
    "poll_before_call",
    "poll_after_call",
    "take_in_before_commit",
    "take_in_after_commit",
    "files_before_read",
    "files_after_read",
    "files_before_decision",
    "inbox_before_intake",
    "inbox_after_intake",
];

/// The process stands at `name`. With the feature, and `XIBU_KILL=name:n`, the n-th time is its
/// end; each time is written to the file `XIBU_FAILPOINT_LOG` names.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub fn reach(name: &'static str) {
    debug_assert!(ALL.contains(&name), "failpoint {name} is not listed");
}

/// The process stands at `name`. With the feature, and `XIBU_KILL=name:n`, the n-th time is its
/// end; each time is written to the file `XIBU_FAILPOINT_LOG` names.
#[cfg(feature = "failpoints")]
pub fn reach(name: &'static str) {
    debug_assert!(ALL.contains(&name), "failpoint {name} is not listed");
    armed::reach(name);
}

/// The computer's clock, or one that stands at [`test_clock`].
pub fn clock(zone: chrono_tz::Tz) -> crate::clock::Clock {
    use crate::clock::Clock;
    test_clock().map_or_else(|| Clock::real(zone), |at| Clock::virtual_at(at, zone))
}

/// The civil time at which `run` is to do one round and end; without the feature, or unset, none.
pub fn test_clock() -> Option<chrono::NaiveDateTime> {
    if !cfg!(feature = "failpoints") {
        return None;
    }
    std::env::var("XIBU_TEST_CLOCK").ok()?.parse().ok()
}

#[cfg(feature = "failpoints")]
mod armed {
    use std::fs::{File, OpenOptions};
    use std::io::Write;
    use std::sync::{Mutex, OnceLock};

    struct Plan {
        kill: Option<(String, u64)>,
        log: Option<File>,
        hits: u64,
    }

    fn plan() -> &'static Mutex<Plan> {
        static PLAN: OnceLock<Mutex<Plan>> = OnceLock::new();
        PLAN.get_or_init(|| {
            let kill = std::env::var("XIBU_KILL").ok().and_then(|text| {
                let (name, nth) = text.rsplit_once(':')?;
                Some((name.to_owned(), nth.parse().ok()?))
            });
            let log = std::env::var_os("XIBU_FAILPOINT_LOG")
                .and_then(|path| OpenOptions::new().create(true).append(true).open(path).ok());
            Mutex::new(Plan { kill, log, hits: 0 })
        })
    }

    pub(super) fn reach(name: &'static str) {
        let Ok(mut plan) = plan().lock() else { return };
        if let Some(log) = &mut plan.log {
            // The line is in the kernel before the kill; a failure to log shows as a point never
            // hit.
            let _ = log.write_all(format!("{name}\n").as_bytes());
        }
        let Some((killed, nth)) = plan.kill.clone() else { return };
        // `any` counts every point, so that a kill test can spread its kills over the whole line.
        if killed != name && killed != "any" {
            return;
        }
        plan.hits += 1;
        if plan.hits == nth {
            let own = rustix::process::getpid();
            let _ = rustix::process::kill_process(own, rustix::process::Signal::KILL);
        }
    }
}
