//! The values of the rules in plain words, in both languages. Decides nothing.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike, Weekday};

use super::{Language, Sentence};
use crate::absence::Absence;
use crate::appointment::Role;
use crate::assess::NotOwed;
use crate::calendar::{Calendar, yesterday};
use crate::chain::Gap;
use crate::deadline::StepDay;
use crate::notice::{NotSent, Notice, Reason, Recipient, Step};
use crate::obligation::{Due, Obligation, ObligationKey, Standing, Timeliness};
use crate::office::OfficeId;
use crate::parameter::{Parameter, Setting, Value};
use crate::person::PersonId;
use crate::returns::Return;
use crate::rule::Rule;
use crate::source::Source;
use crate::world::{Acknowledgement, World};

pub(super) fn colon(language: Language) -> &'static str {
    match language {
        Language::Chinese => "：",
        Language::English => ":",
    }
}

pub(super) fn space(language: Language) -> &'static str {
    match language {
        Language::Chinese => "",
        Language::English => " ",
    }
}

pub(super) fn in_brackets(text: &str, language: Language) -> String {
    match language {
        Language::Chinese => format!("（{text}）"),
        Language::English => format!(" ({text})"),
    }
}

/// `2026年6月28日（星期日）`.
pub(super) fn zh_date(date: NaiveDate) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    format!("{year}年{month}月{day}日（{}）", weekday(date).0)
}

/// `2026-06-28 (Sunday)`.
pub(super) fn en_date(date: NaiveDate) -> String {
    format!("{date} ({})", weekday(date).1)
}

pub(super) fn zh_instant(at: NaiveDateTime) -> String {
    format!("{}{:02}:{:02}", zh_date(at.date()), at.hour(), at.minute())
}

pub(super) fn en_instant(at: NaiveDateTime) -> String {
    format!("{} {:02}:{:02}", en_date(at.date()), at.hour(), at.minute())
}

fn weekday(date: NaiveDate) -> (&'static str, &'static str) {
    match date.weekday() {
        Weekday::Mon => ("星期一", "Monday"),
        Weekday::Tue => ("星期二", "Tuesday"),
        Weekday::Wed => ("星期三", "Wednesday"),
        Weekday::Thu => ("星期四", "Thursday"),
        Weekday::Fri => ("星期五", "Friday"),
        Weekday::Sat => ("星期六", "Saturday"),
        Weekday::Sun => ("星期日", "Sunday"),
    }
}

/// What kind of day it is: `2026年6月28日是星期日，休息日`.
pub(super) fn day(calendar: &Calendar, date: NaiveDate) -> Sentence {
    let known = calendar.day(date);
    let (zh, en) = match (known.workday, known.name) {
        (true, None) => ("工作日".to_string(), "a working day".to_string()),
        (true, Some(name)) => (format!("{name}调休上班"), format!("worked to make up for {name}")),
        (false, None) => ("休息日".to_string(), "a rest day".to_string()),
        (false, Some(name)) => (format!("{name}放假"), format!("off for {name}")),
    };
    let (weekday_zh, weekday_en) = weekday(date);
    let (year, month, number) = (date.year(), date.month(), date.day());
    Sentence::new(
        format!("{year}年{month}月{number}日是{weekday_zh}，{zh}"),
        format!("{date} is a {weekday_en}, {en}"),
    )
}

pub(super) fn source(source: &Source) -> Sentence {
    match source {
        Source::Clause { document, clause, text } => Sentence::new(
            format!("{document}第{clause}部分“{text}”"),
            format!("{document}, section {clause}: “{text}”"),
        ),
        Source::Policy { set_by, reason } if set_by == "xibu" => Sentence::new(
            format!("系统预设，不是文件规定：{reason}"),
            "policy assumption of the software",
        ),
        Source::Policy { set_by, reason } => Sentence::new(
            format!("本办规定，{set_by}：{reason}"),
            format!("policy of {set_by}: {reason}"),
        ),
    }
}

pub(super) fn document(number: u64) -> Sentence {
    Sentence::new(format!("见第{number}号文档"), format!("document {number}"))
}

pub(super) fn heading(world: &World, key: &ObligationKey, on: NaiveDate) -> Sentence {
    let office = office(world, key.debtor, on);
    let period = key.period;
    let (year, month) = (period.year(), period.month());
    match key.rule {
        Rule::UnitMonthlyReturn => Sentence::new(
            format!("{office}{year}年{month}月安全、健康情况月上报"),
            format!("{office}: unit's monthly return on safety and health, {period}"),
        ),
        Rule::CountyMonthlyReturn => Sentence::new(
            format!("{office}{year}年{month}月管理服务信息月报告单"),
            format!("{office}: county's monthly return, {period}"),
        ),
    }
}

