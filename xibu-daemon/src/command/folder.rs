//! Folders and files that commands make for a person: owner-only, never over something that is
//! there.
//!
//! Not the data folder's inside, which is the store's.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::outcome::{Exit, Failure};

/// Makes a folder (and those above it) that only this user may enter; one that is there is left as
/// it is.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn make_private(path: &Path) -> Result<(), Failure> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| Failure::file(path, error))
}

/// Makes a folder that must not be there yet, for this user alone.
///
/// # Errors
/// When it is there, or cannot be made.
pub(crate) fn make_private_new(path: &Path) -> Result<(), Failure> {
    let made = fs::DirBuilder::new().mode(0o700).create(path);
    made.map_err(|error| Failure::file(path, error))
}

/// Writes a new file; says whether it did, because one that is there is left alone.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<bool, Failure> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match file {
        Ok(mut file) => {
            file.write_all(bytes).map_err(|error| Failure::file(path, error))?;
            Ok(true)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(Failure::file(path, error)),
    }
}

/// The library of one of the house's own plugins, beside this program.
///
/// # Errors
/// Where it is not there, with the command that builds it.
pub(crate) fn library_beside_program(name: &str) -> Result<PathBuf, Failure> {
    let program = std::env::current_exe().map_err(Failure::plugin)?;
    let file = format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let library = program.parent().unwrap_or(Path::new(".")).join(file);
    if library.is_file() {
        return Ok(library);
    }
    let path = library.display();
    Err(Failure::new(
        Exit::Plugin,
        format!("缺少插件库 {path}；请在源码文件夹运行 `cargo build --release`，它会一并生成插件"),
        format!("the plugin library {path} is missing; `cargo build --release` builds it"),
    ))
}

/// Copies a library into `folder`, replacing an older copy in one step.
///
/// # Errors
/// When it cannot be copied.
pub(crate) fn copy_library(library: &Path, folder: &Path) -> Result<PathBuf, Failure> {
    let name = library.file_name().unwrap_or_default();
    let (target, fresh) = (folder.join(name), folder.join(format!("{}.new", name.display())));
    fs::copy(library, &fresh)
        .and_then(|_| fs::set_permissions(&fresh, fs::Permissions::from_mode(0o600)))
        .and_then(|()| fs::rename(&fresh, &target))
        .map_err(|error| Failure::file(&target, error))?;
    Ok(target)
}
