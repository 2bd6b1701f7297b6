//! Whether a machine wrote a mail, and whether a server takes it for unwanted advertising.
//!
//! Known by RFC 3834 and its forerunners, by what lists put in, and by the subjects under which the
//! holiday notices of QQ, 163, Exchange and Coremail come. What it is not: a filter of its own.

use super::fields::{Fields, address};

/// Subjects of automatic replies begin so; a person who answers one writes 回复 or Re before it.
const SUBJECTS: [&str; 16] = [
    "自动回复",
    "自动答复",
    "自动應答",
    "自动应答",
    "系统自动回复",
    "[自动回复]",
    "【自动回复】",
    "(自动回复)",
    "（自动回复）",
    "假期自动回复",
    "外出自动回复",
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "out of office",
];

/// Fields that only machines write.
const FIELDS: [&str; 7] = [
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-mail-autoreply",
    "list-id",
    "x-mailing-list",
];

/// Senders that are no person.
const SENDERS: [&str; 8] = [
    "mailer-daemon",
    "postmaster",
    "no-reply",
    "noreply",
    "do-not-reply",
    "donotreply",
    "no_reply",
    "mail-daemon",
];

/// Whether a machine wrote it.
pub(super) fn is_automatic(fields: &Fields, subject: &str) -> bool {
    let submitted = fields.word("auto-submitted");
    let precedence = fields.word("precedence");
    let replies = fields.word("x-auto-response");
    let subject = subject.trim().to_lowercase();
    !matches!(submitted.as_str(), "" | "no")
        || ["bulk", "list", "junk", "auto_reply", "auto-reply"].contains(&precedence.as_str())
        || !replies.is_empty()
        || FIELDS.iter().any(|name| fields.get(name).is_some())
        || SUBJECTS.iter().any(|begin| subject.starts_with(begin))
        || comes_from_nobody(fields)
        || is_report(fields)
}

/// A bounce or a receipt, whatever its fields say.
pub(super) fn is_report(fields: &Fields) -> bool {
    let kind = fields.word("content-type");
    kind.starts_with("multipart/report") || kind.starts_with("message/d")
}

/// The null sender of RFC 5321, or one that is no person.
pub(super) fn comes_from_nobody(fields: &Fields) -> bool {
    let path = fields.word("return-path");
    let from = fields.get("from").and_then(address).unwrap_or_default().to_lowercase();
    let local = from.split('@').next().unwrap_or_default();
    path.replace(' ', "") == "<>" || SENDERS.contains(&local)
}

/// Whether a server on the way marked it as spam.
pub(super) fn is_spam(fields: &Fields) -> bool {
    let says_yes = |name| fields.word(name).starts_with("yes");
    let level = fields.word("x-ms-exchange-organization-scl").parse().unwrap_or(0_i32);
    let report = fields.word("x-forefront-antispam-report");
    ["x-spam-flag", "x-spam-status", "x-spam"].into_iter().any(says_yes)
        || level >= 5
        || report.contains("sfv:spm")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::fields;

    #[test]
    fn machines_and_people_are_told_apart() {
        let table = [
            ("From: a@b.test\nSubject: 安全无事", false),
            ("From: a@b.test\nSubject: Re: 自动回复: 请报送", false),
            ("From: a@b.test\nAuto-Submitted: no", false),
            ("From: a@b.test\nReturn-Path: <a@b.test>", false),
            ("From: a@b.test\nPrecedence: normal", false),
            ("From: a@b.test\nAuto-Submitted: auto-replied", true),
            ("From: a@b.test\nAuto-Submitted: auto-generated (x)", true),
            ("From: a@b.test\nPrecedence: Bulk", true),
            ("From: a@b.test\nList-Id: <x.test>", true),
            ("From: a@b.test\nX-Autoreply: yes", true),
            ("From: a@b.test\nReturn-Path: <>", true),
            ("From: a@b.test\nSubject: 自动回复: 请报送", true),
            ("From: a@b.test\nSubject: =?gbk?B?19S2r7vYuLQ=?=:x", true),
            ("From: a@b.test\nSubject: Automatic reply: x", true),
            ("From: Mail Delivery System <MAILER-DAEMON@b.test>", true),
            ("From: a@b.test\nContent-Type: multipart/report; report-type=x", true),
        ];
        for (header, expected) in table {
            let fields = Fields::of(header.as_bytes());
            let subject = fields.get("subject").map(fields::text).unwrap_or_default();
            assert_eq!(is_automatic(&fields, &subject), expected, "{header}");
        }
        for (header, expected) in [
            ("X-Spam-Flag: YES", true),
            ("X-Spam-Status: Yes, score=9", true),
            ("X-Spam-Status: No, score=1", false),
            ("X-MS-Exchange-Organization-SCL: 6", true),
            ("X-MS-Exchange-Organization-SCL: -1", false),
            ("", false),
        ] {
            assert_eq!(is_spam(&Fields::of(header.as_bytes())), expected, "{header}");
        }
    }
}
