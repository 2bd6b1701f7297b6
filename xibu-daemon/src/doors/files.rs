//! Files that came with messages: read beside the queue, one message after the other, then judged
//! and taken in by the one who keeps the record.
//!
//! A message is on disk before its files are read ([`HeldFor::FilesCameWithIt`]), each file is kept
//! together with what it tells, and the word on the message comes last; so a crash at any point is
//! gone on from, and loses and doubles nothing. What it is not: it does not say what is believed
//! (`arrival::files`) nor what a file means (`intake`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tracing::{info, warn};
use xibu_plugin_abi::message::{Arrived, Attachment, Unreadable};

use super::carriers::Carriers;
use super::queue::Porter;
use super::{Doors, MOVED_MAX, address, said};
use crate::arrival::files::WithFiles;
use crate::arrival::{HeldFor, Judge, sealed};
use crate::carrier::Carrier;
use crate::clock::{Clock, Now};
use crate::failpoint;
use crate::intake::{self, FileOutcome, FileRead, Foreseen, Reading, Scope, Way};
use crate::record::Record;
use crate::store::{
    Arrival, ArrivalFilter, CameWith, Result, Store, StoreError, Tally, Verdict, What,
};

/// The id under which the settings name the workbook plugin.
pub const WORKBOOK_PLUGIN: &str = "spreadsheet";
/// Larger files are not read, bytes: as in the folder.
pub const FILE_BYTES_MAX: usize = 50 << 20;
/// A smaller picture is the ornament of a signature, bytes; no photo of a form is so small.
const ORNAMENT_BYTES_MAX: usize = 16 << 10;
/// So often may a message's files bring the plugin down before they are taken as unreadable.
const LOST_MAX: u32 = 3;
/// How long what could not be read now waits.
const AGAIN: Duration = Duration::from_secs(30);

/// The files of a message that count, with their bytes.
pub fn enclosed<'a>(
    arrived: &'a Arrived,
    blobs: &'a [Vec<u8>],
) -> impl Iterator<Item = (&'a Attachment, &'a [u8])> {
    let with_bytes = arrived.attachments.iter().filter_map(|attachment| {
        let bytes = blobs.get(usize::try_from(attachment.blob).ok()?)?;
        Some((attachment, bytes.as_slice()))
    });
    with_bytes.filter(|(attachment, bytes)| {
        let is_picture = attachment.media_type.starts_with("image/");
        !(is_picture && bytes.len() <= ORNAMENT_BYTES_MAX)
    })
}

/// A message's files as read, each with the place it came from.
#[derive(Clone, Debug)]
pub struct FilesRead {
    /// The message.
    pub arrival: u64,
    /// Its files, those of archives one by one.
    pub files: Vec<FileRead>,
}

/// Has a message's files read.
///
/// # Errors
/// The workbook plugin was lost over them.
pub async fn read(
    workbook: &Carrier,
    arrival: &Arrival,
    sealed: &[u8],
    now: Now,
) -> std::result::Result<Vec<FileRead>, crate::carrier::CallLost> {
    let mut files = Vec::new();
    for arrived in arrivals_of(arrival, sealed) {
        files.extend(intake::read(workbook, arrived, now).await?);
    }
    Ok(files)
}

/// Each file of a message as if it had come by itself.
fn arrivals_of(arrival: &Arrival, sealed: &[u8]) -> Vec<intake::Arrival> {
    let Ok((arrived, blobs)) = sealed::from_bytes(sealed) else { return Vec::new() };
    let fits = |bytes: &[u8]| bytes.len() <= FILE_BYTES_MAX;
    enclosed(&arrived, &blobs)
        .filter(|(_, bytes)| fits(bytes))
        .map(|(attachment, bytes)| intake::Arrival {
            file_name: attachment.file_name.clone(),
            bytes: bytes.to_vec(),
            received_at: arrival.at,
            by: arrival.plugin.clone(),
        })
        .collect()
}

/// Reads the files of messages that wait for it.
#[derive(Debug, Default)]
pub struct Reader {
    /// How often each message brought the plugin down.
    lost: BTreeMap<u64, u32>,
}

