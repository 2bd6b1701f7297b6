//! Workbooks given back: which parts change, what a marked cell looks like, what a mask hides.

use std::io::Read as _;

use xibu_plugin_sdk::message::{Mark, Masked};
use zip::ZipArchive;

use super::*;

/// The parts of a package by name.
fn parts(bytes: &[u8]) -> std::collections::BTreeMap<String, String> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut entry = zip.by_index(at).unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            (entry.name().unwrap().into_owned(), text)
        })
        .collect()
}

fn mark(row: u32, column: u32, note: &str) -> Mark {
    let (sheet, note) = ("表1".to_owned(), note.to_owned());
    Mark { sheet, row, column, note, wrong: true, mask: false }
}

fn request(marks: &[Mark], masks: &[[u32; 4]], summary: Option<SheetOut>) -> Request {
    let masks = masks.iter().map(|area| Masked { sheet: "表1".to_owned(), area: *area }).collect();
    Request::MarkWorkbook { file_name: "a.xlsx".to_owned(), marks: marks.to_vec(), masks, summary }
}

#[track_caller]
fn marked(bytes: &[u8], marks: &[Mark], masks: &[[u32; 4]], summary: Option<SheetOut>) -> Vec<u8> {
    let mut answer = harness().call(request(marks, masks, summary), &[bytes]);
    assert_eq!(answer.status, Status::Done);
    let (item, mut blobs) = answer.items.remove(0);
    assert_eq!(item, Item::Written);
    blobs.remove(0)
}

fn front() -> SheetOut {
    let cells = vec![
        out(0, 0, CellOutValue::Text("核对结果 <1>".to_owned()), Style::Title),
        out(1, 0, CellOutValue::Number(2.0), Style::Body),
        out(1, 1, CellOutValue::Text("改".to_owned()), Style::Words),
    ];
    let merges = vec![[0, 0, 0, 1]];
    SheetOut {
        name: "核对结果".to_owned(),
        widths: vec![8.0, 40.0],
        cells,
        merges,
        ..SheetOut::default()
    }
}

/// The sheet's own text between these words.
#[track_caller]
fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from} in {text}"));
    rest.split_once(to).unwrap_or_else(|| panic!("no {to} in {text}")).0
}

/// Cells in, the same cells with the style after marking out.
#[track_caller]
fn check_cells(sheet: &str, marks: &[Mark], masks: &[[u32; 4]], expected: &str) {
    let after = parts(&marked(&workbook(sheet, &[]), marks, masks, None));
    let sheet = &after["xl/worksheets/sheet1.xml"];
    assert_eq!(between(sheet, "<sheetData>", "</sheetData>"), expected);
}

