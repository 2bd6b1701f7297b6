//! What comes from outside, beside the rounds: polls, hooks, and the one who keeps what they bring.

use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::Notify;

use super::plugins::Plugins;
use crate::clock::Clock;
use crate::doors::Doors;
use crate::doors::carriers::Carriers;
use crate::doors::files::Reader;
use crate::doors::poll::Line;
use crate::doors::queue::{Porter, Queue, queue};
use crate::settings::Settings;
use crate::store::SqliteStore;

/// The doors with everything that leads to them.
#[derive(Debug)]
pub(super) struct Outside {
    doors: Doors<SqliteStore>,
    porter: Porter,
    queue: Queue,
    store: SqliteStore,
    clock: Clock,
    polled: Vec<String>,
}

impl Outside {
    pub(super) fn new(
        store: &SqliteStore,
        clock: &Clock,
        settings: &Settings,
        plugins: &Plugins,
    ) -> Self {
        let (porter, queue) = queue();
        let doors = Doors::new(
            store.clone(),
            clock.clone(),
            settings.rulebook().clone(),
            settings.serves().to_vec(),
            plugins.reaches(),
        );
        let polled = plugins.polled();
        Self { doors, porter, queue, store: store.clone(), clock: clock.clone(), polled }
    }

    /// The way to the one who keeps what is brought.
    pub(super) fn porter(&self) -> Porter {
        self.porter.clone()
    }

    /// Polls every plugin when it is due and keeps what comes; never ends.
    pub(super) async fn serve(&mut self, carriers: &Carriers, woken: &Arc<Notify>) {
        let (store, porter, clock) = (&self.store, &self.porter, &self.clock);
        let lines = self.polled.iter();
        let lines = lines.map(|plugin| Line::of(plugin).serve(carriers, store, porter, clock));
        let came = Arc::new(Notify::new());
        let reading = Reader::default().serve(carriers, store, porter, clock, &came);
        let keeping = self.doors.serve(&mut self.queue, woken, &came);
        tokio::join!(join_all(lines), reading, keeping);
    }

    /// Polls every plugin once, one after the other, and keeps what came, files included.
    pub(super) async fn look_once(&mut self, carriers: &Carriers) {
        let (woken, came) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (store, porter, clock) = (&self.store, &self.porter, &self.clock);
        let looks = async {
            for plugin in &self.polled {
                Line::of(plugin).once(carriers, store, porter, clock).await;
            }
            Reader::default().once(carriers, store, porter, clock).await;
        };
        tokio::select! {
            () = looks => {}
            () = self.doors.serve(&mut self.queue, &woken, &came) => {}
        }
    }
}
