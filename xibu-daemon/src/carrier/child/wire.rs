//! Frames over a child's pipes, without blocking a thread.
//!
//! What it is not: it gives no meaning to a frame.

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout};
use xibu_plugin_abi::frame::{self, Frame, Head};
use xibu_plugin_abi::message::Header;

use super::{Lost, misbehaved};

/// A blob's buffer grows in steps of at most this, in bytes: a lie about a length stays cheap.
const RESERVE_MAX: usize = 256 << 10;

pub(super) async fn write_frame(
    stdin: &mut ChildStdin,
    header: Header,
    blobs: &[Vec<u8>],
) -> Result<(), Lost> {
    let lengths: Vec<usize> = blobs.iter().map(Vec::len).collect();
    let mut head =
        frame::encode_head(&header, &lengths).map_err(|e| Lost::TooLarge(e.to_string()))?;
    let total: usize = lengths.iter().sum();
    if total <= RESERVE_MAX {
        blobs.iter().for_each(|blob| head.extend_from_slice(blob));
        return stdin.write_all(&head).await.map_err(|_| Lost::Ended);
    }
    stdin.write_all(&head).await.map_err(|_| Lost::Ended)?;
    for blob in blobs {
        stdin.write_all(blob).await.map_err(|_| Lost::Ended)?;
    }
    Ok(())
}

pub(super) async fn read_frame(stdout: &mut BufReader<ChildStdout>) -> Result<Frame, Lost> {
    let mut length = [0; 4];
    stdout.read_exact(&mut length).await.map_err(|_| Lost::Ended)?;
    let length = frame::decode_header_length(length).map_err(misbehaved)?;
    let json = read_bytes(stdout, length).await?;
    let Head { header, blob_lengths } = frame::decode_head(&json).map_err(misbehaved)?;
    let mut blobs = Vec::with_capacity(blob_lengths.len());
    for length in blob_lengths {
        blobs.push(read_bytes(stdout, length).await?);
    }
    Ok(Frame { header, blobs })
}

async fn read_bytes(stdout: &mut BufReader<ChildStdout>, length: usize) -> Result<Vec<u8>, Lost> {
    let mut bytes = Vec::with_capacity(length.min(RESERVE_MAX));
    let mut rest = stdout.take(length as u64);
    rest.read_to_end(&mut bytes).await.map_err(|_| Lost::Ended)?;
    if bytes.len() < length { Err(Lost::Ended) } else { Ok(bytes) }
}
