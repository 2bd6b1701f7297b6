//! An errand's envelope on its way: is it still to be said, and what does it need from the record.
//!
//! What it is not: no wording (`compose::errand`).

use std::collections::BTreeMap;

use xibu_core::consent::Purpose;
use xibu_core::consolidation::{Confirmed, Version, confirmed, consolidate, is_complete};
use xibu_core::incident::{Case, IncidentId};
use xibu_core::obligation::ObligationKey;
use xibu_core::person::PersonId;

use super::route::Way;
use super::{About, Brief, Channel, Desk, Desktop, Post, Ready, quiet};
use crate::arrival::Answer;
use crate::clock::Now;
use crate::compose::{FilesBrief, Pages};
use crate::incident::is_past;
use crate::intake;
use crate::job::choice;
use crate::outbox::errand::{Errand, Matter};
use crate::outbox::state::Event;
use crate::store::{ArrivalFilter, Envelope, Intent, LinkUse, Result, Settlement, Store};

/// Workbooks sent back with one answer hold so many bytes at most; mail servers take no more.
const MARKED_BYTES_MAX: usize = 10 << 20;

/// What a last look says of an errand.
enum Resolved {
    /// It is said, with this.
    Say(Brief),
    /// It is not said any more, for this named reason.
    Drop(&'static str),
}

impl<S: Store, C: Channel, D: Desk> Post<'_, S, C, D> {
    /// One errand's envelope: ready to go, or the event that ends or delays it.
    pub(super) async fn prepare_errand(
        &self,
        desktop: &Desktop<'_>,
        envelope: &Envelope,
        errand: &Errand,
    ) -> Result<std::result::Result<Ready, Settlement>> {
        let now = desktop.now;
        let fence = envelope.position.fence;
        let settled = |event, detail: &str| {
            Ok(Err(Settlement {
                key: envelope.key.clone(),
                event,
                reference: None,
                detail: detail.to_owned(),
                left_out: BTreeMap::new(),
                fault: None,
            }))
        };
        if !envelope.key.class.may_go_at_night()
            && let Some(until) = quiet::night_ends(self.rulebook, self.serves, now.civil)
        {
            return settled(Event::Rest { fence, until: now.unix_of(until) }, "quiet_hours");
        }
        let brief = match self.resolve(desktop, errand).await? {
            Resolved::Say(brief) => brief,
            Resolved::Drop(reason) => return settled(Event::Cancel { fence }, reason),
        };
        let (route, address) = match self.choose(desktop, envelope, errand.avoid.as_deref()) {
            Way::Go { route, address } => (route, address),
            Way::Rest { until, reason } => {
                return settled(Event::Rest { fence, until }, reason);
            }
            Way::Never { reason } => return settled(Event::Reject { fence }, reason),
        };
        let about = About::Errand(&brief);
        let frozen = self.freeze(desktop, envelope, about, true, route, address).await?;
        let (rendered, frozen) = match frozen {
            Ok(frozen) => frozen,
            Err(detail) => {
                let until = now.unix_ms + super::LETTER_WAIT_MS;
                let detail = format!("letter_could_not_be_made: {detail}");
                return settled(Event::Rest { fence, until }, &detail);
            }
        };
        let intent = Intent {
            key: envelope.key.clone(),
            fence,
            channel: self.routes[route].channel.id().to_owned(),
            rendered,
            redirected: desktop.redirect_to.is_some(),
            left_out: BTreeMap::new(),
            told: brief.told(),
        };
        let sent = self.sent(desktop, envelope, route);
        Ok(Ok(Ready { intent, frozen, route, sent }))
    }

    async fn resolve(&self, desktop: &Desktop<'_>, errand: &Errand) -> Result<Resolved> {
        let world = desktop.record.world();
        Ok(match &errand.matter {
            Matter::IncidentOpened { incident } | Matter::IncidentDue { incident, .. } => {
                self.resolve_incident(desktop, errand, *incident)
            }
            Matter::PluginQuarantined { plugin } => {
                Resolved::Say(Brief::PluginQuarantined { plugin: plugin.clone() })
            }
            Matter::Answer { arrival, taken_as } if *taken_as == Answer::Files.name() => {
                match self.files_brief(*arrival, desktop.now).await? {
                    Some(brief) => Resolved::Say(Brief::Files(brief)),
                    None => Resolved::Drop("no_such_message"),
                }
            }
            Matter::Answer { taken_as, .. } => match Answer::named(taken_as) {
                Some(answer) => Resolved::Say(Brief::Answer { text: answer.text() }),
                None => Resolved::Drop("no_answer_to_this"),
            },
            Matter::Consolidation { obligation, version } => {
                self.consolidation(desktop, obligation, *version)
            }
            Matter::Digest => match desktop.digests.get(&errand.person) {
                None | Some(choice::Chosen::NoConsent) => Resolved::Drop("no_consent"),
                Some(choice::Chosen::NothingNew) => Resolved::Drop("nothing_new"),
                Some(choice::Chosen::Tell(items)) => Resolved::Say(Brief::Digest {
                    items: items.clone(),
                    pages: self.pages(desktop, errand.person, LinkUse::Stop),
                }),
            },
            Matter::ConsentQuestion { purpose: Purpose::JobInformation } => {
                match world.consent(errand.person, Purpose::JobInformation) {
                    Some(_) => Resolved::Drop("answered_before"),
                    None => Resolved::Say(Brief::ConsentQuestion {
                        pages: self.pages(desktop, errand.person, LinkUse::Answer),
                    }),
                }
            }
            Matter::ConsentQuestion { .. } => Resolved::Drop("not_asked_by_mail"),
        })
    }

