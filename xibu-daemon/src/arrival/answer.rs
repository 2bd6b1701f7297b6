//! The one answer a message gets: short enough for a phone, without any name.
//!
//! What it is not: it decides nothing; that an answer goes at all is [`super::Judge`]'s.

use chrono::NaiveDate;
use xibu_core::incident::IncidentId;
use xibu_core::intake::reply::{Doubt, Reply};

mod list;

pub use list::{LineFault, ListAnswer};

/// Which answer. Kept by its name, which holds everything its words need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The nil is in.
    Nil {
        /// How many serve, as far as told.
        headcount: Option<u32>,
    },
    /// The return was in before.
    AlreadyIn,
    /// The consolidation is confirmed.
    Confirmed,
    /// A consolidation is confirmed by the code of its newest version.
    ConfirmCode,
    /// A day was promised.
    Promised {
        /// Which.
        day: NaiveDate,
    },
    /// Seen, without a day.
    Seen,
    /// The incident is open.
    Incident,
    /// Job information is wanted.
    Allowed,
    /// No more job information.
    Stopped,
    /// No more job information, and duties cannot be stopped.
    StoppedButDuties,
    /// The code is missing.
    CodeIsMissing,
    /// The code is wrong.
    WrongCode,
    /// Nothing is owed.
    NothingIsOwed,
    /// A person looks at it.
    APersonLooks,
    /// What became of the files that came with it; by mail each is told.
    Files,
    /// It was not understood.
    Unclear(Doubt),
    /// Somebody who answers for an incident knows of it.
    IncidentSeen {
        /// Which.
        id: IncidentId,
    },
    /// The place where it happened knows; how it goes on is asked for.
    FollowUpAsked {
        /// Which.
        id: IncidentId,
    },
    /// A follow-up is in.
    FollowedUp {
        /// Which.
        id: IncidentId,
    },
    /// The closing report is in.
    IncidentClosed {
        /// Which.
        id: IncidentId,
    },
    /// No incident has that number.
    NoSuchIncident {
        /// Which was named.
        id: IncidentId,
    },
    /// A pasted list: longer than a phone shows at once.
    List(ListAnswer),
}

const DOUBTS: [Doubt; 9] = [
    Doubt::MaybeAccident,
    Doubt::Worry,
    Doubt::Amends,
    Doubt::Qualified,
    Doubt::Question,
    Doubt::ClaimsDone,
    Doubt::DayNotPossible,
    Doubt::TooLong,
    Doubt::NotUnderstood,
];

/// Every answer; of those that hold a number or a day, one.
pub(super) fn every() -> Vec<Answer> {
    let mut all = vec![
        Answer::Nil { headcount: None },
        Answer::Nil { headcount: Some(12) },
        Answer::AlreadyIn,
        Answer::Confirmed,
        Answer::ConfirmCode,
        Answer::Promised { day: NaiveDate::MIN },
        Answer::Seen,
        Answer::Incident,
        Answer::Allowed,
        Answer::Stopped,
        Answer::StoppedButDuties,
        Answer::CodeIsMissing,
        Answer::WrongCode,
        Answer::NothingIsOwed,
        Answer::APersonLooks,
        Answer::IncidentSeen { id: IncidentId(7) },
        Answer::FollowUpAsked { id: IncidentId(7) },
        Answer::FollowedUp { id: IncidentId(7) },
        Answer::IncidentClosed { id: IncidentId(7) },
        Answer::NoSuchIncident { id: IncidentId(7) },
        Answer::Files,
    ];
    all.extend(DOUBTS.map(Answer::Unclear));
    all
}

impl Answer {
    /// Its name, e.g. `promised:2026-06-26`.
    pub fn name(&self) -> String {
        match self {
            Answer::Nil { headcount: None } => "nil".to_owned(),
            Answer::Nil { headcount: Some(count) } => format!("nil:{count}"),
            Answer::AlreadyIn => "already_in".to_owned(),
            Answer::Confirmed => "confirmed".to_owned(),
            Answer::ConfirmCode => "confirm_code".to_owned(),
            Answer::Promised { day } => format!("promised:{day}"),
            Answer::Seen => "seen".to_owned(),
            Answer::Incident => "incident".to_owned(),
            Answer::Allowed => "allowed".to_owned(),
            Answer::Stopped => "stopped".to_owned(),
            Answer::StoppedButDuties => "stopped_but_duties".to_owned(),
            Answer::CodeIsMissing => "code_is_missing".to_owned(),
            Answer::WrongCode => "wrong_code".to_owned(),
            Answer::NothingIsOwed => "nothing_is_owed".to_owned(),
            Answer::APersonLooks => "a_person_looks".to_owned(),
            Answer::Files => "files".to_owned(),
            Answer::Unclear(doubt) => format!("unclear:{}", doubt.name()),
            Answer::IncidentSeen { id } => format!("incident_seen:{id}"),
            Answer::FollowUpAsked { id } => format!("follow_up_asked:{id}"),
            Answer::FollowedUp { id } => format!("followed_up:{id}"),
            Answer::IncidentClosed { id } => format!("incident_closed:{id}"),
            Answer::NoSuchIncident { id } => format!("no_such_incident:{id}"),
            Answer::List(list) => format!("list:{}", list.name()),
        }
    }