impl Reader {
    /// Reads everything that waits, oldest first; whether some of it has to be tried again.
    pub async fn once(
        &mut self,
        carriers: &Carriers,
        store: &impl Store,
        porter: &Porter,
        clock: &Clock,
    ) -> bool {
        let held = Some(HeldFor::FilesCameWithIt);
        let filter = ArrivalFilter { held, ..ArrivalFilter::default() };
        let mut waiting = match store.arrivals(&filter).await {
            Ok(waiting) => waiting,
            Err(error) => {
                warn!(%error, "what waits to be read is not known");
                return true;
            }
        };
        waiting.reverse();
        let mut again = false;
        for arrival in waiting {
            let files = match self.read(carriers, store, &arrival, clock.now()).await {
                Some(files) => files,
                None => {
                    again = true;
                    continue;
                }
            };
            failpoint::reach("files_after_read");
            let id = arrival.id;
            again |= !porter.files(FilesRead { arrival: id, files }).await;
            self.lost.remove(&id);
        }
        again
    }

    /// Reads what waits, for ever: when something came, and now and then.
    pub async fn serve(
        mut self,
        carriers: &Carriers,
        store: &impl Store,
        porter: &Porter,
        clock: &Clock,
        came: &Arc<Notify>,
    ) {
        loop {
            match self.once(carriers, store, porter, clock).await {
                // A plugin that rests is not woken by every message.
                true => tokio::time::sleep(AGAIN).await,
                false => {
                    // In vain at times: what another program put back waits for this look.
                    let _ = tokio::time::timeout(AGAIN, came.notified()).await;
                }
            }
        }
    }

    /// None where it is to be tried again.
    async fn read(
        &mut self,
        carriers: &Carriers,
        store: &impl Store,
        arrival: &Arrival,
        now: Now,
    ) -> Option<Vec<FileRead>> {
        let workbook = carriers.get(WORKBOOK_PLUGIN)?;
        let document = arrival.document?;
        let opened = match store.open_document(document).await {
            Ok(opened) => opened,
            Err(error) => {
                warn!(document, %error, "a message's files cannot be opened");
                return None;
            }
        };
        failpoint::reach("files_before_read");
        match read(&workbook, arrival, &opened.bytes, now).await {
            Ok(files) => Some(files),
            Err(lost) => {
                let times = self.lost.entry(arrival.id).or_default();
                *times += u32::from(lost.may_have_acted());
                warn!(%lost, times = *times, "files of a message could not be read");
                (*times >= LOST_MAX).then(|| unread(arrival, &opened.bytes))
            }
        }
    }
}

/// Files that brought the plugin down wait for a person.
fn unread(arrival: &Arrival, sealed: &[u8]) -> Vec<FileRead> {
    let detail = "it brought the plugin down";
    let reading = || Reading::Unreadable { why: Unreadable::Unknown, detail: detail.to_owned() };
    let arrivals = arrivals_of(arrival, sealed).into_iter();
    arrivals.map(|arrival| FileRead { arrival, reading: reading() }).collect()
}

/// What is decided on a message: for which offices its files are taken, and the word on it.
struct Decided {
    scope: Option<Scope>,
    verdict: Verdict,
}

impl<S: Store> Doors<S> {
    /// Judges a message by its files, takes them in where they are believed, and writes down the
    /// word on the message; nothing where somebody decided meanwhile.
    ///
    /// # Errors
    /// The store cannot be read or written; what was taken in stays, and it is gone on from there.
    pub async fn keep_files(&mut self, read: &FilesRead) -> Result<()> {
        let mut tries = 0;
        loop {
            let now = self.clock.now();
            let mut record = self.record.take().unwrap_or_default();
            record.follow(&self.store).await?;
            let kept = self.keep_files_by(&mut record, read, now).await;
            self.record = Some(record);
            match kept {
                Err(StoreError::Moved { .. }) if tries < MOVED_MAX => tries += 1,
                ended => return ended,
            }
        }
    }

    async fn keep_files_by(&self, record: &mut Record, read: &FilesRead, now: Now) -> Result<()> {
        let filter = ArrivalFilter { id: Some(read.arrival), ..ArrivalFilter::default() };
        let found = self.store.arrivals(&filter).await?.into_iter().next();
        let Some(arrival) = found.filter(|one| one.held == Some(HeldFor::FilesCameWithIt)) else {
            return Ok(());
        };
        let Decided { scope, mut verdict } = self.decided(record, &arrival, read, now).await?;
        if let Some(scope) = &scope {
            take_in(&self.store, record, (arrival.id, &read.files), scope, now).await?;
        }
        failpoint::reach("files_before_decision");
        verdict.after = Some(record.last_sequence());
        let held = verdict.taken.held.map(HeldFor::name);
        let decided = self.store.decide(&verdict, now).await?;
        if decided {
            let (files, taken) = (read.files.len(), scope.is_some());
            info!(plugin = arrival.plugin, files, taken, held, "files of a message were judged");
        }
        Ok(())
    }

