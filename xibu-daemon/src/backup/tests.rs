//! Backups of a city that lives: whole or not there, held when put back, never over data.

use std::os::unix::fs::PermissionsExt;

use crate::store::{Hold, Store};
use crate::tick::tests::{City, at};

use super::*;

fn quiet() -> impl FnMut(Stage) {
    |_| {}
}

async fn backup(city: &City, target: &Path) -> Result<Manifest, BackupError> {
    let now = at("2026-06-16T10:00:00");
    make(&city.store, &city.data(), None, target, now, &mut quiet()).await
}

async fn put_back(from: &Path, into: &Path) -> Result<Restored, BackupError> {
    restore(from, into, at("2026-06-20T10:00:00"), &mut quiet()).await
}

#[tokio::test]
async fn what_is_put_back_is_what_was_there_and_held() {
    let mut city = City::running().await;
    city.tick("2026-06-15T00:00:30").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("b.zip");
    let made = backup(&city, &file).await.unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let beside: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(beside.len(), 1, "nothing is left beside it: {beside:?}");
    assert!(matches!(backup(&city, &file).await, Err(BackupError::IsThere(_))));
    let restored = put_back(&file, &folder.path().join("new")).await.unwrap();
    assert_eq!(restored.manifest, made);
    assert_eq!(restored.configuration, None);
    let copy = SqliteStore::open(&restored.data).await.unwrap();
    let state = copy.state().await.unwrap();
    assert_eq!(state.held, Some(Hold::RestoredBackup));
    assert_eq!(state.last_unix_ms, city.store.state().await.unwrap().last_unix_ms);
    assert_eq!(copy.first_break().await.unwrap(), None);
    let all = Default::default();
    assert_eq!(copy.envelopes(&all).await.unwrap(), city.store.envelopes(&all).await.unwrap());
    // Released once, it is not taken for a copy again.
    assert_eq!(DaemonLockSeen::of(&restored.data), state.last_unix_ms);
    let again = put_back(&file, &folder.path().join("new")).await;
    assert!(matches!(again, Err(BackupError::HasData(_))));
    assert!(matches!(put_back(&file, &restored.data).await, Err(BackupError::HasData(_))));
}

struct DaemonLockSeen;

impl DaemonLockSeen {
    fn of(data: &Path) -> Option<i64> {
        crate::store::folder::DaemonLock::take(data).unwrap().last_seen()
    }
}

/// Every piece that is missing or changed is noticed, and then nothing is put back.
#[tokio::test]
async fn a_damaged_backup_is_refused_and_leaves_nothing() {
    let city = City::running().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("b.zip");
    backup(&city, &file).await.unwrap();
    let whole = std::fs::read(&file).unwrap();
    let broken = folder.path().join("broken.zip");
    let into = folder.path().join("into");
    let mut refused = 0;
    let step = whole.len() / 40;
    for place in (0..whole.len()).step_by(step) {
        let mut cut = whole.clone();
        cut.truncate(place);
        let mut changed = whole.clone();
        changed[place] ^= 0x55;
        for bytes in [cut, changed] {
            std::fs::write(&broken, &bytes).unwrap();
            // A changed time of day in the package's own list harms nothing.
            let Err(error) = put_back(&broken, &into).await else {
                std::fs::remove_dir_all(&into).unwrap();
                continue;
            };
            assert!(matches!(error, BackupError::NotWhole(_)), "{place}: {error}");
            assert!(is_bare(&into), "{place}: something was left");
            refused += 1;
        }
    }
    assert!(refused > 75, "only {refused} of 80 were refused");
}

fn is_bare(folder: &Path) -> bool {
    std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none())
}

#[tokio::test]
async fn what_a_killed_run_left_disturbs_nobody() {
    let city = City::running().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("b.zip");
    std::fs::create_dir(folder.path().join(".b.zip.copying")).unwrap();
    std::fs::write(folder.path().join(".b.zip.copying/xibu.db"), "half").unwrap();
    std::fs::write(folder.path().join(".b.zip.partial"), "half").unwrap();
    backup(&city, &file).await.unwrap();
    let into = folder.path().join("into");
    std::fs::create_dir_all(into.join(".restoring")).unwrap();
    std::fs::write(into.join(".restoring/xibu.db"), "half").unwrap();
    put_back(&file, &into).await.unwrap();
    assert!(!into.join(".restoring").exists());
}

#[tokio::test]
async fn a_configuration_that_means_other_data_is_put_aside() {
    let city = City::running().await;
    let folder = tempfile::tempdir().unwrap();
    let own = "[office]\nserves = [\"O1\"]\n";
    let elsewhere = "[office]\nserves = [\"O1\"]\ndata = \"/srv/xibu\"\n";
    for (number, text, in_use) in [(1, own, true), (2, elsewhere, false)] {
        let toml = folder.path().join("xibu.toml");
        std::fs::write(&toml, text).unwrap();
        let file = folder.path().join(format!("{number}.zip"));
        let (now, data, mut quiet) = (at("2026-06-16T10:00:00"), city.data(), quiet());
        make(&city.store, &data, Some(&toml), &file, now, &mut quiet).await.unwrap();
        let into = folder.path().join(number.to_string());
        let restored = put_back(&file, &into).await.unwrap();
        assert_eq!(restored.configuration_in_use, in_use);
        assert_eq!(std::fs::read_to_string(restored.configuration.unwrap()).unwrap(), text);
        assert!(!restored.data.join("xibu.toml").exists());
    }
}

#[tokio::test]
async fn it_is_made_while_others_write() {
    let city = City::running().await;
    let folder = tempfile::tempdir().unwrap();
    let second = SqliteStore::open(&city.data()).await.unwrap();
    let writer = async {
        for day in 16..26 {
            second.set_cursor("p", "c", &day.to_string(), at("2026-06-16T10:00:00")).await.unwrap();
        }
    };
    let file = folder.path().join("b.zip");
    let (made, ()) = tokio::join!(backup(&city, &file), writer);
    made.unwrap();
    put_back(&file, &folder.path().join("into")).await.unwrap();
}
