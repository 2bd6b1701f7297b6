//! The command line: reads it, hands it to one file per command, turns the result into an exit
//! code.
//!
//! No business is done here. Everything printed goes through [`screen`]; diagnostics go to stderr.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::FromArgMatches;
use clap::error::ErrorKind;

use crate::language::Language;
use crate::settings::{Problems, Settings};

mod absence;
pub mod arguments;
mod arrivals;
mod backup;
mod calendar;
mod check_config;
mod city;
mod confirm;
mod consent;
mod consolidate;
mod deadlines;
mod digest;
mod erase;
mod explain;
mod feed;
pub(crate) mod folder;
mod import;
mod incident;
mod init;
pub(crate) mod office;
mod merge;
mod outbox;
pub mod outcome;
pub(crate) mod plugin;
mod posting;
mod postings;
mod run;
pub mod screen;
pub(crate) mod reading;
mod simulate;
mod status;
mod switches;
mod template;
mod token;
pub(crate) mod words;

use arguments::{Action, Arguments};
use outcome::{Exit, Failure, Outcome};
use screen::Screen;

/// The configuration file that is used where none is named.
pub const CONFIGURATION_FILE: &str = "xibu.toml";

/// What every command may use.
pub struct Context {
    /// Where it prints.
    pub screen: Screen,
    /// The configuration file as named, or the one in the current folder where there is one.
    pub file: Option<PathBuf>,
}

impl Context {
    /// The settings, read and checked.
    ///
    /// # Errors
    /// Everything wrong with them, with exit code 3.
    pub fn settings(&self) -> Result<Settings, Failure> {
        Ok(settings_of(self.file.as_deref())?)
    }

    /// The settings of a command that needs data, and so a configuration.
    ///
    /// # Errors
    /// Where no file was named and none is here; else as [`Context::settings`].
    pub fn settings_of_an_office(&self) -> Result<Settings, Failure> {
        if self.file.is_none() {
            return Err(Failure::new(
                Exit::Configuration,
                "当前文件夹没有 xibu.toml；请用 --config 文件 指明，或先运行 `xibu-daemon init 目录`",
                "no xibu.toml here; name one by --config FILE, or run `xibu-daemon init DIR` first",
            ));
        }
        self.settings()
    }

    /// The language people are spoken to.
    pub fn language(&self) -> Language {
        self.screen.language
    }
}

/// Reads the configuration file and the process's environment.
fn settings_of(file: Option<&Path>) -> Result<Settings, Problems> {
    Settings::load(file, variables())
}

/// The process's environment, as far as it is text.
fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Runs the command line, program name first.
pub fn main(words: Vec<OsString>) -> ExitCode {
    let language = spoken(&words);
    let parsed = arguments::command(language)
        .try_get_matches_from(&words)
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => return wrong_usage(&error),
    };
    let file = arguments.config.or_else(|| {
        let here = PathBuf::from(CONFIGURATION_FILE);
        here.is_file().then_some(here)
    });
    let mut context = Context { screen: Screen::stdout(language), file };
    match run(arguments.action, &mut context) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            let _ = writeln!(io::stderr(), "{}", failure.text(language));
            failure.exit.into()
        }
    }
}

fn run(action: Option<Action>, context: &mut Context) -> Outcome {
    match action {
        None => {
            let mut command = arguments::command(context.language());
            context.screen.line(command.render_help().to_string());
            Ok(Exit::Done)
        }
        Some(Action::Init(options)) => block_on(init::run(&options, context)),
        Some(Action::CheckConfig(options)) => block_on(check_config::run(options, context)),
        Some(Action::Calendar(options)) => calendar::run(&options, context),
        Some(Action::Deadlines(options)) => deadlines::run(&options, context),
        Some(Action::Run(options)) => run::run(&options, context),
        Some(Action::Status(options)) => block_on(status::run(&options, context)),
        Some(Action::Explain(options)) => block_on(explain::run(&options, context)),
        Some(Action::Consolidate(options)) => block_on(consolidate::run(&options, context)),
        Some(Action::Confirm(options)) => block_on(confirm::run(&options, context)),
        Some(Action::City(options)) => block_on(city::run(&options, context)),
        Some(Action::Outbox(action)) => block_on(outbox::run(action, context)),
        Some(Action::Arrivals(action)) => block_on(arrivals::run(action, context)),
        Some(Action::Token(options)) => block_on(token::run(&options, context)),
        Some(Action::Release(options)) => block_on(switches::release(options, context)),
        Some(Action::Pause(options)) => block_on(switches::pause(options, context)),
        Some(Action::Plugin(action)) => block_on(plugin::run(action, context)),
        Some(Action::Demo(options)) => {
            block_on(crate::demo::run(&options, crate::sample::Size::CITY, &mut context.screen))
        }
        Some(Action::Intake(options)) => block_on(import::dry_run(&options, context)),
        Some(Action::Template(options)) => block_on(template::run(&options, context)),
        Some(Action::Import(options)) => block_on(import::run(&options, context)),
        Some(Action::Consent(options)) => block_on(consent::run(&options, context)),
        Some(Action::Absence(options)) => block_on(absence::run(&options, context)),
        Some(Action::Incident(action)) => block_on(incident::run(action, context)),
        Some(Action::Feed(options)) => block_on(feed::run(&options, context)),
        Some(Action::Postings(action)) => block_on(postings::run(action, context)),
        Some(Action::Form) => {
            context.screen.line(crate::settings::FORM.trim_end());
            Ok(Exit::Done)
        }
        Some(Action::Merge(options)) => block_on(merge::run(&options, context)),
        Some(Action::Simulate(options)) => block_on(simulate::run(&options, context)),
        Some(Action::Backup(options)) => block_on(backup::make(&options, context)),
        Some(Action::Restore(options)) => block_on(backup::put_back(&options, context)),
        Some(Action::Erase(options)) => block_on(erase::run(&options, context)),
    }
}

/// How this program was called, so that commands it names work as printed.
pub(crate) fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "xibu-daemon".to_owned())
}

/// Runs a command that needs a runtime: the store's, a plugin's child, the service.
fn block_on(command: impl Future<Output = Outcome>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Data, error.to_string(), error.to_string()))?;
    runtime.block_on(command)
}

/// The language asked for by `--lang`, else by the locale; needed before the words are parsed, for
/// help.
fn spoken(words: &[OsString]) -> Language {
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    let asked = words.iter().enumerate().find_map(|(index, word)| match *word {
        "--lang" => words.get(index + 1).copied(),
        _ => word.strip_prefix("--lang="),
    });
    asked
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| Language::of_locale(|name| std::env::var(name).ok()))
}

fn wrong_usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done.into(),
        _ => Exit::Usage.into(),
    }
}
