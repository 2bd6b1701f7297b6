//! Bytes to text: UTF-8, GB2312, GBK, GB18030, Big5 and whatever else a site says it sends.
//!
//! Asked in order: the byte order mark, the bytes (what is good UTF-8 is nothing else), the header,
//! the document's own word, a guess. A word that the bytes contradict is passed over, because many a
//! server says the same of everything.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

/// How far a document's own word about its encoding is looked for.
const HEAD_BYTES: usize = 4096;

/// The text. `content_type` is the header as it came.
pub(crate) fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned();
    }
    let told = [Some(UTF_8), content_type.and_then(of_header), of_document(bytes)];
    for encoding in told.into_iter().flatten() {
        let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
        if let Some(text) = text {
            return text.into_owned();
        }
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guessed = detector.guess(None, Utf8Detection::Allow);
    guessed.decode_without_bom_handling(bytes).0.into_owned()
}

fn of_header(content_type: &str) -> Option<&'static Encoding> {
    let lower = content_type.to_ascii_lowercase();
    let value = lower.split(';').find_map(|part| part.trim().strip_prefix("charset="))?;
    Encoding::for_label(value.trim().trim_matches(['"', '\'']).as_bytes())
}

/// `<?xml encoding="…"?>` or `<meta charset=…>`.
fn of_document(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD_BYTES)]).to_ascii_lowercase();
    let declared = head.trim_start().strip_prefix("<?xml").and_then(|rest| {
        let declaration = rest.split("?>").next()?;
        Some(declaration.split_once("encoding")?.1.trim_start().trim_start_matches('='))
    });
    let meta = || {
        let (_, rest) =
            head.split_once("<meta").and_then(|(_, rest)| rest.split_once("charset"))?;
        Some(rest.trim_start().trim_start_matches('='))
    };
    let value = declared.or_else(meta)?.trim_start().trim_start_matches(['"', '\'']);
    let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || "-_:.".contains(c)));
    Encoding::for_label(&value.as_bytes()[..end.unwrap_or(value.len())])
}

#[cfg(test)]
mod tests {
    use encoding_rs::GB18030;
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, content_type: Option<&str>) {
        let (bytes, ..) = GB18030.encode(text);
        assert_eq!(decode(&bytes, content_type), text);
    }

    #[test]
    fn chinese_bytes_become_text_whoever_says_what_they_are() {
        let words = "重庆市万州区公开招聘事业单位工作人员公告";
        check(words, Some("text/html; charset=gb2312"));
        check(words, Some("text/xml;charset=\"GBK\""));
        check(words, Some("text/html; charset=utf-8"));
        check(words, None);
        check(&format!("<?xml version=\"1.0\" encoding=\"gb2312\"?><a>{words}</a>"), None);
        check(&format!("<html><meta charset='gbk'><p>{words}"), Some("text/html"));
        let meta = "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=gb18030\">";
        check(&format!("{meta}{words}"), None);
        assert_eq!(decode(words.as_bytes(), Some("text/html; charset=gbk")), words);
        let marked = [b"\xef\xbb\xbf", words.as_bytes()].concat();
        assert_eq!(decode(&marked, Some("text/html; charset=gbk")), words);
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), header in ".{0,40}") {
            decode(&bytes, Some(&header));
            let with = [b"<?xml encoding=".as_slice(), &bytes].concat();
            decode(&with, Some(&format!("text/xml; charset={header}")));
        }
    }
}
