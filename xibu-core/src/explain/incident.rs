//! Why an incident stands as it does, who was to be told by when, and what comes next.
//!
//! It speaks of number, office, kind and time; never of a name or a diagnosis.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use chrono::{NaiveDateTime, TimeDelta};

use super::{Explanation, Fact, Sentence, words};
use crate::incident::{
    Act, Case, IncidentDuty, IncidentId, IncidentKind, IncidentMove, Level, Limits, next_instant,
};
use crate::parameter::{Parameter, Rulebook};
use crate::source::{NOTICE, Source};
use crate::world::World;

/// The limits an incident rests on.
const LIMITS: [Parameter; 5] = [
    Parameter::IncidentFirstReportMinutes,
    Parameter::IncidentAcknowledgeMinutes,
    Parameter::IncidentRepeatMinutes,
    Parameter::IncidentFollowUpHours,
    Parameter::IncidentClosingDays,
];

/// Why an incident stands as it does at `at`; none where there is no such incident.
pub fn explain_incident(
    world: &World,
    rulebook: &Rulebook,
    id: IncidentId,
    at: NaiveDateTime,
) -> Option<Explanation> {
    let case = Case::of(world, id)?;
    let opened = case.opened;
    let date = opened.received_at.date();
    let office = world
        .office_on(opened.incident.office, date)
        .map_or_else(|| format!("{}", opened.incident.office), |version| version.name.clone());
    let (zh_kind, en_kind) = kind(opened.incident.kind);
    let path = world.path(opened.incident.office, date);
    let mut facts = Vec::from([fact(Sentence::new(
        format!("{}报告{}", words::zh_instant(opened.received_at), by(opened.told_by).zh),
        format!("told at {}{}", words::en_instant(opened.received_at), by(opened.told_by).en),
    ))]);
    facts.extend(case.moves.iter().map(|said| fact(moved(said))));
    facts.extend(LIMITS.map(|parameter| {
        let setting = rulebook.parameters.get(parameter, &path, date);
        Fact {
            sentence: words::setting(setting),
            source: Some(setting.source.clone()),
            document: None,
        }
    }));
    Some(Explanation {
        heading: Sentence::new(
            format!("{id}：{office}的安全健康事故，{zh_kind}"),
            format!("{id}: an incident at {office}, {en_kind}"),
        ),
        clause: responsible(),
        facts,
        arithmetic: arithmetic(&case, rulebook),
        conclusion: conclusion(&case, rulebook, at),
    })
}

/// The notice names those responsible; every limit is policy.
fn responsible() -> Source {
    Source::Clause {
        document: NOTICE.into(),
        clause: "一".into(),
        text:
            "要明确项目办负责人系西部计划志愿者安全健康管理工作第一责任人，同时明确西部计划志愿者\
               服务单位负责人系西部计划志愿者安全健康管理工作直接责任人"
                .into(),
    }
}

fn fact(sentence: Sentence) -> Fact {
    Fact { sentence, source: None, document: None }
}

fn by(person: Option<crate::person::PersonId>) -> Sentence {
    match person {
        Some(person) => Sentence::new(format!("（{person}）"), format!(" by {person}")),
        None => Sentence::new("（本办登记）", " (written down by the office)"),
    }
}

fn moved(said: &IncidentMove) -> Sentence {
    let (zh, en) = match said.act {
        Act::Acknowledged => ("知悉", "acknowledged"),
        Act::FollowedUp => ("续报", "followed up"),
        Act::Closed => ("终报，结案", "closed"),
        Act::ToldInReturn(_) => ("月报中亦已填报", "told in the month's return too"),
    };
    let by = by(said.by);
    Sentence::new(
        format!("{}{zh}{}", words::zh_instant(said.at), by.zh),
        format!("{en} at {}{}", words::en_instant(said.at), by.en),
    )
}

