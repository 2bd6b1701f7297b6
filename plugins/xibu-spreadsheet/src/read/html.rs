//! Tables of an HTML page: what many office systems export under the name .xls.
//!
//! What it is not: it understands no style and no script; it needs only rows, cells and how far
//! they reach. Tables within a cell are text of that cell.

use std::borrow::Cow;

use encoding_rs::Encoding;

use super::xml::{self, LAST};
use super::{Out, Stop, csv};

/// The most tables.
const TABLES_MAX: u32 = 256;
/// The longest tag looked at, in bytes.
const TAG_BYTES_MAX: usize = 16 << 10;

pub(super) fn read(bytes: &[u8], out: &mut Out<'_, '_>) -> Result<(), Stop> {
    let text = csv::decode_text(bytes, said_encoding(bytes))?;
    let mut page = Page { out, tables: 0, depth: 0, table: Table::default() };
    page.whole(&text)?;
    match page.tables {
        0 => Err(Stop::format("markup without a table")),
        _ => Ok(()),
    }
}

/// What the page says of its own encoding.
fn said_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..2_048).unwrap_or(bytes).to_ascii_lowercase();
    let at = memchr::memmem::find(&head, b"charset=")? + 8;
    let label = head.get(at..)?.iter().copied().filter(|byte| !matches!(byte, b'"' | b'\''));
    let label: Vec<u8> =
        label.take_while(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte)).collect();
    Encoding::for_label(&label)
}

struct Page<'o, 's, 'h> {
    out: &'o mut Out<'s, 'h>,
    tables: u32,
    depth: u32,
    table: Table,
}

#[derive(Default)]
struct Table {
    row: u32,
    column: u32,
    row_open: bool,
    cell: Option<Cell>,
    /// By column: the first row that no cell from above reaches into.
    free_from: Vec<u32>,
    merges: Vec<[u32; 4]>,
}

struct Cell {
    columns: u32,
    rows: u32,
    text: String,
}

