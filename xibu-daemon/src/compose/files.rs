//! What became of the files of a message, told to its sender: taken for which month, refused where
//! and what to do, or why it waits for a person. Plain Chinese, no name of a person.
//!
//! What it is not: what waits is `arrival`'s; the sentence of each refusal is the core's.

use std::collections::BTreeMap;

use xibu_core::explain::Language;
use xibu_core::office::OfficeId;
use xibu_core::period::Period;

use super::{Letter, words};
use crate::arrival::HeldFor;
use crate::arrival::files::NIL_REFUSED;
use crate::intake::{FileOutcome, remedy};
use crate::store::{Arrival, ArrivalFile};

/// So many refusals and warnings are told one by one.
const LINES_MAX: usize = 40;
/// So many offices of one file are named.
const NAMES_MAX: usize = 20;

/// A message and what became of its files.
#[derive(Clone, Debug, PartialEq)]
pub struct FilesBrief {
    /// The message.
    pub arrival: Arrival,
    /// Its files that were taken in, in order.
    pub files: Vec<ArrivalFile>,
    /// Those with something to mend, marked, to be sent back.
    pub marked: Vec<MarkedFile>,
}

/// A workbook that is sent back. Personal: its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct MarkedFile {
    /// Its name as shown.
    pub file_name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for MarkedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MarkedFile({} bytes)", self.bytes.len())
    }
}

impl FilesBrief {
    /// The office whose return came, by which it is found who signs.
    pub(super) fn office(&self) -> Option<OfficeId> {
        self.files.iter().flat_map(|file| &file.returns).map(|key| key.debtor).next()
    }

    fn periods(&self) -> BTreeMap<Period, usize> {
        let mut periods = BTreeMap::new();
        let taken = self.files.iter().filter(|file| file.outcome != FileOutcome::KnownBefore);
        for key in taken.flat_map(|file| &file.returns) {
            *periods.entry(key.period).or_insert(0) += 1;
        }
        periods
    }

    fn refused(&self) -> usize {
        let refusals = self.files.iter().flat_map(|file| &file.refusals);
        refusals.filter(|kept| !kept.refusal.only_warning).count()
    }
}

/// Subject and body.
pub(super) fn answer(letter: &Letter<'_>, brief: &FilesBrief) -> (String, String) {
    let at = brief.arrival.at;
    let mut said = vec![format!(
        "您{}{}发来的附件，处理结果如下。",
        words::day(at.date()),
        at.format("%H:%M")
    )];
    for file in &brief.files {
        said.extend(of_file(letter, file));
    }
    if brief.arrival.detail == NIL_REFUSED {
        said.push(
            "来信写了“安全无事”，但附件报告了事故：以附件为准，“安全无事”没有登记。".to_owned(),
        );
    }
    said.extend(brief.arrival.held.map(|why| why_it_waits(why).to_owned()));
    match (brief.marked.is_empty(), brief.refused()) {
        (_, 0) => {}
        (true, _) => said.push("请改正后把整份表格直接回复本邮件即可。".to_owned()),
        (false, _) => said.push(
            "各处已在附件里标出，批注写明怎么改：请直接在附件里改正，存盘后回复本邮件即可。"
                .to_owned(),
        ),
    }
    (subject(brief), said.join("\n"))
}

fn subject(brief: &FilesBrief) -> String {
    let periods = brief.periods();
    let refused = brief.refused();
    let taken = match periods.iter().next() {
        Some((period, count)) if periods.len() == 1 && *count == 1 => {
            format!("已登记{}月报告单", words::month(*period))
        }
        Some(_) => format!("已登记{}份报告单", periods.values().sum::<usize>()),
        None if brief.arrival.held.is_some() => "附件已收到，等工作人员查看".to_owned(),
        None if refused > 0 => "附件没有登记，请改正后重报".to_owned(),
        None => "附件已收到过".to_owned(),
    };
    match refused {
        0 => taken,
        _ if periods.is_empty() => taken,
        refused => format!("{taken}，{refused}处请改正"),
    }
}

