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

/// More wait before the queue.
const QUEUE_MAX: usize = 64;

/// Something to do with the store, and who waits for it.
#[derive(Debug)]
pub enum Entry {
    /// To be kept.
    Brought {
        /// What.
        brought: Brought,
        /// Whether it is on disk.
        kept: oneshot::Sender<bool>,
    },
    /// A page that a reader asks for.
    Page {
        /// Which.
        asked: PageRequest,
        /// The page.
        answered: oneshot::Sender<Response>,
    },
}

/// What a reader's browser sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// `GET`, `POST`, ...
    pub method: String,
    /// The path, with its leading slash.
    pub path: String,
    /// What stands behind the question mark.
    pub query: String,
    /// The body; a form's fields.
    pub body: Vec<u8>,
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

    /// Asks for a page and waits; none where it cannot be made now.
    pub async fn ask(&self, asked: PageRequest) -> Option<Response> {
        let (answered, hear) = oneshot::channel();
        self.queue.send(Entry::Page { asked, answered }).await.ok()?;
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
                Entry::Page { asked, answered } => {
                    match self.page(&asked).await {
                        // A reader who has gone away reads nothing.
                        Ok(page) => drop(answered.send(page)),
                        Err(error) => error!(%error, "a page could not be made"),
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
