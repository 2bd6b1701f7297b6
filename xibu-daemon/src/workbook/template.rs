//! Blank templates: the directory, the roster and people's wishes, with drop-downs and a note on
//! each heading.

use std::collections::BTreeMap;

use xibu_plugin_abi::message::{CellOutValue, SheetOut, Style, Workbook};

use super::sheet::Draft;

/// How many lines of a template are open for typing.
const LINES: u32 = 300;

/// 通讯录 template.
pub fn directory_template() -> Workbook {
    let columns: [(&str, f64, &str); 17] = [
        ("单位编号", 10.0, "本系统给的编号，如O17；新单位不填"),
        ("单位名称（必填）", 26.0, "单位全称，盖章名称"),
        ("单位类别（必填）", 13.0, "从下拉列表中选"),
        ("上级单位", 18.0, "上级单位的名称或编号；市项目办不填"),
        ("行政区划代码", 12.0, "六位代码，可不填"),
        ("负责人", 10.0, "区县为第一责任人，服务单位为直接责任人"),
        ("负责人电话", 14.0, "手机号，或区号加座机号"),
        ("负责人邮箱", 22.0, ""),
        ("副职", 10.0, "负责人空缺时代为负责，可不填"),
        ("副职电话", 14.0, ""),
        ("副职邮箱", 22.0, ""),
        ("联系人", 10.0, "具体报送月报告单的人"),
        ("联系人电话", 14.0, ""),
        ("联系人邮箱", 22.0, "提醒发到这个邮箱"),
        ("工作人员", 10.0, "市项目办填写：跟进逾期区县的人"),
        ("工作人员电话", 14.0, ""),
        ("工作人员邮箱", 22.0, ""),
    ];
    let mut sheet = blank("通讯录", "西部计划项目办及服务单位通讯录", &columns);
    sheet.choices.push(xibu_plugin_abi::message::Choice {
        area: [2, 2, 1 + LINES, 2],
        options: ["市项目办", "区县项目办", "高校项目办", "院系团委", "服务单位"]
            .map(str::to_owned)
            .to_vec(),
    });
    workbook("西部计划通讯录", sheet)
}

/// 花名册 template.
pub fn roster_template() -> Workbook {
    let columns: [(&str, f64, &str); 11] = [
        ("姓名（必填）", 10.0, ""),
        ("身份证号（必填）", 22.0, "18位；本列已设为文本，请勿改格式"),
        ("性别", 6.0, "与身份证号不一致时以身份证号为准"),
        ("服务县", 14.0, "区县项目办的名称"),
        ("服务单位（必填）", 26.0, "与通讯录中的单位名称一致"),
        ("学校名称", 20.0, "毕业院校"),
        ("学院名称", 18.0, ""),
        ("服务开始日期", 13.0, "如2025-08-01"),
        ("服务结束日期", 13.0, "最后一天，如2026-07-31"),
        ("联系方式", 14.0, "手机号"),
        ("电子邮箱", 22.0, ""),
    ];
    let mut sheet = blank("花名册", "西部计划志愿者花名册", &columns);
    sheet.choices.push(xibu_plugin_abi::message::Choice {
        area: [2, 2, 1 + LINES, 2],
        options: ["男", "女"].map(str::to_owned).to_vec(),
    });
    workbook("西部计划志愿者花名册", sheet)
}

/// 求职意向登记表 template.
pub fn wishes_template() -> Workbook {
    let columns: [(&str, f64, &str); 14] = [
        ("姓名（必填）", 10.0, ""),
        ("联系电话", 14.0, "电话和邮箱至少填一项"),
        ("邮箱", 22.0, "就业信息发到这个邮箱"),
        ("学历", 8.0, "从下拉列表中选"),
        ("专业", 18.0, "毕业证上的专业名称，几个用顿号隔开"),
        ("毕业年份", 10.0, "如2024"),
        ("意向地点", 18.0, "区县或城市名称，几个用顿号隔开；都可以填不限"),
        ("只考虑意向地点", 14.0, "填“是”则不推送其他地点的"),
        ("意向岗位", 18.0, "如教师、会计、事业单位"),
        ("期望月薪", 10.0, "如5000；都可以填面议"),
        ("身份", 12.0, "从下拉列表中选"),
        ("服务期满时间", 13.0, "在岗志愿者填，如2026-07-31"),
        ("服务单位", 22.0, "与花名册一致"),
        ("同意接收就业信息", 16.0, "由本人填“是”或“否”；不填视为不同意，随时可以撤回"),
    ];
    let mut sheet = blank("求职意向登记表", "西部计划志愿者求职意向登记表", &columns);
    let choices: [(u32, &[&str]); 4] = [
        (3, &["大专", "本科", "硕士", "博士"]),
        (7, &["是", "否"]),
        (10, &["在岗志愿者", "往届志愿者", "无"]),
        (13, &["是", "否"]),
    ];
    for (column, options) in choices {
        sheet.choices.push(xibu_plugin_abi::message::Choice {
            area: [2, column, 1 + LINES, column],
            options: options.iter().map(|option| (*option).to_owned()).collect(),
        });
    }
    workbook("西部计划志愿者求职意向登记表", sheet)
}

fn blank(name: &str, title: &str, columns: &[(&str, f64, &str)]) -> SheetOut {
    let widths: Vec<f64> = columns.iter().map(|(_, width, _)| *width).collect();
    let mut draft = Draft::new(name, &widths).landscape().protected();
    let last = columns.len() as u32 - 1;
    draft.wide_text(0, (0, last), title, Style::Title);
    for (column, (heading, _, note)) in (0_u32..).zip(columns) {
        draft.noted(1, column, heading, Style::Heading, note);
    }
    for row in 2..2 + LINES {
        for column in 0..=last {
            draft.cell(row, column, CellOutValue::Blank, Style::Input);
        }
    }
    draft.heading_rows(2);
    draft.done()
}

fn workbook(title: &str, sheet: SheetOut) -> Workbook {
    let properties = BTreeMap::from([("title".to_owned(), title.to_owned())]);
    Workbook { sheets: vec![sheet], properties }
}
