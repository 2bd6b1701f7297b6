//! The store's port: what the daemon and its commands ask of a database, one method a transaction.
//!
//! What it is not: no SQL and no dialect here; those are in the adapter ([`sqlite`]). How an
//! envelope moves is `outbox`'s; a store only keeps what comes out.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use xibu_core::cell::Place;
use xibu_core::change::{Change, Recorded};
use xibu_core::consent::Purpose;
use xibu_core::consolidation::Version;
use xibu_core::notice::{Notice, NoticeKey, Withheld};
use xibu_core::obligation::ObligationKey;
use xibu_core::office::OfficeId;
use xibu_core::period::Period;
use xibu_core::person::PersonId;
use xibu_core::posting::{PostingId, RawPosting};
use xibu_core::profile::Profile;

use crate::carrier::PluginState;
use crate::clock::Now;
use crate::outbox::errand::Errand;
use crate::outbox::state::{Event, Position, Refusal};
use crate::outbox::{EnvelopeKey, State};
use crate::seal::RequestCode;

mod doors;
pub mod erasure;
mod error;
mod files;
pub mod folder;
pub mod job;
mod outage;
pub mod sqlite;
mod tokens;

pub use doors::{
    AddressFault, Arrival, ArrivalFilter, NewArrival, Quarantined, ReceiptOutcome, SourceLook,
    SourceStanding, Spent, TakeIn, Taken, TakenIn, Tally, Verdict,
};
pub use error::StoreError;
pub use files::{API, ArrivalFile, CameWith, Concern, NewArrivalFile, WaitingFor, What};
pub use job::{
    DigestDay, DigestFigures, LinkHolder, LinkUse, NewProfile, PostingFilter, PostingKept, RawKept,
    Told, Withdrawal,
};
pub use outage::{OUTAGE_MIN_MS, Outage, SoundnessReport};
pub use sqlite::SqliteStore;
pub use tokens::TokenKept;

/// The result of every method of the store.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Our number for a document.
pub type DocumentId = u64;

/// Something to be recorded together, or not at all.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Who tells it: `clerk`, `daemon`, a plugin's id.
    pub by: String,
    /// The record's last sequence when this was made up. Where the record has moved on since,
    /// nothing is recorded and [`StoreError::Moved`] comes back: look again, then record. None
    /// where it does not matter.
    pub after: Option<u64>,
    /// The original it comes from.
    pub document: Option<NewDocument>,
    /// Personal values to set; they stand apart from the changes.
    pub values: Vec<PersonValue>,
    /// What was told. A `ReturnVersion::document` of `Some(0)` is replaced by this batch's
    /// document.
    pub changes: Vec<Change>,
    /// Rows that could not be taken, kept until they come again mended.
    pub refusals: Vec<NewRefusal>,
    /// The words of a return's sections, sealed with the document.
    pub notes: Vec<NewNote>,
    /// Where the poll stands that brought this, so that items and cursor are kept together.
    pub cursor: Option<NewCursor>,
    /// What follows at once: answers, alarms. One whose cause is known already is left out.
    pub errands: Vec<Errand>,
    /// Job advertisements as sources gave them; the same ones are put together.
    pub postings: Vec<RawPosting>,
    /// Job advertisements that sources say are gone.
    pub withdrawn: Vec<Withdrawal>,
    /// What people wish; they stand apart from the changes.
    pub profiles: Vec<NewProfile>,
    /// What the plugin that brought this put into its state meanwhile, kept together with it.
    pub plugin_puts: Option<NewPluginPuts>,
    /// The message or call that the document came with.
    pub came_with: Option<NewArrivalFile>,
}

/// What a call put into its plugin's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPluginPuts {
    /// The plugin's id.
    pub plugin: String,
    /// Bytes by name; no bytes remove it.
    pub puts: PluginState,
}

/// Where a plugin's poll stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCursor {
    /// The plugin's id.
    pub plugin: String,
    /// The cursor's name.
    pub name: String,
    /// The plugin's own word for the place.
    pub value: String,
}

/// A document to keep, sealed under a key of its own.
#[derive(Clone)]
pub struct NewDocument {
    /// What it is.
    pub kind: DocumentKind,
    /// Its file name; sealed too, because offices put people's names in it.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// When the door took it, in the office's civil time.
    pub received_at: NaiveDateTime,
    /// To be destroyed from this day on; none while no rule says so.
    pub retain_until: Option<NaiveDate>,
    /// The people it speaks of.
    pub persons: Vec<PersonId>,
}

