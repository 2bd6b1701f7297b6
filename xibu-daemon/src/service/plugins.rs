//! The plugins an office set, ready to be carried: one carrier each. None is started before it is
//! needed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::ServiceError;
use crate::carrier::{Carrier, Host, PluginSettings};
use crate::delivery::{ChannelLimits, Route};
use crate::settings::Settings;
use crate::store::ValueKind;

/// The id under which the settings name the workbook plugin.
const WORKBOOK_PLUGIN: &str = "spreadsheet";

/// Which plugins, and for what.
#[derive(Debug)]
pub(super) struct Plugins {
    known: Vec<PluginSettings>,
    /// The preferred first.
    channels: Vec<(ValueKind, String, ChannelLimits)>,
    private: PathBuf,
}

/// Everything that is carried, under one set of approvals.
pub(super) struct Carried {
    pub(super) by_name: BTreeMap<String, Carrier>,
    pub(super) routes: Vec<Route<Carrier>>,
    pub(super) workbook: Carrier,
}

impl Plugins {
    /// As the settings say.
    pub(super) fn of(settings: &Settings) -> Result<Self, ServiceError> {
        let known: Vec<PluginSettings> = settings
            .plugins()
            .iter()
            .map(|plugin| PluginSettings {
                id: plugin.id().to_owned(),
                library: Some(plugin.library().to_owned()),
                settings: plugin.table_with_secrets(),
                memory_max_bytes: plugin.memory_max_bytes(),
            })
            .collect();
        let mut channels = Vec::new();
        for (channel, plugins) in settings.channels() {
            let kind = match channel.as_str() {
                "mail" => ValueKind::Mail,
                "phone" => ValueKind::Phone,
                other => return Err(ServiceError::NoSuchChannel(other.to_owned())),
            };
            let limits = settings.channel_limits(channel);
            channels.extend(plugins.iter().map(|plugin| (kind, plugin.clone(), limits)));
        }
        let needed = channels.iter().map(|(_, plugin, _)| plugin.as_str()).chain([WORKBOOK_PLUGIN]);
        for plugin in needed {
            if !known.iter().any(|known| known.id == plugin) {
                return Err(ServiceError::NoSuchPlugin(plugin.to_owned()));
            }
        }
        Ok(Self { known, channels, private: settings.data().join("plugins") })
    }

    /// Names of the plugins that may be polled: all but the one for workbooks.
    pub(super) fn polled(&self) -> Vec<String> {
        let names = self.known.iter().map(|plugin| plugin.id.clone());
        names.filter(|name| name != WORKBOOK_PLUGIN).collect()
    }

    /// Which value of a person each channel's plugin reaches.
    pub(super) fn reaches(&self) -> BTreeMap<String, ValueKind> {
        self.channels.iter().map(|(kind, plugin, _)| (plugin.clone(), *kind)).collect()
    }

    /// Carriers that may load what is `approved`.
    pub(super) fn carried(&self, approved: &[String]) -> Result<Carried, ServiceError> {
        let host = Host::new(self.private.clone(), self.private.clone(), approved.to_vec());
        let carrier = |settings: &PluginSettings| Carrier::new(settings.clone(), host.clone());
        let by_name: BTreeMap<String, Carrier> =
            self.known.iter().map(|settings| (settings.id.clone(), carrier(settings))).collect();
        let named = |name: &str| {
            let carrier = by_name.get(name).cloned();
            carrier.ok_or_else(|| ServiceError::NoSuchPlugin(name.to_owned()))
        };
        let mut routes = Vec::with_capacity(self.channels.len());
        for (kind, plugin, limits) in &self.channels {
            routes.push(Route { kind: *kind, channel: named(plugin)?, limits: *limits });
        }
        let workbook = named(WORKBOOK_PLUGIN)?;
        Ok(Carried { by_name, routes, workbook })
    }
}
