//! What a sender wrote in a mail: its text without what it quotes and without the signature.
//!
//! Mail programs put the message that is answered below the answer, each in its own way; a nil is
//! believed only where the *whole* of what remains says it, so a remainder too many is a mail for
//! a person and a remainder too few would be a danger. Therefore only what is surely a quotation
//! or surely a way to reach somebody is taken away.
//!
//! What it is not: it gives no meaning to words, and does not know whose mail is quoted.
//!
//! ```
//! use xibu_core::intake::mail::own_words;
//!
//! let mail = "安全无事\n\n发自我的iPhone\n\n> 在 2026年6月25日，市项目办 写道：\n> 请报送";
//! assert_eq!(own_words(mail).words, "安全无事");
//! ```

use alloc::string::{String, ToString};
use alloc::vec::Vec;

mod quotation;
mod signature;
#[cfg(test)]
mod tests;

/// What remains of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// The sender's own words.
    pub words: String,
    /// Whether somebody else's mail was passed on with it.
    pub forwards: bool,
}

/// What the sender wrote. Never panics, whatever the text.
pub fn own_words(text: &str) -> Own {
    let lines: Vec<String> = text.lines().map(plain).collect();
    let quotation::Parted { own, forwards } = quotation::part(&lines);
    let words = signature::without(&own).join("\n").trim().to_string();
    Own { words, forwards }
}

/// Whether a subject is that of an answer or of a forwarded mail: then it is somebody's earlier
/// one.
pub fn is_taken_over(subject: &str) -> bool {
    const BEFORE: [&str; 12] = [
        "re:",
        "re：",
        "回复:",
        "回复：",
        "答复:",
        "答复：",
        "回覆:",
        "回覆：",
        "fw:",
        "fwd:",
        "转发:",
        "转发：",
    ];
    let subject: String = subject.trim().to_lowercase();
    // Re[2]:, 回复(2)：
    let counted = subject.starts_with("re[") || subject.starts_with("re(");
    counted || BEFORE.iter().any(|begin| subject.starts_with(begin)) || forwards(&subject)
}

/// Whether a subject says that the mail is passed on.
pub fn forwards(subject: &str) -> bool {
    let subject: String = subject.trim().to_lowercase();
    let begins = ["fw:", "fw：", "fwd:", "fwd：", "转发:", "转发：", "轉寄:", "轉寄："];
    begins.iter().any(|begin| subject.starts_with(begin))
}

/// A line as it looks: no spaces at its ends, one kind of space within, no frame of a table.
fn plain(line: &str) -> String {
    let spaces = |c: char| match c {
        '\u{a0}' | '\u{3000}' | '\t' => ' ',
        c => c,
    };
    let hidden = |c: &char| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\r');
    let line: String = line.chars().filter(hidden).map(spaces).collect();
    line.trim().trim_matches('|').trim().to_string()
}
