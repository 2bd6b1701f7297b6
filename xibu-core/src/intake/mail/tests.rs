//! Mails as the programs of offices write them, one a case: what remains, and what it says.
//!
//! Received on Wednesday, 24 June 2026. The quoted request holds words of an accident, as ours
//! does, so a quotation that is not taken away shows at once.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::intake::reply::{Reply, read_mail};

const SUBJECT: &str =
    "回复：【西部计划】请于6月25日前报送2026年6月服务单位安全情况〔O3 2026-06 码7341〕";
/// As our own request says it.
const ASKS: &str = "没有事故也要报，在“安全、健康事故”一栏填“无”。\n发生事故的，请立即电话报告。";

/// How programs quote the mail that is answered; what changes stands between angle brackets.
const QUOTATIONS: &str = include_str!("quotations.txt");

/// Name and pattern of each.
fn programs() -> impl Iterator<Item = (&'static str, &'static str)> {
    QUOTATIONS.split("=== ").filter_map(|part| part.split_once('\n'))
}

/// A mail above the request, as a program quotes it.
fn quoting(pattern: &str, own: &str) -> String {
    let marked: String = ASKS.lines().map(|line| format!("> {line}\n")).collect();
    pattern.replace("<own>", own).replace("<asks>", ASKS).replace("<marked>", &marked)
}

fn received() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 24).unwrap()
}