/// Name and number; an office's name is no personal value.
fn office(world: &World, id: OfficeId, on: NaiveDate) -> String {
    world
        .office_on(id, on)
        .map_or_else(|| id.to_string(), |known| format!("{}（{id}）", known.name))
}

pub(super) fn setting(setting: &Setting) -> Sentence {
    let zh = match setting.parameter {
        Parameter::ReportOpeningDay => "开始收报日",
        Parameter::ReportDueDay => "上报日",
        Parameter::RollRestDayForward => "遇休息日顺延",
        Parameter::UnitCutoffWorkingDaysBeforeTarget => "服务单位截止早于目标日的工作日数",
        Parameter::UnitCutoffDayMax => "服务单位截止最晚日",
        Parameter::ReminderWorkingDaysBefore => "临期提醒提前的工作日数",
        Parameter::LadderWorkingDaysAfter => "逾期后逐级提示的工作日",
        Parameter::AcknowledgementWorkingDaysMax => "答复可暂停的工作日数",
        Parameter::DayBegins => "每日开始提醒时间",
        Parameter::DayEnds => "每日停止提醒时间",
        Parameter::ChasePeriodsMax => "追催月数",
        Parameter::DigestTime => "就业信息推送时间",
        Parameter::IncidentFirstReportMinutes => "事故首报时限（分钟）",
        Parameter::IncidentAcknowledgeMinutes => "事故确认时限（分钟）",
        Parameter::IncidentRepeatMinutes => "未确认时再次通知的间隔（分钟）",
        Parameter::IncidentFollowUpHours => "事故续报间隔（小时）",
        Parameter::IncidentClosingDays => "事故结案期限（天）",
        Parameter::ServedElsewhere => "是否由另一套系统催办",
    };
    let value = match &setting.value {
        Value::Switch(true) => "是".to_string(),
        Value::Switch(false) => "否".to_string(),
        value => value.to_string(),
    };
    let because = match &setting.source {
        Source::Policy { set_by, .. } if set_by == "xibu" => built_in_reason(setting.parameter),
        _ => "",
    };
    Sentence::new(
        format!("{zh}：{value}"),
        format!("{} = {}{because}", setting.parameter, setting.value),
    )
}

/// Why a value comes with the software; the Chinese words stand on its source.
const fn built_in_reason(parameter: Parameter) -> &'static str {
    match parameter {
        Parameter::ReportOpeningDay => ": more than a week of working days to fill it in",
        Parameter::ReportDueDay => "",
        Parameter::RollRestDayForward => ": the notice says nothing of rest days",
        Parameter::UnitCutoffWorkingDaysBeforeTarget => {
            ": the notice gives units no day; the county needs two to sum up, check and seal"
        }
        Parameter::UnitCutoffDayMax => ": a cut-off that stays about the same every month",
        Parameter::ReminderWorkingDaysBefore => ": one reminder before the day, no more",
        Parameter::LadderWorkingDaysAfter => ": one step up each working day",
        Parameter::AcknowledgementWorkingDaysMax => ": a promise rests the chasing, not the duty",
        Parameter::DayBegins => ": the working day begins",
        Parameter::DayEnds => ": nobody is disturbed at night",
        Parameter::ChasePeriodsMax => ": older debts belong to the yearly review",
        Parameter::DigestTime => ": one digest a working day at most, when the day has begun",
        Parameter::IncidentFirstReportMinutes
        | Parameter::IncidentAcknowledgeMinutes
        | Parameter::IncidentRepeatMinutes
        | Parameter::IncidentFollowUpHours
        | Parameter::IncidentClosingDays => ": the notice names no limit for one accident",
        Parameter::ServedElsewhere => "",
    }
}

pub(super) fn enabled(at: NaiveDateTime) -> Sentence {
    Sentence::new(
        format!("本规则自{}起启用，只管此后到期的月份", zh_instant(at)),
        format!("the rule acts since {}, only on months that fall due after that", en_instant(at)),
    )
}

pub(super) fn acknowledged(word: &Acknowledgement) -> Sentence {
    Sentence::new(
        format!("{}答复：{}报送", zh_instant(word.at), zh_date(word.promised)),
        format!("promised at {} for {}", en_instant(word.at), en_date(word.promised)),
    )
}

