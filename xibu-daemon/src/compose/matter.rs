//! One matter of a letter: the same rule, month and step, for one debtor or several.
//!
//! Here stands every sentence an office reads about a return. Words alone are in [`super::words`].

use xibu_core::consolidation::consolidate;
use xibu_core::deadline::{Deadlines, deadlines};
use xibu_core::notice::{Notice, Reason, Recipient, Step};
use xibu_core::obligation::ObligationKey;
use xibu_core::office::OfficeId;
use xibu_core::parameter::Parameter;
use xibu_core::rule::Rule;
use xibu_plugin_abi::message::WorkbookFormat;

use super::{Form, Letter, words};
use crate::workbook::{Asked, UnitForm, asked, people_of, unit_form_by};

/// At most this many offices are listed by name; the rest are counted.
const NAMES_MAX: usize = 60;

/// What is said about notices that differ only in their debtor.
pub(super) struct Matter<'a> {
    letter: &'a Letter<'a>,
    notices: Vec<&'a Notice>,
    first: &'a Notice,
    deadlines: Deadlines,
    path: Vec<OfficeId>,
}

impl<'a> Matter<'a> {
    /// The letter's notices as matters: what is late comes first, then by rule and month.
    pub(super) fn group(letter: &'a Letter<'a>, notices: &'a [Notice]) -> Vec<Self> {
        let mut notices: Vec<&Notice> = notices.iter().collect();
        notices.sort_by_key(|notice| order(notice));
        let chunks = notices.chunk_by(|a, b| order(a) == order(b));
        chunks.filter_map(|chunk| Self::new(letter, chunk)).collect()
    }

    fn new(letter: &'a Letter<'a>, notices: &[&'a Notice]) -> Option<Self> {
        let (first, notices) = (*notices.first()?, notices.to_vec());
        let key = first.key.obligation;
        let path = letter.world.path(key.debtor, letter.at.date());
        let deadlines = deadlines(key.period, &path, letter.rulebook);
        Some(Self { letter, notices, first, deadlines, path })
    }

    fn key(&self) -> ObligationKey {
        self.first.key.obligation
    }

    fn month(&self) -> String {
        words::month(self.key().period)
    }

    fn name(&self, office: OfficeId) -> String {
        words::office(self.letter.world, office, self.letter.at.date())
    }

    /// The office to which the return goes.
    fn creditor(&self) -> String {
        let superior = self.path.get(1).copied();
        superior.map_or_else(|| "上级项目办".to_owned(), |office| self.name(office))
    }

    fn return_name(&self) -> &'static str {
        match self.key().rule {
            Rule::UnitMonthlyReturn => "志愿者安全、健康月报",
            Rule::CountyMonthlyReturn => "志愿者管理服务信息月报告单",
        }
    }

    /// The last day to work towards, and the last that is not late.
    fn days(&self) -> (chrono::NaiveDate, chrono::NaiveDate) {
        let due = self.deadlines.due(self.key().rule);
        (words::last_day(due.target), words::last_day(due.late_after))
    }

