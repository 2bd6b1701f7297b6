//! A page asked for by a reader: answered from the store, and what the reader said written down
//! before the answer goes out.

use xibu_core::office::OfficeId;
use xibu_core::world::World;

use super::Doors;
use super::queue::PageRequest;
use crate::clock::Now;
use crate::pages::{self, Request, Response};
use crate::store::{Result, Store};

impl<S: Store> Doors<S> {
    /// Answers a page.
    ///
    /// # Errors
    /// The store cannot be read or written; the reader may come again.
    pub async fn page(&mut self, asked: &PageRequest) -> Result<Response> {
        let now = self.clock.now();
        let mut record = self.record.take().unwrap_or_default();
        let answered = match record.follow(&self.store).await {
            Ok(_) => self.answered(record.world(), asked, now).await,
            Err(error) => Err(error),
        };
        self.record = Some(record);
        answered
    }

    async fn answered(&self, world: &World, asked: &PageRequest, now: Now) -> Result<Response> {
        let office = office_name(world, self.serves.first().copied(), now);
        let request = Request {
            method: &asked.method,
            path: &asked.path,
            query: &asked.query,
            body: &asked.body,
        };
        let answered = pages::answer(&self.store, &office, request, now).await?;
        if let Some(batch) = answered.said.and_then(|said| said.batch(world, now)) {
            self.store.record(&batch, now).await?;
        }
        Ok(answered.response)
    }
}

fn office_name(world: &World, office: Option<OfficeId>, now: Now) -> String {
    let version = office.and_then(|office| world.office_on(office, now.date()));
    version.map_or_else(|| "项目办".to_owned(), |version| version.name.clone())
}
