//! The message at the moment of intent: as it was frozen before, or composed now.

use std::collections::BTreeMap;

use xibu_core::consolidation::consolidate;
use xibu_core::person::PersonId;
use xibu_core::rule::Rule;

use super::frozen::FrozenMessage;
use super::{Channel, Desk, Desktop, Post, frozen, outcome};
use crate::compose::{About, Codes, Letter, Medium};
use crate::store::{DocumentKind, Envelope, Frozen, NewDocument, Result, Store, ValueKind};
use crate::workbook::people_of;

/// Messages are kept for three years: as long as an obligation may be asked about (policy
/// assumption).
const MESSAGE_KEPT_MONTHS: u32 = 36;

impl<S: Store, C: Channel, D: Desk> Post<'_, S, C, D> {
    /// The message as it was frozen before, where nothing about it changed; else composed anew.
    pub(super) async fn freeze(
        &self,
        desktop: &Desktop<'_>,
        envelope: &Envelope,
        about: About<'_>,
        as_before: bool,
        route: usize,
        address: String,
    ) -> Result<std::result::Result<(Frozen, FrozenMessage), String>> {
        if let Some(document) = envelope.rendered
            && as_before
            && let Ok(opened) = self.store.open_document(document).await
            && let Ok(frozen) = FrozenMessage::from_bytes(&opened.bytes)
            && frozen.message.address == address
        {
            return Ok(Ok((Frozen::AsBefore(document), frozen)));
        }
        let person = envelope.key.person;
        let name = desktop.personal.get(&person).and_then(|personal| personal.name.as_deref());
        let codes = self.codes(&about);
        let volunteers = match self.routes[route].kind {
            ValueKind::Phone => BTreeMap::new(),
            _ => self.volunteers(desktop, &about).await?,
        };
        let confirm_codes = self.confirm_codes(desktop, &about);
        let letter = Letter {
            recipient: name.unwrap_or_default(),
            medium: match self.routes[route].kind {
                ValueKind::Phone => Medium::Short,
                _ => Medium::Letter,
            },
            about,
            world: desktop.record.world(),
            rulebook: self.rulebook,
            serves: self.serves,
            at: desktop.now.civil,
            codes: &codes,
            volunteers: &volunteers,
            confirm_codes: &confirm_codes,
        };
        let written = match self.desk.write(&letter, desktop.now).await {
            Ok(written) => written,
            Err(detail) => return Ok(Err(detail)),
        };
        let redirected = desktop.redirect_to.is_some();
        let frozen =
            outcome::message(&envelope.key, letter.recipient, address, redirected, written);
        let Ok(bytes) = frozen.to_bytes() else {
            return Ok(Err("larger_than_a_message_may_be".to_owned()));
        };
        let document = NewDocument {
            kind: DocumentKind::Message,
            name: envelope.key.to_string(),
            media_type: frozen::MEDIA_TYPE.to_owned(),
            bytes,
            received_at: desktop.now.civil,
            retain_until: desktop
                .now
                .date()
                .checked_add_months(chrono::Months::new(MESSAGE_KEPT_MONTHS)),
            // A form names those who serve there: it goes when one of them is erased.
            persons: std::iter::once(person).chain(volunteers.into_keys()).collect(),
        };
        Ok(Ok((Frozen::New(document), frozen)))
    }

    /// The names of those who serve at the units that are asked.
    async fn volunteers(
        &self,
        desktop: &Desktop<'_>,
        about: &About<'_>,
    ) -> Result<BTreeMap<PersonId, String>> {
        let About::Notices(notices) = about else { return Ok(BTreeMap::new()) };
        let (world, date) = (desktop.record.world(), desktop.now.date());
        let asked = notices.iter().filter(|notice| {
            notice.key.obligation.rule == Rule::UnitMonthlyReturn
                && notice.office == notice.key.obligation.debtor
        });
        let people: Vec<PersonId> =
            asked.flat_map(|notice| people_of(world, notice.office, date)).collect();
        let known = self.store.personal(&people).await?;
        Ok(known.into_iter().filter_map(|(person, held)| Some((person, held.name?))).collect())
    }

    /// The code by which each county's consolidation in it is confirmed, as it is now; none where
    /// no unit has answered.
    fn confirm_codes(&self, desktop: &Desktop<'_>, about: &About<'_>) -> Codes {
        let About::Notices(notices) = about else { return Codes::new() };
        let keys = notices.iter().map(|notice| notice.key.obligation);
        keys.filter(|key| key.rule == Rule::CountyMonthlyReturn)
            .filter_map(|key| {
                let (world, at) = (desktop.record.world(), desktop.now.civil);
                let found = consolidate(world, self.rulebook, key.debtor, key.period, at);
                let answered = found.units.iter().any(|unit| unit.content.is_some());
                answered.then(|| (key, self.store.confirm_code(&key, found.version).to_string()))
            })
            .collect()
    }

    /// The code of each request in it.
    fn codes(&self, about: &About<'_>) -> Codes {
        let About::Notices(notices) = about else { return Codes::new() };
        let keys = notices.iter().map(|notice| notice.key.obligation);
        keys.map(|key| (key, self.store.request_code(&key).to_string())).collect()
    }
}