impl std::fmt::Debug for NewDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewDocument({:?}, {} bytes)", self.kind, self.bytes.len())
    }
}

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// What came in, byte for byte.
    Original,
    /// A message as it was sent.
    Message,
}

/// A document as the store knows it, without its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document {
    /// Our number.
    pub id: DocumentId,
    /// What it is.
    pub kind: DocumentKind,
    /// Media type.
    pub media_type: String,
    /// SHA-256 of its bytes, hex.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// When the door took it.
    pub received_at: NaiveDateTime,
    /// To be destroyed from this day on.
    pub retain_until: Option<NaiveDate>,
    /// Its key is gone: nobody can read it any more.
    pub destroyed: bool,
    /// Kept sealed until this day, not shown and not used, because a person in it was erased.
    pub restricted_until: Option<NaiveDate>,
}

/// A document's name and bytes, unsealed. Personal: never to be logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// Its file name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened({} bytes)", self.bytes.len())
    }
}

/// Which personal value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    /// 姓名.
    Name,
    /// 手机.
    Phone,
    /// 邮箱.
    Mail,
    /// 身份证号: kept as a keyed hash and the last four characters only.
    IdNumber,
}

impl ValueKind {
    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            ValueKind::Name => "name",
            ValueKind::Phone => "phone",
            ValueKind::Mail => "mail",
            ValueKind::IdNumber => "id_number",
        }
    }
}

/// A personal value to set. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonValue {
    /// Whose.
    pub person: PersonId,
    /// Which.
    pub kind: ValueKind,
    /// The value.
    pub value: String,
}

impl std::fmt::Debug for PersonValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PersonValue({}, {})", self.person, self.kind.name())
    }
}

/// What the store holds about a person. Personal: never to be logged.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Personal {
    /// 姓名.
    pub name: Option<String>,
    /// 手机.
    pub phone: Option<String>,
    /// 邮箱.
    pub mail: Option<String>,
    /// Last four characters of the 身份证号.
    pub id_last_four: Option<String>,
}

impl std::fmt::Debug for Personal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Personal(..)")
    }
}

/// A row or cell that could not be taken, or was taken with a warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRefusal {
    /// Where in the document.
    pub place: Place,
    /// The heading of the column.
    pub heading: Option<String>,
    /// The reason as data: JSON or a name in snake case, without personal values.
    pub reason: String,
    /// The reason in Chinese, without personal values.
    pub message: String,
    /// Whether the row was taken all the same.
    pub only_warning: bool,
}

/// A refusal as kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusalKept {
    /// Of which document.
    pub document: DocumentId,
    /// When it was recorded.
    pub at: NaiveDateTime,
    /// What.
    #[serde(flatten)]
    pub refusal: NewRefusal,
}

/// The words of one section of a return. Personal: sealed with its document's key.
#[derive(Clone, PartialEq, Eq)]
pub struct NewNote {
    /// Whose return.
    pub office: OfficeId,
    /// For which month.
    pub period: Period,
    /// Which section, in snake case.
    pub section: String,
    /// The words.
    pub text: String,
}

impl std::fmt::Debug for NewNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewNote({}, {}, {})", self.office, self.period, self.section)
    }
}

/// What was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The document's number; the same as before where the same bytes were known already.
    pub document: Option<DocumentId>,
    /// Whether those bytes were known already.
    pub document_was_known: bool,
    /// The record's last sequence now.
    pub last_sequence: u64,
}

/// What a run of numbers is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// [`PersonId`].
    Person,
    /// [`OfficeId`].
    Office,
    /// [`xibu_core::incident::IncidentId`].
    Incident,
}

/// What a tick found out, to be committed together.
#[derive(Clone, Debug)]
pub struct TickCommit {
    /// The tick's time.
    pub now: Now,
    /// The record's last sequence it looked at.
    pub sequence: u64,
    /// Notices to put into envelopes.
    pub notices: Vec<Notice>,
    /// Reasons for not sending that are new or have changed.
    pub withheld: Vec<Withheld>,
    /// Errands that have fallen due; one whose cause is known already is left out.
    pub errands: Vec<Errand>,
    /// Hold from this tick on, for this reason.
    pub hold: Option<Hold>,
}

/// What a tick wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TickWritten {
    /// Notices planned.
    pub notices: u32,
    /// Envelopes opened.
    pub envelopes: u32,
    /// Notices that went into an envelope together with another.
    pub folded: u32,
    /// Errands that were new.
    pub errands: u32,
    /// Reasons for not sending that were new.
    pub withheld: u32,
}

