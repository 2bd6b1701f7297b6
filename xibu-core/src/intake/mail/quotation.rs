//! Where the sender's words end and another mail begins.
//!
//! What it is not: no signature. Marks of QQ, Foxmail, 企业微信, 163, Outlook, iPhone, Gmail,
//! Coremail, 钉钉 and 139; a line counts as one only with something beside it that makes it sure.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Lines that one "somebody wrote" may take.
const ATTRIBUTION_LINES_MAX: usize = 4;
/// A header within the text has its second field this near.
const FIELDS_WITHIN: usize = 4;

/// Words between dashes above the mail that is answered.
const ANSWERED: [&str; 13] = [
    "原始邮件",
    "原邮件",
    "回复的原邮件",
    "邮件原件",
    "邮件原文",
    "原文",
    "original",
    "original message",
    "original mail",
    "original email",
    "replied message",
    "原始郵件",
    "回复邮件",
];
/// The same above a mail that is passed on.
const PASSED_ON: [&str; 9] = [
    "转发的邮件",
    "转发邮件",
    "转发的原邮件",
    "以下是转发的邮件",
    "forwarded message",
    "forwarded mail",
    "begin forwarded message:",
    "以下是被转发的邮件：",
    "開始轉寄郵件：",
];

/// A text parted from what it quotes.
pub(super) struct Parted<'a> {
    pub(super) own: Vec<&'a str>,
    pub(super) forwards: bool,
}

/// Takes away what is quoted.
pub(super) fn part(lines: &[String]) -> Parted<'_> {
    let mut own: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let rest = &lines[at..];
        if is_quoted(line) {
            // A forwarded mail in quotation marks is one as well.
            let inner = line.trim_start_matches(['>', '＞', ' ']);
            if says(inner, &PASSED_ON) {
                return Parted { own, forwards: true };
            }
            at += 1;
        } else if says(line, &PASSED_ON) {
            return Parted { own, forwards: true };
        } else if says(line, &ANSWERED) {
            break;
        } else if let Some(length) = attribution(rest) {
            let next = rest[length..].iter().find(|line| !line.is_empty());
            // Without marks the quotation goes to the end; with them there may be words below.
            if next.is_none_or(|line| !is_quoted(line)) {
                break;
            }
            at += length;
        } else if begins_header(rest) {
            // Foxmail puts the own address above it, Outlook a line.
            while own.last().is_some_and(|last| last.is_empty() || is_rule(last)) {
                own.pop();
            }
            break;
        } else {
            own.push(line);
            at += 1;
        }
    }
    Parted { own, forwards: false }
}

fn is_quoted(line: &str) -> bool {
    line.starts_with(['>', '＞'])
}

/// A line of nothing but dashes and their like.
pub(super) fn is_rule(line: &str) -> bool {
    let count = line.chars().filter(|c| *c != ' ').count();
    count >= 3 && line.chars().all(|c| "-_—－─━=*~＿ ".contains(c))
}

/// One of these, with or without dashes around it.
fn says(line: &str, marks: &[&str]) -> bool {
    let bare = line.trim_matches(|c| "-—－_=*· ".contains(c)).to_lowercase();
    let dashed = bare.len() + 3 <= line.len();
    let alone = bare.ends_with([':', '：']) || bare.starts_with("以下是");
    (dashed || alone) && marks.contains(&bare.as_str())
}

/// How many lines from the first say who wrote what follows, and when.
fn attribution(lines: &[String]) -> Option<usize> {
    let first = lines.first()?;
    let mut text = String::new();
    for (index, line) in lines.iter().take(ATTRIBUTION_LINES_MAX).enumerate() {
        if line.is_empty() {
            return None;
        }
        text = format!("{text} {line}");
        let end = text.trim_end_matches([':', '：', ' ']);
        let ends = ["写道", "寫道", "wrote", "撰写", "编写"].iter().any(|word| end.ends_with(word));
        if !ends {
            continue;
        }
        let begins =
            ["在", "于", "On ", "At ", "on ", "at "].iter().any(|word| first.starts_with(word));
        let tells_when = text.chars().any(|c| c.is_ascii_digit());
        let tells_whom = text.contains('@') || text.contains('<') || begins;
        return (tells_when && tells_whom).then_some(index + 1);
    }
    None
}

/// The header of another mail within the text: a sender and, near it, another field.
fn begins_header(lines: &[String]) -> bool {
    const FROM: [&str; 4] = ["发件人", "from", "寄件者", "寄件人"];
    const MORE: [&str; 14] = [
        "发送时间",
        "发送日期",
        "日期",
        "时间",
        "date",
        "sent",
        "收件人",
        "to",
        "主题",
        "subject",
        "抄送",
        "cc",
        "寄件日期",
        "收件者",
    ];
    let field = |line: &str, names: &[&str]| {
        // *发件人:*, <b> gone, 日　期：, 发件人 | 市项目办
        let bare = line.trim_start_matches(['*', '|', ' ']).to_lowercase();
        let Some(colon) = bare.find([':', '：', '|']) else { return false };
        let name: String = bare[..colon].chars().filter(|c| !matches!(c, ' ' | '*')).collect();
        names.contains(&name.as_str())
    };
    let Some(first) = lines.first() else { return false };
    let near = lines.iter().skip(1).filter(|line| !line.is_empty()).take(FIELDS_WITHIN);
    field(first, &FROM) && near.into_iter().any(|line| field(line, &MORE))
}
