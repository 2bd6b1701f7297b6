//! Our own words, come back: another of our kind, or a phone that sends everything on. They are
//! kept and never answered, so that no two machines talk to each other for ever.
//!
//! A person who quotes us and adds a word is not meant: only the whole of it is.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::answer;
use crate::compose::short_texts;

/// Whether a text is one of our short messages and nothing else.
pub fn is_ours(text: &str) -> bool {
    static OURS: OnceLock<BTreeSet<String>> = OnceLock::new();
    let ours = OURS.get_or_init(|| {
        let answers = answer::every().into_iter().map(|answer| answer.text());
        answers.chain(short_texts()).map(|text| bare(&text)).collect()
    });
    ours.contains(&bare(text))
}

/// Without the signature before or behind it, spaces, digits and what stands for a number.
fn bare(text: &str) -> String {
    let mut out = String::new();
    let mut in_signature = false;
    for letter in text.chars() {
        match letter {
            '【' => in_signature = true,
            '】' => in_signature = false,
            _ if in_signature || letter.is_whitespace() => {}
            _ if letter.is_ascii_alphanumeric() || letter == '-' => {}
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_words_are_known_again_and_others_are_not() {
        for text in short_texts().chain(answer::every().into_iter().map(|one| one.text())) {
            assert!(is_ours(&text), "{text}");
            assert!(is_ours(&format!("【山城项目办】{text}")), "{text}");
            assert!(!is_ours(&format!("{text}不对")), "{text}");
        }
        for text in ["", "安全无事 7341", "收到", "发生事故", "26日前报", "TD", "1234"]
        {
            assert!(!is_ours(text), "{text}");
        }
    }
}
