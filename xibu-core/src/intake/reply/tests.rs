//! What short answers mean, one a line, and what must hold for any text at all.
//!
//! Expectations are written as `nil`, `nil 5` (heads), `nil m6` (month), `by 06-26`, `ack`, `stop`,
//! `accident traffic 2`, or the name of the doubt. Received on Wednesday, 24 June 2026.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

fn received() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 24).unwrap()
}

fn shown(reply: Reply) -> String {
    match reply {
        Reply::Nil { headcount, month } => {
            let count = headcount.map_or(String::new(), |count| format!(" {count}"));
            let month = month.map_or(String::new(), |month| format!(" m{month}"));
            format!("nil{count}{month}")
        }
        Reply::Acknowledged { by: Some(day) } if day.year() == 2026 => {
            format!("by {}", day.format("%m-%d"))
        }
        Reply::Acknowledged { by: Some(day) } => format!("by {day}"),
        Reply::Acknowledged { by: None } => "ack".into(),
        Reply::Accident { kind, persons } => {
            let persons = persons.map_or(String::new(), |persons| format!(" {persons}"));
            format!("accident {}{persons}", format!("{kind:?}").to_lowercase())
        }
        Reply::Confirmed => "confirmed".into(),
        Reply::Stop => "stop".into(),
        Reply::Unclear(doubt) => doubt.name().into(),
    }
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let heard = shown(read(text, received()).reply);
        if heard != *expected {
            wrong.push(format!("{text:?}: {heard}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_confirmation_is_the_whole_of_an_answer() {
    check(&[
        ("确认汇总 5083", "confirmed"),
        ("确认汇总5083", "confirmed"),
        ("您好，汇总表已核对无误，确认。码5083", "confirmed"),
        ("收到，确认", "confirmed"),
        ("我区本月报告单核对无误，同意上报 5083", "confirmed"),
        ("確認", "confirmed"),
        ("确认\n\n> 核对无误的，直接回复", "confirmed"),
        // Anything besides, and a person reads it or the sender is asked.
        ("未确认", "not_understood"),
        ("无法确认", "not_understood"),
        ("确认汇总，但在岗人数不对", "qualified"),
        ("确认汇总吗", "question"),
        ("基本无误", "qualified"),
        ("汇总表", "not_understood"),
        ("收到", "ack"),
        ("确认安全无事", "nil"),
        ("确认，张三受伤送医", "accident injury"),
        ("更正 在岗人数35，原因：漏计支教点", "amends"),
        ("在岗人数应改35", "amends"),
        ("确认汇总，更正在岗人数为35", "amends"),
    ]);
}

#[test]
fn a_nil_is_read_as_offices_write_it() {
    check(&[
        ("安全无事", "nil"),
        ("安全无事。", "nil"),
        ("某某镇中心校—张三—安全无事。", "nil"),
        ("某某镇中心校--张三--安全无事", "nil"),
        ("某某镇中心校——张三——安全无事。", "nil"),
        ("某某镇中心校张三安全无事", "nil"),
        ("某某县融媒体中心 李四 安全无事", "nil"),
        ("某某县融媒体中心－李四－安全无事", "nil"),
        ("填报人：张三，安全无事", "nil"),
        ("平安无事", "nil"),
        ("一切正常", "nil"),
        ("一切平安！", "nil"),
        ("零报告", "nil"),
        ("0报告", "nil"),
        ("０报告", "nil"),
        ("零事故", "nil"),
        ("０事故", "nil"),
        ("无事故", "nil"),
        ("没有事故", "nil"),
        ("没有事故。", "nil"),
        ("无安全事故", "nil"),
        ("未发生事故", "nil"),
        ("未发生安全事故", "nil"),
        ("没有发生安全事故", "nil"),
        ("本月未发生任何安全、健康事故", "nil"),
        ("本月我单位无安全事故发生", "nil"),
        ("没有发生任何意外", "nil"),
        ("没出事", "nil"),
        ("暂无异常情况", "nil"),
        ("安全", "nil"),
        ("平安", "nil"),
        ("正常", "nil"),
        ("无", "nil"),
        ("没事", "nil"),
        ("均安全", "nil"),
        ("人员安全", "nil"),
        ("全部正常", "nil"),
        ("志愿者均平安", "nil"),
        ("您好，本月安全无事，谢谢", "nil"),
        ("收到，安全无事", "nil"),
        ("收到。安全无事。", "nil"),
        ("回复：安全无事", "nil"),
        ("报告：一切正常。", "nil"),
        ("安全无事，无人员受伤", "nil"),
        ("安全无事，无人受伤、住院", "nil"),
        ("无事故，无隐患", "nil"),
        ("安全无事👌", "nil"),
        ("👍 安全无事 🙏🙏", "nil"),
        ("　安全无事　", "nil"),
        ("安全無事", "nil"),
        ("沒有發生事故", "nil"),
        ("「安全無事」", "nil"),
        ("安全无事﹒", "nil"),
        ("安全\u{200b}无事", "nil"),
        ("安 全 无 事", "nil"),
        ("安全 无事", "nil"),
        ("安全无事（未收全）", "qualified"),
        ("安全，收到", "ack"),
        ("安全无事\n某某镇政府 张三", "nil"),
        ("已购买意外险，安全无事", "not_understood"),
    ]);
}

#[test]
fn heads_and_months_are_read_beside_it() {
    check(&[
        ("安全无事，在岗5人", "nil 5"),
        ("安全无事，在岗５人", "nil 5"),
        ("在岗5人，安全无事", "nil 5"),
        ("在岗5人安全无事", "nil 5"),
        ("5人在岗，均安全", "nil 5"),
        ("志愿者共5名，一切正常", "nil 5"),
        ("在岗十二人，安全无事", "nil 12"),
        ("5人均安全无事", "nil 5"),
        ("在岗人数：5，安全无事", "nil 5"),
        ("某某镇中心校—张三—在岗3人—安全无事。", "nil 3"),
        ("6月安全无事", "nil m6"),
        ("6月份安全无事，在岗5人", "nil 5 m6"),
        ("2026年6月 安全无事", "nil m6"),
        ("六月无事故", "nil m6"),
        ("在岗5人，在岗6人，安全无事", "not_understood"),
        ("在岗5人", "not_understood"),
        ("安全无事，在岗5人，代码7Q42", "nil 5"),
        ("7Q42 安全无事", "nil"),
        ("7Q42安全无事", "nil"),
        ("４８１５２６　安全无事", "nil"),
    ]);
}

#[test]
fn whatever_leaves_something_open_is_no_nil() {
    check(&[
        ("无重大事故", "qualified"),
        ("没有大的安全事故", "qualified"),
        ("基本安全", "qualified"),
        ("除张三外均安全", "qualified"),
        ("安全无事，但张三没来", "worry"),
        ("应该安全无事", "qualified"),
        ("可能没有事故", "qualified"),
        ("暂时安全无事", "qualified"),
        ("听说安全无事", "qualified"),
        ("其余安全无事", "qualified"),
        ("上月安全无事", "qualified"),
        ("不是安全无事", "qualified"),
        ("安全无事个屁", "qualified"),
        ("还没核实，安全无事", "qualified"),
        ("不安全", "worry"),
        ("安全无事，有隐患", "worry"),
        ("安全无事，2人感冒", "worry"),
        ("有个志愿者生病了", "worry"),
        ("张三联系不上", "worry"),
        ("有个志愿者请假了", "worry"),
        ("安全无事吗", "question"),
        ("是否安全无事", "question"),
        ("没有事故吗？", "question"),
        ("无人受伤", "not_understood"),
        ("没有交通事故", "not_understood"),
        ("安全会议已开", "not_understood"),
        ("请注意人员安全", "not_understood"),
        ("祝一切平安", "not_understood"),
        ("确保一切安全", "not_understood"),
        ("请回复安全无事", "not_understood"),
        ("如安全无事请回复", "not_understood"),
        ("安全无事的通知", "not_understood"),
        ("昨天说安全无事", "qualified"),
    ]);
}

#[test]
fn an_accident_is_never_passed_over() {
    check(&[
        ("事故", "accident other"),
        ("发生事故", "accident other"),
        ("有事故", "accident other"),
        ("出事了", "accident other"),
        ("发生交通事故", "accident traffic"),
        ("车祸", "accident traffic"),
        ("发生车祸，无人受伤", "accident traffic"),
        ("车祸，2人受伤住院", "accident traffic 2"),
        ("志愿者2人遭遇车祸", "accident traffic 2"),
        ("在岗5人，1人受伤", "accident injury 1"),
        ("一名志愿者受伤", "accident injury 1"),
        ("张三摔伤，已送医", "accident injury"),
        ("李四骨折了", "accident injury"),
        ("有人住院", "accident illness"),
        ("志愿者王五生病住院", "accident illness"),
        ("两名志愿者食物中毒", "accident illness 2"),
        ("宿舍着火", "accident disaster"),
        ("一人溺水", "accident disaster 1"),
        ("志愿者被困山里", "accident disaster"),
        ("宿舍被盗", "accident property"),
        ("志愿者被骗5000元", "accident property"),
        ("志愿者失联", "accident other"),
        ("已报警", "accident other"),
        ("发生意外", "accident other"),
        ("安全无事，张三受伤", "accident injury"),
        ("本月发生1起交通事故，其余安全无事", "accident traffic"),
        ("不是没有事故", "accident other"),
        ("并非没有发生事故", "accident other"),
        ("无证驾驶发生事故", "accident other"),
        ("没有及时报告事故", "accident other"),
        ("无事故，但有人受伤", "accident injury"),
        ("没有死亡，受伤3人", "accident injury 3"),
        ("10起事故", "accident other"),
        ("演练中张三受伤", "accident injury"),
        ("收到，明天报，有人住院", "accident illness"),
        ("發生車禍", "accident traffic"),
        ("受傷住院", "accident injury"),
        ("有 事 故", "accident other"),
        ("发　生　车　祸", "accident traffic"),
        ("购买了意外险，张三被撞", "accident traffic"),
        ("事故？", "accident other"),
        ("有没有发生事故？", "maybe_accident"),
        ("是否有人受伤", "maybe_accident"),
        ("预防事故培训已开展", "maybe_accident"),
        ("已开展消防火灾演练", "maybe_accident"),
        ("如有事故及时上报", "maybe_accident"),
    ]);
}

#[test]
fn a_promise_has_its_day() {
    check(&[
        ("收到，26日前报", "by 06-26"),
        ("收到，26号前报送", "by 06-26"),
        ("26号交", "by 06-26"),
        ("26日报", "by 06-26"),
        ("２６日前报", "by 06-26"),
        ("收到，26前报", "by 06-26"),
        ("6月26日报", "by 06-26"),
        ("6月26号前交", "by 06-26"),
        ("2026年6月26日前报送", "by 06-26"),
        ("6.26报", "by 06-26"),
        ("6/26前报", "by 06-26"),
        ("6-26交", "by 06-26"),
        ("二十六日前报", "by 06-26"),
        ("六月二十六日报", "by 06-26"),
        ("收到，26日", "by 06-26"),
        ("明天报", "by 06-25"),
        ("好的，明天上午报", "by 06-25"),
        ("明日交", "by 06-25"),
        ("后天报", "by 06-26"),
        ("大后天交", "by 06-27"),
        ("今天报", "by 06-24"),
        ("今天下午报", "by 06-24"),
        ("马上报", "by 06-24"),
        ("下午交", "by 06-24"),
        ("周五前报", "by 06-26"),
        ("本周五交", "by 06-26"),
        ("下周一报", "by 06-29"),
        ("星期五报", "by 06-26"),
        ("週五前報", "by 06-26"),
        ("月底前报", "by 06-30"),
        ("三天内报", "by 06-27"),
        ("2日内报", "by 06-26"),
        ("2日前报", "by 07-02"),
        ("25日或26日报", "by 06-25"),
        ("安全无事，报告单明天交", "by 06-25"),
        ("收到", "ack"),
        ("收到！", "ack"),
        ("好的，收到", "ack"),
        ("好的，谢谢", "ack"),
        ("知道了", "ack"),
        ("OK", "ack"),
        ("收到，尽快报", "ack"),
        ("收到👌", "ack"),
        ("20日报", "day_not_possible"),
        ("6月20日前报", "day_not_possible"),
        ("31日前报", "day_not_possible"),
        ("2月30日报", "day_not_possible"),
        ("收到25号的通知", "not_understood"),
        ("26日开会", "not_understood"),
        ("明天报不了", "not_understood"),
        ("已报", "claims_done"),
        ("昨天已经报了", "qualified"),
        ("我已经交了", "claims_done"),
    ]);
}

#[test]
fn stops_and_the_rest() {
    check(&[
        ("T", "stop"),
        ("td", "stop"),
        ("TD", "stop"),
        ("ＴＤ", "stop"),
        ("退订", "stop"),
        ("退訂", "stop"),
        ("退订。", "stop"),
        ("停", "stop"),
        ("停止", "stop"),
        ("R", "stop"),
        ("拒收", "stop"),
        ("停电了", "not_understood"),
        ("", "not_understood"),
        ("   ", "not_understood"),
        ("？", "question"),
        ("你是谁", "question"),
        ("怎么报", "question"),
        ("收到，怎么填", "question"),
        ("哈哈", "not_understood"),
        ("123", "not_understood"),
        ("😀", "not_understood"),
        ("7Q42", "not_understood"),
    ]);
}

#[test]
fn only_the_senders_own_words_count() {
    check(&[
        ("安全无事\n\n> 如发生事故请回复“发生事故”", "nil"),
        ("收到，26日前报\n------------------ 原始邮件 ------------------\n发生事故", "by 06-26"),
        ("安全无事\n发件人：市项目办\n有没有事故？", "nil"),
        ("安全无事\n在2026年6月24日，市项目办写道：\n> 事故", "nil"),
        ("> 市项目办：安全无事\n发生事故", "accident other"),
    ]);
    let long = format!("安全无事。{}", "某某镇的情况在这里写得很长。".repeat(40));
    check(&[(&long, "too_long")]);
    let hidden = format!("{}张三受伤", "某某镇的情况在这里写得很长。".repeat(400));
    check(&[(&hidden, "accident injury")]);
}

#[track_caller]
fn check_code(text: &str, expected: Option<&str>) {
    assert_eq!(read(text, received()).code.as_deref(), expected, "{text}");
}

#[test]
fn the_code_is_found_and_nothing_else_is_taken_for_it() {
    check_code("7Q42 安全无事", Some("7Q42"));
    check_code("7q42安全无事", Some("7Q42"));
    check_code("安全无事　７Ｑ４２", Some("7Q42"));
    check_code("安全无事，在岗5人，481526", Some("481526"));
    check_code("编码：1234 安全无事 5678", Some("1234"));
    check_code("#4815 安全无事", Some("4815"));
    check_code("码2026，安全无事", Some("2026"));
    check_code("安全无事", None);
    check_code("2026年6月安全无事", None);
    check_code("2026 安全无事", None);
    check_code("202606 安全无事", None);
    check_code("20260626 安全无事", None);
    check_code("2026.06.26报", None);
    check_code("安全无事 15400000001", None);
    check_code("被骗5000元", None);
    check_code("4815 4816 安全无事", None);
    check_code("4815 安全无事 4815", Some("4815"));
    check_code("abcd 安全无事", None);
    check_code("TD", None);
}

#[test]
fn every_answer_is_short_neutral_and_understood() {
    let doubts = [
        Doubt::MaybeAccident,
        Doubt::Worry,
        Doubt::Qualified,
        Doubt::Question,
        Doubt::ClaimsDone,
        Doubt::DayNotPossible,
        Doubt::TooLong,
        Doubt::NotUnderstood,
    ];
    let kind = IncidentKind::Traffic;
    let mut replies: Vec<Reply> = doubts.into_iter().map(Reply::Unclear).collect();
    replies.extend([
        Reply::Accident { kind, persons: None },
        Reply::Acknowledged { by: Some(received()) },
        Reply::Acknowledged { by: None },
        Reply::Nil { headcount: Some(10_000), month: None },
        Reply::Nil { headcount: None, month: Some(6) },
    ]);
    let mut seen = Vec::new();
    for reply in replies {
        let answer = reply.answer().unwrap();
        assert!(answer.chars().count() <= ANSWER_CHARS_MAX, "{}", answer.chars().count());
        // What vendors forbid: signatures, links, recruitment, chat groups, symbols.
        for word in ["【", "】", "http", "招聘", "QQ", "微信", "群", "★", "{"] {
            assert!(!answer.contains(word), "{answer}");
        }
        assert!(!seen.contains(&answer), "{answer}");
        seen.push(answer);
    }
}

#[test]
fn what_an_answer_tells_people_to_write_is_read_as_it_says() {
    check(&[("安全无事", "nil"), ("发生事故", "accident other"), ("26日前报", "by 06-26")]);
}

/// What a denial may look like; every word of an accident without one is kept from being a nil.
const DENIES: [char; 10] = ['无', '沒', '没', '未', '零', '0', '０', '〇', '無', '險'];

fn events() -> impl Strategy<Value = &'static str> {
    let all: Vec<&str> = accident::words::EVENTS.iter().map(|event| event.word).collect();
    proptest::sample::select(all)
}

proptest! {
    #[test]
    fn nothing_panics(text in any::<String>()) {
        let heard = read(&text, received());
        if let Some(code) = heard.code {
            prop_assert!((4..=8).contains(&code.len()));
        }
        if let Some(answer) = heard.reply.answer() {
            prop_assert!(answer.chars().count() <= ANSWER_CHARS_MAX);
        }
    }

    #[test]
    fn nothing_panics_near_the_words_of_the_lists(
        text in "[安全无事故没有未发生受伤住院车祸收到明天26日前报交月号人在岗0-9０-９ 　，。、？—\\-./TtDd年周五下内后三十二]{0,40}",
        day in 0_u64..4_000,
    ) {
        let received = received().checked_add_days(chrono::Days::new(day)).unwrap();
        if let Reply::Acknowledged { by: Some(by) } = read(&text, received).reply {
            prop_assert!(by >= received, "{by} is before {received}");
        }
    }

    #[test]
    fn a_word_of_an_accident_without_a_denial_is_never_a_nil(
        before in "[^险]{0,12}",
        event in events(),
        after in "[^险保警]{0,12}",
        nil in proptest::sample::select(&["", "安全无事", "，安全无事。", " 一切正常 "][..]),
    ) {
        prop_assume!(!before.contains(DENIES) && !after.contains(DENIES));
        // A quotation is not the sender's own.
        prop_assume!(!before.contains(['\n', '>', '-', '_']));
        let text = format!("{before}{event}{after}{nil}");
        let reply = read(&text, received()).reply;
        prop_assert!(!matches!(reply, Reply::Nil { .. }), "{text}: {reply:?}");
        let text = format!("{nil}{before}{event}{after}");
        let reply = read(&text, received()).reply;
        prop_assert!(!matches!(reply, Reply::Nil { .. }), "{text}: {reply:?}");
    }

    #[test]
    fn a_plain_accident_is_heard_whatever_stands_around_it(
        before in "[一-龥]{0,6}",
        event in events(),
        mark in proptest::sample::select(&["", "。", "，", " "][..]),
    ) {
        prop_assume!(!before.contains(DENIES) && !before.contains(['有', '险', '是', '会']));
        let about = accident::words::ABOUT.iter().any(|word| before.contains(word.chars().next().unwrap()));
        prop_assume!(!about);
        let text = format!("{before}{mark}发生了{event}");
        let reply = read(&text, received()).reply;
        prop_assert!(matches!(reply, Reply::Accident { .. }), "{text}: {reply:?}");
    }
}

#[test]
fn the_table_above_is_large_enough_to_mean_something() {
    let source = include_str!("tests.rs");
    let cases = source.lines().filter(|line| line.trim_start().starts_with("(\"")).count();
    assert!(cases >= 120, "{cases}");
}
