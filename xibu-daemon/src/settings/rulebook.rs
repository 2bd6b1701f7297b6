//! What an office adds to the calendar and the parameters: years from files, values from
//! `[[parameter]]`.
//!
//! Only reading; which values are possible is the core's to say.

use chrono::NaiveDate;
use config::{Config, File, FileFormat, Map, Value};
use xibu_core::calendar::YearTable;
use xibu_core::office::OfficeId;
use xibu_core::parameter::{Parameter, Rulebook, Setting};
use xibu_core::source::Source;
use xibu_core::validity::Validity;

use super::read::{Reader, json};

/// The built-in rulebook with everything the office set.
pub(super) fn read(reader: &mut Reader<'_>) -> Rulebook {
    let mut rulebook = Rulebook { forms: super::form::read(reader), ..Rulebook::default() };
    for path in reader.texts("office.calendar_years").unwrap_or_default() {
        let file = reader.beside_file(&path);
        let table = Config::builder()
            .add_source(File::from(file).format(FileFormat::Toml))
            .build()
            .and_then(Config::try_deserialize::<YearTable>)
            .map_err(|error| super::read::without_excerpt(&error.to_string()));
        let calendar = rulebook.calendar.clone();
        match table.and_then(|table| calendar.with_year(table).map_err(|error| error.to_string())) {
            Ok(calendar) => rulebook.calendar = calendar,
            Err(error) => reader.complain(
                "office.calendar_years",
                &format!("年份表 {path} 用不了：{error}"),
                &format!("the year table {path} cannot be used: {error}"),
            ),
        }
    }
    let entries = match reader.config.get::<Vec<Map<String, Value>>>("parameter") {
        Ok(entries) => entries,
        Err(config::ConfigError::NotFound(_)) => return rulebook,
        Err(error) => {
            reader.complain_of(&error);
            return rulebook;
        }
    };
    for (index, entry) in entries.into_iter().enumerate() {
        let key = format!("parameter[{index}]");
        let parameters = rulebook.parameters.clone();
        let added = setting(entry)
            .and_then(|setting| parameters.with(setting).map_err(|error| error.to_string()));
        match added {
            Ok(parameters) => rulebook.parameters = parameters,
            Err(error) => reader.complain(&key, &error, &error),
        }
    }
    rulebook
}

/// One `[[parameter]]` table as the core's setting.
fn setting(mut entry: Map<String, Value>) -> Result<Setting, String> {
    let value = entry.remove("value").ok_or("`value` is missing")?;
    let value = serde_json::from_value(json(value.kind)).map_err(|_| {
        "`value` must be true, false, a number, a list of numbers or a time such as \"08:30\""
            .to_owned()
    })?;
    let mut text = |name: &str| match entry.remove(name) {
        Some(found) => found.into_string().map(Some).map_err(|error| format!("`{name}`: {error}")),
        None => Ok(None),
    };
    let parameter: Parameter = text("name")?
        .ok_or("`name` is missing")?
        .parse()
        .map_err(|error: xibu_core::Error| error.to_string())?;
    let office: Option<OfficeId> = text("office")?
        .map(|office| office.parse())
        .transpose()
        .map_err(|error: xibu_core::Error| format!("`office`: {error}"))?;
    let from = day("from", text("from")?)?.ok_or("`from` is missing: the first day it holds")?;
    let until = day("until", text("until")?)?;
    let source = match (text("document")?, text("set_by")?) {
        (Some(document), None) => Source::Clause {
            document,
            clause: text("clause")?.ok_or("`clause` is missing: which part of the document")?,
            text: text("text")?.ok_or("`text` is missing: the document's words")?,
        },
        (None, Some(set_by)) => Source::Policy {
            set_by,
            reason: text("reason")?.ok_or("`reason` is missing: why this value")?,
        },
        _ => return Err("name either `document` (a 文号) or `set_by` (an office)".to_owned()),
    };
    Ok(Setting { parameter, office, validity: Validity { from, until }, value, source })
}

fn day(name: &str, text: Option<String>) -> Result<Option<NaiveDate>, String> {
    text.map(|text| {
        text.parse()
            .map_err(|_| format!("`{name}`: expected a day such as 2026-01-01, found `{text}`"))
    })
    .transpose()
}
