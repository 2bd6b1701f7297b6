//! The way from whoever called a plugin to the one who keeps what it brought.
//!
//! The store's futures stay on one thread; calls to plugins, HTTP and polls run beside. So what was
//! brought goes through a short queue, and its sender hears whether it is on disk.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc, oneshot};
use tracing::error;

use super::api::{Answered, Call};
use super::files::FilesRead;
use super::{Brought, Doors};
use crate::pages::Response;
use crate::store::Store;

pub use super::page::Asked;

/// More wait before the queue.
const QUEUE_MAX: usize = 64;

/// Something to keep, a page to show, or a call to answer.
#[derive(Debug)]
enum Entry {
    Brought { brought: Brought, kept: oneshot::Sender<bool> },
    Page { asked: Asked, shown: oneshot::Sender<Response> },
    Files { read: FilesRead, kept: oneshot::Sender<bool> },
    Call { call: Call, answered: oneshot::Sender<Answered> },
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

    /// Hands over a message's files as read, and waits; whether the word on it is on disk.
    pub async fn files(&self, read: FilesRead) -> bool {
        let (kept, hear) = oneshot::channel();
        if self.queue.send(Entry::Files { read, kept }).await.is_err() {
            return false;
        }
        hear.await.unwrap_or(false)
    }

    /// Hands over the call of an office's program and waits, until what it tells is on disk; none
    /// where it cannot be answered now.
    pub async fn call(&self, call: Call) -> Option<Answered> {
        let (answered, hear) = oneshot::channel();
        self.queue.send(Entry::Call { call, answered }).await.ok()?;
        hear.await.ok()
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
    /// `woken` when something new may have to be told, and `came` when files wait to be read.
    pub async fn serve(&mut self, queue: &mut Queue, woken: &Arc<Notify>, came: &Arc<Notify>) {
        while let Some(entry) = queue.entries.recv().await {
            // Whoever no longer listens comes or asks again.
            match entry {
                Entry::Brought { brought, kept } => {
                    let is_kept = self.keep_brought(&brought, woken).await;
                    if !brought.arrivals.is_empty() {
                        came.notify_one();
                    }
                    let _ = kept.send(is_kept);
                }
                Entry::Page { asked, shown } => match self.answer(&asked).await {
                    Ok((response, _)) => drop(shown.send(response)),
                    Err(error) => error!(%error, "a page could not be shown"),
                },
                Entry::Files { read, kept } => {
                    let ended = self.keep_files(&read).await;
                    if let Err(error) = &ended {
                        error!(%error, "a message's files could not be taken in");
                    }
                    woken.notify_one();
                    let _ = kept.send(ended.is_ok());
                }
                Entry::Call { call, answered } => match self.call(&call).await {
                    Ok(answer) => {
                        if answer.tells {
                            woken.notify_one();
                        }
                        drop(answered.send(answer));
                    }
                    Err(error) => error!(%error, "a program's call could not be answered"),
                },
            }
        }
    }

    async fn keep_brought(&mut self, brought: &Brought, woken: &Arc<Notify>) -> bool {
        match self.keep(brought).await {
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
        }
    }
}
