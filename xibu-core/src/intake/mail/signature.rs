//! What stands around the words: whom they are to, and at the end who wrote them by which program
//! and how to reach them.
//!
//! Names are left: short answers may name who reports. What is not surely a way to reach somebody
//! stays too, and so makes the mail one for a person.

use alloc::string::String;
use alloc::vec::Vec;

use super::quotation::is_rule;

/// Longest signature below a line of dashes.
const LINES_MAX: usize = 15;
/// Longest line of it.
const CHARS_MAX: usize = 60;

/// The lines without it.
pub(super) fn without<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let mut lines: Vec<&str> = lines.to_vec();
    if let Some(at) = lines.iter().position(|line| !line.is_empty())
        && is_salutation(lines[at])
    {
        lines.remove(at);
    }
    // The mark of old: two dashes alone.
    if let Some(at) = lines.iter().position(|line| *line == "--") {
        lines.truncate(at);
    }
    if let Some(at) = lines.iter().position(|line| is_of_the_house(line)) {
        lines.truncate(at);
    }
    drop_below_rule(&mut lines);
    // A name may stand below them: 此致 / 敬礼 / 张三.
    lines.retain(|line| !is_program(line) && !is_contact(line) && !is_closing(line));
    while lines.last().is_some_and(|last| is_signature(last) || is_rule(last)) {
        lines.pop();
    }
    lines
}

/// A line of dashes, and below it nothing but names and ways to reach somebody.
fn drop_below_rule(lines: &mut Vec<&str>) {
    let Some(at) = lines.iter().rposition(|line| is_rule(line)) else { return };
    let below: Vec<&str> =
        lines[at + 1..].iter().copied().filter(|line| !line.is_empty()).collect();
    let reaches = below.iter().any(|line| is_contact(line) || is_program(line));
    let short = |line: &&str| line.chars().count() <= CHARS_MAX && !is_sentence(line);
    let fits = below.iter().all(|line| is_signature(line) || short(line));
    if reaches && fits && below.len() <= LINES_MAX {
        lines.truncate(at);
    }
}

/// Something is said there, so it is more than a name: what ends a clause, or a word of safety.
fn is_sentence(line: &str) -> bool {
    let marks = ['，', '。', '；', '！', '？', ';', '!', '?'];
    let words = [
        "事故", "受伤", "住院", "死亡", "失踪", "失联", "无事", "安全", "但", "除", "情况", "发生",
        "生病", "车祸", "隐患", "送医", "抢救", "伤", "病", "报",
    ];
    line.contains(marks) || words.iter().any(|word| line.contains(word))
}

fn is_signature(line: &str) -> bool {
    line.is_empty() || is_program(line) || is_contact(line) || is_day(line) || is_closing(line)
}

/// Written by a program about itself.
fn is_program(line: &str) -> bool {
    const BEGINS: [&str; 18] = [
        "发自",
        "來自",
        "来自我的",
        "来自网易",
        "来自qq",
        "来自小米",
        "来自华为",
        "来自企业",
        "从我的",
        "从 windows",
        "发送自",
        "寄自",
        "签名由",
        "sent from",
        "get outlook",
        "获取 outlook",
        "获取outlook",
        "下载 outlook",
    ];
    let line = line.trim_start_matches(['<', '[', '(']).to_lowercase();
    BEGINS.iter().any(|begin| line.starts_with(begin)) && line.chars().count() <= CHARS_MAX
}

/// From here on the house speaks: secrecy, viruses.
fn is_of_the_house(line: &str) -> bool {
    const BEGINS: [&str; 9] = [
        "本邮件及其附件",
        "本邮件包含",
        "本电子邮件",
        "此邮件及其附件",
        "免责声明",
        "保密声明",
        "disclaimer",
        "this email and any",
        "this e-mail and any",
    ];
    let line = line.to_lowercase();
    BEGINS.iter().any(|begin| line.starts_with(begin))
}

/// A labelled way to reach somebody, a bare address, a bare number of a phone.
fn is_contact(line: &str) -> bool {
    const LABELS: [&str; 27] = [
        "电话",
        "联系电话",
        "办公电话",
        "手机",
        "手机号",
        "手机号码",
        "联系方式",
        "传真",
        "邮箱",
        "电子邮箱",
        "电子邮件",
        "地址",
        "通讯地址",
        "办公地址",
        "联系地址",
        "邮编",
        "邮政编码",
        "qq",
        "微信",
        "网址",
        "tel",
        "phone",
        "mobile",
        "fax",
        "email",
        "e-mail",
        "mail",
    ];
    let lower = line.to_lowercase();
    if let Some(colon) = lower.find([':', '：']) {
        let label: String = lower[..colon].chars().filter(|c| *c != ' ').collect();
        if LABELS.contains(&label.as_str()) {
            let value = &lower[colon..];
            let reaches =
                label.ends_with("地址") || value.contains(|c: char| c.is_ascii_alphanumeric());
            return reaches && line.chars().count() <= CHARS_MAX && !is_sentence(value);
        }
    }
    is_bare_address(line) || is_bare_number(line)
}

fn is_bare_address(line: &str) -> bool {
    let bare = line.trim_matches(['<', '>', '[', ']', '(', ')']);
    let is_address = |word: &str| word.contains('@') && word.is_ascii() && word.len() >= 5;
    !bare.is_empty() && bare.split_ascii_whitespace().all(is_address)
}

fn is_bare_number(line: &str) -> bool {
    let digits = line.chars().filter(char::is_ascii_digit).count();
    // A code has at most eight digits; a phone has more, or an area code with a dash.
    let enough = (9..=26).contains(&digits);
    enough && line.chars().all(|c| c.is_ascii_digit() || "+-— ()（）/、".contains(c))
}

/// 2026年6月25日, 2026-06-25 alone.
fn is_day(line: &str) -> bool {
    let known = |c: char| c.is_ascii_digit() || "年月日.-/: 星期一二三四五六周".contains(c);
    line.chars().all(known)
        && line.chars().filter(char::is_ascii_digit).count() >= 6
        && line.contains(['年', '-', '/', '.'])
}

/// 市项目办：, 尊敬的领导：
fn is_salutation(line: &str) -> bool {
    let name = line.strip_suffix([':', '：']);
    name.is_some_and(|name| name.chars().count() <= 16 && !is_sentence(name))
}

fn is_closing(line: &str) -> bool {
    const CLOSINGS: [&str; 20] = [
        "此致",
        "敬礼",
        "此致敬礼",
        "祝好",
        "祝工作顺利",
        "顺祝商祺",
        "顺颂商祺",
        "祝商祺",
        "商祺",
        "顺祝工作愉快",
        "祝您工作顺利",
        "祝工作愉快",
        "祝安好",
        "best regards",
        "regards",
        "kind regards",
        "thanks",
        "thank you",
        "best wishes",
        "best",
    ];
    let bare = line.trim_matches(['！', '!', '。', '.', ',', '，', '~', ' ']).to_lowercase();
    CLOSINGS.contains(&bare.as_str())
}
