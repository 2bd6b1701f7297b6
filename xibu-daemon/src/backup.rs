//! Backups: one file that holds database, seal key and configuration, checked when it is made and
//! when it is put back.
//!
//! What it is not: it is not encrypted. The key lies in it, so whoever has the file can read
//! everything; keep it as safe as the data. Plugin libraries and password files are not in it.
//!
//! The package is a plain .zip that any computer opens: `manifest.json`, `xibu.db`, `seal.key`,
//! `xibu.toml`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::clock::Now;
use crate::store::folder::{self, DATABASE, SEAL_KEY};
use crate::store::{SoundnessReport, SqliteStore, Store, StoreError};

mod restore;

pub use restore::{Restored, restore};

/// The layout this version writes and reads.
const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
const CONFIGURATION: &str = "xibu.toml";
/// Files are copied in pieces of this size.
const PIECE_BYTES: usize = 1 << 20;

/// What stands in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The layout.
    pub format: u32,
    /// The version of the program that made it.
    pub program: String,
    /// When, in the office's civil time.
    pub made_at: chrono::NaiveDateTime,
    /// The record's last sequence.
    pub sequence: u64,
    /// The hash chain's last hash, hex.
    pub chain: String,
    /// Documents in it, those destroyed included.
    pub documents: u64,
    /// Its files.
    pub files: Vec<Part>,
}

/// One file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256, hex.
    pub sha256: String,
}

/// How far it is, for whoever waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The database is being copied as of one moment.
    Copying,
    /// Hash chain, database and seal are being checked.
    Checking,
    /// So much of the package is written, per cent.
    Packing(u8),
    /// The package is being read back.
    ReadingBack(u8),
}

/// Why there is no backup, or why it was not put back. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file or folder.
    #[error("cannot {what} {path}: {source}")]
    File {
        /// What was attempted.
        what: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The target is there already.
    #[error("{0} is there already; a backup never overwrites: give another name")]
    IsThere(PathBuf),
    /// The folder has data already.
    #[error("{0} holds data already; restore into a folder without data")]
    HasData(PathBuf),
    /// The data is not sound: a backup of it would be none.
    #[error("the data is not sound ({0}); look at it before anything else")]
    NotSound(String),
    /// The file is no backup, or not whole.
    #[error("this is no whole backup: {0}")]
    NotWhole(String),
    /// A newer program made it.
    #[error("the backup has layout {0}, which this version does not know; use a newer xibu-daemon")]
    TooNew(u32),
}

fn file<'a>(what: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> BackupError + 'a {
    move |source| BackupError::File { what, path: path.to_owned(), source }
}

fn not_whole(error: impl ToString) -> BackupError {
    BackupError::NotWhole(error.to_string())
}

/// Makes a backup while the daemon and commands go on. What stands under `target` afterwards is
/// whole, or nothing does: everything is made beside it, read back, and renamed at last.
///
/// # Errors
/// Why there is none.
pub async fn make(
    store: &SqliteStore,
    data: &Path,
    configuration: Option<&Path>,
    target: &Path,
    now: Now,
    tell: &mut dyn FnMut(Stage),
) -> Result<Manifest, BackupError> {
    if target.exists() {
        return Err(BackupError::IsThere(target.to_owned()));
    }
    let beside = Beside::of(target)?;
    tell(Stage::Copying);
    store.snapshot(&beside.scratch.join(DATABASE)).await?;
    let key = data.join(SEAL_KEY);
    let bytes = fs::read(&key).map_err(file("read", &key))?;
    write_private(&beside.scratch.join(SEAL_KEY), &bytes)?;
    if let Some(configuration) = configuration {
        let bytes = fs::read(configuration).map_err(file("read", configuration))?;
        write_private(&beside.scratch.join(CONFIGURATION), &bytes)?;
    }
    tell(Stage::Checking);
    let sound = checked(&beside.scratch).await?;
    let manifest = beside.pack(&sound, now, tell)?;
    beside.read_back(&manifest, tell)?;
    beside.put(target)?;
    Ok(manifest)
}

/// Opens a copy as data, and looks at everything in it.
async fn checked(scratch: &Path) -> Result<SoundnessReport, BackupError> {
    let copy = SqliteStore::open(scratch).await?;
    let sound = copy.soundness().await;
    copy.close().await;
    let sound = sound?;
    if sound.is_sound() {
        return Ok(sound);
    }
    Err(BackupError::NotSound(why_not_sound(&sound)))
}