impl Page<'_, '_, '_> {
    fn whole(&mut self, text: &str) -> Result<(), Stop> {
        let mut rest = text;
        while let Some(at) = rest.find('<') {
            self.words(&rest[..at])?;
            rest = &rest[at..];
            if let Some(comment) = rest.strip_prefix("<!--") {
                rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
                continue;
            }
            let Some(end) = rest.find('>') else { break };
            let tag = &rest[1..end];
            rest = &rest[end + 1..];
            if tag.len() > TAG_BYTES_MAX {
                return Err(Stop::too_large("a tag longer than any"));
            }
            let name = name_of(tag);
            if matches!(name.as_str(), "script" | "style" | "title") {
                let close = format!("</{name}");
                rest = find_ignoring_case(rest, &close).map_or("", |end| &rest[end..]);
                continue;
            }
            self.tag(&name, tag)?;
        }
        self.end_table()
    }

    fn words(&mut self, raw: &str) -> Result<(), Stop> {
        if let Some(cell) = &mut self.table.cell {
            // Line ends in the source are spaces on the page.
            let shown = unescape(raw);
            for word in shown.split(['\n', '\r', '\t']) {
                let joined = !cell.text.is_empty() && !cell.text.ends_with(['\n', ' ']);
                let word = word.trim_matches(' ');
                if joined && !word.is_empty() && raw.starts_with(char::is_whitespace) {
                    cell.text.push(' ');
                }
                cell.text.push_str(word);
            }
            xml::fits(&cell.text)?;
        }
        Ok(())
    }

    fn tag(&mut self, name: &str, tag: &str) -> Result<(), Stop> {
        match name {
            "table" => {
                self.depth += 1;
                if self.depth == 1 {
                    self.begin_table()?;
                }
            }
            "/table" => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.end_table()?;
                }
            }
            "br" | "br/" | "/p" | "/div" => {
                if let Some(cell) = &mut self.table.cell {
                    cell.text.push('\n');
                }
            }
            _ if self.depth != 1 => {}
            "tr" => {
                self.end_row()?;
                self.table.row_open = true;
            }
            "/tr" => self.end_row()?,
            "td" | "th" => {
                self.end_cell()?;
                self.table.row_open = true;
                let reach = |name| attribute(tag, name).unwrap_or(1);
                self.table.cell = Some(Cell {
                    columns: reach("colspan").min(LAST.1 + 1),
                    rows: reach("rowspan").min(LAST.0 + 1),
                    text: String::new(),
                });
            }
            "/td" | "/th" => self.end_cell()?,
            _ => {}
        }
        Ok(())
    }

    fn begin_table(&mut self) -> Result<(), Stop> {
        self.tables += 1;
        if self.tables > TABLES_MAX {
            return Err(Stop::too_large(format_args!("more than {TABLES_MAX} tables")));
        }
        self.table = Table::default();
        self.out.begin(&format!("表{}", self.tables), false)
    }

    fn end_cell(&mut self) -> Result<(), Stop> {
        let table = &mut self.table;
        let Some(cell) = table.cell.take() else { return Ok(()) };
        let taken = |column: u32| table.free_from.get(column as usize).copied().unwrap_or(0);
        while taken(table.column) > table.row {
            table.column += 1;
        }
        let (row, column) = (table.row, table.column);
        let (last_row, last_column) =
            (row.saturating_add(cell.rows - 1), column.saturating_add(cell.columns - 1));
        xml::on_a_sheet(row, last_column)?;
        self.out.text(row, column, cell.text.trim())?;
        if cell.rows > 1 || cell.columns > 1 {
            table.merges.push([row, column, last_row.min(LAST.0), last_column]);
        }
        if cell.rows > 1 {
            let until = last_column as usize + 1;
            if table.free_from.len() < until {
                table.free_from.resize(until, 0);
            }
            table.free_from[column as usize..until].fill(last_row.saturating_add(1));
        }
        table.column = last_column + 1;
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), Stop> {
        self.end_cell()?;
        if std::mem::take(&mut self.table.row_open) {
            self.table.row += 1;
            self.table.column = 0;
        }
        Ok(())
    }

    fn end_table(&mut self) -> Result<(), Stop> {
        self.end_row()?;
        self.depth = 0;
        let table = std::mem::take(&mut self.table);
        match self.tables {
            0 => Ok(()),
            // Ended already, unless the page broke off within it.
            _ => self.out.end_open(table.merges),
        }
    }
}

fn name_of(tag: &str) -> String {
    let end = tag.find(|c: char| c.is_whitespace()).unwrap_or(tag.len());
    tag[..end].to_ascii_lowercase()
}

/// A count in an attribute.
fn attribute(tag: &str, name: &str) -> Option<u32> {
    let at = find_ignoring_case(tag, name)? + name.len();
    let value = tag.get(at..)?.trim_start().strip_prefix('=')?.trim_start();
    let digits: String =
        value.trim_start_matches(['"', '\'']).chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|count| *count > 0)
}

fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let first = word.first()?;
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    memchr::memchr2_iter(lower, upper, text).find(|at| {
        text.get(*at..at + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word))
    })
}

fn unescape(raw: &str) -> Cow<'_, str> {
    if !raw.contains('&') {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.as_bytes().iter().take(12).position(|byte| *byte == b';');
        let Some((character, end)) = end.and_then(|end| Some((character(&rest[1..end])?, end)))
        else {
            text.push('&');
            rest = &rest[1..];
            continue;
        };
        text.push(character);
        rest = &rest[end + 1..];
    }
    text.push_str(rest);
    Cow::Owned(text)
}

fn character(name: &str) -> Option<char> {
    match name {
        "nbsp" | "ensp" | "emsp" => Some(' '),
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "middot" => Some('·'),
        name => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}
