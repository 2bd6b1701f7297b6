//! What a message says, with what the store knows of it: the message of ours that it answers,
//! fresh numbers for the accidents it tells of.
//!
//! What it is not: it judges nothing (`arrival`).

use xibu_core::incident::IncidentId;
use xibu_core::intake::reply::{self, Reply};
use xibu_core::person::PersonId;
use xibu_plugin_abi::message::Arrived;

use super::Doors;
use crate::arrival::{Judge, Pasted, Said, echo, pasted};
use crate::clock::Now;
use crate::outbox::errand::Matter;
use crate::outbox::{Class, EnvelopeKey};
use crate::store::{EnvelopeFilter, Numbers, Result, Store};

impl<S: Store> Doors<S> {
    pub(super) async fn said(
        &self,
        judge: &Judge<'_>,
        (arrived, blobs): (&Arrived, &[Vec<u8>]),
        persons: &[PersonId],
    ) -> Result<Said> {
        let now = judge.now;
        let at = Now::at_unix(arrived.received_unix_ms, now.zone).civil.min(now.civil);
        let heard = reply::read(&arrived.text, at.date());
        let by_person = !arrived.automatic && !echo::is_ours(&arrived.text);
        let known = by_person && persons.len() == 1;
        let list = match persons {
            [person] if known => pasted::find(judge, *person, &words(arrived, blobs)),
            _ => None,
        };
        let pasted = match list {
            Some(list) => Some(Pasted { incident: self.numbers(list.accidents()).await?, list }),
            None => None,
        };
        let is_accident = matches!(heard.reply, Reply::Accident { .. }) && heard.about.is_none();
        let incident = match is_accident && known && pasted.is_none() {
            true => Some(self.numbers(1).await?),
            false => None,
        };
        let answers = answered(arrived, persons);
        Ok(Said {
            senders: persons.to_vec(),
            at,
            heard,
            by_mail: arrived.from.contains('@'),
            automatic: arrived.automatic,
            is_ours: echo::is_ours(&arrived.text),
            has_files: !arrived.attachments.is_empty(),
            consent: consent(arrived, persons),
            incident,
            answers_incident: match &answers {
                Some(key) if key.class == Class::Alarm => self.incident_of(key).await?,
                _ => None,
            },
            answers_a_duty: answers.is_some_and(|key| key.class == Class::Duty),
            pasted,
        })
    }

    /// The first of so many fresh numbers.
    async fn numbers(&self, count: u32) -> Result<IncidentId> {
        Ok(IncidentId(match count {
            0 => 0,
            count => self.store.reserve(Numbers::Incident, count).await?,
        }))
    }

    /// The incident that an alarm of ours told of.
    async fn incident_of(&self, key: &EnvelopeKey) -> Result<Option<IncidentId>> {
        let filter = EnvelopeFilter { key: Some(key.clone()), ..EnvelopeFilter::default() };
        let found = self.store.envelopes(&filter).await?.into_iter().next();
        Ok(match found.and_then(|envelope| envelope.errand).map(|errand| errand.matter) {
            Some(Matter::IncidentOpened { incident } | Matter::IncidentDue { incident, .. }) => {
                Some(incident)
            }
            _ => None,
        })
    }
}

/// What it says to our question, where it answers that very message: a sender's address alone can
/// be forged.
fn consent(arrived: &Arrived, persons: &[PersonId]) -> Option<bool> {
    let answers: EnvelopeKey = arrived.answers.as_deref()?.parse().ok()?;
    let asked = matches!(answers.class, Class::Question | Class::Digest);
    let word = xibu_core::consent::answer(&arrived.text)?;
    (asked && persons == [answers.person]).then_some(word)
}

/// The message of ours that it answers, where that went to its sender.
fn answered(arrived: &Arrived, persons: &[PersonId]) -> Option<EnvelopeKey> {
    let key: EnvelopeKey = arrived.answers.as_deref()?.parse().ok()?;
    (persons == [key.person]).then_some(key)
}

/// Its words; where a text file alone came with it, that file's too.
fn words(arrived: &Arrived, blobs: &[Vec<u8>]) -> String {
    let mut words = arrived.text.clone();
    if let [file] = arrived.attachments.as_slice()
        && file.file_name.to_lowercase().ends_with(".txt")
        && let Some(Ok(text)) = blobs.get(file.blob as usize).map(|bytes| str::from_utf8(bytes))
    {
        words.push('\n');
        words.push_str(text);
    }
    words
}
