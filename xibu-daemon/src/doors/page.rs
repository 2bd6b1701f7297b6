//! A page that somebody asks for, and what they say by it: recorded before the answer goes back.
//!
//! What stands on a page is `pages`'; here it only meets the store and the record.

use chrono::NaiveDate;
use xibu_core::world::World;

use super::{Doors, MOVED_MAX};
use crate::pages::{self, Request, Response, Said};
use crate::record::Record;
use crate::store::{Result, Store, StoreError};

/// A request on its way to the one who keeps the record.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// `GET`, `POST`, ...
    pub method: String,
    /// The path.
    pub path: String,
    /// What stands behind the question mark.
    pub query: String,
    /// The body.
    pub body: Vec<u8>,
}

impl<S: Store> Doors<S> {
    /// The page, once what was said by it is on disk; and whether anything was.
    ///
    /// # Errors
    /// The store cannot be read or written; whoever asked may ask again.
    pub async fn answer(&mut self, asked: &Asked) -> Result<(Response, bool)> {
        let now = self.clock.now();
        let mut record = self.record.take().unwrap_or_default();
        record.follow(&self.store).await?;
        let office = self.office_name(record.world(), now.date());
        let request = Request {
            method: &asked.method,
            path: &asked.path,
            query: &asked.query,
            body: &asked.body,
        };
        let answered = pages::answer(&self.store, &office, request, now).await;
        let kept = match &answered {
            Ok(answered) => match answered.said {
                Some(said) => self.keep_said(&mut record, said).await.map(|()| true),
                None => Ok(false),
            },
            Err(_) => Ok(false),
        };
        self.record = Some(record);
        Ok((answered?.response, kept?))
    }

    async fn keep_said(&self, record: &mut Record, said: Said) -> Result<()> {
        let mut tries = 0;
        loop {
            let now = self.clock.now();
            let Some(mut batch) = said.batch(record.world(), now) else { return Ok(()) };
            batch.after = Some(record.last_sequence());
            match self.store.record(&batch, now).await {
                Err(StoreError::Moved { .. }) if tries < MOVED_MAX => tries += 1,
                ended => return ended.map(|_| ()),
            }
            record.follow(&self.store).await?;
        }
    }

    fn office_name(&self, world: &World, today: NaiveDate) -> String {
        let office = self.serves.first().and_then(|office| world.office(*office));
        let version = office.and_then(|office| office.on(today).or(office.versions.last()));
        version.map_or_else(|| "项目办".to_owned(), |version| version.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use xibu_core::consent::{Means, Purpose};
    use xibu_core::person::PersonId;

    use super::*;
    use crate::clock::Clock;
    use crate::store::LinkUse;
    use crate::tick::tests::City;

    #[tokio::test]
    async fn what_is_said_is_on_disk_before_the_page_is_shown() {
        let city = City::running().await;
        let civil = "2026-06-10T12:00:00".parse().unwrap();
        let clock = Clock::virtual_at(civil, chrono_tz::Asia::Shanghai);
        let (store, rulebook) = (city.store.clone(), city.rulebook.clone());
        let reaches = Default::default();
        let mut doors = Doors::new(store, clock, rulebook, city.serves.clone(), reaches);
        let purpose = Purpose::JobInformation;
        let token = city.store.link_token(LinkUse::Answer, PersonId(32), purpose);
        let asked = |method: &str, body: &str| Asked {
            method: method.to_owned(),
            path: format!("/answer/{token}"),
            body: body.as_bytes().to_vec(),
            ..Asked::default()
        };
        let (shown, said) = doors.answer(&asked("GET", "")).await.unwrap();
        assert!(!said && shown.body.contains("第1办"), "{}", shown.body);
        for body in ["answer=yes", "answer=yes", "answer=no"] {
            let before = city.store.last_sequence().await.unwrap();
            let (shown, said) = doors.answer(&asked("POST", body)).await.unwrap();
            assert!(said && shown.status == 200);
            let record = Record::load(&city.store).await.unwrap();
            let consent = *record.world().consent(PersonId(32), purpose).unwrap();
            assert_eq!((consent.given, consent.means), (body == "answer=yes", Means::Link));
            assert!(city.store.last_sequence().await.unwrap() <= before + 1);
        }
        let sequence = city.store.last_sequence().await.unwrap();
        doors.answer(&asked("POST", "answer=no")).await.unwrap();
        assert_eq!(city.store.last_sequence().await.unwrap(), sequence, "the same is one change");
    }
}
