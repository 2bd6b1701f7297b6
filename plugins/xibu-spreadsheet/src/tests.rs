//! Files in, items out; sheets in, files out. Hostile files are made here, byte by byte.

use std::io::{Cursor, Write};

use xibu_plugin_sdk::cells::{PackedValue, unpack};
use xibu_plugin_sdk::message::{
    CellOut, CellOutValue, Check, Choice, Item, Request, SheetOut, Status, Style, Takes,
    Unreadable, Workbook, WorkbookFormat,
};
use xibu_plugin_sdk::testing::Harness;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::Spreadsheet;

fn harness() -> Harness<Spreadsheet> {
    let mut harness = Harness::new();
    harness.configure(serde_json::json!({})).unwrap();
    harness
}

/// What a file says, one line a sheet, cell or merge.
fn read(file_name: &str, bytes: &[u8]) -> Vec<String> {
    let answer =
        harness().call(Request::ReadWorkbook { file_name: file_name.to_owned() }, &[bytes]);
    assert_eq!(answer.status, Status::Done);
    let mut lines = Vec::new();
    for (item, blobs) in answer.items {
        match item {
            Item::SheetBegins { name, hidden } => {
                lines.push(format!("sheet {name}{}", if hidden { " hidden" } else { "" }));
            }
            Item::Cells => lines.extend(unpack(&blobs[0]).map(|cell| {
                let cell = cell.unwrap();
                let value = match cell.value {
                    PackedValue::Text(text) => text.to_owned(),
                    PackedValue::Number(number) => format!("number {number}"),
                    PackedValue::Date(serial) => format!("date {serial}"),
                    PackedValue::Boolean(value) => format!("boolean {value}"),
                    PackedValue::Error(error) => format!("error {error}"),
                };
                format!("{},{} {value}", cell.row, cell.column)
            })),
            Item::SheetEnds { merges } => {
                lines.extend(merges.iter().map(|merge| format!("merge {merge:?}")));
            }
            Item::Unreadable { why, .. } => lines.push(format!("unreadable {why:?}")),
            other => lines.push(format!("{other:?}")),
        }
    }
    lines
}

#[track_caller]
fn check_read(file_name: &str, bytes: &[u8], expected: &[&str]) {
    assert_eq!(read(file_name, bytes), expected);
}

#[track_caller]
fn check_unreadable(file_name: &str, bytes: &[u8], why: Unreadable) {
    let last = read(file_name, bytes).pop();
    assert_eq!(last, Some(format!("unreadable {why:?}")));
}

#[test]
fn csv_in_the_encodings_and_delimiters_of_offices() {
    let text = "姓名,单位\n冉雨,\"青禾镇,卫生院\"\n\n,=\"0123\"\n#N/A,x\n";
    let cells = [
        "sheet CSV",
        "0,0 姓名",
        "0,1 单位",
        "1,0 冉雨",
        "1,1 青禾镇,卫生院",
        "3,1 0123",
        "4,0 error #N/A",
        "4,1 x",
    ];
    let (gb, ..) = encoding_rs::GB18030.encode(text);
    check_read("a.csv", text.as_bytes(), &cells);
    check_read("a.csv", &[b"\xef\xbb\xbf", text.as_bytes()].concat(), &cells);
    check_read("a.csv", &gb, &cells);
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    check_read("a.csv", &[&b"\xff\xfe"[..], &wide].concat(), &cells);
    check_read(
        "a.CSV",
        "甲\t乙\r\n1\t2,5\r\n".as_bytes(),
        &["sheet CSV", "0,0 甲", "0,1 乙", "1,0 1", "1,1 2,5"],
    );
    check_read(
        "a.txt",
        "甲;乙\n1;2\n".as_bytes(),
        &["sheet CSV", "0,0 甲", "0,1 乙", "1,0 1", "1,1 2"],
    );
}