fn arithmetic(case: &Case<'_>, rulebook: &Rulebook) -> Vec<Sentence> {
    let limits = Limits::of(case, rulebook);
    let opened = case.opened.received_at;
    let mut lines = Vec::new();
    if let Some(occurred) = case.opened.incident.occurred {
        let after = opened - occurred;
        let (zh, en) = if after <= limits.first_report {
            ("在时限内", "in time")
        } else {
            ("超过时限", "late")
        };
        lines.push(Sentence::new(
            format!("发生后{}首报，{zh}", zh_span(after)),
            format!("first told {} after it happened: {en}", en_span(after)),
        ));
    }
    for level in Level::ALL.into_iter().filter(|level| case.office(*level).is_some()) {
        let (zh, en) = level_name(level);
        let due = opened + limits.acknowledge;
        lines.push(match case.acknowledged(level) {
            Some((known, _)) => Sentence::new(
                format!("{zh}：首报后{}知悉", zh_span(known - opened)),
                format!("{en}: knew {} after it was told", en_span(known - opened)),
            ),
            None => Sentence::new(
                format!("{zh}：应在{}前确认，尚未确认", words::zh_instant(due)),
                format!("{en}: has to acknowledge by {}, has not", words::en_instant(due)),
            ),
        });
    }
    if case.closed_at().is_none() {
        let follow_up = case.last_report() + limits.follow_up;
        let closing = opened + limits.closing;
        lines.push(Sentence::new(
            format!(
                "下次续报不晚于{}，终报不晚于{}",
                words::zh_instant(follow_up),
                words::zh_instant(closing)
            ),
            format!(
                "next follow-up by {}, closing report by {}",
                words::en_instant(follow_up),
                words::en_instant(closing)
            ),
        ));
    }
    lines
}

fn conclusion(case: &Case<'_>, rulebook: &Rulebook, at: NaiveDateTime) -> Sentence {
    let (zh, en) = stage(case);
    let next = next_instant(case.world, rulebook, case.opened.id, at);
    match next {
        Some((duty, _, comes)) => {
            let (zh_duty, en_duty) = duty_name(duty);
            Sentence::new(
                format!("{zh}；{}催{zh_duty}", words::zh_instant(comes)),
                format!("{en}; the {en_duty} is asked for at {}", words::en_instant(comes)),
            )
        }
        None => Sentence::new(zh, en),
    }
}

/// How far an incident has come, in words.
pub fn stage(case: &Case<'_>) -> (&'static str, &'static str) {
    use crate::incident::Stage;
    match case.stage() {
        Stage::Told => ("已首报，尚未全部确认", "told, not acknowledged by everybody"),
        Stage::Acknowledged => ("已确认，待续报", "acknowledged, to be followed up"),
        Stage::FollowedUp => ("已续报，待终报", "followed up, to be closed"),
        Stage::Closed => ("已结案", "closed"),
    }
}

/// A duty about an incident, in words.
pub const fn duty_name(duty: IncidentDuty) -> (&'static str, &'static str) {
    match duty {
        IncidentDuty::Acknowledge => ("确认", "acknowledgement"),
        IncidentDuty::FollowUp => ("续报", "follow-up"),
        IncidentDuty::Close => ("终报", "closing report"),
    }
}

const fn level_name(level: Level) -> (&'static str, &'static str) {
    match level {
        Level::County => ("区县项目办", "county office"),
        Level::City => ("市项目办", "city office"),
    }
}

/// A kind of incident, in words.
pub const fn kind(kind: IncidentKind) -> (&'static str, &'static str) {
    match kind {
        IncidentKind::Traffic => ("交通事故", "traffic"),
        IncidentKind::Injury => ("人身伤害", "injury"),
        IncidentKind::Illness => ("疾病", "illness"),
        IncidentKind::Disaster => ("火灾、触电、溺水等", "fire, electricity, drowning"),
        IncidentKind::Property => ("财物被盗、被骗", "theft or fraud"),
        IncidentKind::Other => ("其他", "other"),
    }
}

fn zh_span(span: TimeDelta) -> String {
    let minutes = span.num_minutes();
    match minutes {
        0..120 => format!("{minutes}分钟"),
        120..2880 => format!("{}小时", minutes / 60),
        _ => format!("{}天", minutes / 1440),
    }
}

fn en_span(span: TimeDelta) -> String {
    let minutes = span.num_minutes();
    match minutes {
        0..120 => format!("{minutes} minutes"),
        120..2880 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    }
}