#[test]
fn a_marked_cell_is_coloured_where_it_stands_or_put_in_where_it_is_missing() {
    let there = r#"<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="C1" t="b"><v>1</v></c></row></sheetData>"#;
    check_cells(
        there,
        &[mark(0, 2, "改")],
        &[],
        r#"<row r="1"><c r="A1"><v>1</v></c><c r="C1" t="b" s="1"><v>1</v></c></row>"#,
    );
    check_cells(
        there,
        &[mark(0, 1, "填"), mark(0, 3, "填"), mark(2, 1, "填")],
        &[],
        r#"<row r="1"><c r="A1"><v>1</v></c><c r="B1" s="1"/><c r="C1" t="b"><v>1</v></c><c r="D1" s="1"/></row><row r="3"><c r="B3" s="1"/></row>"#,
    );
    check_cells("<sheetData/>", &[mark(1, 0, "填")], &[], r#"<row r="2"><c r="A2" s="1"/></row>"#);
    // Numbers of rows and cells may be left out, rows may be empty, and a row may say its spans.
    check_cells(
        r#"<sheetData><row spans="1:1"><c><v>1</v></c></row><row spans="1:1"/><row r="4"/></sheetData>"#,
        &[mark(0, 0, "改"), mark(1, 0, "填"), mark(2, 0, "填"), mark(3, 1, "填")],
        &[],
        r#"<row spans="1:1"><c s="1"><v>1</v></c></row><row><c r="A2" s="1"/></row><row r="3"><c r="A3" s="1"/></row><row r="4"><c r="B4" s="1"/></row>"#,
    );
    // Another prefix, as some programs write it.
    let prefixed = workbook("", &[]);
    let mut with_prefix = parts(&prefixed);
    with_prefix.insert(
        "xl/worksheets/sheet1.xml".to_owned(),
        format!(r#"<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="B1"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>"#),
    );
    let with_prefix: Vec<(&str, String)> =
        with_prefix.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    let after = parts(&marked(&package(&with_prefix), &[mark(0, 0, "填")], &[], None));
    let sheet = &after["xl/worksheets/sheet1.xml"];
    assert!(sheet.contains(r#"<x:row r="1"><x:c r="A1" s="1"/><x:c r="B1">"#), "{sheet}");
    assert!(sheet.contains("<x:legacyDrawing "), "{sheet}");
}

#[test]
fn a_note_goes_beside_the_note_that_is_there() {
    let sheet = r#"<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData><legacyDrawing r:id="rId7" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/>"#;
    let relations = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId7" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/vmlDrawing" Target="../drawings/d.vml"/><Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments" Target="/xl/c.xml"/></Relationships>"#;
    let comments = format!(
        r#"<comments xmlns="{MAIN}"><authors><author>甲</author></authors><commentList><comment ref="A1" authorId="0"><text><t>旧</t></text></comment></commentList></comments>"#
    );
    let drawing = r#"<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"><br><v:shapetype id="_x0000_t202"/><v:shape id="_x0000_s1025"/></xml>"#;
    let before = workbook(
        sheet,
        &[
            ("xl/worksheets/_rels/sheet1.xml.rels", relations.to_owned()),
            ("xl/c.xml", comments),
            ("xl/drawings/d.vml", drawing.to_owned()),
        ],
    );
    let after = parts(&marked(&before, &[mark(0, 0, "新<1>"), mark(4, 1, "再")], &[], None));
    let words = between(&after["xl/c.xml"], "<commentList>", "</commentList>").to_owned();
    assert!(words.contains("<r><t>旧</t></r><r><rPr>") && words.contains("新&lt;1&gt;"), "{words}");
    assert!(words.contains(r#"<comment ref="B5" authorId="1">"#), "{words}");
    let drawing = &after["xl/drawings/d.vml"];
    assert!(drawing.starts_with(r#"<xml xmlns:v="urn"#) && drawing.contains("<br>"), "{drawing}");
    assert!(drawing.contains("_x0000_s1026") && !drawing.contains("_x0000_s1027"), "{drawing}");
    assert!(drawing.contains("<x:Row>4</x:Row><x:Column>1</x:Column>"), "{drawing}");
    assert_eq!(after["xl/worksheets/_rels/sheet1.xml.rels"], relations);
}

#[test]
fn a_mask_leaves_the_last_four_and_nothing_in_the_shared_strings_that_no_other_cell_shows() {
    let id = "999999200001010016";
    let strings = format!(
        r#"<sst xmlns="{MAIN}" count="4" uniqueCount="3"><si><t>{id}</t></si><si><r><t>99999920000101</t></r><r><t>0024</t></r></si><si><t>姓名</t></si></sst>"#
    );
    let sheet = format!(
        r#"<sheetData><row r="1"><c r="A1" t="s"><v>2</v></c><c r="B1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>0</v></c></row><row r="3"><c r="A3" t="s" s="0"><v>1</v></c></row><row r="4"><c r="A4" t="inlineStr"><is><t>{id}</t></is></c></row><row r="5"><c r="A5"><v>9.99999200001010E+17</v></c></row><row r="6"><c r="A6" t="str"><f>B1&amp;""</f><v>{id}</v></c></row><row r="7"><c r="A7"/></row></sheetData>"#
    );
    let relation = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;
    let mut all = parts(&workbook(&sheet, &[("xl/sharedStrings.xml", strings)]));
    all.insert("xl/_rels/workbook.xml.rels".to_owned(), relation.to_owned());
    let all: Vec<(&str, String)> = all.iter().map(|(n, t)| (n.as_str(), t.clone())).collect();
    let before = package(&all);
    let after = marked(&before, &[], &[[1, 0, 9, 0]], None);
    check_read(
        "a.xlsx",
        &after,
        &[
            "sheet 表1",
            "0,0 姓名",
            &format!("0,1 {id}"),
            "1,0 **************0016",
            "2,0 **************0024",
            "3,0 **************0016",
            "4,0 **************0000",
            "5,0 **************0016",
        ],
    );
    let strings = &parts(&after)["xl/sharedStrings.xml"];
    assert!(strings.contains("<si><t></t></si><si><t>姓名</t></si>"), "{strings}");
    // Another cell, which nobody masked, still shows the first.
    assert!(strings.contains(id), "{strings}");
    let after = marked(&before, &[], &[[0, 1, 0, 1], [1, 0, 9, 0]], None);
    for (name, text) in parts(&after) {
        assert!(!text.contains("99999920000101"), "{name}: {text}");
    }
}

#[test]
fn a_summary_stands_in_front_once_and_names_of_sheets_move_on() {
    let mut all = parts(&workbook(
        "<sheetViews><sheetView tabSelected=\"1\" workbookViewId=\"0\"/></sheetViews><sheetData/>",
        &[],
    ));
    let book = all["xl/workbook.xml"].replace("<sheets>", "<bookViews><workbookView activeTab=\"0\" firstSheet=\"0\"/></bookViews><sheets>").replace(
        "</sheets>",
        r#"</sheets><definedNames><definedName name="_xlnm.Print_Titles" localSheetId="0">表1!$1:$1</definedName><definedName name="n">1</definedName></definedNames>"#,
    );
    all.insert("xl/workbook.xml".to_owned(), book);
    let all: Vec<(&str, String)> = all.iter().map(|(n, t)| (n.as_str(), t.clone())).collect();
    let once = marked(&package(&all), &[mark(0, 0, "填")], &[], Some(front()));
    let expected = [
        "sheet 核对结果",
        "0,0 核对结果 <1>",
        "1,0 number 2",
        "1,1 改",
        "merge [0, 0, 0, 1]",
        "sheet 表1",
    ];
    check_read("a.xlsx", &once, &expected);
    let after = parts(&once);
    assert!(after["xl/workbook.xml"].contains(r#"localSheetId="1""#));
    assert!(!after["xl/workbook.xml"].contains("activeTab"));
    assert!(!after["xl/worksheets/sheet1.xml"].contains("tabSelected"));
    // The answer to the answer has one summary, the new one.
    let mut anew = front();
    anew.cells.remove(2);
    let twice = marked(&once, &[], &[], Some(anew));
    check_read("a.xlsx", &twice, &[&expected[..3], &expected[4..]].concat());
    // A sheet of the same name that is not ours stays.
    let mut other = front();
    other.cells[0].value = CellOutValue::Text("别的".to_owned());
    let third = read("a.xlsx", &marked(&once, &[], &[], Some(other)));
    assert_eq!(third[0], "sheet 核对结果(2)");
    assert_eq!(third[5], "sheet 核对结果");
}

#[test]
fn what_was_mended_is_not_marked_any_more() {
    let sheet =
        r#"<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row></sheetData>"#;
    let marks = [mark(0, 0, "改"), mark(0, 1, "改"), mark(4, 0, "填")];
    let once = marked(&workbook(sheet, &[]), &marks, &[], None);
    let after = parts(&once);
    assert_eq!(after["xl/comments1.xml"].matches("【核对】").count(), 3);
    let twice = parts(&marked(&once, &marks[1..2], &[], Some(front())));
    let comments = &twice["xl/comments1.xml"];
    assert_eq!(comments.matches("【核对】").count(), 1, "{comments}");
    assert!(comments.contains(r#"<comment ref="B1""#), "{comments}");
    assert_eq!(twice["xl/drawings/vmlDrawing1.vml"].matches("<v:shape ").count(), 1);
    // Looks: 0 none, 1 the first marking, then those of the second: cleared and marked again.
    let cells = between(&twice["xl/worksheets/sheet1.xml"], "<sheetData>", "</sheetData>");
    assert_eq!(
        cells,
        r#"<row r="1"><c r="A1" s="3"><v>1</v></c><c r="B1" s="2"><v>2</v></c></row><row r="5"><c r="A5" s="3"/></row>"#
    );
    let looks = between(&twice["xl/styles1.xml"], "<cellXfs", "</cellXfs>");
    assert!(
        looks.contains(r#"fillId="4""#)
            && looks.contains(r#"fillId="0" borderId="0" xfId="0" applyFill="1""#),
        "{looks}"
    );
    // Gone without a trace where nothing is wrong any more.
    let third = parts(&marked(&once, &[], &[], Some(front())));
    assert!(third.values().all(|text| !text.contains("【核对】")));
}

#[test]
fn other_formats_come_back_as_a_new_workbook_marked_the_same_way() {
    let csv = "姓名,身份证号\n冉雨,999999200001010016\n";
    let marks = [Mark { sheet: "CSV".to_owned(), ..mark(1, 0, "改") }];
    let masks = vec![Masked { sheet: "CSV".to_owned(), area: [1, 1, 1, 1] }];
    let request = Request::MarkWorkbook {
        file_name: "a.csv".to_owned(),
        marks: marks.to_vec(),
        masks,
        summary: Some(front()),
    };
    let answer = harness().call(request, &[csv.as_bytes()]);
    let bytes = &answer.items[0].1[0];
    let seen = read("a.xlsx", bytes);
    assert_eq!(
        &seen[5..],
        ["sheet CSV", "0,0 姓名", "0,1 身份证号", "1,0 冉雨", "1,1 **************0016"]
    );
    let after = parts(bytes);
    assert!(after["xl/comments1.xml"].contains(r#"ref="A2""#));
    assert!(after.values().all(|text| !text.contains("99999920000101001")));
}

#[test]
fn what_is_no_workbook_is_not_marked() {
    let archive = package(&[("a.txt", "a".to_owned())]);
    for (bytes, why) in [
        (&b"%PDF-1.7"[..], Unreadable::Pdf),
        (b"", Unreadable::Damaged),
        (b"PK\x05\x06\x00\x00", Unreadable::Damaged),
        (&archive, Unreadable::Format),
    ] {
        let answer = harness().call(request(&[], &[], Some(front())), &[bytes]);
        assert_eq!(answer.status, Status::Done);
        let Item::Unreadable { why: said, .. } = &answer.items[0].0 else { panic!("{answer:?}") };
        assert_eq!(*said, why);
    }
}

#[test]
fn a_workbook_broken_anywhere_is_marked_or_refused_and_nothing_dies() {
    let sheet = r#"<sheetViews><sheetView tabSelected="1" workbookViewId="0"/></sheetViews><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>"#;
    let whole = workbook(sheet, &[]);
    let mut harness = harness();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        let request = request(&[mark(0, 0, "改")], &[[0, 0, 9, 9]], Some(front()));
        assert_eq!(harness.call(request, &[&bytes]).status, Status::Done, "byte {at}");
    }
    // Each part with each of its bytes wrong: the packages above are mostly broken as packages.
    for (name, text) in parts(&whole) {
        for at in (0..text.len()).step_by(3) {
            let mut all = parts(&whole);
            let mut wrong = text.clone().into_bytes();
            wrong[at] = b'<';
            all.insert(name.clone(), String::from_utf8_lossy(&wrong).into_owned());
            let all: Vec<(&str, String)> =
                all.iter().map(|(n, t)| (n.as_str(), t.clone())).collect();
            let request = request(&[mark(0, 0, "改")], &[[0, 0, 9, 9]], Some(front()));
            let answer = harness.call(request, &[&package(&all)]);
            assert_eq!(answer.status, Status::Done, "{name}, byte {at}");
        }
    }
}
