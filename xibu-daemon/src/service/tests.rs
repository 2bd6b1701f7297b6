//! The service on a folder of its own, by a virtual clock.

use std::path::Path;

use chrono_tz::Asia::Shanghai;

use super::*;
use crate::delivery::Stands;

fn settings(folder: &Path) -> Settings {
    let file = folder.join("xibu.toml");
    let text = r#"
        [office]
        zone = "Asia/Shanghai"
        serves = ["O1"]
        data = "data"
        inbox = "inbox"
        [channel]
        mail = "email"
        [plugin.email]
        library = "plugins/libxibu_email.so"
        [plugin.spreadsheet]
        library = "plugins/libxibu_spreadsheet.so"
    "#;
    std::fs::write(&file, text).unwrap();
    Settings::load(Some(&file), std::iter::empty()).unwrap()
}

fn clock() -> Clock {
    Clock::virtual_at("2026-06-15T08:00:00".parse().unwrap(), Shanghai)
}

#[tokio::test]
async fn held_at_first_and_alone_on_its_data() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    let clock = clock();
    let mut service = Service::start(&settings, clock.clone(), None).await.unwrap();
    let round = service.round().await.unwrap();
    assert_eq!(round.tick.held_now, Some(Hold::FirstStart));
    assert_eq!(round.delivery.stands, Some(Stands::Held(Hold::FirstStart)));
    let second = Service::start(&settings, clock.clone(), None).await.unwrap_err();
    assert!(matches!(second, ServiceError::Store(StoreError::AnotherDaemon { .. })));
    service.store.release(clock.now()).await.unwrap();
    service.stop().await;

    // An ordinary start on its own data holds nothing.
    clock.advance(Duration::from_secs(3_600));
    let mut again = Service::start(&settings, clock, Some("me@trial.test")).await.unwrap();
    assert_eq!(again.round().await.unwrap().delivery.stands, None);
    let redirect = again.store.state().await.unwrap().redirect_to;
    assert_eq!(redirect.as_deref(), Some("me@trial.test"));
}

#[tokio::test]
async fn a_backup_that_was_put_back_is_held() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    let clock = clock();
    let (database, backup) = (folder.path().join("data/xibu.db"), folder.path().join("backup.db"));
    for round in 0..2 {
        let mut service = Service::start(&settings, clock.clone(), None).await.unwrap();
        service.round().await.unwrap();
        service.store.release(clock.now()).await.unwrap();
        service.stop().await;
        if round == 0 {
            std::fs::copy(&database, &backup).unwrap();
        }
        clock.advance(Duration::from_secs(3_600));
    }
    std::fs::copy(&backup, &database).unwrap();
    let mut restored = Service::start(&settings, clock.clone(), None).await.unwrap();
    let stands = restored.round().await.unwrap().delivery.stands;
    assert_eq!(stands, Some(Stands::Held(Hold::RestoredBackup)));
    restored.store.release(clock.now()).await.unwrap();
    restored.stop().await;
    let mut service = Service::start(&settings, clock.clone(), None).await.unwrap();
    assert_eq!(service.round().await.unwrap().delivery.stands, None);
    service.stop().await;

    // A copy in another folder is somebody else's past.
    std::fs::remove_file(folder.path().join("data/daemon.lock")).unwrap();
    let mut copy = Service::start(&settings, clock, None).await.unwrap();
    let stands = copy.round().await.unwrap().delivery.stands;
    assert_eq!(stands, Some(Stands::Held(Hold::RestoredBackup)));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_stays_in_the_inbox() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    let mut service = Service::start(&settings, clock(), None).await.unwrap();
    let file = folder.path().join("inbox/花名册.xlsx");
    std::fs::write(&file, "x").unwrap();
    // The plugin is not approved; the round goes on all the same.
    let round = service.round().await.unwrap();
    assert_eq!((round.files, round.tick.held_now), (0, Some(Hold::FirstStart)));
    assert!(file.exists());
}
