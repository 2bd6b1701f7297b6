//! The watched folder: files put into it are taken in, then moved aside with what became of them.
//!
//! What it is not: it understands no file (that is `intake`'s) and deletes none. A file is moved
//! only after its import is on disk; where the process dies in between, the same bytes come again
//! and change nothing.
//!
//! A file that is still being copied is left until it is whole: nothing was written to it for two
//! seconds, it is the same in two looks, and it does not break off. One that breaks off for ten
//! minutes is damaged and is taken in as such. One that is too large or cannot be opened stays
//! where it is, and [`stays`] tells of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tracing::{info, warn};
use xibu_core::explain::Language;
use xibu_plugin_abi::message::Unreadable;

use crate::carrier::Carrier;
use crate::clock::Now;
use crate::failpoint;
use crate::intake::{
    self, Arrival, Came, FileOutcome, FileRead, FileReport, Proof, Reading, marked,
};
use crate::record::Record;
use crate::store::{Result, Store, StoreError};

mod lying;

use lying::{Lying, SIZE_MAX, Seen, as_seen, breaks_off, lying};
pub use lying::{Stays, stays};

/// Where files go that were taken whole.
const TAKEN: &str = "已读入";
/// Where files go that a person must look at.
const TROUBLE: &str = "有问题";
/// A file is left alone until nothing was written to it for this long: it may still be being
/// copied.
const REST_MS: i64 = 2_000;
/// Files looked at in one round.
const FILES_MAX: usize = 200;
/// So often may a file bring the plugin down before it is taken as unreadable.
const LOST_MAX: u32 = 3;
/// The longest a file may take to be marked, in real time.
const ANSWER_MAX: Duration = Duration::from_secs(60);
/// So often is an import tried while other programs record.
const MOVED_MAX: u32 = 5;

/// So long may a file break off before it counts as damaged and not as half-written.
const INCOMPLETE_MS_MAX: i64 = 10 * 60_000;

/// A watched folder.
#[derive(Debug)]
pub struct Inbox {
    folder: PathBuf,
    workbook: Carrier,
    /// How often each file brought the plugin down.
    lost: BTreeMap<PathBuf, u32>,
    /// The files as they lay there at the look before.
    seen: BTreeMap<PathBuf, Seen>,
}

/// What became of one look at a file.
enum Looked {
    /// It was taken in.
    Came(Vec<(FileRead, Came)>),
    /// It breaks off: it may still be being copied.
    Incomplete,
    /// It is to be tried again.
    Again,
}

impl Inbox {
    /// Watches `folder` and has files read by `workbook`.
    pub fn new(folder: PathBuf, workbook: Carrier) -> Self {
        Self { folder, workbook, lost: BTreeMap::new(), seen: BTreeMap::new() }
    }

    /// Has files read by another carrier from now on.
    pub fn read_by(&mut self, workbook: Carrier) {
        self.workbook = workbook;
        self.lost.clear();
    }

    /// Looks what lies there and takes nothing in: the first of two looks.
    pub fn glance(&mut self) {
        let before = std::mem::take(&mut self.seen);
        let lying = self.lying();
        self.seen = lying.iter().map(|file| (file.path.clone(), as_seen(file, &before))).collect();
    }

    /// Takes in what lies there, oldest first; how many files. One bad file stops no other.
    ///
    /// # Errors
    /// The store cannot be read or written; the file stays where it is.
    pub async fn look(&mut self, store: &impl Store, record: &mut Record, now: Now) -> Result<u32> {
        let lying = self.lying();
        let before = std::mem::take(&mut self.seen);
        self.seen = lying.iter().map(|file| (file.path.clone(), as_seen(file, &before))).collect();
        let unchanged = |file: &&Lying| before.get(&file.path).is_some_and(|seen| seen.is(file));
        // A clock set back must not hide a file for ever.
        let rests = |file: &&Lying| (now.unix_ms - file.modified_ms).abs() >= REST_MS;
        let mut taken = 0;
        for file in lying.iter().filter(unchanged).filter(rests).take(FILES_MAX) {
            let since = self.seen.get(&file.path).and_then(|seen| seen.incomplete_since);
            let waited = since.map(|since| (now.unix_ms - since).abs());
            if waited.is_some_and(|waited| waited < INCOMPLETE_MS_MAX) {
                continue;
            }
            failpoint::reach("inbox_before_intake");
            match self.take(store, record, file, waited.is_some(), now).await? {
                Looked::Again => {}
                Looked::Incomplete => {
                    info!("a file in the inbox breaks off; it is left until it is whole");
                    if let Some(seen) = self.seen.get_mut(&file.path) {
                        seen.incomplete_since = Some(now.unix_ms);
                    }
                }
                Looked::Came(files) => {
                    failpoint::reach("inbox_after_intake");
                    self.lost.remove(&file.path);
                    let answers = self.answers(&files, now).await;
                    let came: Vec<Came> = files.into_iter().map(|(_, came)| came).collect();
                    self.put_aside(&file.path, &came, &answers, now);
                    taken += 1;
                }
            }
        }
        Ok(taken)
    }

