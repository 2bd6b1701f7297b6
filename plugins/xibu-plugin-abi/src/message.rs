//! What the daemon and a plugin say to each other: plain data, JSON in the frame's header.
//!
//! Large things (a rendered attachment, a workbook's bytes, packed cells) travel as raw blobs
//! behind the header and are named by their index. Fields are only ever added; unknown ones are
//! ignored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a plugin can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Takes messages to people: [`Request::Deliver`].
    Notify,
    /// Workbook bytes to neutral cells and sheets to bytes: [`Request::ReadWorkbook`],
    /// [`Request::WriteWorkbook`], [`Request::MarkWorkbook`].
    Workbook,
    /// Says later what became of a message: [`Item::Receipt`], by [`Request::Poll`] or
    /// [`Request::Hook`].
    Receipts,
    /// Brings what people send: [`Item::Arrived`], by [`Request::Poll`] or [`Request::Hook`].
    Intake,
    /// Brings job advertisements: [`Item::Posting`], by [`Request::Poll`] and
    /// [`Request::ReadFeed`].
    Feed,
    /// A capability this version does not know.
    #[serde(other)]
    Unknown,
}

/// Who a plugin is. Answer to [`Request::Describe`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Descriptor {
    /// Stable name, e.g. `xibu-email`.
    pub id: String,
    /// One line for people, in Chinese.
    pub title: String,
    /// Its version.
    pub version: String,
    /// What it can do.
    pub capabilities: Vec<Capability>,
    /// JSON Schema of its settings, an object with `properties`. A property marked `writeOnly` is
    /// a secret.
    #[serde(default)]
    pub settings_schema: serde_json::Value,
}

/// One call. `now_unix_ms` is the time by which the plugin is to date what it makes; it reads no
/// clock for decisions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Number of the call within this worker's life, from 1.
    pub id: u64,
    /// Milliseconds until the host gives up and kills the worker.
    pub deadline_ms: u64,
    /// The host's time, real or virtual, milliseconds since the epoch.
    pub now_unix_ms: i64,
    /// What is asked.
    pub request: Request,
}

/// What is asked of a plugin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Request {
    /// Say who you are. Emits one [`Item::Described`]. Allowed before `Configure`.
    Describe,
    /// Take your settings (secrets included). Replies failed where they are unusable, naming the
    /// key.
    Configure {
        /// The plugin's own table from the configuration.
        settings: serde_json::Value,
    },
    /// Answer with what you were given: blobs included. For measuring and for health checks.
    Echo,
    /// Take these messages to people. Emits one [`Item::Delivered`] per message, as each is known.
    Deliver {
        /// The messages; their attachments are blobs.
        messages: Vec<Message>,
    },
    /// Blob 0 is a workbook's bytes. Emits [`Item::SheetBegins`], [`Item::Cells`],
    /// [`Item::SheetEnds`], for an archive [`Item::Inside`], or [`Item::Unreadable`].
    ReadWorkbook {
        /// The name it came under; a hint for the format, nothing more.
        file_name: String,
    },
    /// Make an .xlsx. Emits one [`Item::Written`] with the bytes as blob 0.
    WriteWorkbook {
        /// What to write.
        workbook: Workbook,
    },
    /// Blob 0 is a workbook's bytes; answer with the same workbook, marked. An .xlsx keeps every
    /// part that need not be touched, byte for byte; any other format comes back as a new .xlsx
    /// with the cells as read. Emits one [`Item::Written`] with the bytes as blob 0, or
    /// [`Item::Unreadable`].
    MarkWorkbook {
        /// The name it came under; a hint for the format, nothing more.
        file_name: String,
        /// What is marked, in any order; places that the workbook does not have are made.
        marks: Vec<Mark>,
        /// Areas in which every value is masked.
        #[serde(default)]
        masks: Vec<Masked>,
        /// A sheet to put in front: its cells, widths, merges and page. A sheet of its name that
        /// an earlier answer put there gives way to it.
        #[serde(default)]
        summary: Option<SheetOut>,
    },
    /// Look what is new outside. Emits [`Item::Receipt`], [`Item::Arrived`], [`Item::Posting`],
    /// [`Item::SourceStood`], and as its last item one [`Item::Polled`]. The host keeps the items
    /// and the new cursor together, or neither; so the same item may come twice and carries an id.
    Poll {
        /// What the last kept [`Item::Polled`] said; none at the first time.
        cursor: Option<String>,
        /// How often in a row the plugin ended within a look from there, so that nothing of it was
        /// kept: something outside may be what ends it.
        #[serde(default)]
        lost: u32,
    },
    /// Something came to this plugin's path of the host's one HTTP listener, `/hooks/<plugin>`.
    /// Blob 0 is its body. Emits what came like `Poll`, but no cursor, and one
    /// [`Item::HookAnswered`]; that goes back only after the items are kept.
    Hook {
        /// `GET`, `POST`, ...
        method: String,
        /// What follows `/hooks/<plugin>`, with its leading slash, or empty.
        path: String,
        /// The query string as it came, without the question mark.
        query: String,
        /// Header fields by lower-case name.
        headers: BTreeMap<String, String>,
    },
    /// Read one feed or page and keep nothing: the dry run. Blob 0, if there is one, is its bytes;
    /// otherwise it is fetched. Emits [`Item::Posting`] and [`Item::SourceStood`].
    ReadFeed {
        /// The file's name, or the address to fetch.
        source: String,
    },
}

