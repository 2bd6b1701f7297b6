//! Bytes to text: the charset that was named, or the one that fits, for Chinese mail of every
//! age.
//!
//! What it is not: a guess among all the charsets of the world; what is neither as named nor UTF-8
//! is taken for GB18030, which holds GBK and GB2312.

use encoding_rs::{Encoding, GB18030, UTF_8};

/// Decodes; never fails.
pub(super) fn decode(bytes: &[u8], label: Option<&str>) -> String {
    let named = label.and_then(named);
    if let Some(encoding) = named.filter(|encoding| *encoding != UTF_8) {
        let (text, _, broken) = encoding.decode(bytes);
        if !broken {
            return text.into_owned();
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.trim_start_matches('\u{feff}').to_owned();
    }
    let (text, _, broken) = GB18030.decode(bytes);
    if !broken {
        return text.into_owned();
    }
    named.unwrap_or(UTF_8).decode(bytes).0.into_owned()
}

fn named(label: &str) -> Option<&'static Encoding> {
    let label = label.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
    match label.as_str() {
        // GB18030 holds all of these, and programs that name the smaller write the larger.
        "gb2312" | "gb_2312-80" | "gbk" | "x-gbk" | "cp936" | "ms936" | "windows-936" | "936"
        | "euc-cn" | "hz-gb-2312-utf" => Some(GB18030),
        // What says nothing about the text that follows.
        "us-ascii" | "ascii" | "ansi_x3.4-1968" | "unknown-8bit" | "default" | "" => None,
        label => Encoding::for_label(label.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_decoded_as_named_or_as_it_fits() {
        let gb = GB18030.encode("安全无事").0.into_owned();
        let table: [(&[u8], Option<&str>, &str); 10] = [
            ("安全无事".as_bytes(), Some("utf-8"), "安全无事"),
            ("安全无事".as_bytes(), None, "安全无事"),
            (&gb, Some("GBK"), "安全无事"),
            (&gb, Some("gb2312"), "安全无事"),
            (&gb, None, "安全无事"),
            (&gb, Some("us-ascii"), "安全无事"),
            (&gb, Some("utf-8"), "安全无事"),
            // Says GB, is UTF-8 that is no GB: 4 bytes over the end of a pair.
            ("安全无".as_bytes(), Some("gb2312"), "安全无"),
            (b"Caf\xe9", Some("iso-8859-1"), "Café"),
            (b"plain", Some("no-such-charset"), "plain"),
        ];
        for (bytes, label, expected) in table {
            assert_eq!(decode(bytes, label), expected, "{label:?}");
        }
    }
}
