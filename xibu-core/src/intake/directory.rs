//! 通讯录, 联络表: offices with their kind, superior, head, deputy, contact and staff.
//!
//! Headings: a generic 电话 or 邮箱 belongs to the person named in the nearest column to its left.
//! One office may fill several lines as long as no post is filled twice with different people.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::contact::{mail, phone};
use super::grid::Grid;
use super::heading::{Headings, Vocabulary};
use super::lines::{Line, data_rows, naming, short_text};
use super::refusal::{Refusal, Warning};
use super::{Intake, Personal, text};
use crate::appointment::Role;
use crate::cell::{CellValue, Place, Sheet};
use crate::office::{OfficeId, OfficeKind};

/// One line of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryRow {
    /// 单位编号, where our own number was given.
    pub number: Option<OfficeId>,
    /// 单位名称.
    pub name: String,
    /// 单位类别.
    pub kind: OfficeKind,
    /// 上级单位, by name or number as typed.
    pub superior: Option<String>,
    /// 行政区划代码, as typed; never an identity.
    pub gb_code: Option<String>,
    /// The people named on the line, by post.
    pub people: Vec<DirectoryPerson>,
}

/// Somebody named in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryPerson {
    /// As what.
    pub role: Role,
    /// Name.
    pub name: Personal,
    /// Phone.
    pub phone: Option<Personal>,
    /// Mail address.
    pub mail: Option<Personal>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Number,
    Name,
    County,
    Kind,
    Superior,
    Code,
    Person(Role),
    Phone(Role),
    Mail(Role),
    AnyPhone,
    AnyMail,
}

const ROLES: [Role; 4] = [Role::Head, Role::Deputy, Role::Contact, Role::Staff];

const VOCABULARY: Vocabulary<Field> = Vocabulary(&[
    (Field::Number, &["单位编号", "本系统单位编号", "编号", "单位代号"]),
    (
        Field::Name,
        &[
            "单位名称",
            "单位",
            "名称",
            "单位全称",
            "机构名称",
            "项目办名称",
            "项目办",
            "服务单位",
            "服务单位名称",
            "高校名称",
            "学校名称",
            "学校",
            "高校",
            "院系名称",
            "部门名称",
            "办公室名称",
        ],
    ),
    (Field::County, &["区县", "区县名称", "服务县", "县区", "所在区县", "区县自治县"]),
    (Field::Kind, &["单位类别", "类别", "单位类型", "机构类别", "级别", "单位性质类别"]),
    (
        Field::Superior,
        &[
            "上级单位",
            "上级",
            "主管单位",
            "上级项目办",
            "主管项目办",
            "所属单位",
            "所属项目办",
            "所属区县",
            "所属高校",
            "所属学校",
            "隶属单位",
            "管理单位",
        ],
    ),
    (Field::Code, &["行政区划代码", "区划代码", "区县代码", "代码"]),
    (
        Field::Person(Role::Head),
        &[
            "负责人",
            "负责人姓名",
            "主要负责人",
            "单位负责人",
            "项目办负责人",
            "第一责任人",
            "直接责任人",
            "责任人",
            "主任",
            "领导",
        ],
    ),
    (
        Field::Phone(Role::Head),
        &[
            "负责人电话",
            "负责人联系电话",
            "负责人手机",
            "负责人手机号",
            "负责人手机号码",
            "负责人联系方式",
            "单位负责人电话",
            "主要负责人电话",
            "第一责任人电话",
            "直接责任人电话",
            "责任人电话",
        ],
    ),
    (
        Field::Mail(Role::Head),
        &[
            "负责人邮箱",
            "负责人电子邮箱",
            "负责人电子邮件",
            "负责人邮件",
            "责任人邮箱",
            "单位负责人邮箱",
        ],
    ),
    (
        Field::Person(Role::Deputy),
        &["副职", "副主任", "分管负责人", "分管领导", "副职姓名", "分管负责人姓名", "副职负责人"],
    ),
    (
        Field::Phone(Role::Deputy),
        &[
            "副职电话",
            "副职联系电话",
            "分管负责人电话",
            "分管领导电话",
            "副职手机",
            "副职手机号码",
            "副主任电话",
        ],
    ),
    (Field::Mail(Role::Deputy), &["副职邮箱", "分管负责人邮箱", "副职电子邮箱", "分管领导邮箱"]),
    (
        Field::Person(Role::Contact),
        &[
            "联系人",
            "联系人姓名",
            "联络人",
            "联络员",
            "联络员姓名",
            "经办人",
            "经办人姓名",
            "具体负责人",
            "专干",
            "项目专员",
            "项目办联系人",
            "单位联系人",
        ],
    ),
    (
        Field::Phone(Role::Contact),
        &[
            "联系人电话",
            "联系人联系电话",
            "联系人手机",
            "联系人手机号",
            "联系人手机号码",
            "联系人联系方式",
            "联络人电话",
            "联络员电话",
            "联络员手机",
            "联络员联系方式",
            "经办人电话",
            "经办人手机",
            "专干电话",
            "单位联系人电话",
        ],
    ),
    (
        Field::Mail(Role::Contact),
        &[
            "联系人邮箱",
            "联系人电子邮箱",
            "联系人电子邮件",
            "联系人邮件",
            "联络人邮箱",
            "联络员邮箱",
            "经办人邮箱",
            "单位联系人邮箱",
        ],
    ),
    (Field::Person(Role::Staff), &["工作人员", "工作人员姓名", "其他工作人员", "项目办工作人员"]),
    (
        Field::Phone(Role::Staff),
        &[
            "工作人员电话",
            "工作人员联系电话",
            "工作人员手机",
            "工作人员手机号码",
            "工作人员联系方式",
        ],
    ),
    (Field::Mail(Role::Staff), &["工作人员邮箱", "工作人员电子邮箱"]),
    (
        Field::AnyPhone,
        &[
            "电话",
            "联系电话",
            "手机",
            "手机号",
            "手机号码",
            "联系方式",
            "移动电话",
            "电话号码",
            "姓名电话",
        ],
    ),
    (
        Field::AnyMail,
        &["邮箱", "电子邮箱", "电子邮件", "邮箱地址", "email", "mail", "邮件地址", "电子信箱"],
    ),
]);

