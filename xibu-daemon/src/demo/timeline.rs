//! What happens in the demo, one event after the other: as lines for people, or as JSON lines.
//!
//! It only tells; nothing is decided here.

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use serde::Serialize;
use xibu_core::notice::{Recipient, Step};
use xibu_core::rule::Rule;
use xibu_core::source::Source;

use crate::command::screen::{Mark, Screen};
use crate::command::words::{recipient, rule_name, step_name, weekday};
use crate::language::Language;
use crate::store::DigestFigures;

/// At most this many offices are named in one line.
const NAMES_MAX: usize = 2;

/// One thing that happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Event {
    /// A plugin's library was approved.
    PluginApproved { plugin: String, sha256: String },
    /// A workbook was read into the record.
    Imported { file: String, accepted: usize, refused: usize },
    /// The first start on data holds everything back until a person releases it.
    Held { reason: &'static str, held: u64 },
    /// A person released it.
    Released,
    /// Notices of one rule and step went into the outbox.
    Told {
        rule: Rule,
        step: Step,
        to: Recipient,
        notices: usize,
        offices: Vec<String>,
        clause: Source,
        /// Every day of a ladder but the due day comes from policy, never from the document.
        day_is_policy: bool,
    },
    /// Returns came in.
    ReturnsCame {
        rule: Rule,
        returns: usize,
        nil: usize,
        late: usize,
        unread: usize,
        /// How many of them were answers by SMS.
        by_sms: usize,
        offices: Vec<String>,
    },
    /// A return told of an accident.
    IncidentTold { office: String, kind: String },
    /// A contact told of an accident by SMS.
    AccidentBySms { office: String, number: String },
    /// Those responsible were told of it.
    AlarmSent { mails: u64, sms: u64, chats: u64 },
    /// Nobody said they know of it: they were told again.
    AlarmSentAgain { number: String, mails: u64, sms: u64, chats: u64 },
    /// An office said something of it: that it knows, how it goes on, how it ended.
    IncidentMoved { office: String, number: String, act: &'static str },
    /// The gateway says that a contact's number does not exist.
    NumberIsDead { office: String },
    /// Job advertisements came from the feeds.
    PostingsCame { new: usize, all: usize },
    /// It was looked whom they fit.
    JobLook { figures: DigestFigures },
    /// Messages went out and were taken.
    Sent { mails: u64, sms: u64, chats: u64 },
}

/// The timeline's printer.
pub(super) struct Timeline<'a> {
    screen: &'a mut Screen,
    zone: Tz,
    json: bool,
    day: Option<chrono::NaiveDate>,
}

#[derive(Serialize)]
struct Line<'a> {
    at: String,
    #[serde(flatten)]
    event: &'a Event,
}

impl<'a> Timeline<'a> {
    /// A timeline that prints to `screen`.
    pub(super) fn new(screen: &'a mut Screen, zone: Tz, json: bool) -> Self {
        Self { screen, zone, json, day: None }
    }

    /// Tells one event that happened at `at` in the office's civil time.
    pub(super) fn tell(&mut self, at: NaiveDateTime, event: &Event) {
        if self.json {
            let at = crate::clock::rfc3339(at, self.zone);
            self.screen.json(&Line { at, event });
            return;
        }
        let day = match self.day == Some(at.date()) {
            true => " ".repeat(10),
            false => {
                // As wide as 周一.
                let pad = self.screen.pick("", " ");
                let weekday = weekday(at.date(), self.screen.language);
                format!("{} {weekday}{pad}", at.format("%m-%d"))
            }
        };
        self.day = Some(at.date());
        let (mark, text) = event.line(self.screen.language);
        self.screen.marked(mark, format!("{day} {}  {text}", at.format("%H:%M")));
    }

    /// A heading for people; nothing in JSON.
    pub(super) fn heading(&mut self, chinese: &str, english: &str) {
        if !self.json {
            let text = self.screen.pick(chinese, english).to_owned();
            self.screen.heading(text);
        }
    }

    /// A line for people; nothing in JSON.
    pub(super) fn note(&mut self, mark: Mark, chinese: &str, english: &str) {
        if !self.json {
            let text = self.screen.pick(chinese, english).to_owned();
            self.screen.marked(mark, text);
        }
    }

