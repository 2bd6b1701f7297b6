//! The targets: one function for each parser of foreign bytes, which panics where the parser does
//! or where what it took does not hold.
//!
//! Used by the stable driver (`driver.rs`) and by `cargo fuzz` (`fuzz_targets/any.rs`). The
//! workbook reader is a plugin's; it is driven in that plugin's own tests, through its exported
//! table.

use chrono::NaiveDate;
use xibu_core::cell::{Cell, CellValue, Sheet};
use xibu_core::intake::{self, contact, count, date, directory, id_number, reply, report, roster};
use xibu_core::notice::NoticeKey;
use xibu_core::obligation::ObligationKey;
use xibu_core::period::Period;
use xibu_core::posting::{self, Posting, RawPosting};
use xibu_daemon::delivery::frozen::FrozenMessage;
use xibu_daemon::erasure::search::{Needle, Needles, look};
use xibu_daemon::outbox::EnvelopeKey;
use xibu_daemon::settings::Settings;
use xibu_plugin_abi::{cells, frame};

/// A target with its name, which is that of its folder in the corpus.
pub(super) type Target = (&'static str, fn(&[u8]));

/// Every target.
pub(super) const ALL: [Target; 11] = [
    ("frame", frames),
    ("cells", packed_cells),
    ("frozen", frozen),
    ("keys", keys),
    ("settings", settings),
    ("values", values),
    ("sheet", sheets),
    ("message", messages),
    ("search", search),
    ("reply", replies),
    ("posting", postings),
];

fn frames(bytes: &[u8]) {
    let Ok((read, used)) = frame::decode(bytes) else { return };
    assert!(used <= bytes.len());
    let again = frame::encode(&read.header, &read.blobs).unwrap();
    assert_eq!(frame::decode(&again).unwrap().0, read);
}

fn packed_cells(bytes: &[u8]) {
    let mut again = Vec::new();
    let mut whole = true;
    for cell in cells::unpack(bytes) {
        match cell {
            Ok(cell) => cells::pack(&mut again, cell.row, cell.column, cell.value),
            Err(error) => {
                assert!(!error.to_string().is_empty());
                whole = false;
            }
        }
    }
    assert!(bytes.starts_with(&again) && (!whole || again == bytes));
}

fn frozen(bytes: &[u8]) {
    let Ok(read) = FrozenMessage::from_bytes(bytes) else { return };
    let again = read.to_bytes().unwrap();
    assert_eq!(FrozenMessage::from_bytes(&again).unwrap(), read);
}

fn keys(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    same::<ObligationKey>(text);
    same::<NoticeKey>(text);
    same::<EnvelopeKey>(text);
    same::<Period>(text);
}

/// What is read is written so that it reads the same.
fn same<T: std::str::FromStr + ToString + PartialEq + std::fmt::Debug>(text: &str) {
    if let Ok(key) = text.parse::<T>() {
        let again = key.to_string().parse::<T>();
        assert!(again.is_ok_and(|again| again == key), "{text}");
    }
}

fn settings(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("xibu.toml");
    std::fs::write(&path, bytes).unwrap();
    if let Err(problems) = Settings::load(Some(&path), std::iter::empty()) {
        assert!(!problems.0.is_empty(), "refused without a word");
    }
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 24).unwrap()
}

fn values(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let number = bytes.first_chunk::<8>().map(|eight| f64::from_le_bytes(*eight));
    let number = number.unwrap_or(bytes.len() as f64);
    for value in [
        CellValue::Text(text.clone()),
        CellValue::Number(number),
        CellValue::Date(number),
        CellValue::Error(text),
    ] {
        if let Ok(typed) = date::read(&value)
            && let (Some(first), Some(end)) = (typed.first(), typed.end())
        {
            assert!(first < end, "{first} to {end}");
        }
        if let Ok((from, Some(until))) = date::read_span(&value) {
            assert!(from < until, "{from} to {until}");
        }
        if let Ok(period) = date::read_month(&value, day()) {
            assert_eq!(period.to_string().parse(), Ok(period));
        }
        if let Ok(id) = id_number::IdNumber::from_typed(&value) {
            let places = id.as_str().as_bytes().try_into().unwrap();
            assert_eq!(id_number::check_digit(&places), places[17]);
        }
        if let Ok(mail) = contact::mail(&value) {
            assert!(mail.expose().contains('@'));
        }
        let _ = (contact::phone(&value), count::read(&value));
    }
}

