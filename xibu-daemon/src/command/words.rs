//! Words that several commands use: what rules, steps, recipients and gaps are called.
//!
//! Letters have words of their own, in [`crate::compose`].

use chrono::{Datelike, NaiveDate};
use xibu_core::appointment::Role;
use xibu_core::chain::Gap;
use xibu_core::explain;
use xibu_core::incident::IncidentKind;
use xibu_core::notice::{Recipient, Step};
use xibu_core::office::OfficeId;
use xibu_core::period::Period;
use xibu_core::rule::Rule;
use xibu_core::world::World;

use crate::language::Language;
use crate::store::{Hold, Outage};

/// 周一 to 周日, or Mon to Sun.
pub(crate) fn weekday(date: NaiveDate, language: Language) -> &'static str {
    let names = match language {
        Language::Chinese => ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
        Language::English => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    };
    names[date.weekday().num_days_from_monday() as usize]
}

/// The name of an office at the end of a month, or the last it had.
pub(crate) fn office_name(world: &World, office: OfficeId, period: Period) -> &str {
    let known = world.office(office);
    let version = known.and_then(|known| known.on(period.day(31)).or(known.versions.last()));
    version.map_or("", |version| version.name.as_str())
}

/// A gap in a chain, as a sentence; people are numbers.
pub(crate) fn gap_text(gap: &Gap, language: Language) -> String {
    let zh = language == Language::Chinese;
    match gap {
        Gap::ServesNowhere(person) if zh => format!("{person} 没有服务单位"),
        Gap::ServesNowhere(person) => format!("{person} serves nowhere"),
        Gap::NoHome(person) if zh => format!("{person} 没有派出高校"),
        Gap::NoHome(person) => format!("{person} has no university"),
        Gap::NoSuchOffice(office) if zh => format!("{office} 当时不存在"),
        Gap::NoSuchOffice(office) => format!("{office} did not exist then"),
        Gap::NoSuperior(office) if zh => format!("{office} 没有上级单位"),
        Gap::NoSuperior(office) => format!("{office} stands under none"),
        Gap::EverybodyAway { office, role } => {
            let role = role_name(*role, language);
            match zh {
                true => format!("{office} 的{role}外出，本单位无人代理"),
                false => format!("the {role} of {office} is away and nobody is there instead"),
            }
        }
        Gap::PostEmpty { office, role } => {
            let role = role_name(*role, language);
            if zh { format!("{office} 没有{role}") } else { format!("{office} has no {role}") }
        }
    }
}

fn role_name(role: Role, language: Language) -> &'static str {
    match role {
        Role::Head => language.pick("负责人", "head"),
        Role::Deputy => language.pick("副职", "deputy"),
        Role::Contact => language.pick("联系人", "contact"),
        Role::Staff => language.pick("工作人员", "staff"),
    }
}

/// Why messages are held.
pub(crate) fn hold_name(hold: Hold, language: Language) -> &'static str {
    match hold {
        Hold::FirstStart => language.pick("首次在这些数据上启动", "first start on this data"),
        Hold::RestoredBackup => language.pick("数据是还原或复制来的", "a backup or copy of data"),
        Hold::ClockJump => language.pick("时钟跳过了35天以上", "the clock went on by over 35 days"),
    }
}

/// What was left out because nobody looked for a while, and where to read on.
pub(crate) fn outage_text(outage: &Outage, language: Language) -> String {
    let (since, until) =
        (outage.since.format("%Y-%m-%d %H:%M"), outage.until.format("%Y-%m-%d %H:%M"));
    let passed: Vec<String> =
        outage.passed_over.iter().map(|(reason, count)| format!("{reason} ×{count}")).collect();
    let passed = passed.join(" ");
    let (planned, folded, expired) = (outage.notices, outage.folded, outage.expired);
    match language {
        Language::Chinese => format!(
            "{since} 到 {until} 没有运行：补排 {planned} 项，其中并信 {folded} 项；\
             不再提醒 {passed}；过时效的信 {expired} 封（outbox list --state expired）"
        ),
        Language::English => format!(
            "nothing was looked at from {since} to {until}: {planned} notices planned, {folded} \
             folded; not told: {passed}; {expired} messages expired (outbox list --state expired)"
        ),
    }
}

/// What kind of accident.
pub(crate) fn incident_name(kind: IncidentKind, language: Language) -> &'static str {
    let english = match kind {
        IncidentKind::Traffic => "traffic",
        IncidentKind::Injury => "injury",
        IncidentKind::Illness => "illness",
        IncidentKind::Disaster => "fire, current, water",
        IncidentKind::Property => "theft or fraud",
        IncidentKind::Other => "other",
    };
    language.pick(crate::workbook::incident_kind_text(kind), english)
}

/// What a rule's return is called, shortly.
pub(crate) fn rule_name(rule: Rule, language: Language) -> &'static str {
    match rule {
        Rule::UnitMonthlyReturn => language.pick("服务单位月报", "unit return"),
        Rule::CountyMonthlyReturn => language.pick("区县月报告单", "county return"),
    }
}

/// What a step is called.
pub(crate) fn step_name(step: Step, language: Language) -> String {
    explain::step(step).text(language.into()).to_owned()
}

/// Who a step speaks to.
pub(crate) fn recipient(to: Recipient, language: Language) -> &'static str {
    match to {
        Recipient::UnitContact => language.pick("单位联系人", "unit contact"),
        Recipient::UnitHead => language.pick("单位负责人（直接责任人）", "unit head (直接责任人)"),
        Recipient::CountyContact => language.pick("区县联系人", "county contact"),
        Recipient::CountyHead => {
            language.pick("区县负责人（第一责任人）", "county head (第一责任人)")
        }
        Recipient::CityStaff => language.pick("市项目办工作人员", "city staff"),
        Recipient::CityHead => language.pick("市项目办负责人", "city head"),
    }
}
