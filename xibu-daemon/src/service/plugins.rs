//! The plugins an office set, ready to be carried. None is started before it is needed.

use std::path::PathBuf;
use std::sync::Arc;

use super::ServiceError;
use crate::carrier::{Carrier, Host, PluginSettings};
use crate::delivery::Route;
use crate::settings::Settings;
use crate::store::{SqliteStore, ValueKind};

/// The id under which the settings name the workbook plugin.
const WORKBOOK_PLUGIN: &str = "spreadsheet";

/// Which plugins, and for what.
#[derive(Debug)]
pub(super) struct Plugins {
    channels: Vec<(ValueKind, PluginSettings)>,
    workbook: PluginSettings,
    private: PathBuf,
}

impl Plugins {
    /// As the settings say.
    pub(super) fn of(settings: &Settings) -> Result<Self, ServiceError> {
        let described = |id: &str| {
            let plugin = settings.plugin(id);
            let plugin = plugin.ok_or_else(|| ServiceError::NoSuchPlugin(id.to_owned()))?;
            Ok::<_, ServiceError>(PluginSettings::from(plugin))
        };
        let mut channels = Vec::new();
        for (channel, plugin) in settings.channels() {
            let kind = match channel.as_str() {
                "mail" => ValueKind::Mail,
                "phone" => ValueKind::Phone,
                other => return Err(ServiceError::NoSuchChannel(other.to_owned())),
            };
            channels.push((kind, described(plugin)?));
        }
        let workbook = described(WORKBOOK_PLUGIN)?;
        Ok(Self { channels, workbook, private: settings.data().join("plugins") })
    }

    /// Carriers for the channels and for workbooks that may run what is `approved`, and keep their
    /// plugins' state in `store`.
    pub(super) fn carriers(
        &self,
        approved: &[String],
        store: &SqliteStore,
    ) -> (Vec<Route<Carrier>>, Carrier) {
        let keeper = Arc::new(store.clone());
        let host = Host::new(self.private.clone(), self.private.clone(), approved.to_vec());
        let carrier = |settings: &PluginSettings| {
            Carrier::new(settings.clone(), host.clone()).keeping_state(keeper.clone())
        };
        let routes = self.channels.iter();
        let routes =
            routes.map(|(kind, settings)| Route { kind: *kind, channel: carrier(settings) });
        (routes.collect(), carrier(&self.workbook))
    }
}
