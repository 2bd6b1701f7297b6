//! The command line's shape: commands, options, and their help in two languages.
//!
//! Derived in English; [`command`] puts the Chinese texts over it where Chinese is asked for. What
//! a command does is in its own file.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, CommandFactory, Parser, Subcommand};
use xibu_core::consent::Purpose;
use xibu_core::office::OfficeId;
use xibu_core::period::Period;
use xibu_core::person::PersonId;
use xibu_core::posting::PostingId;

use crate::language::Language;

mod chinese;

/// Keeps track of who owes what by when under 渝项目办发〔2009〕22号, and reminds the right person
/// once.
#[derive(Debug, Parser)]
#[command(name = "xibu-daemon", version, disable_help_subcommand = true)]
#[command(
    after_help = "First time here? Try `xibu-daemon demo`: one month of one city in a minute, offline.\n\n\
    Exit codes: 0 done; 1 done, with something to look at; 2 wrong usage; 3 wrong configuration; \
    4 data not usable or not found; 5 plugin missing, not approved or failed."
)]
pub struct Arguments {
    /// Language of what is printed: zh or en [default: from LANG]
    #[arg(long, global = true, value_name = "zh|en")]
    pub lang: Option<Language>,
    /// Configuration file [default: xibu.toml in the current folder, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub action: Option<Action>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Show one month of one city, with made-up data, offline
    Demo(Demo),
    /// Write a commented configuration and sample workbooks into a new folder
    Init(Init),
    /// Run the service
    Run(Run),
    /// Check the configuration and say everything that is wrong with it
    CheckConfig(Json),
    /// Who owes what, who is late, what is held or failing
    Status(Status),
    /// Why something is owed, was sent or was not sent, with the arithmetic
    Explain(Explain),
    /// Working days and days off
    Calendar(Calendar),
    /// Opening, cut-off, target and last instant of every month of a year
    Deadlines(Deadlines),
    /// Read a workbook without recording anything: accepted rows, refused rows with place and
    /// reason
    Intake(Intake),
    /// Read a workbook and record what it says
    Import(Import),
    /// Write the form of an office for a month, with its people and the code of the request
    Template(Template),
    /// Messages: planned, sent, failed
    #[command(subcommand)]
    Outbox(Outbox),
    /// Messages from people: those that wait for a decision, and what they were taken for
    #[command(subcommand)]
    Arrivals(Arrivals),
    /// Tokens by which an office's own programs hand in returns: make one, list, revoke
    Token(Token),
    /// Let held messages go
    Release(Release),
    /// Stop sending, keep recording; `--resume` sends again
    Pause(Pause),
    /// Plugins: list, describe, approve
    #[command(subcommand)]
    Plugin(Plugin),
    /// Record that a person allowed something or took it back
    Consent(Consent),
    /// Read a feed or page of job advertisements without recording anything: what was understood
    /// and where it was read
    Feed(Feed),
    /// Job advertisements that were taken in
    #[command(subcommand)]
    Postings(Postings),
    /// Every message of some days, without sending one
    Simulate(Simulate),
    /// Put everything into one checked file, while the service runs
    Backup(Backup),
    /// Put a backup back into a folder without data; nothing is sent from it until `release`
    Restore(Restore),
    /// Take a person's name, phone, mail and id number out of the data; every figure stays
    Erase(Erase),
}

/// Whether to print for programs.
#[derive(Clone, Copy, Debug, Args)]
pub struct Json {
    /// Print JSON lines with English keys
    #[arg(long)]
    pub json: bool,
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Folder to work in; created, must be new, empty, or of an earlier demo [default: xibu-demo]
    #[arg(long, value_name = "DIR", default_value = "xibu-demo")]
    pub dir: PathBuf,
    /// Seed of the made-up data; the same seed gives the same output
    #[arg(long, default_value_t = 2009)]
    pub seed: u64,
    /// Print the timeline as JSON lines
    #[arg(long)]
    pub json: bool,
}

/// Options of `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Folder to write into; files that are there are left alone
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}

/// Options of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Send every message to this address instead, for trying out
    #[arg(long, value_name = "ADDRESS", value_parser = mail_address)]
    pub redirect_to: Option<String>,
}

/// Options of `status`.
#[derive(Debug, Args)]
pub struct Status {
    /// As of this time in the office's zone, e.g. 2026-06-26T12:00:00 [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<chrono::NaiveDateTime>,
    /// Print JSON lines with English keys
    #[arg(long)]
    pub json: bool,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// An obligation, a notice, an envelope or a digest, e.g. county_monthly_return/O17/2026-06 or
    /// digest/P12/2026-06-26
    #[arg(value_name = "ID")]
    pub id: String,
    /// Print JSON with English keys
    #[arg(long)]
    pub json: bool,
}