pub(super) fn heading_row(grid: &Grid<'_>) -> Option<u32> {
    headings(grid).map(|headings| headings.row)
}

fn headings(grid: &Grid<'_>) -> Option<Headings<Field>> {
    let mut headings = VOCABULARY.headings(grid, |fields| {
        let office = fields.contains(&Field::Name) || fields.contains(&Field::County);
        office && ROLES.iter().any(|role| fields.contains(&Field::Person(*role)))
    })?;
    let mut person = None;
    for column in &mut headings.columns {
        match (column.field, person) {
            (Field::Person(role), _) => person = Some(role),
            (Field::AnyPhone, Some(role)) => column.field = Field::Phone(role),
            (Field::AnyMail, Some(role)) => column.field = Field::Mail(role),
            _ => {}
        }
    }
    // 区县 beside 服务单位 is the superior; alone it is the office itself.
    let has = |field| headings.columns.iter().any(|column| column.field == field);
    let county = match (has(Field::Name), has(Field::Superior)) {
        (true, false) => Some(Field::Superior),
        (false, _) => Some(Field::Name),
        (true, true) => None,
    };
    for column in &mut headings.columns {
        if let (Field::County, Some(meant)) = (column.field, county) {
            column.field = meant;
        }
    }
    Some(headings)
}

/// Where an office stood first, and who fills its posts so far.
type Filled = (Place, Vec<(Role, Personal)>);

