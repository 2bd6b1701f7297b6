//! The way from whoever called a plugin to the one who keeps what it brought.
//!
//! The store's futures stay on one thread; calls to plugins, HTTP and polls run beside. So what was
//! brought goes through a short queue, and its sender hears whether it is on disk.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc, oneshot};
use tracing::error;

use super::{Brought, Doors};
use crate::store::Store;

/// More wait before the queue.
const QUEUE_MAX: usize = 64;

/// Something to keep.
#[derive(Debug)]
pub struct Entry {
    brought: Brought,
    kept: oneshot::Sender<bool>,
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
        if self.queue.send(Entry { brought, kept }).await.is_err() {
            return false;
        }
        hear.await.unwrap_or(false)
    }
}

impl<S: Store> Doors<S> {
    /// Keeps what comes through the queue, one after the other, until nobody can bring more. Wakes
    /// `woken` when something new may have to be told.
    pub async fn serve(&mut self, queue: &mut Queue, woken: &Arc<Notify>) {
        while let Some(Entry { brought, kept }) = queue.entries.recv().await {
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
