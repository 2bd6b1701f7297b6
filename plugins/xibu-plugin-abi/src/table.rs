//! The C table a plugin library exports, and the one its host hands in. `include/xibu_plugin.h`
//! says the same in C, and a test compares the two layouts.
//!
//! * **Entry.** A library exports one symbol, the constant [`ENTRY_SYMBOL`] of type [`Entry`].
//! * **Ownership.** What goes in is borrowed until the function returns. What comes out goes
//!   through [`Host::emit`], which copies before it returns. Nothing made on one side is freed on
//!   the other, and no pointer is kept after a return but the instance, which only its maker looks
//!   into.
//! * **Threads.** A host calls a library from one thread, one call at a time. A library calls its
//!   host only from that thread, during a call. Each function says so by its tag: `[control]`,
//!   `[during a call]`.
//! * **Growth.** Fixed-width types only. A structure carries its size, fields are only ever
//!   appended, and a reader looks at no more than the size allows. Another major version is
//!   refused; of minors the smaller counts.
//! * **Unwinding** never crosses: a library catches its own panics and answers [`PANICKED`].
//!
//! What it is not: what is said is in [`crate::message`], as JSON; here are only pointers and
//! lengths.

pub mod guest;

use std::ffi::{CStr, c_void};

use crate::message::Level;

/// The first eight bytes of an [`Entry`].
pub const MAGIC: [u8; 8] = *b"xibuplug";
/// The one exported symbol.
pub const ENTRY_SYMBOL: &CStr = c"xibu_plugin_entry";

/// Everything asked was done.
pub const DONE: i32 = 0;
/// The request was not for this plugin.
pub const UNSUPPORTED: i32 = 1;
/// It could not be done; [`Host::detail`] was given the reason.
pub const FAILED: i32 = 2;
/// A panic was caught inside the library; the process is not to be used further.
pub const PANICKED: i32 = 3;

/// A service gave what was asked for, or kept what it was given.
pub const GIVEN: i32 = 0;
/// Nothing is there under that name.
pub const ABSENT: i32 = 1;
/// Not to be had: undeclared, over the quota, not in this call.
pub const REFUSED: i32 = 2;

/// A function of the library that takes bytes while the host's own function runs, and copies what
/// it wants to keep. `taker` is what the library handed in beside it.
pub type Take = unsafe extern "C" fn(taker: *mut c_void, value: Bytes);

/// Borrowed bytes. `ptr` may be null where `len` is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Bytes {
    /// Where they begin.
    pub ptr: *const u8,
    /// How many.
    pub len: u64,
}

impl Bytes {
    /// Borrows a slice; the caller keeps it alive as long as these are looked at.
    #[must_use]
    pub const fn borrow(slice: &[u8]) -> Self {
        Self { ptr: slice.as_ptr(), len: slice.len() as u64 }
    }
}

/// What a host offers during a call. Behind `detail` each field was added by contract 1.1: a
/// library looks at it only where `size` covers it, and it may be none.
#[repr(C)]
#[derive(Debug)]
pub struct Host {
    /// Size of this structure in bytes.
    pub size: u64,
    /// Handed back to each function below; a library does not look into it.
    pub context: *mut c_void,
    /// `[during a call]` Takes one item as JSON and its blobs, and copies them before it returns.
    /// Answers 0, or 1 where it is over a limit and was not taken.
    pub emit: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            item: Bytes,
            blobs: *const Bytes,
            blob_count: u64,
        ) -> i32,
    >,
    /// `[during a call]` Takes a line for the log, without personal data. Levels are those of
    /// [`level_code`].
    pub log: Option<unsafe extern "C" fn(context: *mut c_void, level: u32, text: Bytes)>,
    /// `[during a call]` Takes the reason, in English and without personal data, before a function
    /// answers [`FAILED`] or [`PANICKED`]. The last one counts.
    pub detail: Option<unsafe extern "C" fn(context: *mut c_void, text: Bytes)>,
    /// `[during a call]` Milliseconds left of what the call was given; 0 where they are over.
    pub remaining_ms: Option<unsafe extern "C" fn(context: *mut c_void) -> u64>,
    /// `[during a call]` 1 where the answer is no longer worth waiting for: say what is known and
    /// return soon. Else 0.
    pub cancelled: Option<unsafe extern "C" fn(context: *mut c_void) -> i32>,
    /// `[during a call]` Looks up the plugin's own durable state. On [`GIVEN`] it has called `take`
    /// once with the value, which is borrowed until `take` returns. Else [`ABSENT`] or
    /// [`REFUSED`].
    pub state_get: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            name: Bytes,
            taker: *mut c_void,
            take: Option<Take>,
        ) -> i32,
    >,
    /// `[during a call]` Puts bytes under a name, copied before it returns; none remove it. Kept
    /// for good only when the call ends [`DONE`]. [`GIVEN`], or [`REFUSED`] over the quota.
    pub state_put:
        Option<unsafe extern "C" fn(context: *mut c_void, name: Bytes, value: Bytes) -> i32>,
    /// `[during a call]` A secret that the schema of the settings declares, by its dotted key; as
    /// [`Host::state_get`].
    pub secret_get: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            name: Bytes,
            taker: *mut c_void,
            take: Option<Take>,
        ) -> i32,
    >,
}

/// What a library exports. All functions are `[control]`: one thread, one at a time.
#[repr(C)]
#[derive(Debug)]
pub struct Entry {
    /// [`MAGIC`].
    pub magic: [u8; 8],
    /// Size of this structure in bytes.
    pub size: u64,
    /// [`crate::MAJOR`] of the contract the library was built for.
    pub major: u16,
    /// [`crate::MINOR`] of it.
    pub minor: u16,
    /// 0.
    pub reserved: u32,
    /// Emits one `described` item. Needs no instance and touches nothing outside.
    pub describe: Option<unsafe extern "C" fn(host: *const Host) -> i32>,
    /// Makes an instance from settings (a JSON object) and writes its address to `instance` on
    /// [`DONE`].
    pub create: Option<
        unsafe extern "C" fn(host: *const Host, settings: Bytes, instance: *mut *mut c_void) -> i32,
    >,
    /// Answers a call: the JSON of [`crate::message::Call`] (unknown fields are to be ignored) and
    /// its blobs.
    pub call: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            host: *const Host,
            call: Bytes,
            blobs: *const Bytes,
            blob_count: u64,
        ) -> i32,
    >,
    /// Ends an instance. It is not used again.
    pub destroy: Option<unsafe extern "C" fn(instance: *mut c_void)>,
}

/// The number of a level in [`Host::log`].
#[must_use]
pub const fn level_code(level: Level) -> u32 {
    match level {
        Level::Debug => 0,
        Level::Info => 1,
        Level::Warning => 2,
        Level::Error => 3,
        Level::HostMisbehaving => 4,
    }
}

/// The level of a number; one this version does not know counts as [`Level::Error`].
#[must_use]
pub const fn level_from_code(code: u32) -> Level {
    match code {
        0 => Level::Debug,
        1 => Level::Info,
        2 => Level::Warning,
        4 => Level::HostMisbehaving,
        _ => Level::Error,
    }
}