    /// The screen, for a table at the end.
    pub(super) fn screen(&mut self) -> &mut Screen {
        self.screen
    }

    /// Whether lines are JSON.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }
}

impl Event {
    fn line(&self, language: Language) -> (Mark, String) {
        let zh = language == Language::Chinese;
        match self {
            Event::PluginApproved { plugin, sha256 } => {
                let short = sha256.get(..12).unwrap_or(sha256);
                let text = language.pick("已批准插件", "approved plugin");
                (Mark::Plain, format!("{text} {plugin}（sha256 {short}…）"))
            }
            Event::Imported { file, accepted, refused } => {
                let mark = if *refused > 0 { Mark::Warning } else { Mark::Plain };
                let text = match zh {
                    true => format!("读入 {file}：收 {accepted} 行，退回 {refused} 行"),
                    false => format!("read {file}: {accepted} rows taken, {refused} refused"),
                };
                (mark, text)
            }
            Event::Held { held, .. } => (
                Mark::Warning,
                match zh {
                    true => format!("首次在这些数据上启动：{held} 封信先扣住，等人放行"),
                    false => {
                        format!("first start on this data: {held} messages held until released")
                    }
                },
            ),
            Event::Released => {
                (Mark::Plain, language.pick("看过后放行", "looked at and released").to_owned())
            }
            Event::Told { rule, step, to, notices, offices, clause, day_is_policy } => {
                let mark = match step {
                    Step::Opening | Step::Before | Step::OnTheDay => Mark::Plain,
                    _ => Mark::Bad,
                };
                let whom = recipient(*to, language);
                let names = names(offices, language);
                let ground = ground(clause, *day_is_policy, language);
                let what = format!("{} {}", step_name(*step, language), rule_name(*rule, language));
                (mark, format!("{what} → {whom} ×{notices}{names}  〔{ground}〕"))
            }
            Event::ReturnsCame { .. } => self.returns_line(language),
            Event::IncidentTold { office, kind } => (
                Mark::Bad,
                match zh {
                    true => format!("{office} 报告一起事故：{kind}"),
                    false => format!("{office} told of an accident: {kind}"),
                },
            ),
            _ => self.line_of_incident(language),
        }
    }

    /// An accident, from the first word to the last.
    fn line_of_incident(&self, language: Language) -> (Mark, String) {
        let (mark, chinese, english) = match self {
            Event::AccidentBySms { office, number } => (
                Mark::Bad,
                format!("{office} 短信报告发生事故，立案编号 {number}（短信原文密封保存）"),
                format!("{office} told of an accident by SMS: incident {number} opened"),
            ),
            Event::AlarmSent { mails, sms, chats } => (
                Mark::Bad,
                format!(
                    "立即告知直接责任人、第一责任人和市项目办：信 {mails}，短信 {sms}，群机器人 \
                     {chats}（邮件服务器正在维护，改走群机器人；夜间也发）  \
                     〔渝项目办发〔2009〕22号第一部分；立即告知为本办规定〕"
                ),
                format!(
                    "the unit's head, the county's head and the city told at once: {mails} mails, \
                     {sms} SMS, {chats} by the chat robot (the mail server is down for the night)"
                ),
            ),
            Event::AlarmSentAgain { number, mails, sms, chats } => (
                Mark::Bad,
                format!(
                    "{number} 半小时无人确认，再次通知第一责任人和市项目办：信 {mails}，短信 {sms}，\
                     群机器人 {chats}  〔时限为本办规定，文件没有规定〕"
                ),
                format!(
                    "{number}: nobody acknowledged for half an hour, told again: {mails} mails, \
                     {sms} SMS, {chats} by the chat robot"
                ),
            ),
            Event::IncidentMoved { office, number, act } => {
                let chinese = match *act {
                    "acknowledged" => "确认知悉",
                    "followed_up" => "续报",
                    _ => "终报，结案",
                };
                (
                    Mark::Good,
                    format!("{number} {office} {chinese}"),
                    format!("{number}: {office}: {act}"),
                )
            }
            _ => return self.line_of_further_doors(language),
        };
        (mark, if language == Language::Chinese { chinese } else { english })
    }