/// Why nothing is sent although nobody paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// The daemon started on this data for the first time.
    FirstStart,
    /// The data is older than, or apart from, what this folder last saw: a backup was put back or
    /// copied.
    RestoredBackup,
    /// The clock went on by more than 35 days since the last tick.
    ClockJump,
}

impl Hold {
    /// Its name in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            Hold::FirstStart => "first_start",
            Hold::RestoredBackup => "restored_backup",
            Hold::ClockJump => "clock_jump",
        }
    }
}

/// The switches and the memory of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DaemonState {
    /// Milliseconds since the epoch of the last tick.
    pub last_unix_ms: Option<i64>,
    /// The same in civil time.
    pub last_civil: Option<NaiveDateTime>,
    /// Held: the list is shown, and a person runs `release`.
    pub held: Option<Hold>,
    /// Paused by a person.
    pub paused: bool,
    /// Everything goes to this address instead.
    pub redirect_to: Option<String>,
}

/// An envelope as the outbox shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Envelope {
    /// Its name.
    pub key: EnvelopeKey,
    /// Where it stands, and the numbers the transitions look at.
    #[serde(flatten)]
    pub position: Position,
    /// The notices within, those left out at sending included; none in an errand's envelope.
    pub notices: Vec<Enclosed>,
    /// The errand it was opened for.
    pub errand: Option<Errand>,
    /// Tries so far, throttled ones included.
    pub tries: u32,
    /// When it was first tried, milliseconds since the epoch.
    pub first_tried_at: Option<i64>,
    /// Channel of the newest try.
    pub channel: Option<String>,
    /// Channels by which it came back.
    pub came_back_by: Vec<String>,
    /// The message as last frozen.
    pub rendered: Option<DocumentId>,
    /// The newest reason or answer, without personal data.
    pub detail: String,
}

/// A notice in an envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Enclosed {
    /// The notice.
    #[serde(flatten)]
    pub notice: Notice,
    /// Why it was left out when the message was frozen: `return_is_in`, `paused`, `no_longer_owed`,
    /// `expired`.
    pub left_out: Option<String>,
}

/// Which envelopes to show. Everything that is none does not matter.
#[derive(Clone, Debug, Default)]
pub struct EnvelopeFilter {
    /// Only this one.
    pub key: Option<EnvelopeKey>,
    /// Only those in one of these states; empty for all.
    pub states: Vec<State>,
    /// Only those to this person.
    pub person: Option<PersonId>,
    /// Only those of this day.
    pub day: Option<NaiveDate>,
    /// Only the one of the errand with this cause.
    pub cause: Option<String>,
    /// At most this many; 0 for all.
    pub limit: u32,
}

/// One try to send an envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// Of which envelope.
    pub key: EnvelopeKey,
    /// Which try, from 1.
    pub number: u32,
    /// Under which claim.
    pub fence: u64,
    /// By which channel.
    pub channel: String,
    /// When the intent was committed, milliseconds since the epoch.
    pub started_at: i64,
    /// When its outcome was committed.
    pub ended_at: Option<i64>,
    /// The state it led to; `sending` while it runs.
    pub outcome: State,
    /// The channel's reference, e.g. a queue id.
    pub reference: Option<String>,
    /// The channel's answer, without personal data.
    pub detail: String,
    /// Whether it went to the address for trying out.
    pub redirected: bool,
    /// The message as it was handed over.
    pub rendered: Option<DocumentId>,
}

/// An envelope about to be sent: the rendered message and the intent, committed before the call.
#[derive(Clone, Debug)]
pub struct Intent {
    /// Which.
    pub key: EnvelopeKey,
    /// Under which claim.
    pub fence: u64,
    /// By which channel.
    pub channel: String,
    /// The message, new or as frozen before.
    pub rendered: Frozen,
    /// Whether it goes to the address for trying out.
    pub redirected: bool,
    /// The notices left out, with the reason.
    pub left_out: BTreeMap<NoticeKey, String>,
    /// The postings it tells of: from now on the person counts as told.
    pub told: Vec<PostingId>,
}

/// A rendered message at the moment of intent.
#[derive(Clone, Debug)]
pub enum Frozen {
    /// Composed now.
    New(NewDocument),
    /// The same as the try before.
    AsBefore(DocumentId),
}