    /// The answer of that name.
    pub fn named(name: &str) -> Option<Self> {
        let (word, rest) = name.split_once(':').unwrap_or((name, ""));
        Some(match word {
            "nil" if rest.is_empty() => Answer::Nil { headcount: None },
            "nil" => Answer::Nil { headcount: Some(rest.parse().ok()?) },
            "already_in" => Answer::AlreadyIn,
            "confirmed" => Answer::Confirmed,
            "confirm_code" => Answer::ConfirmCode,
            "promised" => Answer::Promised { day: rest.parse().ok()? },
            "seen" => Answer::Seen,
            "incident" => Answer::Incident,
            "allowed" => Answer::Allowed,
            "stopped" => Answer::Stopped,
            "stopped_but_duties" => Answer::StoppedButDuties,
            "code_is_missing" => Answer::CodeIsMissing,
            "wrong_code" => Answer::WrongCode,
            "nothing_is_owed" => Answer::NothingIsOwed,
            "a_person_looks" => Answer::APersonLooks,
            "files" => Answer::Files,
            "unclear" => Answer::Unclear(DOUBTS.into_iter().find(|doubt| doubt.name() == rest)?),
            "incident_seen" => Answer::IncidentSeen { id: rest.parse().ok()? },
            "follow_up_asked" => Answer::FollowUpAsked { id: rest.parse().ok()? },
            "followed_up" => Answer::FollowedUp { id: rest.parse().ok()? },
            "incident_closed" => Answer::IncidentClosed { id: rest.parse().ok()? },
            "no_such_incident" => Answer::NoSuchIncident { id: rest.parse().ok()? },
            "list" => Answer::List(ListAnswer::named(rest)?),
            _ => return None,
        })
    }

    /// Its words.
    pub fn text(&self) -> String {
        let of_reply = |reply: Reply| reply.answer().unwrap_or_default();
        match self {
            Answer::Nil { headcount } => {
                of_reply(Reply::Nil { headcount: *headcount, month: None })
            }
            Answer::Promised { day } => of_reply(Reply::Acknowledged { by: Some(*day) }),
            Answer::Seen => of_reply(Reply::Acknowledged { by: None }),
            Answer::Incident => {
                let kind = xibu_core::incident::IncidentKind::Other;
                of_reply(Reply::Accident { kind, persons: None })
            }
            Answer::Unclear(doubt) => of_reply(Reply::Unclear(*doubt)),
            Answer::AlreadyIn => {
                "本期报告已经收到，不必再报。如有变化，请电话告知项目办。".to_owned()
            }
            Answer::Confirmed => of_reply(Reply::Confirmed),
            Answer::ConfirmCode => {
                "未能登记：汇总可能已有变化，或编号有误。请按最近一封汇总邮件里的“确认汇总”和编号回复。"
                    .to_owned()
            }
            Answer::Allowed => {
                "已登记：您愿意接收就业信息，随时可以停止。尚未登记求职意向的请向项目办索取登记表。"
                    .to_owned()
            }
            Answer::Stopped => "已停止向您推送就业信息。".to_owned(),
            Answer::StoppedButDuties => {
                "已停止推送就业信息。报送提醒是工作通知，不能退订；人员有变动请告知项目办。"
                    .to_owned()
            }
            Answer::CodeIsMissing => {
                "未能登记：请连同通知里的4位编号一起回复，格式为“安全无事”加4位编号。".to_owned()
            }
            Answer::WrongCode => {
                "未能登记：编号与通知不符。请核对通知里的4位编号再回复，或电话报告项目办。"
                    .to_owned()
            }
            Answer::NothingIsOwed => "目前没有待您报送的表单，不必处理。".to_owned(),
            Answer::Files => "您发来的文件已收到并处理，结果请向项目办查询。".to_owned(),
            Answer::APersonLooks => {
                "已收到，工作人员会查看处理。如有事故请立即电话报告。".to_owned()
            }
            Answer::IncidentSeen { id } => format!(
                "已登记：您已知悉事故{id}。有进展请回复“续报{id}”加情况，处置完毕请回复“终报{id}”加结果。"
            ),
            Answer::FollowUpAsked { id } => {
                format!("已收到。事故{id}有进展请回复“续报{id}”加情况，详情请电话报告项目办。")
            }
            Answer::FollowedUp { id } => {
                format!("已登记事故{id}的续报。处置完毕请回复“终报{id}”加结果。")
            }
            Answer::IncidentClosed { id } => {
                format!("已登记事故{id}的终报，予以结案。如又有变化，请电话报告项目办。")
            }
            Answer::NoSuchIncident { id } => {
                format!("没有编号为{id}的事故，请核对编号；有事故请立即电话报告。")
            }
            Answer::List(list) => list.text(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xibu_core::intake::reply::ANSWER_CHARS_MAX;

    #[test]
    fn every_answer_is_short_and_known_by_its_name() {
        let day = NaiveDate::from_ymd_opt(2026, 12, 26).unwrap();
        for answer in every().into_iter().chain([Answer::Promised { day }]) {
            assert_eq!(Answer::named(&answer.name()).as_ref(), Some(&answer));
            let length = answer.text().chars().count();
            assert!((1..=ANSWER_CHARS_MAX).contains(&length), "{answer:?}: {length}");
        }
        assert_eq!(Answer::named("gossip"), None);
        assert_eq!(Answer::named("promised:soon"), None);
    }
}
