//! The watched folder with the real workbook plugin: a file that is being copied is left until it
//! is whole, one that stays broken is taken as damaged.

#![allow(clippy::unwrap_used)]

#[path = "carrier/library.rs"]
mod library;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use serde_json::json;
use xibu_core::parameter::Rulebook;
use xibu_daemon::carrier::Carrier;
use xibu_daemon::clock::Now;
use xibu_daemon::inbox::Inbox;
use xibu_daemon::record::Record;
use xibu_daemon::store::{SqliteStore, Store};
use xibu_daemon::workbook::written;
use xibu_plugin_abi::message::{CellOut, CellOutValue, SheetOut, Style, Workbook};

/// 2026-06-15T00:30:00Z
const BEGIN_MS: i64 = 1_781_483_400_000;

struct Place {
    folder: PathBuf,
    /// A workbook that is no form.
    whole: Vec<u8>,
    inbox: Inbox,
    store: SqliteStore,
    record: Record,
    now_ms: i64,
    _library: library::Place,
}

impl Place {
    async fn new() -> Self {
        let place = library::place("xibu-spreadsheet");
        let workbook_plugin =
            Carrier::start(place.settings(json!({})), place.host.clone()).await.unwrap();
        let folder = place.folder.path().join("inbox");
        std::fs::create_dir(&folder).unwrap();
        let store = SqliteStore::open(&place.folder.path().join("data")).await.unwrap();
        let whole = workbook(&workbook_plugin).await;
        let inbox = Inbox::new(folder.clone(), workbook_plugin, Rulebook::default());
        let record = Record::default();
        Self { folder, whole, inbox, store, record, now_ms: BEGIN_MS, _library: place }
    }

    /// Written just now.
    fn write(&self, name: &str, bytes: &[u8]) {
        let mut file = std::fs::File::create(self.folder.join(name)).unwrap();
        file.write_all(bytes).unwrap();
        let since = Duration::from_millis(u64::try_from(self.now_ms).unwrap());
        file.set_modified(UNIX_EPOCH + since).unwrap();
    }

    /// One look, so many seconds later; how many files it took in.
    async fn look(&mut self, seconds: i64) -> u32 {
        self.now_ms += seconds * 1_000;
        let now = Now::at_unix(self.now_ms, chrono_tz::Asia::Shanghai);
        self.inbox.look(&self.store, &mut self.record, now).await.unwrap()
    }

    /// Names in a folder of the inbox, without the time in front.
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.join(folder)).into_iter().flatten();
        let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> =
            names.map(|name| name.splitn(3, '-').last().unwrap().to_owned()).collect();
        names.sort();
        names
    }
}

/// A workbook of one sheet that is no form.
async fn workbook(carrier: &Carrier) -> Vec<u8> {
    let cell = CellOut {
        row: 0,
        column: 0,
        value: CellOutValue::Text("x".into()),
        style: Style::Plain,
        note: None,
    };
    let sheet = SheetOut { name: "a".into(), cells: vec![cell], ..SheetOut::default() };
    written(carrier, Workbook { sheets: vec![sheet], ..Workbook::default() }, 0).await.unwrap()
}

fn is_there(folder: &Path, name: &str) -> bool {
    folder.join(name).exists()
}

#[tokio::test]
async fn a_file_that_is_being_copied_is_left_until_it_is_whole() {
    let mut place = Place::new().await;
    let whole = place.whole.clone();
    place.write("a.xlsx", &whole[..whole.len() / 3]);
    // Never in the first look, nor while something is written to it, nor while it breaks off.
    assert_eq!(place.look(5).await, 0);
    assert_eq!(place.look(30).await, 0);
    place.write("a.xlsx", &whole[..whole.len() / 2]);
    assert_eq!(place.look(1).await, 0);
    assert_eq!(place.look(30).await, 0);
    assert_eq!(place.look(30).await, 0);
    place.write("a.xlsx", &whole);
    assert_eq!(place.look(30).await, 0, "it has changed since the look before");
    assert_eq!(place.look(30).await, 1);
    assert_eq!(place.look(30).await, 0);
    assert!(!is_there(&place.folder, "a.xlsx"));
    assert!(place.names("有问题").contains(&"a.xlsx".to_owned()), "{:?}", place.names("有问题"));
    assert!(
        place
            .store
            .document(1)
            .await
            .unwrap()
            .is_some_and(|kept| { kept.size == u64::try_from(whole.len()).unwrap() })
    );
}

#[tokio::test]
async fn what_breaks_off_for_ten_minutes_is_damaged() {
    let mut place = Place::new().await;
    let whole = place.whole.clone();
    place.write("b.xlsx", &whole[..whole.len() / 2]);
    place.write("c.csv", "单位,月份\n".as_bytes());
    assert_eq!(place.look(5).await, 0);
    // The other file is not held up.
    assert_eq!(place.look(30).await, 1);
    for _ in 0..9 {
        assert_eq!(place.look(60).await, 0);
    }
    assert!(is_there(&place.folder, "b.xlsx"));
    assert_eq!(place.look(61).await, 1);
    assert!(!is_there(&place.folder, "b.xlsx"));
    let names = place.names("有问题");
    assert!(names.contains(&"b.xlsx.结果.txt".to_owned()), "{names:?}");
    let beside = std::fs::read_dir(place.folder.join("有问题")).unwrap();
    let mut beside = beside.map(|entry| entry.unwrap().path());
    let text = beside.find(|path| path.to_string_lossy().ends_with("b.xlsx.结果.txt")).unwrap();
    let text = std::fs::read_to_string(text).unwrap();
    assert!(text.contains("文件不完整或已损坏"), "{text}");
}
