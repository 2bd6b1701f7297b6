//! Workbooks in and out, as a xibu plugin library: .xlsx and .csv to neutral cells, sheets to
//! .xlsx.
//!
//! What it is not: it gives no meaning to a cell; headings, ids and dates are understood in the
//! core. It reads no old .xls, no .wps, no photo: those are said to be unreadable, and a person
//! looks at them.

mod read;
mod write;

use xibu_plugin_sdk::message::{Capability, Descriptor, Workbook};
use xibu_plugin_sdk::{Moment, NotDone, Plugin, Settings, Sink, export};

/// There is nothing to set; a key that somebody sets all the same is refused by name.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The plugin. It keeps nothing between calls.
#[derive(Debug)]
pub struct Spreadsheet;

impl Plugin for Spreadsheet {
    fn describe() -> Descriptor {
        Descriptor {
            id: "xibu-spreadsheet".to_owned(),
            title: "读写电子表格（xlsx、csv）".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            capabilities: vec![Capability::Workbook],
            settings_schema: serde_json::json!({
                "type": "object", "properties": {}, "additionalProperties": false,
            }),
        }
    }

    fn configure(settings: Settings) -> Result<Self, NotDone> {
        settings.read::<Nothing>().map(|Nothing {}| Self)
    }

    fn read_workbook(
        &mut self,
        _: Moment,
        file_name: &str,
        bytes: &[u8],
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        read::read(file_name, bytes, sink)
    }

    fn write_workbook(
        &mut self,
        _: Moment,
        workbook: Workbook,
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        let bytes = write::write(&workbook)?;
        sink.emit(&xibu_plugin_sdk::message::Item::Written, &[&bytes])
    }
}

export!(Spreadsheet);

#[cfg(test)]
mod tests;
