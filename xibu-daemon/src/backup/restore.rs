//! Reads a package back, and puts it into a folder: checked as a whole before anything stands under
//! its final name, and held from the first moment.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::{
    BackupError, CONFIGURATION, FORMAT, MANIFEST, Manifest, Part, Stage, checked, file, not_whole,
    per_cent, pieces, private_new, sync_folder, write_private,
};
use crate::clock::Now;
use crate::settings::Settings;
use crate::store::folder::{self, DATABASE, DaemonLock, SEAL_KEY};
use crate::store::{Hold, SqliteStore, Store};

/// The data's folder beside the configuration, as `init` has it.
const DATA: &str = "data";
/// No manifest is larger.
const MANIFEST_BYTES_MAX: u64 = 1 << 20;

/// What was put back.
#[derive(Clone, Debug, Serialize)]
pub struct Restored {
    /// What the backup says of itself.
    pub manifest: Manifest,
    /// Where the data is now.
    pub data: PathBuf,
    /// Where the configuration is now, if the backup had one.
    pub configuration: Option<PathBuf>,
    /// Whether it is used as it stands: not where another one was there, or where it names data
    /// elsewhere.
    pub configuration_in_use: bool,
}

/// Where each file of a package goes.
type Places<'a> = dyn FnMut(&Part) -> io::Result<Box<dyn Write>> + 'a;

/// A package whose manifest was read.
pub(super) struct Package {
    archive: ZipArchive<File>,
    manifest: Manifest,
}

/// Opens a package.
pub(super) fn open(path: &Path) -> Result<Package, BackupError> {
    let from = File::open(path).map_err(file("read", path))?;
    let mut archive = ZipArchive::new(from).map_err(not_whole)?;
    let mut text = Vec::new();
    archive
        .by_name(MANIFEST)
        .map_err(not_whole)?
        .take(MANIFEST_BYTES_MAX)
        .read_to_end(&mut text)
        .map_err(not_whole)?;
    let value: serde_json::Value = serde_json::from_slice(&text).map_err(not_whole)?;
    let format = value.get("format").and_then(serde_json::Value::as_u64).unwrap_or(0);
    let format = u32::try_from(format).unwrap_or(u32::MAX);
    if format > FORMAT {
        return Err(BackupError::TooNew(format));
    }
    let manifest: Manifest = serde_json::from_value(value).map_err(not_whole)?;
    // Only what this version writes: a name is never taken as a path.
    let known = [DATABASE, SEAL_KEY, CONFIGURATION];
    let names: Vec<&str> = manifest.files.iter().map(|part| part.name.as_str()).collect();
    if names.iter().any(|name| !known.contains(name)) || !names.starts_with(&known[..2]) {
        return Err(not_whole("its list of files is not what a backup has"));
    }
    Ok(Package { archive, manifest })
}

impl Package {
    /// Reads every file to its place; size and hash must be what the manifest says.
    pub(super) fn read(
        mut self,
        places: &mut Places<'_>,
        tell: &mut dyn FnMut(Stage),
    ) -> Result<Manifest, BackupError> {
        let total: u64 = self.manifest.files.iter().map(|part| part.size).sum();
        let mut done = 0;
        for part in &self.manifest.files {
            let mut out = places(part).map_err(not_whole)?;
            let entry = self.archive.by_name(&part.name).map_err(not_whole)?;
            let mut hasher = Sha256::new();
            let mut size = 0;
            pieces(&mut entry.take(part.size.saturating_add(1)), |piece| {
                hasher.update(piece);
                size += piece.len() as u64;
                done += piece.len() as u64;
                tell(Stage::ReadingBack(per_cent(done, total)));
                out.write_all(piece)
            })
            .map_err(not_whole)?;
            out.flush().map_err(not_whole)?;
            if size != part.size || hex::encode(hasher.finalize()) != part.sha256 {
                return Err(not_whole(format_args!("{} is damaged", part.name)));
            }
        }
        Ok(self.manifest)
    }
}

/// Puts a backup into `target`: the data into `target/data`, the configuration beside it. Nothing
/// is sent from it until a person runs `release`.
///
/// # Errors
/// Why nothing was put back; the folder is then as it was.
pub async fn restore(
    backup: &Path,
    target: &Path,
    now: Now,
    tell: &mut dyn FnMut(Stage),
) -> Result<Restored, BackupError> {
    let data = target.join(DATA);
    if target.join(DATABASE).exists() || !is_empty(&data) {
        return Err(BackupError::HasData(target.to_owned()));
    }
    let package = open(backup)?;
    let making = Making::within(target)?;
    let manifest = package.read(
        &mut |part| {
            let out = private_new(&making.0.join(&part.name))?;
            Ok(Box::new(out) as Box<dyn Write>)
        },
        tell,
    )?;
    tell(Stage::Checking);
    let sound = checked(&making.0).await?;
    if (sound.sequence, &sound.chain) != (manifest.sequence, &manifest.chain) {
        return Err(not_whole("the record is not the one the backup was made of"));
    }
    hold(&making.0, now).await?;
    let configuration = making.0.join(CONFIGURATION);
    let configuration = fs::read(&configuration).ok().inspect(|_| {
        let _ = fs::remove_file(&configuration);
    });
    making.put(&data)?;
    let placed = configuration.map(|bytes| place_configuration(&bytes, target, &data));
    let (configuration, configuration_in_use) = placed.transpose()?.unzip();
    Ok(Restored {
        manifest,
        data,
        configuration,
        configuration_in_use: configuration_in_use.unwrap_or(false),
    })
}

fn is_empty(folder: &Path) -> bool {
    match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// Held, in the data itself. The folder remembers the last tick, so that the daemon does not take
/// it for a copy a second time after it was released.
async fn hold(data: &Path, now: Now) -> Result<(), BackupError> {
    let store = SqliteStore::open(data).await?;
    store.hold(Hold::RestoredBackup, now).await?;
    let last = store.state().await?.last_unix_ms;
    store.close().await;
    if let Some(last) = last {
        DaemonLock::take(data)?.remember(last)?;
    }
    Ok(())
}

/// The folder in which it is put together, gone when dropped.
struct Making(PathBuf);

impl Making {
    fn within(target: &Path) -> Result<Self, BackupError> {
        let path = target.join(".restoring");
        // What a killed run left.
        let _ = fs::remove_dir_all(&path);
        folder::prepare(target)?;
        folder::prepare(&path)?;
        Ok(Self(path))
    }

    fn put(&self, data: &Path) -> Result<(), BackupError> {
        for name in [DATABASE, SEAL_KEY] {
            let path = self.0.join(name);
            File::open(&path).and_then(|it| it.sync_all()).map_err(file("write", &path))?;
        }
        // Empty, as was seen above.
        let _ = fs::remove_dir(data);
        fs::rename(&self.0, data).map_err(file("rename to", data))?;
        sync_folder(data)
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Beside the data, under its own name where nothing is in the way and it means this data.
fn place_configuration(
    bytes: &[u8],
    target: &Path,
    data: &Path,
) -> Result<(PathBuf, bool), BackupError> {
    let aside = target.join("xibu.toml.restored");
    let own = target.join(CONFIGURATION);
    let _ = fs::remove_file(&aside);
    write_private(&aside, bytes)?;
    let means_this_data = Settings::load(Some(&aside), std::iter::empty())
        .is_ok_and(|settings| settings.data() == data);
    if own.exists() || !means_this_data {
        return Ok((aside, false));
    }
    fs::rename(&aside, &own).map_err(file("rename to", &own))?;
    Ok((own, true))
}
