//! The gate before a plugin's library or program runs: who may write it, whether a person approved
//! it, and a private copy that nobody swaps afterwards.
//!
//! Loading a library runs its code, so everything here happens before. What it is not: a sandbox;
//! an approved file runs as our user, within the limits of [`super::worker`] and
//! [`super::launch`].

use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// Why a plugin's file is not run.
#[derive(Debug)]
pub enum Refused {
    /// There is no such file, or it cannot be read.
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A link, a folder, a device.
    NotAFile {
        /// The file.
        file: PathBuf,
    },
    /// Somebody else could change it.
    WritableByOthers {
        /// The file or its folder.
        path: PathBuf,
    },
    /// Nobody approved these bytes.
    NotApproved {
        /// The file.
        file: PathBuf,
        /// SHA-256 of its bytes, lower-case hex.
        sha256: String,
    },
    /// The private copy could not be made.
    NotCopied {
        /// Where it was to be.
        private: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { file, error } => {
                write!(f, "the plugin's file {} cannot be read: {error}", file.display())
            }
            Self::NotAFile { file } => write!(
                f,
                "{} is not a regular file; put the plugin's library or program itself there, \
                 not a link",
                file.display()
            ),
            Self::WritableByOthers { path } => write!(
                f,
                "{} can be changed by other users; make it yours alone: chmod go-w {}",
                path.display(),
                path.display()
            ),
            Self::NotApproved { file, sha256 } => write!(
                f,
                "the plugin's file {} (sha256 {sha256}) is not approved; \
                 if you trust it, run: plugin approve",
                file.display()
            ),
            Self::NotCopied { private, error } => {
                write!(f, "no private copy of the plugin in {}: {error}", private.display())
            }
        }
    }
}

impl std::error::Error for Refused {}

/// SHA-256 of a plugin's file after the checks on who may write it, as lower-case hex: what a
/// person approves.
///
/// # Errors
/// Unreadable, not a regular file, or writable by others.
pub fn inspect(path: &Path) -> Result<String, Refused> {
    let mut file = open(path)?;
    digest_to(&mut file, &mut io::sink())
        .map_err(|error| Refused::Unreadable { file: path.into(), error })
}

/// Checks a file and copies it to `private/<sha256>.<extension>`; answers the copy's path. The
/// bytes that are hashed are the bytes that are copied, so nothing can be swapped in between.
///
/// # Errors
/// Any [`Refused`].
pub fn admit(
    path: &Path,
    approved: &[String],
    private: &Path,
    extension: &str,
) -> Result<PathBuf, Refused> {
    let mut file = open(path)?;
    let not_copied = |error| Refused::NotCopied { private: private.into(), error };
    make_private_folder(private).map_err(not_copied)?;
    let sha256 = digest_to(&mut file, &mut io::sink())
        .map_err(|error| Refused::Unreadable { file: path.into(), error })?;
    let not_approved = |sha256| Refused::NotApproved { file: path.into(), sha256 };
    if !is_approved(&sha256, approved) {
        return Err(not_approved(sha256));
    }
    let copy = private.join(format!("{sha256}.{extension}"));
    if copy_is(&copy, &sha256) {
        return Ok(copy);
    }
    // Read anew from the start; hashed again while it is copied, in case the file changed since.
    let mut file = open(path)?;
    let beside = private.join(format!("{sha256}.{}.part", std::process::id()));
    let copied = copy_out(&mut file, &beside).map_err(not_copied)?;
    if copied != sha256 {
        let _ = fs::remove_file(&beside);
        return Err(not_approved(copied));
    }
    fs::rename(&beside, &copy).map_err(not_copied)?;
    Ok(copy)
}

fn is_approved(sha256: &str, approved: &[String]) -> bool {
    approved.iter().any(|one| one.eq_ignore_ascii_case(sha256))
}

