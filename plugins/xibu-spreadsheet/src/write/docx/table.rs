//! One sheet as its titles and one table.
//!
//! Rows without a frame stand in the table as well, so that a signature line stays where the sheet
//! has it; each framed cell draws its own frame.

use std::collections::BTreeMap;

use xibu_plugin_sdk::NotDone;
use xibu_plugin_sdk::message::{CellOut, CellOutValue, SheetOut, Style};

use super::Paper;
use super::parts::{BODY_FONT, HEADING_FONT, TITLE_FONT, push_text};

/// The program knows no more columns.
const COLUMNS_MAX: u32 = 63;
/// More rows are no page.
const ROWS_MAX: u32 = 20_000;
/// The least height of a row, and of an empty one between two parts.
const ROW_HEIGHT: u32 = 370;
const GAP_HEIGHT: u32 = 120;

/// What covers one place of the grid.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cover {
    /// The first cell of a rectangle of so many columns, and whether it goes on below.
    Begins { columns: u32, tall: bool },
    /// The same columns in a row below the first.
    GoesOn { columns: u32 },
    /// Within a rectangle's columns.
    Inside,
}

struct Grid<'a> {
    cells: BTreeMap<(u32, u32), &'a CellOut>,
    covers: BTreeMap<(u32, u32), Cover>,
    rows: u32,
    columns: u32,
}

/// Puts the sheet at the end of `xml`.
pub(super) fn push(xml: &mut String, sheet: &SheetOut, paper: Paper) -> Result<(), NotDone> {
    let grid = Grid::of(sheet)?;
    let mut row = 0;
    while row < grid.rows && grid.is_title(row) {
        grid.cells_of(row).for_each(|cell| push_title(xml, cell));
        row += 1;
    }
    if row == grid.rows {
        return Ok(());
    }
    let widths = widths(sheet, grid.columns, paper.room());
    xml.push_str("<w:tbl><w:tblPr>");
    xml.push_str(&format!("<w:tblW w:w=\"{}\" w:type=\"dxa\"/>", widths.iter().sum::<u32>()));
    xml.push_str(
        "<w:jc w:val=\"center\"/><w:tblLayout w:type=\"fixed\"/><w:tblCellMar>\
         <w:left w:w=\"57\" w:type=\"dxa\"/><w:right w:w=\"57\" w:type=\"dxa\"/></w:tblCellMar>\
         </w:tblPr><w:tblGrid>",
    );
    for width in &widths {
        xml.push_str(&format!("<w:gridCol w:w=\"{width}\"/>"));
    }
    xml.push_str("</w:tblGrid>");
    let last_framed = grid.last_framed();
    for row in row..grid.rows {
        // A signature is not left alone on a page: the last row of the table goes with it.
        let stays = row >= last_framed;
        grid.push_row(xml, row, (row < sheet.heading_rows, stays), &widths);
    }
    xml.push_str("</w:tbl>");
    Ok(())
}

/// The columns of the page, in the sheet's proportions and together as wide as it.
fn widths(sheet: &SheetOut, columns: u32, room: u32) -> Vec<u32> {
    const DEFAULT_WIDTH: f64 = 8.43;
    let asked = |column: u32| {
        let width = sheet.widths.get(column as usize).copied().unwrap_or(DEFAULT_WIDTH);
        if width.is_finite() { width.clamp(1.0, 255.0) } else { DEFAULT_WIDTH }
    };
    let whole: f64 = (0..columns).map(asked).sum();
    (0..columns).map(|column| (asked(column) / whole * f64::from(room)) as u32).collect()
}

impl<'a> Grid<'a> {
    fn of(sheet: &'a SheetOut) -> Result<Self, NotDone> {
        let cells = sheet.cells.iter().map(|cell| ((cell.row, cell.column), cell)).collect();
        let mut grid = Self { cells, covers: BTreeMap::new(), rows: 0, columns: 0 };
        let corners = sheet.cells.iter().map(|cell| (cell.row, cell.column));
        for (row, column) in corners.chain(sheet.merges.iter().map(|merge| (merge[2], merge[3]))) {
            grid.rows = grid.rows.max(row.saturating_add(1));
            grid.columns = grid.columns.max(column.saturating_add(1));
        }
        if grid.rows > ROWS_MAX || grid.columns > COLUMNS_MAX {
            return Err(NotDone::because("the sheet is too large for a page"));
        }
        for [first_row, first_column, last_row, last_column] in &sheet.merges {
            if last_row < first_row || last_column < first_column {
                return Err(NotDone::because("a merged rectangle ends before it begins"));
            }
            let columns = last_column - first_column + 1;
            for row in *first_row..=*last_row {
                for column in *first_column..=*last_column {
                    let cover = match (row == *first_row, column == *first_column) {
                        (true, true) => Cover::Begins { columns, tall: last_row > first_row },
                        (false, true) => Cover::GoesOn { columns },
                        (_, false) => Cover::Inside,
                    };
                    if grid.covers.insert((row, column), cover).is_some() {
                        return Err(NotDone::because("merged rectangles overlap"));
                    }
                }
            }
        }
        Ok(grid)
    }

    fn cells_of(&self, row: u32) -> impl Iterator<Item = &'a CellOut> + '_ {
        self.cells.range((row, 0)..(row + 1, 0)).map(|(_, cell)| *cell)
    }

    /// The last row in which a cell has a frame.
    fn last_framed(&self) -> u32 {
        let framed = self.cells.iter().filter(|(_, cell)| Look::of(Some(cell.style)).framed);
        framed.map(|((row, _), _)| *row).max().unwrap_or(0)
    }