/// An event to apply to an envelope, with what is to be remembered of it.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// Which.
    pub key: EnvelopeKey,
    /// What happened.
    pub event: Event,
    /// The channel's reference.
    pub reference: Option<String>,
    /// The reason or answer, without personal data.
    pub detail: String,
    /// The notices left out, with the reason, where it ends before the call.
    pub left_out: BTreeMap<NoticeKey, String>,
    /// An address that turned out to be wrong.
    pub fault: Option<AddressFault>,
}

/// How a channel does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChannelStanding {
    /// Its id.
    pub channel: String,
    /// Nothing is sent by it before this point in time, milliseconds since the epoch.
    pub paused_until: i64,
    /// Failures in a row that were the channel's fault.
    pub failures: u32,
    /// The newest reason, without personal data.
    pub detail: String,
}

/// A plugin somebody approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// SHA-256 of the library, hex.
    pub sha256: String,
    /// The plugin's id as it described itself.
    pub plugin: String,
    /// The file it was approved as.
    pub file_name: String,
    /// When, in civil time.
    pub approved_at: NaiveDateTime,
    /// By whom.
    pub by: String,
}

/// How many envelopes stand where.
pub type Counts = BTreeMap<State, u64>;

/// What the daemon and its commands ask of a database. Each method is one transaction: done or not
/// done.
///
/// # Errors
/// Every method fails when the database cannot be read or written, or another writer holds it for
/// longer than ten seconds; then nothing was changed.
#[allow(async_fn_in_trait, reason = "one task awaits them; nothing is spawned across threads")]
pub trait Store {
    // The record.

    /// Changes after `sequence`, in order, at most `limit`.
    async fn changes_after(&self, sequence: u64, limit: u32) -> Result<Vec<Recorded>>;
    /// The last sequence; 0 where nothing was recorded.
    async fn last_sequence(&self) -> Result<u64>;
    /// Records a batch.
    ///
    /// # Errors
    /// [`StoreError::Moved`] where [`Batch::after`] is not the last sequence any more.
    async fn record(&self, batch: &Batch, now: Now) -> Result<Receipt>;
    /// Takes `count` fresh numbers and gives the first; numbers not used are never given again.
    async fn reserve(&self, numbers: Numbers, count: u32) -> Result<u32>;
    /// Recomputes the hash chain of the changes; the first sequence at which it breaks, or none.
    async fn first_break(&self) -> Result<Option<u64>>;

    // Documents.

    /// What is known of a document.
    async fn document(&self, id: DocumentId) -> Result<Option<Document>>;
    /// The original with these bytes.
    async fn original_with(&self, sha256: &[u8; 32]) -> Result<Option<DocumentId>>;
    /// A document's name and bytes.
    ///
    /// # Errors
    /// [`StoreError::Destroyed`], [`StoreError::Restricted`], [`StoreError::NoSuchDocument`] or
    /// [`StoreError::SealBroken`].
    async fn open_document(&self, id: DocumentId) -> Result<Opened>;
    /// Destroys a document's key; its bytes and its notes can never be read again. Its number, hash
    /// and dates stay. False where it was destroyed already.
    async fn destroy_document(&self, id: DocumentId, now: Now) -> Result<bool>;
    /// The documents that speak of a person.
    async fn documents_of(&self, person: PersonId) -> Result<Vec<Document>>;
    /// Refusals of a document, or of all, newest document first.
    async fn refusals(&self, document: Option<DocumentId>) -> Result<Vec<RefusalKept>>;
    /// The words of an office's return for a month, newest document last; those destroyed are left
    /// out.
    async fn notes(&self, office: OfficeId, period: Period) -> Result<Vec<NewNote>>;

    // People.

    /// What is held about these people; unknown numbers are left out.
    async fn personal(&self, persons: &[PersonId]) -> Result<BTreeMap<PersonId, Personal>>;
    /// Who has this value, for each question in order. An id number is hashed before it is
    /// compared.
    async fn find_persons(&self, questions: &[(ValueKind, String)]) -> Result<Vec<Vec<PersonId>>>;

    // The tick.

    /// Notices planned after the `after`-th, with their places; the memory that prevents a second
    /// send.
    async fn notices_after(&self, after: u64) -> Result<Vec<(u64, Notice)>>;
    /// The newest reason for not sending, by notice.
    async fn withheld(&self) -> Result<Vec<Withheld>>;
    /// Commits a tick. A notice known already is left out, so that the same tick twice changes
    /// nothing.
    async fn commit_tick(&self, tick: &TickCommit) -> Result<TickWritten>;

    // The outbox.