    fn resolve_incident(
        &self,
        desktop: &Desktop<'_>,
        errand: &Errand,
        incident: IncidentId,
    ) -> Resolved {
        let world = desktop.record.world();
        let Some(case) = Case::of(world, incident) else {
            return Resolved::Drop("no_such_incident");
        };
        let whom = (errand.person, &errand.matter);
        let past = is_past(&case, self.rulebook, self.serves, whom, desktop.now);
        match (past, &errand.matter) {
            (Some(reason), _) => Resolved::Drop(reason),
            (None, Matter::IncidentDue { duty, step, .. }) => Resolved::Say(Brief::IncidentDue {
                opened: case.opened.clone(),
                duty: *duty,
                step: *step,
                unaware: case.unaware().filter_map(|level| case.office(level)).collect(),
            }),
            (None, _) => Resolved::Say(Brief::Incident(case.opened.clone())),
        }
    }

    /// What became of a message's files, as the record has it now.
    async fn files_brief(&self, arrival: u64, now: Now) -> Result<Option<FilesBrief>> {
        let filter = ArrivalFilter { id: Some(arrival), ..ArrivalFilter::default() };
        let Some(arrival) = self.store.arrivals(&filter).await?.into_iter().next() else {
            return Ok(None);
        };
        let files = self.store.arrival_files(arrival.id).await?;
        let mut marked = Vec::new();
        let mut bytes = 0;
        for file in files.iter().filter(|file| !file.refusals.is_empty()) {
            let Some(document) = file.document else { continue };
            // Destroyed or kept sealed meanwhile: the words say the same.
            let Ok(opened) = self.store.open_document(document).await else { continue };
            let came = intake::Arrival {
                file_name: opened.name,
                bytes: opened.bytes,
                received_at: arrival.at,
                by: arrival.plugin.clone(),
            };
            if let Some(one) = self.desk.mark(came, file, &self.rulebook.forms, now).await {
                bytes += one.bytes.len();
                marked.extend((bytes <= MARKED_BYTES_MAX).then_some(one));
            }
        }
        Ok(Some(FilesBrief { arrival, files, marked }))
    }

    /// A county's consolidation as it is now; not said where it is no longer to be confirmed.
    fn consolidation(
        &self,
        desktop: &Desktop<'_>,
        key: &ObligationKey,
        version: Option<Version>,
    ) -> Resolved {
        let (world, at) = (desktop.record.world(), desktop.now.civil);
        let found = consolidate(world, self.rulebook, key.debtor, key.period, at);
        let word = confirmed(world, &found);
        match version {
            // What came in between is asked about by an errand of its own.
            Some(version) if version != found.version => {
                return Resolved::Drop("superseded_by_newer_version");
            }
            Some(_) if matches!(word, Confirmed::Yes { .. }) => {
                return Resolved::Drop("confirmed_meanwhile");
            }
            None if !is_complete(&found) => return Resolved::Drop("not_all_are_in_any_more"),
            None if world.return_of(key).is_some() => return Resolved::Drop("return_is_in"),
            _ => {}
        }
        let code = self.store.confirm_code(key, found.version).to_string();
        Resolved::Say(Brief::Consolidation {
            obligation: *key,
            changed_since: version.is_some(),
            code,
        })
    }

    /// Where the reader finds our pages. Whoever tries the system out must not act for somebody
    /// else, so a message that is redirected carries no link.
    fn pages(&self, desktop: &Desktop<'_>, person: PersonId, link: LinkUse) -> Option<Pages> {
        let public = self.public_url.filter(|_| desktop.redirect_to.is_none())?;
        let token = self.store.link_token(link, person, Purpose::JobInformation);
        let own = match link {
            LinkUse::Stop => format!("{public}/stop/{token}"),
            LinkUse::Answer => format!("{public}/answer/{token}"),
        };
        Some(Pages { own, all: format!("{public}/postings") })
    }
}
