//! Named points at which the kill test ends this process, compiled in only with the feature `failpoints`.
//!
//! What it is not: no error is injected here; the process is gone, as after a power cut.

/// Ends this process by SIGKILL where the point `name` is switched on; otherwise does nothing.
#[cfg_attr(not(feature = "failpoints"), inline(always))]
pub fn reach(name: &str) {
    #[cfg(feature = "failpoints")]
    if fail::eval(name, |_| ()).is_some() {
        use rustix::process::{Signal, getpid, kill_process};
        let _ = kill_process(getpid(), Signal::KILL);
    }
    #[cfg(not(feature = "failpoints"))]
    let _ = name;
}
