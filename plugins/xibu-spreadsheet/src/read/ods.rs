//! .ods token by token. Not through calamine: that lays each sheet out as a dense range, and
//! repeats a cell as often as the file says.

use std::collections::BTreeSet;
use std::io::BufReader;

use quick_xml::events::{BytesStart, Event};
use xibu_plugin_sdk::cells::PackedValue;
use xibu_plugin_sdk::message::Unreadable;

use super::package::{self, Contents, Package};
use super::xml::{self, Tokens, attribute, count, push_reference};
use super::{Out, Stop, xlsx};

/// The most cells that a file may have by repeating others.
const REPEATED_MAX: u64 = 200_000;
/// The most sheets.
const SHEETS_MAX: u32 = 256;

/// What a cell holds.
#[derive(Clone, Debug)]
enum Value {
    Text(String),
    Number(f64),
    Date(f64),
    Boolean(bool),
}

/// A cell of the row being read, at its column, so often to the right.
#[derive(Clone, Debug)]
struct Repeated {
    column: u32,
    times: u32,
    value: Value,
}

/// The sheet being read.
#[derive(Default)]
struct Sheet {
    row: u32,
    row_times: u32,
    column: u32,
    cells: Vec<Repeated>,
    merges: Vec<[u32; 4]>,
}

/// The cell being read: what its attributes say, and the words in it.
#[derive(Default)]
struct Open {
    kind: String,
    value: Option<String>,
    words: String,
    paragraphs: u32,
    times: u32,
    covered: bool,
}

pub(super) fn read(mut package: Package<'_>, out: &mut Out<'_, '_>) -> Result<(), Stop> {
    let counted = package::inspect(&mut package, Contents::Ods)?;
    if counted.encrypted {
        return Err(Stop::Unreadable(Unreadable::Encrypted, "behind a password".to_owned()));
    }
    let part = package.by_name("content.xml").map_err(package::damaged)?;
    let mut reading = Reading { out, hidden: BTreeSet::new(), style: None, sheets: 0, repeated: 0 };
    reading.whole(&mut Tokens::of(BufReader::new(part)))?;
    match reading.sheets {
        0 => Err(Stop::damaged("a workbook without sheets")),
        _ => Ok(()),
    }
}

type Part<'p, 'b> = Tokens<BufReader<zip::read::ZipFile<'p, std::io::Cursor<&'b [u8]>>>>;

struct Reading<'o, 's, 'h> {
    out: &'o mut Out<'s, 'h>,
    /// Styles of tables that are not shown.
    hidden: BTreeSet<String>,
    /// The style being read.
    style: Option<String>,
    sheets: u32,
    repeated: u64,
}

impl Reading<'_, '_, '_> {
    fn whole(&mut self, tokens: &mut Part<'_, '_>) -> Result<(), Stop> {
        loop {
            match tokens.next()? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "style" => self.style = attribute(&element, "name")?,
                    "table-properties" => {
                        let shown = attribute(&element, "display")?;
                        if shown.as_deref() == Some("false") {
                            self.hidden.extend(self.style.take());
                        }
                    }
                    "table" => {
                        self.begin(&element)?;
                        self.sheet(tokens)?;
                    }
                    _ => {}
                },
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn begin(&mut self, element: &BytesStart<'_>) -> Result<(), Stop> {
        self.sheets += 1;
        if self.sheets > SHEETS_MAX {
            return Err(Stop::too_large(format_args!("more than {SHEETS_MAX} sheets")));
        }
        let name = attribute(element, "name")?.unwrap_or_default();
        let style = attribute(element, "style-name")?;
        let hidden = style.is_some_and(|style| self.hidden.contains(&style));
        self.out.begin(&name, hidden)
    }

    /// From behind the beginning of a table to its end.
    fn sheet(&mut self, tokens: &mut Part<'_, '_>) -> Result<(), Stop> {
        let mut sheet = Sheet::default();
        let mut open: Option<Open> = None;
        // Drawings, notes and tables within a cell are no part of the sheet.
        let mut aside = 0_u32;
        loop {
            match tokens.next()? {
                Event::Start(_) if aside > 0 => aside += 1,
                Event::End(_) if aside > 0 => aside -= 1,
                Event::Start(element) => match element.local_name().as_ref() {
                    "table" | "annotation" | "shapes" | "frame" | "forms" => aside = 1,
                    "table-row" => {
                        sheet.row_times = count(&element, "number-rows-repeated")?;
                        sheet.column = 0;
                    }
                    "table-cell" => open = Some(sheet.cell(&element, false)?),
                    "covered-table-cell" => open = Some(sheet.cell(&element, true)?),
                    name => {
                        if let Some(open) = &mut open {
                            open.inside(name, &element)?;
                        }
                    }
                },
                Event::Text(text) if aside == 0 => {
                    if let Some(open) = open.as_mut().filter(|open| open.paragraphs > 0) {
                        open.words.push_str(&text.xml10_content());
                        xml::fits(&open.words)?;
                    }
                }
                Event::GeneralRef(reference) if aside == 0 => {
                    if let Some(open) = &mut open {
                        push_reference(&mut open.words, &reference)?;
                    }
                }
                Event::End(element) => match element.local_name().as_ref() {
                    "table-cell" | "covered-table-cell" => {
                        if let Some(open) = open.take() {
                            sheet.close(open)?;
                        }
                    }
                    "table-row" => self.row(&mut sheet)?,
                    "table" => return xml::end(self.out, sheet.merges),
                    _ => {}
                },
                Event::Eof => return Err(Stop::damaged("the document is broken off")),
                _ => {}
            }
        }
    }

    /// Gives out the row that ends, as often as it is repeated.
    fn row(&mut self, sheet: &mut Sheet) -> Result<(), Stop> {
        let cells: u64 = sheet.cells.iter().map(|cell| u64::from(cell.times)).sum();
        let all = cells.saturating_mul(sheet.row_times.into());
        self.repeated = self.repeated.saturating_add(all - (sheet.cells.len() as u64).min(all));
        if self.repeated > REPEATED_MAX {
            return Err(Stop::too_large(format_args!("more than {REPEATED_MAX} repeated cells")));
        }
        if !sheet.cells.is_empty() {
            xml::on_a_sheet(sheet.row.saturating_add(sheet.row_times - 1), 0)?;
            for row in sheet.row..sheet.row + sheet.row_times {
                for cell in &sheet.cells {
                    for column in cell.column..cell.column + cell.times {
                        give(self.out, row, column, &cell.value)?;
                    }
                }
            }
        }
        sheet.cells.clear();
        sheet.row = sheet.row.saturating_add(sheet.row_times);
        Ok(())
    }
}

