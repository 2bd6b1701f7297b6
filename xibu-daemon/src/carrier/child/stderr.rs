//! What a plugin says on stderr, and how long a line of the log may be.
//!
//! What it is not: it makes no sense of the words; they are the plugin's own business.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::ChildStderr;

/// Longest line of a plugin's that is kept, in bytes.
const LINE_BYTES_MAX: usize = 2048;
/// Most lines of one child's stderr that are kept.
const LINES_MAX: u32 = 10_000;

pub(super) fn shorten(text: &str) -> String {
    let end = text.floor_char_boundary(LINE_BYTES_MAX);
    text[..end].replace(char::is_control, " ")
}

/// Passes a plugin's stderr on to the log, line by line, within limits; reads to the end in any
/// case, so that the plugin never waits for it.
pub(super) async fn pass_on_lines(stderr: ChildStderr, plugin: String) {
    let mut reader = BufReader::new(stderr);
    let mut lines = 0u32;
    let mut line = Vec::new();
    loop {
        line.clear();
        let limited = (&mut reader).take(LINE_BYTES_MAX as u64).read_until(b'\n', &mut line).await;
        if !limited.is_ok_and(|n| n > 0) {
            return;
        }
        lines = lines.saturating_add(1);
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end();
        match lines {
            1..=LINES_MAX if !text.is_empty() => {
                tracing::info!(plugin, "stderr: {}", shorten(text));
            }
            n if n == LINES_MAX + 1 => {
                tracing::warn!(plugin, "stderr: further lines are dropped");
            }
            _ => {}
        }
    }
}
