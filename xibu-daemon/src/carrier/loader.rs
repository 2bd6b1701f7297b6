//! Loads one plugin library, for good.
//!
//! What it is not: it never unloads. A Rust library that registered thread-local destructors
//! cannot be unloaded soundly; a worker process ends instead.

#![allow(unsafe_code)]

use std::path::Path;

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use xibu_plugin_abi::table::guest::Guest;
use xibu_plugin_abi::table::{ENTRY_SYMBOL, Entry};

/// Loads a library that was admitted by [`super::approval`], and checks its table.
///
/// # Errors
/// Why it cannot be used, for the log.
pub(super) fn load(path: &Path) -> Result<Guest, String> {
    // SAFETY: loading runs the library's initialisers. A person approved these very bytes, and
    // this process exists for nothing else.
    let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }
        .map_err(|e| format!("the library cannot be loaded: {e}"))?;
    // SAFETY: the symbol is only read as a pointer here; what it points to is checked below.
    let entry = unsafe { library.get::<*const Entry>(ENTRY_SYMBOL.to_bytes_with_nul()) }
        .map_err(|_| "the library is not a xibu plugin (no entry symbol)".to_owned())?;
    let entry: *const Entry = *entry;
    // Never unloaded: the table stays for the rest of the process.
    std::mem::forget(library);
    // SAFETY: an exported constant of a library that stays mapped; `Guest` checks magic, version
    // and size.
    unsafe { Guest::new(entry) }.map_err(|e| e.to_string())
}
