//! Tables of a .docx, one sheet a table. The lines of text above a table are its first rows, since
//! they say whose and of which month it is; those below the last table are its last.
//!
//! What it is not: it reads no text boxes, notes, headers, nor what was struck out.

use std::io::BufReader;

use quick_xml::events::{BytesStart, Event};

use super::package::{self, Contents, Package};
use super::xml::{self, Tokens, attribute, push_reference};
use super::{Out, Stop};

/// The most lines of text kept above a table.
const LINES_MAX: usize = 20;
/// The most tables.
const TABLES_MAX: u32 = 256;
/// The most columns a cell may reach over; the program knows 63.
const SPAN_MAX: u32 = 1_024;

pub(super) fn read(mut package: Package<'_>, out: &mut Out<'_, '_>) -> Result<(), Stop> {
    package::inspect(&mut package, Contents::Docx)?;
    let part = package.by_name("word/document.xml").map_err(package::damaged)?;
    let mut document = Document { out, tables: 0, lines: Vec::new(), open: None };
    document.whole(&mut Tokens::of(BufReader::new(part)))?;
    document.end_sheet()?;
    match document.tables {
        0 => Err(Stop::format("a document without a table")),
        _ => Ok(()),
    }
}

type Part<'p, 'b> = Tokens<BufReader<zip::read::ZipFile<'p, std::io::Cursor<&'b [u8]>>>>;

struct Document<'o, 's, 'h> {
    out: &'o mut Out<'s, 'h>,
    tables: u32,
    /// Lines of text since the last table.
    lines: Vec<String>,
    /// The sheet of the last table, not yet ended: lines may follow.
    open: Option<Table>,
}

/// A table being read.
#[derive(Default)]
struct Table {
    row: u32,
    column: u32,
    /// Of the cell: how many columns, and whether it begins or goes on a merge over rows.
    span: u32,
    down: Down,
    text: String,
    /// Whether a paragraph of this cell ended, so that the next begins a line.
    line_ended: bool,
    /// Merges over rows that may go on in the next row, with the row they were last seen in.
    tall: Vec<[u32; 4]>,
    merges: Vec<[u32; 4]>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Down {
    #[default]
    No,
    Begins,
    GoesOn,
}

/// Elements whose text is no text of the page, or is there twice.
const ASIDE: [&str; 7] =
    ["Fallback", "txbxContent", "instrText", "delText", "drawing", "pict", "rPr"];

impl Document<'_, '_, '_> {
    fn whole(&mut self, tokens: &mut Part<'_, '_>) -> Result<(), Stop> {
        // Tables within a cell are text of that cell.
        let mut depth = 0_u32;
        let mut aside = 0_u32;
        let mut in_text = false;
        let mut line = String::new();
        let mut table = Table::default();
        loop {
            match tokens.next()? {
                Event::Start(_) if aside > 0 => aside += 1,
                Event::End(_) if aside > 0 => aside -= 1,
                Event::Start(element) => match element.local_name().as_ref() {
                    name if ASIDE.contains(&name) => aside = 1,
                    "t" => in_text = true,
                    "tbl" => {
                        depth += 1;
                        if depth == 1 {
                            table = self.begin()?;
                        }
                    }
                    name if depth == 1 => table.begins(name, &element)?,
                    "br" | "cr" if depth == 0 => line.push(' '),
                    _ => {}
                },
                Event::Text(text) if aside == 0 && in_text => {
                    let into = if depth == 0 { &mut line } else { table.words() };
                    into.push_str(&text.xml10_content());
                    xml::fits(into)?;
                }
                Event::GeneralRef(reference) if aside == 0 && in_text => {
                    push_reference(if depth == 0 { &mut line } else { table.words() }, &reference)?;
                }
                Event::End(element) => match element.local_name().as_ref() {
                    "t" => in_text = false,
                    "tbl" => {
                        depth = depth.saturating_sub(1);
                        if depth == 0 {
                            table.close_tall(u32::MAX);
                            self.open = Some(std::mem::take(&mut table));
                        }
                    }
                    "p" if depth == 0 => self.line(std::mem::take(&mut line)),
                    "p" => table.line_ended = true,
                    "tc" if depth == 1 => self.cell(&mut table)?,
                    "tr" if depth == 1 => table.end_row(),
                    _ => {}
                },
                Event::Eof if depth == 0 => {
                    self.lines_below()?;
                    return Ok(());
                }
                Event::Eof => return Err(Stop::damaged("the document is broken off")),
                _ => {}
            }
        }
    }

