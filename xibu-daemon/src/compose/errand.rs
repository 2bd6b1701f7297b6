//! What an errand says: a letter, or the few words of a short message. Always Chinese.
//!
//! Its notices carry number, office, kind and time, never a name or a diagnosis. What it is not:
//! whether it is still to be said is `delivery::errand`'s.

use std::collections::BTreeMap;

use xibu_core::incident::OpenedIncident;
use xibu_core::obligation::ObligationKey;
use xibu_core::posting::PostingId;

use super::{Form, Letter, Pages, Rendered, digest, sender, words};
use crate::job::DigestItem;
use crate::workbook::incident_kind_text;

/// An errand with what it needs from the record.
#[derive(Clone, Debug, PartialEq)]
pub enum Brief {
    /// An incident came in.
    Incident(OpenedIncident),
    /// A plugin is left alone.
    PluginQuarantined {
        /// Its id.
        plugin: String,
    },
    /// What became of a message the person sent.
    Answer {
        /// The whole of it, short enough for a phone.
        text: String,
    },
    /// A county's consolidation, to be looked at and confirmed.
    Consolidation {
        /// Which return of the county.
        obligation: ObligationKey,
        /// Whether another version was confirmed before; else all units are in.
        changed_since: bool,
        /// By which this version is confirmed.
        code: String,
    },
    /// Job advertisements that fit.
    Digest {
        /// Which, best first.
        items: Vec<DigestItem>,
        /// Where the reader stops them and sees all.
        pages: Option<Pages>,
    },
    /// Whether the person allows to be told of job advertisements.
    ConsentQuestion {
        /// Where the reader answers and sees all.
        pages: Option<Pages>,
    },
}

impl Brief {
    /// The postings that its reader counts as told of.
    pub fn told(&self) -> Vec<PostingId> {
        match self {
            Brief::Digest { items, .. } => items.iter().map(|item| item.id).collect(),
            _ => Vec::new(),
        }
    }
}

/// As a letter.
pub(super) fn letter(letter: &Letter<'_>, brief: &Brief) -> Rendered {
    let (subject, body) = match brief {
        Brief::Incident(opened) => incident(letter, opened),
        Brief::PluginQuarantined { plugin } => (
            format!("插件 {plugin} 停用中，请管理员查看"),
            format!(
                "插件 {plugin} 连续出错，本系统暂停使用它，一小时后自动再试。其间经它收发的\
                 消息都在等待，没有丢失。\n请管理员查看运行日志；处理后运行 \
                 xibu-daemon plugin list 可看状态。"
            ),
        ),
        Brief::Consolidation { obligation, changed_since, code } => {
            consolidation(letter, obligation, *changed_since, code)
        }
        Brief::Answer { text } => ("已收到您的消息".to_owned(), text.clone()),
        Brief::Digest { items, pages } => return digest::letter(letter, items, pages.as_ref()),
        Brief::ConsentQuestion { pages } => return digest::question(letter, pages.as_ref()),
    };
    let greeting = match letter.recipient {
        "" => "负责同志：\n".to_owned(),
        name => format!("{name}同志：\n"),
    };
    let office = match brief {
        Brief::Incident(opened) => Some(opened.incident.office),
        Brief::Consolidation { obligation, .. } => Some(obligation.debtor),
        _ => None,
    };
    let forms = match brief {
        Brief::Consolidation { obligation, .. } => {
            Form::of_county(letter, obligation.debtor, obligation.period).into()
        }
        _ => Vec::new(),
    };
    let signed =
        format!("\n{}\n{}\n", sender(letter, office), words::day_with_year(letter.at.date()));
    Rendered {
        subject: format!("【西部计划】{subject}"),
        text: format!("{greeting}\n{body}\n{signed}\n本信由系统代发。\n"),
        kind: kind(brief).to_owned(),
        forms,
        ..Rendered::default()
    }
}

