//! What a short answer says (短信回复): an SMS, or a mail of a line or two.
//!
//! A nil (安全无事) is a statement about safety, so it is never read out of a text that says
//! anything else besides, and a word of an accident that is not denied is never passed over. What
//! remains is said to be unclear, with the reason, and its sender gets one helpful answer.
//!
//! What it is not: it knows no sender and no request. A code is only found here; whether it is the
//! right one, and whether the number is known, is for the caller to say.
//!
//! | text | reply |
//! |---|---|
//! | 某某镇中心校—张三—安全无事。 | nil |
//! | 安全无事，在岗５人，7Q42 | nil, 5 persons, code 7Q42 |
//! | 收到，26日前报 | acknowledged, by the 26th |
//! | 安全无事，报告单明天交 | acknowledged: the nil is asked for again with the form |
//! | 发生车祸，无人受伤 | accident, traffic |
//! | 没有发生安全事故 | nil |
//! | 无重大事故 | unclear: a denial that leaves something open |
//! | 确认汇总 5083 | confirmed, code 5083 |
//! | 更正 在岗人数35，原因…… | unclear: a figure is amended, for a person to write down |
//! | 有没有发生事故？ | unclear: perhaps an accident, for a person to see |
//! | TD | stop |
//! | 收到 I7 | a word about the incident I7: acknowledged |
//!
//! ```
//! use xibu_core::incident::IncidentKind;
//! use xibu_core::intake::reply::{Reply, read};
//!
//! let day = chrono::NaiveDate::from_ymd_opt(2026, 6, 24).unwrap();
//! let heard = read("回复：安全无事，在岗５人　７Q42", day);
//! assert_eq!(heard.reply, Reply::Nil { headcount: Some(5), month: None });
//! assert_eq!(heard.code.as_deref(), Some("7Q42"));
//! let accident = Reply::Accident { kind: IncidentKind::Traffic, persons: Some(2) };
//! assert_eq!(read("志愿者2人遭遇车祸，已送医", day).reply, accident);
//! ```

use alloc::format;
use alloc::string::String;

use chrono::{Datelike, NaiveDate};

use crate::incident::IncidentKind;
use crate::intake::mail;

mod about;
mod accident;
mod code;
mod confirm;
mod day;
mod letters;
mod nil;
#[cfg(test)]
mod tests;
mod words;

pub use about::About;

use accident::{Found, Severity};
use day::Promise;
use letters::Letters;

/// The longest own words that are still a short answer; more is for a person.
pub const CHARS_MAX: usize = 300;
/// The longest answer of ours: one part of an SMS of several, so that a signature still fits.
pub const ANSWER_CHARS_MAX: usize = 67;

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// What it says.
    pub reply: Reply,
    /// The one thing in it that looks like the code of a request, in capitals; none where there is
    /// none or more than one.
    pub code: Option<String>,
    /// What it says about an incident of ours that it names: then `reply` counts only for what is
    /// said beside.
    pub about: Option<About>,
}

/// What a short answer says, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Something happened to somebody.
    Accident {
        /// What kind, as far as the words tell.
        kind: IncidentKind,
        /// How many persons, as far as told.
        persons: Option<u32>,
    },
    /// 退订: no more of these.
    Stop,
    /// 确认汇总: what was put together is right.
    Confirmed,
    /// 收到: the report comes later.
    Acknowledged {
        /// By which day, as far as promised.
        by: Option<NaiveDate>,
    },
    /// 安全无事: nothing happened.
    Nil {
        /// 在岗人数, as far as told.
        headcount: Option<u32>,
        /// The month it speaks of, as far as told: another than the one asked for is no answer.
        month: Option<u32>,
    },
    /// None of these for certain.
    Unclear(Doubt),
}

/// Why an answer is unclear, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// Words of an accident, but asked, supposed or about prevention: a person should look.
    MaybeAccident,
    /// A worry that is no accident yet: an illness, a hazard, somebody not reached. A person should
    /// look.
    Worry,
    /// A figure is to be written otherwise: a person writes it down, with the reason.
    Amends,
    /// A denial that leaves something open: 无重大事故, 基本安全, 除…外.
    Qualified,
    /// It asks something.
    Question,
    /// It says that the report was made already.
    ClaimsDone,
    /// The promised day lies behind, or there is no such day.
    DayNotPossible,
    /// Longer than a short answer.
    TooLong,
    /// Nothing of this was understood.
    NotUnderstood,
}