/// Options of `calendar`.
#[derive(Debug, Args)]
pub struct Calendar {
    /// First day
    #[arg(long, value_name = "DATE")]
    pub from: NaiveDate,
    /// Last day, included
    #[arg(long, value_name = "DATE")]
    pub to: NaiveDate,
    /// Print a JSON line per day
    #[arg(long)]
    pub json: bool,
}

/// Options of `deadlines`.
#[derive(Debug, Args)]
pub struct Deadlines {
    /// Which year
    #[arg(long)]
    pub year: i32,
    /// Print a JSON line per month
    #[arg(long)]
    pub json: bool,
}

/// Options of `intake`.
#[derive(Debug, Args)]
pub struct Intake {
    /// The workbooks: .xlsx, .xls, .ods, .docx, .csv, or a .zip of them
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Also write the workbook that would be sent back, marked: a new file, or a folder that is
    /// there
    #[arg(long, value_name = "OUT")]
    pub answer: Option<PathBuf>,
    /// Print a JSON line per row
    #[arg(long)]
    pub json: bool,
}

/// Options of `import`.
#[derive(Debug, Args)]
pub struct Import {
    /// The workbooks: .xlsx, .xls, .ods, .docx, .csv, or a .zip of them
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// When it came, in the office's zone; decides lateness [default: when the file was last
    /// written]
    #[arg(long, value_name = "TIME")]
    pub received_at: Option<chrono::NaiveDateTime>,
    /// Print a JSON line per file and refused row
    #[arg(long)]
    pub json: bool,
}

/// Options of `template`.
#[derive(Debug, Args)]
pub struct Template {
    /// Number of the office that reports, e.g. O57
    #[arg(value_name = "OFFICE")]
    pub office: OfficeId,
    /// The month, e.g. 2026-06 [default: this month]
    #[arg(long, value_name = "MONTH")]
    pub period: Option<Period>,
    /// Folder to write into; made where it is not there [default: the current folder]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Also write it as .csv
    #[arg(long)]
    pub csv: bool,
    /// Print a JSON line per file
    #[arg(long)]
    pub json: bool,
}

/// Subcommands of `outbox`.
#[derive(Debug, Subcommand)]
pub enum Outbox {
    /// List messages
    List {
        /// Only those in this state, e.g. accepted, unknown, rejected
        #[arg(long)]
        state: Option<String>,
        /// Print a JSON line per message
        #[arg(long)]
        json: bool,
    },
    /// Show one message with its attempts
    Show {
        /// Its key
        #[arg(value_name = "KEY")]
        key: String,
        /// Print JSON with English keys
        #[arg(long)]
        json: bool,
    },
    /// Try a failed message again
    Retry {
        /// Its key
        #[arg(value_name = "KEY")]
        key: String,
    },
}

/// Subcommands of `arrivals`.
#[derive(Debug, Subcommand)]
pub enum Arrivals {
    /// List messages that wait for a person
    List {
        /// Those that do not wait as well
        #[arg(long)]
        all: bool,
        /// Print a JSON line per message
        #[arg(long)]
        json: bool,
    },
    /// Show one message with its words
    Show {
        /// Its number, e.g. A7
        #[arg(value_name = "ID")]
        id: String,
        /// Put its files into this folder
        #[arg(long, value_name = "DIR")]
        files: Option<PathBuf>,
        /// Print JSON with English keys
        #[arg(long)]
        json: bool,
    },
    /// Take a message that waits for what it says
    Take {
        /// Its number, e.g. A7
        #[arg(value_name = "ID")]
        id: String,
        /// What it says: files (take them in), nil, incident, or acknowledged:2026-06-26
        #[arg(long = "as", value_name = "WHAT")]
        taken_as: String,
        /// Who sent it, e.g. P12, where the number is nobody's
        #[arg(long, value_name = "PERSON")]
        from: Option<String>,
    },
    /// Let a message that waits be: nothing follows from it
    Drop {
        /// Its number, e.g. A7
        #[arg(value_name = "ID")]
        id: String,
    },
}

/// Options of `token`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub struct Token {
    /// Whose programs, e.g. O3
    #[arg(value_name = "OFFICE")]
    pub office: OfficeId,
    /// Make a token and show it, once
    #[arg(long, group = "what")]
    pub new: bool,
    /// List the office's tokens, without what they are
    #[arg(long, group = "what")]
    pub list: bool,
    /// From now on this one opens nothing
    #[arg(long, value_name = "NUMBER", group = "what")]
    pub revoke: Option<u64>,
    /// Print JSON with English keys
    #[arg(long)]
    pub json: bool,
}