/// What was put together for a county: what it is asked, and how it answers.
fn consolidation(
    letter: &Letter<'_>,
    key: &ObligationKey,
    changed_since: bool,
    code: &str,
) -> (String, String) {
    let office = words::office(letter.world, key.debtor, letter.at.date());
    let month = words::month(key.period);
    let how = format!(
        "核对无误的，直接回复“确认汇总 {code}”；有出入的，改好附件.xlsx直接回复本邮件，或回复“更正”\
         并写明哪一项、改为多少、什么原因，由工作人员登记。附件.docx供打印，由填报人、审核人、负责人\
         签名并加盖公章后留存。"
    );
    let ground =
        "依据：渝项目办发〔2009〕22号第一部分，由区县项目办汇总上报；汇总后请贵办确认为本办规定。";
    let (county, period) = (key.debtor, key.period);
    match changed_since {
        false => (
            format!("{office}{month}月报告单已汇总，请确认〔{county} {period}〕"),
            format!("{office}{month}各服务单位均已报送，月报告单已汇总，见附件。\n{how}\n{ground}"),
        ),
        true => (
            format!("{office}{month}汇总确认后有变化，请重新确认〔{county} {period}〕"),
            format!(
                "{office}{month}汇总经贵办确认以后，又有单位报送或更正。贵办已确认的内容没有改动；\
                 按现有报告重新汇总的报告单见附件。\n{how}\n{ground}"
            ),
        ),
    }
}

fn incident(letter: &Letter<'_>, opened: &OpenedIncident) -> (String, String) {
    let (world, date) = (letter.world, letter.at.date());
    let office = words::office(world, opened.incident.office, date);
    let kind = incident_kind_text(opened.incident.kind);
    let received = opened.received_at.format("%H:%M");
    let day = words::day(opened.received_at.date());
    (
        format!("{office}报告一起安全健康事故（{}）", opened.id),
        format!(
            "{office}于{day}{received}报告一起安全健康事故，编号{}，类别：{kind}。\n\
             请立即与该单位联系核实情况，按规定处置和上报。姓名、伤情等不在本信中写明，请电话了解。\n\
             依据：渝项目办发〔2009〕22号第一条，区县项目办负责人为第一责任人，服务单位负责人为\
             直接责任人；立即通知各级责任人为本办规定。",
            opened.id
        ),
    )
}

/// As a short message.
pub(super) fn short(brief: &Brief) -> Rendered {
    let (text, variables) = match brief {
        Brief::Incident(opened) => {
            let number = opened.id.to_string();
            let text = incident_text(&number);
            (text, BTreeMap::from([("number".to_owned(), number)]))
        }
        Brief::PluginQuarantined { plugin } => {
            let text = quarantine_text(plugin);
            (text, BTreeMap::from([("plugin".to_owned(), plugin.clone())]))
        }
        Brief::Answer { text } => {
            (text.clone(), BTreeMap::from([("text".to_owned(), text.clone())]))
        }
        // They go by mail alone; see `delivery`.
        Brief::Digest { .. } | Brief::ConsentQuestion { .. } | Brief::Consolidation { .. } => {
            Default::default()
        }
    };
    Rendered { text, variables, kind: kind(brief).to_owned(), ..Rendered::default() }
}

/// An incident, to a phone.
pub(super) fn incident_text(number: &str) -> String {
    format!("有单位报告安全健康事故，编号{number}，请立即电话核实处置。")
}

/// A plugin that is left alone, to a phone.
pub(super) fn quarantine_text(plugin: &str) -> String {
    format!("系统插件{plugin}连续出错已暂停，请管理员查看。")
}

const fn kind(brief: &Brief) -> &'static str {
    match brief {
        Brief::Incident(_) => "incident",
        Brief::PluginQuarantined { .. } => "alarm",
        Brief::Answer { .. } => "answer",
        Brief::Consolidation { .. } => "form",
        Brief::Digest { .. } => "digest",
        Brief::ConsentQuestion { .. } => "question",
    }
}