/// How it stands, and since when it is late or until when there is time.
pub(super) fn standing(world: &World, obligation: &Obligation, at: NaiveDateTime) -> Sentence {
    let due = &obligation.due;
    let timeliness = |timely| timeliness(timely, due);
    let received = world.return_of(&obligation.key).map(Return::received_at).unwrap_or(at);
    let (zh_when, en_when) = (zh_instant(received), en_instant(received));
    match obligation.standing {
        Standing::In(timely) => {
            let timely = timeliness(timely);
            Sentence::new(
                format!("已收到（{zh_when}），{}；收到即销账", timely.zh),
                format!("in ({en_when}), {}; receipt discharges", timely.en),
            )
        }
        Standing::Unread(timely) => {
            let timely = timeliness(timely);
            Sentence::new(
                format!("已收到、未能读取（{zh_when}），{}；停止催报，待人工处理", timely.zh),
                format!(
                    "received but unread ({en_when}), {}; chasing stops, a person reads it",
                    timely.en
                ),
            )
        }
        Standing::SentBack(timely) => {
            let timely = timeliness(timely);
            Sentence::new(
                format!("已退回补正，首次收到时间不变（{zh_when}），{}；只联系联系人", timely.zh),
                format!(
                    "sent back, keeps its first date ({en_when}), {}; only the contact is asked",
                    timely.en
                ),
            )
        }
        Standing::NotOpen => Sentence::new(
            format!("尚未开始收报，{}开始", zh_instant(due.opening)),
            format!("not asked for yet; from {}", en_instant(due.opening)),
        ),
        Standing::Acknowledged { until } => Sentence::new(
            format!("应报未报，已答复，{}以前暂停催报；不免除上报", zh_instant(until)),
            format!("owed; the debtor gave a day, chasing rests until {}", en_instant(until)),
        ),
        Standing::Late => Sentence::new(
            format!("逾期未报：{}起算逾期", zh_instant(due.late_after)),
            format!("late since {}", en_instant(due.late_after)),
        ),
        Standing::Owed => Sentence::new(
            format!("应报未报，尚未逾期：{}起算逾期", zh_instant(due.late_after)),
            format!("owed, not late before {}", en_instant(due.late_after)),
        ),
    }
}

fn timeliness(timeliness: Timeliness, due: &Due) -> Sentence {
    match timeliness {
        Timeliness::OnTime if due.target == due.late_after => Sentence::new("按时", "on time"),
        Timeliness::OnTime => Sentence::new("两种理解下都按时", "on time on either reading"),
        Timeliness::OnTimeLenient => {
            Sentence::new("按宽松理解按时", "on time on the lenient reading")
        }
        Timeliness::Late => Sentence::new("逾期收到", "late"),
    }
}

pub(super) fn not_owed(reason: NotOwed) -> Sentence {
    let (zh, en) = match reason {
        NotOwed::OfficeUnknown => ("没有这个单位", "no such office is known"),
        NotOwed::OfficeIsNoDebtor => {
            ("本规则不适用于这类单位", "the rule puts no duty on such an office")
        }
        NotOwed::RuleNotInForce => ("当时规则尚未施行", "the rule was not in force then"),
        NotOwed::RuleNotEnabled => ("本规则尚未启用", "nobody switched the rule on"),
        NotOwed::PeriodEndedBeforeRuleWasEnabled => (
            "该月在规则启用前已经到期，不追催",
            "the month fell due before the rule was switched on",
        ),
        NotOwed::PeriodHasNotBegun => ("该月尚未开始", "the month has not begun"),
        NotOwed::PeriodIsTooOld => ("已超过追催期限", "too long ago to be chased"),
        NotOwed::OfficeDidNotExist => {
            ("截止时该单位不存在", "the office did not exist at the cut-off")
        }
        NotOwed::NoCreditor => {
            ("截止时没有应报送的上级单位", "the office stood under none to which it could owe")
        }
        NotOwed::MergedInto { office } => {
            return Sentence::new(
                format!("不需要上报：截止时该单位已并入{office}，由{office}上报"),
                format!("nothing is owed: it was merged into {office}, which owes the month"),
            );
        }
        NotOwed::VolunteersMoved { to } => {
            return Sentence::new(
                format!("不需要上报：志愿者截止前已调到其他单位（{to}等），由新单位上报"),
                format!("nothing is owed: its volunteers serve elsewhere, such as {to}, by then"),
            );
        }
        NotOwed::VolunteersLeft => {
            ("截止时志愿者都已离岗", "everybody who served there had left by the cut-off")
        }
        NotOwed::NoVolunteers => {
            ("这段时间没有在岗志愿者", "no volunteer served there in these days")
        }
    };
    Sentence::new(format!("不需要上报：{zh}"), format!("nothing is owed: {en}"))
}

