//! `explain digest/P12/2026-06-26`: on what consent it stands, why each posting was chosen or left
//! out, or why there was none.
//!
//! Consent is shown as it was known at that time; wishes are those of today, because what a person
//! wished before is not kept.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::Serialize;
use xibu_core::change::{Change, Recorded};
use xibu_core::consent::{Consent, Purpose};
use xibu_core::digest::{Candidate, LeftOut, POSTINGS_MAX, digest};
use xibu_core::matching::{Verdict, Why, judge};
use xibu_core::person::PersonId;
use xibu_core::posting::{Posting, PostingId};
use xibu_core::profile::Profile;

use super::Context;
use super::consent::{means_name, not_found, word};
use super::office::Office;
use super::outcome::{Exit, Failure, Outcome};
use super::posting::said;
use super::screen::{Mark, Screen};
use crate::clock::Now;
use crate::job::look::cause;
use crate::language::Language;
use crate::outbox::State;
use crate::store::{DigestDay, Envelope, EnvelopeFilter, PostingFilter, PostingKept, Store};

/// `digest/P12/2026-06-26`.
pub(super) fn parse(text: &str) -> Option<(PersonId, NaiveDate)> {
    let (person, day) = text.strip_prefix("digest/")?.split_once('/')?;
    Some((person.parse().ok()?, day.parse().ok()?))
}

/// What is shown; a line of `--json`.
#[derive(Serialize)]
struct Found {
    id: String,
    /// Why there was none, or is none yet; none where it was sent or is on its way.
    reason: Option<&'static str>,
    state: Option<State>,
    detail: Option<String>,
    consent: Option<Consent>,
    consent_since: Vec<Consent>,
    look: Option<DigestDay>,
    chosen: Vec<Chosen>,
    left_out: Vec<Left>,
    /// Those that do not fit, by reason; `--json` has them all.
    not_fitting: Vec<NotFitting>,
}

#[derive(Serialize)]
struct Chosen {
    posting: PostingId,
    title: String,
    score: u16,
    why: Vec<Why>,
}

#[derive(Serialize)]
struct Left {
    posting: PostingId,
    title: String,
    reason: LeftOut,
}

#[derive(Serialize)]
struct NotFitting {
    posting: PostingId,
    title: String,
    #[serde(flatten)]
    why_not: xibu_core::matching::WhyNot,
}

/// Runs it.
pub(super) async fn explain(
    person: PersonId,
    day: NaiveDate,
    json: bool,
    context: &mut Context,
) -> Outcome {
    let office = Office::open(context).await?;
    let found = find(&office, person, day).await?;
    match json {
        true => context.screen.json(&found),
        false => found.print(&mut context.screen),
    }
    Ok(Exit::Done)
}

async fn find(office: &Office, person: PersonId, day: NaiveDate) -> Result<Found, Failure> {
    let store = &office.store;
    let filter = EnvelopeFilter { cause: Some(cause(person, day)), ..Default::default() };
    let envelope = store.envelopes(&filter).await.map_err(Failure::data)?.pop();
    let profile = store.profiles(&[person]).await.map_err(Failure::data)?.pop();
    if envelope.is_none() && profile.is_none() {
        return Err(not_found(person));
    }
    let at = decided_at(office, envelope.as_ref(), day);
    let history = office.history().await?;
    let (consent, consent_since) = consents(&history, person, at);
    let look = store.digest_day(Some(day)).await.map_err(Failure::data)?;
    let mut found = Found {
        id: cause(person, day),
        reason: None,
        state: envelope.as_ref().map(|envelope| envelope.position.state),
        detail: envelope.as_ref().map(|envelope| envelope.detail.clone()),
        consent,
        consent_since,
        look,
        chosen: Vec::new(),
        left_out: Vec::new(),
        not_fitting: Vec::new(),
    };
    if let Some(profile) = &profile {
        found.choose(office, profile, envelope.as_ref(), (day, at)).await?;
    }
    let mail = store.personal(&[person]).await.map_err(Failure::data)?;
    let has_mail = mail.get(&person).is_some_and(|personal| personal.mail.is_some());
    if envelope.is_none() {
        found.reason = Some(match (consent.is_some_and(|consent| consent.given), look) {
            (false, _) => "no_consent",
            (true, None) => "no_look_that_day",
            (true, Some(_)) if !has_mail => "no_mail_address",
            (true, Some(_)) => "nothing_new",
        });
    }
    Ok(found)
}

