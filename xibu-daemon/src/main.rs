//! The one binary: the two subcommands by which plugins are started before anything else, then the
//! command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).peekable();
    // They are many children's first step and need no runtime, logging or command line.
    if arguments.next_if(|first| first == "worker").is_some() {
        return xibu_daemon::carrier::worker::main(arguments);
    }
    if arguments.next_if(|first| first == "program").is_some() {
        return xibu_daemon::carrier::launch::main(arguments);
    }
    xibu_daemon::command::main(std::env::args_os().collect())
}