fn give(out: &mut Out<'_, '_>, row: u32, column: u32, value: &Value) -> Result<(), Stop> {
    let packed = match value {
        Value::Text(text) => return out.text(row, column, text),
        Value::Number(number) => PackedValue::Number(*number),
        Value::Date(serial) => PackedValue::Date(*serial),
        Value::Boolean(value) => PackedValue::Boolean(*value),
    };
    out.cell(row, column, packed)
}

impl Sheet {
    fn cell(&mut self, element: &BytesStart<'_>, covered: bool) -> Result<Open, Stop> {
        let times = count(element, "number-columns-repeated")?;
        let (rows, columns) =
            (count(element, "number-rows-spanned")?, count(element, "number-columns-spanned")?);
        if !covered && (rows > 1 || columns > 1) {
            let last_row = self.row.saturating_add(rows - 1).min(xml::LAST.0);
            let last_column = self.column.saturating_add(columns - 1).min(xml::LAST.1);
            if self.row <= last_row && self.column <= last_column {
                self.merges.push([self.row, self.column, last_row, last_column]);
            }
        }
        let mut value = None;
        for name in ["value", "date-value", "boolean-value", "string-value"] {
            if value.is_none() {
                value = attribute(element, name)?;
            }
        }
        let kind = attribute(element, "value-type")?.unwrap_or_default();
        Ok(Open { kind, value, times, covered, ..Open::default() })
    }

    fn close(&mut self, open: Open) -> Result<(), Stop> {
        let column = self.column;
        self.column = column.saturating_add(open.times);
        let times = open.times;
        if open.covered {
            return Ok(());
        }
        if let Some(value) = open.into_value() {
            xml::on_a_sheet(self.row, self.column.saturating_sub(1))?;
            self.cells.push(Repeated { column, times, value });
        }
        Ok(())
    }
}

impl Open {
    /// An element within the cell: a paragraph, spaces, a break.
    fn inside(&mut self, name: &str, element: &BytesStart<'_>) -> Result<(), Stop> {
        match name {
            "p" => {
                if self.paragraphs > 0 {
                    self.words.push('\n');
                }
                self.paragraphs += 1;
            }
            "s" => {
                let spaces = count(element, "c")? as usize;
                self.words.extend(std::iter::repeat_n(' ', spaces.min(xml::CELL_BYTES_MAX + 1)));
            }
            "tab" => self.words.push('\t'),
            "line-break" => self.words.push('\n'),
            _ => {}
        }
        xml::fits(&self.words)
    }

    fn into_value(self) -> Option<Value> {
        let number =
            || self.value.as_deref()?.parse().ok().filter(|number: &f64| number.is_finite());
        let read = match self.kind.as_str() {
            "float" | "percentage" | "currency" => number().map(Value::Number),
            "date" => self.value.as_deref().and_then(xlsx::serial).map(Value::Date),
            "boolean" => self.value.as_deref().map(|value| Value::Boolean(value == "true")),
            _ => None,
        };
        let text = || {
            let said = self.value.filter(|_| self.kind == "string" && self.words.is_empty());
            let text = said.unwrap_or(self.words);
            (!text.is_empty()).then_some(Value::Text(text))
        };
        read.or_else(text)
    }
}
