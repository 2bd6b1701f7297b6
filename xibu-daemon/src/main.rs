//! The one binary: the worker subcommand before anything else, then the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).peekable();
    // A worker is one of many children and starts without runtime, logging or command line.
    if arguments.next_if(|first| first == "worker").is_some() {
        return xibu_daemon::carrier::worker::main(arguments);
    }
    xibu_daemon::command::main(std::env::args_os().collect())
}
