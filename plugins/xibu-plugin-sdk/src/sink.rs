//! Where a plugin's results go during a call, and what it may ask of its host meanwhile.
//!
//! What it is not: it keeps nothing. A host built for contract 1.0 has no services; then what
//! depends on them is absent, and the rest works.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::marker::PhantomData;
use std::mem::offset_of;
use std::time::Duration;

use xibu_plugin_abi::message::{Item, Level, Outcome};
use xibu_plugin_abi::table::{ABSENT, Bytes, GIVEN, Host, Take, level_code};

use crate::NotDone;
use crate::exported::slice;

/// Where a plugin's results go during a call.
#[derive(Debug)]
pub struct Sink<'a> {
    host: *const Host,
    /// It lives no longer than the call, and stays on its thread.
    call: PhantomData<&'a mut Host>,
}

/// Reads one field of the host's table, none where the table ends before it.
macro_rules! field {
    ($sink:expr, $field:ident) => {{
        let host: *const Host = $sink.host;
        let end = offset_of!(Host, $field) + size_of::<Option<fn()>>();
        // SAFETY: a sink lives within its call, so the host's table is there, as far as its size
        // says; it is read field by field because it may be shorter than ours.
        unsafe {
            if (&raw const (*host).size).read() >= end as u64 {
                (&raw const (*host).$field).read()
            } else {
                None
            }
        }
    }};
}

impl Sink<'_> {
    pub(crate) fn of(host: *const Host) -> Self {
        Self { host, call: PhantomData }
    }

    /// Emits one item and its blobs, which are copied at once.
    ///
    /// # Errors
    /// It is over a limit of the frame.
    pub fn emit(&mut self, item: &Item, blobs: &[&[u8]]) -> Result<(), NotDone> {
        let json = serde_json::to_vec(item).map_err(NotDone::because)?;
        let blobs: Vec<Bytes> = blobs.iter().map(|blob| Bytes::borrow(blob)).collect();
        let taken = field!(self, emit).map(|emit| {
            // SAFETY: the host's own function and context; what is borrowed outlives the call.
            unsafe {
                emit(self.context(), Bytes::borrow(&json), blobs.as_ptr(), blobs.len() as u64)
            }
        });
        match taken {
            Some(0) => Ok(()),
            Some(_) => Err(NotDone::because("the host did not take an item: over a limit")),
            None => Err(NotDone::because("the host takes no items")),
        }
    }

    /// Says what became of one message of a `deliver`.
    ///
    /// # Errors
    /// As [`Sink::emit`].
    pub fn delivered(&mut self, index: u32, outcome: Outcome) -> Result<(), NotDone> {
        self.emit(&Item::Delivered { index, outcome }, &[])
    }

    /// A line for the log, without personal data.
    pub fn log(&mut self, level: Level, text: &str) {
        if let Some(log) = field!(self, log) {
            // SAFETY: as in `emit`.
            unsafe { log(self.context(), level_code(level), Bytes::borrow(text.as_bytes())) };
        }
    }

    /// Real time left of what the call was given; none where the host does not say.
    pub fn remaining(&mut self) -> Option<Duration> {
        // SAFETY: as in `emit`.
        let ask = |remaining_ms: unsafe extern "C" fn(*mut c_void) -> u64| unsafe {
            remaining_ms(self.context())
        };
        field!(self, remaining_ms).map(ask).map(Duration::from_millis)
    }

    /// Whether the host no longer waits for the answer: say what is known and return soon.
    pub fn cancelled(&mut self) -> bool {
        // SAFETY: as in `emit`.
        field!(self, cancelled).is_some_and(|ask| unsafe { ask(self.context()) } != 0)
    }

    /// The bytes kept under a name in the plugin's own durable state, those put in this call
    /// included.
    ///
    /// # Errors
    /// The host keeps no state in this call.
    pub fn state(&mut self, name: &str) -> Result<Option<Vec<u8>>, NotDone> {
        let state_get = field!(self, state_get);
        let state_get = state_get.ok_or(NotDone::because("the host keeps no state"))?;
        let mut value = Vec::new();
        let taker = (&raw mut value).cast();
        let name = Bytes::borrow(name.as_bytes());
        // SAFETY: as in `emit`; `append` is called before it returns, if at all, and `value` lives
        // as long.
        match unsafe { state_get(self.context(), name, taker, Some(append as Take)) } {
            GIVEN => Ok(Some(value)),
            ABSENT => Ok(None),
            _ => Err(NotDone::because("the host refused to look into the state")),
        }
    }

    /// Keeps bytes under a name; no bytes remove it. They are kept for good only when the call
    /// ends well.
    ///
    /// # Errors
    /// Over the quota (64 KiB, 128 names), or the host keeps no state in this call.
    pub fn set_state(&mut self, name: &str, value: &[u8]) -> Result<(), NotDone> {
        let state_put = field!(self, state_put);
        let state_put = state_put.ok_or(NotDone::because("the host keeps no state"))?;
        let (name, value) = (Bytes::borrow(name.as_bytes()), Bytes::borrow(value));
        // SAFETY: as in `emit`.
        match unsafe { state_put(self.context(), name, value) } {
            GIVEN => Ok(()),
            _ => Err(NotDone::because("the host did not keep the state: over the quota")),
        }
    }

    /// A secret that the schema of the settings declares, by its dotted key; none where it is not
    /// set. [`crate::Settings::secret`] has them all at `configure`.
    ///
    /// # Errors
    /// The schema declares no such secret.
    pub fn secret(&mut self, name: &str) -> Result<Option<String>, NotDone> {
        let Some(secret_get) = field!(self, secret_get) else { return Ok(None) };
        let mut value = Vec::new();
        let taker = (&raw mut value).cast();
        let bytes = Bytes::borrow(name.as_bytes());
        // SAFETY: as in `state`.
        match unsafe { secret_get(self.context(), bytes, taker, Some(append as Take)) } {
            GIVEN => Ok(String::from_utf8(value).ok()),
            ABSENT => Ok(None),
            _ => Err(NotDone::Failed(format!("settings: `{name}` is not declared a secret"))),
        }
    }

    pub(crate) fn detail(&mut self, text: &str) {
        if let Some(detail) = field!(self, detail) {
            // SAFETY: as in `emit`.
            unsafe { detail(self.context(), Bytes::borrow(text.as_bytes())) };
        }
    }

    fn context(&self) -> *mut c_void {
        // SAFETY: as in `field!`; every version has this one.
        unsafe { (&raw const (*self.host).context).read() }
    }
}