    fn lying(&self) -> Vec<Lying> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) => {
                warn!(folder = %self.folder.display(), %error, "the inbox cannot be read");
                return Vec::new();
            }
        };
        let mut files: Vec<Lying> = entries.filter_map(|entry| lying(&entry.ok()?)).collect();
        files.sort_by(|a, b| (a.modified_ms, &a.path).cmp(&(b.modified_ms, &b.path)));
        files
    }

    /// `is_damaged` where it has been breaking off for so long that it counts as damaged.
    async fn take(
        &mut self,
        store: &impl Store,
        record: &mut Record,
        file: &Lying,
        is_damaged: bool,
        now: Now,
    ) -> Result<Looked> {
        let Some(arrival) = open(file, now) else { return Ok(Looked::Again) };
        if !is_damaged && breaks_off(&arrival.bytes) {
            return Ok(Looked::Incomplete);
        }
        let files = match intake::read(&self.workbook, arrival, now).await {
            Ok(files) => files,
            Err(lost) => {
                let times = self.lost.entry(file.path.clone()).or_default();
                *times += u32::from(lost.may_have_acted());
                warn!(%lost, times = *times, "a file in the inbox could not be read");
                if *times < LOST_MAX {
                    return Ok(Looked::Again);
                }
                let Some(arrival) = open(file, now) else { return Ok(Looked::Again) };
                let detail = "it brought the plugin down".to_owned();
                let reading = Reading::Unreadable { why: Unreadable::Unknown, detail };
                vec![FileRead { arrival, reading }]
            }
        };
        if let [only] = files.as_slice()
            && !is_damaged
            && matches!(only.reading, Reading::Unreadable { why: Unreadable::Damaged, .. })
        {
            return Ok(Looked::Incomplete);
        }
        let mut came = Vec::with_capacity(files.len());
        for file in files {
            let report = import(store, record, &file, now).await?;
            let inside = file.inside();
            came.push((file, Came { inside, report }));
        }
        Ok(Looked::Came(came))
    }

    /// The workbooks to put beside a file with something to look at, marked. The file is recorded
    /// already: where the plugin is lost the text beside it says the same.
    async fn answers(&self, files: &[(FileRead, Came)], now: Now) -> Vec<(String, Vec<u8>)> {
        let mut answers: Vec<(String, Vec<u8>)> = Vec::new();
        for (file, Came { report, .. }) in files {
            if is_fine(report) {
                continue;
            }
            let (arrival, mask) = (&file.arrival, report.proved != Some(Proof::Fits));
            match marked::answer(&self.workbook, arrival, report, now, ANSWER_MAX, mask).await {
                Ok(None) => {}
                Ok(Some((name, bytes))) => {
                    // Two files of an archive may have one name.
                    let twice = answers.iter().any(|(known, _)| *known == name);
                    let number = answers.len() + 1;
                    let name = if twice { format!("{number}-{name}") } else { name };
                    answers.push((name, bytes));
                }
                Err(lost) => warn!(%lost, "a file in the inbox could not be marked"),
            }
        }
        answers
    }

    /// Moves the file, with a text and the marked workbooks beside it where there is something to
    /// look at. A failure is only told: the import is on disk, and the same bytes again change
    /// nothing.
    fn put_aside(&self, path: &Path, came: &[Came], answers: &[(String, Vec<u8>)], now: Now) {
        let fine = came.iter().all(|came| is_fine(&came.report));
        let folder = self.folder.join(if fine { TAKEN } else { TROUBLE });
        // The time in front keeps two files of one name apart.
        let time = now.civil.format("%Y%m%d-%H%M%S-").to_string();
        let mut name = std::ffi::OsString::from(&time);
        name.push(path.file_name().unwrap_or_default());
        let target = folder.join(&name);
        let moved = std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::rename(path, &target))
            .and_then(|()| match fine {
                true => Ok(()),
                false => {
                    name.push(".结果.txt");
                    let mut text: Vec<String> = came.iter().map(result_text).collect();
                    for (answer, bytes) in answers {
                        let answer = format!("{time}{answer}");
                        std::fs::write(folder.join(&answer), bytes)?;
                        text.push(format!(
                            "上述各处已在“{answer}”里标出，请在其中改正，放回收件文件夹。\r\n"
                        ));
                    }
                    std::fs::write(folder.join(&name), text.join("\r\n"))
                }
            });
        for Came { report, .. } in came {
            let findings: usize = report.sheets.iter().map(|sheet| sheet.findings.len()).sum();
            let document = report.document;
            info!(outcome = ?report.outcome, document, findings, "a file was taken in");
        }
        if let Err(error) = moved {
            warn!(%error, "a file was taken in and cannot be moved aside");
        }
    }
}

