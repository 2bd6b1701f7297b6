//! .docx: what is written reads back as one sheet, and is the paper an office prints.

use std::io::{Cursor, Read};

use xibu_plugin_sdk::message::{CellOutValue, SheetOut, Status, Style, Workbook, WorkbookFormat};

use super::*;

fn part(bytes: &[u8], name: &str) -> String {
    let mut package = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    package.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn docx(workbook: Workbook) -> Vec<u8> {
    written_as(workbook, WorkbookFormat::Docx)
}

#[track_caller]
fn check_fails(workbook: Workbook) {
    let format = WorkbookFormat::Docx;
    let answer = harness().call(Request::WriteWorkbook { workbook, format }, &[]);
    assert!(matches!(answer.status, Status::Failed { .. }), "{:?}", answer.status);
}

#[test]
fn a_document_reads_back_as_one_sheet_and_is_the_same_bytes_again() {
    let mut workbook = sample();
    let cells = &mut workbook.sheets[0].cells;
    cells.push(out(4, 0, CellOutValue::Text("甲\n<乙> & \"丙\"\u{1}".into()), Style::Plain));
    workbook.sheets[0].merges.push([2, 1, 3, 1]);
    let hidden = SheetOut { name: "标识".into(), hidden: true, ..SheetOut::default() };
    workbook.sheets.insert(0, hidden);
    let bytes = docx(workbook.clone());
    assert_eq!(bytes, docx(workbook));
    check_read(
        "a.docx",
        &bytes,
        &[
            "sheet 表1",
            "0,0 标题",
            "1,0 身份证号",
            "2,0 999999200001010016",
            "2,1 3",
            "3,0 2026年7月1日",
            "4,0 甲\n<乙> & \"丙\"",
            "merge [2, 1, 3, 1]",
        ],
    );
}

#[test]
fn paper_is_a4_with_its_margins_and_headings_repeat() {
    let across = docx(sample());
    let document = part(&across, "word/document.xml");
    assert!(document.contains(r#"<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>"#));
    // The title stands above the table, so of two heading rows one is the table's.
    assert_eq!(document.matches("<w:tblHeader/>").count(), 1);
    assert!(document.contains(r#"w:eastAsia="方正小标宋简体""#));
    assert!(document.contains(r#"w:eastAsia="黑体""#) && document.contains(r#"w:eastAsia="仿宋""#));
    assert_eq!(document.matches("<w:tr>").count(), document.matches("<w:cantSplit/>").count());
    let grid = document.split("<w:gridCol w:w=\"").skip(1);
    let widths: Vec<u32> =
        grid.map(|rest| rest.split('"').next().unwrap().parse().unwrap()).collect();
    let room = 16_838 - 1_134 - 1_134;
    let sum: u32 = widths.iter().sum();
    assert!(widths.len() == 2 && sum <= room && sum > room - 10, "{widths:?}");
    for (footer, side) in [("word/footer1.xml", "right"), ("word/footer2.xml", "left")] {
        let footer = part(&across, footer);
        assert!(footer.contains(" PAGE ") && footer.contains(&format!(r#"w:val="{side}""#)));
        assert!(footer.contains("— ") && footer.contains(" —"));
    }
    assert!(part(&across, "word/fontTable.xml").contains("仿宋_GB2312"));
    let mut upright = sample();
    upright.sheets[0].landscape = false;
    let document = part(&docx(upright.clone()), "word/document.xml");
    assert!(document.contains(r#"<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1588""#));
    // Two sheets, two sections.
    upright.sheets.push(sample().sheets.remove(0));
    let document = part(&docx(upright), "word/document.xml");
    assert_eq!(
        (document.matches("<w:sectPr>").count(), document.matches("<w:tbl>").count()),
        (2, 2)
    );
}

#[test]
fn what_is_no_page_fails_with_a_word() {
    check_fails(Workbook::default());
    let mut overlapping = sample();
    overlapping.sheets[0].merges.push([0, 1, 1, 1]);
    check_fails(overlapping);
    let mut backwards = sample();
    backwards.sheets[0].merges.push([9, 9, 8, 9]);
    check_fails(backwards);
    for (row, column) in [(0, 63), (20_000, 0), (u32::MAX, u32::MAX)] {
        let mut large = sample();
        large.sheets[0].cells.push(out(row, column, CellOutValue::Blank, Style::Body));
        check_fails(large);
    }
    let unknown = Request::WriteWorkbook { workbook: sample(), format: WorkbookFormat::Unknown };
    assert_eq!(harness().call(unknown, &[]).status, Status::Unsupported);
}
