//! 求职意向登记表: who looks for which work, and whether they want to be told of it.
//!
//! Headings are plausible ones; no form of the programme is known. Consent is only what is said
//! outright: 是 or 同意. An empty cell is no consent, and anything else is asked again.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::contact::{mail, phone};
use super::date;
use super::grid::Grid;
use super::heading::{Headings, Vocabulary};
use super::lines::{Line, data_rows, short_text};
use super::refusal::{Refusal, Warning};
use super::{Intake, Personal, text};
use crate::cell::{CellValue, Place, Sheet};
use crate::education::Education;
use crate::major;
use crate::pay::{Pay, PayPer};
use crate::posting::EmploymentKind;
use crate::region::Region;

/// One person's wishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WishRow {
    /// 姓名.
    pub name: Personal,
    /// Phone; this or the mail address is there.
    pub phone: Option<Personal>,
    /// Mail address.
    pub mail: Option<Personal>,
    /// 学历.
    pub education: Option<Education>,
    /// 专业, each on its own.
    pub majors: Vec<String>,
    /// 毕业年份.
    pub graduated: Option<i32>,
    /// 意向地点; empty where 不限 or not said.
    pub places: Vec<Region>,
    /// Whether no other place is wanted: 仅, 只 before the places, or a column that says so.
    pub places_only: bool,
    /// 意向岗位 that name a kind of employment.
    pub kinds: Vec<EmploymentKind>,
    /// 意向岗位 that name a post.
    pub posts: Vec<String>,
    /// 期望月薪, the least, in yuan.
    pub pay_min: Option<u32>,
    /// 身份.
    pub volunteer: Option<VolunteerStanding>,
    /// The last day of service.
    pub serves_until: Option<NaiveDate>,
    /// 服务单位.
    pub unit: Option<String>,
    /// 同意接收就业信息; none where not said, which is no consent.
    pub consent: Option<Consent>,
}

/// Whether somebody is or was a volunteer, as they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VolunteerStanding {
    /// 在岗志愿者.
    Serving,
    /// 往届志愿者.
    Former,
    /// Neither.
    Never,
}

/// What somebody said of being told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// 是, 同意.
    Given,
    /// 否, 不同意.
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Name,
    Phone,
    Mail,
    Education,
    Major,
    Graduated,
    Places,
    PlacesOnly,
    Posts,
    Pay,
    Volunteer,
    Until,
    Unit,
    Consent,
}

