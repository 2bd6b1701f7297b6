//! When to try again: as long again as it has already been trying, between bounds, with jitter.
//!
//! Jitter comes from the envelope's key and the try, not from chance: the same run gives the same
//! times, and a thousand envelopes deferred together do not come back together.

use sha2::{Digest, Sha256};

/// Shortest wait, milliseconds.
pub const WAIT_MIN_MS: i64 = 30_000;
/// Longest wait, milliseconds.
pub const WAIT_MAX_MS: i64 = 30 * 60_000;
/// The last try is made this long before the message is of no use.
pub const MARGIN_MS: i64 = 60_000;

/// The next try of an envelope, milliseconds since the epoch.
///
/// `first_at` is when it was first tried, `tries` how often so far. Never past `expires_at`: where
/// the wait would be longer, the last try is [`MARGIN_MS`] before it; where that has gone by,
/// `expires_at` itself, which lets it expire visibly.
pub fn next_try(key: &str, tries: u32, first_at: i64, now: i64, expires_at: i64) -> i64 {
    let age = now.saturating_sub(first_at).max(0);
    let wait = age.clamp(WAIT_MIN_MS, WAIT_MAX_MS);
    let at = now.saturating_add(wait + wait * jitter_percent(key, tries) / 100);
    let last = expires_at.saturating_sub(MARGIN_MS);
    if at <= last {
        at
    } else if now < last {
        last
    } else {
        expires_at
    }
}

/// Between -25 and 25.
fn jitter_percent(key: &str, tries: u32) -> i64 {
    let hash = Sha256::new().chain_update(key).chain_update(tries.to_le_bytes()).finalize();
    i64::from(u16::from_le_bytes([hash[0], hash[1]])) % 51 - 25
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_early_never_past_its_use(
            tries in 0u32..200, first in 0i64..1_000_000_000, age in 0i64..10_000_000_000,
            left in 1i64..10_000_000_000, key in "P[0-9]{1,4}/duty",
        ) {
            let now = first + age;
            let expires = now + left;
            let at = next_try(&key, tries, first, now, expires);
            prop_assert!(at > now && at <= expires);
            prop_assert!(at - now <= WAIT_MAX_MS * 125 / 100 || at == expires);
            prop_assert!(at - now >= WAIT_MIN_MS * 75 / 100 || at >= expires - MARGIN_MS);
        }
    }

    #[test]
    fn envelopes_deferred_together_come_back_apart() {
        let at = |n: u32| next_try(&format!("P{n}/duty/2026-06-26/1"), 1, 0, 60_000, i64::MAX);
        let times: std::collections::BTreeSet<i64> = (0..1000).map(at).collect();
        assert!(times.len() > 40, "{}", times.len());
    }
}
