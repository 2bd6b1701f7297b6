//! 花名册: volunteers, where they come from and where they serve.
//!
//! Source of the headings: a university's own export of 西部计划 volunteers, and plausible
//! synonyms. Only what reminding and the two chains need is read; card numbers, addresses, body
//! height and the like are passed over and named in [`Intake::ignored_headings`].

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use chrono::{Datelike, NaiveDate};

use super::contact::{mail, phone};
use super::date;
use super::grid::Grid;
use super::heading::{Headings, Vocabulary};
use super::id_number::{IdNumber, Sex};
use super::lines::{Line, data_rows, naming, short_text};
use super::refusal::{Refusal, Warning};
use super::{Intake, Personal, text};
use crate::cell::{CellValue, Place, Sheet};
use crate::office::OfficeId;

/// One volunteer of a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterRow {
    /// 姓名.
    pub name: Personal,
    /// 身份证号, whole and checked.
    pub id_number: IdNumber,
    /// 服务单位编号, where our own number was given.
    pub unit_number: Option<OfficeId>,
    /// 服务单位.
    pub unit: Option<String>,
    /// 服务县.
    pub county: Option<String>,
    /// 毕业院校.
    pub university: Option<String>,
    /// 学院.
    pub department: Option<String>,
    /// First day of service, as far as told.
    pub from: Option<NaiveDate>,
    /// The day after the last day of service; none where open or not told.
    pub until: Option<NaiveDate>,
    /// Phone.
    pub phone: Option<Personal>,
    /// Mail address.
    pub mail: Option<Personal>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Name,
    IdNumber,
    Sex,
    Birth,
    UnitNumber,
    Unit,
    County,
    University,
    Department,
    From,
    Until,
    Span,
    Phone,
    Mail,
}

const VOCABULARY: Vocabulary<Field> = Vocabulary(&[
    (Field::Name, &["姓名", "学生姓名", "志愿者姓名", "志愿者", "名字", "人员姓名"]),
    (
        Field::IdNumber,
        &[
            "身份证号",
            "身份证号码",
            "身份证",
            "公民身份号码",
            "证件号码",
            "证件号",
            "居民身份证号",
            "居民身份证号码",
            "二代身份证号",
            "身份证件号",
            "身份证件号码",
        ],
    ),
    (Field::Sex, &["性别"]),
    (Field::Birth, &["出生年月", "出生日期", "出生年月日", "生日"]),
    (Field::UnitNumber, &["单位编号", "服务单位编号", "本系统单位编号"]),
    (
        Field::Unit,
        &[
            "服务单位",
            "岗位单位",
            "服务单位名称",
            "所在单位",
            "工作单位",
            "现服务单位",
            "接收单位",
            "用人单位",
            "服务岗位单位",
            "服务乡镇单位",
            "单位",
            "单位名称",
        ],
    ),
    (
        Field::County,
        &[
            "服务县",
            "服务区县",
            "区县",
            "服务地",
            "服务县区",
            "所在区县",
            "服务县市区",
            "派往区县",
            "服务区县名称",
        ],
    ),
    (
        Field::University,
        &[
            "毕业院校",
            "毕业学校",
            "学校",
            "学校名称",
            "高校",
            "院校名称",
            "派出高校",
            "毕业高校",
            "招募高校",
            "来源高校",
            "所在高校",
        ],
    ),
    (Field::Department, &["学院名称", "学院", "院系", "所在院系", "所在学院", "院系名称", "系别"]),
    (
        Field::From,
        &[
            "服务开始日期",
            "服务开始时间",
            "到岗时间",
            "到岗日期",
            "上岗时间",
            "开始时间",
            "服务起始时间",
            "服务起始日期",
            "报到时间",
            "报到日期",
            "开始日期",
            "起始时间",
            // The second line below 服务期.
            "起",
            "起始",
            "开始",
        ],
    ),
    (
        Field::Until,
        &[
            "服务结束日期",
            "服务结束时间",
            "离岗时间",
            "结束时间",
            "服务终止时间",
            "期满时间",
            "服务期满时间",
            "结束日期",
            "服务截止时间",
            "截止时间",
            "期满日期",
            "止",
            "截止",
            "结束",
        ],
    ),
    (
        Field::Span,
        &["服务期", "服务期限", "服务时间", "服务起止时间", "起止时间", "服务年限", "服务起止日期"],
    ),
    (
        Field::Phone,
        &[
            "联系方式",
            "手机",
            "手机号",
            "手机号码",
            "电话",
            "联系电话",
            "本人电话",
            "移动电话",
            "志愿者电话",
            "本人手机",
            "电话号码",
            "本人联系方式",
            "本人联系电话",
        ],
    ),
    (
        Field::Mail,
        &[
            "电子邮箱",
            "邮箱",
            "电子邮件",
            "email",
            "mail",
            "邮箱地址",
            "本人邮箱",
            "电子邮箱地址",
            "电子信箱",
        ],
    ),
]);

