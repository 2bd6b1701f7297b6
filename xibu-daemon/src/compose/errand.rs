//! What an errand says: a letter, or the few words of a short message. Always Chinese.
//!
//! Its notices carry number, office, kind and time, never a name or a diagnosis. What it is not:
//! whether it is still to be said is `delivery::errand`'s.

use std::collections::BTreeMap;

use xibu_core::incident::{IncidentDuty, OpenedIncident};
use xibu_core::obligation::ObligationKey;
use xibu_core::office::OfficeId;
use xibu_core::posting::PostingId;

use super::{
    FilesBrief, Form, Letter, Pages, Rendered, consolidation, digest, files, incident, sender,
    words,
};
use crate::arrival::Answer;
use crate::job::DigestItem;

/// An errand with what it needs from the record.
#[derive(Clone, Debug, PartialEq)]
pub enum Brief {
    /// An incident came in.
    Incident(OpenedIncident),
    /// Something is owed about an incident.
    IncidentDue {
        /// As it was told first.
        opened: OpenedIncident,
        /// What is owed.
        duty: IncidentDuty,
        /// Which step it is.
        step: u32,
        /// The offices that have not said that they know.
        unaware: Vec<OfficeId>,
    },
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
    /// What became of the files of a message the person sent.
    Files(FilesBrief),
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
        Brief::Incident(opened) => incident::opened(letter, opened),
        Brief::IncidentDue { opened, duty, step, unaware } => {
            incident::due(letter, opened, (*duty, *step), unaware)
        }
        Brief::PluginQuarantined { plugin } => (
            format!("插件 {plugin} 停用中，请管理员查看"),
            format!(
                "插件 {plugin} 连续出错，本系统暂停使用它，一小时后自动再试。其间经它收发的\
                 消息都在等待，没有丢失。\n请管理员查看运行日志；处理后运行 \
                 xibu-daemon plugin list 可看状态。"
            ),
        ),
        Brief::Consolidation { obligation, changed_since, code } => {
            consolidation::letter(letter, obligation, *changed_since, code)
        }
        Brief::Answer { text } => ("已收到您的消息".to_owned(), text.clone()),
        Brief::Files(files) => files::answer(letter, files),
        Brief::Digest { items, pages } => return digest::letter(letter, items, pages.as_ref()),
        Brief::ConsentQuestion { pages } => return digest::question(letter, pages.as_ref()),
    };
    let greeting = match letter.recipient {
        "" => "负责同志：\n".to_owned(),
        name => format!("{name}同志：\n"),
    };
    let office = match brief {
        Brief::Incident(opened) | Brief::IncidentDue { opened, .. } => Some(opened.incident.office),
        Brief::Files(files) => files.office(),
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

/// As a short message.
pub(super) fn short(brief: &Brief) -> Rendered {
    let (text, variables) = match brief {
        Brief::Incident(opened) => {
            let number = opened.id.to_string();
            let text = incident_text(&number);
            (text, BTreeMap::from([("number".to_owned(), number)]))
        }
        Brief::IncidentDue { opened, duty, .. } => {
            let number = opened.id.to_string();
            let text = incident::short(&number, *duty);
            (text, BTreeMap::from([("number".to_owned(), number)]))
        }
        Brief::PluginQuarantined { plugin } => {
            let text = quarantine_text(plugin);
            (text, BTreeMap::from([("plugin".to_owned(), plugin.clone())]))
        }
        Brief::Answer { text } => {
            (text.clone(), BTreeMap::from([("text".to_owned(), text.clone())]))
        }
        Brief::Files(_) => {
            let text = Answer::Files.text();
            (text.clone(), BTreeMap::from([("text".to_owned(), text)]))
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
    format!("有单位报告安全健康事故，编号{number}，请立即电话核实处置，并回复“收到{number}”。")
}

/// A plugin that is left alone, to a phone.
pub(super) fn quarantine_text(plugin: &str) -> String {
    format!("系统插件{plugin}连续出错已暂停，请管理员查看。")
}

const fn kind(brief: &Brief) -> &'static str {
    match brief {
        Brief::Incident(_) => "incident",
        Brief::IncidentDue { duty: IncidentDuty::Acknowledge, .. } => "incident",
        Brief::IncidentDue { .. } => "incident_report",
        Brief::PluginQuarantined { .. } => "alarm",
        Brief::Answer { .. } | Brief::Files(_) => "answer",
        Brief::Consolidation { .. } => "form",
        Brief::Digest { .. } => "digest",
        Brief::ConsentQuestion { .. } => "question",
    }
}