/// Whether there is nothing to look at.
fn is_fine(report: &FileReport) -> bool {
    let understood = matches!(report.outcome, FileOutcome::Taken | FileOutcome::KnownBefore);
    understood && report.sheets.iter().all(|sheet| sheet.findings.is_empty())
}

/// Records one file; again where the record moved meanwhile.
async fn import(
    store: &impl Store,
    record: &mut Record,
    file: &FileRead,
    now: Now,
) -> Result<FileReport> {
    let mut moved = 0;
    loop {
        record.follow(store).await?;
        let (world, sequence) = (record.world(), record.last_sequence());
        match intake::import(store, world, sequence, &file.arrival, &file.reading, now).await {
            Err(StoreError::Moved { .. }) if moved < MOVED_MAX => moved += 1,
            report => return report,
        }
    }
}

/// The file's time is when the door took it, but never later than now.
fn open(file: &Lying, now: Now) -> Option<Arrival> {
    if file.size > SIZE_MAX {
        warn!(size = file.size, "a file in the inbox is larger than is opened; it stays there");
        return None;
    }
    match std::fs::read(&file.path) {
        Ok(bytes) => Some(Arrival {
            file_name: file.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            bytes,
            received_at: Now::at_unix(file.modified_ms.min(now.unix_ms), now.zone).civil,
            by: "inbox".to_owned(),
        }),
        Err(error) => {
            warn!(%error, "a file in the inbox cannot be opened; it stays there");
            None
        }
    }
}

/// What became of one file, for whoever put it or its archive there.
fn result_text(Came { inside, report }: &Came) -> String {
    let head = match report.outcome {
        FileOutcome::KnownBefore => "这份文件以前已读入，没有重复登记。",
        FileOutcome::Unread => "文件已收到，但未能读取，已按“收到未读”登记，请工作人员查看。",
        FileOutcome::HeldUnread => "文件已收到，但未能读取，也看不出是哪个单位的，请工作人员查看。",
        FileOutcome::NothingTaken => "文件没有可登记的内容，请按下列说明改正后重新放入收件文件夹。",
        FileOutcome::Taken => "文件已读入，下列各处没有登记或需要留意，改正后重新放入即可。",
    };
    let mut text = String::new();
    if let Some(inside) = inside {
        text.push_str(&format!("【{inside}】\r\n"));
    }
    let fine = report.outcome == FileOutcome::Taken
        && report.sheets.iter().all(|sheet| sheet.findings.is_empty());
    text.push_str(if fine { "文件已读入。" } else { head });
    text.push_str("\r\n");
    if let Some(remedy) = report.remedy(Language::Chinese) {
        text.push_str(remedy);
        text.push_str("。\r\n");
    }
    for finding in report.sheets.iter().flat_map(|sheet| &sheet.findings) {
        text.push_str(&finding.message_zh);
        text.push_str("\r\n");
    }
    text
}
