//! 短信. Only its name so far.

use xibu_plugin_sdk::message::{Capability, Descriptor};
use xibu_plugin_sdk::{NotDone, Plugin, Settings};

xibu_plugin_sdk::export!(Sms);

struct Sms;

impl Plugin for Sms {
    fn describe() -> Descriptor {
        Descriptor {
            id: "xibu-sms".into(),
            title: "短信".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            capabilities: vec![Capability::Notify],
            settings_schema: serde_json::json!({"type": "object", "properties": {}}),
        }
    }

    fn configure(_: Settings) -> Result<Self, NotDone> {
        Ok(Self)
    }
}
