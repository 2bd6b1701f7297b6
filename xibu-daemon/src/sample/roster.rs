//! One county's roster in one of the shapes in which offices keep them.

use xibu_plugin_abi::message::{CellOut, CellOutValue, SheetOut, Style, Workbook};

use super::dirt::{self, Dirt};
use super::numbers::Numbers;
use super::people::{County, People, Person, University};
use super::{ExpectedRefusal, SampleContent, SampleFile};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Number,
    Name,
    Sex,
    IdNumber,
    Birth,
    Politics,
    University,
    Department,
    Programme,
    County,
    Unit,
    From,
    Until,
    Span,
    Phone,
    Mail,
    Remark,
}

/// How a shape writes its days.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Days {
    Cells,
    Chinese,
    Dotted,
}

/// A way to keep a roster.
struct Shape {
    columns: &'static [(&'static str, Column)],
    days: Days,
    /// A title and a line saying who filled it in, above the headings.
    title: bool,
    /// 服务单位 merged over its volunteers.
    merged: bool,
    /// A line of sums and a remark below.
    sums: bool,
    /// Full-width digits and small x in ids now and then.
    careless: bool,
    /// .csv in this encoding.
    csv: Option<Encoding>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Gb18030,
    Utf8Mark,
}

use Column as C;

const PLAIN: Shape = Shape {
    columns: &[],
    days: Days::Cells,
    title: false,
    merged: false,
    sums: false,
    careless: false,
    csv: None,
};

const SHAPES: [Shape; 6] = [
    Shape {
        columns: &[
            ("学生姓名", C::Name),
            ("身份证号", C::IdNumber),
            ("性别", C::Sex),
            ("出生年月", C::Birth),
            ("政治面貌", C::Politics),
            ("学校名称", C::University),
            ("学院名称", C::Department),
            ("项目类型", C::Programme),
            ("服务县", C::County),
            ("服务单位", C::Unit),
            ("服务期", C::Span),
            ("联系方式", C::Phone),
            ("电子邮箱", C::Mail),
            ("备注", C::Remark),
        ],
        ..PLAIN
    },
    Shape {
        columns: &[
            ("序号", C::Number),
            ("姓名", C::Name),
            ("性别", C::Sex),
            ("身份证号码", C::IdNumber),
            ("毕业院校", C::University),
            ("院系", C::Department),
            ("服务县", C::County),
            ("服务单位", C::Unit),
            ("服务期限", C::Span),
            ("手机号码", C::Phone),
            ("邮箱", C::Mail),
        ],
        csv: Some(Encoding::Gb18030),
        ..PLAIN
    },
    Shape {
        columns: &[
            ("序号", C::Number),
            ("服务单位\n（全称）", C::Unit),
            ("姓　名", C::Name),
            ("身份证号码（必填）", C::IdNumber),
            ("性 别", C::Sex),
            ("毕业学校", C::University),
            ("所在学院", C::Department),
            ("服务起止时间", C::Span),
            ("手机号码（必填）", C::Phone),
            ("电子邮件", C::Mail),
        ],
        days: Days::Chinese,
        title: true,
        merged: true,
        sums: true,
        ..PLAIN
    },
    Shape {
        columns: &[
            ("志愿者姓名", C::Name),
            ("公民身份号码", C::IdNumber),
            ("出生日期", C::Birth),
            ("高校", C::University),
            ("院系名称", C::Department),
            ("服务区县", C::County),
            ("服务单位名称", C::Unit),
            ("服务开始日期", C::From),
            ("服务结束日期", C::Until),
            ("联系电话", C::Phone),
            ("E-mail", C::Mail),
        ],
        careless: true,
        ..PLAIN
    },
    Shape {
        columns: &[
            ("姓名", C::Name),
            ("证件号码", C::IdNumber),
            ("派出高校", C::University),
            ("学院", C::Department),
            ("区县", C::County),
            ("岗位单位", C::Unit),
            ("到岗时间", C::From),
            ("期满时间", C::Until),
            ("手机", C::Phone),
            ("邮箱地址", C::Mail),
        ],
        days: Days::Dotted,
        csv: Some(Encoding::Utf8Mark),
        ..PLAIN
    },
    Shape {
        columns: &[
            ("序号", C::Number),
            ("姓名*", C::Name),
            ("身份证号*", C::IdNumber),
            ("性别", C::Sex),
            ("学校", C::University),
            ("院系", C::Department),
            ("所在单位", C::Unit),
            ("到岗日期", C::From),
            ("服务期满时间", C::Until),
            ("移动电话", C::Phone),
            ("电子邮箱", C::Mail),
            ("备注", C::Remark),
        ],
        days: Days::Chinese,
        title: true,
        sums: true,
        careless: true,
        ..PLAIN
    },
];

/// One line to be written.
struct Line {
    person: Person,
    unit: String,
    university: &'static str,
    department: &'static str,
    two_years: bool,
    dirt: Option<Dirt>,
}

