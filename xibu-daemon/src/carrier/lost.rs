//! Why a call to a plugin has no status, and what that says about what the plugin may have done.
//!
//! What it is not: it decides nothing about trying again.

use std::fmt;
use std::time::Duration;

use super::approval::Refused;

/// Why a call has no status.
#[derive(Debug)]
pub enum CallLost {
    /// Its file may not be run. The plugin never saw the call.
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
