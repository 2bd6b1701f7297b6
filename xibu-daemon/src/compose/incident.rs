//! What letters and phones say of an incident: number, office, kind and time, never a name or a
//! diagnosis.
//!
//! The notice names those responsible and no limit for one accident: every limit is called
//! 本办规定.

use chrono::NaiveDateTime;
use xibu_core::incident::{Case, IncidentDuty, Limits, OpenedIncident};
use xibu_core::office::OfficeId;

use super::{Letter, words};
use crate::workbook::incident_kind_text;

const UNNAMED: &str = "姓名、伤情等不在本信中写明，请电话了解。";

/// It has happened: subject and body.
pub(super) fn opened(letter: &Letter<'_>, opened: &OpenedIncident) -> (String, String) {
    let office = words::office(letter.world, opened.incident.office, letter.at.date());
    let id = opened.id;
    (
        format!("{office}报告一起安全健康事故（{id}）"),
        format!(
            "{}\n\
             请立即与该单位联系核实情况，按规定处置和上报。{UNNAMED}\n\
             知悉后请回复“收到{id}”；有进展请回复“续报{id}”加情况，处置完毕请回复“终报{id}”加结果。\n\
             依据：渝项目办发〔2009〕22号第一条，区县项目办负责人为第一责任人，服务单位负责人为\
             直接责任人；立即通知各级责任人、确认和续报的时限为本办规定。",
            what(letter, opened)
        ),
    )
}

/// Something about it is owed: subject and body.
pub(super) fn due(
    letter: &Letter<'_>,
    opened: &OpenedIncident,
    (duty, step): (IncidentDuty, u32),
    unaware: &[OfficeId],
) -> (String, String) {
    let date = letter.at.date();
    let office = words::office(letter.world, opened.incident.office, date);
    let (id, what) = (opened.id, what(letter, opened));
    let names = |offices: &[OfficeId]| {
        let names = offices.iter().map(|office| words::office(letter.world, *office, date));
        names.collect::<Vec<_>>().join("、")
    };
    let minutes = (letter.at - opened.received_at).num_minutes();
    let asked = match duty {
        IncidentDuty::Acknowledge => format!(
            "首报后已过{}，{}尚未确认知悉，这是第{step}次再通知。\n\
             请立即核实处置，并回复“收到{id}”；本办收到确认后不再重复通知。",
            span(minutes),
            names(unaware)
        ),
        IncidentDuty::FollowUp => format!(
            "至今没有收到续报。请了解最新情况，回复“续报{id}”加情况；处置完毕的，回复“终报{id}”加结果。"
        ),
        IncidentDuty::Close => format!(
            "至今没有结案。请将处置结果回复“终报{id}”；尚不能结案的，请回复“续报{id}”说明原因。"
        ),
    };
    let subject = match duty {
        IncidentDuty::Acknowledge => format!("{office}的安全健康事故尚未确认，请立即处理（{id}）"),
        IncidentDuty::FollowUp => format!("请续报{office}的安全健康事故（{id}）"),
        IncidentDuty::Close => format!("请报{office}的安全健康事故的处置结果（{id}）"),
    };
    let limit = limit(letter, opened, duty);
    (
        subject,
        format!(
            "{what}\n{asked}{UNNAMED}\n\
             依据：渝项目办发〔2009〕22号第一条，区县项目办负责人为第一责任人，服务单位负责人为\
             直接责任人；{limit}及逐级通知的次序为本办规定，文件没有规定。"
        ),
    )
}

fn limit(letter: &Letter<'_>, opened: &OpenedIncident, duty: IncidentDuty) -> String {
    let Some(case) = Case::of(letter.world, opened.id) else { return "时限".to_owned() };
    let limits = Limits::of(&case, letter.rulebook);
    match duty {
        IncidentDuty::Acknowledge => {
            format!("首报后{}内确认", span(limits.acknowledge.num_minutes()))
        }
        IncidentDuty::FollowUp => format!("每{}续报一次", span(limits.follow_up.num_minutes())),
        IncidentDuty::Close => format!("{}内终报", span(limits.closing.num_minutes())),
    }
}

fn span(minutes: i64) -> String {
    match minutes {
        0..120 => format!("{minutes}分钟"),
        120..2880 => format!("{}小时", minutes / 60),
        _ => format!("{}天", minutes / 1440),
    }
}

/// Who told of what, and when.
fn what(letter: &Letter<'_>, opened: &OpenedIncident) -> String {
    let office = words::office(letter.world, opened.incident.office, letter.at.date());
    let kind = incident_kind_text(opened.incident.kind);
    let at: NaiveDateTime = opened.received_at;
    let day = words::day(at.date());
    let id = opened.id;
    format!("{office}于{day}{}报告一起安全健康事故，编号{id}，类别：{kind}。", at.format("%H:%M"))
}

/// To a phone.
pub(super) fn short(number: &str, duty: IncidentDuty) -> String {
    match duty {
        IncidentDuty::Acknowledge => {
            format!("事故{number}尚未确认，请立即电话核实处置，并回复“收到{number}”。")
        }
        IncidentDuty::FollowUp => {
            format!("请续报事故{number}：回复“续报{number}”加最新情况，详情请电话报告。")
        }
        IncidentDuty::Close => {
            format!("请报事故{number}的处置结果：回复“终报{number}”加结果。")
        }
    }
}