    async fn decided(
        &self,
        record: &Record,
        arrival: &Arrival,
        read: &FilesRead,
        now: Now,
    ) -> Result<Decided> {
        let document = arrival.document.ok_or(StoreError::NoSuchDocument(0))?;
        let opened = self.store.open_document(document).await?;
        let broken = |_| StoreError::SealBroken(document);
        let (arrived, blobs) = sealed::from_bytes(&opened.bytes).map_err(broken)?;
        let senders = self.store.find_persons(&[address(&arrived.from)]).await?;
        let senders = senders.into_iter().next().unwrap_or_default();
        let mut files: Vec<Foreseen> = Vec::with_capacity(read.files.len());
        for file in &read.files {
            let (world, store) = (record.world(), &self.store);
            files.push(intake::foresee(store, world, &file.arrival, &file.reading).await?);
        }
        // What was taken in before a crash is of this message and not of one before it.
        for taken in self.store.arrival_files(arrival.id).await? {
            let place = usize::try_from(taken.number).ok().and_then(|number| number.checked_sub(1));
            if let Some(file) = place.and_then(|place| files.get_mut(place)) {
                file.known_before = taken.outcome == FileOutcome::KnownBefore;
            }
        }
        let said = said(&arrived, &blobs, &senders, now);
        let mut codes: BTreeSet<String> = said.heard.code.clone().into_iter().collect();
        for words in [&arrived.subject, &arrived.text] {
            codes.extend(intake::code_beside_mark(words));
        }
        let message = WithFiles {
            said: &said,
            codes,
            files: &files,
            too_large: enclosed(&arrived, &blobs).any(|(_, one)| one.len() > FILE_BYTES_MAX),
            before: arrival.taken_as,
        };
        let tally = self.tally_of(&senders, now).await?;
        let code = |key: &_| self.store.request_code(key);
        let judge = Judge {
            world: record.world(),
            rulebook: &self.rulebook,
            serves: &self.serves,
            code: &code,
            now,
        };
        let ruling = judge.on_files(&message, tally);
        let mut taken = ruling.taken;
        if taken.detail.is_empty() {
            taken.detail.clone_from(&arrival.detail);
        }
        let by = arrival.plugin.clone();
        let verdict = Verdict { arrival: arrival.id, by, after: None, taken };
        Ok(Decided { scope: ruling.scope, verdict })
    }

    async fn tally_of(&self, senders: &[xibu_core::person::PersonId], now: Now) -> Result<Tally> {
        let [person] = senders else {
            let wrong_codes = self.store.wrong_codes_of_strangers(now.date()).await?;
            return Ok(Tally { wrong_codes, ..Tally::default() });
        };
        let tallies = self.store.tallies(&[*person], now.date()).await?;
        Ok(tallies.get(person).copied().unwrap_or_default())
    }
}

/// Takes in those files of a message that were not before; each is kept with what it tells.
///
/// # Errors
/// The store cannot be read or written.
pub async fn take_in(
    store: &impl Store,
    record: &mut Record,
    (arrival, files): (u64, &[FileRead]),
    scope: &Scope,
    now: Now,
) -> Result<()> {
    let before = store.arrival_files(arrival).await?;
    for (number, file) in (1..).zip(files) {
        if before.iter().any(|known| known.number == number) {
            continue;
        }
        let came_with = CameWith { what: What::Message(arrival), number };
        let way = Way { scope, came_with: Some(&came_with) };
        let mut tries = 0;
        loop {
            record.follow(store).await?;
            let known = (record.world(), record.last_sequence());
            let (arrival, reading) = (&file.arrival, &file.reading);
            match intake::import_by(store, known, arrival, reading, way, now).await {
                Err(StoreError::Moved { .. }) if tries < MOVED_MAX => tries += 1,
                ended => {
                    ended?;
                    break;
                }
            }
        }
    }
    record.follow(store).await.map(|_| ())
}
