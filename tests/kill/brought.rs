//! A plugin that is polled through the whole test: its messages are numbered through, and each brings
//! a return as a file, so that what was lost or taken twice shows.

use std::collections::BTreeMap;

use xibu_daemon::arrival::sealed;
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
        let plugin: toml::Table = "library = 'plugins/libnumbered.so'\n\
             [settings]\n\
             from = '15400000001'\n"
            .parse()
            .unwrap();
        let plugins = whole["plugin"].as_table_mut().unwrap();
        plugins.insert(PLUGIN.into(), toml::Value::Table(plugin));
    });
    office.run(&["plugin", "approve", PLUGIN]).done();
}

/// Items and cursor moved together: every number up to the cursor is there, each once. How many.
#[track_caller]
pub(super) fn assert_each_kept_once(office: &Office) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = SqliteStore::open(&office.path().join("data")).await.unwrap();
        let cursor = store.cursor(PLUGIN, "poll").await.unwrap().unwrap();
        let cursor: u64 = cursor.parse().unwrap();
        let mut times: BTreeMap<u64, u32> = BTreeMap::new();
        for arrival in store.arrivals(&ArrivalFilter::default()).await.unwrap() {
            let opened = store.open_document(arrival.document.unwrap()).await.unwrap();
            let (arrived, _) = sealed::from_bytes(&opened.bytes).unwrap();
            *times.entry(arrived.id.parse().unwrap()).or_default() += 1;
        }
        let expected: BTreeMap<u64, u32> = (1..=cursor).map(|number| (number, 1)).collect();
        assert_eq!(times, expected, "lost or taken twice");
        assert!(cursor > 0);
        cursor
    })
}
