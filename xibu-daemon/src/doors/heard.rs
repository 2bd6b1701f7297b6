//! What a message says, with what the store knows of it: the message of ours that it answers,
//! fresh numbers for the accidents it tells of.
//!
//! What it is not: it judges nothing (`arrival`).

use xibu_core::incident::IncidentId;
use xibu_core::intake::mail;
use xibu_core::intake::reply::{self, Reply};
use xibu_core::person::PersonId;
use xibu_plugin_abi::message::Arrived;

use super::{Doors, files};
use crate::arrival::{Judge, Pasted, Said, echo, pasted};
use crate::clock::Now;
use crate::outbox::errand::Matter;
use crate::outbox::{Class, EnvelopeKey};
use crate::store::{EnvelopeFilter, Numbers, Result, Store};

/// A message as it is judged, without what only the store can give.
pub(super) fn said(arrived: &Arrived, blobs: &[Vec<u8>], persons: &[PersonId], now: Now) -> Said {
    let at = Now::at_unix(arrived.received_unix_ms, now.zone).civil.min(now.civil);
    let by_mail = arrived.from.contains('@');
    let heard = match by_mail {
        true => reply::read_mail(&arrived.subject, &arrived.text, at.date()),
        false => reply::read(&arrived.text, at.date()),
    };
    Said {
        senders: persons.to_vec(),
        at,
        heard,
        by_mail,
        automatic: arrived.automatic,
        is_ours: echo::is_ours(&arrived.text),
        spam: arrived.spam,
        unread: arrived.unread,
        has_files: files::enclosed(arrived, blobs).next().is_some(),
        consent: consent(arrived, persons),
        incident: None,
        answers_incident: None,
        answers_a_duty: answered(arrived, persons).is_some_and(|key| key.class == Class::Duty),
        pasted: None,
    }
}

impl<S: Store> Doors<S> {
    pub(super) async fn said(
        &self,
        judge: &Judge<'_>,
        (arrived, blobs): (&Arrived, &[Vec<u8>]),
        persons: &[PersonId],
    ) -> Result<Said> {
        let mut said = said(arrived, blobs, persons, judge.now);
        let by_person = !said.automatic && !said.spam && !said.is_ours;
        if let [person] = persons
            && by_person
        {
            if let Some(list) = pasted::find(judge, *person, &words(arrived, blobs)) {
                let incident = self.numbers(list.accidents()).await?;
                said.pasted = Some(Pasted { incident, list });
                // The file was the list, and is read by now.
                said.has_files &= text_file(arrived, blobs).is_none();
            }
            let is_accident = matches!(said.heard.reply, Reply::Accident { .. });
            if is_accident && said.heard.about.is_none() && said.pasted.is_none() {
                said.incident = Some(self.numbers(1).await?);
            }
        }
        if let Some(key) = answered(arrived, persons)
            && key.class == Class::Alarm
        {
            said.answers_incident = self.incident_of(&key).await?;
        }
        Ok(said)
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
    let word = match arrived.from.contains('@') {
        true => xibu_core::consent::answer(&mail::own_words(&arrived.text).words)?,
        false => xibu_core::consent::answer(&arrived.text)?,
    };
    let wanted = !arrived.spam && arrived.unread.is_none();
    (wanted && asked && persons == [answers.person]).then_some(word)
}

/// The message of ours that it answers, where that went to its sender.
fn answered(arrived: &Arrived, persons: &[PersonId]) -> Option<EnvelopeKey> {
    let key: EnvelopeKey = arrived.answers.as_deref()?.parse().ok()?;
    (persons == [key.person]).then_some(key)
}

/// Its words; where a text file alone came with it, that file's too.
fn words(arrived: &Arrived, blobs: &[Vec<u8>]) -> String {
    let mut words = match arrived.from.contains('@') {
        true => mail::own_words(&arrived.text).words,
        false => arrived.text.clone(),
    };
    if let Some(text) = text_file(arrived, blobs) {
        words.push('\n');
        words.push_str(text);
    }
    words
}

/// The text file that alone came with it.
fn text_file<'b>(arrived: &Arrived, blobs: &'b [Vec<u8>]) -> Option<&'b str> {
    let [file] = arrived.attachments.as_slice() else { return None };
    let bytes = blobs.get(usize::try_from(file.blob).ok()?)?;
    let is_text = file.file_name.to_lowercase().ends_with(".txt");
    is_text.then(|| str::from_utf8(bytes).ok())?
}
