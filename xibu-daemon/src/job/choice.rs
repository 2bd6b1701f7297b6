//! What stands in the digests of a batch of people, chosen in one pass over what can be answered.
//!
//! The choice is the core's ([`xibu_core::digest`]); here postings come by page and people by
//! batch, so that neither the one nor the other is ever held whole.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use xibu_core::consent::Purpose;
use xibu_core::digest::{Candidate, POSTINGS_MAX, digest};
use xibu_core::matching::{Index, judge};
use xibu_core::person::PersonId;
use xibu_core::posting::{Posting, PostingId};
use xibu_core::profile::Profile;
use xibu_core::world::World;

use super::DigestItem;
use crate::outbox::EnvelopeKey;
use crate::store::{PostingFilter, PostingKept, Result, Store, Told};

/// Postings held at once.
pub(crate) const PAGE: u32 = 500;

/// What is to be said to one person.
#[derive(Clone, Debug, PartialEq)]
pub enum Chosen {
    /// Nothing: the person did not allow it, or took it back.
    NoConsent,
    /// Nothing: nothing fits that is new and can still be answered.
    NothingNew,
    /// These, best first.
    Tell(Vec<DigestItem>),
}

/// A page of the postings that can be answered on a day; an empty one is the end.
pub(crate) async fn page(
    store: &impl Store,
    day: NaiveDate,
    after: Option<PostingId>,
) -> Result<Vec<PostingKept>> {
    let filter = PostingFilter { open_on: Some(day), after, limit: PAGE, ..Default::default() };
    store.postings(&filter).await
}

/// Chooses for each of these digests. One that was frozen before keeps what it told.
///
/// # Errors
/// The store cannot be read.
pub async fn choose(
    store: &impl Store,
    world: &World,
    envelopes: &[EnvelopeKey],
    today: NaiveDate,
) -> Result<BTreeMap<PersonId, Chosen>> {
    let mut chosen: BTreeMap<PersonId, Chosen> = BTreeMap::new();
    let mut asked = Vec::new();
    for key in envelopes {
        match consents(world, key.person) {
            true => asked.push(key.person),
            false => drop(chosen.insert(key.person, Chosen::NoConsent)),
        }
    }
    let profiles = store.profiles(&asked).await?;
    let told = store.told(&asked).await?;
    let mut fresh = Vec::new();
    for profile in profiles {
        let key = envelopes.iter().find(|key| key.person == profile.person);
        let told = told.get(&profile.person).map_or(&[][..], Vec::as_slice);
        let own: Vec<PostingId> =
            told.iter().filter(|one| Some(&one.envelope) == key).map(|one| one.posting).collect();
        if own.is_empty() {
            fresh.push(profile);
        } else {
            let items = again(store, &profile, &own, today).await?;
            chosen.insert(profile.person, Chosen::Tell(items));
        }
    }
    for (person, items) in best(store, fresh, &told, today).await? {
        if !items.is_empty() {
            chosen.insert(person, Chosen::Tell(items));
        }
    }
    for person in asked {
        chosen.entry(person).or_insert(Chosen::NothingNew);
    }
    Ok(chosen)
}

/// Whether a person allows to be told of job advertisements.
pub fn consents(world: &World, person: PersonId) -> bool {
    world.consent(person, Purpose::JobInformation).is_some_and(|consent| consent.given)
}

/// What a message told when it was first tried, in the same order.
async fn again(
    store: &impl Store,
    profile: &Profile,
    own: &[PostingId],
    today: NaiveDate,
) -> Result<Vec<DigestItem>> {
    let mut kept = Vec::with_capacity(own.len());
    for id in own {
        let filter = PostingFilter { id: Some(*id), ..PostingFilter::default() };
        kept.extend(store.postings(&filter).await?);
    }
    let scored: Vec<(PostingKept, u16)> = kept
        .into_iter()
        .map(|one| {
            let score = judge(profile, &one.posting, today).map_or(0, |verdict| verdict.score);
            (one, score)
        })
        .collect();
    let mut items: Vec<(u16, DigestItem)> = scored
        .into_iter()
        .map(|(one, score)| (score, item(profile, one.id, one.posting, today)))
        .collect();
    items.sort_by_key(|(score, one)| (std::cmp::Reverse(*score), one.id));
    Ok(items.into_iter().map(|(_, one)| one).collect())
}

/// The best of what is new, for each of these people.
async fn best(
    store: &impl Store,
    profiles: Vec<Profile>,
    told: &BTreeMap<PersonId, Vec<Told>>,
    today: NaiveDate,
) -> Result<BTreeMap<PersonId, Vec<DigestItem>>> {
    let mut found: BTreeMap<PersonId, Vec<Scored>> = BTreeMap::new();
    if profiles.is_empty() {
        return Ok(BTreeMap::new());
    }
    let index = Index::new(profiles);
    let on_today = index.on(today);
    let mut after = None;
    loop {
        let postings = page(store, today, after).await?;
        let Some(last) = postings.last() else { break };
        after = Some(last.id);
        let mut fits: BTreeMap<PersonId, Vec<Candidate<'_>>> = BTreeMap::new();
        for kept in &postings {
            for one in on_today.matches(&kept.posting) {
                let candidate =
                    Candidate { number: kept.id, posting: &kept.posting, score: one.score };
                fits.entry(one.person).or_default().push(candidate);
            }
        }
        for (person, fits) in fits {
            let told = told.get(&person).map_or(&[][..], Vec::as_slice);
            keep_best(found.entry(person).or_default(), fits, told, today);
        }
    }
    let items = found.into_iter().filter_map(|(person, kept)| {
        let profile = index.profile(person)?;
        let items = kept.into_iter().map(|one| item(profile, one.id, one.posting, today));
        Some((person, items.collect()))
    });
    Ok(items.collect())
}

/// A posting that is among the best so far.
struct Scored {
    id: PostingId,
    posting: Posting,
    score: u16,
}

/// The best of those kept and those of a further page are the best of both.
fn keep_best(kept: &mut Vec<Scored>, fits: Vec<Candidate<'_>>, told: &[Told], today: NaiveDate) {
    let told: BTreeSet<PostingId> =
        told.iter().filter(|one| one.counts).map(|one| one.posting).collect();
    let before = std::mem::take(kept);
    let mut candidates: Vec<Candidate<'_>> = before
        .iter()
        .map(|one| Candidate { number: one.id, posting: &one.posting, score: one.score })
        .collect();
    candidates.extend(fits);
    let chosen = digest(&candidates, &told, today, POSTINGS_MAX).chosen;
    *kept = chosen
        .into_iter()
        .filter_map(|id| {
            let one = candidates.iter().find(|one| one.number == id)?;
            Some(Scored { id, posting: one.posting.clone(), score: one.score })
        })
        .collect();
}

fn item(profile: &Profile, id: PostingId, posting: Posting, today: NaiveDate) -> DigestItem {
    let why = judge(profile, &posting, today).map(|verdict| verdict.why).unwrap_or_default();
    DigestItem { id, posting, why }
}