    fn line(&mut self, line: String) {
        if !line.trim().is_empty() {
            if self.lines.len() == LINES_MAX {
                self.lines.remove(0);
            }
            self.lines.push(line);
        }
    }

    /// A new sheet, with the lines above the table in it.
    fn begin(&mut self) -> Result<Table, Stop> {
        self.end_sheet()?;
        self.tables += 1;
        if self.tables > TABLES_MAX {
            return Err(Stop::too_large(format_args!("more than {TABLES_MAX} tables")));
        }
        self.out.begin(&format!("表{}", self.tables), false)?;
        let mut table = Table::default();
        for line in std::mem::take(&mut self.lines) {
            self.out.text(table.row, 0, &line)?;
            table.row += 1;
        }
        Ok(table)
    }

    fn cell(&mut self, table: &mut Table) -> Result<(), Stop> {
        xml::on_a_sheet(table.row, table.column.saturating_add(table.span))?;
        if table.merge() {
            self.out.text(table.row, table.column, table.text.trim_end_matches('\n'))?;
        }
        table.column += table.span;
        Ok(())
    }

    fn lines_below(&mut self) -> Result<(), Stop> {
        let Some(table) = &mut self.open else { return Ok(()) };
        for line in std::mem::take(&mut self.lines) {
            self.out.text(table.row, 0, &line)?;
            table.row += 1;
        }
        Ok(())
    }

    fn end_sheet(&mut self) -> Result<(), Stop> {
        match self.open.take() {
            Some(table) => xml::end(self.out, table.merges),
            None => Ok(()),
        }
    }
}

impl Table {
    /// An element within the table, but not within a table of its cells.
    fn begins(&mut self, name: &str, element: &BytesStart<'_>) -> Result<(), Stop> {
        let span = |element| -> Result<u32, Stop> {
            let typed = attribute(element, "val")?.unwrap_or_default();
            let span: Option<u32> = typed.parse().ok();
            span.filter(|span| (1..=SPAN_MAX).contains(span))
                .ok_or_else(|| Stop::too_large("a cell wider than any table"))
        };
        match name {
            "tr" => self.column = 0,
            "gridBefore" => self.column = span(element)?,
            "tc" => {
                self.span = 1;
                self.down = Down::No;
                self.text.clear();
                self.line_ended = false;
            }
            "gridSpan" => self.span = span(element)?,
            "vMerge" => {
                let begins = attribute(element, "val")?.as_deref() == Some("restart");
                self.down = if begins { Down::Begins } else { Down::GoesOn };
            }
            "br" | "cr" => self.words().push('\n'),
            "tab" => self.words().push(' '),
            "noBreakHyphen" => self.words().push('-'),
            _ => {}
        }
        xml::fits(&self.text)
    }

    /// The cell's text, on a new line where a paragraph ended.
    fn words(&mut self) -> &mut String {
        if std::mem::take(&mut self.line_ended) {
            self.text.push('\n');
        }
        &mut self.text
    }

    /// Keeps the merge that the cell begins, goes on or is; whether the cell shows its text.
    fn merge(&mut self) -> bool {
        let (row, column) = (self.row, self.column);
        let last_column = column + self.span - 1;
        if self.down == Down::GoesOn {
            let tall = self.tall.iter_mut().find(|tall| tall[1] == column && tall[2] + 1 == row);
            if let Some(tall) = tall {
                tall[2] = row;
                return false;
            }
        }
        if self.down == Down::Begins {
            self.tall.push([row, column, row, last_column]);
        } else if self.span > 1 {
            self.merges.push([row, column, row, last_column]);
        }
        true
    }

    fn end_row(&mut self) {
        self.close_tall(self.row);
        self.row += 1;
    }

    /// Merges over rows that did not go on in `row` are done.
    fn close_tall(&mut self, row: u32) {
        let merges = &mut self.merges;
        self.tall.retain(|tall| {
            let goes_on = tall[2] == row;
            if !goes_on && (tall[0], tall[1]) != (tall[2], tall[3]) {
                merges.push(*tall);
            }
            goes_on
        });
    }
}