pub(super) fn heading_row(grid: &Grid<'_>) -> Option<u32> {
    headings(grid).map(|headings| headings.row)
}

fn headings(grid: &Grid<'_>) -> Option<Headings<Field>> {
    VOCABULARY.headings(grid, |fields| {
        let has = |field| fields.contains(&field);
        has(Field::Name)
            && (has(Field::IdNumber)
                || has(Field::Unit) && (has(Field::Sex) || has(Field::University)))
    })
}

/// Where ids stand on a sheet, whatever else it is: the first row below their heading, from 0, and
/// their columns. An answer shows no more of them than the last four places.
pub fn id_columns(sheet: &Sheet) -> Option<(u32, Vec<u32>)> {
    // Headings stand at the top, and a sheet may be long.
    const ROWS: u32 = 60;
    let top = Sheet {
        name: String::new(),
        cells: sheet.cells.iter().filter(|cell| cell.row < ROWS).cloned().collect(),
        merges: sheet.merges.iter().filter(|merge| merge.first_row < ROWS).copied().collect(),
    };
    let grid = Grid::new(&top);
    let headings = VOCABULARY.headings(&grid, |fields| fields.contains(&Field::IdNumber))?;
    let ids = headings.columns.iter().filter(|column| column.field == Field::IdNumber);
    Some((headings.last_row.saturating_add(1), ids.map(|column| column.column).collect()))
}

/// Reads a roster. The second line with the same id number is refused, whatever else it says.
pub fn read(sheet: &Sheet) -> Intake<RosterRow> {
    let grid = Grid::new(sheet);
    let mut intake = Intake::default();
    let Some(headings) = headings(&grid) else {
        return super::not_recognised(&grid);
    };
    intake.ignored_headings = headings.ignored.clone();
    let mut missing = false;
    for needed in [Field::IdNumber, Field::Unit] {
        let by_number = needed == Field::Unit && headings.column(Field::UnitNumber).is_some();
        if headings.column(needed).is_none() && !by_number {
            missing = true;
            super::refuse_heading(&grid, headings.row, VOCABULARY.name(needed), &mut intake);
        }
    }
    if missing {
        return intake;
    }
    let mut seen: BTreeMap<IdNumber, Place> = BTreeMap::new();
    for row in data_rows(&grid, &headings, &[Field::Name, Field::IdNumber]) {
        let mut line = Line::new(&grid, &headings, row);
        let read = read_line(&mut line, &mut seen, &grid);
        line.finish(read, &mut intake);
    }
    intake
}

