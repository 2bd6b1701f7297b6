//! A mail that says what became of one of ours: a delivery status (RFC 3464), or a bounce in
//! words, as QQ and 163 write them.
//!
//! It counts only where it quotes our Message-ID, which nobody can make up. What it is not: it
//! retries nothing; a delay is no outcome.

use xibu_plugin_sdk::message::{Blame, Fate, Receipt};

use super::automatic::comes_from_nobody;
use super::body::Body;
use super::fields::{Fields, address};
use crate::mark::Mark;
use crate::outcome::scrub;

/// What is looked through for our Message-ID and for words.
const BYTES_MAX: usize = 256 << 10;
/// What it says in words stands at its beginning.
const WORDS_CHARS_MAX: usize = 4_000;

/// The receipt, where it is one.
pub(super) fn receipt(
    fields: &Fields,
    subject: &str,
    body: &Body<'_>,
    mark: &Mark,
    at_unix_ms: i64,
) -> Option<Receipt> {
    let status = body.delivery_status();
    let bounces = status.is_none() && is_bounce(fields, subject);
    if status.is_none() && !bounces {
        return None;
    }
    let key = body.find(BYTES_MAX, |bytes| mark.find(bytes))?;
    let fate = match status {
        Some(status) => of_status(&status, &body.words())?,
        None => of_words(subject, &body.words()),
    };
    Some(Receipt { key: Some(key), reference: None, at_unix_ms, fate })
}

/// The first recipient's fields: our messages have one. `words` are those for people, because exim
/// gives 5.0.0 and says the reason there.
fn of_status(status: &[u8], words: &str) -> Option<Fate> {
    let text = String::from_utf8_lossy(status).replace("\r\n", "\n");
    let blocks = text.split("\n\n").map(|block| Fields::of(block.trim_start().as_bytes()));
    let recipient = blocks.into_iter().find(|block| block.get("action").is_some())?;
    let action = recipient.word("action");
    if action.starts_with("delivered") {
        return Some(Fate::Delivered);
    }
    if !action.starts_with("failed") {
        return None;
    }
    let code = recipient.word("status");
    let diagnostic = recipient.text("diagnostic-code");
    let to = recipient.get("final-recipient").and_then(address).unwrap_or_default();
    let said_plainly = || match of_text(&diagnostic) {
        Blame::Unknown => blame_in_words(words),
        blame => blame,
    };
    let blame = of_code(&code).unwrap_or_else(said_plainly);
    let said = diagnostic.split_once(';').map_or(diagnostic.as_str(), |(_, said)| said);
    Some(Fate::Failed { blame, detail: scrub(&format!("{code} {said}"), &to) })
}

/// RFC 3463.
fn of_code(code: &str) -> Option<Blame> {
    let word = code.split_ascii_whitespace().next()?;
    let mut digits = word.split('.').map(|part| part.parse::<u16>());
    let (Some(Ok(_)), Some(Ok(subject)), Some(Ok(detail))) =
        (digits.next(), digits.next(), digits.next())
    else {
        return None;
    };
    match (subject, detail) {
        (1, 7 | 8) => Some(Blame::Message),
        (1, _) | (2, 0..=2 | 4) | (4, _) => Some(Blame::Address),
        (2, 3) | (3, 4) | (6 | 7, _) => Some(Blame::Message),
        (3, _) => Some(Blame::Address),
        _ => None,
    }
}

