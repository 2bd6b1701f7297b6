//! The directory: one workbook, a sheet for each kind of office, each with headings of its own.

use xibu_plugin_abi::message::{CellOut, CellOutValue, SheetOut, Style, Workbook};

use super::numbers::Numbers;
use super::people::{County, People, University};
use super::{ExpectedRefusal, SampleContent, SampleFile};

/// The name of the city's office.
pub(super) const CITY: &str = "重庆市项目办";

/// A sheet being filled line by line.
struct Lines {
    sheet: SheetOut,
    row: u32,
    accepted: usize,
    refused: Vec<ExpectedRefusal>,
}

impl Lines {
    fn new(name: &str, widths: &[f64]) -> Self {
        let sheet = SheetOut {
            name: name.to_owned(),
            widths: widths.to_vec(),
            landscape: true,
            ..SheetOut::default()
        };
        Self { sheet, row: 0, accepted: 0, refused: Vec::new() }
    }

    fn put(&mut self, style: Style, cells: &[&str]) {
        for (column, text) in (0..).zip(cells) {
            let value = match *text {
                "" => CellOutValue::Blank,
                text => CellOutValue::Text(text.to_owned()),
            };
            self.sheet.cells.push(CellOut { row: self.row, column, value, style, note: None });
        }
        self.row += 1;
    }

    fn good(&mut self, cells: &[&str]) {
        self.put(Style::Body, cells);
        self.accepted += 1;
    }

    fn bad(&mut self, reason: &'static str, cells: &[&str]) {
        self.put(Style::Body, cells);
        let sheet = Some(self.sheet.name.clone());
        self.refused.push(ExpectedRefusal { sheet, row: self.row, reason });
    }
}

pub(super) fn file(
    numbers: &mut Numbers,
    people: &mut People,
    universities: &[University],
    counties: &[County],
) -> SampleFile {
    let sheets = [
        city(numbers, people),
        county_offices(numbers, people, counties),
        schools(numbers, people, universities),
        units(numbers, people, counties),
    ];
    let mut file = SampleFile {
        file_name: "重庆市西部计划通讯录.xlsx".to_owned(),
        content: SampleContent::Bytes(Vec::new()),
        accepted: 0,
        refused: Vec::new(),
    };
    let mut workbook = Workbook::default();
    for lines in sheets {
        file.accepted += lines.accepted;
        file.refused.extend(lines.refused);
        workbook.sheets.push(lines.sheet);
    }
    file.content = SampleContent::Workbook(workbook);
    file
}

fn city(numbers: &mut Numbers, people: &mut People) -> Lines {
    let mut lines =
        Lines::new("市项目办", &[20.0, 12.0, 10.0, 14.0, 24.0, 10.0, 14.0, 24.0, 10.0, 14.0, 24.0]);
    lines.put(
        Style::Heading,
        &[
            "单位名称",
            "单位类别",
            "负责人",
            "负责人电话",
            "负责人邮箱",
            "联系人",
            "联系人电话",
            "联系人邮箱",
            "工作人员",
            "工作人员电话",
            "工作人员邮箱",
        ],
    );
    let head = people.next(numbers, Some("head.city"));
    let contact = people.next(numbers, Some("contact.city"));
    let staff = people.next(numbers, Some("staff.city"));
    lines.good(&[
        CITY,
        "市项目办",
        &head.name,
        &head.phone,
        &head.mail,
        &contact.name,
        &contact.phone,
        &contact.mail,
        &staff.name,
        &staff.phone,
        &staff.mail,
    ]);
    lines
}

/// Two rows of headings: 负责人 and 联系人 merged over 姓名, 电话, 邮箱.
fn county_offices(numbers: &mut Numbers, people: &mut People, counties: &[County]) -> Lines {
    let mut lines = Lines::new(
        "区县项目办",
        &[6.0, 24.0, 12.0, 16.0, 12.0, 10.0, 14.0, 24.0, 10.0, 14.0, 24.0],
    );
    lines.put(Style::Title, &["区县（自治县）项目办联络表"]);
    lines.put(
        Style::Heading,
        &[
            "序号",
            "单位名称",
            "类别",
            "上级单位",
            "行政区划代码",
            "负责人",
            "",
            "",
            "联系人",
            "",
            "",
        ],
    );
    lines
        .put(Style::Heading, &["", "", "", "", "", "姓名", "电话", "邮箱", "姓名", "电话", "邮箱"]);
    lines.sheet.merges.push([0, 0, 0, 10]);
    for column in 0..5 {
        lines.sheet.merges.push([1, column, 2, column]);
    }
    lines.sheet.merges.extend([[1, 5, 1, 7], [1, 8, 1, 10]]);
    lines.sheet.heading_rows = 3;
    for county in counties {
        let head = people.next(numbers, Some(&format!("head.c{:02}", county.number)));
        let contact = people.next(numbers, Some(&format!("contact.c{:02}", county.number)));
        lines.good(&[
            &county.number.to_string(),
            &county.office(),
            "区县项目办",
            CITY,
            county.gb_code.unwrap_or_default(),
            &head.name,
            &head.phone,
            &head.mail,
            &contact.name,
            &contact.phone,
            &contact.mail,
        ]);
    }
    let stray = people.next(numbers, Some("stray.1"));
    lines.bad(
        "office_kind_unknown",
        &["", "样例街道办", "街道", CITY, "", &stray.name, &stray.phone, &stray.mail, "", "", ""],
    );
    lines
}

