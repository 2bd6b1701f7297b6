//! The look of a working day: whom something fits, and who is asked whether they allow it.
//!
//! Planned are empty digests; what stands in one is chosen when it is sent (`choice`). Postings
//! come by page and people by the thousand, and between two pages everything else gets its turn. A
//! look that was broken off begins anew and opens nothing twice, because causes are unique.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, NaiveDateTime};
use xibu_core::consent::Purpose;
use xibu_core::matching::Index;
use xibu_core::office::OfficeId;
use xibu_core::parameter::{Parameter, Rulebook};
use xibu_core::person::PersonId;
use xibu_core::profile::Profile;
use xibu_core::world::World;

use super::choice;
use crate::clock::Now;
use crate::outbox::errand::{Errand, Matter};
use crate::store::{Batch, DigestDay, DigestFigures, Result, Store, ValueKind};

/// Profiles held at once: some ten megabytes, given back after the look.
const PROFILES_MAX: u32 = 20_000;
/// Errands opened in one transaction, so that nobody waits long for the database.
const ERRANDS_MAX: usize = 500;
/// So many are asked for their consent in a day, those with a profile first. Policy assumption: an
/// import of all former volunteers must not become ten thousand letters in a morning.
pub const QUESTIONS_A_DAY_MAX: usize = 200;
/// A question is of use for so many days. Policy assumption.
const QUESTION_DAYS: u64 = 30;

/// How a cause of a question begins.
const QUESTION: &str = "question/job_information/";

/// Whose digest of which day: the cause of its errand, which makes it the only one.
pub fn cause(person: PersonId, day: NaiveDate) -> String {
    format!("digest/{person}/{day}")
}

/// Looks, once a working day from the time set on; what came of it, or none where it is not due.
///
/// # Errors
/// The store cannot be read or written; the next tick looks again.
pub async fn look(
    store: &impl Store,
    world: &World,
    rulebook: &Rulebook,
    serves: &[OfficeId],
    now: Now,
) -> Result<Option<DigestDay>> {
    let Some(begins) = due(rulebook, serves, now.civil) else { return Ok(None) };
    let day = now.date();
    if store.digest_day(Some(day)).await?.is_some() {
        return Ok(None);
    }
    let faults = store.address_faults(now).await?.into_iter();
    let faults = faults.filter(|fault| fault.kind == ValueKind::Mail).map(|fault| fault.person);
    let mut look = Look {
        store,
        world,
        now,
        begins,
        faults: faults.collect(),
        figures: DigestFigures::default(),
    };
    let mut silent = Vec::new();
    let mut after = PersonId(0);
    loop {
        let profiles = store.profiles_after(after, PROFILES_MAX).await?;
        let Some(last) = profiles.last() else { break };
        after = last.person;
        silent.extend(look.people(profiles).await?);
    }
    look.figures.postings = look.count_postings().await?;
    if look.figures.with_profile == 0 && look.figures.postings == 0 {
        return Ok(None);
    }
    if look.figures.postings > 0 {
        look.ask(silent).await?;
    }
    let found = DigestDay { day, at: now.civil, figures: look.figures };
    store.set_digest_day(&found).await?;
    Ok(Some(found))
}

/// The instant from which today's look is due, where it is due now.
fn due(rulebook: &Rulebook, serves: &[OfficeId], at: NaiveDateTime) -> Option<NaiveDateTime> {
    let day = at.date();
    let time = |parameter| rulebook.parameters.time_of_day(parameter, serves, day);
    let begins = time(Parameter::DigestTime);
    let daytime = (begins..time(Parameter::DayEnds)).contains(&at.time());
    (daytime && rulebook.calendar.is_workday(day)).then(|| day.and_time(begins))
}

struct Look<'a, S> {
    store: &'a S,
    world: &'a World,
    now: Now,
    begins: NaiveDateTime,
    /// Whose mail address is wrong as far as a channel said.
    faults: BTreeSet<PersonId>,
    figures: DigestFigures,
}

