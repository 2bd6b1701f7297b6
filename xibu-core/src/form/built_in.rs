//! The form that comes with the software.
//!
//! Source: 渝项目办发〔2009〕22号, 一, names the form
//! 《重庆市大学生西部计划志愿者管理服务信息月报告单》 and does not show it, and it is not public;
//! the notice gives units no form at all. In force from: 2009-05, as the duty. Checked with: the
//! words of the notice (安全、健康事故, 健康情况, 实际困难和合理诉求) and the words offices write
//! over such columns. Limits: every field, every need and every check here is a policy assumption;
//! an office that has the official form writes it down in a file, and no code changes.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{FieldKind, Form, FormCheck, FormField, Need, Severity};
use crate::explain::Sentence;
use crate::office::OfficeKind;
use crate::period::Period;
use crate::source::Source;

use FieldKind::{Cases, Choice, Count, Day, Lines, Text};
use Need::{May, Must, Should};

/// One line of the table below: key, label, synonyms, kind, need, measure.
type Line = (&'static str, &'static str, &'static [&'static str], FieldKind, Need, &'static str);

/// A heading, and the fields under it.
type Section = (&'static str, &'static [Line]);

const SECTIONS: &[Section] = &[
    (
        "基本情况",
        &[
            (
                "office",
                "填报单位",
                &[
                    "报告单位",
                    "单位名称",
                    "服务单位",
                    "上报单位",
                    "服务单位名称",
                    "单位",
                    "填报单位名称",
                    "报送单位",
                ],
                Text,
                Must,
                "",
            ),
            (
                "office_number",
                "单位编号",
                &["本系统单位编号", "编号", "填报单位编号", "服务单位编号"],
                Text,
                May,
                "",
            ),
            (
                "month",
                "报告月份",
                &["月份", "填报月份", "上报月份", "报告期", "报告时间段", "所属月份"],
                Text,
                Must,
                "",
            ),
            (
                "headcount",
                "在岗人数",
                &[
                    "在岗志愿者人数",
                    "志愿者人数",
                    "人数",
                    "在岗志愿者",
                    "在岗志愿者数",
                    "实有人数",
                    "在岗",
                ],
                Count,
                Should,
                "人",
            ),
            (
                "arrivals",
                "本月到岗人数",
                &["到岗人数", "本月新到岗", "新到岗人数", "新增人数", "本月新增人数"],
                Count,
                May,
                "人",
            ),
            (
                "departures",
                "本月离岗人数",
                &["离岗人数", "本月离岗", "减少人数", "本月减少人数", "本月离岗调离人数"],
                Count,
                May,
                "人",
            ),
            ("phone", "联系电话", &["电话", "填报人电话", "手机"], Text, May, ""),
        ],
    ),
    (
        "安全健康",
        &[
            (
                "accidents",
                "安全、健康事故",
                &[
                    "安全健康事故情况",
                    "安全事故",
                    "事故情况",
                    "安全情况",
                    "安全事故情况",
                    "安全",
                    "事故",
                    "安全健康情况",
                    "安全健康",
                    "事故数",
                    "是否发生事故",
                    "有无事故",
                    "事故起数",
                    "本月事故",
                    "安全健康事故数",
                ],
                Lines,
                Must,
                "起",
            ),
            (
                "health",
                "患病、健康情况",
                &[
                    "健康情况",
                    "患病情况",
                    "患病人数",
                    "健康状况",
                    "患病",
                    "身体健康情况",
                    "疾病情况",
                    "患病及健康情况",
                ],
                Cases,
                Should,
                "人",
            ),
            (
                "hazards",
                "隐患及整改",
                &[
                    "隐患整改",
                    "安全隐患",
                    "隐患",
                    "隐患排查",
                    "隐患及整改情况",
                    "安全隐患及整改",
                    "隐患情况",
                    "隐患数",
                    "隐患排查整改",
                    "安全隐患及整改情况",
                ],
                Cases,
                Should,
                "处",
            ),
        ],
    ),
    (
        "困难诉求",
        &[
            (
                "needs",
                "困难和诉求",
                &[
                    "困难诉求",
                    "困难及诉求",
                    "实际困难",
                    "诉求",
                    "困难",
                    "困难与诉求",
                    "需解决的困难",
                    "合理诉求",
                    "需要解决的问题",
                    "困难和诉求情况",
                ],
                Cases,
                Should,
                "件",
            ),
            ("remark", "备注", &["其他情况", "其他", "情况说明"], Text, May, ""),
        ],
    ),
    ("人员", &[("people", "志愿者在岗情况", &["人员在岗情况", "人员情况"], Lines, May, "人")]),
    (
        "填报",
        &[
            (
                "correction",
                "更正原因",
                &["更正说明", "重报原因", "修改原因", "更正理由"],
                Choice,
                May,
                "",
            ),
            ("silent", "未报单位", &["未报送单位", "未上报单位"], Text, May, ""),
            (
                "stated_by",
                "填报人",
                &["填表人", "报告人", "上报人", "经办人", "制表人", "填报人姓名", "填报人签字"],
                Text,
                May,
                "",
            ),
            ("checked_by", "审核人", &["审核", "复核人"], Text, May, ""),
            (
                "head",
                "负责人",
                &["单位负责人", "负责人签字", "第一责任人", "直接责任人"],
                Text,
                May,
                "",
            ),
            (
                "filled_on",
                "填报日期",
                &["填表日期", "报告日期", "上报日期", "填报时间", "上报时间"],
                Day,
                May,
                "",
            ),
        ],
    ),
];

