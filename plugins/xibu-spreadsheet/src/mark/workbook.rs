//! The workbook's own part: which sheets there are, and one more in front.

use quick_xml::events::Event;

use super::edit::{self, escaped};
use crate::read::{Stop, attribute};

/// A tab.
pub(super) struct Tab {
    pub(super) name: String,
    /// The id of its relation.
    pub(super) relation: String,
}

/// What the part says of tabs.
pub(super) struct Tabs {
    pub(super) list: Vec<Tab>,
    last_number: u32,
    /// How the part writes `r:id`.
    key: String,
}

pub(super) fn tabs(part: &[u8]) -> Result<Tabs, Stop> {
    let mut tabs = Tabs { list: Vec::new(), last_number: 0, key: "r:id".to_owned() };
    edit::each(part, |event| {
        let (Event::Start(element) | Event::Empty(element)) = event else { return Ok(()) };
        if !edit::is(&element, "sheet") {
            return Ok(());
        }
        let mut tab = Tab { name: String::new(), relation: String::new() };
        tab.name = attribute(&element, "name")?.unwrap_or_default();
        let number = attribute(&element, "sheetId")?.and_then(|number| number.parse().ok());
        tabs.last_number = tabs.last_number.max(number.unwrap_or(0));
        for found in element.attributes() {
            let found = found.map_err(edit::damaged)?;
            if found.key.local_name().as_ref() == "id" {
                tabs.key = found.key.as_ref().to_owned();
                tab.relation = found.value.into_owned();
            }
        }
        tabs.list.push(tab);
        Ok(())
    })?;
    Ok(tabs)
}

impl Tabs {
    /// A name that no tab has, as near to `wanted` as can be.
    pub(super) fn free_name(&self, wanted: &str) -> String {
        let fits = |c: &char| !"[]:*?/\\".contains(*c);
        let wanted: String = wanted.chars().filter(fits).take(26).collect();
        let is_taken =
            |name: &str| self.list.iter().any(|tab| tab.name.to_lowercase() == name.to_lowercase());
        let mut name = wanted.clone();
        let mut number = 2_u32;
        while is_taken(&name) || name.is_empty() {
            name = format!("{wanted}({number})");
            number += 1;
        }
        name
    }

    /// The part with one more tab in front, on which it opens. Names that belong to a sheet count
    /// sheets, so each moves on by one. `family` is the namespace of relations.
    pub(super) fn with_front(
        &self,
        part: &[u8],
        name: &str,
        relation: &str,
        family: &str,
    ) -> Result<Vec<u8>, Stop> {
        // Some programs say what the key's prefix means on each tab, so this one says it, too.
        let meaning = match self.key.split_once(':') {
            Some((prefix, _)) => format!(" xmlns:{prefix}=\"{}\"", escaped(family)),
            None => String::new(),
        };
        let number = self.last_number.saturating_add(1);
        let mut put_in = false;
        let part = edit::copy(part, |out, event| match event {
            Event::Start(element) if edit::is(&element, "sheets") && !put_in => {
                put_in = true;
                let prefix = edit::prefix(&element);
                edit::put(out, Event::Start(element))?;
                edit::raw(
                    out,
                    format!(
                        "<{prefix}sheet{meaning} name=\"{}\" sheetId=\"{number}\" {}=\"{relation}\"/>",
                        escaped(name),
                        self.key
                    ),
                )
            }
            Event::Start(element) => edit::put(out, Event::Start(moved_on(element)?)),
            Event::Empty(element) => edit::put(out, Event::Empty(moved_on(element)?)),
            event => edit::put(out, event),
        })?;
        match put_in {
            true => Ok(part),
            false => Err(Stop::damaged("a workbook without sheets")),
        }
    }
}

type Element<'e> = quick_xml::events::BytesStart<'e>;

fn moved_on(element: Element<'_>) -> Result<Element<'_>, Stop> {
    if edit::is(&element, "definedName") {
        let local = attribute(&element, "localSheetId")?;
        let Some(local) = local.and_then(|local| local.parse::<u32>().ok()) else {
            return Ok(element);
        };
        let local = local.saturating_add(1).to_string();
        return edit::with(&element, &[("localSheetId", Some(&local))]);
    }
    if edit::is(&element, "workbookView") {
        return edit::with(&element, &[("activeTab", None), ("firstSheet", None)]);
    }
    Ok(element)
}

/// The part that opens on its first tab.
pub(super) fn opening_in_front(part: &[u8]) -> Result<Vec<u8>, Stop> {
    let on_front = |element: Element<'_>| -> Result<Element<'static>, Stop> {
        match edit::is(&element, "workbookView") {
            true => edit::with(&element, &[("activeTab", None), ("firstSheet", None)]),
            false => Ok(element.into_owned()),
        }
    };
    edit::copy(part, |out, event| match event {
        Event::Start(element) => edit::put(out, Event::Start(on_front(element)?)),
        Event::Empty(element) => edit::put(out, Event::Empty(on_front(element)?)),
        event => edit::put(out, event),
    })
}