/// Generic 联系电话, 电子邮箱 behind each person.
fn schools(numbers: &mut Numbers, people: &mut People, universities: &[University]) -> Lines {
    let mut lines = Lines::new("高校", &[30.0, 12.0, 24.0, 10.0, 14.0, 24.0, 10.0, 14.0, 24.0]);
    lines.put(
        Style::Heading,
        &[
            "学校名称",
            "单位类别",
            "主管单位",
            "责任人",
            "联系电话",
            "电子邮箱",
            "联络员",
            "联系电话",
            "电子邮箱",
        ],
    );
    for (index, university) in universities.iter().enumerate() {
        let office = format!("{}项目办", university.name);
        let number = index + 1;
        let head = people.next(numbers, Some(&format!("head.u{number:02}")));
        let contact = people.next(numbers, Some(&format!("contact.u{number:02}")));
        lines.good(&[
            &office,
            "高校项目办",
            CITY,
            &head.name,
            &head.phone,
            &head.mail,
            &contact.name,
            &contact.phone,
            &contact.mail,
        ]);
        for (at, department) in university.departments.iter().enumerate() {
            let contact = people.next(numbers, Some(&format!("contact.u{number:02}d{at}")));
            let name = format!("{}{department}团委", university.name);
            lines.good(&[
                &name,
                "院系团委",
                &office,
                "",
                "",
                "",
                &contact.name,
                &contact.phone,
                &contact.mail,
            ]);
        }
    }
    lines
}

/// 所属区县 merged over the units of a county.
fn units(numbers: &mut Numbers, people: &mut People, counties: &[County]) -> Lines {
    let mut lines = Lines::new("服务单位", &[20.0, 32.0, 12.0, 10.0, 14.0, 24.0, 10.0, 14.0, 24.0]);
    lines.put(Style::Title, &["大学生西部计划志愿者服务单位通讯录"]);
    lines.sheet.merges.push([0, 0, 0, 8]);
    lines.put(
        Style::Heading,
        &[
            "所属区县",
            "服务单位（全称）",
            "单位类别",
            "单位负责人",
            "负责人手机号",
            "负责人邮箱",
            "联系人",
            "手机号码（必填）",
            "邮 箱",
        ],
    );
    lines.sheet.heading_rows = 2;
    let mut number = 0;
    for county in counties {
        let first = lines.row;
        for (at, unit) in county.units.iter().enumerate() {
            number += 1;
            let local = format!("c{:02}n{:02}", county.number, at + 1);
            let head = people.next(numbers, Some(&format!("head.{local}")));
            let mut contact = people.next(numbers, Some(&format!("contact.{local}")));
            if number % 4 == 2 {
                // Reached by phone alone.
                contact.mail.clear();
            }
            let above = if at == 0 { county.office() } else { String::new() };
            lines.good(&[
                &above,
                unit,
                "服务单位",
                &head.name,
                &head.phone,
                &head.mail,
                &contact.name,
                &contact.phone,
                &contact.mail,
            ]);
        }
        if lines.row > first + 1 {
            lines.sheet.merges.push([first, 0, lines.row - 1, 0]);
        }
    }
    dirty_units(numbers, people, &mut lines);
    lines
}

/// A unit whose county is misspelt, and one whose head's number is cut short.
fn dirty_units(numbers: &mut Numbers, people: &mut People, lines: &mut Lines) {
    let stray = people.next(numbers, Some("stray.2"));
    lines.bad(
        "superior_unknown",
        &[
            "涪凌区项目办",
            "样例村便民服务站",
            "服务单位",
            &stray.name,
            &stray.phone,
            &stray.mail,
            "",
            "",
            "",
        ],
    );
    lines.bad(
        "phone_not_readable",
        &[
            CITY,
            "样例村卫生室",
            "服务单位",
            &stray.name,
            &stray.phone[..9],
            &stray.mail,
            "",
            "",
            "",
        ],
    );
}