/// The columns of the accident table.
const ACCIDENTS: &[Line] = &[
    ("kind", "事故类别", &["事故类型", "类别", "事故种类", "事故性质"], Choice, Must, ""),
    (
        "time",
        "发生时间",
        &["事故时间", "时间", "发生日期", "事故发生时间", "事故日期"],
        Day,
        Must,
        "",
    ),
    (
        "place",
        "发生地点",
        &["事故地点", "地点", "事发地点", "事故发生地点", "发生单位"],
        Text,
        Must,
        "",
    ),
    ("persons", "涉及人数", &["伤亡人数", "受伤人数", "事故人数", "伤亡情况"], Count, May, "人"),
    (
        "measures",
        "处理措施",
        &["已采取措施", "采取措施", "处置情况", "处理情况", "措施", "处置措施", "事故处理情况"],
        Text,
        Must,
        "",
    ),
];

/// The columns of the table of people.
const PEOPLE: &[Line] = &[
    ("number", "志愿者编号", &["人员编号", "本系统人员编号", "个人编号"], Text, May, ""),
    ("name", "姓名", &["志愿者姓名", "志愿者"], Text, May, ""),
    ("state", "在岗状态", &["是否在岗", "本月在岗情况", "状态", "人员状态"], Choice, Must, ""),
    ("day", "变动日期", &["到岗离岗日期", "离岗日期", "到岗日期", "变动时间"], Day, May, ""),
];

/// How a person stands, as the drop-down list offers it.
const STATES: [&str; 4] = ["在岗", "请假", "离岗", "调离"];

/// What kind of accident, as the drop-down list offers it.
const INCIDENTS: [&str; 6] =
    ["交通事故", "人身伤害", "疾病", "火灾、触电、溺水等灾害", "财物被盗、被骗", "其他"];

/// Why a return is corrected, as the drop-down list offers it: none of these speaks of a person.
const CORRECTIONS: [&str; 5] = ["填写有误", "漏报", "人员变动", "上级要求", "其他原因"];

/// One line of the checks: name, about, when, must, severity, what to say.
struct CheckLine {
    name: &'static str,
    about: &'static str,
    when: Option<&'static str>,
    must: &'static str,
    severity: Severity,
    zh: &'static str,
    en: &'static str,
}

