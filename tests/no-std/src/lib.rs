//! Holds all of `xibu-core` in a library without std. What it is not: nothing calls it.
#![no_std]

extern crate alloc;

use alloc::vec::Vec;

use chrono::NaiveDateTime;
use xibu_core::assess::assess;
use xibu_core::notice::{Notice, SentLog};
use xibu_core::office::OfficeId;
use xibu_core::parameter::Rulebook;
use xibu_core::plan::plan;
use xibu_core::world::World;

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// The one there is; with std in the graph there would be two.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

/// Who is to be told now: the whole line of the core behind one function.
#[must_use]
pub fn notices(world: &World, serves: &[OfficeId], at: NaiveDateTime) -> Vec<Notice> {
    let rulebook = Rulebook::default();
    let obligations = assess(world, &rulebook, serves, at);
    plan(world, &rulebook, &obligations, &SentLog::new(), at).notices
}