/// One message to one person by one channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The envelope's key: stable over attempts; a channel that knows keys can refuse a second
    /// effect by it.
    pub key: String,
    /// Where to, in the channel's own form, e.g. a mail address.
    pub address: String,
    /// The recipient's name as shown, or empty.
    pub recipient: String,
    /// Subject, where the channel has one.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// Attachments.
    pub attachments: Vec<Attachment>,
    /// What kind of message it is, in snake case, e.g. `duty`; a channel with templates finds its
    /// own by it.
    #[serde(default)]
    pub kind: String,
    /// Values for such a template by name. Neutral: no name of a person, no link.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Where the reader says "no more of these"; an http(s) address for one POST.
    #[serde(default)]
    pub unsubscribe: Option<String>,
}

/// What became of a message after the channel had taken it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The message's key, where the channel knows it.
    pub key: Option<String>,
    /// The channel's reference as `Accepted` gave it, where the key is not known.
    pub reference: Option<String>,
    /// When the channel says it happened, milliseconds since the epoch.
    pub at_unix_ms: i64,
    /// What happened.
    pub fate: Fate,
}

/// How a message ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// It arrived.
    Delivered,
    /// It came back.
    Failed {
        /// Whose fault.
        blame: Blame,
        /// The channel's word, without personal data.
        detail: String,
    },
    /// A fate this version does not know.
    #[serde(other)]
    Unknown,
}

/// A message from a person, as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrived {
    /// The channel's own id of it; the same message twice has the same.
    pub id: String,
    /// From which address or number.
    pub from: String,
    /// When the channel took it, milliseconds since the epoch.
    pub received_unix_ms: i64,
    /// Its subject, where the channel has one.
    #[serde(default)]
    pub subject: String,
    /// Its words.
    pub text: String,
    /// The key of our message it answers, where the channel knows.
    #[serde(default)]
    pub answers: Option<String>,
    /// Whether a machine wrote it (an automatic reply, a bulk or bounce message): never answered.
    #[serde(default)]
    pub automatic: bool,
    /// Whether the channel takes it for unwanted advertising; it may be wrong.
    #[serde(default)]
    pub spam: bool,
    /// Why it is not here whole, or was not understood: a person has to look at it.
    #[serde(default)]
    pub unread: Option<Unread>,
    /// Files that came with it; their bytes are blobs.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
}

/// Why a message is not here whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unread {
    /// Larger than is taken; its words are here as far as its beginning holds them.
    TooLarge,
    /// It could not be taken apart; the whole of it is its only file.
    Broken,
    /// A reason this version does not know.
    #[serde(other)]
    Unknown,
}

