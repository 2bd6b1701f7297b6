//! What is simulated is what then happens, and the data stays as it was, byte by byte.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::tick::tests::City;

fn settings(folder: &Path) -> Settings {
    let text = "[office]\nserves = [\"O1\"]\n[channel]\nmail = \"email\"\n\
                [plugin.email]\nlibrary = \"none.so\"\n";
    let file = folder.join("xibu.toml");
    fs::write(&file, text).unwrap();
    Settings::load(Some(&file), std::iter::empty()).unwrap()
}

fn days(from: &str, to: &str) -> Days {
    Days { from: from.parse().unwrap(), to: to.parse().unwrap() }
}

fn bytes_of(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.clone(), fs::read(&path).unwrap_or_default())).collect()
}

fn notices(simulated: &Simulated) -> BTreeSet<String> {
    let notices = simulated.told.iter().flat_map(|told| &told.notices);
    notices.map(|notice| format!("{} {}", notice.key, notice.person)).collect()
}

/// Ahead of the record: nobody reports, so every step is told; then the same days are lived
/// through, and simulated once more looking back.
#[tokio::test]
async fn ahead_and_looking_back_it_is_what_happens() {
    let mut city = City::running().await;
    let settings = settings(&city.data().join(".."));
    let june = days("2026-06-10T00:00:00", "2026-07-03T00:00:00");
    let ahead = simulate(&city.store, &settings, june).await.unwrap();
    assert!(ahead.told.len() > 8, "{:?}", ahead.told);
    assert_eq!(ahead.came, 0);
    let mut planned = BTreeSet::new();
    for day in 10..=30 {
        let report = city.tick(&format!("2026-06-{day}T00:00:00")).await;
        let keys = report.notices.iter();
        planned.extend(keys.map(|notice| format!("{} {}", notice.key, notice.person)));
    }
    for day in 1..=2 {
        let report = city.tick(&format!("2026-07-0{day}T00:00:00")).await;
        let keys = report.notices.iter();
        planned.extend(keys.map(|notice| format!("{} {}", notice.key, notice.person)));
    }
    assert_eq!(notices(&ahead), planned);
    let back = simulate(&city.store, &settings, june).await.unwrap();
    assert_eq!(back.told, ahead.told);
}

#[tokio::test]
async fn what_was_recorded_comes_in_when_it_was_recorded() {
    let mut city = City::running().await;
    let settings = settings(&city.data().join(".."));
    city.came("unit_monthly_return/O3/2026-06", "2026-06-20T10:00:00").await;
    city.came("county_monthly_return/O2/2026-06", "2026-06-25T10:00:00").await;
    let june = days("2026-06-10T00:00:00", "2026-07-03T00:00:00");
    let simulated = simulate(&city.store, &settings, june).await.unwrap();
    assert_eq!(simulated.came, 2);
    let told = notices(&simulated);
    assert!(told.iter().any(|key| key.starts_with("unit_monthly_return/O3/2026-06/opening")));
    assert!(!told.iter().any(|key| key.starts_with("unit_monthly_return/O3/2026-06/before")));
    assert!(!told.iter().any(|key| key.starts_with("county_monthly_return/O2/2026-06/first")));
    // Only the days asked for are shown.
    let late = days("2026-06-16T00:00:00", "2026-07-03T00:00:00");
    let late = simulate(&city.store, &settings, late).await.unwrap();
    let expected = simulated.told.iter().filter(|told| told.at >= late_begin()).count();
    assert!(late.told.len() == expected && expected > 0);
}

fn late_begin() -> NaiveDateTime {
    "2026-06-16T00:00:00".parse().unwrap()
}

#[tokio::test]
async fn the_data_stays_as_it_is() {
    let mut city = City::running().await;
    let settings = settings(&city.data().join(".."));
    city.tick("2026-06-15T00:00:00").await;
    city.store.close().await;
    let before = bytes_of(&city.data());
    let store = SqliteStore::open(&city.data()).await.unwrap();
    // A killed run left its folder.
    fs::create_dir(city.data().join(FOLDER)).unwrap();
    let june = days("2026-06-10T00:00:00", "2026-07-03T00:00:00");
    simulate(&store, &settings, june).await.unwrap();
    store.close().await;
    let after = bytes_of(&city.data());
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (path, bytes) in before {
        assert!(after[&path] == bytes, "{} changed", path.display());
    }
}
