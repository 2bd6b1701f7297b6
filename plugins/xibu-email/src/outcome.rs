//! What a server's answer means for one message, by the stage it came at. RFC 5321 §4.2, RFC 3463.
//!
//! What it is not: it talks to nobody. Everything it puts into words is free of addresses and
//! names.

use xibu_plugin_sdk::message::{Blame, Outcome};

/// How long the channel rests after the server closed it on us, in seconds.
pub(crate) const REST_SECONDS: u64 = 120;
/// Longest detail, in bytes.
const DETAIL_BYTES_MAX: usize = 200;

/// How far a message had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Connecting, greeting, EHLO, STARTTLS.
    Greeting,
    /// Logging in.
    Login,
    /// `MAIL FROM`.
    Sender,
    /// `RCPT TO`.
    Recipient,
    /// `DATA`.
    Data,
    /// The final dot went out.
    Content,
}

impl Stage {
    fn words(self) -> &'static str {
        match self {
            Self::Greeting => "at the greeting",
            Self::Login => "at the login",
            Self::Sender => "at MAIL FROM",
            Self::Recipient => "at RCPT TO",
            Self::Data => "before the content",
            Self::Content => "after the content",
        }
    }
}

/// A server's negative answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Three digits.
    pub(crate) code: u16,
    /// Text, already free of addresses.
    pub(crate) text: String,
}

/// What a negative answer means.
pub(crate) fn judge(stage: Stage, answer: &Answer) -> Outcome {
    let detail = shorten(format!("{} {} {}", answer.code, answer.text, stage.words()));
    if answer.code == 421 {
        return Outcome::Throttled { retry_after_seconds: REST_SECONDS, detail };
    }
    let permanent = answer.code >= 500;
    let blame = blame(stage, answer);
    // What is wrong with the channel may be put right by a person; the message is still good.
    if permanent && blame != Blame::Channel {
        Outcome::Rejected { blame, detail }
    } else {
        Outcome::Deferred { blame, detail }
    }
}

fn blame(stage: Stage, answer: &Answer) -> Blame {
    // RFC 3463: full, not accepting, misconfigured. x.3.0 says nothing more than the code does.
    let about_system = matches!(enhanced(&answer.text), Some((_, 3, 1 | 2 | 5)));
    match (stage, answer.code) {
        // Not logged in, or asked to be: wherever it comes.
        (_, 454 | 530 | 534 | 535 | 538) => Blame::Channel,
        // Out of order or not understood: nothing about this message.
        (_, 500 | 502..=504) => Blame::Channel,
        (Stage::Greeting | Stage::Login | Stage::Sender, _) => Blame::Channel,
        (Stage::Recipient, 400..500) if about_system => Blame::Channel,
        (Stage::Recipient, _) => Blame::Address,
        (Stage::Data, 400..500) | (Stage::Content, 452) => Blame::Channel,
        (Stage::Content, 400..500) if about_system => Blame::Channel,
        (Stage::Data | Stage::Content, _) => Blame::Message,
    }
}

/// `5.1.1` at the beginning of a text.
fn enhanced(text: &str) -> Option<(u16, u16, u16)> {
    let word = text.split_ascii_whitespace().next()?;
    let mut digits = word.split('.').map(|part| part.parse().ok());
    match (digits.next()??, digits.next()??, digits.next()??, digits.next()) {
        (class, subject, detail, None) => Some((class, subject, detail)),
        _ => None,
    }
}

/// What a broken connection means: before the final dot nothing was taken, after it nobody knows.
pub(crate) fn broken(stage: Stage, why: &str) -> Outcome {
    if stage == Stage::Content {
        return Outcome::Unknown;
    }
    let detail = shorten(format!("{why} {}", stage.words()));
    Outcome::Deferred { blame: Blame::Channel, detail }
}

/// A server's text without what may name a person: the recipient's address, its parts, anything
/// with an `@`, long numbers.
pub(crate) fn scrub(text: &str, address: &str) -> String {
    let local = address.rsplit_once('@').map_or(address, |(local, _)| local).to_lowercase();
    let mut words = Vec::new();
    for word in text.split_whitespace() {
        let lower = word.to_lowercase();
        let core = lower.trim_matches(|c: char| !c.is_alphanumeric());
        let names_somebody = lower.contains('@')
            || lower.chars().filter(char::is_ascii_digit).count() >= 7 && !is_queue_id(word)
            || !local.is_empty() && (core == local || local.len() > 2 && lower.contains(&local));
        words.push(if names_somebody { "…" } else { word });
    }
    shorten(words.join(" "))
}

/// `id=1tF2Xy-00000000AbC-1abc`, `queued`, as exim and postfix name what they took: not a person.
fn is_queue_id(word: &str) -> bool {
    word.starts_with("id=") && word.contains('-')
}

