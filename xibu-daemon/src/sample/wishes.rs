//! 求职意向登记表 of a made-up city: former and serving volunteers who look for work, some of whom
//! allow job information, some not, some without a word.

use xibu_plugin_abi::message::{CellOut, CellOutValue, SheetOut, Style, Workbook};

use super::numbers::Numbers;
use super::people::{People, Person};
use super::{ExpectedRefusal, SampleContent, SampleFile};

const HEADINGS: [&str; 12] = [
    "序号",
    "姓名",
    "手机号码",
    "电子邮箱",
    "学历",
    "专业",
    "毕业年份",
    "意向地点",
    "意向岗位",
    "期望月薪",
    "身份",
    "同意接收就业信息",
];
const SHEET: &str = "求职意向";

/// What people have learnt and wish: education, major, kind of post.
const WISHES: [(&str, &str, &str); 8] = [
    ("本科", "汉语言文学", "教师"),
    ("本科", "数学与应用数学", "教师"),
    ("大专", "护理学", "护士"),
    ("本科", "临床医学", "医生"),
    ("本科", "农学", "农业技术"),
    ("硕士", "计算机科学与技术", "软件开发"),
    ("大专", "会计学", "财务"),
    ("本科", "新闻学", "编辑、文秘"),
];
const PLACES: [&str; 7] = [
    "重庆市万州区",
    "重庆市江北区、沙坪坝区",
    "永川区",
    "黔江区",
    "不限",
    "忠县或云阳县",
    "巫山县",
];

/// The city's sheet, `count` good lines and two to be refused.
pub fn wishes(seed: u64, count: usize) -> SampleFile {
    let mut numbers = Numbers::new(seed ^ 0x7769_7368);
    // Apart from everybody of the rosters: these people's numbers begin where those end.
    let mut people = People::beginning_at(50_000);
    let mut cells = vec![text(0, 0, "2026年6月求职意向登记表", Style::Title)];
    for (column, heading) in (0..).zip(HEADINGS) {
        cells.push(text(1, column, heading, Style::Heading));
    }
    let bad = [count / 3 + 2, count / 2 + 3];
    for line in 0..count + bad.len() {
        let person = people.next(&mut numbers, None);
        let row = 2 + u32::try_from(line).unwrap_or(0);
        let is_bad = bad.contains(&line);
        cells.extend(row_cells(&mut numbers, row, line + 1, &person, is_bad));
    }
    let refused = bad.map(|line| ExpectedRefusal {
        sheet: Some(SHEET.to_owned()),
        row: 3 + u32::try_from(line).unwrap_or(0),
        reason: "phone_malformed",
    });
    let sheet = SheetOut {
        name: SHEET.to_owned(),
        widths: vec![6.0, 10.0, 14.0, 24.0, 8.0, 18.0, 10.0, 22.0, 14.0, 10.0, 12.0, 10.0],
        heading_rows: 2,
        landscape: true,
        merges: vec![[0, 0, 0, 11]],
        cells,
        ..SheetOut::default()
    };
    SampleFile {
        file_name: "求职意向登记表.xlsx".to_owned(),
        content: SampleContent::Workbook(Workbook { sheets: vec![sheet], ..Workbook::default() }),
        accepted: count,
        refused: refused.to_vec(),
    }
}

fn row_cells(
    numbers: &mut Numbers,
    row: u32,
    number: usize,
    person: &Person,
    is_bad: bool,
) -> Vec<CellOut> {
    let (education, major, post) = *numbers.one_of(&WISHES);
    let place = *numbers.one_of(&PLACES);
    let pay = 3_500 + 500 * numbers.below(8);
    let year = 2022 + numbers.below(4);
    let former = numbers.below(3) > 0;
    let consent = match numbers.below(10) {
        0..=7 => "是",
        8 => "否",
        _ => "",
    };
    let phone = if is_bad { "15400" } else { person.phone.as_str() };
    let values = [
        number.to_string(),
        person.name.clone(),
        phone.to_owned(),
        person.mail.clone(),
        education.to_owned(),
        major.to_owned(),
        year.to_string(),
        place.to_owned(),
        post.to_owned(),
        pay.to_string(),
        if former { "往届志愿者" } else { "在岗志愿者" }.to_owned(),
        consent.to_owned(),
    ];
    (0..).zip(values).map(|(column, value)| text(row, column, &value, Style::Body)).collect()
}

fn text(row: u32, column: u32, value: &str, style: Style) -> CellOut {
    CellOut { row, column, value: CellOutValue::Text(value.to_owned()), style, note: None }
}
