//! A message as it was handed over, in one piece: so the second try is the first one, byte for
//! byte, and anybody with the key can see what a person was sent.
//!
//! Layout: length of the JSON head (u32, little endian), head, then each attachment's length (u32)
//! and bytes.

use serde::Serialize;
use serde::de::DeserializeOwned;
use xibu_plugin_abi::message::Message;

/// Media type under which frozen messages are kept.
pub const MEDIA_TYPE: &str = "application/x-xibu-message";

/// A message and its attachments' bytes; `Attachment::blob` counts within [`FrozenMessage::blobs`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenMessage {
    /// The message.
    pub message: Message,
    /// The attachments' bytes.
    pub blobs: Vec<Vec<u8>>,
}

/// The bytes are no frozen message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are no message as this version freezes it")]
pub struct NotFrozen;

impl FrozenMessage {
    /// In one piece.
    ///
    /// # Errors
    /// A part is longer than 4 GiB.
    pub fn to_bytes(&self) -> Result<Vec<u8>, NotFrozen> {
        joined(&self.message, &self.blobs)
    }

    /// From one piece.
    ///
    /// # Errors
    /// Where it is broken.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotFrozen> {
        let (message, blobs) = parted(bytes)?;
        Ok(Self { message, blobs })
    }
}

/// A JSON head and blobs in one piece.
pub(crate) fn joined(head: &impl Serialize, blobs: &[Vec<u8>]) -> Result<Vec<u8>, NotFrozen> {
    let head = serde_json::to_vec(head).map_err(|_| NotFrozen)?;
    let mut bytes = Vec::with_capacity(head.len() + 4);
    for part in std::iter::once(&head).chain(blobs) {
        let length = u32::try_from(part.len()).map_err(|_| NotFrozen)?;
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(part);
    }
    Ok(bytes)
}

/// The head and the blobs of one piece.
pub(crate) fn parted<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, Vec<Vec<u8>>), NotFrozen> {
    let mut rest = bytes;
    let mut parts = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| NotFrozen)?;
        let (part, after) = after.split_at_checked(length).ok_or(NotFrozen)?;
        parts.push(part.to_vec());
        rest = after;
    }
    if !rest.is_empty() || parts.is_empty() {
        return Err(NotFrozen);
    }
    let head = parts.remove(0);
    Ok((serde_json::from_slice(&head).map_err(|_| NotFrozen)?, parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_it_was_frozen() {
        let message = Message {
            key: "P1/duty/2026-06-26/1".into(),
            address: "a@county.test".into(),
            recipient: "甲某".into(),
            subject: "【西部计划】请报送".into(),
            text: "……".into(),
            ..Message::default()
        };
        let frozen = FrozenMessage { message, blobs: vec![vec![1, 2, 3], Vec::new()] };
        let bytes = frozen.to_bytes().unwrap();
        assert_eq!(FrozenMessage::from_bytes(&bytes).unwrap(), frozen);
        for cut in 0..bytes.len() {
            // Cut between two parts it is shorter, not broken; the store's hash and seal tell that.
            if let Ok(shorter) = FrozenMessage::from_bytes(&bytes[..cut]) {
                assert!(shorter.blobs.len() < frozen.blobs.len());
            }
        }
    }
}