/// Takes the value of a [`Sink::state`] or [`Sink::secret`].
unsafe extern "C" fn append(taker: *mut c_void, value: Bytes) {
    // SAFETY: `taker` is the vector of one of the two, which waits for this; the bytes are
    // borrowed until the return.
    unsafe { (*taker.cast::<Vec<u8>>()).extend_from_slice(slice(&value)) };
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    static EMITTED: AtomicUsize = AtomicUsize::new(0);

    unsafe extern "C" fn emit(_: *mut c_void, _: Bytes, _: *const Bytes, _: u64) -> i32 {
        EMITTED.fetch_add(1, Ordering::SeqCst);
        0
    }

    unsafe extern "C" fn never_number(_: *mut c_void) -> u64 {
        std::process::abort()
    }

    unsafe extern "C" fn never(_: *mut c_void) -> i32 {
        std::process::abort()
    }

    unsafe extern "C" fn never_get(
        _: *mut c_void,
        _: Bytes,
        _: *mut c_void,
        _: Option<Take>,
    ) -> i32 {
        std::process::abort()
    }

    unsafe extern "C" fn never_put(_: *mut c_void, _: Bytes, _: Bytes) -> i32 {
        std::process::abort()
    }

    #[test]
    fn with_a_host_of_the_first_contract_the_services_are_absent_and_the_rest_works() {
        // What lies behind the size is not looked at: here it would end the process.
        let host = Host {
            size: offset_of!(Host, remaining_ms) as u64,
            context: std::ptr::null_mut(),
            emit: Some(emit),
            log: None,
            detail: None,
            remaining_ms: Some(never_number),
            cancelled: Some(never),
            state_get: Some(never_get),
            state_put: Some(never_put),
            secret_get: Some(never_get),
        };
        let mut sink = Sink::of(&raw const host);
        sink.emit(&Item::Echoed, &[]).unwrap();
        sink.log(Level::Info, "nobody listens");
        assert_eq!(EMITTED.load(Ordering::SeqCst), 1);
        assert_eq!((sink.remaining(), sink.cancelled()), (None, false));
        assert_eq!(sink.secret("password"), Ok(None));
        let no_state = NotDone::because("the host keeps no state");
        assert_eq!(sink.state("a"), Err(no_state.clone()));
        assert_eq!(sink.set_state("a", b"1"), Err(no_state));
    }
}
