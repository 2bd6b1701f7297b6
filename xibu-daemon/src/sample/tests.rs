//! The sample is what it says: made up, the same for the same seed, and dirty where it says so.

use std::collections::BTreeSet;

use xibu_plugin_abi::message::CellOutValue;

use super::*;

fn texts(file: &SampleFile) -> Vec<String> {
    match &file.content {
        SampleContent::Bytes(bytes) => {
            let text = match bytes.strip_prefix(b"\xef\xbb\xbf") {
                Some(text) => String::from_utf8_lossy(text).into_owned(),
                None => encoding_rs::GB18030.decode(bytes).0.into_owned(),
            };
            text.split([',', '\t', '\r', '\n']).map(str::to_owned).collect()
        }
        SampleContent::Workbook(workbook) => workbook
            .sheets
            .iter()
            .flat_map(|sheet| &sheet.cells)
            .filter_map(|cell| match &cell.value {
                CellOutValue::Text(text) => Some(text.clone()),
                _ => None,
            })
            .collect(),
    }
}

#[test]
fn a_city_has_the_size_that_was_asked_for() {
    let sample = generate(1, Size::CITY);
    assert_eq!(sample.rosters.len(), 41);
    assert_eq!(sample.rosters.iter().map(|file| file.accepted).sum::<usize>(), 4_000);
    assert!(sample.rosters.iter().all(|file| !file.refused.is_empty()));
    assert!(sample.directory.accepted > 1 + 41 + 8 + 300);
    let csv = sample.rosters.iter().filter(|file| file.file_name.ends_with(".csv")).count();
    assert!((5..36).contains(&csv));
}

#[test]
fn the_same_seed_gives_the_same_files_and_another_seed_others() {
    let of = |seed| format!("{:?}", generate(seed, Size::SMALL));
    assert_eq!(of(7), of(7));
    assert_ne!(of(7), of(8));
}

#[test]
fn everybody_is_obviously_made_up_and_nobody_stands_twice() {
    let sample = generate(3, Size::CITY);
    let mut ids = BTreeSet::new();
    for file in sample.rosters.iter().chain([&sample.directory]) {
        for text in texts(file) {
            if text.contains('@') {
                assert!(text.ends_with(".test"), "{text}");
            }
            if text.len() == 11 && text.bytes().all(|byte| byte.is_ascii_digit()) {
                assert!(text.starts_with("154"), "{text}");
            }
            if text.len() == 18 && text.bytes().take(17).all(|byte| byte.is_ascii_digit()) {
                assert!(text.starts_with("999999"), "{text}");
                ids.insert(text);
            }
        }
    }
    assert!(ids.len() > 3_000, "{}", ids.len());
}