const VOCABULARY: Vocabulary<Field> = Vocabulary(&[
    (Field::Name, &["姓名", "学生姓名", "志愿者姓名", "志愿者", "名字", "求职者", "求职人"]),
    (
        Field::Phone,
        &[
            "联系电话",
            "手机",
            "手机号",
            "手机号码",
            "电话",
            "联系方式",
            "本人电话",
            "移动电话",
            "电话号码",
            "本人手机",
            "本人联系电话",
        ],
    ),
    (
        Field::Mail,
        &["邮箱", "电子邮箱", "电子邮件", "email", "mail", "邮箱地址", "本人邮箱", "电子信箱"],
    ),
    (Field::Education, &["学历", "最高学历", "学历层次", "文化程度", "学历学位"]),
    (Field::Major, &["专业", "所学专业", "毕业专业", "专业名称", "最高学历专业"]),
    (
        Field::Graduated,
        &["毕业年份", "毕业时间", "毕业日期", "毕业年月", "毕业年度", "毕业届别", "届别"],
    ),
    (
        Field::Places,
        &[
            "意向地点",
            "意向城市",
            "意向工作地点",
            "意向地区",
            "意向就业地区",
            "意向就业地",
            "期望工作地点",
            "期望地点",
            "期望城市",
            "期望工作城市",
            "求职地点",
            "意向工作城市",
            "意向区域",
            "意向就业地点",
            "就业意向地点",
        ],
    ),
    (
        Field::PlacesOnly,
        &[
            "只考虑意向地点",
            "是否只考虑意向地点",
            "仅限意向地点",
            "是否仅限意向地点",
            "只考虑以上地点",
        ],
    ),
    (
        Field::Posts,
        &[
            "意向岗位",
            "期望岗位",
            "求职意向",
            "意向职位",
            "期望职位",
            "就业意向",
            "意向单位性质",
            "意向行业",
            "求职岗位",
            "意向单位类型",
            "意向工作",
            "意向岗位类别",
        ],
    ),
    (
        Field::Pay,
        &[
            "期望月薪",
            "期望薪资",
            "期望薪酬",
            "薪资要求",
            "期望工资",
            "月薪要求",
            "期望待遇",
            "薪酬范围",
            "意向薪资",
        ],
    ),
    (Field::Volunteer, &["身份", "志愿者身份", "人员身份", "人员类别", "志愿者类别", "服务状态"]),
    (
        Field::Until,
        &[
            "服务期满时间",
            "服务结束时间",
            "服务结束日期",
            "期满时间",
            "期满日期",
            "服务期满日期",
            "离岗时间",
        ],
    ),
    (Field::Unit, &["服务单位", "服务单位名称", "现服务单位", "所在单位", "原服务单位"]),
    (
        Field::Consent,
        &[
            "同意接收就业信息",
            "是否同意接收就业信息",
            "接收就业信息",
            "是否接收就业信息",
            "是否愿意接收就业信息",
            "同意接收招聘信息",
            "是否同意接收招聘信息",
            "是否接收招聘信息",
            "是否接受推荐就业",
            "同意接收岗位信息",
        ],
    ),
]);

pub(super) fn heading_row(grid: &Grid<'_>) -> Option<u32> {
    headings(grid).map(|headings| headings.row)
}

fn headings(grid: &Grid<'_>) -> Option<Headings<Field>> {
    VOCABULARY.headings(grid, |fields| {
        let has = |field| fields.contains(&field);
        let wish = has(Field::Places) || has(Field::Posts) || has(Field::Pay);
        let reach = has(Field::Phone) || has(Field::Mail);
        has(Field::Name) && (wish || has(Field::Consent) && reach)
    })
}

/// Reads the wishes. The second line with the same name and the same phone or mail is refused.
pub fn read(sheet: &Sheet) -> Intake<WishRow> {
    let grid = Grid::new(sheet);
    let mut intake = Intake::default();
    let Some(headings) = headings(&grid) else {
        return super::not_recognised(&grid);
    };
    intake.ignored_headings = headings.ignored.clone();
    if headings.column(Field::Phone).is_none() && headings.column(Field::Mail).is_none() {
        let name = VOCABULARY.name(Field::Phone);
        super::refuse_heading(&grid, headings.row, name, &mut intake);
        return intake;
    }
    let mut seen = BTreeMap::new();
    for row in data_rows(&grid, &headings, &[Field::Name, Field::Phone, Field::Mail]) {
        let mut line = Line::new(&grid, &headings, row);
        let read = read_line(&mut line, &mut seen, &grid);
        line.finish(read, &mut intake);
    }
    intake
}

fn read_line(
    line: &mut Line<'_, '_, Field>,
    seen: &mut BTreeMap<(Personal, Personal), Place>,
    grid: &Grid<'_>,
) -> Option<WishRow> {
    let name = line.required(Field::Name, |value| {
        short_text(30)(value).map(|name| text::tight(&name)).map(Personal::new)
    });
    let (phone, mail) = reach(line);
    if let Some(name) = &name {
        once(line, seen, grid, name, [&phone, &mail]);
    }
    let education = line.optional(Field::Education, education);
    let majors = line.optional(Field::Major, majors).unwrap_or_default();
    let graduated = line.optional(Field::Graduated, year);
    let (places, only) = line.optional(Field::Places, places).unwrap_or_default();
    let only_too = line.optional(Field::PlacesOnly, yes_or_no).unwrap_or(false);
    let (kinds, posts) = line.optional(Field::Posts, posts).unwrap_or_default();
    let pay_min = line.optional(Field::Pay, pay).flatten();
    let volunteer = line.optional(Field::Volunteer, volunteer);
    let until = line.optional(Field::Until, date::read).and_then(date::TypedDate::end);
    let unit = line.optional(Field::Unit, short_text(60));
    let consent = line.optional(Field::Consent, consent);
    let name = name?;
    line.is_faultless().then_some(WishRow {
        name,
        phone,
        mail,
        education,
        majors,
        graduated,
        places_only: (only || only_too) && !places.is_empty(),
        places,
        kinds,
        posts,
        pay_min,
        volunteer,
        serves_until: until.and_then(|after| after.pred_opt()),
        unit,
        consent,
    })
}