/// A job advertisement as its source gives it; the core says what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawPosting {
    /// Which feed or page it comes from, by its name in the settings.
    pub source: String,
    /// The source's own id of it, stable over fetches.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// Where it stands for people to read.
    pub link: String,
    /// When the source says it was published, milliseconds since the epoch.
    pub published_unix_ms: Option<i64>,
    /// Its words as plain text, line by line.
    pub text: String,
    /// What the source says in fields, by schema.org's names with dots, e.g.
    /// `hiringOrganization.name`.
    pub fields: BTreeMap<String, String>,
}

/// A file that goes with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// File name as shown, may be Chinese.
    pub file_name: String,
    /// Media type.
    pub media_type: String,
    /// Which blob of the frame.
    pub blob: u32,
}

/// Something a call yields on the way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "item", rename_all = "snake_case")]
pub enum Item {
    /// Answer to `Describe`.
    Described(Descriptor),
    /// Answer to `Echo`.
    Echoed,
    /// What became of one message of a `Deliver`.
    Delivered {
        /// Index into `messages`.
        index: u32,
        /// What became of it.
        outcome: Outcome,
    },
    /// A sheet begins.
    SheetBegins {
        /// Its name.
        name: String,
        /// Whether the program hides it.
        hidden: bool,
    },
    /// Cells of the current sheet, by row then column: blob 0, packed as [`crate::cells`] says.
    Cells,
    /// The current sheet ends.
    SheetEnds {
        /// Merged rectangles: first row, first column, last row, last column, from 0.
        merges: Vec<[u32; 4]>,
    },
    /// The file cannot be read. Not a failure of the plugin.
    Unreadable {
        /// Which way it is unreadable.
        why: Unreadable,
        /// For the log, in English, without any of the file's content.
        detail: String,
    },
    /// The file is an archive: one of the files inside, in order. Blob 0 is what is to be kept of
    /// it; where `unreadable` is none that is the file itself, and the host asks for it to be read
    /// by a call of its own.
    Inside {
        /// Its name within the archive, folders parted by `/`.
        file_name: String,
        /// Why it could not be taken out; blob 0 is then an archive that holds it alone.
        unreadable: Option<Unreadable>,
    },
    /// Answer to `WriteWorkbook` and `MarkWorkbook`: blob 0 is the file.
    Written,
    /// What became of a message sent earlier.
    Receipt(Receipt),
    /// A message from a person.
    Arrived(Arrived),
    /// A job advertisement.
    Posting(RawPosting),
    /// How one source of a feed plugin stands after this look.
    SourceStood {
        /// Its name in the settings.
        source: String,
        /// How many items it gave now; 0 where nothing is new.
        items: u32,
        /// Why it could not be read, in English without personal data; none where it could.
        error: Option<String>,
    },
    /// The end of a `Poll`: where to go on the next time.
    Polled {
        /// The plugin's own word for the place, up to 64 KiB.
        cursor: String,
        /// When to look again, in seconds; the host may come later.
        again_after_seconds: u64,
    },
    /// Answer to `Hook`; blob 0 is the body.
    HookAnswered {
        /// HTTP status.
        status: u16,
        /// Media type of the body.
        media_type: String,
    },
    /// An item this version does not know.
    #[serde(other)]
    Unknown,
}

/// Why a file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreadable {
    /// Not a format this plugin reads.
    Format,
    /// Behind a password.
    Encrypted,
    /// Broken off or damaged.
    Damaged,
    /// Larger than the limits allow, honestly or by trick.
    TooLarge,
    /// A document of another program: .wps, .doc, .ppt, .rtf.
    ForeignProgram,
    /// A photo or scan.
    Picture,
    /// A .pdf.
    Pdf,
    /// An archive of another kind than .zip: .rar, .7z.
    OtherArchive,
    /// An archive within an archive within an archive.
    NestedTooDeep,
    /// A reason this version does not know.
    #[serde(other)]
    Unknown,
}