fn of_file(letter: &Letter<'_>, file: &ArrivalFile) -> Vec<String> {
    let number = file.number;
    let names = names(letter, file);
    let head = match file.outcome {
        FileOutcome::KnownBefore => format!("附件{number}：已收到过，没有重复登记。"),
        FileOutcome::Taken if names.is_empty() => format!("附件{number}：已读入。"),
        FileOutcome::Taken => format!("附件{number}：已登记{names}。"),
        FileOutcome::NothingTaken => format!("附件{number}：没有登记。"),
        FileOutcome::Unread | FileOutcome::HeldUnread => {
            let remedy = file.unreadable.and_then(|why| remedy(why, Language::Chinese));
            let remedy = remedy.map(|remedy| format!("{remedy}。")).unwrap_or_default();
            format!("附件{number}：已收到，未能读取，等工作人员查看。{remedy}")
        }
    };
    let mut said = vec![head];
    for (only_warning, heading) in
        [(false, "以下各处没有登记："), (true, "以下各处已登记，请核对：")]
    {
        let refusals = file.refusals.iter().map(|kept| &kept.refusal);
        let lines: Vec<&str> = refusals
            .filter(|refusal| refusal.only_warning == only_warning)
            .map(|refusal| refusal.message.as_str())
            .collect();
        if lines.is_empty() {
            continue;
        }
        said.push(heading.to_owned());
        let shown = lines.iter().take(LINES_MAX).zip(1..);
        said.extend(shown.map(|(line, number)| format!("  {number}. {line}。")));
        if lines.len() > LINES_MAX {
            said.push(format!("  另有{}处，改正后重报时一并核对。", lines.len() - LINES_MAX));
        }
    }
    said
}

/// `某某中学2026年6月报告单`; of many offices their number.
fn names(letter: &Letter<'_>, file: &ArrivalFile) -> String {
    let mut by_period: BTreeMap<Period, Vec<OfficeId>> = BTreeMap::new();
    for key in &file.returns {
        by_period.entry(key.period).or_default().push(key.debtor);
    }
    let parts = by_period.into_iter().map(|(period, offices)| {
        let shown = offices.iter().take(NAMES_MAX);
        let shown: Vec<String> =
            shown.map(|office| words::office(letter.world, *office, letter.at.date())).collect();
        let more = match offices.len() {
            1 => String::new(),
            count if count > NAMES_MAX => format!("等{count}个单位"),
            count => format!("共{count}个单位"),
        };
        format!("{}{more}{}月报告单", shown.join("、"), words::month(period))
    });
    parts.collect::<Vec<_>>().join("；")
}

/// Why it waits, and what the sender may do meanwhile.
pub(super) const fn why_it_waits(why: HeldFor) -> &'static str {
    match why {
        HeldFor::UnknownSender => {
            "本办没有登记您的邮箱，附件没有登记，等工作人员查看。请用登记过的邮箱发送，\
             或在信中写明通知里的4位编号。"
        }
        HeldFor::SenderIsSeveral => {
            "这个邮箱登记在几个人名下，看不出由谁报送，附件没有登记，等工作人员查看。\
             请在信中写明通知里的4位编号。"
        }
        HeldFor::SenderLeftThePost => {
            "您登记的任职已经结束，附件没有登记，等工作人员查看。请由现任联系人报送，\
             或在信中写明通知里的4位编号；任职有误请告知项目办。"
        }
        HeldFor::SenderHasNoOffice | HeldFor::CodeIsMissing => {
            "您没有登记为单位的联系人或负责人，附件没有登记，等工作人员查看。\
             请在信中写明通知里的4位编号，或由单位联系人报送。"
        }
        HeldFor::TooManyWrongCodes => "今天来信的编号多次不符，附件没有登记，等工作人员查看。",
        HeldFor::WrongCode => {
            "来信的编号与通知不符，附件没有登记，等工作人员查看。请核对通知里的4位编号后重报。"
        }
        HeldFor::OfAnotherMonth => {
            "编号所对应的月份与表中填写的月份不一致，附件没有登记，等工作人员查看。\
             请核对报告月份后重报。"
        }
        HeldFor::OfAnotherOffice => {
            "表中的单位不是您所在单位，也不是下属单位，附件没有登记，等工作人员查看。\
             请由该单位自己报送。"
        }
        HeldFor::AnAccidentWasTold => {
            "表中填“无”，但同期已报告过事故，没有登记，等工作人员查看。请核实后重报。"
        }
        HeldFor::MaybeAnAccident | HeldFor::UnknownSenderTellsAnAccident => {
            "来信提到可能有事故或隐患，工作人员会与您联系。如有事故请立即电话报告。"
        }
        HeldFor::FileTooLarge => "附件超过50兆，没有读取，等工作人员查看。请只留下要报的表后重报。",
        HeldFor::FileCannotBeRead => {
            "有附件不能读取，已收到，等工作人员查看。能交电子表格的请改交电子表格。"
        }
        HeldFor::FileNotUnderstood => {
            "有附件不是本办认识的表格，等工作人员查看。请使用本办发的报告单，保留表头。"
        }
        HeldFor::FilesChangePeople => {
            "通讯录、花名册、求职意向登记表由工作人员核对后登记，已收到，等工作人员查看。"
        }
        HeldFor::MailIsBroken
        | HeldFor::MailIsTooLarge
        | HeldFor::MarkedAsSpam
        | HeldFor::FilesCameWithIt
        | HeldFor::BeforeTheOpening
        | HeldFor::HeadcountIsAnother
        | HeldFor::NothingIsOwed
        | HeldFor::WordsForAPerson => "已收到，等工作人员查看。",
    }
}
