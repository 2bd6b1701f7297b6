//! A message as it came, in one piece, to be sealed: its words, its sender, its files.
//!
//! Every message has an id of its channel's own, so no two are the same bytes.

use xibu_plugin_abi::message::Arrived;

use crate::delivery::frozen::{NotFrozen, joined, parted};

/// Media type under which arrivals are kept.
pub const MEDIA_TYPE: &str = "application/x-xibu-arrival";

/// In one piece.
///
/// # Errors
/// A part is longer than 4 GiB.
pub fn to_bytes(arrived: &Arrived, blobs: &[Vec<u8>]) -> Result<Vec<u8>, NotFrozen> {
    joined(arrived, blobs)
}

/// From one piece.
///
/// # Errors
/// Where it is broken.
pub fn from_bytes(bytes: &[u8]) -> Result<(Arrived, Vec<Vec<u8>>), NotFrozen> {
    parted(bytes)
}