    /// Takes up to `limit` envelopes whose time has come, and expires those whose use has passed.
    async fn claim(&self, now: Now, lease_ms: i64, limit: u32) -> Result<Vec<Envelope>>;
    /// Commits rendered messages and intents in one go; after this the call may be made. Gives the
    /// envelopes for which the claim no longer holds: those must not be sent.
    async fn intend(&self, intents: &[Intent], now: Now) -> Result<Vec<(EnvelopeKey, Refusal)>>;
    /// Commits events in one go; gives those that were refused.
    async fn settle(
        &self,
        settlements: &[Settlement],
        now: Now,
    ) -> Result<Vec<(EnvelopeKey, Refusal)>>;
    /// Envelopes whose holder is gone: claimed ones become due, sending ones unknown. With
    /// `restart`, all of them, because the lock on the data says that no other daemon lives.
    async fn recover(&self, now: Now, restart: bool) -> Result<Vec<EnvelopeKey>>;
    /// Applies a person's or the policy's event to one envelope.
    async fn apply(
        &self,
        settlement: &Settlement,
        now: Now,
    ) -> Result<std::result::Result<Position, Refusal>>;
    /// Envelopes, newest day first.
    async fn envelopes(&self, filter: &EnvelopeFilter) -> Result<Vec<Envelope>>;
    /// The tries of an envelope, in order.
    async fn attempts(&self, key: &EnvelopeKey) -> Result<Vec<Attempt>>;
    /// How many envelopes stand where.
    async fn counts(&self) -> Result<Counts>;
    /// When the next envelope is due, milliseconds since the epoch.
    async fn next_due(&self) -> Result<Option<i64>>;
    /// How the channels do.
    async fn channels(&self) -> Result<Vec<ChannelStanding>>;
    /// Notes how a channel does.
    async fn set_channel(&self, standing: &ChannelStanding, now: Now) -> Result<()>;

    // Job information.

    /// Postings, by number.
    async fn postings(&self, filter: &PostingFilter) -> Result<Vec<PostingKept>>;
    /// What the sources of a posting gave, word for word.
    async fn raw_postings(&self, posting: PostingId) -> Result<Vec<RawKept>>;
    /// Profiles of people behind `after`, by number, at most `limit`.
    async fn profiles_after(&self, after: PersonId, limit: u32) -> Result<Vec<Profile>>;
    /// The profiles of these people; those who have none are left out.
    async fn profiles(&self, persons: &[PersonId]) -> Result<Vec<Profile>>;
    /// What these people were told.
    async fn told(&self, persons: &[PersonId]) -> Result<BTreeMap<PersonId, Vec<Told>>>;
    /// Who was told of a posting by a message that may have arrived.
    async fn told_of(&self, posting: PostingId) -> Result<Vec<PersonId>>;
    /// The persons for whom an errand with a cause `<start>P12...` was ever opened.
    async fn persons_of_causes(&self, start: &str) -> Result<Vec<PersonId>>;
    /// A day's look at job information, or the newest one.
    async fn digest_day(&self, day: Option<NaiveDate>) -> Result<Option<DigestDay>>;
    /// Remembers a day's look.
    async fn set_digest_day(&self, day: &DigestDay) -> Result<()>;
    /// The secret part of a link by which a person does one thing, without personal data.
    fn link_token(&self, link: LinkUse, person: PersonId, purpose: Purpose) -> String;
    /// Whom a token speaks of; none where it is not ours or the person was erased.
    async fn link_holder(&self, link: LinkUse, token: &str) -> Result<Option<LinkHolder>>;
    // The doors.

