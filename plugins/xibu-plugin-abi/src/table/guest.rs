//! A loaded library behind safe functions: checks its table once, then calls through it.
//!
//! The worker and the SDK's test harness share it. What it is not: it loads nothing and unloads
//! nothing; whoever hands in the table keeps the library mapped for good.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::fmt;
use std::mem::size_of;
use std::ptr;

use super::{
    ABSENT, Bytes, DONE, Entry, FAILED, GIVEN, Host, MAGIC, PANICKED, REFUSED, Take, UNSUPPORTED,
    level_from_code,
};
use crate::MAJOR;
use crate::message::{Answer, Ask, Level, Status};

/// Most blobs or bytes a library may hand over at once; beyond it the lengths are taken for
/// garbage.
const LENGTH_MAX: u64 = 1 << 32;

/// What a host does with what a library says during a call.
pub trait HostSide {
    /// One item as JSON and its blobs. Answers whether it was taken.
    fn emit(&mut self, item: &[u8], blobs: &[&[u8]]) -> bool;
    /// A line for the log.
    fn log(&mut self, level: Level, text: &str);
    /// Milliseconds left of what the call was given.
    fn remaining_ms(&mut self) -> u64;
    /// Whether the answer is no longer worth waiting for.
    fn cancelled(&mut self) -> bool;
    /// Answers a question; `value` goes with [`Ask::StatePut`], and a value comes back with
    /// [`Answer::Given`].
    fn ask(&mut self, ask: Ask, value: &[u8]) -> (Answer, Vec<u8>);
}

/// Why a table is not usable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It does not begin with the magic.
    Magic,
    /// It was built for another major version.
    Major {
        /// The library's.
        library: u16,
        /// Ours.
        host: u16,
    },
    /// It is smaller than the first version of this contract.
    Size {
        /// The size it states.
        library: u64,
    },
    /// A function is missing.
    Missing(&'static str),
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic => write!(f, "the library is not a xibu plugin (no magic)"),
            Self::Major { library, host } => write!(
                f,
                "the library speaks contract version {library}, this daemon {host}; \
                 install a matching build"
            ),
            Self::Size { library } => write!(f, "the library's table of {library} bytes is short"),
            Self::Missing(name) => write!(f, "the library's table lacks `{name}`"),
        }
    }
}

impl std::error::Error for Unfit {}

type Describe = unsafe extern "C" fn(*const Host) -> i32;
type Create = unsafe extern "C" fn(*const Host, Bytes, *mut *mut c_void) -> i32;
type Call = unsafe extern "C" fn(*mut c_void, *const Host, Bytes, *const Bytes, u64) -> i32;
type Destroy = unsafe extern "C" fn(*mut c_void);

/// A library whose table was checked, and its instance once it has settings.
#[derive(Debug)]
pub struct Guest {
    describe: Describe,
    create: Create,
    call: Call,
    destroy: Destroy,
    instance: Option<*mut c_void>,
}

impl Guest {
    /// Checks a table.
    ///
    /// # Errors
    /// Not a table this version can use.
    ///
    /// # Safety
    /// `entry` points to a readable constant that stays for the rest of the process, and if it is
    /// a table of this contract then its functions keep the contract of [`super`].
    pub unsafe fn new(entry: *const Entry) -> Result<Self, Unfit> {
        // SAFETY: the caller's word. The fields up to `major` are there in every version, and read
        // one by one: a stranger's constant may be shorter than our structure.
        let (size, library) = unsafe {
            if ptr::read_unaligned(&raw const (*entry).magic) != MAGIC {
                return Err(Unfit::Magic);
            }
            (
                ptr::read_unaligned(&raw const (*entry).size),
                ptr::read_unaligned(&raw const (*entry).major),
            )
        };
        if library != MAJOR {
            return Err(Unfit::Major { library, host: MAJOR });
        }
        if size < size_of::<Entry>() as u64 {
            return Err(Unfit::Size { library: size });
        }
        // SAFETY: magic, major and size say that the whole structure is there.
        let entry = unsafe { ptr::read_unaligned(entry) };
        Ok(Self {
            describe: entry.describe.ok_or(Unfit::Missing("describe"))?,
            create: entry.create.ok_or(Unfit::Missing("create"))?,
            call: entry.call.ok_or(Unfit::Missing("call"))?,
            destroy: entry.destroy.ok_or(Unfit::Missing("destroy"))?,
            instance: None,
        })
    }

    /// Asks the library who it is.
    pub fn describe(&mut self, host: &mut dyn HostSide) -> Status {
        let describe = self.describe;
        // SAFETY: a checked table; `table` lives until the function returns.
        with_host(host, |table| unsafe { describe(table) })
    }

    /// Makes an instance from settings; on success it takes the place of the one before.
    pub fn configure(&mut self, settings: &[u8], host: &mut dyn HostSide) -> Status {
        let create = self.create;
        let mut instance = ptr::null_mut();
        // SAFETY: a checked table; everything borrowed lives until the function returns.
        let status = with_host(host, |table| unsafe {
            create(table, Bytes::borrow(settings), &raw mut instance)
        });
        if status == Status::Done
            && let Some(old) = self.instance.replace(instance)
        {
            // SAFETY: made by this library, and given up here.
            unsafe { (self.destroy)(old) };
        }
        status
    }

    /// Hands over a call as JSON, and its blobs.
    pub fn call(&mut self, call: &[u8], blobs: &[&[u8]], host: &mut dyn HostSide) -> Status {
        let Some(instance) = self.instance else {
            return Status::Failed { detail: "the plugin has no settings yet".into() };
        };
        let function = self.call;
        let blobs: Vec<Bytes> = blobs.iter().map(|blob| Bytes::borrow(blob)).collect();
        // SAFETY: a checked table and an instance it made; everything borrowed lives until the
        // return.
        with_host(host, |table| unsafe {
            function(instance, table, Bytes::borrow(call), blobs.as_ptr(), blobs.len() as u64)
        })
    }

