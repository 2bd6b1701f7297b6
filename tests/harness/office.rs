//! An office on disk as a clerk makes it: `init`, a configuration, approved plugins, workbooks
//! read in.
//!
//! Everything goes through the command line; nothing is put into the database by hand.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::build::built;
use super::exim::Speaks;
use super::program::{self, Said};

/// A folder with a configuration, and the program that works on it.
pub(crate) struct Office {
    folder: TempDir,
    program: PathBuf,
    /// The civil time for its commands, where the program takes one.
    at: String,
}

impl Office {
    /// A fresh folder as `init` leaves it.
    pub(crate) fn init() -> Self {
        Self::init_with(&built().daemon)
    }

    /// The same, worked on by another build of the daemon.
    pub(crate) fn init_with(program: &Path) -> Self {
        let folder = tempfile::Builder::new().prefix("xibu-office-").tempdir().unwrap();
        let office =
            Self { folder, program: program.to_path_buf(), at: "2026-06-01T09:00:00".into() };
        office.run(&["init", "."]).done();
        office
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A command of the daemon in this folder.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).current_dir(self.path());
        program::bare(&mut command);
        command.env("XIBU_TEST_CLOCK", &self.at);
        command
    }

    /// From now on it is `at` for its commands.
    pub(crate) fn set_clock(&mut self, at: &str) {
        at.clone_into(&mut self.at);
    }

    /// Runs it to the end.
    #[track_caller]
    pub(crate) fn run(&self, words: &[&str]) -> Said {
        program::run(&mut self.command(words))
    }

    /// Writes a file into the folder.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    /// Points the mail plugin at a server on this computer.
    pub(crate) fn mail_by(&self, port: u16, speaks: Speaks, authority: Option<&str>) {
        let security = match speaks {
            Speaks::Plain => "plain",
            Speaks::StartTls => "starttls",
            Speaks::Tls => "tls",
        };
        let mut mail = toml::Table::new();
        mail.insert("host".into(), "127.0.0.1".into());
        mail.insert("port".into(), i64::from(port).into());
        mail.insert("security".into(), security.into());
        mail.insert("from".into(), "xmb@office.test".into());
        mail.insert("from_name".into(), "试验市项目办".into());
        mail.insert("timeout".into(), 20.into());
        if let Some(authority) = authority {
            self.write("ca.pem", authority);
            let path = self.path().join("ca.pem").display().to_string();
            mail.insert("ca_file".into(), path.into());
            mail.insert("user".into(), "office".into());
            self.write("password.txt", "secret\n");
            let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            std::fs::set_permissions(self.path().join("password.txt"), owner_only).unwrap();
            mail.insert("password_file".into(), "password.txt".into());
        }
        self.change(|whole| {
            whole["plugin"]["email"]["settings"] = toml::Value::Table(mail);
        });
    }

    /// Lets the mail plugin read a mailbox over TLS on this computer.
    pub(crate) fn receives_from(&self, address: &str, port: u16, authority: &str) {
        self.write("inbox-ca.pem", authority);
        self.write("inbox-password.txt", "secret\n");
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(self.path().join("inbox-password.txt"), owner_only).unwrap();
        let ca_file = self.path().join("inbox-ca.pem").display().to_string();
        let mut inbox = toml::Table::new();
        inbox.insert("host".into(), "127.0.0.1".into());
        inbox.insert("port".into(), i64::from(port).into());
        inbox.insert("user".into(), address.into());
        inbox.insert("password_file".into(), "inbox-password.txt".into());
        // A round of a test looks once and does not wait.
        inbox.insert("idle".into(), false.into());
        self.change(|whole| {
            let mail = whole["plugin"]["email"]["settings"].as_table_mut().unwrap();
            mail.insert("ca_file".into(), ca_file.into());
            mail.insert("inbox".into(), toml::Value::Table(inbox));
        });
    }

    /// Changes the configuration.
    pub(crate) fn change(&self, how: impl FnOnce(&mut toml::Table)) {
        let path = self.path().join("xibu.toml");
        let mut whole: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
        how(&mut whole);
        std::fs::write(&path, toml::to_string(&whole).unwrap()).unwrap();
    }

    /// Approves both plugins.
    pub(crate) fn approve(&self) {
        self.run(&["plugin", "approve", "email"]).done();
        self.run(&["plugin", "approve", "spreadsheet"]).done();
    }

    /// Approves the workbook plugin alone.
    pub(crate) fn approve_workbooks(&self) {
        self.run(&["plugin", "approve", "spreadsheet"]).done();
    }
}
