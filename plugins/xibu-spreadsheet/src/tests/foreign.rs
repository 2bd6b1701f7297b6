//! .xls, .ods, .docx, HTML and archives, made byte by byte: what they say, and what hostile ones
//! cost.

use xibu_plugin_sdk::message::{Item, Request, Status, Unreadable};

use super::{check_read, check_unreadable, harness, package, read, workbook};

// .xls

/// A record of an old workbook.
fn record(id: u16, bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    [&id.to_le_bytes(), &length.to_le_bytes(), bytes].concat()
}

const BOF: [u8; 16] = [0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

fn number(row: u16, column: u16, number: f64) -> Vec<u8> {
    let place = [row.to_le_bytes(), column.to_le_bytes(), [0, 0]].concat();
    record(0x0203, &[&place[..], &number.to_le_bytes()].concat())
}

/// The stream of a workbook with one sheet of these records, and more records before it.
fn stream(globals: &[u8], sheet: &[u8]) -> Vec<u8> {
    let bound = |offset: u32| {
        record(0x0085, &[&offset.to_le_bytes()[..], &[0, 0, 2, 1], &[0x68, 0x88, 0x31, 0]].concat())
    };
    let before = [&record(0x0809, &BOF)[..], globals].concat();
    let offset = u32::try_from(before.len() + bound(0).len() + 4).unwrap();
    let begin = [before, bound(offset), record(0x000a, &[])].concat();
    [&begin[..], &record(0x0809, &BOF), sheet, &record(0x000a, &[])].concat()
}

/// A compound file with one stream.
fn ole(name: &str, stream: &[u8]) -> Vec<u8> {
    const SECTOR: usize = 512;
    let length = stream.len().max(4_096);
    let sectors = length.div_ceil(SECTOR);
    let tables = (sectors + 2).div_ceil(127);
    let mut header = vec![0_u8; SECTOR];
    header[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    header[0x1e] = 9;
    header[0x20] = 6;
    let end = 0xffff_fffe_u32.to_le_bytes();
    header[0x30..0x34].copy_from_slice(&u32::try_from(tables).unwrap().to_le_bytes());
    header[0x3c..0x40].copy_from_slice(&end);
    header[0x44..0x48].copy_from_slice(&end);
    for table in 0..109 {
        let at = 0x4c + table * 4;
        let number = if table < tables { table as u32 } else { u32::MAX };
        header[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }
    let mut fat: Vec<u32> = vec![0xffff_fffd; tables];
    fat.push(0xffff_fffe);
    fat.extend((1..sectors).map(|n| (tables + 1 + n) as u32));
    fat.push(0xffff_fffe);
    fat.resize(tables * SECTOR / 4, u32::MAX);
    let mut directory = vec![0_u8; SECTOR];
    for (line, (name, kind, first, length)) in
        [("Root Entry", 5, 0xffff_fffe, 0), (name, 2, (tables + 1) as u32, length as u32)]
            .iter()
            .enumerate()
    {
        let line = &mut directory[line * 128..(line + 1) * 128];
        let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        line[..units.len()].copy_from_slice(&units);
        line[0x40] = units.len() as u8 + 2;
        line[0x42] = *kind;
        line[0x74..0x78].copy_from_slice(&u32::to_le_bytes(*first));
        line[0x78..0x7c].copy_from_slice(&u32::to_le_bytes(*length));
    }
    let fat: Vec<u8> = fat.into_iter().flat_map(u32::to_le_bytes).collect();
    let mut bytes = [header, fat, directory, stream.to_vec()].concat();
    bytes.resize(SECTOR * (tables + 2 + sectors), 0);
    bytes
}

#[test]
fn an_old_workbook_is_read_record_by_record() {
    let merge = record(0x00e5, &[1, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
    let packed = record(0x027e, &[1, 0, 2, 0, 0, 0, 0x16, 0, 0, 0]);
    let error = record(0x0205, &[2, 0, 0, 0, 0, 0, 0x2a, 1]);
    let label = record(0x0204, &[3, 0, 0, 0, 0, 0, 1, 0, 1, 0x32, 0x75]);
    let sheet = [number(0, 0, 1.5), packed, error, label, merge].concat();
    check_read(
        "a.xls",
        &ole("Workbook", &stream(&[], &sheet)),
        &[
            "sheet 表1",
            "0,0 number 1.5",
            "1,2 number 5",
            "2,0 error #N/A",
            "3,0 甲",
            "merge [0, 0, 1, 0]",
        ],
    );
}

#[test]
fn hostile_old_workbooks_are_refused_or_read_without_harm() {
    let corners = [number(0, 0, 1.0), number(65_535, 255, 2.0)].concat();
    check_read(
        "a.xls",
        &ole("Workbook", &stream(&[], &corners)),
        &["sheet 表1", "0,0 number 1", "65535,255 number 2"],
    );
    let pass = record(0x002f, &[0; 6]);
    check_unreadable("a.xls", &ole("Workbook", &stream(&pass, &[])), Unreadable::Encrypted);
    check_unreadable("a.xlsx", &ole("EncryptedPackage", &[0; 99]), Unreadable::Encrypted);
    check_unreadable("a.xls", &ole("WordDocument", &[0; 99]), Unreadable::ForeignProgram);
    let claims = record(0x00fc, &[0xff; 8]);
    check_unreadable("a.xls", &ole("Workbook", &stream(&claims, &[])), Unreadable::Damaged);
    let missing = record(0x00fd, &[0, 0, 0, 0, 0, 0, 9, 0, 0, 0]);
    check_unreadable("a.xls", &ole("Workbook", &stream(&[], &missing)), Unreadable::Damaged);
    // Each tab names the same records: two hundred times the work for nothing.
    let tab = record(0x0085, &[0, 0, 0, 0, 0, 0, 1, 0, 0x61]);
    let tabs = tab.repeat(200);
    check_unreadable("a.xls", &ole("Workbook", &stream(&tabs, &[])), Unreadable::Damaged);
    // A chain of sectors that bites its tail.
    let mut looped = ole("Workbook", &stream(&[], &corners));
    let last = 512 + 9 * 4;
    looped[last..last + 4].copy_from_slice(&2_u32.to_le_bytes());
    check_unreadable("a.xls", &looped, Unreadable::Damaged);
}

#[test]
fn an_old_workbook_with_any_byte_wrong_brings_nothing_down() {
    let whole = ole(
        "Workbook",
        &stream(&record(0x00fc, &[1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 65]), &number(1, 1, 2.0)),
    );
    for at in (0..2_048).chain([whole.len() - 1]) {
        for wrong in [0x00, 0x7f, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] = wrong;
            read("a.xls", &bytes);
        }
        read("a.xls", &whole[..at]);
    }
}

// .ods

const OFFICE: &str = r#"xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0""#;

fn open_document(rows: &str) -> Vec<u8> {
    let content = format!(
        r#"<office:document-content {OFFICE}><office:automatic-styles><style:style style:name="ta2"><style:table-properties table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet><table:table table:name="甲">{rows}</table:table><table:table table:name="乙" table:style-name="ta2"/></office:spreadsheet></office:body></office:document-content>"#
    );
    package(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet".into()),
        ("META-INF/manifest.xml", "<manifest/>".into()),
        ("content.xml", content),
    ])
}

fn cell(attributes: &str, text: &str) -> String {
    format!(r#"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"#)
}

#[test]
fn an_open_document_gives_its_cells_merges_and_hidden_sheets() {
    let first = cell(
        r#"office:value-type="string" table:number-columns-spanned="2" table:number-rows-spanned="2""#,
        "一<text:s text:c=\"2\"/>&amp;二",
    );
    let covered = cell("", "旧").replace("table-cell", "covered-table-cell");
    let day = cell(r#"office:value-type="date" office:date-value="2026-07-01""#, "2026/7/1");
    let twice = cell(
        r#"office:value-type="float" office:value="3" table:number-columns-repeated="2""#,
        "3",
    );
    let note = r#"<table:table-cell office:value-type="string"><office:annotation><text:p>注</text:p></office:annotation><text:p>甲</text:p><text:p>乙</text:p></table:table-cell>"#;
    let rows = format!(
        "<table:table-row>{first}{covered}{day}</table:table-row><table:table-row table:number-rows-repeated=\"2\">{twice}{note}</table:table-row>"
    );
    check_read(
        "a.ods",
        &open_document(&rows),
        &[
            "sheet 甲",
            "0,0 一  &二",
            "0,2 date 46204",
            "1,0 number 3",
            "1,1 number 3",
            "1,2 甲\n乙",
            "2,0 number 3",
            "2,1 number 3",
            "2,2 甲\n乙",
            "merge [0, 0, 1, 1]",
            "sheet 乙 hidden",
        ],
    );
}

#[test]
fn hostile_open_documents_are_refused() {
    let row = |row: &str, cell_: &str| {
        let filled = cell(&format!(r#"office:value-type="float" office:value="1" {cell_}"#), "1");
        open_document(&format!("<table:table-row {row}>{filled}</table:table-row>"))
    };
    let million_rows = r#"table:number-rows-repeated="1048576""#;
    let million_columns = r#"table:number-columns-repeated="1048576""#;
    for (name, bytes) in [
        ("rows", row(million_rows, "")),
        ("columns", row("", million_columns)),
        ("both", row(million_rows, million_columns)),
        ("four thousand million", row(r#"table:number-rows-repeated="4294967295""#, "")),
    ] {
        assert_eq!(read("a.ods", &bytes).last().unwrap(), "unreadable TooLarge", "{name}");
    }
    // Empty ones cost nothing, and every program writes them.
    let empty = open_document(&format!(
        "<table:table-row {million_rows}><table:table-cell {million_columns}/></table:table-row>"
    ));
    check_read("a.ods", &empty, &["sheet 甲", "sheet 乙 hidden"]);
    let spaces = cell(r#"office:value-type="string""#, r#"<text:s text:c="4000000000"/>"#);
    check_unreadable(
        "a.ods",
        &open_document(&format!("<table:table-row>{spaces}</table:table-row>")),
        Unreadable::TooLarge,
    );
    check_unreadable("a.ods", &open_document("<table:table-row>"), Unreadable::Damaged);
    let locked = package(&[
        ("META-INF/manifest.xml", "<m><manifest:encryption-data/></m>".into()),
        ("content.xml", "x".into()),
    ]);
    check_unreadable("a.ods", &locked, Unreadable::Encrypted);
    let writer = package(&[
        ("mimetype", "application/vnd.oasis.opendocument.text".into()),
        ("META-INF/manifest.xml", "<m/>".into()),
        ("content.xml", "<a/>".into()),
    ]);
    check_unreadable("a.odt", &writer, Unreadable::ForeignProgram);
}

// .docx

fn document(body: &str) -> Vec<u8> {
    let body = format!(
        r#"<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>"#
    );
    package(&[("[Content_Types].xml", "<Types/>".into()), ("word/document.xml", body)])
}

fn paragraph(text: &str) -> String {
    format!("<w:p><w:r><w:rPr><w:t/></w:rPr><w:t>{text}</w:t></w:r></w:p>")
}

fn word_cell(properties: &str, text: &str) -> String {
    format!("<w:tc><w:tcPr>{properties}</w:tcPr>{}</w:tc>", paragraph(text))
}

#[test]
fn tables_of_a_document_are_sheets_with_the_lines_above_them() {
    let rows = [
        word_cell("<w:gridSpan w:val=\"2\"/>", "标题"),
        [word_cell("<w:vMerge w:val=\"restart\"/>", "县"), word_cell("", "甲<w:br/>乙")].concat(),
        [word_cell("<w:vMerge/>", ""), word_cell("", "#N/A")].concat(),
        [word_cell("", "另"), word_cell("", "<w:tab/>丙")].concat(),
    ];
    let rows: String = rows.iter().map(|row| format!("<w:tr>{row}</w:tr>")).collect();
    let body = [
        paragraph("2026年6月"),
        paragraph(" "),
        format!("<w:tbl>{rows}</w:tbl>"),
        paragraph("第二张"),
        "<w:tbl><w:tr>".into(),
        word_cell("", "丁"),
        "</w:tr></w:tbl>".into(),
        paragraph("填报人：某甲"),
    ]
    .concat();
    check_read(
        "a.docx",
        &document(&body),
        &[
            "sheet 表1",
            "0,0 2026年6月",
            "1,0 标题",
            "2,0 县",
            "2,1 甲\n乙",
            "3,1 error #N/A",
            "4,0 另",
            "4,1  丙",
            "merge [1, 0, 1, 1]",
            "merge [2, 0, 3, 0]",
            "sheet 表2",
            "0,0 第二张",
            "1,0 丁",
            "2,0 填报人：某甲",
        ],
    );
}

#[test]
fn hostile_documents_are_refused() {
    let table = |cell: String| document(&format!("<w:tbl><w:tr>{cell}</w:tr></w:tbl>"));
    for span in ["4000000000", "0", "-1", "x"] {
        let wide = table(word_cell(&format!("<w:gridSpan w:val=\"{span}\"/>"), "1"));
        check_unreadable("a.docx", &wide, Unreadable::TooLarge);
    }
    check_unreadable("a.docx", &table(word_cell("", &"长".repeat(200_000))), Unreadable::TooLarge);
    check_unreadable("a.docx", &table("<w:tc>".into()), Unreadable::Damaged);
    check_unreadable("a.docx", &document(&paragraph("没有表格")), Unreadable::Format);
    let laughs = "<!DOCTYPE a [<!ENTITY b \"ha\">]><a>&b;</a>";
    check_unreadable(
        "a.docx",
        &package(&[("word/document.xml", laughs.into())]),
        Unreadable::TooLarge,
    );
    let deep = format!(
        "{}{}",
        "<w:tbl><w:tr><w:tc>".repeat(2_000),
        "</w:tc></w:tr></w:tbl>".repeat(2_000)
    );
    assert_eq!(read("a.docx", &document(&deep))[0], "sheet 表1");
}

// HTML

#[test]
fn a_page_under_the_name_xls_is_read_as_its_tables() {
    let page = "<html><head><meta charset=gb2312><style>td{}</style></head><body><TABLE><tr><td colspan=2>花名册</td></tr>\
        <tr><th rowspan=\"2\">县</th><th>姓&nbsp;名<br>甲</th></tr><!-- <td>x</td> --><tr><td>冉&#38632; &amp; 乙</td></tr></table></body>";
    let (gb, ..) = encoding_rs::GBK.encode(page);
    let lines = [
        "sheet 表1",
        "0,0 花名册",
        "1,0 县",
        "1,1 姓 名\n甲",
        "2,1 冉雨 & 乙",
        "merge [0, 0, 0, 1]",
        "merge [1, 0, 2, 0]",
    ];
    check_read("a.xls", &gb, &lines);
    check_read("a.xls", page.as_bytes(), &lines);
    for hostile in [
        "<table><td colspan=4000000000>1",
        "<table><tr><td rowspan=99999999 colspan=99999>1<td>2",
        "<table",
        "<table><tr><td>&#xffffffff;&;&",
    ] {
        read("a.xls", hostile.as_bytes());
    }
}

// Archives

/// What is inside, one line a file, with what came as bytes.
fn inside(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let request = Request::ReadWorkbook { file_name: "a.zip".to_owned() };
    let answer = harness().call(request, &[bytes]);
    assert_eq!(answer.status, Status::Done);
    let files = answer.items.into_iter().map(|(item, mut blobs)| match item {
        Item::Inside { file_name, unreadable } => {
            let why = unreadable.map_or(String::new(), |why| format!(" {why:?}"));
            (format!("{file_name}{why}"), blobs.remove(0))
        }
        other => (format!("{other:?}"), Vec::new()),
    });
    files.collect()
}

#[test]
fn an_archive_gives_its_files_and_what_cannot_be_taken_out_alone() {
    let mut bytes = package(&[
        ("名单/甲.csv", "a,b".into()),
        ("__MACOSX/._甲.csv", "x".into()),
        ("~$乙.xlsx", "x".into()),
        ("bomb.csv", "0".repeat(3 << 20)),
        ("QQQQ.csv", "c".into()),
    ]);
    // A Chinese Windows writes names in its own encoding and does not say so.
    let gb = encoding_rs::GBK.encode("乙丙").0;
    for at in 0..bytes.len() - 8 {
        if &bytes[at..at + 8] == b"QQQQ.csv" {
            bytes[at..at + 4].copy_from_slice(&gb);
        }
    }
    let files = inside(&bytes);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["名单/甲.csv", "bomb.csv TooLarge", "乙丙.csv"]);
    assert_eq!(files[0].1, b"a,b");
    let alone = inside(&files[1].1);
    assert_eq!(alone[0].0, "bomb.csv TooLarge");
    assert!(files[1].1.len() < 10_000, "{}", files[1].1.len());
    let many: Vec<(String, String)> =
        (0..600).map(|n| (format!("{n}.csv"), String::new())).collect();
    let many: Vec<(&str, String)> = many.iter().map(|(n, c)| (n.as_str(), c.clone())).collect();
    check_unreadable("a.zip", &package(&many), Unreadable::TooLarge);
    check_unreadable("a.zip", &package(&[("folder/", String::new())]), Unreadable::Damaged);
    // A workbook is no archive, whatever it is called.
    assert_eq!(read("a.zip", &workbook("<sheetData/>", &[])), ["sheet 表1"]);
}

#[test]
fn a_file_behind_a_password_stops_no_other() {
    let mut bytes = package(&[("a.csv", "1".into()), ("b.csv", "2".into())]);
    // The bit that says so, in the first file's headers.
    bytes[6] |= 1;
    let central = memchr::memmem::find(&bytes, b"PK\x01\x02").unwrap();
    bytes[central + 8] |= 1;
    let names: Vec<String> = inside(&bytes).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a.csv Encrypted", "b.csv"]);
}