/// What became of one message, and so what the host does next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// The channel took responsibility.
    Accepted {
        /// The channel's own reference, e.g. a queue id.
        reference: String,
    },
    /// Not now; try again later.
    Deferred {
        /// Whose fault: decides whether the rest of the queue waits.
        blame: Blame,
        /// The channel's answer, without personal data.
        detail: String,
    },
    /// Too fast: pause the channel. Uses no attempt.
    Throttled {
        /// How long, in seconds.
        retry_after_seconds: u64,
        /// The channel's answer, without personal data.
        detail: String,
    },
    /// Never; do not try this again.
    Rejected {
        /// Whose fault.
        blame: Blame,
        /// The channel's answer, without personal data.
        detail: String,
    },
    /// It may have gone or not: the connection died between the end of the data and the answer.
    #[serde(other)]
    Unknown,
}

/// What a failed delivery is to be blamed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// This recipient's address.
    Address,
    /// This message's content.
    Message,
    /// The channel or its server: everything else would fail too.
    Channel,
    /// Not known.
    #[serde(other)]
    Unknown,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Status {
    /// Everything asked was done; outcomes are in the items.
    Done,
    /// The request was not for this plugin.
    Unsupported,
    /// It could not be done.
    Failed {
        /// Why, in English, without personal data.
        detail: String,
    },
    /// A panic was caught inside the plugin; the worker is not to be used further.
    Panicked {
        /// Why.
        detail: String,
    },
}

/// A workbook to write.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Workbook {
    /// Its sheets, in order.
    pub sheets: Vec<SheetOut>,
    /// Document properties, e.g. title.
    pub properties: BTreeMap<String, String>,
}

/// A sheet to write, meant to be printed on A4.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SheetOut {
    /// Name on the tab.
    pub name: String,
    /// Column widths in characters, from column 0.
    pub widths: Vec<f64>,
    /// Rows to repeat on each printed page: 0 to this many; also frozen on the screen.
    pub heading_rows: u32,
    /// Whether to print across.
    pub landscape: bool,
    /// Whether the sheet is hidden.
    pub hidden: bool,
    /// Whether only cells marked `unlocked` may be typed into.
    pub protected: bool,
    /// Cells.
    pub cells: Vec<CellOut>,
    /// Merged rectangles: first row, first column, last row, last column, from 0. Their text
    /// stands in the first cell.
    pub merges: Vec<[u32; 4]>,
    /// Drop-down lists.
    pub choices: Vec<Choice>,
    /// Cells that take whole numbers or days only.
    #[serde(default)]
    pub checks: Vec<Check>,
}

/// A cell to write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellOut {
    /// Row, from 0.
    pub row: u32,
    /// Column, from 0.
    pub column: u32,
    /// What it holds.
    pub value: CellOutValue,
    /// How it looks.
    pub style: Style,
    /// A note on the cell.
    pub note: Option<String>,
}

/// What a written cell holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellOutValue {
    /// Text, kept as text whatever it looks like.
    Text(String),
    /// A number.
    Number(f64),
    /// A day, `2026-06-28`.
    Date(String),
    /// Nothing, only the style.
    Blank,
}

/// How a written cell looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// Framed text.
    #[default]
    Body,
    /// Large, centred, no frame.
    Title,
    /// Bold, centred, framed, shaded.
    Heading,
    /// Framed, may be typed into on a protected sheet.
    Input,
    /// Framed, coloured as wrong.
    Wrong,
    /// No frame, for remarks and signature lines.
    Plain,
    /// Framed words that begin at the left.
    Words,
}

/// A drop-down list over a rectangle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// First row, first column, last row, last column, from 0.
    pub area: [u32; 4],
    /// What may be chosen.
    pub options: Vec<String>,
}

/// Whole numbers or days that are all a rectangle takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// First row, first column, last row, last column, from 0.
    pub area: [u32; 4],
    /// What is taken.
    pub takes: Takes,
    /// What a person is told who types something else.
    pub message: String,
}

/// What a checked cell takes; an empty one is always taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "takes", rename_all = "snake_case")]
pub enum Takes {
    /// A whole number.
    Whole {
        /// The smallest.
        min: i32,
        /// The largest.
        max: i32,
    },
    /// A day.
    Day {
        /// The first, `2026-06-01`.
        first: String,
        /// The last.
        last: String,
    },
}

