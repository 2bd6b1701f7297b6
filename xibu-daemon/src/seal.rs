//! Seals: each document under a random key of its own, each key under the data folder's `seal.key`.
//!
//! Destroying a document's key is what makes it unreadable for good; `seal.key` alone opens
//! nothing, and the database without it neither. It holds no key longer than it needs and prints
//! none.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// Length of every key, bytes.
pub const KEY_LENGTH: usize = 32;
const NONCE_LENGTH: usize = 12;

/// A seal could not be made or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    NoRandom,
    /// Wrong key, wrong place, or damaged.
    #[error("the seal does not open")]
    Broken,
}

/// The folder's own key and what follows from it.
pub struct Seal {
    wrapping: Aes256Gcm,
    hashing: [u8; KEY_LENGTH],
    linking: [u8; KEY_LENGTH],
    coding: [u8; KEY_LENGTH],
    admitting: [u8; KEY_LENGTH],
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(..)")
    }
}

/// A document's key, in the open only while its document is handled.
pub struct DocumentKey {
    cipher: Aes256Gcm,
    wrapped: Vec<u8>,
}

impl DocumentKey {
    /// The key as it is kept.
    pub fn wrapped(&self) -> &[u8] {
        &self.wrapped
    }

    /// Seals `plain`; `place` says where it belongs, so that it opens nowhere else.
    ///
    /// # Errors
    /// [`SealError::NoRandom`].
    pub fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        encrypt(&self.cipher, place, plain)
    }

    /// Opens what was sealed for `place`.
    ///
    /// # Errors
    /// [`SealError::Broken`].
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        decrypt(&self.cipher, place, sealed)
    }
}

impl Seal {
    /// From the folder's key.
    pub fn new(master: &[u8; KEY_LENGTH]) -> Self {
        Self {
            wrapping: cipher(&derive(master, b"wraps the keys of documents")),
            hashing: derive(master, b"hashes the id numbers of people"),
            linking: derive(master, b"hashes the links in messages"),
            coding: derive(master, b"makes the codes of requests"),
            admitting: derive(master, b"hashes the tokens of programs"),
        }
    }

    /// A fresh key for the document `id`.
    ///
    /// # Errors
    /// [`SealError::NoRandom`].
    pub fn fresh_key(&self, id: u64) -> Result<DocumentKey, SealError> {
        let mut key = [0; KEY_LENGTH];
        getrandom::fill(&mut key).map_err(|_| SealError::NoRandom)?;
        let wrapped = encrypt(&self.wrapping, &place_of_key(id), &key)?;
        Ok(DocumentKey { cipher: cipher(&key), wrapped })
    }

    /// The key of document `id` from how it is kept.
    ///
    /// # Errors
    /// [`SealError::Broken`].
    pub fn unwrap_key(&self, id: u64, wrapped: &[u8]) -> Result<DocumentKey, SealError> {
        let key = decrypt(&self.wrapping, &place_of_key(id), wrapped)?;
        let key: [u8; KEY_LENGTH] = key.try_into().map_err(|_| SealError::Broken)?;
        Ok(DocumentKey { cipher: cipher(&key), wrapped: wrapped.to_vec() })
    }

    /// The keyed hash by which an id number is known again; without `seal.key` it cannot be tried
    /// out.
    pub fn keyed_hash(&self, id_number: &str) -> [u8; 32] {
        derive(&self.hashing, id_number.trim().to_uppercase().as_bytes())
    }

    /// The keyed hash that makes a link ours.
    pub fn link_hash(&self, content: &[u8]) -> [u8; 32] {
        derive(&self.linking, content)
    }

    /// Whether `start` is how the keyed hash of `content` begins; takes the same time whichever
    /// byte differs.
    pub fn is_link_hash(&self, content: &[u8], start: &[u8]) -> bool {
        <Hmac<Sha256> as KeyInit>::new_from_slice(&self.linking)
            .is_ok_and(|mac| mac.chain_update(content).verify_truncated_left(start).is_ok())
    }

    /// The keyed hash by which a program's token is known again.
    pub fn token_hash(&self, token: &str) -> [u8; 32] {
        derive(&self.admitting, token.as_bytes())
    }

    /// The code of one request: who answers with it has seen the request.
    pub fn request_code(&self, request: &str) -> RequestCode {
        RequestCode::from_tag(&derive(&self.coding, request.as_bytes()))
    }
}

/// A fresh token for a program: 256 bits nobody guesses, with a word in front by which people and
/// scanners know it for a secret.
///
/// # Errors
/// [`SealError::NoRandom`].
pub fn fresh_token() -> Result<String, SealError> {
    let mut secret = [0; KEY_LENGTH];
    getrandom::fill(&mut secret).map_err(|_| SealError::NoRandom)?;
    Ok(format!("xibu_{}", hex::encode(secret)))
}

/// Four digits that stand on a request and come back in its answer. None begins with 19 or 20,
/// which would read as a year.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestCode([u8; 4]);