    /// Only titles, and at least one.
    fn is_title(&self, row: u32) -> bool {
        let mut cells = self.cells_of(row).peekable();
        cells.peek().is_some() && cells.all(|cell| cell.style == Style::Title)
    }

    fn push_row(&self, xml: &mut String, row: u32, (repeats, stays): (bool, bool), widths: &[u32]) {
        let height = if self.cells_of(row).next().is_some() { ROW_HEIGHT } else { GAP_HEIGHT };
        xml.push_str("<w:tr><w:trPr><w:cantSplit/>");
        xml.push_str(&format!("<w:trHeight w:val=\"{height}\" w:hRule=\"atLeast\"/>"));
        if repeats {
            xml.push_str("<w:tblHeader/>");
        }
        xml.push_str("</w:trPr>");
        for column in 0..self.columns {
            let (columns, down) = match self.covers.get(&(row, column)) {
                Some(Cover::Inside) => continue,
                Some(Cover::Begins { columns, tall }) => {
                    (*columns, if *tall { "<w:vMerge w:val=\"restart\"/>" } else { "" })
                }
                Some(Cover::GoesOn { columns }) => (*columns, "<w:vMerge/>"),
                None => (1, ""),
            };
            let width: u32 = widths.iter().skip(column as usize).take(columns as usize).sum();
            self.push_cell(xml, (row, column), (columns, down, width), stays);
        }
        xml.push_str("</w:tr>");
    }

    fn push_cell(
        &self,
        xml: &mut String,
        place: (u32, u32),
        (columns, down, width): (u32, &str, u32),
        stays: bool,
    ) {
        let cell = self.cells.get(&place).copied();
        let look = Look::of(cell.map(|cell| cell.style));
        xml.push_str(&format!("<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>"));
        if columns > 1 {
            xml.push_str(&format!("<w:gridSpan w:val=\"{columns}\"/>"));
        }
        xml.push_str(down);
        if look.framed {
            xml.push_str("<w:tcBorders>");
            for side in ["top", "left", "bottom", "right"] {
                xml.push_str(&format!(
                    "<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>"
                ));
            }
            xml.push_str("</w:tcBorders>");
        }
        if let Some(shade) = look.shade {
            xml.push_str(&format!("<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{shade}\"/>"));
        }
        xml.push_str("<w:vAlign w:val=\"center\"/></w:tcPr>");
        let text = cell.map(|cell| shown(&cell.value)).unwrap_or_default();
        look.push_paragraph(xml, &text, stays || !look.framed);
        xml.push_str("</w:tc>");
    }
}

/// How a cell looks on paper.
struct Look {
    font: &'static str,
    /// In half points.
    size: u32,
    align: &'static str,
    framed: bool,
    shade: Option<&'static str>,
}

impl Look {
    const fn of(style: Option<Style>) -> Self {
        let plain = Self { font: BODY_FONT, size: 21, align: "left", framed: false, shade: None };
        match style {
            None | Some(Style::Plain) => plain,
            Some(Style::Title) => Self { font: TITLE_FONT, size: 36, align: "center", ..plain },
            Some(Style::Heading) => {
                Self { font: HEADING_FONT, align: "center", framed: true, ..plain }
            }
            Some(Style::Body) => Self { align: "center", framed: true, ..plain },
            Some(Style::Input | Style::Words) => Self { framed: true, ..plain },
            Some(Style::Wrong) => {
                Self { align: "center", framed: true, shade: Some("D9D9D9"), ..plain }
            }
        }
    }

    fn push_paragraph(&self, xml: &mut String, text: &str, stays: bool) {
        let Self { font, size, align, .. } = self;
        let stays = if stays { "<w:keepNext/>" } else { "" };
        let below = if *size > 30 { "<w:spacing w:after=\"120\"/>" } else { "" };
        let run = format!(
            "<w:rPr><w:rFonts w:ascii=\"{font}\" w:hAnsi=\"{font}\" w:eastAsia=\"{font}\" \
             w:cs=\"{font}\"/><w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/></w:rPr>"
        );
        xml.push_str(&format!("<w:p><w:pPr>{stays}{below}<w:jc w:val=\"{align}\"/>{run}</w:pPr>"));
        for (index, line) in text.split('\n').enumerate() {
            if index == 0 && line.is_empty() {
                continue;
            }
            xml.push_str(&format!("<w:r>{run}"));
            if index > 0 {
                xml.push_str("<w:br/>");
            }
            xml.push_str("<w:t xml:space=\"preserve\">");
            push_text(xml, line);
            xml.push_str("</w:t></w:r>");
        }
        xml.push_str("</w:p>");
    }
}

/// 二号 is for letters; over a table 小二 leaves room for it.
fn push_title(xml: &mut String, cell: &CellOut) {
    let text = shown(&cell.value);
    if !text.is_empty() {
        Look::of(Some(Style::Title)).push_paragraph(xml, &text, true);
    }
}

/// A value as it is printed: whole numbers without a point, days 不编虚位.
fn shown(value: &CellOutValue) -> String {
    match value {
        CellOutValue::Text(text) => text.clone(),
        CellOutValue::Number(number) => format!("{number}"),
        CellOutValue::Date(day) => match chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d") {
            Ok(day) => day.format("%Y年%-m月%-d日").to_string(),
            Err(_) => day.clone(),
        },
        CellOutValue::Blank => String::new(),
    }
}