fn why_not_sound(sound: &SoundnessReport) -> String {
    let mut why = sound.damage.clone();
    if let Some(sequence) = sound.broken_at {
        why.push(format!("the hash chain breaks at change {sequence}"));
    }
    if !sound.seal_fits {
        why.push("seal.key does not open the documents".to_owned());
    }
    why.join("; ")
}

/// Where a backup is made: a folder and a file beside the target, gone when dropped. What a killed
/// run left there is taken away by the next.
struct Beside {
    scratch: PathBuf,
    package: PathBuf,
}

impl Beside {
    fn of(target: &Path) -> Result<Self, BackupError> {
        let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let named = |end: &str| target.with_file_name(format!(".{name}.{end}"));
        let beside = Self { scratch: named("copying"), package: named("partial") };
        beside.remove();
        folder::prepare(&beside.scratch)?;
        Ok(beside)
    }

    fn remove(&self) {
        // What cannot be removed is met again when it is made.
        let _ = fs::remove_dir_all(&self.scratch);
        let _ = fs::remove_file(&self.package);
    }

    fn pack(
        &self,
        sound: &SoundnessReport,
        now: Now,
        tell: &mut dyn FnMut(Stage),
    ) -> Result<Manifest, BackupError> {
        let mut files = Vec::new();
        for name in [DATABASE, SEAL_KEY, CONFIGURATION] {
            let path = self.scratch.join(name);
            if path.exists() {
                files.push(part(name, &path)?);
            }
        }
        let manifest = Manifest {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: now.civil,
            sequence: sound.sequence,
            chain: sound.chain.clone(),
            documents: sound.documents,
            files,
        };
        let out = private_new(&self.package).map_err(file("write", &self.package))?;
        let mut package = ZipWriter::new(out);
        let options = SimpleFileOptions::default().unix_permissions(0o600).large_file(true);
        let failed = |error: zip::result::ZipError| {
            file("write", &self.package)(io::Error::other(error.to_string()))
        };
        package.start_file(MANIFEST, options).map_err(failed)?;
        let text = serde_json::to_vec_pretty(&manifest).map_err(not_whole)?;
        package.write_all(&text).map_err(file("write", &self.package))?;
        let total: u64 = manifest.files.iter().map(|part| part.size).sum();
        let mut done = 0;
        for part in &manifest.files {
            package.start_file(&part.name, options).map_err(failed)?;
            let path = self.scratch.join(&part.name);
            let mut from = File::open(&path).map_err(file("read", &path))?;
            pieces(&mut from, |piece| {
                done += piece.len() as u64;
                tell(Stage::Packing(per_cent(done, total)));
                package.write_all(piece)
            })
            .map_err(file("write", &self.package))?;
        }
        let out = package.finish().map_err(failed)?;
        out.sync_all().map_err(file("write", &self.package))?;
        Ok(manifest)
    }

    /// The package as it lies on the disk is what the manifest says.
    fn read_back(
        &self,
        manifest: &Manifest,
        tell: &mut dyn FnMut(Stage),
    ) -> Result<(), BackupError> {
        let found = restore::open(&self.package)?.read(&mut |_| Ok(Box::new(io::sink())), tell)?;
        match found == *manifest {
            true => Ok(()),
            false => Err(not_whole("it does not read back as it was written")),
        }
    }

    fn put(&self, target: &Path) -> Result<(), BackupError> {
        if target.exists() {
            return Err(BackupError::IsThere(target.to_owned()));
        }
        fs::rename(&self.package, target).map_err(file("rename to", target))?;
        sync_folder(target)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.remove();
    }
}

fn sync_folder(of: &Path) -> Result<(), BackupError> {
    let folder = match of.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(file("write", folder))
}

fn part(name: &str, path: &Path) -> Result<Part, BackupError> {
    let mut from = File::open(path).map_err(file("read", path))?;
    let mut hasher = Sha256::new();
    let mut size = 0;
    pieces(&mut from, |piece| {
        hasher.update(piece);
        size += piece.len() as u64;
        Ok(())
    })
    .map_err(file("read", path))?;
    Ok(Part { name: name.to_owned(), size, sha256: hex::encode(hasher.finalize()) })
}

fn pieces(from: &mut impl Read, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match from.read(&mut piece)? {
            0 => return Ok(()),
            length => take(&piece[..length])?,
        }
    }
}

fn per_cent(done: u64, total: u64) -> u8 {
    u8::try_from(done.saturating_mul(100) / total.max(1)).unwrap_or(100).min(100)
}

fn private_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), BackupError> {
    let written = private_new(path).and_then(|mut out| {
        out.write_all(bytes)?;
        out.sync_all()
    });
    written.map_err(file("write", path))
}

#[cfg(test)]
mod tests;
