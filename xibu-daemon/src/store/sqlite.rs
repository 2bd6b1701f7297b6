//! The store on SQLite: WAL, full synchronisation, one file in the data folder.
//!
//! What it is not: it decides nothing. It asks `outbox` how an envelope moves and where a notice
//! goes, and writes that down. SQL stands in this folder and nowhere else.
//!
//! Writers take the database at once (`BEGIN IMMEDIATE`) and wait up to ten seconds for each other,
//! so commands work while a daemon runs.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};
use xibu_core::change::Recorded;
use xibu_core::consent::Purpose;
use xibu_core::notice::{Notice, Withheld};
use xibu_core::obligation::ObligationKey;
use xibu_core::office::OfficeId;
use xibu_core::period::Period;
use xibu_core::person::PersonId;
use xibu_core::posting::PostingId;
use xibu_core::profile::Profile;

use super::erasure::Erased;
use super::*;
use crate::failpoint;
use crate::seal::{RequestCode, Seal};

mod arrivals;
mod documents;
mod envelopes;
mod erasure;
mod errands;
mod faults;
mod files;
mod links;
mod many;
mod moves;
mod people;
mod postings;
mod profiles;
mod receipts;
mod plugin_state;
mod record;
pub(crate) mod rewind;
mod switches;
mod take_in;
mod ticks;
mod tokens;
mod upkeep;
mod values;

/// How long a writer waits for another.
const BUSY_MAX: Duration = Duration::from_secs(10);
/// Questions of one statement; SQLite allows 32,766.
const LIST_MAX: usize = 500;

/// A store in one SQLite file. Cheap to clone; clones are the same store.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    pool: SqlitePool,
    seal: Arc<Seal>,
    data: Arc<Path>,
}

impl SqliteStore {
    /// Opens the data folder, making folder, key and tables where they are missing.
    ///
    /// Any number of programs may have it open; being the daemon needs [`folder::DaemonLock`]
    /// besides.
    ///
    /// # Errors
    /// The folder, its key or the database cannot be used.
    pub async fn open(data: &Path) -> Result<Self> {
        folder::prepare(data)?;
        let opening = folder::opening(data)?;
        let seal = Arc::new(Seal::new(&folder::seal_key(data)?));
        // Made here, because SQLite would let others read it; its -wal and -shm take the same mode.
        folder::private_file(&data.join(folder::DATABASE))?;
        let options = SqliteConnectOptions::new()
            .filename(data.join(folder::DATABASE))
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_MAX)
            .foreign_keys(true)
            // What is destroyed is overwritten, not only unlinked.
            .pragma("secure_delete", "ON")
            .pragma("cache_size", "-1024");
        // One for the writer, one for a reader beside it; each is a thread and a page cache.
        let pool = SqlitePoolOptions::new()
            .min_connections(1)
            .max_connections(2)
            .acquire_timeout(Duration::from_secs(30))
            .connect_with(options)
            .await?;
        sqlx::migrate!("migrations/sqlite").run(&pool).await?;
        drop(opening);
        Ok(Self { pool, seal, data: data.into() })
    }

    /// Closes its connections after what runs is done, and folds the write-ahead log in.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Takes a scratch copy back to `to`, and gives what was recorded from then on. The copy is no
    /// record any more; never called on an office's data.
    pub(crate) async fn rewind(&self, to: Now) -> Result<rewind::Rewound> {
        let mut writing = self.writing().await?;
        let taken = rewind::rewind(&mut writing, to).await?;
        commit_state(writing).await?;
        Ok(taken)
    }

    /// A transaction that will write.
    async fn writing(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// A transaction that only reads: everything in it is of one moment.
    async fn reading(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.pool.begin().await?)
    }
}

/// Commits between two kill points.
async fn commit(
    writing: Transaction<'static, Sqlite>,
    before: &'static str,
    after: &'static str,
) -> Result<()> {
    failpoint::reach(before);
    writing.commit().await?;
    failpoint::reach(after);
    Ok(())
}

async fn commit_state(writing: Transaction<'static, Sqlite>) -> Result<()> {
    commit(writing, "state_before_commit", "state_after_commit").await
}