impl<S: Store> Look<'_, S> {
    /// Plans digests for those of these people whom something fits; those who never said whether
    /// they allow it come back.
    async fn people(&mut self, profiles: Vec<Profile>) -> Result<Vec<PersonId>> {
        self.figures.with_profile += count(profiles.len());
        let (allowing, others): (Vec<_>, Vec<_>) =
            profiles.into_iter().partition(|one| choice::consents(self.world, one.person));
        self.figures.no_consent += count(others.len());
        let silent = others
            .into_iter()
            .map(|profile| profile.person)
            .filter(|person| self.world.consent(*person, Purpose::JobInformation).is_none());
        let silent = silent.collect();
        let persons: Vec<PersonId> = allowing.iter().map(|profile| profile.person).collect();
        let with_mail = self.with_mail(&persons).await?;
        self.figures.no_mail_address += count(persons.len() - with_mail.len());
        let reachable: Vec<Profile> =
            allowing.into_iter().filter(|one| with_mail.contains(&one.person)).collect();
        let fitted = self.fitted(reachable, with_mail).await?;
        let errands: Vec<Errand> = fitted
            .into_iter()
            .map(|person| Errand {
                cause: cause(person, self.now.date()),
                person,
                matter: Matter::Digest,
                not_before: self.begins,
                expires: end_of(self.now.date()),
                avoid: None,
            })
            .collect();
        self.figures.planned += count(errands.len());
        self.open(errands).await?;
        Ok(silent)
    }

    /// Whom something fits that is new to them.
    async fn fitted(
        &mut self,
        profiles: Vec<Profile>,
        mut waiting: BTreeSet<PersonId>,
    ) -> Result<Vec<PersonId>> {
        let today = self.now.date();
        let index = Index::new(profiles);
        let index = index.on(today);
        let mut fitted = Vec::new();
        let mut after = None;
        while !waiting.is_empty() {
            let postings = choice::page(self.store, today, after).await?;
            let Some(last) = postings.last() else { break };
            after = Some(last.id);
            for kept in &postings {
                // Score 0: they may apply, and nothing they wish for speaks for it.
                let matches = index.matches(&kept.posting).into_iter();
                let mut fits: Vec<PersonId> = matches
                    .filter(|one| one.score > 0 && waiting.contains(&one.person))
                    .map(|one| one.person)
                    .collect();
                if fits.is_empty() {
                    continue;
                }
                let told = self.store.told_of(kept.id).await?;
                fits.retain(|person| told.binary_search(person).is_err());
                for person in fits {
                    waiting.remove(&person);
                    fitted.push(person);
                }
            }
            tokio::task::yield_now().await;
        }
        self.figures.nothing_new += count(waiting.len());
        fitted.sort_unstable();
        Ok(fitted)
    }

    async fn count_postings(&self) -> Result<u32> {
        let mut found = 0;
        let mut after = None;
        loop {
            let postings = choice::page(self.store, self.now.date(), after).await?;
            let Some(last) = postings.last() else { return Ok(found) };
            after = Some(last.id);
            found += count(postings.len());
        }
    }

    /// Asks, once for ever, those with a profile and former volunteers who never said a word.
    async fn ask(&mut self, silent: Vec<PersonId>) -> Result<()> {
        let asked: BTreeSet<PersonId> =
            self.store.persons_of_causes(QUESTION).await?.into_iter().collect();
        let mut errands = Vec::new();
        let former = former_volunteers(self.world, self.now.date());
        let mut candidates = silent;
        candidates.extend(
            former
                .into_iter()
                .filter(|person| self.world.consent(*person, Purpose::JobInformation).is_none()),
        );
        let mut met = BTreeSet::new();
        candidates.retain(|person| !asked.contains(person) && met.insert(*person));
        for persons in candidates.chunks(ERRANDS_MAX) {
            let with_mail = self.with_mail(persons).await?;
            let room = QUESTIONS_A_DAY_MAX - errands.len();
            let persons = persons.iter().filter(|person| with_mail.contains(person)).take(room);
            errands.extend(persons.map(|person| self.question(*person)));
            if errands.len() >= QUESTIONS_A_DAY_MAX {
                break;
            }
        }
        self.figures.asked = count(errands.len());
        self.open(errands).await
    }

    fn question(&self, person: PersonId) -> Errand {
        let day = self.now.date();
        Errand {
            cause: format!("{QUESTION}{person}"),
            person,
            matter: Matter::ConsentQuestion { purpose: Purpose::JobInformation },
            not_before: self.begins,
            expires: end_of(day.checked_add_days(Days::new(QUESTION_DAYS)).unwrap_or(day)),
            avoid: None,
        }
    }

    async fn with_mail(&self, persons: &[PersonId]) -> Result<BTreeSet<PersonId>> {
        let personal = self.store.personal(persons).await?;
        let with_mail = personal.into_iter().filter(|(_, held)| held.mail.is_some());
        let persons = with_mail.map(|(person, _)| person);
        Ok(persons.filter(|person| !self.faults.contains(person)).collect())
    }

    async fn open(&self, errands: Vec<Errand>) -> Result<()> {
        for errands in errands.chunks(ERRANDS_MAX) {
            let batch =
                Batch { by: "daemon".to_owned(), errands: errands.to_vec(), ..Batch::default() };
            self.store.record(&batch, self.now).await?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

/// Those who served and serve no more, by number.
fn former_volunteers(world: &World, today: NaiveDate) -> Vec<PersonId> {
    let mut over: BTreeMap<PersonId, bool> = BTreeMap::new();
    for service in world.services() {
        let ended = service.validity.until.is_some_and(|until| until <= today);
        let all_over = over.entry(service.person).or_insert(true);
        *all_over &= ended;
    }
    over.into_iter().filter(|(_, over)| *over).map(|(person, _)| person).collect()
}

fn end_of(day: NaiveDate) -> NaiveDateTime {
    day.succ_opt().unwrap_or(day).and_time(chrono::NaiveTime::MIN)
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
pub(crate) mod tests;
