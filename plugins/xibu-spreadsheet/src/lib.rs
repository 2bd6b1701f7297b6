//! Workbooks in and out, as a xibu plugin library: .xlsx, .xls, .ods, tables of .docx and of HTML,
//! .csv to neutral cells, a .zip to the files inside; sheets to .xlsx and .docx; a workbook back
//! with cells marked.
//!
//! What it is not: it gives no meaning to a cell; headings, ids and dates are understood in the
//! core. It reads no .wps, no .pdf, no photo, nothing behind a password: of those it says what they
//! are, and a person looks at them.

mod mark;
mod read;
mod write;

use xibu_plugin_sdk::message::{Capability, Descriptor, Workbook, WorkbookFormat};
use xibu_plugin_sdk::{Marking, Moment, NotDone, Plugin, Settings, Sink, export};

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
            title: "读写表格文件（xlsx、xls、ods、docx、csv、zip）".to_owned(),
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
        format: WorkbookFormat,
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        let bytes = match format {
            WorkbookFormat::Xlsx => write::write(&workbook)?,
            WorkbookFormat::Docx => write::docx::write(&workbook)?,
            WorkbookFormat::Unknown => return Err(NotDone::Unsupported),
        };
        sink.emit(&xibu_plugin_sdk::message::Item::Written, &[&bytes])
    }

    fn mark_workbook(
        &mut self,
        _: Moment,
        bytes: &[u8],
        marking: Marking,
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        mark::mark(bytes, marking, sink)
    }
}

export!(Spreadsheet);

#[cfg(test)]
mod tests;
