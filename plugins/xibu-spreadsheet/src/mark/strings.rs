//! The table of shared strings: which ids are to be masked stand in it, and which no other cell
//! needs.

use std::collections::HashMap;
use std::io::{BufRead, Write};

use quick_xml::events::Event;
use quick_xml::{Reader, Writer};

use super::edit::{self, damaged, ends, is};
use super::mask;
use crate::read::{Stop, push_reference};

/// More strings than this no workbook within the limits has.
const STRINGS_MAX: usize = 5_000_000;

const MASKED: u8 = 1;
const KEPT: u8 = 2;

/// What is known of the strings.
#[derive(Default)]
pub(super) struct Strings {
    /// By number: whether a masked cell shows it, whether any other does.
    used: Vec<u8>,
    /// The masked ones, masked.
    masked: HashMap<u32, String>,
}

impl Strings {
    /// A cell shows the string of this number.
    pub(super) fn shown(&mut self, number: u32, masked: bool) -> Result<(), Stop> {
        let at = number as usize;
        if at > STRINGS_MAX {
            return Err(Stop::damaged("a cell shows a string that is not there"));
        }
        if self.used.len() <= at {
            self.used.resize(at + 1, 0);
        }
        self.used[at] |= if masked { MASKED } else { KEPT };
        Ok(())
    }

    pub(super) fn any_masked(&self) -> bool {
        self.used.iter().any(|used| used & MASKED != 0)
    }

    fn is(&self, number: u32, wanted: impl Fn(u8) -> bool) -> bool {
        self.used.get(number as usize).is_some_and(|used| wanted(*used))
    }

    /// Reads those that are to be masked.
    pub(super) fn read(&mut self, part: impl BufRead) -> Result<(), Stop> {
        self.read_as(part, mask::masked)
    }

    fn read_as(&mut self, part: impl BufRead, kept: impl Fn(&str) -> String) -> Result<(), Stop> {
        let mut reader = Reader::from_reader(part);
        let mut buffer = Vec::new();
        let (mut number, mut text) = (0_u32, String::new());
        let (mut wanted, mut in_text, mut aside) = (false, false, false);
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer).map_err(damaged)? {
                Event::Start(element) if is(&element, "si") => {
                    wanted = self.is(number, |used| used & MASKED != 0);
                    text.clear();
                }
                Event::Empty(element) if is(&element, "si") => number += 1,
                Event::Start(element) if is(&element, "rPh") => aside = true,
                Event::End(element) if ends(&element, "rPh") => aside = false,
                Event::Start(element) if is(&element, "t") => in_text = !aside,
                Event::End(element) if ends(&element, "t") => in_text = false,
                Event::Text(typed) if wanted && in_text => text.push_str(&typed.xml10_content()),
                Event::CData(typed) if wanted && in_text => text.push_str(&typed.xml10_content()),
                Event::GeneralRef(reference) if wanted && in_text => {
                    push_reference(&mut text, &reference)?;
                }
                Event::End(element) if ends(&element, "si") => {
                    if wanted {
                        self.masked.insert(number, kept(&text));
                    }
                    (number, wanted) = (number + 1, false);
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    /// A string that is to be masked, masked.
    pub(super) fn masked(&self, number: u32) -> Option<&str> {
        self.masked.get(&number).map(String::as_str)
    }

    /// Copies the table; what only masked cells showed is blank in the copy.
    pub(super) fn copy<W: Write>(&self, part: impl BufRead, out: W) -> Result<(), Stop> {
        let mut reader = Reader::from_reader(part);
        let mut out = Writer::new(out);
        let mut buffer = Vec::new();
        let mut number = 0_u32;
        let mut blanked = false;
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer).map_err(damaged)? {
                Event::Eof => return Ok(()),
                Event::Start(element) if is(&element, "si") => {
                    blanked = self.is(number, |used| used == MASKED);
                    let prefix = edit::prefix(&element);
                    edit::put(&mut out, Event::Start(element))?;
                    if blanked {
                        edit::raw(&mut out, format!("<{prefix}t></{prefix}t>"))?;
                    }
                }
                Event::End(element) if ends(&element, "si") => {
                    (number, blanked) = (number + 1, false);
                    edit::put(&mut out, Event::End(element))?;
                }
                _ if blanked => {}
                event => {
                    if let Event::Empty(element) = &event
                        && is(element, "si")
                    {
                        number += 1;
                    }
                    edit::put(&mut out, event)?;
                }
            }
        }
    }
}

/// One string of the table; empty where it is not there or not plain.
pub(super) fn one(part: impl BufRead, number: u32) -> Result<String, Stop> {
    let mut strings = Strings::default();
    strings.shown(number, true)?;
    strings.read_as(part, |text| text.chars().take(200).collect())?;
    Ok(strings.masked.remove(&number).unwrap_or_default())
}