#[test]
fn what_is_no_workbook_is_said_so() {
    let ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check_unreadable("a.xlsx", &[&ole[..], &[0; 600], &name].concat(), Unreadable::Encrypted);
    check_unreadable("a.xls", &[&ole[..], &[0; 600]].concat(), Unreadable::Damaged);
    check_unreadable("a.xls", b"<html><p>1</p></html>", Unreadable::Format);
    for (bytes, why) in [
        (&b"\xff\xd8\xff\xe0\x00\x10JFIF"[..], Unreadable::Picture),
        (b"\x89PNG\r\n\x1a\n", Unreadable::Picture),
        (b"\x00\x00\x00\x18ftypheic", Unreadable::Picture),
        (b"%PDF-1.7", Unreadable::Pdf),
        (b"Rar!\x1a\x07\x01\x00", Unreadable::OtherArchive),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", Unreadable::OtherArchive),
        (b"{\\rtf1\\ansi", Unreadable::ForeignProgram),
        (b"PK\x05\x06\x00\x00", Unreadable::Damaged),
        ("姓名,单位".as_bytes(), Unreadable::Format),
    ] {
        // Whatever the name says.
        check_unreadable("a.xlsx", bytes, why);
    }
    let slides = [("[Content_Types].xml", "<a/>".into()), ("ppt/a.xml", "<a/>".into())];
    check_unreadable("a.xlsx", &package(&slides), Unreadable::ForeignProgram);
    check_unreadable("a.csv", b"a,b\n\x00\x01,2\n", Unreadable::Format);
    check_unreadable("a.csv", b"a,b\n\xff\xff\xff,2\n", Unreadable::Damaged);
    check_unreadable("a.xlsx", b"", Unreadable::Damaged);
    check_unreadable(
        "a.docx",
        &package(&[("word/document.xml", "<a/>".into())]),
        Unreadable::Format,
    );
}

#[path = "tests/foreign.rs"]
mod foreign;

#[path = "tests/marks.rs"]
mod marks;

// Workbooks made by hand, so that they can be hostile.