pub(super) fn file(
    numbers: &mut Numbers,
    people: &mut People,
    universities: &[University],
    county: &County,
    index: usize,
    count: usize,
) -> SampleFile {
    let shape = &SHAPES[index % SHAPES.len()];
    let lines = lines(numbers, people, universities, county, index, count);
    let accepted = lines.iter().filter(|line| line.dirt.is_none()).count();
    let rows = rows(numbers, shape, county, &lines);
    let first = if shape.title { 3 } else { 1 };
    let name = format!("{}西部计划志愿者花名册", county.name);
    let sheet = shape.csv.is_none().then(|| "花名册".to_owned());
    let refused = (0_u32..)
        .zip(&lines)
        .filter_map(|(at, line)| {
            let reason = line.dirt?.reason();
            Some(ExpectedRefusal { sheet: sheet.clone(), row: first + at + 1, reason })
        })
        .collect();
    let (file_name, content) = match shape.csv {
        Some(encoding) => {
            (format!("{name}.csv"), SampleContent::Bytes(csv(shape, &rows, encoding)))
        }
        None => {
            let workbook = workbook(shape, county, &lines, rows);
            (format!("{name}.xlsx"), SampleContent::Workbook(workbook))
        }
    };
    SampleFile { file_name, content, accepted, refused }
}

fn lines(
    numbers: &mut Numbers,
    people: &mut People,
    universities: &[University],
    county: &County,
    index: usize,
    count: usize,
) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::with_capacity(count + 2);
    let units = county.units.len().max(1);
    for volunteer in 0..count {
        let unit = county.units.get(volunteer * units / count.max(1));
        let university = numbers.one_of(universities);
        lines.push(Line {
            person: people.next(numbers, None),
            unit: unit.cloned().unwrap_or_default(),
            university: university.name,
            department: university.departments[numbers.below(university.departments.len())],
            two_years: numbers.below(5) == 0,
            dirt: None,
        });
    }
    // One or two lines go wrong in each county, spread over the file but never its first line.
    for extra in 0..1 + index % 2 {
        let Some(at) = (!lines.is_empty()).then(|| 1 + numbers.below(lines.len())) else { break };
        let before = &lines[at - 1];
        let line = Line {
            person: people.next(numbers, None),
            unit: before.unit.clone(),
            university: before.university,
            department: before.department,
            two_years: false,
            dirt: Some(dirt::ALL[(index + extra * 5) % dirt::ALL.len()]),
        };
        lines.insert(at, line);
    }
    lines
}

fn rows(
    numbers: &mut Numbers,
    shape: &Shape,
    county: &County,
    lines: &[Line],
) -> Vec<Vec<CellOutValue>> {
    let first = lines.first().map(|line| line.person.clone());
    let mut rows = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        let careless = shape.careless && numbers.below(6) == 0;
        let row = shape.columns.iter().map(|(_, column)| {
            let instead = line.dirt.zip(first.as_ref()).and_then(|(dirt, first)| {
                dirt.instead(*column, &line.person, first, shape.csv.is_some())
            });
            instead.unwrap_or_else(|| value(shape, *column, line, county, at + 1, careless))
        });
        rows.push(row.collect());
    }
    rows
}

fn value(
    shape: &Shape,
    column: Column,
    line: &Line,
    county: &County,
    number: usize,
    careless: bool,
) -> CellOutValue {
    let text = |text: &str| CellOutValue::Text(text.to_owned());
    let person = &line.person;
    let (year, month, day) = person.birth;
    let end = if line.two_years { 2027 } else { 2026 };
    match column {
        C::Number => CellOutValue::Number(number as f64),
        C::Name => text(&person.name),
        C::Sex => text(if person.male { "男" } else { "女" }),
        C::IdNumber if careless => text(&carelessly(&person.id_number)),
        C::IdNumber => text(&person.id_number),
        C::Birth => text(&format!("{year}-{month:02}-{day:02}")),
        C::Politics => text("共青团员"),
        C::University => text(line.university),
        C::Department => text(line.department),
        C::Programme => text("全国项目"),
        C::County => text(county.name),
        C::Unit => text(&line.unit),
        C::From => match shape.days {
            Days::Cells => CellOutValue::Date("2025-08-01".to_owned()),
            Days::Chinese => text("2025年8月1日"),
            Days::Dotted => text("2025.8.1"),
        },
        C::Until => match shape.days {
            Days::Cells => CellOutValue::Date(format!("{end}-07-31")),
            Days::Chinese => text(&format!("{end}年7月")),
            Days::Dotted => text(&format!("{end}.7.31")),
        },
        C::Span => match shape.days {
            Days::Chinese => text(&format!("2025年8月1日至{end}年7月31日")),
            Days::Cells | Days::Dotted => text(&format!("2025.8-{end}.7")),
        },
        C::Phone if careless => text(&format!("{} {}", &person.phone[..3], &person.phone[3..])),
        C::Phone => text(&person.phone),
        C::Mail => text(&person.mail),
        C::Remark => CellOutValue::Blank,
    }
}

