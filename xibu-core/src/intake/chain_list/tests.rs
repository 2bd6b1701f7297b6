//! Lines as people paste them, each with what becomes of it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::*;

const UNITS: [(u32, &str); 9] = [
    (3, "样例县城关镇人民政府"),
    (4, "样例县青山小学"),
    (5, "样例县五桥街道办事处"),
    (6, "样例县农业农村局"),
    (7, "样例县平安镇人民政府"),
    (8, "样例县城关镇中心小学"),
    (9, "样例县三河镇人民政府"),
    (10, "共青团样例县委员会"),
    (11, "样例县第一中学"),
];

fn units() -> Vec<Unit<'static>> {
    UNITS.map(|(id, name)| Unit { office: OfficeId(id), name, superior: "样例县项目办" }).to_vec()
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 24).unwrap()
}

/// `2:O3=nil 12; 3!unit_unknown`; `-` where nothing is said, `no list` where it is none.
fn shown(text: &str) -> String {
    let Some(list) = read(text, &units(), day()) else { return "no list".to_string() };
    let mut said: Vec<(u32, String)> = list
        .taken
        .iter()
        .map(|taken| {
            let says = match taken.says {
                Says::Nil { headcount, month } => {
                    let count = headcount.map(|count| format!(" {count}")).unwrap_or_default();
                    let month = month.map(|month| format!(" m{month}")).unwrap_or_default();
                    format!("nil{count}{month}")
                }
                Says::Accident { kind, persons } => {
                    let persons = persons.map(|count| format!(" {count}")).unwrap_or_default();
                    format!("{kind:?}{persons}")
                }
            };
            (taken.line, format!("{}={says}", taken.unit))
        })
        .collect();
    said.extend(list.refused.iter().map(|(line, why)| (*line, format!("!{}", why.name()))));
    said.sort();
    let said: Vec<String> = said.into_iter().map(|(line, said)| format!("{line}:{said}")).collect();
    if said.is_empty() { "-".to_string() } else { said.join("; ") }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(shown(text), expected, "{text}");
}

/// One line below a title.
#[track_caller]
fn line(line: &str, expected: &str) {
    let text = format!("#接龙\n{line}");
    let found = shown(&text);
    let found = found.strip_prefix("2:").unwrap_or(&found);
    assert_eq!(found, expected, "{line}");
}

#[test]
fn numbers_of_every_shape() {
    for start in [
        "1. ",
        "1.",
        "1、",
        "１．",
        "1）",
        "（1）",
        "(1) ",
        "[1]",
        "【1】",
        "1:",
        "1：",
        "1-",
        "① ",
        "①",
        "❶",
        "1️⃣ ",
        "1️⃣",
        "🔟",
        "一、",
        "第1、",
        "12. ",
        "1 ",
        "· 1. ",
        "✅1. ",
        "\u{feff}1.",
        "> 1. ",
        "",
    ] {
        line(&format!("{start}青山小学 安全无事 5人"), "O4=nil 5");
    }
}

#[test]
fn what_lines_say() {
    line("1. 城关镇政府 安全无事 12人", "O3=nil 12");
    line("1. 城关镇人民政府：安全无事，在岗12人", "O3=nil 12");
    line("1. 样例县城关镇人民政府 无事故", "O3=nil");
    line("1. 城关镇 一切正常，安全无事", "O3=nil");
    line("1、五桥街道办 无事故", "O5=nil");
    line("2、五桥街道办事处无安全事故", "O5=nil");
    line("3、五桥街道没有发生事故", "O5=nil");
    line("4. 平安镇 安全无事", "O7=nil");
    line("4. 平安镇人民政府无事故", "O7=nil");
    line("5. 三河镇 安全无事", "O9=nil");
    line("三河镇 安全无事", "O9=nil");
    line("6. 城关镇中心小学 安全无事", "O8=nil");
    line("7. 农业农村局，安全无事，３人", "O6=nil 3");
    line("8. 城关镇 政府 安 全 无 事", "O3=nil");
    line("9. O4 安全无事", "O4=nil");
    line("9. O4安全无事", "O4=nil");
    line("10. 青山小学 6月份安全无事", "O4=nil m6");
    line("3 青山小学 有一人骨折，已送医", "O4=Injury 1");
    line("3. 青山小学 志愿者2人遭遇车祸", "O4=Traffic 2");
    line("3. 平安镇发生火灾", "O7=Disaster");
}