fn read_line(
    line: &mut Line<'_, '_, Field>,
    seen: &mut BTreeMap<IdNumber, Place>,
    grid: &Grid<'_>,
) -> Option<RosterRow> {
    let name = line.required(Field::Name, |value| {
        naming(30)(value).map(|name| text::tight(&name)).map(Personal::new)
    });
    let id_number = line.required(Field::IdNumber, IdNumber::from_typed);
    if let Some(id) = id_number {
        match seen.get(&id) {
            Some(first) => {
                line.fault(
                    Some(Field::IdNumber),
                    Refusal::SamePersonTwice { first: first.clone() },
                );
            }
            None => {
                seen.insert(id, grid.place(line.row.number, None));
            }
        }
        compare(line, id);
    }
    let unit_number = line.optional(Field::UnitNumber, super::office_number);
    let unit = match unit_number {
        Some(_) => line.optional(Field::Unit, naming(60)),
        None => line.required(Field::Unit, naming(60)),
    };
    let county = line.optional(Field::County, short_text(60));
    let university = line.optional(Field::University, short_text(60));
    let department = line.optional(Field::Department, short_text(60));
    let (from, until) = service(line);
    let phone = line.optional(Field::Phone, phone);
    let mail = line.optional(Field::Mail, mail);
    if phone.as_ref().is_some_and(|phone| phone.more) {
        line.warn(Some(Field::Phone), Warning::SeveralPhonesFirstTaken);
    }
    if phone.is_none() && mail.is_none() {
        line.warn(None, Warning::NoWayToReach);
    }
    let phone = phone.map(|phone| phone.number);
    let (name, id_number) = (name?, id_number?);
    line.is_faultless().then_some(RosterRow {
        name,
        id_number,
        unit_number,
        unit,
        county,
        university,
        department,
        from,
        until,
        phone,
        mail,
    })
}

/// Warns where other columns say other than the id.
fn compare(line: &mut Line<'_, '_, Field>, id: IdNumber) {
    if let Some((_, CellValue::Text(typed))) = line.cell(Field::Sex) {
        let told = match text::tight(typed).as_str() {
            "男" | "男性" => Some(Sex::Male),
            "女" | "女性" => Some(Sex::Female),
            _ => None,
        };
        if told.is_some_and(|told| told != id.sex()) {
            line.warn(Some(Field::Sex), Warning::SexDiffersFromIdNumber);
        }
    }
    let Some((_, value)) = line.cell(Field::Birth) else { return };
    let birth = id.birth_date();
    let differs = match date::read(value) {
        Ok(date::TypedDate::Day(day)) => day != birth,
        Ok(date::TypedDate::Month(month)) => {
            (month.year(), month.month()) != (birth.year(), birth.month())
        }
        _ => false,
    };
    if differs {
        line.warn(Some(Field::Birth), Warning::BirthDateDiffersFromIdNumber);
    }
}

/// First day and the day after the last, from two columns or from one.
fn service(line: &mut Line<'_, '_, Field>) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let from = line.optional(Field::From, date::read).and_then(date::TypedDate::first);
    let until = line.optional(Field::Until, date::read).and_then(date::TypedDate::end);
    let span = line.optional(Field::Span, |value| match years(value) {
        Some(years) => Ok(Span::Years(years)),
        None => date::read_span(value).map(|(from, until)| Span::Days(from, until)),
    });
    let (from, until) = match span {
        Some(Span::Days(first, last)) => (from.or(Some(first)), until.or(last)),
        Some(Span::Years(years)) => {
            let end = from.and_then(|from| from.with_year(from.year() + years));
            (from, until.or(end))
        }
        None => (from, until),
    };
    if let (Some(from), Some(until)) = (from, until)
        && until <= from
    {
        line.fault(Some(Field::Until), Refusal::EndsBeforeItBegins);
    }
    if from.is_none() {
        line.warn(None, Warning::NoFirstDay);
    }
    (from, until)
}

enum Span {
    Days(NaiveDate, Option<NaiveDate>),
    Years(i32),
}

/// `1年`, `两年`, `3`: a length without days; the programme knows one to three years.
fn years(value: &CellValue) -> Option<i32> {
    let shown = text::tight(&text::shown(value));
    let number = date::number(shown.trim_end_matches(['期', '制']).trim_end_matches('年'))?;
    (1..=3).contains(&number).then_some(number as i32)
}
