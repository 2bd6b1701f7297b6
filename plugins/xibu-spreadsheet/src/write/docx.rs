//! Sheets to .docx: each sheet a page of its own with one table, to be printed, signed and sealed.
//!
//! GB/T 9704-2012: A4, upright with its margins, the title in 小标宋, the table in 仿宋 and 黑体,
//! page numbers `— 1 —` outside, days as `2026年6月5日`. Fonts that an office may lack name what
//! stands in for them.
//! One table a sheet, so that what is typed into it reads back as one sheet.
//!
//! The parts are written here and not by docx-rs: that knows no heading row that repeats on every
//! page (`w:tblHeader`), no other footer on even pages, and brings a second XML library.
//!
//! What it is not: no formulas, drop-downs, notes or protection; paper has none. Hidden sheets are
//! left out.

mod parts;
mod table;

use std::io::{Cursor, Write};

use xibu_plugin_sdk::NotDone;
use xibu_plugin_sdk::message::{SheetOut, Workbook};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Widths and heights in twentieths of a point, as the format has them.
#[derive(Clone, Copy)]
struct Paper {
    width: u32,
    height: u32,
    top: u32,
    bottom: u32,
    left: u32,
    right: u32,
    landscape: bool,
}

/// A4 upright: 天头 37 mm, 订口 28 mm, 版心 156 × 225 mm.
const UPRIGHT: Paper = Paper {
    width: 11_906,
    height: 16_838,
    top: 2_098,
    bottom: 1_984,
    left: 1_588,
    right: 1_474,
    landscape: false,
};

/// A4 across, for wide tables: 订口 above, 22 mm, 20 mm on both sides and 16 mm below; the 版心 of
/// letters would break the headings of a table of nine columns.
const ACROSS: Paper = Paper {
    width: 16_838,
    height: 11_906,
    top: 1_247,
    bottom: 907,
    left: 1_134,
    right: 1_134,
    landscape: true,
};

impl Paper {
    const fn of(sheet: &SheetOut) -> Self {
        if sheet.landscape { ACROSS } else { UPRIGHT }
    }

    /// What is left for text.
    const fn room(&self) -> u32 {
        self.width - self.left - self.right
    }
}

pub(crate) fn write(workbook: &Workbook) -> Result<Vec<u8>, NotDone> {
    let document = document(workbook)?;
    let title = workbook.properties.get("title").map_or("", String::as_str);
    let parts = [
        ("[Content_Types].xml", parts::CONTENT_TYPES.to_owned()),
        ("_rels/.rels", parts::PACKAGE.to_owned()),
        ("docProps/core.xml", parts::properties(title)),
        ("word/_rels/document.xml.rels", parts::DOCUMENT.to_owned()),
        ("word/document.xml", document),
        ("word/styles.xml", parts::styles()),
        ("word/fontTable.xml", parts::fonts()),
        ("word/settings.xml", parts::SETTINGS.to_owned()),
        ("word/footer1.xml", parts::footer("right")),
        ("word/footer2.xml", parts::footer("left")),
    ];
    packed(&parts).map_err(NotDone::because)
}

/// The same parts give the same bytes: the time inside is the format's first day.
fn packed(parts: &[(&str, String)]) -> Result<Vec<u8>, zip::result::ZipError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in parts {
        zip.start_file(*name, options)?;
        zip.write_all(part.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

fn document(workbook: &Workbook) -> Result<String, NotDone> {
    let shown: Vec<&SheetOut> = workbook.sheets.iter().filter(|sheet| !sheet.hidden).collect();
    let Some((last, before)) = shown.split_last() else {
        return Err(NotDone::because("a document needs a sheet that is shown"));
    };
    let mut xml = String::from(parts::DECLARATION);
    xml.push_str(parts::DOCUMENT_BEGINS);
    for sheet in before {
        table::push(&mut xml, sheet, Paper::of(sheet))?;
        xml.push_str("<w:p><w:pPr>");
        section(&mut xml, Paper::of(sheet));
        xml.push_str("</w:pPr></w:p>");
    }
    table::push(&mut xml, last, Paper::of(last))?;
    // A document does not end with a table; this line takes no room.
    xml.push_str(
        r#"<w:p><w:pPr><w:spacing w:line="20" w:lineRule="exact"/><w:rPr><w:sz w:val="2"/></w:rPr></w:pPr></w:p>"#,
    );
    section(&mut xml, Paper::of(last));
    xml.push_str("</w:body></w:document>");
    Ok(xml)
}

fn section(xml: &mut String, paper: Paper) {
    let Paper { width, height, top, bottom, left, right, landscape } = paper;
    let turned = if landscape { r#" w:orient="landscape""# } else { "" };
    xml.push_str(&format!(
        "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"rId4\"/>\
         <w:footerReference w:type=\"even\" r:id=\"rId5\"/>\
         <w:pgSz w:w=\"{width}\" w:h=\"{height}\"{turned}/>\
         <w:pgMar w:top=\"{top}\" w:right=\"{right}\" w:bottom=\"{bottom}\" w:left=\"{left}\" \
         w:header=\"851\" w:footer=\"454\" w:gutter=\"0\"/></w:sectPr>"
    ));
}