#[test]
fn what_is_refused_and_why() {
    line("1. 城关镇政府", "!nothing_said");
    line("1. 城关镇政府 ✅", "!nothing_said");
    line("1. 城关镇政府 收到", "!not_understood");
    line("1. 城关镇政府 明天报", "!not_understood");
    line("1. 城关镇政府 无重大事故", "!qualified");
    line("1. 城关镇政府 有没有事故？", "!maybe_accident");
    line("1. 青山小学分校 安全无事", "!unit_unknown");
    line("1. 城关中学 安全无事", "!unit_unknown");
    line("1. 城关镇派出所 安全无事", "!unit_unknown");
    line("1. 安全无事", "!unit_unknown");
    line("1. 某某镇 有一人骨折", "!accident_somewhere");
    line("1. O99 安全无事", "!unit_unknown");
    check("接龙\n1. 青山小学 安全无事\n有志愿者骨折了", "2:O4=nil; 3:!accident_somewhere");
}

#[test]
fn what_is_passed_over() {
    for passed in [
        "例：XX单位 安全无事 N人",
        "例 单位+情况+人数",
        "格式：单位名称、是否安全、人数",
        "请各服务单位今天下班前报平安",
        "",
        "安全情况",
    ] {
        check(&format!("#接龙\n{passed}\n1. 青山小学 安全无事"), "3:O4=nil");
    }
    check("#接龙\n6月安全情况\n1. 青山小学 安全无事", "3:O4=nil m6");
    check("#接龙\n1. 青山小学 安全无事\n谢谢各位", "2:O4=nil");
    check("#接龙\n1. 青山小学 安全无事\n以上，张三", "2:O4=nil");
    check("#接龙\n1. 青山小学 安全无事\n还有两家没有填", "2:O4=nil; 3:!unit_unknown");
}

#[test]
fn lists_as_they_are_pasted() {
    let whole = "#接龙\n6月志愿者安全情况接龙\n例：单位 情况 人数\n\n1. 城关镇政府 安全无事 12人\n\
                 2. 青山小学 安全无事 5人\n3. 五桥街道办 有一人骨折，已送医\n4. 三河镇\n5. 平安镇 无事故";
    check(whole, "5:O3=nil 12 m6; 6:O4=nil 5 m6; 7:O5=Injury 1; 8:!nothing_said; 9:O7=nil m6");
    // Without a title two units make a list, one does not.
    check("城关镇政府 安全无事\n青山小学 安全无事", "1:O3=nil; 2:O4=nil");
    check("城关镇政府 安全无事", "no list");
    check("1. 本月没有事故\n2. 困难：交通不便", "no list");
    check("安全无事 7341", "no list");
    check("", "no list");
    check("接龙", "no list");
    check("接龙\r\n1. 青山小学 安全无事\r\n2. 青山小学 安全无事", "2:O4=nil; 3:!same_unit_twice");
    // An accident is never hidden behind a nil of the same unit, whichever comes first.
    check("接龙\n1. 青山小学 安全无事\n2. 青山小学 一人骨折", "2:!accident_in_line; 3:O4=Injury 1");
    check("接龙\n1. 青山小学 一人骨折\n2. 青山小学 安全无事", "2:O4=Injury 1; 3:!same_unit_twice");
    check(
        "接龙\n1. 第一中学 安全无事\n2. 样例县第一中学 安全无事",
        "2:O11=nil; 3:!same_unit_twice",
    );
}

#[test]
fn two_units_of_one_name_are_never_guessed() {
    let twins = [
        Unit {
            office: OfficeId(1), name: "甲县城关镇人民政府", superior: "甲县项目办"
        },
        Unit {
            office: OfficeId(2), name: "乙县城关镇人民政府", superior: "乙县项目办"
        },
    ];
    let list = read("接龙\n1. 城关镇 安全无事\n2. 乙县城关镇 安全无事", &twins, day()).unwrap();
    assert_eq!(list.refused, [(2, LineRefusal::UnitAmbiguous)]);
    assert_eq!(list.taken.len(), 1);
    assert_eq!(list.taken[0].unit, OfficeId(2));
}

/// No text makes it panic, and no line is counted twice or lost among the numbered ones.
#[test]
fn every_numbered_line_is_taken_or_refused() {
    let bodies =
        ["青山小学 安全无事", "三河镇", "某处 无事", "五桥街道 一人骨折", "农业农村局 无重大事故"];
    for mask in 0..bodies.len().pow(4) {
        let picked = (0..4).map(|place| bodies[mask / bodies.len().pow(place) % bodies.len()]);
        let lines: Vec<String> =
            (1..).zip(picked).map(|(number, body)| format!("{number}. {body}")).collect();
        let text = format!("#接龙\n{}", lines.join("\n"));
        let list = read(&text, &units(), day()).unwrap();
        let mut seen: Vec<u32> = list.taken.iter().map(|taken| taken.line).collect();
        seen.extend(list.refused.iter().map(|(line, _)| *line));
        seen.sort_unstable();
        assert_eq!(seen, [2, 3, 4, 5], "{text}");
    }
    for cut in 0..200 {
        let text: String = "#接龙\n1️⃣青山小学：\u{200b}无事\n（２）\u{fe0f}\n一、\nO\n第"
            .chars()
            .take(cut)
            .collect();
        let _ = read(&text, &units(), day());
    }
}