/// A cell to mark.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Name of its sheet as [`Item::SheetBegins`] said it.
    pub sheet: String,
    /// Row, from 0.
    pub row: u32,
    /// Column, from 0.
    pub column: u32,
    /// A note on the cell, beside those that are there; none where empty.
    #[serde(default)]
    pub note: String,
    /// Whether it is coloured as wrong; a cell with a note alone is coloured as worth a look.
    #[serde(default)]
    pub wrong: bool,
    /// Whether its value is masked but for the last four characters.
    #[serde(default)]
    pub mask: bool,
}

/// An area in which every value is masked but for its last four characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Masked {
    /// Name of its sheet.
    pub sheet: String,
    /// First row, first column, last row, last column, from 0.
    pub area: [u32; 4],
}

/// A frame's header: who speaks and what. Blobs follow behind it, raw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "frame", rename_all = "snake_case")]
pub enum Header {
    /// First word of both sides.
    Hello {
        /// Always `xibu-plugin`.
        protocol: String,
        /// Contract version, major: must be equal.
        major: u16,
        /// Contract version, minor: the smaller counts.
        minor: u16,
    },
    /// Daemon to plugin.
    Call(Call),
    /// Plugin to daemon: something on the way.
    Emit {
        /// The call it belongs to.
        call: u64,
        /// What.
        #[serde(flatten)]
        item: Item,
    },
    /// Plugin to daemon: the call is over.
    Reply {
        /// The call it belongs to.
        call: u64,
        /// How it ended.
        #[serde(flatten)]
        status: Status,
    },
    /// Plugin to daemon: a line for the log, without personal data.
    Log {
        /// How bad.
        level: Level,
        /// The line.
        text: String,
    },
    /// Plugin to daemon, during a call: one of the host's services is wanted. The value of a
    /// [`Ask::StatePut`] is blob 0.
    HostAsk {
        /// The call it belongs to.
        call: u64,
        /// The plugin's number for the question, given back with the answer.
        id: u64,
        /// What is asked.
        #[serde(flatten)]
        ask: Ask,
    },
    /// Daemon to plugin: answers one [`Header::HostAsk`]. The value of an [`Answer::Given`] is
    /// blob 0.
    HostAnswer {
        /// The call it belongs to.
        call: u64,
        /// The number of the question.
        id: u64,
        /// The answer.
        #[serde(flatten)]
        answer: Answer,
    },
    /// Daemon to plugin: the answer to this call is no longer worth waiting for; say what is known
    /// and reply soon. One that comes after the reply means nothing.
    Cancel {
        /// The call.
        call: u64,
    },
    /// Daemon to plugin: end now.
    Goodbye,
}

/// What a plugin may ask its host during a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// The bytes kept under a name, those put earlier in this call included.
    StateGet {
        /// The name.
        name: String,
    },
    /// Keep bytes under a name; no bytes remove it. Kept for good only when the call ends
    /// [`Status::Done`].
    StatePut {
        /// The name, up to [`STATE_NAME_BYTES_MAX`].
        name: String,
    },
    /// A secret that the schema of the settings declares (`writeOnly`), by its dotted key.
    SecretGet {
        /// The key below the plugin's own table, e.g. `password` or `gateways.0.token`.
        name: String,
    },
    /// A question this version does not know.
    #[serde(other)]
    Unknown,
}

/// What a host answers to an [`Ask`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// Blob 0 is it.
    Given,
    /// Nothing is there under that name.
    Absent,
    /// The bytes are kept if the call ends done.
    Kept,
    /// Not to be had: undeclared, over the quota, not in this call.
    Refused {
        /// Why.
        detail: String,
    },
    /// An answer this version does not know.
    #[serde(other)]
    Unknown,
}

/// Most bytes of one plugin's state, names and values together.
pub const STATE_BYTES_MAX: usize = 64 << 10;
/// Most names in one plugin's state.
pub const STATE_NAMES_MAX: usize = 128;
/// Longest name in a plugin's state, in bytes.
pub const STATE_NAME_BYTES_MAX: usize = 128;

/// How bad a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// For those who debug.
    Debug,
    /// Worth knowing.
    Info,
    /// Somebody should look.
    Warning,
    /// Something failed.
    Error,
    /// The host broke the contract.
    HostMisbehaving,
}