impl Doubt {
    /// Its name for logs and records.
    pub const fn name(self) -> &'static str {
        match self {
            Doubt::MaybeAccident => "maybe_accident",
            Doubt::Worry => "worry",
            Doubt::Amends => "amends",
            Doubt::Qualified => "qualified",
            Doubt::Question => "question",
            Doubt::ClaimsDone => "claims_done",
            Doubt::DayNotPossible => "day_not_possible",
            Doubt::TooLong => "too_long",
            Doubt::NotUnderstood => "not_understood",
        }
    }

    /// Whether a person should look at it soon, besides the answer it gets.
    pub const fn needs_a_person(self) -> bool {
        matches!(self, Doubt::MaybeAccident | Doubt::Worry | Doubt::Amends | Doubt::TooLong)
    }
}

/// Reads a short answer; `received` is the day it came, in the office's civil time.
///
/// Never panics, whatever the text.
pub fn read(text: &str, received: NaiveDate) -> Heard {
    let own = letters::own_words(text);
    let (code, about) = (code::find(own), about::find(own));
    let whole = Letters::new(own, usize::MAX);
    let found = accident::find(&whole);
    if let Some(reply) = happened(&found, &whole) {
        return Heard { reply, code, about };
    }
    let reply = if whole.len() > CHARS_MAX {
        Reply::Unclear(Doubt::TooLong)
    } else {
        said(&Letters::new(&code::without(own, code.as_deref()), CHARS_MAX), &found, received)
    };
    Heard { reply, code, about }
}

/// Reads a mail: its own words, and its subject where that is the sender's own too. The whole of it
/// has to be the short answer; a mail that passes another one on is never one.
///
/// A code stands in the words, or in the subject that came back with our request.
///
/// Never panics, whatever the text.
///
/// ```
/// use xibu_core::intake::reply::{Reply, read_mail};
///
/// let day = chrono::NaiveDate::from_ymd_opt(2026, 6, 24).unwrap();
/// let text = "安全无事\n\n------------------ 原始邮件 ------------------\n发件人: 市项目办";
/// let heard = read_mail("回复：请报送〔O3 2026-06 码7341〕", text, day);
/// assert_eq!(heard.reply, Reply::Nil { headcount: None, month: None });
/// assert_eq!(heard.code.as_deref(), Some("7341"));
/// ```
pub fn read_mail(subject: &str, text: &str, received: NaiveDate) -> Heard {
    let own = mail::own_words(text);
    let mut heard = read(&own.words, received);
    if !mail::is_taken_over(subject) && !subject.trim().is_empty() {
        let both = read(&format!("{subject}\n{}", own.words), received);
        // Nobody passes over what a subject tells; and many write the whole answer there.
        let tells = matches!(
            both.reply,
            Reply::Accident { .. } | Reply::Unclear(Doubt::MaybeAccident | Doubt::Worry)
        );
        if tells || heard.reply == Reply::Unclear(Doubt::NotUnderstood) {
            heard.reply = both.reply;
        }
        heard.code = heard.code.or(both.code);
    }
    heard.code = heard.code.or_else(|| code::called_one(subject));
    let passes_on = own.forwards || mail::forwards(subject);
    if passes_on && !matches!(heard.reply, Reply::Accident { .. }) {
        // Whose accident it is, and whether it is one, is for a person.
        let found = accident::find(&Letters::new(text, usize::MAX));
        let doubt = match found.severity {
            Severity::Nothing => Doubt::NotUnderstood,
            _ => Doubt::MaybeAccident,
        };
        heard.reply = Reply::Unclear(doubt);
    }
    heard
}

/// An accident that nobody denies: whatever else is said.
fn happened(found: &Found, whole: &Letters) -> Option<Reply> {
    let kind = match found.severity {
        Severity::Happened(kind) => kind,
        _ => return None,
    };
    Some(Reply::Accident { kind, persons: accident::persons(whole) })
}