    /// What comes and goes by SMS, chat and feeds.
    fn line_of_further_doors(&self, language: Language) -> (Mark, String) {
        let zh = language == Language::Chinese;
        let (mark, chinese, english) = match self {
            Event::NumberIsDead { office } => (
                Mark::Warning,
                format!(
                    "{office} 联系人手机号为空号，没有别的渠道：在 status 里列出，到期后告知其负责人"
                ),
                format!("{office}: the contact's number does not exist; `status` shows it"),
            ),
            Event::PostingsCame { new, all } => (
                Mark::Plain,
                format!("招聘信息新增 {new} 条，共 {all} 条（两个来源，重复的已合并）"),
                format!("{new} new job advertisements, {all} in all (two sources, merged)"),
            ),
            Event::JobLook { figures } => (
                Mark::Plain,
                format!(
                    "就业信息：{} 人各一封，未同意的 {} 人不发，没有新的合适信息 {} 人",
                    figures.planned, figures.no_consent, figures.nothing_new
                ),
                format!(
                    "job digests for {} people; {} did not allow it, nothing new for {}",
                    figures.planned, figures.no_consent, figures.nothing_new
                ),
            ),
            Event::Sent { mails, sms, chats } => (
                Mark::Faint,
                counted("发出", &[("封信", *mails), ("条短信", *sms), ("条群消息", *chats)]),
                counted("sent", &[("mails", *mails), ("SMS", *sms), ("chat posts", *chats)]),
            ),
            _ => (Mark::Plain, String::new(), String::new()),
        };
        (mark, if zh { chinese } else { english })
    }

    fn returns_line(&self, language: Language) -> (Mark, String) {
        let Event::ReturnsCame { rule, returns, nil, late, unread, by_sms, offices } = self else {
            return (Mark::Plain, String::new());
        };
        let zh = language == Language::Chinese;
        let names = names(offices, language);
        let look = *late + *unread > 0;
        let mark = if look { Mark::Warning } else { Mark::Good };
        let late = match (*late, zh) {
            (0, _) => String::new(),
            (late, true) => format!("，迟报 {late} 份"),
            (late, false) => format!(", {late} late"),
        };
        let unread = match (*unread, zh) {
            (0, _) => String::new(),
            (unread, true) => format!("，未能读取 {unread} 份，等人看"),
            (unread, false) => format!(", {unread} not readable, wait for a person"),
        };
        let by_sms = match (*by_sms, zh) {
            (0, _) => String::new(),
            (by_sms, true) => format!("（短信答复 {by_sms} 份）"),
            (by_sms, false) => format!(" ({by_sms} by SMS)"),
        };
        let what = rule_name(*rule, language);
        let text = match zh {
            true => {
                format!("收到 {what} {returns} 份{by_sms}，无事故 {nil} 份{late}{unread}{names}")
            }
            false => format!("{returns} came{by_sms} ({what}): {nil} nil{late}{unread}{names}"),
        };
        (mark, text)
    }
}

fn names(offices: &[String], language: Language) -> String {
    if offices.is_empty() || offices.len() > NAMES_MAX {
        return String::new();
    }
    let mark = language.pick("、", ", ");
    format!("：{}", offices.join(mark))
}

/// `发出 3 封信、1 条短信`: what there is none of is left out.
fn counted(verb: &str, counts: &[(&str, u64)]) -> String {
    let counts = counts.iter().filter(|(_, count)| *count > 0);
    let shown: Vec<String> = counts.map(|(what, count)| format!("{count} {what}")).collect();
    format!("{verb} {}", shown.join(if verb.is_ascii() { ", " } else { "、" }))
}

/// On what ground: the clause for the duty, and whether the step itself is policy.
fn ground(clause: &Source, day_is_policy: bool, language: Language) -> String {
    let duty = match clause {
        Source::Clause { document, clause, .. } => match language {
            Language::Chinese => format!("{document}第{clause}部分"),
            Language::English => format!("{document}, part {clause}"),
        },
        Source::Policy { set_by, .. } => match language {
            Language::Chinese => format!("本办规定，{set_by}"),
            Language::English => format!("policy of {set_by}"),
        },
    };
    match (day_is_policy, language) {
        (false, _) => duty,
        (true, Language::Chinese) => format!("{duty}；提醒日为本办规定"),
        (true, Language::English) => format!("{duty}; the day is policy"),
    }
}