/// By what servers say, in the order in which one word beats another.
fn of_text(text: &str) -> Blame {
    const ABOUT_ADDRESS: [&str; 24] = [
        "user unknown",
        "no such user",
        "user not found",
        "unknown user",
        "mailbox not found",
        "mailbox unavailable",
        "does not exist",
        "invalid recipient",
        "recipient rejected",
        "account disabled",
        "over quota",
        "mailbox full",
        "host not found",
        "不存在",
        "无此用户",
        "用户未找到",
        "地址错误",
        "地址有误",
        "已注销",
        "已停用",
        "被禁用",
        "邮箱已满",
        "空间不足",
        "超过容量",
    ];
    const ABOUT_MESSAGE: [&str; 14] = [
        "spam",
        "content",
        "policy",
        "blocked",
        "too large",
        "size limit",
        "virus",
        "垃圾邮件",
        "内容",
        "拒收",
        "拒绝",
        "超过大小",
        "过大",
        "病毒",
    ];
    let text = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&ABOUT_ADDRESS) {
        Blame::Address
    } else if has(&ABOUT_MESSAGE) {
        Blame::Message
    } else if ["550 5.1", "553 ", "551 "].iter().any(|code| text.contains(code)) {
        Blame::Address
    } else {
        Blame::Unknown
    }
}

/// What it says in words, without any of them: they name people.
fn of_words(subject: &str, words: &str) -> Fate {
    let said = format!("{subject}\n{words}");
    let detail = match code_in_words(&said) {
        Some(code) => format!("{code} it came back, in words only"),
        None => "it came back, in words only".to_owned(),
    };
    Fate::Failed { blame: blame_in_words(&said), detail }
}

fn blame_in_words(said: &str) -> Blame {
    let said: String = said.chars().take(WORDS_CHARS_MAX).collect();
    code_in_words(&said).and_then(of_code).unwrap_or_else(|| of_text(&said))
}

/// `5.1.1` somewhere near the beginning.
fn code_in_words(said: &str) -> Option<&str> {
    let words = said.split(|c: char| !c.is_ascii_digit() && c != '.').take(WORDS_CHARS_MAX);
    let mut codes = words.map(|word| word.trim_matches('.'));
    codes.find(|word| word.len() <= 8 && word.starts_with("5.") && of_code(word).is_some())
}

/// A bounce without a status that machines can read.
fn is_bounce(fields: &Fields, subject: &str) -> bool {
    const SUBJECTS: [&str; 16] = [
        "退信",
        "投递失败",
        "发送失败",
        "未送达",
        "无法送达",
        "无法投递",
        "邮件被退回",
        "undeliver",
        "delivery status notification",
        "delivery failure",
        "delivery failed",
        "failure notice",
        "returned mail",
        "returned to sender",
        "mail delivery failed",
        "mail system error",
    ];
    const DELAYS: [&str; 5] = ["delayed", "delay)", "延迟", "仍在尝试", "will be retried"];
    let subject = subject.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| subject.contains(word));
    // A person who answers a bounce writes Re before it, and has an address.
    let answers = ["re:", "回复", "答复"].iter().any(|begin| subject.starts_with(begin));
    !answers
        && !has(&DELAYS)
        && has(&SUBJECTS)
        && (comes_from_nobody(fields) || !is_personal(fields))
}

/// Written in a mail program.
fn is_personal(fields: &Fields) -> bool {
    fields.get("in-reply-to").is_some() && fields.word("auto-submitted").is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_words_say_whose_fault_it_is() {
        for (code, expected) in [
            ("5.1.1", Some(Blame::Address)),
            ("5.1.10", Some(Blame::Address)),
            ("5.2.1", Some(Blame::Address)),
            ("5.2.2", Some(Blame::Address)),
            ("5.2.3", Some(Blame::Message)),
            ("5.3.4", Some(Blame::Message)),
            ("5.4.4", Some(Blame::Address)),
            ("5.6.0", Some(Blame::Message)),
            ("5.7.1 (x)", Some(Blame::Message)),
            ("5.0.0", None),
            ("", None),
        ] {
            assert_eq!(of_code(code), expected, "{code}");
        }
        for (text, expected) in [
            ("smtp; 550 User unknown", Blame::Address),
            ("550 Mailbox not found", Blame::Address),
            ("收件人地址不存在", Blame::Address),
            ("邮箱已满", Blame::Address),
            ("550 message is spam", Blame::Message),
            ("被判为垃圾邮件", Blame::Message),
            ("552 too large", Blame::Message),
            ("something else", Blame::Unknown),
        ] {
            assert_eq!(of_text(text), expected, "{text}");
        }
    }
}