fn said(letters: &Letters, found: &Found, received: NaiveDate) -> Reply {
    match found.severity {
        Severity::Perhaps => return Reply::Unclear(Doubt::MaybeAccident),
        Severity::Worry => return Reply::Unclear(Doubt::Worry),
        Severity::Nothing | Severity::Happened(_) => {}
    }
    if words::STOP.iter().any(|word| letters.is(word)) {
        return Reply::Stop;
    }
    if !letters.asks() && confirm::is_confirmation(letters) {
        return Reply::Confirmed;
    }
    if letters.has_any(words::AMENDS) {
        return Reply::Unclear(Doubt::Amends);
    }
    if found.qualified || letters.has_any(words::QUALIFIED) {
        return Reply::Unclear(Doubt::Qualified);
    }
    if letters.asks() {
        return Reply::Unclear(Doubt::Question);
    }
    match day::promise(letters, received) {
        Promise::By(day) => return Reply::Acknowledged { by: Some(day) },
        Promise::NotPossible => return Reply::Unclear(Doubt::DayNotPossible),
        Promise::None => {}
    }
    if let Some(nil) = nil::read(letters, found) {
        return Reply::Nil { headcount: nil.headcount, month: nil.month };
    }
    if letters.has_any(words::DONE) {
        return Reply::Unclear(Doubt::ClaimsDone);
    }
    if day::is_bare_acknowledgement(letters) {
        return Reply::Acknowledged { by: None };
    }
    Reply::Unclear(Doubt::NotUnderstood)
}

impl Reply {
    /// The one answer its sender gets: plain, neutral, without any name. None where silence is
    /// what was asked for.
    ///
    /// ```
    /// use xibu_core::intake::reply::{ANSWER_CHARS_MAX, Doubt, Reply};
    /// let answer = Reply::Unclear(Doubt::NotUnderstood).answer().unwrap();
    /// assert!(answer.chars().count() <= ANSWER_CHARS_MAX);
    /// assert_eq!(Reply::Stop.answer(), None);
    /// ```
    pub fn answer(&self) -> Option<String> {
        let text = match self {
            Reply::Stop => return None,
            Reply::Accident { .. } => {
                "已按事故登记并通知项目办。请尽快电话报告时间、地点和已采取的措施；若系误报，请电话说明。"
                    .into()
            }
            Reply::Confirmed => "已登记：汇总已确认。如有变化请及时再报。".into(),
            Reply::Acknowledged { by: Some(day) } => {
                format!("已记下：{}月{}日前报送。如无事故，可直接回复“安全无事”。", day.month(), day.day())
            }
            Reply::Acknowledged { by: None } => {
                "已记下收到。请回复报送日期，如“26日前报”；如无事故，可直接回复“安全无事”。".into()
            }
            Reply::Nil { headcount: Some(count), .. } => {
                format!("已登记：安全无事，在岗{count}人。如有变化请及时再报。")
            }
            Reply::Nil { headcount: None, .. } => "已登记：安全无事。如有变化请及时再报。".into(),
            Reply::Unclear(doubt) => doubt.answer().into(),
        };
        Some(text)
    }
}

impl Doubt {
    const fn answer(self) -> &'static str {
        match self {
            Doubt::MaybeAccident => {
                "未能确定是否发生事故，已请工作人员查看。有事故请回复“发生事故”，没有请回复“安全无事”。"
            }
            Doubt::Worry => {
                "您说的情况已请工作人员查看。如属事故请回复“发生事故”；若无事故，请单独回复“安全无事”。"
            }
            Doubt::Amends => "要更正的数和原因已请工作人员登记。也可改好报告单附件，直接回复邮件。",
            Doubt::Qualified => {
                "未能登记：请说明是否有事故。有请回复“发生事故”，没有请单独回复“安全无事”。"
            }
            Doubt::Question => {
                "无事故请回复“安全无事”，有事故请回复“发生事故”，暂缓请回复“26日前报”；其他请电话咨询。"
            }
            Doubt::ClaimsDone => {
                "暂未查到您的报告单。如无事故可直接回复“安全无事”，否则请重新发送报告单。"
            }
            Doubt::DayNotPossible => "未能识别报送日期，请再回复一次，如“26日前报”或“明天报”。",
            Doubt::TooLong => "内容较长，已请工作人员查看。如无事故，请单独回复“安全无事”。",
            Doubt::NotUnderstood => {
                "未能识别。无事故请回复“安全无事”，有事故请回复“发生事故”，暂缓请回复“26日前报”。"
            }
        }
    }
}