impl Store for SqliteStore {
    async fn changes_after(&self, sequence: u64, limit: u32) -> Result<Vec<Recorded>> {
        record::after(&mut *self.reading().await?, sequence, limit).await
    }

    async fn last_sequence(&self) -> Result<u64> {
        record::last(&mut *self.reading().await?).await
    }

    async fn record(&self, batch: &Batch, now: Now) -> Result<Receipt> {
        let mut writing = self.writing().await?;
        let receipt = record::append(&mut writing, &self.seal, batch, now).await?;
        commit(writing, "record_before_commit", "record_after_commit").await?;
        Ok(receipt)
    }

    async fn reserve(&self, numbers: Numbers, count: u32) -> Result<u32> {
        let mut writing = self.writing().await?;
        let first = people::reserve(&mut writing, numbers, count).await?;
        commit_state(writing).await?;
        Ok(first)
    }

    async fn first_break(&self) -> Result<Option<u64>> {
        record::first_break(&mut *self.reading().await?).await
    }

    async fn document(&self, id: DocumentId) -> Result<Option<Document>> {
        documents::get(&mut *self.reading().await?, id).await
    }

    async fn original_with(&self, sha256: &[u8; 32]) -> Result<Option<DocumentId>> {
        documents::original_with(&mut *self.reading().await?, sha256).await
    }

    async fn open_document(&self, id: DocumentId) -> Result<Opened> {
        documents::show(&mut *self.reading().await?, &self.seal, id).await
    }