fn package(parts: &[(&str, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in parts {
        zip.start_file(*name, options).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const CONTENT_TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
const RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// A workbook of one sheet with this inside its root, and more parts.
fn workbook(sheet: &str, more: &[(&str, String)]) -> Vec<u8> {
    let mut parts = vec![
        ("[Content_Types].xml", CONTENT_TYPES.to_owned()),
        ("_rels/.rels", RELS.to_owned()),
        (
            "xl/workbook.xml",
            format!(r#"<workbook xmlns="{MAIN}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="表1" sheetId="1" r:id="rId1"/></sheets></workbook>"#),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#.to_owned(),
        ),
        ("xl/worksheets/sheet1.xml", format!(r#"<worksheet xmlns="{MAIN}">{sheet}</worksheet>"#)),
    ];
    parts.extend(more.iter().cloned());
    package(&parts)
}

#[test]
fn cells_by_hand_come_out_as_they_are() {
    let sheet = r#"<dimension ref="A1:B2"/><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>甲</t></is></c><c r="B1"><v>2.5</v></c></row><row r="3"><c r="A3" t="b"><v>1</v></c><c r="C3" t="e"><v>#N/A</v></c></row></sheetData><mergeCells count="1"><mergeCell ref="A3:B4"/></mergeCells>"#;
    check_read(
        "a.xlsx",
        &workbook(sheet, &[]),
        &[
            "sheet 表1",
            "0,0 甲",
            "0,1 number 2.5",
            "2,0 boolean true",
            "2,2 error #N/A",
            "merge [2, 0, 3, 1]",
        ],
    );
}

#[test]
fn hostile_workbooks_are_refused_or_read_without_harm() {
    let tiny = |sheet: &str| workbook(sheet, &[]);
    // A legal sheet with two far corners: a dense reader asks for 549 GB.
    let sparse = tiny(
        r#"<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData>"#,
    );
    check_read("a.xlsx", &sparse, &["sheet 表1", "0,0 number 1", "1048575,16383 number 2"]);
    let lying = tiny(
        r#"<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>"#,
    );
    check_read("a.xlsx", &lying, &["sheet 表1", "0,0 number 1"]);
    let bomb = tiny(&format!("<sheetData>{}</sheetData>", " ".repeat(40 << 20)));
    check_unreadable("a.xlsx", &bomb, Unreadable::TooLarge);
    let long = tiny(&format!(
        "<sheetData><row><c t=\"str\"><v>{}</v></c></row></sheetData>",
        "长短".repeat(150_000)
    ));
    check_unreadable("a.xlsx", &long, Unreadable::TooLarge);
    let laughs = format!(
        "<!DOCTYPE sst [<!ENTITY a \"ha\"><!ENTITY b \"{}\">]><sst xmlns=\"{MAIN}\"><si><t>&b;</t></si></sst>",
        "&a;".repeat(1_000)
    );
    let laughs = workbook("<sheetData/>", &[("xl/sharedStrings.xml", laughs)]);
    check_unreadable("a.xlsx", &laughs, Unreadable::TooLarge);
    let strings =
        format!("<sst xmlns=\"{MAIN}\" uniqueCount=\"999999999999\"><si><t>a</t></si></sst>");
    let strings = workbook("<sheetData/>", &[("xl/sharedStrings.xml", strings)]);
    check_unreadable("a.xlsx", &strings, Unreadable::TooLarge);
    let many: Vec<(String, String)> =
        (0..400).map(|n| (format!("xl/worksheets/s{n}.xml"), "<a/>".to_owned())).collect();
    let many: Vec<(&str, String)> = many.iter().map(|(n, c)| (n.as_str(), c.clone())).collect();
    check_unreadable("a.xlsx", &workbook("<sheetData/>", &many), Unreadable::TooLarge);
    let entity =
        tiny("<sheetData><row r=\"1\"><c r=\"A1\" t=\"str\"><v>&nobody;</v></c></row></sheetData>");
    check_unreadable("a.xlsx", &entity, Unreadable::Damaged);
    let outside = tiny(r#"<sheetData><row r="1"><c r="ZZZ9999999"><v>1</v></c></row></sheetData>"#);
    check_unreadable("a.xlsx", &outside, Unreadable::Damaged);
}

#[test]
fn a_file_that_says_it_is_small_and_is_not() {
    let mut bytes = workbook(&format!("<sheetData>{}</sheetData>", "<row/>".repeat(100_000)), &[]);
    let real = (600_000 + 24 + format!(r#"<worksheet xmlns="{MAIN}"></worksheet>"#).len()) as u32;
    let mut lies = 0;
    for at in 0..bytes.len() - 4 {
        if bytes[at..at + 4] == (real - 1).to_le_bytes() {
            bytes[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
            lies += 1;
        }
    }
    assert!(lies > 0, "the declared size was not found");
    let last = read("a.xlsx", &bytes).pop().unwrap();
    assert!(last.starts_with("unreadable"), "{last}");
}

#[test]
fn a_workbook_broken_off_anywhere_is_damaged_or_nothing() {
    let sheet = r#"<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>"#;
    let whole = workbook(sheet, &[]);
    for length in (4..whole.len()).step_by(7) {
        let last = read("a.xlsx", &whole[..length]).pop().unwrap();
        assert!(
            ["unreadable Damaged", "unreadable Format"].contains(&last.as_str()),
            "broken off after {length} bytes: {last}"
        );
    }
}

fn out(row: u32, column: u32, value: CellOutValue, style: Style) -> CellOut {
    CellOut { row, column, value, style, note: None }
}

fn sample() -> Workbook {
    let text = |text: &str| CellOutValue::Text(text.to_owned());
    let mut heading = out(1, 0, text("身份证号"), Style::Heading);
    heading.note = Some("18位".to_owned());
    let sheet = SheetOut {
        name: "花名册".to_owned(),
        widths: vec![22.0, 10.0],
        heading_rows: 2,
        landscape: true,
        hidden: false,
        protected: true,
        cells: vec![
            out(0, 0, text("标题"), Style::Title),
            heading,
            out(2, 0, text("999999200001010016"), Style::Input),
            out(2, 1, CellOutValue::Number(3.0), Style::Body),
            out(3, 0, CellOutValue::Date("2026-07-01".to_owned()), Style::Body),
            out(3, 1, CellOutValue::Blank, Style::Wrong),
        ],
        merges: vec![[0, 0, 0, 1]],
        choices: vec![Choice {
            area: [2, 1, 9, 1],
            options: vec!["男".to_owned(), "女".to_owned()],
        }],
        checks: vec![Check {
            area: [2, 0, 9, 0],
            takes: Takes::Whole { min: 0, max: 9 },
            message: "请填整数".to_owned(),
        }],
    };
    Workbook { sheets: vec![sheet], ..Workbook::default() }
}

fn written(workbook: Workbook) -> Vec<u8> {
    written_as(workbook, WorkbookFormat::Xlsx)
}

fn written_as(workbook: Workbook, format: WorkbookFormat) -> Vec<u8> {
    let mut answer = harness().call(Request::WriteWorkbook { workbook, format }, &[]);
    assert_eq!(answer.status, Status::Done);
    let (item, mut blobs) = answer.items.remove(0);
    assert_eq!(item, Item::Written);
    blobs.remove(0)
}

#[test]
fn what_is_written_reads_back_the_same_and_is_the_same_bytes_again() {
    let bytes = written(sample());
    assert_eq!(bytes, written(sample()));
    check_read(
        "a.xlsx",
        &bytes,
        &[
            "sheet 花名册",
            "0,0 标题",
            "1,0 身份证号",
            "2,0 999999200001010016",
            "2,1 number 3",
            "3,0 date 46204",
            "merge [0, 0, 0, 1]",
        ],
    );
}

#[test]
fn what_cannot_be_written_fails_with_a_word() {
    let mut overlapping = sample();
    overlapping.sheets[0].merges.push([0, 1, 1, 1]);
    let answer = harness()
        .call(Request::WriteWorkbook { workbook: overlapping, format: WorkbookFormat::Xlsx }, &[]);
    assert!(matches!(answer.status, Status::Failed { .. }), "{:?}", answer.status);
}

mod document;
mod fuzz;