/// Options of `release`.
#[derive(Debug, Args)]
pub struct Release {
    /// Only show what is held
    #[arg(long)]
    pub list: bool,
}

/// Options of `pause`.
#[derive(Debug, Args)]
pub struct Pause {
    /// Send again
    #[arg(long)]
    pub resume: bool,
}

/// Subcommands of `plugin`.
#[derive(Debug, Subcommand)]
pub enum Plugin {
    /// List plugins with their fingerprint and whether they are approved
    List(Json),
    /// Show who a plugin is, and a commented sample of its settings
    Describe {
        /// Its name in the configuration
        #[arg(value_name = "NAME")]
        id: String,
        /// Print JSON lines with English keys
        #[arg(long)]
        json: bool,
    },
    /// Approve a plugin's library or program as it is now
    Approve {
        /// Its name in the configuration
        #[arg(value_name = "NAME")]
        id: String,
    },
}

/// Options of `consent`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Consent {
    /// Show instead what was said.
    #[command(subcommand)]
    pub list: Option<ConsentList>,
    /// Who, e.g. P12
    #[arg(value_name = "PERSON", required = true)]
    pub person: Option<PersonId>,
    /// What for, e.g. job_information
    #[arg(value_name = "PURPOSE", required = true)]
    pub purpose: Option<Purpose>,
    /// The person allows it
    #[arg(long, required_unless_present = "withdrawn", conflicts_with = "withdrawn")]
    pub given: bool,
    /// The person does not allow it, or not any more
    #[arg(long)]
    pub withdrawn: bool,
}

/// Subcommands of `consent`.
#[derive(Debug, Subcommand)]
pub enum ConsentList {
    /// Who allowed what, since when, and how it was said
    List(Json),
}

/// Options of `feed`.
#[derive(Debug, Args)]
pub struct Feed {
    /// A file, or an address that begins with http:// or https://
    #[arg(value_name = "FILE-OR-URL")]
    pub source: String,
    /// Also say whether and why each fits this person, e.g. P12
    #[arg(long = "for", value_name = "PERSON")]
    pub whom: Option<PersonId>,
    /// Print a JSON line per posting
    #[arg(long)]
    pub json: bool,
}

/// Options of `simulate`.
#[derive(Debug, Args)]
pub struct Simulate {
    /// First day; what was recorded from then on comes in when it was recorded
    #[arg(long, value_name = "DATE")]
    pub from: NaiveDate,
    /// Last day, included
    #[arg(long, value_name = "DATE")]
    pub to: NaiveDate,
    /// Print a JSON line per message
    #[arg(long)]
    pub json: bool,
}

/// Subcommands of `postings`.
#[derive(Debug, Subcommand)]
pub enum Postings {
    /// List those that can be answered today
    List {
        /// Also those that have expired or are withdrawn
        #[arg(long)]
        all: bool,
        /// Print a JSON line per posting
        #[arg(long)]
        json: bool,
    },
    /// Show one: each field with where it was read, and its sources
    Show {
        /// Its number, e.g. J12
        #[arg(value_name = "POSTING")]
        posting: PostingId,
        /// Also say whether and why it fits this person, e.g. P12
        #[arg(long = "for", value_name = "PERSON")]
        whom: Option<PersonId>,
        /// Print JSON with English keys
        #[arg(long)]
        json: bool,
    },
}

/// Options of `backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// The file to make, a .zip; never one that is there. Not encrypted, and the key lies in it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print what stands in it as JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `restore`.
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The office's folder; made where it is not there, and must hold no data
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Print what was put back as JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `erase`.
#[derive(Debug, Args)]
pub struct Erase {
    /// Number of the person, e.g. P12; or - to read a phone, mail address, id number or name from
    /// standard input
    #[arg(value_name = "PERSON")]
    pub person: String,
    /// Only say what would go and what would stay
    #[arg(long)]
    pub dry_run: bool,
    /// End a volunteer's service today first
    #[arg(long)]
    pub end_service: bool,
    /// Print JSON with English keys
    #[arg(long)]
    pub json: bool,
}

/// The command line with its help in `language`.
pub fn command(language: Language) -> clap::Command {
    let command = Arguments::command();
    match language {
        Language::English => command,
        Language::Chinese => chinese::over(command),
    }
}

/// A mail address as far as a typing mistake shows: one `@` with something on both sides.
fn mail_address(text: &str) -> Result<String, String> {
    match text.split_once('@') {
        Some((name, host))
            if !name.is_empty()
                && !host.is_empty()
                && !host.contains('@')
                && !text.contains(char::is_whitespace) =>
        {
            Ok(text.to_owned())
        }
        _ => Err("不是邮箱地址 (not a mail address)".to_owned()),
    }
}
