//! Explanations as an office reads them: the arithmetic, the clause, the document, and why nothing
//! was sent.

use xibu_core::change::{Change, Recorded};
use xibu_core::explain::Language::{Chinese, English};
use xibu_core::explain::{Explanation, Language, explain_notice, explain_obligation};
use xibu_core::notice::{NoticeKey, SentLog, Step};
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::parameter::Rulebook;
use xibu_core::person::PersonId;
use xibu_core::world::{Unfit, World};

use crate::house::*;

fn obligation_after(changes: &[Change], key: &str, at: &str) -> Explanation {
    let mut world = city();
    changes.iter().for_each(|change| world.apply(change).unwrap());
    explain_obligation(&world, &Rulebook::default(), &key_of(key), instant(at)).unwrap()
}

/// Every line given stands in the text, in that order.
#[track_caller]
fn check(explanation: &Explanation, language: Language, lines: &[&str]) {
    let text = explanation.render(language);
    let mut rest = text.as_str();
    for line in lines {
        let at = rest.find(line);
        assert!(at.is_some(), "`{line}` is missing, or out of order, in\n{text}");
        rest = &rest[at.unwrap() + line.len()..];
    }
    let back: Explanation =
        serde_json::from_str(&serde_json::to_string(explanation).unwrap()).unwrap();
    assert_eq!(&back, explanation, "a value that can be kept");
}

#[test]
fn the_28th_of_june_2026_is_a_sunday() {
    let explanation = obligation_after(&[], "county 2026-06", "2026-06-29 09:00");
    check(
        &explanation,
        Chinese,
        &[
            "County O2（O2）2026年6月管理服务信息月报告单\n",
            "依据：渝项目办发〔2009〕22号第一部分“区县项目办汇总西部计划志愿者安全、健康情况，并于每月28日前填写",
            "上报日：28（渝项目办发〔2009〕22号第一部分",
            "遇休息日顺延：否（系统预设，不是文件规定：",
            "现在是否仍然有效未知",
            "推算：\n  1. 2026年6月28日是星期日，休息日\n",
            "2026年6月27日是星期六，休息日；前推到不晚于27日的最后一个工作日=2026年6月26日（星期五）",
            "2026年6月29日（星期一）0时起算逾期\n",
            "遇休息日顺延是第三种理解，通知没有这样规定，未启用\n",
            "目标日前第2个工作日=2026年6月24日（星期三），不晚于25日",
            "覆盖2026年5月26日（星期二）0时至2026年6月24日（星期三）24时",
            "2026年6月29日（星期一）逾期第一步→区县项目办负责人（第一责任人）",
            "结论：逾期未报：2026年6月29日（星期一）00:00起算逾期\n",
        ],
    );
    check(
        &explanation,
        English,
        &[
            "Clause: 渝项目办发〔2009〕22号, section 一:",
            "report_opening_day = 15: more than a week of working days to fill it in",
            "1. 2026-06-28 is a Sunday, a rest day\n",
            "2026-06-27 is a Saturday, a rest day; the last working day not after the 27th is \
             2026-06-26 (Friday)",
            "Conclusion: late since 2026-06-29 (Monday) 00:00\n",
        ],
    );
}

#[test]
fn a_festival_is_named() {
    let mut world = city();
    // The rule is on only since June; the arithmetic of another month can be asked all the same.
    world.apply(&office(OfficeId(9), OfficeKind::County, Some(CITY))).unwrap();
    let key = key_of("county 2026-02");
    let at = instant("2026-06-29 09:00");
    let explanation = explain_obligation(&world, &Rulebook::default(), &key, at).unwrap();
    check(
        &explanation,
        Chinese,
        &[
            "2026年2月28日是星期六，春节调休上班",
            "结论：不需要上报：该月在规则启用前已经到期，不追催",
        ],
    );
    let september = obligation_after(&[], "county 2026-09", "2026-09-29 09:00");
    check(
        &september,
        Chinese,
        &[
            "2026年9月27日是星期日，中秋节放假；",
            "2026年9月25日是星期五，中秋节放假；",
            "=2026年9月24日（星期四）",
        ],
    );
}

#[test]
fn a_return_is_cited_by_its_document() {
    let changes = [came("unit 2026-06", "2026-06-23 10:00"), sent_back("unit 2026-06")];
    let read = obligation_after(&changes[..1], "unit 2026-06", "2026-06-26 09:00");
    check(
        &read,
        Chinese,
        &[
            "第1次收到：2026年6月23日（星期二）10:00，安全无事（见第7号文档）",
            "办理情况：已提交",
            "结论：已收到（2026年6月23日（星期二）10:00），按时；收到即销账",
        ],
    );
    check(&read, English, &["nil: no accident (document 7)", "receipt discharges"]);
    let back = obligation_after(&changes, "unit 2026-06", "2026-06-26 09:00");
    check(&back, Chinese, &["办理情况：已退回，在岗人数未填", "只联系联系人"]);
}

