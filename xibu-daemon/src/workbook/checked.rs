//! The page in front of a workbook that is answered: what was taken, what was sent back, what to do
//! next, each with its place.

use chrono::NaiveDateTime;
use xibu_core::intake::SheetKind;
use xibu_core::obligation::ObligationKey;
use xibu_plugin_abi::message::{CellOutValue, SheetOut, Style};

use super::sheet::Draft;
use super::{day_text, month_text};
use crate::intake::{FileOutcome, FileReport, Finding, Proof};

/// What the page is called on its tab.
pub const CHECKED_NAME: &str = "核对结果";
/// Its first words, by which it is known when it comes back.
pub const CHECKED_TITLE: &str = "西部计划报表核对结果";

/// The most places listed; all of them are marked where they stand.
const PLACES_MAX: usize = 500;
/// The last column.
const LAST: u32 = 5;

/// Writes the page. It names no person; `masked` says whether ids are.
pub fn checked(report: &FileReport, received_at: NaiveDateTime, masked: bool) -> SheetOut {
    let mut draft = Draft::new(CHECKED_NAME, &[6.0, 16.0, 9.0, 18.0, 58.0, 10.0]);
    draft.wide_text(0, (0, LAST), CHECKED_TITLE, Style::Title);
    let mut row = 1;
    for line in said(report, received_at, masked) {
        draft.wide_text(row, (0, LAST), &line, Style::Plain);
        row += 1;
    }
    let row = sheets(&mut draft, row + 1, report);
    places(&mut draft, row + 1, report);
    draft.done()
}

/// What became of the whole, and what to do next.
fn said(report: &FileReport, received_at: NaiveDateTime, masked: bool) -> Vec<String> {
    let sum = |of: fn(&crate::intake::SheetReport) -> usize| -> usize {
        report.sheets.iter().map(of).sum()
    };
    let (accepted, refused) = (sum(|sheet| sheet.accepted), sum(|sheet| sheet.refused));
    let looks = findings(report).filter(|finding| finding.only_warning).count();
    let wrong = findings(report).count() - looks;
    let when = format!("{}{}收到。", day_text(received_at.date()), received_at.format("%H:%M"));
    let taken = match (report.outcome, accepted, refused) {
        (FileOutcome::KnownBefore, ..) => "这份文件以前交过，没有重复登记。".to_owned(),
        (_, 0, 0) => "没有找到可以登记的内容。".to_owned(),
        (_, accepted, 0) => format!("收下{accepted}行，没有退回的。"),
        (_, 0, refused) => format!("退回{refused}行，没有收下的。"),
        (_, accepted, refused) => format!("收下{accepted}行，退回{refused}行。"),
    };
    let mut lines = vec![format!("{when}{taken}")];
    let returns: Vec<String> = report.returns.iter().filter_map(|key| of_return(key)).collect();
    if !returns.is_empty() {
        lines.push(format!("收下的报告单：{}。", returns.join("；")));
    }
    if wrong > 0 {
        lines.push(format!(
            "怎么办：共{wrong}处须改正，已标红，批注里写着哪里不对、怎么改。请直接在本文件里改正，\
             存盘后原样发回。收下的行不用动。"
        ));
    }
    if looks > 0 {
        lines.push(format!("另有{looks}处请留意，已标黄；没有问题就不用改。"));
    }
    if wrong + looks == 0 {
        lines.push("不用再做什么。".to_owned());
    }
    if report.proved == Some(Proof::Differs) {
        lines.push("表里的请求编号与本办发出的不符，由工作人员核对后再登记。".to_owned());
    }
    if masked && report.sheets.iter().any(|sheet| sheet.id_columns.is_some()) {
        lines.push(
            "为保护个人信息，身份证号只留后四位。退回的行请填全18位号码，收下的行不用补。"
                .to_owned(),
        );
    }
    lines.push("本页由系统填写，发回时不用删，也不用改。".to_owned());
    lines
}

fn findings(report: &FileReport) -> impl Iterator<Item = &Finding> {
    report.sheets.iter().flat_map(|sheet| &sheet.findings)
}

/// `O57 2026年6月`.
fn of_return(key: &str) -> Option<String> {
    let key: ObligationKey = key.parse().ok()?;
    Some(format!("{} {}", key.debtor, month_text(key.period)))
}

/// What became of each sheet; gives the next free row.
fn sheets(draft: &mut Draft, first: u32, report: &FileReport) -> u32 {
    let headings = ["序号", "工作表", "收下", "退回", "内容", "留意"];
    for (column, heading) in (0_u32..).zip(headings) {
        draft.text(first, column, heading, Style::Heading);
    }
    let mut row = first;
    for (index, sheet) in report.sheets.iter().enumerate() {
        row += 1;
        let looks = sheet.findings.iter().filter(|finding| finding.only_warning).count();
        let number = |count: usize| CellOutValue::Number(count as f64);
        draft.cell(row, 0, number(index + 1), Style::Body);
        draft.text(row, 1, sheet.name.clone(), Style::Body);
        draft.cell(row, 2, number(sheet.accepted), Style::Body);
        draft.cell(row, 3, number(sheet.refused), Style::Body);
        draft.text(row, 4, kind(sheet.kind), Style::Body);
        draft.cell(row, LAST, number(looks), Style::Body);
    }
    row + 1
}

const fn kind(kind: Option<SheetKind>) -> &'static str {
    match kind {
        Some(SheetKind::Directory) => "按通讯录读入",
        Some(SheetKind::Roster) => "按花名册读入",
        Some(SheetKind::Report) => "按月报告单读入",
        Some(SheetKind::Wishes) => "按求职意向登记表读入",
        None => "没有读",
    }
}

/// Every place with what is wrong there and how to mend it: what must be mended comes first.
fn places(draft: &mut Draft, first: u32, report: &FileReport) {
    if findings(report).next().is_none() {
        return;
    }
    let headings = ["序号", "工作表", "位置", "栏目", "哪里不对，怎么改", "处理"];
    for (column, heading) in (0_u32..).zip(headings) {
        draft.text(first, column, heading, Style::Heading);
    }
    let wrong = findings(report).filter(|finding| !finding.only_warning);
    let looks = findings(report).filter(|finding| finding.only_warning);
    let mut row = first;
    for (index, finding) in wrong.chain(looks).enumerate() {
        row += 1;
        if index == PLACES_MAX {
            let left = findings(report).count() - PLACES_MAX;
            let text = format!("另有{left}处，见各工作表里标色的单元格。");
            draft.wide_text(row, (0, LAST), &text, Style::Words);
            return;
        }
        let place = &finding.place;
        let at = match &place.column {
            Some(column) => format!("{column}{}", place.row),
            None => format!("第{}行", place.row),
        };
        // In quotes, or a page of headings would be read as a form when it comes back.
        let heading = finding.heading.as_ref().map(|heading| format!("“{heading}”栏"));
        let (style, what) = match finding.only_warning {
            false => (Style::Wrong, "须改正"),
            true => (Style::Body, "请留意"),
        };
        draft.cell(row, 0, CellOutValue::Number((index + 1) as f64), Style::Body);
        draft.text(row, 1, place.sheet.clone(), Style::Body);
        draft.text(row, 2, at, Style::Body);
        draft.text(row, 3, heading.unwrap_or_default(), Style::Body);
        draft.text(row, 4, finding.text_zh.clone(), Style::Words);
        draft.text(row, LAST, what, style);
    }
}
