//! From a file to the record: read by a plugin, understood by the core, resolved against what is
//! known, recorded in one batch. A dry run goes the same way and stops before the last step.
//!
//! What it is not: it gives cells no meaning (that is [`xibu_core::intake`]) and knows no file
//! format (that is a plugin's).

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use xibu_core::cell::{Place, Sheet};
use xibu_core::explain::Language;
use xibu_core::intake::SheetKind;
use xibu_core::world::World;
use xibu_plugin_abi::message::Unreadable;

use crate::clock::Now;
use crate::store::{self, CameWith, Store};

mod archive;
mod code;
mod directory;
mod draft;
mod foresee;
mod hidden_ids;
mod known;
pub mod marked;
mod names;
mod reading;
mod report;
pub mod returned;
mod roster;
mod scope;
mod understood;
mod wishes;

pub use archive::{FileRead, read};
pub use code::Proof;
use draft::{Base, Draft};
pub(crate) use foresee::code_beside_mark;
pub use foresee::{Foreseen, Told, foresee};
use known::Known;
pub use scope::{Scope, Within};
use understood::Understood;
pub use understood::office_and_month;

/// A file that came in by some door.
#[derive(Clone)]
pub struct Arrival {
    /// Its name, for a file of an archive behind the archive's own, parted by [`WITHIN`]; may hold
    /// a person's name, so never logged.
    pub file_name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// When the door took it, in the office's civil time; decides lateness.
    pub received_at: NaiveDateTime,
    /// Who brought it: `clerk`, a plugin's id.
    pub by: String,
}

impl std::fmt::Debug for Arrival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Arrival({} bytes, {})", self.bytes.len(), self.by)
    }
}

/// What the workbook plugin made of it.
#[derive(Clone, Debug)]
pub enum Reading {
    /// Its sheets, in order.
    Sheets(Vec<ReadSheet>),
    /// It could not be read.
    Unreadable {
        /// Which way.
        why: Unreadable,
        /// For the log, without content.
        detail: String,
    },
}

/// One sheet of a file.
#[derive(Clone, Debug)]
pub struct ReadSheet {
    /// Its cells.
    pub sheet: Sheet,
    /// Whether the program hides it; hidden sheets are not read for meaning.
    pub hidden: bool,
}

/// What became of a file, for people and for `--json`. Holds no personal value.
#[derive(Clone, Debug, Serialize)]
pub struct FileReport {
    /// SHA-256 of the bytes, hex.
    pub sha256: String,
    /// What became of the whole.
    pub outcome: FileOutcome,
    /// Why it could not be read, if it could not.
    pub unreadable: Option<Unreadable>,
    /// Our number of the document: where it was recorded, or was known before.
    pub document: Option<u64>,
    /// Sheet by sheet.
    pub sheets: Vec<SheetReport>,
    /// How many changes it makes to the record.
    pub changes: usize,
    /// How many new offices.
    pub new_offices: usize,
    /// How many people unknown before.
    pub new_people: usize,
    /// How many people's wishes it tells.
    pub profiles: usize,
    /// Returns it brought, as `unit_monthly_return/O123/2026-06`.
    pub returns: Vec<String>,
    /// Whether it carries the code of the request it answers; none where it carries no code.
    pub proved: Option<Proof>,
}

impl FileReport {
    /// Why it could not be read and what to do about it, if it could not and the reason is known.
    pub fn remedy(&self, language: Language) -> Option<&'static str> {
        remedy(self.unreadable?, language)
    }
}

/// Why a file could not be read and what to do about it; none where the reason is not known.
pub fn remedy(why: Unreadable, language: Language) -> Option<&'static str> {
    let (chinese, english) = match why {
        Unreadable::Format => (
            "不是能读的格式，请另存为 .xlsx 后再交",
            "not a format that is read; save it as .xlsx and hand it in again",
        ),
        Unreadable::Encrypted => (
            "文件有密码，请去掉密码后再交",
            "it is behind a password; remove the password and hand it in again",
        ),
        Unreadable::Damaged => (
            "文件不完整或已损坏，请重新保存后再交",
            "it is broken off or damaged; save it anew and hand it in again",
        ),
        Unreadable::TooLarge => (
            "文件过大，请只留下要报的表后再交",
            "it is too large; keep only the sheet that is reported and hand it in again",
        ),
        Unreadable::ForeignProgram => (
            "是 WPS 文字、旧版 Word 等程序的文件，请在原程序里另存为 .xlsx 或 .docx 后再交",
            "a file of another program; save it there as .xlsx or .docx and hand it in again",
        ),
        Unreadable::Picture => (
            "是照片或扫描件，请人工查看；能交电子表格的请改交电子表格",
            "a photo or scan; a person must look, or hand in the workbook itself",
        ),
        Unreadable::Pdf => (
            "是 .pdf 文件，请人工查看；能交电子表格的请改交电子表格",
            "a .pdf; a person must look, or hand in the workbook itself",
        ),
        Unreadable::OtherArchive => (
            "是 .rar 或 .7z 压缩包，请改用 .zip 压缩，或直接交里面的文件",
            "a .rar or .7z; pack it as .zip, or hand in the files themselves",
        ),
        Unreadable::NestedTooDeep => (
            "压缩包套了太多层，请取出里面的文件后再交",
            "an archive too deep within archives; take the files out and hand them in again",
        ),
        Unreadable::Unknown => return None,
    };
    Some(match language {
        Language::Chinese => chinese,
        Language::English => english,
    })
}