    async fn destroy_document(&self, id: DocumentId, now: Now) -> Result<bool> {
        let mut writing = self.writing().await?;
        let destroyed = documents::destroy(&mut writing, id, now).await?;
        commit_state(writing).await?;
        // The key must not live on in the write-ahead log.
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.pool).await?;
        Ok(destroyed)
    }

    async fn documents_of(&self, person: PersonId) -> Result<Vec<Document>> {
        documents::of_person(&mut *self.reading().await?, person).await
    }

    async fn refusals(&self, document: Option<DocumentId>) -> Result<Vec<RefusalKept>> {
        documents::refusals(&mut *self.reading().await?, document).await
    }

    async fn notes(&self, office: OfficeId, period: Period) -> Result<Vec<NewNote>> {
        documents::notes(&mut *self.reading().await?, &self.seal, office, period).await
    }

    async fn personal(&self, persons: &[PersonId]) -> Result<BTreeMap<PersonId, Personal>> {
        people::personal(&mut *self.reading().await?, persons).await
    }

    async fn find_persons(&self, questions: &[(ValueKind, String)]) -> Result<Vec<Vec<PersonId>>> {
        people::find(&mut *self.reading().await?, &self.seal, questions).await
    }

    async fn notices_after(&self, after: u64) -> Result<Vec<(u64, Notice)>> {
        ticks::notices_after(&mut *self.reading().await?, after).await
    }

    async fn withheld(&self) -> Result<Vec<Withheld>> {
        ticks::withheld(&mut *self.reading().await?).await
    }

    async fn commit_tick(&self, tick: &TickCommit) -> Result<TickWritten> {
        let mut writing = self.writing().await?;
        let written = ticks::write(&mut writing, tick).await?;
        commit(writing, "tick_before_commit", "tick_after_commit").await?;
        Ok(written)
    }

    async fn claim(&self, now: Now, lease_ms: i64, limit: u32) -> Result<Vec<Envelope>> {
        let mut writing = self.writing().await?;
        let claimed = moves::claim(&mut writing, now, lease_ms, limit).await?;
        if claimed.moved {
            commit(writing, "claim_before_commit", "claim_after_commit").await?;
        }
        Ok(claimed.envelopes)
    }

    async fn intend(&self, intents: &[Intent], now: Now) -> Result<Vec<(EnvelopeKey, Refusal)>> {
        let mut writing = self.writing().await?;
        let refused = moves::intend(&mut writing, &self.seal, intents, now).await?;
        commit(writing, "intend_before_commit", "intend_after_commit").await?;
        Ok(refused)
    }

    async fn settle(
        &self,
        settlements: &[Settlement],
        now: Now,
    ) -> Result<Vec<(EnvelopeKey, Refusal)>> {
        let mut writing = self.writing().await?;
        let results = moves::settle_all(&mut writing, settlements, now).await?;
        let refused = settlements
            .iter()
            .zip(results)
            .filter_map(|(one, result)| result.err().map(|refusal| (one.key.clone(), refusal)));
        let refused = refused.collect();
        commit(writing, "settle_before_commit", "settle_after_commit").await?;
        Ok(refused)
    }

    async fn recover(&self, now: Now, restart: bool) -> Result<Vec<EnvelopeKey>> {
        let mut writing = self.writing().await?;
        let moved = moves::recover(&mut writing, now, restart).await?;
        if !moved.is_empty() {
            commit(writing, "settle_before_commit", "settle_after_commit").await?;
        }
        Ok(moved)
    }

    async fn apply(
        &self,
        settlement: &Settlement,
        now: Now,
    ) -> Result<std::result::Result<Position, Refusal>> {
        let mut writing = self.writing().await?;
        let position = moves::settle(&mut writing, settlement, now).await?;
        commit_state(writing).await?;
        Ok(position)
    }

    async fn envelopes(&self, filter: &EnvelopeFilter) -> Result<Vec<Envelope>> {
        envelopes::filtered(&mut *self.reading().await?, filter).await
    }

    async fn attempts(&self, key: &EnvelopeKey) -> Result<Vec<Attempt>> {
        envelopes::attempts(&mut *self.reading().await?, key).await
    }

    async fn counts(&self) -> Result<Counts> {
        envelopes::counts(&mut *self.reading().await?).await
    }

    async fn next_due(&self) -> Result<Option<i64>> {
        envelopes::next_due(&mut *self.reading().await?).await
    }

    async fn channels(&self) -> Result<Vec<ChannelStanding>> {
        switches::channels(&mut *self.reading().await?).await
    }

    async fn set_channel(&self, standing: &ChannelStanding, now: Now) -> Result<()> {
        let mut writing = self.writing().await?;
        switches::set_channel(&mut writing, standing, now).await?;
        commit_state(writing).await
    }

    async fn postings(&self, filter: &PostingFilter) -> Result<Vec<PostingKept>> {
        postings::filtered(&mut *self.reading().await?, filter).await
    }

    async fn raw_postings(&self, posting: PostingId) -> Result<Vec<RawKept>> {
        postings::raw(&mut *self.reading().await?, posting).await
    }

    async fn profiles_after(&self, after: PersonId, limit: u32) -> Result<Vec<Profile>> {
        profiles::after(&mut *self.reading().await?, after, limit).await
    }

    async fn profiles(&self, persons: &[PersonId]) -> Result<Vec<Profile>> {
        profiles::of(&mut *self.reading().await?, persons).await
    }

    async fn told(&self, persons: &[PersonId]) -> Result<BTreeMap<PersonId, Vec<Told>>> {
        profiles::told(&mut *self.reading().await?, persons).await
    }

    async fn told_of(&self, posting: PostingId) -> Result<Vec<PersonId>> {
        profiles::told_of(&mut *self.reading().await?, posting).await
    }

    async fn persons_of_causes(&self, start: &str) -> Result<Vec<PersonId>> {
        errands::persons_of_causes(&mut *self.reading().await?, start).await
    }

    async fn digest_day(&self, day: Option<NaiveDate>) -> Result<Option<DigestDay>> {
        profiles::day(&mut *self.reading().await?, day).await
    }

    async fn set_digest_day(&self, day: &DigestDay) -> Result<()> {
        let mut writing = self.writing().await?;
        profiles::keep_day(&mut writing, day).await?;
        commit_state(writing).await
    }

    fn link_token(&self, link: LinkUse, person: PersonId, purpose: Purpose) -> String {
        links::token(&self.seal, link, person, purpose)
    }

    async fn link_holder(&self, link: LinkUse, token: &str) -> Result<Option<LinkHolder>> {
        let Some(holder) = links::holder(&self.seal, link, token) else { return Ok(None) };
        let lives = people::lives(&mut *self.reading().await?, holder.person).await?;
        Ok(lives.then_some(holder))
    }

    async fn take_in(&self, brought: &TakeIn, now: Now) -> Result<TakenIn> {
        let mut writing = self.writing().await?;
        let taken = take_in::take_in(&mut writing, &self.seal, brought, now).await?;
        commit(writing, "take_in_before_commit", "take_in_after_commit").await?;
        Ok(taken)
    }

    async fn arrivals(&self, filter: &ArrivalFilter) -> Result<Vec<Arrival>> {
        arrivals::filtered(&mut *self.reading().await?, filter).await
    }

    async fn decide(&self, verdict: &Verdict, now: Now) -> Result<bool> {
        let mut writing = self.writing().await?;
        let decided = arrivals::decide(&mut writing, &self.seal, verdict, now).await?;
        commit(writing, "record_before_commit", "record_after_commit").await?;
        Ok(decided)
    }

    async fn tallies(
        &self,
        persons: &[PersonId],
        day: NaiveDate,
    ) -> Result<BTreeMap<PersonId, Tally>> {
        arrivals::tallies(&mut *self.reading().await?, persons, day).await
    }

    async fn arrival_files(&self, arrival: u64) -> Result<Vec<ArrivalFile>> {
        files::of(&mut *self.reading().await?, arrival).await
    }

    async fn call_of(&self, key: &str) -> Result<Option<u64>> {
        files::call_of(&mut *self.reading().await?, &self.seal, key).await
    }

    async fn waiting(&self) -> Result<Vec<WaitingFor>> {
        files::waiting(&mut *self.reading().await?).await
    }

    async fn wrong_codes_of_strangers(&self, day: NaiveDate) -> Result<u32> {
        files::wrong_codes_of_strangers(&mut *self.reading().await?, day).await
    }

    async fn make_token(&self, office: OfficeId, now: Now) -> Result<(u64, String)> {
        let token = crate::seal::fresh_token().map_err(|_| StoreError::NoRandom)?;
        let mut writing = self.writing().await?;
        let id = tokens::make(&mut writing, office, &self.seal.token_hash(&token), now).await?;
        commit_state(writing).await?;
        Ok((id, token))
    }

    async fn office_of_token(&self, token: &str) -> Result<Option<OfficeId>> {
        tokens::office_of(&mut *self.reading().await?, &self.seal.token_hash(token)).await
    }

    async fn tokens(&self) -> Result<Vec<TokenKept>> {
        tokens::all(&mut *self.reading().await?).await
    }

    async fn revoke_token(&self, office: OfficeId, id: u64, now: Now) -> Result<bool> {
        let mut writing = self.writing().await?;
        let revoked = tokens::revoke(&mut writing, office, id, now).await?;
        commit_state(writing).await?;
        Ok(revoked)
    }

    fn request_code(&self, request: &ObligationKey) -> RequestCode {
        self.seal.request_code(&request.to_string())
    }

    fn confirm_code(&self, request: &ObligationKey, version: Version) -> RequestCode {
        self.seal.request_code(&format!("{request} confirmed as {version}"))
    }

    async fn sources(&self) -> Result<Vec<SourceStanding>> {
        take_in::sources(&mut *self.reading().await?).await
    }

    async fn address_faults(&self, now: Now) -> Result<Vec<AddressFault>> {
        faults::all(&mut *self.reading().await?, now).await
    }

    async fn spent(&self, channel: &str, day: i64, minute: i64) -> Result<Spent> {
        faults::spent(&mut *self.reading().await?, channel, day, minute).await
    }

    async fn set_quarantine(&self, quarantined: &Quarantined, _now: Now) -> Result<()> {
        let mut writing = self.writing().await?;
        faults::set_quarantine(&mut writing, quarantined).await?;
        commit_state(writing).await
    }

    async fn quarantines(&self, now: Now) -> Result<Vec<Quarantined>> {
        faults::quarantines(&mut *self.reading().await?, now).await
    }

    async fn state(&self) -> Result<DaemonState> {
        switches::state(&mut *self.reading().await?).await
    }

    async fn hold(&self, hold: Hold, now: Now) -> Result<()> {
        let mut writing = self.writing().await?;
        switches::hold(&mut writing, hold, now).await?;
        commit_state(writing).await
    }

    async fn release(&self, now: Now) -> Result<bool> {
        let mut writing = self.writing().await?;
        let released = switches::release(&mut writing, now).await?;
        commit_state(writing).await?;
        Ok(released)
    }

    async fn set_paused(&self, paused: bool, now: Now) -> Result<bool> {
        let mut writing = self.writing().await?;
        let changed = switches::set_paused(&mut writing, paused, now).await?;
        commit_state(writing).await?;
        Ok(changed)
    }

    async fn set_redirect(&self, address: Option<&str>, _now: Now) -> Result<()> {
        let mut writing = self.writing().await?;
        switches::set_redirect(&mut writing, address).await?;
        commit_state(writing).await
    }

    async fn approve(&self, approval: &Approval) -> Result<()> {
        let mut writing = self.writing().await?;
        switches::approve(&mut writing, approval).await?;
        commit_state(writing).await
    }

    async fn approvals(&self) -> Result<Vec<Approval>> {
        switches::approvals(&mut *self.reading().await?).await
    }

    async fn cursor(&self, plugin: &str, name: &str) -> Result<Option<String>> {
        switches::cursor(&mut *self.reading().await?, plugin, name).await
    }

    async fn set_cursor(&self, plugin: &str, name: &str, value: &str, now: Now) -> Result<()> {
        let mut writing = self.writing().await?;
        switches::set_cursor(&mut writing, plugin, name, value, now).await?;
        commit_state(writing).await
    }

    async fn plugin_state(&self, plugin: &str) -> Result<PluginState> {
        plugin_state::of(&mut *self.reading().await?, plugin).await
    }

    async fn set_plugin_state(&self, plugin: &str, puts: &PluginState) -> Result<()> {
        let mut writing = self.writing().await?;
        plugin_state::put(&mut writing, plugin, puts).await?;
        commit_state(writing).await
    }

    async fn snapshot(&self, into: &Path) -> Result<()> {
        upkeep::snapshot(&self.pool, into).await
    }

    async fn soundness(&self) -> Result<SoundnessReport> {
        upkeep::soundness(&mut *self.reading().await?, &self.seal).await
    }

    async fn erasure(&self, order: &super::erasure::Order, now: Now) -> Result<Erased> {
        let mut reading = self.reading().await?;
        let held = erasure::held(&mut reading, upkeep::person_of(order)?).await?;
        let mut papers = erasure::Papers::default();
        let seal = &self.seal;
        erasure::find_papers(&mut reading, seal, &held, order, now.date(), &mut papers).await?;
        erasure::foreseen(&mut reading, &held, &papers).await
    }

    async fn erase(&self, order: &super::erasure::Order, now: Now) -> Result<Erased> {
        let (seal, today) = (&self.seal, now.date());
        let mut papers = erasure::Papers::default();
        // The long search holds nobody up; what came meanwhile is searched again below.
        let mut reading = self.reading().await?;
        let held = erasure::held(&mut reading, upkeep::person_of(order)?).await?;
        erasure::find_papers(&mut reading, seal, &held, order, today, &mut papers).await?;
        reading.rollback().await?;
        let mut writing = self.writing().await?;
        let held = erasure::held(&mut writing, upkeep::person_of(order)?).await?;
        erasure::find_papers(&mut writing, seal, &held, order, today, &mut papers).await?;
        let own = held.own(&mut writing).await?;
        let mut erased = erasure::take_away(&mut writing, seal, order, &held, &papers, now).await?;
        commit_state(writing).await?;
        erased.cleaned = upkeep::clean(&self.pool).await?;
        erased.left_in = upkeep::left_in(&self.data, &own, seal)?;
        Ok(erased)
    }

    async fn destroy_outlived(&self, now: Now) -> Result<u64> {
        // Looked at every round, and nearly always in vain: without the writer's place.
        if erasure::outlived(&mut *self.reading().await?, now).await?.is_empty() {
            return Ok(0);
        }
        let mut writing = self.writing().await?;
        let destroyed = erasure::destroy_outlived(&mut writing, now).await?;
        commit_state(writing).await?;
        upkeep::clean_log(&self.pool).await?;
        Ok(destroyed)
    }

    async fn outages(&self, limit: u32) -> Result<Vec<Outage>> {
        upkeep::outages(&mut *self.reading().await?, limit).await
    }
}

#[cfg(test)]
pub(crate) mod tests;