/// Phone and mail; one of them says whose wishes these are.
fn reach(line: &mut Line<'_, '_, Field>) -> (Option<Personal>, Option<Personal>) {
    let phone_read = line.optional(Field::Phone, phone);
    let mail = line.optional(Field::Mail, mail);
    if phone_read.as_ref().is_some_and(|phone| phone.more) {
        line.warn(Some(Field::Phone), Warning::SeveralPhonesFirstTaken);
    }
    if phone_read.is_none() && mail.is_none() && line.is_faultless() {
        line.fault(None, Refusal::ReachMissing);
    }
    (phone_read.map(|phone| phone.number), mail)
}

fn once(
    line: &mut Line<'_, '_, Field>,
    seen: &mut BTreeMap<(Personal, Personal), Place>,
    grid: &Grid<'_>,
    name: &Personal,
    reached: [&Option<Personal>; 2],
) {
    let mut first: Option<Place> = None;
    for address in reached.into_iter().flatten() {
        let place = grid.place(line.row.number, None);
        let key = (name.clone(), address.clone());
        let before = seen.entry(key).or_insert_with(|| place.clone());
        if *before != place {
            first.get_or_insert_with(|| before.clone());
        }
    }
    if let Some(first) = first {
        line.fault(Some(Field::Name), Refusal::SameWishesTwice { first });
    }
}

fn words(value: &CellValue, max: u32) -> Result<String, Refusal> {
    short_text(max)(value)
}

/// 无, 不限, a dash: nothing is said.
fn says_nothing(typed: &str) -> bool {
    matches!(
        typed,
        "不限" | "无" | "无要求" | "都可" | "均可" | "面议" | "全国" | "-" | "—" | "/" | "待定"
    )
}

fn education(value: &CellValue) -> Result<Education, Refusal> {
    let typed = words(value, 30)?;
    Education::from_typed(&typed).ok_or(Refusal::EducationNotReadable)
}

fn majors(value: &CellValue) -> Result<Vec<String>, Refusal> {
    Ok(major::list(&words(value, 80)?))
}

/// 2024, 2024届, 2024年6月, or a day.
fn year(value: &CellValue) -> Result<i32, Refusal> {
    let typed = words(value, 30)?;
    let tight = text::tight(&typed);
    let short = tight.trim_end_matches(['毕', '业', '生', '届', '级', '年']);
    let year = match short.parse::<i32>() {
        Ok(year) if short.len() == 4 => Some(year),
        _ => date::read(value)
            .map_err(|reason| match reason {
                Refusal::CellIsError | Refusal::ValueMissing => reason,
                _ => Refusal::YearNotReadable,
            })?
            .first()
            .map(|day| day.year()),
    };
    year.filter(|year| (1950..=2100).contains(year)).ok_or(Refusal::YearNotReadable)
}

