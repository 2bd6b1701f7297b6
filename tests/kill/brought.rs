//! A plugin that is polled through the whole test: its messages are numbered through, and each
//! brings a return as a file, so that what was lost or taken twice shows.

use std::collections::BTreeMap;

use xibu_daemon::arrival::{TakenAs, sealed};
use xibu_daemon::intake::FileOutcome;
use xibu_daemon::record::Record;
use xibu_daemon::store::{ArrivalFilter, SqliteStore, Store};

use crate::harness::build::library;
use crate::harness::office::Office;

/// Its name in the configuration.
const PLUGIN: &str = "numbered";

/// Puts it into the office's configuration and approves it.
pub(super) fn connect(office: &Office) {
    std::fs::copy(library("xibu-broken-plugin"), office.path().join("plugins/libnumbered.so"))
        .unwrap();
    office.change(|whole| {
        let file = "单位名称,报告月份,安全健康事故,患病情况,填报人\n\
                    试验第1区第1中学,2026年6月,无,无,第{id}人\n";
        let mut settings = toml::Table::new();
        settings.insert("from".into(), "contact-c1u1@unit.test".into());
        settings.insert("file".into(), file.into());
        let mut plugin = toml::Table::new();
        plugin.insert("library".into(), "plugins/libnumbered.so".into());
        plugin.insert("settings".into(), settings.into());
        let plugins = whole["plugin"].as_table_mut().unwrap();
        plugins.insert(PLUGIN.into(), toml::Value::Table(plugin));
    });
    office.run(&["plugin", "approve", PLUGIN]).done();
}

/// Items and cursor moved together: every number up to the cursor is there, each once, and so is
/// the return that came with it. How many.
#[track_caller]
pub(super) fn assert_each_kept_once(office: &Office) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = SqliteStore::open(&office.path().join("data")).await.unwrap();
        let cursor = store.cursor(PLUGIN, "poll").await.unwrap().unwrap();
        let cursor: u64 = cursor.parse().unwrap();
        let mut times: BTreeMap<u64, u32> = BTreeMap::new();
        let record = Record::load(&store).await.unwrap();
        let (_, came) = record.world().returns().next().unwrap();
        let documents = came.versions.iter().filter_map(|version| version.document);
        let mut documents: Vec<u64> = documents.collect();
        documents.sort_unstable();
        let mut kept: Vec<u64> = Vec::new();
        for arrival in store.arrivals(&ArrivalFilter::default()).await.unwrap() {
            let opened = store.open_document(arrival.document.unwrap()).await.unwrap();
            let (arrived, _) = sealed::from_bytes(&opened.bytes).unwrap();
            *times.entry(arrived.id.parse().unwrap()).or_default() += 1;
            assert_eq!((arrival.taken_as, arrival.held), (TakenAs::Files, None), "{arrival:?}");
            let files = store.arrival_files(arrival.id).await.unwrap();
            assert_eq!(files.len(), 1, "{files:?}");
            assert_eq!(files[0].outcome, FileOutcome::Taken, "{files:?}");
            kept.extend(files[0].document);
        }
        let expected: BTreeMap<u64, u32> = (1..=cursor).map(|number| (number, 1)).collect();
        assert_eq!(times, expected, "lost or taken twice");
        kept.sort_unstable();
        assert_eq!(kept, documents, "a return lost or told twice");
        assert!(cursor > 0);
        cursor
    })
}
