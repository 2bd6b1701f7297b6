//! Message-ID from a message's key, and the key back from it.
//!
//! The same key has the same Message-ID on every attempt. The key is not to be read in it, and
//! nobody else can make one: who answers a Message-ID has seen that very message, and a bounce
//! that quotes one speaks of a message of ours. What it is not: it proves nothing about who sends.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};
use xibu_plugin_sdk::Sink;

/// Under this name the secret is kept.
const STATE: &str = "message_id_secret";
/// Bytes that vouch for the rest.
const TAG_BYTES: usize = 12;
/// Longest key that is carried; a longer one is only hashed.
const KEY_BYTES_MAX: usize = 96;

/// Makes and knows again what stands before the `@` of our Message-IDs.
#[derive(Clone, Default)]
pub(crate) struct Mark {
    /// None where the host keeps no state: then a key is hashed and not found again.
    secret: Option<[u8; 32]>,
}

impl Mark {
    /// The one this plugin has always used; a new one where there is none yet.
    pub(crate) fn known(sink: &mut Sink<'_>) -> Self {
        let Ok(kept) = sink.state(STATE) else { return Self::default() };
        if let Some(secret) = kept.and_then(|kept| kept.try_into().ok()) {
            return Self { secret: Some(secret) };
        }
        let mut secret = [0; 32];
        let made = getrandom::fill(&mut secret).is_ok() && sink.set_state(STATE, &secret).is_ok();
        Self { secret: made.then_some(secret) }
    }

    /// With a secret of the caller's.
    #[cfg(test)]
    pub(crate) fn of_secret(secret: [u8; 32]) -> Self {
        Self { secret: Some(secret) }
    }

    /// What stands for a key: lower-case hex.
    pub(crate) fn of(&self, key: &str) -> String {
        let plain = || hex::encode(&Sha256::digest(key.as_bytes())[..16]);
        let Some(secret) = self.secret.filter(|_| key.len() <= KEY_BYTES_MAX) else {
            return plain();
        };
        let Some(tag) = tag(&secret, key.as_bytes()) else { return plain() };
        match covered(&secret, &tag, key.as_bytes()) {
            Some(key) => hex::encode(tag) + &hex::encode(key),
            None => plain(),
        }
    }

    /// The key for which it stands; none where it is not ours.
    pub(crate) fn key(&self, name: &str) -> Option<String> {
        let secret = self.secret?;
        let bytes = hex::decode(name).ok()?;
        let (given, key) = bytes.split_at_checked(TAG_BYTES)?;
        let given: [u8; TAG_BYTES] = given.try_into().ok()?;
        if key.is_empty() || key.len() > KEY_BYTES_MAX {
            return None;
        }
        let key = covered(&secret, &given, key)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret).ok()?;
        mac.update(b"tag");
        mac.update(&key);
        mac.verify_truncated_left(&given).ok()?;
        String::from_utf8(key).ok()
    }

    /// The first key of ours that stands as a Message-ID anywhere in these bytes.
    pub(crate) fn find(&self, bytes: &[u8]) -> Option<String> {
        self.find_all(bytes).next()
    }

    /// All of them, in order.
    pub(crate) fn find_all<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = String> + 'a {
        let ats = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'@');
        ats.filter_map(move |(at, _)| {
            let length = bytes[..at].iter().rev().take_while(|byte| byte.is_ascii_hexdigit());
            // Longer ones are none of ours and would make this slow.
            let length = length.take(2 * (TAG_BYTES + KEY_BYTES_MAX) + 1).count();
            let name = std::str::from_utf8(&bytes[at - length..at]).ok()?;
            self.key(&name.to_ascii_lowercase())
        })
    }
}

fn tag(secret: &[u8; 32], key: &[u8]) -> Option<[u8; TAG_BYTES]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(b"tag");
    mac.update(key);
    mac.finalize().into_bytes()[..TAG_BYTES].try_into().ok()
}

/// Covers and uncovers: the tag is another for every key, and so is what lies over it.
fn covered(secret: &[u8; 32], tag: &[u8; TAG_BYTES], bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len());
    for (number, block) in (0u8..).zip(bytes.chunks(32)) {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
        mac.update(b"cover");
        mac.update(tag);
        mac.update(&[number]);
        let cover = mac.finalize().into_bytes();
        out.extend(block.iter().zip(cover).map(|(byte, cover)| byte ^ cover));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(byte: u8) -> Mark {
        Mark::of_secret([byte; 32])
    }

    #[test]
    fn a_key_comes_back_from_its_message_id_and_from_no_other() {
        let keys = ["P32/duty/2026-06-15/1", "k", "一把钥匙", &"x".repeat(96)];
        for key in keys {
            let name = mark(1).of(key);
            assert_eq!(mark(1).key(&name).as_deref(), Some(key));
            assert_eq!(mark(1).of(key), name, "the same on every attempt");
            assert!(!name.contains("32") || !name.contains(key), "{name}");
            assert_eq!(mark(2).key(&name), None, "another office's");
            for at in 0..name.len() {
                let mut forged = name.clone().into_bytes();
                forged[at] = if forged[at] == b'0' { b'1' } else { b'0' };
                assert_eq!(mark(1).key(std::str::from_utf8(&forged).unwrap()), None);
            }
        }
        assert_eq!(mark(1).key(&mark(1).of(&"x".repeat(97))), None, "too long: only hashed");
        assert_eq!(Mark::default().of("k").len(), 32);
        assert_eq!(Mark::default().key(&Mark::default().of("k")), None);
    }

    #[test]
    fn ours_are_found_among_others() {
        let ours = mark(1).of("P1/duty/2026-06-26/1").to_uppercase();
        let text = format!("a@b.test <deadbeef@x> &lt;{ours}@office.test&gt; 0{ours}@x @");
        assert_eq!(mark(1).find(text.as_bytes()).as_deref(), Some("P1/duty/2026-06-26/1"));
        assert_eq!(mark(1).find_all(text.as_bytes()).count(), 1);
        assert_eq!(mark(2).find(text.as_bytes()), None);
    }
}