fn said(subject: &str, text: &str) -> String {
    match read_mail(subject, text, received()).reply {
        Reply::Confirmed => "confirmed".into(),
        Reply::Nil { headcount: Some(count), .. } => format!("nil {count}"),
        Reply::Nil { .. } => "nil".into(),
        Reply::Acknowledged { by: Some(day) } => format!("by {}", day.format("%m-%d")),
        Reply::Acknowledged { by: None } => "ack".into(),
        Reply::Accident { .. } => "accident".into(),
        Reply::Stop => "stop".into(),
        Reply::Unclear(doubt) => doubt.name().into(),
    }
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let found = said(SUBJECT, text);
        if found != *expected {
            let own = own_words(text).words;
            wrong.push(format!("{text:?}: {found}, not {expected}; own words {own:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_program_quotes_and_the_answer_remains() {
    let answers = [
        ("安全无事", "nil"),
        ("市项目办：\n\n安全无事，在岗5人。", "nil 5"),
        ("收到，26日前报", "by 06-26"),
        ("志愿者2人遭遇车祸，已送医", "accident"),
        ("安全无事，但有一人住院", "accident"),
        ("请问还要盖章吗？", "question"),
        ("", "not_understood"),
    ];
    let mut wrong = Vec::new();
    assert!(programs().count() >= 28);
    for (program, pattern) in programs() {
        for (own, expected) in answers {
            let text = quoting(pattern, own);
            let found = said(SUBJECT, &text);
            if found != expected {
                let own = own_words(&text).words;
                wrong.push(format!("{program} {own:?}: {found}, not {expected}"));
            }
        }
        let heard = read_mail(SUBJECT, &quoting(pattern, "安全无事"), received());
        assert_eq!(heard.code.as_deref(), Some("7341"), "{program}: the subject came back");
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn signatures_go_and_what_says_more_stays() {
    check(&[
        ("安全无事\n-- \n张三\n某某县团委\n电话：023-12345678", "nil"),
        ("安全无事\n\n张三\n某某县团委\n电话：023-12345678\n邮箱：zs@unit.test", "nil"),
        ("安全无事\n\n此致\n敬礼！\n张三\n2026年6月24日", "nil"),
        ("尊敬的领导：\n    您好！\n    安全无事。\n祝好\n张三", "nil"),
        ("有人受伤：\n安全无事", "accident"),
        ("安全无事\n\n顺祝商祺！\n\n某某镇政府\n15400000032", "nil"),
        (
            "安全无事\n____________________\n张三 | 西部计划专干\n手机：154 0000 0032\n地址：某某县某某路1号",
            "nil",
        ),
        ("安全无事\n----------\nBest regards,\nZhang San\nTel: +86-154-0000-0032", "nil"),
        ("安全无事\n来自网易手机号码邮箱了解更多", "nil"),
        ("安全无事\n发自 网易邮箱大师", "nil"),
        ("安全无事\n从我的华为手机发送", "nil"),
        ("安全无事\n发自QQ邮箱", "nil"),
        ("安全无事\nSent from Mail for Windows", "nil"),
        ("安全无事\n[zs@unit.test]", "nil"),
        ("安全无事\n本邮件及其附件含有保密信息，仅限于收件人使用。", "nil"),
        ("安全无事\nThis email and any attachments are confidential.", "nil"),
        // Below the line is more than a signature.
        ("安全无事\n----------\n张三昨天摔伤住院\n电话：023-12345678", "accident"),
        ("安全无事\n----------\n另外，表格下周补\n电话：023-12345678", "qualified"),
        ("安全无事\n电话：023-12345678，有事请打", "not_understood"),
        ("安全无事\n还想问一下补贴什么时候发", "question"),
        ("我们镇上最近在修路，其他都好", "qualified"),
    ]);
}

#[test]
fn a_subject_may_be_the_whole_answer_and_is_never_passed_over() {
    let table = [
        ("安全无事 7341", "", "nil"),
        ("某某镇中心校—张三—安全无事", "发自我的iPhone", "nil"),
        ("6月安全报告", "一切正常", "nil"),
        ("发生事故", "请看附件", "accident"),
        ("有人受伤", "安全无事", "accident"),
        ("月报", "安全无事", "nil"),
        ("Re: 发生事故怎么报", "安全无事", "nil"),
        ("Re: 安全无事", "", "not_understood"),
        ("转发：安全无事", "安全无事", "not_understood"),
        ("Fwd: 报告", "请看", "not_understood"),
        ("转发：报告", "请看\n\n发件人: 张三\n日期: 6月1日\n\n志愿者发生车祸", "maybe_accident"),
        ("", "安全无事", "nil"),
    ];
    for (subject, text, expected) in table {
        assert_eq!(said(subject, text), expected, "{subject:?} {text:?}");
    }
    let forwarded = "请看\n\n---------- Forwarded message ---------\n发件人： 某某镇 <x@unit.test>\nDate: 2026\n\n";
    assert_eq!(said(SUBJECT, &format!("{forwarded}安全无事")), "not_understood");
    assert_eq!(said(SUBJECT, &format!("{forwarded}有人受伤")), "maybe_accident");
    let code = |subject, text| read_mail(subject, text, received()).code;
    assert_eq!(code("安全无事 7341", "").as_deref(), Some("7341"));
    assert_eq!(code(SUBJECT, "安全无事 5555").as_deref(), Some("5555"), "what is typed counts");
    assert_eq!(code("回复：关于4G2K的通知", "安全无事"), None, "not called a code");
}

#[test]
fn what_is_no_quotation_stays() {
    for text in [
        "安全无事",
        "安全无事\n\n某某镇政府 张三",
        "第一行\n---\n第二行",
        "他在会上写道：一切正常",
        "原文",
        "发件人：张三",
        "From: here on",
        "原始邮件没有收到",
    ] {
        assert_eq!(own_words(text), Own { words: text.into(), forwards: false });
    }
}

proptest! {
    /// Whatever stands there, what remains was written there, in order, and nothing is made up.
    #[test]
    fn what_remains_is_a_part(text in "(安全无事|> |\n|在 |写道：|--|发件人: |主题: |原始邮件|a@b.cn|1| |\\PC){0,60}") {
        let own = own_words(&text);
        let mut lines = text.lines().map(plain);
        for line in own.words.lines().filter(|line| !line.is_empty()) {
            prop_assert!(lines.any(|one| one.contains(line)), "{line:?} of {text:?}");
        }
        let again = own_words(&own.words);
        prop_assert!(own.words.len() >= again.words.len());
        read_mail(&text, &text, received());
    }

    /// An answer above a quotation is the same answer, by whichever program.
    #[test]
    fn a_quotation_adds_nothing(own in "[安全无事张三收到,。，\n]{1,40}", at in 0..28_usize) {
        let alone = own_words(&own).words;
        let quoted = own_words(&quoting(programs().nth(at).unwrap().1, &own)).words;
        // 网易邮箱大师 writes the name above the address.
        let named = alone.clone() + "\n\n\n张三";
        let same = |a: &str, b: &str| a.split_whitespace().eq(b.split_whitespace());
        prop_assert!(same(&alone, &quoted) || same(&named, &quoted), "{alone:?} {quoted:?}");
    }
}