const CHECKS: &[CheckLine] = &[
    CheckLine {
        name: "headcount_adds_up",
        about: "headcount",
        when: None,
        must: "headcount = last.headcount + arrivals - departures",
        severity: Severity::Error,
        zh: "上月在岗人数加本月到岗、减本月离岗，不等于本月在岗人数，请核对这三个数",
        en: "last month's headcount plus arrivals less departures is another number; check all \
             three",
    },
    CheckLine {
        name: "headcount_fits_the_roster",
        about: "headcount",
        when: None,
        must: "headcount = roster.headcount",
        severity: Severity::Warning,
        zh: "与花名册截止日的在岗人数不同，人员有变动的请报花名册变动，没有变动的请改正人数",
        en: "the roster has another number at the cut-off; report who came or left, or correct it",
    },
    CheckLine {
        name: "headcount_moves_with_the_roster",
        about: "headcount",
        when: None,
        must: "headcount = last.headcount + roster.arrivals - roster.departures",
        severity: Severity::Warning,
        zh: "与上月相比的增减，花名册上没有相应的到岗、离岗，请核对",
        en: "it moved since last month and the roster knows of nobody who came or left; check it",
    },
    CheckLine {
        name: "the_ill_are_no_more_than_the_headcount",
        about: "health",
        when: None,
        must: "health <= headcount",
        severity: Severity::Error,
        zh: "患病人数多于在岗人数，请核对两个数",
        en: "more are ill than are at their posts; check both numbers",
    },
];

impl Form {
    /// The form that comes with the software.
    pub fn built_in() -> Self {
        let fields = SECTIONS
            .iter()
            .flat_map(|(section, lines)| lines.iter().map(move |line| field(section, line)))
            .collect();
        let checks = CHECKS
            .iter()
            .map(|line| FormCheck {
                name: line.name.into(),
                about: line.about.into(),
                when: line.when.map(Into::into),
                must: Some(line.must.into()),
                fill: Vec::new(),
                severity: line.severity,
                say: Sentence::new(line.zh, line.en),
            })
            .collect();
        Self {
            version: 1,
            from: Period::of(chrono::NaiveDate::MIN.max(first_day())),
            office: None,
            source: Source::Policy {
                set_by: "xibu".into(),
                reason: "通知点名月报告单而未附表式，正式表式未公开；各栏按通知用语拟定".into(),
            },
            title: "重庆市大学生西部计划志愿者管理服务信息月报告单".into(),
            fields,
            checks,
        }
    }
}

/// The first month of the notice.
fn first_day() -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2009, 5, 1).unwrap_or_default()
}

fn field(section: &str, line: &Line) -> FormField {
    let (key, label, synonyms, kind, need, measure) = *line;
    let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<String>>();
    let columns: &[Line] = match key {
        "accidents" => ACCIDENTS,
        "people" => PEOPLE,
        _ => &[],
    };
    let options: &[&str] = match key {
        "kind" => &INCIDENTS,
        "state" => &STATES,
        "correction" => &CORRECTIONS,
        _ => &[],
    };
    FormField {
        key: key.into(),
        section: section.into(),
        label: label.into(),
        synonyms: texts(synonyms),
        kind,
        measure: measure.into(),
        options: texts(options),
        columns: columns.iter().map(|line| field("", line)).collect(),
        filled_by: filled_by(key),
        need,
        carries_over: matches!(key, "hazards" | "needs"),
        help: help(key).into(),
    }
}

fn filled_by(key: &str) -> Vec<OfficeKind> {
    match key {
        // People are told of where they serve; who is silent and who checked, by the county.
        "people" => Vec::from([OfficeKind::Unit]),
        "silent" | "checked_by" => Vec::from([OfficeKind::County]),
        _ => super::everybody(),
    }
}

const fn help(key: &str) -> &'static str {
    match key.as_bytes() {
        b"headcount" => "截止日仍在岗的志愿者人数，请假的也算",
        b"arrivals" => "上月截止日之后到岗的人数，没有填0",
        b"departures" => "上月截止日之后离岗、调离的人数，没有填0",
        b"accidents" => "没有请填“无”；“无”由填报人负责",
        b"time" => "写到日，知道钟点的写到钟点",
        b"health" => "没有请填“无”，有的写人数，不写姓名和病情",
        b"hazards" => "没有请填“无”，有的写处数和整改情况",
        b"needs" => "没有请填“无”，有的写件数，不写姓名",
        b"correction" => "只在更正已报的月份时填",
        _ => "",
    }
}
