//! The secret part of a link in a message: whom it speaks of, under the folder's key.
//!
//! A token is our number of the person, the purpose, and a keyed hash over both and the use; so no
//! table of tokens is kept, and one made for one use opens nothing else. It holds no personal
//! value and never runs out; the person's erasure ends it (that is the caller's look).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use xibu_core::consent::Purpose;
use xibu_core::person::PersonId;

use super::super::{LinkHolder, LinkUse};
use crate::seal::Seal;

/// Bytes of the hash in a token: nobody guesses 128 bits.
const HASH_BYTES: usize = 16;
const HEAD_BYTES: usize = 5;

const fn use_number(link: LinkUse) -> u8 {
    match link {
        LinkUse::Stop => 1,
        LinkUse::Answer => 2,
    }
}

/// Only ever added to: links lie in mailboxes for years.
const fn purpose_number(purpose: Purpose) -> u8 {
    match purpose {
        Purpose::Safety => 1,
        Purpose::Care => 2,
        Purpose::JobInformation => 3,
        Purpose::Directory => 4,
        Purpose::Tracking => 5,
        Purpose::Publicity => 6,
        Purpose::Sharing => 7,
    }
}

fn head(person: PersonId, purpose: Purpose) -> [u8; HEAD_BYTES] {
    let [a, b, c, d] = person.0.to_be_bytes();
    [a, b, c, d, purpose_number(purpose)]
}

fn hashed(link: LinkUse, head: [u8; HEAD_BYTES]) -> Vec<u8> {
    [&[use_number(link)][..], &head].concat()
}

pub(super) fn token(seal: &Seal, link: LinkUse, person: PersonId, purpose: Purpose) -> String {
    let head = head(person, purpose);
    let hash = seal.link_hash(&hashed(link, head));
    URL_SAFE_NO_PAD.encode([&head[..], &hash[..HASH_BYTES]].concat())
}

/// Whom a token speaks of, if it is one of ours for this use.
pub(super) fn holder(seal: &Seal, link: LinkUse, token: &str) -> Option<LinkHolder> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (head, hash) = bytes.split_first_chunk::<HEAD_BYTES>()?;
    if hash.len() != HASH_BYTES || !seal.is_link_hash(&hashed(link, *head), hash) {
        return None;
    }
    let [a, b, c, d, purpose] = *head;
    let purpose = Purpose::ALL.into_iter().find(|one| purpose_number(*one) == purpose)?;
    Some(LinkHolder { person: PersonId(u32::from_be_bytes([a, b, c, d])), purpose })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_its_own_use_under_its_own_key() {
        let (ours, theirs) = (Seal::new(&[7; 32]), Seal::new(&[8; 32]));
        let (person, purpose) = (PersonId(12), Purpose::JobInformation);
        let stop = token(&ours, LinkUse::Stop, person, purpose);
        assert_eq!(stop.len(), 28);
        assert!(stop.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        assert_eq!(holder(&ours, LinkUse::Stop, &stop), Some(LinkHolder { person, purpose }));
        assert_eq!(holder(&ours, LinkUse::Answer, &stop), None);
        assert_eq!(holder(&theirs, LinkUse::Stop, &stop), None);
        assert_ne!(stop, token(&ours, LinkUse::Stop, PersonId(13), purpose));
        assert_ne!(stop, token(&ours, LinkUse::Stop, person, Purpose::Tracking));
    }

    #[test]
    fn any_other_letter_makes_it_strange() {
        let seal = Seal::new(&[7; 32]);
        let good = token(&seal, LinkUse::Stop, PersonId(12), Purpose::JobInformation);
        for at in 0..good.len() {
            for letter in ['A', 'b', '7', '_', '=', '/', '甲'] {
                let mut bad: Vec<char> = good.chars().collect();
                if bad[at] == letter {
                    continue;
                }
                bad[at] = letter;
                let bad: String = bad.into_iter().collect();
                assert_eq!(holder(&seal, LinkUse::Stop, &bad), None, "{bad}");
            }
        }
        for bad in ["", "AAAA", &good[..27], &format!("{good}A"), &format!("{good}AAAA")] {
            assert_eq!(holder(&seal, LinkUse::Stop, bad), None, "{bad}");
        }
    }

    #[test]
    fn every_purpose_has_a_number_of_its_own() {
        let seal = Seal::new(&[7; 32]);
        for purpose in Purpose::ALL {
            let token = token(&seal, LinkUse::Answer, PersonId(u32::MAX), purpose);
            let found = holder(&seal, LinkUse::Answer, &token);
            assert_eq!(found, Some(LinkHolder { person: PersonId(u32::MAX), purpose }));
        }
    }
}