#[test]
fn why_a_step_is_sent_or_not() {
    let key = |step| NoticeKey { obligation: key_of("county 2026-06"), step, successor: None };
    let explain = |changes: &[Change], step, sent: &SentLog, at: &str| {
        let mut world = city();
        changes.iter().for_each(|change| world.apply(change).unwrap());
        explain_notice(&world, &Rulebook::default(), &key(step), sent, instant(at)).unwrap()
    };
    let none = SentLog::new();
    check(
        &explain(&[], Step::FirstAfter, &none, "2026-06-29 09:00"),
        Chinese,
        &[
            "：逾期第一步\n",
            "逾期第一步在2026年6月29日（星期一）",
            "结论：应发送给P21，区县项目办负责人（第一责任人）：逾期第1个工作日；2026年6月29日（星期一）09:00以后发出",
        ],
    );
    check(
        &explain(&[], Step::FirstAfter, &none, "2026-06-28 09:00"),
        English,
        &["Conclusion: not sent: its day, 2026-06-29 (Monday), has not come"],
    );
    let sent = SentLog::from([(key(Step::FirstAfter), PersonId(21))]);
    check(
        &explain(&[], Step::FirstAfter, &sent, "2026-06-29 10:00"),
        Chinese,
        &["结论：已列入发送：P21，区县项目办负责人（第一责任人）"],
    );
    let came = [came("county 2026-06", "2026-06-26 10:00")];
    check(
        &explain(&came, Step::FirstAfter, &none, "2026-06-29 10:00"),
        Chinese,
        &["结论：不发送：已收到"],
    );
    check(
        &explain(&[], Step::Before, &none, "2026-06-26 10:00"),
        Chinese,
        &["结论：不发送：已到当日提醒，以后者为准"],
    );
    let gone = [
        relieved(22, COUNTY, xibu_core::appointment::Role::Contact, "2020-01-01", "2026-06-02"),
        relieved(21, COUNTY, xibu_core::appointment::Role::Head, "2020-01-01", "2026-06-02"),
    ];
    check(
        &explain(&gone, Step::Opening, &none, "2026-06-15 10:00"),
        Chinese,
        &["结论：不发送：无人可通知：O2的联系人空缺，且无人代收"],
    );
}

#[test]
fn there_is_nothing_to_explain_about_what_cannot_be() {
    let at = instant("2026-06-29 09:00");
    let explain =
        |key: &str| explain_obligation(&city(), &Rulebook::default(), &key_of(key), at).is_some();
    assert!(!explain("O99 2026-06"), "no such office");
    assert!(!explain("O2 2026-06"), "a county owes no unit's return");
    assert!(explain("county 2026-05"), "a month before the rule was on is explained as such");
}

#[test]
fn what_was_known_then_and_what_has_changed_since() {
    let mut history = Vec::new();
    for (day, change) in [
        ("2026-01-01 00:00", office(CITY, OfficeKind::City, None)),
        ("2026-01-01 00:00", office(COUNTY, OfficeKind::County, Some(CITY))),
        (
            "2026-06-01 00:00",
            Change::RuleEnabled {
                rule: xibu_core::rule::Rule::CountyMonthlyReturn,
                at: instant("2026-06-01 00:00"),
            },
        ),
        // It came on the 26th and was recorded on the 30th, when the mail was read.
        ("2026-06-30 10:00", came("county 2026-06", "2026-06-26 17:00")),
    ] {
        let sequence = history.len() as u64 + 1;
        let (at, by) = (instant(day), "clerk".to_owned());
        history.push(Recorded { sequence, at, by, document: None, change });
    }
    let known = |at: &str| {
        let world = World::as_known_at(&history, instant(at)).unwrap();
        let at = instant(at);
        explain_obligation(&world, &Rulebook::default(), &key_of("county 2026-06"), at).unwrap()
    };
    let (then, now) = (known("2026-06-29 09:00"), known("2026-07-01 09:00"));
    check(&then, Chinese, &["结论：逾期未报"]);
    check(&now, Chinese, &["结论：已收到（2026年6月26日（星期五）17:00），两种理解下都按时"]);
    let changed: Vec<&str> =
        now.changed_since(&then).iter().map(|fact| fact.sentence.en.as_str()).collect();
    assert_eq!(
        changed,
        ["version 1 received 2026-06-26 (Friday) 17:00, nil: no accident", "workflow: submitted"]
    );
    let mut torn = history.clone();
    torn.swap(0, 1);
    assert_eq!(
        World::as_known_at(&torn, instant("2026-07-01 09:00")),
        Err((2, Unfit::OfficeUnknown(CITY)))
    );
}
