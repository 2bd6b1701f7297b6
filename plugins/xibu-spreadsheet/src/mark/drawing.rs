//! The boxes in which programs show notes: the part in VML that goes with them.
//!
//! It need not be well-formed where an old program wrote it, so nothing of it is parsed: new boxes
//! are put in front of its end.

use std::collections::BTreeMap;

use super::sheet::Cell;
use crate::read::Stop;

/// A drawing without boxes.
pub(super) const NO_BOXES: &str = r#"<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout></xml>"#;

const BOX_TYPE: &str = r#"<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>"#;

/// Characters on a line of a box.
const LINE: usize = 22;

/// The part with a box for each of these cells.
pub(super) fn with_boxes(
    part: Vec<u8>,
    cells: &[Cell],
    notes: &BTreeMap<Cell, String>,
) -> Result<Vec<u8>, Stop> {
    let text =
        String::from_utf8(part).map_err(|_| Stop::damaged("a drawing of notes that is no text"))?;
    let Some(end) = text.rfind("</xml>") else {
        return Err(Stop::damaged("a drawing of notes that does not end"));
    };
    let names = if text.contains("xmlns:v=") && text.contains("xmlns:x=") { "" } else { NAMES };
    let mut boxes = String::new();
    if !text.contains("id=\"_x0000_t202\"") {
        boxes.push_str(BOX_TYPE);
    }
    let mut number = last_number(&text);
    for place in cells {
        number = number.saturating_add(1);
        let words = notes.get(place).map_or("", String::as_str);
        boxes.push_str(&one(number, *place, words, names));
    }
    Ok([&text[..end], &boxes, &text[end..]].concat().into_bytes())
}

const NAMES: &str = r#" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel""#;

/// The part without the boxes of these cells.
pub(super) fn without_boxes(part: &[u8], cells: &[Cell]) -> Vec<u8> {
    let mut text = String::from_utf8_lossy(part).into_owned();
    let mut from = 0;
    while let Some(begin) = text[from..].find("<v:shape ").map(|at| from + at) {
        let Some(end) = text[begin..].find("</v:shape>").map(|at| begin + at + 10) else { break };
        let one = &text[begin..end];
        let number = |name: &str| {
            let (_, rest) = one.split_once(&format!("<x:{name}>"))?;
            rest.split_once('<')?.0.trim().parse::<u32>().ok()
        };
        let place = number("Row").zip(number("Column"));
        if place.is_some_and(|place| cells.contains(&place)) {
            text.replace_range(begin..end, "");
            from = begin;
        } else {
            from = end;
        }
    }
    text.into_bytes()
}

/// The largest number of a box so far.
fn last_number(text: &str) -> u32 {
    let numbers = text.match_indices("_x0000_s").map(|(at, word)| {
        let digits = text[at + word.len()..].bytes().take_while(u8::is_ascii_digit).take(8);
        digits.fold(0_u32, |number, digit| number * 10 + u32::from(digit - b'0'))
    });
    numbers.max().unwrap_or(0).max(1_024)
}

fn one(number: u32, (row, column): Cell, words: &str, names: &str) -> String {
    let lines: usize = words.lines().map(|line| line.chars().count() / LINE + 1).sum();
    let rows = u32::try_from(lines.clamp(3, 20)).unwrap_or(20);
    let (top, bottom) = (row.saturating_sub(1), row.saturating_add(rows));
    let (left, right) = (column.saturating_add(1), column.saturating_add(4));
    format!(
        "<v:shape{names} id=\"_x0000_s{number}\" type=\"#_x0000_t202\" style='position:absolute;\
         margin-left:60pt;margin-top:2pt;width:190pt;height:{}pt;z-index:1;visibility:hidden' \
         fillcolor=\"#ffffe1\" o:insetmode=\"auto\"><v:fill color2=\"#ffffe1\"/>\
         <v:shadow on=\"t\" color=\"black\" obscured=\"t\"/><v:path o:connecttype=\"none\"/>\
         <v:textbox style='mso-direction-alt:auto'><div style='text-align:left'></div></v:textbox>\
         <x:ClientData ObjectType=\"Note\"><x:MoveWithCells/><x:SizeWithCells/>\
         <x:Anchor>{left}, 15, {top}, 2, {right}, 15, {bottom}, 2</x:Anchor>\
         <x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column>\
         </x:ClientData></v:shape>",
        rows * 15
    )
}