/// Full-width digits, a space after the birth date, a small x.
fn carelessly(id: &str) -> String {
    let wide = |c: char| match c {
        '0'..='9' => char::from_u32('０' as u32 + (c as u32 - '0' as u32)).unwrap_or(c),
        c => c,
    };
    let head: String = id[..6].chars().map(wide).collect();
    format!("{head}{} {}", &id[6..14], id[14..].to_lowercase())
}

fn workbook(
    shape: &Shape,
    county: &County,
    lines: &[Line],
    rows: Vec<Vec<CellOutValue>>,
) -> Workbook {
    let last = shape.columns.len() as u32 - 1;
    let mut sheet = SheetOut {
        name: "花名册".to_owned(),
        widths: shape.columns.iter().map(|(_, column)| width(*column)).collect(),
        landscape: true,
        ..SheetOut::default()
    };
    let mut put = |row, column, value, style| {
        sheet.cells.push(CellOut { row, column, value, style, note: None });
    };
    let text = |text: String| CellOutValue::Text(text);
    let mut row = 0;
    if shape.title {
        put(0, 0, text(format!("{}大学生西部计划志愿者花名册", county.name)), Style::Title);
        put(1, 0, text(format!("填报单位：{}（盖章）", county.office())), Style::Plain);
        row = 2;
    }
    for (column, (heading, _)) in (0..).zip(shape.columns) {
        put(row, column, text((*heading).to_owned()), Style::Heading);
    }
    let first = row + 1;
    let merges = unit_merges(shape, lines, first);
    let covered = |row: u32, column: u32| {
        merges.iter().any(|m| m[1] == column && (m[0] + 1..=m[2]).contains(&row))
    };
    for values in rows {
        row += 1;
        for (column, value) in (0..).zip(values) {
            let value = if covered(row, column) { CellOutValue::Blank } else { value };
            put(row, column, value, Style::Body);
        }
    }
    if shape.sums {
        put(row + 1, 0, text("合计".to_owned()), Style::Body);
        put(row + 1, 1, text(format!("{}人", lines.len())), Style::Body);
        put(
            row + 2,
            0,
            text("填表人：                审核人：                负责人：".to_owned()),
            Style::Plain,
        );
    }
    sheet.heading_rows = first;
    sheet.merges = merges;
    if shape.title {
        sheet.merges.push([0, 0, 0, last]);
        sheet.merges.push([1, 0, 1, last]);
    }
    Workbook { sheets: vec![sheet], ..Workbook::default() }
}

/// Runs of lines of the same unit, for the shape that merges them; a line that went wrong ends a
/// run.
fn unit_merges(shape: &Shape, lines: &[Line], first: u32) -> Vec<[u32; 4]> {
    let column = shape.columns.iter().position(|(_, column)| *column == C::Unit);
    let (true, Some(column)) = (shape.merged, column) else { return Vec::new() };
    let mut merges: Vec<[u32; 4]> = Vec::new();
    let mut begin = 0;
    for at in 1..=lines.len() {
        let same = at < lines.len()
            && lines[at].unit == lines[begin].unit
            && ![lines[at].dirt, lines[begin].dirt].contains(&Some(Dirt::UnitMisspelt));
        if !same {
            if at - begin > 1 {
                let column = column as u32;
                merges.push([first + begin as u32, column, first + at as u32 - 1, column]);
            }
            begin = at;
        }
    }
    merges
}

fn width(column: Column) -> f64 {
    match column {
        C::Number | C::Sex => 6.0,
        C::IdNumber | C::Mail | C::Span => 22.0,
        C::Unit => 26.0,
        C::University | C::Department => 18.0,
        _ => 13.0,
    }
}

fn csv(shape: &Shape, rows: &[Vec<CellOutValue>], encoding: Encoding) -> Vec<u8> {
    let mut text = String::new();
    let headings = shape.columns.iter().map(|(heading, _)| (*heading).to_owned());
    line(&mut text, headings, encoding);
    for row in rows {
        let cells = row.iter().map(|value| match value {
            CellOutValue::Text(text) | CellOutValue::Date(text) => text.clone(),
            CellOutValue::Number(number) => number.to_string(),
            CellOutValue::Blank => String::new(),
        });
        line(&mut text, cells, encoding);
    }
    match encoding {
        Encoding::Gb18030 => encoding_rs::GB18030.encode(&text).0.into_owned(),
        Encoding::Utf8Mark => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
    }
}

/// One line; the UTF-8 shape parts by tabs, as some programs do.
fn line(text: &mut String, cells: impl Iterator<Item = String>, encoding: Encoding) {
    let part = if encoding == Encoding::Utf8Mark { "\t" } else { "," };
    let cells: Vec<String> = cells
        .map(|cell| {
            if cell.contains([',', '"', '\n', '\t']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell
            }
        })
        .collect();
    text.push_str(&cells.join(part));
    text.push_str("\r\n");
}