pub(super) fn step(step: Step) -> Sentence {
    let (zh, en) = match step {
        Step::Opening => ("开始收报通知", "opening notice"),
        Step::Before => ("临期提醒", "reminder before the target"),
        Step::OnTheDay => ("当日提醒", "reminder on the day"),
        Step::FirstAfter => ("逾期第一步", "first step after"),
        Step::SecondAfter => ("逾期第二步", "second step after"),
        Step::ThirdAfter => ("逾期第三步", "third step after"),
    };
    Sentence::new(zh, en)
}

pub(super) fn recipient(to: Recipient) -> Sentence {
    let (zh, en) = match to {
        Recipient::UnitContact => ("服务单位联系人", "the unit's contact"),
        Recipient::UnitHead => ("服务单位负责人（直接责任人）", "the unit's head (直接责任人)"),
        Recipient::CountyContact => ("区县项目办联系人", "the county's contact"),
        Recipient::CountyHead => {
            ("区县项目办负责人（第一责任人）", "the county's head (第一责任人)")
        }
        Recipient::CityStaff => ("市项目办工作人员", "city staff"),
        Recipient::CityHead => ("市项目办负责人", "the city's head"),
    };
    Sentence::new(zh, en)
}

/// All steps in one line.
pub(super) fn ladder(ladder: &[StepDay]) -> Sentence {
    let (zh, en): (Vec<String>, Vec<String>) = ladder
        .iter()
        .map(|day| {
            let (what, whom) = (step(day.step), recipient(day.to));
            (
                format!("{}{}→{}", zh_date(day.date), what.zh, whom.zh),
                format!("{} {} to {}", en_date(day.date), what.en, whom.en),
            )
        })
        .unzip();
    Sentence::new(
        format!("未收到时的提醒顺序：{}", zh.join("；")),
        format!("who hears while nothing comes: {}", en.join("; ")),
    )
}

pub(super) fn step_day(known: &StepDay, calendar: &Calendar) -> Sentence {
    let (what, whom, day) = (step(known.step), recipient(known.to), day(calendar, known.date));
    Sentence::new(
        format!("{}在{}，{}，对象是{}", what.zh, zh_date(known.date), day.zh, whom.zh),
        format!(
            "the {} comes on {}; {}; it speaks to {}",
            what.en,
            en_date(known.date),
            day.en,
            whom.en
        ),
    )
}

pub(super) fn was_sent(person: PersonId, to: Recipient) -> Sentence {
    let whom = recipient(to);
    Sentence::new(
        format!("已列入发送：{person}，{}", whom.zh),
        format!("sent to {person}, {}", whom.en),
    )
}

pub(super) fn not_yet(date: NaiveDate) -> Sentence {
    Sentence::new(
        format!("未发送：还没有到{}", zh_date(date)),
        format!("not sent: its day, {}, has not come", en_date(date)),
    )
}

pub(super) fn is_due(notice: &Notice) -> Sentence {
    let (whom, why) = (recipient(notice.to), reason(&notice.reason));
    let (zh, en) = match (notice.stands_in, notice.instead_of) {
        (true, Some(away)) => (
            format!("（{away}外出，由本单位人员代收）"),
            format!(" ({away} is away; this person stands in)"),
        ),
        (true, None) => (
            "（岗位空缺，由本单位人员代收）".into(),
            " (the post is empty; this person stands in)".into(),
        ),
        (false, _) => (String::new(), String::new()),
    };
    Sentence::new(
        format!(
            "应发送给{}{zh}，{}：{}；{}以后发出",
            notice.person,
            whom.zh,
            why.zh,
            zh_instant(notice.not_before)
        ),
        format!(
            "due to {}{en}, {}: {}; not before {}",
            notice.person,
            whom.en,
            why.en,
            en_instant(notice.not_before)
        ),
    )
}

pub(super) fn reason(reason: &Reason) -> Sentence {
    match reason {
        Reason::ReturnIsAskedFor => Sentence::new("开始收报", "the return is asked for"),
        Reason::TargetComesNear { working_days } => Sentence::new(
            format!("距目标日还有{working_days}个工作日"),
            format!("{working_days} working day(s) left until the target"),
        ),
        Reason::TargetIsToday => Sentence::new("今天是目标日", "today is the target day"),
        Reason::TargetHasPassed => {
            Sentence::new("目标日已过，尚未逾期", "the target day has passed, it is not late yet")
        }
        Reason::ReturnIsLate { working_days } => Sentence::new(
            format!("逾期第{working_days}个工作日"),
            format!("late, working day {working_days}"),
        ),
        Reason::ReturnWasSentBack => {
            Sentence::new("已退回，请补正重报", "sent back, to be corrected")
        }
        Reason::SuccessorTookThePost => {
            Sentence::new("新任者接手未结事项", "a successor took the post while the step was open")
        }
    }
}

