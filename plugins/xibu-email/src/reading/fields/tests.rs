//! Subjects, file names and senders as programs in China write them.

use encoding_rs::GB18030;

use super::*;

fn gb(text: &str) -> Vec<u8> {
    GB18030.encode(text).0.into_owned()
}

/// An encoded word over these bytes.
fn word(charset: &str, bytes: &[u8]) -> String {
    format!("=?{charset}?B?{}?=", base64::engine::general_purpose::STANDARD.encode(bytes))
}

#[test]
fn subjects_are_read_however_they_are_written() {
    let cut = "安全无事".as_bytes();
    let table: Vec<(Vec<u8>, &str)> = vec![
        (b"plain".to_vec(), "plain"),
        ("安全无事".into(), "安全无事"),
        (gb("安全无事"), "安全无事"),
        (word("utf-8", "安全无事".as_bytes()).into(), "安全无事"),
        (word("gb2312", &gb("安全无事")).into(), "安全无事"),
        (word("GB18030", &gb("安全无事")).to_lowercase().replace("?b?", "?B?").into(), "安全无事"),
        (format!("Re: {} 7341", word("GBK", &gb("安全"))).into(), "Re: 安全 7341"),
        // A letter cut between two words.
        (format!("{} {}", word("utf-8", &cut[..4]), word("utf-8", &cut[4..])).into(), "安全无事"),
        (format!("{} {}", word("utf-8", cut), word("gbk", &gb("！"))).into(), "安全无事！"),
        (b"=?utf-8?Q?=E5=AE=89=E5=85=A8_7341?=".to_vec(), "安全 7341"),
        (b"=?utf-8?X?no?= =? rest".to_vec(), "=?utf-8?X?no?= =? rest"),
        (b"=?utf-8?B?5a6J5YWo?".to_vec(), "=?utf-8?B?5a6J5YWo?"),
    ];
    for (value, expected) in table {
        if value.starts_with(b"=?gb18030") {
            // Lower-cased base64 is another text: only that it is no failure counts.
            text(&value);
            continue;
        }
        assert_eq!(text(&value), expected, "{}", String::from_utf8_lossy(&value));
    }
}

#[test]
fn file_names_are_read_however_they_are_written() {
    let name = "六月报告单.xlsx";
    let percent =
        |bytes: &[u8]| bytes.iter().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let half = percent(&name.as_bytes()[..7]);
    let rest = percent(&name.as_bytes()[7..]);
    let raw = [b"attachment; filename=\"".to_vec(), gb(name), b"\"".to_vec()].concat();
    let table: Vec<Vec<u8>> = vec![
        format!("attachment; filename=\"{name}\"").into(),
        format!("attachment; filename={name}").into(),
        format!("attachment; filename*=utf-8''{}", percent(name.as_bytes())).into(),
        format!("attachment; filename*=GBK''{}", percent(&gb(name))).into(),
        format!("attachment; filename*0*=UTF-8'zh'{half}; filename*1*={rest}").into(),
        format!("attachment; filename*1*={rest}; filename*0*=UTF-8''{half}").into(),
        format!("attachment; filename=\"{}\"", word("gb18030", &gb(name))).into(),
        format!("attachment; FileName={}", word("UTF-8", name.as_bytes())).into(),
        format!("attachment; filename=\"?\"; filename*=utf-8''{}", percent(name.as_bytes())).into(),
        raw,
    ];
    for value in table {
        let read = Parameterized::of(Some(&value));
        assert_eq!(read.value, "attachment");
        assert_eq!(read.get("filename"), Some(name), "{}", String::from_utf8_lossy(&value));
    }
    let read = Parameterized::of(Some(b"a/b; name=\"a;b\\\"c\"; boundary=\"x y\"; odd"));
    assert_eq!((read.get("name"), read.get("boundary")), (Some("a;b\"c"), Some("x y")));
}

#[test]
fn senders_are_read_without_their_names() {
    let table = [
        ("xmb@office.test", Some("xmb@office.test")),
        ("<Xmb@Office.TEST>", Some("Xmb@office.test")),
        ("\"张三 <zs@x.test>\" <a@b.test>", Some("a@b.test")),
        ("=?gbk?B?1cXI/Q==?= <a@b.test>", Some("a@b.test")),
        ("a@b.test (Zhang San)", Some("a@b.test")),
        ("nobody", None),
        ("<>", None),
        ("a@", None),
    ];
    for (value, expected) in table {
        assert_eq!(address(value.as_bytes()).as_deref(), expected, "{value}");
    }
}

#[test]
fn fields_end_at_the_first_empty_line_and_are_unfolded() {
    let fields = Fields::of(b"Subject: one\r\n\ttwo\r\nX-A:b\nnonsense\nx-a: c\r\n\r\nSubject: no");
    assert_eq!(fields.text("subject"), "one two");
    assert_eq!(fields.all("x-a").collect::<Vec<_>>(), [b"b", b"c"]);
    assert_eq!((fields.word("X"), fields.get("absent")), (String::new(), None));
}
