//! The one HTTP listener: off unless an address is set, meant for this machine or a proxy before
//! it.
//!
//! One file a page below; [`router`] puts them together. What it is not: it holds no business and
//! no TLS. No address, number or word of a person stands in a URL or in the log.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;
use tracing::{error, info};

use crate::carrier::StateKeeper;
use crate::clock::Clock;
use crate::doors::carriers::Carriers;
use crate::doors::queue::Porter;

pub mod api;
mod hooks;
mod pages;

/// So many requests are worked on at once; more are told to come again.
const REQUESTS_MAX: usize = 16;

/// What the pages share.
#[derive(Clone, Debug)]
pub struct Shared {
    /// The plugins.
    pub carriers: Carriers,
    /// Takes what plugins bring to whoever keeps it.
    pub porter: Porter,
    /// Knows the state of plugins.
    pub states: Arc<dyn StateKeeper>,
    /// The clock.
    pub clock: Clock,
    /// Room for requests at once.
    pub room: Arc<Semaphore>,
}

impl Shared {
    /// With room for as many requests as are worked on at once.
    pub fn new(
        carriers: Carriers,
        porter: Porter,
        states: Arc<dyn StateKeeper>,
        clock: Clock,
    ) -> Self {
        Self { carriers, porter, states, clock, room: Arc::new(Semaphore::new(REQUESTS_MAX)) }
    }
}

/// Every page.
pub fn router(shared: Shared) -> Router {
    let hooks = hooks::pages(shared.clone());
    Router::new().merge(hooks).merge(api::pages(shared.clone())).merge(pages::pages(shared))
}

/// A listener at work.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl Listening {
    /// Listens on `address` and serves `router`.
    ///
    /// # Errors
    /// The address cannot be had.
    pub async fn begin(address: SocketAddr, router: Router) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let ended = tokio::spawn(async move {
            let stopping = async {
                // Whoever held the other end is gone or says so: either way it is the end.
                let _ = stopped.await;
            };
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopping).await
            {
                error!(%error, "the listener ended");
            }
        });
        info!(%address, "listening");
        Ok(Self { address, stop, ended })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no further connection and ends; what is on its way is cut off.
    pub fn stop(self) {
        let _ = self.stop.send(());
        self.ended.abort();
    }
}

#[cfg(test)]
mod tests;