    /// The code by which the reader may answer that nothing happened; none where that is for
    /// another office to say.
    fn code(&self) -> Option<&'a str> {
        let only = matches!(self.notices.as_slice(), [only] if own(only));
        let code = self.letter.codes.get(&self.key());
        code.filter(|_| only).map(String::as_str)
    }

    /// The code by which the county confirms what was put together; once its units' day has passed.
    fn confirm_code(&self) -> Option<&'a str> {
        let put_together = self.letter.at >= self.deadlines.unit_cutoff;
        let only = matches!(self.notices.as_slice(), [only] if own(only));
        let code = self.letter.confirm_codes.get(&self.key());
        code.filter(|_| only && put_together).map(String::as_str)
    }

    // ── subjects ──

    /// The subject of a letter that holds only this, with the number an answer can be told by.
    pub(super) fn subject(&self) -> String {
        let number = match self.notices.len() {
            1 => match self.code() {
                Some(code) => format!("〔{} {} 码{code}〕", self.key().debtor, self.key().period),
                None => format!("〔{} {}〕", self.key().debtor, self.key().period),
            },
            _ => String::new(),
        };
        format!("{}{number}", self.subject_short())
    }

    /// The subject as one of several.
    pub(super) fn subject_short(&self) -> String {
        let (month, what) = (self.month(), self.return_name());
        let (target, _) = self.days();
        if self.notices.len() > 1 {
            let whose = match self.key().rule {
                Rule::UnitMonthlyReturn => "服务单位",
                Rule::CountyMonthlyReturn => "区县项目办",
            };
            return format!("{month}{what}：{}个{whose}未报", self.notices.len());
        }
        let debtor = self.name(self.key().debtor);
        match self.first.reason {
            Reason::ReturnIsLate { .. } => format!("{debtor}{month}{what}已逾期未报"),
            Reason::TargetIsToday => format!("请于今天报送{month}{what}"),
            _ => format!("请于{}前报送{month}{what}", words::day(target)),
        }
    }

    // ── text ──

    /// The paragraphs of this matter.
    pub(super) fn text(&self, sender: &str) -> String {
        let paragraphs = match self.first.to {
            Recipient::UnitContact | Recipient::CountyContact if !self.is_late() => self.ask(),
            _ => self.tell_late(sender),
        };
        let mut text = String::new();
        for paragraph in paragraphs {
            text.push_str(&paragraph);
            text.push('\n');
        }
        text
    }

    fn is_late(&self) -> bool {
        matches!(self.first.key.step, Step::FirstAfter | Step::SecondAfter | Step::ThirdAfter)
    }

    /// To the debtor's contact, in time: what, by when, on what ground, how.
    fn ask(&self) -> Vec<String> {
        let debtor = self.name(self.key().debtor);
        let (month, what, creditor) = (self.month(), self.return_name(), self.creditor());
        let (target, _) = self.days();
        let lead = match self.first.reason {
            Reason::TargetComesNear { working_days } => {
                format!("离报送日还有{working_days}个工作日，")
            }
            Reason::TargetIsToday => "今天是报送日，".to_owned(),
            Reason::SuccessorTookThePost => "您新接手此项工作，".to_owned(),
            _ => String::new(),
        };
        let asked = match self.first.reason {
            Reason::ReturnIsAskedFor => format!("{debtor}{month}{what}现开始收报"),
            _ => format!("{lead}{debtor}{month}{what}尚未收到"),
        };
        let mut said = vec![
            format!("{asked}，请于{}前（含当日）报{creditor}。", words::day(target)),
            self.covers(),
        ];
        said.extend(self.ground());
        said.push(self.how());
        said.extend(self.silent_units());
        said
    }

    fn covers(&self) -> String {
        let from = words::day_with_year(self.deadlines.covers_after.date());
        let to = words::day_with_year(words::last_day(self.deadlines.unit_cutoff));
        format!("报告期：{from}至{to}；在岗人数按{to}统计。")
    }

    /// On what ground: the document for what it says, then what is policy, and who set it.
    fn ground(&self) -> Vec<String> {
        let rule = self.key().rule;
        let mut said = vec![format!("依据：{}。", words::clause(&rule.source()))];
        match rule {
            Rule::UnitMonthlyReturn => {
                said.push(self.units_day_is_policy());
            }
            Rule::CountyMonthlyReturn => {
                let (target, last) = self.days();
                said.push(format!(
                    "“28日前”是否含28日，文件没有说明：请按{}前办理；{}24时以后收到的，按迟报登记。",
                    words::day(target),
                    words::day(last)
                ));
            }
        }
        said
    }

    fn units_day_is_policy(&self) -> String {
        let set_by = words::set_by(
            self.letter.rulebook,
            Parameter::UnitCutoffWorkingDaysBeforeTarget,
            &self.path,
            self.key().period,
        );
        format!("文件没有规定服务单位的报送日，上述日期为{set_by}。")
    }

    fn how(&self) -> String {
        let form = match self.key().rule {
            Rule::UnitMonthlyReturn => {
                "填好附件报告单，直接回复本邮件即可，由本办统一登记并汇总到所在区县"
            }
            Rule::CountyMonthlyReturn if self.letter.at >= self.deadlines.unit_cutoff => {
                "附件报告单已按各单位所报汇总，请核对；有出入的改好.xlsx，由填报人、审核人、负责人\
                 签名并加盖公章后，直接回复本邮件即可（.docx供打印盖章）"
            }
            Rule::CountyMonthlyReturn => {
                "各单位截止后本办会发来汇总好的报告单，由填报人、审核人、负责人签名并加盖公章后，\
                 直接回复邮件即可"
            }
        };
        let confirm = match self.confirm_code() {
            Some(code) => format!("核对无误的，直接回复“确认汇总 {code}”即为报送。"),
            None => String::new(),
        };
        let code = match self.code() {
            Some(_) => "主题中的“码”用于核对回复，请勿转发他人。",
            None => "",
        };
        format!("报送办法：{form}。{confirm}没有事故也要报，在“安全、健康事故”一栏填“无”。{code}")
    }

    /// Units whose word has not come by their cut-off, for the county's own return.
    fn silent_units(&self) -> Vec<String> {
        let (key, letter) = (self.key(), self.letter);
        if key.rule != Rule::CountyMonthlyReturn || letter.at < self.deadlines.unit_cutoff {
            return Vec::new();
        }
        let (rulebook, at) = (letter.rulebook, letter.at);
        let month = consolidate(letter.world, rulebook, key.debtor, key.period, at);
        let silent: Vec<OfficeId> = month.silent().collect();
        if silent.is_empty() {
            return Vec::new();
        }
        let mut said = vec![format!(
            "下列{}个服务单位至今未报。汇总不必等待：照实注明未报单位即可，未报单位仍须补报。",
            silent.len()
        )];
        said.extend(self.names(&silent));
        said
    }

    /// To whoever's turn it is, once it is late: who has not reported, since when, why it is told
    /// to you.
    fn tell_late(&self, sender: &str) -> Vec<String> {
        let (month, what) = (self.month(), self.return_name());
        let (_, last) = self.days();
        let debtors: Vec<OfficeId> =
            self.notices.iter().map(|notice| notice.key.obligation.debtor).collect();
        let overdue = match self.first.reason {
            Reason::ReturnIsLate { working_days } => {
                format!("，今天是逾期后第{working_days}个工作日")
            }
            _ => String::new(),
        };
        let mut said = Vec::new();
        match debtors.as_slice() {
            [debtor] => said.push(format!(
                "{}{month}{what}至今没有收到。最后期限是{}24时{overdue}。",
                self.name(*debtor),
                words::day(last)
            )),
            _ => {
                let whose = match self.key().rule {
                    Rule::UnitMonthlyReturn => "服务单位",
                    Rule::CountyMonthlyReturn => "区县项目办",
                };
                said.push(format!(
                    "下列{}个{whose}的{month}{what}至今没有收到。最后期限是{}24时{overdue}。",
                    debtors.len(),
                    words::day(last)
                ));
                said.extend(self.names(&debtors));
            }
        }
        said.push(self.why_you(sender));
        said.push(format!("依据：{}。", words::clause(&self.key().rule.source())));
        if self.key().rule == Rule::UnitMonthlyReturn {
            said.push(self.units_day_is_policy());
        }
        said.push(self.please());
        said
    }

    fn why_you(&self, sender: &str) -> String {
        let steps = format!("逐级提醒的次序和日期为本办（{sender}）规定，文件没有规定");
        match self.first.to {
            Recipient::UnitHead => format!(
                "服务单位负责人是志愿者安全健康管理工作直接责任人（渝项目办发〔2009〕22号第一部分），\
                 联系人已提醒过，故向您报告。{steps}。"
            ),
            Recipient::CountyHead => {
                let before = match self.key().rule {
                    Rule::UnitMonthlyReturn => "该单位负责人和贵办联系人已提醒过",
                    Rule::CountyMonthlyReturn => "贵办联系人已提醒过",
                };
                format!(
                    "区县项目办负责人是志愿者安全健康管理工作第一责任人（渝项目办发〔2009〕22号第一部分），\
                     {before}，故向您报告。{steps}。"
                )
            }
            Recipient::CountyContact => {
                format!("单位联系人和负责人已提醒过，仍未报送，故请贵办督促。{steps}。")
            }
            Recipient::CityStaff => {
                format!("区县联系人和负责人已提醒过，仍未报送，故请跟进。{steps}。")
            }
            Recipient::CityHead => {
                format!("区县联系人、负责人和市项目办工作人员都已提醒过，故向您报告。{steps}。")
            }
            Recipient::UnitContact => format!("{steps}。"),
        }
    }

    fn please(&self) -> String {
        match self.first.to {
            Recipient::UnitHead | Recipient::CountyHead | Recipient::UnitContact => {
                "请于今天安排报送；确有困难的，请回复本邮件说明哪天能报。".to_owned()
            }
            Recipient::CountyContact => {
                "请于今天联系上述单位；已有情况的，请回复本邮件告知。".to_owned()
            }
            Recipient::CityStaff => "请于今天电话联系上述项目办；已有情况的，请登记。".to_owned(),
            Recipient::CityHead => "请阅处。".to_owned(),
        }
    }

    fn names(&self, offices: &[OfficeId]) -> Vec<String> {
        let mut said: Vec<String> = offices
            .iter()
            .take(NAMES_MAX)
            .enumerate()
            .map(|(index, office)| format!("  {}. {}（{office}）", index + 1, self.name(*office)))
            .collect();
        if offices.len() > NAMES_MAX {
            said.push(format!("  另有{}个，见系统清单。", offices.len() - NAMES_MAX));
        }
        said
    }

    // ── forms ──

    /// The form of the month and the office.
    fn form(&self) -> &xibu_core::form::Form {
        let key = self.key();
        let path = self.letter.world.path(key.debtor, key.period.day(1));
        self.letter.rulebook.forms.of(&path, key.period)
    }

    /// The form that goes with a letter that asks for a return: a unit's own, or the county's,
    /// filled in from what its units told, once their cut-off has passed.
    pub(super) fn forms(&self) -> Vec<Form> {
        let key = self.key();
        let (world, date) = (self.letter.world, self.letter.at.date());
        let asks = matches!(self.first.to, Recipient::UnitContact | Recipient::CountyContact);
        if !asks || self.is_late() {
            return Vec::new();
        }
        let name = self.name(key.debtor);
        let forms: Vec<Form> = match key.rule {
            Rule::UnitMonthlyReturn => {
                let filled = UnitForm {
                    office: key.debtor,
                    name,
                    county: self.creditor(),
                    period: key.period,
                    headcount: u32::try_from(world.volunteers(key.debtor, date)).ok(),
                    contact: Some(self.letter.recipient.to_owned()).filter(|it| !it.is_empty()),
                    head: None,
                    answers: None,
                };
                let workbook = unit_form_by(self.form(), &filled);
                vec![Form::to_fill(key.debtor, key.period, workbook)]
            }
            Rule::CountyMonthlyReturn if self.letter.at >= self.deadlines.unit_cutoff => {
                Form::of_county(self.letter, key.debtor, key.period).into()
            }
            Rule::CountyMonthlyReturn => return Vec::new(),
        };
        let Some(code) = self.code() else { return forms };
        let people = people_of(world, key.debtor, date).into_iter().map(|person| {
            let name = self.letter.volunteers.get(&person).cloned();
            (person, name.unwrap_or_default())
        });
        let request = Asked { key, code: code.to_owned(), people: people.collect() };
        let asked_by = |form: Form| match form.format {
            // What is filled in carries the code; what is printed needs none.
            WorkbookFormat::Xlsx => Form {
                file_name: format!("{}.xlsx", request.stem()),
                workbook: asked(form.workbook, &request),
                ..form
            },
            _ => form,
        };
        forms.into_iter().map(asked_by).collect()
    }
}

/// Whether a notice asks its reader's own office.
pub(super) fn own(notice: &Notice) -> bool {
    notice.is_to_debtor()
}

/// What must be equal for notices to be one matter, in the order in which a letter tells them.
fn order(notice: &Notice) -> impl Ord + use<> {
    let key = notice.key;
    let late = matches!(notice.reason, Reason::ReturnIsLate { .. });
    (!late, key.obligation.period, key.obligation.rule, key.step, notice.to)
}