fn places(value: &CellValue) -> Result<(Vec<Region>, bool), Refusal> {
    let typed = words(value, 120)?;
    let tight = text::tight(&typed);
    if says_nothing(&tight) {
        return Ok((Vec::new(), false));
    }
    let only =
        ["仅限", "只限", "只考虑", "仅", "只", "限"].iter().find_map(|w| tight.strip_prefix(w));
    let places = Region::list(match only {
        Some(rest) => rest.trim_start_matches([':', '：', '在']),
        None => &typed,
    });
    if places.is_empty() {
        return Err(Refusal::PlaceNotReadable);
    }
    Ok((places, only.is_some()))
}

fn yes_or_no(value: &CellValue) -> Result<bool, Refusal> {
    consent(value).map(|consent| consent == Consent::Given).map_err(|reason| match reason {
        Refusal::ConsentNotReadable => Refusal::YesOrNoNotReadable,
        reason => reason,
    })
}

/// Kinds of employment and words for posts, from one cell.
fn posts(value: &CellValue) -> Result<(Vec<EmploymentKind>, Vec<String>), Refusal> {
    let typed = words(value, 120)?;
    let (mut kinds, mut posts) = (Vec::new(), Vec::new());
    let marks = ['、', ',', '，', ';', '；', '/', '|', ' ', '或', '和', '及'];
    for part in typed.split(marks).map(str::trim).filter(|part| !part.is_empty()) {
        let part = text::tight(part);
        let part = part.trim_end_matches(['类', '等']);
        let long = part.chars().count();
        if says_nothing(part) || long < 2 {
            continue;
        }
        // 公司会计 is a post; 民营企业 is a kind.
        match EmploymentKind::from_typed(part).filter(|_| long <= 5 && !part.ends_with("会计")) {
            Some(kind) if !kinds.contains(&kind) => kinds.push(kind),
            Some(_) => {}
            None => posts.push(part.trim_end_matches("岗位").into()),
        }
    }
    posts.truncate(10);
    Ok((kinds, posts))
}

/// The least a month; none where any pay will do.
fn pay(value: &CellValue) -> Result<Option<u32>, Refusal> {
    let typed = words(value, 40)?;
    let tight = text::tight(&typed);
    if says_nothing(&tight) {
        return Ok(None);
    }
    let pay = Pay::from_typed(&tight).ok_or(Refusal::PayNotReadable)?;
    match pay.per {
        PayPer::Negotiable => Ok(None),
        PayPer::Month => pay.min.or(pay.max).map(Some).ok_or(Refusal::PayNotReadable),
        PayPer::Day | PayPer::Hour => Err(Refusal::PayNotReadable),
    }
}

fn volunteer(value: &CellValue) -> Result<VolunteerStanding, Refusal> {
    let tight = text::tight(&words(value, 30)?);
    let has = |words: &[&str]| words.iter().any(|word| tight.contains(word));
    if has(&["非志愿者", "不是"]) || matches!(tight.as_str(), "否" | "无" | "其他") {
        return Ok(VolunteerStanding::Never);
    }
    // 服务期满 before 服务期.
    if has(&["往届", "期满", "离岗", "历届", "曾", "已结束"]) {
        return Ok(VolunteerStanding::Former);
    }
    if has(&["在岗", "现役", "在服务", "服务期内", "在职志愿者"]) {
        return Ok(VolunteerStanding::Serving);
    }
    Err(Refusal::VolunteerNotReadable)
}

/// Only 是 and 同意 are consent; a tick or a checkbox says less than the law asks for.
fn consent(value: &CellValue) -> Result<Consent, Refusal> {
    let typed = match value {
        CellValue::Error(_) => return Err(Refusal::CellIsError),
        CellValue::Text(typed) => text::tight(typed),
        _ => return Err(Refusal::ConsentNotReadable),
    };
    match typed.trim_end_matches(['。', '.', '!']) {
        "" => Err(Refusal::ValueMissing),
        "是" | "同意" | "是的" | "我同意" | "本人同意" => Ok(Consent::Given),
        "否" | "不同意" | "不" | "不是" | "不愿意" => Ok(Consent::Refused),
        _ => Err(Refusal::ConsentNotReadable),
    }
}

#[cfg(test)]
mod tests;