pub(super) fn not_sent(reason: &NotSent) -> Sentence {
    let Sentence { zh, en } = why_not_sent(reason);
    Sentence::new(format!("不发送：{zh}"), format!("not sent: {en}"))
}

pub(super) fn why_not_sent(reason: &NotSent) -> Sentence {
    let (zh, en) = match reason {
        NotSent::RuleNotEnabledForPeriod => {
            ("该月在规则启用前已到期".into(), "the month fell due before the rule was on".into())
        }
        NotSent::ReturnIsIn => ("已收到".into(), "the return is in".into()),
        NotSent::ReturnWaitsToBeRead => {
            ("已收到，待人工读取".into(), "something came and waits to be read".into())
        }
        NotSent::PausedByAcknowledgement { until } => (
            format!("对方已答复，{}以前暂停", zh_instant(*until)),
            format!("the debtor gave a day; rests until {}", en_instant(*until)),
        ),
        NotSent::AlreadySent { person } => {
            (format!("已发给{person}"), format!("it went to {person} already"))
        }
        NotSent::SupersededByLaterStep { step: later } => {
            let later = step(*later);
            (
                format!("已到{}，以后者为准", later.zh),
                format!("the {} has come and says more", later.en),
            )
        }
        NotSent::SentBackStaysWithContact => {
            ("退回补正只联系联系人".into(), "sent back: stays with the contact".into())
        }
        NotSent::CountyIsChasedForUnit => (
            "正在就此催办区县项目办，不再另发服务单位".into(),
            "the county is chased for this unit".into(),
        ),
        NotSent::NobodyToTell { gap } => {
            let gap = self::gap(gap);
            (format!("无人可通知：{}", gap.zh), format!("nobody to tell: {}", gap.en))
        }
        NotSent::WaitsForWorkingDay { until } => (
            format!("休息日只联系报送单位联系人，等到{}", zh_date(*until)),
            format!("told on working days only; waits for {}", en_date(*until)),
        ),
        NotSent::TooLateToHelp => ("已失去作用".into(), "its use has passed".into()),
    };
    Sentence::new(zh, en)
}

fn gap(gap: &Gap) -> Sentence {
    match gap {
        Gap::ServesNowhere(person) => {
            Sentence::new(format!("{person}不在岗"), format!("{person} serves nowhere"))
        }
        Gap::NoHome(person) => Sentence::new(
            format!("{person}的派出高校未知"),
            format!("the university of {person} is not known"),
        ),
        Gap::NoSuchOffice(office) => {
            Sentence::new(format!("{office}已不存在"), format!("{office} does not exist then"))
        }
        Gap::NoSuperior(office) => {
            Sentence::new(format!("{office}没有上级单位"), format!("{office} stands under none"))
        }
        Gap::EverybodyAway { office, role } => {
            let (zh, en) = role_words(*role);
            Sentence::new(
                format!("{office}的{zh}外出，本单位无人代收"),
                format!("the {en} of {office} is away and nobody else of the office is there"),
            )
        }
        Gap::PostEmpty { office, role } => {
            let (zh, en) = role_words(*role);
            Sentence::new(
                format!("{office}的{zh}空缺，且无人代收"),
                format!("the post of {en} at {office} is empty and nobody stands in"),
            )
        }
    }
}

const fn role_words(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Head => ("负责人", "head"),
        Role::Deputy => ("副职", "deputy"),
        Role::Contact => ("联系人", "contact"),
        Role::Staff => ("工作人员", "staff"),
    }
}

/// Somebody is away, as a fact behind a step.
pub(super) fn absence(absence: &Absence) -> Sentence {
    let Absence { person, validity, deputy } = absence;
    let (zh_until, en_until) = match validity.until {
        Some(until) => {
            let last = yesterday(until);
            (zh_date(last), en_date(last))
        }
        None => ("未定".to_string(), "an open end".to_string()),
    };
    let (zh_deputy, en_deputy) = match deputy {
        Some(deputy) => (format!("，由{deputy}代理"), format!("; {deputy} acts meanwhile")),
        None => (String::new(), String::new()),
    };
    Sentence::new(
        format!("{person}外出：{}至{zh_until}{zh_deputy}", zh_date(validity.from)),
        format!("{person} is away from {} to {en_until}{en_deputy}", en_date(validity.from)),
    )
}