/// When it was decided: when it was first tried, else at the end of that day.
fn decided_at(office: &Office, envelope: Option<&Envelope>, day: NaiveDate) -> NaiveDateTime {
    let tried = envelope.and_then(|envelope| envelope.first_tried_at);
    match tried {
        Some(at) => Now::at_unix(at, office.settings.zone()).civil,
        None => day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN),
    }
}

/// The newest word known at `at`, and every word recorded after it.
fn consents(
    history: &[Recorded],
    person: PersonId,
    at: NaiveDateTime,
) -> (Option<Consent>, Vec<Consent>) {
    let said = history.iter().filter_map(|recorded| match recorded.change {
        Change::ConsentSaid { person: whose, purpose: Purpose::JobInformation, consent }
            if whose == person =>
        {
            Some((recorded.at, consent))
        }
        _ => None,
    });
    let (before, after): (Vec<_>, Vec<_>) = said.partition(|(recorded, _)| *recorded <= at);
    let newest = before.into_iter().map(|(_, consent)| consent).max_by_key(|one| one.since);
    (newest, after.into_iter().map(|(_, consent)| consent).collect())
}

impl Found {
    async fn choose(
        &mut self,
        office: &Office,
        profile: &Profile,
        envelope: Option<&Envelope>,
        (day, at): (NaiveDate, NaiveDateTime),
    ) -> Result<(), Failure> {
        let store = &office.store;
        let person = profile.person;
        let told = store.told(&[person]).await.map_err(Failure::data)?;
        let told = told.get(&person).map_or(&[][..], Vec::as_slice);
        let (own, others): (Vec<_>, Vec<_>) = told
            .iter()
            .partition(|one| envelope.is_some_and(|envelope| envelope.key == one.envelope));
        let own: BTreeSet<PostingId> = own.into_iter().map(|one| one.posting).collect();
        let before: BTreeSet<PostingId> = others
            .into_iter()
            .filter(|one| one.counts && one.envelope.day <= day)
            .map(|one| one.posting)
            .collect();
        let filter = PostingFilter { open_on: Some(day), ..PostingFilter::default() };
        let postings = store.postings(&filter).await.map_err(Failure::data)?;
        let known: Vec<&PostingKept> =
            postings.iter().filter(|kept| kept.first_seen <= at).collect();
        let mut verdicts: BTreeMap<PostingId, (&Posting, Verdict)> = BTreeMap::new();
        for kept in known {
            match judge(profile, &kept.posting, day) {
                Ok(verdict) => drop(verdicts.insert(kept.id, (&kept.posting, verdict))),
                Err(why_not) => self.not_fitting.push(NotFitting {
                    posting: kept.id,
                    title: kept.posting.title().to_owned(),
                    why_not,
                }),
            }
        }
        let candidates: Vec<Candidate<'_>> = verdicts
            .iter()
            .map(|(number, (posting, verdict))| Candidate {
                number: *number,
                posting,
                score: verdict.score,
            })
            .collect();
        let digest = digest(&candidates, &before, day, POSTINGS_MAX);
        // What was sent is what was told, whatever would be chosen by today's wishes.
        let chosen: Vec<PostingId> = match own.is_empty() {
            true => digest.chosen.clone(),
            false => own.iter().copied().collect(),
        };
        for id in &chosen {
            let Some((posting, verdict)) = verdicts.get(id) else { continue };
            self.chosen.push(Chosen {
                posting: *id,
                title: posting.title().to_owned(),
                score: verdict.score,
                why: verdict.why.clone(),
            });
        }
        self.chosen.sort_by_key(|one| (std::cmp::Reverse(one.score), one.posting));
        for (id, reason) in digest.left_out {
            if let Some((posting, _)) = verdicts.get(&id).filter(|_| !chosen.contains(&id)) {
                let title = posting.title().to_owned();
                self.left_out.push(Left { posting: id, title, reason });
            }
        }
        Ok(())
    }