/// Lines and tabs are rows and columns; what looks like a number is one.
fn sheet_of(text: &str) -> Sheet {
    let mut sheet = Sheet { name: "Sheet1".to_owned(), ..Sheet::default() };
    for (row, line) in (0..).zip(text.lines().take(500)) {
        for (column, field) in (0..).zip(line.split('\t').take(64)) {
            let value = match field.parse::<f64>() {
                Ok(number) if field.len() > 1 => CellValue::Number(number),
                _ => CellValue::Text(field.to_owned()),
            };
            if !field.is_empty() {
                sheet.cells.push(Cell { row, column, value });
            }
        }
    }
    sheet
}

fn sheets(bytes: &[u8]) {
    let sheet = sheet_of(&String::from_utf8_lossy(bytes));
    let title = intake::recognise(&sheet).map(|known| intake::title(&sheet, known));
    drop(title);
    // A sheet that is not recognised is refused at its first row, even an empty one.
    let rows = sheet.cells.last().map_or(1, |cell| cell.row as usize + 1);
    let roster = roster::read(&sheet);
    assert!(roster.accepted.len() <= rows && roster.refused_rows() <= rows);
    for refused in &roster.refused {
        for language in
            [xibu_core::explain::Language::Chinese, xibu_core::explain::Language::English]
        {
            assert!(!refused.message(language).is_empty());
        }
    }
    assert!(directory::read(&sheet).accepted.len() <= rows);
    let reports = report::read(&sheet, day());
    assert!(reports.accepted.len() <= rows);
    for row in &reports.accepted {
        let content = row.row.content(xibu_core::office::OfficeId(1), None);
        serde_json::to_string(&content).unwrap();
    }
}

/// What plugins say, as JSON.
fn messages(bytes: &[u8]) {
    use xibu_plugin_abi::message::{Call, Descriptor, Item};
    if let Ok(item) = serde_json::from_slice::<Item>(bytes) {
        let again = serde_json::to_vec(&item).unwrap();
        assert_eq!(serde_json::from_slice::<Item>(&again).unwrap(), item);
    }
    let _ = serde_json::from_slice::<Call>(bytes);
    let _ = serde_json::from_slice::<Descriptor>(bytes);
}

fn search(bytes: &[u8]) {
    let needles = Needles {
        name: Needle::new("欧阳独特"),
        certain: vec![Needle::new("15400009876")],
        id_hash: Some([7; 32]),
    };
    let seen = look(bytes, &needles, &|_| [0; 32]);
    // What stands there plainly is never missed.
    let plainly = bytes.windows(11).any(|window| window == b"15400009876");
    assert!(seen.certain || !plainly);
}

/// What people answer by SMS and mail.
fn replies(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    heard(reply::read(&text, day()));
    // As a mail: its first line as the subject.
    let (subject, words) = text.split_once('\n').unwrap_or(("", &text));
    heard(reply::read_mail(subject, words, day()));
}

fn heard(heard: reply::Heard) {
    use reply::Reply;
    assert!(heard.code.is_none_or(|code| !code.is_empty()));
    match heard.reply {
        Reply::Acknowledged { by: Some(by) } => assert!(by >= day(), "promised for {by}"),
        Reply::Nil { month: Some(month), .. } => assert!((1..=12).contains(&month), "{month}"),
        Reply::Unclear(doubt) => assert!(!doubt.name().is_empty()),
        Reply::Accident { .. } | Reply::Stop | Reply::Acknowledged { .. } | Reply::Nil { .. } => {}
    }
}

/// A job advertisement: as the feed plugin gives it, or its first line and its words.
fn postings(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let raw = serde_json::from_str::<RawPosting>(&text).unwrap_or_else(|_| {
        let title = text.lines().next().unwrap_or_default().to_owned();
        let fields = text.lines().filter_map(|line| line.split_once('='));
        RawPosting {
            source: "报".to_owned(),
            id: "1".to_owned(),
            title,
            published: Some(day()),
            fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            text: text.clone().into_owned(),
            ..RawPosting::default()
        }
    });
    let read = Posting::read(&raw);
    let again = serde_json::to_string(&read).unwrap();
    assert_eq!(serde_json::from_str::<Posting>(&again).unwrap(), read);
    assert!(read.places.as_ref().is_none_or(|told| !told.value.is_empty()));
    let _ = read.standing(day());
    assert_eq!(posting::merge([read.clone(), read.clone()]), [read]);
}