fn shorten(text: String) -> String {
    let text = text.replace(char::is_control, " ");
    let end = text.floor_char_boundary(DETAIL_BYTES_MAX);
    text[..end].trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stage, the server's answer, what it means.
    const ANSWERS: [(Stage, &str, &str); 30] = [
        (Stage::Greeting, "421 4.3.2 too many connections", "throttled"),
        (Stage::Greeting, "554 no service", "deferred channel"),
        (Stage::Login, "535 5.7.8 bad password", "deferred channel"),
        (Stage::Login, "454 4.7.0 temporary", "deferred channel"),
        (Stage::Login, "421 later", "throttled"),
        (Stage::Sender, "550 5.7.1 sender not allowed", "deferred channel"),
        (Stage::Sender, "530 5.7.0 authentication required", "deferred channel"),
        (Stage::Sender, "452 4.3.1 disk full", "deferred channel"),
        (Stage::Sender, "421 4.7.0 too many messages", "throttled"),
        (Stage::Recipient, "450 4.2.0 mailbox busy", "deferred address"),
        (Stage::Recipient, "451 4.7.1 greylisted", "deferred address"),
        (Stage::Recipient, "451 4.3.0 try again", "deferred address"),
        (Stage::Recipient, "452 4.2.2 mailbox full", "deferred address"),
        (Stage::Recipient, "452 4.3.1 no space", "deferred channel"),
        (Stage::Recipient, "421 4.7.0 slow down", "throttled"),
        (Stage::Recipient, "501 5.1.3 bad syntax", "rejected address"),
        (Stage::Recipient, "503 bad sequence", "deferred channel"),
        (Stage::Recipient, "530 authentication required", "deferred channel"),
        (Stage::Recipient, "550 5.1.1 no such user", "rejected address"),
        (Stage::Recipient, "552 5.2.2 mailbox full", "rejected address"),
        (Stage::Recipient, "554 5.7.1 refused", "rejected address"),
        (Stage::Data, "451 try again", "deferred channel"),
        (Stage::Data, "503 no recipients", "deferred channel"),
        (Stage::Data, "554 refused", "rejected message"),
        (Stage::Content, "421 shutting down", "throttled"),
        (Stage::Content, "451 4.7.1 later", "deferred message"),
        (Stage::Content, "452 no space", "deferred channel"),
        (Stage::Content, "550 5.7.1 looks like spam", "rejected message"),
        (Stage::Content, "552 5.3.4 too large", "rejected message"),
        (Stage::Content, "554 5.6.0 refused", "rejected message"),
    ];

    fn words(outcome: &Outcome) -> String {
        let blame = |blame: &Blame| format!("{blame:?}").to_lowercase();
        match outcome {
            Outcome::Accepted { .. } => "accepted".into(),
            Outcome::Deferred { blame: b, .. } => format!("deferred {}", blame(b)),
            Outcome::Throttled { .. } => "throttled".into(),
            Outcome::Rejected { blame: b, .. } => format!("rejected {}", blame(b)),
            Outcome::Unknown => "unknown".into(),
        }
    }

    #[test]
    fn answers_mean_the_same_wherever_they_come_from() {
        for (stage, line, expected) in ANSWERS {
            let (code, text) = line.split_once(' ').unwrap();
            let answer = Answer { code: code.parse().unwrap(), text: text.into() };
            assert_eq!(words(&judge(stage, &answer)), expected, "{line} {}", stage.words());
        }
    }

    #[test]
    fn a_broken_connection_is_unknown_only_after_the_final_dot() {
        for stage in [Stage::Greeting, Stage::Login, Stage::Sender, Stage::Recipient, Stage::Data] {
            assert_eq!(words(&broken(stage, "the connection broke")), "deferred channel");
        }
        assert_eq!(broken(Stage::Content, "the connection broke"), Outcome::Unknown);
    }

    #[test]
    fn no_detail_names_anybody() {
        let address = "zhang.san@county.test";
        let table = [
            ("5.1.1 <zhang.san@county.test>: user unknown", "5.1.1 … user unknown"),
            ("5.1.1 user 'Zhang.San' unknown", "5.1.1 user … unknown"),
            ("no mailbox for zhang.san!", "no mailbox for …"),
            ("call 13800000000 for help", "call … for help"),
            ("OK id=1tF2Xy-00000000AbC-1abc", "OK id=1tF2Xy-00000000AbC-1abc"),
            ("2.0.0 Ok: queued as 4Xyz1Abc2", "2.0.0 Ok: queued as 4Xyz1Abc2"),
            ("relay\tdenied\r\nby policy", "relay denied by policy"),
        ];
        for (text, expected) in table {
            assert_eq!(scrub(text, address), expected);
        }
        assert_eq!(scrub("user li is over quota", "li@county.test"), "user … is over quota");
        assert!(scrub(&"很长 ".repeat(500), address).len() <= DETAIL_BYTES_MAX);
    }
}