fn open(path: &Path) -> Result<File, Refused> {
    let unreadable = |error| Refused::Unreadable { file: path.into(), error };
    let seen = fs::symlink_metadata(path).map_err(unreadable)?;
    if !seen.is_file() {
        return Err(Refused::NotAFile { file: path.into() });
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder_seen = fs::metadata(folder).map_err(unreadable)?;
    for (one, metadata) in [(folder, &folder_seen), (path, &seen)] {
        if !is_owned_alone(metadata) {
            return Err(Refused::WritableByOthers { path: one.into() });
        }
    }
    let file = File::open(path).map_err(unreadable)?;
    let opened = file.metadata().map_err(unreadable)?;
    if (opened.dev(), opened.ino()) != (seen.dev(), seen.ino()) || !is_owned_alone(&opened) {
        return Err(Refused::WritableByOthers { path: path.into() });
    }
    Ok(file)
}

/// Ours or root's, and nobody else may write it.
fn is_owned_alone(metadata: &Metadata) -> bool {
    let us = rustix::process::geteuid().as_raw();
    (metadata.uid() == us || metadata.uid() == 0) && metadata.mode() & 0o022 == 0
}

fn make_private_folder(private: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(private)?;
    let metadata = fs::symlink_metadata(private)?;
    let us = rustix::process::geteuid().as_raw();
    if !metadata.is_dir() || metadata.uid() != us || metadata.mode() & 0o077 != 0 {
        let message = "it is open to other users; make it yours alone: chmod 700";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    Ok(())
}

fn copy_is(copy: &Path, sha256: &str) -> bool {
    let Ok(mut file) = open(copy) else { return false };
    digest_to(&mut file, &mut io::sink()).is_ok_and(|seen| seen == sha256)
}

fn copy_out(file: &mut File, beside: &Path) -> io::Result<String> {
    let _ = fs::remove_file(beside);
    let mut out = OpenOptions::new().write(true).create_new(true).mode(0o500).open(beside)?;
    let sha256 = digest_to(file, &mut out)?;
    out.sync_all()?;
    Ok(sha256)
}

fn digest_to(from: &mut File, to: &mut impl Write) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 << 10];
    loop {
        let n = from.read(&mut buffer)?;
        if n == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(&buffer[..n]);
        to.write_all(&buffer[..n])?;
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    struct Place {
        _folder: tempfile::TempDir,
        library: PathBuf,
        private: PathBuf,
        sha256: String,
    }

    fn place() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("libx.so");
        fs::write(&library, b"bytes").unwrap();
        mode(&library, 0o644);
        let private = folder.path().join("private");
        let sha256 = hex::encode(Sha256::digest(b"bytes"));
        Place { library, private, sha256, _folder: folder }
    }

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[track_caller]
    fn check_refused(place: &Place, words: &str) {
        let approved = std::slice::from_ref(&place.sha256);
        let refused =
            admit(&place.library, approved, &place.private, "so").unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
    }

    #[test]
    fn an_approved_library_is_loaded_from_its_private_copy() {
        let place = place();
        assert_eq!(inspect(&place.library).unwrap(), place.sha256);
        let approved = [place.sha256.to_uppercase()];
        let copy = admit(&place.library, &approved, &place.private, "so").unwrap();
        assert_eq!(copy, place.private.join(format!("{}.so", place.sha256)));
        assert_eq!(fs::read(&copy).unwrap(), b"bytes");
        assert_eq!(fs::metadata(&place.private).unwrap().mode() & 0o777, 0o700);
        assert_eq!(admit(&place.library, &approved, &place.private, "so").unwrap(), copy);
        // A copy that was spoilt is made again.
        mode(&copy, 0o600);
        fs::write(&copy, b"spoilt").unwrap();
        admit(&place.library, &approved, &place.private, "so").unwrap();
        assert_eq!(fs::read(&copy).unwrap(), b"bytes");
        assert_eq!(fs::read_dir(&place.private).unwrap().count(), 1);
    }

    #[test]
    fn what_nobody_approved_is_refused_by_its_hash() {
        let place = place();
        let refused = admit(&place.library, &[], &place.private, "so").unwrap_err().to_string();
        assert!(refused.contains(&place.sha256) && refused.contains("plugin approve"), "{refused}");
        fs::write(&place.library, b"other").unwrap();
        check_refused(&place, "is not approved");
        assert_eq!(fs::read_dir(&place.private).unwrap().count(), 0);
    }

    #[test]
    fn what_others_can_change_is_refused() {
        let place = place();
        mode(&place.library, 0o664);
        check_refused(&place, "can be changed by other users");
        mode(&place.library, 0o644);
        let folder = place.library.parent().unwrap();
        mode(folder, 0o777);
        check_refused(&place, "can be changed by other users");
        mode(folder, 0o755);
        fs::create_dir(&place.private).unwrap();
        mode(&place.private, 0o755);
        check_refused(&place, "open to other users");
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let mut place = place();
        let link = place.library.with_file_name("link.so");
        symlink(&place.library, &link).unwrap();
        place.library = link;
        check_refused(&place, "is not a regular file");
        place.library = place.private.join("missing.so");
        check_refused(&place, "cannot be read");
    }
}