    /// Keeps what a plugin brought and where its poll stands, in one go. What is known already
    /// changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Moved`] where [`TakeIn::after`] is not the last sequence any more.
    async fn take_in(&self, brought: &TakeIn, now: Now) -> Result<TakenIn>;
    /// Messages from people, newest first.
    async fn arrivals(&self, filter: &ArrivalFilter) -> Result<Vec<Arrival>>;
    /// Writes down a person's word on an arrival; false where it does not wait for one.
    ///
    /// # Errors
    /// [`StoreError::Moved`] where [`Verdict::after`] is not the last sequence any more.
    async fn decide(&self, verdict: &Verdict, now: Now) -> Result<bool>;
    /// What these people sent and got on a day.
    async fn tallies(
        &self,
        persons: &[PersonId],
        day: NaiveDate,
    ) -> Result<BTreeMap<PersonId, Tally>>;
    /// The files of a message that were taken in so far, in order.
    async fn arrival_files(&self, arrival: u64) -> Result<Vec<ArrivalFile>>;
    /// The number under which a call is kept already, by its key.
    async fn call_of(&self, key: &str) -> Result<Option<u64>>;
    /// What waits for a person and stops a ladder meanwhile.
    async fn waiting(&self) -> Result<Vec<WaitingFor>>;
    /// Wrong codes that came on a day from addresses nobody has.
    async fn wrong_codes_of_strangers(&self, day: NaiveDate) -> Result<u32>;
    /// Makes a token for an office's programs and keeps a hash of it; its number and the token.
    async fn make_token(&self, office: OfficeId, now: Now) -> Result<(u64, String)>;
    /// Whose token it is; none where it is nobody's or was revoked.
    async fn office_of_token(&self, token: &str) -> Result<Option<OfficeId>>;
    /// Every token ever made.
    async fn tokens(&self) -> Result<Vec<TokenKept>>;
    /// A token opens nothing any more; false where the office has no such token.
    async fn revoke_token(&self, office: OfficeId, id: u64, now: Now) -> Result<bool>;
    /// The code of a request, the same for ever.
    fn request_code(&self, request: &ObligationKey) -> RequestCode;
    /// The code by which a county confirms one version of its consolidation, the same for ever.
    fn confirm_code(&self, request: &ObligationKey, version: Version) -> RequestCode;
    /// How the sources of plugins stand.
    async fn sources(&self) -> Result<Vec<SourceStanding>>;
    /// Addresses that are wrong as far as a channel had said at `now`.
    async fn address_faults(&self, now: Now) -> Result<Vec<AddressFault>>;
    /// What a channel was used for since the day and the minute began.
    async fn spent(&self, channel: &str, day: i64, minute: i64) -> Result<Spent>;
    /// Notes until when a plugin is left alone.
    async fn set_quarantine(&self, quarantined: &Quarantined, now: Now) -> Result<()>;
    /// Plugins that are left alone at `now`.
    async fn quarantines(&self, now: Now) -> Result<Vec<Quarantined>>;

    // Switches.

    /// The switches and the memory of time.
    async fn state(&self) -> Result<DaemonState>;
    /// Holds: nothing is sent until a person releases.
    async fn hold(&self, hold: Hold, now: Now) -> Result<()>;
    /// Releases; false where nothing was held.
    async fn release(&self, now: Now) -> Result<bool>;
    /// Pauses or goes on; false where it stood so already.
    async fn set_paused(&self, paused: bool, now: Now) -> Result<bool>;
    /// Sends everything to this address, or to the people again.
    async fn set_redirect(&self, address: Option<&str>, now: Now) -> Result<()>;

    // Plugins.

    /// Approves a plugin.
    async fn approve(&self, approval: &Approval) -> Result<()>;
    /// Every approval.
    async fn approvals(&self) -> Result<Vec<Approval>>;
    /// Where a plugin's poll stood.
    async fn cursor(&self, plugin: &str, name: &str) -> Result<Option<String>>;
    /// Remembers where a plugin's poll stands.
    async fn set_cursor(&self, plugin: &str, name: &str, value: &str, now: Now) -> Result<()>;
    /// The durable state of a plugin.
    async fn plugin_state(&self, plugin: &str) -> Result<PluginState>;
    /// Keeps what a call put into its plugin's state; no bytes remove a name.
    async fn set_plugin_state(&self, plugin: &str, puts: &PluginState) -> Result<()>;

    // Guarantees.

    /// Copies everything as of one moment into a new file, while others read and write.
    async fn snapshot(&self, into: &Path) -> Result<()>;
    /// Looks at everything: the database's own check, the hash chain, whether the seal fits.
    async fn soundness(&self) -> Result<SoundnessReport>;
    /// What an erasure would do; changes nothing.
    async fn erasure(&self, order: &erasure::Order, now: Now) -> Result<erasure::Erased>;
    /// Erases a person's values, and records that it was done.
    ///
    /// # Errors
    /// [`StoreError::Moved`] where the record has moved on since the order was made up.
    async fn erase(&self, order: &erasure::Order, now: Now) -> Result<erasure::Erased>;
    /// Destroys the documents whose time of keeping has passed; how many.
    async fn destroy_outlived(&self, now: Now) -> Result<u64>;
    /// The newest stretches of time in which nothing was looked at, newest first, with what was
    /// left out because of each.
    async fn outages(&self, limit: u32) -> Result<Vec<Outage>>;
}