    fn print(&self, screen: &mut Screen) {
        let language = screen.language;
        screen.heading(&self.id);
        self.print_fate(screen);
        let consent = match &self.consent {
            None => language.pick("没有表示过", "nothing was ever said").to_owned(),
            Some(consent) => said_consent(consent, language),
        };
        let text = screen.pick("依据的同意", "consent it stands on").to_owned();
        screen.line(format!("  {text}: {consent}"));
        for consent in &self.consent_since {
            let text = screen.pick("此后", "since then").to_owned();
            screen.line(format!("  {text}: {}", said_consent(consent, language)));
        }
        if !self.chosen.is_empty() {
            let text = match self.state.is_some() {
                true => screen.pick("选中", "chosen"),
                false => screen.pick("若发送，会选", "would be chosen"),
            };
            let text = text.to_owned();
            screen.heading(text);
        }
        for one in &self.chosen {
            screen.line(format!("  {}  {} ({})", one.posting, one.title, one.score));
            let why: Vec<String> =
                one.why.iter().map(|why| said(&why.sentence(), language)).collect();
            screen.marked(Mark::Faint, format!("      {}", why.join(language.pick("；", "; "))));
        }
        if !self.left_out.is_empty() {
            let text = screen.pick("适合但没有选", "fits, and was left out").to_owned();
            screen.heading(text);
        }
        for one in &self.left_out {
            let reason = said(&one.reason.sentence(), language);
            screen.line(format!("  {}  {}: {reason}", one.posting, one.title));
        }
        self.print_not_fitting(screen);
    }

    fn print_fate(&self, screen: &mut Screen) {
        let language = screen.language;
        if let Some(look) = &self.look {
            let text = screen.pick("查看时间", "looked at").to_owned();
            screen.line(format!("  {text}: {}", look.at));
        }
        match (&self.state, self.reason) {
            (Some(state), _) => {
                let name = super::outbox::state_name(*state, language);
                let detail = self.detail.as_deref().unwrap_or_default();
                screen.line(format!("  {name} {detail}"));
            }
            (None, Some(reason)) => {
                let text = reason_text(reason, language);
                screen.marked(Mark::Warning, format!("  {text} ({reason})"));
            }
            (None, None) => {}
        }
    }

    fn print_not_fitting(&self, screen: &mut Screen) {
        let language = screen.language;
        let mut reasons: BTreeMap<String, Vec<PostingId>> = BTreeMap::new();
        for one in &self.not_fitting {
            reasons.entry(said(&one.why_not.sentence(), language)).or_default().push(one.posting);
        }
        if reasons.is_empty() {
            return;
        }
        let text = screen.pick("不适合", "does not fit").to_owned();
        screen.heading(text);
        for (reason, postings) in reasons {
            let some: Vec<String> = postings.iter().take(5).map(ToString::to_string).collect();
            let more = if postings.len() > some.len() { " …" } else { "" };
            screen.line(format!("  {reason}: {} ({}{more})", postings.len(), some.join(" ")));
        }
    }
}

fn said_consent(consent: &Consent, language: Language) -> String {
    let since = consent.since.format("%Y-%m-%d %H:%M");
    let (word, means) = (word(consent.given, language), means_name(consent.means, language));
    match language {
        Language::Chinese => format!("{word}，{since}，{means}"),
        Language::English => format!("{word}, {since}, by {means}"),
    }
}

fn reason_text(reason: &str, language: Language) -> &'static str {
    match reason {
        "no_consent" => language.pick("没有同意，不发", "no consent, so nothing is sent"),
        "no_mail_address" => language.pick("没有邮箱，不发", "no mail address"),
        "no_look_that_day" => language.pick(
            "那天没有查看：休息日、时间未到，或服务没有运行",
            "nobody looked that day: a rest day, not yet time, or the service did not run",
        ),
        _ => language.pick("没有新的适合的信息", "nothing new that fits"),
    }
}
