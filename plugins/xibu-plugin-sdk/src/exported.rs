//! The functions behind the exported table: they turn pointers into slices, JSON into calls, and
//! panics into a status.
//!
//! What it is not: nothing here knows a capability beyond handing it to the [`Plugin`].

#![allow(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::mem::size_of;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::time::Duration;

use xibu_plugin_abi::message::{Call, Item, Request};
use xibu_plugin_abi::secrets;
use xibu_plugin_abi::table::{Bytes, DONE, Entry, FAILED, Host, MAGIC, PANICKED, UNSUPPORTED};
use xibu_plugin_abi::{MAJOR, MINOR};

use crate::{Hook, Marking, Moment, NotDone, Plugin, Settings, Sink};

/// The table of a plugin; [`crate::export!`] exports it.
#[must_use]
pub const fn entry<P: Plugin>() -> Entry {
    Entry {
        magic: MAGIC,
        size: size_of::<Entry>() as u64,
        major: MAJOR,
        minor: MINOR,
        reserved: 0,
        describe: Some(describe::<P>),
        create: Some(create::<P>),
        call: Some(call::<P>),
        destroy: Some(destroy::<P>),
    }
}

unsafe extern "C" fn describe<P: Plugin>(host: *const Host) -> i32 {
    guarded(host, |sink| sink.emit(&Item::Described(P::describe()), &[]))
}

unsafe extern "C" fn create<P: Plugin>(
    host: *const Host,
    settings: Bytes,
    instance: *mut *mut c_void,
) -> i32 {
    guarded(host, |sink| {
        // SAFETY: the host lends the bytes for this call.
        let json = unsafe { slice(&settings) };
        let no_json = |_| NotDone::because("settings: they are no JSON");
        let value: serde_json::Value = serde_json::from_slice(json).map_err(no_json)?;
        let schema = P::describe().settings_schema;
        let names = secrets::names(&schema, &value);
        let mut settings = Settings::with_schema(value, &schema);
        for name in names {
            if let Some(secret) = sink.secret(&name)? {
                settings = settings.with_secret(name, secret);
            }
        }
        let plugin = Box::new(P::configure(settings)?);
        // SAFETY: the host gives a place for one pointer.
        unsafe { instance.write(Box::into_raw(plugin).cast()) };
        Ok(())
    })
}

unsafe extern "C" fn call<P: Plugin>(
    instance: *mut c_void,
    host: *const Host,
    call: Bytes,
    blobs: *const Bytes,
    blob_count: u64,
) -> i32 {
    guarded(host, |sink| {
        // SAFETY: the host lends the bytes for this call, and the instance is one of `create`,
        // used by one thread at a time.
        let (plugin, json, blobs) = unsafe {
            let blobs: Vec<&[u8]> =
                (0..blob_count as usize).map(|i| slice(&*blobs.add(i))).collect();
            (&mut *instance.cast::<P>(), slice(&call), blobs)
        };
        let no_call = |_| NotDone::because("the call is not one this plugin can read");
        let call: Call = serde_json::from_slice(json).map_err(no_call)?;
        answer(plugin, call, &blobs, sink)
    })
}

unsafe extern "C" fn destroy<P: Plugin>(instance: *mut c_void) {
    // SAFETY: one of `create`, given up by the host. A panic in a destructor has nobody to be told.
    let end = || unsafe { drop(Box::from_raw(instance.cast::<P>())) };
    let _ = catch(end);
}

fn answer<P: Plugin>(
    plugin: &mut P,
    call: Call,
    blobs: &[&[u8]],
    sink: &mut Sink<'_>,
) -> Result<(), NotDone> {
    let moment = Moment {
        now_unix_ms: call.now_unix_ms,
        deadline: Duration::from_millis(call.deadline_ms),
        lost: 0,
    };
    match call.request {
        Request::Echo => sink.emit(&Item::Echoed, blobs),
        Request::Deliver { messages } => plugin.deliver(moment, messages, blobs, sink),
        Request::ReadWorkbook { file_name } => {
            let bytes =
                blobs.first().ok_or(NotDone::because("the workbook's bytes are missing"))?;
            plugin.read_workbook(moment, &file_name, bytes, sink)
        }
        Request::WriteWorkbook { workbook } => plugin.write_workbook(moment, workbook, sink),
        Request::MarkWorkbook { file_name, marks, masks, summary } => {
            let bytes =
                blobs.first().ok_or(NotDone::because("the workbook's bytes are missing"))?;
            let marking = Marking { file_name, marks, masks, summary };
            plugin.mark_workbook(moment, bytes, marking, sink)
        }
        Request::Poll { cursor, lost } => {
            plugin.poll(Moment { lost, ..moment }, cursor.as_deref(), sink)
        }
        Request::Hook { method, path, query, headers } => {
            let hook = Hook { method, path, query, headers };
            plugin.hook(moment, hook, blobs.first().copied().unwrap_or_default(), sink)
        }
        Request::ReadFeed { source } => {
            plugin.read_feed(moment, &source, blobs.first().copied(), sink)
        }
        Request::Describe => sink.emit(&Item::Described(P::describe()), &[]),
        Request::Configure { .. } => Err(NotDone::Unsupported),
    }
}

fn guarded(host: *const Host, run: impl FnOnce(&mut Sink<'_>) -> Result<(), NotDone>) -> i32 {
    let mut sink = Sink::of(host);
    match catch(|| run(&mut sink)) {
        Ok(Ok(())) => DONE,
        Ok(Err(NotDone::Unsupported)) => UNSUPPORTED,
        Ok(Err(NotDone::Failed(reason))) => {
            sink.detail(&reason);
            FAILED
        }
        Err(place) => {
            sink.detail(&place);
            PANICKED
        }
    }
}

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs it; a panic inside yields its place.
fn catch<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                return before(info);
            }
            // The place only: the message may hold personal data.
            let place = info.location().map_or("an unknown place".into(), ToString::to_string);
            PLACE.set(place);
        }));
    });
    GUARDED.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    GUARDED.set(false);
    result.map_err(|payload| {
        // Dropping a stranger's payload could panic again, outside of any guard.
        std::mem::forget(payload);
        PLACE.take()
    })
}

/// # Safety
/// The bytes are readable for as long as the result is used.
pub(crate) unsafe fn slice(bytes: &Bytes) -> &[u8] {
    if bytes.ptr.is_null() || bytes.len == 0 {
        return &[];
    }
    // SAFETY: the caller's word.
    unsafe { std::slice::from_raw_parts(bytes.ptr, bytes.len as usize) }
}
