//! The data folder: owner-only, with the seal's key, and a lock that only one daemon can hold.
//!
//! The lock file also remembers the last tick, outside the database: so a backup that was put back,
//! or a copy in another folder, is noticed before anything is sent twice.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::{Result, StoreError};
use crate::seal::KEY_LENGTH;

/// Name of the database within the folder.
pub const DATABASE: &str = "xibu.db";
pub(crate) const SEAL_KEY: &str = "seal.key";
const DAEMON_LOCK: &str = "daemon.lock";
const OPEN_LOCK: &str = "open.lock";

fn failed<'a>(
    what: &'static str,
    path: &'a Path,
) -> impl FnOnce(std::io::Error) -> StoreError + 'a {
    move |source| StoreError::Folder { what, path: path.to_owned(), source }
}

/// Makes the folder if it is not there, for its owner only; takes other people's rights away if it
/// is.
///
/// # Errors
/// It cannot be made or changed.
pub fn prepare(folder: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(failed("cannot make the data folder", folder))?;
    let held = std::fs::metadata(folder).map_err(failed("cannot look at", folder))?;
    if held.permissions().mode() & 0o077 != 0 {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
            .map_err(failed("cannot make owner-only", folder))?;
    }
    Ok(())
}

/// Held while the database is opened and migrated, so that two programs do not do it at once.
///
/// # Errors
/// The lock file cannot be made.
pub fn opening(folder: &Path) -> Result<File> {
    let path = folder.join(OPEN_LOCK);
    let file = private_file(&path)?;
    file.lock().map_err(failed("cannot lock", &path))?;
    Ok(file)
}

/// The folder's key; made on first use, never where a database stands without one.
///
/// # Errors
/// It cannot be read or made, or is not a key.
pub fn seal_key(folder: &Path) -> Result<[u8; KEY_LENGTH]> {
    let path = folder.join(SEAL_KEY);
    match std::fs::read(&path) {
        Ok(bytes) => bytes.try_into().map_err(|_| StoreError::NoSealKey { path }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if folder.join(DATABASE).exists() {
                return Err(StoreError::NoSealKey { path });
            }
            make_seal_key(folder, &path)
        }
        Err(error) => Err(failed("cannot read", &path)(error)),
    }
}

/// Written beside and renamed, so that a crash leaves a whole key or none.
fn make_seal_key(folder: &Path, path: &Path) -> Result<[u8; KEY_LENGTH]> {
    let mut key = [0; KEY_LENGTH];
    getrandom::fill(&mut key).map_err(|_| StoreError::NoRandom)?;
    let beside = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let mut file =
            OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(&key)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(failed("cannot write", path))?;
    Ok(key)
}

/// Opens a file that only its owner may read, made where it is not there.
pub(super) fn private_file(path: &Path) -> Result<File> {
    OpenOptions::new()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(failed("cannot open", path))
}

/// The right to be the daemon on a data folder; given back when dropped, or when the process ends.
#[derive(Debug)]
pub struct DaemonLock {
    file: File,
    path: PathBuf,
}

impl DaemonLock {
    /// Takes it. Commands need none.
    ///
    /// # Errors
    /// [`StoreError::AnotherDaemon`] where another process has it.
    pub fn take(folder: &Path) -> Result<Self> {
        prepare(folder)?;
        let path = folder.join(DAEMON_LOCK);
        let file = private_file(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { file, path }),
            Err(TryLockError::WouldBlock) => {
                Err(StoreError::AnotherDaemon { folder: folder.to_owned() })
            }
            Err(TryLockError::Error(error)) => Err(failed("cannot lock", &path)(error)),
        }
    }

    /// The last tick this folder saw, milliseconds since the epoch; none where it saw none.
    pub fn last_seen(&mut self) -> Option<i64> {
        let mut text = String::new();
        self.file.seek(SeekFrom::Start(0)).ok()?;
        self.file.read_to_string(&mut text).ok()?;
        text.trim().parse().ok()
    }

    /// Remembers the last tick; always of the same length, so that it is overwritten whole.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn remember(&mut self, unix_ms: i64) -> Result<()> {
        let mut write = || {
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(format!("{unix_ms:020}\n").as_bytes())
        };
        write().map_err(failed("cannot write", &self.path))
    }
}

/// Whether another process is the daemon on this folder right now. For commands that only want to
/// say so.
pub fn daemon_runs(folder: &Path) -> bool {
    let Ok(file) = File::open(folder.join(DAEMON_LOCK)) else { return false };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_daemon_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        assert!(!daemon_runs(&data));
        let mut first = DaemonLock::take(&data).unwrap();
        let second = DaemonLock::take(&data).unwrap_err();
        assert!(second.to_string().contains("another daemon is running"), "{second}");
        assert!(daemon_runs(&data));
        assert_eq!(first.last_seen(), None);
        first.remember(1_782_000_000_000).unwrap();
        first.remember(1_782_000_030_000).unwrap();
        drop(first);
        assert!(!daemon_runs(&data));
        assert_eq!(DaemonLock::take(&data).unwrap().last_seen(), Some(1_782_000_030_000));
    }

    #[test]
    fn the_folder_and_its_key_are_the_owners_only() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        prepare(&data).unwrap();
        let key = seal_key(&data).unwrap();
        assert_eq!(seal_key(&data).unwrap(), key);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&data), 0o700);
        assert_eq!(mode(&data.join(SEAL_KEY)), 0o600);
        std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
        prepare(&data).unwrap();
        assert_eq!(mode(&data), 0o700);
        std::fs::write(data.join(SEAL_KEY), "short").unwrap();
        assert!(matches!(seal_key(&data), Err(StoreError::NoSealKey { .. })));
        std::fs::remove_file(data.join(SEAL_KEY)).unwrap();
        std::fs::write(data.join(DATABASE), "").unwrap();
        assert!(matches!(seal_key(&data), Err(StoreError::NoSealKey { .. })));
    }
}
