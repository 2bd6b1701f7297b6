//! The one contract between the daemon and its plugins.
//!
//! Two carriers, the same messages: a shared library behind a small C table ([`table`]), and
//! frames on a child's stdin and stdout ([`frame`]). What is said is in [`message`]; cells of a
//! workbook travel packed ([`cells`]).
//!
//! What it is not: it holds no meaning of the notice, no runtime, no plugin code, and nothing that
//! both sides would have to free.

pub mod cells;
pub mod frame;
pub mod message;
pub mod secrets;
pub mod table;

/// The word both sides say first.
pub const PROTOCOL: &str = "xibu-plugin";
/// Version of this contract; another one is refused.
pub const MAJOR: u16 = 1;
/// Version of this contract; of two the smaller counts.
pub const MINOR: u16 = 1;
