//! 招聘信息源. Only its name so far.

use xibu_plugin_sdk::message::{Capability, Descriptor};
use xibu_plugin_sdk::{NotDone, Plugin, Settings};

xibu_plugin_sdk::export!(JobFeed);

struct JobFeed;

impl Plugin for JobFeed {
    fn describe() -> Descriptor {
        Descriptor {
            id: "xibu-jobfeed".into(),
            title: "招聘信息源".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            capabilities: vec![Capability::Feed],
            settings_schema: serde_json::json!({"type": "object", "properties": {}}),
        }
    }

    fn configure(_: Settings) -> Result<Self, NotDone> {
        Ok(Self)
    }
}