/// What became of a file as a whole, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileOutcome {
    /// The same bytes came before; nothing changes.
    KnownBefore,
    /// It could not be read; kept as `received, unread` for the office and month its name says.
    Unread,
    /// It could not be read and its name does not say whose it is; kept, and a person must look.
    HeldUnread,
    /// It was read and no row could be taken.
    NothingTaken,
    /// It was read; what could be taken was.
    Taken,
}

/// What became of one sheet.
#[derive(Clone, Debug, Serialize)]
pub struct SheetReport {
    /// Its name.
    pub name: String,
    /// What it is; none where it was not recognised or is hidden or empty.
    pub kind: Option<SheetKind>,
    /// Row of the headings as the program shows it.
    pub heading_row: Option<u32>,
    /// Rows taken.
    pub accepted: usize,
    /// Rows refused.
    pub refused: usize,
    /// Every fault and every warning, by row.
    pub findings: Vec<Finding>,
    /// Headings not used, as typed.
    pub ignored_headings: Vec<String>,
    /// Where ids stand: the first row of them, from 0, and their columns.
    #[serde(skip)]
    pub id_columns: Option<(u32, Vec<u32>)>,
}

/// A fault or a warning, ready to be shown.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// The column's heading.
    pub heading: Option<String>,
    /// The reason's name in snake case.
    pub reason: String,
    /// Whether the row was taken all the same.
    pub only_warning: bool,
    /// What is wrong and what to do in Chinese, without the place.
    #[serde(skip)]
    pub text_zh: String,
    /// One line in Chinese: where, what, what to do.
    pub message_zh: String,
    /// The same in English.
    pub message_en: String,
}

impl Finding {
    /// The line in one language.
    pub fn message(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.message_zh,
            Language::English => &self.message_en,
        }
    }
}

/// Parts the name of an archive from that of a file in it.
pub const WITHIN: &str = " › ";

/// What became of one file, and where it lay in the archive that came, if one came.
#[derive(Clone, Debug)]
pub struct Came {
    /// Its name within the archive; may hold a person's name, so never logged.
    pub inside: Option<String>,
    /// What became of it.
    pub report: FileReport,
}

/// Says what a file would change, and changes nothing: the dry run.
///
/// # Errors
/// The store cannot be read.
pub async fn examine(
    store: &impl Store,
    world: &World,
    arrival: &Arrival,
    reading: &Reading,
) -> store::Result<FileReport> {
    let understood = Understood::of(arrival, reading);
    let known = Known::gather(store, world, arrival, &understood).await?;
    let scope = &Scope::Anything;
    let mut draft = Draft::make(world, &known, arrival, &understood, scope, Base::PROVISIONAL);
    draft.prove(&understood, |key| store.request_code(key));
    Ok(draft.into_report(&known))
}

/// Records what a file tells, in one batch: the sealed original, people's values, changes,
/// refusals, words. The same bytes a second time change nothing. `world` is the record as of
/// `last_sequence`.
///
/// # Errors
/// The store cannot be written; [`store::StoreError::Moved`] where the record has moved on since
/// `last_sequence`: follow it, then import again.
pub async fn import(
    store: &impl Store,
    world: &World,
    last_sequence: u64,
    arrival: &Arrival,
    reading: &Reading,
    now: Now,
) -> store::Result<FileReport> {
    let way = Way { scope: &Scope::Anything, came_with: None };
    import_by(store, (world, last_sequence), arrival, reading, way, now).await
}

/// By which way a file came, and what whoever sent it may speak for.
#[derive(Clone, Copy, Debug)]
pub struct Way<'a> {
    /// For which offices.
    pub scope: &'a Scope,
    /// The message or call it came with.
    pub came_with: Option<&'a CameWith>,
}

/// As [`import`], of a file that came with a message or call: kept once for that, together with
/// what it tells.
///
/// # Errors
/// As [`import`].
pub async fn import_by(
    store: &impl Store,
    (world, last_sequence): (&World, u64),
    arrival: &Arrival,
    reading: &Reading,
    way: Way<'_>,
    now: Now,
) -> store::Result<FileReport> {
    let understood = Understood::of(arrival, reading);
    let known = Known::gather(store, world, arrival, &understood).await?;
    let scope = way.scope;
    let mut first = Draft::make(world, &known, arrival, &understood, scope, Base::PROVISIONAL);
    first.prove(&understood, |key| store.request_code(key));
    if known.document.is_some() {
        let report = first.into_report(&known);
        if let Some(came_with) = way.came_with {
            let by = arrival.by.clone();
            let came_with = Some(came_with.with(&report));
            let batch = store::Batch { by, came_with, ..store::Batch::default() };
            store.record(&batch, now).await?;
        }
        return Ok(report);
    }
    // The same file against the same record asks for the same numbers, so exactly these are taken.
    let base = Base::reserve(store, &first).await?;
    let mut draft = Draft::make(world, &known, arrival, &understood, scope, base);
    draft.prove(&understood, |key| store.request_code(key));
    let mut batch = draft.batch(arrival, last_sequence);
    let mut report = draft.into_report(&known);
    batch.came_with = way.came_with.map(|came_with| came_with.with(&report));
    let receipt = store.record(&batch, now).await?;
    report.document = receipt.document;
    Ok(report)
}

#[cfg(test)]
mod tests;
