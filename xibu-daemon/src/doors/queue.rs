//! The way from whoever called a plugin to the one who keeps what it brought.
//!
//! The store's futures stay on one thread; calls to plugins, HTTP and polls run beside. So what was
//! brought goes through a short queue, and its sender hears whether it is on disk.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc, oneshot};
use tracing::error;

use super::{Brought, Doors};
use crate::pages::Response;
use crate::store::Store;

pub use super::page::Asked;

/// More wait before the queue.
const QUEUE_MAX: usize = 64;

/// Something to keep, or a page to show.
#[derive(Debug)]
enum Entry {
    Brought { brought: Brought, kept: oneshot::Sender<bool> },
    Page { asked: Asked, shown: oneshot::Sender<Response> },
}

/// Hands over what a plugin brought. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Porter {
    queue: mpsc::Sender<Entry>,
}

/// What was handed over, in order.
#[derive(Debug)]
pub struct Queue {
    entries: mpsc::Receiver<Entry>,
}

/// A queue, and the way into it.
pub fn queue() -> (Porter, Queue) {
    let (queue, entries) = mpsc::channel(QUEUE_MAX);
    (Porter { queue }, Queue { entries })
}

impl Porter {
    /// Hands over and waits; whether all of it is on disk.
    pub async fn keep(&self, brought: Brought) -> bool {
        let (kept, hear) = oneshot::channel();
        if self.queue.send(Entry::Brought { brought, kept }).await.is_err() {
            return false;
        }
        hear.await.unwrap_or(false)
    }

    /// Asks for a page and waits, until what was said by it is on disk; none where it cannot be
    /// shown now.
    pub async fn page(&self, asked: Asked) -> Option<Response> {
        let (shown, hear) = oneshot::channel();
        self.queue.send(Entry::Page { asked, shown }).await.ok()?;
        hear.await.ok()
    }
}

impl<S: Store> Doors<S> {
    /// Keeps what comes through the queue, one after the other, until nobody can bring more. Wakes
    /// `woken` when something new may have to be told.
    pub async fn serve(&mut self, queue: &mut Queue, woken: &Arc<Notify>) {
        while let Some(entry) = queue.entries.recv().await {
            let (brought, kept) = match entry {
                Entry::Brought { brought, kept } => (brought, kept),
                Entry::Page { asked, shown } => {
                    match self.answer(&asked).await {
                        // Whoever no longer listens asks again.
                        Ok((response, _)) => drop(shown.send(response)),
                        Err(error) => error!(%error, "a page could not be shown"),
                    }
                    continue;
                }
            };
            let is_kept = match self.keep(&brought).await {
                Ok(taken) => {
                    if !taken.arrivals.is_empty() || !taken.receipts.is_empty() {
                        woken.notify_one();
                    }
                    true
                }
                Err(error) => {
                    error!(plugin = brought.plugin, %error, "what it brought could not be kept");
                    false
                }
            };
            // Whoever no longer listens comes again.
            let _ = kept.send(is_kept);
        }
    }
}