/// Reads a directory.
pub fn read(sheet: &Sheet) -> Intake<DirectoryRow> {
    let grid = Grid::new(sheet);
    let mut intake = Intake::default();
    let Some(headings) = headings(&grid) else {
        return super::not_recognised(&grid);
    };
    intake.ignored_headings = headings.ignored.clone();
    if headings.column(Field::Kind).is_none() {
        super::refuse_heading(&grid, headings.row, VOCABULARY.name(Field::Kind), &mut intake);
        return intake;
    }
    let mut seen: BTreeMap<(String, Option<String>), Filled> = BTreeMap::new();
    for row in data_rows(
        &grid,
        &headings,
        &[Field::Name, Field::Number, Field::Person(Role::Head), Field::Person(Role::Contact)],
    ) {
        let mut line = Line::new(&grid, &headings, row);
        let read = read_line(&mut line);
        if let Some(row) = &read {
            let key = (row.name.clone(), row.superior.clone());
            let place = grid.place(line.row.number, None);
            let (first, posts) = seen.entry(key).or_insert_with(|| (place, Vec::new()));
            let again = row.people.iter().any(|person| {
                person.role != Role::Staff
                    && posts.iter().any(|(role, name)| *role == person.role && *name != person.name)
            });
            if again {
                line.fault(Some(Field::Name), Refusal::SameOfficeTwice { first: first.clone() });
            } else {
                posts.extend(row.people.iter().map(|person| (person.role, person.name.clone())));
            }
        }
        line.finish(read, &mut intake);
    }
    intake
}

fn read_line(line: &mut Line<'_, '_, Field>) -> Option<DirectoryRow> {
    let number = line.optional(Field::Number, super::office_number);
    let name = line.required(Field::Name, naming(60));
    let kind = line.required(Field::Kind, kind);
    let superior = line.optional(Field::Superior, short_text(60));
    let gb_code = line.optional(Field::Code, short_text(12));
    let mut people = Vec::new();
    for role in ROLES {
        people.extend(person(line, role));
    }
    let (name, kind) = (name?, kind?);
    line.is_faultless().then_some(DirectoryRow { number, name, kind, superior, gb_code, people })
}

fn person(line: &mut Line<'_, '_, Field>, role: Role) -> Option<DirectoryPerson> {
    let name = line.optional(Field::Person(role), |value| {
        naming(30)(value).map(|name| text::tight(&name)).map(Personal::new)
    });
    let phone = line.optional(Field::Phone(role), phone);
    let mail = line.optional(Field::Mail(role), mail);
    if phone.as_ref().is_some_and(|phone| phone.more) {
        line.warn(Some(Field::Phone(role)), Warning::SeveralPhonesFirstTaken);
    }
    let name = match name {
        Some(name) => name,
        // A number without a name: the line is short of a name, not of a person.
        None if phone.is_some() || mail.is_some() => {
            let named = line.cell(Field::Person(role)).is_some();
            if !named {
                line.fault(Some(Field::Person(role)), Refusal::ValueMissing);
            }
            return None;
        }
        None => return None,
    };
    if phone.is_none() && mail.is_none() {
        line.warn(Some(Field::Person(role)), Warning::NoWayToReach);
    }
    Some(DirectoryPerson { role, name, phone: phone.map(|phone| phone.number), mail })
}

fn kind(value: &CellValue) -> Result<OfficeKind, Refusal> {
    let CellValue::Text(typed) = value else { return Err(Refusal::OfficeKindUnknown) };
    let tight = text::key(typed);
    let kinds: [(OfficeKind, &[&str]); 5] = [
        (OfficeKind::City, &["市项目办", "市级", "市级项目办", "市", "省项目办", "省级项目办"]),
        (
            OfficeKind::County,
            &[
                "区县项目办",
                "区县",
                "县项目办",
                "区项目办",
                "服务县",
                "县级",
                "区",
                "县",
                "区县级项目办",
                "服务县项目办",
            ],
        ),
        (OfficeKind::University, &["高校项目办", "高校", "大学", "学校", "学校项目办", "校级"]),
        (
            OfficeKind::Department,
            &["院系团委", "院系", "学院", "学院团委", "二级学院", "系", "院系团总支", "团委"],
        ),
        (OfficeKind::Unit, &["服务单位", "单位", "基层单位", "用人单位", "岗位单位", "服务点"]),
    ];
    kinds
        .into_iter()
        .find(|(_, words)| words.contains(&tight.as_str()))
        .map(|(kind, _)| kind)
        .ok_or(if tight.is_empty() { Refusal::ValueMissing } else { Refusal::OfficeKindUnknown })
}