    /// Ends the instance, if there is one.
    pub fn destroy(&mut self) {
        if let Some(instance) = self.instance.take() {
            // SAFETY: made by this library, and given up here.
            unsafe { (self.destroy)(instance) };
        }
    }
}

struct Context<'a> {
    host: &'a mut dyn HostSide,
    detail: String,
}

fn with_host(host: &mut dyn HostSide, run: impl FnOnce(*const Host) -> i32) -> Status {
    let mut context = Context { host, detail: String::new() };
    let table = Host {
        size: size_of::<Host>() as u64,
        context: (&raw mut context).cast(),
        emit: Some(emit),
        log: Some(log),
        detail: Some(detail),
        remaining_ms: Some(remaining_ms),
        cancelled: Some(cancelled),
        state_get: Some(state_get),
        state_put: Some(state_put),
        secret_get: Some(secret_get),
    };
    let code = run(&raw const table);
    let detail = context.detail;
    match code {
        DONE => Status::Done,
        UNSUPPORTED => Status::Unsupported,
        FAILED => Status::Failed { detail },
        PANICKED => Status::Panicked { detail },
        code => {
            Status::Failed { detail: format!("the plugin answered {code}, which is no status") }
        }
    }
}

unsafe extern "C" fn emit(
    context: *mut c_void,
    item: Bytes,
    blobs: *const Bytes,
    blob_count: u64,
) -> i32 {
    if blob_count > LENGTH_MAX || (blobs.is_null() && blob_count > 0) {
        return 1;
    }
    // SAFETY: the contract: `context` is the one handed in for this call, the bytes are borrowed
    // for it.
    let (context, item, blobs) = unsafe {
        let blobs: Vec<&[u8]> = (0..blob_count as usize).map(|i| slice(&*blobs.add(i))).collect();
        (&mut *context.cast::<Context<'_>>(), slice(&item), blobs)
    };
    i32::from(!context.host.emit(item, &blobs))
}

unsafe extern "C" fn log(context: *mut c_void, level: u32, text: Bytes) {
    // SAFETY: as in `emit`.
    let (context, text) = unsafe { (&mut *context.cast::<Context<'_>>(), slice(&text)) };
    context.host.log(level_from_code(level), &String::from_utf8_lossy(text));
}

unsafe extern "C" fn detail(context: *mut c_void, text: Bytes) {
    // SAFETY: as in `emit`.
    let (context, text) = unsafe { (&mut *context.cast::<Context<'_>>(), slice(&text)) };
    context.detail = String::from_utf8_lossy(text).into_owned();
}

unsafe extern "C" fn remaining_ms(context: *mut c_void) -> u64 {
    // SAFETY: as in `emit`.
    unsafe { &mut *context.cast::<Context<'_>>() }.host.remaining_ms()
}

unsafe extern "C" fn cancelled(context: *mut c_void) -> i32 {
    // SAFETY: as in `emit`.
    i32::from(unsafe { &mut *context.cast::<Context<'_>>() }.host.cancelled())
}

unsafe extern "C" fn state_get(
    context: *mut c_void,
    name: Bytes,
    taker: *mut c_void,
    take: Option<Take>,
) -> i32 {
    // SAFETY: the same words, passed on.
    unsafe { get(context, name, taker, take, |name| Ask::StateGet { name }) }
}

unsafe extern "C" fn secret_get(
    context: *mut c_void,
    name: Bytes,
    taker: *mut c_void,
    take: Option<Take>,
) -> i32 {
    // SAFETY: the same words, passed on.
    unsafe { get(context, name, taker, take, |name| Ask::SecretGet { name }) }
}

unsafe extern "C" fn state_put(context: *mut c_void, name: Bytes, value: Bytes) -> i32 {
    // SAFETY: as in `emit`.
    let (context, name, value) =
        unsafe { (&mut *context.cast::<Context<'_>>(), slice(&name), slice(&value)) };
    let Ok(name) = std::str::from_utf8(name) else { return REFUSED };
    match context.host.ask(Ask::StatePut { name: name.to_owned() }, value) {
        (Answer::Kept, _) => GIVEN,
        _ => REFUSED,
    }
}

/// # Safety
/// `context` and `name` as in `emit`; `take` is the library's own and keeps to [`Take`].
unsafe fn get(
    context: *mut c_void,
    name: Bytes,
    taker: *mut c_void,
    take: Option<Take>,
    ask: impl FnOnce(String) -> Ask,
) -> i32 {
    // SAFETY: the caller's word.
    let (context, name) = unsafe { (&mut *context.cast::<Context<'_>>(), slice(&name)) };
    let (Ok(name), Some(take)) = (std::str::from_utf8(name), take) else { return REFUSED };
    match context.host.ask(ask(name.to_owned()), &[]) {
        (Answer::Given, value) => {
            // SAFETY: the library's own function and word; the value outlives the call to it.
            unsafe { take(taker, Bytes::borrow(&value)) };
            GIVEN
        }
        (Answer::Absent, _) => ABSENT,
        _ => REFUSED,
    }
}

/// # Safety
/// The bytes are readable for as long as the result is used.
unsafe fn slice(bytes: &Bytes) -> &[u8] {
    if bytes.ptr.is_null() || bytes.len == 0 || bytes.len > LENGTH_MAX {
        return &[];
    }
    // SAFETY: the caller's word; not null, and of a possible length.
    unsafe { std::slice::from_raw_parts(bytes.ptr, bytes.len as usize) }
}