impl RequestCode {
    fn from_tag(tag: &[u8; 32]) -> Self {
        let (first, _) = tag.split_at(8);
        let number = first.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
        // 1000 to 9999 without 1900 to 2099.
        let number = 1_000 + number % 8_800;
        let number = if number < 1_900 { number } else { number + 200 };
        let digit = |place: u64| b'0' + u8::try_from(number / place % 10).unwrap_or(0);
        Self([digit(1_000), digit(100), digit(10), digit(1)])
    }

    /// Whether `typed` is it, in the same time whatever was typed.
    pub fn is(&self, typed: &str) -> bool {
        let typed = typed.as_bytes();
        let differs = self.0.iter().enumerate().fold(0, |differs, (place, digit)| {
            differs | (digit ^ typed.get(place).copied().unwrap_or(0))
        });
        differs == 0 && typed.len() == self.0.len()
    }
}

impl std::fmt::Display for RequestCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|digit| write!(f, "{}", char::from(*digit)))
    }
}

/// Never shown but where it is written out on purpose.
impl std::fmt::Debug for RequestCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RequestCode(..)")
    }
}

/// The plain SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn place_of_key(id: u64) -> String {
    format!("key/{id}")
}

fn derive(key: &[u8; KEY_LENGTH], purpose: &[u8]) -> [u8; 32] {
    // A key of 32 bytes is always accepted; the other arm keeps the types honest without a panic.
    let Ok(mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else { return sha256(purpose) };
    mac.chain_update(purpose).finalize().into_bytes().into()
}

fn cipher(key: &[u8; KEY_LENGTH]) -> Aes256Gcm {
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
}

fn encrypt(cipher: &Aes256Gcm, place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0; NONCE_LENGTH];
    getrandom::fill(&mut nonce).map_err(|_| SealError::NoRandom)?;
    let payload = Payload { msg: plain, aad: place.as_bytes() };
    let sealed = cipher.encrypt(&Nonce::from(nonce), payload).map_err(|_| SealError::Broken)?;
    Ok([&nonce[..], &sealed].concat())
}

fn decrypt(cipher: &Aes256Gcm, place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LENGTH>().ok_or(SealError::Broken)?;
    let payload = Payload { msg: sealed, aad: place.as_bytes() };
    cipher.decrypt(&Nonce::from(*nonce), payload).map_err(|_| SealError::Broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_with_its_key_at_its_place() {
        let seal = Seal::new(&[7; 32]);
        let key = seal.fresh_key(3).unwrap();
        let sealed = key.seal("blob/3", "花名册".as_bytes()).unwrap();
        assert!(!sealed.windows(3).any(|w| w == &"花".as_bytes()[..3]));
        let again = seal.unwrap_key(3, key.wrapped()).unwrap();
        assert_eq!(again.open("blob/3", &sealed).unwrap(), "花名册".as_bytes());
        assert_eq!(again.open("blob/4", &sealed), Err(SealError::Broken));
        assert!(seal.unwrap_key(4, key.wrapped()).is_err());
        assert!(Seal::new(&[8; 32]).unwrap_key(3, key.wrapped()).is_err());
        assert_eq!(again.open("blob/3", &sealed[..5]), Err(SealError::Broken));
        let mut damaged = sealed.clone();
        *damaged.last_mut().unwrap() ^= 1;
        assert_eq!(again.open("blob/3", &damaged), Err(SealError::Broken));
        assert_ne!(key.seal("blob/3", b"x").unwrap(), key.seal("blob/3", b"x").unwrap());
    }

    #[test]
    fn an_id_number_is_known_again_only_with_the_key() {
        let seal = Seal::new(&[7; 32]);
        assert_eq!(seal.keyed_hash("99000019990101001x"), seal.keyed_hash(" 99000019990101001X "));
        assert_ne!(seal.keyed_hash("1"), Seal::new(&[8; 32]).keyed_hash("1"));
    }

    #[test]
    fn a_code_is_four_digits_and_no_year() {
        let seal = Seal::new(&[7; 32]);
        let mut seen = std::collections::BTreeSet::new();
        for office in 0..3_000 {
            let code = seal.request_code(&format!("unit_monthly_return/O{office}/2026-06"));
            let text = code.to_string();
            assert!(text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()), "{text}");
            assert!(!text.starts_with("19") && !text.starts_with("20"), "{text}");
            assert!(code.is(&text) && !code.is(&text[..3]) && !code.is(&format!("{text}0")));
            assert!(!code.is("0000") && !code.is(""));
            seen.insert(text);
        }
        assert!(seen.len() > 2_400, "{}", seen.len());
        let request = "unit_monthly_return/O1/2026-06";
        assert_eq!(seal.request_code(request), seal.request_code(request));
        assert_ne!(seal.request_code(request), Seal::new(&[8; 32]).request_code(request));
    }

    // RFC 4231, test case 2.
    #[test]
    fn hmac_is_hmac() {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(b"Jefe").unwrap();
        mac.update(b"what do ya want for nothing?");
        let tag = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex::encode(mac.finalize().into_bytes()), tag);
    }
}
